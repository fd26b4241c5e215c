//! `leakgate check`: saved logs of tests that ran with the shim, and those of a `bazel test`.

use crate::app::Failure;
use crate::app::commands::arguments;
use crate::app::project::here::Project;
use crate::app::run::bazel::BazelRun;
use crate::app::run::log::{Held, LogReader, Origin};
use crate::app::run::session::{Facts, Ready};
use crate::cli::tools::CheckArgs;
use crate::events::framed::Exited;
use crate::events::quirks;
use crate::exit::ExitCode;
use crate::gate::Gathered;
use crate::gotest::CacheDir;
use crate::gotest::cache::CacheEnv;
use crate::report::{Inconclusive, LeftOut, Notice};
use std::path::PathBuf;

/// Runs the verb.
pub fn run(args: &CheckArgs) -> Result<ExitCode, Failure> {
    arguments::files("check", args.files.iter().map(PathBuf::as_path)).map_err(Failure::Message)?;
    arguments::without_effect("check", &args.gate.settings.given).map_err(Failure::Message)?;
    let ready = Ready::new(&args.gate, Project::here()?)?;
    let ground = ready.project.ground();
    let mut session = ready.begin(&ground, None)?;
    let mut logs = LogReader::default();
    let origin = Origin {
        package: args.package.clone(),
        exited: Exited::Unknown,
        elapsed_ms: None,
    };
    let mut bazel = args.bep.as_deref().map(BazelRun::read).transpose()?;
    let mut judged = false;
    let ((), mut gathered) = session.feed(|gate| {
        for file in &args.files {
            judged |= logs.feed(file, &origin, gate)? == Held::Judged;
        }
        match &mut bazel {
            Some(bazel) => bazel.feed(&mut logs, gate),
            None => Ok(()),
        }
    })?;
    let not_full = match &bazel {
        Some(bazel) if args.files.is_empty() => bazel.not_full(),
        _ => Some("a log does not tell which tests were left out".to_owned()),
    };
    let notices = bazel
        .map(|bazel| bazel.complete(&mut gathered))
        .unwrap_or_default();
    if gathered.events == 0 && gathered.packages.is_empty() {
        let names: Vec<_> = args
            .files
            .iter()
            .chain(&args.bep)
            .map(|file| file.display().to_string())
            .collect();
        if judged {
            return Err(Failure::Message(format!(
                "no test event in {}: it holds a report of leakgate, whose verdict is in its last lines",
                names.join(", ")
            )));
        }
        if quirks::is_plain_go_test(&gathered.stray_text) {
            return Err(Failure::Message(format!(
                "no test event in {}: it is what go test prints without -json; `check` reads what `go test -json` prints",
                names.join(", ")
            )));
        }
        return Err(Failure::Message(format!(
            "no test event in {}: `check` reads what `go test -json` prints, and what a test binary prints with \
             -test.v=test2json",
            names.join(", ")
        )));
    }
    let facts = Facts {
        timing: Some(logs.timing()),
        not_full,
        left_out: LeftOut::Unknown,
        notices: notices.into_iter().chain(without_shim(&gathered)).collect(),
        ..Facts::default()
    };
    session.finish(gathered, &CacheDir::open(&CacheEnv::from_process())?, facts)
}

/// A log in which no package has a record was made without leakgate, or `-v` took the records' marks away.
fn without_shim(gathered: &Gathered) -> Option<Notice> {
    let mut doubts = gathered.packages.iter().map(|package| &package.inconclusive);
    let none = |why: &Option<Inconclusive>| why.as_ref().is_some_and(|why| why.code == "no-record");
    let any = gathered
        .packages
        .iter()
        .any(|package| none(&package.inconclusive));
    (any && doubts.all(|why| why.is_none() || none(why)) && gathered.findings.is_empty()).then(|| Notice::warning(crate::diag::Code::NoShim, "no test process of this log has a record of leakgate: it was made without the shim, or with `-v` beside `-json`").remedy("run `eval \"$(leakgate overlay)\"` before `go test -json`, without -v; a log that leakgate itself has written (--jsonfile) is judged already: read the report of that run"))
}
