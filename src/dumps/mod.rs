//! Dumps from anywhere: what a stream holds (stacks, crashes, pprof profiles, `go test -json`, CI logs, compressed or
//! not), folded into groups of equal goroutines as it is read, and what two or more of them say about growth.
//!
//! Pure: reads from any reader, knows neither files nor the network. Broken input keeps what is whole and says what was
//! lost.

pub mod against;
pub mod compare;
pub mod crash;
pub mod decode;
pub mod fold;
pub mod judge;
pub mod known;
pub mod model;
pub mod select;
pub mod show;
pub mod view;

pub use decode::{ReadError, Reading, read};
pub use known::{Ids, Known};
pub use model::{Dump, Group, Kind};
