//! A goroutine that sends one value, and returns: room for that one lets it go.

use super::loops::{enclosing_loop, in_loop};
use super::place::Place;
use crate::go_source::calls::callers;
use crate::go_source::{At, Var, flow};

/// The room for the one value, where each send on the channel is the last thing that its one goroutine does.
pub(super) fn room<'a>(place: &Place<'a>, channel: At<'a>) -> Option<String> {
    let files = place.files;
    let made = place.made(channel)?;
    let [kind] = &made.field("arguments")?.children()[..] else {
        return None;
    };
    let sender = channel.func()?;
    // It is the goroutine's own function that sends, and what makes the channel starts it.
    let (file, line) = place.started?;
    let (of, at) = place.calls.lines.first()?;
    (std::ptr::eq(*of, file) && *at == line).then_some(())?;
    let maker = made.func()?;
    let starts = file.root().find(&["go_statement"]).into_iter();
    let mut starts = starts.filter(|start| start.line() <= line && line <= start.last_line());
    let start = starts.next().filter(|start| start.func() == Some(maker))?;
    let is_only = sender.kind() == "func_literal" || callers(files, sender).len() == 1;
    if !is_only || enclosing_loop(&start) != enclosing_loop(&made) {
        return None;
    }
    let var = place
        .variable(channel)
        .filter(|var| matches!(var, Var::Local(_)))?;
    let beside = flow::beside(files, made, 0)?;
    let mut names = flow::names(files, beside);
    if !names.contains(&var) {
        names.push(var);
    }
    let sends: Vec<At<'a>> = names.iter().flat_map(|name| flow::sends(files, name)).collect();
    let all = !sends.is_empty()
        && sends
            .iter()
            .all(|send| send.func() == Some(sender) && is_last(send));
    all.then(|| {
        format!(
            "give `{}` room for one value (`make({}, 1)`, {}): the goroutine sends one, and returns",
            channel.text(),
            kind.text(),
            place.told(made)
        )
    })
}

/// Whether the function returns right after a send, which is a statement of its own.
fn is_last(send: &At<'_>) -> bool {
    let Some(list) = send.parent().filter(|list| list.kind() == "statement_list") else {
        return false;
    };
    let mut after = list
        .children()
        .into_iter()
        .filter(|one| one.start() >= send.end());
    match after.next() {
        Some(next) => next.kind() == "return_statement",
        None => {
            let func = list.parent().and_then(|block| block.parent());
            func == send.func() && !in_loop(send)
        }
    }
}
