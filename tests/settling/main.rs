//! What is left when tests end, and how long it is watched: one package of `tests/testdata/modules/settling` for each row.
//!
//! `LEAKGATE_SETTLING_GO=go1.21.13,go1.27.3` runs it on other toolchains.

#![expect(
    clippy::disallowed_methods,
    reason = "an end-to-end test reads files and runs programs"
)]

use leakgate::leak::Verdict;
use leakgate::report::Report;

/// Exit code, and what was found: a part of the owner's name, and whether it is a leak, late, or ended by the collector only.
type Row = (&'static str, i32, &'static [(&'static str, &'static str)]);

const ROWS: &[Row] = &[
    ("pipe", 0, &[("TestPipe", "collected")]),
    ("sleeper", 0, &[("TestSweeper", "late")]),
    ("forgotten", 3, &[("TestForgotten", "leaked")]),
    ("poller", 0, &[]),
    ("worker", 3, &[("TestJob", "leaked")]),
    ("canary", 3, &[("leakgateCanary", "leaked")]),
];

struct Seen {
    exit: Option<i32>,
    found: Vec<(String, &'static str)>,
    notices: Vec<(String, String)>,
    output: String,
}

fn run(toolchain: &str, package: &str, args: &[&str]) -> Seen {
    run_in("settling", toolchain, package, args)
}

fn run_in(module: &str, toolchain: &str, package: &str, args: &[&str]) -> Seen {
    let place = tempfile::tempdir().expect("a folder");
    let json = place.path().join("report.json");
    let mut command = support::leakgate(["test"]);
    command
        .env("GOTOOLCHAIN", toolchain)
        .current_dir(support::module(module))
        .arg(format!("--report=json={}", json.display()))
        .args(args)
        .arg(format!("./{package}"));
    let output = command.output().expect("leakgate runs");
    let text = std::fs::read_to_string(&json).expect("a report");
    let report: Report = serde_json::from_str(&text).expect("a report");
    let mut found: Vec<(String, &str)> = report
        .findings
        .iter()
        .flat_map(|finding| finding.leak.groups())
        .map(|group| {
            let how = match (group.verdict, &group.lived) {
                (Verdict::Late, Some(lived)) if lived.collected => "collected",
                (Verdict::Late, _) => "late",
                _ => "leaked",
            };
            (group.owner.to_string(), how)
        })
        .collect();
    found.sort();
    Seen {
        exit: output.status.code(),
        found,
        notices: report
            .notices
            .into_iter()
            .map(|notice| (notice.code, notice.message))
            .collect(),
        output: String::from_utf8_lossy(&output.stdout).into_owned(),
    }
}

fn toolchains() -> Vec<String> {
    let named = std::env::var("LEAKGATE_SETTLING_GO").unwrap_or_else(|_| "local".to_owned());
    named.split(',').map(str::to_owned).collect()
}

#[test]
fn what_is_left_is_judged_by_what_it_does_while_it_is_watched() {
    let mut wrong = Vec::new();
    for toolchain in toolchains() {
        for (package, exit, expected) in ROWS {
            let seen = run(&toolchain, package, &["-count=1"]);
            let fits = seen.exit == Some(*exit)
                && seen.found.len() == expected.len()
                && seen
                    .found
                    .iter()
                    .zip(*expected)
                    .all(|((owner, how), (part, kind))| owner.contains(part) && how == kind);
            if !fits {
                wrong.push(format!("{toolchain} {package}: {:?} {:?}", seen.exit, seen.found));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn a_wait_for_a_goroutine_that_never_stops_running_is_explained() {
    for toolchain in toolchains() {
        let seen = run(&toolchain, "spinner", &["-count=1"]);
        let [(code, message)] = &seen.notices[..] else {
            panic!("{toolchain} {:?} {}", seen.notices, seen.output);
        };
        assert_eq!(code, "long-settling");
        assert!(message.starts_with("leakgate waited "), "{message}");
        assert!(
            message.ends_with("and spinner.TestSpin never stopped running"),
            "{message}"
        );
        assert!(seen.output.contains("never stopped running"), "{}", seen.output);
        let seen = run(&toolchain, "forgotten", &["-count=1"]);
        assert!(seen.notices.is_empty(), "{:?}", seen.notices);
    }
}

/// A library that needs a second to end after Close: the catalog knows it, and the shim gives it that second.
#[test]
fn what_ends_some_time_after_its_close_is_a_leak_only_if_it_was_not_closed() {
    for toolchain in toolchains() {
        for (package, exit, how) in [("closed", 0, "late"), ("open", 3, "leaked")] {
            let seen = run_in("lingers", &toolchain, package, &["-count=1"]);
            let found: Vec<&str> = seen.found.iter().map(|(_, how)| *how).collect();
            assert_eq!(
                (seen.exit, &found[..]),
                (Some(exit), &[how][..]),
                "{toolchain} {}",
                seen.output
            );
        }
    }
}

/// Before Go 1.25 dumps show nothing of the runtime's frames.
#[test]
fn a_finalizer_that_never_ends_is_a_leak() {
    for toolchain in toolchains() {
        let seen = run(&toolchain, "finalizer", &["--prove=off", "-count=1"]);
        let finalizer: Vec<_> = seen
            .found
            .iter()
            .filter(|(owner, _)| owner.contains("TestFinalizer"))
            .collect();
        assert_eq!(
            (seen.exit, finalizer.len()),
            (Some(3), 1),
            "{toolchain} {:?}",
            seen.found
        );
    }
}

/// The goroutine ends after 800 ms: a leak for whoever waits 100 ms, and late for whoever waits 3 s. Go keeps what the test
/// printed under either, and gives back none under the other.
#[test]
fn the_verdict_of_other_settings_is_not_taken_from_the_cache() {
    let unique = format!("-timeout={}s", 600 + std::process::id() % 100_000); // a cache entry of this run alone
    for (settle, exit, cached) in [
        ("--settle=100ms", 3, false),
        ("--settle=3s", 0, false),
        ("--settle=100ms", 3, true),
        ("--settle=400ms", 3, false), // the default
        ("--settle=3s", 0, true),
    ] {
        let seen = run("local", "lasting", &[settle, &unique]);
        let from_cache = seen.output.contains("(cached)");
        assert_eq!(
            (seen.exit, from_cache),
            (Some(exit), cached),
            "{settle}: {}",
            seen.output
        );
    }
}

/// Labels decide whose a leak is, so that a verdict under other labels is another verdict.
#[test]
fn the_verdict_under_other_labels_is_not_taken_from_the_cache() {
    let unique = format!("-timeout={}s", 200_000 + std::process::id() % 100_000);
    for (labels, cached) in [("on", false), ("off", false), ("on", true), ("off", true)] {
        let seen = run("local", "forgotten", &[&format!("--labels={labels}"), &unique]);
        let from_cache = seen.output.contains("(cached)");
        assert_eq!(
            (seen.exit, from_cache),
            (Some(3), cached),
            "{labels}: {}",
            seen.output
        );
    }
}
