//! Circles of waits: who waits for whom, until it comes back to where it began, and what to do about them.

use super::ending::source_variable;
use super::held::{self, Inside, Lock};
use super::kind::{self, Kind, Made};
use super::peers::{who, who_of};
use super::place::{Place, short, short_location};
use super::stack::site;
use super::waits;
use super::{Subject, cond};
use crate::go_source::calls::{called_name, on_line, operand_of, own_callee};
use crate::go_source::operation::has_default;
use crate::go_source::order::can_follow;
use crate::go_source::{At, flow};
use crate::goroutine::{Frame, Goroutine, GoroutineId, name};
use crate::leak::{WaitsBecause, WaitsFor};

/// Longest circle that is looked for.
const MAX_CYCLE: usize = 6;

/// One goroutine of a circle, and why it waits for the next.
pub(super) struct Step {
    pub(super) id: GoroutineId,
    pub(super) reason: WaitsBecause,
    /// `m.(*L).buy`.
    pub(super) who: String,
    /// What it holds that the one before it wants, and where it took it.
    pub(super) holds: Option<Lock>,
    /// The function on its stack that took it: the goroutine may be a closure of the test's that calls it.
    holder: String,
    wants: Option<Lock>,
    /// The call under that lock that leads to what it waits for: `` `w.onEvent` (cache.go:103) ``.
    under: Option<String>,
    /// The Unlock of that right after its own Lock: nothing between needs both.
    early: Option<String>,
    /// The channel whose other end it waits for, and whether it sends.
    channel: Option<(String, bool)>,
    /// Why what it waits for may be lost, and what to do, where that is a value which is sent only to who waits for it.
    lost: Option<String>,
    /// What it waits for, when that is no lock.
    waits_for: String,
    /// The loop over a channel that it closes after its Wait.
    collects: Option<Collects>,
    pub(super) at: String,
}

impl Step {
    pub(super) fn wants(&self) -> String {
        match &self.wants {
            Some(lock) => format!("`{}`", lock.expr),
            None => self.waits_for.clone(),
        }
    }
}

/// A Wait and the close of a channel behind it, with a loop over that channel further on.
struct Collects {
    wait: String,
    close: String,
    /// Where the loop is.
    at: String,
}

impl Collects {
    /// `wg.Wait(); close(all); for one := range all { … }`, in the function that waits.
    fn of(subject: &Subject<'_>) -> Option<Self> {
        let index = subject.code.innermost_own(&subject.goroutine.frames)?;
        let place = Place::at(subject, index)?;
        let calls = on_line(place.file, place.line).into_iter();
        let mut waits = calls.filter(|call| called_name(call) == Some("Wait"));
        let wait = waits.next()?;
        let func = wait.func()?;
        let of_func = |kind| {
            func.find(&[kind])
                .into_iter()
                .filter(|at| at.func() == Some(func))
        };
        let mut closes = of_func("call_expression").filter(|call| called_name(call) == Some("close"));
        closes.find_map(|close| {
            let channel = close.field("arguments")?.first()?;
            let over = |head: &At<'_>| {
                let is_it = head
                    .field("right")
                    .is_some_and(|right| right.text() == channel.text());
                is_it && can_follow(close, *head) && head.start() > close.end()
            };
            let is_next = can_follow(wait, close) && close.start() > wait.end() && !close.is_deferred();
            let head = of_func("range_clause").find(over).filter(|_| is_next)?;
            Some(Self {
                wait: wait.text().to_owned(),
                close: close.text().to_owned(),
                at: short(head),
            })
        })
    }
}

/// From one to the next, until the chain comes back to where it began.
pub(super) fn of(subject: &Subject<'_>, first: &mut Vec<WaitsFor>) -> Option<Vec<Step>> {
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
        let took = holds.as_ref().and_then(|lock| taker(one.goroutine, lock, false));
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
            lost: channel.as_ref().and_then(|_| dropped_send(&one)),
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
            collects: Some(reason)
                .filter(|reason| *reason == WaitsBecause::WaitGroup)
                .and_then(|_| Collects::of(&one)),
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
pub(super) const NAMES: [&str; 2] = ["lock cycle", "cycle of waits"];

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

/// What follows on the words for what the second one waits for, up to the goroutine whose cause it is:
/// `, which m.(*L).sell holds (x.go:3) while it waits for …, which this one holds (x.go:7)`.
pub(super) fn rest(circle: &[Step]) -> String {
    let mut words = String::new();
    for (index, step) in circle.iter().enumerate().skip(1) {
        match circle.get(index + 1) {
            Some(next) => {
                words += &held(step, next, &next.who);
                words += &format!(" while it waits for {}{}", next.wants(), at(next));
            }
            None => {
                words += &circle
                    .first()
                    .map_or_else(String::new, |first| closed(step, first))
            }
        }
    }
    words
}

/// ` (x.go:8)`.
fn at(step: &Step) -> String {
    match step.at.is_empty() {
        true => String::new(),
        false => format!(" ({})", step.at),
    }
}

/// How the next one keeps a goroutine waiting.
fn held(step: &Step, next: &Step, who: &str) -> String {
    match (step.reason, &next.holds) {
        (WaitsBecause::HoldsLock, Some(lock)) if step.wants() == format!("`{}`", lock.expr) => {
            format!(", which {who} holds ({})", lock.place)
        }
        (WaitsBecause::HoldsLock, Some(lock)) => {
            format!(", which {who} holds as `{}` ({})", lock.expr, lock.place)
        }
        (WaitsBecause::HoldsLock, None) => format!(", behind {who}, which wants to write,"),
        (WaitsBecause::RunsOnce, _) => format!(", whose function {who} runs"),
        (WaitsBecause::WaitGroup, _) => format!(", for which {who} has not called Done"),
        (WaitsBecause::OtherEnd | WaitsBecause::Wakes, _) => format!(", to which {who} does not come"),
        _ => format!(", for which {who} has to go on"),
    }
}

/// How the goroutine whose cause it is keeps the last one waiting.
fn closed(step: &Step, first: &Step) -> String {
    match step.reason {
        WaitsBecause::HoldsLock if first.holds.is_none() => {
            ", behind this one, which wants to write".to_owned()
        }
        WaitsBecause::OtherEnd | WaitsBecause::Wakes => {
            ", to which this one comes only after its own wait".to_owned()
        }
        _ => held(step, first, "this one"),
    }
}

/// The note: each with what it holds and waits for, as a cycle.
pub(super) fn told(circle: &[Step]) -> String {
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
    let what = NAMES[usize::from(!locks)];
    format!("{what}: {}", parts.join("; "))
}

/// What to do about it.
pub(super) fn fix(circle: &[Step]) -> String {
    if let Some(early) = circle.iter().find_map(|step| step.early.as_ref()) {
        return early.clone();
    }
    if circle.iter().all(|step| step.reason == WaitsBecause::HoldsLock) {
        let holders: Vec<(&Step, &Lock)> = circle
            .iter()
            .filter_map(|step| Some((step, step.holds.as_ref()?)))
            .collect();
        return match &holders[..] {
            [(step, lock)] => {
                let wants = step.wants.as_ref().filter(|wants| wants.expr != lock.expr);
                let (expr, again, locked) = match wants {
                    Some(wants) => (&wants.expr, "", format!("locked as `{}`", lock.expr)),
                    None => (&lock.expr, " again", "locked".to_owned()),
                };
                format!(
                    "do not lock `{expr}`{again} in what {} calls while it is {locked}: split off a part that expects it to be locked",
                    step.holder
                )
            }
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
            "{} in {} before it waits ({}){}",
            lock.unlock(),
            step.holder,
            step.at,
            step.lost.as_deref().unwrap_or_default()
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

/// The function on a stack that has taken a lock: the goroutine may be a closure that calls it. A closure has the name of the function
/// that it is written in, which may be another goroutine's.
pub(super) fn taker(goroutine: &Goroutine, lock: &Lock, by_name: bool) -> Option<String> {
    let name = |frame: &Frame| name::short(&name::normal(frame.func.as_str()));
    let is_it = |frame: &&Frame| {
        let is_closure = by_name && frame.func.as_str().contains(".func");
        !is_closure && name(frame).rsplit('.').next() == Some(lock.func.as_str())
    };
    let frames = &goroutine.frames;
    let own = lock.frame.and_then(|index| frames.get(index)).filter(is_it);
    own.or_else(|| frames.iter().find(is_it)).map(name)
}

/// What to do where every send of what a goroutine waits for is in a select with `default`, and the channel has no room: one that
/// comes before the receive is lost.
fn dropped_send(subject: &Subject<'_>) -> Option<String> {
    let (place, channel, sends) = waits::channel(subject)?;
    let Kind::Made(Made { room: None, .. }) = kind::of(&place, channel) else {
        return None;
    };
    let values = place.values(channel);
    let [made] = &values[..] else { return None };
    let names = flow::seen_names(place.files, source_variable(&place, channel)?)?;
    let all: Vec<At<'_>> = names
        .iter()
        .flat_map(|name| flow::sends(place.files, name))
        .collect();
    let is_dropped = |send: &At<'_>| {
        let select = send.parent().and_then(|case| case.parent());
        select.is_some_and(|select| has_default(&select))
    };
    let first = all.first().filter(|_| !sends && all.iter().all(is_dropped))?;
    Some(format!(
        ", and give `{}` room for 1 ({}): the send at {} has a `default`, and is lost where it comes before the receive",
        names.first()?.name(),
        short(made.expr),
        short(*first)
    ))
}

/// The call further up a stack that a goroutine has made since it took a lock, where that is given back by who took it.
fn called_under(subject: &Subject<'_>, held: &Lock) -> Option<String> {
    let inside = Inside::of(subject, subject.goroutine, held.frame?)?;
    let call = inside.call()?;
    let mut calls = inside.func.find(&["call_expression"]).into_iter();
    calls.find(|call| held::gives_back(subject.code.sources, *call, held))?;
    let takes = called_name(&call).is_some_and(|name| held::TAKES.contains(&name));
    let function = call.field("function").filter(|_| !takes)?.text();
    let is_plain = |function: &str| function.chars().all(|c| c.is_alphanumeric() || "_.".contains(c));
    if !is_plain(function) {
        return None;
    }
    let mut all = vec![format!("`{function}` ({})", short(call))];
    for other in others_that_take(subject, &inside, call) {
        let function = other.field("function")?.text();
        is_plain(function).then_some(())?;
        all.push(format!("`{function}` ({})", short(other)));
    }
    Some(all.join(" and "))
}

/// The calls of a function behind the one that it is in that want the same lock as that.
fn others_that_take<'a>(subject: &Subject<'a>, inside: &Inside<'a>, call: At<'a>) -> Vec<At<'a>> {
    let wanted: Vec<Lock> = held::wanted(subject).into_iter().collect();
    let files = subject.code.sources;
    let calls = inside.func.find(&["call_expression"]).into_iter();
    let later = calls.filter(|other| other.func() == call.func() && other.start() >= call.end());
    let takes = |other: &At<'a>| {
        let callee = own_callee(files, *other);
        callee.is_some_and(|callee| held::first_taken(files, callee, &wanted).is_some())
    };
    later
        .filter(|other| !other.is_deferred() && can_follow(call, *other) && takes(other))
        .collect()
}

/// What to do where each holds what another one wants.
fn in_one_order(holders: &[(&Step, &Lock)]) -> String {
    let mut orders: Vec<String> = Vec::new();
    let mut before = "";
    for (step, lock) in holders {
        let Some(wants) = step.wants.as_ref() else {
            continue;
        };
        let who = match step.holder == before {
            true => "and".to_owned(),
            false => format!("{} takes", step.holder),
        };
        before = &step.holder;
        orders.push(format!(
            "{who} `{}` ({}) before `{}` ({})",
            lock.expr, lock.place, wants.expr, wants.place
        ));
    }
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
        ([(channel, true)], Some(group)) => match &group.collects {
            // Before the close the loop would not end.
            Some(Collects { wait, close, at }) => format!(
                "`go func() {{ {wait}; {close} }}()` in place of both (from {}), so that the loop over `{channel}` ({at}) receives meanwhile, or give `{channel}` room for every send",
                group.at
            ),
            None => format!(
                "receive from `{channel}` before the Wait ({}), or give `{channel}` room for every send",
                group.at
            ),
        },
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
