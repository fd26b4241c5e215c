//! `leakgate allow remove` and `allow extend`: entries that exist, by their line, a leak's fingerprint or a function's name.

use super::{applying, line_of, policy, rules_file};
use crate::app::Failure;
use crate::app::output::say::say;
use crate::app::project::here::Project;
use crate::app::project::rulebook;
use crate::app::project::team_file::{TeamFile, diff, refuse_in_ci};
use crate::app::store::last_run;
use crate::cli::allow::{ExtendArgs, RemoveArgs};
use crate::exit::ExitCode;
use crate::rules::book::Decided;
use crate::rules::{AllowEntry, edit};
use jiff::ToSpan;
use jiff::civil::Date;

/// Runs `remove`.
pub fn remove(args: &RemoveArgs) -> Result<ExitCode, Failure> {
    let file = rules_file(&args.file)?;
    change(&file, args.dry_run, args.how.in_ci, |text| {
        let allow = file.parse(text)?.allow;
        let found = all(&file, &allow, &args.entries)?;
        edit::remove(text, &found).map_err(|error| Failure::Message(format!("{}: {error}", file.name)))
    })
}

/// Runs `extend`.
pub fn extend(args: &ExtendArgs) -> Result<ExitCode, Failure> {
    let file = rules_file(&args.file)?;
    let today = rulebook::today();
    change(&file, args.dry_run, args.how.in_ci, |text| {
        let read = file.parse(text)?;
        let policy = policy(&read)?;
        let last = match (args.expires, args.days) {
            (Some(last), _) => last,
            (None, days) => after_days(today, days.unwrap_or_else(|| policy.days()))?,
        };
        if last < today {
            return Err(Failure::Message(format!(
                "--expires {last} has passed: give a last day, today (UTC) or later"
            )));
        }
        if let Some(max) = policy
            .max_days
            .filter(|max| last > today + i64::from(*max).days())
        {
            return Err(Failure::Message(format!(
                "{last} is more than {max} days ahead, which the policy (`max-days`) does not allow; give a nearer day"
            )));
        }
        let mut after = text.to_owned();
        for index in all(&file, &read.allow, &args.entries)? {
            let value: toml_edit::Value = last
                .to_string()
                .parse::<toml_edit::Datetime>()
                .map_err(|error| Failure::Message(error.to_string()))?
                .into();
            after = edit::set(&after, index, "expires", Some(value))
                .map_err(|error| Failure::Message(format!("{}: {error}", file.name)))?;
        }
        Ok(after)
    })
}

fn after_days(today: Date, days: u32) -> Result<Date, Failure> {
    today
        .checked_add(i64::from(days).days())
        .map_err(|_| Failure::Message(format!("--days {days} is beyond the calendar")))
}

fn change(
    file: &TeamFile,
    dry_run: bool,
    in_ci: bool,
    change: impl Fn(&str) -> Result<String, Failure>,
) -> Result<ExitCode, Failure> {
    let before = file.existing()?;
    if dry_run {
        say(&diff(&before, &change(&before)?, &file.name))?;
        return Ok(ExitCode::Clean);
    }
    refuse_in_ci(in_ci, &file.name)?;
    let done = file.change(change)?;
    let shown = done.diff(&file.name);
    if shown.is_empty() {
        say(&format!("{}: nothing to change\n", file.name))?;
    } else {
        say(&format!("{shown}\nwrote {}\n", file.name))?;
    }
    Ok(ExitCode::Clean)
}

/// Numbers of all entries that are named, each once.
fn all(file: &TeamFile, allow: &[AllowEntry], named: &[String]) -> Result<Vec<usize>, Failure> {
    let mut found = Vec::new();
    for name in named {
        found.extend(one(file, allow, name)?);
    }
    found.sort_unstable();
    found.dedup();
    Ok(found)
}

fn one(file: &TeamFile, allow: &[AllowEntry], name: &str) -> Result<Vec<usize>, Failure> {
    let none = |why: String| Err(Failure::Message(format!("{}: {why}", file.name)));
    if let Some(line) = line_of(name, file) {
        return match allow.iter().rposition(|entry| entry.place.line <= line) {
            Some(index) => Ok(vec![index]),
            None => none(format!(
                "no entry at line {line}; `leakgate allow list` shows their lines"
            )),
        };
    }
    let in_title = |entry: &AllowEntry| {
        let mut patterns = entry.functions();
        patterns.any(|(_, pattern)| pattern.text() == name || pattern.compared() == name)
    };
    let by_name: Vec<usize> = (0..allow.len())
        .filter(|index| in_title(&allow[*index]))
        .collect();
    if !by_name.is_empty() {
        return Ok(by_name);
    }
    if name.len() >= 4 && name.bytes().all(|byte| byte.is_ascii_hexdigit()) {
        let report = last_run::given_or_last(None, Project::here()?.home())?;
        let wanted = name.to_lowercase();
        let decided = applying::decided(allow, &report, file);
        let found = report
            .findings
            .iter()
            .zip(&decided)
            .filter_map(|(finding, decided)| {
                let named = finding.leak.root.fingerprint.0.starts_with(&wanted);
                match decided {
                    Some(Decided::Allowed(index) | Decided::Over { entry: index, .. }) if named => {
                        Some(*index)
                    }
                    _ => None,
                }
            });
        let found: Vec<usize> = found.collect();
        if !found.is_empty() {
            return Ok(found);
        }
    }
    none(format!(
        "no entry is named by `{name}`: give its line, its function, or the fingerprint of a leak that it covers"
    ))
}
