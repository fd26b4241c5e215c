//! The team's rules: allow-list, built-in catalog, baseline. Parse, match, lint, edit text.
//! Text in, text out; the day is an argument.

pub mod ruling;

pub use ruling::{Ruling, RulingKind};
