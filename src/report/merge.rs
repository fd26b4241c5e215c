//! Reports of shards (or of other parts of one run) made into one. Says which shard is missing or came twice; it never
//! takes the rest for the whole.

mod one_run;

use super::model::{LeftOut, SCHEMA};
use super::{Inconclusive, Notice, Outcome, PackageStatus, Partial, Report, Run, Shard, Summary};
use crate::diag::Code;
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
    /// Shards of different modules or commits.
    #[error("{first} has the {what} {of_first}, {second} has {of_second}: they are not shards of one run")]
    Differ {
        /// `module` or `commit`.
        what: &'static str,
        /// A report's name.
        first: String,
        /// What it has.
        of_first: String,
        /// Another's name.
        second: String,
        /// What that has.
        of_second: String,
    },
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
    one_run::check(&parts)?;
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
    let (mut kept, doubles) = one_run::without_doubles(kept);
    notices.extend(doubles);
    let mut run = run(&kept, total, &missing).ok_or(MergeError::Nothing)?;
    let differences = one_run::differences(&kept);
    if let Some(first) = differences.first() {
        run.not_full.get_or_insert_with(|| first.message.clone());
    }
    notices.extend(differences);
    notices.extend(twice(&kept));
    kept.iter_mut()
        .for_each(|part| doubt_unfinished(&mut part.report));
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

/// A package without go's verdict is inconclusive, also in a report that does not say so.
fn doubt_unfinished(report: &mut Report) {
    for package in &mut report.packages {
        if package.status == PackageStatus::Unfinished && package.inconclusive.is_none() {
            let running = package
                .tests
                .iter()
                .filter(|test| test.outcome == Outcome::Unfinished);
            let running = running.map(|test| test.name.clone()).collect();
            package.inconclusive = Some(Inconclusive::without_verdict(running));
        }
    }
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
    Notice::warning(
        Code::ShardDoubled,
        format!("shard {index} came twice: {first} is taken, {again} is left out"),
    )
    .remedy("give every job of the matrix its own --shard")
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
    Some(Notice::note(
        Code::PackageTwice,
        format!("{first}{more} was tested in more than one of the merged runs; both are counted"),
    ))
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
        left_out: runs().map(left_out).max().unwrap_or_default(),
        shard: None,
        module: only(runs().filter_map(|run| run.module.as_ref())),
        repository: runs().find_map(|run| run.repository.clone()),
    })
}

/// What all have; `None` where they differ.
fn only<'a>(mut values: impl Iterator<Item = &'a String>) -> Option<String> {
    let first = values.next()?;
    values.all(|other| other == first).then(|| first.clone())
}

/// Whether being a shard is the only reason why a run is not full.
fn only_sharded(run: &Run) -> bool {
    run.not_full
        .as_deref()
        .is_none_or(|reason| reason.contains("shard"))
}

/// What the merged run leaves out: the packages of the other shards are there.
fn left_out(run: &Run) -> LeftOut {
    match run.left_out {
        LeftOut::Packages if run.shard.is_some() => LeftOut::Nothing,
        other => other,
    }
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

    fn plain(name: &str, command: &[&str]) -> Part {
        let mut part = part(1, 1);
        part.report.run.shard = None;
        part.report.run.command = command.iter().map(|word| (*word).to_owned()).collect();
        part.name = name.to_owned();
        part
    }

    fn codes(report: &Report) -> Vec<&str> {
        report.notices.iter().map(|notice| notice.code.as_str()).collect()
    }

    #[test]
    fn the_same_report_is_counted_once_whole_or_inside_of_another() {
        let a = || plain("a.json", &["test", "./..."]);
        let mut b = plain("b.json", &["test", "./..."]);
        b.report.packages[0].path.0 = "example.com/shop/other".to_owned();
        let both = merge(vec![a(), b]).unwrap();
        assert_eq!((both.packages.len(), codes(&both)), (2, vec![]));
        let again = merge(vec![a(), plain("copy.json", &["test", "./..."])]).unwrap();
        assert_eq!((again.packages.len(), codes(&again)), (1, vec!["report-doubled"]));
        let merged = Part {
            name: "both.json".to_owned(),
            report: both,
        };
        let inside = merge(vec![merged, a()]).unwrap();
        assert_eq!(
            (inside.packages.len(), codes(&inside)),
            (2, vec!["report-doubled"])
        );
    }

    #[test]
    fn shards_of_other_modules_or_commits_are_errors() {
        let of = |module: &str, commit: &str, index| {
            let mut part = part(index, 2);
            part.report.run.module = Some(module.to_owned());
            part.report.run.repository = Some(crate::report::Repository {
                url: "https://github.com/a/b".to_owned(),
                commit: commit.to_owned(),
            });
            part
        };
        let error = |a, b| merge(vec![a, b]).unwrap_err().to_string();
        assert_eq!(
            error(of("a.org/x", "c1", 1), of("a.org/y", "c1", 2)),
            "shard-1.json has the module a.org/x, shard-2.json has a.org/y: they are not shards of one run"
        );
        let commits = error(of("a.org/x", "c1", 1), of("a.org/x", "c2", 2));
        assert!(commits.contains("the commit c1"), "{commits}");
        assert!(merge(vec![of("a.org/x", "c1", 1), of("a.org/x", "c1", 2)]).is_ok());
    }

    #[test]
    fn other_flags_are_said_and_what_belongs_to_a_job_is_no_difference() {
        let mut first = part(1, 2);
        first.report.run.command = ["test", "--shard", "1/2", "--report=json=1.json", "-race", "./..."]
            .map(str::to_owned)
            .to_vec();
        let mut second = part(2, 2);
        second.report.run.command = ["test", "--shard=2/2", "--report", "json=2.json", "./...", "-race"]
            .map(str::to_owned)
            .to_vec();
        let mut third = part(2, 2);
        third.report.run.command = ["test", "--shard=2/2", "./..."].map(str::to_owned).to_vec();
        let copy = |part: &Part| Part {
            name: part.name.clone(),
            report: part.report.clone(),
        };
        let alike = merge(vec![copy(&first), second]).unwrap();
        assert_eq!(codes(&alike), Vec::<&str>::new());
        let other = merge(vec![first, third]).unwrap();
        assert_eq!(codes(&other), ["merged-flags"]);
        assert!(
            other.notices[0].message.contains("`-race`"),
            "{:?}",
            other.notices
        );
        assert!(other.run.not_full.is_some());
    }

    #[test]
    fn reports_of_other_modules_are_joined_with_a_word() {
        let mut b = plain("b.json", &["test"]);
        b.report.run.module = Some("example.org/other".to_owned());
        b.report.packages[0].path.0 = "example.org/other".to_owned();
        let merged = merge(vec![plain("a.json", &["test"]), b]).unwrap();
        assert_eq!(codes(&merged), ["merged-modules"]);
    }

    #[test]
    fn a_package_without_gos_verdict_is_inconclusive() {
        let mut cut = plain("cut.json", &["exec"]);
        cut.report.packages[0].status = PackageStatus::Unfinished;
        let mut merged = merge(vec![cut]).unwrap();
        super::super::finish(&mut merged, &super::super::Gate::default());
        let why = merged.packages[0].inconclusive.as_ref().unwrap();
        assert_eq!((why.code.as_str(), merged.exit_code), ("output-cut", 5));
    }

    #[test]
    fn packages_tested_twice_are_said() {
        let mut parts = vec![part(1, 1), part(1, 1)];
        parts.iter_mut().for_each(|part| part.report.run.shard = None);
        parts[1].report.packages[0].elapsed_ms += 1;
        let merged = merge(parts).unwrap();
        assert_eq!(
            (merged.packages.len(), merged.notices[0].code.as_str()),
            (2, "package-twice")
        );
    }
}
