//! Locks: who holds what, and the circles that waits make.

use super::chain::{self, Link};
use super::held::{self, Inside, Lock};
use super::peers::{self, who, who_of};
use super::place::{Place, short, short_location};
use super::stack::site;
use super::waits;
use super::{
    Peer, Subject, awaited, channel, cond, fact, gate, group, judge_alone, kept, own_lock, plain, too_late,
};
use crate::go_source::calls::{called_name, operand_of};
use crate::go_source::{At, Calls, Var, flow};
use crate::goroutine::{Goroutine, GoroutineId, WaitReason, name};
use crate::leak::{Cause, CauseCode, WaitsBecause, WaitsFor};

/// Workers of a WaitGroup that are looked at.
const MAX_WORKERS: usize = 4;

/// Longest circle that is looked for.
const MAX_CYCLE: usize = 6;

/// Adds who the goroutine waits for: the holder of its lock, the circle, and what that one waits for.
pub(super) fn explain(subject: &Subject<'_>, mut cause: Cause) -> Cause {
    cause.waits_for_goroutines = waits::of(subject);
    if channel::counts_places(subject, &cause) {
        cause
            .waits_for_goroutines
            .retain(|wait| wait.reason != WaitsBecause::OtherEnd);
    }
    if matches!(cause.code, CauseCode::MutexLocked | CauseCode::RwMutexLocked) {
        name_the_lock(subject, &mut cause);
    }
    let waits_for_itself = group::explain(subject, &mut cause);
    if cond::explain(subject, &mut cause) {
        cause
            .waits_for_goroutines
            .retain(|wait| wait.reason != WaitsBecause::Wakes);
    }
    // A group that is full of its own callers is no matter of their order.
    let is_other = |circle: &Vec<Step>| circle.iter().any(|step| step.reason != WaitsBecause::Group);
    let circle = circle(subject, &mut cause.waits_for_goroutines).filter(is_other);
    if let Some(circle) = circle.filter(|_| !waits_for_itself) {
        let members: Vec<GoroutineId> = circle
            .iter()
            .map(|step| step.id)
            .filter(|id| *id != subject.id)
            .collect();
        let links: Vec<Link> = circle.iter().map(Step::link).collect();
        let second = links.get(1).map(|next| (next, chain::rest(&links)));
        if let Some((next, rest)) = second {
            let next_waits = format!("{} ({}){rest}", next.wants, next.at);
            if let Some((_, what)) = other_end(subject, &cause) {
                cause.waits_for = format!("{what}: that waits for {next_waits}");
            } else {
                tell(&mut cause, &links, &next_waits);
            }
        }
        cause.notes.push(told(&circle));
        let mut others = members.iter().filter_map(|id| subject.peers.get(*id));
        if let Some(fix) = too_late::fix(subject) {
            cause.fix = fix;
        } else if !others.any(|peer| too_late::explain_worker(&subject.beside(peer), peer, &mut cause)) {
            cause.fix = fix_of(&circle);
        }
        cause.waits_for_goroutines.push(WaitsFor {
            reason: WaitsBecause::Cycle,
            goroutines: members,
        });
        return cause;
    }
    name_the_other_end(subject, &mut cause);
    name_the_waker(subject, &mut cause);
    if !waits_for_itself {
        end_the_worker(subject, &mut cause);
    }
    too_late::explain(subject, &mut cause);
    name_what_is_held(subject, &mut cause);
    cause
}

/// Adds what the next one of a circle waits for, and so on, to what the goroutine waits for.
fn tell(cause: &mut Cause, links: &[Link], next_waits: &str) {
    let [first, next, ..] = links else { return };
    let waits_for = &cause.waits_for;
    let told = match first.reason {
        // A reader that waits behind a writer says so.
        WaitsBecause::HoldsLock if waits_for.contains(HOLDS_WHILE) => {
            let before = waits_for.split(HOLDS_WHILE).next().unwrap_or_default();
            match &next.holds {
                Some((_, place)) if before.contains(place.as_str()) => {
                    format!("{before}{HOLDS_WHILE}{next_waits}")
                }
                _ => return,
            }
        }
        WaitsBecause::RunsOnce => format!(
            "{}, whose function {} runs: that waits for {next_waits}",
            first.wants, next.who
        ),
        WaitsBecause::Wakes => format!(
            "{}, to which {} does not come: that waits for {next_waits}",
            first.wants, next.who
        ),
        WaitsBecause::WaitGroup => {
            let is_one = !["goroutines of", "more have"]
                .iter()
                .any(|many| waits_for.contains(many));
            let who = if is_one { "that" } else { "one of them" };
            format!("{waits_for}: {who} waits for {next_waits}")
        }
        // Beside its other cases.
        WaitsBecause::OtherEnd => {
            let channel = first.wants.trim_start_matches("a receive from ");
            format!(
                "{waits_for}: {}, which receives from {channel}, waits for {next_waits}",
                next.who
            )
        }
        _ => return,
    };
    cause.waits_for = told;
}

/// How the holder of a lock goes on to what that waits for.
const HOLDS_WHILE: &str = " and holds while it waits for ";

/// What ends a goroutine that a WaitGroup waits for.
fn end_the_worker(subject: &Subject<'_>, cause: &mut Cause) {
    let mut waits = cause.waits_for_goroutines.iter();
    let of_group = peers::calls(subject.goroutine, &[waits::GROUP_WAIT]);
    let worker = waits.find(|wait| match wait.reason {
        WaitsBecause::WaitGroup => cause.code == CauseCode::WaitGroup,
        WaitsBecause::Group => of_group,
        _ => false,
    });
    let workers = worker.map_or(&[][..], |wait| &wait.goroutines[..]);
    let judged = |id: &GoroutineId| {
        let peer = subject.peers.get(*id).filter(|peer| peer.id != subject.id)?;
        let other = subject.beside(peer);
        let alone = judge_alone(&other);
        // One that waits for a group too may wait for this one.
        let waits_too = matches!(alone.code, CauseCode::WaitGroup | CauseCode::CallWaits);
        (!waits_too).then(|| (peer, explain(&other, alone)))
    };
    let circle_of = |cause: &Cause| {
        let mut waits = cause.waits_for_goroutines.iter();
        let circle = waits.find(|wait| wait.reason == WaitsBecause::Cycle);
        circle.map_or(usize::MAX, |wait| wait.goroutines.len())
    };
    // One of those at each line: what they wait for is the same.
    let mut lines: Vec<String> = Vec::new();
    let mut is_first = |id: &&GoroutineId| {
        let at = subject.peers.get(**id).map(|peer| place_of(peer.goroutine));
        let is_new = at.as_ref().is_some_and(|at| !lines.contains(at));
        lines.extend(at);
        is_new
    };
    let found = workers
        .iter()
        .filter(|id| is_first(id))
        .take(MAX_WORKERS)
        .filter_map(judged);
    let mut found: Vec<(&Peer<'_>, Cause)> = found.collect();
    // A circle says more than what leads to one, and a short one more than one with who waits behind it.
    found.sort_by_key(|(_, cause)| circle_of(cause));
    let Some((peer, first)) = found.into_iter().next() else {
        return;
    };
    let mut circle = first.waits_for_goroutines.iter();
    if let Some(circle) = circle.find(|wait| wait.reason == WaitsBecause::Cycle) {
        let is_in = |id: &GoroutineId| *id == peer.id || circle.goroutines.contains(id);
        let who = match workers {
            [_] => "that waits",
            all if all.iter().all(is_in) => "they wait",
            _ => "one of them waits",
        };
        cause.waits_for = format!("{}: {who} in a circle", cause.waits_for);
        let mut notes = first.notes.iter();
        let circle = notes.find_map(|note| CIRCLES.iter().find_map(|name| note.strip_prefix(name)));
        if let Some(circle) = circle {
            cause.waits_for += circle;
        }
        cause.fix = first.fix;
        return;
    }
    if too_late::explain_worker(&subject.beside(peer), peer, cause) {
        return;
    }
    cause.fix = format!(
        "end the wait of {} first: {}",
        who_of(peer),
        fact::joined(&first.fix)
    );
}

/// Names a goroutine that would come to the other end of the channel, and waits for something else itself.
fn name_the_other_end(subject: &Subject<'_>, cause: &mut Cause) {
    let Some((peer, what)) = other_end(subject, cause) else {
        return;
    };
    waits_in_turn(subject, peer, &what, cause);
}

/// Says what another goroutine, which has to go on before this one can, waits for itself.
fn waits_in_turn<'a>(subject: &Subject<'a>, peer: &Peer<'a>, what: &str, cause: &mut Cause) {
    let other = subject.beside(peer);
    let mut first = by_itself(&other);
    cause.waits_for = format!(
        "{what}: that waits for {}{}",
        wanted_by(&other, &first),
        place_of(peer.goroutine)
    );
    if is_lock(first.code) {
        name_the_lock(&other, &mut first);
    }
    cause.fix = match awaited::called_after(&other, subject) {
        Some(fix) => fix,
        None => format!(
            "end the wait of {} first: {}",
            who_of(peer),
            fact::joined(&first.fix)
        ),
    };
}

/// Names a goroutine that would wake this one through its Cond, and waits for something else itself.
fn name_the_waker(subject: &Subject<'_>, cause: &mut Cause) {
    let mut waits = cause.waits_for_goroutines.iter();
    let wakers = waits.find(|wait| wait.reason == WaitsBecause::Wakes);
    let first = wakers.and_then(|wait| subject.peers.get(*wait.goroutines.first()?));
    let (Some(peer), Some(cond)) = (first, cond::cond(subject)) else {
        return;
    };
    // What runs may come to it.
    if peer.goroutine.state.wait_reason() == WaitReason::Running {
        return;
    }
    let who = who_of(peer);
    let what = format!("a Signal or Broadcast on `{cond}`, to which {who} does not come");
    waits_in_turn(subject, peer, &what, cause);
}

/// The cause of a goroutine, with what the source says of its group or Cond, and without who else waits for it.
fn by_itself(subject: &Subject<'_>) -> Cause {
    let mut cause = judge_alone(subject);
    cause.waits_for_goroutines = waits::of(subject);
    group::explain(subject, &mut cause);
    cond::explain(subject, &mut cause);
    cause
}

/// The goroutine that would come to the other end of the channel, and that it does not, in words.
fn other_end<'s, 'a>(subject: &'s Subject<'a>, cause: &Cause) -> Option<(&'s Peer<'a>, String)> {
    let mut waits = cause.waits_for_goroutines.iter();
    let end = waits.find(|wait| wait.reason == WaitsBecause::OtherEnd)?;
    let peer = subject.peers.get(*end.goroutines.first()?)?;
    // What runs may come to it.
    (peer.goroutine.state.wait_reason() != WaitReason::Running).then_some(())?;
    let (_, channel, sends) = waits::channel(subject)?;
    let what = match sends {
        true => "a receive from",
        false => "a value from",
    };
    let who = who_of(peer);
    Some((
        peer,
        format!("{what} `{}`, to which {who} does not come", channel.text()),
    ))
}

/// A lock that it holds while it waits for something else, and that others wait for.
fn name_what_is_held(subject: &Subject<'_>, cause: &mut Cause) {
    if is_lock(cause.code) {
        return;
    }
    let held = subject.peers.held(subject, subject.goroutine);
    let waiting = |lock: &Lock| waits::for_lock(subject, lock);
    let Some((lock, waiting)) = held
        .iter()
        .map(|lock| (lock, waiting(lock)))
        .find(|(_, waiting)| !waiting.is_empty())
    else {
        return;
    };
    let wakes = waits::of(subject)
        .into_iter()
        .find(|wait| wait.reason == WaitsBecause::Wakes);
    let waker = wakes.and_then(|wakes| waiting.iter().find(|id| wakes.goroutines.contains(id)).copied());
    let peers = waiting.iter().filter_map(|id| subject.peers.get(*id));
    let mut waiting: Vec<String> = peers
        .map(|peer| format!("{} waits{}", who_of(peer), place_of(peer.goroutine)))
        .collect();
    waiting.sort();
    waiting.dedup();
    let others = match &waiting[..] {
        [one] => one.clone(),
        [first, ..] => format!("{first} and others do"),
        [] => return,
    };
    cause.waits_for = format!(
        "{}; it holds `{}` ({}) meanwhile, for which {others}",
        cause.waits_for, lock.expr, lock.place
    );
    if protects_the_channel(subject, lock) {
        return;
    }
    // No code to copy: a deferred Unlock would be one too many.
    let unlock = format!("unlock `{}` before it waits", lock.expr);
    if let Some(waker) = waker.and_then(|id| subject.peers.get(id)) {
        cause.fix = format!(
            "{unlock}: {} needs it to get to its Signal or Broadcast",
            who_of(waker)
        );
        return;
    }
    cause.fix = match cause.fix == plain(cause.code).fix {
        true => format!("{unlock}; and {}", cause.fix),
        false => format!("{}; and {unlock}", cause.fix),
    };
}

/// Whether the variable of the channel that it waits on is given another value, or closed, under the same lock elsewhere: without
/// the lock it may be nil or closed by then.
fn protects_the_channel(subject: &Subject<'_>, held: &Lock) -> bool {
    let Some((place, channel, _)) = waits::channel(subject) else {
        return false;
    };
    let Some(var @ Var::Field(..)) = place.variable(channel) else {
        return false;
    };
    let names = flow::names(place.files, var.clone());
    let closes = names
        .iter()
        .flat_map(|name| flow::arguments_of(place.files, name, "close"));
    let changes = flow::changes(place.files, &var).into_iter().map(|(_, by)| by);
    let is_under_it = |at: At<'_>| {
        let calls = at
            .func()
            .map_or(Vec::new(), |func| func.find(&["call_expression"]));
        let mut takes = calls.into_iter().filter(|call| {
            let is_lock = called_name(call).is_some_and(|name| held::TAKES.contains(&name));
            is_lock && call.end() <= at.start() && !call.is_deferred()
        });
        takes.any(|call| {
            held::lock(place.files, call, &Calls::default()).is_some_and(|lock| lock.may_be(held))
        })
    };
    closes.chain(changes).any(is_under_it)
}

fn name_the_lock(subject: &Subject<'_>, cause: &mut Cause) {
    let Some(wanted) = held::wanted(subject) else {
        return name_the_holder(subject, cause);
    };
    let kind = match cause.code {
        CauseCode::RwMutexLocked => "an RWMutex",
        _ => "a mutex",
    };
    let expr = &wanted.expr;
    cause.waits_for = format!("`{expr}`, {kind} that is locked and never unlocked");
    let own = own_lock::own(subject, &wanted);
    let writer = || waits::writers(subject, &wanted).into_iter().next();
    if let Some(own) = own.as_ref().filter(|own| own.lock.read && wanted.read)
        && let Some(writer) = writer()
    {
        cause.waits_for = format!(
            "`{expr}`, {kind} that it has read-locked at {} already: {} waits to write, and a new reader waits behind that",
            own.lock.place,
            who(writer.goroutine)
        );
        cause.fix =
            format!("do not read-lock `{expr}` again in a function that is called with it read-locked");
        return;
    }
    let holders = waits::holders(subject, &wanted);
    // A read lock alone keeps no reader out.
    let own = own.filter(|own| own.is_sure || holders.is_empty());
    if let Some(own) = own.filter(|own| !(own.lock.read && wanted.read)) {
        return own_lock::explain(subject, cause, kind, &wanted, &own);
    }
    if let [(peer, lock), ..] = &holders[..] {
        let (who, why) = holder(subject, peer);
        // Two calls of one function name their locks by its parameters.
        let as_other = match lock.expr == *expr {
            true => String::new(),
            false => format!(" as `{}`", lock.expr),
        };
        cause.waits_for = format!(
            "`{expr}`, {kind} that {who} locked{as_other} at {}{HOLDS_WHILE}{why}",
            lock.place
        );
        cause.fix = format!(
            "end the wait of {who} first, or unlock `{}` before it waits",
            lock.expr
        );
        return;
    }
    let Some(place) = Place::of(subject) else { return };
    if let [one] = &kept::never_given_back(place.files, &wanted, place.file)[..] {
        let (how, fix) = gate::told(&place, one);
        cause.waits_for = format!(
            "`{expr}`, {kind} that {} locked at {} {how}",
            one.lock.func, one.lock.place
        );
        cause.fix = fix;
        return;
    }
    let kept = kept::kept_on_a_path(place.files, &wanted, place.file);
    let Some((lock, at)) = kept.first() else { return };
    let (goes, _) = way(at);
    cause.waits_for = format!(
        "`{expr}`, {kind} that {} locks at {} and does not unlock on the path that {goes} at line {}",
        lock.func,
        lock.place,
        at.line()
    );
    if kept.len() == 1 && !super::select::in_loop(at) {
        cause.fix = kept::unlock_on_every_path(place.files, lock, at.func());
        return;
    }
    // What is deferred waits for the end of the function, not of the round.
    let each = kept.iter().map(|(lock, at)| {
        format!(
            "in {} before the `{}` at line {}",
            lock.func,
            way(at).1,
            at.line()
        )
    });
    let unlock = match lock.read {
        true => format!("call `{}.RUnlock()`", lock.expr),
        false => format!("unlock `{}`", lock.expr),
    };
    cause.fix = format!("{unlock} {} too", each.collect::<Vec<_>>().join(", and "));
}

/// How a statement leaves: in words, and as written.
fn way(leaves: &At<'_>) -> (&'static str, &'static str) {
    match leaves.kind() {
        "continue_statement" => ("continues", "continue"),
        "break_statement" => ("leaves the loop", "break"),
        _ => ("returns", "return"),
    }
}

/// A lock of a library: who is in the same function of it, and does not wait for the lock.
fn name_the_holder(subject: &Subject<'_>, cause: &mut Cause) {
    let (Some(peer), Some(frame)) = (waits::inside_too(subject), site(&subject.goroutine.frames)) else {
        return;
    };
    let (who, why) = holder(subject, peer);
    cause.waits_for = format!(
        "the lock of {}, which {who} holds while it waits for {why}",
        name::short(&name::normal(frame.func.as_str()))
    );
    cause.fix = format!("end the wait of {who} first");
}

/// Who holds the lock, and what it waits for itself.
fn holder(subject: &Subject<'_>, peer: &Peer<'_>) -> (String, String) {
    (who(peer.goroutine), waits_for(&subject.beside(peer)))
}

/// What a goroutine waits for, and where.
pub(super) fn waits_for(subject: &Subject<'_>) -> String {
    let wanted = wanted_by(subject, &by_itself(subject));
    format!("{wanted}{}", place_of(subject.goroutine))
}

/// What a goroutine waits for, a lock by its name alone.
fn wanted_by(subject: &Subject<'_>, cause: &Cause) -> String {
    match held::wanted(subject).filter(|_| is_lock(cause.code)) {
        Some(Lock { expr, .. }) => format!("`{expr}`"),
        None => cause.waits_for.clone(),
    }
}

/// ` (conn.go:12)`: where it waits.
fn place_of(goroutine: &Goroutine) -> String {
    let at = site(&goroutine.frames).and_then(|frame| frame.at.as_ref());
    at.map_or_else(String::new, |at| format!(" ({})", short_location(at)))
}

fn is_lock(code: CauseCode) -> bool {
    matches!(code, CauseCode::MutexLocked | CauseCode::RwMutexLocked)
}

/// One goroutine of a circle, and why it waits for the next.
struct Step {
    id: GoroutineId,
    reason: WaitsBecause,
    /// `m.(*L).buy`.
    who: String,
    /// What it holds that the one before it wants, and where it took it.
    holds: Option<Lock>,
    /// The function on its stack that took it: the goroutine may be a closure of the test's that calls it.
    holder: String,
    wants: Option<Lock>,
    /// The call under that lock that leads to what it waits for: `` `w.onEvent` (cache.go:103) ``.
    under: Option<String>,
    /// The Unlock of that right after its own Lock: nothing between needs both.
    early: Option<String>,
    /// The channel whose other end it waits for, and whether it sends.
    channel: Option<(String, bool)>,
    /// What it waits for, when that is no lock.
    waits_for: String,
    at: String,
}

impl Step {
    fn wants(&self) -> String {
        match &self.wants {
            Some(lock) => format!("`{}`", lock.expr),
            None => self.waits_for.clone(),
        }
    }

    fn link(&self) -> Link {
        Link {
            who: self.who.clone(),
            reason: self.reason,
            wants: self.wants(),
            at: self.at.clone(),
            holds: self
                .holds
                .as_ref()
                .map(|lock| (lock.expr.clone(), lock.place.clone())),
        }
    }
}

/// From one to the next, until the chain comes back to where it began.
fn circle(subject: &Subject<'_>, first: &mut Vec<WaitsFor>) -> Option<Vec<Step>> {
    let mut chain = vec![(subject.id, None)];
    if follow(subject, subject.id, first, &mut chain) {
        return Some(steps(subject, &chain));
    }
    // A select has other ways out: who receives what it sends counts only if that one waits for it.
    let receivers = waits::receivers_of_select(subject);
    if receivers.is_empty() {
        return None;
    }
    let sends = WaitsFor {
        reason: WaitsBecause::OtherEnd,
        goroutines: receivers,
    };
    let mut chain = vec![(subject.id, None)];
    let is_circle = follow(subject, subject.id, std::slice::from_ref(&sends), &mut chain);
    is_circle.then(|| {
        first.push(sends);
        steps(subject, &chain)
    })
}

fn follow(
    subject: &Subject<'_>,
    start: GoroutineId,
    waits: &[WaitsFor],
    chain: &mut Vec<(GoroutineId, Option<WaitsBecause>)>,
) -> bool {
    if chain.len() > MAX_CYCLE {
        return false;
    }
    for wait in waits {
        for id in &wait.goroutines {
            if let Some(last) = chain.last_mut() {
                last.1 = Some(wait.reason);
            }
            if *id == start && chain.len() > 1 {
                return true;
            }
            if chain.iter().any(|(known, _)| known == id) {
                continue;
            }
            let Some(peer) = subject.peers.get(*id) else {
                continue;
            };
            let other = subject.beside(peer);
            chain.push((*id, None));
            let mut next = waits::of(&other);
            next.push(WaitsFor {
                reason: WaitsBecause::OtherEnd,
                goroutines: waits::receivers_of_select(&other),
            });
            if follow(subject, start, &next, chain) {
                return true;
            }
            chain.pop();
        }
    }
    false
}

fn steps(subject: &Subject<'_>, chain: &[(GoroutineId, Option<WaitsBecause>)]) -> Vec<Step> {
    let of = |id: GoroutineId| {
        let peer = subject.peers.get(id)?;
        Some(subject.beside(peer))
    };
    let mut steps: Vec<Step> = Vec::new();
    for (index, (id, reason)) in chain.iter().enumerate() {
        let (Some(one), Some(reason)) = (of(*id), *reason) else {
            continue;
        };
        let before = chain[(index + chain.len() - 1) % chain.len()];
        let wanted_before = of(before.0)
            .filter(|_| before.1 == Some(WaitsBecause::HoldsLock))
            .and_then(|before| held::wanted(&before));
        let holds = wanted_before.and_then(|wanted| {
            let held = one.peers.held(&one, one.goroutine);
            held.iter().find(|lock| lock.may_be(&wanted)).cloned()
        });
        let at = site(&one.goroutine.frames).and_then(|frame| frame.at.as_ref());
        let took = holds.as_ref().and_then(|lock: &Lock| {
            let mut names = one
                .goroutine
                .frames
                .iter()
                .map(|frame| name::short(&name::normal(frame.func.as_str())));
            names.find(|name| name.rsplit('.').next() == Some(lock.func.as_str()))
        });
        let after = chain[(index + 1) % chain.len()].0;
        let alone = || waits::channel(&one).map(|(_, channel, sends)| (channel.text().to_owned(), sends));
        let of_select = || waits::sent_to(&one, after).map(|channel| (channel.text().to_owned(), true));
        let is_end = reason == WaitsBecause::OtherEnd;
        let channel = is_end.then(|| alone().or_else(of_select)).flatten();
        steps.push(Step {
            holder: took.unwrap_or_else(|| who(one.goroutine)),
            id: *id,
            reason,
            who: subject.peers.get(*id).map_or_else(|| who(one.goroutine), who_of),
            early: holds.as_ref().and_then(|lock| unlocked_too_late(&one, lock)),
            under: holds.as_ref().and_then(|lock| called_under(&one, lock)),
            holds,
            wants: held::wanted(&one).filter(|_| reason == WaitsBecause::HoldsLock),
            waits_for: match (reason, &channel) {
                (WaitsBecause::WaitGroup, _) => named("the WaitGroup", waits::group(&one)),
                (WaitsBecause::RunsOnce, _) => named("the Once", waits::once(&one)),
                (WaitsBecause::OtherEnd, Some((channel, true))) => format!("a receive from `{channel}`"),
                (WaitsBecause::OtherEnd, Some((channel, false))) => format!("a value from `{channel}`"),
                (WaitsBecause::OtherEnd, None) => "the other end of its channel".into(),
                (WaitsBecause::Wakes, _) => {
                    let cond = cond::cond(&one).map(|cond| format!(" on `{cond}`"));
                    format!("a Signal or Broadcast{}", cond.unwrap_or_default())
                }
                _ => "the other one".into(),
            },
            channel,
            at: at.map_or_else(String::new, short_location),
        });
    }
    steps
}

/// `the Once `c.once``.
fn named(kind: &str, name: Option<String>) -> String {
    name.map_or_else(|| kind.to_owned(), |name| format!("{kind} `{name}`"))
}

/// How a circle is named: of locks alone, and of others.
const CIRCLES: [&str; 2] = ["lock cycle", "cycle of waits"];

/// What to do where a lock is held up to the next one only: `a.Lock(); b.Lock(); a.Unlock()`.
fn unlocked_too_late(subject: &Subject<'_>, held: &Lock) -> Option<String> {
    let place = Place::of(subject)?;
    let call = held::taken(&place, subject)?;
    // Where another function took it, or along a chain of equal things, it may protect what comes next.
    let is_own = call.top_func().is_some_and(|func| func.func_name() == held.func);
    let wanted = held::wanted(subject)?;
    (is_own && wanted.key != held.key).then_some(())?;
    let statement = call
        .parent()
        .filter(|outer| outer.kind() == "expression_statement")?;
    let list = statement
        .parent()
        .filter(|outer| outer.kind() == "statement_list")?;
    let next = list
        .children()
        .into_iter()
        .find(|one| one.start() >= statement.end())?;
    let unlock = next.first().filter(|_| next.kind() == "expression_statement")?;
    held::gives(&place, unlock, held).then_some(())?;
    let operand = operand_of(call)?;
    let looked_up = match operand.find(&["index_expression", "call_expression"]).is_empty() {
        true => String::new(),
        false => format!(" (look `{}` up first)", operand.text()),
    };
    Some(format!(
        "do not hold `{}` while it waits for `{}`: run `{}` ({}) before `{}` ({}), not right after it{looked_up}",
        held.expr,
        wanted.expr,
        unlock.text(),
        place.told(unlock),
        call.text(),
        place.told(call)
    ))
}

fn told(circle: &[Step]) -> String {
    let locks = circle.iter().all(|step| step.reason == WaitsBecause::HoldsLock);
    let before = |index: usize| &circle[(index + circle.len() - 1) % circle.len()];
    let part = |(index, step): (usize, &Step)| {
        let runs = match before(index).reason {
            WaitsBecause::RunsOnce => format!("runs the function of {} and ", before(index).wants()),
            _ => String::new(),
        };
        let holds = step
            .holds
            .as_ref()
            .map(|lock| format!("holds `{}` ({}) and ", lock.expr, lock.place))
            .unwrap_or_default();
        format!(
            "{} {runs}{holds}waits for {} ({})",
            step.who,
            step.wants(),
            step.at
        )
    };
    let parts: Vec<String> = circle.iter().enumerate().map(part).collect();
    let what = CIRCLES[usize::from(!locks)];
    format!("{what}: {}", parts.join("; "))
}

fn fix_of(circle: &[Step]) -> String {
    if let Some(early) = circle.iter().find_map(|step| step.early.as_ref()) {
        return early.clone();
    }
    if circle.iter().all(|step| step.reason == WaitsBecause::HoldsLock) {
        let holders: Vec<(&Step, &Lock)> = circle
            .iter()
            .filter_map(|step| Some((step, step.holds.as_ref()?)))
            .collect();
        return match &holders[..] {
            [(step, lock)] => format!(
                "do not lock `{}` again in what {} calls while it is locked: split off a part that expects it to be locked",
                lock.expr, step.holder
            ),
            // Two calls of one function, each with the other's first.
            [(_, first), rest @ ..] if rest.iter().all(|(_, lock)| lock.place == first.place) => {
                let wants = circle[0]
                    .wants
                    .as_ref()
                    .map_or("the other one", |lock| lock.expr.as_str());
                format!(
                    "take the locks in the same order everywhere: `{}` ({}) and `{wants}` by a number or name of each, not in the order in which {} gets them",
                    first.expr, first.place, circle[0].holder
                )
            }
            all => in_one_order(all),
        };
    }
    if let Some(fix) = lock_before_once(circle) {
        return fix;
    }
    let lock = circle.iter().find_map(|step| Some((step, step.holds.as_ref()?)));
    match lock {
        Some((step, lock)) => format!(
            "unlock `{}` in {} before it waits ({})",
            lock.expr, step.holder, step.at
        ),
        None => of_channels(circle),
    }
}

/// What to do where the function of a Once wants a lock whose holder waits for that Once: one order for both.
fn lock_before_once(circle: &[Step]) -> Option<String> {
    let [one, other] = circle else {
        return None;
    };
    let (holder, runner) = match (one.reason, other.reason) {
        (WaitsBecause::RunsOnce, WaitsBecause::HoldsLock) => (one, other),
        (WaitsBecause::HoldsLock, WaitsBecause::RunsOnce) => (other, one),
        _ => return None,
    };
    let (lock, wanted) = (holder.holds.as_ref()?, runner.wants.as_ref()?);
    Some(format!(
        "lock `{}` before {}, not in its function ({}), and only where it is not locked already, as in {} ({})",
        wanted.expr, holder.waits_for, runner.at, holder.holder, lock.place
    ))
}

/// The call further up a stack that a goroutine has made since it took a lock.
fn called_under(subject: &Subject<'_>, held: &Lock) -> Option<String> {
    let call = Inside::of(subject, subject.goroutine, held.frame?)?.call()?;
    let takes = called_name(&call).is_some_and(|name| held::TAKES.contains(&name));
    let function = call.field("function").filter(|_| !takes)?.text();
    let is_plain = function.chars().all(|c| c.is_alphanumeric() || "_.".contains(c));
    is_plain.then(|| format!("`{function}` ({})", short(call)))
}

/// What to do where each holds what another one wants.
fn in_one_order(holders: &[(&Step, &Lock)]) -> String {
    let orders: Vec<String> = holders
        .iter()
        .filter_map(|(step, lock)| {
            let wants = step.wants.as_ref()?;
            Some(format!(
                "{} takes `{}` ({}) before `{}` ({})",
                step.holder, lock.expr, lock.place, wants.expr, wants.place
            ))
        })
        .collect();
    let calls: Vec<String> = holders
        .iter()
        .filter_map(|(step, lock)| Some(format!("call {} without `{}`", step.under.as_ref()?, lock.expr)))
        .collect();
    let or = match calls.is_empty() {
        true => String::new(),
        false => format!("; or {}", calls.join(", or ")),
    };
    match orders.is_empty() {
        true => "take the locks in the same order everywhere".into(),
        false => format!(
            "take the locks in the same order everywhere: {}{or}",
            orders.join(", ")
        ),
    }
}

/// What to do about a circle without locks.
fn of_channels(circle: &[Step]) -> String {
    let channels: Vec<&(String, bool)> = circle.iter().filter_map(|step| step.channel.as_ref()).collect();
    let groups = circle.iter().find(|step| step.reason == WaitsBecause::WaitGroup);
    match (&channels[..], groups) {
        // Each has taken some of what the others wait for.
        ([(channel, false), rest @ ..], None)
            if channels.len() == circle.len() && rest.iter().all(|(other, sends)| other == channel && !sends) =>
        {
            format!(
                "take all that one of them needs from `{channel}` under a lock of its own, so that no two hold a part and wait for the rest, or give a part back where the rest is not there"
            )
        }
        ([(channel, true)], Some(group)) => format!(
            "receive from `{channel}` before the Wait ({}), or give `{channel}` room for every send",
            group.at
        ),
        _ => queued(circle).unwrap_or_else(|| {
            "let one of them go on without the other: a buffer, a select with a done channel, or another order".into()
        }),
    }
}

/// What to do where each sends to another one, and none of them receives meanwhile.
fn queued(circle: &[Step]) -> Option<String> {
    let (first, last) = (circle.first()?, circle.last()?);
    let sent = |step: &Step| step.channel.clone().filter(|(_, sends)| *sends);
    circle.iter().all(|step| sent(step).is_some()).then_some(())?;
    let ((to, _), (from, _)) = (sent(first)?, sent(last)?);
    (to != from).then(|| {
        format!(
            "send to `{to}` ({}) from a goroutine of its own, or queue what is sent: {} has to receive from `{from}` meanwhile",
            first.at, first.who
        )
    })
}
