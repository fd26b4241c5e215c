//! What does not fail the run, or is no leak: short sections, a line or two each.

use super::Page;
use super::wrap::wrap;
use crate::diag::Severity;
use crate::leak::Verdict;
use crate::report::safe_text::{NAME_LIMIT, safe_name};
use crate::report::words::{self, plural, short_func, thousands};
use crate::report::{Finding, Notice, Report};
use crate::rules::RulingKind;
use indexmap::IndexMap;
use std::io;

/// Lines of a section, unless verbose.
const LINES: usize = 8;

/// Late, warned, allowed, baselined and background findings; then packages without evidence; then notices.
pub(super) fn write(page: &mut Page<'_>, report: &Report) -> io::Result<()> {
    if !page.options.quiet {
        section(
            page,
            report,
            "late: gone before the run ended, but after their test",
            |finding| finding.leak.root.verdict == Verdict::Late && finding.ruling.kind == RulingKind::Warns,
        )?;
        section(
            page,
            report,
            "warned: leaks that a rule made a warning",
            |finding| {
                finding.leak.root.verdict == Verdict::Leaked && finding.ruling.kind == RulingKind::Warns
            },
        )?;
        by_rule(page, report, "allowed by rules", RulingKind::Allowed)?;
        by_rule(page, report, "baselined: known debt", RulingKind::Baselined)?;
        by_rule(
            page,
            report,
            "background: known to live as long as the process",
            RulingKind::Background,
        )?;
    }
    inconclusive(page, report)?;
    notices(page, report)
}

/// A head with the number of goroutines, and lines, at most [`LINES`] of them.
fn fold(page: &mut Page<'_>, head: &str, goroutines: u64, lines: &[String]) -> io::Result<()> {
    if lines.is_empty() {
        return Ok(());
    }
    let shown = if page.options.verbose { lines.len() } else { LINES };
    writeln!(
        page.out,
        "{} ({})",
        page.ink.warn(head),
        plural(goroutines, "goroutine")
    )?;
    for line in lines.iter().take(shown) {
        writeln!(page.out, "  {line}")?;
    }
    if lines.len() > shown {
        let more = format!(
            "  and {} more (--verbose)",
            thousands((lines.len() - shown) as u64)
        );
        writeln!(page.out, "{}", page.ink.faint(more))?;
    }
    writeln!(page.out)
}

fn section(
    page: &mut Page<'_>,
    report: &Report,
    head: &str,
    belongs: impl Fn(&Finding) -> bool,
) -> io::Result<()> {
    let findings: Vec<&Finding> = report
        .findings
        .iter()
        .filter(|finding| belongs(finding))
        .collect();
    let goroutines = findings.iter().map(|finding| finding.leak.goroutines()).sum();
    let lines: Vec<String> = findings.iter().map(|finding| line(finding)).collect();
    fold(page, head, goroutines, &lines)
}

/// `store/watch.go:57: TestClose ×2: alive 3 ms after its test, gone within 12 ms [code]`.
fn line(finding: &Finding) -> String {
    let leak = &finding.leak.root;
    let place = leak
        .blocked_at
        .as_ref()
        .or(leak.started_at.as_ref())
        .map(words::place);
    let place = place.unwrap_or_else(|| safe_name(&short_func(&leak.owner.0), NAME_LIMIT));
    let count = if leak.count > 1 {
        format!(" ×{}", leak.count)
    } else {
        String::new()
    };
    let what = match &leak.lived {
        Some(lived) => words::outlived(lived),
        None => format!("waits for {}", safe_name(&leak.cause.waits_for, 300)),
    };
    let because = finding.ruling.because.as_ref();
    let because = because
        .map(|because| format!(" ({})", safe_name(because, 300)))
        .unwrap_or_default();
    format!(
        "{place}: {}{count}: {what} [{}]{because}",
        words::tests(&leak.tests),
        leak.cause.code
    )
}

/// One line per rule: what it covered, and why it is there.
fn by_rule(page: &mut Page<'_>, report: &Report, head: &str, kind: RulingKind) -> io::Result<()> {
    let findings = report
        .findings
        .iter()
        .filter(|finding| finding.ruling.kind == kind && finding.leak.root.verdict != Verdict::Stuck);
    let mut rules: IndexMap<(Option<&String>, String), Vec<&Finding>> = IndexMap::new();
    for finding in findings {
        let owner = short_func(&finding.leak.root.owner.0);
        rules
            .entry((finding.ruling.rule.as_ref(), owner))
            .or_default()
            .push(finding);
    }
    let mut goroutines = 0;
    let mut lines = Vec::new();
    for ((rule, owner), findings) in rules {
        let count: u64 = findings.iter().map(|finding| finding.leak.goroutines()).sum();
        goroutines += count;
        let ruling = &findings[0].ruling;
        let because = ruling.because.as_deref().unwrap_or_default();
        // Most reasons name their rule and its last day themselves.
        let untold = |text: &&String| !because.contains(text.as_str());
        let mut facts: Vec<String> = rule
            .filter(untold)
            .map(|rule| safe_name(rule, 200))
            .into_iter()
            .collect();
        facts.extend(ruling.because.as_ref().map(|text| safe_name(text, 200)));
        facts.extend(ruling.owner.as_ref().map(|text| safe_name(text, 80)));
        let until = ruling.expires.as_ref().filter(untold);
        facts.extend(until.map(|text| format!("until {}", safe_name(text, 20))));
        lines.push(format!(
            "{} ×{count}: {}",
            safe_name(&owner, NAME_LIMIT),
            facts.join(", ")
        ));
    }
    fold(page, head, goroutines, &lines)
}

fn inconclusive(page: &mut Page<'_>, report: &Report) -> io::Result<()> {
    let packages: Vec<_> = report
        .packages
        .iter()
        .filter_map(|package| Some((package, package.inconclusive.as_ref()?)))
        .collect();
    if packages.is_empty() {
        return Ok(());
    }
    writeln!(
        page.out,
        "{}",
        page.ink
            .warn("inconclusive: evidence is missing, these packages can't be judged")
    )?;
    for (package, why) in packages {
        writeln!(
            page.out,
            "  {} [{}]",
            page.ink.bold(safe_name(&package.path.0, NAME_LIMIT)),
            safe_name(&why.code, 60)
        )?;
        prose(page, "    ", &safe_name(&why.whole_reason(), 1_000))?;
        if !why.running.is_empty() {
            prose(
                page,
                "    ",
                &format!("running at the time: {}", words::tests(&why.running)),
            )?;
        }
        prose(page, "    remedy: ", &safe_name(&why.remedy, 1_000))?;
    }
    writeln!(page.out)
}

fn notices(page: &mut Page<'_>, report: &Report) -> io::Result<()> {
    let quiet = page.options.quiet;
    let notices: Vec<&Notice> = report
        .notices
        .iter()
        .filter(|notice| !quiet || notice.severity == Severity::Error)
        .collect();
    for notice in &notices {
        let severity = match notice.severity {
            Severity::Error => page.ink.bad("error"),
            Severity::Warning => page.ink.warn("warning"),
            Severity::Note => page.ink.bold("note"),
        };
        let place = notice
            .place
            .as_ref()
            .map(|place| format!("{}: ", page.ink.place(safe_name(place, NAME_LIMIT))));
        let package = notice
            .package
            .as_ref()
            .map(|package| format!(" ({})", safe_name(&package.0, NAME_LIMIT)));
        let code = safe_name(&notice.code, 60);
        writeln!(
            page.out,
            "{severity}[{code}]: {}{}{}",
            place.unwrap_or_default(),
            safe_name(&notice.message, 1_000),
            package.unwrap_or_default()
        )?;
        if let Some(remedy) = &notice.remedy {
            prose(page, "  remedy: ", &safe_name(remedy, 1_000))?;
        }
    }
    if notices.is_empty() {
        Ok(())
    } else {
        writeln!(page.out)
    }
}

/// Wrapped text after a first-line prefix, with a hanging indent.
fn prose(page: &mut Page<'_>, prefix: &str, text: &str) -> io::Result<()> {
    let indent = prefix.chars().count();
    for (index, line) in wrap(text, page.options.width.saturating_sub(indent).max(30))
        .iter()
        .enumerate()
    {
        if index == 0 {
            writeln!(page.out, "{prefix}{line}")?;
        } else {
            writeln!(page.out, "{:indent$}{line}", "")?;
        }
    }
    Ok(())
}
