//! `leakgate test`: the line from arguments to exit code.

use crate::app::Failure;
use crate::app::output::ci::Ci;
use crate::app::output::outputs::Outputs;
use crate::app::output::screen::{self, Screen};
use crate::app::project::config::Config;
use crate::app::project::ground::Ground;
use crate::app::project::repository;
use crate::app::project::rules_file::working_folder;
use crate::app::run::confirm::Confirmation;
use crate::app::run::ending::Ending;
use crate::app::run::judge::judge;
use crate::app::run::sharding::{self, Part};
use crate::cli::gate::TestArgs;
use crate::exit::ExitCode;
use crate::gate::stream::TestJsonStream;
use crate::gate::{Gate, Gathered};
use crate::gotest::child::{self, ChildCommand, OutputLine, RunEnd, Stream};
use crate::gotest::signals::SignalWatch;
use crate::gotest::{self, GoArgs, GoTestPlan, PlanRequest, cache::CacheEnv};
use crate::report::{self, Notice, Outcome, PackageStatus, Partial, Run, Severity};
use crate::settings::choices::{Prove, Switch};
use std::ops::ControlFlow;
use std::os::unix::process::ExitStatusExt;
use std::path::Path;
use std::time::Instant;

/// Runs the verb.
pub fn run(args: &TestArgs) -> Result<ExitCode, Failure> {
    misplaced(args)?;
    #[cfg(feature = "watch")]
    if args.run.watch {
        return crate::app::run::watch::run(args);
    }
    once(args, &mut None)
}

/// One run. The first one of a process takes over its signals.
#[expect(clippy::disallowed_methods, reason = "the run is timed and dated here, once")]
pub(in crate::app) fn once(args: &TestArgs, signals: &mut Option<SignalWatch>) -> Result<ExitCode, Failure> {
    let (started, clock) = (jiff::Timestamp::now(), Instant::now());
    let dir = working_folder()?;
    let work = GoArgs::parse(&args.go_args)?.working_dir(&dir);
    let config = Config::load(&args.gate, &work)?;
    let mut outputs = Outputs::open(&config.settings, &dir)?;

    let request = request(&config, &dir);
    let mut prepared = gotest::prepare(
        args.run.go.as_os_str(),
        &args.go_args,
        &CacheEnv::from_process(),
        &request,
    )?;
    let shard = config.settings.shard.value;
    let part = match shard {
        Some(part) => sharding::take(&mut prepared, part, &args.run.shard_by, &request, &work)?,
        None => Part::Some,
    };
    let (toolchain, plan) = (&prepared.toolchain, &prepared.plan);

    let signals = match signals {
        Some(signals) => signals,
        none => none.insert(SignalWatch::install(config.settings.kill_grace.value)?),
    };
    let ci = Ci::look(&config.settings, repository::root(&work), &dir);
    let screen = Screen::new(&config, Some(plan), ci);
    screen.begin();
    for notice in &plan.notices {
        screen.say(notice);
    }
    let judge = judge(&config, &Ground::of(toolchain), &work)?;
    let stream = TestJsonStream::new(screen.sinks(&mut outputs));
    let mut gate = Gate::new(&judge, stream, &screen.live, screen.detail);
    let command = ChildCommand {
        hang_dump: config.settings.hang_dump.value,
        ..ChildCommand::from(plan)
    };
    let end = match part {
        Part::Some => Some(feed(&command, signals, &mut gate)?),
        Part::Empty => None,
    };
    let mut gathered = gate.finish()?;
    let partial = end.as_ref().and_then(|end| partial(end, &gathered));
    if let Some(runs) = config.settings.confirm.value.filter(|_| partial.is_none()) {
        let confirmation = Confirmation {
            prepared: &prepared,
            request: &request,
            judge: &judge,
            signals,
            runs,
        };
        confirmation.confirm(&mut gathered, &screen.live)?;
    }
    screen.live.finish();
    if let Some(end) = end.as_ref().filter(|_| gathered.events == 0) {
        return no_events(end, &gathered);
    }

    let run = Run {
        command: std::env::args().skip(1).collect(),
        go_version: String::new(),
        started: started.to_string(),
        elapsed_ms: u64::try_from(clock.elapsed().as_millis()).unwrap_or(u64::MAX),
        not_full: not_full(plan, &gathered, partial.as_ref()),
        partial,
        shard: shard.map(sharding::named),
        module: judge.main_module(),
        repository: repository::find(repository::root(&work)),
    };
    let mut notices = plan.notices.clone();
    notices.extend(
        end.as_ref()
            .and_then(|end| command_failed(end, &gathered, "go test")),
    );
    let mut gate = screen::policy(&config, &args.gate);
    match &end {
        Some(end) => gate = after(end, gate),
        None => {
            gate.no_tests = report::NoTests::Pass;
            notices.push(sharding::empty());
        }
    }
    let ending = Ending {
        config: &config,
        judge: &judge,
        screen: &screen,
        cache: &prepared.cache,
        work: &work,
    };
    ending.close(gathered, run, notices, &gate, outputs)
}

/// What the end of the command means for the exit code.
pub(in crate::app) fn after(end: &RunEnd, gate: report::Gate) -> report::Gate {
    report::Gate {
        interrupted_by: end.interrupted.map(|interrupt| interrupt.number),
        command_failed: !end.status.success(),
        ..gate
    }
}

/// What the shim and go are asked for.
fn request(config: &Config, dir: &Path) -> PlanRequest {
    PlanRequest {
        dir: dir.to_path_buf(),
        shim: shim_settings(config),
        prove: config.settings.prove.value == Prove::On,
    }
}

/// The value of LEAKGATE_SHIM; `None` when all of it is default, so that the environment stays the user's own.
pub(in crate::app) fn shim_settings(config: &Config) -> Option<String> {
    let settings = &config.settings;
    let mut parts = Vec::new();
    if settings.settle.value != std::time::Duration::from_millis(400) {
        parts.push(format!("settle={}ms", settings.settle.value.as_millis()));
    }
    if settings.prove.value == Prove::Off {
        parts.push("prove=off".to_owned());
    }
    if settings.labels.value == Switch::Off {
        parts.push("labels=off".to_owned());
    }
    if settings.late.value == crate::rules::policy::Late::Fail {
        parts.push("budget=full".to_owned());
    }
    (!parts.is_empty()).then(|| parts.join(","))
}

/// Runs go and hands every line to the gate.
pub(in crate::app) fn feed(
    command: &ChildCommand,
    signals: &SignalWatch,
    gate: &mut Gate<'_>,
) -> Result<RunEnd, Failure> {
    let mut failure = None;
    let end = child::run(command, signals, &mut |line: OutputLine<'_>| {
        let outcome = match line.stream {
            Stream::Stdout => gate.line(line.bytes),
            Stream::Stderr => {
                gate.stderr(line.bytes);
                Ok(())
            }
        };
        match outcome {
            Ok(()) => ControlFlow::Continue(()),
            Err(error) => {
                failure = Some(error);
                ControlFlow::Break(())
            }
        }
    })?;
    match failure {
        Some(error) => Err(Failure::Message(format!("can't keep up the output: {error}"))),
        None => Ok(end),
    }
}

/// Why a run did not come to its end, with what was running: `package.Test`, or a package between its tests by its path.
pub(in crate::app) fn partial(end: &RunEnd, gathered: &Gathered) -> Option<Partial> {
    let interrupt = end.interrupted?;
    let mut running = Vec::new();
    for package in &gathered.packages {
        let path = &package.path;
        let before = running.len();
        let unfinished = package
            .tests
            .iter()
            .filter(|test| test.outcome == Outcome::Unfinished);
        running.extend(unfinished.map(|test| format!("{path}.{}", test.name)));
        if package.status == PackageStatus::Unfinished && running.len() == before {
            running.push(path.to_string());
        }
    }
    Some(Partial {
        reason: format!("interrupted by {}", interrupt.name()),
        running,
    })
}

/// A command that fails for a reason that is in no event: a profile that can't be written, a wrapper's own check.
pub(in crate::app) fn command_failed(end: &RunEnd, gathered: &Gathered, command: &str) -> Option<Notice> {
    let told = |package: &crate::report::PackageReport| {
        !matches!(package.status, PackageStatus::Passed | PackageStatus::Skipped)
    };
    // A signal is never go's own way to tell of a test: somebody killed it.
    let unexplained = end.status.signal().is_some() || !gathered.packages.iter().any(told);
    let silent = !end.status.success() && end.interrupted.is_none() && unexplained;
    silent.then(|| Notice {
        code: "command-failed".to_owned(),
        severity: Severity::Error,
        message: match end.status.signal() {
            Some(_) => format!(
                "{command} was killed ({}) before it could tell how the tests came out",
                end.status
            ),
            None => format!("{command} ended with {}, though every package passed", end.status),
        },
        remedy: Some("see what it said on standard error".to_owned()),
        place: None,
        package: None,
    })
}

/// Why stale rules can't be judged by this run.
fn not_full(plan: &GoTestPlan, gathered: &Gathered, partial: Option<&Partial>) -> Option<String> {
    use PackageStatus::{BuildFailed, Unfinished};
    if let Some(partial) = partial {
        return Some(partial.reason.clone());
    }
    let broken = gathered
        .packages
        .iter()
        .find(|package| matches!(package.status, BuildFailed | Unfinished));
    let blind = gathered
        .packages
        .iter()
        .find(|package| package.inconclusive.is_some());
    broken
        .map(|package| format!("{} did not build or finish", package.path))
        .or_else(|| blind.map(|package| format!("{} is inconclusive", package.path)))
        .or_else(|| plan.not_full.clone())
}

/// go said nothing that is an event: it has said on standard error what is wrong, and its code is passed on.
fn no_events(end: &RunEnd, gathered: &Gathered) -> Result<ExitCode, Failure> {
    if let Some(interrupt) = end.interrupted {
        return Ok(ExitCode::Interrupted(interrupt.number));
    }
    if end.status.success() {
        return Err(Failure::Message(
            "go test ended well but printed no event: is this `go` really Go? (see --go, and `leakgate doctor`)".into(),
        ));
    }
    // `go: warning: "./..." matched no packages`, then `no packages to test`.
    if gathered.stray_text.contains("no packages to test") {
        return Err(Failure::NothingRan("no package matches, so no test ran".into()));
    }
    let said = if gathered.stray_text.is_empty() {
        "it said nothing"
    } else {
        "what it says stands above"
    };
    Err(Failure::Message(format!(
        "go could not start the tests ({}); {said}",
        end.status
    )))
}

/// Our own flags among go's arguments would be swallowed: a `--junitfile` that writes no file is a hole in a CI.
fn misplaced(args: &TestArgs) -> Result<(), Failure> {
    use clap::CommandFactory;
    let command = crate::cli::Cli::command();
    let test = command
        .find_subcommand("test")
        .expect("the subcommand is declared");
    let ours: Vec<&str> = test.get_arguments().filter_map(clap::Arg::get_long).collect();
    let words = args.go_args.iter().map(|word| word.to_string_lossy());
    for word in words.take_while(|word| word != "-args" && word != "--args") {
        let Some(name) = word
            .strip_prefix("--")
            .map(|word| word.split('=').next().unwrap_or(word))
        else {
            continue;
        };
        if ours.contains(&name) {
            return Err(Failure::Message(format!(
                "--{name} is a flag of leakgate but stands among the arguments of go test; put it before them \
                 (leakgate test --{name} … ./...), or after -args if your tests mean it"
            )));
        }
    }
    Ok(())
}
