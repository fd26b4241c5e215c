//! `leakgate allow …`: maintain the allow-list.

use super::value::{path, word};
use clap::{Args, Subcommand, ValueEnum};
use std::path::PathBuf;

/// The verbs of `leakgate allow`.
#[derive(Debug, Subcommand)]
pub enum AllowCommand {
    /// Add entries for leaks of the last run
    Add(AddArgs),
    /// Go through the leaks of the last run one by one
    Review(ReviewArgs),
    /// Remove entries
    Remove(RemoveArgs),
    /// Set a new last day of entries
    Extend(ExtendArgs),
    /// Check the entries; needs no Go
    Lint(LintArgs),
    /// Remove entries that no longer match anything, and expired ones
    Prune(PruneArgs),
    /// Show who owns what, until when, and how often it matched
    List(ListArgs),
    /// Lay the entries out: keys in order, one empty line between entries
    Fmt(FmtArgs),
    /// Try an entry on a goroutine dump
    Test(TryArgs),
    /// Read the ignore lists of goleak, gleak, leaktest and OpenTelemetry's metadata.yaml
    Import(ImportArgs),
}

/// Which rules file.
#[derive(Debug, Args)]
pub struct FileFlags {
    /// The rules file, instead of the leakgate.toml found upward
    #[arg(long, env = "LEAKGATE_CONFIG", value_name = "PATH", value_parser = path)]
    pub config: Option<PathBuf>,
}

/// Of a verb that writes.
#[derive(Debug, Args)]
pub struct WriteFlags {
    /// Write also in CI, where rules are otherwise not changed
    #[arg(long)]
    pub in_ci: bool,
}

/// Which run.
#[derive(Debug, Args)]
pub struct RunFlags {
    /// A JSON report, instead of the last run of this project
    #[arg(long, value_name = "REPORT", value_parser = path)]
    pub from: Option<PathBuf>,
}

/// What entries say about themselves.
#[derive(Debug, Args)]
pub struct EntryFlags {
    /// Who looks after it [default of add and review: by CODEOWNERS]
    #[arg(long, value_name = "WHO", value_parser = word)]
    pub owner: Option<String>,
    /// Where it is discussed
    #[arg(long, value_name = "LINK", value_parser = word)]
    pub issue: Option<String>,
    /// Its last day
    #[arg(long, value_name = "YYYY-MM-DD")]
    pub expires: Option<jiff::civil::Date>,
}

/// How wide an entry is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Scope {
    /// These tests
    Test,
    /// This package
    Package,
    /// The whole module
    Module,
}

/// `leakgate allow add`.
#[derive(Debug, Args)]
pub struct AddArgs {
    /// Fingerprints from the report; the first few characters do
    #[arg(required = true, value_name = "FINGERPRINT")]
    pub fingerprints: Vec<String>,
    /// Why it may stay
    #[arg(long, value_name = "TEXT", value_parser = word)]
    pub reason: String,
    /// What the entry says.
    #[command(flatten)]
    pub entry: EntryFlags,
    /// How many goroutines it covers in one test process [default: as many as were found]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u64).range(1..))]
    pub max: Option<u64>,
    /// Write no `max`: any number passes
    #[arg(long, conflicts_with = "max")]
    pub no_max: bool,
    /// Write no `expires`: the entry has no last day
    #[arg(long, conflicts_with = "expires")]
    pub no_expires: bool,
    /// How wide it is
    #[arg(long, default_value = "package")]
    pub scope: Scope,
    /// Show the change, write nothing
    #[arg(long)]
    pub dry_run: bool,
    /// Which run.
    #[command(flatten)]
    pub run: RunFlags,
    /// Which file.
    #[command(flatten)]
    pub file: FileFlags,
    /// How it is written.
    #[command(flatten)]
    pub write: WriteFlags,
}

/// `leakgate allow review`.
#[derive(Debug, Args)]
pub struct ReviewArgs {
    /// What every accepted entry says.
    #[command(flatten)]
    pub entry: EntryFlags,
    /// Which run.
    #[command(flatten)]
    pub run: RunFlags,
    /// Which file.
    #[command(flatten)]
    pub file: FileFlags,
    /// How it is written.
    #[command(flatten)]
    pub write: WriteFlags,
}

/// `leakgate allow remove`.
#[derive(Debug, Args)]
pub struct RemoveArgs {
    /// Lines in the rules file, functions, or fingerprints of leaks that the entries cover
    #[arg(required = true, value_name = "ENTRY")]
    pub entries: Vec<String>,
    /// Show the change, write nothing
    #[arg(long)]
    pub dry_run: bool,
    /// Which file.
    #[command(flatten)]
    pub file: FileFlags,
    /// How it is written.
    #[command(flatten)]
    pub how: WriteFlags,
}

/// `leakgate allow extend`.
#[derive(Debug, Args)]
pub struct ExtendArgs {
    /// Lines in the rules file, functions, or fingerprints of leaks that the entries cover
    #[arg(required = true, value_name = "ENTRY")]
    pub entries: Vec<String>,
    /// The new last day [default: the policy's default-days from today]
    #[arg(long, value_name = "YYYY-MM-DD")]
    pub expires: Option<jiff::civil::Date>,
    /// The new last day, as days from today
    #[arg(long, value_name = "N", conflicts_with = "expires")]
    pub days: Option<u32>,
    /// Show the change, write nothing
    #[arg(long)]
    pub dry_run: bool,
    /// Which file.
    #[command(flatten)]
    pub file: FileFlags,
    /// How it is written.
    #[command(flatten)]
    pub how: WriteFlags,
}

/// `leakgate allow lint`.
#[derive(Debug, Args)]
pub struct LintArgs {
    /// Apply the fixes that are safe
    #[arg(long)]
    pub fix: bool,
    /// Make a code fail; repeatable
    #[arg(long, value_name = "CODE", value_parser = word)]
    pub deny: Vec<String>,
    /// Make a code a warning; repeatable
    #[arg(long, value_name = "CODE", value_parser = word)]
    pub warn: Vec<String>,
    /// Silence a code; repeatable
    #[arg(long, value_name = "CODE", value_parser = word)]
    pub allow: Vec<String>,
    /// One line a finding: file:line:column: level[code]: message
    #[arg(long)]
    pub short: bool,
    /// As JSON
    #[arg(long, conflicts_with_all = ["short", "fix"])]
    pub json: bool,
    /// Which file.
    #[command(flatten)]
    pub file: FileFlags,
    /// How it is written.
    #[command(flatten)]
    pub how: WriteFlags,
}

/// `leakgate allow prune`.
#[derive(Debug, Args)]
pub struct PruneArgs {
    /// Apply the change that is otherwise only shown
    #[arg(long)]
    pub write: bool,
    /// Remove what matched nothing in this many recorded full runs
    #[arg(long, value_name = "N", default_value_t = 1, value_parser = clap::value_parser!(u32).range(1..=20))]
    pub runs: u32,
    /// Which run.
    #[command(flatten)]
    pub run: RunFlags,
    /// Which file.
    #[command(flatten)]
    pub file: FileFlags,
    /// How it is written.
    #[command(flatten)]
    pub how: WriteFlags,
}

/// `leakgate allow list`.
#[derive(Debug, Args)]
pub struct ListArgs {
    /// Only entries of this owner
    #[arg(long, value_name = "WHO")]
    pub owner: Option<String>,
    /// As JSON, one document
    #[arg(long)]
    pub json: bool,
    /// Which file.
    #[command(flatten)]
    pub file: FileFlags,
}

/// `leakgate allow fmt`.
#[derive(Debug, Args)]
pub struct FmtArgs {
    /// Change nothing; exit code 3 if something would change
    #[arg(long)]
    pub check: bool,
    /// Which file.
    #[command(flatten)]
    pub file: FileFlags,
    /// How it is written.
    #[command(flatten)]
    pub how: WriteFlags,
}

/// `leakgate allow test`.
#[derive(Debug, Args)]
pub struct TryArgs {
    /// The line of an entry in the rules file, or an entry such as 'any = "example.com/x/..."'
    pub entry: String,
    /// A goroutine dump, or - for standard input
    #[arg(value_name = "DUMP")]
    pub dump: PathBuf,
    /// Which file.
    #[command(flatten)]
    pub file: FileFlags,
}

/// `leakgate allow import`.
#[derive(Debug, Args)]
pub struct ImportArgs {
    /// Folders to read, with ... for all below [default: ./...]
    #[arg(value_name = "FOLDER")]
    pub folders: Vec<String>,
    /// Add the entries to the rules file; otherwise they are only shown
    #[arg(long)]
    pub write: bool,
    /// What every entry says.
    #[command(flatten)]
    pub entry: EntryFlags,
    /// Which file.
    #[command(flatten)]
    pub file: FileFlags,
    /// How it is written.
    #[command(flatten)]
    pub how: WriteFlags,
}
