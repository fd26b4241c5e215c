//! What kind of channel an expression is, by what made it.

use super::clock::{self, Clock};
use super::place::Place;
use crate::go_source::calls::{called_name, operand_of, qualified};
use crate::go_source::types::{name_of, type_of};
use crate::go_source::{At, Value, Var, flow};

/// A kind of channel.
#[derive(Debug, Clone)]
pub(super) enum Kind<'a> {
    /// `ctx.Done()`: the context.
    Context(At<'a>),
    /// A channel of ticks.
    Ticker(Timer<'a>),
    /// A channel that gets one value after a time.
    Timer(Timer<'a>),
    /// Handed to signal.Notify.
    Signal,
    /// Made with make.
    Made(Made<'a>),
    /// What the source does not tell.
    Unknown,
}

/// A timer's channel, or a ticker's.
#[derive(Debug, Clone, Copy)]
pub(super) struct Timer<'a> {
    /// `t` of `t.C`; absent for time.After and time.Tick.
    pub timer: Option<At<'a>>,
    /// The call that made it, if it is found.
    pub made: Option<At<'a>>,
    /// Its duration.
    pub after: Option<At<'a>>,
    /// Of a clock that goes on only when a test moves it.
    pub is_fake: bool,
}

/// `make(chan T, n)`.
#[derive(Debug, Clone)]
pub(super) struct Made<'a> {
    /// The first one found.
    pub at: At<'a>,
    /// The capacity of all of them: `None` if it is unbuffered.
    pub room: Option<&'a str>,
}

/// The kind of a channel. Values of several kinds make it unknown.
pub(super) fn of<'a>(place: &Place<'a>, channel: At<'a>) -> Kind<'a> {
    let values = place.values(channel);
    if values.iter().any(|value| is_notified(place, value)) {
        return Kind::Signal;
    }
    let mut kinds = values.iter().map(|value| on_the_way(place, value));
    let Some(mut all) = kinds.next() else {
        return Kind::Unknown;
    };
    for kind in kinds {
        all = match (all, kind) {
            (Kind::Made(one), Kind::Made(other)) => {
                let same = one.room == other.room;
                let room = one.room.filter(|_| same);
                // One with room, one without: its size is not known.
                if !same && one.room.is_some() != other.room.is_some() {
                    return Kind::Unknown;
                }
                Kind::Made(Made {
                    at: one.at,
                    room: room.or(one.room),
                })
            }
            (Kind::Timer(one), Kind::Timer(other)) => Kind::Timer(one.or(&other)),
            (Kind::Ticker(one), Kind::Ticker(other)) => Kind::Ticker(one.or(&other)),
            (Kind::Context(one), Kind::Context(_)) => Kind::Context(one),
            _ => return Kind::Unknown,
        };
    }
    all
}

impl Timer<'_> {
    /// One of two: what they differ in is not known.
    fn or(self, other: &Self) -> Self {
        let same = self.made == other.made;
        Self {
            made: self.made.filter(|_| same),
            after: self.after.filter(|_| same),
            ..self
        }
    }
}

/// Whether `signal.Notify(ch, …)` names a variable that the value went through.
fn is_notified<'a>(place: &Place<'a>, value: &Value<'a>) -> bool {
    let variables = value.path.iter().filter_map(|at| place.variable(*at));
    variables
        .into_iter()
        .any(|var| !flow::arguments_of(place.files, &var, "signal.Notify").is_empty())
}

/// The first step on the way back from the use that tells: what a clock's own code does further back does not matter.
fn on_the_way<'a>(place: &Place<'a>, value: &Value<'a>) -> Kind<'a> {
    let mut steps = value.path.iter().map(|step| by_form(place, *step));
    steps
        .find(|kind| !matches!(kind, Kind::Unknown))
        .unwrap_or(Kind::Unknown)
}

fn by_form<'a>(place: &Place<'a>, expr: At<'a>) -> Kind<'a> {
    match expr.kind() {
        "call_expression" => called(place, expr),
        "selector_expression" if expr.field("field").is_some_and(|field| field.text() == "C") => expr
            .field("operand")
            .map_or(Kind::Unknown, |clock| of_clock(place, clock)),
        _ => Kind::Unknown,
    }
}

fn called<'a>(place: &Place<'a>, call: At<'a>) -> Kind<'a> {
    let arguments = call.field("arguments").map_or(Vec::new(), |list| list.children());
    let first = arguments.first().copied();
    let of_call = |is_fake: bool| Timer {
        timer: None,
        made: Some(call),
        after: first,
        is_fake,
    };
    match qualified(&call) {
        Some(("time", "After")) => return Kind::Timer(of_call(false)),
        Some(("time", "Tick")) => return Kind::Ticker(of_call(false)),
        _ => {}
    }
    let function = call.field("function");
    let operand = function.and_then(|function| function.field("operand"));
    let clock = |operand| clock::of(place, operand).map(|clock| of_call(clock == Clock::Fake));
    match (called_name(&call), operand, &arguments[..]) {
        // Of a channel, or of a named type: only a channel is sent to.
        (Some("make"), None, [kind, rest @ ..])
            if !matches!(kind.bare().kind(), "map_type" | "slice_type") =>
        {
            made(place, call, rest.first())
        }
        (Some("Done"), Some(context), []) if is_context(place, context) => Kind::Context(context),
        (Some("C" | "Chan"), Some(clock), []) => of_clock(place, clock),
        (Some("After"), Some(on), [_]) => clock(on).map_or(Kind::Unknown, Kind::Timer),
        (Some("Tick"), Some(on), [_]) => clock(on).map_or(Kind::Unknown, Kind::Ticker),
        _ => Kind::Unknown,
    }
}

fn made<'a>(place: &Place<'a>, at: At<'a>, size: Option<&At<'a>>) -> Kind<'a> {
    let Some(size) = size else {
        return Kind::Made(Made { at, room: None });
    };
    match super::duration::nanos(place, *size) {
        Some(0) => Kind::Made(Made { at, room: None }),
        Some(_) => Kind::Made(Made {
            at,
            room: Some(size.text()),
        }),
        // A size that is not known may be 0.
        None => Kind::Unknown,
    }
}

/// A value with a Done method: a context, unless its type is known to be something else.
fn is_context<'a>(place: &Place<'a>, operand: At<'a>) -> bool {
    match type_of(place.files, operand).and_then(|kind| name_of(place.files, &kind)) {
        Some(name) => {
            name.is("context", "Context") || name.name.ends_with("Context") || name.name.ends_with("Ctx")
        }
        None => true,
    }
}

/// A ticker or a timer, of package time or of a clock that replaces it.
fn of_clock<'a>(place: &Place<'a>, timer: At<'a>) -> Kind<'a> {
    let Some(found) = clock::timer(place, timer) else {
        return Kind::Unknown;
    };
    let made = match &found.makers[..] {
        [one] => Some(*one),
        _ => None,
    };
    let known = Timer {
        timer: Some(timer),
        made,
        after: made.and_then(|call| call.field("arguments")?.first()),
        is_fake: found.is_fake,
    };
    match found.ticks {
        true => Kind::Ticker(known),
        false => Kind::Timer(known),
    }
}

/// The variable of the timer, through which it may be stopped elsewhere.
pub(super) fn timer_variable<'a>(place: &Place<'a>, timer: &Timer<'a>) -> Option<Var<'a>> {
    place.variable(timer.timer?)
}

/// The call of singleflight's DoChan that a channel comes from.
pub(super) fn of_flight<'a>(place: &Place<'a>, channel: At<'a>) -> Option<At<'a>> {
    let values = place.values(channel);
    let mut steps = values.iter().flat_map(|value| &value.path);
    let call = steps.find(|step| step.kind() == "call_expression" && called_name(step) == Some("DoChan"))?;
    let on = type_of(place.files, operand_of(*call)?)?;
    let group = name_of(place.files, &on)?;
    (group.name == "Group" && group.package.ends_with("singleflight")).then_some(*call)
}
