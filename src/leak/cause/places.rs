//! Channels that count places: what takes one has to give it back on every path.

use super::fact::therefore;
use super::place::Place;
use super::{Subject, select, waits};
use crate::go_source::{At, Case, flow};
use crate::leak::{Cause, CauseCode};

/// Whether it waits for a place of a channel that counts places: who has one gives it back, whoever else waits for one.
pub(super) fn counts_places(subject: &Subject<'_>, cause: &Cause) -> bool {
    let found = || {
        let (place, channel, sends) = waits::channel(subject)?;
        given_back(&place, channel).filter(|_| sends)
    };
    cause.code == CauseCode::SendBufferFull && found().is_some()
}

/// What to do where a function takes its place back, but not on every path.
pub(super) fn taken_back<'a>(place: &Place<'a>, channel: At<'a>, back: At<'a>) -> String {
    kept_on_a_way(place, channel, back, "send").unwrap_or_else(|| {
        let name = channel.text();
        format!(
            "take the value back on every path: `defer func() {{ <-{name} }}()` right after the send, in place of the `<-{name}` ({})",
            place.told(back)
        )
    })
}

/// The same where a `return` lies between the send, alone or as a case of a select, and what takes the place back.
fn kept_on_a_way<'a>(place: &Place<'a>, channel: At<'a>, back: At<'a>, taken_by: &str) -> Option<String> {
    let (name, at) = (channel.text(), place.told(back));
    let func = back.func().filter(|func| channel.func() == Some(*func))?;
    let mut around = channel.ancestors().take_while(|node| *node != func);
    let case = around.find(|node| node.kind() == "communication_case");
    let select = case.and_then(|case| case.parent());
    let exits = func.find(&["return_statement"]).into_iter();
    let mut between = exits.filter(|exit| {
        // In another case it has no place.
        let is_of_other = select.is_some_and(|select| select.contains(exit))
            && !case.is_some_and(|case| case.contains(exit));
        exit.func() == Some(func)
            && !is_of_other
            && channel.end() < exit.start()
            && exit.end() <= back.start()
    });
    Some(therefore(
        &format!(
            "the `return` ({}) comes before the `<-{name}` ({at}) that gives its place back",
            place.told(between.next()?)
        ),
        &format!(
            "`defer func() {{ <-{name} }}()` right after the {taken_by}, in place of the `<-{name}` ({at})"
        ),
    ))
}

/// A select that waits for a place of a channel that counts places, where a function has kept one.
pub(super) fn no_place_left<'a>(place: &Place<'a>, all: &[Case<'a>]) -> Option<Cause> {
    let mut sends = all.iter().filter(|case| case.sends);
    let fix = sends.find_map(|case| {
        let back = given_back(place, case.channel)?;
        kept_on_a_way(place, case.channel, back, "select")
    })?;
    let mut cause = select::none_of(all);
    cause.fix = fix;
    Some(cause)
}

/// Where a value is taken from the same channel and thrown away: the channel counts places. In another function only if what is
/// sent says nothing.
pub(super) fn given_back<'a>(place: &Place<'a>, channel: At<'a>) -> Option<At<'a>> {
    let thrown_away = |at: &At<'a>| {
        let receive = at.parent().filter(|receive| receive.has_token("<-"));
        let whole = receive.and_then(|receive| receive.parent());
        !at.is_deferred() && whole.is_some_and(|whole| whole.kind() == "expression_statement")
    };
    let uses = flow::uses(place.files, &place.variable(channel)?).into_iter();
    let back: Vec<At<'a>> = uses.filter(thrown_away).collect();
    let own = back.iter().find(|at| at.top_func() == channel.top_func());
    let says_nothing = || {
        let send = channel.parent().filter(|send| send.kind() == "send_statement");
        send.and_then(|send| send.field("value"))
            .is_some_and(|value| value.text() == "struct{}{}")
    };
    own.or_else(|| back.first().filter(|_| says_nothing())).copied()
}
