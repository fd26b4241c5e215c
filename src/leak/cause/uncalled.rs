//! A method that would end the wait, and that the test does not call.

use super::awaited::{operation, receives};
use super::ending::Ending;
use super::fact::therefore;
use super::place::{Place, short};
use super::{Subject, ended_by};
use crate::go_source::calls::{called_name, callee, callers, handed_on};
use crate::go_source::{At, Var};
use crate::leak::{Cause, CauseCode};

/// Says that the test does not call what would end the wait, where that is what is to be done.
pub(super) fn of(subject: &Subject<'_>, cause: &Cause) -> Option<String> {
    let waits = matches!(
        cause.code,
        CauseCode::ContextNotCancelled
            | CauseCode::ReceiveNoSender
            | CauseCode::RangeNeverClosed
            | CauseCode::SelectNoCase
            | CauseCode::TickerLoop
    );
    if !waits || !cause.waits_for_goroutines.is_empty() {
        return None;
    }
    uncalled(subject, &cause.fix)
}

fn uncalled(subject: &Subject<'_>, fix: &str) -> Option<String> {
    let (place, endings) = endings(subject)?;
    let ending = endings.iter().find(|ending| ending.told(&place) == fix)?;
    let Ending::Method { name, of, at, does } = ending else {
        return None;
    };
    // A close in a method of another type may be that of another value.
    let is_own = does.is_none_or(|does| closes_own(&place, does, of));
    (is_own && is_uncalled(&place, *at)).then(|| {
        format!(
            "`{name}` of the {of} ({}) would end that, and is not called",
            short(*at)
        )
    })
}

/// Whether what ends the wait is a field of the method's type.
fn closes_own<'a>(place: &Place<'a>, does: At<'a>, of: &str) -> bool {
    let ended = match does.kind() {
        "send_statement" => does.field("channel"),
        _ => does
            .field("arguments")
            .and_then(|list| list.first())
            .or(does.field("function")),
    };
    let var = ended.and_then(|ended| place.variable(ended));
    matches!(var, Some(Var::Field(owner, _)) if owner.name == of)
}

/// What to do where the test ends the whole, and that does not end the part that this goroutine is of.
pub(super) fn by<'a>(subject: &Subject<'a>, whole: At<'a>) -> Option<String> {
    let (place, endings) = endings(subject)?;
    endings.iter().find_map(|ending| match ending {
        Ending::Method { name, of, at, .. }
            if *at != whole && (is_uncalled(&place, *at) || is_left_out(&place, whole, *at)) =>
        {
            let (method, whole) = (whole.func_name(), short(whole));
            let fact = format!(
                "{method} ({whole}) does not call `{name}` of the {of} ({}), which would end this goroutine",
                short(*at)
            );
            let only = made_here(&place).unwrap_or_default();
            Some(therefore(
                &fact,
                &format!("call `{name}` of the {of} in {method} ({whole}){only}"),
            ))
        }
        _ => None,
    })
}

/// That only what the owner has made itself is to be ended, where it makes that in place of what it may be given.
fn made_here(place: &Place<'_>) -> Option<String> {
    let (file, line) = place.started?;
    let starts = file.func_at(line)?;
    let starter = starts.top_func().unwrap_or(starts);
    let mut calls = callers(place.files, starter);
    calls.retain(|call| callee(place.files, *call) == Some(starter) && place.is_by_test(*call));
    let [call] = calls[..] else { return None };
    let set = call
        .ancestors()
        .find(|node| node.kind() == "assignment_statement")?;
    let name = set.field("left")?.text();
    let mut around = set.ancestors().take_while(|node| !node.is_func());
    let branch = around.find(|node| node.kind() == "if_statement")?;
    let is_given = branch.field("condition")?.text() == format!("{name} == nil");
    is_given.then(|| {
        format!(
            ", where `{}` ({}) has made it: one that is given belongs to its caller",
            set.text(),
            place.told(set)
        )
    })
}

/// What would end the wait.
pub(super) fn endings<'a>(subject: &Subject<'a>) -> Option<(Place<'a>, Vec<Ending<'a>>)> {
    let (place, operation) = operation(subject)?;
    let endings = receives(&operation).filter_map(|of| ended_by::channel(&place, of));
    let endings = endings.collect();
    Some((place, endings))
}

/// Whether a method calls neither this one nor, through an interface, one of its name, and no call of the test is sure to be of it.
fn is_left_out<'a>(place: &Place<'a>, whole: At<'a>, method: At<'a>) -> bool {
    let calls = whole.find(&["call_expression"]);
    let is_named = calls
        .iter()
        .any(|call| called_name(call) == Some(method.func_name()));
    let mut sure = callers(place.files, method).into_iter();
    let is_called = sure.any(|call| callee(place.files, call) == Some(method) && place.is_by_test(call));
    whole.field("body").is_some() && place.calls.test.is_some() && !is_named && !is_called
}

/// Whether the test neither calls a method nor hands it on.
fn is_uncalled<'a>(place: &Place<'a>, method: At<'a>) -> bool {
    let by_test = |places: Vec<At<'a>>| places.into_iter().any(|at| place.is_by_test(at));
    let is_called = by_test(callers(place.files, method)) || by_test(handed_on(place.files, method));
    place.calls.test.is_some() && !is_called
}
