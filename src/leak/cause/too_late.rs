//! A goroutine whose end comes only after its end: what would close its channel or cancel its context waits for it first.

use super::ending::source_variable;
use super::held::Inside;
use super::kind::{self, Kind};
use super::peers::{self, near, who_of};
use super::place::{Place, short};
use super::stack::site;
use super::waits::{self, GROUP_WAIT};
use super::{Peer, Subject, awaited, context};
use crate::go_source::calls::{called_name, callers, on_line, operand_of, qualified, runs_in};
use crate::go_source::{At, GoFiles, Var, flow, variable};
use crate::goroutine::{Frame, WaitReason};
use crate::leak::{Cause, WaitsBecause};

/// Adds who waits for this goroutine, and what to do; whether one does.
pub(super) fn explain(subject: &Subject<'_>, cause: &mut Cause) -> bool {
    let Some(late) = Late::of(subject) else {
        return false;
    };
    cause.waits_for = format!(
        "{}: {} comes only after {}, which waits for this goroutine",
        cause.waits_for,
        late.told(),
        told(late.waits)
    );
    cause.fix = late.fix(ITSELF);
    true
}

/// Adds to the cause of a goroutine that it does only after its wait what would end the wait of a worker.
pub(super) fn explain_worker(worker: &Subject<'_>, peer: &Peer<'_>, cause: &mut Cause) -> bool {
    let Some(late) = Late::of(worker) else {
        return false;
    };
    cause.waits_for = format!(
        "{}: {} would end the wait there, but comes only after this",
        cause.waits_for,
        late.told()
    );
    cause.fix = late.fix(&who_of(peer));
    true
}

/// What to do about a goroutine whose end comes too late.
pub(super) fn fix(subject: &Subject<'_>) -> Option<String> {
    Some(Late::of(subject)?.fix(ITSELF))
}

const ITSELF: &str = "this goroutine";

/// `` `g.cancel()` (node.go:12) ``.
fn told(call: At<'_>) -> String {
    format!("`{}` ({})", call.text(), short(call))
}

struct Late<'a> {
    /// The close or cancel; `None` for the end of an errgroup, which cancels its context.
    does: Option<At<'a>>,
    /// The call that waits for this goroutine.
    waits: At<'a>,
}

impl<'a> Late<'a> {
    fn of(subject: &Subject<'a>) -> Option<Self> {
        ends_of(subject).into_iter().find_map(|end| {
            let waits = near(subject).find_map(|peer| match end {
                End::Call(does) => waits_before(subject, peer, does),
                End::Group(made) => waits_in_group(subject, peer, made),
            })?;
            let does = match end {
                End::Call(does) => Some(does),
                End::Group(_) => None,
            };
            Some(Self { does, waits })
        })
    }

    fn fix(&self, who: &str) -> String {
        let (after, own) = (told(self.waits), "a context or channel of its own");
        let Some(does) = self.does else {
            return format!(
                "end {who} by {own} when the other functions of the group are done, before {after} waits for it"
            );
        };
        let deferred = match does.is_deferred() {
            true => ", not only in a `defer`",
            false => "",
        };
        let func = self.waits.top_func();
        match func.is_some_and(|func| func.func_name().starts_with("Wait")) {
            // Who waits wants the others to go on.
            true => format!(
                "end {who} by {own} when the other work is done, before {after} waits for it; or call {} before that{deferred}, if no other goroutine needs it then",
                told(does)
            ),
            false => format!("call {} before {after}{deferred}", told(does)),
        }
    }

    fn told(&self) -> String {
        match self.does {
            Some(does) => told(does),
            None => "the end of the group".to_owned(),
        }
    }
}

/// What ends a wait.
#[derive(Clone, Copy)]
enum End<'a> {
    /// `close(s.stop)`, `g.cancel()`, or a call of the function that does that.
    Call(At<'a>),
    /// `errgroup.WithContext(ctx)`: the end of the group.
    Group(At<'a>),
}

/// Everything that would end the wait of a goroutine.
fn ends_of<'a>(subject: &Subject<'a>) -> Vec<End<'a>> {
    match awaited::operation(subject) {
        Some((place, operation)) => awaited::receives(&operation)
            .flat_map(|channel| ends(&place, channel))
            .collect(),
        None => closes_of_listener(subject).unwrap_or_default(),
    }
}

/// `ln.Close()`, for what waits in `ln.Accept()`.
fn closes_of_listener<'a>(subject: &Subject<'a>) -> Option<Vec<End<'a>>> {
    let files = subject.code.sources;
    let frames = &subject.goroutine.frames;
    let accepts = |frame: &Frame| {
        let func = frame.func.as_str();
        func.starts_with("net.(*") && func.ends_with(".Accept")
    };
    frames.iter().any(accepts).then_some(())?;
    let place = Place::at(subject, subject.code.innermost_own(frames)?)?;
    let calls = on_line(place.file, place.line).into_iter();
    let mut accepting = calls.rev().filter(|call| called_name(call) == Some("Accept"));
    let listener = variable(files, operand_of(accepting.next()?)?)?;
    let names = flow::names(files, listener);
    let closes = names
        .iter()
        .flat_map(|name| flow::methods(files, name, &["Close"]));
    Some(with_callers(
        files,
        closes.filter_map(|close| close.call).collect(),
    ))
}

/// Everything that closes a channel or cancels its context.
fn ends<'a>(place: &Place<'a>, channel: At<'a>) -> Vec<End<'a>> {
    let files = place.files;
    let named = |var: Var<'a>| flow::names(files, var).into_iter();
    let calls: Vec<At<'a>> = match kind::of(place, channel) {
        Kind::Context(of) => {
            let made = context::resolved(place, of);
            let mut steps = made.iter().flat_map(|value| &value.path);
            if let Some(group) = steps.find(|step| qualified(step) == Some(WITH_CONTEXT)) {
                return vec![End::Group(*group)];
            }
            let cancels = made.iter().filter_map(|value| flow::beside(files, value.expr, 1));
            cancels
                .flat_map(named)
                .flat_map(|var| flow::calls_of(files, &var))
                .collect()
        }
        Kind::Made(_) | Kind::Unknown => source_variable(place, channel)
            .into_iter()
            .flat_map(named)
            .flat_map(|var| flow::arguments_of(files, &var, "close"))
            .collect(),
        _ => Vec::new(),
    };
    with_callers(files, calls)
}

/// The calls, and those of the functions that make them.
fn with_callers<'a>(files: &'a GoFiles, calls: Vec<At<'a>>) -> Vec<End<'a>> {
    let through = calls.iter().filter_map(|call| call.func());
    let through = through.flat_map(|func| callers(files, func)).collect::<Vec<_>>();
    calls.into_iter().chain(through).map(End::Call).collect()
}

/// A goroutine that has yet to make what would end the wait, and waits for something else before.
pub(super) struct HeldUp<'s, 'a> {
    pub peer: &'s Peer<'a>,
    /// What it would do, and where it waits, in words.
    pub told: String,
}

/// The one goroutine that does, where no other one waits as this one does: of several, whose end it is would not be known.
pub(super) fn held_up<'s, 'a>(subject: &'s Subject<'a>) -> Option<HeldUp<'s, 'a>> {
    let own = &site(&subject.goroutine.frames)?.func;
    let is_like = |peer: &Peer<'a>| site(&peer.goroutine.frames).is_some_and(|site| site.func == *own);
    if near(subject).any(is_like) {
        return None;
    }
    ends_of(subject).into_iter().find_map(|end| {
        let End::Call(does) = end else { return None };
        let mut held = near(subject).filter_map(|peer| {
            let runs = peer.goroutine.state.wait_reason() == WaitReason::Running;
            let call = waits_in(subject, peer, does).filter(|_| !runs)?;
            Some(HeldUp {
                peer,
                told: format!(
                    "{} comes only after {}, in which {} waits",
                    told(does),
                    told(call),
                    who_of(peer)
                ),
            })
        });
        let one = held.next()?;
        held.next().is_none().then_some(one)
    })
}

const WITH_CONTEXT: (&str, &str) = ("golang.org/x/sync/errgroup", "WithContext");

/// The call in which a goroutine waits for this one, where it has yet to make another one in the same function.
fn waits_before<'a>(subject: &Subject<'a>, peer: &Peer<'a>, does: At<'a>) -> Option<At<'a>> {
    let call = waits_in(subject, peer, does)?;
    waits_for(&subject.beside(peer), subject, WaitsBecause::WaitGroup).then_some(call)
}

/// The call in which a goroutine waits, where it has yet to make another one in the same function.
fn waits_in<'a>(subject: &Subject<'a>, peer: &Peer<'a>, does: At<'a>) -> Option<At<'a>> {
    let other = subject.beside(peer);
    let inside =
        (0..peer.goroutine.frames.len()).filter_map(|index| Inside::of(&other, peer.goroutine, index));
    let mut waiting =
        inside.filter(|inside| runs_in(does) == Some(inside.func) && inside.is_yet_to_make(does));
    waiting.find_map(|inside| inside.call())
}

/// The call of Wait in which a goroutine waits for the group of this one, which ends with that.
fn waits_in_group<'a>(subject: &Subject<'a>, peer: &Peer<'a>, made: At<'a>) -> Option<At<'a>> {
    let files = subject.code.sources;
    let group = flow::beside(files, made, 0)?;
    let other = subject.beside(peer);
    let frames = &peer.goroutine.frames;
    let index = peers::calls(peer.goroutine, &[GROUP_WAIT])
        .then(|| frames.iter().position(|frame| frame.func.as_str() == GROUP_WAIT))??;
    let call = Inside::of(&other, peer.goroutine, index + 1)?.call()?;
    let on = operand_of(call).and_then(|on| variable(files, on))?;
    let is_it = flow::names(files, group).contains(&on);
    (is_it && waits_for(&other, subject, WaitsBecause::Group)).then_some(call)
}

/// Whether one goroutine waits for another one to end.
fn waits_for(one: &Subject<'_>, other: &Subject<'_>, because: WaitsBecause) -> bool {
    let waits = waits::of(one);
    let mut waits = waits.iter().filter(|wait| wait.reason == because);
    waits.any(|wait| wait.goroutines.contains(&other.id))
}
