//! A method that would end the wait, and that the test does not call.

use super::awaited::receives;
use super::ending::Ending;
use super::place::{Place, blocked, short};
use super::{Subject, ended_by};
use crate::go_source::calls::{callers, handed_on};
use crate::go_source::{At, at_line};
use crate::leak::{Cause, CauseCode};

/// Says that the test does not call what would end the wait, where that is what is to be done.
pub(super) fn explain(subject: &Subject<'_>, cause: &mut Cause) {
    let waits = matches!(
        cause.code,
        CauseCode::ContextNotCancelled
            | CauseCode::ReceiveNoSender
            | CauseCode::RangeNeverClosed
            | CauseCode::SelectNoCase
            | CauseCode::TickerLoop
    );
    if !waits || !cause.waits_for_goroutines.is_empty() {
        return;
    }
    if let Some(uncalled) = uncalled(subject, &cause.fix) {
        cause.waits_for = format!("{}; {uncalled}", cause.waits_for);
    }
}

fn uncalled(subject: &Subject<'_>, fix: &str) -> Option<String> {
    let place = Place::of(subject)?;
    let blocked = blocked(subject.goroutine.state.wait_reason())?;
    let operation = at_line(place.file, place.line, blocked)?;
    let mut endings = receives(&operation).filter_map(|of| ended_by::channel(&place, of));
    let ending = endings.find(|ending| ending.told(&place) == fix)?;
    let Ending::Method { name, of, at, .. } = ending else {
        return None;
    };
    let by_test = |places: Vec<At<'_>>| places.into_iter().any(|at| place.is_by_test(at));
    let is_called = by_test(callers(place.files, at)) || by_test(handed_on(place.files, at));
    place.calls.test.filter(|_| !is_called)?;
    Some(format!(
        "`{name}` of the {of} ({}) would end that, and is not called",
        short(at)
    ))
}
