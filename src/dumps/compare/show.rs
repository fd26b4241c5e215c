//! Comparisons for people, for pull requests, and as JSON.

use super::{By, Change, Comparison, Row, Trend, sparkline};
use crate::dumps::show::{code, known_alive, plain};
use crate::report::safe_text::{NAME_LIMIT, safe_name};
use crate::report::words::{plural, thousands};
use std::fmt::Write as _;
use std::io;

/// A format of `leakgate diff` and `monitor`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum DiffFormat {
    /// For people.
    #[default]
    Human,
    /// [`Comparison`] as JSON.
    Json,
    /// For pull requests and chats.
    Markdown,
}

impl DiffFormat {
    /// Names, for flags.
    pub const NAMES: [(&'static str, Self); 3] = [
        ("human", Self::Human),
        ("json", Self::Json),
        ("md", Self::Markdown),
    ];
}

/// The bytes of a comparison; at most `top` rows of each kind are listed for people.
pub fn write(comparison: &Comparison, format: DiffFormat, top: usize) -> io::Result<Vec<u8>> {
    Ok(match format {
        DiffFormat::Human => human(comparison, top).into_bytes(),
        DiffFormat::Json => serde_json::to_string_pretty(comparison)?.into_bytes(),
        DiffFormat::Markdown => markdown(comparison, top).into_bytes(),
    })
}

const SECTIONS: [(Change, &str); 4] = [
    (Change::New, "new"),
    (Change::Grew, "grew"),
    (Change::Gone, "gone"),
    (Change::Shrank, "shrank"),
];

fn name(text: &str) -> String {
    safe_name(text, NAME_LIMIT)
}

/// `+20`, `-3`.
fn signed(growth: i64) -> String {
    let digits = thousands(growth.unsigned_abs());
    if growth < 0 {
        format!("-{digits}")
    } else {
        format!("+{digits}")
    }
}

fn counts(row: &[u64]) -> String {
    let (first, last) = (
        row.first().copied().unwrap_or(0),
        row.last().copied().unwrap_or(0),
    );
    format!("{} → {}", thousands(first), thousands(last))
}

/// `goroutines 2,001 → 4,001 (+2,000): 1 new, 0 gone, 1 grew, 0 shrank, 3 same`.
fn summary(comparison: &Comparison) -> String {
    let count = |change: Change| comparison.of(change).count();
    format!(
        "goroutines {} ({}): {} new, {} gone, {} grew, {} shrank, {} same",
        counts(&comparison.totals),
        signed(comparison.growth),
        count(Change::New),
        count(Change::Gone),
        count(Change::Grew),
        count(Change::Shrank),
        count(Change::Same)
    )
}

/// `main.receive grows: 1 → 2,001, 400 per minute`.
fn growing(comparison: &Comparison) -> Vec<String> {
    comparison
        .growing()
        .map(|row| {
            format!(
                "{} grows: {}, {:.1} per {}",
                name(&row.owner),
                counts(&row.counts),
                row.rate,
                comparison.rate_per
            )
        })
        .collect()
}

fn human(comparison: &Comparison, top: usize) -> String {
    let mut text = String::new();
    let _ = writeln!(text, "{}", summary(comparison));
    for line in &comparison.incomplete {
        let _ = writeln!(text, "Incomplete: {}", name(line));
    }
    let many = comparison.totals.len() > 2;
    if many {
        let _ = writeln!(text, "{}", sparkline(&comparison.totals));
    }
    for (change, title) in SECTIONS {
        let rows: Vec<&Row> = comparison.of(change).collect();
        if rows.is_empty() {
            continue;
        }
        let _ = writeln!(text, "\n{title}");
        for row in rows.iter().take(top) {
            line(&mut text, row, comparison, many);
        }
        if rows.len() > top {
            let _ = writeln!(text, "  and {} more", rows.len() - top);
        }
    }
    let growing = growing(comparison);
    if many {
        text.push('\n');
        for line in growing.iter().take(top) {
            let _ = writeln!(text, "{line}");
        }
        if growing.is_empty() {
            text.push_str("Nothing grows from look to look.\n");
        }
    }
    known_alive(&mut text, &comparison.against);
    text
}

fn line(text: &mut String, row: &Row, comparison: &Comparison, many: bool) {
    let _ = write!(
        text,
        "  {:>8}  {:<18}  {}",
        signed(row.growth),
        counts(&row.counts),
        name(&row.owner)
    );
    if comparison.by == By::Fingerprint && !row.cause.is_empty() {
        let _ = write!(text, " · {}", name(&row.cause));
    }
    if let Some(at) = &row.at {
        let _ = write!(text, " · {}", name(at));
    }
    if let Some(fingerprint) = &row.fingerprint {
        let _ = write!(text, " · {fingerprint}");
    }
    text.push('\n');
    if !row.tests.is_empty() {
        let tests: Vec<String> = row.tests.iter().map(|test| name(test)).collect();
        let ruling = row
            .ruling
            .map(|ruling| format!(" ({ruling})"))
            .unwrap_or_default();
        let _ = writeln!(text, "            in {}{ruling}", tests.join(", "));
    }
    if many {
        let word = match row.trend {
            Trend::Grows => "grows",
            Trend::Shrinks => "shrinks",
            Trend::Steady => "steady",
            Trend::Varies => "varies",
        };
        let _ = writeln!(
            text,
            "            {}  {word}, {:+.1} per {}",
            sparkline(&row.counts),
            row.rate,
            comparison.rate_per
        );
    }
}

fn markdown(comparison: &Comparison, top: usize) -> String {
    let mut text = format!("**{}**\n", plain(&summary(comparison)));
    for line in &comparison.incomplete {
        let _ = writeln!(text, "\n> Incomplete: {}", plain(line));
    }
    for line in growing(comparison)
        .iter()
        .filter(|_| comparison.totals.len() > 2)
        .take(top)
    {
        let _ = writeln!(text, "\n- {}", plain(line));
    }
    let changed = |row: &&Row| row.change != Change::Same;
    let rows: Vec<&Row> = comparison.rows.iter().filter(changed).collect();
    if rows.is_empty() {
        text.push_str("\nNo leak is new, gone, or changed in number.\n");
        return text;
    }
    text.push_str(
        "\n| | goroutines | owner | cause | at | tests |\n| --- | ---: | --- | --- | --- | --- |\n",
    );
    for (change, title) in SECTIONS {
        for row in rows.iter().filter(|row| row.change == change).take(top) {
            let tests: Vec<String> = row.tests.iter().map(|test| code(test)).collect();
            let _ = writeln!(
                text,
                "| {title} | {} ({}) | {} | {} | {} | {} |",
                counts(&row.counts),
                signed(row.growth),
                code(&row.owner),
                plain(&row.cause),
                row.at.as_ref().map(|at| code(at)).unwrap_or_default(),
                tests.join(" ")
            );
        }
        let hidden = rows
            .iter()
            .filter(|row| row.change == change)
            .count()
            .saturating_sub(top);
        if hidden > 0 {
            let _ = writeln!(
                text,
                "| {title} | | {} | | | |",
                plural(hidden as u64, "more row")
            );
        }
    }
    text
}
