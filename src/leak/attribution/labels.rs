//! Labels that equal goroutines share, given to the right ones among them.
//!
//! Up to Go 1.25 the goroutine profile says how many goroutines with this stack carry which label, not which of them. Where
//! several tests left equal stacks, kinship tells: a goroutine belongs to the test of its siblings and parents. Labels
//! that are certain are not touched, least of all those of goroutines that are gone.

use crate::evidence::{Evidence, LabelSource, Sighting, TestSeq};
use crate::goroutine::{Goroutine, GoroutineId};
use rustc_hash::{FxHashMap, FxHashSet};
use std::collections::BTreeMap;
use std::sync::Arc;

/// The label of each goroutine.
pub type Labels = FxHashMap<GoroutineId, (TestSeq, LabelSource)>;

/// Labels of all sightings; what one block's goroutines carry in sum stays as it was.
pub fn settle(evidence: &Evidence) -> Labels {
    let mut labels: Labels = FxHashMap::default();
    let mut groups: FxHashMap<*const Goroutine, Vec<&Sighting>> = FxHashMap::default();
    for sighting in &evidence.sightings {
        let Some(label) = sighting.label else { continue };
        labels.insert(sighting.id, label);
        if label.1 == LabelSource::Shared {
            groups
                .entry(Arc::as_ptr(&sighting.goroutine))
                .or_default()
                .push(sighting);
        }
    }
    let mut mixed: Vec<Vec<&Sighting>> = groups.into_values().filter(|group| is_mixed(group)).collect();
    if mixed.is_empty() {
        return labels;
    }
    // The least mixed first: what they are given binds their siblings.
    mixed.sort_by_key(|group| {
        (
            choices(group).len(),
            group.iter().map(|sighting| sighting.id).min(),
        )
    });
    let mut kin = Kin::new(evidence, &labels, &mixed);
    for group in &mixed {
        share_out(group, &kin, &mut labels);
        for sighting in group {
            kin.learn(sighting, &labels);
        }
    }
    labels
}

/// How many goroutines of the group carry which label.
fn choices(group: &[&Sighting]) -> BTreeMap<TestSeq, usize> {
    let mut choices: BTreeMap<TestSeq, usize> = BTreeMap::new();
    for (test, _) in group.iter().filter_map(|sighting| sighting.label) {
        *choices.entry(test).or_default() += 1;
    }
    choices
}

fn is_mixed(group: &[&Sighting]) -> bool {
    group.iter().any(|sighting| sighting.label != group[0].label)
}

/// First those whose kin tells, then the rest, in the order of their ids.
fn share_out(group: &[&Sighting], kin: &Kin<'_>, labels: &mut Labels) {
    let mut left = choices(group);
    let mut rest = Vec::new();
    for sighting in group {
        let told = kin
            .test_of(sighting)
            .and_then(|test| Some((test, left.get_mut(&test)?)));
        match told {
            Some((test, count)) if *count > 0 => {
                *count -= 1;
                labels.insert(sighting.id, (test, LabelSource::Shared));
            }
            _ => rest.push(sighting.id),
        }
    }
    rest.sort_unstable();
    let left = left
        .into_iter()
        .flat_map(|(test, count)| std::iter::repeat_n(test, count));
    for (id, label) in rest.into_iter().zip(left) {
        labels.insert(id, (label, LabelSource::Shared));
    }
}

/// What is known: test goroutines, goroutines whose label is certain, and what was shared out before.
struct Kin<'a> {
    evidence: &'a Evidence,
    /// `None` where siblings differ.
    by_parent: FxHashMap<GoroutineId, Option<TestSeq>>,
    by_id: FxHashMap<GoroutineId, TestSeq>,
}

impl<'a> Kin<'a> {
    fn new(evidence: &'a Evidence, labels: &Labels, mixed: &[Vec<&Sighting>]) -> Self {
        let uncertain: FxHashSet<GoroutineId> = mixed.iter().flatten().map(|sighting| sighting.id).collect();
        let mut by_id: FxHashMap<GoroutineId, TestSeq> = FxHashMap::default();
        let mut spans: FxHashMap<GoroutineId, u32> = FxHashMap::default();
        for span in &evidence.tests {
            *spans.entry(span.goroutine).or_default() += 1;
            by_id.insert(span.goroutine, span.seq);
        }
        // The goroutine of several examples or benchmark rounds tells none of them.
        by_id.retain(|id, _| spans.get(id) == Some(&1));
        let mut kin = Self {
            evidence,
            by_parent: FxHashMap::default(),
            by_id,
        };
        for sighting in evidence
            .sightings
            .iter()
            .filter(|sighting| !uncertain.contains(&sighting.id))
        {
            kin.learn(sighting, labels);
        }
        kin
    }

    fn learn(&mut self, sighting: &Sighting, labels: &Labels) {
        let Some(&(test, _)) = labels.get(&sighting.id) else {
            return;
        };
        self.by_id.insert(sighting.id, test);
        let Some(parent) = sighting.parent else { return };
        let told = self.by_parent.entry(parent).or_insert(Some(test));
        if *told != Some(test) {
            *told = None;
        }
    }

    /// The test of the nearest ancestor that is certain, else of a certain sibling of it or of an ancestor.
    fn test_of(&self, sighting: &Sighting) -> Option<TestSeq> {
        let mut next = sighting.parent;
        let mut steps = 0;
        while let Some(parent) = next.filter(|_| steps < 64) {
            let siblings = || self.by_parent.get(&parent).copied().flatten();
            if let Some(test) = self.by_id.get(&parent).copied().or_else(siblings) {
                return Some(test);
            }
            next = self.evidence.parents.get(&parent).copied();
            steps += 1;
        }
        None
    }
}
