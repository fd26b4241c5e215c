//! Settings: flags > environment > `leakgate.toml` > defaults, merged once, each value with its source. Pure.

pub(crate) mod choices;
pub(crate) mod file;
pub(crate) mod keys;
pub(crate) mod outside;
#[cfg(test)]
mod properties;
mod recovery;
pub(crate) mod schema;
pub(crate) mod source;
pub(crate) mod template;
pub(crate) mod value;

pub use file::read;

pub use file::RulesFile;
pub(crate) use keys::Settings;
pub(crate) use outside::{from_env, lint_levels};
pub(crate) use source::{Source, Sourced};
pub(crate) use value::SummaryTarget;
