//! The lines of an ended package, as the human format prints them while others still run.

use super::folded_dump;
use super::package::PackageRun;
use crate::report::summary::Leaking;
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
    /// The same, with Go's dumps whole (`--verbose`).
    Whole,
    /// As `go test -v` does: all output.
    Everything,
    /// A sign and a line for each package (`--format pkgname`).
    Packages,
    /// A line for each test (`--format testname`).
    Tests,
    /// A sign for each test (`--format dots`).
    Dots,
}

/// go's verdict of a package, and what the gate adds to it.
#[derive(Debug, Default)]
pub struct Verdicts<'a> {
    /// How go says it ended.
    pub status: PackageStatus,
    /// Messages of a build that failed.
    pub build_output: String,
    /// Tests with failing leaks.
    pub leaking: Leaking,
    /// Goroutines in failing leaks.
    pub leaked: u64,
    /// Set when the gate can't judge it.
    pub inconclusive: Option<&'a Inconclusive>,
    /// Whether the report explains which test is stuck, so that Go's dump adds nothing.
    pub is_explained: bool,
}

impl Verdicts<'_> {
    /// Whether go or a leak fails the package.
    fn fails(&self) -> bool {
        self.leaked > 0 || !matches!(self.status, PackageStatus::Passed | PackageStatus::Skipped)
    }
}

/// Writes what an ended package has to show, and gives where its closing line begins.
pub fn package(
    out: &mut Vec<u8>,
    path: &str,
    run: &mut PackageRun,
    verdicts: &Verdicts<'_>,
    detail: Detail,
) -> std::io::Result<usize> {
    let bad = verdicts.fails() || verdicts.inconclusive.is_some();
    if matches!(detail, Detail::Failures | Detail::Dots) && !bad {
        return Ok(0);
    }
    out.extend_from_slice(verdicts.build_output.as_bytes());
    // With `-v` all output has been shown as it came.
    if detail != Detail::Everything
        && !matches!(verdicts.status, PackageStatus::Passed | PackageStatus::Skipped)
    {
        let mut kept = Vec::new();
        run.copy_tests_to(&mut kept)?;
        run.output.copy_to(&mut kept)?;
        match std::str::from_utf8(&kept) {
            Ok(text) if verdicts.is_explained && detail != Detail::Whole => {
                out.extend_from_slice(folded_dump::fold(text).as_bytes());
            }
            _ => out.extend_from_slice(&kept),
        }
    }
    end_line(out);
    let closing_at = out.len();
    match detail {
        Detail::Packages => line(out, path, run, verdicts, bad)?,
        _ => closing(out, path, run, verdicts)?,
    }
    Ok(closing_at)
}

/// `✓  example.com/store (0.12s, coverage: 80.0% of statements)`.
fn line(
    out: &mut Vec<u8>,
    path: &str,
    run: &PackageRun,
    verdicts: &Verdicts<'_>,
    bad: bool,
) -> std::io::Result<()> {
    let sign = match verdicts.status {
        _ if bad => "✖",
        PackageStatus::Skipped => "∅",
        _ => "✓",
    };
    let fields = run.closing.split('\t').skip(2);
    let mut facts: Vec<String> = fields
        .map(|field| field.trim_matches(['(', ')', '[', ']', ' ']).to_owned())
        .filter(|field| !field.is_empty())
        .collect();
    match verdicts.status {
        PackageStatus::BuildFailed => facts.push("build failed".to_owned()),
        PackageStatus::Unfinished => facts.push("did not finish".to_owned()),
        _ => {}
    }
    if verdicts.leaked > 0 {
        facts.push(left_behind(verdicts));
    }
    if let Some(inconclusive) = verdicts.inconclusive {
        facts.push(format!("inconclusive: {}", inconclusive.reason));
    }
    if facts.is_empty() {
        return writeln!(out, "{sign}  {path}");
    }
    writeln!(out, "{sign}  {path} ({})", facts.join(", "))
}

/// `2 goroutines left behind by 1 test`; no number where no test is known.
fn left_behind(verdicts: &Verdicts<'_>) -> String {
    let goroutines = plural(verdicts.leaked, "goroutine");
    format!("{goroutines} left behind{}", verdicts.leaking.words("by"))
}

/// go's closing line, with the gate's word where it differs from go's.
fn closing(out: &mut Vec<u8>, path: &str, run: &PackageRun, verdicts: &Verdicts<'_>) -> std::io::Result<()> {
    let closing = run.closing.as_str();
    if verdicts.status == PackageStatus::Passed && verdicts.leaked > 0 {
        let rest = closing.strip_prefix("ok  \t").unwrap_or(path);
        return writeln!(out, "LEAK\t{rest}\t{}", left_behind(verdicts));
    }
    if verdicts.status == PackageStatus::Unfinished {
        return writeln!(out, "FAIL\t{path}\t[did not finish]");
    }
    if let Some(inconclusive) = verdicts.inconclusive {
        if closing.is_empty() || closing.starts_with("ok") {
            let rest = closing.strip_prefix("ok  \t").unwrap_or(path);
            return writeln!(out, "INCONCLUSIVE\t{rest}\t{}", inconclusive.reason);
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

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(detail: Detail, closing: &str, verdicts: &Verdicts<'_>) -> String {
        let mut run = PackageRun::default();
        run.take_closing("e.x/p", &format!("{closing}\n"));
        let mut out = Vec::new();
        package(&mut out, "e.x/p", &mut run, verdicts, detail).unwrap();
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn a_line_for_each_package_has_a_sign_and_what_go_and_the_gate_say() {
        let of = |status| Verdicts {
            status,
            ..Verdicts::default()
        };
        let passed = of(PackageStatus::Passed);
        let leaking = Verdicts {
            leaked: 2,
            leaking: Leaking {
                tests: 1,
                is_least: false,
            },
            ..of(PackageStatus::Passed)
        };
        let of_any = Verdicts {
            leaked: 2,
            ..of(PackageStatus::Passed)
        };
        for (closing, verdicts, wanted) in [
            (
                "ok  \te.x/p\t0.1s",
                &of_any,
                "✖  e.x/p (0.1s, 2 goroutines left behind)\n",
            ),
            ("ok  \te.x/p\t0.120s", &passed, "✓  e.x/p (0.120s)\n"),
            ("ok  \te.x/p\t(cached)", &passed, "✓  e.x/p (cached)\n"),
            (
                "ok  \te.x/p\t0.1s\tcoverage: 80.0% of statements",
                &passed,
                "✓  e.x/p (0.1s, coverage: 80.0% of statements)\n",
            ),
            (
                "?   \te.x/p\t[no test files]",
                &of(PackageStatus::Skipped),
                "∅  e.x/p (no test files)\n",
            ),
            (
                "FAIL\te.x/p\t0.1s",
                &of(PackageStatus::Failed),
                "✖  e.x/p (0.1s)\n",
            ),
            (
                "FAIL\te.x/p [build failed]",
                &of(PackageStatus::BuildFailed),
                "✖  e.x/p (build failed)\n",
            ),
            (
                "ok  \te.x/p\t0.1s",
                &leaking,
                "✖  e.x/p (0.1s, 2 goroutines left behind by 1 test)\n",
            ),
        ] {
            assert_eq!(shown(Detail::Packages, closing, verdicts), wanted, "{closing}");
        }
        assert_eq!(shown(Detail::Dots, "ok  \te.x/p\t0.1s", &passed), "");
    }
}
