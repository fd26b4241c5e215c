//! A command that prints the events of tests: its lines go to the gate, and its end is put into words.

use crate::app::Failure;
use crate::app::project::config::Config;
use crate::diag::Code;
use crate::gate::{Gate, Gathered};
use crate::gotest::RunEnd;
use crate::gotest::child::{self, ChildCommand, OutputLine, Stream};
use crate::gotest::group;
use crate::gotest::signals::SignalWatch;
use crate::report::{Notice, Outcome, PackageReport, PackageStatus, Partial};
use crate::settings::choices::{Prove, Switch};
use std::ops::ControlFlow;

/// Runs it and hands every line to the gate.
pub fn feed(command: &ChildCommand, signals: &SignalWatch, gate: &mut Gate<'_>) -> Result<RunEnd, Failure> {
    let mut failure = None;
    let end = child::run(command, signals, &mut |line: OutputLine<'_>| {
        let outcome = match line.stream {
            Stream::Stdout if line.is_last => gate.line(line.bytes).and_then(|()| gate.flush()),
            Stream::Stdout => gate.line(line.bytes),
            Stream::Stderr => {
                gate.stderr(line.bytes);
                Ok(())
            }
        };
        match outcome {
            Ok(()) if gate.enough() => ControlFlow::Break(()),
            Ok(()) => ControlFlow::Continue(()),
            Err(error) => {
                failure = Some(error);
                ControlFlow::Break(())
            }
        }
    })?;
    match failure {
        Some(error) => Err(Failure::Message(format!("can't write the output: {error}"))),
        None => Ok(end),
    }
}

/// Why a run did not finish, with what was running: `package.Test`, or a package between its tests by its path.
pub fn partial(end: &RunEnd, gathered: &mut Gathered) -> Option<Partial> {
    let (by, reason) = match end.interrupted {
        Some(interrupt) => (interrupt.name(), format!("interrupted by {}", interrupt.name())),
        None if end.stopped => (
            "max-fails",
            "stopped, because as many tests failed or leaked as max-fails allows".to_owned(),
        ),
        None => return None,
    };
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
    gathered.interrupted(by);
    Some(Partial { reason, running })
}

/// A command that fails for a reason that is in no event: a profile that can't be written, a wrapper's own check.
pub fn command_failed(end: &RunEnd, gathered: &Gathered, command: &str) -> Option<Notice> {
    let told =
        |package: &PackageReport| !matches!(package.status, PackageStatus::Passed | PackageStatus::Skipped);
    // go never reports a test with a signal: something killed it.
    let unexplained = group::signal_of(end.status).is_some() || !gathered.packages.iter().any(told);
    let silent = !end.status.success() && end.interrupted.is_none() && !end.stopped && unexplained;
    silent.then(|| {
        Notice::error(
            Code::CommandFailed,
            match group::signal_of(end.status) {
                Some(_) => format!(
                    "{command} was killed ({}) before it could tell how the tests came out",
                    end.status
                ),
                None => format!("{command} ended with {}, though every package passed", end.status),
            },
        )
        .remedy("see what it said on standard error")
    })
}

/// The value of LEAKGATE_SHIM; `None` when all of it is default, so that the environment stays the user's own.
pub fn shim_settings(config: &Config) -> Option<String> {
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
