//! A sync.Once: who runs its function, this goroutine itself or another one.

use super::held;
use super::locks::waits_for;
use super::peers::{near, who_of};
use super::place::{file, short_location};
use super::{Subject, waits};
use crate::go_source::calls::{called_name, on_line, operand_of};
use crate::goroutine::{Goroutine, name};
use crate::leak::{Cause, CauseCode, WaitsBecause};

const DO: &str = "sync.(*Once).Do";
const RUNS: &str = "sync.(*Once).doSlow";

/// Adds who is still in the function that a goroutine waits for.
pub(super) fn explain(subject: &Subject<'_>, cause: &mut Cause) {
    let mut waits = cause.waits_for_goroutines.iter();
    if cause.code != CauseCode::Once || waits.any(|wait| wait.reason == WaitsBecause::Cycle) {
        return;
    }
    let Some(call) = Call::of(subject) else { return };
    if runs(subject.goroutine) > 0 && is_own(subject, &call) {
        let at = outer(subject.goroutine).map_or_else(String::new, |at| format!(" ({at})"));
        cause.waits_for = format!(
            "the end of a sync.Once function that it is in itself, further up this stack{at}: it waits for itself"
        );
        cause.fix = format!(
            "the function given to Do must not call {} again, neither itself nor through what it calls",
            call.by
        );
        return;
    }
    let mut runners = cause.waits_for_goroutines.iter();
    let runners = runners.find(|wait| wait.reason == WaitsBecause::RunsOnce);
    let Some([one]) = runners.map(|wait| &wait.goroutines[..]) else {
        return;
    };
    let Some(peer) = subject.peers.get(*one).filter(|_| call.key.is_some()) else {
        return;
    };
    let (who, why) = (who_of(peer), waits_for(&subject.beside(peer)));
    cause.waits_for = format!("the end of a sync.Once function that {who} is still in: that waits for {why}");
    cause.fix = format!("end the wait of {who} first; the function given to Do must return");
}

/// The call of Do that waits.
struct Call {
    /// What it is called on.
    key: Option<String>,
    /// The function that calls it.
    by: String,
}

impl Call {
    fn of(subject: &Subject<'_>) -> Option<Self> {
        let frames = &subject.goroutine.frames;
        let index = frames.iter().position(|frame| frame.func.as_str() == DO)? + 1;
        let caller = frames.get(index)?;
        let key = || {
            let at = caller.at.as_ref()?;
            let calls = on_line(file(subject, at)?, at.line).into_iter();
            let call = calls.rev().find(|call| called_name(call) == Some("Do"))?;
            let above = held::calls_above(subject, subject.goroutine, index);
            held::key(subject.code.sources, operand_of(call)?, &above)
        };
        Some(Self {
            key: key(),
            by: name::short(&name::normal(caller.func.as_str())),
        })
    }
}

/// How many functions of a Once a goroutine runs.
fn runs(goroutine: &Goroutine) -> usize {
    let frames = goroutine.frames.iter();
    let inside = frames.filter(|frame| frame.func.as_str() == RUNS).count();
    inside.saturating_sub(usize::from(waits::blocked_in_once(goroutine)))
}

/// Whether no other goroutine of the test can run the function: who does has it on its stack.
fn is_own(subject: &Subject<'_>, call: &Call) -> bool {
    let mut running = near(subject).filter(|peer| runs(peer.goroutine) > 0);
    running.all(|peer| {
        let key = held::called_on(subject, peer.goroutine, DO, "Do");
        runs(peer.goroutine) == 1 && key.is_some() && call.key.is_some() && key != call.key
    })
}

/// Where the function further up was given to Do, if there is one.
fn outer(goroutine: &Goroutine) -> Option<String> {
    let calls = |frame: &crate::goroutine::Frame| frame.func.as_str() == DO;
    let mut all = (0..goroutine.frames.len())
        .filter(|index| calls(&goroutine.frames[*index]))
        .skip(1);
    let (one, none) = (all.next()?, all.next());
    let at = goroutine
        .frames
        .get(one + 1)?
        .at
        .as_ref()
        .filter(|_| none.is_none());
    at.map(short_location)
}
