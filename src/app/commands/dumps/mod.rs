//! The verbs about dumps from outside of tests. What they share: where dumps come from, and what they are judged by.

pub mod diff;
pub mod dump;
mod input;
mod judging;
pub mod monitor;
