//! A lock that another goroutine gives back in turn, one in each round, and that waits in an earlier round.

use super::held::{self, Inside, Lock, calls_above};
use super::peers::{near, who};
use super::place::{short, short_location};
use super::stack::site;
use super::{Peer, Subject};
use crate::go_source::At;
use crate::go_source::calls::called_name;
use crate::goroutine::WaitReason;

/// Who has yet to give it back.
pub(super) struct Turn {
    pub fact: String,
    pub fix: String,
}

/// The goroutine that is past an Unlock of a lock of this name, waits there, and is called again by a loop further out.
pub(super) fn of(subject: &Subject<'_>, wanted: &Lock) -> Option<Turn> {
    near(subject)
        .filter(|peer| peer.id != subject.id && peer.goroutine.state.wait_reason() != WaitReason::Running)
        .find_map(|peer| of_peer(subject, peer, wanted))
}

fn of_peer<'a>(subject: &Subject<'a>, peer: &Peer<'a>, wanted: &Lock) -> Option<Turn> {
    let frames = &peer.goroutine.frames;
    let at = site(frames)?.at.as_ref()?;
    let inside = |index: usize| Inside::of(subject, peer.goroutine, index);
    (0..frames.len()).find_map(|index| {
        let own = inside(index)?;
        let calls = calls_above(subject, peer.goroutine, index);
        let gives = |call: &At<'a>| {
            let is_unlock = called_name(call).is_some_and(|name| held::GIVES.contains(&name));
            let given = || held::lock(subject.code.sources, *call, &calls);
            is_unlock && call.func() == Some(own.func) && given().is_some_and(|given| given.key == wanted.key)
        };
        let all = own.func.find(&["call_expression"]);
        let unlock = *all.iter().find(|call| gives(call))?;
        let is_past = !unlock.is_deferred() && !own.may_run(unlock);
        let outer = (index + 1..frames.len()).filter_map(inside).find(Inside::comes_back)?;
        is_past.then(|| {
            let (name, who) = (own.func.func_name(), who(peer.goroutine));
            let loops = outer.func.func_name();
            Turn {
                fact: format!(
                    "{name}, which unlocks it ({}), has not come to this one: {who} waits in it for another one ({})",
                    short(unlock),
                    short_location(at)
                ),
                fix: format!(
                    "let {loops} unlock all of them (`{}`, {}) in a loop of its own, and wait ({}) only after that",
                    unlock.text(),
                    short(unlock),
                    short_location(at)
                ),
            }
        })
    })
}
