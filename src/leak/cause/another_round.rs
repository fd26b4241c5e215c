//! A method that ends one goroutine after the other, and that waits in an earlier round: it has not come to the others.

use super::ending::Ending;
use super::fact::therefore;
use super::held::Inside;
use super::peers::{near, who, who_of};
use super::place::{function, short, short_location};
use super::stack::site;
use super::{Peer, Subject, awaited, ended_by, waits};
use crate::go_source::{At, Operation};
use crate::goroutine::{GoroutineId, WaitReason};
use crate::leak::{Cause, CauseCode, WaitsBecause, WaitsFor};

/// Says so, where the source shows no other reason for which the method that is called does not end this goroutine.
pub(super) fn explain(subject: &Subject<'_>, cause: &mut Cause) {
    let is_of_channel = matches!(
        cause.code,
        CauseCode::ReceiveNoSender | CauseCode::RangeNeverClosed | CauseCode::SelectNoCase
    );
    let Some(round) = is_of_channel.then(|| of(subject)).flatten() else {
        return;
    };
    cause.fix = therefore(&round.fact, &round.fix);
    cause.waits_for_goroutines.push(WaitsFor {
        reason: WaitsBecause::OtherEnd,
        goroutines: vec![round.by],
    });
}

/// The goroutine that has yet to make the call, and waits before it.
fn waits_before<'a>(subject: &Subject<'a>, call: At<'a>, name: &str, of: &str) -> Option<Round> {
    let comes_to_it = |peer: &&Peer<'a>| {
        let works = peer.goroutine.state.wait_reason() == WaitReason::Running;
        let insides = (0..peer.goroutine.frames.len()).filter_map(|index| {
            let inside = Inside::of(subject, peer.goroutine, index)?;
            (Some(inside.func) == call.func()).then_some(inside)
        });
        !works && insides.into_iter().any(|inside| inside.is_yet_to_make(call))
    };
    let peer = near(subject).find(|peer| peer.id != subject.id && comes_to_it(peer))?;
    // One that waits for this one makes the call only after that.
    let waits = waits::of(&subject.beside(peer));
    if waits.iter().any(|wait| wait.goroutines.contains(&subject.id)) {
        return None;
    }
    let who = who_of(peer);
    let at = site(&peer.goroutine.frames).and_then(|frame| frame.at.as_ref())?;
    Some(Round {
        by: peer.id,
        fact: format!(
            "`{name}` of the {of} ({}) has not been called yet: {who} waits before it ({})",
            short(call),
            short_location(at)
        ),
        fix: format!("end the wait of {who} first, which calls `{name}` then"),
    })
}

struct Round {
    by: GoroutineId,
    fact: String,
    fix: String,
}

fn of(subject: &Subject<'_>) -> Option<Round> {
    let (place, operation) = awaited::operation(subject)?;
    let channels = match &operation {
        Operation::Select(cases) => cases
            .iter()
            .filter(|case| !case.sends)
            .map(|case| case.channel)
            .collect(),
        other => awaited::receives(other).collect::<Vec<_>>(),
    };
    let mut endings = channels
        .into_iter()
        .filter_map(|channel| ended_by::channel(&place, channel));
    endings.find_map(|ending| {
        let vain = ending.in_vain(&place).filter(|vain| !vain.is_shown)?;
        let Ending::Method { name, of, at, does } = ending else {
            return None;
        };
        let does = does?;
        // It is past what ends one of them, and its caller calls it again.
        let waits_in_it = |peer: &&Peer<'_>| {
            let frames = &peer.goroutine.frames;
            let index = frames
                .iter()
                .position(|frame| function(subject, frame) == Some(at));
            let inside = |index| Inside::of(subject, peer.goroutine, index);
            let is_past = |index: usize| inside(index).is_some_and(|inside| !inside.may_run(does));
            let again = |index: usize| {
                let mut outer = (index + 1..frames.len()).filter_map(inside);
                outer.any(|outer| outer.comes_back())
            };
            let works = peer.goroutine.state.wait_reason() == WaitReason::Running;
            !works && does.func() == Some(at) && index.is_some_and(|index| is_past(index) && again(index))
        };
        let Some(peer) = near(subject).find(waits_in_it) else {
            return waits_before(subject, vain.at, name, &of);
        };
        let who = who(peer.goroutine);
        let at = site(&peer.goroutine.frames).and_then(|frame| frame.at.as_ref())?;
        Some(Round {
            by: peer.id,
            fact: format!(
                "`{name}` of the {of} ({}) has not come to this one: {who} waits in it for another one ({})",
                short(vain.at),
                short_location(at)
            ),
            fix: format!("end the wait of {who} first, which goes on to this one then"),
        })
    })
}
