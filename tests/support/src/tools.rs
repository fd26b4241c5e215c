//! Tools that not every machine has: the Go toolchains of the matrix, Chromium, Node, Python. A test without its tool says
//! `skipped: no …` and passes. Where `LEAKGATE_TESTS_NEED_ALL` is set, as in CI, it fails: CI never tests less in silence.

use std::process::Command;

/// The Go toolchains that leakgate is tested with.
pub const MATRIX: [&str; 7] = [
    "1.21.13", "1.22.12", "1.23.12", "1.24.11", "1.25.0", "1.26.8", "1.27.3",
];

/// Variable that makes a missing tool a failure.
pub const NEED_ALL: &str = "LEAKGATE_TESTS_NEED_ALL";

/// Whether `program args` runs and succeeds; if not, the test is skipped.
#[track_caller]
pub fn has(program: &str, args: &[&str]) -> bool {
    let done = Command::new(program).args(args).output();
    done.is_ok_and(|output| output.status.success()) || missing(program)
}

/// The Chromium of this machine; without one the test is skipped.
#[track_caller]
pub fn chromium() -> Option<&'static str> {
    let runs = |name: &&str| {
        let done = Command::new(name).arg("--version").output();
        done.is_ok_and(|output| output.status.success())
    };
    let found = ["chromium", "chromium-browser", "google-chrome"]
        .into_iter()
        .find(runs);
    if found.is_none() {
        missing("Chromium");
    }
    found
}

/// Whether `GOTOOLCHAIN=go<version>` gives that Go; if not, the test is skipped.
#[track_caller]
pub fn has_go(version: &str) -> bool {
    let mut go = Command::new("go");
    go.args(["env", "GOVERSION"])
        .env("GOTOOLCHAIN", format!("go{version}"));
    let same = |output: std::process::Output| {
        output.status.success() && String::from_utf8_lossy(&output.stdout).trim() == format!("go{version}")
    };
    go.output().is_ok_and(same) || missing(&format!("Go {version}"))
}

/// Says that a tool is missing. Always false.
///
/// # Panics
///
/// Where every tool must be there.
#[track_caller]
pub fn missing(what: &str) -> bool {
    let all = std::env::var_os(NEED_ALL).is_some_and(|value| !value.is_empty());
    assert!(!all, "no {what}, and {NEED_ALL} is set: every tool must be there");
    skipped(&format!("no {what}"));
    false
}

/// Says why this machine can't run a test, whatever tools it has.
pub fn skipped(why: &str) {
    // Not `eprintln!`: the test harness keeps that for itself when a test passes.
    let line = format!("skipped: {why}\n");
    let _ = std::io::Write::write_all(&mut std::io::stderr(), line.as_bytes());
}
