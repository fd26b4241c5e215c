//! Goroutines of a dump with no test behind them: a service's profile, a crash log. The same causes, places and
//! fingerprints as of a test's leaks, so that one is found in the other.

use super::attribution::By;
use super::cause::{self, Peer, Peers, Subject};
use super::judge::{blocked_at, own_frames};
use super::module::Code;
use super::registry;
use super::{Attribution, Cause, CauseCode, Evidenced, Group, Instance, Verdict};
use crate::goroutine::{Created, FuncName, Goroutine, GoroutineId, WaitReason, name, owner};
use crate::package_path::PackagePath;

/// Equal goroutines of a dump.
#[derive(Debug, Clone, Copy)]
pub struct Standing<'a> {
    /// Some of them, the first first.
    pub samples: &'a [Goroutine],
    /// How many.
    pub count: u64,
    /// The ids that are known.
    pub ids: &'a [GoroutineId],
    /// Of a profile, which has no creators; a text profile has no states either.
    pub profiled: bool,
}

/// One leak for each that has a goroutine, in their order. The other side of a lock is looked for among all samples.
pub fn standing(groups: &[Standing<'_>], code: &Code<'_>) -> Vec<Group> {
    let all = groups.iter().flat_map(|group| group.samples);
    let peers = Peers::new(all.map(peer).collect());
    code.learn(groups.iter().flat_map(|group| group.samples));
    groups
        .iter()
        .filter_map(|group| {
            let goroutine = group.samples.first()?;
            let started = group.profiled.then(|| with_some_creator(goroutine));
            let cause = cause::judge(&Subject {
                goroutine: started.as_ref().unwrap_or(goroutine),
                id: goroutine.id,
                code,
                peers: &peers,
                evidenced: evidenced(goroutine),
                is_left: false,
                tests: &[],
                led: None,
            });
            Some(leak(group, goroutine, cause, code))
        })
        .collect()
}

fn evidenced(goroutine: &Goroutine) -> Evidenced {
    match goroutine.state.leaked {
        true => Evidenced::Proven,
        false => Evidenced::Observed,
    }
}

/// A goroutine without a creator would be main, or a finalizer; a profile only does not say.
fn with_some_creator(goroutine: &Goroutine) -> Goroutine {
    Goroutine {
        created: Some(Created {
            func: FuncName::default(),
            by: None,
            at: None,
        }),
        ..goroutine.clone()
    }
}

/// What one look can't tell is not claimed: that a goroutine ran once makes no busy loop.
fn of_one_look(cause: Cause, group: &Standing<'_>, goroutine: &Goroutine) -> Cause {
    let waits_for = if goroutine.state.wait_reason() == WaitReason::Running {
        "nothing: it was running, or about to, when the dump was taken"
    } else if group.profiled && goroutine.state.reason.is_empty() {
        "something that this profile does not tell; fetch it with debug=2"
    } else {
        return cause;
    };
    Cause {
        code: CauseCode::Unknown,
        title: registry::entry(CauseCode::Unknown).title.to_owned(),
        waits_for: waits_for.to_owned(),
        fix: String::new(),
        notes: Vec::new(),
        waits_for_goroutines: Vec::new(),
        awaits: Vec::new(),
        made: None,
    }
}

fn peer(goroutine: &Goroutine) -> Peer<'_> {
    Peer {
        id: goroutine.id,
        parent: goroutine.created.as_ref().and_then(|created| created.by),
        label: None,
        goroutine,
        objects: &[],
    }
}

fn instance(goroutine: &Goroutine) -> Instance {
    Instance {
        id: goroutine.id,
        parent: goroutine.created.as_ref().and_then(|created| created.by),
        objects: goroutine.objects(),
    }
}

fn leak(group: &Standing<'_>, goroutine: &Goroutine, cause: Cause, code: &Code<'_>) -> Group {
    let owner = owner(goroutine);
    let evidenced = evidenced(goroutine);
    let created = goroutine.created.as_ref();
    Group {
        fingerprint: cause::fingerprint(cause.code, goroutine),
        package: PackagePath(name::import_path(owner.as_str()).into_owned()),
        tests: Vec::new(),
        attribution: Attribution::Package,
        attributed_by: By::Dump,
        verdict: Verdict::Leaked,
        evidenced,
        state: goroutine.state.clone(),
        count: group.count,
        ids: group.ids.to_vec(),
        instances: group.samples.iter().map(instance).collect(),
        owner,
        blocked_at: blocked_at(goroutine, code, cause.code),
        started_at: created.and_then(|created| Some(code.spot(&created.func, created.at.as_ref()?))),
        stack: goroutine.frames.clone(),
        led_to_by: super::led_to::traced(goroutine, code, &Default::default()),
        test_at: None,
        own_frames: own_frames(goroutine, code),
        created: goroutine.created.clone(),
        labels: goroutine.labels.clone(),
        first_seen_ms: 0,
        lived: None,
        stuck: None,
        cause: of_one_look(cause, group, goroutine),
    }
}
