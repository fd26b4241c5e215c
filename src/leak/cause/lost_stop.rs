//! A send in a loop whose end is a value that is sent only to who waits for it: that is lost while the loop is in this send.

use super::Subject;
use super::ending::source_variable;
use super::fact::{follows, therefore};
use super::kind::{self, Kind, Made};
use super::place::Place;
use super::select::leaves;
use super::waits;
use crate::go_source::operation::{cases, has_default};
use crate::go_source::{At, flow};
use crate::leak::{Cause, CauseCode};

/// Says so, where the source shows it.
pub(super) fn explain(subject: &Subject<'_>, cause: &mut Cause) {
    if matches!(cause.code, CauseCode::SendNoReceiver | CauseCode::SendBufferFull)
        && !follows(&cause.fix)
        && let Some(fact) = of(subject)
    {
        cause.fix = therefore(&fact, &cause.fix);
    }
}

fn of(subject: &Subject<'_>) -> Option<String> {
    let (place, channel, sends) = waits::channel(subject)?;
    let send = channel
        .parent()
        .filter(|send| sends && send.kind() == "send_statement")?;
    let is_alone = send
        .parent()
        .is_some_and(|outer| outer.kind() != "communication_case");
    let around = send.ancestors().take_while(|node| !node.is_func());
    let around = around
        .filter(|node| node.kind() == "for_statement")
        .last()
        .filter(|_| is_alone)?;
    let selects = around.find(&["select_statement"]).into_iter();
    let own = selects.filter(|select| select.func() == send.func());
    let mut ways = own
        .flat_map(|select| cases(&select))
        .filter(|case| !case.sends && leaves(&case.whole));
    let stop = ways.find_map(|case| dropped(&place, case.channel))?;
    Some(format!(
        "`{}` ({}), with which its loop ends, has a `default` and is dropped while it waits here",
        stop.text(),
        place.told(stop)
    ))
}

/// The send of the test on a channel without room, where every one has a `default` and nothing closes it.
fn dropped<'a>(place: &Place<'a>, channel: At<'a>) -> Option<At<'a>> {
    let Kind::Made(Made { room: None, .. }) = kind::of(place, channel) else {
        return None;
    };
    let names = flow::seen_names(place.files, source_variable(place, channel)?)?;
    let sends: Vec<At<'a>> = names
        .iter()
        .flat_map(|name| flow::sends(place.files, name))
        .collect();
    let is_dropped = |send: &At<'a>| {
        let select = send.parent().and_then(|case| case.parent());
        select.is_some_and(|select| has_default(&select))
    };
    let is_sure = flow::ends(place.files, &names, true).is_empty() && sends.iter().all(is_dropped);
    sends.into_iter().find(|send| is_sure && place.is_by_test(*send))
}
