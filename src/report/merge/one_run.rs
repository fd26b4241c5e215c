//! Whether reports are of one run: module, commit, flags; and what was counted already.

use super::{MergeError, Part};
use crate::diag::Code;
use crate::report::{Notice, PackageReport, PackageStatus, Run};
use std::collections::BTreeSet;

/// What to do about a report that comes twice.
const ONCE: &str = "name each report once";

/// Flags that say where a job writes and how it looks, with their values: each shard has its own.
const OF_THE_JOB: [&str; 10] = [
    "--shard",
    "--report",
    "--junitfile",
    "--jsonfile",
    "--format",
    "--color",
    "--annotations",
    "--progress",
    "--summary-file",
    "--config",
];

/// Shards of one run have one module and one commit.
pub fn check(parts: &[Part]) -> Result<(), MergeError> {
    let shards = || parts.iter().filter(|part| part.report.run.shard.is_some());
    let differ = |what: &'static str, of: fn(&Run) -> Option<&str>| {
        let mut known = shards().filter_map(|part| Some((part, of(&part.report.run)?)));
        let Some((first, value)) = known.next() else {
            return Ok(());
        };
        match known.find(|(_, other)| *other != value) {
            None => Ok(()),
            Some((second, other)) => Err(MergeError::Differ {
                what,
                first: first.name.clone(),
                of_first: value.to_owned(),
                second: second.name.clone(),
                of_second: other.to_owned(),
            }),
        }
    };
    differ("module", module)?;
    differ("commit", commit)
}

/// What the reports are not alike in, each as a notice. A full run of the whole is not what they are together.
pub fn differences(parts: &[Part]) -> Vec<Notice> {
    let named = |part: &Part, of: fn(&Run) -> Option<&str>| of(&part.report.run).map(str::to_owned);
    let mut notices = Vec::new();
    let mut compare = |code: Code, what: &str, values: Vec<(&Part, String)>, remedy: &str| {
        let Some((first, value)) = values.first() else {
            return;
        };
        if let Some((second, other)) = values.iter().find(|(_, other)| other != value) {
            let message = format!(
                "the merged reports have different {what}: {} has {value}, {} has {other}",
                first.name, second.name
            );
            notices.push(Notice::warning(code, message).remedy(remedy));
        }
    };
    let all = |of: fn(&Run) -> Option<&str>| {
        parts
            .iter()
            .filter_map(|part| Some((part, named(part, of)?)))
            .collect::<Vec<_>>()
    };
    compare(
        Code::MergedModules,
        "modules",
        all(module),
        "merge the reports of each module by themselves",
    );
    compare(
        Code::MergedCommits,
        "commits",
        all(commit),
        "merge reports of one commit",
    );
    let flags = parts.iter().filter(|part| !part.report.run.command.is_empty());
    let flags = flags.map(|part| (part, flags_of(&part.report.run))).collect();
    compare(
        Code::MergedFlags,
        "flags",
        flags,
        "run every part with the same flags",
    );
    notices
}

fn module(run: &Run) -> Option<&str> {
    run.module.as_deref()
}

fn commit(run: &Run) -> Option<&str> {
    run.repository
        .as_ref()
        .map(|repository| repository.commit.as_str())
}

/// The flags that decide what is tested and how it is judged, in quotes.
fn flags_of(run: &Run) -> String {
    let mut kept = Vec::new();
    let mut words = run.command.iter().skip(1);
    while let Some(word) = words.next() {
        let name = word.split('=').next().unwrap_or(word);
        if !word.starts_with('-') {
            continue;
        }
        if OF_THE_JOB.contains(&name) {
            if !word.contains('=') {
                words.next();
            }
            continue;
        }
        kept.push(word.as_str());
    }
    kept.sort_unstable();
    if kept.is_empty() {
        "none".to_owned()
    } else {
        format!("`{}`", kept.join(" "))
    }
}

/// Takes out reports, and packages of reports, that an earlier part holds already: times are too fine for two runs to
/// have the same.
pub fn without_doubles(parts: Vec<Part>) -> (Vec<Part>, Vec<Notice>) {
    let mut kept: Vec<Part> = Vec::new();
    let mut notices = Vec::new();
    for mut part in parts {
        if let Some(same) = kept.iter().find(|known| known.report == part.report) {
            let message = format!(
                "{} is the same report as {}; it is counted once",
                part.name, same.name
            );
            notices.push(Notice::warning(Code::ReportDoubled, message).remedy(ONCE));
            continue;
        }
        let known: Vec<&PackageReport> = kept.iter().flat_map(|known| &known.report.packages).collect();
        let again: BTreeSet<_> = part
            .report
            .packages
            .iter()
            .filter(|package| has_run(package) && known.contains(package))
            .map(|package| package.path.clone())
            .collect();
        if let Some(first) = again.first() {
            let more = match again.len() - 1 {
                0 => String::new(),
                more => format!(" (and {more} more packages)"),
            };
            let message = format!(
                "{} holds the same result of {first}{more} as an earlier report; it is counted once",
                part.name
            );
            notices.push(Notice::warning(Code::ReportDoubled, message).remedy(ONCE));
            let report = &mut part.report;
            report.packages.retain(|package| !again.contains(&package.path));
            report
                .findings
                .retain(|finding| !again.contains(&finding.leak.root.package));
            report
                .notices
                .retain(|notice| notice.package.as_ref().is_none_or(|path| !again.contains(path)));
        }
        kept.push(part);
    }
    (kept, notices)
}

fn has_run(package: &PackageReport) -> bool {
    package.status != PackageStatus::Skipped || !package.tests.is_empty()
}
