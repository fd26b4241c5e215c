//! `leakgate run`: one prebuilt test binary with the shim in it, as Bazel's `--run_under` or a hand starts it; no go is needed.

use crate::app::Failure;
use crate::app::commands::test::{after, command_failed, partial, shim_settings};
use crate::app::output::ci::Ci;
use crate::app::output::outputs::Outputs;
use crate::app::output::screen::{self, Screen};
use crate::app::project::config::{Config, lookup};
use crate::app::project::ground::Ground;
use crate::app::project::repository;
use crate::app::project::rules_file::working_folder;
use crate::app::run::ending::Ending;
use crate::app::run::judge::judge;
use crate::app::run::log::feed_lines;
use crate::cli::tools::RunArgs;
use crate::events::framed::{Exited, Framed};
use crate::exit::ExitCode;
use crate::gate::show::Detail;
use crate::gate::stream::TestJsonStream;
use crate::gate::{Gate, Gathered};
use crate::gotest::cache::CacheEnv;
use crate::gotest::child::{self, ChildCommand, OutputLine, Stream};
use crate::gotest::signals::SignalWatch;
use crate::gotest::{CacheDir, GoTestError, RunEnd};
use crate::report::{NoTests, Run};
use crate::settings::choices::ReportFormat;
use crate::settings::value::ReportFile;
use crate::settings::{Source, Sourced};
use std::ffi::{OsStr, OsString};
use std::ops::ControlFlow;
use std::path::Path;
use std::time::Instant;

/// What a test runner such as Bazel says in the environment.
/// Source: <https://bazel.build/reference/test-encyclopedia#initial-conditions>.
struct Runner {
    target: Option<String>,
    xml: Option<String>,
    outputs: Option<String>,
    /// Some of the tests are left out on purpose: none may be left.
    part: bool,
}

impl Runner {
    fn look() -> Self {
        let set = |name: &str| lookup(name).filter(|value| !value.is_empty());
        let shards = set("TEST_TOTAL_SHARDS").is_some_and(|total| total != "1" && total != "0");
        Self {
            target: set("TEST_TARGET"),
            xml: set("XML_OUTPUT_FILE"),
            outputs: set("TEST_UNDECLARED_OUTPUTS_DIR"),
            part: shards || set("TESTBRIDGE_TEST_ONLY").is_some(),
        }
    }

    /// Reports go where the runner collects them, unless the user named other places.
    fn direct(&self, config: &mut Config) {
        let settings = &mut config.settings;
        if settings.junitfile.value.is_none() && self.xml.is_some() {
            settings.junitfile = Sourced {
                value: self.xml.clone(),
                source: Source::Env("XML_OUTPUT_FILE"),
            };
        }
        if let Some(folder) = self
            .outputs
            .as_ref()
            .filter(|_| settings.reports.value.is_empty())
        {
            let reports = [
                (ReportFormat::Json, "leakgate.json"),
                (ReportFormat::Html, "leakgate.html"),
            ];
            settings.reports = Sourced {
                value: reports
                    .map(|(format, name)| ReportFile {
                        format,
                        path: format!("{folder}/{name}"),
                    })
                    .to_vec(),
                source: Source::Env("TEST_UNDECLARED_OUTPUTS_DIR"),
            };
        }
    }
}

/// Runs the verb.
#[expect(clippy::disallowed_methods, reason = "the run is timed and dated here, once")]
pub fn run(args: &RunArgs) -> Result<ExitCode, Failure> {
    let (started, clock) = (jiff::Timestamp::now(), Instant::now());
    let dir = working_folder()?;
    let runner = Runner::look();
    let sources = args
        .source_root
        .as_ref()
        .map_or(dir.clone(), |root| dir.join(root));
    let mut config = Config::load(&args.gate, &dir)?;
    runner.direct(&mut config);
    let mut outputs = Outputs::open(&config.settings, &dir)?;
    let cache = CacheDir::open(&CacheEnv::from_process())?;
    let signals = SignalWatch::install(config.settings.kill_grace.value)?;
    let root = repository::root(&sources);
    let mut screen = Screen::new(&config, None, Ci::look(&config.settings, root, &dir));
    // The log of a runner holds the tests' whole output.
    if screen.detail == Detail::Normal
        && (runner.target.is_some() || args.command.iter().any(|word| is_v(word)))
    {
        screen.detail = Detail::Everything;
    }
    screen.begin();
    let judge = judge(&config, &Ground::above(&sources), &sources)?;
    let mut gate = Gate::new(
        &judge,
        TestJsonStream::new(screen.sinks(&mut outputs)),
        &screen.live,
        screen.detail,
    );
    let package = args.package.clone().or(runner.target.clone());
    let (program, rest) = args.command.split_first().expect("clap asks for a command");
    let command = ChildCommand {
        program: program.into(),
        args: test_arguments(rest),
        env: shim_settings(&config)
            .map(|settings| ("LEAKGATE_SHIM".to_owned(), settings.into()))
            .into_iter()
            .collect(),
        dir: dir.clone(),
        hang_dump: config.settings.hang_dump.value,
    };
    let mut framed = Framed::new(package.unwrap_or_else(|| name_of(program)));
    let end = feed(&command, &signals, &mut framed, &mut gate)?;
    let mut events = Vec::new();
    let exited = if end.status.success() {
        Exited::Well
    } else {
        Exited::Badly
    };
    framed.finish(exited, Some(clock.elapsed().as_secs_f64()), &mut events);
    feed_lines(&events, &mut gate)?;
    let mut gathered = gate.finish()?;
    screen.live.finish();
    without_shim(&mut gathered);
    let run = Run {
        command: std::env::args().skip(1).collect(),
        go_version: String::new(),
        started: started.to_string(),
        elapsed_ms: u64::try_from(clock.elapsed().as_millis()).unwrap_or(u64::MAX),
        not_full: Some("one test binary is not the whole project".to_owned()),
        partial: partial(&end, &gathered),
        shard: None,
        module: judge.main_module(),
        repository: repository::find(root),
    };
    let notices = command_failed(&end, &gathered, "the test binary")
        .into_iter()
        .collect();
    let mut policy = after(&end, screen::policy(&config, &args.gate));
    if runner.part {
        policy.no_tests = NoTests::Pass;
    }
    let ending = Ending {
        config: &config,
        judge: &judge,
        screen: &screen,
        cache: &cache,
        work: &dir,
    };
    ending.close(gathered, run, notices, &policy, outputs)
}

/// A binary that says nothing of itself was built by a toolchain without the shim.
fn without_shim(gathered: &mut Gathered) {
    let blind = gathered
        .packages
        .iter_mut()
        .filter_map(|package| package.inconclusive.as_mut());
    for inconclusive in blind.filter(|inconclusive| inconclusive.code == "no-record") {
        "the binary printed no record: it was built without the shim, or ran no tests"
            .clone_into(&mut inconclusive.reason);
        "build it with a toolchain made by `leakgate overlay --goroot` or `--patch`, or with `eval \"$(leakgate overlay)\"`"
            .clone_into(&mut inconclusive.remedy);
    }
}

/// Runs the binary and hands what it prints to the gate, as events.
fn feed(
    command: &ChildCommand,
    signals: &SignalWatch,
    framed: &mut Framed,
    gate: &mut Gate<'_>,
) -> Result<RunEnd, Failure> {
    let mut failure = None;
    let mut events = Vec::new();
    let not_started = |error| match error {
        GoTestError::GoNotFound { program } => {
            Failure::Message(format!("can't run `{program}`: there is no such test binary"))
        }
        other => other.into(),
    };
    let end = child::run(command, signals, &mut |line: OutputLine<'_>| {
        events.clear();
        match line.stream {
            Stream::Stdout => framed.line(line.bytes, &mut events),
            // As under `go test`, which gives a test binary one stream for both: a crash is told on standard error.
            Stream::Stderr => framed.text(line.bytes, &mut events),
        }
        match feed_lines(&events, gate) {
            Ok(()) => ControlFlow::Continue(()),
            Err(error) => {
                failure = Some(error);
                ControlFlow::Break(())
            }
        }
    })
    .map_err(not_started)?;
    failure.map_or(Ok(end), Err)
}

/// The arguments with `-test.v=test2json`, without which the shim is silent.
fn test_arguments(given: &[OsString]) -> Vec<OsString> {
    let mut args = vec![OsString::from("-test.v=test2json")];
    args.extend(given.iter().filter(|word| !is_v(word)).cloned());
    args
}

/// `-test.v`, in any of its forms.
fn is_v(word: &OsStr) -> bool {
    let word = word.to_string_lossy();
    let name = word.trim_start_matches('-');
    word.starts_with('-') && (name == "test.v" || name.starts_with("test.v="))
}

/// `/tmp/store.test` → `store`.
fn name_of(program: &OsStr) -> String {
    let name = Path::new(program)
        .file_name()
        .unwrap_or(program)
        .to_string_lossy();
    let name = name.trim_end_matches(".exe");
    name.strip_suffix(".test").unwrap_or(name).to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_shim_is_always_asked_to_speak() {
        let words = |words: &[&str]| words.iter().map(OsString::from).collect::<Vec<_>>();
        assert_eq!(
            test_arguments(&words(&[
                "-test.v",
                "--test.v=true",
                "-test.run=X",
                "-test.vet",
                "x"
            ])),
            words(&["-test.v=test2json", "-test.run=X", "-test.vet", "x"])
        );
    }

    #[test]
    fn a_binary_is_named_after_its_package() {
        assert_eq!(name_of(OsStr::new("/tmp/store.test")), "store");
        assert_eq!(name_of(OsStr::new("store_test")), "store_test");
        assert_eq!(name_of(OsStr::new("store.test.exe")), "store");
    }
}
