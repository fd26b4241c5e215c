//! One mistake is one leak: the module `mistakes`, whose tests say how many mistakes they make and at which lines.

#![expect(
    clippy::disallowed_methods,
    clippy::unwrap_used,
    reason = "a test runs the program on a copy of a module"
)]

use leakgate::report::Report;
use std::collections::{BTreeMap, BTreeSet};
use support::Copied;

/// Longest block of a leak, in lines.
const LONGEST: usize = 14;

/// What a test of the module says of itself.
#[derive(Debug, Default, PartialEq, Eq)]
struct Expected {
    leaks: usize,
    lines: BTreeSet<u32>,
}

/// Reads `leaks: N` above each test and the marks within it.
fn expected(source: &str) -> BTreeMap<String, Expected> {
    let (mut tests, mut leaks, mut name) = (BTreeMap::<String, Expected>::new(), 0, String::new());
    for (number, line) in (1..).zip(source.lines()) {
        if let Some(count) = line.strip_prefix("// leaks: ") {
            leaks = count.trim().parse().unwrap();
        } else if let Some(rest) = line.strip_prefix("func Test") {
            name = format!("Test{}", rest.split('(').next().unwrap());
            tests.entry(name.clone()).or_default().leaks = leaks;
        } else if line.ends_with("// change") {
            tests.get_mut(&name).unwrap().lines.insert(number);
        }
    }
    tests
}

/// Lines of the test file that the report names, and the number of leaks, by test.
fn found(report: &Report) -> BTreeMap<String, Expected> {
    let mut tests = BTreeMap::<String, Expected>::new();
    for finding in &report.findings {
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
        let in_tests = spots.filter(|spot| spot.at.file.ends_with("mistakes_test.go"));
        test.lines.extend(in_tests.map(|spot| spot.at.line));
    }
    tests
}

#[test]
fn one_mistake_is_one_leak_with_its_line_in_ten_lines() {
    let copy = Copied::of(&support::module("mistakes"));
    let args = [
        "test",
        "--no-config",
        "--trace",
        "--report",
        "json=report.json",
        ".",
    ];
    let output = support::leakgate(args).current_dir(copy.dir()).output().unwrap();
    let text = String::from_utf8(output.stdout).unwrap();
    assert_eq!(output.status.code(), Some(3), "{text}");
    let report = Report::read(&std::fs::read(copy.dir().join("report.json")).unwrap()).unwrap();

    let source = std::fs::read_to_string(copy.dir().join("mistakes_test.go")).unwrap();
    let (expected, found) = (expected(&source), found(&report));
    let nothing = Expected::default();
    for (test, expected) in &expected {
        let found = found.get(test).unwrap_or(&nothing);
        assert_eq!(found.leaks, expected.leaks, "{test}: {found:?}");
        assert!(
            expected.lines.is_subset(&found.lines),
            "{test}: {expected:?}, found {found:?}"
        );
    }
    let all: usize = expected.values().map(|expected| expected.leaks).sum();
    assert_eq!(report.summary.leaks, all as u64, "the summary counts the same");

    let blocks: Vec<&str> = text
        .split("\n\n")
        .filter(|block| block.starts_with("LEAK "))
        .collect();
    assert_eq!(blocks.len(), all, "{text}");
    for block in blocks {
        assert!(block.lines().count() <= LONGEST, "{block}");
    }
}
