//! The flags of every verb that gates: `test`, `exec`, `check`, `merge`. Long flags only: go owns the short ones.

use super::setting_flags::SettingFlags;
use super::value::{path, word};
use clap::Args;
use std::path::PathBuf;

/// `leakgate test`.
#[derive(Debug, Args)]
pub struct TestArgs {
    /// How to judge and report.
    #[command(flatten)]
    pub gate: GateFlags,
    /// How to run go.
    #[command(flatten)]
    pub run: RunFlags,
    /// Flags and packages for `go test` [default: ./...]
    #[arg(
        trailing_var_arg = true,
        allow_hyphen_values = true,
        value_name = "GO TEST ARGS"
    )]
    pub go_args: Vec<std::ffi::OsString>,
}

/// Flags about judging and reporting.
#[derive(Debug, Default, Args)]
pub struct GateFlags {
    /// Read this rules file instead of the leakgate.toml found upward
    #[arg(long, env = "LEAKGATE_CONFIG", value_name = "PATH", value_parser = path, hide_env = true)]
    pub config: Option<PathBuf>,
    /// Read no rules file
    #[arg(long, conflicts_with = "config", hide_short_help = true)]
    pub no_config: bool,
    /// Every setting has a flag.
    #[command(flatten)]
    pub settings: SettingFlags,
    /// Only failures and the summary
    #[arg(long, conflicts_with = "verbose")]
    pub quiet: bool,
    /// Whole stacks, allowed and background goroutines in full
    #[arg(long)]
    pub verbose: bool,
    /// Write no colours (as --color never)
    #[arg(long, conflicts_with = "color", hide_short_help = true)]
    pub no_color: bool,
    /// Leaks of this earlier JSON report pass; only new ones fail
    #[arg(long, env = "LEAKGATE_NEW_FROM", value_name = "REPORT", value_parser = path, hide_short_help = true)]
    pub new_from: Option<PathBuf>,
    /// Make a lint code fail the gate (stale, expired, …); repeatable
    #[arg(long, value_name = "CODE", value_parser = word, hide_short_help = true)]
    pub deny: Vec<String>,
    /// Make a lint code a warning; repeatable
    #[arg(long, value_name = "CODE", value_parser = word, hide_short_help = true)]
    pub warn: Vec<String>,
    /// Silence a lint code; repeatable
    #[arg(long, value_name = "CODE", value_parser = word, hide_short_help = true)]
    pub allow: Vec<String>,
    /// Report leaks, but let only go's own verdict decide the exit code
    #[arg(long)]
    pub exit_zero: bool,
}

/// Flags about running go.
#[derive(Debug, Args)]
pub struct RunFlags {
    /// The go command to run
    #[arg(long, env = "LEAKGATE_GO", value_name = "PATH", default_value = "go", value_parser = path, hide_short_help = true)]
    pub go: PathBuf,
    /// Balance the parts of --shard by the durations of this earlier JSON report; repeatable
    #[arg(long, env = "LEAKGATE_SHARD_BY", value_name = "REPORT", value_parser = path, hide_short_help = true)]
    pub shard_by: Vec<PathBuf>,
    /// Run again when a Go file changes
    #[cfg(feature = "watch")]
    #[arg(long)]
    pub watch: bool,
}
