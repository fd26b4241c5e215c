//! `--trace`: leaking tests run again with the calling stack of every `go` statement, which names the line of the user's
//! that led to each leak.

use super::again::{Again, Stacks, leaking_test};
use crate::app::Failure;
use crate::app::output::live::Live;
use crate::gate::Gathered;
use crate::goroutine::Fingerprint;
use crate::leak::{Leak, LedTo, TestName};
use crate::package_path::PackagePath;
use crate::report::Finding;
use crate::settings::choices::Trace;
use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

/// `auto` runs no tests again that took longer than this together, ms.
const BUDGET_MS: f64 = 10_000.0;

/// The leaks of traced runs: which line led to each.
#[derive(Debug, Default)]
pub struct Traced {
    leaks: HashMap<(PackagePath, Vec<TestName>, Fingerprint), Vec<Leak>>,
}

/// Runs leaking tests again, all of a package in one process, and gives their leaks the lines that led to them.
pub fn trace(again: &Again<'_>, when: Trace, gathered: &mut Gathered, live: &Live) -> Result<(), Failure> {
    let mut traced = Traced::default();
    for (package, tests) in wanted(when, gathered) {
        if again.is_interrupted() {
            break;
        }
        live.remark(&format!(
            "leakgate: looking for the lines that led to the leaks of {package}\n"
        ));
        let tests: Vec<&str> = tests.iter().map(String::as_str).collect();
        let args = again.prepared.args.together(&package, &tests);
        traced.take(again.run(&args, Stacks::Traced)?);
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
        let asked = when == Trace::On || !finding.leak.root.has_own_line();
        if let Some((package, test)) = leaking_test(finding).filter(|_| asked)
            && !test.starts_with("Benchmark")
        {
            let top = TestName::function_of(&test).to_owned();
            wanted.entry(package).or_default().insert(top);
        }
    }
    if when == Trace::Auto && elapsed(gathered, &wanted) > BUDGET_MS {
        return BTreeMap::new();
    }
    wanted
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
            let led = again
                .iter()
                .filter_map(|leak| leak.root.led_to_by.as_ref())
                .next();
            finding.leak.root.led_to_by = led.cloned();
            let known = &mut finding.leak.root.cause.notes;
            for note in again.iter().flat_map(|leak| &leak.root.cause.notes) {
                // The line that led to it may tell which spec of a suite it is.
                if note.starts_with("the spec ") && !known.contains(note) {
                    known.push(note.clone());
                }
            }
            return vec![finding];
        }
        again.into_iter().map(|leak| part(&finding, leak)).collect()
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
    root.led_to_by.clone_from(&again.root.led_to_by);
    root.ids
        .truncate(usize::try_from(root.count).unwrap_or(usize::MAX));
    part.leak.members.clone_from(&again.members);
    part
}
