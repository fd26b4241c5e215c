//! The team's rules: allow-list, built-in catalog, baseline. Parse, match, lint, edit text.
//! Text in, text out; the day is an argument.

pub mod allow;
pub mod catalog;
pub mod names;
pub mod pattern;
pub mod policy;
pub mod problem;
pub mod ruling;

pub use allow::AllowEntry;
pub use ruling::{Ruling, RulingKind};
