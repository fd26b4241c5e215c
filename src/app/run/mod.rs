//! The line of a gated run, shared by the verbs that judge tests. Edge: starts go, through `gotest`.

pub mod assemble;
pub mod bazel;
pub mod confirm;
pub mod ending;
pub mod judge;
pub mod log;
pub mod sharding;
#[cfg(feature = "watch")]
pub mod watch;
