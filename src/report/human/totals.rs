//! The closing summary: counts, time, the result with its exit code.

use super::Page;
use crate::exit::ExitCode;
use crate::report::safe_text::{NAME_LIMIT, safe_name};
use crate::report::words::{duration, plural, thousands};
use crate::report::{Outcome, PackageReport, PackageStatus, Report, summary};
use std::io;

/// Begins the line that counts tests.
pub const TESTS: &str = "tests   ";
/// Begins the line that counts leaks, after that of the tests.
pub const LEAKS: &str = "leaks   ";

/// Failed tests and packages named one by one.
const FAILURES: usize = 10;

/// Writes go's failures by name, the counts and the result. `leaks` is the number of different failing leaks.
pub(super) fn write(page: &mut Page<'_>, report: &Report, leaks: usize) -> io::Result<()> {
    go_failures(page, report)?;
    if let Some(partial) = &report.run.partial {
        let running: Vec<String> = partial
            .running
            .iter()
            .take(5)
            .map(|name| safe_name(name, NAME_LIMIT))
            .collect();
        let running = if running.is_empty() {
            String::new()
        } else {
            format!("; running: {}", running.join(", "))
        };
        let text = format!("PARTIAL REPORT: {}{running}", safe_name(&partial.reason, 300));
        writeln!(page.out, "{}", page.ink.warn(text))?;
    }
    if !page.options.quiet {
        counts(page, report, leaks)?;
    }
    result(page, report, leaks)
}

fn go_failures(page: &mut Page<'_>, report: &Report) -> io::Result<()> {
    let mut lines = Vec::new();
    for package in &report.packages {
        let path = safe_name(&package.path.0, NAME_LIMIT);
        let failed: Vec<_> = package
            .tests
            .iter()
            .filter(|test| test.outcome == Outcome::Failed)
            .collect();
        for test in &failed {
            lines.push(format!("{} in {path}", safe_name(&test.name.0, NAME_LIMIT)));
        }
        match package.status {
            PackageStatus::BuildFailed => lines.push(format!("{path} does not build")),
            PackageStatus::Failed if failed.is_empty() && !interrupted(package) => lines.push(path),
            _ => {}
        }
    }
    if lines.is_empty() {
        return Ok(());
    }
    writeln!(page.out, "{}", page.ink.bad("failed by go test:"))?;
    for line in lines.iter().take(FAILURES) {
        writeln!(page.out, "  {line}")?;
    }
    if lines.len() > FAILURES {
        writeln!(
            page.out,
            "  and {} more",
            thousands((lines.len() - FAILURES) as u64)
        )?;
    }
    writeln!(page.out)
}

/// A package that a signal ended did not fail.
fn interrupted(package: &PackageReport) -> bool {
    package
        .inconclusive
        .as_ref()
        .is_some_and(|why| why.code == "interrupted")
}

fn counts(page: &mut Page<'_>, report: &Report, leaks: usize) -> io::Result<()> {
    let counted = &report.summary;
    let mut tests = format!(
        "{} in {}",
        plural(counted.tests, "test"),
        plural(counted.packages, "package")
    );
    for (n, what) in [
        (counted.tests_failed, "failed"),
        (counted.tests_skipped, "skipped"),
    ] {
        if n > 0 {
            tests += &format!(", {} {what}", thousands(n));
        }
    }
    let cached = if counted.cached > 0 {
        format!(" ({} cached)", plural(counted.cached, "package"))
    } else {
        String::new()
    };
    writeln!(page.out, "{TESTS}{tests}{cached}")?;
    let mut leaked = match leaks {
        0 if counted.not_judged > 0 => "none judged".to_owned(),
        0 if counted.inconclusive > 0 => "none known".to_owned(),
        0 => "none".to_owned(),
        _ => plural(leaks as u64, "leak"),
    };
    if leaks > 0 {
        leaked += &format!(": {}", goroutines(report));
    }
    for (n, what) in [
        (counted.late, "late"),
        (counted.warned, "warned"),
        (counted.allowed, "allowed"),
        (counted.baselined, "baselined"),
        (counted.background, "background"),
    ] {
        if n > 0 {
            leaked += &format!(", {} {what}", thousands(n));
        }
    }
    writeln!(page.out, "{LEAKS}{leaked}")?;
    if counted.not_judged > 0 {
        let left = plural(counted.not_judged, "goroutine");
        writeln!(page.out, "        {left} of ended tests in packages that died")?;
    }
    for (n, what) in [
        (counted.stuck, "stuck test"),
        (counted.inconclusive, "inconclusive package"),
    ] {
        if n > 0 {
            writeln!(page.out, "        {}", plural(n, what))?;
        }
    }
    let failing = report
        .findings
        .iter()
        .find(|finding| summary::fails_the_gate(finding));
    if let Some(finding) = failing {
        let id = safe_name(&finding.leak.root.fingerprint.0, 64);
        writeln!(
            page.out,
            "next    leakgate explain {id}                  all about the first leak, with its stacks"
        )?;
        writeln!(
            page.out,
            "        leakgate allow add {id} --reason '…'   accepts it for now"
        )?;
    }
    let go = &report.run.go_version;
    let go = if go.is_empty() {
        String::new()
    } else {
        format!(", {}", safe_name(go, 60))
    };
    writeln!(page.out, "time    {}{go}", duration(report.run.elapsed_ms))
}

/// `leakgate: FAIL goroutines leak: 3 leaks, 2,005 goroutines in 2 tests (exit code 3)`.
pub(super) fn write_line(page: &mut Page<'_>, report: &Report, leaks: usize) -> io::Result<()> {
    let mut text = why(report, leaks);
    if leaks > 0 {
        text += &format!(": {}, {}", plural(leaks as u64, "leak"), goroutines(report));
    }
    match report.exit_code {
        0 => writeln!(page.out, "leakgate: {} {text}", page.ink.good("PASS")),
        code => writeln!(
            page.out,
            "leakgate: {} {text} (exit code {code})",
            page.ink.bad("FAIL")
        ),
    }
}

/// `3 goroutines in 2 tests`, `in at least 2 tests`; no number where no test is known.
fn goroutines(report: &Report) -> String {
    let leaked = plural(report.summary.leaked, "goroutine");
    let failing = report.findings.iter().filter(|one| summary::fails_the_gate(one));
    leaked + &summary::Leaking::of(failing).words("in")
}

/// What the exit code means for this report.
fn why(report: &Report, leaks: usize) -> String {
    let summary = &report.summary;
    let known = summary.baselined;
    match summary::meaning(report) {
        ExitCode::Clean if leaks > 0 => "leaks were found; they do not fail this run".to_owned(),
        ExitCode::Clean if known > 0 => format!("no new leaks ({} known)", thousands(known)),
        ExitCode::Clean if summary.tests == 0 => "no tests ran, so there are no leaks".to_owned(),
        ExitCode::Clean => "no leaks".to_owned(),
        ExitCode::TestsFailed if leaks > 0 => "tests or build failed, and goroutines leak".to_owned(),
        ExitCode::TestsFailed => "tests or build failed".to_owned(),
        ExitCode::Leaks | ExitCode::LeaksAs(_) if leaks == 0 => {
            format!("{} of the rules file", plural(summary.notices_denied, "error"))
        }
        ExitCode::Leaks | ExitCode::LeaksAs(_) => "goroutines leak".to_owned(),
        ExitCode::NoTests => "no tests ran".to_owned(),
        ExitCode::Inconclusive => "inconclusive: evidence is missing".to_owned(),
        ExitCode::Interrupted(_) => "interrupted".to_owned(),
        ExitCode::Usage => "leakgate could not do its work".to_owned(),
    }
}

fn result(page: &mut Page<'_>, report: &Report, leaks: usize) -> io::Result<()> {
    let summary = &report.summary;
    let why = why(report, leaks);
    let (code, ink) = (report.exit_code, page.ink);
    if code == 0 {
        let word = if leaks > 0 || summary.late + summary.warned > 0 {
            ink.warn("PASS")
        } else {
            ink.good("PASS")
        };
        writeln!(page.out, "{word}    {why}")
    } else {
        writeln!(page.out, "{}    {why} (exit code {code})", ink.bad("FAIL"))
    }
}
