//! `leakgate exec`: a command of the user's own that prints events, with the shim in its environment.
//! Edge: runs it.

use crate::app::Failure;
use crate::app::commands::test::{after, command_failed, feed, partial, shim_settings};
use crate::app::output::ci::Ci;
use crate::app::output::outputs::Outputs;
use crate::app::output::screen::{self, Screen};
use crate::app::project::config::{Config, lookup};
use crate::app::project::ground::Ground;
use crate::app::project::repository;
use crate::app::project::rules_file::working_folder;
use crate::app::run::ending::Ending;
use crate::app::run::judge::judge;
use crate::cli::tools::ExecArgs;
use crate::exit::ExitCode;
use crate::gate::Gate;
use crate::gate::stream::TestJsonStream;
use crate::gotest::cache::CacheEnv;
use crate::gotest::child::ChildCommand;
use crate::gotest::signals::SignalWatch;
use crate::gotest::{Injection, RunEnd};
use crate::report::Run;
use std::ffi::OsString;
use std::path::Path;
use std::time::Instant;

/// Runs the verb.
#[expect(clippy::disallowed_methods, reason = "the run is timed and dated here, once")]
pub fn run(args: &ExecArgs) -> Result<ExitCode, Failure> {
    let (started, clock) = (jiff::Timestamp::now(), Instant::now());
    let dir = working_folder()?;
    let config = Config::load(&args.gate, &dir)?;
    let mut outputs = Outputs::open(&config.settings, &dir)?;
    let injection = Injection::prepare(args.go.as_os_str(), &dir, None, &CacheEnv::from_process())?;
    let signals = SignalWatch::install(config.settings.kill_grace.value)?;
    let root = repository::root(&dir);
    let screen = Screen::new(&config, None, Ci::look(&config.settings, root, &dir));
    screen.begin();
    let judge = judge(&config, &Ground::of(&injection.toolchain), &dir)?;
    let mut gate = Gate::new(
        &judge,
        TestJsonStream::new(screen.sinks(&mut outputs)),
        &screen.live,
        screen.detail,
    );
    let end = feed(&command(args, &config, &injection, &dir), &signals, &mut gate)?;
    let gathered = gate.finish()?;
    screen.live.finish();
    if gathered.events == 0 {
        return no_events(args, &end);
    }
    let run = Run {
        command: std::env::args().skip(1).collect(),
        go_version: String::new(),
        started: started.to_string(),
        elapsed_ms: u64::try_from(clock.elapsed().as_millis()).unwrap_or(u64::MAX),
        not_full: Some("a command of your own chose what was tested".to_owned()),
        partial: partial(&end, &gathered),
        shard: None,
        module: judge.main_module(),
        repository: repository::find(root),
    };
    let notices = command_failed(&end, &gathered, "the command")
        .into_iter()
        .collect();
    let ending = Ending {
        config: &config,
        judge: &judge,
        screen: &screen,
        cache: &injection.cache,
        work: &dir,
    };
    ending.close(
        gathered,
        run,
        notices,
        &after(&end, screen::policy(&config, &args.gate)),
        outputs,
    )
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

fn no_events(args: &ExecArgs, end: &RunEnd) -> Result<ExitCode, Failure> {
    if let Some(interrupt) = end.interrupted {
        return Ok(ExitCode::Interrupted(interrupt.number));
    }
    let program = args
        .command
        .first()
        .map(|word| word.to_string_lossy())
        .unwrap_or_default();
    Err(Failure::Message(format!(
        "`{program}` printed no test event ({}): it must print what `go test -json` prints on standard output",
        end.status
    )))
}
