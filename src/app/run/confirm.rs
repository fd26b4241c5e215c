//! `--confirm`: runs each leaking test again, alone, and says whether its leak grows. It classifies; it never turns a
//! run green by itself.

use super::again::{Again, Stacks, leaking_test};
use super::trace::Traced;
use crate::app::Failure;
use crate::app::output::live::Live;
use crate::gate::Gathered;
use crate::goroutine::Fingerprint;
use crate::leak::{Growth, Verdict};
use crate::report::{Finding, PackageStatus};
use std::collections::{BTreeMap, BTreeSet, HashMap};

/// Gives every failing leak of one test its growth. Its first run of each test, with `stacks`, also tells what led to the
/// leaks.
pub fn confirm(
    again: &Again<'_>,
    runs: u32,
    stacks: Stacks,
    gathered: &mut Gathered,
    live: &Live,
) -> Result<Traced, Failure> {
    let tests: BTreeSet<(String, String)> = gathered.findings.iter().filter_map(leaking_test).collect();
    let mut seen = BTreeMap::new();
    let mut refused = BTreeSet::new();
    let mut traced = Traced::default();
    for (index, (package, test)) in tests.iter().enumerate() {
        if again.is_interrupted() {
            return Ok(traced);
        }
        live.remark(&format!(
            "leakgate: confirming {} of {}: {package}.{test}\n",
            index + 1,
            tests.len()
        ));
        if !repeatable(test) {
            continue;
        }
        let alone = |count, stacks| {
            let args = again.prepared.args.alone(package, test, count);
            again.run(&args, stacks)
        };
        let first = alone(1, stacks)?;
        let again = alone(runs, Stacks::Plain)?;
        if fails(&again) && !fails(&first) {
            refused.insert((package.clone(), test.clone()));
        }
        let counts = (count(&first.findings), count(&again.findings));
        if stacks == Stacks::Traced {
            traced.take(first.findings);
        }
        seen.insert((package.clone(), test.clone()), counts);
    }
    for finding in &mut gathered.findings {
        let is_once = |test: (String, String)| !repeatable(&test.1) || refused.contains(&test);
        if leaking_test(finding).is_some_and(is_once) {
            finding.leak.growth = Some(Growth::NotRepeatable);
            continue;
        }
        let Some((once, often)) = leaking_test(finding).and_then(|test| seen.get(&test)) else {
            continue;
        };
        let count = |found: &Found| {
            let root = &finding.leak.root;
            found.get(&root.fingerprint).copied().unwrap_or_default()
        };
        finding.leak.growth = Some(growth(count(once), count(often), u64::from(runs)));
    }
    Ok(traced)
}

/// go runs Examples once in a process, whatever `-count` says: that a leak of one does not grow tells nothing.
fn repeatable(test: &str) -> bool {
    !test.starts_with("Example")
}

/// Whether go failed a test. One that passes alone and fails again in the same process, as a suite of ginkgo does, can't be
/// repeated.
fn fails(gathered: &Gathered) -> bool {
    let mut packages = gathered.packages.iter();
    packages.any(|package| package.status != PackageStatus::Passed)
}

type Found = HashMap<Fingerprint, u64>;

/// Goroutines by fingerprint, whether they are roots or hang on one.
fn count(findings: &[Finding]) -> Found {
    let mut found = Found::new();
    let leaked = findings
        .iter()
        .filter(|finding| finding.leak.root.verdict == Verdict::Leaked);
    for group in leaked.flat_map(|finding| finding.leak.groups()) {
        *found.entry(group.fingerprint.clone()).or_default() += group.count;
    }
    found
}

/// `once` goroutines after one run, `often` after `runs` runs in one process.
fn growth(once: u64, often: u64, runs: u64) -> Growth {
    if once == 0 && often == 0 {
        Growth::NotSeenAgain { runs }
    } else if often <= once {
        Growth::OncePerProcess { runs }
    } else {
        Growth::Grows { found: often, runs }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn growth_is_told_from_a_singleton_and_from_chance() {
        assert_eq!(growth(1, 3, 3), Growth::Grows { found: 3, runs: 3 });
        assert_eq!(growth(4, 12, 3), Growth::Grows { found: 12, runs: 3 });
        assert_eq!(growth(1, 1, 3), Growth::OncePerProcess { runs: 3 });
        assert_eq!(growth(0, 0, 3), Growth::NotSeenAgain { runs: 3 });
        assert_eq!(
            growth(0, 1, 3),
            Growth::Grows { found: 1, runs: 3 },
            "a leak that shows only sometimes is no singleton"
        );
    }
}
