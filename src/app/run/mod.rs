//! The line of a gated run, shared by the verbs that judge tests. Edge: starts go, through `gotest`.

pub mod again;
pub mod assemble;
pub mod bazel;
pub mod command;
pub mod confirm;
pub mod judge;
pub mod log;
pub mod once;
pub mod session;
pub mod sharding;
pub mod trace;
#[cfg(feature = "watch")]
pub mod watch;
