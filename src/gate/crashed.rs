//! A package whose test binary crashed: its stuck tests as findings, who brought it down as a notice.

use crate::diag;
use crate::events::{PackageState, TestOutcome, TestState};
use crate::leak::attribution::By;
use crate::leak::crash::{self, Crash, CrashInput, Culprit};
use crate::leak::{Code, Group, Spot, TestName};
use crate::package_path::PackagePath;
use crate::report::words;
use crate::report::{LeftBy, Notice};

/// What a crash text tells.
#[derive(Default)]
pub struct Read {
    /// Stuck tests, and what they started.
    pub stuck: Vec<Group>,
    /// What tests that had ended left.
    pub left: Vec<LeftBy>,
    /// Who brought the process down.
    pub notice: Option<Notice>,
}

/// Reads the crash text of a package that died before its record was complete.
pub fn read(code: &Code<'_>, state: &PackageState) -> Read {
    let Some(text) = &state.crash else {
        return Read::default();
    };
    let named = |wanted: &dyn Fn(&&TestState) -> bool| -> Vec<TestName> {
        let found = state.tests.iter().filter(|test| wanted(test));
        found.map(|test| TestName(test.name.clone())).collect()
    };
    let running = named(&|test| test.outcome.is_none() && !test.paused);
    let failed = named(&|test| test.outcome == Some(TestOutcome::Failed));
    let input = CrashInput {
        package: code.package,
        output: &text.text,
        running: &running,
        failed: &failed,
        module: code.module,
        sources: code.sources,
    };
    let Some(crash) = crash::read(&input) else {
        return Read::default();
    };
    let culprit = crash.culprit.as_ref();
    let left = crash.left.iter().map(|(test, goroutines)| LeftBy {
        test: test.clone(),
        goroutines: *goroutines as u64,
    });
    Read {
        left: left.collect(),
        notice: culprit.map(|culprit| notice(&crash, culprit, code.package)),
        stuck: crash.stuck,
    }
}

fn notice(crash: &Crash, culprit: &Culprit, package: &PackagePath) -> Notice {
    let place = |spot: &Spot| {
        let file = spot.relative.as_deref().unwrap_or(&spot.at.file);
        format!("{file}:{}", spot.at.line)
    };
    let whose = match (&culprit.tests[..], &culprit.by) {
        ([test], _) if culprit.is_test_goroutine => format!("{test} brought the test binary down"),
        ([test], Some(By::Running)) => {
            format!("a goroutine brought the test binary down while {test} ran, and no other test")
        }
        ([test], _) => format!("a goroutine started by {test} brought the test binary down"),
        ([], _) => "a goroutine of no known test brought the test binary down".to_owned(),
        (tests, _) => format!(
            "a goroutine brought the test binary down while {} ran",
            words::tests(tests)
        ),
    };
    let started = culprit
        .started_at
        .as_ref()
        .map(|spot| format!("; it was started at {}", place(spot)));
    let notice = Notice::error(
        diag::Code::Crash,
        format!("{whose}: {}{}", crash.headline.text, started.unwrap_or_default()),
    )
    .remedy("fix the crash: the leaks of this package are unknown until it runs to its end")
    .of_package(package.clone());
    match &culprit.at {
        Some(spot) => notice.at(place(spot)),
        None => notice,
    }
}
