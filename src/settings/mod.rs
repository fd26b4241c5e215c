//! Settings: flags > environment > `leakgate.toml` > defaults, merged once, each value with its source. Pure.

pub mod choices;
pub mod file;
pub mod keys;
pub mod outside;
#[cfg(test)]
mod properties;
mod recovery;
pub mod schema;
pub mod source;
pub mod template;
pub mod value;

pub use file::RulesFile;
pub use keys::{KEYS, Key, Partial, Scope, Settings};
pub use outside::{from_env, from_flags, lint_levels};
pub use source::{Source, Sourced, ValueError};
pub use value::{ReportFile, SettingValue, ShardPart, SummaryTarget};
