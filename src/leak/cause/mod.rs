//! Why a goroutine does not end: from its wait reason, its frames and the source line.
//!
//! An honest `unknown` beats a wrong guess.

mod channel;
mod io;
mod known;
mod locks;
mod peers;
mod reason;
mod stack;

use super::module::Code;
use super::registry;
use super::source::Files;
use super::{Cause, CauseCode};
use crate::goroutine::{Depth, Fingerprint, Goroutine, GoroutineId, WaitReason, fingerprint_of};
use stack::Stack;
pub(super) use stack::site;

pub use peers::{Peer, Peers};

/// One goroutine to be judged.
pub struct Subject<'a> {
    /// Its block.
    pub goroutine: &'a Goroutine,
    /// Its id.
    pub id: GoroutineId,
    /// Own code and sources.
    pub code: &'a Code<'a>,
    /// Files that were read already.
    pub files: &'a Files<'a>,
    /// What else was alive at the time, this one among it.
    pub peers: &'a Peers<'a>,
}

/// The cause of a goroutine that does not end.
pub fn judge(subject: &Subject<'_>) -> Cause {
    let stack = Stack::new(subject.goroutine, subject.code);
    let by_state = reason::by_state(subject);
    let cause = by_state
        .or_else(|| known::by_library(&stack))
        .or_else(|| known::by_functions(subject, &stack))
        .or_else(|| io::by_io(subject, &stack))
        .or_else(|| channel::by_source(subject))
        .unwrap_or_else(|| reason::by_reason(subject));
    locks::explain(subject, cause)
}

/// What tells equal stacks apart: the two goroutines of an HTTP connection look alike for all connections.
pub fn distinction(subject: &Subject<'_>) -> Option<CauseCode> {
    let of_connection =
        |frame: &crate::goroutine::Frame| frame.func.as_str().starts_with("net/http.(*persistConn).");
    let stack = || Stack::new(subject.goroutine, subject.code);
    let last = subject.goroutine.frames.last()?;
    of_connection(last)
        .then(|| known::by_functions(subject, &stack()).map(|cause| cause.code))
        .flatten()
}

/// A cause with the registry's words.
fn plain(code: CauseCode) -> Cause {
    with(code, "", "")
}

/// A cause with words of its own; an empty text is the registry's.
fn with(code: CauseCode, waits_for: &str, fix: &str) -> Cause {
    let entry = registry::entry(code);
    let or = |own: &str, general: &str| {
        if own.is_empty() {
            general.to_owned()
        } else {
            own.to_owned()
        }
    };
    Cause {
        code,
        title: entry.title.to_owned(),
        waits_for: or(waits_for, entry.waits_for),
        fix: or(fix, entry.fix),
        notes: Vec::new(),
    }
}

/// Identity of a leak. It hashes what it waits on rather than the code: the code may hang on whether the
/// source could be read, which must not make another leak of it.
pub fn fingerprint(code: CauseCode, goroutine: &Goroutine) -> Fingerprint {
    let depth = if code == CauseCode::BusyLoop {
        Depth::Owner
    } else {
        Depth::Stack
    };
    fingerprint_of(family(goroutine), goroutine, depth)
}

fn family(goroutine: &Goroutine) -> &'static str {
    let calls = |name: &str| goroutine.frames.iter().any(|frame| frame.func.as_str() == name);
    match goroutine.state.wait_reason() {
        WaitReason::ChanReceive | WaitReason::NilChanReceive => "receive",
        WaitReason::ChanSend | WaitReason::NilChanSend => "send",
        WaitReason::Select | WaitReason::SelectNoCases => "select",
        WaitReason::Cond => "cond",
        WaitReason::Mutex => "mutex",
        WaitReason::RwMutex => "rwmutex",
        WaitReason::WaitGroup => "waitgroup",
        WaitReason::Semacquire if calls("sync.(*WaitGroup).Wait") => "waitgroup",
        WaitReason::Semacquire => "semaphore",
        WaitReason::Running if calls("time.Sleep") => "sleep",
        WaitReason::Sleep => "sleep",
        WaitReason::IoWait | WaitReason::Syscall => "io",
        WaitReason::Coroutine => "coroutine",
        WaitReason::Running => "running",
        WaitReason::Synctest | WaitReason::Runtime | WaitReason::Other => "other",
    }
}
