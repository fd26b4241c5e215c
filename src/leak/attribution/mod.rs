//! Which test does a goroutine belong to, and how do we know? The only place that decides it.
//!
//! The shim and Go's dumps only say what was seen. For a package that ran to its end [`engine`] reads the evidence: label,
//! lineage, window, and the code on the stack, which overrules these. For a process that died [`dump`] reads the crash's
//! dump, which has no times: the same labels, parents and code.

pub mod by;
pub mod code;
pub mod counted;
#[cfg(test)]
mod counted_tests;
pub mod dump;
pub mod engine;
mod every_way;
pub mod labels;
#[cfg(test)]
mod labels_tests;
mod moved;
mod pools;
mod reach;
mod responses;
mod reused;
#[cfg(test)]
mod reused_tests;
pub mod roles;
mod scene;
pub mod spans;
#[cfg(test)]
mod tests;
pub mod tie;
mod timers;
mod worker;

pub use by::{By, CodePlace, LabelRead};
pub use engine::Tests;
pub use tie::Tie;
