//! Clocks that replace package time: of well-known modules, and the user's own behind an interface.

use super::place::Place;
use crate::go_source::calls::{called_name, operand_of};
use crate::go_source::types::{Type, name_of, result_of, spec, type_of};
use crate::go_source::{At, TypeName, scope};

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

/// What moves a clock.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Clock {
    /// Time does, as far as the source tells.
    Real,
    /// The test does.
    Fake,
}

/// What a clock has handed out.
pub(super) struct Found<'a> {
    /// The calls that made it.
    pub makers: Vec<At<'a>>,
    /// A ticker; else a timer.
    pub ticks: bool,
    pub is_fake: bool,
}

/// A timer or ticker: of package time or a known clock, or behind an interface of the user's that is named so.
pub(super) fn timer<'a>(place: &Place<'a>, timer: At<'a>) -> Option<Found<'a>> {
    let kind = type_of(place.files, timer);
    let name = kind.and_then(|kind| name_of(place.files, &kind));
    let known = name
        .as_ref()
        .filter(|name| name.package == "time" || is_known(name));
    let makers = makers(place, timer);
    let made_on: Vec<Option<Clock>> = makers.iter().map(|call| of(place, operand_of(*call)?)).collect();
    // Of other types the own code is followed: what their Stop does is not known by a name.
    let behind_interface = || kind.is_some_and(|kind| is_interface(place, &kind));
    let name = match (known, kind) {
        (Some(name), _) => name.name.as_str(),
        (None, Some(_)) if behind_interface() => name.as_ref()?.name.as_str(),
        // A known clock, of which the source is not at hand.
        (None, None) if !makers.is_empty() && made_on.iter().all(Option::is_some) => {
            called_name(makers.first()?)?
        }
        _ => return None,
    };
    let ticks = name.ends_with("Ticker");
    (ticks || name.ends_with("Timer")).then(|| Found {
        is_fake: is_fake_name(name) || made_on.contains(&Some(Clock::Fake)),
        makers,
        ticks,
    })
}

/// The nearest calls that a value comes from: what they do inside does not matter.
fn makers<'a>(place: &Place<'a>, value: At<'a>) -> Vec<At<'a>> {
    let values = place.values(value);
    let mut found: Vec<At<'a>> = Vec::new();
    for value in &values {
        let call = value.path.iter().find(|step| step.kind() == "call_expression");
        if let Some(call) = call.filter(|call| !found.contains(call)) {
            found.push(*call);
        }
    }
    found
}

/// Whether a value is a clock: of a known module, or of a type that hands out timers.
pub(super) fn of<'a>(place: &Place<'a>, operand: At<'a>) -> Option<Clock> {
    if scope::qualifier(operand).is_some_and(|path| CLOCKS.contains(&path)) {
        return Some(Clock::Real);
    }
    let kind = type_of(place.files, operand)?;
    let name = name_of(place.files, &kind);
    let known = name.as_ref().is_some_and(is_known);
    if !known && !hands_out_time(place, &kind) {
        return None;
    }
    let made_fake = || {
        makers(place, operand)
            .iter()
            .any(|call| called_name(call).is_some_and(is_fake_name) || result_is_fake(place, *call))
    };
    let fake = name.is_some_and(|name| is_fake_name(&name.name)) || made_fake();
    Some(if fake { Clock::Fake } else { Clock::Real })
}

fn result_is_fake<'a>(place: &Place<'a>, call: At<'a>) -> bool {
    let result = result_of(place.files, call, 0);
    let name = result.and_then(|kind| name_of(place.files, &kind));
    name.is_some_and(|name| is_fake_name(&name.name))
}

/// `FakeClock`, `NewMock`, `fakeTimer`.
fn is_fake_name(name: &str) -> bool {
    let name = name.to_ascii_lowercase();
    ["fake", "mock", "testing"].iter().any(|word| name.contains(word))
}

fn is_known(name: &TypeName) -> bool {
    CLOCKS.iter().any(|known| {
        name.package
            .strip_prefix(known)
            .is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
    })
}

fn is_interface<'a>(place: &Place<'a>, kind: &Type<'a>) -> bool {
    let body = spec(place.files, kind).and_then(|spec| spec.field("type"));
    body.is_some_and(|body| body.bare().kind() == "interface_type")
}

/// A type of the user's with `After(time.Duration) <-chan time.Time`.
fn hands_out_time<'a>(place: &Place<'a>, kind: &Type<'a>) -> bool {
    let after = crate::go_source::types::method(place.files, kind, "After");
    after.is_some_and(|after| {
        let result = crate::go_source::types::result(after, 0);
        let is_time = result.is_some_and(|result| result.text().replace(' ', "") == "<-chantime.Time");
        let takes = after.field("parameters").and_then(|list| list.first());
        let takes_duration = takes
            .and_then(|parameter| parameter.field("type"))
            .is_some_and(|kind| kind.text() == "time.Duration");
        is_time && takes_duration
    })
}
