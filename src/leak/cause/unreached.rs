//! What a method that the test calls does not end, as far as the source shows that: one of the things that its type holds, or what a
//! variable holds after the end was deferred.

use super::fact::therefore;
use super::names::is_ending;
use super::place::{short, started};
use super::{Subject, awaited, ending, uncalled};
use crate::go_source::calls::{called_name, operand_of};
use crate::go_source::types::{Type, fields, method, type_of};
use crate::go_source::{At, Calls, DeclKind, GoFiles, Var, values, variable};

/// What to do where a method that is called already does not end the goroutine.
pub(super) fn by<'a>(subject: &Subject<'a>, whole: At<'a>) -> Option<String> {
    awaited::called_in_vain(subject)
        .or_else(|| part_left(subject, whole))
        .or_else(|| bound_before(subject, whole))
        .or_else(|| uncalled::by(subject, whole))
}

/// The concrete method behind one of an interface: that of what a call has made.
pub(super) fn of_value<'a>(files: &'a GoFiles, made: At<'a>, found: At<'a>) -> At<'a> {
    if found.field("body").is_some() {
        return found;
    }
    let values = values::values(files, made, &Calls::default()).into_iter();
    let of = |value: values::Value<'a>| method(files, &type_of(files, value.expr)?, found.func_name());
    let all: Option<Vec<At<'a>>> = values.map(of).collect();
    let own = all.as_ref().and_then(|all| all.first()).copied();
    let is_one = all.is_some_and(|all| all.iter().all(|one| Some(*one) == own));
    own.filter(|own| is_one && own.field("body").is_some())
        .unwrap_or(found)
}

/// What to do where a method defers the end of what a variable holds, and gives that another value afterwards.
fn bound_before<'a>(subject: &Subject<'a>, whole: At<'a>) -> Option<String> {
    let files = subject.code.sources;
    let deferred = whole.find(&["defer_statement"]).into_iter();
    let mut calls = deferred
        .filter(|defer| defer.func() == Some(whole))
        .filter_map(|defer| defer.first());
    calls.find_map(|end| {
        let given = end.field("arguments").map_or(Vec::new(), |list| list.children());
        let held = operand_of(end).into_iter().chain(given);
        let mut held = held.filter_map(|at| Some((at, variable(files, at)?)));
        let (at, again) = held.find_map(|(at, var)| {
            let Var::Local(name) = var else { return None };
            let written = values::writes(files, &var).into_iter();
            let mut later = written.filter(|given| {
                given.by.func() == Some(whole) && given.by.start() > end.end() && name.func() == Some(whole)
            });
            let again = later.find(|given| given.value.kind() == "call_expression")?;
            Some((at, again.by))
        })?;
        let (ends, name, again) = (end.text(), at.text(), short(again));
        let fact = format!(
            "`defer {ends}` ({}) is for the first `{name}` alone, and that gets another one ({again})",
            short(end)
        );
        let fix = format!(
            "`{ends}` for each one: also for what `{name}` gets there ({again}), or do not get another one"
        );
        Some(therefore(&fact, &fix))
    })
}

/// Whether a field is of a type that has a method to end it: a channel has none, and is closed by another name.
fn has_end<'a>(files: &'a GoFiles, field: &Var<'a>) -> bool {
    let Var::Field(owner, name) = field else {
        return false;
    };
    let kind = values::home(files, owner).into_iter().find_map(|file| {
        let mut decls = file.declared(&owner.name);
        let body = file
            .node(decls.find(|decl| decl.kind == DeclKind::Type)?)?
            .field("type")?;
        fields(body).into_iter().find(|(field, _)| field == name)
    });
    kind.is_some_and(|(_, kind)| ending::method_of(files, &Type::Written(kind)).is_some())
}

/// What to do where a method ends one field of its type, and the goroutine works for another one: of the two servers that
/// `go hs.Serve(ln)` has started, `Stop` shuts down one.
fn part_left<'a>(subject: &Subject<'a>, ending: At<'a>) -> Option<String> {
    let files = subject.code.sources;
    let call = started(subject)?;
    let given = call.field("arguments").map_or(Vec::new(), |list| list.children());
    let parts = operand_of(call).into_iter().chain(given);
    let values = parts.flat_map(|part| values::values(files, part, &Calls::default()));
    let steps = values.flat_map(|value| value.path);
    let mut fields: Vec<Var<'a>> = Vec::new();
    for var in steps.filter_map(|step| variable(files, step)) {
        let is_own =
            matches!(&var, Var::Field(owner, _) if Some(&owner.name) == ending::receiver(ending).as_ref());
        if is_own && !fields.contains(&var) {
            fields.push(var);
        }
    }
    fields.retain(|var| has_end(files, var));
    let calls = ending.find(&["call_expression"]);
    let is_ended = |var: &&Var<'a>| {
        let mut ends = calls
            .iter()
            .filter(|call| called_name(call).is_some_and(is_ending));
        ends.any(|call| operand_of(*call).and_then(|of| variable(files, of)).as_ref() == Some(*var))
    };
    let left: Vec<&Var<'a>> = fields.iter().filter(|var| !is_ended(var)).collect();
    let [one] = left[..] else { return None };
    let fact = format!(
        "{} ({}) does not end `{}`, for which this goroutine runs",
        ending.func_name(),
        short(ending),
        one.name()
    );
    let fix = format!(
        "end `{}` in {} ({}) too",
        one.name(),
        ending.func_name(),
        short(ending)
    );
    Some(therefore(&fact, &fix))
}
