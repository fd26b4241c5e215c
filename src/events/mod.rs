//! The events of `go test -json` (cmd/test2json): one JSON object a line, and what they say of packages and tests. Pure.

pub mod bep;
pub mod event;
pub mod framed;
pub mod kept;
pub mod line;
pub mod output;
pub mod quirks;
pub mod tracker;

pub use event::{Action, Event};
pub use kept::KeptOutput;
pub use line::{Line, parse};
pub use tracker::{Crash, PackageOutcome, PackageState, TestOutcome, TestState, Tracker};
