//! `leakgate completions` and `leakgate man`. Edge: prints and writes files.

use crate::app::Failure;
use crate::app::output::say::print;
use crate::cli::Cli;
use crate::cli::tools::{CompletionsArgs, ManArgs};
use crate::exit::ExitCode;
use clap::CommandFactory;

/// Prints a completion script.
pub fn completions(args: &CompletionsArgs) -> Result<ExitCode, Failure> {
    let mut script = Vec::new();
    clap_complete::generate(args.shell, &mut Cli::command(), "leakgate", &mut script);
    print(&script)?;
    Ok(ExitCode::Clean)
}

/// Prints the man page, or writes all of them.
pub fn man(args: &ManArgs) -> Result<ExitCode, Failure> {
    let Some(folder) = &args.out else {
        let mut page = Vec::new();
        clap_mangen::Man::new(Cli::command()).render(&mut page)?;
        print(&page)?;
        return Ok(ExitCode::Clean);
    };
    std::fs::create_dir_all(folder)
        .and_then(|()| clap_mangen::generate_to(Cli::command(), folder))
        .map_err(|error| Failure::Message(format!("can't write to {}: {error}", folder.display())))?;
    Ok(ExitCode::Clean)
}
