//! `leakgate diff`: what is new, gone and grew between dumps, or between two reports.

use super::input::{self, limits};
use super::judging::{Judging, filters, selected};
use crate::app::Failure;
use crate::app::output::say::print;
use crate::cli::dumps::DiffArgs;
use crate::dumps::compare::{By, Comparison, FailOn, Snapshot, compare, write};
use crate::dumps::read;
use crate::exit::ExitCode;
use crate::report::Report;
use std::io::{Cursor, Read};

/// Bytes by which a stream is known.
const HEAD: u64 = 512;

/// Runs the verb.
pub fn run(args: &DiffArgs) -> Result<ExitCode, Failure> {
    let snapshots = snapshots(args)?;
    if snapshots.len() < 2 {
        return Err(Failure::Message(
            "there is one dump, and nothing to compare it with; name two or more".to_owned(),
        ));
    }
    let by = args.by.unwrap_or(match snapshots.len() {
        2 => By::Fingerprint,
        _ => By::Owner,
    });
    let comparison = compare(&snapshots, by);
    print(&write(&comparison, args.format, args.top)?)?;
    Ok(verdict(&args.fail_on, &comparison))
}

/// Fails if a rule does; is inconclusive where something may be missing that would have failed.
pub(super) fn verdict(rules: &[FailOn], comparison: &Comparison) -> ExitCode {
    let failed: Vec<String> = rules.iter().filter_map(|rule| rule.verdict(comparison)).collect();
    for words in &failed {
        let _ = Failure::Message(words.clone()).report();
    }
    if !failed.is_empty() {
        ExitCode::Leaks
    } else if !comparison.incomplete.is_empty() {
        ExitCode::Inconclusive
    } else {
        ExitCode::Clean
    }
}

/// Whether this is JSON that is no line of a `go test -json` stream or of a container's log: a report, whose schema may
/// come last if another program has sorted its keys.
fn is_object(head: &[u8]) -> bool {
    let line = head.split(|&byte| byte == b'\n').next().unwrap_or(head);
    let streamed = [&b"\"Action\""[..], b"\"log\""];
    head.trim_ascii_start().starts_with(b"{")
        && !streamed
            .iter()
            .any(|key| memchr::memmem::find(line, key).is_some())
}

fn snapshots(args: &DiffArgs) -> Result<Vec<Snapshot>, Failure> {
    let limits = limits(&args.fetch)?;
    let filters = filters(&args.select)?;
    let mut judging = None;
    let mut snapshots: Vec<Snapshot> = Vec::new();
    let mut reports = 0;
    for source in &args.sources {
        let given = input::open(source, &limits, Some(2))?;
        let name = given.name;
        let mut from = given.read;
        let mut head = Vec::new();
        let unreadable = |error: std::io::Error| Failure::Message(format!("can't read {name}: {error}"));
        from.by_ref()
            .take(HEAD)
            .read_to_end(&mut head)
            .map_err(unreadable)?;
        if is_object(&head) {
            from.by_ref()
                .take(crate::app::store::reading::REPORT)
                .read_to_end(&mut head)
                .map_err(unreadable)?;
        }
        if memchr::memmem::find(&head, b"leakgate.report/").is_some() {
            let report = Report::read(&head).map_err(|error| Failure::Message(format!("{name}: {error}")))?;
            snapshots.push(Snapshot::of_report(&name, &report));
            reports += 1;
            continue;
        }
        let reading = read(Cursor::new(head).chain(from))
            .map_err(|error| Failure::Message(format!("{name}: {error}")))?;
        if reading.dumps.is_empty() {
            return Err(Failure::Message(format!("{name} holds no goroutines")));
        }
        let judging = match &judging {
            Some(judging) => judging,
            None => judging.insert(Judging::new(&args.rules)?),
        };
        let several = reading.dumps.len() > 1;
        for (at, dump) in reading.dumps.iter().enumerate() {
            let name = if several {
                format!("{name}, dump {}", at + 1)
            } else {
                name.clone()
            };
            let seconds = args
                .every
                .map(|every| every.as_secs_f64() * snapshots.len() as f64);
            let mut snapshot =
                Snapshot::of_dump(&name, seconds, dump, &selected(judging.judge(dump), &filters));
            if let Some(error) = &reading.broken {
                snapshot.incomplete.get_or_insert_with(|| error.clone());
            }
            snapshots.push(snapshot);
        }
    }
    if reports > 0 && reports < snapshots.len() {
        return Err(Failure::Message(
            "reports and dumps can't be compared with each other; `leakgate dump --against REPORT` looks for a report's leaks in a dump".to_owned(),
        ));
    }
    Ok(snapshots)
}
