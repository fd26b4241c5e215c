//! A call that has started a goroutine, or made what it works for, and then failed: what is to be ended before its error is
//! given back.

use super::Subject;
use super::ending::method_of;
use super::exits::{gives_an_error, is_error_check, left_open, ways_out};
use super::fact::therefore;
use super::loops::{enclosing_loop, in_loop};
use super::names::{self, is_ending};
use super::place::{short, started};
use super::wording::called;
use crate::go_source::calls::{called_name, is_called_from, operand_of, own_callee};
use crate::go_source::types::{Type, method, name_of, result_of, type_of};
use crate::go_source::values::returns;
use crate::go_source::{At, Var, flow, variable};
use crate::leak::{Cause, CauseCode};

/// What to do where a call has failed and left something behind.
pub(super) fn ended_by_what_fails<'a>(
    subject: &Subject<'a>,
    cause: &Cause,
    call: At<'a>,
    ending: At<'a>,
    place: &str,
) -> String {
    let callee = own_callee(subject.code.sources, call);
    let at = callee.map_or_else(String::new, |func| format!(" ({})", short(func)));
    let name = called(call);
    let handed = || argument_at_error(subject, cause, call);
    let whole = || whole_at_error(subject, call, ending);
    let fix = handed().or_else(|| left_at_error(subject, call, ending)).or_else(whole).or_else(|| elements_at_error(subject, call)).unwrap_or_else(|| {
        format!(
            "end it in `{name}`{at} before that returns its error: the test gets nothing that it could close"
        )
    });
    therefore(
        &format!("`{name}` ({place}) has left it behind, and returned an error"),
        &fix,
    )
}

/// The same where the function that has failed has started the goroutine itself: the `return` that leaves it, and what ends it.
fn left_at_error<'a>(subject: &Subject<'a>, call: At<'a>, ending: At<'a>) -> Option<String> {
    let files = subject.code.sources;
    let func = own_callee(files, call)?;
    let started = started(subject)?;
    (started.func() == Some(func)).then_some(())?;
    let given = started
        .field("arguments")
        .map_or(Vec::new(), |list| list.children());
    let name = ending.func_name();
    let mut works_for = operand_of(started).into_iter().chain(given);
    let of = works_for
        .find(|of| type_of(files, *of).and_then(|kind| method(files, &kind, name)) == Some(ending))?;
    let var @ Var::Local(_) = variable(files, of)? else {
        return None;
    };
    let endings: Vec<&str> = names::public().collect();
    let ends = flow::methods(files, &var, &endings).into_iter();
    let ends: Vec<At<'a>> = ends.map(|end| end.selector).collect();
    let fails = |exit: &At<'a>| {
        let values = exit.first().map_or(Vec::new(), |list| list.children());
        values.len() > 1 && values[0].text() == "nil" && gives_an_error(*exit)
    };
    let exit = left_open(started, &ends)?.into_iter().find(fails)?;
    if let Some((does, other)) = ended_elsewhere(exit, of).filter(|(does, _)| called_name(does) != Some(name))
    {
        return Some(format!(
            "`{}` before the `return` ({}) with which {} gives back its error too, as before the one of {}",
            does.text(),
            short(exit),
            func.func_name(),
            short(other)
        ));
    }
    Some(format!(
        "call `{}.{name}()` before the `return` ({}) with which {} gives back its error: the test gets nothing that it could close",
        of.text(),
        short(exit),
        func.func_name()
    ))
}

/// What a function does right before another `return` with an error, so that what works for a value ends: `close(e.quit)`.
fn ended_elsewhere<'a>(exit: At<'a>, of: At<'a>) -> Option<(At<'a>, At<'a>)> {
    let func = exit.func()?;
    let returns = func.find(&["return_statement"]).into_iter();
    let others =
        returns.filter(|other| *other != exit && other.func() == Some(func) && gives_an_error(*other));
    let ends = |at: &At<'a>| {
        let name = called_name(at).unwrap_or_default();
        let part = match name {
            "close" => at.field("arguments").and_then(|list| list.first()),
            name if is_ending(name) => operand_of(*at),
            _ => None,
        };
        part.and_then(|part| part.root_of_selector())
            .is_some_and(|root| root.text() == of.text())
    };
    others.into_iter().find_map(|other| {
        let list = other.parent().filter(|list| list.kind() == "statement_list")?;
        let before = list
            .children()
            .into_iter()
            .filter(|one| one.end() <= other.start());
        let mut calls = before.filter_map(|statement| statement.first().filter(ends));
        Some((calls.next()?, other))
    })
}

/// The same where a function that collects several in a list fails at a later one.
fn elements_at_error<'a>(subject: &Subject<'a>, call: At<'a>) -> Option<String> {
    let files = subject.code.sources;
    let func = own_callee(files, call)?;
    let starts = started(subject)?.top_func()?;
    let leads = |callee: At<'a>| callee == starts || is_called_from(files, starts, callee);
    let calls = func.find(&["call_expression"]);
    let own = || calls.iter().filter(|one| one.func() == Some(func));
    let part = own().find(|part| in_loop(part) && own_callee(files, **part).is_some_and(leads))?;
    let name = flow::given(*part, 0)?.text();
    let list = own().find_map(|put| {
        let given = put.field("arguments")?.children();
        let is_it = called_name(put) == Some("append") && given.get(1)?.text() == name;
        given
            .first()
            .copied()
            .filter(|_| is_it && enclosing_loop(put) == enclosing_loop(part))
    })?;
    let (end, _) = method_of(files, &result_of(files, *part, 0)?)?;
    let is_ended = calls.iter().any(|one| called_name(one) == Some(end));
    let is_late = |exit: &At<'a>| exit.start() > part.end() && gives_an_error(*exit);
    let exit = ways_out(*part, func)
        .into_iter()
        .find(is_late)
        .filter(|_| !is_ended)?;
    Some(format!(
        "call `{end}` of each in `{}` before the `return` ({}) with which {} gives back its error: the test gets nothing that it could close",
        list.text(),
        short(exit),
        func.func_name()
    ))
}

/// The same where the goroutine reads or accepts from what it was given, a connection or listener of the function that has failed.
fn argument_at_error<'a>(subject: &Subject<'a>, cause: &Cause, call: At<'a>) -> Option<String> {
    let waits_there = matches!(cause.code, CauseCode::NetworkIo | CauseCode::ListenerNotClosed);
    let files = subject.code.sources;
    let func = own_callee(files, call).filter(|_| waits_there)?;
    let started = started(subject)?;
    (started.func() == Some(func)).then_some(())?;
    let declared = || {
        own_callee(files, started)?
            .field("parameters")?
            .first()?
            .field("type")
    };
    let of_network = |given: &At<'a>| {
        let kind = type_of(files, *given).or_else(|| declared().map(Type::Written));
        let name = kind.and_then(|kind| name_of(files, &kind));
        name.is_some_and(|name| name.package == "net")
    };
    let [given] = started.field("arguments")?.children()[..] else {
        return None;
    };
    let var @ Var::Local(_) = variable(files, given).filter(|_| of_network(&given))? else {
        return None;
    };
    let ends = flow::methods(files, &var, &["Close"]).into_iter();
    let ends: Vec<At<'a>> = ends.map(|end| end.selector).collect();
    let exit = left_open(started, &ends)?
        .into_iter()
        .find(|exit| gives_an_error(*exit))?;
    Some(format!(
        "call `{}.Close()` before the `return` ({}) with which {} gives back its error",
        given.text(),
        short(exit),
        func.func_name()
    ))
}

/// The same where a function that has made several parts fails at a later one: the whole, which it gives back where all goes well,
/// ends them.
fn whole_at_error<'a>(subject: &Subject<'a>, call: At<'a>, ending: At<'a>) -> Option<String> {
    let files = subject.code.sources;
    let func = own_callee(files, call)?;
    let starts = started(subject)?.top_func()?;
    let leads = |callee: At<'a>| callee == starts || is_called_from(files, starts, callee);
    let parts = func.find(&["call_expression"]).into_iter();
    let mut parts =
        parts.filter(|part| part.func() == Some(func) && own_callee(files, *part).is_some_and(leads));
    let part = parts.next()?;
    let given = returns(func, 0).into_iter().map(|given| given.value);
    let is_whole = |value: &At<'a>| {
        let kind = type_of(files, *value);
        let is_local =
            matches!(variable(files, *value), Some(Var::Local(decl)) if decl.start() < part.start());
        is_local && kind.is_some_and(|kind| method(files, &kind, ending.func_name()) == Some(ending))
    };
    let whole = given
        .filter(|value| value.kind() == "identifier")
        .find(is_whole)?;
    let is_late = |exit: &At<'a>| {
        exit.start() > part.end() && gives_an_error(*exit) && (in_loop(&part) || !is_error_check(part, *exit))
    };
    let exit = ways_out(part, func).into_iter().find(is_late)?;
    Some(format!(
        "call `{}.{}()` before the `return` ({}) with which {} gives back its error: the test gets nothing that it could close",
        whole.text(),
        ending.func_name(),
        short(exit),
        func.func_name()
    ))
}
