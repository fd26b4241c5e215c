//! `--trace`: leaking tests run again with the calling stack of every `go` statement, which names the line of the user's
//! that led to each leak.

use super::again::{Again, Stacks, leaking_test};
use crate::app::Failure;
use crate::app::output::live::Live;
use crate::diag::Code;
use crate::gate::Gathered;
use crate::goroutine::Fingerprint;
use crate::gotest::Order;
use crate::leak::{Group, Leak, LedTo, Spot, TestName, spec};
use crate::package_path::PackagePath;
use crate::report::words::plural;
use crate::report::{Finding, Notice};
use crate::settings::choices::Trace;
use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

/// `auto` runs no tests again that took longer than this together, ms.
const BUDGET_MS: f64 = 10_000.0;

/// The leaks of traced runs: which line led to each.
#[derive(Debug, Default)]
pub struct Traced {
    leaks: HashMap<(PackagePath, Vec<TestName>, Fingerprint), Vec<Leak>>,
}

/// Runs leaking tests again, all of a package in one process, and gives their leaks the lines that led to them. A run
/// that was not asked for and would take too long is left out, and the report says so.
pub fn trace(again: &Again<'_>, when: Trace, gathered: &mut Gathered, live: &Live) -> Result<(), Failure> {
    let wanted = wanted(when, gathered);
    let elapsed = elapsed(gathered, &wanted);
    if when == Trace::Auto && elapsed > BUDGET_MS {
        gathered.notices.push(skipped(&wanted, elapsed));
        return Ok(());
    }
    let mut traced = Traced::default();
    for (package, tests) in wanted {
        if again.is_interrupted() {
            break;
        }
        live.remark(&format!(
            "leakgate: looking for the lines that led to the leaks of {package}\n"
        ));
        let tests: Vec<&str> = tests.iter().map(String::as_str).collect();
        let run = |order| {
            let args = again.prepared.args.together(&package, &tests, order);
            Ok::<_, Failure>(again.run(&args, Stacks::Traced)?.findings)
        };
        let mut found = run(Order::OneByOne)?;
        if !found.iter().any(|finding| leaking_test(finding).is_some()) {
            found = run(Order::Any)?;
        }
        traced.take(found);
    }
    traced.apply(gathered);
    Ok(())
}

/// Tests of the top level to run again, by package.
fn wanted(when: Trace, gathered: &Gathered) -> BTreeMap<String, BTreeSet<String>> {
    let mut wanted: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    if when == Trace::Off {
        return wanted;
    }
    for finding in &gathered.findings {
        let asked = when == Trace::On || lacks_line(&finding.leak.root);
        if let Some((package, test)) = leaking_test(finding).filter(|_| asked)
            && !test.starts_with("Benchmark")
        {
            let top = TestName::function_of(&test).to_owned();
            wanted.entry(package).or_default().insert(top);
        }
    }
    wanted
}

/// Whether no line of the test is known: neither where it blocks nor where it was started, nor what led to it.
fn lacks_line(root: &Group) -> bool {
    let in_test = |spot: &Spot| spot.relative.is_some() && spot.at.file.ends_with("_test.go");
    let known = [root.blocked_at.as_ref(), root.started_at.as_ref()];
    root.led_to_by.is_none() && !known.into_iter().flatten().any(in_test)
}

/// The notice of a run that was left out.
fn skipped(wanted: &BTreeMap<String, BTreeSet<String>>, elapsed: f64) -> Notice {
    let tests: usize = wanted.values().map(BTreeSet::len).sum();
    let message = format!(
        "leakgate did not look for the lines that led to the leaks of {}: running {} again takes about {:.0} s, more than {:.0} s",
        plural(tests as u64, "test"),
        if tests == 1 { "it" } else { "them" },
        elapsed / 1_000.0,
        BUDGET_MS / 1_000.0,
    );
    Notice::note(Code::TraceSkipped, message)
        .remedy("pass --trace to look for them, or --trace=off to leave this out")
}

/// How long these tests took, ms.
fn elapsed(gathered: &Gathered, wanted: &BTreeMap<String, BTreeSet<String>>) -> f64 {
    let mut all = 0.0;
    for package in &gathered.packages {
        let Some(tests) = wanted.get(package.path.as_str()) else {
            continue;
        };
        let of_these = package.tests.iter().filter(|test| tests.contains(&test.name.0));
        all += of_these.map(|test| test.elapsed_ms).sum::<f64>();
    }
    all
}

impl Traced {
    /// Takes what a traced run found.
    pub fn take(&mut self, findings: Vec<Finding>) {
        for finding in findings {
            let root = &finding.leak.root;
            let key = (root.package.clone(), root.tests.clone(), root.fingerprint.clone());
            self.leaks.entry(key).or_default().push(finding.leak);
        }
    }

    /// Gives each leak the line that led to it. One that several lines led to becomes one leak for each.
    pub fn apply(&self, gathered: &mut Gathered) {
        let findings = std::mem::take(&mut gathered.findings);
        gathered.findings = findings
            .into_iter()
            .flat_map(|finding| self.applied(finding))
            .collect();
    }

    fn applied(&self, mut finding: Finding) -> Vec<Finding> {
        let root = &finding.leak.root;
        let key = (root.package.clone(), root.tests.clone(), root.fingerprint.clone());
        let Some(again) = self.leaks.get(&key) else {
            return vec![finding];
        };
        let here =
            |leak: &&Leak| leak.root.blocked_at == root.blocked_at && leak.root.started_at == root.started_at;
        let again: Vec<&Leak> = again.iter().filter(here).collect();
        let lines: HashSet<Option<(&str, u32)>> = again
            .iter()
            .map(|leak| line(leak.root.led_to_by.as_ref()))
            .collect();
        let all: u64 = again.iter().map(|leak| leak.root.count).sum();
        if lines.len() < 2 || all != root.count {
            let led = again.iter().find(|leak| leak.root.led_to_by.is_some());
            if let Some(led) = led {
                take_line(&mut finding.leak.root, &led.root);
            }
            for leak in again {
                add_specs(&mut finding.leak.root, &leak.root);
            }
            return vec![finding];
        }
        again.into_iter().map(|leak| part(&finding, leak)).collect()
    }
}

/// Takes the line that led to a leak, and what the cause says now that it is known.
fn take_line(root: &mut Group, again: &Group) {
    root.led_to_by.clone_from(&again.led_to_by);
    root.cause.fix.clone_from(&again.cause.fix);
    if root.cause.code == again.cause.code {
        root.cause.waits_for.clone_from(&again.cause.waits_for);
        root.cause.notes.clone_from(&again.cause.notes);
    }
}

/// The line that led to a leak may tell which spec of a suite it is.
fn add_specs(root: &mut Group, again: &Group) {
    let known = &mut root.cause.notes;
    for note in again.cause.notes.iter().filter(|note| spec::is_note(note)) {
        if !known.contains(note) {
            known.push(note.clone());
        }
    }
}

fn line(led: Option<&LedTo>) -> Option<(&str, u32)> {
    led.map(|led| (led.at.at.file.as_str(), led.at.at.line))
}

/// The part of a leak that one line led to.
fn part(finding: &Finding, again: &Leak) -> Finding {
    let mut part = finding.clone();
    let root = &mut part.leak.root;
    root.count = again.root.count;
    take_line(root, &again.root);
    add_specs(root, &again.root);
    root.ids
        .truncate(usize::try_from(root.count).unwrap_or(usize::MAX));
    part.leak.members.clone_from(&again.members);
    part
}
