//! `leakgate allow …`: one file per verb.

pub mod add;
mod applying;
mod change_entry;
pub mod fmt;
pub mod import;
pub mod lint;
pub mod list;
pub mod prune;
pub mod review;
pub mod try_entry;

use crate::app::Failure;
use crate::app::project::here::Project;
use crate::app::project::rules_document;
use crate::app::project::team_file::TeamFile;
use crate::cli::allow::{AllowCommand, FileFlags};
use crate::exit::ExitCode;
use crate::rules::policy::Policy;
use crate::settings::file::RulesFile;

/// Runs the verb.
pub fn run(command: &AllowCommand) -> Result<ExitCode, Failure> {
    match command {
        AllowCommand::Add(args) => add::run(args),
        AllowCommand::Review(args) => review::run(args),
        AllowCommand::Remove(args) => change_entry::remove(args),
        AllowCommand::Extend(args) => change_entry::extend(args),
        AllowCommand::Lint(args) => lint::run(args),
        AllowCommand::Prune(args) => prune::run(args),
        AllowCommand::List(args) => list::run(args),
        AllowCommand::Fmt(args) => fmt::run(args),
        AllowCommand::Test(args) => try_entry::run(args),
        AllowCommand::Import(args) => import::run(args),
    }
}

/// The rules file that the flags mean.
fn rules_file(flags: &FileFlags) -> Result<TeamFile, Failure> {
    Ok(Project::here()?.rules(flags.config.as_deref()))
}

/// What an entry of this file must say.
fn policy(says: &RulesFile) -> Result<Policy, Failure> {
    Ok(rules_document::policy(
        &rules_document::settings(says)?,
        says,
        &[],
    ))
}

/// `1 entry`, `3 entries`.
fn entries(count: usize) -> String {
    if count == 1 {
        "1 entry".to_owned()
    } else {
        format!("{count} entries")
    }
}

/// The line of an entry, given as a number or as leakgate prints the place: `3`, `leakgate.toml:3`, `leakgate.toml:3:1`.
fn line_of(given: &str, file: &TeamFile) -> Option<u32> {
    let within = given
        .strip_prefix(file.name.as_str())
        .and_then(|rest| rest.strip_prefix(':'));
    let line = within.map_or(given, |rest| rest.split(':').next().unwrap_or(rest));
    line.parse().ok()
}
