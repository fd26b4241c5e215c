//! The verbs about written reports: `report`, `merge`, `schema`.

use super::gate::GateFlags;
use super::value::path;
use crate::report::Format;
use clap::{Args, ValueEnum};
use std::path::PathBuf;

/// `leakgate report`.
#[derive(Debug, Args)]
pub struct ReportArgs {
    /// A JSON report of `--report json=PATH` or `jsonl=PATH`; `-` reads standard input
    #[arg(value_name = "FILE")]
    pub file: PathBuf,
    /// What to write to standard output
    #[arg(long, value_name = "FORMAT", default_value = "human", value_parser = format_name)]
    pub format: Format,
    /// Write a file as well, FORMAT=PATH; repeatable
    #[arg(long = "report", value_name = "FORMAT=PATH", value_parser = report_file)]
    pub reports: Vec<(Format, PathBuf)>,
    /// Whole stacks, allowed and background goroutines in full
    #[arg(long, conflicts_with = "quiet")]
    pub verbose: bool,
    /// Only failures and the result
    #[arg(long)]
    pub quiet: bool,
    /// List so many of the slowest tests
    #[arg(long, value_name = "N", default_value_t = 0)]
    pub slowest: usize,
    /// `auto`, `always` or `never`
    #[arg(long, env = "LEAKGATE_COLOR", value_name = "WHEN", default_value = "auto")]
    pub color: String,
    /// Write no colours (as --color never)
    #[arg(long, conflicts_with = "color")]
    pub no_color: bool,
    /// Write allowed, baselined and background leaks to SARIF, as suppressed results
    #[arg(long)]
    pub sarif_suppressed: bool,
    /// Tells SARIF uploads of one workflow run apart: the job or matrix cell
    #[arg(long, value_name = "NAME", default_value = "")]
    pub sarif_category: String,
    /// From the root of the checkout to the folder that the report's paths start at, for GitHub annotations
    #[arg(long, value_name = "DIR", default_value = "")]
    pub path_prefix: String,
    /// End with the exit code of the report, in place of 0
    #[arg(long)]
    pub exit_code: bool,
}

/// `leakgate merge`.
#[derive(Debug, Args)]
pub struct MergeArgs {
    /// The JSON reports of the shards
    #[arg(value_name = "FILE", required = true, value_parser = path)]
    pub files: Vec<PathBuf>,
    /// How to judge and report.
    #[command(flatten)]
    pub gate: GateFlags,
}

/// `leakgate schema`.
#[derive(Debug, Args)]
pub struct SchemaArgs {
    /// Of which file
    #[arg(value_enum)]
    pub of: SchemaOf,
}

/// What there is a JSON Schema of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum SchemaOf {
    /// The report, `leakgate.report/2`
    Report,
    /// The rules file, leakgate.toml
    Config,
}

fn format_name(text: &str) -> Result<Format, String> {
    text.parse()
}

fn report_file(text: &str) -> Result<(Format, PathBuf), String> {
    let (format, file) = text
        .split_once('=')
        .ok_or("write FORMAT=PATH, as in html=out/leaks.html")?;
    if file.is_empty() {
        return Err("the path is empty".to_owned());
    }
    Ok((format.parse()?, PathBuf::from(file)))
}
