//! The cause by the wait reason alone.

use super::{Subject, plain};
use crate::goroutine::WaitReason;
use crate::leak::{Cause, CauseCode};

/// What the wait reason says, when neither frames nor source say more.
pub(super) fn by_reason(subject: &Subject<'_>) -> Cause {
    let calls = |name: &str| {
        subject
            .goroutine
            .frames
            .iter()
            .any(|frame| frame.func.as_str() == name)
    };
    let code = match subject.goroutine.state.wait_reason() {
        WaitReason::ChanReceive => CauseCode::ReceiveNoSender,
        WaitReason::ChanSend => CauseCode::SendNoReceiver,
        WaitReason::NilChanReceive | WaitReason::NilChanSend => CauseCode::NilChannel,
        WaitReason::Select => CauseCode::SelectNoCase,
        WaitReason::SelectNoCases => CauseCode::SelectEmpty,
        WaitReason::Cond => CauseCode::Cond,
        WaitReason::Mutex if calls("sync.(*Once).doSlow") => CauseCode::Once,
        WaitReason::Mutex if calls("sync.(*RWMutex).Lock") => CauseCode::RwMutexLocked,
        WaitReason::Mutex => CauseCode::MutexLocked,
        WaitReason::RwMutex => CauseCode::RwMutexLocked,
        WaitReason::WaitGroup => CauseCode::WaitGroup,
        WaitReason::Semacquire if calls("sync.(*WaitGroup).Wait") => CauseCode::WaitGroup,
        WaitReason::Sleep => CauseCode::SleepLoop,
        WaitReason::Running if calls("time.Sleep") => CauseCode::SleepLoop,
        WaitReason::Running => CauseCode::BusyLoop,
        WaitReason::Syscall => CauseCode::Syscall,
        WaitReason::Coroutine => CauseCode::Coroutine,
        WaitReason::IoWait
        | WaitReason::Semacquire
        | WaitReason::Synctest
        | WaitReason::Runtime
        | WaitReason::Other => CauseCode::Unknown,
    };
    plain(code)
}
