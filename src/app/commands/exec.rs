//! `leakgate exec`: a command of the user's own that prints events, with the shim in its environment.

use crate::app::Failure;
use crate::app::commands::{arguments, variables};
use crate::app::project::config::Config;
use crate::app::project::ground::Ground;
use crate::app::project::here::Project;
use crate::app::run::command::{command_failed, feed, partial, shim_settings};
use crate::app::run::session::{Facts, Ready};
use crate::app::store::environment::lookup;
use crate::app::store::reading;
use crate::cli::tools::ExecArgs;
use crate::events::quirks;
use crate::exit::ExitCode;
use crate::gotest::cache::CacheEnv;
use crate::gotest::child::ChildCommand;
use crate::gotest::signals::SignalWatch;
use crate::gotest::{Injection, RunEnd};
use crate::report::LeftOut;
use std::ffi::OsString;
use std::path::Path;

/// Runs the verb.
pub fn run(args: &ExecArgs) -> Result<ExitCode, Failure> {
    arguments::program("exec", &args.command).map_err(Failure::Message)?;
    arguments::without_effect("exec", &args.gate.settings.given).map_err(Failure::Message)?;
    variables::idle_shard("exec", lookup).map_err(Failure::Message)?;
    let ready = Ready::new(&args.gate, Project::here()?)?;
    let dir = &ready.project.dir;
    let injection = Injection::prepare(args.go.as_os_str(), dir, None, &CacheEnv::from_process())?;
    let signals = SignalWatch::install(ready.config.settings.kill_grace.value)?;
    let _hold = signals.hold();
    let command = command(args, &ready.config, &injection, dir);
    let mut session = ready.begin(&Ground::of(&injection.toolchain), None)?;
    let run = session.feed(|gate| feed(&command, &signals, gate));
    let (end, mut gathered) = run.map_err(|failure| not_found(failure, &command.program))?;
    if gathered.events == 0 {
        return no_events(args, &end, &gathered.stray_text);
    }
    let notice = command_failed(&end, &gathered, "the command");
    let facts = Facts {
        end: Some(&end),
        not_full: Some("a command of your own chose what was tested".to_owned()),
        partial: partial(&end, &mut gathered),
        left_out: LeftOut::Unknown,
        notices: notice.into_iter().collect(),
        ..Facts::default()
    };
    session.finish(gathered, &injection.cache, facts)
}

fn command(args: &ExecArgs, config: &Config, injection: &Injection, dir: &Path) -> ChildCommand {
    let mut env: Vec<(String, OsString)> = injection
        .env(lookup)
        .into_iter()
        .map(|(name, value)| (name.to_owned(), value.into()))
        .collect();
    if let Some(settings) = shim_settings(config) {
        env.push(("LEAKGATE_SHIM".to_owned(), settings.into()));
    }
    let (program, rest) = args.command.split_first().expect("clap asks for a command");
    ChildCommand {
        program: program.into(),
        args: rest.to_vec(),
        env,
        dir: dir.to_path_buf(),
        hang_dump: config.settings.hang_dump.value,
    }
}

/// A command that can't be found is not `go`, which the general error is about.
fn not_found(failure: Failure, program: &Path) -> Failure {
    match failure {
        Failure::Message(_) if !reading::can_be_found(program, &lookup("PATH").unwrap_or_default()) => {
            Failure::Message(format!(
                "can't run `{}`: there is no such command; exec runs one that prints what `go test -json` prints",
                program.display()
            ))
        }
        failure => failure,
    }
}

fn no_events(args: &ExecArgs, end: &RunEnd, text: &str) -> Result<ExitCode, Failure> {
    if let Some(interrupt) = end.interrupted {
        return Ok(ExitCode::Interrupted(interrupt.number));
    }
    let program = args
        .command
        .first()
        .map(|word| word.to_string_lossy())
        .unwrap_or_default();
    let name = Path::new(program.as_ref()).file_stem().unwrap_or_default();
    let cause = if name == "gotestsum" {
        "gotestsum reads the events and prints a summary of its own; put it outside: \
         gotestsum --raw-command -- leakgate test --format gojson --quiet ./... (with --rerun-fails also \
         --leak-exit-code 1: gotestsum ends at any other code)"
    } else if quirks::is_plain_go_test(text) {
        "it ran go test without -json; add -json"
    } else if !end.status.success() {
        "see its output above"
    } else {
        "it must print what `go test -json` prints on standard output"
    };
    Err(Failure::Message(format!(
        "`{program}` printed no test event ({}): {cause}",
        end.status
    )))
}
