//! A `return` on which a function leaves before it gets to what would end a wait that it has started.

use super::ending::{is_never_closed, source_variable};
use super::place::Place;
use crate::go_source::{At, Var, flow};

/// A way out of the function that makes a channel, before all that closes it or sends on it.
pub(super) struct Skipped<'a> {
    func: At<'a>,
    exit: At<'a>,
    /// The close or send.
    end: At<'a>,
    /// The statement of the function that it is in.
    around: At<'a>,
}

/// The way out, if the goroutine is started before it. A range is ended by a close alone.
pub(super) fn of<'a>(place: &Place<'a>, channel: At<'a>, ranges: bool) -> Option<Skipped<'a>> {
    let var = source_variable(place, channel)?;
    let values = place.values(channel);
    let [made] = &values[..] else { return None };
    let func = made.expr.func()?;
    let since = match &var {
        // The goroutine that waits for a local channel is started on the way.
        Var::Local(_) => {
            let (file, started) = place.started?;
            let is_inside =
                std::ptr::eq(file, func.file) && func.line() <= started && started <= func.last_line();
            is_inside.then_some(started)?
        }
        _ => made.expr.line(),
    };
    if is_never_closed(place, channel) && ranges {
        return None;
    }
    let names = flow::names(place.files, var);
    if names.len() == flow::MOST || names.iter().any(|name| flow::is_given_away(place.files, name)) {
        return None;
    }
    let mut ends: Vec<At<'a>> = Vec::new();
    for name in &names {
        ends.extend(flow::arguments_of(place.files, name, "close"));
        if !ranges {
            ends.extend(flow::sends(place.files, name));
        }
    }
    let around = |end: &At<'a>| statement_of(func, *end);
    let ends: Vec<(At<'a>, At<'a>)> = ends
        .into_iter()
        .map(|end| Some((end, around(&end)?)))
        .collect::<Option<_>>()?;
    let is_over = |exit: &At<'a>| {
        let mut before = ends
            .iter()
            .filter(|(_, statement)| statement.end() <= exit.start());
        before.any(|(_, statement)| statement.parent().is_some_and(|list| list.contains(exit)))
    };
    let exits = func.find(&["return_statement"]).into_iter();
    let mut left = exits.filter(|exit| exit.func() == Some(func) && exit.line() > since && !is_over(exit));
    let exit = left.next()?;
    let (end, around) = *ends
        .iter()
        .find(|(_, statement)| statement.start() >= exit.end())?;
    Some(Skipped {
        func,
        exit,
        end,
        around,
    })
}

/// The statement of a function that something in it, or in a literal in it, is part of.
fn statement_of<'a>(func: At<'a>, at: At<'a>) -> Option<At<'a>> {
    let mut around = std::iter::once(at).chain(at.ancestors());
    around.find(|node| {
        node.func() == Some(func)
            && node
                .parent()
                .is_some_and(|outer| outer.kind() == "statement_list")
    })
}

impl Skipped<'_> {
    /// What is waited for, in words.
    pub(super) fn told(&self, place: &Place<'_>) -> String {
        let who = match self.func.kind() {
            "func_literal" => "its function",
            _ => self.func.func_name(),
        };
        format!(
            "{who} may return ({}) before it gets to `{}` ({})",
            place.told(self.exit),
            self.end.text(),
            place.told(self.end)
        )
    }

    /// What to do about it.
    pub(super) fn fix(&self, place: &Place<'_>) -> String {
        let exit = place.told(self.exit);
        let is_own = self.end.func() == Some(self.func) && self.end.kind() == "call_expression";
        match is_own {
            true => format!(
                "`{0}` before the `return` ({exit}) too: `defer {0}` in place of the one that comes later ({1})",
                self.end.text(),
                place.told(self.end)
            ),
            false => format!(
                "start this goroutine only behind the `return` ({exit}), with what ends its wait ({}), or end that wait before the `return` too",
                place.told(self.around)
            ),
        }
    }
}
