//! Sleeps: for how long, and whether the loop around one ends.

use super::duration;
use super::loops::{counted, enclosing_loop, exits_inside, has_no_way_out, in_endless_loop, in_loop};
use super::place::Place;
use super::select::ends_at;
use super::wording::{cleanup, test_handle};
use super::{Subject, plain, said};
use crate::go_source::At;
use crate::go_source::calls::{on_line, qualified};
use crate::leak::{Cause, CauseCode};

/// A sleep, with the duration and the loop that its line shows.
pub(super) fn cause(subject: &Subject<'_>) -> Option<Cause> {
    let frames = &subject.goroutine.frames;
    let index = frames
        .iter()
        .position(|frame| frame.func.as_str() == "time.Sleep")?
        + 1;
    sleep_at(&Place::at(subject, index)?)
}

/// A sleep on a line.
fn sleep_at(place: &Place<'_>) -> Option<Cause> {
    let call = on_line(place.file, place.line)
        .into_iter()
        .find(|call| qualified(call) == Some(("time", "Sleep")))?;
    let after = duration::told(place, call.field("arguments")?.first()?);
    let around = enclosing_loop(&call);
    // A loop in a caller counts as well.
    let looped = around.is_some() || !place.calls.lines.is_empty() && called_in_loop(place);
    if let Some((around, rounds)) = around.and_then(|around| Some((around, counted(&around)?)))
        && exits_inside(&around).is_empty()
        && !called_in_loop(place)
    {
        let mut cause = plain(CauseCode::SleepLoop);
        cause.waits_for = format!(
            "the end of a sleep of {after}, in a loop of {rounds} rounds ({}): it ends by itself after the last one",
            place.told(around)
        );
        cause.fix = format!("wait for it in the test, or {}", cause.fix);
        return Some(cause);
    }
    if looped {
        let has_no_end = around.filter(|around| in_endless_loop(&call) && has_no_way_out(around));
        if has_no_end.is_some() {
            let mut cause = said(
                CauseCode::SleepLoop,
                format!("the end of a sleep of {after}, again and again: its loop has no way out"),
            );
            if let Some(fix) = in_a_test(place, call) {
                cause.fix = fix;
            }
            return Some(cause);
        }
        let waits_for = match around.and_then(|around| ends_at(place, &around)) {
            Some(ends) => format!("the end of a sleep of {after}, in a loop that ends only at {ends}"),
            None => format!("the end of a sleep of {after}, in a loop"),
        };
        return Some(said(CauseCode::SleepLoop, waits_for));
    }
    let mut cause = plain(CauseCode::TimerPending);
    cause.waits_for = format!("the end of a sleep of {after}: it goes on by itself when that has passed");
    cause.fix = "wait on a timer in a select with ctx.Done() or a done channel in place of time.Sleep, and end that when the test is done".into();
    Some(cause)
}

/// What to do where a literal of the test sleeps in a loop without a way out.
fn in_a_test(place: &Place<'_>, call: At<'_>) -> Option<String> {
    let literal = call.func().filter(|func| func.kind() == "func_literal")?;
    let time = call.field("arguments")?.first()?.text();
    let end = cleanup(literal, "func() { close(done) }", "close(done)")
        .filter(|_| test_handle(literal).is_some())?;
    Some(format!(
        "make a channel `done`, select on `time.After({time})` and `<-done` in place of `{}` ({}), return on the latter, and close it when the test is done: {end}",
        call.text(),
        place.told(call)
    ))
}

/// Whether a frame further out calls in a loop. The `go` statement is none of them.
pub(super) fn called_in_loop(place: &Place<'_>) -> bool {
    let calls = &place.calls.lines;
    let frames = calls.split_last().map_or(&[][..], |(_, frames)| frames);
    frames
        .iter()
        .any(|(file, line)| on_line(file, *line).iter().any(in_loop))
}
