//! `leakgate completions` and `leakgate man`: the program about itself.

use crate::app::Failure;
use crate::app::output::output_file::OutputFile;
use crate::app::output::say::print;
use crate::cli::Cli;
use crate::cli::tools::{CompletionsArgs, ManArgs};
use crate::exit::ExitCode;
use clap::{Command, CommandFactory};
use std::path::Path;

/// Prints a completion script.
pub fn completions(args: &CompletionsArgs) -> Result<ExitCode, Failure> {
    let mut script = Vec::new();
    clap_complete::generate(args.shell, &mut Cli::command(), "leakgate", &mut script);
    print(&script)?;
    Ok(ExitCode::Clean)
}

/// Prints the man page, or writes all of them.
pub fn man(args: &ManArgs) -> Result<ExitCode, Failure> {
    match &args.out {
        None => {
            let mut page = Vec::new();
            clap_mangen::Man::new(Cli::command()).render(&mut page)?;
            print(&page)?;
        }
        Some(folder) => {
            let mut command = Cli::command().disable_help_subcommand(true);
            command.build();
            write(&command, folder)?;
        }
    }
    Ok(ExitCode::Clean)
}

/// Writes the page of a command, and those of the commands below it.
fn write(command: &Command, folder: &Path) -> Result<(), Failure> {
    for below in command.get_subcommands().filter(|below| !below.is_hide_set()) {
        write(below, folder)?;
    }
    let man = clap_mangen::Man::new(command.clone());
    let mut page = Vec::new();
    man.render(&mut page)?;
    OutputFile::create(&folder.join(man.get_filename()))?.persist(&page)?;
    Ok(())
}

#[cfg(test)]
#[expect(clippy::disallowed_methods, reason = "the test reads what was written")]
mod tests {
    use super::*;

    #[test]
    fn every_command_has_a_man_page_and_nothing_lies_beside_them() {
        let place = tempfile::tempdir().unwrap();
        let folder = place.path().join("share/man1");
        let args = ManArgs {
            out: Some(folder.clone()),
        };
        for _ in 0..2 {
            man(&args).unwrap();
        }
        let entries = std::fs::read_dir(&folder).unwrap();
        let mut pages: Vec<String> = entries
            .map(|entry| entry.unwrap().file_name().into_string().unwrap())
            .collect();
        pages.sort();
        for page in ["leakgate.1", "leakgate-test.1", "leakgate-allow-add.1"] {
            assert!(pages.iter().any(|name| name == page), "{pages:?}");
        }
        assert!(pages.iter().all(|name| name.ends_with(".1")), "{pages:?}");
        let text = std::fs::read_to_string(folder.join("leakgate-allow-add.1")).unwrap();
        assert!(text.contains(".TH leakgate-allow-add 1"), "{text}");
    }
}
