//! `leakgate catalog`, `init` and `config`.

use super::gate::GateFlags;
use clap::{Args, ValueEnum};
use std::path::PathBuf;

/// `leakgate catalog`.
#[derive(Debug, Args)]
pub struct CatalogArgs {
    /// Part of a name, function or module
    pub name: Option<String>,
    /// As JSON
    #[arg(long)]
    pub json: bool,
}

/// `leakgate init`.
#[derive(Debug, Args)]
pub struct InitArgs {
    /// Print a CI snippet as well
    #[arg(long, value_name = "CI")]
    pub ci: Option<Ci>,
    /// Where to write it
    #[arg(default_value = "leakgate.toml")]
    pub path: PathBuf,
}

/// A CI with a snippet.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Ci {
    /// GitHub Actions
    Github,
    /// GitLab CI
    Gitlab,
    /// Jenkins
    Jenkins,
    /// pre-commit
    PreCommit,
}

/// `leakgate config`.
#[derive(Debug, Args)]
pub struct ConfigArgs {
    /// As JSON
    #[arg(long)]
    pub json: bool,
    /// Flags as `leakgate test` takes them.
    #[command(flatten)]
    pub gate: GateFlags,
}
