//! Who waits for whom: the goroutines that have to go on before another one can.

use super::far_end;
use super::held::{self, Inside, Lock, call_of_std, called_on, calls_above, operand_of_std};
use super::loops::in_loop;
use super::peers::{self, READ_LOOP, ROUND_TRIPS, WRITE_LOOP, near};
use super::place::{Place, blocked, file, function, is_in, last_name, test_function};
use super::stack::site;
use super::starts::runs_often;
use super::{Peer, Subject};
use crate::go_source::calls::{
    call_of, called_name, callers_from, handed_on, handed_to_go, is_go, on_line, operand_of, own_callee,
};
use crate::go_source::{At, Blocked, Calls, Case, GoFiles, Operation, Var, at_line, flow, values};
use crate::goroutine::{Frame, Goroutine, GoroutineId, WaitReason, name};
use crate::leak::{WaitsBecause, WaitsFor};
use std::cell::{Cell, LazyCell};
use std::collections::BTreeSet;

/// The goroutines that this one waits for, by the reason.
pub(super) fn of(subject: &Subject<'_>) -> Vec<WaitsFor> {
    let mut found = Vec::new();
    let mut add = |reason: WaitsBecause, mut ids: Vec<GoroutineId>| {
        ids.sort();
        ids.dedup();
        if !ids.is_empty() {
            found.push(WaitsFor {
                reason,
                goroutines: ids,
            });
        }
    };
    // Closures of these functions run the user's code: only the functions themselves wait.
    let calls = |name: &str| {
        let frames = &subject.goroutine.frames;
        frames.iter().any(|frame| frame.func.as_str() == name)
    };
    if blocked_in_once(subject.goroutine) {
        add(WaitsBecause::RunsOnce, runners(subject));
    } else if waits_for_lock(subject.goroutine) {
        let ids = match held::wanted(subject) {
            Some(wanted) => {
                let holders = holders(subject, &wanted);
                let mut ids: Vec<GoroutineId> = holders.iter().map(|(peer, _)| peer.id).collect();
                // Who holds it to write has got past the writers.
                if wanted.read && holders.iter().all(|(_, held)| held.read) {
                    ids.extend(writers(subject, &wanted).iter().map(|peer| peer.id));
                }
                ids
            }
            None => inside_too(subject).map(|peer| peer.id).into_iter().collect(),
        };
        add(WaitsBecause::HoldsLock, ids);
    } else if calls("golang.org/x/sync/singleflight.(*Group).Do") && calls("sync.(*WaitGroup).Wait") {
        add(WaitsBecause::SameKey, inside(subject, SINGLEFLIGHT));
    } else if calls("golang.org/x/sync/errgroup.(*Group).Go")
        || calls("golang.org/x/sync/errgroup.(*Group).Wait")
    {
        add(WaitsBecause::Group, of_group(subject));
    } else if calls(SEMAPHORE) {
        add(WaitsBecause::Group, owing(subject, SEMAPHORE, "Release"));
    } else if calls("net/http.(*Server).Shutdown") || calls("net/http/httptest.(*Server).Close") {
        add(WaitsBecause::Handler, handlers(subject));
    } else if let Some((reason, ids)) = far_end::of(subject) {
        add(reason, ids);
    } else if ROUND_TRIPS.iter().any(|name| calls(name)) {
        // Of several handlers, none is known to be the other end.
        let handlers = handlers(subject);
        add(
            WaitsBecause::Handler,
            if handlers.len() == 1 { handlers } else { Vec::new() },
        );
    } else if calls(READ_LOOP) || calls(WRITE_LOOP) {
        add(WaitsBecause::OtherEnd, requests(subject));
    } else if calls("os/exec.(*Cmd).awaitGoroutines") {
        add(WaitsBecause::Copies, super::process::copiers(subject));
    } else if calls("sync.(*WaitGroup).Wait") {
        add(WaitsBecause::WaitGroup, workers(subject));
    } else if calls(COND_WAIT) {
        add(WaitsBecause::Wakes, wakers(subject));
    } else {
        add(WaitsBecause::OtherEnd, other_ends(subject));
    }
    found
}

/// What waits for a place in a semaphore.
const SEMAPHORE: &str = "golang.org/x/sync/semaphore.(*Weighted).Acquire";

/// The request that a client's connection serves: the only one of its test, on the only connection.
fn requests(subject: &Subject<'_>) -> Vec<GoroutineId> {
    let in_frames = |peer: &Peer<'_>, names: &[&str]| peers::calls(peer.goroutine, names);
    let twin = subject
        .goroutine
        .frames
        .iter()
        .any(|frame| frame.func.as_str() == READ_LOOP);
    let loops = near(subject).filter(|peer| in_frames(peer, &[READ_LOOP])).count();
    let requests: Vec<GoroutineId> = near(subject)
        .filter(|peer| in_frames(peer, ROUND_TRIPS))
        .map(|peer| peer.id)
        .collect();
    match requests.len() == 1 && loops + usize::from(twin) == 1 {
        true => requests,
        false => Vec::new(),
    }
}

/// What runs the function that all callers with one key wait for.
const SINGLEFLIGHT: &str = "golang.org/x/sync/singleflight.(*Group).doCall";

/// Goroutines that wait to write-lock what this one wants to read-lock: it waits behind them.
pub(super) fn writers<'s, 'a>(subject: &'s Subject<'a>, wanted: &Lock) -> Vec<&'s Peer<'a>> {
    near(subject)
        .filter(|peer| waits_for_lock(peer.goroutine))
        .filter(|peer| {
            let other = subject.beside(peer);
            held::wanted(&other).is_some_and(|lock| !lock.read && lock.may_be(wanted))
        })
        .collect()
}

/// The one other goroutine that is in the function whose lock this one waits for, and does not wait for a lock there.
pub(super) fn inside_too<'s, 'a>(subject: &'s Subject<'a>) -> Option<&'s Peer<'a>> {
    let func = &site(&subject.goroutine.frames)?.func;
    let mut inside = near(subject).filter(|peer| {
        let frames = &peer.goroutine.frames;
        let own = subject.code.innermost_own(frames).is_some();
        own && !waits_for_lock(peer.goroutine) && frames.iter().any(|frame| frame.func == *func)
    });
    let one = inside.next()?;
    inside.next().is_none().then_some(one)
}

/// Goroutines that wait for a lock that this one holds.
pub(super) fn for_lock(subject: &Subject<'_>, held: &Lock) -> Vec<GoroutineId> {
    near(subject)
        .filter(|peer| waits_for_lock(peer.goroutine) && peer.id != subject.id)
        .filter(|peer| {
            let other = subject.beside(peer);
            // Readers hold it together.
            held::wanted(&other).is_some_and(|wanted| wanted.may_be(held) && !(wanted.read && held.read))
        })
        .map(|peer| peer.id)
        .collect()
}

fn waits_for_lock(goroutine: &Goroutine) -> bool {
    matches!(
        goroutine.state.wait_reason(),
        WaitReason::Mutex | WaitReason::RwMutex
    )
}

/// Who holds a lock, and as which one.
pub(super) fn holders<'s, 'a>(subject: &'s Subject<'a>, wanted: &Lock) -> Vec<(&'s Peer<'a>, Lock)> {
    let holds = |peer: &'s Peer<'a>| {
        let held = subject.peers.held(subject, peer.goroutine);
        let lock = held.iter().find(|lock| lock.may_be(wanted))?;
        Some((peer, lock.clone()))
    };
    let mut found: Vec<(&Peer<'a>, Lock)> = near(subject).filter_map(holds).collect();
    if found.is_empty() && wanted.is_of_package() {
        found.extend(peers::of_others(subject).filter_map(holds));
    }
    found
}

/// Who runs the function of the same Once.
fn runners(subject: &Subject<'_>) -> Vec<GoroutineId> {
    let wanted = called_on(subject, subject.goroutine, "sync.(*Once).Do", "Do");
    near(subject)
        .filter(|peer| !waits_for_lock(peer.goroutine) || !blocked_in_once(peer.goroutine))
        .filter(|peer| {
            let key = called_on(subject, peer.goroutine, "sync.(*Once).Do", "Do");
            key.is_some() && (wanted.is_none() || key == wanted)
        })
        .map(|peer| peer.id)
        .collect()
}

pub(super) fn blocked_in_once(goroutine: &Goroutine) -> bool {
    // Up to Go 1.23 the runtime's part is named `sync.runtime_…`.
    let of_lock = |func: &str| {
        matches!(name::package(func), "runtime" | "internal/sync")
            || func.starts_with("sync.runtime_")
            || func.starts_with("sync.(*Mutex)")
    };
    let mut frames = goroutine.frames.iter().map(|frame| frame.func.as_str());
    let caller = frames.find(|func| !of_lock(func));
    waits_for_lock(goroutine) && caller.is_some_and(|func| func.starts_with("sync.(*Once)"))
}

/// The WaitGroup that this one waits for, as written.
pub(super) fn group(subject: &Subject<'_>) -> Option<String> {
    let (_, group) = operand_of_std(subject, subject.goroutine, "sync.(*WaitGroup).Wait", "Wait")?;
    Some(group.bare().text().to_owned())
}

/// The Once that this one waits for, as written.
pub(super) fn once(subject: &Subject<'_>) -> Option<String> {
    let frames = &subject.goroutine.frames;
    let called = frames
        .iter()
        .position(|frame| frame.func.as_str() == "sync.(*Once).Do")?;
    let at = frames.get(called + 1)?.at.as_ref()?;
    let calls = on_line(file(subject, at)?, at.line).into_iter();
    let call = calls.rev().find(|call| called_name(call) == Some("Do"))?;
    Some(operand_of(call)?.text().to_owned())
}

/// Goroutines whose code calls Done of the same WaitGroup, or that its Go has started.
fn workers(subject: &Subject<'_>) -> Vec<GoroutineId> {
    let Some(key) = called_on(subject, subject.goroutine, "sync.(*WaitGroup).Wait", "Wait") else {
        return Vec::new();
    };
    let through = doing(subject, &key);
    let has_done = |peer: &&Peer<'_>| {
        in_a_frame(subject, peer, &key, |inside, same| {
            let started = || started_by_go(subject.code.sources, inside.func).and_then(operand_of);
            may_call(inside, "Done", same)
                || may_run_one_of(subject.code.sources, inside, &through)
                || started().is_some_and(same)
        })
    };
    near(subject).filter(has_done).map(|peer| peer.id).collect()
}

/// The functions that call Done of the group of this key.
fn doing<'a>(subject: &Subject<'a>, key: &str) -> Vec<At<'a>> {
    let files = subject.code.sources;
    let wait = operand_of_std(subject, subject.goroutine, "sync.(*WaitGroup).Wait", "Wait");
    let package = wait.map_or(Vec::new(), |(_, group)| files.package(group.file));
    let dones = package.into_iter().flat_map(|file| file.named("Done"));
    let of_group = |call: &At<'a>| {
        let group = operand_of(*call).and_then(|group| held::key(files, group, &Calls::default()));
        group.as_deref() == Some(key)
    };
    let funcs = dones
        .filter_map(call_of)
        .filter(of_group)
        .filter_map(|call| call.func());
    funcs.filter(|func| func.kind() != "func_literal").collect()
}

/// Whether a goroutine has still to call one of some functions in another one.
fn may_run_one_of<'a>(files: &'a GoFiles, inside: &Inside<'a>, funcs: &[At<'a>]) -> bool {
    let is_named = |call: &At<'a>| {
        funcs
            .iter()
            .any(|func| called_name(call) == Some(func.func_name()))
    };
    let is_it = |call: At<'a>| own_callee(files, call).is_some_and(|callee| funcs.contains(&callee));
    let calls = inside.func.find(&["call_expression"]).into_iter();
    let mut calls = calls.filter(|call| is_named(call) && !is_go(*call));
    !funcs.is_empty() && calls.any(|call| is_it(call) && inside.may_run(call))
}

/// Goroutines whose code makes the call that gives back what `taken` takes.
fn owing(subject: &Subject<'_>, taken: &str, gives: &str) -> Vec<GoroutineId> {
    let method = taken.rsplit('.').next().unwrap_or_default();
    let Some(key) = called_on(subject, subject.goroutine, taken, method) else {
        return Vec::new();
    };
    let owes =
        |peer: &&Peer<'_>| in_a_frame(subject, peer, &key, |inside, same| may_call(inside, gives, same));
    near(subject)
        .filter(|peer| !peers::calls(peer.goroutine, &[taken]))
        .filter(owes)
        .map(|peer| peer.id)
        .collect()
}

const COND_WAIT: &str = "sync.(*Cond).Wait";

/// Goroutines whose code goes on to a Signal or Broadcast of the Cond that this one waits for.
fn wakers(subject: &Subject<'_>) -> Vec<GoroutineId> {
    let Some(key) = called_on(subject, subject.goroutine, COND_WAIT, "Wait") else {
        return Vec::new();
    };
    let wakes = |peer: &&Peer<'_>| {
        in_a_frame(subject, peer, &key, |inside, same| {
            let mut methods = ["Broadcast", "Signal"].iter();
            methods.any(|method| may_call(inside, method, same))
        })
    };
    // Another one that waits for it is in need of the same.
    let waits = |peer: &&Peer<'_>| peers::calls(peer.goroutine, &[COND_WAIT]);
    near(subject)
        .filter(|peer| !waits(peer) && wakes(peer))
        .map(|peer| peer.id)
        .collect()
}

/// Whether something is true of a frame of a goroutine, for which is asked whether an expression means the thing of this key.
fn in_a_frame<'a>(
    subject: &Subject<'a>,
    peer: &Peer<'_>,
    key: &str,
    is_true: impl Fn(&Inside<'a>, &dyn Fn(At<'a>) -> bool) -> bool,
) -> bool {
    (0..peer.goroutine.frames.len()).any(|index| {
        let calls = LazyCell::new(|| calls_above(subject, peer.goroutine, index));
        let same = |operand: At<'a>| held::key(subject.code.sources, operand, &calls).as_deref() == Some(key);
        Inside::of(subject, peer.goroutine, index).is_some_and(|inside| is_true(&inside, &same))
    })
}

/// Whether a goroutine has still to call this method of the thing in a function.
fn may_call<'a>(inside: &Inside<'a>, method: &str, same: &dyn Fn(At<'a>) -> bool) -> bool {
    let calls = inside.func.find(&["call_expression"]).into_iter();
    let mut of_thing =
        calls.filter(|call| called_name(call) == Some(method) && operand_of(*call).is_some_and(same));
    of_thing.any(|call| inside.may_run(call))
}

/// `g.Go(func() { … })`, from the literal; `g.Go(t.walk)`, from the one place where the method is handed to a Go.
pub(super) fn started_by_go<'a>(files: &'a GoFiles, func: At<'a>) -> Option<At<'a>> {
    if func.kind() == "func_literal" {
        return handed_to_go(func);
    }
    let found: Vec<At<'a>> = handed_on(files, func)
        .into_iter()
        .filter_map(handed_to_go)
        .collect();
    let key = |call: &At<'a>| held::key(files, operand_of(*call)?, &Calls::default());
    let mut keys: Vec<Option<String>> = found.iter().map(key).collect();
    keys.dedup();
    (keys.len() == 1).then(|| found.first().copied()).flatten()
}

fn inside(subject: &Subject<'_>, func: &str) -> Vec<GoroutineId> {
    let calls = |peer: &&Peer<'_>| {
        let frames = &peer.goroutine.frames;
        frames
            .iter()
            .any(|frame| name::normal(frame.func.as_str()) == func)
    };
    near(subject).filter(calls).map(|peer| peer.id).collect()
}

const GROUP_GO: &str = "golang.org/x/sync/errgroup.(*Group).Go";
pub(super) const GROUP_WAIT: &str = "golang.org/x/sync/errgroup.(*Group).Wait";

/// Goroutines of the same errgroup; where a goroutine's group is not told by its source, it may be of any.
fn of_group(subject: &Subject<'_>) -> Vec<GoroutineId> {
    let on = |func: &str, method: &str| called_on(subject, subject.goroutine, func, method);
    let wanted = on(GROUP_GO, "Go").or_else(|| on(GROUP_WAIT, "Wait"));
    let other = |peer: &&Peer<'_>| {
        let group = group_of(subject, peer.goroutine);
        matches!((&group, &wanted), (Some(group), Some(wanted)) if group != wanted)
    };
    near(subject)
        .filter(|peer| is_of_a_group(peer.goroutine) && !other(peer))
        .map(|peer| peer.id)
        .collect()
}

fn is_of_a_group(goroutine: &Goroutine) -> bool {
    let created = goroutine.created.as_ref();
    created.is_some_and(|created| name::normal(created.func.as_str()) == GROUP_GO)
}

/// The errgroup that has started a goroutine, from the call that its source shows.
fn group_of(subject: &Subject<'_>, goroutine: &Goroutine) -> Option<String> {
    let frames = &goroutine.frames;
    // A function may begin on the line of the call that is handed it.
    let caller =
        call_of_std(subject, goroutine, GROUP_GO, "Go").map(|(index, call)| (index + 1, call.func()));
    (0..frames.len()).find_map(|index| {
        let func = match caller {
            Some((at, func)) if at == index => func?,
            _ => function(subject, &frames[index])?,
        };
        let group = operand_of(started_by_go(subject.code.sources, func)?)?;
        held::key(
            subject.code.sources,
            group,
            &calls_above(subject, goroutine, index),
        )
    })
}

/// Whether the errgroup that this goroutine wants a place in is full of what waits for a place in it, this one among them.
pub(super) fn is_full_of_itself(subject: &Subject<'_>) -> bool {
    let waits = |goroutine: &Goroutine| peers::calls(goroutine, &[GROUP_GO]);
    let wanted = called_on(subject, subject.goroutine, GROUP_GO, "Go");
    let own = || group_of(subject, subject.goroutine);
    let mut others = of_group(subject).into_iter();
    waits(subject.goroutine)
        && is_of_a_group(subject.goroutine)
        && wanted.is_some()
        && wanted == own()
        && others.all(|id| subject.peers.get(id).is_some_and(|peer| waits(peer.goroutine)))
}

/// Where a function further out on this stack has taken a place of what this one waits for a place in, and not given it back.
pub(super) fn holds_a_place<'a>(subject: &Subject<'a>) -> Option<At<'a>> {
    let files = subject.code.sources;
    let frames = &subject.goroutine.frames;
    let own = subject.code.innermost_own(frames)?;
    let weighted = peers::calls(subject.goroutine, &[SEMAPHORE]);
    let of_calls = |func: At<'a>, method: &str| -> Vec<At<'a>> {
        let calls = func.find(&["call_expression"]).into_iter();
        let calls = calls.filter(|call| called_name(call) == Some(method));
        calls.filter_map(|call| operand_of(call)).collect()
    };
    let takes = |func: At<'a>| match weighted {
        true => of_calls(func, "Acquire"),
        false => func
            .find(&["send_statement"])
            .iter()
            .filter_map(|send| send.field("channel"))
            .collect(),
    };
    let gives = |func: At<'a>| match weighted {
        true => of_calls(func, "Release"),
        false => receives(func),
    };
    let key =
        |index: usize, at: At<'a>| held::key(files, at, &calls_above(subject, subject.goroutine, index));
    let on = |index: usize| {
        Some((
            function(subject, &frames[index])?,
            frames[index].at.as_ref()?.line,
        ))
    };
    let (func, line) = on(own)?;
    let wanted = takes(func).into_iter().find(|at| at.line() == line)?;
    let wanted = key(own, wanted)?;
    (own + 1..frames.len())
        .filter(|index| subject.code.is_own(&frames[*index]))
        .find_map(|index| {
            let (func, line) = on(index)?;
            let here = |at: &At<'a>| at.line() < line && key(index, *at).as_ref() == Some(&wanted);
            let taken = takes(func)
                .into_iter()
                .rfind(|at| at.func() == Some(func) && here(at))?;
            let gives = gives(func);
            let given_back = gives
                .iter()
                .any(|at| at.start() > taken.start() && here(at) && !at.is_deferred());
            // A channel counts places only where who takes one gives it back.
            let counts = weighted || gives.iter().any(|at| key(index, *at).as_ref() == Some(&wanted));
            (counts && !given_back).then_some(taken)
        })
}

/// Handlers of the user's that still run.
fn handlers(subject: &Subject<'_>) -> Vec<GoroutineId> {
    let serves = |peer: &&Peer<'_>| {
        let frames = &peer.goroutine.frames;
        frames
            .iter()
            .any(|frame| frame.func.as_str() == "net/http.(*conn).serve")
            && subject.code.innermost_own(frames).is_some()
    };
    near(subject).filter(serves).map(|peer| peer.id).collect()
}

/// The channel of an operation that waits on one alone, and whether it sends.
pub(super) fn channel<'a>(subject: &Subject<'a>) -> Option<(Place<'a>, At<'a>, bool)> {
    let blocked = blocked(subject.goroutine.state.wait_reason()).filter(|way| *way != Blocked::Selecting)?;
    let place = Place::of(subject)?;
    let (channel, sends) = match at_line(place.file, place.line, blocked)? {
        Operation::Range(channel) | Operation::Receive(channel) => (channel, false),
        Operation::Send(channel) => (channel, true),
        Operation::Select(cases) => match &cases[..] {
            [Case { channel, sends, .. }] => (*channel, *sends),
            _ => return None,
        },
    };
    Some((place, channel, sends))
}

/// The goroutines at the other end of the channel that this one waits on.
fn other_ends(subject: &Subject<'_>) -> Vec<GoroutineId> {
    let Some((place, channel, sends)) = channel(subject) else {
        return Vec::new();
    };
    match super::kind::of_flight(&place, channel).is_some() {
        true => inside(subject, SINGLEFLIGHT),
        false => at_other_end(subject, &place, channel, sends),
    }
}

/// The goroutines that receive what a select of this one would send, beside its other cases: what they wait for makes a
/// circle, or tells nothing.
pub(super) fn receivers_of_select(subject: &Subject<'_>) -> Vec<GoroutineId> {
    let sent = sent_by_select(subject).into_iter();
    sent.flat_map(|(_, receivers)| receivers).collect()
}

/// The channel of a select that sends to this goroutine.
pub(super) fn sent_to<'a>(subject: &Subject<'a>, receiver: GoroutineId) -> Option<At<'a>> {
    let sent = sent_by_select(subject).into_iter();
    let mut to_it = sent.filter(|(_, receivers)| receivers.contains(&receiver));
    to_it.next().map(|(channel, _)| channel)
}

/// The channels that a select sends on, with the goroutines that receive from them.
fn sent_by_select<'a>(subject: &Subject<'a>) -> Vec<(At<'a>, Vec<GoroutineId>)> {
    if subject.goroutine.state.wait_reason() != WaitReason::Select {
        return Vec::new();
    }
    let Some(place) = Place::of(subject) else {
        return Vec::new();
    };
    let Some(Operation::Select(cases)) = at_line(place.file, place.line, Blocked::Selecting) else {
        return Vec::new();
    };
    let sends = cases.iter().filter(|case| case.sends);
    let receivers = |case: &Case<'a>| at_other_end(subject, &place, case.channel, true);
    sends.map(|case| (case.channel, receivers(case))).collect()
}

/// Goroutines whose own code goes on to the other end of a channel.
fn at_other_end<'a>(
    subject: &Subject<'a>,
    place: &Place<'a>,
    channel: At<'a>,
    sends: bool,
) -> Vec<GoroutineId> {
    let Some(key) = held::key(place.files, channel, &place.calls) else {
        return Vec::new();
    };
    let files = place.files;
    let is_it = |end: At<'a>, calls: &Calls<'a>| {
        let known = one_of(files, end, calls).or_else(|| held::key(files, end, calls));
        known.as_ref() == Some(&key)
    };
    let ends = |func| match sends {
        true => receives(func),
        false => senders(func),
    };
    let mut found = Vec::new();
    let mut held = 0;
    for peer in near(subject).filter(|peer| !is_at_end(subject, peer.goroutine, &key, !sends)) {
        let here = Cell::new(0);
        let same = |end: At<'a>, calls: &Calls<'a>| {
            let is_end = is_it(end, calls);
            if is_end {
                let all = end.func().map_or(Vec::new(), ends).into_iter();
                let names: BTreeSet<&str> = all
                    .filter(|end| is_it(*end, calls))
                    .map(|end| end.text())
                    .collect();
                here.set(names.len());
            }
            is_end
        };
        if comes_to(subject, peer.goroutine, 0, same, ends).is_some() {
            found.push(peer.id);
            held += here.get();
        }
    }
    if let Some(one) = started_with(subject, place, channel, &found) {
        return vec![one];
    }
    // One that a function makes at each of its calls may be one that none of these has.
    if made_times(place, channel).is_none_or(|made| made <= held) {
        return found;
    }
    let of_this_call = |id: &GoroutineId| {
        let maker = maker(place, channel);
        let other = subject.peers.get(*id);
        maker
            .zip(other)
            .is_some_and(|(maker, other)| is_of_one_call(subject, other, maker))
    };
    found.retain(of_this_call);
    match found.len() {
        1 => found,
        _ => Vec::new(),
    }
}

/// The call of the function that has made a channel for itself and returned it: `after(f)` of `done := after(f)`.
fn making_call<'a>(place: &Place<'a>, channel: At<'a>) -> Option<At<'a>> {
    let maker = maker(place, channel)?;
    let values = place.values(channel);
    let mut steps = values.first()?.path.iter().copied();
    steps.find(|step| step.kind() == "call_expression" && own_callee(place.files, *step) == Some(maker))
}

/// The one goroutine that runs what the call is given which has made a channel: `done := after(func() { … })`.
fn started_with<'a>(
    subject: &Subject<'a>,
    place: &Place<'a>,
    channel: At<'a>,
    all: &[GoroutineId],
) -> Option<GoroutineId> {
    let call = making_call(place, channel).filter(|_| !all.is_empty())?;
    let given = call.field("arguments")?.children();
    let runs = |frame: &Frame| {
        let name = last_name(frame.func.as_str());
        given.iter().any(|given| match given.kind() {
            "func_literal" => function(subject, frame) == Some(*given),
            "selector_expression" => given.field("field").is_some_and(|field| field.text() == name),
            "identifier" => given.text() == name,
            _ => false,
        })
    };
    let runs_it = |id: &&GoroutineId| {
        let peer = subject.peers.get(**id);
        peer.is_some_and(|peer| peer.goroutine.frames.iter().any(runs))
    };
    let found: Vec<&GoroutineId> = all.iter().filter(runs_it).collect();
    let is_child =
        |id: &&GoroutineId| subject.peers.get(**id).and_then(|peer| peer.parent) == Some(subject.id);
    match found[..] {
        [one] => Some(*one),
        _ => match found.iter().copied().filter(is_child).collect::<Vec<_>>()[..] {
            [one] => Some(*one),
            _ => None,
        },
    }
}

/// Whether one of two goroutines is in a function, and has started the other one there.
fn is_of_one_call(subject: &Subject<'_>, other: &Peer<'_>, maker: At<'_>) -> bool {
    let own = subject.peers.get(subject.id);
    let starts = |parent: &Peer<'_>, child: &Peer<'_>| {
        let is_in = || is_in(subject, parent.goroutine, maker);
        let created = child
            .goroutine
            .created
            .as_ref()
            .and_then(|created| created.at.as_ref());
        let there = || {
            created.is_some_and(|at| {
                let file = file(subject, at);
                file.is_some_and(|file| {
                    std::ptr::eq(file, maker.file) && maker.line() <= at.line && at.line <= maker.last_line()
                })
            })
        };
        child.parent == Some(parent.id) && is_in() && there()
    };
    own.is_some_and(|own| starts(own, other) || starts(other, own))
}

/// The function that makes a channel for itself.
fn maker<'a>(place: &Place<'a>, channel: At<'a>) -> Option<At<'a>> {
    let values = place.values(channel);
    let [value] = &values[..] else { return None };
    let var = flow::beside(place.files, value.expr, 0)?;
    value.expr.top_func().filter(|_| matches!(var, Var::Local(_)))
}

/// From how many places of the test the function is called that makes a channel for itself.
fn made_times<'a>(place: &Place<'a>, channel: At<'a>) -> Option<usize> {
    let func = maker(place, channel)?;
    Some(callers_from(place.files, func, place.calls.test).len())
}

/// Whether a goroutine waits at an end of a channel of this name. It waits on another one than who waits at the other end: one
/// channel would have let both go on.
pub(super) fn is_at_end(subject: &Subject<'_>, goroutine: &Goroutine, key: &str, sends: bool) -> bool {
    let Some(blocked) = blocked(goroutine.state.wait_reason()) else {
        return false;
    };
    let other = Subject {
        goroutine,
        ..*subject
    };
    let Some(place) = Place::of(&other) else {
        return false;
    };
    let ends: Vec<(At<'_>, bool)> = match at_line(place.file, place.line, blocked) {
        Some(Operation::Range(channel) | Operation::Receive(channel)) => vec![(channel, false)],
        Some(Operation::Send(channel)) => vec![(channel, true)],
        Some(Operation::Select(cases)) => cases.iter().map(|case| (case.channel, case.sends)).collect(),
        None => Vec::new(),
    };
    let is_it = |(channel, way): (At<'_>, bool)| {
        way == sends && held::key(place.files, channel, &place.calls).as_deref() == Some(key)
    };
    ends.into_iter().any(is_it)
}

/// Frames of a goroutine that are read.
const MOST_FRAMES: usize = 12;

/// Where a goroutine comes, when it goes on, to an end of a channel in one of its frames from `first` on.
fn comes_to<'a>(
    subject: &Subject<'a>,
    goroutine: &Goroutine,
    first: usize,
    same: impl Fn(At<'a>, &Calls<'a>) -> bool,
    ends: impl Fn(At<'a>) -> Vec<At<'a>>,
) -> Option<At<'a>> {
    let test = test_function(subject);
    (first..goroutine.frames.len().min(MOST_FRAMES)).find_map(|index| {
        let inside = Inside::of(subject, goroutine, index)?;
        // A loop further out may call the function again, once what another goroutine waits for has come.
        let again = || {
            let further_out = index + 1..goroutine.frames.len().min(MOST_FRAMES);
            let mut outer = further_out.filter_map(|outer| Inside::of(subject, goroutine, outer));
            first == 0 && outer.any(|outer| outer.comes_back())
        };
        let ends = ends(inside.func).into_iter();
        let mut ends = ends.filter(|end| inside.may_run(*end) || again()).peekable();
        ends.peek()?;
        let calls = Calls {
            test,
            ..calls_above(subject, goroutine, index)
        };
        ends.find(|end| same(*end, &calls))
    })
}

/// Where this goroutine would close the channel itself that it receives from, once a function further out goes on.
pub(super) fn closed_by_itself<'a>(subject: &Subject<'a>) -> Option<At<'a>> {
    let (place, channel, sends) = channel(subject)?;
    let key = held::key(place.files, channel, &place.calls).filter(|_| !sends)?;
    let frames = &subject.goroutine.frames;
    let waits = site(frames).and_then(|site| frames.iter().position(|frame| std::ptr::eq(frame, site)))?;
    let same = |end: At<'a>, calls: &Calls<'a>| held::key(place.files, end, calls).as_ref() == Some(&key);
    let close = comes_to(subject, subject.goroutine, waits + 1, same, closes)?;
    // What it has called further in has made a channel anew.
    let made = making_call(&place, channel);
    let funcs = frames.iter().map(|frame| function(subject, frame));
    let mut further_in = funcs.take_while(|func| *func != close.func());
    let is_another = made.is_some_and(|made| further_in.any(|func| func.is_some() && func == made.func()));
    (!is_another).then_some(close)
}

/// Where this goroutine itself would receive from the channel that it sends on, in a function further out, and no other one would.
pub(super) fn received_by_itself<'a>(
    subject: &Subject<'a>,
    place: &Place<'a>,
    channel: At<'a>,
) -> Option<At<'a>> {
    let sent = held::thing(place.files, channel, &place.calls)?;
    let frames = &subject.goroutine.frames;
    let waits = site(frames).and_then(|site| frames.iter().position(|frame| std::ptr::eq(frame, site)))?;
    // Of several that a function makes, one may be sent to by who has another.
    let is_one = maker(place, channel).is_some_and(|maker| {
        let calls = callers_from(place.files, maker, place.calls.test);
        matches!(calls[..], [call] if !in_loop(&call)) && !runs_often(place, maker)
    });
    let same = |end: At<'a>, calls: &Calls<'a>| {
        let received = held::thing(place.files, end, calls);
        received.is_some_and(|received| received.is(&sent) || is_one && received.key == sent.key)
    };
    let receive = comes_to(subject, subject.goroutine, waits + 1, same, receives)?;
    at_other_end(subject, place, channel, true)
        .is_empty()
        .then_some(receive)
}

/// The text for the place that makes every channel which an expression may hold.
fn one_of<'a>(files: &'a GoFiles, channel: At<'a>, calls: &Calls<'a>) -> Option<String> {
    let values = values::values(files, channel, calls);
    let made = values.first()?.expr;
    let is_one = values.iter().all(|value| value.expr == made);
    is_one.then(|| held::made_at(made)).flatten()
}

/// Who waits, in a loop, for a value of the channel that this one sends on, and whether it surely is that channel.
pub(super) fn takes_in_a_loop(subject: &Subject<'_>) -> Option<(String, bool)> {
    let place = Place::of(subject)?;
    let Operation::Send(channel) = at_line(place.file, place.line, Blocked::Sending)? else {
        return None;
    };
    let sent = held::thing(place.files, channel, &place.calls)?;
    let works = |goroutine: &Goroutine| goroutine.state.wait_reason() == WaitReason::Running;
    let sender = subject
        .peers
        .get(subject.id)
        .map_or(subject.goroutine, |peer| peer.goroutine);
    let takes = |peer: &Peer<'_>| {
        // A sender and a receiver that both wait do so on two channels: one would have let both go on.
        if !works(sender) && !works(peer.goroutine) {
            return None;
        }
        let other = subject.beside(peer);
        // One that the dump shows at work is on its way back to its receive.
        let settled = super::settled(&other);
        let other = Subject {
            goroutine: settled.as_ref().unwrap_or(peer.goroutine),
            ..other
        };
        if other.goroutine.state.wait_reason() != WaitReason::ChanReceive {
            return None;
        }
        let at = Place::of(&other)?;
        let channel = match at_line(at.file, at.line, Blocked::Receiving)? {
            Operation::Range(channel) => channel,
            Operation::Receive(channel) if super::loops::in_loop(&channel) => channel,
            _ => return None,
        };
        let received = held::thing(at.files, channel, &at.calls)?;
        let is_it = received.is(&sent);
        (is_it || received.may_be(&sent)).then(|| (peers::who(peer.goroutine), is_it))
    };
    let mut found: Vec<(String, bool)> = near(subject).filter_map(takes).collect();
    found.sort_by_key(|(_, is_it)| !is_it);
    found.into_iter().next()
}

/// Channels that a function sends on or closes.
fn senders(func: At<'_>) -> Vec<At<'_>> {
    let mut found: Vec<At<'_>> = func
        .find(&["send_statement"])
        .iter()
        .filter_map(|send| send.field("channel"))
        .collect();
    found.extend(closes(func));
    found
}

/// Channels that a function closes.
fn closes(func: At<'_>) -> Vec<At<'_>> {
    let calls = func.find(&["call_expression"]).into_iter();
    let calls = calls.filter(|call| called_name(call) == Some("close"));
    calls
        .filter_map(|call| call.field("arguments")?.first())
        .collect()
}

/// Channels that a function receives from.
fn receives(func: At<'_>) -> Vec<At<'_>> {
    let unary = func.find(&["unary_expression"]).into_iter();
    let mut found: Vec<At<'_>> = unary
        .filter(|node| node.has_token("<-"))
        .filter_map(|node| node.field("operand"))
        .collect();
    found.extend(
        func.find(&["range_clause"])
            .iter()
            .filter_map(|range| range.field("right")),
    );
    found
}
