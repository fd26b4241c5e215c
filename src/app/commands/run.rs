//! `leakgate run`: one prebuilt test binary with the shim in it, as Bazel's `--run_under` or a hand starts it; no go is needed.

use crate::app::Failure;
use crate::app::commands::{arguments, variables};
use crate::app::project::config::Config;
use crate::app::project::here::Project;
use crate::app::run::command::{command_failed, partial, shim_settings};
use crate::app::run::log::feed_lines;
use crate::app::run::session::{Clock, Facts, Ready};
use crate::app::store::environment::lookup;
use crate::app::store::reading;
use crate::cli::tools::RunArgs;
use crate::events::framed::{Exited, Framed};
use crate::exit::ExitCode;
use crate::gate::show::Detail;
use crate::gate::{Gate, Gathered};
use crate::gotest::cache::CacheEnv;
use crate::gotest::child::{self, ChildCommand, OutputLine, Stream};
use crate::gotest::signals::SignalWatch;
use crate::gotest::{CacheDir, GoTestError, RunEnd};
use crate::report::{LeftOut, NoTests};
use crate::settings::choices::ReportFormat;
use crate::settings::value::ReportFile;
use crate::settings::{Source, Sourced};
use std::ffi::{OsStr, OsString};
use std::ops::ControlFlow;
use std::path::Path;

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
pub fn run(args: &RunArgs) -> Result<ExitCode, Failure> {
    let (program, rest) = args.command.split_first().expect("clap asks for a command");
    arguments::program("run", &args.command).map_err(Failure::Message)?;
    arguments::without_effect("run", &args.gate.settings.given).map_err(Failure::Message)?;
    variables::idle_shard("run", lookup).map_err(Failure::Message)?;
    let project = Project::here()?;
    let dir = project.dir.clone();
    let runner = Runner::look();
    let mut ready = Ready::adjusted(&args.gate, dir.clone(), project, |config| runner.direct(config))?;
    if let Some(root) = &args.source_root {
        ready.project = Project::of(dir.join(root));
    }
    let cache = CacheDir::open(&CacheEnv::from_process())?;
    let signals = SignalWatch::install(ready.config.settings.kill_grace.value)?;
    let _hold = signals.hold();
    let command = ChildCommand {
        program: program.into(),
        args: test_arguments(rest),
        env: shim_settings(&ready.config)
            .map(|settings| ("LEAKGATE_SHIM".to_owned(), settings.into()))
            .into_iter()
            .collect(),
        dir,
        hang_dump: ready.config.settings.hang_dump.value,
    };
    let package = args.package.clone().or(runner.target.clone());
    let package = package.unwrap_or_else(|| name_of(program));

    let ground = ready.project.ground();
    let mut session = ready.begin(&ground, None)?;
    // The log of a runner holds the tests' whole output.
    if session.screen.detail == Detail::Normal
        && (runner.target.is_some() || args.command.iter().any(|word| is_v(word)))
    {
        session.screen.detail = Detail::Everything;
    }
    let clock = session.clock();
    let (end, mut gathered) =
        session.feed(|gate| feed(&command, &signals, Framed::new(package), clock, gate))?;
    without_shim(&mut gathered);
    let notice = command_failed(&end, &gathered, "the test binary");
    let facts = Facts {
        end: Some(&end),
        not_full: Some("one test binary is not the whole project".to_owned()),
        partial: partial(&end, &mut gathered),
        left_out: LeftOut::Unknown,
        notices: notice.into_iter().collect(),
        no_tests: runner.part.then_some(NoTests::Pass),
        ..Facts::default()
    };
    session.finish(gathered, &cache, facts)
}

/// A binary that says nothing of itself was built by a toolchain without the shim.
fn without_shim(gathered: &mut Gathered) {
    let blind = gathered
        .packages
        .iter_mut()
        .filter_map(|package| package.inconclusive.as_mut());
    for inconclusive in
        blind.filter(|inconclusive| matches!(inconclusive.code.as_str(), "no-record" | "no-run"))
    {
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
    mut framed: Framed,
    clock: Clock,
    gate: &mut Gate<'_>,
) -> Result<RunEnd, Failure> {
    let mut failure = None;
    let mut events = Vec::new();
    let not_started = |error| match error {
        GoTestError::GoNotFound { program } if reading::is_file(&command.dir.join(&program)) => {
            Failure::Message(format!(
                "can't run `{program}`: it is in no folder of PATH; for the file in this folder, write ./{program}"
            ))
        }
        GoTestError::GoNotFound { program } => {
            Failure::Message(format!("can't run `{program}`: there is no such test binary"))
        }
        other => other.into(),
    };
    let end = child::run(command, signals, &mut |line: OutputLine<'_>| {
        events.clear();
        match line.stream {
            Stream::Stdout => framed.line(line.bytes, &mut events),
            // As under `go test`, which gives a test binary one stream for both: a crash is printed on standard error.
            Stream::Stderr => framed.text(line.bytes, &mut events),
        }
        let flushed = |gate: &mut Gate<'_>| if line.is_last { gate.flush() } else { Ok(()) };
        match feed_lines(&events, gate).and_then(|()| Ok(flushed(gate)?)) {
            Ok(()) if gate.enough() => ControlFlow::Break(()),
            Ok(()) => ControlFlow::Continue(()),
            Err(error) => {
                failure = Some(error);
                ControlFlow::Break(())
            }
        }
    })
    .map_err(not_started)?;
    if let Some(failure) = failure {
        return Err(failure);
    }
    let exited = if end.status.success() {
        Exited::Well
    } else {
        Exited::Badly
    };
    events.clear();
    framed.finish(exited, Some(clock.elapsed().as_secs_f64()), &mut events);
    feed_lines(&events, gate)?;
    Ok(end)
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
