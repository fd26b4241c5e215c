//! Who ends a wait, whatever makes its channel: the owner that closes it, or who cancels the context.

use super::ending::{self, Ending};
use super::kind::{self, Kind};
use super::place::Place;
use super::{context as contexts, nil};
use crate::go_source::{At, flow};

/// Who ends a wait for a channel.
pub(super) fn channel<'a>(place: &Place<'a>, channel: At<'a>) -> Option<Ending<'a>> {
    match kind::of(place, channel) {
        Kind::Context(of) => context(place, of),
        // To close a nil channel panics.
        Kind::Made(_) | Kind::Unknown if nil::of(place, channel).is_none() => {
            ending::of_channel(place, channel)
        }
        _ => None,
    }
}

/// Who cancels a context.
pub(super) fn context<'a>(place: &Place<'a>, context: At<'a>) -> Option<Ending<'a>> {
    let values = contexts::resolved(place, context);
    values.iter().find_map(|value| {
        let cancel = flow::beside(place.files, value.expr, 1)?;
        let ending = ending::of_cancel(place, &cancel)?;
        // One that its owner's end does not reach is to be made from the owner's.
        let is_lost = !contexts::ends_owner(&ending) && contexts::lost_parent(place, value.expr).is_some();
        (!is_lost).then_some(ending)
    })
}
