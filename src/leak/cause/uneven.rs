//! A loop that starts senders, and another loop, over something else, that takes their values.

use super::ending::source_variable;
use super::loops::{enclosing_loop, in_loop};
use super::place::Place;
use super::receiver::receives;
use crate::go_source::calls::is_started;
use crate::go_source::{At, Var, flow};

/// The two loops.
pub(super) struct Uneven<'a> {
    sends: At<'a>,
    takes: At<'a>,
}

/// The loops, if each starts one sender a round and takes one value a round, in the function that makes the channel.
pub(super) fn of<'a>(place: &Place<'a>, channel: At<'a>) -> Option<Uneven<'a>> {
    let ends = Ends::of(place, channel)?;
    let (sends, takes) = ends.loops(ends.send, ends.receive)?;
    Some(Uneven { sends, takes })
}

/// The same for a goroutine that takes one value: each round of the one loop starts one, and each round of the other one sends.
pub(super) fn of_receive<'a>(place: &Place<'a>, channel: At<'a>) -> Option<Uneven<'a>> {
    let ends = Ends::of(place, channel)?;
    if !flow::arguments_of(place.files, &ends.name, "close").is_empty() {
        return None;
    }
    let (takes, sends) = ends.loops(ends.receive, ends.send)?;
    Some(Uneven { sends, takes })
}

/// The one send and the one receive of a channel of a function, of which a literal that it starts does one.
struct Ends<'a> {
    name: Var<'a>,
    func: At<'a>,
    literal: At<'a>,
    send: At<'a>,
    receive: At<'a>,
}

impl<'a> Ends<'a> {
    fn of(place: &Place<'a>, channel: At<'a>) -> Option<Self> {
        let var @ Var::Local(decl) = source_variable(place, channel)? else {
            return None;
        };
        let [name] = <[Var<'a>; 1]>::try_from(flow::seen_names(place.files, var)?).ok()?;
        let [send] = flow::sends(place.files, &name)[..] else {
            return None;
        };
        let [receive] = receives(place, &name)[..] else {
            return None;
        };
        Some(Self {
            name,
            func: decl.func()?,
            literal: channel.func().filter(is_started)?,
            send,
            receive,
        })
    }

    /// What the loop goes over that starts the literal with the one end, and the loop around the other end.
    fn loops(&self, started: At<'a>, beside: At<'a>) -> Option<(At<'a>, At<'a>)> {
        let is_alone = started.func() == Some(self.literal) && !in_loop(&started);
        let around =
            |at: At<'a>| over(enclosing_loop(&at).filter(|around| around.func() == Some(self.func))?);
        let (starts, other) = (around(self.literal)?, around(beside)?);
        // A range over the channel itself takes all, as long as it goes on.
        let is_own = other.contains(&beside);
        (is_alone && !is_own && starts.text() != other.text()).then_some((starts, other))
    }
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
