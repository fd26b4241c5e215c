//! `--confirm`: runs each leaking test again, alone, and says whether its leak grows. It classifies; it never turns a
//! run green by itself.

use super::command::feed;
use crate::app::Failure;
use crate::app::output::live::{Lines, Live, Look};
use crate::app::output::patient::Losses;
use crate::gate::judging::Judge;
use crate::gate::show::Detail;
use crate::gate::stream::TestJsonStream;
use crate::gate::{Gate, Gathered};
use crate::goroutine::Fingerprint;
use crate::gotest::child::ChildCommand;
use crate::gotest::signals::SignalWatch;
use crate::gotest::{GoTestPlan, PlanRequest, Prepared};
use crate::leak::{Growth, Verdict};
use crate::report::Finding;
use crate::rules::RulingKind;
use std::collections::{BTreeMap, BTreeSet, HashMap};

/// What running again needs.
pub struct Confirmation<'a> {
    /// How the tests were run.
    pub prepared: &'a Prepared,
    /// How that was asked for.
    pub request: &'a PlanRequest,
    /// Judges the repetitions by the same rules.
    pub judge: &'a Judge,
    /// Stops them.
    pub signals: &'a SignalWatch,
    /// Repetitions in one process.
    pub runs: u32,
}

impl Confirmation<'_> {
    /// Gives every failing leak of one test its growth.
    pub fn confirm(&self, gathered: &mut Gathered, live: &Live) -> Result<(), Failure> {
        let tests: BTreeSet<(String, String)> = gathered.findings.iter().filter_map(leaking_test).collect();
        let mut seen = BTreeMap::new();
        for (index, (package, test)) in tests.iter().enumerate() {
            if self.signals.interrupted().is_some() {
                return Ok(());
            }
            live.remark(&format!(
                "leakgate: confirming {} of {}: {package}.{test}\n",
                index + 1,
                tests.len()
            ));
            if !repeatable(test) {
                continue;
            }
            let once = self.count(package, test, 1)?;
            let often = self.count(package, test, self.runs)?;
            seen.insert((package.clone(), test.clone()), (once, often));
        }
        for finding in &mut gathered.findings {
            if leaking_test(finding).is_some_and(|(_, test)| !repeatable(&test)) {
                finding.leak.growth = Some(Growth::NotRepeatable);
                continue;
            }
            let Some((once, often)) = leaking_test(finding).and_then(|test| seen.get(&test)) else {
                continue;
            };
            let count = |found: &Found| {
                found
                    .get(&finding.leak.root.fingerprint)
                    .copied()
                    .unwrap_or_default()
            };
            finding.leak.growth = Some(growth(count(once), count(often), u64::from(self.runs)));
        }
        Ok(())
    }

    /// Goroutines by fingerprint that `test` leaves behind when it runs alone, `count` times.
    fn count(&self, package: &str, test: &str, count: u32) -> Result<Found, Failure> {
        let args = self.prepared.args.alone(package, test, count);
        let args = crate::gotest::GoArgs::parse(&args)?.with_goflags(&self.prepared.toolchain.env.goflags);
        let plan = GoTestPlan::new(
            &args,
            &self.prepared.toolchain,
            &self.prepared.overlay,
            self.request,
        )?;
        let silent = Live::new(false, Lines::Nowhere, Look::default(), &Losses::default());
        let mut gate = Gate::new(
            self.judge,
            TestJsonStream::new(Vec::new()),
            &silent,
            Detail::Failures,
        );
        feed(&ChildCommand::from(&plan), self.signals, &mut gate)?;
        let mut found = Found::new();
        for finding in gate.finish()?.findings {
            if finding.leak.root.verdict == Verdict::Leaked {
                *found.entry(finding.leak.root.fingerprint).or_default() += finding.leak.root.count;
            }
        }
        Ok(found)
    }
}

/// go runs Examples once in a process, whatever `-count` says: that a leak of one does not grow tells nothing.
fn repeatable(test: &str) -> bool {
    !test.starts_with("Example")
}

type Found = HashMap<Fingerprint, u64>;

/// Package and test of a finding that can be run again alone.
fn leaking_test(finding: &Finding) -> Option<(String, String)> {
    let leak = &finding.leak.root;
    let fails = finding.ruling.kind == RulingKind::Fails && leak.verdict == Verdict::Leaked;
    match leak.tests.as_slice() {
        [test] if fails => Some((leak.package.0.clone(), test.0.clone())),
        _ => None,
    }
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
