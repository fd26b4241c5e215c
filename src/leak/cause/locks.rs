//! Locks: who holds what, and the circles that waits make.

use super::circle::{self, Step};
use super::ending::source_variable;
use super::held::{self, Inside, Lock};
use super::peers::{self, who, who_of};
use super::place::{Place, is_in, short_location};
use super::stack::site;
use super::waits;
use super::{
    Peer, Subject, another_round, awaited, cond, fact, gate, group, in_turn, judge_alone, kept, own_lock,
    owned, places, plain, too_late,
};
use crate::go_source::calls::called_name;
use crate::go_source::{At, Calls, Var, flow};
use crate::goroutine::{Goroutine, GoroutineId, WaitReason, name};
use crate::leak::{Cause, CauseCode, WaitsBecause, WaitsFor};

/// Workers of a WaitGroup that are looked at.
const MAX_WORKERS: usize = 4;

/// Adds who the goroutine waits for: the holder of its lock, the circle, and what that one waits for.
pub(super) fn explain(subject: &Subject<'_>, mut cause: Cause) -> Cause {
    cause.waits_for_goroutines = waits::of(subject);
    if places::counts_places(subject, &cause) {
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
    let circle = circle::of(subject, &mut cause.waits_for_goroutines).filter(is_other);
    if let Some(circle) = circle.filter(|_| !waits_for_itself) {
        let members: Vec<GoroutineId> = circle
            .iter()
            .map(|step| step.id)
            .filter(|id| *id != subject.id)
            .collect();
        if let Some(next) = circle.get(1) {
            let next_waits = format!("{} ({}){}", next.wants(), next.at, circle::rest(&circle));
            if let Some(end) = other_end(subject, &cause) {
                cause.waits_for = format!("{}: that waits for {next_waits}", end.told());
            } else {
                tell(&mut cause, &circle, &next_waits);
            }
        }
        cause.notes.push(circle::told(&circle));
        let mut others = members.iter().filter_map(|id| subject.peers.get(*id));
        if let Some(fix) = too_late::fix(subject) {
            cause.fix = fix;
        } else if !others.any(|peer| too_late::explain_worker(&subject.beside(peer), peer, &mut cause)) {
            cause.fix = circle::fix(&circle);
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
    if !too_late::explain(subject, &mut cause) {
        name_the_ender(subject, &mut cause);
    }
    another_round::explain(subject, &mut cause);
    name_what_is_held(subject, &mut cause);
    cause
}

/// Adds what the next one of a circle waits for, and so on, to what the goroutine waits for.
fn tell(cause: &mut Cause, circle: &[Step], next_waits: &str) {
    let [first, next, ..] = circle else { return };
    let waits_for = &cause.waits_for;
    let told = match first.reason {
        // A reader that waits behind a writer says so.
        WaitsBecause::HoldsLock if waits_for.contains(HOLDS_WHILE) => {
            let before = waits_for.split(HOLDS_WHILE).next().unwrap_or_default();
            match &next.holds {
                Some(lock) if before.contains(lock.place.as_str()) => {
                    format!("{before}{HOLDS_WHILE}{next_waits}")
                }
                _ => return,
            }
        }
        WaitsBecause::RunsOnce => format!(
            "{}, whose function {} runs: that waits for {next_waits}",
            first.wants(),
            next.who
        ),
        WaitsBecause::Wakes => format!(
            "{}, to which {} does not come: that waits for {next_waits}",
            first.wants(),
            next.who
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
            let wants = first.wants();
            let channel = wants.trim_start_matches("a receive from ");
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
        let circle = notes.find_map(|note| circle::NAMES.iter().find_map(|name| note.strip_prefix(name)));
        if let Some(circle) = circle {
            cause.waits_for += circle;
        }
        cause.fix = first.fix;
        return;
    }
    let who = if workers.len() == 1 { "that" } else { "one of them" };
    if too_late::explain_worker(&subject.beside(peer), peer, cause) {
        return;
    }
    // What runs may come to its Done.
    let runs = peer.goroutine.state.wait_reason() == WaitReason::Running;
    if cause.code == CauseCode::WaitGroup && !runs && first.code != CauseCode::Unknown {
        let other = subject.beside(peer);
        let waits = waits_at(&wanted_in_full(&other, &by_itself(&other)), &own_place_of(&other));
        cause.waits_for = format!("{}: {who} {waits}", cause.waits_for);
    }
    cause.fix = format!(
        "end the wait of {} first: {}",
        who_of(peer),
        fact::joined(&first.fix)
    );
}

/// Names a goroutine that would come to the other end of the channel, and waits for something else itself.
fn name_the_other_end(subject: &Subject<'_>, cause: &mut Cause) {
    let Some(end) = other_end(subject, cause) else {
        return;
    };
    waits_in_turn(subject, end.peer, &end.told(), cause);
}

/// Says what another goroutine, which has to go on before this one can, waits for itself.
fn waits_in_turn<'a>(subject: &Subject<'a>, peer: &Peer<'a>, what: &str, cause: &mut Cause) {
    let other = subject.beside(peer);
    let mut first = by_itself(&other);
    let next = other_end(&other, &first).filter(|next| next.peer.id != subject.id);
    if let Some(next) = next.filter(|_| !is_lock(first.code)) {
        let third = subject.beside(next.peer);
        let mut last = by_itself(&third);
        let who = match next.who == who_of(peer) {
            true => format!(
                "another goroutine of {}",
                next.who.trim_start_matches(peers::A_GOROUTINE_OF)
            ),
            false => next.who,
        };
        cause.waits_for = format!(
            "{what}: that waits for {}{}, to which {who} does not come: that {}",
            next.wants,
            place_of(peer.goroutine),
            waits_at(&wanted_in_full(&third, &last), &place_of(next.peer.goroutine))
        );
        if is_lock(last.code) {
            name_the_lock(&third, &mut last);
        }
        cause.fix = format!("end the last of these waits: {}", fact::joined(&last.fix));
        return;
    }
    cause.waits_for = format!(
        "{what}: that {}",
        waits_at(&wanted_in_full(&other, &first), &place_of(peer.goroutine))
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

/// Names a goroutine that would end the wait of this one, and waits for something else itself.
fn name_the_ender(subject: &Subject<'_>, cause: &mut Cause) {
    if !cause.waits_for_goroutines.is_empty() {
        return;
    }
    let Some(held) = too_late::held_up(subject) else {
        return;
    };
    let first = by_itself(&subject.beside(held.peer));
    cause.waits_for = format!("{}: {}", cause.waits_for, held.told);
    cause.fix = format!(
        "end the wait of {} first: {}",
        who_of(held.peer),
        fact::joined(&first.fix)
    );
    cause.waits_for_goroutines.push(WaitsFor {
        reason: WaitsBecause::OtherEnd,
        goroutines: vec![held.peer.id],
    });
}

/// The cause of a goroutine, with what the source says of its group or Cond, and without who else waits for it.
fn by_itself(subject: &Subject<'_>) -> Cause {
    let mut cause = judge_alone(subject);
    cause.waits_for_goroutines = waits::of(subject);
    group::explain(subject, &mut cause);
    cond::explain(subject, &mut cause);
    cause
}

/// The goroutine that would come to the other end of the channel that one waits on.
struct OtherEnd<'s, 'a> {
    peer: &'s Peer<'a>,
    /// `` a value from `done` ``.
    wants: String,
    who: String,
}

impl OtherEnd<'_, '_> {
    /// That it does not, in words.
    fn told(&self) -> String {
        format!("{}, to which {} does not come", self.wants, self.who)
    }
}

fn other_end<'s, 'a>(subject: &'s Subject<'a>, cause: &Cause) -> Option<OtherEnd<'s, 'a>> {
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
    Some(OtherEnd {
        peer,
        wants: format!("{what} `{}`", channel.text()),
        who: who_of(peer),
    })
}

/// A lock that it holds while it waits for something else, and that others wait for.
fn name_what_is_held(subject: &Subject<'_>, cause: &mut Cause) {
    // What works gives it back when it has done that.
    if is_lock(cause.code) || cause.code == CauseCode::BusyLoop {
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
    let for_it = waiting.clone();
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
    if let Some((close, call)) = ends_itself(subject, lock, &for_it)
        && let Some(peer) = for_it.first().and_then(|id| subject.peers.get(*id))
        && let Some(place) = Place::of(subject)
        && let Some((_, channel, _)) = waits::channel(subject)
    {
        cause.waits_for = format!(
            "a value from `{}`: only this function itself ends that, by `{}` ({}), and to run it {} waits for `{}`{}, which this one holds ({})",
            channel.text(),
            close.text(),
            place.told(close),
            who_of(peer),
            lock.expr,
            place_of(peer.goroutine),
            lock.place
        );
        let function = call.field("function").map_or("", |function| function.text());
        cause.fix = format!("call `{function}` ({}) without `{}`", place.told(call), lock.expr);
        return;
    }
    cause.waits_for = format!(
        "{}; it holds `{}` ({}) meanwhile, for which {others}",
        cause.waits_for, lock.expr, lock.place
    );
    if protects_the_channel(subject, lock) || is_let_go(subject, lock) {
        return;
    }
    // No code to copy: a deferred Unlock would be one too many.
    let unlock = format!("{} before it waits", lock.unlock());
    if cause.fix.ends_with(&unlock) {
        return;
    }
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

/// The close or send that alone ends a receive, in the function of that and before it, and the call of this function under a lock that
/// others wait for, to make the same call.
fn ends_itself<'a>(subject: &Subject<'a>, held: &Lock, waiting: &[GoroutineId]) -> Option<(At<'a>, At<'a>)> {
    let (place, channel, sends) = waits::channel(subject)?;
    let func = channel.func().filter(|_| !sends)?;
    let names = flow::seen_names(place.files, source_variable(&place, channel)?)?;
    let ends = flow::ends(place.files, &names, false);
    let is_before = |end: &At<'a>| end.func() == Some(func) && end.end() <= channel.start();
    let end = *ends.first().filter(|_| ends.iter().all(is_before))?;
    let outer = Inside::of(subject, subject.goroutine, held.frame?)?;
    let call = outer.call().filter(|_| outer.func != func)?;
    let is_in_it = |id: &GoroutineId| {
        let peer = subject.peers.get(*id);
        peer.is_some_and(|peer| is_in(subject, peer.goroutine, outer.func))
    };
    waiting.iter().all(is_in_it).then_some((end, call))
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
    let closes = flow::ends(place.files, &names, true).into_iter();
    let changes = flow::changes(place.files, &var).into_iter().map(|(_, by)| by);
    closes.chain(changes).any(|at| is_under(&place, at, held))
}

/// Whether a function takes a lock before it gets to a place.
fn is_under<'a>(place: &Place<'a>, at: At<'a>, held: &Lock) -> bool {
    let calls = at
        .func()
        .map_or(Vec::new(), |func| func.find(&["call_expression"]));
    let mut takes = calls.into_iter().filter(|call| {
        let is_lock = called_name(call).is_some_and(|name| held::TAKES.contains(&name));
        is_lock && call.end() <= at.start() && !call.is_deferred()
    });
    takes.any(|call| held::lock(place.files, call, &Calls::default()).is_some_and(|lock| lock.may_be(held)))
}

/// Whether what lets a send go, as the fix says, is closed without the lock: then it may keep that.
fn is_let_go(subject: &Subject<'_>, held: &Lock) -> bool {
    let Some((place, channel, true)) = waits::channel(subject) else {
        return false;
    };
    let is_fix = || judge_alone(subject).fix.contains("select the send against `<-");
    owned::let_go(&place, channel).is_some_and(|close| !is_under(&place, close, held)) && is_fix()
}

/// The words for a lock where no more is known.
const LOCKED: &str = "that is locked and never unlocked";

fn name_the_lock(subject: &Subject<'_>, cause: &mut Cause) {
    let Some(wanted) = held::wanted(subject) else {
        return name_the_holder(subject, cause);
    };
    let kind = match cause.code {
        CauseCode::RwMutexLocked => "an RWMutex",
        _ => "a mutex",
    };
    let expr = &wanted.expr;
    // What was gone in the end was let go.
    let locked = if subject.is_left {
        LOCKED
    } else {
        "that is locked and not unlocked so far"
    };
    cause.waits_for = format!("`{expr}`, {kind} {locked}");
    let own = own_lock::own(subject, &wanted);
    let writer = || waits::writers(subject, &wanted).into_iter().next();
    if let Some(own) = own.as_ref().filter(|own| own.lock.read && wanted.read)
        && let Some(writer) = writer()
    {
        let as_other = as_other(own.lock, expr);
        cause.waits_for = format!(
            "`{expr}`, {kind} that it has read-locked{as_other} at {} already: {} waits to write, and a new reader waits behind that",
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
        let who = circle::taker(peer.goroutine, lock, true).unwrap_or(who);
        let locked = if lock.read { "read-locked" } else { "locked" };
        let as_other = as_other(lock, expr);
        cause.waits_for = format!(
            "`{expr}`, {kind} that {who} {locked}{as_other} at {}{HOLDS_WHILE}{why}",
            lock.place
        );
        cause.fix = match fix_of_holder(&subject.beside(peer)) {
            Some(fix) => format!("end the wait of {who} first: {fix}"),
            None => format!(
                "end the wait of {who} first, or {} before it waits",
                lock.unlock()
            ),
        };
        return;
    }
    let Some(place) = Place::of(subject) else { return };
    if let [one] = &kept::never_given_back(place.files, &wanted, place.file)[..] {
        if let Some(turn) = in_turn::of(subject, &wanted) {
            cause.waits_for = format!(
                "`{expr}`, {kind} that {} locked at {}, and {}",
                one.lock.func, one.lock.place, turn.fact
            );
            cause.fix = turn.fix;
            return;
        }
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
        kept::who(lock, at.func()),
        lock.place,
        at.line()
    );
    if kept.len() == 1 && !super::loops::in_loop(at) {
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

/// The other name of a lock: two calls of one function name theirs by its parameters, and a Cond calls its own `L`.
fn as_other(lock: &Lock, expr: &str) -> String {
    match lock.expr == expr {
        true => String::new(),
        false => format!(" as `{}`", lock.expr),
    }
}

/// What ends the wait of a goroutine that holds a lock, where the source shows that.
fn fix_of_holder(holder: &Subject<'_>) -> Option<String> {
    let mut cause = by_itself(holder);
    if is_lock(cause.code) {
        return circle::of(holder, &mut waits::of(holder)).map(|circle| circle::fix(&circle));
    }
    name_what_is_held(holder, &mut cause);
    let general = plain(cause.code).fix;
    (!cause.fix.contains(&general)).then(|| fact::joined(&cause.fix))
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
    format!("{wanted}{}", own_place_of(subject))
}

/// The same as [`place_of`]: of the standard library's line the caller's says more.
fn own_place_of(subject: &Subject<'_>) -> String {
    let frames = &subject.goroutine.frames;
    let is_std = site(frames).is_some_and(|frame| name::is_std(frame.func.as_str()));
    let own = subject.code.innermost_own(frames).filter(|_| is_std);
    let at = own.and_then(|index| frames.get(index)?.at.as_ref());
    let place = at.map(|at| format!(" ({})", short_location(at)));
    place.unwrap_or_else(|| place_of(subject.goroutine))
}

/// `waits for … (conn.go:12)`, with the place first where the words end in another one.
fn waits_at(wanted: &str, place: &str) -> String {
    let at = place.strip_prefix(" (").and_then(|place| place.strip_suffix(')'));
    match at.filter(|_| wanted.ends_with(')') || wanted.contains(KEPT)) {
        Some(at) => format!("waits at {at} for {wanted}"),
        None => format!("waits for {wanted}{place}"),
    }
}

/// What a goroutine waits for, a lock by its name alone.
fn wanted_by(subject: &Subject<'_>, cause: &Cause) -> String {
    match held::wanted(subject).filter(|_| is_lock(cause.code)) {
        Some(Lock { expr, .. }) => format!("`{expr}`"),
        None => cause.waits_for.clone(),
    }
}

/// How the reason for which a lock is locked follows on its name: a mutex or an RWMutex that …
const KEPT: &str = "utex that ";

/// The same, of a lock with the reason for which it is locked.
fn wanted_in_full(subject: &Subject<'_>, cause: &Cause) -> String {
    let wanted = held::wanted(subject).filter(|_| is_lock(cause.code));
    if wanted.is_some() {
        let mut named = cause.clone();
        name_the_lock(subject, &mut named);
        if named.waits_for.contains(KEPT) && !named.waits_for.ends_with(LOCKED) {
            return named.waits_for;
        }
    }
    wanted_by(subject, cause)
}

/// ` (conn.go:12)`: where it waits.
fn place_of(goroutine: &Goroutine) -> String {
    let at = site(&goroutine.frames).and_then(|frame| frame.at.as_ref());
    at.map_or_else(String::new, |at| format!(" ({})", short_location(at)))
}

fn is_lock(code: CauseCode) -> bool {
    matches!(code, CauseCode::MutexLocked | CauseCode::RwMutexLocked)
}
