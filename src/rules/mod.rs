//! The team's rules: allow-list, built-in catalog, baseline. Parse, match, lint, edit text.
//! Text in, text out; the day is an argument.

pub mod allow;
pub mod baseline;
pub mod book;
pub mod catalog;
pub mod codeowners;
pub mod conflict;
pub mod edit;
pub mod expression;
pub mod go_mod;
pub mod import;
pub mod lint;
pub mod matching;
pub mod notice;
pub mod pattern;
pub mod policy;
pub mod ruling;
#[cfg(test)]
mod some_leak;
pub mod suggest;

pub use allow::AllowEntry;
pub use baseline::{Baseline, BaselineEntry, BaselineError};
pub use book::{Context, RuleBook, Rulings, Usage};
pub use catalog::{Action, Catalog, CatalogChoices, CatalogEntry};
pub use matching::{LeakNames, ModuleRoot};
pub use notice::RuleNotice;
pub use policy::{Late, LintCode, LintLevel, OncePerProcess, Policy, Required};
pub use ruling::{Ruling, RulingKind};
