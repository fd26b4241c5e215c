//! From what the gate gathered to the report: sorted, linked, counted.

use crate::diag::Severity;
use crate::gate::Gathered;
use crate::report::model::SCHEMA;
use crate::report::{self, Notice, Report, Run, Summary, Tool};
use std::collections::HashMap;

/// Name and version of this program.
fn tool() -> Tool {
    Tool {
        name: "leakgate".to_owned(),
        version: env!("CARGO_PKG_VERSION").to_owned(),
    }
}

/// The report of a run. Deterministic order: packages by path; findings by ruling, package, tests, fingerprint; notices
/// by gravity, code, place.
pub fn report(gathered: Gathered, mut run: Run, notices: Vec<Notice>, gate: &report::Gate) -> Report {
    run.go_version = gathered.go_version;
    let mut report = Report {
        schema: SCHEMA.to_owned(),
        tool: tool(),
        run,
        packages: gathered.packages,
        findings: gathered.findings,
        notices: gathered.notices,
        summary: Summary::default(),
        exit_code: 0,
    };
    complete(&mut report, notices, gate);
    report
}

/// Adds notices, and derives what follows from the parts: order, links, counts, the exit code.
pub fn complete(report: &mut Report, notices: Vec<Notice>, gate: &report::Gate) {
    report.notices.extend(notices);
    sort(report);
    link(report);
    report::finish(report, gate);
}

/// Puts a report into its order.
fn sort(report: &mut Report) {
    report.packages.sort_by(|a, b| a.path.cmp(&b.path));
    report.findings.sort_by(|a, b| {
        let key = |finding: &report::Finding| {
            let root = &finding.leak.root;
            let helper = root.stuck.as_ref().is_some_and(|stuck| !stuck.is_test_goroutine);
            // The user's own code before libraries, proven before observed, many before few; a stuck test before its helpers.
            let weight = std::cmp::Reverse(finding.leak.goroutines());
            let first = (!root.has_own_line(), root.evidenced, weight);
            (finding.ruling.kind, root.verdict, helper, first)
        };
        let name = |finding: &report::Finding| {
            let root = &finding.leak.root;
            // The test that is stuck comes before what only helps it.
            let helps = root.stuck.as_ref().is_some_and(|stuck| !stuck.is_test_goroutine);
            (
                root.package.clone(),
                root.tests.clone(),
                helps,
                root.fingerprint.clone(),
            )
        };
        key(a).cmp(&key(b)).then_with(|| name(a).cmp(&name(b)))
    });
    let gravity = |severity: Severity| match severity {
        Severity::Error => 0,
        Severity::Warning => 1,
        Severity::Note => 2,
    };
    report.notices.sort_by(|a, b| {
        let key = |notice: &Notice| {
            (
                gravity(notice.severity),
                notice.code.clone(),
                notice.place.clone(),
            )
        };
        key(a)
            .cmp(&key(b))
            .then_with(|| (&a.package, &a.message).cmp(&(&b.package, &b.message)))
    });
    report.notices.dedup();
}

/// Gives each test the indexes of the findings that name it.
fn link(report: &mut Report) {
    let mut by_test: HashMap<(&str, &str), Vec<usize>> = HashMap::new();
    for (index, finding) in report.findings.iter().enumerate() {
        for test in &finding.leak.root.tests {
            by_test
                .entry((finding.leak.root.package.as_str(), &test.0))
                .or_default()
                .push(index);
        }
    }
    for package in &mut report.packages {
        for test in &mut package.tests {
            let found = by_test.get(&(package.path.as_str(), test.name.0.as_str()));
            test.findings = found.cloned().unwrap_or_default();
        }
    }
}
