//! A lock that is taken by asking again and again: `for !l.state.CompareAndSwap(0, 1) {}`, `for !mu.TryLock() {}`.

use super::busy::is_literal;
use super::loops::loop_condition;
use super::place::Place;
use super::{Subject, said};
use crate::go_source::calls::{called_name, operand_of, qualified};
use crate::go_source::{At, Var, flow};
use crate::leak::{Cause, CauseCode};

/// The cause of a goroutine that asks for such a lock.
pub(super) fn cause(subject: &Subject<'_>) -> Option<Cause> {
    let frames = &subject.goroutine.frames;
    let mut own = (0..frames.len()).filter(|index| subject.code.is_own(&frames[*index]));
    own.find_map(|index| {
        let place = Place::at(subject, index)?;
        let loops = place.file.on_line(place.line, &["for_statement"]).into_iter();
        let (around, spin) = loops
            .rev()
            .find_map(|around| Some((around, Spin::of(&place, around)?)))?;
        Some(spin.told(&place, around))
    })
}

/// What a loop asks for.
struct Spin<'a> {
    /// `l.state.CompareAndSwap(0, 1)`.
    asked: At<'a>,
    /// `l.state`, and the variable.
    on: At<'a>,
    var: Var<'a>,
    /// The value of the free lock; `None` for TryLock.
    free: Option<&'a str>,
}

impl<'a> Spin<'a> {
    /// The one that a loop waits for in its condition.
    fn of(place: &Place<'a>, around: At<'a>) -> Option<Self> {
        let mut condition = loop_condition(&around)?;
        while condition.kind() == "parenthesized_expression" {
            condition = condition.first()?;
        }
        let asked = condition.field("operand").filter(|_| condition.has_token("!"))?;
        let arguments = asked.field("arguments")?.children();
        let (on, values) = match (called_name(&asked)?, qualified(&asked)) {
            (name, Some(("sync/atomic", _))) if name.starts_with("CompareAndSwap") => {
                let (first, values) = arguments.split_first()?;
                (first.bare(), values)
            }
            ("CompareAndSwap", None) => (operand_of(asked)?, &arguments[..]),
            ("TryLock" | "TryRLock", None) => (operand_of(asked)?, &[][..]),
            _ => return None,
        };
        let free = match values {
            [free, _] => Some(free.text()),
            _ => None,
        };
        values.iter().all(|value| is_literal(*value)).then_some(())?;
        let var = place.variable(on)?;
        Some(Self { asked, on, var, free })
    }

    fn told(&self, place: &Place<'a>, around: At<'a>) -> Cause {
        let on = self.on.text();
        let again = match self.free {
            Some(free) => format!("`{on}` to be {free}"),
            None => format!("`{on}` to be unlocked"),
        };
        let mut cause = said(
            CauseCode::BusyLoop,
            format!(
                "{again}, which its loop ({}) asks for again and again, without a wait",
                place.told(around)
            ),
        );
        let wait = match self.free {
            Some(_) => "use a sync.Mutex in its place, which waits without work",
            None => "call Lock in its place, which waits without work",
        };
        cause.fix = match self.gives(place) {
            Some(gives) => format!(
                "run `{}` ({}) on every path after it was taken; and {wait}",
                gives.text(),
                place.told(gives)
            ),
            None => format!(
                "give it back on every path after it was taken: nothing in this package does; and {wait}"
            ),
        };
        cause
    }

    /// Where it is given back.
    fn gives(&self, place: &Place<'a>) -> Option<At<'a>> {
        let names = flow::names(place.files, self.var.clone());
        let Some(free) = self.free else {
            let unlocks = names
                .iter()
                .flat_map(|var| flow::methods(place.files, var, &["Unlock", "RUnlock"]));
            return unlocks.filter_map(|unlock| unlock.call).next();
        };
        let mut changes = names.iter().flat_map(|var| flow::changes(place.files, var));
        let found = changes.find(|(_, by)| {
            let given = match by.kind() {
                "call_expression" => by
                    .field("arguments")
                    .and_then(|list| list.children().last().copied()),
                _ => by.field("right").and_then(|list| list.first()),
            };
            *by != self.asked && given.is_some_and(|given| given.text() == free)
        });
        found.map(|(_, by)| by)
    }
}
