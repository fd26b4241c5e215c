//! Timers: whether one still runs when a goroutine waits for it, and when that ends.

use super::duration;
use super::kind::{Timer, timer_variable};
use super::place::Place;
use crate::go_source::calls::{callers, callers_from, is_called_from};
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
    /// Its one value was taken here.
    Taken(At<'a>),
    /// It fires when a test moves its clock.
    Fake,
}

/// What is left has waited longer than a timer of this, in nanoseconds.
const OVER: i128 = 50_000_000;

/// Whether a timer that is received from at `receive` still fires.
pub(super) fn fate<'a>(place: &Place<'a>, timer: &Timer<'a>, receive: At<'a>) -> Fate<'a> {
    if timer.is_fake {
        return Fate::Fake;
    }
    let found = by_source(place, timer, receive);
    match (place.evidenced, found) {
        (_, Fate::Taken(at)) => Fate::Taken(at),
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
    if let Some(taken) = taken_before(place, &var, receive) {
        return Fate::Taken(taken);
    }
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
    // What a map or a field hands on may be this timer, or another one.
    let others = flow::names(place.files, var.clone()).into_iter().skip(1);
    let stops = others.flat_map(|other| flow::methods(place.files, &other, &["Stop"]));
    let by_test = |stop: &At<'a>| place.is_by_test(*stop);
    maybe = maybe.or_else(|| stops.map(|stop| stop.selector).find(by_test));
    match maybe {
        Some(stop) => Fate::MaybeStopped(stop),
        None if is_over(place, timer, &var) => Fate::Stopped(None),
        None => Fate::Pending,
    }
}

/// Whether its time has passed long before the goroutine was looked at for the last time, and nothing starts it again.
fn is_over<'a>(place: &Place<'a>, timer: &Timer<'a>, var: &Var<'a>) -> bool {
    let after = timer.after.and_then(|after| duration::nanos(place, after));
    place.is_left
        && after.is_some_and(|after| after <= OVER)
        && flow::methods(place.files, var, &["Reset"]).is_empty()
}

/// An earlier receive of the one value, on every way to this one.
fn taken_before<'a>(place: &Place<'a>, var: &Var<'a>, receive: At<'a>) -> Option<At<'a>> {
    if !flow::methods(place.files, var, &["Reset"]).is_empty() {
        return None;
    }
    let receives = flow::uses(place.files, var).into_iter().filter_map(|timer| {
        let channel = timer.parent()?;
        channel
            .parent()
            .filter(|outer| outer.kind() == "unary_expression" && outer.has_token("<-"))
    });
    receives
        .filter(|other| other.start() < receive.start() && other.func() == receive.func())
        .filter(|other| !other.contains(&receive))
        .find(|other| {
            let mut around = other.ancestors();
            let block = around.find(|node| matches!(node.kind(), "statement_list" | "communication_case"));
            block.is_some_and(|block| block.kind() == "statement_list" && block.contains(&receive))
        })
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
        let restarted = flow::methods(place.files, var, &["Reset"])
            .iter()
            .any(|reset| reset.selector.func() == there && call.start() < reset.selector.start());
        if restarted {
            return Some(false);
        }
        // The function that started the goroutine: it has gone on meanwhile, if this is no branch of it.
        let statement = call
            .ancestors()
            .find(|node| node.parent().is_some_and(|p| p.kind() == "statement_list"));
        let plain = statement
            .and_then(|statement| statement.parent()?.parent()?.parent())
            .is_some_and(|func| Some(func) == there);
        return if plain || deferred { Some(true) } else { None };
    }
    let there = there?;
    match there.kind() {
        "func_literal" => invoked(place, there),
        _ => called_by_test(place, there),
    }
}

/// Whether the test has called a function: yes if its own code does, no if none of the code that it reaches does.
fn called_by_test<'a>(place: &Place<'a>, func: At<'a>) -> Option<bool> {
    let test = place.calls.test?;
    if !is_called_from(place.files, func, test) {
        return Some(false);
    }
    let direct = callers_from(place.files, func, Some(test))
        .into_iter()
        .any(|call| call.func() == Some(test));
    direct.then_some(true)
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
    match timer.after.and_then(|after| last_given(place, timer, after)) {
        Some(after) => format!("a timer of {}", duration::told(place, after)),
        None => "a timer".into(),
    }
}

/// The duration that the timer was last started with; `None` where Reset may have given it another one.
fn last_given<'a>(place: &Place<'a>, timer: &Timer<'a>, made: At<'a>) -> Option<At<'a>> {
    let Some(var) = timer_variable(place, timer) else {
        return Some(made);
    };
    let resets = flow::methods(place.files, &var, &["Reset"]);
    let given: Vec<At<'a>> = resets
        .iter()
        .filter_map(|reset| reset.call?.field("arguments")?.first())
        .collect();
    let of = |at: At<'a>| duration::nanos(place, at);
    match (&given[..], timer.timer) {
        ([], _) => Some(made),
        (all, _) if all.iter().all(|one| of(*one).is_some() && of(*one) == of(made)) => Some(made),
        // Started once more, on every way to the wait.
        ([one], Some(used)) => {
            let block = one.ancestors().find(|node| node.kind() == "statement_list");
            let before = block.is_some_and(|block| block.contains(&used)) && one.end() < used.start();
            before.then_some(*one)
        }
        _ => None,
    }
}

/// ` of 1h`, after "a ticker".
pub(super) fn period<'a>(place: &Place<'a>, ticker: &Timer<'a>) -> String {
    ticker.after.map_or_else(String::new, |every| {
        format!(" of {}", duration::told(place, every))
    })
}
