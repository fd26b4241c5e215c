//! The team's rules: allow-list, built-in catalog, baseline. Parse, match, lint, edit text.
//! Text in, text out; the day is an argument.

pub(crate) mod allow;
pub(crate) mod baseline;
pub(crate) mod book;
pub(crate) mod catalog;
pub(crate) mod codeowners;
pub(crate) mod conflict;
pub mod edit;
pub(crate) mod expression;
pub(crate) mod go_mod;
pub mod import;
pub(crate) mod lint;
pub(crate) mod matching;
pub(crate) mod notice;
pub(crate) mod pattern;
pub(crate) mod policy;
pub(crate) mod ruling;
#[cfg(test)]
mod some_leak;
pub(crate) mod suggest;

pub use lint::{Facts, Lint};

pub(crate) use allow::AllowEntry;
pub use baseline::Baseline;
pub(crate) use book::Context;
pub use book::RuleBook;
pub use catalog::{Action, Catalog, CatalogChoices};
pub use matching::LeakNames;
pub use policy::Policy;
pub(crate) use ruling::Ruling;
pub use ruling::RulingKind;
