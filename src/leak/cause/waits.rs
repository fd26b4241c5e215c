//! Who waits for whom: the goroutines that have to go on before another one can.

use super::held::{self, Lock};
use super::place::{Place, file, function};
use super::{Peer, Subject};
use crate::go_source::calls::{called_name, on_line};
use crate::go_source::{At, Blocked, Calls, Case, Operation, at_line};
use crate::goroutine::{Goroutine, GoroutineId, WaitReason, name};
use crate::leak::{WaitsBecause, WaitsFor};

/// Goroutines that are looked at.
const MOST_PEERS: usize = 500;

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
    let normal: Vec<String> = subject
        .goroutine
        .frames
        .iter()
        .map(|frame| name::normal(frame.func.as_str()))
        .collect();
    let calls = |name: &str| normal.iter().any(|func| func == name);
    if calls("sync.(*Once).doSlow") && waits_for_lock(subject.goroutine) {
        add(WaitsBecause::RunsOnce, runners(subject));
    } else if waits_for_lock(subject.goroutine) {
        if let Some(wanted) = held::wanted(subject) {
            add(
                WaitsBecause::HoldsLock,
                holders(subject, &wanted)
                    .iter()
                    .map(|(peer, _)| peer.id)
                    .collect(),
            );
        }
    } else if calls("golang.org/x/sync/singleflight.(*Group).Do") && calls("sync.(*WaitGroup).Wait") {
        add(
            WaitsBecause::SameKey,
            inside(subject, "golang.org/x/sync/singleflight.(*Group).doCall"),
        );
    } else if calls("golang.org/x/sync/errgroup.(*Group).Go")
        || calls("golang.org/x/sync/errgroup.(*Group).Wait")
    {
        add(
            WaitsBecause::Group,
            created_by(subject, "golang.org/x/sync/errgroup.(*Group).Go"),
        );
    } else if calls("sync.(*WaitGroup).Wait") {
        add(WaitsBecause::WaitGroup, workers(subject));
    } else if calls("net/http.(*Server).Shutdown") || calls("net/http/httptest.(*Server).Close") {
        add(WaitsBecause::Handler, handlers(subject));
    } else {
        add(WaitsBecause::OtherEnd, other_ends(subject));
    }
    found
}

fn waits_for_lock(goroutine: &Goroutine) -> bool {
    matches!(
        goroutine.state.wait_reason(),
        WaitReason::Mutex | WaitReason::RwMutex
    )
}

/// Goroutines of the same test, or of none that is known.
pub(super) fn near<'s, 'a>(subject: &'s Subject<'a>) -> impl Iterator<Item = &'s Peer<'a>> {
    let label = subject.peers.get(subject.id).and_then(|peer| peer.label);
    subject
        .peers
        .iter()
        .filter(move |peer| peer.id != subject.id)
        .filter(move |peer| peer.label == label || peer.label.is_none() || label.is_none())
        .take(MOST_PEERS)
}

/// Who holds a lock, and as which one.
pub(super) fn holders<'s, 'a>(subject: &'s Subject<'a>, wanted: &Lock) -> Vec<(&'s Peer<'a>, Lock)> {
    near(subject)
        .filter_map(|peer| {
            let held = subject.peers.held(subject, peer.goroutine);
            let lock = held.iter().find(|lock| lock.key == wanted.key)?;
            Some((peer, lock.clone()))
        })
        .collect()
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

fn blocked_in_once(goroutine: &Goroutine) -> bool {
    let first = goroutine
        .frames
        .iter()
        .find(|frame| !matches!(name::package(frame.func.as_str()), "runtime" | "internal/sync"));
    first.is_some_and(|frame| frame.func.as_str().starts_with("sync.(*Mutex)"))
        && goroutine
            .frames
            .iter()
            .take(5)
            .any(|frame| frame.func.as_str().starts_with("sync.(*Once)"))
}

/// The variable on which a goroutine calls a function of the standard library.
fn called_on(subject: &Subject<'_>, goroutine: &Goroutine, func: &str, method: &str) -> Option<String> {
    let index = goroutine
        .frames
        .iter()
        .rposition(|frame| frame.func.as_str() == func)?;
    let at = goroutine.frames.get(index + 1)?.at.as_ref()?;
    let file = file(subject, at)?;
    let call = on_line(file, at.line)
        .into_iter()
        .find(|call| called_name(call) == Some(method))?;
    let above = goroutine
        .frames
        .iter()
        .skip(index + 2)
        .filter_map(|frame| frame.at.as_ref());
    let created = goroutine.created.iter().filter_map(|created| created.at.as_ref());
    let calls = above
        .chain(created)
        .filter_map(|at| Some((self::file(subject, at)?, at.line)));
    held::key(
        subject.code.sources,
        call.field("function")?.field("operand")?,
        &Calls(calls.collect()),
    )
}

/// Goroutines whose code calls Done of the same WaitGroup, or that its Go has started.
fn workers(subject: &Subject<'_>) -> Vec<GoroutineId> {
    let Some(key) = called_on(subject, subject.goroutine, "sync.(*WaitGroup).Wait", "Wait") else {
        return Vec::new();
    };
    let has_done = |peer: &&Peer<'_>| {
        let frames = &peer.goroutine.frames;
        (0..frames.len()).any(|index| {
            let Some(func) = function(subject, &frames[index]) else {
                return false;
            };
            let calls = calls_above(subject, peer.goroutine, index);
            let same =
                |operand: At<'_>| held::key(subject.code.sources, operand, &calls).as_ref() == Some(&key);
            let done = func.find(&["call_expression"]).into_iter().any(|call| {
                called_name(&call) == Some("Done")
                    && call
                        .func()
                        .is_some_and(|inner| inner == func || is_deferred(inner))
                    && call
                        .field("function")
                        .and_then(|function| function.field("operand"))
                        .is_some_and(same)
            });
            let started = func
                .parent()
                .and_then(|list| list.parent())
                .filter(|call| call.kind() == "call_expression" && called_name(call) == Some("Go"))
                .and_then(|call| call.field("function")?.field("operand"))
                .is_some_and(same);
            done || started
        })
    };
    near(subject).filter(has_done).map(|peer| peer.id).collect()
}

/// `defer func() { … }()`.
fn is_deferred(literal: At<'_>) -> bool {
    literal
        .parent()
        .and_then(|call| call.parent())
        .is_some_and(|statement| statement.kind() == "defer_statement")
}

/// The frames further out than one of a goroutine, and its `go` statement.
fn calls_above<'a>(subject: &Subject<'a>, goroutine: &Goroutine, index: usize) -> Calls<'a> {
    let above = goroutine
        .frames
        .iter()
        .skip(index + 1)
        .filter_map(|frame| frame.at.as_ref());
    let created = goroutine.created.iter().filter_map(|created| created.at.as_ref());
    let calls = above
        .chain(created)
        .filter_map(|at| Some((file(subject, at)?, at.line)));
    Calls(calls.collect())
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

fn created_by(subject: &Subject<'_>, func: &str) -> Vec<GoroutineId> {
    let by = |peer: &&Peer<'_>| {
        let created = peer.goroutine.created.as_ref();
        created.is_some_and(|created| name::normal(created.func.as_str()) == func)
    };
    near(subject).filter(by).map(|peer| peer.id).collect()
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

/// Goroutines whose own code goes on to the other end of the channel that this one waits on.
fn other_ends(subject: &Subject<'_>) -> Vec<GoroutineId> {
    let blocked = match subject.goroutine.state.wait_reason() {
        WaitReason::ChanReceive => Blocked::Receiving,
        WaitReason::ChanSend => Blocked::Sending,
        _ => return Vec::new(),
    };
    let Some(place) = Place::of(subject) else {
        return Vec::new();
    };
    let (channel, sends) = match at_line(place.file, place.line, blocked) {
        Some(Operation::Range(channel) | Operation::Receive(channel)) => (channel, false),
        Some(Operation::Send(channel)) => (channel, true),
        Some(Operation::Select(cases)) => match &cases[..] {
            [Case { channel, sends, .. }] => (*channel, *sends),
            _ => return Vec::new(),
        },
        None => return Vec::new(),
    };
    let Some(key) = held::key(place.files, channel, &place.calls) else {
        return Vec::new();
    };
    let goes_on = |peer: &&Peer<'_>| {
        let frames = &peer.goroutine.frames;
        (0..frames.len().min(12)).any(|index| {
            let (Some(at), Some(func)) = (frames[index].at.as_ref(), function(subject, &frames[index]))
            else {
                return false;
            };
            let calls = calls_above(subject, peer.goroutine, index);
            let ends = match sends {
                true => receives(func),
                false => senders(func),
            };
            ends.into_iter().any(|end| {
                let deferred = end.ancestors().any(|node| node.kind() == "defer_statement");
                (end.line() > at.line || deferred)
                    && end.func() == Some(func)
                    && held::key(place.files, end, &calls).as_ref() == Some(&key)
            })
        })
    };
    near(subject).filter(goes_on).map(|peer| peer.id).collect()
}

/// Channels that a function sends on or closes.
fn senders(func: At<'_>) -> Vec<At<'_>> {
    let mut found: Vec<At<'_>> = func
        .find(&["send_statement"])
        .iter()
        .filter_map(|send| send.field("channel"))
        .collect();
    let closes = func
        .find(&["call_expression"])
        .into_iter()
        .filter(|call| called_name(call) == Some("close"))
        .filter_map(|call| call.field("arguments")?.first());
    found.extend(closes);
    found
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
