//! One mistake is one leak: the module `mistakes`, whose tests say how many mistakes they make and at which lines.

#![expect(
    clippy::disallowed_methods,
    clippy::unwrap_used,
    reason = "a test runs the program on a copy of a module"
)]

mod roots;

use leakgate::report::{Finding, Report};
use leakgate::rules::RulingKind;
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use support::Copied;

/// Longest block of a leak, in lines.
const LONGEST: usize = 14;

/// What a test of the module says of itself: lines by file.
#[derive(Debug, Default, PartialEq, Eq)]
struct Expected {
    leaks: usize,
    lines: BTreeSet<(String, u32)>,
}

/// Reads `leaks: N` above each test, the marks within it, and those that name a test in other files.
fn expected(dir: &Path) -> BTreeMap<String, Expected> {
    let mut tests = BTreeMap::<String, Expected>::new();
    for entry in std::fs::read_dir(dir).unwrap() {
        let path = entry.unwrap().path();
        let file = path.file_name().unwrap().to_string_lossy().into_owned();
        if !file.ends_with(".go") {
            continue;
        }
        let (mut leaks, mut name) = (0, String::new());
        for (number, line) in (1..).zip(std::fs::read_to_string(&path).unwrap().lines()) {
            if let Some(count) = line.strip_prefix("// leaks: ") {
                leaks = count.trim().parse().unwrap();
            } else if let Some(rest) = line.strip_prefix("func Test") {
                name = format!("Test{}", rest.split('(').next().unwrap());
                tests.entry(name.clone()).or_default().leaks = leaks;
            } else if let Some((_, of)) = line.rsplit_once("// change") {
                let test = if of.trim().is_empty() { &name } else { of.trim() };
                let lines = &mut tests.entry(test.to_owned()).or_default().lines;
                lines.insert((file.clone(), number));
            }
        }
    }
    tests
}

/// Lines that the report names for the roots, and the number of leaks, by test.
fn found(report: &Report) -> BTreeMap<String, Expected> {
    let mut tests = BTreeMap::<String, Expected>::new();
    let fails = |finding: &&Finding| finding.ruling.kind == RulingKind::Fails;
    for finding in report.findings.iter().filter(fails) {
        let root = &finding.leak.root;
        let test = tests.entry(root.tests[0].0.clone()).or_default();
        test.leaks += 1;
        let led = root
            .led_to_by
            .iter()
            .flat_map(|led| [Some(&led.at), led.from.as_ref()]);
        let spots = [root.blocked_at.as_ref(), root.started_at.as_ref()]
            .into_iter()
            .chain(led)
            .flatten();
        let own = spots.filter_map(|spot| Some((spot.relative.clone()?, spot.at.line)));
        test.lines.extend(own);
    }
    tests
}

struct Run {
    report: Report,
    text: String,
}

/// Runs the tests of a module under the gate.
fn run(copy: &Copied, options: &[&str]) -> Run {
    let output = support::leakgate(["test", "--no-config", "--report", "json=report.json"])
        .args(options)
        .arg(".")
        .current_dir(copy.dir())
        .output()
        .unwrap();
    let text = String::from_utf8(output.stdout).unwrap();
    assert_eq!(output.status.code(), Some(3), "{text}");
    let report = Report::read(&std::fs::read(copy.dir().join("report.json")).unwrap()).unwrap();
    Run { report, text }
}

/// Compares what a run found with what the tests say of themselves, all of it at once.
fn compare(module: &str, options: &[&str]) {
    let copy = Copied::of(&support::module(module));
    let Run { report, text } = run(&copy, options);
    let (expected, found) = (expected(copy.dir()), found(&report));
    let nothing = Expected::default();
    let mut wrong = String::new();
    for (test, expected) in &expected {
        let found = found.get(test).unwrap_or(&nothing);
        if found.leaks != expected.leaks || !expected.lines.is_subset(&found.lines) {
            wrong += &format!("{test}:\n  expected {expected:?}\n  found    {found:?}\n");
        }
    }
    let all: usize = expected.values().map(|expected| expected.leaks).sum();
    if report.summary.leaks != all as u64 {
        wrong += &format!("the summary counts {}, not {all}\n", report.summary.leaks);
    }
    let blocks: Vec<&str> = text
        .split("\n\n")
        .filter(|block| block.starts_with("LEAK "))
        .collect();
    if blocks.len() != all {
        wrong += &format!("{} blocks, not {all}\n", blocks.len());
    }
    for block in blocks {
        if block.lines().count() > LONGEST {
            wrong += &format!("too long:\n{block}\n");
        }
    }
    assert!(wrong.is_empty(), "{wrong}");
}

#[test]
fn what_a_function_made_before_it_refused_is_ended_there() {
    let copy = Copied::of(&support::module("mistakes"));
    let Run { report, .. } = run(&copy, &["-run", "^TestRefused$"]);
    let fix = &report.findings[0].leak.root.cause.fix;
    // The test gets no shelf that it could close.
    assert!(
        fix.contains("call Stop of what `box.New` (refused.go:14) made"),
        "{fix}"
    );
    assert!(fix.contains("on paths that return an error"), "{fix}");
}

#[test]
fn what_the_test_calls_already_is_not_asked_for_again() {
    let copy = Copied::of(&support::module("mistakes"));
    let Run { report, .. } = run(&copy, &["-run", "^TestGauge$"]);
    let cause = &report.findings[0].leak.root.cause;
    let waits = &cause.waits_for;
    assert!(
        waits.contains("; `Close` of the Gauge is called (owners_test.go:"),
        "{waits}"
    );
    assert!(
        waits.contains("is done only under the condition `g.measured`"),
        "{waits}"
    );
    assert!(cause.fix.ends_with("on every path"), "{}", cause.fix);
    assert!(!cause.fix.contains("Cleanup"), "{}", cause.fix);
}

#[test]
fn one_mistake_is_one_leak_with_its_line_in_ten_lines() {
    compare("mistakes", &[]);
}
