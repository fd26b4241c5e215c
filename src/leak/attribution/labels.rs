//! Which test's label does a goroutine carry?
//!
//! Since Go 1.26 the dumps at the end show labels. Up to Go 1.25, and while tests run, only the goroutine profile has them: it
//! says how many goroutines of a stack carry which label, not which of them. A label is certain where the counts leave no
//! choice, or where kinship leaves none: a goroutine carries the label of its parents and siblings. Equal goroutines of several
//! tests share the labels that are left at the settled end, by kinship first, then by time.

use super::by::LabelRead;
use super::spans::{Stretch, ran_in};
use crate::evidence::{Evidence, Reading, Sighting, StackReading, TestSeq, TestSpan};
use crate::goroutine::GoroutineId;
use rustc_hash::{FxHashMap, FxHashSet};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// The label of each goroutine, where it is known.
pub type Labels = FxHashMap<GoroutineId, (TestSeq, LabelRead)>;

/// All labels that the evidence leads to.
pub fn resolve(evidence: &Evidence) -> Labels {
    let shown = |sighting: &Sighting| Some((sighting.id, (sighting.label?, LabelRead::Header)));
    let labels: Labels = evidence.sightings.iter().filter_map(shown).collect();
    if evidence.readings.is_empty() {
        return labels;
    }
    let mut resolver = Resolver::new(evidence, labels);
    for reading in &evidence.readings {
        resolver.read(reading);
    }
    resolver.share_out();
    resolver.labels
}

/// How many goroutines carry which label.
type Counts = BTreeMap<TestSeq, u64>;

/// The one label that is there, if there is but one.
fn only(counts: &Counts) -> Option<TestSeq> {
    let mut tests = counts.keys();
    tests.next().copied().filter(|_| tests.next().is_none())
}

/// Takes one of them; whether there was one.
fn take(counts: &mut Counts, test: TestSeq) -> bool {
    let Some(count) = counts.get_mut(&test) else {
        return false;
    };
    *count -= 1;
    if *count == 0 {
        counts.remove(&test);
    }
    true
}

/// A stack as the readings say up to one of them.
#[derive(Clone, Default)]
struct Stack {
    members: BTreeSet<GoroutineId>,
    counts: Counts,
    /// Goroutines of the stack that carry no label of ours, most of them of the baseline.
    unlabelled: u64,
}

impl Stack {
    fn change(&mut self, reading: &StackReading) {
        for &(test, count) in &reading.counts {
            match test {
                None => self.unlabelled = count,
                Some(test) if count == 0 => {
                    self.counts.remove(&test);
                }
                Some(test) => {
                    self.counts.insert(test, count);
                }
            }
        }
        for id in &reading.left {
            self.members.remove(id);
        }
        self.members.extend(&reading.came);
    }

    fn labelled(&self) -> u64 {
        self.counts
            .values()
            .fold(0, |sum, count| sum.saturating_add(*count))
    }

    fn size(&self) -> u64 {
        self.members.len() as u64
    }

    /// As many labels as goroutines: nothing came or went between the dump and the profile.
    fn is_exact(&self) -> bool {
        self.labelled() == self.size()
    }

    /// Goroutines that the dump shows are missing in the profile.
    fn lacks(&self) -> bool {
        self.labelled().saturating_add(self.unlabelled) < self.size()
    }
}

/// Equal goroutines, and the labels that are left for them.
struct Share<'a> {
    open: Vec<&'a Sighting>,
    left: Counts,
}

struct Resolver<'a> {
    sightings: FxHashMap<GoroutineId, &'a Sighting>,
    /// By number, the first to begin first.
    spans: FxHashMap<TestSeq, Vec<&'a TestSpan>>,
    kin: Kin<'a>,
    labels: Labels,
    stacks: FxHashMap<u32, Stack>,
    /// Stacks whose counts were exact at the settled end, while all of their goroutines stayed where they were.
    settled: BTreeMap<u32, Stack>,
}

impl<'a> Resolver<'a> {
    fn new(evidence: &'a Evidence, labels: Labels) -> Self {
        let mut spans: FxHashMap<TestSeq, Vec<&TestSpan>> = FxHashMap::default();
        for span in &evidence.tests {
            spans.entry(span.seq).or_default().push(span);
        }
        let mut kin = Kin::new(evidence);
        for sighting in &evidence.sightings {
            if let Some(test) = sighting.label {
                kin.learn(sighting, test);
            }
        }
        Self {
            sightings: evidence.sightings.iter().map(|one| (one.id, one)).collect(),
            spans,
            kin,
            labels,
            stacks: FxHashMap::default(),
            settled: BTreeMap::new(),
        }
    }

    fn read(&mut self, reading: &Reading) {
        let moved: FxHashSet<GoroutineId> = reading.moved.iter().copied().collect();
        let mut order = BTreeSet::new();
        for change in &reading.stacks {
            let stack = self.stacks.entry(change.stack).or_default();
            stack.change(change);
            order.insert((stack.counts.len(), change.stack));
        }
        // Those of few tests first: what they say of a goroutine binds its siblings.
        for (_, number) in order {
            let Some(stack) = self.stacks.remove(&number) else {
                continue;
            };
            for (id, test) in self.certain(&stack, reading.ended) {
                if !moved.contains(&id) {
                    self.note(id, test, LabelRead::Profile);
                }
            }
            if stack.members.iter().any(|id| moved.contains(id)) {
                self.settled.remove(&number);
            } else if reading.ended && stack.is_exact() {
                self.settled.insert(number, stack.clone());
            }
            self.stacks.insert(number, stack);
        }
    }

    /// What one reading says for certain of those goroutines of a stack that were where the dumps show them.
    fn certain(&self, stack: &Stack, ended: bool) -> Vec<(GoroutineId, TestSeq)> {
        if stack.lacks() {
            return Vec::new(); // some have moved
        }
        let mut exact = stack.is_exact();
        let mut test = only(&stack.counts).filter(|_| exact || (stack.unlabelled == 0 && !ended));
        let mut left = stack.counts.clone();
        let (mut certain, mut open) = (Vec::new(), Vec::new());
        for &id in &stack.members {
            match self.known(id) {
                None => open.push(id),
                Some(test) if take(&mut left, test) => certain.push((id, test)),
                Some(_) => (exact, test) = (false, None), // something moved, or took its label off
            }
        }
        if exact {
            test = test.or_else(|| only(&left)); // what is left
        }
        if let Some(test) = test {
            certain.extend(open.into_iter().map(|id| (id, test)));
        }
        certain
    }

    /// The label of a goroutine, or that of its kin.
    fn known(&self, id: GoroutineId) -> Option<TestSeq> {
        let by_kin = || self.kin.test_of(self.sightings.get(&id)?);
        self.kin.label(id).or_else(by_kin)
    }

    /// Whether the test had begun when the goroutine was first seen.
    fn had_begun(&self, test: TestSeq, sighting: &Sighting) -> bool {
        let spans = self.spans.get(&test);
        spans.is_some_and(|spans| spans[0].start <= sighting.first_seen)
    }

    fn note(&mut self, id: GoroutineId, test: TestSeq, read: LabelRead) {
        let Some(&sighting) = self.sightings.get(&id) else {
            return; // it runs a test
        };
        if self.labels.contains_key(&id) || !self.had_begun(test, sighting) {
            return;
        }
        self.labels.insert(id, (test, read));
        self.kin.learn(sighting, test);
    }

    /// At the settled end equal goroutines of several tests share the labels that are left: nothing tells them apart, and
    /// the sum is right.
    fn share_out(&mut self) {
        let settled = std::mem::take(&mut self.settled);
        let mut shares: Vec<Share<'a>> = settled.values().filter_map(|stack| self.share(stack)).collect();
        // The least mixed first: what they are given binds their siblings.
        shares.sort_by_key(|share| (share.left.len(), share.open[0].id));
        for Share { mut open, mut left } in shares {
            open = self.give(open, &mut left, |this, sighting, _| this.known(sighting.id));
            const TOO_MANY: usize = 1 << 22; // pairs to compare
            if open.len().saturating_mul(left.len()) <= TOO_MANY {
                open = self.give(open, &mut left, |this, sighting, left| {
                    left.keys()
                        .copied()
                        .find(|&test| this.ran_at_birth(test, sighting))
                });
            }
            self.give(open, &mut left, |this, sighting, left| {
                left.keys().copied().find(|&test| this.had_begun(test, sighting))
            });
        }
    }

    fn share(&self, stack: &Stack) -> Option<Share<'a>> {
        let mut left = stack.counts.clone();
        let mut open = Vec::new();
        for &id in &stack.members {
            let unlabelled = self.sightings.get(&id).filter(|_| !self.labels.contains_key(&id));
            let known = self.known(id);
            match unlabelled {
                Some(_) if known.is_some_and(|test| !stack.counts.contains_key(&test)) => return None,
                Some(sighting) => open.push(*sighting),
                None => known.filter(|&test| take(&mut left, test)).map(|_| ())?,
            }
        }
        let equal = |one: &&Sighting| Arc::ptr_eq(&one.goroutine, &open[0].goroutine);
        (!open.is_empty() && open.iter().all(equal)).then_some(Share { open, left })
    }

    /// Gives each of them the label that `choose` finds for it, as long as there is one left. Returns the others.
    fn give(
        &mut self,
        open: Vec<&'a Sighting>,
        left: &mut Counts,
        choose: impl Fn(&Self, &Sighting, &Counts) -> Option<TestSeq>,
    ) -> Vec<&'a Sighting> {
        let mut rest = Vec::new();
        for sighting in open {
            match choose(self, sighting, left) {
                Some(test) if take(left, test) => self.note(sighting.id, test, LabelRead::Shared),
                _ => rest.push(sighting),
            }
        }
        rest
    }

    /// Whether the test ran when the goroutine came. What the main goroutine starts is of a test that runs there.
    fn ran_at_birth(&self, test: TestSeq, sighting: &Sighting) -> bool {
        let birth = Stretch::of_birth(sighting);
        let own =
            |span: &TestSpan| !self.kin.is_of_baseline(sighting) || sighting.parent == Some(span.goroutine);
        let spans = self.spans.get(&test);
        spans.is_some_and(|spans| spans.iter().any(|span| ran_in(span, birth) && own(span)))
    }
}

/// Goroutines that run tests, and goroutines whose label is known.
struct Kin<'a> {
    evidence: &'a Evidence,
    baseline: FxHashSet<GoroutineId>,
    /// `None` where siblings differ.
    by_parent: FxHashMap<GoroutineId, Option<TestSeq>>,
    by_id: FxHashMap<GoroutineId, TestSeq>,
}

impl<'a> Kin<'a> {
    fn new(evidence: &'a Evidence) -> Self {
        let baseline: FxHashSet<GoroutineId> = evidence.baseline.iter().copied().collect();
        let mut tests: FxHashMap<GoroutineId, Option<TestSeq>> = FxHashMap::default();
        for span in &evidence.tests {
            let test = tests.entry(span.goroutine).or_insert(Some(span.seq));
            *test = test.filter(|&seq| seq == span.seq);
        }
        // The main goroutine runs the examples, one after the other, and is of none of them.
        let by_id = tests.into_iter().filter(|(id, _)| !baseline.contains(id));
        Self {
            evidence,
            by_parent: FxHashMap::default(),
            by_id: by_id.filter_map(|(id, test)| Some((id, test?))).collect(),
            baseline,
        }
    }

    fn is_of_baseline(&self, sighting: &Sighting) -> bool {
        sighting
            .parent
            .is_some_and(|parent| self.baseline.contains(&parent))
    }

    fn learn(&mut self, sighting: &Sighting, test: TestSeq) {
        self.by_id.insert(sighting.id, test);
        let Some(parent) = sighting.parent.filter(|_| !self.is_of_baseline(sighting)) else {
            return;
        };
        let siblings = self.by_parent.entry(parent).or_insert(Some(test));
        if *siblings != Some(test) {
            *siblings = None;
        }
    }

    /// The label of the goroutine itself.
    fn label(&self, id: GoroutineId) -> Option<TestSeq> {
        self.by_id.get(&id).copied()
    }

    /// That of the nearest ancestor that is known, else of a known sibling of it or of an ancestor.
    fn test_of(&self, sighting: &Sighting) -> Option<TestSeq> {
        let mut next = sighting.parent;
        let mut steps = 0;
        while let Some(parent) = next.filter(|_| steps < 64) {
            let siblings = || self.by_parent.get(&parent).copied().flatten();
            if let Some(test) = self.label(parent).or_else(siblings) {
                return Some(test);
            }
            next = self.evidence.parents.get(&parent).copied();
            steps += 1;
        }
        None
    }
}
