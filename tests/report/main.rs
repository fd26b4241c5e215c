//! Reports as their readers get them: `leakgate report`, `merge` and `schema` run as programs; the HTML page opened in a
//! headless Chromium, JUnit read by junitparser, the test2json stream by gotestsum.

#![expect(
    clippy::disallowed_methods,
    clippy::unwrap_used,
    reason = "end-to-end tests run programs and write files, and may panic"
)]

mod browser;
mod gotestsum;
mod hostile;
mod junitparser;
mod merge;
mod verbs;

use leakgate::report::Report;
use std::path::{Path, PathBuf};
use std::process::Output;

/// The folder of this repository.
fn repository() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// The report of every verdict and of hostile names, as `report::golden` keeps it.
fn sample() -> PathBuf {
    repository().join("tests/testdata/golden/report.json")
}

/// Reads a report.
fn read(path: &Path) -> Report {
    Report::read(&std::fs::read(path).unwrap()).unwrap()
}

/// Runs leakgate in a folder, outside of any CI.
fn leakgate(dir: &Path, args: &[&str]) -> Output {
    support::leakgate(args.iter().copied())
        .current_dir(dir)
        .output()
        .unwrap()
}

fn stdout(output: &Output) -> String {
    String::from_utf8(output.stdout.clone()).unwrap()
}

fn stderr(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}
