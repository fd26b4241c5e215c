//! Child processes: which of the two ends is missing. The child may run, it may have ended while another process holds its
//! pipe, or Wait was never called.

use super::peers::calls;
use super::stack::Stack;
use super::{Subject, waits, with};
use crate::goroutine::{Goroutine, name};
use crate::leak::{Cause, CauseCode};

/// Goroutines that os/exec starts for a command: they copy its input and output, and watch its context.
const OF_COMMAND: &[&str] = &[
    "os/exec.(*Cmd).watchCtx",
    "os/exec.(*Cmd).writerDescriptor",
    "os/exec.(*Cmd).stdout",
    "os/exec.(*Cmd).childStdin",
    "os/exec.(*Cmd).stdin",
    "os/exec.(*Cmd).Start",
];

/// Waits for the end of the process itself.
const OF_PROCESS: &[&str] = &[
    "os.(*Process).Wait",
    "os.(*Process).wait",
    "os.(*Process).pidfdWait",
    "os.(*Process).blockUntilWaitable",
];

/// How far a command has come.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Stage {
    Runs,
    PipeHeld,
    NotWaited,
}

/// The cause of a wait for a child process.
pub(super) fn by_process(subject: &Subject<'_>, stack: &Stack) -> Option<Cause> {
    let stage = match stage(subject.goroutine) {
        Some(stage) if stack.calls_prefix(&["os/exec.", "os.(*Process)"]) => stage,
        _ if stack.calls(OF_COMMAND) => of_others(subject),
        _ => return None,
    };
    Some(match stage {
        Stage::Runs => with(
            CauseCode::ProcessNotWaited,
            "the end of a child process that still runs",
            "end the process: exec.CommandContext with a context that is cancelled, or Process.Kill, then Wait",
        ),
        Stage::PipeHeld => with(CauseCode::PipeHeld, "", ""),
        Stage::NotWaited => with(
            CauseCode::ProcessNotWaited,
            "the end of a child process on which Wait is not called",
            "",
        ),
    })
}

/// What the goroutine that waits for a command shows.
fn stage(goroutine: &Goroutine) -> Option<Stage> {
    let is = |wanted: &str| {
        let frames = &goroutine.frames;
        frames
            .iter()
            .any(|frame| name::normal(frame.func.as_str()) == wanted)
    };
    if is("os/exec.(*Cmd).awaitGoroutines") {
        return Some(Stage::PipeHeld);
    }
    // Before Go 1.20, Wait itself received from the goroutines that copy.
    let waits = is("os/exec.(*Cmd).Wait");
    match calls(goroutine, OF_PROCESS) {
        true => Some(Stage::Runs),
        false if waits => Some(Stage::PipeHeld),
        false => None,
    }
}

/// What another goroutine of the same test that waits for a command shows.
fn of_others(subject: &Subject<'_>) -> Stage {
    let stages: Vec<Stage> = waits::near(subject)
        .filter_map(|peer| stage(peer.goroutine))
        .collect();
    match &stages[..] {
        [] => Stage::NotWaited,
        [first, rest @ ..] if rest.iter().all(|other| other == first) => *first,
        // Several commands: which one this is of is not told.
        _ => Stage::Runs,
    }
}
