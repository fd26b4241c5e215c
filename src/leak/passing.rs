//! Goroutines that come and go while settling, and that no test can be blamed for.
//!
//! A poller of `TestMain` starts a short task now and then, and the last look catches one; the runtime runs a finalizer.

use super::machinery::is_runtime;
use crate::evidence::{Evidence, Proof, Sighting};
use crate::goroutine::{Goroutine, GoroutineId, WaitReason};
use rustc_hash::FxHashSet;

/// Ancestors that are looked at: dishonest evidence may go in circles.
const MAX_ANCESTORS: usize = 64;
/// The default of `--settle`, for a shim that does not say.
const SETTLE_NANOS: u64 = 400_000_000;

/// Tells what is only passing by.
pub struct Passing<'a> {
    evidence: &'a Evidence,
    baseline: FxHashSet<GoroutineId>,
    known: FxHashSet<GoroutineId>,
    /// When all tests had ended.
    over: u64,
    settle: u64,
}

impl<'a> Passing<'a> {
    /// For the sightings of `evidence`.
    pub fn new(evidence: &'a Evidence) -> Self {
        let ends = evidence.tests.iter().map(|span| span.end);
        let over = ends.map(|end| end.unwrap_or(evidence.settle.began)).max();
        let tests = evidence.tests.iter().map(|span| span.goroutine);
        Self {
            evidence,
            baseline: evidence.baseline.iter().copied().collect(),
            known: evidence
                .sightings
                .iter()
                .map(|sighting| sighting.id)
                .chain(tests)
                .collect(),
            over: over.unwrap_or(0),
            settle: match evidence.settle.setting {
                0 => SETTLE_NANOS,
                setting => setting,
            },
        }
    }

    /// Whether a goroutine that no test can be tied to came when all tests had ended, from a goroutine of the baseline, and was
    /// not watched for as long as what was there before.
    pub fn is(&self, sighting: &Sighting) -> bool {
        self.is_young(sighting) && !never_moves(sighting) && self.comes_from_baseline(sighting)
    }

    /// Whether it is the goroutine that runs finalizers and cleanups, which dumps show only while it runs the user's, at
    /// work: no leak unless it goes on for as long as settling takes, or hangs.
    pub fn runs_finalizer(&self, sighting: &Sighting) -> bool {
        let goroutine = &*sighting.goroutine;
        let at_work = matches!(
            goroutine.state.wait_reason(),
            WaitReason::Running | WaitReason::Runtime
        );
        at_work && self.may_run_finalizers(goroutine) && watched(sighting) < self.settle
    }

    /// The runtime's own frame says so; before Go 1.25 dumps leave it out, and only threads of C have no creator too.
    fn may_run_finalizers(&self, goroutine: &Goroutine) -> bool {
        let creator = goroutine.created.as_ref();
        let shown = || {
            goroutine.frames.iter().any(|frame| {
                matches!(
                    frame.func.as_str(),
                    "runtime.runFinalizers" | "runtime.runCleanups"
                )
            })
        };
        let hidden =
            || hides_finalizers(&self.evidence.process.go_version) && !goroutine.state.locked_to_thread;
        creator.is_none_or(|created| is_runtime(created.func.as_str())) && (shown() || hidden())
    }

    fn is_young(&self, sighting: &Sighting) -> bool {
        sighting.absent_until >= self.over && watched(sighting) < self.settle
    }

    /// Whether a goroutine that no test can be tied to, and that is gone, was started by one that was there before all tests and
    /// runs none: a poller starts tasks while tests run, and the end of a test is nothing to them.
    pub fn went(&self, sighting: &Sighting) -> bool {
        let parent = |id: &GoroutineId| self.evidence.parents.get(id).copied();
        let ancestors = std::iter::successors(sighting.parent, parent).take(MAX_ANCESTORS);
        ancestors.last().is_some_and(|root| {
            let runs_tests = || self.evidence.tests.iter().any(|span| span.goroutine == root);
            self.baseline.contains(&root) && !runs_tests() && !sighting.collected
        })
    }

    fn comes_from_baseline(&self, sighting: &Sighting) -> bool {
        let parent = |id: &GoroutineId| self.evidence.parents.get(id).copied();
        let ancestors = std::iter::successors(sighting.parent, parent).take(MAX_ANCESTORS);
        match ancestors.last() {
            Some(root) if self.baseline.contains(&root) => true,
            // An ancestor came and went between two looks: one of those that had been there before started it.
            Some(root) if !self.known.contains(&root) => !self.leftover_at(sighting.absent_until),
            Some(_) => false,
            // A thread of C that calls back.
            None => {
                sighting.goroutine.created.is_none()
                    && sighting.goroutine.state.wait_reason() == WaitReason::Running
            }
        }
    }

    /// Whether something that tests have left was there at that time.
    fn leftover_at(&self, time: u64) -> bool {
        self.evidence
            .sightings
            .iter()
            .any(|other| other.absent_until < self.over && other.gone_by.is_none_or(|gone_by| gone_by > time))
    }
}

fn watched(sighting: &Sighting) -> u64 {
    sighting.last_seen.saturating_sub(sighting.first_seen)
}

/// However short it was watched.
fn never_moves(sighting: &Sighting) -> bool {
    let reason = sighting.goroutine.state.reason.as_str();
    sighting.proof == Proof::Proven || reason == "select (no cases)" || reason.ends_with(" (nil chan)")
}

/// Go before 1.25.
fn hides_finalizers(go_version: &str) -> bool {
    let minor = go_version.strip_prefix("go1.").map(|rest| {
        let digits = rest.split(|c: char| !c.is_ascii_digit()).next();
        digits.and_then(|digits| digits.parse::<u32>().ok())
    });
    minor.flatten().is_some_and(|minor| minor < 25)
}
