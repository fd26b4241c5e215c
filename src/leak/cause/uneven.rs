//! A loop that starts senders, and another loop, over something else, that takes their values.

use super::ending::source_variable;
use super::place::Place;
use super::receiver::receives;
use super::select::enclosing_loop;
use crate::go_source::calls::is_started;
use crate::go_source::{At, Var, flow};

/// The two loops.
pub(super) struct Uneven<'a> {
    sends: At<'a>,
    takes: At<'a>,
}

/// The loops, if each starts one sender a round and takes one value a round, in the function that makes the channel.
pub(super) fn of<'a>(place: &Place<'a>, channel: At<'a>) -> Option<Uneven<'a>> {
    let var @ Var::Local(name) = source_variable(place, channel)? else {
        return None;
    };
    let func = name.func()?;
    let names = flow::names(place.files, var);
    if names.len() != 1 || names.iter().any(|name| flow::is_given_away(place.files, name)) {
        return None;
    }
    let literal = channel.func().filter(is_started)?;
    let [send] = flow::sends(place.files, &names[0])[..] else {
        return None;
    };
    let [receive] = receives(place, &names[0])[..] else {
        return None;
    };
    let sends = enclosing_loop(&literal).filter(|around| around.func() == Some(func))?;
    let takes = enclosing_loop(&receive).filter(|around| around.func() == Some(func))?;
    let (from, to) = (over(sends)?, over(takes)?);
    let is_alone = send.func() == Some(literal) && enclosing_loop(&send).is_none();
    (is_alone && from.text() != to.text()).then_some(Uneven {
        sends: from,
        takes: to,
    })
}

/// The same for a goroutine that takes one value: each round of the one loop starts one, and each round of the other one sends.
pub(super) fn of_receive<'a>(place: &Place<'a>, channel: At<'a>) -> Option<Uneven<'a>> {
    let var @ Var::Local(name) = source_variable(place, channel)? else {
        return None;
    };
    let func = name.func()?;
    let names = flow::names(place.files, var);
    let is_closed = |name: &Var<'a>| !flow::arguments_of(place.files, name, "close").is_empty();
    if names.len() != 1 || flow::is_given_away(place.files, &names[0]) || is_closed(&names[0]) {
        return None;
    }
    let literal = channel.func().filter(is_started)?;
    let [send] = flow::sends(place.files, &names[0])[..] else {
        return None;
    };
    let [receive] = receives(place, &names[0])[..] else {
        return None;
    };
    let takes = enclosing_loop(&literal).filter(|around| around.func() == Some(func))?;
    let sends = enclosing_loop(&send).filter(|around| around.func() == Some(func))?;
    let is_alone = receive.func() == Some(literal) && enclosing_loop(&receive).is_none();
    let (from, to) = (over(sends)?, over(takes)?);
    (is_alone && send.func() == Some(func) && from.text() != to.text()).then_some(Uneven {
        sends: from,
        takes: to,
    })
}

/// What a loop goes over.
fn over(around: At<'_>) -> Option<At<'_>> {
    let clause = around
        .children()
        .into_iter()
        .find(|part| part.kind() == "range_clause")?;
    clause.field("right")
}

impl Uneven<'_> {
    /// What a receive waits for, in words.
    pub(super) fn told_of_receive(&self, name: &str, place: &Place<'_>) -> String {
        format!(
            "a value from `{name}`: one is taken for each of `{}` ({}), and one is sent for each of `{}` ({})",
            self.takes.text(),
            place.told(self.takes),
            self.sends.text(),
            place.told(self.sends)
        )
    }

    /// What to do about it.
    pub(super) fn fix_of_receive(&self, channel: At<'_>, place: &Place<'_>) -> String {
        let fix = format!(
            "send as many values as are taken: range over `{}` ({}) too",
            self.takes.text(),
            place.told(self.sends)
        );
        let receive = channel.parent().filter(|receive| receive.has_token("<-"));
        let is_dropped = receive
            .and_then(|receive| receive.parent())
            .is_some_and(|whole| whole.kind() == "expression_statement");
        match is_dropped {
            true => format!("{fix}, or `close({})` in place of the sends", channel.text()),
            false => fix,
        }
    }

    /// What is waited for, in words.
    pub(super) fn told(&self, name: &str, place: &Place<'_>) -> String {
        format!(
            "a receiver on `{name}`: one value is sent for each of `{}` ({}), and one is taken for each of `{}` ({})",
            self.sends.text(),
            place.told(self.sends),
            self.takes.text(),
            place.told(self.takes)
        )
    }

    /// What to do about it.
    pub(super) fn fix(&self, place: &Place<'_>) -> String {
        format!(
            "take as many values as are sent: range over `{}` ({}) too",
            self.sends.text(),
            place.told(self.takes)
        )
    }
}
