//! `leakgate dump`, `diff` and `monitor`.

use super::value::{path, word};
use crate::dumps::compare::{By, DiffFormat, FailOn};
use crate::dumps::select::{Dimension, Filter};
use crate::dumps::show::DumpFormat;
use crate::settings::value::SettingValue;
use clap::Args;
use std::path::PathBuf;
use std::time::Duration;

/// `leakgate dump`.
#[derive(Debug, Args)]
pub struct DumpArgs {
    /// Files, `-` for standard input, or http(s) URLs; a server alone means its /debug/pprof/goroutine
    #[arg(value_name = "FILE|-|URL", required_unless_present = "pid")]
    pub sources: Vec<String>,
    /// Which process.
    #[command(flatten)]
    pub process: ProcessFlags,
    /// What rows are put together by: owner, cause, state, labels, label:KEY, top, created-by, package, fingerprint, rule,
    /// stack [default: owner,cause,state,labels]
    #[arg(long, value_name = "KEYS", value_delimiter = ',')]
    pub group_by: Vec<Dimension>,
    /// Which goroutines.
    #[command(flatten)]
    pub select: SelectFlags,
    /// Show only the largest groups
    #[arg(long, value_name = "N")]
    pub top: Option<usize>,
    /// What to write to standard output: human, json, html, md or pprof
    #[arg(long, value_name = "FORMAT", default_value = "human", value_parser = dump_format)]
    pub format: DumpFormat,
    /// Whole stacks
    #[arg(long)]
    pub verbose: bool,
    /// Look for the leaks of this JSON report or baseline, and say which are alive here
    #[arg(long, value_name = "REPORT|BASELINE", value_parser = path)]
    pub against: Option<PathBuf>,
    /// Which rules.
    #[command(flatten)]
    pub rules: RulesFlags,
    /// How URLs are fetched.
    #[command(flatten)]
    pub fetch: FetchFlags,
}

/// A process on this host.
#[derive(Debug, Args)]
pub struct ProcessFlags {
    /// Ask this Go process, over its gops agent
    #[arg(long, value_name = "PID")]
    pub pid: Option<u32>,
    /// With --pid: send SIGQUIT, which makes the process print its goroutines and ends it
    #[arg(long, requires = "pid")]
    pub sigquit: bool,
}

/// Which goroutines count.
#[derive(Debug, Args)]
pub struct SelectFlags {
    /// Only goroutines that match KEY=PATTERN (KEY!=PATTERN: that do not); keys and patterns as in [[allow]]; repeatable
    #[arg(long, value_name = "KEY=PATTERN", value_parser = filter)]
    pub filter: Vec<Filter>,
    /// Only goroutines that wait like this, as in --filter state=
    #[arg(long, value_name = "STATE", value_parser = word)]
    pub state: Option<String>,
    /// Only goroutines that run this code, as in --filter entry=
    #[arg(long, value_name = "FUNCTION", value_parser = word)]
    pub owner: Option<String>,
}

/// Where rules come from.
#[derive(Debug, Args)]
pub struct RulesFlags {
    /// Read this rules file instead of the leakgate.toml found upward
    #[arg(long, env = "LEAKGATE_CONFIG", value_name = "PATH", value_parser = path)]
    pub config: Option<PathBuf>,
    /// Read no rules file
    #[arg(long, conflicts_with = "config")]
    pub no_config: bool,
}

/// How URLs are fetched.
#[derive(Debug, Args)]
pub struct FetchFlags {
    /// A header to send with requests, such as `Authorization: Bearer …`; repeatable, in LEAKGATE_HEADER one a line
    #[arg(
        long,
        env = "LEAKGATE_HEADER",
        hide_env_values = true,
        value_name = "NAME: VALUE"
    )]
    pub header: Vec<String>,
    /// Trust the certificate authorities of this PEM file, and no others
    #[arg(long, value_name = "FILE", value_parser = path)]
    pub ca: Option<PathBuf>,
    /// How long one fetch may take
    #[arg(long, value_name = "DURATION", default_value = "30s", value_parser = duration)]
    pub timeout: Duration,
    /// How many MiB one fetch may give
    #[arg(long, value_name = "MIB", default_value_t = 1024)]
    pub max_size: u64,
}

/// `leakgate diff`.
#[derive(Debug, Args)]
pub struct DiffArgs {
    /// Dumps in the order in which they were taken, or JSON reports; a file that holds several dumps counts for as many
    #[arg(value_name = "FILE|-|URL", required = true, num_args = 1..)]
    pub sources: Vec<String>,
    /// Compare leak by leak, or all goroutines of an owner [default: fingerprint for two, owner for more]
    #[arg(long, value_name = "fingerprint|owner", value_parser = by)]
    pub by: Option<By>,
    /// How much time passed between the dumps, for rates per minute
    #[arg(long, value_name = "DURATION", value_parser = duration)]
    pub every: Option<Duration>,
    /// Fail with exit code 3 if an owner or leak grew by more (growth>N), if more are new (new>N), or if the total grew by
    /// more (total>N); repeatable
    #[arg(long, value_name = "RULE", value_parser = fail_on)]
    pub fail_on: Vec<FailOn>,
    /// Which goroutines.
    #[command(flatten)]
    pub select: SelectFlags,
    /// List at most this many of each kind
    #[arg(long, value_name = "N", default_value_t = 20)]
    pub top: usize,
    /// What to write to standard output: human, json or md
    #[arg(long, value_name = "FORMAT", default_value = "human", value_parser = diff_format)]
    pub format: DiffFormat,
    /// Which rules.
    #[command(flatten)]
    pub rules: RulesFlags,
    /// How URLs are fetched.
    #[command(flatten)]
    pub fetch: FetchFlags,
}

/// `leakgate monitor`.
#[derive(Debug, Args)]
pub struct MonitorArgs {
    /// The service: http(s)://HOST:PORT, or the URL of its goroutine profile
    #[arg(value_name = "URL", required_unless_present = "pid", conflicts_with = "pid")]
    pub url: Option<String>,
    /// Ask this Go process, over its gops agent
    #[arg(long, value_name = "PID")]
    pub pid: Option<u32>,
    /// Time between samples
    #[arg(long, value_name = "DURATION", default_value = "10s", value_parser = duration)]
    pub every: Duration,
    /// How long to watch
    #[arg(long = "for", value_name = "DURATION", default_value = "5m", value_parser = duration)]
    pub watch_for: Duration,
    /// Compare all goroutines of an owner, or leak by leak
    #[arg(long, value_name = "fingerprint|owner", default_value = "owner", value_parser = by)]
    pub by: By,
    /// Fail with exit code 3 if an owner or leak grew by more (growth>N), if more are new (new>N), or if the total grew by
    /// more (total>N); repeatable
    #[arg(long, value_name = "RULE", value_parser = fail_on)]
    pub fail_on: Vec<FailOn>,
    /// Look for the leaks of this JSON report or baseline in the last sample
    #[arg(long, value_name = "REPORT|BASELINE", value_parser = path)]
    pub against: Option<PathBuf>,
    /// Which goroutines.
    #[command(flatten)]
    pub select: SelectFlags,
    /// List at most this many of each kind
    #[arg(long, value_name = "N", default_value_t = 20)]
    pub top: usize,
    /// What to write to standard output at the end: human, json or md; samples go to standard error as they come
    #[arg(long, value_name = "FORMAT", default_value = "human", value_parser = diff_format)]
    pub format: DiffFormat,
    /// Which rules.
    #[command(flatten)]
    pub rules: RulesFlags,
    /// How the service is asked.
    #[command(flatten)]
    pub fetch: FetchFlags,
}

fn named<T: Copy>(text: &str, names: &[(&str, T)]) -> Result<T, String> {
    let found = names.iter().find(|(name, _)| *name == text);
    found.map(|(_, value)| *value).ok_or_else(|| {
        let names: Vec<&str> = names.iter().map(|(name, _)| *name).collect();
        format!("write one of {}", names.join(", "))
    })
}

fn dump_format(text: &str) -> Result<DumpFormat, String> {
    named(text, &DumpFormat::NAMES)
}

fn diff_format(text: &str) -> Result<DiffFormat, String> {
    named(text, &DiffFormat::NAMES)
}

fn by(text: &str) -> Result<By, String> {
    named(text, &[("fingerprint", By::Fingerprint), ("owner", By::Owner)])
}

fn filter(text: &str) -> Result<Filter, String> {
    text.parse()
}

fn fail_on(text: &str) -> Result<FailOn, String> {
    text.parse()
}

fn duration(text: &str) -> Result<Duration, String> {
    Duration::from_text(text).ok_or_else(|| format!("write {}", <Duration as SettingValue>::expected()))
}
