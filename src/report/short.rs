//! The `short` format: one line per finding that fails or warns, `file:line: test: message [fingerprint]`.

use super::safe_text::{NAME_LIMIT, safe_name};
use super::{Report, words};
use crate::leak::Leak;
use crate::rules::RulingKind;
use std::io::{self, Write};

/// Writes the lines of all findings that fail or warn, then of denied notices and packages without evidence.
pub fn write(report: &Report, out: &mut dyn Write) -> io::Result<()> {
    for finding in &report.findings {
        match finding.ruling.kind {
            RulingKind::Fails => writeln!(out, "{}", line(&finding.leak))?,
            RulingKind::Warns => writeln!(out, "{} (warning)", line(&finding.leak))?,
            RulingKind::Background | RulingKind::Allowed | RulingKind::Baselined => {}
        }
    }
    for package in &report.packages {
        if let Some(why) = &package.inconclusive {
            let path = safe_name(&package.path.0, NAME_LIMIT);
            writeln!(
                out,
                "{path}: inconclusive: {} [{}]",
                safe_name(&why.reason, 500),
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

/// One leak in one line: the `go` statement, else the blocking line, else the owner.
pub fn line(leak: &Leak) -> String {
    let root = &leak.root;
    let spot = root.started_at.as_ref().or(root.blocked_at.as_ref());
    let place = spot
        .map(words::place)
        .unwrap_or_else(|| safe_name(&root.owner.0, NAME_LIMIT));
    let fingerprint = safe_name(&root.fingerprint.0, 64);
    format!(
        "{place}: {}: {} [{fingerprint}]",
        words::tests(&root.tests),
        words::message(root)
    )
}
