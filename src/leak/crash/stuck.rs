//! The stuck goroutines of a crash dump, as findings; and the one that panicked.

use super::headline::Headline;
use super::{CrashKind, Culprit};
use crate::goroutine::{FuncName, Goroutine, GoroutineId, Location, WaitReason, owner};
use crate::leak::attribution::By;
use crate::leak::attribution::dump::{Scene, Whose};
use crate::leak::attribution::roles::Role;
use crate::leak::cause::{self, Peer, Peers, Subject};
use crate::leak::judge::{blocked_at, own_frames};
use crate::leak::machinery::{Origin, is_machinery};
use crate::leak::{CauseCode, Evidenced, Group, Instance, Spot, Stuck, TestName, Verdict};
use rustc_hash::FxHashMap;
use std::collections::hash_map::Entry;

/// Most goroutines of a stuck test that are listed beside its own.
const MAX_OTHERS: usize = 50;
const MAX_IDS: usize = 20;

/// Stuck test goroutines first, then what they started; and how many goroutines each earlier test left.
pub(super) fn leaks(scene: &Scene<'_>, headline: &Headline) -> (Vec<Group>, Vec<(TestName, usize)>) {
    let peers = Peers::new(scene.goroutines.iter().map(peer).collect());
    scene.code.learn(scene.goroutines.iter());
    let alone = Peers::new(Vec::new());
    let build = |goroutine: &Goroutine, whose: Whose, is_test: bool| {
        let tests = whose.tests.clone();
        let shown = as_its_siblings(goroutine, scene.goroutines);
        let goroutine = shown.as_ref().unwrap_or(goroutine);
        let subject = Subject {
            goroutine,
            id: goroutine.id,
            code: &scene.code,
            peers: &alone,
            evidenced: Evidenced::Observed,
            is_left: false,
            tests: &tests,
            led: None,
        };
        let settled = cause::settled(&subject);
        let subject = Subject {
            goroutine: settled.as_ref().unwrap_or(goroutine),
            peers: &peers,
            ..subject
        };
        leak(scene, headline, &subject, whose, is_test)
    };
    let standing = standing(scene);
    let (others, earlier) = others(scene, &standing);
    let mut stuck: Vec<Group> = standing
        .into_iter()
        .map(|(one, whose)| build(one, whose, true))
        .collect();
    let mut started: Vec<Group> = Vec::new();
    // There may be thousands at one place: one of them is judged.
    let mut judged: FxHashMap<Waits<'_>, usize> = FxHashMap::default();
    for (one, whose) in others {
        match judged.entry(Waits::of(one, &whose)) {
            Entry::Occupied(first) => started[*first.get()].add(one),
            Entry::Vacant(first) => {
                first.insert(started.len());
                started.push(build(one, whose, false));
            }
        }
    }
    fold(&mut started);
    started.truncate(MAX_OTHERS);
    stuck.extend(started);
    stuck.sort_by(|a, b| order(a).cmp(&order(b)));
    (stuck, counted(earlier))
}

/// Where a goroutine is, and whose it is: two that are equal in this have the same cause.
#[derive(PartialEq, Eq, Hash)]
struct Waits<'a> {
    reason: &'a str,
    frames: Vec<(&'a FuncName, Option<&'a Location>)>,
    created: Option<(&'a FuncName, Option<&'a Location>)>,
    tests: Vec<TestName>,
}

impl<'a> Waits<'a> {
    fn of(goroutine: &'a Goroutine, whose: &Whose) -> Self {
        let frames = goroutine.frames.iter();
        let created = goroutine.created.as_ref();
        Self {
            reason: &goroutine.state.reason,
            frames: frames.map(|frame| (&frame.func, frame.at.as_ref())).collect(),
            created: created.map(|created| (&created.func, created.at.as_ref())),
            tests: whose.tests.clone(),
        }
    }
}

impl Group {
    /// One more that is equal.
    fn add(&mut self, goroutine: &Goroutine) {
        self.count += 1;
        self.ids.push(goroutine.id);
        self.ids.truncate(MAX_IDS);
        self.instances.push(instance(goroutine));
    }
}

fn instance(goroutine: &Goroutine) -> Instance {
    Instance {
        id: goroutine.id,
        parent: goroutine.created.as_ref().and_then(|created| created.by),
        objects: goroutine.objects(),
    }
}

/// A goroutine that ran on another thread, whose stack Go can't print: where those are that the same `go` statement started,
/// if all of them run one function.
fn as_its_siblings(goroutine: &Goroutine, all: &[Goroutine]) -> Option<Goroutine> {
    let created = goroutine
        .created
        .as_ref()
        .filter(|_| goroutine.stack_unavailable)?;
    created.at.as_ref()?;
    let started_with_it = |other: &&Goroutine| {
        let other_created = other.created.as_ref();
        !other.frames.is_empty()
            && other_created.is_some_and(|other| other.func == created.func && other.at == created.at)
    };
    let mut siblings = all.iter().filter(started_with_it);
    let first = siblings.next()?;
    let one_function = siblings.all(|other| owner(other) == owner(first));
    one_function.then(|| Goroutine {
        frames: first.frames.clone(),
        state: first.state.clone(),
        ..goroutine.clone()
    })
}

/// Goroutines that run a test; else main's, when it runs the user's TestMain.
fn standing<'a>(scene: &Scene<'a>) -> Vec<(&'a Goroutine, Whose)> {
    let all = scene.goroutines.iter();
    let in_tests: Vec<_> = all
        .filter(|goroutine| scene.role(goroutine) == Some(Role::InTest))
        .filter_map(|goroutine| Some((goroutine, scene.whose(goroutine)?)))
        .collect();
    if !in_tests.is_empty() {
        return in_tests;
    }
    let main = scene
        .goroutines
        .iter()
        .find(|goroutine| goroutine.id == GoroutineId(1));
    let own = main.filter(|main| {
        let in_testing = main
            .frames
            .iter()
            .any(|frame| frame.func.as_str() == "testing.(*M).Run");
        !in_testing && scene.code.innermost_own(&main.frames).is_some()
    });
    let whose = Whose {
        tests: Vec::new(),
        by: By::TestMain,
    };
    own.map(|main| (main, whose)).into_iter().collect()
}

/// All that is no test's own goroutine: of stuck tests, and of tests that had ended. Of a bubble whose root has returned
/// no test is stuck, and what is left in it is all there is.
fn others<'a>(
    scene: &Scene<'a>,
    standing: &[(&'a Goroutine, Whose)],
) -> (Vec<(&'a Goroutine, Whose)>, Vec<TestName>) {
    let stuck: Vec<&TestName> = standing.iter().flat_map(|(_, whose)| &whose.tests).collect();
    let mut of_stuck = Vec::new();
    let mut earlier = Vec::new();
    for goroutine in scene.goroutines {
        let main = goroutine.id == GoroutineId(1);
        if main || scene.role(goroutine).is_some() || is_machinery(goroutine, Origin::Outside) {
            continue;
        }
        let Some(whose) = scene
            .whose(goroutine)
            .or_else(|| scene.beside(goroutine, standing))
        else {
            continue;
        };
        let in_bubble = standing.is_empty() && goroutine.state.bubble.is_some();
        if in_bubble || whose.tests.iter().any(|test| stuck.contains(&test)) {
            of_stuck.push((goroutine, whose));
        } else if !whose.tests.iter().any(|test| scene.is_running(test)) {
            earlier.extend(whose.tests);
        }
    }
    (of_stuck, earlier)
}

fn counted(earlier: Vec<TestName>) -> Vec<(TestName, usize)> {
    let mut counts: std::collections::BTreeMap<TestName, usize> = std::collections::BTreeMap::new();
    for test in earlier {
        *counts.entry(test).or_default() += 1;
    }
    counts.into_iter().collect()
}

fn peer(goroutine: &Goroutine) -> Peer<'_> {
    let parent = goroutine.created.as_ref().and_then(|created| created.by);
    Peer {
        id: goroutine.id,
        parent,
        label: None,
        goroutine,
        objects: &[],
    }
}

fn leak(scene: &Scene<'_>, headline: &Headline, subject: &Subject<'_>, whose: Whose, is_test: bool) -> Group {
    let goroutine = subject.goroutine;
    let cause = cause::judge(subject);
    Group {
        fingerprint: cause::fingerprint(cause.code, goroutine),
        package: scene.code.package.clone(),
        attribution: whose.kind(),
        attributed_by: whose.by,
        verdict: Verdict::Stuck,
        evidenced: Evidenced::Observed,
        state: goroutine.state.clone(),
        count: 1,
        ids: vec![goroutine.id],
        instances: vec![instance(goroutine)],
        owner: owner(goroutine),
        blocked_at: blocked_at(goroutine, &scene.code, cause.code),
        started_at: if is_test {
            None
        } else {
            started_at(scene, goroutine)
        },
        stack: goroutine.frames.clone(),
        led_to_by: crate::leak::led_to::traced(goroutine, &scene.code, &Default::default())
            .or_else(|| cause::led_to(subject, &cause).filter(|_| !is_test)),
        test_at: None,
        own_frames: own_frames(goroutine, &scene.code),
        created: goroutine.created.clone(),
        labels: goroutine
            .labels
            .iter()
            .filter(|label| label.key != "leakgate")
            .cloned()
            .collect(),
        first_seen_ms: 0,
        lived: None,
        stuck: Some(Stuck {
            crash: headline.text.clone(),
            since: since(headline, &whose.tests, goroutine),
            is_test_goroutine: is_test,
        }),
        tests: whose.tests,
        cause,
    }
}

/// As Go printed it beside the test's name; else the minutes of the wait, which Go prints after a GC only.
fn since(headline: &Headline, tests: &[TestName], goroutine: &Goroutine) -> Option<String> {
    let listed = headline
        .running
        .iter()
        .find(|entry| tests.contains(&entry.test))
        .map(|entry| entry.since.clone());
    listed.or_else(|| {
        goroutine
            .state
            .minutes
            .map(|minutes| format!("{minutes} minutes"))
    })
}

fn started_at(scene: &Scene<'_>, goroutine: &Goroutine) -> Option<Spot> {
    let one = scene.goroutines.iter().find(|one| one.id == goroutine.id)?;
    let line = scene.lineage(one);
    let created = line.iter().filter_map(|one| one.created.as_ref());
    let own = created
        .clone()
        .find(|created| scene.code.is_own_at(&created.func, created.at.as_ref()));
    let created = own.or(goroutine.created.as_ref())?;
    created.at.as_ref().map(|at| scene.code.spot(&created.func, at))
}

/// Equal ones become one.
fn fold(leaks: &mut Vec<Group>) {
    let mut folded: Vec<Group> = Vec::new();
    for leak in leaks.drain(..) {
        let equal = |other: &&mut Group| {
            other.fingerprint == leak.fingerprint
                && other.tests == leak.tests
                && other.blocked_at == leak.blocked_at
                && other.state.reason == leak.state.reason
        };
        match folded.iter_mut().find(equal) {
            Some(other) => {
                other.count += leak.count;
                other.ids.extend(leak.ids);
                other.ids.truncate(MAX_IDS);
                other.instances.extend(leak.instances);
            }
            None => folded.push(leak),
        }
    }
    *leaks = folded;
}

fn order(leak: &Group) -> impl Ord + '_ {
    let other = leak.stuck.as_ref().is_some_and(|stuck| !stuck.is_test_goroutine);
    (
        other,
        &leak.tests,
        &leak.owner,
        leak.blocked_at.as_ref().map(|spot| &spot.at),
        &leak.fingerprint,
    )
}

/// The goroutine that panicked: the first that runs, and that is not the alarm of package testing.
pub(super) fn culprit(scene: &Scene<'_>) -> Option<Culprit> {
    let runs = |goroutine: &&Goroutine| goroutine.state.wait_reason() == WaitReason::Running;
    let goroutine = scene.goroutines.iter().find(runs).or(scene.goroutines.first())?;
    let is_test_goroutine = scene.role(goroutine).is_some();
    let whose = scene.whose(goroutine).or_else(|| scene.only_running());
    let (tests, by) = whose.map_or_else(Default::default, |whose| (whose.tests, Some(whose.by)));
    Some(Culprit {
        id: goroutine.id,
        tests,
        by,
        is_test_goroutine,
        at: blocked_at(goroutine, &scene.code, CauseCode::Unknown),
        started_at: if is_test_goroutine {
            None
        } else {
            started_at(scene, goroutine)
        },
    })
}

impl Headline {
    /// Whether the dump was asked for, or printed because nothing moved.
    pub fn is_of_waiting(&self) -> bool {
        matches!(
            self.kind,
            CrashKind::Timeout | CrashKind::Deadlock | CrashKind::Quit
        )
    }
}
