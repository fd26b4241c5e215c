//! A channel that is made for one goroutine and never closed: the loop over all such that leaves one out, or who sends to it last.

use super::bounds::{self, LeftOut};
use super::exits::waits_behind;
use super::fact::therefore;
use super::place::{Place, handle};
use super::{Subject, waits};
use crate::go_source::{At, Var, flow, variable};

/// The `make` of a channel, and the name that it gets.
fn made<'a>(place: &Place<'a>, channel: At<'a>) -> Option<(At<'a>, At<'a>)> {
    let made = place.made(channel)?;
    let name = flow::given(made, 0)?;
    matches!(variable(place.files, name)?, Var::Local(_)).then_some((made, name))
}

/// The loop that closes all channels of a list but one, if the channel was put into that list.
pub(super) fn left_out<'a>(place: &Place<'a>, channel: At<'a>) -> Option<(At<'a>, LeftOut)> {
    let files = place.files;
    let (_, name) = made(place, channel)?;
    let uses = flow::uses(files, &variable(files, name)?).into_iter();
    let mut lists = uses.filter_map(|used| variable(files, bounds::appended_to(used)?));
    let list = lists.next()?;
    // `for _, one := range all[1:]`.
    let cut = flow::uses(files, &list).into_iter().filter_map(|used| {
        let part = used.parent().filter(|part| part.kind() == "slice_expression")?;
        part.parent().filter(|clause| clause.kind() == "range_clause")
    });
    let cut = cut.filter_map(|clause| variable(files, *clause.field("left")?.children().get(1)?));
    let names = std::iter::once(list.clone()).chain(flow::aliases(files, &list));
    let closes = names
        .chain(cut)
        .flat_map(|name| flow::arguments_of(files, &name, "close"));
    let mut found = closes.filter_map(|close| {
        let element = close.field("arguments")?.first()?;
        Some((close, bounds::of(element).filter(|_| place.is_by_test(close))?))
    });
    found.next()
}

/// What to do about that loop, whatever the call that led to the goroutine has made.
pub(super) fn fix(subject: &Subject<'_>) -> Option<String> {
    let (place, channel, sends) = waits::channel(subject)?;
    let (_, left) = left_out(&place, channel).filter(|_| !sends)?;
    Some(left.fix)
}

/// What to do where the function that makes a channel alone sends to it, or a test makes it for others that do.
pub(super) fn after_the_last<'a>(place: &Place<'a>, channel: At<'a>) -> Option<String> {
    let files = place.files;
    let (made, name) = made(place, channel)?;
    let func = name.func().filter(|func| func.kind() != "func_literal")?;
    let names = flow::seen_names(files, variable(files, name)?)?;
    let sends: Vec<At<'a>> = names.iter().flat_map(|name| flow::sends(files, name)).collect();
    let last = *sends.iter().max_by_key(|send| send.start())?;
    if !flow::ends(files, &names, true).is_empty() {
        return None;
    }
    let (who, close) = (func.func_name(), format!("close({})", name.text()));
    if sends.iter().all(|send| send.func() == Some(func)) {
        let fact = format!("{who}, which alone sends to it, does not close it");
        let fix = match waits_behind(last) {
            Some(wait) => format!(
                "`{close}` behind the last send ({}), before `{}` ({})",
                place.told(last),
                wait.text(),
                place.told(wait)
            ),
            None => format!("`defer {close}` right after {}", place.told(made)),
        };
        return Some(therefore(&fact, &fix));
    }
    let sender = last.top_func().filter(|_| handle(func).is_some())?;
    let is_other = |send: &At<'a>| send.top_func() == Some(sender) && sender != func;
    sends.iter().all(is_other).then(|| {
        format!(
            "close `{}`, which {who} makes ({}), when nothing sends to it any more: after {} has sent for the last time ({})",
            name.text(),
            place.told(made),
            sender.func_name(),
            place.told(last)
        )
    })
}
