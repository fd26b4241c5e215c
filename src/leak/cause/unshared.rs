//! A send on a channel that nothing else has: it comes before the function hands the channel on, or the caller of that drops it.

use super::loops::enclosing_loop;
use super::place::Place;
use crate::go_source::calls::{called_name, callers_from};
use crate::go_source::{At, Var, flow};

/// Why nothing receives.
pub(super) struct Unshared {
    /// What follows on the name of the channel.
    pub why: String,
    pub fix: String,
}

/// The reason why nothing else can receive from a channel that a function makes for itself.
pub(super) fn of<'a>(place: &Place<'a>, channel: At<'a>, has_room: bool) -> Option<Unshared> {
    let made = place.made(channel)?;
    let var = flow::beside(place.files, made, 0)?;
    let Var::Local(decl) = var else { return None };
    let maker = decl.func()?;
    let uses = flow::uses(place.files, &var);
    let others: Vec<At<'a>> = uses
        .into_iter()
        .filter(|at| *at != decl && !is_send(*at))
        .collect();
    let room = match has_room {
        true => format!("give it room for all that is sent before ({})", place.told(made)),
        false => format!(
            "give it room for the value: `{}` ({})",
            with_room(made)?,
            place.told(made)
        ),
    };
    if channel.func() == Some(maker) {
        let is_first = others.iter().all(|at| at.start() > channel.end());
        let next = others.iter().min_by_key(|at| at.start());
        (is_first && enclosing_loop(&channel).is_none()).then_some(())?;
        let how = match next {
            Some(next) => format!("only after this send ({})", place.told(*next)),
            None => "to nothing".to_owned(),
        };
        return Some(Unshared {
            why: format!(
                "which nothing else has yet: {} hands it on {how}",
                maker.func_name()
            ),
            fix: room,
        });
    }
    // Sent by a goroutine of its own, and returned.
    let is_returned = |at: &At<'a>| {
        let list = at.parent().filter(|list| list.kind() == "expression_list");
        let statement = list.and_then(|list| list.parent());
        statement.is_some_and(|statement| statement.kind() == "return_statement" && at.func() == Some(maker))
    };
    let is_close = |at: &At<'a>| {
        let call = at.parent().and_then(|list| list.parent());
        call.is_some_and(|call| called_name(&call) == Some("close"))
    };
    let (returned, rest): (Vec<At<'a>>, Vec<At<'a>>) = others.into_iter().partition(is_returned);
    let is_all = !returned.is_empty() && rest.iter().all(is_close) && maker.kind() != "func_literal";
    let calls = callers_from(place.files, maker, is_all.then_some(place.calls.test?));
    let drops = |call: &At<'a>| {
        call.parent()
            .is_some_and(|outer| outer.kind() == "expression_statement")
    };
    let first = *calls.first().filter(|_| is_all && calls.iter().all(drops))?;
    let name = maker.func_name();
    Some(Unshared {
        why: format!(
            "which {name} returns: its call ({}) drops it, and nothing else has it",
            place.told(first)
        ),
        fix: format!(
            "receive from what `{name}` returns ({}), or {room}",
            place.told(first)
        ),
    })
}

fn is_send(at: At<'_>) -> bool {
    at.parent()
        .is_some_and(|send| send.kind() == "send_statement" && send.field("channel") == Some(at))
}

/// `make(chan error, 1)` of `make(chan error)`.
fn with_room(made: At<'_>) -> Option<String> {
    let arguments = made.field("arguments")?.children();
    let [kind] = arguments[..] else { return None };
    (called_name(&made) == Some("make")).then(|| format!("make({}, 1)", kind.text()))
}
