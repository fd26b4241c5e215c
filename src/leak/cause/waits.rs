//! Who waits for whom: the goroutines that have to go on before another one can.

use super::held::{self, Lock};
use super::peers::{self, READ_LOOP, ROUND_TRIPS, WRITE_LOOP, near};
use super::place::{Place, file, function};
use super::stack::site;
use super::{Peer, Subject};
use crate::go_source::calls::{called_name, on_line};
use crate::go_source::{At, Blocked, Calls, Case, Operation, at_line};
use crate::goroutine::{Goroutine, GoroutineId, WaitReason, name};
use crate::leak::{WaitsBecause, WaitsFor};

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
                if wanted.read {
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
        add(
            WaitsBecause::Group,
            created_by(subject, "golang.org/x/sync/errgroup.(*Group).Go"),
        );
    } else if calls("net/http.(*Server).Shutdown") || calls("net/http/httptest.(*Server).Close") {
        add(WaitsBecause::Handler, handlers(subject));
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
    } else {
        add(WaitsBecause::OtherEnd, other_ends(subject));
    }
    found
}

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
            let other = Subject {
                goroutine: peer.goroutine,
                id: peer.id,
                ..*subject
            };
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

fn waits_for_lock(goroutine: &Goroutine) -> bool {
    matches!(
        goroutine.state.wait_reason(),
        WaitReason::Mutex | WaitReason::RwMutex
    )
}

/// Who holds a lock, and as which one.
pub(super) fn holders<'s, 'a>(subject: &'s Subject<'a>, wanted: &Lock) -> Vec<(&'s Peer<'a>, Lock)> {
    near(subject)
        .filter_map(|peer| {
            let held = subject.peers.held(subject, peer.goroutine);
            let lock = held.iter().find(|lock| lock.may_be(wanted))?;
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

/// The WaitGroup that this one waits for, as written.
pub(super) fn group(subject: &Subject<'_>) -> Option<String> {
    let (_, call) = call_of_std(subject, subject.goroutine, "sync.(*WaitGroup).Wait", "Wait")?;
    let operand = call.field("function")?.field("operand")?;
    Some(operand.bare().text().to_owned())
}

/// The variable on which a goroutine calls a function of the standard library.
fn called_on(subject: &Subject<'_>, goroutine: &Goroutine, func: &str, method: &str) -> Option<String> {
    let (index, call) = call_of_std(subject, goroutine, func, method)?;
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
        &Calls {
            lines: calls.collect(),
            test: None,
        },
    )
}

/// The call of a function of the standard library in the source, and the index of its frame.
fn call_of_std<'a>(
    subject: &Subject<'a>,
    goroutine: &Goroutine,
    func: &str,
    method: &str,
) -> Option<(usize, At<'a>)> {
    let index = goroutine
        .frames
        .iter()
        .rposition(|frame| frame.func.as_str() == func)?;
    let at = match goroutine.frames.get(index + 1) {
        Some(caller) => caller.at.as_ref()?,
        // `go wg.Wait()`.
        None => goroutine.created.as_ref()?.at.as_ref()?,
    };
    let file = file(subject, at)?;
    let call = on_line(file, at.line)
        .into_iter()
        .find(|call| called_name(call) == Some(method))?;
    Some((index, call))
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
    Calls {
        lines: calls.collect(),
        test: None,
    }
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
        Some(Operation::Receive(channel)) if super::kind::of_flight(&place, channel).is_some() => {
            return inside(subject, SINGLEFLIGHT);
        }
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
            let callee = index.checked_sub(1).map(|inner| &frames[inner]);
            let Some(reached) = held::upto(func.file, at.line, callee, peer.goroutine) else {
                return false;
            };
            let calls = calls_above(subject, peer.goroutine, index);
            let ends = match sends {
                true => receives(func),
                false => senders(func),
            };
            ends.into_iter().any(|end| {
                let deferred = end.ancestors().any(|node| node.kind() == "defer_statement");
                (end.start() > reached || deferred)
                    && end.func() == Some(func)
                    && held::key(place.files, end, &calls).as_ref() == Some(&key)
            })
        })
    };
    near(subject).filter(goes_on).map(|peer| peer.id).collect()
}

/// Who waits, in a loop, for a value of the channel that this one sends on.
pub(super) fn takes_in_a_loop(subject: &Subject<'_>) -> Option<String> {
    let place = Place::of(subject)?;
    let Operation::Send(channel) = at_line(place.file, place.line, Blocked::Sending)? else {
        return None;
    };
    let key = held::key(place.files, channel, &place.calls)?;
    let takes = |peer: &&Peer<'_>| {
        let other = Subject {
            goroutine: peer.goroutine,
            id: peer.id,
            ..*subject
        };
        // One that the dump shows at work is on its way back to its receive.
        let settled = super::settled(&other);
        let other = Subject {
            goroutine: settled.as_ref().unwrap_or(peer.goroutine),
            ..other
        };
        if other.goroutine.state.wait_reason() != WaitReason::ChanReceive {
            return false;
        }
        let Some(at) = Place::of(&other) else { return false };
        let channel = match at_line(at.file, at.line, Blocked::Receiving) {
            Some(Operation::Range(channel)) => channel,
            Some(Operation::Receive(channel)) if super::select::in_loop(&channel) => channel,
            _ => return false,
        };
        held::key(at.files, channel, &at.calls).as_ref() == Some(&key)
    };
    let peer = near(subject).find(takes)?;
    Some(name::short(&name::normal(
        crate::goroutine::owner(peer.goroutine).as_str(),
    )))
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
