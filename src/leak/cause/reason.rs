//! The cause by the wait reason alone.

use super::{Subject, plain};
use crate::goroutine::{Goroutine, WaitReason, name};
use crate::leak::{Cause, CauseCode};

/// States that say all, before any frame is looked at.
pub(super) fn by_state(subject: &Subject<'_>) -> Option<Cause> {
    let goroutine = subject.goroutine;
    if is_finalizer(goroutine) {
        return Some(plain(CauseCode::FinalizerStuck));
    }
    match goroutine.state.wait_reason() {
        WaitReason::NilChanReceive | WaitReason::NilChanSend => {
            Some(super::channel::by_source(subject).unwrap_or_else(|| plain(CauseCode::NilChannel)))
        }
        WaitReason::SelectNoCases => Some(plain(CauseCode::SelectEmpty)),
        WaitReason::Coroutine => Some(plain(CauseCode::Coroutine)),
        WaitReason::Running if calls(goroutine, "time.Sleep") => Some(sleeps(subject)),
        WaitReason::Sleep => Some(sleeps(subject)),
        WaitReason::Running => super::running::spins(subject)
            .or_else(|| super::spin::cause(subject))
            .or_else(|| super::busy::cause(subject)),
        _ => None,
    }
}

fn sleeps(subject: &Subject<'_>) -> Cause {
    let mut cause = super::sleep::cause(subject).unwrap_or_else(|| plain(CauseCode::SleepLoop));
    if cause.code == CauseCode::SleepLoop
        && let Some(fix) = super::at_hand::of_sleep(subject).or_else(|| super::busy::end_of_sleep(subject))
    {
        cause.fix = fix;
    }
    cause
}

/// What the wait reason says, when neither frames nor source say more.
pub(super) fn by_reason(subject: &Subject<'_>) -> Cause {
    let goroutine = subject.goroutine;
    plain(match goroutine.state.wait_reason() {
        WaitReason::ChanReceive => CauseCode::ReceiveNoSender,
        WaitReason::ChanSend => CauseCode::SendNoReceiver,
        WaitReason::NilChanReceive | WaitReason::NilChanSend => CauseCode::NilChannel,
        WaitReason::Select => CauseCode::SelectNoCase,
        WaitReason::SelectNoCases => CauseCode::SelectEmpty,
        WaitReason::Cond => CauseCode::Cond,
        WaitReason::Mutex if calls(goroutine, "sync.(*RWMutex).Lock") => CauseCode::RwMutexLocked,
        WaitReason::Mutex => CauseCode::MutexLocked,
        WaitReason::RwMutex => CauseCode::RwMutexLocked,
        WaitReason::WaitGroup => CauseCode::WaitGroup,
        WaitReason::Semacquire if calls(goroutine, "sync.(*WaitGroup).Wait") => CauseCode::WaitGroup,
        WaitReason::Sleep => CauseCode::SleepLoop,
        WaitReason::Running => CauseCode::BusyLoop,
        WaitReason::Syscall => CauseCode::Syscall,
        WaitReason::Coroutine => CauseCode::Coroutine,
        WaitReason::IoWait
        | WaitReason::Semacquire
        | WaitReason::Synctest
        | WaitReason::Runtime
        | WaitReason::Other => CauseCode::Unknown,
    })
}

fn calls(goroutine: &Goroutine, name: &str) -> bool {
    goroutine.frames.iter().any(|frame| frame.func.as_str() == name)
}

/// The runtime's own goroutine shows only while it runs a finalizer or cleanup: under its own name since
/// Go 1.25, before that as a goroutine without a creator.
fn is_finalizer(goroutine: &Goroutine) -> bool {
    let entry = goroutine.frames.last().map_or("", |frame| frame.func.as_str());
    let runs = matches!(
        entry,
        "runtime.runFinalizers" | "runtime.runfinq" | "runtime.runCleanups"
    );
    let creator = goroutine
        .created
        .as_ref()
        .map(|created| name::package(created.func.as_str()));
    let orphan = creator.is_none() && !goroutine.state.locked_to_thread && !goroutine.frames.is_empty();
    runs || (orphan && !matches!(entry, "main.main" | "runtime.main"))
}
