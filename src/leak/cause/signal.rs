//! Signals of the operating system: what signal.Stop leaves open.

use super::place::Place;
use super::said;
use crate::go_source::{At, flow};
use crate::leak::{Cause, CauseCode};

/// The cause of a receive from a channel that signal.Notify was given.
pub(super) fn cause<'a>(place: &Place<'a>, channel: At<'a>, ranges: bool) -> Cause {
    let waits_for = format!("an operating-system signal on `{}`", channel.text());
    let mut cause = said(CauseCode::SignalHandler, waits_for);
    let values = place.values(channel);
    let variables = values.iter().flat_map(|value| &value.path);
    let mut stops = variables
        .filter_map(|at| place.variable(*at))
        .flat_map(|var| flow::arguments_of(place.files, &var, "signal.Stop"));
    if let Some(stop) = stops.next() {
        let at = place.told(stop);
        cause.waits_for += &format!(", of which none comes after `{}` ({at})", stop.text());
        let closed = stop.field("arguments").map_or("", |list| list.text());
        cause.fix = match ranges {
            true => format!(
                "`close{closed}` after `{}` ({at}), which does not close it",
                stop.text()
            ),
            false => format!(
                "select on a channel too that is closed after `{}` ({at}), and return on that: signal.Stop does not close `{}`",
                stop.text(),
                channel.text()
            ),
        };
    }
    cause
}
