//! Who receives what a goroutine sends: a loop that has ended, or that was left, takes no value any more.

use super::Subject;
use super::ending::{self, receiver, source_variable};
use super::held::{self, Inside};
use super::kind::{self, Kind};
use super::loops::{enclosing_loop, leaves_loop, rounds};
use super::peers::{near, who_of};
use super::place::{Place, function, handle, short_location};
use super::select::leaves;
use super::stack::site;
use super::starts::{only_starter, runs_often};
use super::waits;
use crate::go_source::calls::{called_name, callers, handed_to, is_called_from, operand_of, own_callee};
use crate::go_source::operation::cases;
use crate::go_source::order::can_follow;
use crate::go_source::types::{type_of, underlying};
use crate::go_source::{At, Var, flow, values};
use crate::goroutine::Goroutine;

/// A loop that receives no more.
pub(super) struct Gone {
    /// Why, in words.
    pub why: String,
    /// What to do about the send.
    pub fix: String,
    /// Whether the sender itself starts it after the send.
    pub starts_later: bool,
}

/// The one loop that receives from the channel, if it does no more.
pub(super) fn gone<'a>(
    subject: &Subject<'a>,
    place: &Place<'a>,
    channel: At<'a>,
    has_room: bool,
) -> Option<Gone> {
    let var = source_variable(place, channel)?;
    let is_shared = matches!(var, Var::Field(..) | Var::Global(_));
    let names = flow::names(place.files, var);
    if names.len() == flow::MOST || names.iter().any(|var| is_handed_away(place, var)) {
        return None;
    }
    let receives: Vec<At<'a>> = names.iter().flat_map(|var| receives(place, var)).collect();
    let first = *receives.first()?;
    let func = first.func()?;
    let around = enclosing_loop(&first);
    // One receive of what a type keeps may be made again, by whoever calls its method.
    if around.is_none() && is_shared {
        return None;
    }
    // What a method hands out of a field is received by whoever asks for it.
    let is_handed_out = |at: &At<'a>| at.bare().kind() == "call_expression";
    if is_shared && receives.iter().any(is_handed_out) {
        return None;
    }
    let is_one = receives.iter().all(|one| one.func() == Some(func));
    let outer = first.top_func().unwrap_or(func);
    let is_started = is_called_from(place.files, outer, place.calls.test?) || runs_anyway(place, outer);
    // Another test may hand a channel of its own to another receiver.
    if !is_one || handle(func).is_some() || !(is_started || is_shared) {
        return None;
    }
    // Where one goroutine of it may still receive, the send waits for that.
    let in_loop = |goroutine: &Goroutine| inside(subject, goroutine, func);
    if let Some(own) = in_loop(subject.goroutine) {
        let mut others = near(subject).filter(|peer| in_loop(peer.goroutine).is_some());
        let comes_back = own.may_run(first) && others.next().is_none();
        return comes_back.then(|| of_itself(place, func, first));
    }
    let (mut left, mut of_others) = (None, false);
    let key = held::key(place.files, channel, &place.calls).unwrap_or_default();
    for peer in near(subject) {
        if let Some(inside) = in_loop(peer.goroutine) {
            if waits::is_at_end(subject, peer.goroutine, &key, false) {
                of_others = true;
                continue;
            }
            if receives.iter().any(|one| inside.may_run(*one)) {
                return None;
            }
            left = site(&peer.goroutine.frames).and_then(|frame| frame.at.as_ref());
        }
    }
    let who = told(place, func);
    let receive = place.told(first);
    if left.is_none()
        && !of_others
        && let Some((call, waiter, at)) = not_reached(subject, place, func)
    {
        let call = format!("`{}` ({})", call.text(), place.told(call));
        return Some(Gone {
            why: format!(
                "{call}, which receives from it ({receive}), is not reached: {waiter} is still at {at}"
            ),
            fix: format!(
                "receive from `{}` in a goroutine of its own before {at}, or give it room for all that is sent before {call}",
                channel.text()
            ),
            starts_later: false,
        });
    }
    let beside = sent_beside(place, channel, &names, func);
    let early = around.map_or(Vec::new(), |around| returns_early(func, &around));
    let why = match left {
        Some(at) => format!(
            "{who} has left the {} that receives from it ({receive}), and is at {}",
            if around.is_some() { "loop" } else { "place" },
            short_location(at)
        ),
        None if of_others => format!(
            "each goroutine in {who}, which receives from it ({receive}), waits for a value of another channel"
        ),
        None => {
            let elsewhere = subject.peers.iter().any(|peer| in_loop(peer.goroutine).is_some());
            let of_test = if elsewhere { " of this test" } else { "" };
            let until = match &early[..] {
                [] => String::new(),
                exits => {
                    let exits: Vec<String> = exits.iter().map(|exit| place.told(*exit)).collect();
                    format!(" until it returns ({})", exits.join(" or "))
                }
            };
            let too = match &beside[..] {
                [] => String::new(),
                all => {
                    let all: Vec<String> = all
                        .iter()
                        .map(|other| {
                            format!(
                                "from `{}`, to which this function sends too ({})",
                                other.text(),
                                place.told(*other)
                            )
                        })
                        .collect();
                    format!(", and {}", all.join(", and "))
                }
            };
            format!("no goroutine{of_test} is in {who}, which receives from it ({receive}){too}{until}")
        }
    };
    if !is_started {
        return Some(Gone {
            why: format!("{why}, and this test starts none as far as the source shows"),
            fix: format!("start {who} before the send{}", as_another_does(place, func)),
            starts_later: false,
        });
    }
    if let Some(start) = starts_later(subject, place, func) {
        let at = match start.line() == func.line() && func.kind() == "func_literal" {
            true => String::new(),
            false => format!(" ({})", place.told(start)),
        };
        let room = match has_room {
            true => ", or give the channel room for all that is sent before",
            false => "",
        };
        return Some(Gone {
            why,
            fix: format!("start {who}{at} before the send: this goroutine does only after it{room}"),
            starts_later: true,
        });
    }
    // What has left its loop returns later or, where it waits for the sender, never.
    let close = closes_at_its_end(place, channel, func, first);
    // One that is not deferred is skipped by a `return` before it.
    let is_skipped = |(close, _): &(At<'a>, At<'a>)| {
        !early.is_empty() && !close.is_deferred() && close.func() == Some(func)
    };
    let late = close.filter(is_skipped);
    let at_its_end = || {
        closed_at_its_end(
            place,
            channel,
            func,
            close.filter(|_| left.is_none())?,
            late.is_some(),
        )
    };
    let against = at_its_end()
        .or_else(|| ends_it(place, channel, func, around?))
        .unwrap_or_else(|| match left {
            Some(_) if around.is_some() => {
                format!("a channel that {who} closes as soon as it has left its loop")
            }
            Some(_) => format!("a channel that {who} closes as soon as it receives no more"),
            None if runs_often(place, func) && !is_made_in(place, channel, func) => {
                let by = only_starter(place, func).map_or_else(String::new, |by| {
                    format!(", but in {}, once each of them has returned", by.func_name())
                });
                format!("a done channel that is closed once {who} receives no more: it runs more than once, so not by its own `defer`{by}")
            }
            None if let Some((close, done)) = late => format!(
                "a channel that {who} closes when it returns: `{}`, with `defer {}` first there in place of the one that comes later ({})",
                done.text(),
                close.text(),
                place.told(close)
            ),
            None => format!(
                "a channel that {who} closes when it returns (`defer close({})`)",
                free_name(func)
            ),
        });
    let moves = reply(place, channel).map_or_else(String::new, |at| {
        let receive = format!("the receive of {}", place.told(at));
        match has_room {
            true => format!(", and {receive} too"),
            false => format!(": room in the channel would only move the wait to {receive}"),
        }
    });
    // What a call's own goroutines send once finds its place in a buffer.
    let is_local = matches!(source_variable(place, channel), Some(Var::Local(_)));
    let is_once =
        enclosing_loop(&channel).is_none() && !is_called_back(channel) && rounds(place, channel).is_none();
    let of_all = |one: &dyn Fn(At<'a>) -> String| {
        let all: Vec<String> = std::iter::once(&channel)
            .chain(&beside)
            .map(|at| one(*at))
            .collect();
        all.join(", ")
    };
    let room = match moves.is_empty() && is_local && is_once {
        true if beside.is_empty() => "give the channel room for every send, or ".to_owned(),
        true => format!(
            "give {} room for every send, or ",
            of_all(&|at| format!("`{}`", at.text())).replacen(", ", " and ", 1)
        ),
        false => String::new(),
    };
    let sends = match &beside[..] {
        [] => "the send".to_owned(),
        _ => format!("each of these sends ({})", of_all(&|at| place.told(at))),
    };
    let rest = left
        .is_none()
        .then(|| takes_the_rest(place, &names, &who, first, &early))
        .flatten();
    // What the early `return` skips is waited for as well.
    let rest = rest.map(|rest| {
        rest + if late.is_some() {
            ", with that `defer` too"
        } else {
            ""
        }
    });
    Some(Gone {
        why,
        fix: format!(
            "{room}select {sends} against {against}{moves}{}",
            rest.unwrap_or_default()
        ),
        starts_later: false,
    })
}

/// The other channels that the function of a send sends to, and that only the same receiver receives from.
fn sent_beside<'a>(place: &Place<'a>, channel: At<'a>, names: &[Var<'a>], func: At<'a>) -> Vec<At<'a>> {
    let sends = channel
        .func()
        .map_or(Vec::new(), |sender| sender.find(&["send_statement"]));
    let own = sends.into_iter().filter(|send| send.func() == channel.func());
    let channels = own.filter_map(|send| send.field("channel"));
    let has_same = |other: &At<'a>| {
        let Some(var @ Var::Local(_)) = source_variable(place, *other) else {
            return false;
        };
        let is_unbuffered = matches!(kind::of(place, *other), Kind::Made(made) if made.room.is_none());
        let others = flow::names(place.files, var.clone());
        let receives: Vec<At<'a>> = others.iter().flat_map(|var| receives(place, var)).collect();
        is_unbuffered
            && !names.contains(&var)
            && enclosing_loop(other).is_none()
            && others.len() < flow::MOST
            && !others.iter().any(|var| is_handed_away(place, var))
            && !receives.is_empty()
            && receives.iter().all(|one| one.func() == Some(func))
    };
    channels.filter(has_same).collect()
}

/// The `return`s in a loop over a channel, where there are few.
pub(super) fn returns_early<'a>(func: At<'a>, around: &At<'a>) -> Vec<At<'a>> {
    let is_over = around.children().iter().any(|head| head.kind() == "range_clause");
    let mut exits = around.find(&["return_statement"]);
    exits.retain(|exit| exit.func() == Some(func));
    exits.truncate(if is_over && exits.len() <= MOST_RETURNS {
        MOST_RETURNS
    } else {
        0
    });
    exits
}

const MOST_RETURNS: usize = 2;

/// What else to do where a loop over a channel that is closed in the end returns before that.
pub(super) fn takes_the_rest<'a>(
    place: &Place<'a>,
    names: &[Var<'a>],
    who: &str,
    receive: At<'a>,
    early: &[At<'a>],
) -> Option<String> {
    let exit = early.first()?;
    // To call a function again would make another channel.
    if !receive.find(&["call_expression"]).is_empty() {
        return None;
    }
    let mut closes = flow::ends(place.files, names, true).into_iter();
    let close = closes.find(|close| !close.is_deferred() || close.func() != receive.func())?;
    Some(format!(
        "; or let {who} take the rest before its `return` ({}), up to `{}` ({}): `for range {} {{}}`",
        place.told(*exit),
        close.text(),
        place.told(close),
        receive.text()
    ))
}

/// A name for a done channel that a function does not use for something else.
fn free_name(func: At<'_>) -> &'static str {
    const NAMES: [&str; 4] = ["done", "quit", "stopped", "over"];
    let whole = func.top_func().unwrap_or(func);
    let is_free = |name: &&&str| whole.file.named_within(name, &whole.bytes()).is_empty();
    NAMES.iter().find(is_free).unwrap_or(&NAMES[0])
}

/// Whether a function makes the channel itself, each time that it runs.
fn is_made_in<'a>(place: &Place<'a>, channel: At<'a>, func: At<'a>) -> bool {
    let var = source_variable(place, channel);
    matches!(var, Some(Var::Local(name)) if name.func() == Some(func))
}

/// Whether a place is in a function literal that another function gets, which may call it as often as it likes.
fn is_called_back(at: At<'_>) -> bool {
    let literal = at.func().filter(|func| func.kind() == "func_literal");
    let call = literal.and_then(handed_to);
    call.is_some_and(|call| called_name(&call) != Some("Go"))
}

/// A loop that sends to itself: only what it does next would receive.
fn of_itself<'a>(place: &Place<'a>, func: At<'a>, receive: At<'a>) -> Gone {
    let who = told(place, func);
    Gone {
        why: format!(
            "only {who} receives from it ({}), which is this goroutine itself, further up this stack",
            place.told(receive)
        ),
        fix: format!("let {who} do the work itself, in place of sending it to its own loop"),
        starts_later: false,
    }
}

/// Whether a function runs without a test: for a variable of the package, in `init` or TestMain.
fn runs_anyway<'a>(place: &Place<'a>, func: At<'a>) -> bool {
    let mut open = vec![func];
    let mut seen = Vec::new();
    while let Some(func) = open.pop() {
        if matches!(func.func_name(), "init" | "TestMain") {
            return true;
        }
        if seen.contains(&func) || seen.len() > FARTHEST {
            continue;
        }
        seen.push(func);
        for call in callers(place.files, func) {
            match call.top_func() {
                Some(by) => open.push(by),
                None => return true,
            }
        }
    }
    false
}

/// Functions that are looked at on the way up.
const FARTHEST: usize = 40;

/// Where the one other function that starts a function does.
fn as_another_does<'a>(place: &Place<'a>, func: At<'a>) -> String {
    match &callers(place.files, func)[..] {
        [call] => call.top_func().map_or_else(String::new, |by| {
            format!(", as {} does ({})", by.func_name(), place.told(*call))
        }),
        _ => String::new(),
    }
}

/// Whether a channel goes to where its receives are not seen.
fn is_handed_away<'a>(place: &Place<'a>, var: &Var<'a>) -> bool {
    flow::uses(place.files, var).into_iter().any(|at| {
        let call = at
            .parent()
            .filter(|list| list.kind() == "argument_list")
            .and_then(|list| list.parent());
        call.is_some_and(|call| {
            let is_builtin = matches!(
                call.field("function").map_or("", |function| function.text()),
                "close" | "len" | "cap" | "append"
            );
            !is_builtin
                && flow::taken_over(place.files, at).is_empty()
                && values::converted(place.files, call).is_none()
        })
    })
}

/// Whether a channel leaves through the method of an interface, called on what is not known: its receives are not seen.
pub(super) fn is_out_of_sight<'a>(place: &Place<'a>, channel: At<'a>) -> bool {
    let Some(var) = source_variable(place, channel) else {
        return false;
    };
    let returns = |at: At<'a>| {
        let list = at.parent().filter(|list| list.kind() == "expression_list");
        let statement = list.and_then(|list| list.parent());
        let func = statement
            .filter(|statement| statement.kind() == "return_statement")?
            .func();
        func.filter(|func| func.kind() == "method_declaration")
    };
    let is_unknown = |call: &At<'a>| {
        own_callee(place.files, *call).is_none()
            && place.values(*call).iter().any(|value| value.expr == *call)
    };
    let uses = flow::names(place.files, var).into_iter();
    let mut methods = uses
        .flat_map(|var| flow::uses(place.files, &var))
        .filter_map(returns);
    methods.any(|method| callers(place.files, method).iter().any(is_unknown))
}

/// Where a variable's channel is received from.
pub(super) fn receives<'a>(place: &Place<'a>, var: &Var<'a>) -> Vec<At<'a>> {
    let is_receive = |at: &At<'a>| {
        let Some(outer) = at.parent() else { return false };
        match outer.kind() {
            "unary_expression" => outer.has_token("<-"),
            "range_clause" => {
                let kind = type_of(place.files, *at).and_then(|kind| underlying(place.files, kind));
                kind.is_some_and(|kind| kind.kind() == "channel_type")
            }
            _ => false,
        }
    };
    // Also from what a function returns: `<-s.C()`.
    let handed_out = |at: At<'a>| {
        let list = at.parent().filter(|list| list.kind() == "expression_list");
        let statement = list.and_then(|list| list.parent());
        let is_only = list.is_some_and(|list| list.children().len() == 1);
        let func = statement.filter(|statement| is_only && statement.kind() == "return_statement")?;
        Some(callers(place.files, func.func()?))
    };
    let uses = flow::uses(place.files, var);
    let handed_out: Vec<At<'a>> = uses.iter().copied().filter_map(handed_out).flatten().collect();
    let mut all = [uses, handed_out].concat();
    all.retain(is_receive);
    all
}

/// What a goroutine has reached in a function, if it is in it.
fn inside<'a>(subject: &Subject<'a>, goroutine: &Goroutine, func: At<'a>) -> Option<Inside<'a>> {
    let frames = &goroutine.frames;
    let index = frames
        .iter()
        .position(|frame| function(subject, frame) == Some(func))?;
    Inside::of(subject, goroutine, index)
}

/// Where the sender itself starts a function after the send: its `go` statement, or the call that the literal is given to.
fn starts_later<'a>(subject: &Subject<'a>, place: &Place<'a>, func: At<'a>) -> Option<At<'a>> {
    (0..subject.goroutine.frames.len()).find_map(|index| {
        let sender = Inside::of(subject, subject.goroutine, index)?;
        let starts = sender.func.find(&["go_statement"]).into_iter();
        let mut later = starts.filter(|start| {
            let call = start.first();
            sender.comes_later(*start)
                && call.is_some_and(|call| {
                    call.field("function") == Some(func) || own_callee(place.files, call) == Some(func)
                })
        });
        let handed = || {
            let list = func.parent().filter(|list| list.kind() == "argument_list")?;
            list.parent()
                .filter(|call| call.func() == Some(sender.func) && sender.comes_later(*call))
        };
        later.next().or_else(handed)
    })
}

/// The one call of a function, where a goroutine of the test is still at an earlier line: that goroutine and the line.
fn not_reached<'a>(
    subject: &Subject<'a>,
    place: &Place<'a>,
    func: At<'a>,
) -> Option<(At<'a>, String, String)> {
    let calls = callers(place.files, func).into_iter();
    let calls: Vec<At<'a>> = calls.filter(|call| place.is_by_test(*call)).collect();
    let [call] = calls[..] else { return None };
    near(subject).find_map(|peer| {
        let mut frames = 0..peer.goroutine.frames.len();
        let index = frames.find(|index| {
            let inside = Inside::of(subject, peer.goroutine, *index);
            inside.is_some_and(|inside| call.func() == Some(inside.func) && inside.comes_later(call))
        })?;
        let at = peer.goroutine.frames[index].at.as_ref()?;
        Some((call, who_of(peer), short_location(at)))
    })
}

/// A function in words.
fn told(place: &Place<'_>, func: At<'_>) -> String {
    match (func.kind(), receiver(func)) {
        ("func_literal", _) => format!("the function of {}", place.told(func)),
        (_, Some(of)) => format!("`{}` of the {of}", func.func_name()),
        _ => format!("`{}`", func.func_name()),
    }
}

/// The close of another channel after the last receive of a function, and that channel.
fn closes_at_its_end<'a>(
    place: &Place<'a>,
    channel: At<'a>,
    func: At<'a>,
    receive: At<'a>,
) -> Option<(At<'a>, At<'a>)> {
    let calls = func.find(&["call_expression"]).into_iter();
    let closes = calls.filter(|call| called_name(call) == Some("close") && can_follow(receive, *call));
    let told_by = closes.filter_map(|call| Some((call, call.field("arguments")?.first()?)));
    let mut only_closed = told_by.filter(|(_, done)| is_only_closed(place, channel, *done));
    only_closed.next()
}

/// The channel that a function closes after its last receive: `defer close(n.done)`.
fn closed_at_its_end<'a>(
    place: &Place<'a>,
    channel: At<'a>,
    func: At<'a>,
    (call, done): (At<'a>, At<'a>),
    is_late: bool,
) -> Option<String> {
    if is_late {
        return Some(format!(
            "`<-{}`, which {} is to close with `defer` first, in place of the one that comes later ({})",
            as_seen(place, channel, done)?,
            told(place, func),
            place.told(call)
        ));
    }
    Some(format!(
        "`<-{}`, which {} closes when it returns ({})",
        as_seen(place, channel, done)?,
        told(place, func),
        place.told(call)
    ))
}

/// What all ways out of the loop wait for: `case <-n.stop: return`.
fn ends_it<'a>(place: &Place<'a>, channel: At<'a>, func: At<'a>, around: At<'a>) -> Option<String> {
    let selects = around.find(&["select_statement"]).into_iter();
    let all = selects
        .filter(|select| select.func() == Some(func))
        .flat_map(|select| cases(&select));
    let ending: Vec<_> = all.filter(|case| !case.sends && leaves(&case.whole)).collect();
    let exits = around
        .find(&["return_statement", "break_statement", "goto_statement"])
        .into_iter();
    let mut others = exits.filter(|exit| {
        exit.func() == Some(func)
            && !ending.iter().any(|case| case.whole.contains(exit))
            && leaves_loop(exit, &around)
    });
    if others.next().is_some() {
        return None;
    }
    let seen = ending.iter().map(|case| {
        let is_end = match kind::of(place, case.channel) {
            Kind::Context(_) => true,
            Kind::Made(_) | Kind::Unknown => is_only_closed(place, channel, case.channel),
            Kind::Ticker(_) | Kind::Timer(_) | Kind::Signal => false,
        };
        is_end.then(|| as_seen(place, channel, case.channel))?
    });
    let seen: Vec<String> = seen.collect::<Option<_>>()?;
    let first = ending.first()?;
    let list: Vec<String> = seen.iter().map(|channel| format!("`<-{channel}`")).collect();
    Some(format!(
        "{}, on which {} returns ({})",
        list.join(" and "),
        told(place, func),
        place.told(first.whole)
    ))
}

/// Whether a channel is there to be closed: it is, and carries no values that another receiver would take away.
fn is_only_closed<'a>(place: &Place<'a>, of: At<'a>, channel: At<'a>) -> bool {
    let Some(var) = source_variable(place, channel) else {
        return false;
    };
    let names = flow::names(place.files, var);
    let is_it = place.variable(of).is_some_and(|of| names.contains(&of));
    !is_it && ending::is_only_closed(place, channel)
}

/// A channel or context of another function as the place of a send can name it: a field beside its own channel, or a
/// variable that both see.
fn as_seen<'a>(place: &Place<'a>, channel: At<'a>, other: At<'a>) -> Option<String> {
    let other = other.bare();
    if other.kind() == "call_expression" {
        let (of, method) = (operand_of(other)?, called_name(&other)?);
        let has_arguments = other
            .field("arguments")
            .is_some_and(|list| list.first().is_some());
        let of = as_seen(place, channel, of).filter(|_| !has_arguments)?;
        return Some(format!("{of}.{method}()"));
    }
    match place.variable(other)? {
        // Itself, or the parameter that has got it.
        var @ Var::Local(_) => flow::names(place.files, var).into_iter().find_map(|name| {
            let Var::Local(decl) = name else { return None };
            let is_around = decl.func().is_some_and(|func| func.contains(&channel));
            is_around.then(|| decl.text().to_owned())
        }),
        Var::Global(decl) => Some(decl.text().to_owned()),
        Var::Field(owner, field) => {
            let Some(Var::Field(of, _)) = place.variable(channel) else {
                return None;
            };
            let operand = channel.bare().field("operand")?.text();
            (of == owner).then(|| format!("{operand}.{field}"))
        }
    }
}

/// Where the sender waits for the answer to what it sends, with nothing beside.
fn reply<'a>(place: &Place<'a>, channel: At<'a>) -> Option<At<'a>> {
    let send = channel.parent().filter(|send| send.kind() == "send_statement")?;
    let value = send.field("value")?;
    let sent: Vec<Var<'a>> = value
        .find(&["identifier"])
        .into_iter()
        .filter_map(|name| place.variable(name))
        .collect();
    let root = |expr: At<'a>| place.variable(expr.root_of_selector()?);
    let receives = send.func()?.find(&["unary_expression"]).into_iter();
    let mut answers = receives.filter(|receive| {
        let in_case = receive
            .ancestors()
            .any(|node| node.kind() == "communication_case");
        let from = receive.field("operand").and_then(root);
        receive.has_token("<-")
            && !in_case
            && can_follow(send, *receive)
            && from.is_some_and(|from| sent.contains(&from))
    });
    answers.next()
}
