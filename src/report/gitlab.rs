//! The `gitlab` format: a Code Quality report, one entry per leak. The same fingerprint would be one entry to GitLab.

use super::group::{anchor, groups};
use super::safe_text::safe_name;
use super::{Report, words};
use crate::diag::Severity;
use crate::leak::{Evidenced, Verdict};
use crate::rules::RulingKind;
use serde::Serialize;
use sha2::{Digest, Sha256};
use std::io::{self, Write};

#[derive(Serialize)]
struct Entry {
    description: String,
    check_name: String,
    fingerprint: String,
    severity: &'static str,
    location: Place,
}

#[derive(Serialize)]
struct Place {
    path: String,
    lines: Lines,
}

#[derive(Serialize)]
struct Lines {
    begin: u32,
}

/// Writes the array.
pub fn write(report: &Report, out: &mut dyn Write) -> io::Result<()> {
    let shown = report
        .findings
        .iter()
        .filter(|finding| matches!(finding.ruling.kind, RulingKind::Fails | RulingKind::Warns));
    let mut entries: Vec<Entry> = groups(shown).iter().map(leak_entry).collect();
    entries.extend(report.notices.iter().filter_map(notice_entry));
    serde_json::to_writer_pretty(&mut *out, &entries)?;
    writeln!(out)
}

fn leak_entry(group: &super::group::SameLeak<'_>) -> Entry {
    let leak = group.root();
    let severity = match (group.first.ruling.kind, leak.verdict, leak.evidenced) {
        (RulingKind::Fails, Verdict::Stuck, _) => "blocker",
        (RulingKind::Fails, _, Evidenced::Proven) => "critical",
        (RulingKind::Fails, ..) => "major",
        _ => "minor",
    };
    let (path, begin) = anchor(leak).map_or(("go.mod".to_owned(), 1), |anchor| (anchor.file, anchor.line));
    let fingerprint = match group.ordinal {
        1 => safe_name(&leak.fingerprint.0, 64),
        n => format!("{}-{n}", safe_name(&leak.fingerprint.0, 64)),
    };
    Entry {
        description: match words::with_it(&group.first.leak) {
            Some(with_it) => format!("{}: {}; with it {with_it}", group.tests(), words::message(leak)),
            None => format!("{}: {}", group.tests(), words::message(leak)),
        },
        check_name: format!("goroutine-leak/{}", leak.cause.code),
        fingerprint,
        severity,
        location: Place {
            path: safe_name(&path, 1_000),
            lines: Lines { begin },
        },
    }
}

/// Findings about lines of the rules file.
fn notice_entry(notice: &super::Notice) -> Option<Entry> {
    let place = notice.place.as_ref()?;
    let severity = match notice.severity {
        Severity::Error => "major",
        Severity::Warning => "minor",
        Severity::Note => "info",
    };
    let mut parts = place.rsplitn(3, ':');
    let (_, line, path) = (parts.next()?, parts.next()?.parse().ok()?, parts.next()?);
    let hash = Sha256::digest(format!("{}\n{path}\n{}", notice.code, notice.message));
    let fingerprint = hash.iter().take(8).map(|byte| format!("{byte:02x}")).collect();
    Some(Entry {
        description: safe_name(&notice.message, 1_000),
        check_name: format!("leakgate/{}", safe_name(&notice.code, 100)),
        fingerprint,
        severity,
        location: Place {
            path: safe_name(path, 1_000),
            lines: Lines { begin: line },
        },
    })
}

#[cfg(test)]
mod tests {
    use super::super::sample;
    use super::*;

    #[test]
    fn entries_are_unique_and_complete() {
        let mut bytes = Vec::new();
        write(&sample::report(), &mut bytes).unwrap();
        let entries: Vec<serde_json::Value> = serde_json::from_slice(&bytes).unwrap();
        // 7 leaks (two tests share one), 2 notices with a place
        assert_eq!(entries.len(), 9);
        let mut seen = std::collections::HashSet::new();
        for entry in &entries {
            assert!(seen.insert(entry["fingerprint"].as_str().unwrap().to_owned()));
            let severity = entry["severity"].as_str().unwrap();
            assert!(["info", "minor", "major", "critical", "blocker"].contains(&severity));
            assert!(entry["location"]["lines"]["begin"].as_u64().unwrap() >= 1);
            assert!(!entry["location"]["path"].as_str().unwrap().starts_with('/'));
            assert!(!entry["description"].as_str().unwrap().is_empty());
        }
        assert_eq!(entries[0]["location"]["path"], "store/fetch.go");
        assert_eq!(entries[7]["location"]["path"], "leakgate.toml");
    }
}
