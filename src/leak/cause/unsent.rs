//! Who should have sent to a channel or closed it: a function that does nothing with it, a sender that has left on its own way
//! out, or the waiting function itself, after its wait.

use super::Subject;
use super::ending::{holds, is_only_closed, source_variable};
use super::exits::{gives_an_error, recovered};
use super::kind::{self, Kind};
use super::loops::in_loop;
use super::peers::near;
use super::place::{Place, handle, is_in};
use super::select::leaves;
use crate::go_source::calls::{called_name, callers, handed_to, own_callee, position, qualified};
use crate::go_source::operation::cases;
use crate::go_source::order::can_follow;
use crate::go_source::values::{ranged, writes};
use crate::go_source::{At, Case, Var, flow};

/// What the source says of the other end, and what to do.
pub(super) struct Unsent {
    pub why: String,
    pub fix: String,
}

/// The one that should have sent or closed. A range is ended by a close alone.
pub(super) fn of<'a>(
    subject: &Subject<'a>,
    place: &Place<'a>,
    channel: At<'a>,
    ranges: bool,
) -> Option<Unsent> {
    let (names, closes, sends) = ends(place, channel)?;
    match (&closes[..], &sends[..]) {
        ([], []) => idle(place, &names),
        ([], [_, ..]) if !ranges => sender_left(subject, place, &sends),
        ([close], []) => closed_after(place, channel, *close),
        _ => None,
    }
}

/// The one function that closes a channel or sends to it, if no goroutine is in that any more.
pub(super) fn over<'a>(
    subject: &Subject<'a>,
    place: &Place<'a>,
    channel: At<'a>,
    ranges: bool,
) -> Option<Unsent> {
    let (names, closes, sends) = ends(place, channel)?;
    // What a type keeps is sent to by whoever calls its method, unless it only keeps what each waiter makes for itself.
    let is_own = || place.made(channel).and_then(|made| made.func()) == channel.func();
    if !names.iter().all(|name| matches!(name, Var::Local(_))) && !is_own() {
        return None;
    }
    let (sites, does) = match (&closes[..], &sends[..]) {
        ([], [_, ..]) if !ranges => (sends, "sends to it"),
        ([_], []) => (closes, "closes it"),
        _ => return None,
    };
    let first = *sites.first()?;
    let func = first.func().filter(|func| func.kind() != "func_literal")?;
    let is_one = sites
        .iter()
        .all(|site| site.func() == Some(func) && !site.is_deferred());
    let is_started = place.calls.test.is_some() && place.is_by_test(first);
    if !is_one || !is_started || holds(place, func) || handle(func).is_some() || is_there(subject, func) {
        return None;
    }
    if let Some(recovers) = recovers(func, &sites).filter(|_| first.kind() == "send_statement") {
        let (who, at, from) = (func.func_name(), place.told(first), place.told(recovers));
        return Some(Unsent {
            why: format!(
                "no goroutine is in {who} any more, which sends to it ({at}) unless it recovers from a panic before that ({from})"
            ),
            fix: format!("send in {who} where it recovers too ({from}), as it does without a panic ({at})"),
        });
    }
    let early = func.find(&["return_statement"]).into_iter();
    let mut early = early.filter(|exit| exit.func() == Some(func) && exit.end() < first.start());
    if let Some(exit) = early.find(|exit| gives_an_error(*exit)) {
        let (who, at, exit) = (func.func_name(), place.told(first), place.told(exit));
        return Some(Unsent {
            why: format!(
                "no goroutine is in {who} any more, which {does} ({at}) unless it returns an error before that ({exit})"
            ),
            fix: format!(
                "let {who} answer what waits before that `return` ({exit}) too: by a close, or by a send ({at}) of a value that tells the error"
            ),
        });
    }
    let calls = callers(place.files, func);
    let is_called_once = matches!(calls[..], [call] if !in_loop(&call));
    let (who, at) = (func.func_name(), place.told(first));
    let name = match first.kind() {
        "send_statement" => first.field("channel")?,
        _ => first.field("arguments")?.first()?,
    };
    Some(Unsent {
        why: format!("no goroutine is in {who} any more, which {does} ({at})"),
        fix: match does {
            "closes it" => format!(
                "close `{0}` on every path of {who}: `defer close({0})` in place of {at}",
                name.text()
            ),
            _ if is_called_once => format!(
                "send in {who} ({at}) as often as it is received, or `defer close({})` there",
                name.text()
            ),
            _ => format!("send in {who} ({at}) as often as it is received, on every path"),
        },
    })
}

/// The `recover()` with which a function leaves before it sends, where it has no other way to do so.
fn recovers<'a>(func: At<'a>, sends: &[At<'a>]) -> Option<At<'a>> {
    let last = sends.iter().map(At::start).max()?;
    let returns = func.find(&["return_statement"]).into_iter();
    let mut early = returns.filter(|exit| exit.func() == Some(func) && exit.start() < last);
    if early.next().is_some() || sends.iter().any(|send| in_loop(send) || select_around(*send)) {
        return None;
    }
    recovered(func)
}

/// Whether a send may be left out for another case.
fn select_around(send: At<'_>) -> bool {
    send.parent()
        .is_some_and(|outer| outer.kind() == "communication_case")
}

/// Whether a goroutine of the same test is in a function.
pub(super) fn is_there<'a>(subject: &Subject<'a>, func: At<'a>) -> bool {
    near(subject).any(|peer| is_in(subject, peer.goroutine, func))
}

/// The variables that have a channel, its closes and its sends; `None` where others may have it too.
fn ends<'a>(place: &Place<'a>, channel: At<'a>) -> Option<(Vec<Var<'a>>, Vec<At<'a>>, Vec<At<'a>>)> {
    let through = through_literal(place, channel).and_then(|stop| place.variable(stop));
    let over = match place.variable(channel) {
        Some(Var::Local(decl)) => ranged(decl).map(|(over, _)| over),
        _ => None,
    };
    let of_all = || source_variable(place, over?).or_else(|| place.variable(over?));
    let var = through
        .or_else(of_all)
        .or_else(|| source_variable(place, channel))?;
    let names = flow::seen_names(place.files, var)?;
    let closes = flow::ends(place.files, &names, true);
    let sends: Vec<At<'a>> = names
        .iter()
        .flat_map(|name| flow::sends(place.files, name))
        .collect();
    Some((names, closes, sends))
}

/// The function that gets a channel which nothing closes or sends to, and does nothing with it.
fn idle<'a>(place: &Place<'a>, names: &[Var<'a>]) -> Option<Unsent> {
    let given = |name: &Var<'a>| {
        let Var::Local(decl) = name else { return None };
        let func = decl.func()?;
        position(func, *decl)?;
        let declares = decl.parent()?.field("type")?;
        let may_end = !declares.text().starts_with("<-");
        let is_used = flow::uses(place.files, name).iter().any(|used| used != decl);
        let is_named = func.kind() != "func_literal" && !holds(place, func);
        (may_end && !is_used && is_named).then_some((func, *decl))
    };
    let mut all = names.iter().filter_map(given);
    let (func, decl) = all.next()?;
    all.next().is_none().then_some(())?;
    let (who, name, at) = (func.func_name(), decl.text(), place.told(func));
    Some(Unsent {
        why: format!("{who} ({at}), which gets it as `{name}`, neither closes it nor sends to it"),
        fix: format!("close `{name}` in {who} when it returns: `defer close({name})` ({at})"),
    })
}

/// A sender that has a way out of its own, and is gone.
fn sender_left<'a>(subject: &Subject<'a>, place: &Place<'a>, sends: &[At<'a>]) -> Option<Unsent> {
    let ways: Option<Vec<(At<'a>, Case<'a>)>> = sends.iter().map(|send| way_out(*send)).collect();
    let ways = ways?;
    let (func, way) = ways.first()?;
    let is_one = ways.iter().all(|(other, _)| other == func);
    let is_started = place.calls.test.is_none() || place.is_by_test(way.channel);
    if !is_one || !is_started || holds(place, *func) || !has_come(place, way.channel) {
        return None;
    }
    if is_there(subject, *func) {
        return None;
    }
    let who = match func.kind() {
        "func_literal" => "its sender".to_owned(),
        _ => format!("its sender, {},", func.func_name()),
    };
    let (way_out, at) = (way.channel.text(), place.told(way.whole));
    Some(Unsent {
        why: format!("{who} may have left in its case `<-{way_out}` ({at}) before it has sent all"),
        fix: format!(
            "select the receive against `<-{way_out}` too, on which its sender leaves ({at}), and return on that"
        ),
    })
}

/// Whether the source shows what makes a case ready: a cancel or close that is called, or a deadline.
fn has_come<'a>(place: &Place<'a>, channel: At<'a>) -> bool {
    let files = place.files;
    let is_called = |var: Var<'a>| {
        let names = flow::names(files, var);
        names.iter().any(|name| !flow::calls_of(files, name).is_empty())
    };
    match kind::of(place, channel) {
        Kind::Context(of) => place.values(of).iter().any(|value| match qualified(&value.expr) {
            Some(("context", "WithTimeout" | "WithDeadline")) => true,
            Some(("context", _)) => flow::beside(files, value.expr, 1).is_some_and(is_called),
            _ => false,
        }),
        _ => is_only_closed(place, channel),
    }
}

/// The function of a send, and the case of a select there that leaves it before that send.
fn way_out(send: At<'_>) -> Option<(At<'_>, Case<'_>)> {
    let func = send.func()?;
    let selects = func.find(&["select_statement"]).into_iter();
    let own = selects.filter(|select| {
        select.func() == Some(func) && (select.contains(&send) || can_follow(*select, send))
    });
    let mut ways = own
        .flat_map(|select| cases(&select))
        .filter(|case| !case.sends && leaves(&case.whole) && !case.whole.contains(&send));
    Some((func, ways.next()?))
}

/// The only close, in the function that waits, and after its wait.
fn closed_after<'a>(place: &Place<'a>, channel: At<'a>, close: At<'a>) -> Option<Unsent> {
    let func = channel.func()?;
    let is_later = close.is_deferred() || close.start() > channel.end() && can_follow(channel, close);
    (close.func() == Some(func) && is_later).then_some(())?;
    let (does, at) = (close.text(), place.told(close));
    let closed = close.field("arguments")?.first()?;
    let deferred = if close.is_deferred() {
        ", not in a `defer`"
    } else {
        ""
    };
    let before = format!("`{does}` ({at}) before this wait{deferred}");
    let is_other = place.variable(closed) != place.variable(channel);
    let handed = is_other.then(|| handed_on(place, func, closed)).flatten();
    let why = format!("only `{does}` ({at}) closes it, and that comes after this wait");
    Some(match handed {
        Some((call, callee)) => Unsent {
            why: format!(
                "{why}: `{}` is the `{}` that {} ({}) hands on",
                channel.text(),
                closed.text(),
                callee,
                place.told(call)
            ),
            fix: format!(
                "let {callee} make a channel of its own, and close that when it returns; or {before}"
            ),
        },
        None => Unsent { why, fix: before },
    })
}

/// `stop` of `poll(func(done chan int) { seen = done }, stop)`, where `poll` calls the function with that.
fn through_literal<'a>(place: &Place<'a>, seen: At<'a>) -> Option<At<'a>> {
    let files = place.files;
    let written = writes(files, &place.variable(seen)?);
    let [given] = &written[..] else { return None };
    let Var::Local(parameter) = place.variable(given.value)? else {
        return None;
    };
    let literal = parameter.func()?;
    let (index, call) = (position(literal, parameter)?, handed_to(literal)?);
    let arguments = call.field("arguments")?.children();
    let callee = own_callee(files, call)?;
    let at = arguments.iter().position(|argument| *argument == literal)?;
    let parameters = callee.field("parameters")?.children().into_iter();
    let parameters: Vec<At<'a>> = parameters.flat_map(|one| one.fields("name")).collect();
    let runs = flow::calls_of(files, &Var::Local(*parameters.get(at)?));
    let [runs] = runs[..] else { return None };
    let given = *runs.field("arguments")?.children().get(index)?;
    let from = parameters
        .iter()
        .position(|one| place.variable(given) == Some(Var::Local(*one)))?;
    arguments.get(from).copied()
}

/// The one call of a function that gets a variable.
fn handed_on<'a>(place: &Place<'a>, func: At<'a>, what: At<'a>) -> Option<(At<'a>, &'a str)> {
    let uses = flow::uses(place.files, &place.variable(what)?).into_iter();
    let calls = uses.filter_map(handed_to);
    let calls = calls.filter(|call| call.func() == Some(func) && called_name(call) != Some("close"));
    let calls: Vec<At<'a>> = calls.collect();
    let [call] = calls[..] else { return None };
    Some((call, own_callee(place.files, call)?.func_name()))
}
