//! Reports of shards (or of other parts of one run) made into one. Says which shard is missing or came twice; it never
//! takes the rest for the whole.

use super::model::SCHEMA;
use super::{Notice, Partial, Report, Run, Severity, Shard, Summary};
use std::collections::{BTreeMap, BTreeSet};

/// A report to merge, with the name that messages give it.
pub struct Part {
    /// File name.
    pub name: String,
    /// Its report.
    pub report: Report,
}

/// Why reports can't be merged.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum MergeError {
    /// No report at all.
    #[error("there is no report to merge")]
    Nothing,
    /// `--shard 1/4` beside `--shard 2/5`.
    #[error(
        "{first} is one of {first_total} shards, {second} is one of {second_total}: they are not of one run"
    )]
    Totals {
        /// A report's name.
        first: String,
        /// Its total.
        first_total: u32,
        /// Another's name.
        second: String,
        /// Its total.
        second_total: u32,
    },
}

/// Merges. Packages, findings and notices are put together in the order given; the caller sorts, rules, links and counts.
/// A shard that came twice is taken once; a missing one makes the report partial.
pub fn merge(parts: Vec<Part>) -> Result<Report, MergeError> {
    let total = total(&parts)?;
    let mut notices = Vec::new();
    let mut seen: BTreeMap<u32, String> = BTreeMap::new();
    let mut kept: Vec<Part> = Vec::new();
    for part in parts {
        match part.report.run.shard {
            Some(Shard { index, .. }) if seen.contains_key(&index) => {
                notices.push(doubled(index, &seen[&index], &part.name));
                continue;
            }
            Some(Shard { index, .. }) => drop(seen.insert(index, part.name.clone())),
            None => {}
        }
        kept.push(part);
    }
    let missing: Vec<u32> = (1..=total.unwrap_or(0))
        .filter(|index| !seen.contains_key(index))
        .collect();
    let run = run(&kept, total, &missing).ok_or(MergeError::Nothing)?;
    notices.extend(twice(&kept));
    let mut report = Report {
        schema: SCHEMA.to_owned(),
        tool: kept[0].report.tool.clone(),
        run,
        packages: Vec::new(),
        findings: Vec::new(),
        notices,
        summary: Summary::default(),
        exit_code: 0,
    };
    for part in kept {
        report.packages.extend(part.report.packages);
        report.findings.extend(part.report.findings);
        report.notices.extend(part.report.notices);
    }
    Ok(report)
}

/// The number of shards, if the parts are shards.
fn total(parts: &[Part]) -> Result<Option<u32>, MergeError> {
    let mut sharded = parts
        .iter()
        .filter_map(|part| Some((part, part.report.run.shard?)));
    let Some((first, shard)) = sharded.next() else {
        return Ok(None);
    };
    match sharded.find(|(_, other)| other.total != shard.total) {
        None => Ok(Some(shard.total)),
        Some((second, other)) => Err(MergeError::Totals {
            first: first.name.clone(),
            first_total: shard.total,
            second: second.name.clone(),
            second_total: other.total,
        }),
    }
}

fn doubled(index: u32, first: &str, again: &str) -> Notice {
    Notice {
        code: "shard-doubled".to_owned(),
        severity: Severity::Warning,
        message: format!("shard {index} came twice: {first} is taken, {again} is left out"),
        remedy: Some("give every job of the matrix its own --shard".to_owned()),
        place: None,
        package: None,
    }
}

/// Packages that more than one part tested.
fn twice(parts: &[Part]) -> Option<Notice> {
    let mut seen = BTreeSet::new();
    let paths = parts
        .iter()
        .flat_map(|part| &part.report.packages)
        .map(|package| &package.path);
    let twice: BTreeSet<_> = paths.filter(|path| !seen.insert(*path)).collect();
    let first = twice.first()?;
    let more = if twice.len() > 1 {
        format!(" (and {} more packages)", twice.len() - 1)
    } else {
        String::new()
    };
    Some(Notice {
        code: "package-twice".to_owned(),
        severity: Severity::Note,
        message: format!("{first}{more} was tested in more than one of the merged runs; both are counted"),
        remedy: None,
        place: None,
        package: None,
    })
}

fn run(parts: &[Part], total: Option<u32>, missing: &[u32]) -> Option<Run> {
    let first = &parts.first()?.report.run;
    let runs = || parts.iter().map(|part| &part.report.run);
    let versions: BTreeSet<&str> = runs()
        .map(|run| run.go_version.as_str())
        .filter(|go| !go.is_empty())
        .collect();
    let partial = partial(parts, total, missing);
    let not_full = match &partial {
        Some(partial) => Some(partial.reason.clone()),
        None => runs()
            .filter(|run| run.shard.is_none() || !only_sharded(run))
            .find_map(|run| run.not_full.clone()),
    };
    Some(Run {
        command: first.command.clone(),
        go_version: versions.into_iter().collect::<Vec<_>>().join(", "),
        started: runs().map(|run| &run.started).min()?.clone(),
        elapsed_ms: runs().map(|run| run.elapsed_ms).max()?,
        partial,
        not_full,
        shard: None,
        module: runs().find_map(|run| run.module.clone()),
        repository: runs().find_map(|run| run.repository.clone()),
    })
}

/// Whether being a shard is the only reason why a run is not full.
fn only_sharded(run: &Run) -> bool {
    run.not_full
        .as_deref()
        .is_none_or(|reason| reason.contains("shard"))
}

fn partial(parts: &[Part], total: Option<u32>, missing: &[u32]) -> Option<Partial> {
    let mut reasons = Vec::new();
    if !missing.is_empty() {
        let names: Vec<String> = missing.iter().take(10).map(u32::to_string).collect();
        let more = if missing.len() > names.len() { ", …" } else { "" };
        let (word, verb) = if missing.len() == 1 {
            ("shard", "is")
        } else {
            ("shards", "are")
        };
        reasons.push(format!(
            "{word} {}{more} of {} {verb} missing",
            names.join(", "),
            total.unwrap_or(0)
        ));
    }
    let mut running = Vec::new();
    for part in parts {
        if let Some(partial) = &part.report.run.partial {
            reasons.push(format!("{}: {}", part.name, partial.reason));
            running.extend(partial.running.iter().cloned());
        }
    }
    (!reasons.is_empty()).then(|| Partial {
        reason: reasons.join("; "),
        running,
    })
}

#[cfg(test)]
mod tests {
    use super::super::sample;
    use super::*;

    fn part(index: u32, total: u32) -> Part {
        let mut report = sample::clean();
        report.run.shard = Some(Shard { index, total });
        report.run.not_full = Some("it is one shard".to_owned());
        report.packages[0].path.0 = format!("example.com/shop/p{index}");
        report.run.elapsed_ms = u64::from(index) * 10;
        Part {
            name: format!("shard-{index}.json"),
            report,
        }
    }

    #[test]
    fn all_shards_make_a_full_run() {
        let merged = merge(vec![part(2, 3), part(1, 3), part(3, 3)]).unwrap();
        assert_eq!(merged.packages.len(), 3);
        assert_eq!(
            (merged.run.partial, merged.run.not_full, merged.run.shard),
            (None, None, None)
        );
        assert_eq!(merged.run.elapsed_ms, 30);
        assert_eq!(merged.notices, []);
    }

    #[test]
    fn a_missing_shard_makes_it_partial() {
        let mut merged = merge(vec![part(1, 4), part(3, 4)]).unwrap();
        assert_eq!(
            merged.run.partial.as_ref().unwrap().reason,
            "shards 2, 4 of 4 are missing"
        );
        assert!(merged.run.not_full.is_some());
        super::super::finish(&mut merged, &super::super::Gate::default());
        assert_eq!(merged.exit_code, 5);
    }

    #[test]
    fn a_shard_that_came_twice_is_taken_once() {
        let merged = merge(vec![part(1, 2), part(2, 2), part(1, 2)]).unwrap();
        assert_eq!(merged.packages.len(), 2);
        assert_eq!(merged.notices[0].code, "shard-doubled");
        assert_eq!(merged.run.partial, None);
    }

    #[test]
    fn shards_of_other_runs_and_no_report_are_errors() {
        assert!(matches!(
            merge(vec![part(1, 2), part(2, 3)]),
            Err(MergeError::Totals { .. })
        ));
        assert!(matches!(merge(Vec::new()), Err(MergeError::Nothing)));
    }

    #[test]
    fn other_reasons_for_not_being_full_stay() {
        let mut second = part(2, 2);
        second.report.run.not_full = Some("-run was given".to_owned());
        let merged = merge(vec![part(1, 2), second]).unwrap();
        assert_eq!(merged.run.not_full.as_deref(), Some("-run was given"));
    }

    #[test]
    fn packages_tested_twice_are_said() {
        let mut parts = vec![part(1, 1), part(1, 1)];
        parts.iter_mut().for_each(|part| part.report.run.shard = None);
        let merged = merge(parts).unwrap();
        assert_eq!(
            (merged.packages.len(), merged.notices[0].code.as_str()),
            (2, "package-twice")
        );
    }
}
