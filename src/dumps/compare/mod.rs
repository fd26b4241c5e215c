//! Two looks or more at the same program: what is new, gone and grew, and how fast.

mod show;
mod spark;
mod trend;

#[cfg(test)]
mod tests;

pub use show::{DiffFormat, write};
pub use spark::sparkline;
pub use trend::{Trend, trend};

use super::against::Alive;
use super::judge::Judged;
use super::model::{Dump, Kind};
use crate::goroutine::name;
use crate::report::{Report, words};
use indexmap::IndexMap;
use serde::Serialize;

/// The schema's name, first key of the JSON form.
pub const SCHEMA: &str = "leakgate.diff/1";

/// What is compared.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum By {
    /// Leak by leak.
    Fingerprint,
    /// All goroutines that run the same code.
    Owner,
}

/// One look.
#[derive(Debug, Clone, PartialEq)]
pub struct Snapshot {
    /// File, URL or time.
    pub source: String,
    /// Seconds since the first look, if they are known.
    pub at: Option<f64>,
    /// What was there.
    pub entries: Vec<Entry>,
    /// Why some of it may be missing.
    pub incomplete: Option<String>,
    /// A profile: neither creators nor states.
    pub profiled: bool,
}

/// Equal goroutines.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// Stable identity.
    pub fingerprint: String,
    /// Identity that a profile has as well: the functions of the stack.
    pub stack: String,
    /// The code that they run.
    pub owner: String,
    /// The cause's title.
    pub cause: String,
    /// Where they are blocked.
    pub at: Option<String>,
    /// Tests, of a report.
    pub tests: Vec<String>,
    /// What the rules said, of a report.
    pub ruling: Option<&'static str>,
    /// How many.
    pub count: u64,
}

impl Snapshot {
    /// All goroutines.
    pub fn total(&self) -> u64 {
        self.entries
            .iter()
            .fold(0, |sum, entry| sum.saturating_add(entry.count))
    }

    /// Of a dump.
    pub fn of_dump(source: &str, at: Option<f64>, dump: &Dump, judged: &[Judged]) -> Self {
        let entry = |one: &Judged| Entry {
            fingerprint: one.leak.root.fingerprint.0.clone(),
            stack: stack_key(one),
            owner: one.leak.root.owner.0.clone(),
            cause: one.leak.root.cause.title.clone(),
            at: one.leak.root.blocked_at.as_ref().map(words::place),
            tests: Vec::new(),
            ruling: None,
            count: one.leak.root.count,
        };
        let incomplete = if dump.missing() > 0 {
            Some(format!(
                "{} could not be read",
                words::plural(dump.missing(), "goroutine")
            ))
        } else {
            dump.lost
                .cut
                .map(|_| "the text ends inside a goroutine".to_owned())
        };
        Self {
            source: source.to_owned(),
            at,
            entries: judged.iter().map(entry).collect(),
            incomplete,
            profiled: dump.kind != Kind::Stacks,
        }
    }

    /// Of a report: its findings, each package by itself.
    pub fn of_report(source: &str, report: &Report) -> Self {
        let entry = |finding: &crate::report::Finding| {
            let leak = &finding.leak.root;
            Entry {
                fingerprint: leak.fingerprint.0.clone(),
                stack: String::new(),
                owner: leak.owner.0.clone(),
                cause: leak.cause.title.clone(),
                at: leak.blocked_at.as_ref().map(words::place),
                tests: leak
                    .tests
                    .iter()
                    .map(|test| format!("{}.{test}", leak.package))
                    .collect(),
                ruling: Some(crate::dumps::against::ruling_word(finding.ruling.kind)),
                count: finding.leak.goroutines(),
            }
        };
        let unseen = report
            .packages
            .iter()
            .filter(|package| package.inconclusive.is_some())
            .count();
        let incomplete = match (&report.run.partial, unseen) {
            (Some(partial), _) => Some(format!("the run is partial: {}", partial.reason)),
            (None, 0) => None,
            (None, count) => Some(format!("{} inconclusive", words::plural(count as u64, "package"))),
        };
        Self {
            source: source.to_owned(),
            at: None,
            entries: report.findings.iter().map(entry).collect(),
            incomplete,
            profiled: false,
        }
    }
}

/// The normalised functions of a stack, without the standard library's.
fn stack_key(judged: &Judged) -> String {
    let own = judged
        .leak
        .root
        .stack
        .iter()
        .map(|frame| frame.func.as_str())
        .filter(|func| !name::is_std(func))
        .map(name::normal);
    let mut key: Vec<String> = own.collect();
    key.dedup();
    key.push(name::normal(judged.leak.root.owner.as_str()));
    key.join("\n")
}

/// What happened to one leak or owner.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Change {
    /// Not in the first look.
    New,
    /// More than in the first look.
    Grew,
    /// As many.
    Same,
    /// Fewer.
    Shrank,
    /// None in the last look.
    Gone,
}

/// One leak or owner over all looks.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Row {
    /// What happened.
    pub change: Change,
    /// The code that they run.
    pub owner: String,
    /// Of the largest, if compared leak by leak.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub fingerprint: Option<String>,
    /// The cause's title.
    pub cause: String,
    /// Where they are blocked.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub at: Option<String>,
    /// Tests, of a report.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub tests: Vec<String>,
    /// What the rules said last, of a report.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ruling: Option<&'static str>,
    /// One for each look.
    pub counts: Vec<u64>,
    /// Last minus first.
    pub growth: i64,
    /// What the counts say together.
    pub trend: Trend,
    /// Fitted, goroutines per minute; per look if no times are known.
    pub rate: f64,
}

/// All of it.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Comparison {
    /// Always [`SCHEMA`].
    pub schema: &'static str,
    /// What rows are.
    pub by: By,
    /// Names of the looks.
    pub sources: Vec<String>,
    /// Seconds since the first look, where they are known.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub seconds: Vec<f64>,
    /// All goroutines of each look.
    pub totals: Vec<u64>,
    /// Last minus first.
    pub growth: i64,
    /// `minute` or `look`: what rates are per.
    pub rate_per: &'static str,
    /// Largest growth first.
    pub rows: Vec<Row>,
    /// What may be missing, and why.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub incomplete: Vec<String>,
    /// Leaks of tests in the last look, most alive first.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub against: Vec<Alive>,
}

/// Compares looks, of which there are two or more.
pub fn compare(snapshots: &[Snapshot], by: By) -> Comparison {
    let profiled = snapshots.iter().any(|snapshot| snapshot.profiled);
    let key = |entry: &Entry| match by {
        By::Owner => name::normal(&entry.owner),
        By::Fingerprint if profiled => entry.stack.clone(),
        By::Fingerprint => format!(
            "{} {}",
            entry.fingerprint,
            entry.tests.first().map_or("", |test| package(test))
        ),
    };
    let mut found: IndexMap<String, (&Entry, Vec<u64>)> = IndexMap::new();
    for (look, snapshot) in snapshots.iter().enumerate() {
        for entry in &snapshot.entries {
            let (speaker, counts) = found
                .entry(key(entry))
                .or_insert_with(|| (entry, vec![0; snapshots.len()]));
            counts[look] = counts[look].saturating_add(entry.count);
            *speaker = entry;
        }
    }
    let times: Option<Vec<f64>> = snapshots.iter().map(|snapshot| snapshot.at).collect();
    let (times, rate_per, unit) = match times {
        Some(times) => (times, "minute", 60.0),
        None => (
            (0..snapshots.len()).map(|look| look as f64).collect(),
            "look",
            1.0,
        ),
    };
    let mut rows: Vec<Row> = found
        .into_values()
        .map(|(entry, counts)| row(entry, counts, by, profiled, &times, unit))
        .collect();
    rows.sort_by(|a, b| {
        b.growth
            .cmp(&a.growth)
            .then_with(|| (&a.owner, &a.fingerprint).cmp(&(&b.owner, &b.fingerprint)))
    });
    let totals: Vec<u64> = snapshots.iter().map(Snapshot::total).collect();
    Comparison {
        schema: SCHEMA,
        by,
        sources: snapshots.iter().map(|snapshot| snapshot.source.clone()).collect(),
        seconds: if rate_per == "minute" { times } else { Vec::new() },
        growth: growth(&totals),
        totals,
        rate_per,
        rows,
        against: Vec::new(),
        incomplete: snapshots
            .iter()
            .filter_map(|snapshot| Some(format!("{}: {}", snapshot.source, snapshot.incomplete.as_ref()?)))
            .collect(),
    }
}

/// The package of `example.com/shop/cart.TestAdd/x`.
fn package(test: &str) -> &str {
    name::package(test)
}

fn row(entry: &Entry, counts: Vec<u64>, by: By, profiled: bool, times: &[f64], unit: f64) -> Row {
    let (first, last) = (
        counts.first().copied().unwrap_or(0),
        counts.last().copied().unwrap_or(0),
    );
    let change = match (first, last) {
        (0, 0) => Change::Same,
        (0, _) => Change::New,
        (_, 0) => Change::Gone,
        (first, last) if last > first => Change::Grew,
        (first, last) if last < first => Change::Shrank,
        _ => Change::Same,
    };
    Row {
        change,
        owner: entry.owner.clone(),
        fingerprint: (by == By::Fingerprint && !profiled).then(|| entry.fingerprint.clone()),
        cause: entry.cause.clone(),
        at: entry.at.clone(),
        tests: entry.tests.clone(),
        ruling: entry.ruling,
        growth: growth(&counts),
        trend: trend(&counts),
        rate: trend::slope(times, &counts) * unit,
        counts,
    }
}

fn growth(counts: &[u64]) -> i64 {
    let signed = |count: Option<&u64>| i64::try_from(count.copied().unwrap_or(0)).unwrap_or(i64::MAX);
    signed(counts.last()) - signed(counts.first())
}

impl Comparison {
    /// Rows with this change.
    pub fn of(&self, change: Change) -> impl Iterator<Item = &Row> {
        self.rows.iter().filter(move |row| row.change == change)
    }

    /// What grows: from look to look, or from the first of two to the second.
    pub fn growing(&self) -> impl Iterator<Item = &Row> {
        self.rows.iter().filter(|row| row.trend == Trend::Grows)
    }
}

/// `growth>N`, `new>N`, `total>N`: when a comparison fails.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct FailOn {
    what: What,
    more_than: i64,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum What {
    Growth,
    New,
    Total,
}

impl std::str::FromStr for FailOn {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let wrong = || format!("write growth>N, new>N or total>N, not `{text}`");
        let (what, number) = text.split_once('>').ok_or_else(wrong)?;
        let what = match what.trim() {
            "growth" => What::Growth,
            "new" => What::New,
            "total" => What::Total,
            _ => return Err(wrong()),
        };
        let more_than = number.trim().parse::<u32>().map_err(|_| wrong())?;
        Ok(Self {
            what,
            more_than: more_than.into(),
        })
    }
}

impl FailOn {
    /// Why the comparison fails; `None` if it does not.
    pub fn verdict(&self, comparison: &Comparison) -> Option<String> {
        let limit = self.more_than;
        match self.what {
            What::Growth => {
                let worst = comparison.rows.iter().filter(|row| row.growth > limit);
                let worst: Vec<String> = worst
                    .map(|row| format!("{} by {}", row.owner, row.growth))
                    .collect();
                let shown = worst.iter().take(3).cloned().collect::<Vec<_>>().join(", ");
                (!worst.is_empty()).then(|| format!("growth>{limit}: {} grew: {shown}", worst.len()))
            }
            What::New => {
                let new = comparison.of(Change::New).count();
                (i64::try_from(new).unwrap_or(i64::MAX) > limit).then(|| format!("new>{limit}: {new} new"))
            }
            What::Total => (comparison.growth > limit)
                .then(|| format!("total>{limit}: the total grew by {}", comparison.growth)),
        }
    }
}
