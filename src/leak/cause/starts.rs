//! Who starts a function: how many goroutines run it.

use super::loops::enclosing_loop;
use super::place::Place;
use crate::go_source::At;
use crate::go_source::calls::{callers, handed_to_go, is_go, is_started};

/// Whether more than one goroutine runs a function.
pub(super) fn runs_often<'a>(place: &Place<'a>, func: At<'a>) -> bool {
    let starts = starts_of(place, func);
    starts.len() > 1 && starts.iter().filter(|at| runs_beside(at)).count() > 1
        || starts.iter().any(|at| enclosing_loop(at).is_some())
}

/// Where a function is run: around a literal that is started there, that one.
fn starts_of<'a>(place: &Place<'a>, func: At<'a>) -> Vec<At<'a>> {
    let starts = match func.kind() {
        "func_literal" => vec![func],
        _ => callers(place.files, func),
    };
    let around = |at: At<'a>| {
        let literal = at.func().filter(|literal| literal.kind() == "func_literal");
        literal.filter(|literal| runs_beside(literal)).unwrap_or(at)
    };
    starts.into_iter().map(around).collect()
}

/// Whether a call, or a literal, is run by a goroutine of its own.
fn runs_beside(at: &At<'_>) -> bool {
    is_go(*at) || is_started(at) || handed_to_go(*at).is_some()
}

/// The one function that starts all goroutines in a function.
pub(super) fn only_starter<'a>(place: &Place<'a>, func: At<'a>) -> Option<At<'a>> {
    let starts = starts_of(place, func);
    let first = starts.first()?.func()?;
    let is_it = |start: &At<'a>| runs_beside(start) && start.func() == Some(first);
    (first.kind() != "func_literal" && starts.iter().all(is_it)).then_some(first)
}
