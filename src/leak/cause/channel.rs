//! Channel operations: what the source adds to the wait reason.

use super::at_hand::AtHand;
use super::fact::{self, therefore};
use super::kind::{self, Kind};
use super::loops::{enclosing_loop, exit_inside, in_endless_loop, in_loop};
use super::names::is_ending;
use super::place::{Place, blocked, handle};
use super::timer::{self, Fate};
use super::{
    Subject, at_hand, busy, closed_input, closer, context, ending, given_up, inside, last_send, left_alone,
    nil, overwritten, owned, partly, peers, places, plain, receiver, said, select, signal, skipped, sole,
    twice, unclosed, uneven, unsent, unshared, vain, waits,
};
use crate::go_source::calls::{called_name, handed_to, on_line, operand_of, qualified};
use crate::go_source::operation::cases;
use crate::go_source::{At, Blocked, Operation, Var, at_line, flow};
use crate::goroutine::WaitReason;
use crate::leak::{Cause, CauseCode};

/// The cause of a blocked channel operation, from its source line if there is one.
pub(super) fn by_source(subject: &Subject<'_>) -> Option<Cause> {
    let reason = subject.goroutine.state.wait_reason();
    let blocked = match reason {
        WaitReason::NilChanReceive => Blocked::Receiving,
        WaitReason::NilChanSend => Blocked::Sending,
        _ => blocked(reason)?,
    };
    let place = Place::of(subject)?;
    let nil = matches!(reason, WaitReason::NilChanReceive | WaitReason::NilChanSend);
    let place = &place;
    let operation = at_line(place.file, place.line, blocked)?;
    if let Some(close) = waits::closed_by_itself(subject) {
        return Some(of_itself(place, close));
    }
    Some(match operation {
        Operation::Range(channel) | Operation::Receive(channel) | Operation::Send(channel) if nil => {
            nil_channel(place, channel)
        }
        Operation::Range(channel) => received(subject, place, channel, CauseCode::RangeNeverClosed),
        Operation::Receive(channel) => received(subject, place, channel, CauseCode::ReceiveNoSender),
        Operation::Send(channel) => match waits::takes_in_a_loop(subject) {
            Some((who, is_it)) => sent_for_ever(channel, &who, is_it),
            None => sent(subject, place, channel),
        },
        Operation::Select(cases) if nil => nil_channel(place, cases.first()?.channel),
        Operation::Select(cases) if let Some(cause) = places::no_place_left(place, &cases) => cause,
        Operation::Select(cases) => {
            let mut cause = select::cause(place, &cases);
            let whole = cases.first().and_then(|case| enclosing_loop(&case.whole));
            if cause.code == CauseCode::TickerLoop
                && cause.fix == plain(cause.code).fix
                && let Some(fix) = whole.and_then(|whole| busy::way_out(place, whole))
            {
                cause.fix = fix;
            }
            if cause.code == CauseCode::TickerLoop
                && cause.fix == plain(cause.code).fix
                && let Some(AtHand { channel, known }) = whole.and_then(|whole| at_hand::of(place, whole))
            {
                cause.fix = therefore(
                    &format!("its loop does not look at {known}"),
                    &format!("add `case <-{channel}: return` to the select"),
                );
            }
            if let Some(fix) = closed_input::of(place, &cases) {
                cause.fix = fix;
            }
            if cause.code == CauseCode::ContextNotCancelled
                && let Some(left) = left_alone::of(subject, place, &cases)
            {
                cause.waits_for = left.why;
                cause.fix = left.fix;
            }
            cause
        }
    })
}

fn nil_channel<'a>(place: &Place<'a>, channel: At<'a>) -> Cause {
    let call = channel.bare();
    if call.kind() == "call_expression" && called_name(&call) == Some("Done") {
        let mut cause = said(
            CauseCode::NilChannel,
            format!(
                "`{}`, which is nil: that context can't be cancelled (context.Background() or the like), so a receive never ends, by construction",
                channel.text()
            ),
        );
        if let Some(of) = operand_of(call) {
            cause.fix = context::uncancellable(place, of);
        }
        return cause;
    }
    let name = channel.text();
    let mut cause = said(
        CauseCode::NilChannel,
        format!("`{name}`, a channel that is nil: a send or receive on it never ends, by construction"),
    );
    if let Some((why, fix)) = nil::of_function_timer(place, channel) {
        cause.waits_for = format!("{}; {why}", cause.waits_for);
        cause.fix = fix;
    } else if let Some(nil) = nil::of(place, channel) {
        cause.notes.push(nil.why(place));
        cause.fix = nil.fix(place);
    } else if let Some((made, given)) = nil::made_later(place, channel) {
        cause.fix = format!(
            "set `{}` ({}) before it is handed on ({}): it is nil until then",
            given.text(),
            place.told(made),
            place.told(given)
        );
    } else if let Some(set) = nil::set_to_nil(place, channel) {
        cause.fix = format!(
            "do not set `{name}` to nil while the goroutine reads it ({}, {}), or hand the goroutine a copy of it",
            set.top_func().map_or("here", |func| func.func_name()),
            place.told(set)
        );
    }
    cause
}

/// A wait for a channel that the same goroutine closes later on.
fn of_itself<'a>(place: &Place<'a>, closed: At<'a>) -> Cause {
    let name = closed.text();
    let by = closed.top_func().map_or("a function", |func| func.func_name());
    let mut cause = said(
        CauseCode::ReceiveNoSender,
        format!(
            "`{name}` to be closed, which it does itself, in {by} ({}), after this wait: it waits for itself",
            place.told(closed)
        ),
    );
    cause.fix = format!(
        "do not wait for `{name}` in a function that {by} calls: wait in another goroutine, or leave the wait out"
    );
    cause
}

/// A receive, or a range.
fn received<'a>(subject: &Subject<'a>, place: &Place<'a>, channel: At<'a>, code: CauseCode) -> Cause {
    let name = channel.text();
    if let Some(call) = kind::of_flight(place, channel) {
        let mut cause = said(
            CauseCode::CallWaits,
            format!(
                "the result of `{}` ({}): the function for that key does not return",
                call.field("function")
                    .map_or("DoChan", |function| function.text()),
                place.told(call)
            ),
        );
        cause.fix = "let the function of that call return: close or cancel what it waits for, or select on ctx.Done() too".into();
        return cause;
    }
    match kind::of(place, channel) {
        Kind::Context(of) => context::cause(place, of),
        Kind::Ticker(ticker) => tick(place, channel, &ticker),
        Kind::Timer(timer) => timed(place, channel, &timer),
        Kind::Signal => signal::cause(place, channel, code == CauseCode::RangeNeverClosed),
        Kind::Made(_) | Kind::Unknown => {
            let waits_for = match code {
                CauseCode::RangeNeverClosed => format!("the next value of `{name}`, which is never closed"),
                _ => format!("a value from `{name}`{} any more", fact::NOTHING_ENDS),
            };
            let mut cause = said(code, waits_for);
            let ranges = code == CauseCode::RangeNeverClosed;
            let value = if ranges {
                "the next value of"
            } else {
                "a value from"
            };
            if let Some((close, left)) = unclosed::left_out(place, channel) {
                let end = format!("the loop around `{}` {}", close.text(), left.told);
                cause.waits_for = format!("{}: {end}", cause.waits_for);
                cause.fix = left.fix;
            } else if let Some(ending) = ending::of_channel(place, channel) {
                cause.fix = ending.told(place);
            } else if let Some(fix) = at_hand::of_range(place, channel) {
                cause.fix = fix;
            } else if let Some(lost) = overwritten::of(place, channel) {
                cause.waits_for = format!("{value} `{name}`: {}", lost.told(place));
                cause.fix = lost.fix(place);
            } else if let Some(unsent) = unsent::of(subject, place, channel, ranges) {
                let never = if ranges { ", which is never closed" } else { "" };
                cause.waits_for = format!("{value} `{name}`{never}: {}", unsent.why);
                cause.fix = unsent.fix;
            } else if let Some(closer) = closer::of(place, channel, ranges) {
                cause.waits_for = format!("{value} `{name}`: {}", closer.told(place));
                cause.fix = closer.fix(place);
            } else if ranges && let Some((send, channel)) = only_send(place, channel) {
                cause.fix = match send.func().and_then(handed_to) {
                    Some(call) => format!(
                        "close `{channel}` when nothing sends to it any more: after what `{}` ({}) has been given sends for the last time ({})",
                        call.field("function")
                            .map_or("the call", |function| function.text()),
                        place.told(call),
                        place.told(send)
                    ),
                    None => format!(
                        "close `{channel}` after its last send ({}): `defer close({channel})`",
                        place.told(send)
                    ),
                };
            } else if let Some(fix) = unclosed::after_the_last(place, channel).filter(|_| ranges) {
                cause.fix = fix;
            } else if let Some(fix) = lone_check(subject, place, channel) {
                cause.fix = fix;
            } else if let Some(fix) = ending::lacking(place, channel, ranges) {
                if !ranges {
                    cause.waits_for = format!("a value from `{name}`{}", fact::NOTHING_ENDS);
                }
                cause.fix = fix;
            } else if let Some(skipped) = skipped::of(place, channel, ranges) {
                cause.waits_for = format!("{value} `{name}`: {}", skipped.told(place));
                cause.fix = skipped.fix(place);
            } else if let Some(over) = unsent::over(subject, place, channel, ranges) {
                cause.waits_for = format!("{value} `{name}`: {}", over.why);
                cause.fix = over.fix;
            } else if let Some(fix) = beside_its_own_way_out(place, channel) {
                cause.fix = fix;
            } else if ranges && let Some(close) = only_close(place, channel) {
                let told = format!("`{}` ({})", close.text(), place.told(close));
                cause.fix = match vain::comes_after_the_wait(place, close) {
                    true => closed_behind_its_own_loop(place, channel, close),
                    false => therefore(
                        &format!("{told} has not run for it"),
                        &format!("let {told} run on every path, once"),
                    ),
                };
            }
            if code == CauseCode::ReceiveNoSender && cause.fix == plain(code).fix {
                sole::explain(place, channel, &mut cause);
            }
            cause
        }
    }
}

/// What to do where a test itself stops, in a function that it calls, at a receive that throws the value away, of a channel that a
/// function returns and nothing closes or sends to: it may only look whether something has ended.
fn lone_check<'a>(subject: &Subject<'a>, place: &Place<'a>, channel: At<'a>) -> Option<String> {
    let created = subject.goroutine.created.as_ref()?;
    let is_of_test = created.func.as_str().starts_with("testing.");
    let receive = channel.parent()?;
    let is_alone = receive.parent()?.kind() == "expression_statement";
    let is_asked = channel.bare().kind() == "call_expression";
    let is_called = handle(channel.func()?).is_none();
    (is_of_test && is_alone && is_asked && is_called).then_some(())?;
    let lacking = ending::lacking(place, channel, false)?;
    let (nothing, _) = fact::parts(&lacking)?;
    let name = ending::source_variable(place, channel)?;
    Some(therefore(
        nothing,
        &format!(
            "where this is only a check, a select with `default` ({}) does not wait; where it has to wait, close `{}` before",
            place.told(channel),
            name.name()
        ),
    ))
}

/// What to do where the goroutine that ranges over a channel is the one to close it, behind its loop.
fn closed_behind_its_own_loop<'a>(place: &Place<'a>, channel: At<'a>, close: At<'a>) -> String {
    let (name, at) = (channel.text(), place.told(close));
    let end = enclosing_loop(&channel).and_then(|around| at_hand::of(place, around));
    let fact = format!("`{}` ({at}) comes only after its own loop", close.text());
    let by_sender = format!("close it where its last value is sent, in place of {at}");
    therefore(
        &fact,
        &match end {
            Some(AtHand { channel: end, .. }) => format!(
                "select between `{name}` and `<-{end}` in the loop, and return on the latter; or {by_sender}"
            ),
            None => format!(
                "{by_sender}, or select between `{name}` and a done channel (or ctx.Done()) in the loop, and return on the latter"
            ),
        },
    )
}

/// The one close of a channel.
fn only_close<'a>(place: &Place<'a>, channel: At<'a>) -> Option<At<'a>> {
    let names = flow::names(place.files, ending::source_variable(place, channel)?);
    let [close] = flow::ends(place.files, &names, true)[..] else {
        return None;
    };
    Some(close)
}

/// The one send on a channel that a function makes for itself, if no more than one goroutine runs it, and the channel's name
/// there.
fn only_send<'a>(place: &Place<'a>, channel: At<'a>) -> Option<(At<'a>, &'a str)> {
    let values = place.values(channel);
    let [made] = &values[..] else { return None };
    let var @ Var::Local(decl) = flow::beside(place.files, made.expr, made.index)? else {
        return None;
    };
    // A second close panics.
    if !flow::arguments_of(place.files, &var, "close").is_empty() {
        return None;
    }
    let sends = flow::sends(place.files, &var);
    let [send] = sends[..] else { return None };
    let handed_on = |at: &At<'_>| at.parent().is_some_and(|list| list.kind() == "argument_list");
    let mut between = send.ancestors().take_while(|node| !node.contains(&decl));
    let by_many = between.any(|node| node.is_func() && in_loop(&node));
    let is_only = !by_many && !flow::uses(place.files, &var).iter().any(handed_on);
    is_only.then_some((send, var.name()))
}

/// A loop over a ticker. A `return` or `break` in it may end it.
fn tick<'a>(place: &Place<'a>, channel: At<'a>, ticker: &kind::Timer<'a>) -> Cause {
    let name = channel.text();
    let ticks = enclosing_loop(&channel).or_else(|| {
        // The channel of `for range t.C` is part of the loop's head.
        channel.ancestors().find(|node| node.kind() == "for_statement")
    });
    let Some(ticks) = ticks else {
        return one_tick(place, channel, ticker);
    };
    match exit_inside(&ticks) {
        Some(exit) => {
            let mut cause = said(
                CauseCode::TickerLoop,
                format!(
                    "the next tick of `{name}`, again and again: the loop ends only at {}, and that has not come",
                    select::ends_at(place, &ticks).unwrap_or_else(|| "one of its exits".into())
                ),
            );
            cause.fix = busy::way_out(place, ticks).unwrap_or_else(|| {
                format!(
                    "make the condition at {} true when the test is done, or select between the tick and a done channel",
                    place.told(exit)
                )
            });
            cause
        }
        None => {
            let values = place.values(channel);
            let is_of_tick = values
                .iter()
                .any(|value| qualified(&value.expr) == Some(("time", "Tick")));
            let why = match is_of_tick {
                true => "the channel of time.Tick is never closed",
                false => "Stop does not close a ticker's channel",
            };
            let mut cause = said(
                CauseCode::TickerLoop,
                format!("the next tick of `{name}`, for ever: {why}"),
            );
            let var = kind::timer_variable(place, ticker);
            let is_stopped = var.is_some_and(|var| !flow::methods(place.files, &var, &["Stop"]).is_empty());
            if is_of_tick || is_stopped {
                cause.fix =
                    "select between the tick and ctx.Done() (or a done channel), and return on the latter"
                        .into();
            }
            if let Some((stop, by)) = stopped_by_owner(place, ticker) {
                cause.fix = format!(
                    "select between the tick and a done channel, which {by} closes where it calls `{}` ({}), and return on that",
                    stop.text(),
                    place.told(stop)
                );
            }
            if let Some(AtHand { channel, known }) = at_hand::of(place, ticks) {
                cause.fix = therefore(
                    &format!("its loop does not look at {known}"),
                    &format!("select between the tick and `<-{channel}`, and return on the latter"),
                );
            }
            cause
        }
    }
}

/// Where a method that ends the owner of a ticker stops that, and its name.
fn stopped_by_owner<'a>(place: &Place<'a>, ticker: &kind::Timer<'a>) -> Option<(At<'a>, &'a str)> {
    let var = kind::timer_variable(place, ticker)?;
    let stops = flow::methods(place.files, &var, &["Stop"]).into_iter();
    let by = stops.filter_map(|stop| Some((stop.selector, stop.selector.top_func()?.func_name())));
    let mut by_end = by.filter(|(_, by)| is_ending(by));
    by_end.next()
}

/// A wait for one tick, in no loop.
fn one_tick<'a>(place: &Place<'a>, channel: At<'a>, ticker: &kind::Timer<'a>) -> Cause {
    let name = channel.text();
    let every = timer::period(place, ticker);
    match timer::fate(place, ticker, channel) {
        Fate::Stopped(Some(stop)) => {
            let mut cause = said(
                CauseCode::ReceiveNoSender,
                format!(
                    "a tick of `{name}`, which never comes: `{}` ({}) has stopped the ticker",
                    stop.text(),
                    place.told(stop)
                ),
            );
            cause.fix = AFTER_STOP.into();
            cause
        }
        Fate::Fake => of_fake(channel, "a tick"),
        Fate::Pending if place.is_left => {
            let mut cause = said(
                CauseCode::TimerPending,
                format!("the next tick of `{name}`, a ticker{every}: it goes on by itself when that comes"),
            );
            cause.fix = CANCEL.into();
            cause
        }
        _ => said(
            CauseCode::ReceiveNoSender,
            format!("the next tick of `{name}`: the ticker is stopped, or ticks later"),
        ),
    }
}

/// What hangs on a clock that the test moves.
fn of_fake(channel: At<'_>, what: &str) -> Cause {
    let mut cause = said(
        CauseCode::ReceiveNoSender,
        format!(
            "`{}`, {what} of a fake clock: it comes only when the test moves that clock",
            channel.text()
        ),
    );
    cause.fix = "move the clock (Advance, Step, Add) until the goroutine is done, or select on a done channel (or ctx.Done()) too".into();
    cause
}

const CANCEL: &str =
    "select between the timer and a done channel (or ctx.Done()), and close that when the test is done";
const AFTER_STOP: &str =
    "select on a channel too that is closed where the timer is stopped, and return on that";

/// A wait for a timer, alone.
fn timed<'a>(place: &Place<'a>, channel: At<'a>, timer: &kind::Timer<'a>) -> Cause {
    let name = channel.text();
    let what = timer::described(place, timer);
    match timer::fate(place, timer, channel) {
        Fate::Fake => of_fake(channel, &what),
        Fate::Taken(at) => {
            let mut cause = said(
                CauseCode::ReceiveNoSender,
                format!(
                    "a second value from `{name}`, which never comes: a timer sends one, and `{}` ({}) has taken it",
                    at.text(),
                    place.told(at)
                ),
            );
            cause.fix =
                "receive once for each time that the timer is started (Reset), or use a ticker".into();
            cause
        }
        Fate::Stopped(stop) => {
            let by = match stop {
                Some(stop) => format!("`{}` ({}) has stopped the timer", stop.text(), place.told(stop)),
                None => format!("{what} does not run any more"),
            };
            let mut cause = said(
                CauseCode::ReceiveNoSender,
                format!("a value from `{name}`, which never comes: {by}, or its value was taken before"),
            );
            cause.fix = match stop.is_some_and(|stop| drains(&stop, &channel)) {
                true => {
                    "do not receive from a timer that is stopped already: drain it in a select with `default`"
                        .into()
                }
                false => AFTER_STOP.into(),
            };
            cause
        }
        Fate::MaybeStopped(stop) => {
            let mut cause = said(
                CauseCode::ReceiveNoSender,
                format!(
                    "a value from `{name}`, {what}: if `{}` ({}) has stopped it, none ever comes",
                    stop.text(),
                    place.told(stop)
                ),
            );
            cause.fix = CANCEL.into();
            cause
        }
        Fate::Pending if in_loop(&channel) && !leaves_after(&channel) => {
            let mut cause = said(
                CauseCode::SleepLoop,
                format!("`{name}`, {what}, and in its loop for the next one"),
            );
            cause.fix = CANCEL.into();
            cause
        }
        Fate::Pending => {
            let mut cause = said(
                CauseCode::TimerPending,
                format!("`{name}`, {what}: it ends by itself when that has passed"),
            );
            cause.fix = CANCEL.into();
            cause
        }
    }
}

/// `if !t.Stop() { <-t.C }`.
fn drains(stop: &At<'_>, channel: &At<'_>) -> bool {
    channel
        .ancestors()
        .filter(|node| node.kind() == "if_statement")
        .any(|node| {
            node.field("condition")
                .is_some_and(|condition| condition.contains(stop))
        })
}

/// Whether the loop around is left in the same round, whatever comes.
fn leaves_after(channel: &At<'_>) -> bool {
    let Some(ticks) = enclosing_loop(channel) else {
        return true;
    };
    let body = ticks.field("body").and_then(|body| body.first());
    let statements = body.map_or(Vec::new(), |list| list.children());
    statements
        .iter()
        .filter(|statement| statement.end() > channel.start())
        .any(|statement| matches!(statement.kind(), "return_statement" | "break_statement"))
}

fn sent<'a>(subject: &Subject<'a>, place: &Place<'a>, channel: At<'a>) -> Cause {
    let name = channel.text();
    let (room, is_made) = match kind::of(place, channel) {
        Kind::Made(made) => (made.room, true),
        _ => (None, false),
    };
    let gone = receiver::gone(subject, place, channel, room.is_some());
    let nothing = match gone.is_none() && !place.is_proven() && receiver::is_out_of_sight(place, channel) {
        true => "nothing is seen to receive",
        false => "nothing receives",
    };
    let own = gone
        .is_none()
        .then(|| waits::received_by_itself(subject, place, channel))
        .flatten()
        .map(|receive| {
            let by = receive.top_func().map_or("", |func| func.func_name());
            format!(
                "the sender receives from it itself, in {by} ({}), once it gets past this send",
                place.told(receive)
            )
        });
    let no_more = match (&gone, room, is_made) {
        (Some(gone), None, _) => format!("a receiver on `{name}`: {}", gone.why),
        (Some(gone), Some(room), _) => format!(
            "room in `{name}`: its buffer (`{room}`) is full, and {}",
            gone.why
        ),
        (None, Some(room), _) if let Some(own) = &own => {
            format!("room in `{name}`: its buffer (`{room}`) is full, and {own}")
        }
        (None, None, _) if let Some(own) = &own => format!("a receiver on `{name}`: {own}"),
        (None, Some(room), _) => {
            format!("room in `{name}`: its buffer (`{room}`) is full, and {nothing} from it any more")
        }
        (None, None, true) => {
            format!("a receiver on `{name}`, an unbuffered channel that {nothing} from any more")
        }
        (None, None, false) => format!("a receiver on `{name}`, which {nothing} from any more"),
    };
    let code = match room {
        Some(_) => CauseCode::SendBufferFull,
        None => CauseCode::SendNoReceiver,
    };
    let mut cause = said(code, no_more);
    let starts_later = gone.as_ref().is_some_and(|gone| gone.starts_later);
    if let Some((taken, room)) = waits::holds_a_place(subject).zip(room) {
        cause.waits_for = format!(
            "room in `{name}`: its buffer (`{room}`) is full, and this goroutine holds a place of it already ({})",
            place.told(taken)
        );
        cause.fix = inside::NEST_NOT.into();
    } else if let Some(back) = places::given_back(place, channel).filter(|_| room.is_some()) {
        let own = back.top_func() == channel.top_func();
        cause.fix = match back.top_func().filter(|_| !own) {
            None => places::taken_back(place, channel, back),
            Some(other) => format!(
                "`{name}` counts places: give each back, as {} does ({}), also where what {} does with it fails",
                other.func_name(),
                place.told(back),
                channel.top_func().map_or("the sender", |func| func.func_name())
            ),
        };
    } else if gone.is_none()
        && let Some(unshared) = unshared::of(place, channel, room.is_some())
    {
        let what = match room {
            Some(_) => "room in",
            None => "a receiver on",
        };
        cause.waits_for = format!("{what} `{name}`, {}", unshared.why);
        cause.fix = unshared.fix;
    } else if let Some(twice) = twice::of(place, channel) {
        cause.waits_for = twice.told(name, place);
        cause.fix = twice.fix(place);
    } else if let Some(gone) = given_up::of(place, channel) {
        cause.waits_for = gone.told(name, place);
        cause.fix = gone.fix(place);
    } else if let Some(uneven) = uneven::of(place, channel) {
        cause.waits_for = uneven.told(name, place);
        cause.fix = uneven.fix(place);
    } else if let Some(fix) = beside_its_own_way_out(place, channel) {
        cause.fix = fix;
    } else if gone.is_none()
        && let Some(partly) = partly::of(place, channel)
    {
        if room.is_none() {
            cause.waits_for = partly.told(name, place);
        }
        cause.fix = partly.fix(place);
    } else if let Some(fix) = by_the_only_one(subject, place, channel).filter(|_| !starts_later) {
        cause.fix = fix;
    } else if let Some(gone) = gone {
        cause.fix = gone.fix;
    } else if let Some(fix) = at_hand::of_send(subject, place, channel) {
        cause.fix = fix;
    } else if let Some(fix) = owned::against(subject, place, channel, room.is_some()) {
        cause.fix = fix;
    } else if room.is_none()
        && let Some(fix) = last_send::room(place, channel)
    {
        cause.fix = fix;
    } else if in_endless_loop(&channel) {
        // No room is enough for all of them.
        cause.fix = SELECT_EACH.into();
    }
    cause
}

const SELECT_EACH: &str = "select the send against a done channel (or ctx.Done()), and return on that; it has to come where the receiver ends, or does not start";

/// What to do about a send of the test's own goroutine, where no other one is left that could receive, or close a done channel.
fn by_the_only_one(subject: &Subject<'_>, place: &Place<'_>, channel: At<'_>) -> Option<String> {
    let mut frames = subject.goroutine.frames.iter();
    let is_test = frames.any(|frame| frame.func.as_str() == "testing.tRunner");
    let mut others = peers::near(subject);
    let is_own = |peer: &peers::Peer<'_>| subject.code.innermost_own(&peer.goroutine.frames).is_some();
    (is_test && !others.any(is_own)).then_some(())?;
    let calls = place
        .calls
        .lines
        .first()
        .map_or(Vec::new(), |(file, line)| on_line(file, *line));
    let around = calls.iter().find_map(enclosing_loop);
    let each = around.map_or_else(String::new, |around| {
        format!(" for each round of the loop ({})", place.told(around))
    });
    Some(therefore(
        "the test's own goroutine sends, and no other one is left that could receive",
        &format!(
            "send in a select with `default` ({}), which drops the value where nothing receives just then, or in a goroutine of its own{each}, which stays behind where nothing receives from `{}` later",
            place.told(channel),
            channel.text()
        ),
    ))
}

/// What to do about a send or a receive in a loop of which another case ends the loop: `case <-ctx.Done(): return`.
fn beside_its_own_way_out<'a>(place: &Place<'a>, channel: At<'a>) -> Option<String> {
    let send = channel.parent()?;
    let what = match send.kind() {
        "send_statement" => "send",
        "unary_expression" => "receive",
        _ => return None,
    };
    let is_alone = send
        .parent()
        .is_some_and(|outer| outer.kind() != "communication_case");
    let around = send.ancestors().take_while(|node| !node.is_func());
    let outer = around.filter(|node| node.kind() == "for_statement").last();
    let around = outer.filter(|_| is_alone)?;
    let selects = around.find(&["select_statement"]).into_iter();
    let own = selects.filter(|select| select.func() == send.func());
    let mut ways = own.flat_map(|select| cases(&select)).filter(|case| {
        let ends = matches!(kind::of(place, case.channel), Kind::Context(_))
            || ending::is_only_closed(place, case.channel);
        !case.sends && select::leaves(&case.whole) && ends
    });
    let way = ways.next()?;
    let name = way.channel.text();
    if way.whole.contains(&channel) && what == "receive" {
        return Some(therefore(
            &format!(
                "it is in the case `<-{name}` ({}), which ends its loop only after this receive",
                place.told(way.whole)
            ),
            &format!(
                "receive in a select with `default` ({}), so that the case ends the loop where no value is there",
                place.told(channel)
            ),
        ));
    }
    Some(therefore(
        &format!(
            "`<-{name}` ends its loop ({}), but not this {what}",
            place.told(way.whole)
        ),
        &format!("select the {what} against `<-{name}` too, and return on that"),
    ))
}

/// A send to a goroutine that receives in a loop: caught between two values, which come again and again.
fn sent_for_ever(channel: At<'_>, who: &str, is_it: bool) -> Cause {
    let name = channel.text();
    let which = match is_it {
        true => ", and neither has a way out",
        false => " from a channel of that name: if it is the same, neither has a way out",
    };
    let mut cause = said(
        CauseCode::SendNoReceiver,
        format!("the next receive on `{name}`: {who} receives in a loop{which}"),
    );
    cause.fix =
        "select the send against ctx.Done() or a done channel, and close the channel after the last send"
            .into();
    cause
}
