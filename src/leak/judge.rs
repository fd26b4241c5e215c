//! Evidence → leaks: who is left, whose it is, since when, why; equal ones folded.

use super::attribution::{Tests, Tie, counted};
use super::cause::{self, Peer, Peers, Subject};
use super::launched;
use super::led_to;
use super::machinery::{Origin, is_machinery, runs_finalizers};
use super::module::{Code, ModuleInfo, each_once};
use super::passing::Passing;
use super::server_ends;
use super::spec;
use super::waiting;
use super::{Attribution, CauseCode, Evidenced, Group, Instance, Leak, Lived, Spot, Verdict};
use crate::evidence::{Evidence, Proof, Sighting};
use crate::go_source::GoFiles;
use crate::goroutine::{Created, Frame, Goroutine, GoroutineId, WaitReason, name, owner};
use crate::package_path::PackagePath;
use crate::parallel;
use elsa::FrozenVec;
use rustc_hash::{FxHashMap, FxHashSet};
use std::collections::BTreeSet;

/// Ancestors that are looked at: dishonest evidence may go in circles.
const MAX_ANCESTORS: usize = 64;
/// Ids that a folded leak lists.
const MAX_IDS: usize = 20;
/// What lives this long past its test is late. Less may be the way out: connections that have been closed end
/// one half after the other, and on a loaded machine whoever could run gets no processor for a while.
const LATE_NANOS: u64 = 30_000_000;
/// A look this soon after a test's end is none at it: who sleeps that long past it is late if more of its life follows.
const PAST_NANOS: u64 = 1_000_000;
/// What could run all that time and did not end is late only after this: on two loaded processors a goroutine that has
/// been woken waits for its turn for hundreds of milliseconds.
const STARVED_NANOS: u64 = 1_000_000_000;

/// Leaks for which a thread is worth its start: each takes some hundred microseconds, and more where source is parsed.
const WORTH_A_THREAD: usize = 4;

/// What a package's verdict is made from.
#[derive(Clone, Copy)]
pub struct Judged<'a> {
    /// The package whose tests ran.
    pub package: &'a PackagePath,
    /// What its process told.
    pub evidence: &'a Evidence,
    /// The user's modules.
    pub module: &'a ModuleInfo,
    /// Source files.
    pub sources: &'a GoFiles,
}

/// What is around a suspect.
struct Scene<'a> {
    code: &'a Code<'a>,
    peers: &'a Peers<'a>,
    by_id: &'a FxHashMap<GoroutineId, &'a Sighting>,
    call_lines: &'a led_to::CallLines,
}

impl<'a> Scene<'a> {
    fn subject<'s>(&'s self, suspect: &'s Suspect<'_>) -> Subject<'s> {
        Subject {
            goroutine: suspect.goroutine,
            id: suspect.sighting.id,
            code: self.code,
            peers: self.peers,
            evidenced: evidenced(suspect.sighting),
            is_left: suspect.verdict == Verdict::Leaked,
            tests: &suspect.tie.tests,
            led: None,
        }
    }
}

/// One goroutine that counts, before folding.
struct Suspect<'a> {
    sighting: &'a Sighting,
    /// Its block; of one that ran when it was looked at, as its loop waits between two rounds.
    goroutine: &'a Goroutine,
    tie: Tie,
    verdict: Verdict,
    lived: Option<Lived>,
}

/// All leaks of a package, in an order that does not depend on scheduling.
pub fn judge(judged: &Judged<'_>) -> Vec<Leak> {
    super::joining::join(groups(judged))
}

/// All goroutines that count, equal ones folded, in the same order.
pub(super) fn groups(judged: &Judged<'_>) -> Vec<Group> {
    let code = Code {
        package: judged.package,
        module: judged.module,
        sources: judged.sources,
    };
    code.learn(
        judged
            .evidence
            .sightings
            .iter()
            .map(|sighting| &*sighting.goroutine),
    );
    parse_shown(judged.evidence, &code);
    let tests = Tests::new(judged.evidence, &code);
    let passing = Passing::new(judged.evidence);
    let mut suspects: Vec<Suspect<'_>> = judged
        .evidence
        .sightings
        .iter()
        .filter_map(|sighting| suspect(sighting, &tests, &passing))
        .collect();
    forget_helpers(&mut suspects, judged.evidence);
    counted::narrow(&mut ties(&mut suspects), judged.evidence);
    forget_server_ends(&mut suspects, judged.evidence);
    let by_id: FxHashMap<GoroutineId, &Sighting> = judged
        .evidence
        .sightings
        .iter()
        .map(|sighting| (sighting.id, sighting))
        .collect();
    let peers: Vec<Peer<'_>> = judged
        .evidence
        .sightings
        .iter()
        .filter_map(|sighting| peer(sighting, &tests))
        .collect();
    let settled = FrozenVec::new();
    settle_running(&mut suspects, &code, &settled);
    let goroutines = judged
        .evidence
        .sightings
        .iter()
        .map(|sighting| &*sighting.goroutine);
    let scene = Scene {
        code: &code,
        peers: &Peers::new(peers),
        by_id: &by_id,
        call_lines: &led_to::CallLines::new(goroutines, &code),
    };
    let told = |group: Vec<Suspect<'_>>| told(&group, &scene);
    let mut groups: Vec<Group> = parallel::map(fold(suspects, &scene), WORTH_A_THREAD, told);
    waiting::tie(&mut groups);
    groups.sort_by(|a, b| order(a).cmp(&order(b)));
    groups
}

/// Parses the user's files that wait or start goroutines, all at once: each is needed.
fn parse_shown(evidence: &Evidence, code: &Code<'_>) {
    let mut files: BTreeSet<&str> = BTreeSet::new();
    let sightings = evidence.sightings.iter();
    let left = sightings.filter(|sighting| sighting.gone_by.is_none());
    for goroutine in each_once(left.map(|sighting| &*sighting.goroutine)) {
        let waits = goroutine.frames.iter().find(|frame| code.is_own(frame));
        let waits = waits.and_then(|frame| frame.at.as_ref());
        let created = goroutine.created.iter().filter_map(|created| created.at.as_ref());
        files.extend(waits.into_iter().chain(created).map(|at| at.file.as_str()));
    }
    let files: Vec<String> = files.into_iter().map(|file| code.absolute(file)).collect();
    let own = files.iter().filter(|file| code.is_own_file(file));
    code.sources.parse_all(own.map(String::as_str));
}

/// What is left at the settled end can tell of the others there.
fn peer<'a>(sighting: &'a Sighting, tests: &Tests<'_>) -> Option<Peer<'a>> {
    sighting.gone_by.is_none().then_some(Peer {
        id: sighting.id,
        parent: sighting.parent,
        label: tests.label(sighting.id),
        goroutine: &sighting.goroutine,
        objects: &sighting.objects,
    })
}

/// Left at the settled end, or gone too late; `None` for what is in order.
fn suspect<'a>(sighting: &'a Sighting, tests: &Tests<'_>, passing: &Passing<'_>) -> Option<Suspect<'a>> {
    let tie = tests.tie(sighting);
    let origin = match tie.kind {
        Attribution::Label | Attribution::Lineage | Attribution::Code => Origin::Test,
        Attribution::Window | Attribution::Package => Origin::Outside,
    };
    let machinery = || tests.unended(sighting).is_none() && is_machinery(&sighting.goroutine, origin);
    if machinery() || passing.runs_finalizer(sighting) {
        return None;
    }
    let Some(gone_by) = sighting.gone_by else {
        if origin == Origin::Outside && passing.is(sighting) {
            return None;
        }
        return Some(Suspect {
            sighting,
            goroutine: &sighting.goroutine,
            tie,
            verdict: Verdict::Leaked,
            lived: None,
        });
    };
    if origin == Origin::Outside && passing.went(sighting) {
        return None;
    }
    let lived = late(sighting, tests.cleaned_up(&tie)?, gone_by)?;
    Some(Suspect {
        sighting,
        goroutine: &sighting.goroutine,
        tie,
        verdict: Verdict::Late,
        lived: Some(lived),
    })
}

fn ties<'a, 's>(suspects: &'s mut [Suspect<'a>]) -> Vec<counted::Tied<'s>> {
    suspects
        .iter_mut()
        .map(|suspect| counted::Tied {
            sighting: suspect.sighting,
            tie: &mut suspect.tie,
        })
        .collect()
}

/// Server's ends of connections whose client leaked, and what they started.
fn forget_server_ends(suspects: &mut Vec<Suspect<'_>>, evidence: &Evidence) {
    let leaked = suspects
        .iter()
        .filter(|suspect| suspect.verdict == Verdict::Leaked);
    let leaked: Vec<&Sighting> = leaked.map(|suspect| suspect.sighting).collect();
    let ends = server_ends::find(&leaked, evidence);
    suspects.retain(|suspect| {
        let by_one = suspect
            .sighting
            .parent
            .is_some_and(|parent| ends.contains(&parent));
        !ends.contains(&suspect.sighting.id) && !by_one
    });
}

/// What a leak starts to get its work done, and what ends before the leak does, is no finding of its own: the dial of a
/// request that no goroutine waits for.
fn forget_helpers(suspects: &mut Vec<Suspect<'_>>, evidence: &Evidence) {
    let leaked: FxHashSet<GoroutineId> = suspects
        .iter()
        .filter(|suspect| suspect.verdict == Verdict::Leaked)
        .map(|suspect| suspect.sighting.id)
        .collect();
    let parent = |id: &GoroutineId| evidence.parents.get(id).copied();
    suspects.retain(|suspect| {
        suspect.verdict != Verdict::Late
            || !std::iter::successors(suspect.sighting.parent, parent)
                .take(MAX_ANCESTORS)
                .any(|ancestor| leaked.contains(&ancestor))
    });
}

/// A goroutine that was there when its test had ended is late if it stayed for long, or if it may have slept for
/// long. What was merely on its way out is not, and that may be parked: the write loop of a connection that has
/// just been closed waits for the read loop to say so.
fn late(sighting: &Sighting, end: u64, gone_by: u64) -> Option<Lived> {
    let past = sighting.last_seen.checked_sub(end)?;
    // Another that stayed started it after the test had ended: that one is to blame, and this one's life is its own.
    let born_after = sighting.absent_until >= end;
    let seen = sighting.last_seen.saturating_sub(sighting.first_seen);
    let late = match sighting.goroutine.state.wait_reason() {
        _ if runs_finalizers(&sighting.goroutine) => false,
        _ if sighting.collected => true,
        _ if born_after && seen < LATE_NANOS => false,
        WaitReason::Sleep => past >= PAST_NANOS && gone_by.saturating_sub(end) >= LATE_NANOS,
        WaitReason::Running => past >= STARVED_NANOS,
        _ => past >= LATE_NANOS,
    };
    late.then(|| Lived {
        at_least_ms: past / 1_000_000,
        at_most_ms: gone_by.saturating_sub(end).div_ceil(1_000_000),
        collected: sighting.collected,
    })
}

/// Equal suspects: same tests, verdict and proof, same state, stack and creator.
fn fold<'a>(suspects: Vec<Suspect<'a>>, scene: &Scene<'a>) -> Vec<Vec<Suspect<'a>>> {
    // Equal goroutines share their block, so that each stack is written out once.
    let mut stacks: FxHashMap<*const Goroutine, String> = FxHashMap::default();
    let mut groups: indexmap::IndexMap<String, Vec<Suspect<'a>>> = indexmap::IndexMap::new();
    for suspect in suspects {
        let goroutine = suspect.goroutine;
        let stack = stacks
            .entry(std::ptr::from_ref(goroutine))
            .or_insert_with(|| stack_key(goroutine));
        let distinction = cause::distinction(&scene.subject(&suspect));
        let (tests, verdict, proof) = (&suspect.tie.tests, suspect.verdict, suspect.sighting.proof);
        let key = format!("{stack}\n{distinction:?} {tests:?} {verdict:?} {proof:?}");
        groups.entry(key).or_default().push(suspect);
    }
    groups
        .into_values()
        .map(|mut group| {
            group.sort_by_key(|suspect| (suspect.sighting.first_seen, suspect.sighting.id));
            group
        })
        .collect()
}

/// What makes two stacks equal. Of one that runs, lines and inner calls differ from look to look.
fn stack_key(goroutine: &Goroutine) -> String {
    use std::fmt::Write as _;
    if goroutine.state.wait_reason() == WaitReason::Running {
        return format!("running\n{}\n{:?}", owner(goroutine), creator(goroutine));
    }
    let mut key = format!("{}\n", goroutine.state.reason);
    for Frame { func, at, .. } in &goroutine.frames {
        let _ = writeln!(key, "{func} {at:?}");
    }
    let _ = write!(key, "{:?}", creator(goroutine));
    // Equal goroutines that different calls led to are different leaks, where that is known.
    for frame in goroutine.ancestors.iter().flat_map(|ancestor| &ancestor.frames) {
        let _ = write!(key, "\n{} {:?}", frame.func, frame.at);
    }
    key
}

fn creator(goroutine: &Goroutine) -> Option<(&str, Option<&crate::goroutine::Location>)> {
    goroutine
        .created
        .as_ref()
        .map(|created| (created.func.as_str(), created.at.as_ref()))
}

fn told<'a>(group: &[Suspect<'a>], scene: &Scene<'a>) -> Group {
    let first = &group[0];
    let code = scene.code;
    let goroutine = first.goroutine;
    let subject = scene.subject(first);
    let (mut cause, led_to_by) = cause::judge_led(&subject, |cause| {
        let traced = led_to::traced(goroutine, code, scene.call_lines);
        traced.or_else(|| cause::led_to(&subject, cause))
    });
    let blocked_at = blocked_at(goroutine, code, cause.code);
    let started_at = started_at(first.sighting, code, scene.by_id);
    let led = led_to_by.iter().flat_map(|led| led.from.iter().chain([&led.at]));
    let spots = led.chain(&started_at).chain(&blocked_at).cloned();
    cause
        .notes
        .extend(spec::of(spots.chain(led_to::own_calls(goroutine, code)), code));
    let weakest = group
        .iter()
        .max_by_key(|suspect| suspect.tie.kind)
        .map_or(&first.tie, |suspect| &suspect.tie);
    Group {
        fingerprint: cause::fingerprint(cause.code, goroutine),
        package: code.package.clone(),
        tests: first.tie.tests.clone(),
        attribution: weakest.kind,
        attributed_by: weakest.by.clone(),
        verdict: first.verdict,
        evidenced: match cause.code {
            // No code can make these go on.
            CauseCode::NilChannel | CauseCode::SelectEmpty => Evidenced::Proven,
            _ => evidenced(first.sighting),
        },
        state: goroutine.state.clone(),
        count: group.len() as u64,
        ids: group
            .iter()
            .take(MAX_IDS)
            .map(|suspect| suspect.sighting.id)
            .collect(),
        instances: instances(group),
        owner: owner(goroutine),
        blocked_at,
        started_at,
        stack: goroutine.frames.clone(),
        led_to_by,
        test_at: None,
        own_frames: own_frames(goroutine, code),
        created: goroutine.created.clone().map(|created| Created {
            by: first.sighting.parent,
            ..created
        }),
        labels: goroutine
            .labels
            .iter()
            .filter(|label| label.key != "leakgate")
            .cloned()
            .collect(),
        first_seen_ms: first.sighting.first_seen / 1_000_000,
        lived: lived(group),
        stuck: None,
        cause,
    }
}

fn evidenced(sighting: &Sighting) -> Evidenced {
    match sighting.proof {
        Proof::Proven => Evidenced::Proven,
        Proof::Reachable => Evidenced::Reachable,
        Proof::NotAsked => Evidenced::Observed,
    }
}

/// One look is not a state: what ran then is reported by where its loop waits, like those that were caught while they waited.
fn settle_running<'a>(suspects: &mut [Suspect<'a>], code: &Code<'_>, settled: &'a FrozenVec<Box<Goroutine>>) {
    let alone = Peers::new(Vec::new());
    let mut known: FxHashMap<*const Goroutine, Option<&'a Goroutine>> = FxHashMap::default();
    for suspect in suspects
        .iter_mut()
        .filter(|suspect| suspect.verdict == Verdict::Leaked)
    {
        let goroutine = suspect.goroutine;
        let subject = || Subject {
            goroutine,
            id: suspect.sighting.id,
            code,
            peers: &alone,
            evidenced: Evidenced::Observed,
            is_left: true,
            tests: &suspect.tie.tests,
            led: None,
        };
        let found = known.entry(std::ptr::from_ref(goroutine)).or_insert_with(|| {
            cause::settled(&subject()).map(|goroutine| settled.push_get(Box::new(goroutine)))
        });
        if let Some(found) = found {
            suspect.goroutine = found;
        }
    }
}

fn instances(group: &[Suspect<'_>]) -> Vec<Instance> {
    let instance = |suspect: &Suspect<'_>| Instance {
        id: suspect.sighting.id,
        parent: suspect.sighting.parent,
        objects: suspect.sighting.objects.clone(),
    };
    let mut instances: Vec<Instance> = group.iter().map(instance).collect();
    instances.sort_by_key(|instance| instance.id);
    instances
}

/// Indices of the user's own frames.
pub(super) fn own_frames(goroutine: &Goroutine, code: &Code<'_>) -> Vec<usize> {
    let frames = goroutine.frames.iter().enumerate();
    frames
        .filter(|(_, frame)| code.is_own(frame))
        .map(|(index, _)| index)
        .collect()
}

/// The innermost own frame, else that of a dependency, else where std calls a primitive. Of a busy loop the
/// outermost: what it calls changes.
pub(super) fn blocked_at(goroutine: &Goroutine, code: &Code<'_>, cause: CauseCode) -> Option<Spot> {
    // Go has no line for a loop that does nothing but jump: it prints line 1.
    let has_line = |frame: &&Frame| frame.at.as_ref().is_some_and(|at| at.line > 1);
    let own = |frame: &&Frame| code.is_own(frame) && has_line(frame);
    let frame = match cause {
        CauseCode::BusyLoop => goroutine.frames.iter().rfind(own),
        _ => goroutine.frames.iter().find(own),
    };
    let placed = || goroutine.frames.iter().filter(has_line);
    let frame = frame
        .or_else(|| placed().find(|frame| !name::is_std(frame.func.as_str())))
        .or_else(|| cause::site(&goroutine.frames).filter(has_line))
        .or_else(|| placed().next_back())?;
    frame.at.as_ref().map(|at| code.spot(&frame.func, at))
}

/// The `go` statement if it is the user's own, else that of the nearest ancestor whose is.
fn started_at(
    sighting: &Sighting,
    code: &Code<'_>,
    by_id: &FxHashMap<GoroutineId, &Sighting>,
) -> Option<Spot> {
    let place = |created: &Created| created.at.as_ref().map(|at| code.spot(&created.func, at));
    let created = sighting.goroutine.created.as_ref()?;
    if let Some(launched) = launched::by(&sighting.goroutine, code) {
        return Some(launched);
    }
    let mut next = Some(sighting);
    for _ in 0..16 {
        let Some(ancestor) = next else { break };
        if let Some(created) = &ancestor.goroutine.created
            && code.is_own_at(&created.func, created.at.as_ref())
        {
            return place(created);
        }
        next = ancestor.parent.and_then(|id| by_id.get(&id).copied());
    }
    place(created)
}

/// The range over all that are folded.
fn lived(group: &[Suspect<'_>]) -> Option<Lived> {
    let all = group.iter().filter_map(|suspect| suspect.lived);
    all.reduce(|a, b| Lived {
        at_least_ms: a.at_least_ms.min(b.at_least_ms),
        at_most_ms: a.at_most_ms.max(b.at_most_ms),
        collected: a.collected && b.collected,
    })
}

/// Nothing in here depends on scheduling: neither ids nor times.
fn order(leak: &Group) -> impl Ord + '_ {
    let at = leak.blocked_at.as_ref().map(|spot| &spot.at);
    let started = leak.started_at.as_ref().map(|spot| &spot.at);
    (
        &leak.tests,
        leak.verdict,
        &leak.owner,
        at,
        started,
        &leak.state.reason,
        &leak.fingerprint,
        leak.evidenced,
        leak.count,
    )
}
