//! `leakgate baseline …`: known debt.

use super::allow::{RunFlags, WriteFlags};
use super::value::path;
use clap::{Args, Subcommand};
use std::path::PathBuf;

/// The verbs of `leakgate baseline`.
#[derive(Debug, Subcommand)]
pub enum BaselineCommand {
    /// Record the leaks of the last run as known debt: from now on only new ones and higher counts fail
    Write(BaselineArgs),
    /// Lower the counts to what the last run found; raises none
    Tighten(BaselineArgs),
}

/// Which run, which file.
#[derive(Debug, Args)]
pub struct BaselineArgs {
    /// The baseline, instead of the one of leakgate.toml
    #[arg(long, value_name = "PATH", value_parser = path)]
    pub baseline: Option<PathBuf>,
    /// Which run.
    #[command(flatten)]
    pub run: RunFlags,
    /// Which rules.
    #[command(flatten)]
    pub file: super::allow::FileFlags,
    /// How it is written.
    #[command(flatten)]
    pub how: WriteFlags,
}
