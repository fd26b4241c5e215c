//! The program. `commands` has one file a verb; `run` is the line of a gated run; `output`, `project` and `store` are what
//! both build on. A folder imports only from those after it in that order. Edge: sees every room.

pub(crate) mod commands;
pub(crate) mod failure;
pub(crate) mod output;
pub(crate) mod project;
pub(crate) mod run;
pub(crate) mod store;

use crate::cli::{Cli, Command};
use crate::exit::ExitCode;
use crate::parallel::STACK;
use clap::Parser;
use clap::error::ErrorKind;
use commands::refused::refused;
use commands::{
    allow, arguments, baseline, catalog, check, completions, doctor, exec, explain, ide, init, merge,
    overlay, render, show_config, test, variables,
};
pub(crate) use failure::Failure;
pub use run::assemble;
use std::ffi::OsString;
use store::environment;

/// Runs the program with the arguments of the process. A bug that panics ends it with the exit code of a failed leakgate,
/// which no script takes for a verdict.
pub fn run(args: impl IntoIterator<Item = OsString>) -> ExitCode {
    let args: Vec<OsString> = args.into_iter().collect();
    let again = args.clone();
    // Whatever `ulimit -s` leaves the main thread.
    let thread = std::thread::Builder::new()
        .name("leakgate".to_owned())
        .stack_size(STACK);
    match thread.spawn(move || guarded(args)) {
        Ok(running) => running.join().unwrap_or(ExitCode::Usage),
        // Where no thread can be had, the main one has to do.
        Err(_) => guarded(again),
    }
}

fn guarded(args: Vec<OsString>) -> ExitCode {
    // Beyond the limit of a file's size (`ulimit -f`) a write is to fail and be told, as on a full disk; the signal's
    // default is to kill. Where it can't be taken over, that default stays.
    #[cfg(unix)]
    let _ = signal_hook::flag::register(signal_hook::consts::SIGXFSZ, std::sync::Arc::default());
    std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| parse_and_run(args))).unwrap_or_else(|_| {
        let bug = "this is a bug of leakgate: please report it with the text above";
        Failure::Message(bug.to_owned()).report()
    })
}

fn parse_and_run(args: impl IntoIterator<Item = OsString>) -> ExitCode {
    let args: Vec<OsString> = args.into_iter().collect();
    let cli = match Cli::try_parse_from(&args) {
        Ok(cli) => cli,
        Err(error) => {
            if matches!(
                error.kind(),
                ErrorKind::InvalidSubcommand | ErrorKind::UnknownArgument
            ) && let Some(hint) = arguments::without_command(&args)
            {
                return Failure::Message(hint).report();
            }
            // Help that was asked for goes to standard output, and that of a command left out to standard error.
            let help = ErrorKind::DisplayHelpOnMissingArgumentOrSubcommand;
            if error.use_stderr() && error.kind() != help {
                return Failure::Message(refused(&error, &args)).report();
            }
            return match error.print() {
                Err(trouble) if !error.use_stderr() => Failure::stdout(trouble).report(),
                // If standard error can't be written to, there is no other place for the message.
                _ if error.use_stderr() => ExitCode::Usage,
                _ => ExitCode::Clean,
            };
        }
    };
    if let Err(complaint) = variables::refused(&variables::unread(&environment::names())) {
        return Failure::Message(complaint).report();
    }
    let outcome = match cli.command {
        Command::Test(args) => test::run(&args),
        Command::Run(args) => commands::run::run(&args),
        Command::Exec(args) => exec::run(&args),
        Command::Check(args) => check::run(&args),
        Command::Overlay(args) => overlay::run(&args),
        Command::Doctor(args) => doctor::run(&args),
        Command::Completions(args) => completions::completions(&args),
        Command::Man(args) => completions::man(&args),
        Command::Report(args) => render::report(&args),
        Command::Merge(args) => merge::run(&args),
        Command::Schema(args) => render::schema(&args),
        Command::Allow(command) => allow::run(&command),
        Command::Baseline(command) => baseline::run(&command),
        Command::Catalog(args) => catalog::run(&args),
        Command::Ide(args) => ide::run(&args),
        Command::Init(args) => init::run(&args),
        Command::Config(args) => show_config::run(&args),
        Command::Explain(args) => explain::run(&args),
        Command::Dump(args) => commands::dumps::dump::run(&args),
        Command::Diff(args) => commands::dumps::diff::run(&args),
        Command::Monitor(args) => commands::dumps::monitor::run(&args),
    };
    match outcome {
        Ok(exit) => exit,
        Err(failure) => failure.report(),
    }
}
