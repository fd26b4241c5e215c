//! The goroutines of a package that ran to its end: label, then lineage, then window; then the code on the stack is heard.
//!
//! Goroutine ids are not in creation order since Go 1.26: nothing here compares them.

use super::by::{By, CodePlace};
use super::code::{Closure, Closures};
use super::labels::{self, Labels};
use super::moved::Moves;
use super::reach::Reaches;
use super::scene::Scene;
use super::spans::{Stretch, innermost, ran_in, running};
use super::tie::{Tie, window};
use super::timers;
use crate::evidence::{Evidence, Sighting, TestSeq, TestSpan};
use crate::goroutine::{Goroutine, GoroutineId};
use crate::leak::{Attribution, Code, TestName};
use rustc_hash::{FxHashMap, FxHashSet};
use std::sync::Arc;

/// Spans of one process, by what they are looked up with.
pub struct Tests<'a> {
    evidence: &'a Evidence,
    code: &'a Code<'a>,
    labels: Labels,
    all: Vec<&'a TestSpan>,
    by_seq: FxHashMap<TestSeq, &'a TestSpan>,
    by_goroutine: FxHashMap<GoroutineId, Vec<&'a TestSpan>>,
    baseline: FxHashSet<GoroutineId>,
    /// Tests of the top level, by name; several under `-count`.
    top_level: FxHashMap<&'a str, Vec<&'a TestSpan>>,
    /// Goroutines whose test is certain, by the addresses of what they work on.
    by_address: FxHashMap<u64, Vec<&'a Sighting>>,
    /// What equal stacks show, by where they are kept.
    closures: FxHashMap<*const Goroutine, Closures<'a>>,
    reaches: Reaches<'a>,
    moves: Moves,
}

impl<'a> Tests<'a> {
    /// Indexes the evidence.
    pub fn new(evidence: &'a Evidence, code: &'a Code<'a>) -> Self {
        let mut by_goroutine: FxHashMap<GoroutineId, Vec<&TestSpan>> = FxHashMap::default();
        for span in &evidence.tests {
            by_goroutine.entry(span.goroutine).or_default().push(span);
        }
        let mut top_level: FxHashMap<&str, Vec<&TestSpan>> = FxHashMap::default();
        for span in evidence.tests.iter().filter(|span| !span.name.contains('/')) {
            top_level.entry(&span.name).or_default().push(span);
        }
        let mut by_address: FxHashMap<u64, Vec<&Sighting>> = FxHashMap::default();
        for sighting in &evidence.sightings {
            for object in &sighting.objects {
                by_address.entry(object.address).or_default().push(sighting);
            }
        }
        let mut closures: FxHashMap<*const Goroutine, Closures<'_>> = FxHashMap::default();
        for sighting in &evidence.sightings {
            closures
                .entry(Arc::as_ptr(&sighting.goroutine))
                .or_insert_with(|| Closures::of(&sighting.goroutine, code));
        }
        let mut tests = Self {
            evidence,
            code,
            closures,
            labels: labels::resolve(evidence),
            all: evidence.tests.iter().collect(),
            by_seq: evidence.tests.iter().map(|span| (span.seq, span)).collect(),
            by_goroutine,
            baseline: evidence.baseline.iter().copied().collect(),
            top_level,
            by_address,
            reaches: Reaches::default(),
            moves: Moves::default(),
        };
        tests.moves = Moves::find(&Scene {
            evidence,
            code,
            reaches: &tests.reaches,
            all: &tests.all,
            at_birth: &|sighting| tests.tie_at_birth(sighting),
            cleaned_up: &|tie| tests.cleaned_up(tie),
            label: &|id| tests.label(id),
        });
        tests
    }

    /// Ties one goroutine.
    pub fn tie(&self, sighting: &Sighting) -> Tie {
        let tie = self.tie_at_birth(sighting);
        self.moves.instead(sighting, &tie).unwrap_or(tie)
    }

    /// Whose it was when it was started, and by the code it is in.
    fn tie_at_birth(&self, sighting: &Sighting) -> Tie {
        if let Some(span) = self.unended(sighting) {
            let goroutine = sighting.id;
            return Tie::new(&[span], By::Runs { goroutine });
        }
        let tie = self
            .by_label(sighting)
            .or_else(|| self.by_lineage(sighting))
            .unwrap_or_else(|| self.by_window(sighting));
        self.by_code(sighting, &tie).unwrap_or(tie)
    }

    /// The test that a goroutine runs and that never ended: `go t.Run(…)`, and the parent did not wait.
    pub fn unended(&self, sighting: &Sighting) -> Option<&'a TestSpan> {
        let runs = sighting.goroutine.frames.iter().rev();
        let outermost = runs.map(|frame| frame.func.as_str()).next()?;
        if !matches!(outermost, "testing.tRunner" | "testing.fRunner") {
            return None;
        }
        let span = match self.labels.get(&sighting.id) {
            Some((seq, _)) => self.by_seq.get(seq).copied(),
            None => self
                .by_goroutine
                .get(&sighting.id)
                .and_then(|spans| spans.last().copied()),
        };
        let only = || {
            let mut unended = self.all.iter().copied().filter(|span| span.end.is_none());
            unended.next().filter(|_| unended.next().is_none())
        };
        span.or_else(only).filter(|span| span.end.is_none())
    }

    /// The label of a goroutine.
    pub fn label(&self, id: GoroutineId) -> Option<TestSeq> {
        self.labels.get(&id).map(|&(seq, _)| seq)
    }

    /// When no test is left to clean up behind the tests of a tie: a parent's clean-up runs after its subtests.
    pub fn cleaned_up(&self, tie: &Tie) -> Option<u64> {
        let end = tie.end?;
        let parents = tie
            .tests
            .iter()
            .filter(|test| test.is_subtest())
            .flat_map(|test| self.top_level.get(test.function()).into_iter().flatten())
            .filter(|span| span.start <= end)
            .filter_map(|span| span.end);
        parents.filter(|&over| over >= end).min().or(Some(end))
    }

    fn by_label(&self, sighting: &Sighting) -> Option<Tie> {
        let &(seq, read) = self.labels.get(&sighting.id)?;
        let span = self.by_seq.get(&seq)?;
        let by = By::Label {
            seq: Some(seq.0),
            test: TestName(span.name.clone()),
            read,
        };
        Some(Tie::new(&[span], by))
    }

    fn parent(&self, sighting: &Sighting) -> Option<GoroutineId> {
        let known = || self.evidence.parents.get(&sighting.id).copied();
        sighting.parent.or_else(known)
    }

    /// Walks from parent to parent, through dead ones too, up to a goroutine that ran a test.
    fn by_lineage(&self, sighting: &Sighting) -> Option<Tie> {
        let mut seen = FxHashSet::default();
        let parent = self.parent(sighting)?;
        let mut next = Some(parent);
        while let Some(id) = next {
            if !seen.insert(id) {
                return None;
            }
            if let Some(spans) = self.by_goroutine.get(&id) {
                let birth = Stretch::of_birth(sighting);
                // The goroutine of one test alone starts nothing before it and nothing after it.
                let only = spans.len() == 1 && !self.baseline.contains(&id);
                let spans = if only {
                    spans.clone()
                } else {
                    running(spans, birth)
                };
                return match spans[..] {
                    [] => None,
                    [span] => Some(Tie::new(&spans, lineage(sighting, parent, id, span))),
                    _ => Some(window(&spans, birth)),
                };
            }
            if self.baseline.contains(&id) {
                return None;
            }
            next = self.evidence.parents.get(&id).copied();
        }
        None
    }

    /// The test whose closure is on the stack, or ran the `go` statement: a worker that one test started does the jobs of
    /// the next under the first one's label, a timer fires when its test is over, and of several tests that ran at the time
    /// it is the one.
    fn by_code(&self, sighting: &Sighting, tie: &Tie) -> Option<Tie> {
        let begun = |test: &str, place| self.begun(test, seen_by(sighting, place));
        let is_test = |test: &str, place| begun(test, place).is_some();
        let closure = match self.closures.get(&Arc::as_ptr(&sighting.goroutine)) {
            Some(closures) => closures.one(is_test),
            None => Closures::of(&sighting.goroutine, self.code).one(is_test),
        }?;
        let by = |beside: &Tie| By::Code {
            func: closure.func.clone(),
            place: closure.place,
            beside: Some(Box::new(beside.by.clone())),
        };
        if tie.names_root(closure.test) {
            let (own, others): (Vec<&TestName>, Vec<&TestName>) =
                tie.tests.iter().partition(|test| test.function() == closure.test);
            if others.is_empty() {
                return None;
            }
            let kind = if own.len() == 1 {
                Attribution::Code
            } else {
                tie.kind
            };
            let spans = self
                .all
                .iter()
                .filter(|span| own.iter().any(|test| test.0 == span.name));
            let spans: Vec<&TestSpan> = spans
                .copied()
                .filter(|span| span.start <= sighting.last_seen)
                .collect();
            return Some(Tie {
                kind,
                ..Tie::new(&spans, by(tie))
            });
        }
        if self.was_called(sighting, tie, closure) {
            return None;
        }
        let span = begun(closure.test, closure.place)?;
        Some(Tie::new(&[span], by(tie)))
    }

    /// The last run of a test of the top level that had begun by a time.
    fn begun(&self, test: &str, by: u64) -> Option<&'a TestSpan> {
        let spans = self.top_level.get(test)?.iter().copied();
        spans
            .filter(|span| span.start <= by)
            .max_by_key(|span| span.start)
    }

    /// Whether a test of the tie must have called the function of another test, whose closure this is: its own goroutine
    /// ran the `go` statement, or it ran at the time and the other did not.
    fn was_called(&self, sighting: &Sighting, tie: &Tie, closure: Closure<'_>) -> bool {
        let Some(others) = self.top_level.get(closure.test) else {
            return false;
        };
        let tied = |span: &TestSpan| tie.names_root(TestName::function_of(&span.name));
        let by_itself = self
            .parent(sighting)
            .and_then(|parent| self.by_goroutine.get(&parent))
            .is_some_and(|spans| spans.iter().any(|span| tied(span)));
        // What carries a test's label came after the test began.
        let begun = self
            .all
            .iter()
            .filter(|span| tied(span))
            .map(|span| span.start)
            .min();
        let birth = Stretch {
            after: sighting.absent_until.max(begun.unwrap_or(0)),
            by: sighting.first_seen,
        };
        if closure.place == CodePlace::Stack {
            // What the goroutine does it may have been given later.
            let life = Stretch {
                by: sighting.last_seen.max(birth.by),
                ..birth
            };
            return tie.is_certain() && running(others, life).is_empty();
        }
        let alone = || {
            running(others, birth).is_empty() && self.all.iter().any(|span| tied(span) && ran_in(span, birth))
        };
        by_itself || (tie.is_certain() && alone())
    }

    fn by_window(&self, sighting: &Sighting) -> Tie {
        if timers::is_callback(sighting) {
            return self
                .by_object(sighting)
                .unwrap_or_else(|| timers::tie(&self.all, self.code, &self.reaches, sighting));
        }
        let birth = Stretch::of_birth(sighting);
        window(&innermost(&running(&self.all, birth), birth), birth)
    }

    /// The test of a goroutine that works on the same object, if all of those that do are certain and agree.
    fn by_object(&self, sighting: &Sighting) -> Option<Tie> {
        sighting.objects.iter().rev().find_map(|object| {
            let others = self.by_address.get(&object.address)?.iter().copied();
            let others = others.filter(|other| other.id != sighting.id);
            let ties: Vec<(GoroutineId, Tie)> = others
                .filter_map(|other| {
                    Some((other.id, self.by_label(other).or_else(|| self.by_lineage(other))?))
                })
                .collect();
            let ((goroutine, first), rest) = ties.split_first()?;
            let agree = first.tests.len() == 1 && rest.iter().all(|(_, tie)| tie.tests == first.tests);
            agree.then(|| {
                let by = By::Object {
                    address: format!("{:#x}", object.address),
                    goroutine: *goroutine,
                };
                Tie {
                    kind: by.attribution(1),
                    by,
                    ..first.clone()
                }
            })
        })
    }
}

/// By when a test must have begun whose closure is at that place: what a goroutine was started with was there at its birth.
fn seen_by(sighting: &Sighting, place: CodePlace) -> u64 {
    match place {
        CodePlace::Stack => sighting.last_seen.max(sighting.first_seen),
        _ => sighting.first_seen,
    }
}

fn lineage(sighting: &Sighting, parent: GoroutineId, test: GoroutineId, span: &TestSpan) -> By {
    By::Lineage {
        creator: sighting
            .goroutine
            .created
            .as_ref()
            .map(|created| created.func.clone()),
        parent,
        test_goroutine: test,
        test: TestName(span.name.clone()),
    }
}
