//! A goroutine whose end comes only after its end: the method that would close its channel or cancel its context waits for it first.

use super::held::Inside;
use super::peers::near;
use super::place::{Place, blocked, short};
use super::{Peer, Subject, awaited, ended_by, ending::Ending, waits};
use crate::go_source::{At, at_line};
use crate::leak::{Cause, WaitsBecause};

/// Adds the method that waits for this goroutine, and what to do.
pub(super) fn explain(subject: &Subject<'_>, cause: &mut Cause) {
    let Some(late) = Late::of(subject) else { return };
    let Late {
        name,
        of,
        does,
        waits,
    } = late;
    cause.waits_for = format!(
        "{}: `{name}` of the {of} does that only at {}, after it has waited for this goroutine ({})",
        cause.waits_for,
        short(does),
        short(waits)
    );
    cause.fix = format!(
        "let it end before `{name}` of the {of} waits for it ({}): that calls `{}` only afterwards ({}), so cancel a context or close a channel of its own when the other work is done",
        short(waits),
        text(does),
        short(does)
    );
}

/// What a goroutine waits for that another one would do only after it has waited for it, for the cause of that one.
pub(super) fn done_only_after(worker: &Subject<'_>) -> Option<String> {
    let Late { name, of, does, .. } = Late::of(worker)?;
    Some(format!(
        "that waits for `{}` ({}), which `{name}` of the {of} reaches only after this",
        text(does),
        short(does)
    ))
}

/// `g.cancel()`.
fn text<'a>(does: At<'a>) -> &'a str {
    let call = does.ancestors().find(|node| node.kind() == "call_expression");
    let whole = call.filter(|call| call.line() == does.line());
    whole.unwrap_or(does).text()
}

struct Late<'a> {
    name: &'a str,
    of: String,
    /// The close or cancel.
    does: At<'a>,
    /// The wait for this goroutine, in the same method.
    waits: At<'a>,
}

impl<'a> Late<'a> {
    fn of(subject: &Subject<'a>) -> Option<Self> {
        let place = Place::of(subject)?;
        let way = blocked(subject.goroutine.state.wait_reason())?;
        let operation = at_line(place.file, place.line, way)?;
        let ends = awaited::receives(&operation).filter_map(|channel| ended_by::channel(&place, channel));
        let (name, of, does, waits) = ends.into_iter().find_map(|end| {
            let Ending::Method {
                name,
                of,
                at,
                does: Some(does),
            } = end
            else {
                return None;
            };
            let waits = near(subject).find_map(|peer| waits_before(subject, peer, at, does))?;
            Some((name, of, does, waits))
        })?;
        Some(Self {
            name,
            of,
            does,
            waits,
        })
    }
}

/// Where a goroutine in a method has yet to do something there, and waits for this goroutine first.
fn waits_before<'a>(subject: &Subject<'a>, peer: &Peer<'a>, method: At<'a>, does: At<'a>) -> Option<At<'a>> {
    let other = subject.beside(peer);
    let inside =
        (0..peer.goroutine.frames.len()).filter_map(|index| Inside::of(&other, peer.goroutine, index));
    let call = inside
        .filter(|inside| inside.func == method && inside.comes_later(does))
        .find_map(|inside| inside.call())?;
    let waits = waits::of(&other);
    let mut for_group = waits.iter().filter(|wait| wait.reason == WaitsBecause::WaitGroup);
    for_group
        .any(|wait| wait.goroutines.contains(&subject.id))
        .then_some(call)
}
