//! A table for pull requests, issues and chats. Names are in code spans.

use super::human::{losses, title};
use crate::dumps::view::{DumpView, Row, View};
use crate::report::safe_text::{NAME_LIMIT, safe_name};
use crate::report::words::{plural, thousands};
use std::fmt::Write as _;

pub(super) fn text(view: &View) -> String {
    let mut text = String::new();
    for trouble in &view.troubles {
        let _ = writeln!(text, "> {}\n", plain(trouble));
    }
    for dump in &view.dumps {
        one(&mut text, dump);
    }
    text
}

fn one(text: &mut String, dump: &DumpView) {
    let _ = writeln!(text, "### {}\n", plain(&title(dump)));
    if let Some(crash) = &dump.crash {
        let _ = writeln!(text, "{}\n", code(&crash.headline));
        for line in &crash.lines {
            let _ = writeln!(text, "- {}", plain(line));
        }
        text.push('\n');
    }
    for line in losses(dump) {
        let _ = writeln!(text, "{line}\n");
    }
    text.push_str("| goroutines | share | group | at | rule |\n| ---: | ---: | --- | --- | --- |\n");
    for row in &dump.rows {
        let _ = writeln!(
            text,
            "| {} | {:.1} % | {} | {} | {} |",
            thousands(row.goroutines),
            row.share * 100.0,
            group(row),
            row.blocked_at
                .as_ref()
                .map(|place| code(&place.at))
                .unwrap_or_default(),
            rule(row)
        );
    }
    if let Some(folded) = dump.folded {
        let groups = plural(folded.rows as u64, "more group");
        let _ = writeln!(text, "| {} | | {groups} | | |", thousands(folded.goroutines));
    }
    text.push('\n');
}

fn group(row: &Row) -> String {
    let values = row.by.values().filter(|value| !value.is_empty());
    let cells: Vec<String> = values
        .map(|value| code(value.lines().next().unwrap_or_default()))
        .collect();
    cells.join(" ")
}

fn rule(row: &Row) -> String {
    let mut words: Vec<String> = row.known.iter().map(|known| plain(&known.words())).collect();
    words.extend(row.ruling.because.iter().map(|because| plain(because)));
    words.join("; ")
}

/// A code span that its text can't end, in a table's cell.
pub(in crate::dumps) fn code(text: &str) -> String {
    let text = safe_name(text, NAME_LIMIT).replace('|', "\\|");
    let longest = text.split(|c| c != '`').map(str::len).max().unwrap_or(0);
    let fence = "`".repeat(longest + 1);
    match text.contains('`') {
        true => format!("{fence} {text} {fence}"),
        false => format!("{fence}{text}{fence}"),
    }
}

/// Text that is no markup.
pub(in crate::dumps) fn plain(text: &str) -> String {
    let mut safe = String::new();
    for c in safe_name(text, 2 * NAME_LIMIT).chars() {
        match c {
            '<' => safe.push_str("&lt;"),
            '&' => safe.push_str("&amp;"),
            '\\' | '`' | '*' | '_' | '[' | ']' | '|' | '#' | '~' | '@' => {
                safe.push('\\');
                safe.push(c);
            }
            c => safe.push(c),
        }
    }
    safe
}
