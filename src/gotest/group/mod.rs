//! A child process with all that it starts: asked to end, or ended, together. One file a platform, with the same items.
//! Edge: processes and their signals.

#[cfg(unix)]
mod guard;
#[cfg(unix)]
mod unix;
#[cfg(windows)]
mod windows;

#[cfg(unix)]
pub(super) use unix::{Group, Running, spawn};
#[cfg(unix)]
pub use unix::{HANG_DUMP, act_by_default, signal_of, watch};
#[cfg(windows)]
pub(super) use windows::{Group, Running, spawn};
#[cfg(windows)]
pub use windows::{HANG_DUMP, act_by_default, signal_of, watch};

/// What came from outside: another program, or the terminal.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outside {
    /// End, with the number of the signal (of Unix, also where there are none).
    End(i32),
    /// Stop until further notice (Ctrl-Z).
    #[cfg_attr(windows, expect(dead_code, reason = "Windows has no such signal"))]
    Suspend,
}

/// Numbers of signals as POSIX and the exit codes 128+N have them.
pub mod number {
    /// The terminal went away.
    pub const HUP: i32 = 1;
    /// Ctrl-C.
    pub const INT: i32 = 2;
    /// Ctrl-\.
    pub const QUIT: i32 = 3;
    /// kill.
    pub const TERM: i32 = 15;
}
