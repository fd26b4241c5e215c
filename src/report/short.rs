//! The `short` format: one line per leak that fails or warns, `file:line: test: message [fingerprint]`.

use super::group::groups;
use super::safe_text::{NAME_LIMIT, safe_name};
use super::{Report, words};
use crate::leak::Leak;
use crate::rules::RulingKind;
use std::io::{self, Write};

/// Writes the lines of all findings that fail or warn, then of denied notices and packages without evidence.
pub fn write(report: &Report, out: &mut dyn Write) -> io::Result<()> {
    for group in groups(report.findings.iter()) {
        let line = || line_of(&group.first.leak, &group.tests());
        match group.first.ruling.kind {
            RulingKind::Fails => writeln!(out, "{}", line())?,
            RulingKind::Warns => writeln!(out, "{} (warning)", line())?,
            RulingKind::Background | RulingKind::Allowed | RulingKind::Baselined => {}
        }
    }
    for package in &report.packages {
        if let Some(why) = &package.inconclusive {
            let path = safe_name(&package.path.0, NAME_LIMIT);
            writeln!(
                out,
                "{path}: inconclusive: {} [{}]",
                safe_name(&why.whole_reason(), 500),
                safe_name(&why.code, 60)
            )?;
        }
    }
    for notice in &report.notices {
        let place = notice.place.as_deref().unwrap_or("leakgate");
        let place = safe_name(place, NAME_LIMIT);
        writeln!(
            out,
            "{place}: {} [{}]",
            safe_name(&notice.message, 500),
            safe_name(&notice.code, 60)
        )?;
    }
    Ok(())
}

/// One leak in one line: the line that led to it, else the `go` statement, else the blocking line, else the owner.
pub fn line(leak: &Leak) -> String {
    line_of(leak, &words::tests(&leak.root.tests))
}

fn line_of(leak: &Leak, tests: &str) -> String {
    let root = &leak.root;
    let led = root.led_to_by.as_ref().map(|led| &led.at);
    let spot = led.or(root.started_at.as_ref()).or(root.blocked_at.as_ref());
    let place = spot
        .map(words::place)
        .unwrap_or_else(|| safe_name(&root.owner.0, NAME_LIMIT));
    let fingerprint = safe_name(&root.fingerprint.0, 64);
    let with_it = match leak.goroutines_with_it() {
        0 => String::new(),
        more => format!(" with {}", words::plural(more, "more goroutine")),
    };
    format!(
        "{place}: {tests}: {}{with_it} [{fingerprint}]",
        words::message(root)
    )
}
