//! A loop that goes round with time, and does not look at the end that it has at hand: a context that it is given, or a channel
//! that its owner closes.

use super::fact::therefore;
use super::kind::{self, Kind};
use super::loops::enclosing_loop;
use super::owned::{Done, done_in, leave};
use super::place::Place;
use super::select::leaves;
use super::{Subject, context, ending};
use crate::go_source::calls::{called_name, on_line, operand_of, qualified};
use crate::go_source::operation::{Case, cases};
use crate::go_source::order::jumps_to;
use crate::go_source::types::{fields, name_of, spec, type_of};
use crate::go_source::{At, flow, variable};

/// An end at hand.
pub(super) struct AtHand {
    /// What a case of a select would receive from: `ctx.Done()`.
    pub channel: String,
    /// As what it is known, and from where: `` `ctx`, which Run is given ``.
    pub known: String,
}

/// What to do about a send outside of a select, where an end is at hand: once that has come, nothing lets the send go.
pub(super) fn of_send<'a>(subject: &Subject<'a>, place: &Place<'a>, channel: At<'a>) -> Option<String> {
    let func = channel.func()?;
    let around = enclosing_loop(&channel).or_else(|| func.field("body"))?;
    let (fact, end) = match of(place, around) {
        Some(AtHand { channel, known }) => (format!("it does not look at {known}"), channel),
        None => asked_between(place, around, "two sends")?,
    };
    let leave = leave(subject, place, channel);
    Some(therefore(
        &fact,
        &format!("select the send against `<-{end}`, and {leave}"),
    ))
}

/// What to do where a loop sleeps in each round.
pub(super) fn of_sleep(subject: &Subject<'_>) -> Option<String> {
    let frames = &subject.goroutine.frames;
    let sleep = frames
        .iter()
        .position(|frame| frame.func.as_str() == "time.Sleep")?;
    let place = Place::at(subject, sleep + 1)?;
    let calls = on_line(place.file, place.line).into_iter();
    let mut sleeps = calls.filter(|call| qualified(call) == Some(("time", "Sleep")));
    let call = sleeps.next()?;
    let found = match enclosing_loop(&call) {
        None => asked_before(&place, call),
        Some(around) => asked_on_another_way(&place, around, call).or_else(|| match of(&place, around) {
            Some(AtHand { channel, known }) => Some((format!("it does not look at {known}"), channel)),
            None => asked_between(&place, around, "two sleeps"),
        }),
    };
    let (fact, channel) = found?;
    let time = call.field("arguments")?.first()?;
    Some(therefore(
        &fact,
        &format!(
            "select on `time.After({})` and `<-{channel}` in place of `{}` ({}), and return on the latter",
            time.text(),
            call.text(),
            place.told(call)
        ),
    ))
}

/// What to do where a loop over the values of a channel looks for its end only in its rounds.
pub(super) fn of_range<'a>(place: &Place<'a>, channel: At<'a>) -> Option<String> {
    let clause = channel.parent().filter(|outer| outer.kind() == "range_clause")?;
    let around = clause.parent()?;
    let selects = around.find(&["select_statement"]).into_iter();
    let own = selects.filter(|select| select.func() == around.func());
    let mut ways = own
        .flat_map(|select| cases(&select))
        .filter(|case| ends_it(place, case));
    let (fact, end) = match ways.next() {
        Some(way) => {
            let (end, at) = (way.channel.text(), place.told(way.whole));
            (
                format!("it looks at `<-{end}` ({at}) only between two values"),
                end.to_owned(),
            )
        }
        None => asked_between(place, around, "two values")?,
    };
    let name = channel.text();
    Some(therefore(
        &fact,
        &format!(
            "select between `{name}` and `<-{end}` in place of the `range` ({}), and return on the latter",
            place.told(channel)
        ),
    ))
}

/// Whether a case of a select leaves its loop, at an end that the test makes come.
fn ends_it<'a>(place: &Place<'a>, case: &Case<'a>) -> bool {
    let comes = match kind::of(place, case.channel) {
        Kind::Context(context) => context::is_cancelled(place, context),
        Kind::Made(_) | Kind::Unknown => {
            let ending = ending::of_channel(place, case.channel);
            ending.is_some_and(|ending| ending.in_vain(place).is_some())
        }
        Kind::Ticker(_) | Kind::Timer(_) | Kind::Signal => false,
    };
    !case.sends && leaves(&case.whole) && comes
}

/// The `continue` behind a sleep, which goes round without the case that would end the loop.
fn asked_on_another_way<'a>(place: &Place<'a>, around: At<'a>, sleep: At<'a>) -> Option<(String, String)> {
    let statement = sleep.parent()?;
    let list = statement
        .parent()
        .filter(|list| list.kind() == "statement_list")?;
    let last = list.children().into_iter().next_back()?;
    let goes_round = last.kind() == "continue_statement" && jumps_to(&last) == Some(around);
    let selects = around.find(&["select_statement"]).into_iter();
    let own = selects.filter(|select| goes_round && select.func() == around.func());
    let mut ways = own
        .flat_map(|select| cases(&select))
        .filter(|case| ends_it(place, case));
    let way = ways.next().filter(|way| way.whole.start() > list.end())?;
    let channel = way.channel.text();
    let fact = format!(
        "the `continue` ({}) goes round without a look at `<-{channel}` ({})",
        place.told(last),
        place.told(way.whole)
    );
    Some((fact, channel.to_owned()))
}

/// The look at a channel, which the test closes, that the function of a sleep takes only before that.
fn asked_before<'a>(place: &Place<'a>, sleep: At<'a>) -> Option<(String, String)> {
    let func = sleep.func()?;
    let selects = func.find(&["select_statement"]).into_iter();
    let before = selects.filter(|select| select.func() == Some(func) && select.end() <= sleep.start());
    let mut looks = before.flat_map(|select| cases(&select)).filter(|case| {
        let names = ending::source_variable(place, case.channel)
            .map_or(Vec::new(), |var| flow::names(place.files, var));
        let closes = flow::ends(place.files, &names, true);
        !case.sends && leaves(&case.whole) && closes.iter().any(|close| place.is_by_test(*close))
    });
    let look = looks.next()?;
    let channel = look.channel.text();
    let fact = format!(
        "it looks at `<-{channel}` ({}) only before that sleep",
        place.told(look.whole)
    );
    Some((fact, channel.to_owned()))
}

/// The look at a context that comes only when a wait is over: `if ctx.Err() != nil`, of a context that is cancelled.
fn asked_between<'a>(place: &Place<'a>, around: At<'a>, waits: &str) -> Option<(String, String)> {
    let calls = around.find(&["call_expression"]).into_iter();
    let mut asks = calls.filter(|call| called_name(call) == Some("Err") && call.func() == around.func());
    let ask = asks.next()?;
    let context = operand_of(ask).filter(|context| context::is_cancelled(place, *context))?;
    let name = context.text();
    let fact = format!("it looks at `{name}` ({}) only between {waits}", place.told(ask));
    Some((fact, format!("{name}.Done()")))
}

/// The end that a loop has at hand, if the test makes it come and the loop does not look at it.
pub(super) fn of<'a>(place: &Place<'a>, around: At<'a>) -> Option<AtHand> {
    let inner = around.func()?;
    let funcs = std::iter::once(inner).chain(inner.ancestors().filter(At::is_func));
    let mut given = funcs.filter_map(|func| Some((func, context::given_to(func)?)));
    let is_asked = |expr: &str| {
        let uses = around.find(&["selector_expression", "unary_expression"]);
        let asks = [format!("{expr}.Done"), format!("{expr}.Err"), format!("<-{expr}")];
        uses.iter().any(|used| asks.iter().any(|ask| used.text() == ask))
    };
    if let Some((func, name)) = given.next() {
        let whose = match func.kind() {
            "func_literal" => "its function is".to_owned(),
            _ => format!("{} is", func.func_name()),
        };
        let is_end = context::is_cancelled(place, name) && !is_asked(name.text());
        return is_end.then(|| AtHand {
            channel: format!("{}.Done()", name.text()),
            known: format!("`{}`, which {whose} given", name.text()),
        });
    }
    let func = around.top_func()?;
    if let Some((field, whose)) = context::kept_by_owner(place, func) {
        return (!is_asked(&field)).then(|| AtHand {
            channel: format!("{field}.Done()"),
            known: format!("`{field}`, which {whose}"),
        });
    }
    let receiver = func.field("receiver")?.first()?.field("name")?;
    let kind = type_of(place.files, receiver)?;
    let owner = name_of(place.files, &kind)?;
    let all = fields(spec(place.files, &kind)?.field("type")?);
    let Done { name, close, by } = done_in(place, &owner, all)?;
    let channel = format!("{}.{name}", receiver.text());
    variable(place.files, receiver).filter(|_| !is_asked(&channel))?;
    Some(AtHand {
        known: format!(
            "`{channel}`, which {} closes ({})",
            by.func_name(),
            place.told(close)
        ),
        channel,
    })
}
