//! Why a goroutine does not end: from its wait reason, its frames and the source line.
//!
//! An honest `unknown` beats a wrong guess.

mod verdict;

use super::module::Code;
use super::registry;
use super::{Cause, CauseCode};
use crate::goroutine::{Depth, Fingerprint, Goroutine, GoroutineId, WaitReason, fingerprint_of};

/// One goroutine to be judged.
pub struct Subject<'a> {
    /// Its block.
    pub goroutine: &'a Goroutine,
    /// Its id.
    pub id: GoroutineId,
    /// Own code and sources.
    pub code: &'a Code<'a>,
    /// What else was alive at the time, this one among it.
    pub peers: &'a [Peer<'a>],
}

/// Another goroutine that was alive at the same time.
#[derive(Debug, Clone, Copy)]
pub struct Peer<'a> {
    /// Its id.
    pub id: GoroutineId,
    /// Who started it.
    pub parent: Option<GoroutineId>,
    /// Its block.
    pub goroutine: &'a Goroutine,
}

/// The cause of a goroutine that does not end.
pub fn judge(subject: &Subject<'_>) -> Cause {
    verdict::by_reason(subject)
}

/// A cause with the registry's words.
fn plain(code: CauseCode) -> Cause {
    let entry = registry::entry(code);
    Cause {
        code,
        title: entry.title.to_owned(),
        waits_for: entry.waits_for.to_owned(),
        fix: entry.fix.to_owned(),
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
        WaitReason::Sleep => "sleep",
        WaitReason::IoWait | WaitReason::Syscall => "io",
        WaitReason::Coroutine => "coroutine",
        WaitReason::Running => "running",
        WaitReason::Synctest | WaitReason::Runtime | WaitReason::Other => "other",
    }
}
