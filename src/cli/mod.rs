//! The command line as typed: clap types, one file per subcommand. No decisions are made here.

pub(crate) mod allow;
pub(crate) mod baseline;
pub(crate) mod dumps;
pub(crate) mod explain;
pub(crate) mod gate;
pub(crate) mod project;
pub(crate) mod reference;
pub(crate) mod render;
pub(crate) mod setting_flags;
pub(crate) mod tools;
pub(crate) mod value;

pub use reference::markdown;

use clap::{Parser, Subcommand};

/// The exit codes, as `--help` shows them.
const EXIT_CODES: &str = "\
Exit codes:
  0      tests passed, no leak that is not allowed
  1      go's own verdict: tests or build failed (leaks are listed too)
  2      usage, config or rules file; go missing; no events; leakgate itself failed
  3      go passed, the leak gate failed: leaks, or a denied lint
  4      nothing ran
  5      inconclusive: evidence of some package is missing
  128+N  interrupted by signal N; the partial report is written and says so";

/// The goroutine-leak gate for Go test suites.
#[derive(Debug, Parser)]
#[command(name = "leakgate", version, after_help = EXIT_CODES, max_term_width = 100)]
pub struct Cli {
    /// What to do.
    #[command(subcommand)]
    pub command: Command,
}

/// The subcommands.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Run `go test` and fail every test that leaves goroutines behind
    ///
    /// leakgate's own flags come first; everything from the first flag or word that is not leakgate's goes to
    /// `go test` unchanged. Without any such argument, leakgate tests `./...`.
    #[command(after_long_help = EXIT_CODES)]
    Test(gate::TestArgs),
    /// Gate a command that runs `go test -json` itself (gotestsum --raw-command, make)
    ///
    /// The command finds the shim in its environment (GOFLAGS) and prints events on standard output.
    #[command(after_long_help = EXIT_CODES, mut_args(setting_flags::of_verb("exec")))]
    Exec(tools::ExecArgs),
    /// Run and gate one prebuilt test binary that has the shim in it (Bazel's --run_under, `go test -c`)
    ///
    /// The binary must come from a toolchain with the shim: see `leakgate overlay`. Under Bazel the reports go where it
    /// collects them (XML_OUTPUT_FILE, TEST_UNDECLARED_OUTPUTS_DIR).
    #[command(after_long_help = EXIT_CODES, mut_args(setting_flags::of_verb("run")))]
    Run(tools::RunArgs),
    /// Gate a saved log of `go test -json` that was made with the shim
    #[command(after_long_help = EXIT_CODES, mut_args(setting_flags::of_verb("check")))]
    Check(tools::CheckArgs),
    /// Print the flags and environment that put the shim into any `go test`
    Overlay(tools::OverlayArgs),
    /// Check everything the gate needs here, and say what to fix
    Doctor(tools::DoctorArgs),
    /// Write a JSON report in another format
    Report(render::ReportArgs),
    /// Make one report of the reports of shards, with one verdict and one exit code
    #[command(after_long_help = EXIT_CODES, mut_args(setting_flags::of_verb("merge")))]
    Merge(render::MergeArgs),
    /// Print the JSON Schema of the report or of leakgate.toml
    Schema(render::SchemaArgs),
    /// Maintain the allow-list in leakgate.toml
    #[command(subcommand)]
    Allow(allow::AllowCommand),
    /// Record known leaks, so that only new ones fail
    #[command(subcommand)]
    Baseline(baseline::BaselineCommand),
    /// Show the built-in entries for goroutines of known libraries
    Catalog(project::CatalogArgs),
    /// Write a commented leakgate.toml
    Init(project::InitArgs),
    /// Set up an editor so that its test view runs tests under the gate
    Ide(project::IdeArgs),
    /// Explain a cause, a leak by its fingerprint, or a lint
    Explain(explain::ExplainArgs),
    /// Read a goroutine dump from anywhere: groups, causes, rules
    ///
    /// Stacks, crashes, goroutine profiles (text and binary), goroutineleak, `go test -json`, CI and container logs, gzip or
    /// zstd; leakgate detects which. Exit code 5: something could not be read.
    Dump(dumps::DumpArgs),
    /// Compare dumps, or two JSON reports: what is new, gone and grew
    Diff(dumps::DiffArgs),
    /// Watch a running service's goroutine profile, and say what grows
    Monitor(dumps::MonitorArgs),
    /// Show the effective settings and where each came from
    Config(project::ConfigArgs),
    /// Print a completion script
    Completions(tools::CompletionsArgs),
    /// Print the man page
    Man(tools::ManArgs),
}
