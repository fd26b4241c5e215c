//! Running `go test` with the shim injected: toolchain, overlay, plan, child process.
//!
//! Edge: touches files (leakgate's cache folder, GOROOT for reading) and processes. Judges nothing: it hands on lines,
//! an exit status and notices. Refuses what would hide leaks from the gate (`-c`, `-coverpkg=all`, a Go it does not know).

pub mod alone;
pub mod cache;
pub mod child;
pub mod command;
pub mod doctor;
pub mod error;
pub mod flags;
pub mod go_version;
pub mod goroot;
pub mod group;
pub mod injection;
pub mod overlay;
pub mod packages;
pub mod plan;
pub mod prepare;
pub mod query;
pub mod shard;
pub mod shim;
pub mod signals;
pub mod toolchain;
pub mod trust;

pub use cache::CacheDir;
pub use child::{ChildCommand, OutputLine, RunEnd, Stream, run};
pub use error::GoTestError;
pub use flags::GoArgs;
pub use go_version::GoVersion;
pub use injection::Injection;
pub use overlay::Overlay;
pub use plan::{GoTestPlan, PlanRequest};
pub use prepare::{Prepared, prepare};
pub use signals::{Interrupt, SignalWatch};
pub use toolchain::Toolchain;
