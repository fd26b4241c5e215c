//! One value that is sent to end a wait which a close would end: it ends one goroutine, or none where none receives just then.

use super::loops::in_loop;
use super::lost::Why;
use super::place::{Place, short};
use super::starts::runs_often;
use crate::go_source::At;
use crate::go_source::operation::has_default;

/// Why such a send may end nothing.
pub(super) fn why<'a>(place: &Place<'a>, does: At<'a>, what: &str) -> Option<Why> {
    let send = Some(does).filter(|does| does.kind() == "send_statement")?;
    let channel = send.field("channel")?;
    let case = send.parent().filter(|case| case.kind() == "communication_case");
    let select = case.and_then(|case| case.parent());
    let name = channel.text();
    if let Some(select) = select.filter(has_default) {
        let fact = format!(", but {what} is left out while no goroutine receives from it");
        return Some(Why::new(&fact, kept_for_later(place, channel, select)));
    }
    (!in_loop(&send) && case.is_none()).then(|| {
        Why::new(
            &format!(", but {what} is one value, which ends one goroutine"),
            format!("`close({name})` in place of {what}, which ends all"),
        )
    })
}

/// What to do where a select leaves a send out: one goroutine finds the value in a buffer later on, several need a close. The
/// method with that select may be called more than once.
fn kept_for_later<'a>(place: &Place<'a>, channel: At<'a>, select: At<'a>) -> String {
    let name = channel.text();
    let kind = place
        .made(channel)
        .and_then(|made| match &made.field("arguments")?.children()[..] {
            [kind] => Some((made, *kind)),
            _ => None,
        });
    let receives = place.file.func_at(place.line);
    match kind.filter(|_| receives.is_some_and(|func| !runs_often(place, func))) {
        Some((made, kind)) => format!(
            "give `{name}` room for one value (`make({}, 1)`, {}): the goroutine then finds it when it comes back to its receive",
            kind.text(),
            short(made)
        ),
        None => format!(
            "`close({name})` by a sync.Once of its own, in place of the select ({}): a second close would panic",
            short(select)
        ),
    }
}
