//! Timers: whether one still runs when a goroutine waits for it, and when that ends.

use super::duration;
use super::kind::{Timer, timer_variable};
use super::place::Place;
use crate::go_source::calls::callers;
use crate::go_source::{At, Var, flow};
use crate::leak::Evidenced;

/// The result of a wait for a timer.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Fate<'a> {
    /// It fires once the time has passed.
    Pending,
    /// It never fires: stopped here, or no value is left.
    Stopped(Option<At<'a>>),
    /// It is stopped here, and whether that has happened is not known.
    MaybeStopped(At<'a>),
}

/// Whether a timer that is received from at `receive` still fires.
pub(super) fn fate<'a>(place: &Place<'a>, timer: &Timer<'a>, receive: At<'a>) -> Fate<'a> {
    let found = by_source(place, timer, receive);
    match (place.evidenced, found) {
        (Evidenced::Proven, Fate::Stopped(at)) => Fate::Stopped(at),
        (Evidenced::Proven, Fate::MaybeStopped(at)) => Fate::Stopped(Some(at)),
        (Evidenced::Proven, Fate::Pending) => Fate::Stopped(None),
        // A timer that runs keeps its channel reachable, one that was stopped does not.
        (Evidenced::Reachable, Fate::MaybeStopped(_)) => Fate::Pending,
        (_, found) => found,
    }
}

fn by_source<'a>(place: &Place<'a>, timer: &Timer<'a>, receive: At<'a>) -> Fate<'a> {
    let Some(var) = timer_variable(place, timer) else {
        return Fate::Pending;
    };
    if let Some(stop) = drained(place, &var, receive) {
        return Fate::Stopped(Some(stop));
    }
    let mut maybe = None;
    for stop in flow::methods(place.files, &var, &["Stop"]) {
        match (has_run(place, stop, &var, receive), maybe) {
            (Some(true), _) => return Fate::Stopped(Some(stop.selector)),
            (None, None) => maybe = Some(stop.selector),
            _ => {}
        }
    }
    maybe.map_or(Fate::Pending, Fate::MaybeStopped)
}

/// `if !t.Stop() { <-t.C }`.
fn drained<'a>(place: &Place<'a>, var: &Var<'a>, receive: At<'a>) -> Option<At<'a>> {
    let conditions = receive
        .ancestors()
        .take_while(|node| !node.is_func())
        .filter(|node| node.kind() == "if_statement")
        .filter(|node| {
            node.field("consequence")
                .is_some_and(|body| body.contains(&receive))
        })
        .filter_map(|node| node.field("condition"));
    let stops = flow::methods(place.files, var, &["Stop"]);
    conditions
        .flat_map(|condition| {
            let inside = stops
                .iter()
                .filter(move |stop| condition.contains(&stop.selector));
            inside.map(|stop| stop.selector).collect::<Vec<_>>()
        })
        .next()
}

/// Whether a call of Stop has run before the goroutine waits: yes, no, or not known.
fn has_run<'a>(place: &Place<'a>, stop: flow::Use<'a>, var: &Var<'a>, receive: At<'a>) -> Option<bool> {
    let Some(call) = stop.call else {
        return invoked(place, stop.selector);
    };
    let deferred = call
        .parent()
        .is_some_and(|parent| parent.kind() == "defer_statement");
    let (here, there) = (receive.func(), call.func());
    if here == there {
        if deferred || call.start() > receive.start() {
            return Some(false);
        }
        let restarted = flow::methods(place.files, var, &["Reset"])
            .iter()
            .any(|reset| call.start() < reset.selector.start() && reset.selector.start() < receive.start());
        let block = call.ancestors().find(|node| node.kind() == "statement_list");
        let always = block.is_some_and(|block| block.contains(&receive));
        return match (restarted, always) {
            (true, _) => Some(false),
            (false, true) => Some(true),
            (false, false) => None,
        };
    }
    let around = receive
        .ancestors()
        .filter(At::is_func)
        .any(|func| Some(func) == there);
    if around {
        // The function that started the goroutine: it has gone on meanwhile, if this is no branch of it.
        let statement = call
            .ancestors()
            .find(|node| node.parent().is_some_and(|p| p.kind() == "statement_list"));
        let plain = statement
            .and_then(|statement| statement.parent()?.parent()?.parent())
            .is_some_and(|func| Some(func) == there);
        return if plain || deferred { Some(true) } else { None };
    }
    there
        .filter(|func| func.kind() == "func_literal")
        .and_then(|func| invoked(place, func))
}

/// Whether a function that the goroutine's starter hands out was called: a literal or method value that it returns.
fn invoked<'a>(place: &Place<'a>, handed: At<'a>) -> Option<bool> {
    let returned = handed
        .ancestors()
        .take(3)
        .any(|node| node.kind() == "return_statement");
    let starter = handed.func()?;
    if !returned {
        return None;
    }
    let all = callers(place.files, starter);
    let of_test: Vec<At<'a>> = all
        .iter()
        .copied()
        .filter(|call| {
            call.top_func()
                .is_some_and(|func| Some(func.func_name()) == place.test)
        })
        .collect();
    let calls = if of_test.is_empty() { all } else { of_test };
    let used: Vec<Option<bool>> = calls.iter().map(|call| result_is_called(place, *call)).collect();
    match used.is_empty() {
        true => None,
        false if used.iter().all(|used| *used == Some(false)) => Some(false),
        false if used.iter().all(|used| *used == Some(true)) => Some(true),
        false => None,
    }
}

/// Whether what a call returns is called in turn: not if it is dropped.
fn result_is_called<'a>(place: &Place<'a>, call: At<'a>) -> Option<bool> {
    let parent = call.parent()?;
    match parent.kind() {
        "expression_statement" => Some(false),
        "expression_list" => {
            let statement = parent.parent()?;
            let name = statement.field("left")?.first()?;
            if name.text() == "_" {
                return Some(false);
            }
            let var = place.variable(name)?;
            if !flow::calls_of(place.files, &var).is_empty() {
                return Some(true);
            }
            let uses = flow::uses(place.files, &var);
            (uses.len() <= 1).then_some(false)
        }
        _ => None,
    }
}

/// `a timer of 1h`.
pub(super) fn described<'a>(place: &Place<'a>, timer: &Timer<'a>) -> String {
    match timer.after {
        Some(after) => format!("a timer of {}", duration::told(place, after)),
        None => "a timer".into(),
    }
}
