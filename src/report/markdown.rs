//! The `md` format: Markdown for `$GITHUB_STEP_SUMMARY`, pull requests and Buildkite annotations, under their size limits.
//! Everything from outside is in code spans or fenced blocks, or is escaped.

use super::excerpt::excerpt;
use super::group::{SameLeak, groups};
use super::safe_text::{safe_name, safe_text};
use super::summary::fails_the_gate;
use super::{Finding, Report, Repository, words};
use crate::diag::Severity;
use crate::exit::ExitCode;
use crate::leak::{Leak, Spot, Verdict};
use crate::report::attributed::attribution;
use crate::rules::RulingKind;
use std::fmt::Write as _;
use std::io::{self, Write};

/// How to write Markdown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct MarkdownOptions {
    /// Bytes after which leaks are counted, no longer shown. GitHub takes 1 MiB a step, and refuses more.
    pub limit: usize,
}

impl Default for MarkdownOptions {
    fn default() -> Self {
        Self { limit: 900_000 }
    }
}

/// Leaks that are open when the page is first seen; further ones are folded.
const OPEN: usize = 5;
/// Rows of a table of findings that pass.
const ROWS: usize = 100;
/// Bytes kept free for what comes after the leaks.
const RESERVE: usize = 2_000;

/// Writes the document.
pub fn write(report: &Report, out: &mut dyn Write, options: &MarkdownOptions) -> io::Result<()> {
    let limit = options.limit.saturating_sub(RESERVE);
    let mut page = String::new();
    head(&mut page, report);
    let failing = report.findings.iter();
    let leaks = groups(failing.filter(|f| fails_the_gate(f) || f.leak.root.verdict == Verdict::Stuck));
    let mut tail = String::new();
    inconclusive(&mut tail, report);
    notices(&mut tail, report);
    passing(&mut tail, report, "Late", |f| {
        f.leak.root.verdict == Verdict::Late && f.ruling.kind == RulingKind::Warns
    });
    passing(&mut tail, report, "Warned", |f| {
        f.leak.root.verdict == Verdict::Leaked && f.ruling.kind == RulingKind::Warns
    });
    passing(&mut tail, report, "Allowed", |f| {
        f.ruling.kind == RulingKind::Allowed
    });
    passing(&mut tail, report, "Baselined", |f| {
        f.ruling.kind == RulingKind::Baselined
    });
    passing(&mut tail, report, "Background", |f| {
        f.ruling.kind == RulingKind::Background
    });
    let tail = cut_at_line(&tail, limit / 2);
    let mut shown = 0;
    for (index, group) in leaks.iter().enumerate() {
        let mut text = String::new();
        leak(&mut text, group, report.run.repository.as_ref(), index < OPEN);
        if page.len() + text.len() + tail.len() > limit {
            break;
        }
        page += &text;
        shown += 1;
    }
    if shown < leaks.len() {
        let more = words::plural((leaks.len() - shown) as u64, "more leak");
        let _ = writeln!(
            page,
            "**… and {more}**, left out to stay within the size limit; the JSON and HTML reports have them all.\n"
        );
    }
    page += tail;
    out.write_all(page.as_bytes())
}

fn head(page: &mut String, report: &Report) {
    let summary = &report.summary;
    let title = match super::summary::meaning(report) {
        ExitCode::Clean if summary.leaked > 0 => "⚠️ leakgate: leaks were found; they do not fail this run",
        ExitCode::Clean if summary.baselined > 0 => "✅ leakgate: no new leaks",
        ExitCode::Clean => "✅ leakgate: no leaks that fail this run",
        ExitCode::Leaks | ExitCode::LeaksAs(_) => "❌ leakgate: goroutines leak",
        ExitCode::TestsFailed if summary.leaked > 0 => "❌ leakgate: tests failed, and goroutines leak",
        ExitCode::TestsFailed => "❌ leakgate: tests or build failed",
        ExitCode::NoTests => "❌ leakgate: no tests ran",
        ExitCode::Inconclusive => "❌ leakgate: inconclusive, evidence is missing",
        ExitCode::Interrupted(_) => "❌ leakgate: the run was interrupted",
        ExitCode::Usage => "❌ leakgate could not do its work",
    };
    let _ = writeln!(page, "## {title}\n");
    if let Some(partial) = &report.run.partial {
        let _ = writeln!(page, "**Partial report:** {}\n", escape(&partial.reason));
    }
    let counts = [
        ("tests", summary.tests),
        ("failed", summary.tests_failed),
        ("leaks", summary.leaks),
        ("leaking tests", summary.tests_leaking),
        ("leaked goroutines", summary.leaked),
        ("late", summary.late),
        ("warned", summary.warned),
        ("allowed", summary.allowed),
        ("baselined", summary.baselined),
        ("background", summary.background),
        ("stuck tests", summary.stuck),
        ("inconclusive packages", summary.inconclusive),
        ("goroutines not judged", summary.not_judged),
    ];
    let shown: Vec<_> = counts
        .iter()
        .enumerate()
        .filter(|(i, c)| *i < 5 || c.1 > 0)
        .map(|(_, c)| c)
        .collect();
    let row = |cells: Vec<String>| format!("| {} |", cells.join(" | "));
    let _ = writeln!(
        page,
        "{}",
        row(shown
            .iter()
            .map(|c| c.0.to_owned())
            .chain(["time".to_owned()])
            .collect())
    );
    let _ = writeln!(page, "{}", row(vec!["---:".to_owned(); shown.len() + 1]));
    let time = words::duration(report.run.elapsed_ms);
    let _ = writeln!(
        page,
        "{}\n",
        row(shown
            .iter()
            .map(|c| words::thousands(c.1))
            .chain([time])
            .collect())
    );
}

fn leak(page: &mut String, group: &SameLeak<'_>, repository: Option<&Repository>, open: bool) {
    let leak = group.root();
    let word = if leak.verdict == Verdict::Stuck {
        "Stuck"
    } else {
        "Leak"
    };
    let count = if leak.count > 1 {
        format!(" ×{}", leak.count)
    } else {
        String::new()
    };
    let open = if open { " open" } else { "" };
    let names: Vec<String> = leak.tests.iter().take(5).map(|test| html_code(&test.0)).collect();
    let names = if names.is_empty() {
        words::tests(&leak.tests)
    } else {
        names.join(" or ")
    };
    let package = html_code(&leak.package.0);
    let _ = writeln!(
        page,
        "<details{open}><summary><b>{word}{count}</b> {names} in {package}: {}</summary>\n",
        leak.cause.code
    );
    let _ = writeln!(page, "{}\n", prose(&words::waits(leak)));
    let led = leak.led_to_by.as_ref();
    spot(page, "Led to by", led.map(|led| &led.at), repository);
    spot(
        page,
        "Called at",
        led.and_then(|led| led.from.as_ref()),
        repository,
    );
    spot(page, "Blocked at", leak.blocked_at.as_ref(), repository);
    spot(page, "Started at", leak.started_at.as_ref(), repository);
    members(page, &group.first.leak);
    let _ = writeln!(page, "**Fix:** {}\n", prose(&words::fix(&leak.cause)));
    for note in &leak.cause.notes {
        let _ = writeln!(page, "- note: {}", prose(note));
    }
    if let Some(growth) = &group.first.leak.growth {
        let _ = writeln!(page, "- {}", escape(&words::growth(growth)));
    }
    if let Some(because) = &group.first.ruling.because {
        let _ = writeln!(page, "- ruling: {}", escape(because));
    }
    if leak.verdict != Verdict::Stuck {
        let _ = writeln!(page, "- attributed: {}", escape(&attribution(leak)));
        let _ = writeln!(page, "- evidence: {}", escape(&words::proof(leak)));
    }
    also_in(page, group);
    let _ = writeln!(page, "- fingerprint: {}\n", code(&leak.fingerprint.0));
    stack(page, group.first);
    if let Some(entry) = &group.first.allow_entry {
        let _ = writeln!(
            page,
            "To accept it for now, paste into `leakgate.toml`:\n\n{}",
            fenced("toml", entry)
        );
        if let Some(covers) = words::covers(&group.first.leak) {
            let _ = writeln!(page, "({})\n", escape(&covers));
        }
    }
    let _ = writeln!(page, "</details>\n");
}

/// What hangs on the root, each with its evidence.
fn members(page: &mut String, leak: &Leak) {
    if leak.members.is_empty() {
        return;
    }
    let more = words::plural(leak.goroutines_with_it(), "more goroutine");
    let _ = writeln!(page, "**With it** {more}:\n");
    for member in leak.members.iter().take(ROWS) {
        let count = match member.group.count {
            0 | 1 => String::new(),
            count => format!(" ×{}", words::thousands(count)),
        };
        let name = code(&words::short_func(&member.group.owner.0));
        let _ = writeln!(page, "- {name}{count}, {}", escape(&member.joined.words));
    }
    if leak.members.len() > ROWS {
        let _ = writeln!(page, "- and {} more kinds", leak.members.len() - ROWS);
    }
    page.push('\n');
}

fn also_in(page: &mut String, group: &SameLeak<'_>) {
    if group.others.is_empty() {
        return;
    }
    let names: Vec<String> = group
        .others
        .iter()
        .flat_map(|other| &other.leak.root.tests)
        .take(10)
        .map(|test| code(&test.0))
        .collect();
    let more = group.others.len().saturating_sub(names.len());
    let more = if more > 0 {
        format!(" and {} more", words::thousands(more as u64))
    } else {
        String::new()
    };
    let _ = writeln!(
        page,
        "- also in {}{more} ({} in all)",
        names.join(", "),
        group.how_many()
    );
}

fn stack(page: &mut String, finding: &Finding) {
    let leak = &finding.leak.root;
    let mut text = format!("[{}]\n", leak.state.reason);
    for frame in leak.stack.iter().take(50) {
        let place = words::frame_place(leak, frame).unwrap_or_default();
        let _ = writeln!(text, "{}\n    {place}", frame.func);
    }
    if let Some(created) = &leak.created {
        let at = created
            .at
            .as_ref()
            .map(|at| format!("{}:{}", at.file, at.line))
            .unwrap_or_default();
        let _ = writeln!(text, "created by {}\n    {at}", created.func);
    }
    let _ = writeln!(page, "{}", fenced("text", &text));
}

fn spot(page: &mut String, title: &str, spot: Option<&Spot>, repository: Option<&Repository>) {
    let Some(spot) = spot else { return };
    let place = code(&words::place(spot));
    let place = match repository.and_then(|repository| words::source_url(repository, spot)) {
        Some(url) => format!("[{place}]({url})"),
        None => place,
    };
    let _ = writeln!(
        page,
        "**{title}** {place} in {}\n",
        code(&words::short_func(&spot.func.0))
    );
    if !spot.lines.is_empty() {
        let mut text = String::new();
        for line in excerpt(spot) {
            let mark = if line.here { ">" } else { " " };
            let _ = writeln!(text, "{mark} {} | {}", line.number, line.text);
        }
        let _ = writeln!(page, "{}", fenced("go", &text));
    }
}

fn inconclusive(page: &mut String, report: &Report) {
    let packages: Vec<_> = report
        .packages
        .iter()
        .filter_map(|package| Some((package, package.inconclusive.as_ref()?)))
        .collect();
    if packages.is_empty() {
        return;
    }
    let _ = writeln!(page, "### Inconclusive packages\n");
    for (package, why) in packages.iter().take(ROWS) {
        let (reason, remedy) = (escape(&why.whole_reason()), escape(&why.remedy));
        let _ = writeln!(page, "- {}: {reason} **Remedy:** {remedy}", code(&package.path.0));
    }
    more(page, packages.len());
}

fn notices(page: &mut String, report: &Report) {
    if report.notices.is_empty() {
        return;
    }
    let _ = writeln!(page, "### Notices\n");
    for notice in report.notices.iter().take(ROWS) {
        let sign = match notice.severity {
            Severity::Error => "❌",
            Severity::Warning => "⚠️",
            Severity::Note => "ℹ️",
        };
        let place = notice
            .place
            .as_ref()
            .map(|place| format!(" {}", code(place)))
            .unwrap_or_default();
        let remedy = notice
            .remedy
            .as_ref()
            .map(|remedy| format!(" **Remedy:** {}", escape(remedy)));
        let _ = writeln!(
            page,
            "- {sign} {}{place}: {}{}",
            code(&notice.code),
            escape(&notice.message),
            remedy.unwrap_or_default()
        );
    }
    more(page, report.notices.len());
}

fn passing(page: &mut String, report: &Report, title: &str, belongs: impl Fn(&Finding) -> bool) {
    let findings: Vec<&Finding> = report
        .findings
        .iter()
        .filter(|finding| belongs(finding))
        .collect();
    if findings.is_empty() {
        return;
    }
    let goroutines: u64 = findings.iter().map(|finding| finding.leak.goroutines()).sum();
    let _ = writeln!(
        page,
        "<details><summary>{title}: {}</summary>\n",
        words::plural(goroutines, "goroutine")
    );
    let _ = writeln!(
        page,
        "| goroutines | owner | test | why |\n| ---: | --- | --- | --- |"
    );
    for finding in findings.iter().take(ROWS) {
        let leak = &finding.leak.root;
        let ruling = &finding.ruling;
        let mut why: Vec<String> = [&ruling.rule, &ruling.because, &ruling.owner, &ruling.expires]
            .into_iter()
            .flatten()
            .map(|text| escape(text))
            .collect();
        why.extend(leak.lived.map(|_| words::proof(leak)));
        let tests: Vec<String> = leak.tests.iter().take(3).map(|test| cell(&test.0)).collect();
        let owner = cell(&words::short_func(&leak.owner.0));
        let _ = writeln!(
            page,
            "| {} | {owner} | {} | {} |",
            leak.count,
            tests.join(", "),
            why.join(", ")
        );
    }
    let _ = writeln!(page);
    more(page, findings.len());
    let _ = writeln!(page, "</details>\n");
}

fn more(page: &mut String, all: usize) {
    if all > ROWS {
        let _ = writeln!(page, "- and {} more", words::thousands((all - ROWS) as u64));
    }
    page.push('\n');
}

/// A code span around any text: fenced by more backticks than the text has in a row.
pub fn code(text: &str) -> String {
    let text = safe_name(text, 300);
    if text.trim().is_empty() {
        return String::new();
    }
    let fence = "`".repeat(longest_run(&text) + 1);
    let pad = if text.starts_with(['`', ' ']) || text.ends_with(['`', ' ']) {
        " "
    } else {
        ""
    };
    format!("{fence}{pad}{text}{pad}{fence}")
}

/// A code span within a table: a bar would end the cell even there.
fn cell(text: &str) -> String {
    code(text).replace('|', "\\|")
}

/// Code inside an HTML block, where Markdown is not read.
fn html_code(text: &str) -> String {
    format!("<code>{}</code>", html_escape(&safe_name(text, 300)))
}

fn html_escape(text: &str) -> String {
    text.replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;")
        .replace('"', "&quot;")
        .replace('\'', "&#39;")
}

/// A fenced block around any lines.
pub fn fenced(language: &str, text: &str) -> String {
    let lines: Vec<String> = text
        .lines()
        .map(|line| safe_text(&line.replace('\t', "    ")).into_owned())
        .collect();
    let longest = lines.iter().map(|line| longest_run(line)).max().unwrap_or(0);
    let fence = "`".repeat((longest + 1).max(3));
    format!("{fence}{language}\n{}\n{fence}\n", lines.join("\n"))
}

/// Our own sentences with names in them: backticked parts become code spans, the rest is escaped.
fn prose(text: &str) -> String {
    let parts: Vec<&str> = text.split('`').collect();
    if parts.len().is_multiple_of(2) {
        return escape(text);
    }
    let spans = parts.iter().enumerate();
    spans
        .map(|(index, part)| if index % 2 == 1 { code(part) } else { escape(part) })
        .collect()
}

/// Text in which nothing is Markdown or HTML any more.
fn escape(text: &str) -> String {
    let mut escaped = String::new();
    for c in safe_name(text, 2_000).chars() {
        match c {
            '&' => escaped += "&amp;",
            '<' => escaped += "&lt;",
            '>' => escaped += "&gt;",
            '@' => escaped += "&#64;",
            '\\' | '`' | '*' | '_' | '[' | ']' | '#' | '|' | '~' | '!' | '$' => {
                escaped.push('\\');
                escaped.push(c);
            }
            _ => escaped.push(c),
        }
    }
    escaped
}

fn longest_run(text: &str) -> usize {
    text.split(|c| c != '`').map(str::len).max().unwrap_or(0)
}

/// The first lines of a text, at most `limit` bytes.
fn cut_at_line(text: &str, limit: usize) -> &str {
    if text.len() <= limit {
        return text;
    }
    let end = text.as_bytes()[..limit]
        .iter()
        .rposition(|byte| *byte == b'\n')
        .map_or(0, |end| end + 1);
    &text[..end]
}

#[cfg(test)]
mod tests {
    use super::super::sample;
    use super::*;

    fn md(report: &Report, options: &MarkdownOptions) -> String {
        let mut bytes = Vec::new();
        write(report, &mut bytes, options).unwrap();
        String::from_utf8(bytes).unwrap()
    }

    #[test]
    fn the_size_stays_under_the_limit_and_says_what_is_missing() {
        let page = md(&sample::large(10_000), &MarkdownOptions::default());
        assert!(page.len() < 900_000 && page.len() > 800_000, "{}", page.len());
        assert!(page.contains("left out to stay within the size limit"));
        assert!(
            page.contains("### Notices"),
            "what comes after the leaks is still there"
        );
    }

    #[test]
    fn code_spans_hold_any_text() {
        assert_eq!(code("a"), "`a`");
        assert_eq!(code("a`b``c"), "```a`b``c```");
        assert_eq!(code("`"), "`` ` ``");
        assert_eq!(cell("a|b"), "`a\\|b`");
        assert!(fenced("", "x\n````\ny").starts_with("`````\n"));
    }

    #[test]
    fn prose_keeps_our_code_and_escapes_the_rest() {
        assert_eq!(
            prose("Close it: `defer b.Close()` <now>"),
            "Close it: `defer b.Close()` &lt;now&gt;"
        );
        assert_eq!(prose("one ` only *x*"), "one \\` only \\*x\\*");
    }

    /// What CommonMark reads as neither a fenced block nor a code span.
    fn outside_code(page: &str) -> String {
        let mut fence: Option<String> = None;
        let mut outside = String::new();
        for line in page.lines() {
            let ticks = &line[..line.len() - line.trim_start_matches('`').len()];
            match &fence {
                Some(open) if line == open => fence = None,
                Some(_) => {}
                None if ticks.len() >= 3 && !line[ticks.len()..].contains('`') => {
                    fence = Some(ticks.to_owned())
                }
                None if line.starts_with("<details") => outside.push_str(line),
                None => without_spans(line, &mut outside),
            }
        }
        assert_eq!(fence, None, "every block is closed");
        outside
    }

    fn without_spans(mut line: &str, outside: &mut String) {
        while let Some(start) = line.find('`') {
            outside.push_str(&line[..start]);
            if line[..start].ends_with('\\') {
                line = &line[start + 1..];
                continue;
            }
            let ticks = line[start..].len() - line[start..].trim_start_matches('`').len();
            let rest = &line[start + ticks..];
            let mut from = 0;
            let close = loop {
                let Some(found) = rest[from..].find('`').map(|at| at + from) else {
                    panic!("open span: {line}")
                };
                let run = rest[found..].len() - rest[found..].trim_start_matches('`').len();
                if run == ticks {
                    break found;
                }
                from = found + run;
            };
            line = &rest[close + ticks..];
        }
        outside.push_str(line);
        outside.push('\n');
    }

    #[test]
    fn no_raw_html_from_outside() {
        let page = md(&sample::report(), &MarkdownOptions::default());
        let outside = outside_code(&page);
        assert!(
            !outside.contains("<img")
                && !outside.contains("<script")
                && !outside.contains("onerror=alert(1)>")
        );
        assert!(!page.contains('\u{1b}') && !page.contains('\u{202e}'));
    }
}
