//! The `junit` format, in the dialect that Jenkins and GitLab read: one suite per package, one case per test, one failure
//! per case, unique names. A leak that belongs to no test of the report is a case of its own, so that none is lost.

use super::human::finding_text;
use super::safe_text::{cut_middle, safe_lines, safe_name, safe_output};
use super::summary::fails_the_gate;
use super::{Finding, Outcome, PackageReport, PackageStatus, Report, TestReport, group, words};
use crate::diag::{Code, Severity};
use crate::leak::Verdict;
use crate::rules::RulingKind;
use quick_junit::{NonSuccessKind, Property, TestCase, TestCaseStatus, TestSuite};
use std::collections::{HashMap, HashSet};
use std::io::{self, Write};
use std::time::Duration;

/// Longest name of a test case.
const NAME: usize = 1_000;
/// Failing findings written out in one test case.
const FULL_TEXTS: usize = 20;

/// Writes the document.
pub fn write(report: &Report, out: &mut dyn Write) -> io::Result<()> {
    let mut document = quick_junit::Report::new("leakgate");
    document.set_time(Duration::from_millis(report.run.elapsed_ms));
    for package in &report.packages {
        let suite = Suite { report, package }.build();
        if !suite.test_cases.is_empty() {
            document.add_test_suite(suite);
        }
    }
    if let Some(suite) = gate_suite(report) {
        document.add_test_suite(suite);
    }
    document.serialize(out).map_err(io::Error::other)
}

struct Suite<'a> {
    report: &'a Report,
    package: &'a PackageReport,
}

impl<'a> Suite<'a> {
    fn build(&self) -> TestSuite {
        let package = self.package;
        let mut suite = TestSuite::new(safe_name(&package.path.0, NAME));
        suite.set_time(Duration::from_millis(package.elapsed_ms));
        suite
            .extra
            .insert("timestamp".into(), safe_name(&self.report.run.started, 40).into());
        if !self.report.run.go_version.is_empty() {
            suite.add_property(Property::new(
                "go.version",
                safe_name(&self.report.run.go_version, 60),
            ));
        }
        let mut names = UniqueNames::default();
        let mut told = HashSet::new();
        for test in &package.tests {
            let certain = |index: &usize| {
                let finding = self.report.findings.get(*index);
                finding.is_some_and(|finding| finding.leak.root.certain_test().is_some())
            };
            told.extend(test.findings.iter().copied().filter(certain));
            suite.add_test_case(self.test_case(test, names.unique(&test.name.0)));
        }
        for (index, finding) in self.report.findings.iter().enumerate() {
            if finding.leak.root.package == package.path && fails_the_gate(finding) && !told.contains(&index)
            {
                let id = cut_middle(&finding.leak.root.fingerprint.0, 8).into_owned();
                let name = names.unique(&format!("[goroutine leaks] {id}"));
                suite.add_test_case(self.case(name, leak_failure(&[finding]), Some(finding)));
            }
        }
        self.add_package_cases(&mut suite, &mut names);
        suite
    }

    /// Build failures, crashes outside of any test, missing evidence.
    fn add_package_cases(&self, suite: &mut TestSuite, names: &mut UniqueNames) {
        let package = self.package;
        let test_failed = package.tests.iter().any(|test| test.outcome == Outcome::Failed);
        let broken = match package.status {
            PackageStatus::BuildFailed => Some(("[build]", "build failed")),
            PackageStatus::Failed if !test_failed && package.inconclusive.is_none() => {
                Some(("[package]", "the package failed outside of any test"))
            }
            _ => None,
        };
        if let Some((name, message)) = broken {
            let status = non_success(
                NonSuccessKind::Error,
                "go",
                message,
                &safe_output(&package.output),
            );
            suite.add_test_case(self.case(names.unique(name), status, None));
        }
        if let Some(why) = &package.inconclusive {
            let text = format!(
                "{}\nremedy: {}\n{}",
                safe_name(&why.whole_reason(), 1_000),
                safe_name(&why.remedy, 1_000),
                safe_output(&package.output)
            );
            let message = format!(
                "inconclusive ({}): {}",
                safe_name(&why.code, 60),
                safe_name(&why.reason, 500)
            );
            let status = match self.interrupted() {
                Some(status) => status,
                None => non_success(NonSuccessKind::Error, "inconclusive", &message, &text),
            };
            suite.add_test_case(self.case(names.unique("[leakgate evidence]"), status, None));
        }
    }

    /// What a signal ended is no error of the tests.
    fn interrupted(&self) -> Option<TestCaseStatus> {
        let partial = self.report.run.partial.as_ref()?;
        let mut status = TestCaseStatus::skipped();
        status.set_message(safe_name(&partial.reason, 300));
        Some(status)
    }

    fn test_case(&self, test: &'a TestReport, name: String) -> TestCase {
        let findings: Vec<&Finding> = test
            .findings
            .iter()
            .filter_map(|index| self.report.findings.get(*index))
            .collect();
        let failing: Vec<&Finding> = findings
            .iter()
            .copied()
            .filter(|finding| fails_the_gate(finding) && finding.leak.root.certain_test().is_some())
            .collect();
        let status = match test.outcome {
            Outcome::Failed => go_failure(test, &findings, &failing),
            Outcome::Unfinished => self.interrupted().unwrap_or_else(|| {
                let text = safe_output(&test.output);
                non_success(
                    NonSuccessKind::Error,
                    "unfinished",
                    "the test did not finish",
                    &text,
                )
            }),
            _ if !failing.is_empty() => leak_failure(&failing),
            Outcome::Skipped => TestCaseStatus::skipped(),
            Outcome::Passed => TestCaseStatus::success(),
        };
        let mut case = self.case(name, status, failing.first().or(findings.first()).copied());
        case.set_time(Duration::from_secs_f64(
            (test.elapsed_ms / 1_000.0).clamp(0.0, 1e9),
        ));
        for (key, value) in &test.attrs {
            case.add_property(Property::new(safe_name(key, 200), safe_name(value, 2_000)));
        }
        for finding in findings
            .iter()
            .filter(|finding| finding.ruling.kind != RulingKind::Fails)
        {
            let key = format!("leakgate.{}", words::finding_kind(finding));
            case.add_property(Property::new(key, super::short::line(&finding.leak)));
        }
        case
    }

    fn case(&self, name: String, status: TestCaseStatus, finding: Option<&Finding>) -> TestCase {
        let mut case = TestCase::new(name, status);
        case.set_classname(safe_name(&self.package.path.0, NAME));
        if let Some(anchor) = finding.and_then(|finding| group::anchor(&finding.leak.root)) {
            case.extra
                .insert("file".into(), safe_name(&anchor.file, NAME).into());
            case.extra.insert("line".into(), anchor.line.to_string().into());
        }
        case
    }
}

fn go_failure(test: &TestReport, findings: &[&Finding], failing: &[&Finding]) -> TestCaseStatus {
    let stuck: Vec<&Finding> = findings
        .iter()
        .copied()
        .filter(|finding| finding.leak.root.verdict == Verdict::Stuck)
        .collect();
    let mut message = "Failed".to_owned();
    if let Some(finding) = stuck.first() {
        message += &format!("; stuck: {}", words::message(&finding.leak.root));
    }
    if let Some(finding) = failing.first() {
        message += &format!("; leaks: {}", words::message(&finding.leak.root));
    }
    let mut text = safe_output(&test.output);
    for finding in stuck.iter().chain(failing).take(FULL_TEXTS) {
        text += &format!("\n{}", finding_text(finding));
    }
    non_success(NonSuccessKind::Failure, "go", &message, &text)
}

fn leak_failure(findings: &[&Finding]) -> TestCaseStatus {
    let mut message = findings
        .first()
        .map(|finding| words::message(&finding.leak.root))
        .unwrap_or_default();
    if findings.len() > 1 {
        message += &format!("; and {} more", words::plural(findings.len() as u64 - 1, "leak"));
    }
    let texts: Vec<String> = findings
        .iter()
        .take(FULL_TEXTS)
        .map(|finding| finding_text(finding))
        .collect();
    let mut text = texts.join("\n");
    for finding in findings.iter().skip(FULL_TEXTS) {
        text += &format!("\n{}", super::short::line(&finding.leak));
    }
    non_success(NonSuccessKind::Failure, "goroutine-leak", &message, &text)
}

fn non_success(kind: NonSuccessKind, ty: &str, message: &str, text: &str) -> TestCaseStatus {
    let mut status = TestCaseStatus::non_success(kind);
    status.set_type(ty).set_message(message);
    // Both begin with this byte, which most texts do not have.
    match memchr::memchr(0xef, text.as_bytes()) {
        Some(_) => status.set_description(text.replace(['\u{fffe}', '\u{ffff}'], "\u{fffd}")),
        None => status.set_description(text),
    };
    status
}

/// What fails the gate and belongs to no package: denied rules.
fn gate_suite(report: &Report) -> Option<TestSuite> {
    let mut suite = TestSuite::new("leakgate");
    let mut names = UniqueNames::default();
    for notice in report
        .notices
        .iter()
        .filter(|notice| notice.severity == Severity::Error || notice.code == Code::NoTests.as_str())
    {
        let place = notice.place.as_deref().unwrap_or_default();
        let name = names.unique(&format!("[{}] {place}", notice.code));
        let message = safe_name(&notice.message, 1_000);
        let text = notice.remedy.as_deref().map(safe_lines).unwrap_or_default();
        let mut case = TestCase::new(
            name,
            non_success(NonSuccessKind::Failure, &notice.code, &message, &text),
        );
        case.set_classname("leakgate");
        let file = place.split(':').next().filter(|file| !file.is_empty());
        case.extra
            .extend(file.map(|file| ("file".into(), safe_name(file, NAME).into())));
        suite.add_test_case(case);
    }
    if suite.test_cases.is_empty() {
        None
    } else {
        Some(suite)
    }
}

/// GitLab shows only the first of equal names.
#[derive(Default)]
struct UniqueNames(HashMap<String, usize>);

impl UniqueNames {
    fn unique(&mut self, name: &str) -> String {
        let name = safe_name(name, NAME).replace(['\u{fffe}', '\u{ffff}'], "\u{fffd}");
        let seen = self.0.entry(name.clone()).or_default();
        *seen += 1;
        match *seen {
            1 => name,
            n => {
                let renamed = format!("{name} (run {n})");
                self.0.insert(renamed.clone(), 1);
                renamed
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::sample;
    use super::*;
    use quick_xml::events::Event;

    fn xml(report: &Report) -> String {
        let mut bytes = Vec::new();
        write(report, &mut bytes).unwrap();
        String::from_utf8(bytes).unwrap()
    }

    fn names(xml: &str) -> Vec<String> {
        let mut reader = quick_xml::Reader::from_str(xml);
        let mut names = Vec::new();
        loop {
            match reader.read_event().expect("well-formed XML") {
                Event::Eof => return names,
                Event::Start(tag) | Event::Empty(tag) if tag.name().as_ref() == b"testcase" => {
                    let name = tag.try_get_attribute("name").unwrap().unwrap();
                    names.push(name.unescape_value().unwrap().into_owned());
                }
                _ => {}
            }
        }
    }

    #[test]
    fn every_test_and_every_failing_leak_has_a_case_with_a_name_of_its_own() {
        let mut report = sample::report();
        let again = report.packages[4].tests[0].clone();
        report.packages[4].tests.push(again);
        let names = names(&xml(&report));
        let in_two_packages = |name: &&String| *name == "[leakgate evidence]";
        let unique: HashSet<&String> = names.iter().collect();
        assert_eq!(
            unique.len() + names.iter().filter(in_two_packages).count() - 1,
            names.len()
        );
        assert!(names.contains(&"TestFetchFirst (run 2)".to_owned()));
        assert!(names.contains(&"[build]".to_owned()));
        assert!(names.contains(&"[leakgate evidence]".to_owned()));
        assert!(names.contains(&"[expired] leakgate.toml:31:1".to_owned()));
        // 14 tests, one again, two leaks of no certain test, a build failure, two packages without evidence, one denied rule
        assert_eq!(names.len(), 21);
    }

    #[test]
    fn a_leak_of_no_listed_test_is_a_case_of_its_own() {
        let mut report = sample::report();
        report.packages[4].tests[5].findings.clear();
        assert!(
            names(&xml(&report))
                .iter()
                .any(|name| name.starts_with("[goroutine leaks] 0ce0"))
        );
    }

    /// TestLogin and TestLogout ran when the goroutine was first seen: neither fails, and the leak is a case of its own.
    #[test]
    fn of_several_candidates_no_test_fails() {
        let text = xml(&sample::report());
        let case = |name: &str| {
            let at = text.find(&format!("<testcase name=\"{name}\"")).expect("a case");
            let rest = &text[at..];
            rest[..rest.find("<testcase ").map_or(rest.len(), |_| {
                rest[1..].find("<testcase ").map_or(rest.len(), |next| next + 1)
            })]
                .to_owned()
        };
        assert!(!case("TestLogin").contains("<failure") && !case("TestLogout").contains("<failure"));
        let leak = text.find("TestLogin or TestLogout").expect("the leak");
        let before = &text[..leak];
        let owner = before.rfind("<testcase ").expect("a case");
        assert!(
            before[owner..].contains("[goroutine leaks]"),
            "{}",
            &before[owner..]
        );
    }

    #[test]
    fn nothing_illegal_in_xml_is_written() {
        let mut report = sample::report();
        report.packages[4].tests[6].output = "\u{fffe}\u{0}\x1b[1mred\x1b[0m ]]> \u{ffff}".to_owned();
        let xml = xml(&report);
        let illegal =
            |c: char| (c < ' ' && !matches!(c, '\n' | '\t' | '\r')) || matches!(c, '\u{fffe}' | '\u{ffff}');
        assert!(!xml.contains(illegal));
        assert!(!names(&xml).is_empty());
    }
}
