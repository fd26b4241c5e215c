//! The `teamcity` format: service messages. Leaks are inspections, missing evidence is a build problem, counts are statistics.
//! (The tests themselves TeamCity reads from the test2json stream or the JUnit file.)

use super::group::{anchor, groups};
use super::safe_text::{cut_middle, safe_lines};
use super::{Report, words};
use crate::diag::Code;
use crate::rules::RulingKind;
use std::collections::BTreeMap;
use std::io::{self, Write};

/// TeamCity keeps about this much of an attribute.
const VALUE: usize = 4_000;

/// Writes the messages.
pub fn write(report: &Report, out: &mut dyn Write) -> io::Result<()> {
    let shown = report
        .findings
        .iter()
        .filter(|finding| matches!(finding.ruling.kind, RulingKind::Fails | RulingKind::Warns));
    let groups = groups(shown);
    let kinds: BTreeMap<&str, &str> = groups
        .iter()
        .map(|group| {
            (
                group.root().cause.code.as_str(),
                group.root().cause.title.as_str(),
            )
        })
        .collect();
    for (code, title) in kinds {
        let fields = [
            ("id", code),
            ("name", title),
            ("description", title),
            ("category", "Goroutine leaks"),
        ];
        message(out, "inspectionType", &fields)?;
    }
    for group in &groups {
        let leak = group.root();
        let (file, line) = anchor(leak).map_or(("go.mod".to_owned(), 1), |anchor| (anchor.file, anchor.line));
        let with_it = words::with_it(&group.first.leak);
        let text = format!(
            "{}: {} ({}){} Fix: {}",
            group.tests(),
            words::waits(leak),
            group.how_many(),
            with_it.map_or(String::new(), |with_it| format!(" With it {with_it}.")),
            words::fix(&leak.cause)
        );
        let severity = if group.first.ruling.kind == RulingKind::Fails {
            "ERROR"
        } else {
            "WARNING"
        };
        let fields = [
            ("typeId", leak.cause.code.as_str()),
            ("message", &text),
            ("file", &file),
            ("line", &line.to_string()),
            ("SEVERITY", severity),
        ];
        message(out, "inspection", &fields)?;
    }
    for package in &report.packages {
        if let Some(why) = &package.inconclusive {
            let text = format!("leakgate: {} is inconclusive: {why}", package.path);
            message(
                out,
                "buildProblem",
                &[
                    ("description", &text),
                    ("identity", &cut_middle(&package.path.0, 60)),
                ],
            )?;
        }
    }
    let silent = report
        .notices
        .iter()
        .find(|notice| notice.code == Code::NoTests.as_str());
    if let Some(notice) = silent {
        let text = format!("leakgate: {}", notice.message);
        message(
            out,
            "buildProblem",
            &[("description", &text), ("identity", Code::NoTests.as_str())],
        )?;
    }
    let summary = &report.summary;
    for (key, value) in [
        ("leakgate.leaks", summary.leaks),
        ("leakgate.leaked", summary.leaked),
        ("leakgate.late", summary.late),
        ("leakgate.allowed", summary.allowed),
        ("leakgate.testsLeaking", summary.tests_leaking),
    ] {
        message(
            out,
            "buildStatisticValue",
            &[("key", key), ("value", &value.to_string())],
        )?;
    }
    if summary.leaked > 0 {
        let leaked = words::plural(summary.leaked, "goroutine");
        let text = format!("{{build.status.text}}; {leaked} leaked");
        message(out, "buildStatus", &[("text", &text)])?;
    }
    Ok(())
}

fn message(out: &mut dyn Write, name: &str, fields: &[(&str, &str)]) -> io::Result<()> {
    write!(out, "##teamcity[{name}")?;
    for (key, value) in fields {
        write!(out, " {key}='{}'", escape(value))?;
    }
    writeln!(out, "]")
}

fn escape(text: &str) -> String {
    let text = safe_lines(&cut_middle(text, VALUE));
    let mut escaped = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '\'' | '|' | '[' | ']' => escaped.extend(['|', c]),
            '\n' => escaped += "|n",
            '\r' => escaped += "|r",
            c if c.is_ascii() => escaped.push(c),
            c => {
                let mut units = [0; 2];
                for unit in c.encode_utf16(&mut units) {
                    escaped += &format!("|0x{unit:04X}");
                }
            }
        }
    }
    escaped
}

#[cfg(test)]
mod tests {
    use super::super::sample;
    use super::*;

    #[test]
    fn values_are_escaped() {
        assert_eq!(escape("it's [a|b]\nü"), "it|'s |[a||b|]|n|0x00FC");
    }

    #[test]
    fn each_line_is_one_message() {
        let mut bytes = Vec::new();
        write(&sample::report(), &mut bytes).unwrap();
        for line in String::from_utf8(bytes).unwrap().lines() {
            assert!(
                line.starts_with("##teamcity[") && line.ends_with(']') && line.is_ascii(),
                "{line}"
            );
        }
    }
}
