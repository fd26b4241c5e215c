//! Running `go test` with the shim injected: toolchain, overlay, plan, child process.
//!
//! Edge: touches files (leakgate's cache folder, GOROOT for reading) and processes. Judges nothing: it hands on lines,
//! an exit status and notices. Refuses what would hide leaks from the gate (`-c`, `-coverpkg=all`, a Go it does not know).

pub(crate) mod alone;
pub(crate) mod cache;
pub(crate) mod child;
pub(crate) mod command;
pub(crate) mod doctor;
pub(crate) mod error;
pub(crate) mod flags;
pub(crate) mod go_version;
pub(crate) mod goroot;
pub(crate) mod group;
pub(crate) mod injection;
pub(crate) mod overlay;
pub(crate) mod packages;
pub(crate) mod plan;
pub(crate) mod prepare;
pub(crate) mod query;
pub(crate) mod shard;
pub(crate) mod shim;
pub(crate) mod signals;
pub(crate) mod toolchain;
pub(crate) mod trust;

pub use alone::Order;
pub use cache::CacheEnv;
pub use doctor::{Level, examine};

pub(crate) use cache::CacheDir;
pub(crate) use child::{ChildCommand, RunEnd, Stream, run};
pub(crate) use error::GoTestError;
pub(crate) use flags::GoArgs;
pub(crate) use injection::Injection;
pub(crate) use overlay::Overlay;
pub(crate) use plan::{GoTestPlan, PlanRequest};
pub(crate) use prepare::{Prepared, prepare};
pub use signals::SignalWatch;
pub(crate) use toolchain::Toolchain;
