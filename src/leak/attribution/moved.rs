//! What one test started and another put to use: a connection in a pool, a worker that waits for jobs.
//!
//! The label names the test that started it. Where it was seen idle when that test had ended, and waits elsewhere now, the
//! tests that ran in between are the ones. Only where it takes another to wake it: most goroutines that wait here now and
//! there then do so by themselves (a poller, a client that connects again), and are their starter's for ever.

use super::by::By;
use super::reused::Uses;
use super::scene::Scene;
use super::spans::{Stretch, innermost, running};
use super::tie::Tie;
use crate::evidence::{Sighting, TestSeq, TestSpan};
use crate::goroutine::{Goroutine, GoroutineId, WaitReason};
use crate::leak::test_name::TestName;
use rustc_hash::FxHashMap;

/// Goroutines that belong to other tests than those that started them.
#[derive(Debug, Default)]
pub struct Moves {
    /// What ties them now.
    by_id: FxHashMap<GoroutineId, Tie>,
    /// The tests that had started them, and the tie, by the addresses of what they work on.
    by_address: FxHashMap<u64, (Vec<TestName>, Tie)>,
}

impl Moves {
    pub(super) fn find(tests: &Scene<'_, '_>) -> Self {
        let mut moves = Self::default();
        let company = Company::new(tests);
        let mut uses = Uses::new(tests);
        for sighting in &tests.evidence.sightings {
            let in_use = sighting
                .gone_by
                .is_none()
                .then(|| uses.of(&sighting.goroutine))
                .flatten();
            if sighting.gone_by.is_some() || (sighting.moved.is_none() && in_use.is_none()) {
                continue;
            }
            let birth = (tests.at_birth)(sighting);
            let unseen = || uses.tie(in_use.as_ref()?, sighting, &birth, (tests.cleaned_up)(&birth)?);
            let narrow = |ran| match &in_use {
                Some(in_use) => uses.narrow(in_use, ran),
                None => ran,
            };
            let Some(tie) = put_to_use(tests, &company, sighting, &birth, &narrow).or_else(unseen) else {
                continue;
            };
            for object in &sighting.objects {
                moves
                    .by_address
                    .insert(object.address, (birth.tests.clone(), tie.clone()));
            }
            moves.by_id.insert(sighting.id, tie);
        }
        moves
    }

    /// The tie that takes the place of `birth`: the goroutine's own, or that of one that works on the same object and that
    /// the same test had started (the other loop of a connection).
    pub fn instead(&self, sighting: &Sighting, birth: &Tie) -> Option<Tie> {
        if let Some(tie) = self.by_id.get(&sighting.id) {
            return Some(tie.clone());
        }
        let mut objects = sighting.objects.iter();
        objects.find_map(|object| {
            let (started, tie) = self.by_address.get(&object.address)?;
            (*started == birth.tests).then(|| tie.clone())
        })
    }
}

fn put_to_use<'a>(
    tests: &Scene<'_, 'a>,
    company: &Company,
    sighting: &Sighting,
    birth: &Tie,
    narrow: &dyn Fn(Vec<&'a TestSpan>) -> Vec<&'a TestSpan>,
) -> Option<Tie> {
    let moved = sighting.moved.as_ref()?;
    let [started] = &birth.tests[..] else { return None };
    if !matches!(
        birth.by,
        By::Label { .. } | By::Lineage { .. } | By::Window { .. }
    ) || moved.last_seen < (tests.cleaned_up)(birth)?
        || !takes_another(&moved.from, &sighting.goroutine)
        || (!is_pooled(&moved.from) && company.of((tests.label)(sighting.id), sighting.id, moved.last_seen))
    {
        return None;
    }
    let stretch = Stretch {
        after: moved.last_seen,
        by: moved.first_seen,
    };
    let ran = narrow(innermost(&running(tests.all, stretch), stretch));
    if ran.is_empty() {
        return None;
    }
    let (from_ms, to_ms) = stretch.millis();
    let by = By::Moved {
        started: started.clone(),
        before: moved.from.state.reason.clone(),
        from_ms,
        to_ms,
    };
    Some(Tie::new(&ran, by))
}

/// Whether only another goroutine can have brought it from there to here: an idle connection of a pool was used, a worker
/// that waited for a job does one.
fn takes_another(from: &Goroutine, to: &Goroutine) -> bool {
    if is_pooled(from) {
        return from.state.wait_reason() == WaitReason::IoWait;
    }
    let waits = matches!(from.state.reason.as_str(), "chan receive" | "sync.Cond.Wait");
    waits && to.state.wait_reason() != WaitReason::Sleep && is_deeper(from, to)
}

/// net/http's client keeps connections for whoever comes next.
fn is_pooled(goroutine: &Goroutine) -> bool {
    let mut funcs = goroutine.frames.iter().rev().map(|frame| frame.func.as_str());
    funcs.next() == Some("net/http.(*persistConn).readLoop")
}

/// Whether the loop of `from` has called something in `to`: the same frames at the bottom, and own ones above.
fn is_deeper(from: &Goroutine, to: &Goroutine) -> bool {
    let loops = |goroutine: &Goroutine| -> Vec<String> {
        let own = goroutine.frames.iter().rev().map(|frame| frame.func.as_str());
        own.filter(|func| !func.starts_with("sync.") && !func.starts_with("runtime."))
            .map(str::to_owned)
            .collect()
    };
    let (from, to) = (loops(from), loops(to));
    !from.is_empty() && to.len() > from.len() && to.starts_with(&from)
}

/// What each test left that acts by itself: it may have woken others of that test. Two are enough to find one that is not
/// the goroutine itself; those that lived longest.
struct Company(FxHashMap<Option<TestSeq>, Vec<(GoroutineId, u64)>>);

impl Company {
    fn new(tests: &Scene<'_, '_>) -> Self {
        let waits = |reason: &str| {
            matches!(
                reason,
                "chan receive" | "chan send" | "sync.Cond.Wait" | "sync.Mutex.Lock" | "sync.WaitGroup.Wait"
            )
        };
        let mut company: FxHashMap<Option<TestSeq>, Vec<(GoroutineId, u64)>> = FxHashMap::default();
        for sighting in &tests.evidence.sightings {
            if waits(&sighting.goroutine.state.reason) {
                continue;
            }
            let of_test = company.entry((tests.label)(sighting.id)).or_default();
            of_test.push((sighting.id, sighting.gone_by.unwrap_or(u64::MAX)));
            of_test.sort_by_key(|&(_, gone)| std::cmp::Reverse(gone));
            of_test.truncate(2);
        }
        Self(company)
    }

    /// Whether another of the same test was alive then.
    fn of(&self, label: Option<TestSeq>, id: GoroutineId, since: u64) -> bool {
        let mut others = self.0.get(&label).into_iter().flatten();
        others.any(|&(other, gone)| other != id && gone > since)
    }
}
