//! Which test a leak belongs to: one package of `tests/testdata/modules/whose` (or
//! `bubbles`) for each row, each beside a twin without a leak.
//!
//! `LEAKGATE_WHOSE_GO=go1.21.13,go1.27.3` runs it on other toolchains.

#![expect(
    clippy::disallowed_methods,
    reason = "an end-to-end test reads files and runs programs"
)]

use leakgate::leak::TestName;
use leakgate::report::Report;

/// What is found: a part of the owner's name, and the tests that are named.
type Found = (&'static str, &'static [&'static str]);
/// Package, exit code, and what is found.
type Row = (&'static str, i32, &'static [Found]);

const ROWS: &[Row] = &[
    (
        "conn",
        3,
        &[
            ("persistConn).readLoop", &["TestForgetful"]),
            ("persistConn).writeLoop", &["TestForgetful"]),
        ],
    ),
    ("conntidy", 0, &[]),
    (
        "connown",
        3,
        &[
            ("persistConn).readLoop", &["TestFetch"]),
            ("persistConn).writeLoop", &["TestFetch"]),
        ],
    ),
    ("connowntidy", 0, &[]),
    (
        "connearly",
        3,
        &[
            ("persistConn).readLoop", &["TestClosers", "TestFetch"]),
            ("persistConn).writeLoop", &["TestClosers", "TestFetch"]),
        ],
    ),
    ("worker", 3, &[("worker.work", &["TestStuck"])]),
    ("workerends", 0, &[]),
    ("closure", 3, &[("closure.work", &["TestStuck"])]),
    ("timer", 3, &[("cache).expire", &["TestArms"])]),
    ("timertwo", 3, &[("cache).expire", &["TestArms", "TestStops"])]),
    ("timerstopped", 0, &[]),
    ("paused", 3, &[("paused.park", &["TestSequential"])]),
    ("pausedends", 0, &[]),
    ("unresumed", 3, &[("TestParent.func1", &["TestParent/lost"])]),
    ("resumed", 0, &[]),
    (
        "hang",
        1,
        &[("TestHang", &["TestHang"]), ("later.func1", &["TestHang"])],
    ),
    ("hangends", 0, &[]),
    ("child", 3, &[("TestJob.func1.1", &["TestJob"])]),
    ("childends", 0, &[]),
    (
        "equal",
        3,
        &[
            ("equal.start.func1.1", &["TestOne"]),
            ("equal.start.func1.1", &["TestTwo"]),
            ("equal.start.func1.1", &["TestMany/a"]),
            ("equal.start.func1.1", &["TestMany/c"]),
        ],
    ),
    ("equalends", 0, &[]),
];

/// `testing/synctest` is in Go 1.25 and later, and refuses modules of an older one.
const BUBBLES: &[Row] = &[
    ("bubble", 1, &[("bubble.sweep", &["TestLeft"])]),
    ("bubbleends", 0, &[]),
];

struct Seen {
    exit: Option<i32>,
    found: Vec<(String, Vec<String>)>,
    text: String,
    junit: String,
}

fn run(toolchain: &str, module: &str, package: &str) -> Seen {
    let place = tempfile::tempdir().expect("a folder");
    let (json, junit) = (place.path().join("report.json"), place.path().join("report.xml"));
    let mut command = support::leakgate(["test"]);
    command
        .env("GOTOOLCHAIN", toolchain)
        .current_dir(support::module(module))
        .arg("--color=never")
        .arg(format!("--report=json={}", json.display()))
        .arg(format!("--report=junit={}", junit.display()))
        .args(["-count=1", "-timeout=4s"])
        .arg(format!("./{package}"));
    let output = command.output().expect("leakgate runs");
    let text = std::fs::read_to_string(&json).unwrap_or_else(|_| panic!("a report: {output:?}"));
    let report: Report = serde_json::from_str(&text).expect("a report");
    let names = |tests: &[TestName]| tests.iter().map(|test| test.0.clone()).collect();
    let leaks = report.findings.iter().flat_map(|finding| finding.leak.groups());
    let mut found: Vec<(String, Vec<String>)> = leaks
        .map(|leak| (leak.owner.to_string(), names(&leak.tests)))
        .collect();
    found.sort();
    Seen {
        exit: output.status.code(),
        found,
        text: String::from_utf8_lossy(&output.stdout).into_owned(),
        junit: std::fs::read_to_string(&junit).expect("a report"),
    }
}

fn toolchains() -> Vec<String> {
    let named = std::env::var("LEAKGATE_WHOSE_GO").unwrap_or_else(|_| "local".to_owned());
    named.split(',').map(str::to_owned).collect()
}

fn fits(seen: &Seen, exit: i32, expected: &[Found]) -> bool {
    let is = |(part, named): &Found| {
        let mut found = seen.found.iter();
        found.any(|(owner, tests)| {
            owner.contains(part) && tests.iter().map(String::as_str).eq(named.iter().copied())
        })
    };
    seen.exit == Some(exit) && seen.found.len() == expected.len() && expected.iter().all(is)
}

#[test]
fn a_leak_is_of_the_test_that_left_it_and_no_other() {
    let mut wrong = Vec::new();
    for toolchain in toolchains() {
        let old = ["go1.21", "go1.22", "go1.23", "go1.24"];
        let bubbles = match old.iter().any(|old| toolchain.starts_with(old)) {
            true => &[],
            false => BUBBLES,
        };
        let of = |module| move |row: &'static Row| (module, row);
        for (module, (package, exit, expected)) in ROWS
            .iter()
            .map(of("whose"))
            .chain(bubbles.iter().map(of("bubbles")))
        {
            let seen = run(&toolchain, module, package);
            if !fits(&seen, *exit, expected) {
                wrong.push(format!(
                    "{toolchain} {package}: {:?} {:?}\n{}",
                    seen.exit, seen.found, seen.text
                ));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// Where two tests may have set the timer, neither fails in JUnit; the package does.
#[test]
fn only_a_test_that_is_named_with_certainty_fails() {
    let failing = |package| -> Vec<String> {
        let junit = run("local", "whose", package).junit;
        let cases = junit.split("<testcase ").skip(1);
        let failed = cases.filter(|case| case.contains("<failure") || case.contains("<error"));
        let name = |case: &str| {
            case.split("name=\"")
                .nth(1)
                .and_then(|rest| rest.split('"').next())
                .map(str::to_owned)
        };
        failed.filter_map(name).collect()
    };
    let tests = |failed: &[String]| failed.iter().filter(|name| name.starts_with("Test")).count();
    let timer = failing("timer");
    assert!(
        timer.iter().any(|name| name == "TestArms") && tests(&timer) == 1,
        "{timer:?}"
    );
    let two = failing("timertwo");
    assert!(!two.is_empty() && tests(&two) == 0, "{two:?}");
}

#[test]
fn a_crash_two_steps_away_is_told_with_the_test_that_ran() {
    let seen = run("local", "whose", "crash");
    assert_eq!(seen.exit, Some(1), "{}", seen.text);
    assert!(
        seen.text.contains("while TestCrash ran, and no other test"),
        "{}",
        seen.text
    );
}
