//! What kind of channel an expression is, by what made it.

use super::place::Place;
use crate::go_source::calls::{called_name, qualified};
use crate::go_source::types::{name_of, type_of};
use crate::go_source::{At, Value, Var, flow, scope};

/// A kind of channel.
#[derive(Debug, Clone)]
pub(super) enum Kind<'a> {
    /// `ctx.Done()`: the context.
    Context(At<'a>),
    /// A channel of ticks: the ticker, or the call of time.Tick.
    Ticker,
    /// A channel that gets one value after a time.
    Timer(Timer<'a>),
    /// Handed to signal.Notify.
    Signal,
    /// Made with make.
    Made(Made<'a>),
    /// What the source does not tell.
    Unknown,
}

/// A timer's channel.
#[derive(Debug, Clone, Copy)]
pub(super) struct Timer<'a> {
    /// `t` of `t.C`; absent for time.After.
    pub timer: Option<At<'a>>,
    /// The call that made it, if it is found.
    pub made: Option<At<'a>>,
    /// Its duration.
    pub after: Option<At<'a>>,
}

/// `make(chan T, n)`.
#[derive(Debug, Clone)]
pub(super) struct Made<'a> {
    /// The first one found.
    pub at: At<'a>,
    /// The capacity of all of them: `None` if it is unbuffered.
    pub room: Option<&'a str>,
}

/// Modules whose clocks replace package time.
const CLOCKS: &[&str] = &[
    "k8s.io/utils/clock",
    "k8s.io/apimachinery/pkg/util/clock",
    "github.com/jonboulle/clockwork",
    "github.com/benbjohnson/clock",
    "github.com/facebookgo/clock",
    "github.com/andres-erbsen/clock",
    "github.com/coder/quartz",
    "github.com/WatchBeam/clock",
    "code.cloudfoundry.org/clock",
];

/// The kind of a channel. Values of several kinds make it unknown.
pub(super) fn of<'a>(place: &Place<'a>, channel: At<'a>) -> Kind<'a> {
    let values = place.values(channel);
    if values.iter().any(|value| is_notified(place, value)) {
        return Kind::Signal;
    }
    let mut kinds = values.iter().map(|value| by_form(place, value));
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
            (Kind::Timer(one), Kind::Timer(other)) => Kind::Timer(Timer {
                made: one.made.filter(|_| one.made == other.made),
                after: one.after.filter(|_| one.made == other.made),
                ..one
            }),
            (Kind::Context(one), Kind::Context(_)) => Kind::Context(one),
            (Kind::Ticker, Kind::Ticker) => Kind::Ticker,
            _ => return Kind::Unknown,
        };
    }
    all
}

/// Whether `signal.Notify(ch, …)` names a variable that the value went through.
fn is_notified<'a>(place: &Place<'a>, value: &Value<'a>) -> bool {
    let variables = value.path.iter().filter_map(|at| place.variable(*at));
    variables
        .into_iter()
        .any(|var| !flow::arguments_of(place.files, &var, "signal.Notify").is_empty())
}

fn by_form<'a>(place: &Place<'a>, value: &Value<'a>) -> Kind<'a> {
    let expr = value.expr;
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
    match qualified(&call) {
        Some(("time", "After")) => {
            return Kind::Timer(Timer {
                timer: None,
                made: Some(call),
                after: first,
            });
        }
        Some(("time", "Tick")) => return Kind::Ticker,
        _ => {}
    }
    let function = call.field("function");
    let operand = function.and_then(|function| function.field("operand"));
    match (called_name(&call), operand, &arguments[..]) {
        (Some("make"), None, [kind, rest @ ..]) if kind.bare().kind() == "channel_type" => {
            made(place, call, rest.first())
        }
        (Some("Done"), Some(context), []) if is_context(place, context) => Kind::Context(context),
        (Some("C" | "Chan"), Some(clock), []) => of_clock(place, clock),
        (Some("After"), Some(clock), [after]) if is_clock(place, clock) => Kind::Timer(Timer {
            timer: None,
            made: Some(call),
            after: Some(*after),
        }),
        (Some("Tick"), Some(clock), [_]) if is_clock(place, clock) => Kind::Ticker,
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
fn of_clock<'a>(place: &Place<'a>, clock: At<'a>) -> Kind<'a> {
    let values = place.values(clock);
    let makers: Vec<At<'a>> = values
        .iter()
        .map(|value| value.expr)
        .filter(|expr| expr.kind() == "call_expression")
        .collect();
    let names: Vec<&str> = makers.iter().filter_map(called_name).collect();
    let kind = type_of(place.files, clock).and_then(|kind| name_of(place.files, &kind));
    let named = kind
        .filter(|kind| kind.package == "time" || CLOCKS.iter().any(|known| kind.package.starts_with(known)));
    let is = |word: &str| {
        named.as_ref().is_some_and(|kind| kind.name == word)
            || (!names.is_empty()
                && names
                    .iter()
                    .all(|name| name.strip_prefix("New").unwrap_or(name) == word))
    };
    if is("Ticker") {
        return Kind::Ticker;
    }
    if !is("Timer") {
        return Kind::Unknown;
    }
    let made = match &makers[..] {
        [one] => Some(*one),
        _ => None,
    };
    Kind::Timer(Timer {
        timer: Some(clock),
        made,
        after: made.and_then(|call| call.field("arguments")?.first()),
    })
}

/// Whether a value is a clock: of a known module, or of a type that hands out tickers and timers.
fn is_clock<'a>(place: &Place<'a>, operand: At<'a>) -> bool {
    if scope::qualifier(operand).is_some_and(|path| CLOCKS.contains(&path)) {
        return true;
    }
    let Some(kind) = type_of(place.files, operand) else {
        return false;
    };
    let known = name_of(place.files, &kind)
        .is_some_and(|name| CLOCKS.iter().any(|known| name.package.starts_with(known)));
    let after = || crate::go_source::types::method(place.files, &kind, "After");
    known
        || after().is_some_and(|after| {
            after
                .field("result")
                .is_some_and(|result| result.text().ends_with("chan time.Time"))
        })
}

/// The variable of the timer, through which it may be stopped elsewhere.
pub(super) fn timer_variable<'a>(place: &Place<'a>, timer: &Timer<'a>) -> Option<Var<'a>> {
    place.variable(timer.timer?)
}
