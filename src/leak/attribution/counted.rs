//! What counts say of goroutines that only the time ties to tests: how many were left, and in which test they came.
//!
//! The shim lists no goroutines near a test's end, so that windows are wide in fast suites. The counts at each test's begin
//! and end narrow them: where the sum fits, each has its own, and a test that is known to have started nothing is none of
//! the candidates.

use super::by::By;
use super::tie::Tie;
use crate::evidence::{Evidence, Sighting, TestSeq, TestSpan};
use crate::leak::TestName;
use rustc_hash::FxHashMap;
use std::collections::BTreeMap;
use std::sync::Arc;

/// A goroutine that counts, and how it is tied.
pub struct Tied<'a> {
    /// The goroutine.
    pub sighting: &'a Sighting,
    /// Its tie.
    pub tie: &'a mut Tie,
}

impl Tied<'_> {
    fn is_left(&self) -> bool {
        self.sighting.gone_by.is_none()
    }

    /// A timer's callback counts for the test in which it ran, not for the one that set the timer.
    fn is_open(&self) -> bool {
        matches!(self.tie.by, By::Window { .. }) && self.tie.tests.len() > 1
    }
}

/// A test's own part of the counts, without that of its subtests.
#[derive(Clone, Copy)]
struct Own<'a> {
    span: &'a TestSpan,
    grew: i64,
    started: Option<i64>,
}

/// Narrows the ties that name several tests.
pub fn narrow(all: &mut [Tied<'_>], evidence: &Evidence) {
    let mut open: BTreeMap<Vec<TestName>, Vec<usize>> = BTreeMap::new();
    for (index, tied) in all.iter().enumerate().filter(|(_, tied)| tied.is_open()) {
        open.entry(tied.tie.tests.clone()).or_default().push(index);
    }
    if open.is_empty() {
        return;
    }
    let counted = own_counts(evidence);
    // Left by a test for certain: they are in its count.
    let mut known: FxHashMap<TestName, i64> = FxHashMap::default();
    for tied in all.iter().filter(|tied| tied.is_left()) {
        if let [test] = &tied.tie.tests[..] {
            *known.entry(test.clone()).or_default() += 1;
        }
    }
    for (tests, mut indices) in open {
        indices.sort_by_key(|&index| all[index].sighting.id);
        let (candidates, unknown) = candidates(&tests, &counted, evidence);
        let mut shares: Vec<(&TestSpan, i64)> = candidates
            .into_iter()
            .filter(|own| own.started != Some(0))
            .map(|own| {
                let name = TestName(own.span.name.clone());
                (own.span, own.grew - known.get(&name).unwrap_or(&0))
            })
            .collect();
        let sum: i64 = shares.iter().map(|&(_, grew)| grew).sum();
        let rest = i64::try_from(indices.len()).unwrap_or(i64::MAX) - sum;
        let fits = all_left(all, &indices)
            && shares.iter().all(|&(_, grew)| grew >= 0)
            && if unknown.is_empty() { rest == 0 } else { rest >= 0 };
        if fits {
            shares.retain(|&(_, grew)| grew > 0);
        }
        let parties = shares.len() + usize::from(rest > 0);
        if fits && parties > 1 && are_equal(all, &indices) {
            share_out(all, &indices, &shares, &unknown);
            continue;
        }
        let mut spans: Vec<&TestSpan> = shares.into_iter().map(|(span, _)| span).collect();
        if !(fits && rest == 0) {
            spans.extend(&unknown);
        }
        if !spans.is_empty() && spans.len() < tests.len() {
            for &index in &indices {
                tie_to(all[index].tie, &spans);
            }
        }
    }
}

/// Each test as many as it left, and those without counts the rest; which one is whose makes no difference among equal ones.
fn share_out(all: &mut [Tied<'_>], indices: &[usize], shares: &[(&TestSpan, i64)], rest: &[&TestSpan]) {
    let owners = shares
        .iter()
        .flat_map(|&(span, grew)| std::iter::repeat_n(vec![span], usize::try_from(grew).unwrap_or(0)))
        .chain(std::iter::repeat(rest.to_vec()));
    for (&index, spans) in indices.iter().zip(owners) {
        tie_to(all[index].tie, &spans);
    }
}

fn tie_to(tie: &mut Tie, spans: &[&TestSpan]) {
    tie.tests = spans.iter().map(|span| TestName(span.name.clone())).collect();
    tie.tests.sort();
    let ends: Option<Vec<u64>> = spans.iter().map(|span| span.end).collect();
    tie.end = ends.and_then(|ends| ends.into_iter().max());
}

fn all_left(all: &[Tied<'_>], indices: &[usize]) -> bool {
    indices.iter().all(|&index| all[index].is_left())
}

fn are_equal(all: &[Tied<'_>], indices: &[usize]) -> bool {
    let block = |index: usize| Arc::as_ptr(&all[index].sighting.goroutine);
    indices.iter().all(|&index| block(index) == block(indices[0]))
}

/// Those of the tests that have counts, and the others.
fn candidates<'a>(
    tests: &[TestName],
    counted: &FxHashMap<&str, Option<Own<'a>>>,
    evidence: &'a Evidence,
) -> (Vec<Own<'a>>, Vec<&'a TestSpan>) {
    let own = |test: &str| counted.get(test).copied().flatten();
    let named = |span: &&TestSpan| tests.iter().any(|test| test.0 == span.name);
    let mut known: Vec<Own<'a>> = tests.iter().filter_map(|test| own(&test.0)).collect();
    known.sort_by_key(|own| own.span.start);
    let spans = evidence.tests.iter().filter(named);
    (known, spans.filter(|span| own(&span.name).is_none()).collect())
}

/// By name; `None` for a test beside which another ran, that ran several times, or one of whose subtests has no counts.
fn own_counts(evidence: &Evidence) -> FxHashMap<&str, Option<Own<'_>>> {
    let mut counts: FxHashMap<&str, Option<Own<'_>>> = FxHashMap::default();
    let mut seqs: FxHashMap<&str, TestSeq> = FxHashMap::default();
    for span in &evidence.tests {
        let own = evidence.growth.get(&span.seq).map(|counted| Own {
            span,
            grew: counted.grew,
            started: counted.started.map(u64::cast_signed),
        });
        let again = seqs
            .insert(&span.name, span.seq)
            .is_some_and(|seq| seq != span.seq);
        counts.insert(&span.name, own.filter(|_| !again));
    }
    let whole = counts.clone();
    for (name, own) in &whole {
        let Some(parent) = parent(name, &whole) else {
            continue;
        };
        let rest = counts.get(parent).copied().flatten().zip(*own);
        let rest = rest.map(|(parent, own)| Own {
            span: parent.span,
            grew: parent.grew - own.grew,
            started: parent.started.zip(own.started).map(|(all, own)| all - own),
        });
        counts.insert(parent, rest);
    }
    counts
}

/// The nearest test that it is a subtest of; names of subtests may have slashes of their own.
fn parent<'a>(name: &'a str, tests: &FxHashMap<&'a str, Option<Own<'_>>>) -> Option<&'a str> {
    let mut rest = name;
    while let Some((outer, _)) = rest.rsplit_once('/') {
        if tests.contains_key(outer) {
            return Some(outer);
        }
        rest = outer;
    }
    None
}
