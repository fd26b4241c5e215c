//! The flags of every verb that gates: `test`, `exec`, `check`, `merge`. Long flags only: go owns the short ones.

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
    pub go_args: Vec<String>,
}

/// Flags about judging and reporting.
#[derive(Debug, Args)]
pub struct GateFlags {
    /// Read this rules file instead of the leakgate.toml found upward
    #[arg(long, env = "LEAKGATE_CONFIG", value_name = "PATH", value_parser = path)]
    pub config: Option<PathBuf>,
    /// Read no rules file
    #[arg(long, conflicts_with = "config")]
    pub no_config: bool,
    /// What standard output carries: human, short, json, jsonl, gojson, none
    #[arg(long, env = "LEAKGATE_FORMAT", value_name = "FORMAT", value_parser = word)]
    pub format: Option<String>,
    /// Write a report; FORMAT is json, jsonl, junit, sarif, gitlab, html, md or pprof; repeatable
    #[arg(long = "report", value_name = "FORMAT=PATH", value_parser = word)]
    pub reports: Vec<String>,
    /// Write a JUnit report (same as --report junit=PATH)
    #[arg(long, env = "LEAKGATE_JUNITFILE", value_name = "PATH", value_parser = path)]
    pub junitfile: Option<PathBuf>,
    /// Write the test2json stream, in which leaking tests fail, live
    #[arg(long, env = "LEAKGATE_JSONFILE", value_name = "PATH", value_parser = path)]
    pub jsonfile: Option<PathBuf>,
    /// Colours: auto, always, never
    #[arg(long, env = "LEAKGATE_COLOR", value_name = "WHEN", value_parser = word)]
    pub color: Option<String>,
    /// Progress on standard error: auto, bar, plain, never
    #[arg(long, env = "LEAKGATE_PROGRESS", value_name = "HOW", value_parser = word)]
    pub progress: Option<String>,
    /// Only failures and the summary
    #[arg(long, env = "LEAKGATE_QUIET", conflicts_with = "verbose")]
    pub quiet: bool,
    /// Whole stacks, allowed and background goroutines in full
    #[arg(long, env = "LEAKGATE_VERBOSE")]
    pub verbose: bool,
    /// Goroutines that end after their test: warn, fail or ignore
    #[arg(long, env = "LEAKGATE_LATE", value_name = "LEVEL", value_parser = word)]
    pub late: Option<String>,
    /// Leaks that --confirm saw only once per process: fail or warn
    #[arg(long, env = "LEAKGATE_ONCE_PER_PROCESS", value_name = "LEVEL", value_parser = word)]
    pub once_per_process: Option<String>,
    /// Known debt: passes within its counts
    #[arg(long, env = "LEAKGATE_BASELINE", value_name = "PATH", value_parser = path)]
    pub baseline: Option<PathBuf>,
    /// Leaks of this earlier JSON report pass; only new ones fail
    #[arg(long, env = "LEAKGATE_NEW_FROM", value_name = "REPORT", value_parser = path)]
    pub new_from: Option<PathBuf>,
    /// Make a lint code fail the gate (stale, expired, …); repeatable
    #[arg(long, value_name = "CODE", value_parser = word)]
    pub deny: Vec<String>,
    /// Make a lint code a warning; repeatable
    #[arg(long, value_name = "CODE", value_parser = word)]
    pub warn: Vec<String>,
    /// Silence a lint code; repeatable
    #[arg(long, value_name = "CODE", value_parser = word)]
    pub allow: Vec<String>,
    /// When no test ran: fail, warn or pass
    #[arg(long, env = "LEAKGATE_NO_TESTS", value_name = "LEVEL", value_parser = word)]
    pub no_tests: Option<String>,
    /// Exit code for leaks, instead of 3
    #[arg(long, env = "LEAKGATE_LEAK_EXIT_CODE", value_name = "N")]
    pub leak_exit_code: Option<u8>,
    /// Annotations on standard output: auto, github, teamcity, none
    #[arg(long, env = "LEAKGATE_ANNOTATIONS", value_name = "KIND", value_parser = word)]
    pub annotations: Option<String>,
    /// Markdown summary: auto ($GITHUB_STEP_SUMMARY), none, or a path
    #[arg(long, env = "LEAKGATE_SUMMARY", value_name = "WHERE", value_parser = word)]
    pub summary: Option<String>,
    /// Keep allowed leaks in SARIF, as suppressed results
    #[arg(long, env = "LEAKGATE_SARIF_SUPPRESSED")]
    pub sarif_suppressed: bool,
    /// Run this command after the reports are written
    #[arg(long, env = "LEAKGATE_POST_RUN_COMMAND", value_name = "COMMAND", value_parser = word)]
    pub post_run_command: Option<String>,
}

/// Flags about running go.
#[derive(Debug, Args)]
pub struct RunFlags {
    /// Longest wait for goroutines to end, once per package [default: 400ms]
    #[arg(long, env = "LEAKGATE_SETTLE", value_name = "DURATION", value_parser = word)]
    pub settle: Option<String>,
    /// Ask Go's leak GC: auto (Go ≥ 1.27), on (also 1.26: std is compiled once again), off
    #[arg(long, env = "LEAKGATE_PROVE", value_name = "WHEN", value_parser = word, num_args = 0..=1, require_equals = true, default_missing_value = "on")]
    pub prove: Option<String>,
    /// pprof labels on test goroutines: on or off
    #[arg(long, env = "LEAKGATE_LABELS", value_name = "WHEN", value_parser = word)]
    pub labels: Option<String>,
    /// Run each leaking test again, alone, once and N times in one process [default N: 3]
    #[arg(long, env = "LEAKGATE_CONFIRM", value_name = "N", num_args = 0..=1, require_equals = true, default_missing_value = "3")]
    pub confirm: Option<u32>,
    /// Ask a package that is silent for this long for its goroutines
    #[arg(long, env = "LEAKGATE_HANG_DUMP", value_name = "DURATION", value_parser = word)]
    pub hang_dump: Option<String>,
    /// Time to stop after an interrupt before go is killed [default: 10s]
    #[arg(long, env = "LEAKGATE_KILL_GRACE", value_name = "DURATION", value_parser = word)]
    pub kill_grace: Option<String>,
    /// The go command to run
    #[arg(long, env = "LEAKGATE_GO", value_name = "PATH", value_parser = path)]
    pub go: Option<PathBuf>,
    /// Test the I-th of N parts of the packages
    #[arg(long, env = "LEAKGATE_SHARD", value_name = "I/N", value_parser = word)]
    pub shard: Option<String>,
    /// Balance the parts by the durations of this earlier JSON report; repeatable
    #[arg(long, env = "LEAKGATE_SHARD_BY", value_name = "REPORT", value_parser = path)]
    pub shard_by: Vec<PathBuf>,
    /// Run again when a Go file changes
    #[cfg(feature = "watch")]
    #[arg(long)]
    pub watch: bool,
}

/// A value that is not another flag: `--junitfile -race` must not write a file named `-race`.
fn word(text: &str) -> Result<String, String> {
    if text.starts_with('-') {
        return Err(format!("`{text}` looks like a flag, not a value"));
    }
    Ok(text.to_owned())
}

fn path(text: &str) -> Result<PathBuf, String> {
    word(text).map(PathBuf::from)
}
