//! Names that say that something ends.

/// Names that owners give to what ends them, the best first.
pub(super) const ENDINGS: &[&str] = &[
    "Close",
    "Stop",
    "Shutdown",
    "ShutDown",
    "Cancel",
    "Disconnect",
    "Quit",
    "Done",
    "Finish",
    "Terminate",
    "Dispose",
    "Destroy",
    "Release",
    "Kill",
    "Drain",
    "Unsubscribe",
    "CloseIdleConnections",
    "close",
    "stop",
    "shutdown",
    "cancel",
];

/// Whether a method's name says that it ends something: `Stop`, `StopMonitor`.
pub(super) fn is_ending(name: &str) -> bool {
    let begins = |word: &&str| {
        name.strip_prefix(*word)
            .is_some_and(|rest| rest.is_empty() || rest.starts_with(char::is_uppercase))
    };
    ENDINGS.contains(&name)
        || ["Close", "Stop", "Shutdown", "Cancel", "Quit", "Disconnect"]
            .iter()
            .any(begins)
}

/// Whether it ends a value as a whole, not one use of it as `Done` and `Release` do.
pub(super) fn ends_whole(name: &str) -> bool {
    !matches!(name, "Done" | "Release")
}

/// Those of them that another package can call.
pub(super) fn public() -> impl Iterator<Item = &'static str> {
    ENDINGS
        .iter()
        .copied()
        .filter(|name| name.starts_with(char::is_uppercase))
}
