//! A goroutine that sends a second value where one is taken.

use super::ending::source_variable;
use super::loops::enclosing_loop;
use super::place::Place;
use super::receiver::receives;
use crate::go_source::calls::runs_in;
use crate::go_source::order::can_follow;
use crate::go_source::{At, flow};

/// A send that may come before the one that waits, and the one receive.
pub(super) struct Twice<'a> {
    first: At<'a>,
    receive: At<'a>,
}

/// The earlier send of the same goroutine, if one value is taken of what the channel carries.
pub(super) fn of<'a>(place: &Place<'a>, channel: At<'a>) -> Option<Twice<'a>> {
    let send = channel.parent().filter(|send| send.kind() == "send_statement")?;
    let func = runs_in(send)?;
    let names = flow::seen_names(place.files, source_variable(place, channel)?)?;
    let receives: Vec<At<'a>> = names.iter().flat_map(|name| receives(place, name)).collect();
    let [receive] = receives[..] else { return None };
    let sends: Vec<At<'a>> = names
        .iter()
        .flat_map(|name| flow::sends(place.files, name))
        .collect();
    // The channel is made for one goroutine and one receive, in the same rounds of a loop.
    let is_in_rounds = |at: &At<'a>| enclosing_loop(at).is_some();
    if sends.iter().any(is_in_rounds) || is_in_rounds(&receive) || is_started_in_rounds(func) {
        return None;
    }
    let first = sends.into_iter().find(|one| {
        let deferred = send.func() != Some(func);
        *one != send && one.func() == Some(func) && (deferred || can_follow(*one, send))
    })?;
    Some(Twice { first, receive })
}

fn is_started_in_rounds(func: At<'_>) -> bool {
    func.kind() == "func_literal" && enclosing_loop(&func).is_some()
}

impl Twice<'_> {
    /// What is waited for, in words.
    pub(super) fn told(&self, name: &str, place: &Place<'_>) -> String {
        format!(
            "a receiver on `{name}`, from which one value is taken ({}): this goroutine may send two, the first at {}",
            place.told(self.receive),
            place.told(self.first)
        )
    }

    /// What to do about it.
    pub(super) fn fix(&self, place: &Place<'_>) -> String {
        format!(
            "send once: `return` after the send at {}, or leave that send to the later one",
            place.told(self.first)
        )
    }
}
