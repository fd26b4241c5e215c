//! A way out on which a function, or a round of its loop, does not get to what would end a wait that it has started.

use super::ending::{is_never_closed, source_variable};
use super::exits::{left_open, statement_of, waits_behind, word};
use super::place::Place;
use crate::go_source::calls::handed_to_go;
use crate::go_source::{At, GoFile, Value, Var, flow};

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
        Var::Local(_) => started_in(place, func).or_else(|| handed_over(made, func))?,
        _ => made.expr.line(),
    };
    if is_never_closed(place, channel) && ranges {
        return None;
    }
    let names = flow::seen_names(place.files, var)?;
    let ends = flow::ends(place.files, &names, ranges);
    let exit = left_open(made.expr, &ends)?
        .into_iter()
        .find(|exit| exit.line() > since)?;
    let mut behind = ends
        .iter()
        .filter_map(|end| Some((*end, statement_of(func, *end)?)));
    let (end, around) = behind.find(|(_, statement)| statement.start() >= exit.end())?;
    Some(Skipped {
        func,
        exit,
        end,
        around,
    })
}

/// The line of a function at which it hands on what it has made to what starts the goroutine.
fn handed_over<'a>(made: &Value<'a>, func: At<'a>) -> Option<u32> {
    let mut path = made.path.iter();
    let given = path.find(|at| at.func() == Some(func) && at.start() > made.expr.end())?;
    let list = given.parent().filter(|list| list.kind() == "argument_list")?;
    list.parent().map(|call| call.line().saturating_sub(1))
}

/// The line of a function that starts the goroutine: its `go` statement, or the `wg.Go(func() { … })` around one of its lines.
fn started_in<'a>(place: &Place<'a>, func: At<'a>) -> Option<u32> {
    let is_inside = |file: &GoFile, line: u32| {
        std::ptr::eq(file, func.file) && func.line() <= line && line <= func.last_line()
    };
    if let Some((file, line)) = place.started {
        return is_inside(file, line).then_some(line);
    }
    let stack = place.calls.here.iter().chain(&place.calls.lines);
    let literals = stack.filter_map(|(file, line)| file.func_at(*line));
    let mut calls = literals.filter_map(handed_to_go);
    calls
        .find(|call| call.func() == Some(func))
        .map(|call| call.line())
}

impl Skipped<'_> {
    /// What is waited for, in words.
    pub(super) fn told(&self, place: &Place<'_>) -> String {
        let who = match self.func.kind() {
            "func_literal" => "its function",
            _ => self.func.func_name(),
        };
        let (exit, end) = (place.told(self.exit), place.told(self.end));
        let may = match word(self.exit) {
            "return" => format!("{who} may return ({exit})"),
            "continue" => format!("the loop of {who} may go on with its next round ({exit})"),
            _ => format!("{who} may leave its loop ({exit})"),
        };
        format!("{may} before it gets to `{}` ({end})", self.end.text())
    }

    /// What to do about it.
    pub(super) fn fix(&self, place: &Place<'_>) -> String {
        let (word, exit) = (word(self.exit), place.told(self.exit));
        let is_own = self.end.func() == Some(self.func) && self.end.kind() == "call_expression";
        match is_own {
            true if word != "return" => format!(
                "`{}` before the `{word}` ({exit}) too, as on the other way ({})",
                self.end.text(),
                place.told(self.end)
            ),
            // A `defer` would come after that.
            true if let Some(wait) = waits_behind(self.end) => format!(
                "`{}` before the `return` ({exit}) too, as on the other way ({}, before `{}`)",
                self.end.text(),
                place.told(self.end),
                wait.text()
            ),
            true => format!(
                "`{0}` before the `return` ({exit}) too: `defer {0}` in place of the one that comes later ({1})",
                self.end.text(),
                place.told(self.end)
            ),
            false => format!(
                "start this goroutine only behind the `{word}` ({exit}), with what ends its wait ({}), or end that wait before the `{word}` too",
                place.told(self.around)
            ),
        }
    }
}
