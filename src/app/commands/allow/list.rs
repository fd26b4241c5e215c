//! `leakgate allow list`: who owns what, until when, and how often it matched.

use super::{entries, prune, rules_file};
use crate::app::Failure;
use crate::app::output::say::say;
use crate::app::project::code_facts;
use crate::app::project::here::Project;
use crate::app::project::rulebook;
use crate::app::store::history;
use crate::cli::allow::ListArgs;
use crate::exit::ExitCode;
use crate::report::Report;
use crate::report::words::plural;
use crate::rules::AllowEntry;
use crate::rules::book::Usage;
use crate::rules::pattern::Pattern;
use jiff::civil::Date;
use serde_json::json;

/// Runs the verb.
pub fn run(args: &ListArgs) -> Result<ExitCode, Failure> {
    let file = rules_file(&args.file)?;
    let read = file.parse(&file.existing()?)?;
    let allow = read.allow;
    let runs: Vec<Report> = history::open(Project::here()?.home())
        .map(|history| history.runs().collect())
        .unwrap_or_default();
    let modules = code_facts::modules(&file.root());
    let usage: Vec<Vec<Usage>> = runs
        .iter()
        .map(|run| prune::usage(&allow, run, &modules))
        .collect();
    let today = rulebook::today();
    let rows: Vec<Row<'_>> = allow
        .iter()
        .enumerate()
        .filter(|(_, entry)| args.owner.is_none() || entry.owner == args.owner)
        .map(|(index, entry)| Row::of(entry, today, usage.iter().map(|run| run[index])))
        .collect();
    let idle: Vec<Row<'_>> = read
        .may_not_run
        .iter()
        .filter(|entry| args.owner.is_none() || entry.owner == args.owner)
        .map(|entry| Row::of(entry, today, std::iter::empty()))
        .collect();
    if args.json {
        return json(&rows, &idle, runs.len());
    }
    let mut text: String = rows.iter().map(|row| row.show(&file.name, runs.len())).collect();
    text.extend(idle.iter().map(|row| row.show_package(&file.name)));
    let expired = rows
        .iter()
        .chain(&idle)
        .filter(|row| row.days.is_some_and(|days| days < 0))
        .count();
    text.push_str(&format!(
        "{}, {expired} expired, {}\n",
        entries(rows.len() + idle.len()),
        plural(runs.len() as u64, "recorded run")
    ));
    say(&text)?;
    Ok(ExitCode::Clean)
}

struct Row<'a> {
    entry: &'a AllowEntry,
    /// Until its last day.
    days: Option<i64>,
    /// Runs in which something fell under it.
    runs: usize,
    /// Goroutines in the newest of them.
    last: u64,
}

impl<'a> Row<'a> {
    fn of(entry: &'a AllowEntry, today: Date, usage: impl Iterator<Item = Usage>) -> Self {
        let matched: Vec<u64> = usage
            .map(|usage| usage.matched)
            .filter(|matched| *matched > 0)
            .collect();
        Self {
            entry,
            days: entry
                .expires
                .map(|last| today.duration_until(last).as_hours() / 24),
            runs: matched.len(),
            last: matched.first().copied().unwrap_or(0),
        }
    }

    fn until(&self) -> String {
        match (self.entry.expires, self.days) {
            (Some(last), Some(days)) if days < 0 => format!("EXPIRED on {last}"),
            (Some(last), Some(days)) => format!("until {last} ({days} days)"),
            _ => "no last day".to_owned(),
        }
    }

    /// A package that may not run.
    fn show_package(&self, file: &str) -> String {
        format!(
            "{file}:{}  {} may not run\n    {}, {}\n    {}\n\n",
            self.entry.place.line,
            self.entry.title(),
            self.owner(),
            self.until(),
            self.why()
        )
    }

    fn owner(&self) -> &str {
        self.entry.owner.as_deref().unwrap_or("no owner")
    }

    fn why(&self) -> String {
        let reason = self.entry.reason.as_deref().unwrap_or("no reason given");
        match &self.entry.issue {
            Some(issue) => format!("{reason} {issue}"),
            None => reason.to_owned(),
        }
    }

    fn show(&self, file: &str, recorded: usize) -> String {
        let matched = match (recorded, self.runs) {
            (0, _) => "no run recorded".to_owned(),
            (_, 0) => format!("matched in none of {recorded} runs"),
            (_, runs) => format!("matched in {runs} of {recorded} runs, {} last", self.last),
        };
        format!(
            "{file}:{}  {}\n    {}, {}, {matched}\n    {}\n\n",
            self.entry.place.line,
            self.entry.title(),
            self.owner(),
            self.until(),
            self.why()
        )
    }
}

fn json(rows: &[Row<'_>], idle: &[Row<'_>], recorded: usize) -> Result<ExitCode, Failure> {
    let packages: Vec<serde_json::Value> = idle
        .iter()
        .map(|row| {
            let names: Vec<&str> = row.entry.package.iter().map(Pattern::text).collect();
            json!({
                "line": row.entry.place.line,
                "package": names,
                "owner": row.entry.owner,
                "reason": row.entry.reason,
                "issue": row.entry.issue,
                "expires": row.entry.expires.map(|last| last.to_string()),
                "days": row.days,
            })
        })
        .collect();
    let all: Vec<serde_json::Value> = rows
        .iter()
        .map(|row| {
            json!({
                "line": row.entry.place.line,
                "entry": row.entry.title(),
                "owner": row.entry.owner,
                "reason": row.entry.reason,
                "issue": row.entry.issue,
                "expires": row.entry.expires.map(|last| last.to_string()),
                "days": row.days,
                "max": row.entry.max,
                "matched_runs": row.runs,
                "matched_last": row.last,
            })
        })
        .collect();
    say(&format!(
        "{:#}\n",
        json!({ "recorded_runs": recorded, "entries": all, "may_not_run": packages })
    ))?;
    Ok(ExitCode::Clean)
}
