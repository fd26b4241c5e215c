//! Dumps from anywhere: what a stream holds (stacks, crashes, pprof profiles, `go test -json`, CI logs, compressed or
//! not), folded into groups of equal goroutines as it is read, and what two or more of them say about growth.
//!
//! Pure: reads from any reader, knows neither files nor the network. Broken input keeps what is whole and says what was
//! lost.

pub(crate) mod against;
pub(crate) mod compare;
pub(crate) mod crash;
pub(crate) mod decode;
pub(crate) mod fold;
pub(crate) mod judge;
pub(crate) mod known;
pub(crate) mod model;
pub(crate) mod select;
pub(crate) mod show;
pub(crate) mod view;

pub(crate) use decode::Reading;
pub use decode::read;
pub(crate) use model::{Dump, Group, Kind};
