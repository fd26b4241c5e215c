//! For people: the largest groups first, each with its count, its place and what is known of it.

use super::Detail;
use crate::dumps::against::Alive;
use crate::dumps::view::{DumpView, Place, Row, View};
use crate::report::safe_text::{NAME_LIMIT, safe_name, safe_terminal};
use crate::report::words::{plural, thousands};
use std::fmt::Write as _;

pub(super) fn text(view: &View, detail: Detail) -> String {
    let mut text = String::new();
    for trouble in &view.troubles {
        let _ = writeln!(text, "{}", name(trouble));
    }
    for (at, dump) in view.dumps.iter().enumerate() {
        if at > 0 || !view.troubles.is_empty() {
            text.push('\n');
        }
        one(&mut text, dump, detail);
    }
    text
}

fn name(text: &str) -> String {
    safe_name(text, NAME_LIMIT)
}

/// A function's name as people write it.
fn func(text: &str) -> String {
    name(&crate::goroutine::name::readable(text))
}

/// `web.txt, dump 2, package a/b: 2,003 goroutines in 3 groups (stacks)`.
pub(super) fn title(dump: &DumpView) -> String {
    let mut title = name(&dump.source);
    if let Some(number) = dump.number {
        let _ = write!(title, ", dump {number}");
    }
    if let Some(package) = &dump.package {
        let _ = write!(title, ", package {}", name(package));
    }
    let groups = dump.rows.len() + dump.folded.map_or(0, |folded| folded.rows);
    let _ = write!(
        title,
        ": {} in {} ({})",
        plural(dump.goroutines, "goroutine"),
        plural(groups as u64, "group"),
        dump.kind
    );
    title
}

/// What was lost, as sentences.
pub(super) fn losses(dump: &DumpView) -> Vec<String> {
    let mut lines = Vec::new();
    if dump.passing < dump.goroutines {
        lines.push(format!("{} pass the filters.", plural(dump.passing, "goroutine")));
    }
    if dump.missing > 0 {
        lines.push(format!(
            "Incomplete: {} could not be read.",
            plural(dump.missing, "more goroutine")
        ));
    }
    if dump.cut {
        lines.push("Incomplete: the text ends inside a goroutine.".to_owned());
    }
    lines
}

fn one(text: &mut String, dump: &DumpView, detail: Detail) {
    if let Some(crash) = &dump.crash {
        let _ = writeln!(text, "{}", name(&crash.headline));
        for line in &crash.lines {
            let _ = writeln!(text, "  {}", name(line));
        }
        if !crash.stuck.is_empty() {
            text.push('\n');
            text.push_str(&safe_terminal(&crash.stuck));
        }
        text.push('\n');
    }
    let _ = writeln!(text, "{}", title(dump));
    for line in losses(dump) {
        let _ = writeln!(text, "{line}");
    }
    let width = dump
        .rows
        .first()
        .map_or(1, |row| thousands(row.goroutines).len())
        .max(5);
    for row in &dump.rows {
        text.push('\n');
        self::row(text, row, width, detail);
    }
    if let Some(folded) = dump.folded {
        let groups = plural(folded.rows as u64, "more group");
        let _ = writeln!(text, "\n{groups} with {}", plural(folded.goroutines, "goroutine"));
    }
    known_alive(text, &dump.against);
}

fn row(text: &mut String, row: &Row, width: usize, detail: Detail) {
    let by: Vec<String> = row
        .by
        .iter()
        .filter(|(key, value)| {
            !value.is_empty() && (*key, value.as_str()) != (&"cause".to_owned(), "unknown")
        })
        .map(|(key, value)| match key.as_str() {
            "owner" => func(value.lines().next().unwrap_or_default()),
            "cause" | "state" => name(value.lines().next().unwrap_or_default()),
            key => format!("{key} {}", name(value.lines().next().unwrap_or_default())),
        })
        .collect();
    let by = if by.is_empty() {
        "(none)".to_owned()
    } else {
        by.join(" · ")
    };
    let _ = writeln!(
        text,
        "{:>width$}  {:>5.1} %  {by}",
        thousands(row.goroutines),
        row.share * 100.0
    );
    let mut line = |words: String| {
        let _ = writeln!(
            text,
            "{:width$}           {}",
            "",
            safe_name(&words, 2 * NAME_LIMIT)
        );
    };
    if !row.cause.waits_for.is_empty() {
        line(row.cause.waits_for.clone());
    }
    if let Some(place) = &row.blocked_at {
        line(format!("at {}", self::place(place)));
    }
    if let Some(place) = &row.started_at {
        line(format!(
            "started at {} by {}",
            self::place(place),
            func(&place.func)
        ));
    }
    if let Some(root) = &row.hangs_on {
        line(format!("hangs on {}: {}", func(&root.owner), root.words));
    }
    for kept in &row.keeps {
        line(format!(
            "keeps {} of {}",
            plural(kept.goroutines, "goroutine"),
            func(&kept.owner)
        ));
    }
    if row.stacks > 1 {
        line(plural(row.stacks as u64, "different stack"));
    }
    if let Some(minutes) = row.longest_wait_minutes {
        line(format!("longest wait {}", plural(minutes, "minute")));
    }
    if row.proven > 0 {
        line(format!("{} proven leaked by Go's leak GC", thousands(row.proven)));
    }
    match (row.ruling.kind, &row.ruling.because) {
        ("allowed", Some(because)) => line(because.clone()),
        (_, Some(because)) => line(format!("{}: {because}", word(row.ruling.kind))),
        ("none", None) => {}
        (kind, None) => line(word(kind).to_owned()),
    }
    for known in &row.known {
        let alive = plural(row.goroutines, "goroutine");
        line(format!("{} is alive here: {alive}", known.words()));
    }
    if let Some(fingerprint) = &row.fingerprint {
        line(format!("fingerprint {fingerprint}"));
    }
    if detail.stacks {
        for frame in &row.stack {
            line(format!("  {frame}"));
        }
    }
}

fn word(kind: &str) -> &str {
    match kind {
        "none" => "not covered",
        other => other,
    }
}

fn place(place: &Place) -> String {
    match &place.source {
        Some(source) => format!("{}  {source}", place.at),
        None => place.at.clone(),
    }
}

/// Leaks that tests have shown, and how many of each live here.
pub(in crate::dumps) fn known_alive(text: &mut String, known: &[Alive]) {
    if known.is_empty() {
        return;
    }
    let (alive, gone): (Vec<_>, Vec<_>) = known.iter().partition(|known| known.alive > 0);
    let total = plural(known.len() as u64, "known leak");
    let _ = writeln!(text, "\n{} of {total} alive here", alive.len());
    for known in alive {
        let words = name(&known.leak.words());
        let _ = writeln!(
            text,
            "{:>7}  {}  {words}",
            thousands(known.alive),
            func(&known.leak.owner)
        );
    }
    if !gone.is_empty() {
        let _ = writeln!(text, "{} not seen here", plural(gone.len() as u64, "known leak"));
    }
}
