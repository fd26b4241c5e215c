//! The lines of an ended package, as the human format prints them while others still run.

use super::package::PackageRun;
use crate::report::words::plural;
use crate::report::{Inconclusive, PackageStatus};
use std::io::Write;

/// How much of a package is shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Detail {
    /// Only packages that fail or leak (`--quiet`).
    Failures,
    /// As `go test` does: output of failed tests, one line for every package.
    Normal,
    /// As `go test -v` does: all output.
    Everything,
}

/// go's verdict of a package, and what the gate adds to it.
#[derive(Debug, Default)]
pub struct Verdicts<'a> {
    /// How go says it ended.
    pub status: PackageStatus,
    /// Messages of a build that failed.
    pub build_output: String,
    /// Tests with failing leaks.
    pub leaking_tests: usize,
    /// Goroutines in failing leaks.
    pub leaked: u64,
    /// Set when the gate can't judge it.
    pub inconclusive: Option<&'a Inconclusive>,
}

/// Writes what an ended package has to show.
pub fn package(
    out: &mut Vec<u8>,
    path: &str,
    run: &mut PackageRun,
    verdicts: &Verdicts<'_>,
    detail: Detail,
) -> std::io::Result<()> {
    let bad = !matches!(verdicts.status, PackageStatus::Passed | PackageStatus::Skipped)
        || verdicts.leaked > 0
        || verdicts.inconclusive.is_some();
    if detail == Detail::Failures && !bad {
        return Ok(());
    }
    out.extend_from_slice(verdicts.build_output.as_bytes());
    // With `-v` all output has been shown as it came.
    if detail != Detail::Everything
        && !matches!(verdicts.status, PackageStatus::Passed | PackageStatus::Skipped)
    {
        run.copy_tests_to(out)?;
        run.output.copy_to(out)?;
    }
    end_line(out);
    closing(out, path, run, verdicts)
}

/// go's closing line, with the gate's word where it differs from go's.
fn closing(out: &mut Vec<u8>, path: &str, run: &PackageRun, verdicts: &Verdicts<'_>) -> std::io::Result<()> {
    let closing = run.closing.as_str();
    if verdicts.status == PackageStatus::Passed && verdicts.leaked > 0 {
        let rest = closing.strip_prefix("ok  \t").unwrap_or(path);
        let (goroutines, tests) = (
            plural(verdicts.leaked, "goroutine"),
            plural(verdicts.leaking_tests as u64, "test"),
        );
        return writeln!(out, "LEAK\t{rest}\t{goroutines} left behind by {tests}");
    }
    if verdicts.status == PackageStatus::Unfinished {
        return writeln!(out, "FAIL\t{path}\t[did not finish]");
    }
    if let Some(inconclusive) = verdicts.inconclusive {
        if closing.is_empty() || closing.starts_with("ok") {
            let rest = closing.strip_prefix("ok  \t").unwrap_or(path);
            return writeln!(out, "BLIND\t{rest}\t{}", inconclusive.reason);
        }
        return writeln!(out, "{closing}\t(inconclusive: {})", inconclusive.reason);
    }
    if closing.is_empty() {
        let word = match verdicts.status {
            PackageStatus::Skipped => "?   ",
            PackageStatus::Passed => "ok  ",
            PackageStatus::Failed | PackageStatus::BuildFailed | PackageStatus::Unfinished => "FAIL",
        };
        return writeln!(out, "{word}\t{path}");
    }
    writeln!(out, "{closing}")
}

/// Output of tests need not end with a line end; our own line must start one.
fn end_line(out: &mut Vec<u8>) {
    if out.last().is_some_and(|byte| *byte != b'\n') {
        out.push(b'\n');
    }
}
