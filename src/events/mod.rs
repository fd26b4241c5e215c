//! The events of `go test -json` (cmd/test2json): one JSON object a line. Pure.

pub mod event;

pub use event::{Action, Event, Line, parse};
