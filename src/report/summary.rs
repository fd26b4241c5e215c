//! The counts of a report, and its exit code.

use super::group::groups;
use super::words::plural;
use super::{Finding, Notice, Outcome, PackageStatus, Report, Summary};
use crate::diag::{Code, Severity};
use crate::exit::{ExitCode, LeakCode};
use crate::leak::{Group, Verdict};
use crate::package_path::PackagePath;
use crate::rules::RulingKind;
use std::collections::HashSet;

/// What decides between the exit codes, beside the report itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Gate {
    /// `--no-tests`.
    pub no_tests: NoTests,
    /// Whether leaks fail the run (`--exit-zero` turns that off).
    pub leaks: OnLeaks,
    /// The code of a run that leaks fail (`leak-exit-code`).
    pub leak_code: LeakCode,
    /// The signal that interrupted the run.
    pub interrupted_by: Option<u8>,
    /// go (or the command that ran it) ended with an error of its own.
    pub command_failed: bool,
}

/// What a run without a single test is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum NoTests {
    /// Exit code 4: a gate that tests nothing must not be green.
    #[default]
    Fail,
    /// A pass (the caller may warn).
    Pass,
}

/// What leaks do to the exit code.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum OnLeaks {
    /// Exit code 3 (and 5 for missing evidence).
    #[default]
    Fail,
    /// They are reported only.
    Report,
}

/// Fills in `summary` and `exit_code`. Call it last, after any change of the report.
pub fn finish(report: &mut Report, gate: &Gate) {
    report.summary = Summary::of(report);
    let code = exit_code(report, gate);
    report.exit_code = code.code();
    // A part of a merged report may have had no tests; where none ran at all, a warning of the run stays.
    if report.summary.tests > 0 || code == ExitCode::NoTests {
        report
            .notices
            .retain(|notice| notice.code != Code::NoTests.as_str());
    }
    if code == ExitCode::NoTests {
        report.notices.push(
            Notice::warning(
                Code::NoTests,
                format!("no test ran, so nothing was judged (exit code {})", code.code()),
            )
            .remedy("look at the package patterns, -run and build tags; --no-tests=pass lets it pass"),
        );
    }
}

/// The exit code of a report whose summary is filled in.
///
/// In this order: interrupted, go's own failure (1), leaks and denied lints (3), missing evidence (5), no tests (4), clean.
pub fn exit_code(report: &Report, gate: &Gate) -> ExitCode {
    let summary = &report.summary;
    let failing_leaks = report.findings.iter().any(fails_the_gate);
    if let Some(signal) = gate.interrupted_by {
        ExitCode::Interrupted(signal)
    } else if summary.packages_failed > 0 || summary.tests_failed > 0 || gate.command_failed {
        ExitCode::TestsFailed
    } else if let Some(code) = gate.leak_code.exit()
        && gate.leaks == OnLeaks::Fail
        && (failing_leaks || summary.notices_denied > 0)
    {
        code
    } else if gate.leaks == OnLeaks::Fail && (summary.inconclusive > 0 || report.run.partial.is_some()) {
        ExitCode::Inconclusive
    } else if summary.tests == 0 && gate.no_tests == NoTests::Fail {
        ExitCode::NoTests
    } else {
        ExitCode::Clean
    }
}

/// What the exit code of a report means. 1 is go's own failure, unless go passed everything: then the team chose it for leaks.
pub fn meaning(report: &Report) -> ExitCode {
    let summary = &report.summary;
    let failed_command = Code::CommandFailed.as_str();
    let go_failed = summary.packages_failed > 0
        || summary.tests_failed > 0
        || report.notices.iter().any(|notice| notice.code == failed_command);
    match ExitCode::from_code(report.exit_code) {
        ExitCode::TestsFailed if !go_failed => ExitCode::Leaks,
        code => code,
    }
}

/// Whether a finding alone fails the gate. A stuck test has failed by go's own verdict already.
pub fn fails_the_gate(finding: &Finding) -> bool {
    finding.ruling.kind == RulingKind::Fails && finding.leak.root.verdict != Verdict::Stuck
}

impl Summary {
    /// Counts a report. The report's own `summary` is not looked at.
    pub fn of(report: &Report) -> Self {
        let mut summary = Self::default();
        for package in &report.packages {
            summary.add_package(package);
        }
        let failing = report.findings.iter().filter(|finding| fails_the_gate(finding));
        summary.tests_leaking = Leaking::of(failing).tests;
        let failing = report.findings.iter().filter(|finding| fails_the_gate(finding));
        summary.leaks = groups(failing).len() as u64;
        let mut stuck = HashSet::new();
        for finding in &report.findings {
            let leak = &finding.leak.root;
            let goroutines = finding.leak.goroutines();
            match (leak.verdict, finding.ruling.kind) {
                (Verdict::Stuck, _) => stuck.extend(leak.tests.iter().map(|test| (&leak.package, test))),
                (_, RulingKind::Background) => summary.background += goroutines,
                (_, RulingKind::Allowed) => summary.allowed += goroutines,
                (_, RulingKind::Baselined) => summary.baselined += goroutines,
                (Verdict::Late, kind) => {
                    summary.late += goroutines;
                    summary.leaked += if kind == RulingKind::Fails { goroutines } else { 0 };
                }
                (Verdict::Leaked, RulingKind::Fails) => summary.leaked += goroutines,
                (Verdict::Leaked, RulingKind::Warns) => summary.warned += goroutines,
            }
        }
        summary.stuck = stuck.len() as u64;
        let denied = report
            .notices
            .iter()
            .filter(|notice| notice.severity == Severity::Error);
        summary.notices_denied = denied.count() as u64;
        summary
    }

    fn add_package(&mut self, package: &super::PackageReport) {
        if package.status != PackageStatus::Skipped || !package.tests.is_empty() {
            self.packages += 1;
        }
        self.cached += u64::from(package.cached);
        let failed = matches!(package.status, PackageStatus::Failed | PackageStatus::BuildFailed);
        self.packages_failed += u64::from(failed);
        self.inconclusive += u64::from(package.inconclusive.is_some());
        let left = package.inconclusive.iter().flat_map(|why| &why.left);
        self.not_judged += left.map(|left| left.goroutines).sum::<u64>();
        self.tests += package.tests.len() as u64;
        for test in &package.tests {
            match test.outcome {
                Outcome::Failed => self.tests_failed += 1,
                Outcome::Skipped => self.tests_skipped += 1,
                Outcome::Passed | Outcome::Unfinished => {}
            }
        }
    }
}

/// Tests that leak.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Leaking {
    /// How many, at least: where one of several tests leaks, they count as one.
    pub tests: u64,
    /// Whether some leak may be of another test, or of none.
    pub is_least: bool,
}

impl Leaking {
    /// Counts the tests of these findings.
    pub fn of<'a>(findings: impl Iterator<Item = &'a Finding>) -> Self {
        let mut all: Vec<&Group> = findings.map(|finding| &finding.leak.root).collect();
        all.sort_by_key(|leak| leak.tests.len());
        let mut leaking = Self::default();
        let mut named: HashSet<(&PackagePath, &str)> = HashSet::new();
        let mut around: HashSet<(&PackagePath, &str)> = HashSet::new();
        for leak in all {
            let names = || leak.tests.iter().map(|test| (&leak.package, test.0.as_str()));
            let is_known = |(package, name)| {
                around.contains(&(package, name))
                    || outwards(name).any(|outer| named.contains(&(package, outer)))
            };
            let counts = match leak.certain_test() {
                Some(_) => names().any(|test| !named.contains(&test)),
                None => names().next().is_some() && !names().any(is_known),
            };
            named.extend(names());
            around.extend(
                names().flat_map(|(package, name)| outwards(name).map(move |outer| (package, outer))),
            );
            leaking.tests += u64::from(counts);
            leaking.is_least |= leak.certain_test().is_none();
        }
        leaking
    }

    /// ` in 3 tests`, ` in at least 3 tests`; nothing where no test is known.
    pub fn words(self, before: &str) -> String {
        let tests = plural(self.tests, "test");
        match (self.tests, self.is_least) {
            (0, _) => String::new(),
            (_, true) => format!(" {before} at least {tests}"),
            (_, false) => format!(" {before} {tests}"),
        }
    }
}

/// A test, and those that it is a subtest of.
fn outwards(name: &str) -> impl Iterator<Item = &str> {
    std::iter::successors(Some(name), |inner| Some(inner.rsplit_once('/')?.0))
}

#[cfg(test)]
mod tests {
    use super::super::sample;
    use super::*;
    use crate::leak::TestName;

    #[test]
    fn the_sample_is_counted() {
        let summary = sample::report().summary;
        assert_eq!(
            (summary.packages, summary.cached, summary.packages_failed),
            (5, 1, 4)
        );
        assert_eq!(
            (summary.tests, summary.tests_failed, summary.tests_skipped),
            (14, 2, 1)
        );
        // 2000 + 3 + watcher + window + hostile + once per process
        assert_eq!(summary.leaked, 2_007);
        // FetchFirst, FetchAll, slow_reader, hostile, and one of Login and Logout
        assert_eq!(summary.tests_leaking, 5);
        assert_eq!(
            (
                summary.late,
                summary.allowed,
                summary.baselined,
                summary.background
            ),
            (2, 4, 10, 2)
        );
        assert_eq!(
            (summary.stuck, summary.inconclusive, summary.notices_denied),
            (1, 2, 1)
        );
    }

    #[test]
    fn exit_codes_in_their_order() {
        let mut report = sample::report();
        let gate = Gate::default();
        assert_eq!(
            exit_code(
                &report,
                &Gate {
                    interrupted_by: Some(2),
                    ..gate
                }
            ),
            ExitCode::Interrupted(2)
        );
        assert_eq!(exit_code(&report, &gate), ExitCode::TestsFailed);
        for package in &mut report.packages {
            package.status = PackageStatus::Passed;
            package
                .tests
                .iter_mut()
                .for_each(|test| test.outcome = Outcome::Passed);
        }
        finish(&mut report, &gate);
        assert_eq!(report.exit_code, 3);
        assert_eq!(
            exit_code(
                &report,
                &Gate {
                    leaks: OnLeaks::Report,
                    ..gate
                }
            ),
            ExitCode::Clean
        );
        report.findings.retain(|finding| !fails_the_gate(finding));
        finish(&mut report, &gate);
        assert_eq!(report.exit_code, 3, "the expired entry is a denied lint");
        report.notices.clear();
        finish(&mut report, &gate);
        assert_eq!(report.exit_code, 5);
        report
            .packages
            .iter_mut()
            .for_each(|package| package.inconclusive = None);
        finish(&mut report, &gate);
        assert_eq!(
            report.exit_code, 0,
            "late, allowed, background and baselined pass"
        );
        report.packages.clear();
        finish(&mut report, &gate);
        assert_eq!(report.exit_code, 4);
        assert_eq!(
            exit_code(
                &report,
                &Gate {
                    no_tests: NoTests::Pass,
                    ..gate
                }
            ),
            ExitCode::Clean
        );
    }

    #[test]
    fn the_code_for_leaks_is_the_teams_own() {
        let mut report = sample::report();
        for package in &mut report.packages {
            package.status = PackageStatus::Passed;
            package.inconclusive = None;
            for test in &mut package.tests {
                test.outcome = Outcome::Passed;
            }
        }
        report.summary = Summary::of(&report);
        for (code, exit) in [
            (9, ExitCode::LeaksAs(9)),
            (1, ExitCode::TestsFailed),
            (3, ExitCode::Leaks),
            (0, ExitCode::Clean),
        ] {
            let gate = Gate {
                leak_code: LeakCode::new(code).unwrap(),
                ..Gate::default()
            };
            assert_eq!(exit_code(&report, &gate), exit);
        }
        report.run.partial = Some(super::super::Partial {
            reason: "cut".to_owned(),
            running: Vec::new(),
        });
        let off = Gate {
            leak_code: LeakCode::new(0).unwrap(),
            ..Gate::default()
        };
        assert_eq!(exit_code(&report, &off), ExitCode::Inconclusive);
    }

    #[test]
    fn a_1_that_the_team_chose_for_leaks_is_not_gos_own_failure() {
        let mut report = sample::clean();
        report.exit_code = 1;
        assert_eq!(meaning(&report), ExitCode::Leaks, "go passed everything");
        report.summary.tests_failed = 1;
        assert_eq!(meaning(&report), ExitCode::TestsFailed);
        report.exit_code = 3;
        assert_eq!(meaning(&report), ExitCode::Leaks);
    }

    #[test]
    fn a_partial_report_is_never_clean() {
        let mut report = sample::clean();
        assert_eq!(report.exit_code, 0);
        report.run.partial = Some(super::super::Partial {
            reason: "interrupted".to_owned(),
            running: Vec::new(),
        });
        assert_eq!(exit_code(&report, &Gate::default()), ExitCode::Inconclusive);
    }

    #[test]
    fn where_one_of_several_tests_leaks_they_count_as_one() {
        let leaking = |leaks: &[&[&str]]| {
            let mut report = sample::report();
            let one = report.findings.swap_remove(0);
            let finding = |tests: &&[&str]| {
                let mut finding = one.clone();
                finding.leak.root.tests = tests.iter().map(|test| TestName((*test).into())).collect();
                finding
            };
            let findings: Vec<Finding> = leaks.iter().map(finding).collect();
            Leaking::of(findings.iter()).words("in")
        };
        assert_eq!(leaking(&[&["A"], &["A"], &["B"]]), " in 2 tests");
        assert_eq!(
            leaking(&[&["A"], &["B", "C"], &["D", "E", "F"]]),
            " in at least 3 tests"
        );
        assert_eq!(leaking(&[&["B", "A"], &["A"]]), " in at least 1 test");
        assert_eq!(leaking(&[&["A/x"], &["A", "B"]]), " in at least 1 test");
        assert_eq!(
            leaking(&[&["A/x"], &["A/y"], &["AB", "C"]]),
            " in at least 3 tests"
        );
        assert_eq!(leaking(&[&["A"], &[]]), " in at least 1 test");
        assert_eq!(leaking(&[&[]]), "");
    }
}
