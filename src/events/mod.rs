//! The events of `go test -json` (cmd/test2json): one JSON object a line, and what they say of packages and tests. Pure.

pub(crate) mod batch;
pub(crate) mod bep;
pub(crate) mod event;
pub(crate) mod framed;
pub(crate) mod kept;
pub(crate) mod layout;
pub(crate) mod line;
pub(crate) mod quirks;
pub(crate) mod tracker;

pub(crate) use batch::Batch;
pub(crate) use event::{Action, Event};
pub use line::{Line, parse};
pub use tracker::Tracker;
pub(crate) use tracker::{PackageOutcome, PackageState, TestOutcome, TestState};
