//! A package whose test binary crashed: its stuck tests as findings, who brought it down as a notice.

use crate::diag;
use crate::events::{PackageState, TestOutcome};
use crate::leak::crash::{self, Crash, CrashInput, Culprit};
use crate::leak::{Code, Group, Spot, TestName};
use crate::package_path::PackagePath;
use crate::report::{Notice, Severity};

/// Reads the crash text of a package that died before its record was complete.
pub fn read(code: &Code<'_>, state: &PackageState) -> (Vec<Group>, Option<Notice>) {
    let Some(text) = &state.crash else {
        return (Vec::new(), None);
    };
    let running: Vec<TestName> = state
        .tests
        .iter()
        .filter(|test| matches!(test.outcome, None | Some(TestOutcome::Failed)))
        .map(|test| TestName(test.name.clone()))
        .collect();
    let input = CrashInput {
        package: code.package,
        output: &text.text,
        running: &running,
        module: code.module,
        sources: code.sources,
    };
    match crash::read(&input) {
        Some(crash) => {
            let notice = crash
                .culprit
                .as_ref()
                .map(|culprit| notice(&crash, culprit, code.package));
            (crash.stuck, notice)
        }
        None => (Vec::new(), None),
    }
}

fn notice(crash: &Crash, culprit: &Culprit, package: &PackagePath) -> Notice {
    let place = |spot: &Spot| {
        let file = spot.relative.as_deref().unwrap_or(&spot.at.file);
        format!("{file}:{}", spot.at.line)
    };
    let whose = match (&culprit.test, culprit.is_test_goroutine) {
        (Some(test), true) => format!("{test} brought the test binary down"),
        (Some(test), false) => format!("a goroutine started by {test} brought the test binary down"),
        (None, _) => "a goroutine that no test could be tied to brought the test binary down".to_owned(),
    };
    let started = culprit
        .started_at
        .as_ref()
        .map(|spot| format!("; it was started at {}", place(spot)));
    Notice {
        code: diag::Code::Crash.into(),
        severity: Severity::Error,
        message: format!("{whose}: {}{}", crash.headline.text, started.unwrap_or_default()),
        remedy: Some("mend the crash: leaks of this package are unknown until it runs to its end".to_owned()),
        place: culprit.at.as_ref().map(place),
        package: Some(package.clone()),
    }
}
