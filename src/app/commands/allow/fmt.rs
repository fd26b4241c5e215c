//! `leakgate allow fmt`: lays the entries out; comments stay with them.

use super::rules_file;
use crate::app::Failure;
use crate::app::output::say::{conclude, say};
use crate::app::project::team_file::{diff, refuse_in_ci};
use crate::cli::allow::FmtArgs;
use crate::exit::ExitCode;
use crate::rules::edit;

/// Runs the verb.
pub fn run(args: &FmtArgs) -> Result<ExitCode, Failure> {
    let file = rules_file(&args.file)?;
    let before = file.existing()?;
    file.parse(&before)?;
    let format =
        |text: &str| edit::format(text).map_err(|error| Failure::Message(format!("{}: {error}", file.name)));
    if args.check {
        let after = format(&before)?;
        let verdict = if before == after {
            ExitCode::Clean
        } else {
            ExitCode::Leaks
        };
        return Ok(conclude(&diff(&before, &after, &file.name), verdict));
    }
    refuse_in_ci(args.how.in_ci, &file.name)?;
    let change = file.change(format)?;
    say(&change.diff(&file.name))?;
    Ok(ExitCode::Clean)
}
