//! What joining asks of a group: whose code it is, and what kind of thing would end it.

use crate::goroutine::{name, owner::owner_index};
use crate::leak::{CauseCode, Group};

/// Whether the user's own code is on its stack.
pub(super) fn runs_own_code(group: &Group) -> bool {
    !group.own_frames.is_empty()
}

/// Whether it waits to be told: a close, a cancel, the next thing to do. What its maker's Close would end.
pub(super) fn waits_to_be_told(group: &Group) -> bool {
    use CauseCode::*;
    match group.cause.code {
        ReceiveNoSender | RangeNeverClosed | SelectNoCase | TickerLoop | SleepLoop | BusyLoop
        | ContextNotCancelled | ListenerNotClosed | ServerNotClosed | ClientNotClosed | SqlNotClosed
        | HttpBodyNotClosed | HttpIdleConnection | NetworkIo | FileIo | SignalHandler | Cond
        | ProcessNotWaited | PipeHeld | TimerPending => true,
        // It waits for goroutines that the same object, or the same call, has made.
        WaitGroup | CallWaits => true,
        SendNoReceiver | SendBufferFull | NilChannel | SelectEmpty | MutexLocked | RwMutexLocked | Once
        | Coroutine | FinalizerStuck | Syscall | Cgo | Unknown => false,
    }
}

/// Which of several goroutines that are held together comes first: the lowest. The user's code before a library's; who
/// waits for others last.
pub(super) fn rank(group: &Group) -> impl Ord {
    let waits_for_others = matches!(
        group.cause.code,
        CauseCode::WaitGroup
            | CauseCode::CallWaits
            | CauseCode::MutexLocked
            | CauseCode::RwMutexLocked
            | CauseCode::Once
    );
    (waits_for_others, !group.has_own_line(), is_follower(group))
}

/// Ends as soon as another of its kind does.
fn is_follower(group: &Group) -> bool {
    let entry = name::normal(group.owner.as_str());
    entry.ends_with(".writeLoop") || entry.ends_with(".connectionResetter")
}

/// Index into the stack of the entry: the owner's frame.
pub(super) fn entry(group: &Group) -> Option<usize> {
    owner_index(&group.stack)
}

/// Whether a function is a test's own, or a closure of one: what it starts is started by the test.
pub(super) fn is_of_a_test(group: &Group, func: &str) -> bool {
    let package = name::package(func);
    let under_test = package.strip_suffix("_test").unwrap_or(package);
    let rest = func
        .get(package.len()..)
        .unwrap_or_default()
        .trim_start_matches('.');
    let function = rest.split(['.', '[', '(']).next().unwrap_or_default();
    let prefixes = ["Test", "Benchmark", "Fuzz", "Example"];
    name::import_path(func).starts_with(group.package.as_str().trim_end_matches("_test"))
        && !under_test.is_empty()
        && prefixes.iter().any(|prefix| function.starts_with(prefix))
}
