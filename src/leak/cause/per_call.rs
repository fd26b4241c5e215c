//! A goroutine that helps one call of a function, and waits for what all calls have in common: each call leaves one behind.

use super::Subject;
use super::awaited::{operation, receives};
use super::context;
use super::ending::method_of;
use super::fact::therefore;
use super::kind::{self, Kind};
use super::loops::enclosing_loop;
use super::place::{Place, handle};
use super::unsent::is_there;
use crate::go_source::calls::{callers, position};
use crate::go_source::scope::local;
use crate::go_source::types::result_of;
use crate::go_source::values::writes;
use crate::go_source::{At, Operation, Var, flow, variable};
use crate::leak::{Cause, CauseCode};

/// Says what has left it behind.
pub(super) fn explain(subject: &Subject<'_>, cause: &mut Cause) {
    let waits = matches!(
        cause.code,
        CauseCode::TickerLoop | CauseCode::SelectNoCase | CauseCode::ContextNotCancelled
    );
    if waits
        && cause.waits_for_goroutines.is_empty()
        && let Some(fix) = of_round(subject).or_else(|| of_dropped(subject))
    {
        cause.fix = fix;
    }
}

/// The `go` statement that has started it, and the function around.
fn started<'a>(place: &Place<'a>) -> Option<(At<'a>, At<'a>)> {
    let (file, line) = place.started?;
    let start = file.on_line(line, &["go_statement"]).first().copied()?;
    let func = start.func().filter(|func| func.kind() != "func_literal")?;
    handle(func).is_none().then_some((start, func))
}

/// What to do where the function that has started it is called in a loop, and has returned.
fn of_round(subject: &Subject<'_>) -> Option<String> {
    let (place, operation) = operation(subject)?;
    let (start, func) = started(&place)?;
    let Operation::Select(_) = operation else {
        return None;
    };
    let literal = start
        .first()?
        .field("function")
        .filter(|it| it.kind() == "func_literal")?;
    if is_there(subject, func) || !serves_its_call(&place, func, literal) {
        return None;
    }
    let awaited: Vec<At<'_>> = receives(&operation).collect();
    let [channel] = awaited[..] else { return None };
    let (given, is_context) = match kind::of(&place, channel) {
        Kind::Context(of) => (of, true),
        Kind::Ticker(_) | Kind::Timer(_) => return None,
        _ => (channel, false),
    };
    let parameter = local(given.bare()).filter(|decl| decl.func() == Some(func))?;
    let index = position(func, parameter)?;
    let given_anew = writes(place.files, &Var::Local(parameter));
    if given_anew.iter().any(|given| given.by.func() == Some(func)) {
        return None;
    }
    let mut calls = callers(place.files, func).into_iter();
    let call = calls.find_map(|call| {
        let is_own = place.is_by_test(call) && call.func().is_some_and(|func| handle(func).is_none());
        let around = enclosing_loop(&call).filter(|_| is_own)?;
        // `for r := range s.scan(stop)` calls it once.
        let is_each = around.field("body").is_some_and(|body| body.contains(&call));
        is_each.then_some(())?;
        let given = call.field("arguments")?.children().get(index).copied()?;
        let is_made_there = match variable(place.files, given)? {
            Var::Local(decl) => around.contains(&decl),
            _ => false,
        };
        (!is_made_there).then_some(call)
    })?;
    let (who, name) = (func.func_name(), given.text());
    let fact = format!(
        "{who} has returned, and is called in a loop ({}): each call leaves one, and `{name}` is the same for all",
        place.told(call)
    );
    let fix = match is_context {
        true => format!(
            "end it when {who} returns: `{name}, cancel := context.WithCancel({name})` and `defer cancel()` before its `go` statement ({})",
            place.told(start)
        ),
        false => format!(
            "end it when {who} returns: `done := make(chan struct{{}})` and `defer close(done)` before its `go` statement ({}), and a case `<-done` that returns in this select ({})",
            place.told(start),
            place.told_line(place.file, place.line)
        ),
    };
    Some(therefore(&fact, &fix))
}

/// Whether a function goes on to use a channel of its own that its goroutine uses too.
fn serves_its_call<'a>(place: &Place<'a>, func: At<'a>, literal: At<'a>) -> bool {
    let names = literal.find(&["identifier"]).into_iter();
    let mut own = names.filter_map(local).filter(|decl| {
        decl.func() == Some(func) && position(func, *decl).is_none() && decl.end() <= literal.start()
    });
    own.any(|decl| {
        let var = Var::Local(decl);
        let given = writes(place.files, &var);
        let is_channel = given
            .iter()
            .any(|given| given.value.text().starts_with("make(chan"));
        let uses = flow::uses(place.files, &var);
        let goes_on = |at: &At<'a>| at.start() > literal.end() && at.func() == Some(func);
        let is_returned = |at: &At<'a>| at.ancestors().any(|node| node.kind() == "return_statement");
        // What it returns is read when it is over.
        is_channel && uses.iter().any(goes_on) && !uses.iter().any(is_returned)
    })
}

/// What to do where what the function that has started it returned is dropped, and can't be ended but by a context that it was given.
fn of_dropped(subject: &Subject<'_>) -> Option<String> {
    let (place, operation) = operation(subject)?;
    let (_, func) = started(&place)?;
    let parameter = context::given_to(func)?;
    let is_given = |of: At<'_>| {
        let Some(decl) = local(of.bare()) else {
            return false;
        };
        let from = |decl: At<'_>| {
            let given = writes(place.files, &Var::Local(decl)).into_iter();
            let mut firsts = given.filter_map(|given| given.value.field("arguments")?.first());
            firsts.any(|first| first.text() == parameter.text())
        };
        decl == parameter || decl.func() == Some(func) && from(decl)
    };
    let mut awaited = receives(&operation).filter_map(|channel| match kind::of(&place, channel) {
        Kind::Context(of) => Some(of),
        _ => None,
    });
    awaited.find(|of| is_given(*of))?;
    let index = position(func, parameter)?;
    let mut calls = callers(place.files, func);
    calls.retain(|call| place.is_by_test(*call));
    let [call] = calls[..] else { return None };
    // A context that its caller makes for it has an end.
    let given = call.field("arguments")?.children().get(index).copied()?;
    let handed = local(given.bare()).filter(|decl| {
        let own = call.func();
        decl.func() == own && own.is_some_and(|own| position(own, *decl).is_some())
    })?;
    let has_no_end = method_of(place.files, &result_of(place.files, call, 0)?).is_none();
    let kept = flow::names(place.files, flow::beside(place.files, call, 0)?);
    let field = kept
        .iter()
        .find(|var| matches!(var, Var::Field(..)))
        .filter(|_| has_no_end)?;
    let Var::Field(owner, name) = field else {
        return None;
    };
    let dropped = flow::changes(place.files, field).into_iter();
    let mut dropped = dropped.filter(|(_, by)| {
        by.field("right").is_some_and(|right| right.text() == "nil") && place.is_by_test(*by)
    });
    let (_, drops) = dropped.next()?;
    let what = format!("`{}` ({})", drops.text(), place.told(drops));
    let (made, at) = (call.field("function")?.text(), place.told(call));
    let ctx = handed.text();
    Some(therefore(
        &format!("{what} drops what `{made}` ({at}) has made, and does not end it"),
        &format!(
            "call `{made}` ({at}) with a context of its own (`own, cancel := context.WithCancel({ctx})`), keep `cancel` beside `{name}` of the {}, and call it before {what}",
            owner.name
        ),
    ))
}
