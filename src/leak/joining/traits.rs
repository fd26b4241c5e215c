//! What joining asks of a group: whose code it is, and what kind of thing would end it.

use crate::goroutine::{name, owner::owner_index};
use crate::leak::{CauseCode, Group};

/// What names say of a group, read once for all its goroutines.
pub(super) struct Traits {
    /// Index into the stack of the entry: the owner's frame.
    pub(super) entry: Option<usize>,
    /// The owner, as names compare.
    pub(super) owner: String,
    /// A test's own function, or a closure of one, ran the `go` statement.
    pub(super) is_of_a_test: bool,
}

impl Traits {
    pub(super) fn of(group: &Group) -> Self {
        let created = group.created.as_ref();
        Self {
            entry: owner_index(&group.stack),
            owner: name::normal(group.owner.as_str()),
            is_of_a_test: created.is_some_and(|created| is_of_a_test(group, created.func.as_str())),
        }
    }
}

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
        | HttpBodyNotClosed | HttpIdleConnection | NetworkIo | FileIo | PipeIo | SignalHandler | Cond
        | ProcessNotWaited | PipeHeld | TimerPending => true,
        // It waits for goroutines that the same object, or the same call, has made.
        WaitGroup | CallWaits => true,
        SendNoReceiver | SendBufferFull | NilChannel | SelectEmpty | MutexLocked | RwMutexLocked | Once
        | Coroutine | FinalizerStuck | Syscall | Cgo | Unknown => false,
    }
}

/// Which of several goroutines that are held together comes first: the lowest. The user's code before a library's; who
/// waits for others last.
pub(super) fn rank(group: &Group, traits: &Traits) -> impl Ord + use<> {
    let waits_for_others = matches!(
        group.cause.code,
        CauseCode::WaitGroup
            | CauseCode::CallWaits
            | CauseCode::MutexLocked
            | CauseCode::RwMutexLocked
            | CauseCode::Once
    );
    (waits_for_others, !group.has_own_line(), is_follower(traits))
}

/// Ends as soon as another of its kind does.
fn is_follower(traits: &Traits) -> bool {
    traits.owner.ends_with(".writeLoop") || traits.owner.ends_with(".connectionResetter")
}

/// Whether a function is a test's own, or a closure of one: what it starts is started by the test.
fn is_of_a_test(group: &Group, func: &str) -> bool {
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
