//! Child processes: which of the two ends is missing. The child may run, it may have ended while another process holds its
//! pipe, or Wait was never called.

use super::peers::{calls, near};
use super::stack::Stack;
use super::{Subject, with};
use crate::goroutine::{Goroutine, GoroutineId, WaitReason, name};
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
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Stage {
    Runs,
    PipeHeld,
    /// The child has ended, and what it printed can't be handed on.
    CopyBlocked,
    NotWaited,
}

/// The cause of a wait for a child process.
pub(super) fn by_process(subject: &Subject<'_>, stack: &Stack) -> Option<Cause> {
    let stage = match stage(subject.goroutine) {
        Some(Stage::PipeHeld) if is_copy_blocked(subject) => Stage::CopyBlocked,
        Some(stage) if stack.calls_prefix(&["os/exec.", "os.(*Process)"]) => stage,
        // What the reader or writer that the command was given waits for says more.
        _ if is_copier(subject.goroutine) && !reads_pipe(subject.goroutine) => return None,
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
        Stage::CopyBlocked => with(
            CauseCode::CallWaits,
            "the copy of a child process's input or output: the child has ended, but the reader or writer that the command was given does not return",
            "let that reader or writer return: read the other end of the pipe that is cmd.Stdout, or close the one that is cmd.Stdin",
        ),
        Stage::NotWaited if hands_on_its_result(subject.goroutine) => with(
            CauseCode::ProcessNotWaited,
            "a call of Wait, which takes its result: the context of the command has ended, and nothing waits for the child process",
            "",
        ),
        Stage::NotWaited => with(
            CauseCode::ProcessNotWaited,
            "the end of a child process on which Wait is not called",
            "",
        ),
    })
}

/// The goroutines that copy the input and output of the command that this one waits for.
pub(super) fn copiers(subject: &Subject<'_>) -> Vec<GoroutineId> {
    let waiters = near(subject).filter(|peer| stage(peer.goroutine) == Some(Stage::PipeHeld));
    // Of several commands, who has started the copy tells.
    let alone = waiters.count() == 0;
    near(subject)
        .filter(|peer| is_copier(peer.goroutine) && (alone || peer.parent == Some(subject.id)))
        .map(|peer| peer.id)
        .collect()
}

fn is_copy_blocked(subject: &Subject<'_>) -> bool {
    let copiers = copiers(subject);
    let mut all = copiers.iter().filter_map(|id| subject.peers.get(*id));
    !copiers.is_empty() && all.all(|peer| !reads_pipe(peer.goroutine))
}

fn is_copier(goroutine: &Goroutine) -> bool {
    let by = goroutine.created.as_ref().map(|created| created.func.as_str());
    by == Some("os/exec.(*Cmd).Start") && !calls(goroutine, &["os/exec.(*Cmd).watchCtx"])
}

/// Whether it waits for the output of the child.
fn reads_pipe(goroutine: &Goroutine) -> bool {
    calls(goroutine, &["os.(*File).Read", "os.(*File).read"])
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

/// Whether it has seen the end of the command's context.
fn hands_on_its_result(goroutine: &Goroutine) -> bool {
    let is_sent = goroutine.state.wait_reason() == WaitReason::ChanSend;
    is_sent && calls(goroutine, &["os/exec.(*Cmd).watchCtx"])
}

/// What another goroutine of the same test that waits for a command shows.
fn of_others(subject: &Subject<'_>) -> Stage {
    let stages: Vec<Stage> = near(subject).filter_map(|peer| stage(peer.goroutine)).collect();
    match &stages[..] {
        [] => Stage::NotWaited,
        [first, rest @ ..] if rest.iter().all(|other| other == first) => *first,
        // Several commands: which one this is of is not told.
        _ => Stage::Runs,
    }
}
