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
    let over = |around: At<'a>| {
        let clause = around
            .children()
            .into_iter()
            .find(|part| part.kind() == "range_clause")?;
        clause.field("right")
    };
    let (from, to) = (over(sends)?, over(takes)?);
    let is_alone = send.func() == Some(literal) && enclosing_loop(&send).is_none();
    (is_alone && from.text() != to.text()).then_some(Uneven {
        sends: from,
        takes: to,
    })
}

impl Uneven<'_> {
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
