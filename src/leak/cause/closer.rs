//! A goroutine that closes what another one waits for only at its end, and may return before that.

use super::ending::{is_goroutine, source_variable};
use super::exits::statement_of;
use super::place::Place;
use crate::go_source::order::leads_to;
use crate::go_source::{At, flow};

/// The function that closes a channel, or sends on it, and the way out before that.
pub(super) struct Closer<'a> {
    func: At<'a>,
    exit: At<'a>,
    /// `close(done)`.
    end: At<'a>,
}

/// The one function of a goroutine that does. A range is ended by a close alone.
pub(super) fn of<'a>(place: &Place<'a>, channel: At<'a>, ranges: bool) -> Option<Closer<'a>> {
    let names = flow::seen_names(place.files, source_variable(place, channel)?)?;
    let ends = flow::ends(place.files, &names, ranges);
    let func = ends.first()?.func()?;
    let is_own = |end: &At<'a>| end.func() == Some(func) && !end.is_deferred();
    if !ends.iter().all(is_own) || func.contains(&channel) || !is_goroutine(place, func) {
        return None;
    }
    let statements: Vec<At<'a>> = ends
        .iter()
        .map(|end| statement_of(func, *end))
        .collect::<Option<_>>()?;
    let exits = func.find(&["return_statement"]).into_iter();
    let exit = exits.filter(|exit| exit.func() == Some(func)).find(|exit| {
        !statements
            .iter()
            .any(|end| end.start() < exit.start() && leads_to(*end, *exit))
    })?;
    let end = ends.into_iter().find(|end| end.start() > exit.end())?;
    Some(Closer { func, exit, end })
}

impl<'a> Closer<'a> {
    fn who(&self, place: &Place<'a>) -> String {
        match self.func.kind() {
            "func_literal" => format!("the function of {}", place.told(self.func)),
            _ => self.func.func_name().to_owned(),
        }
    }

    /// What is waited for, in words.
    pub(super) fn told(&self, place: &Place<'a>) -> String {
        format!(
            "{} may return ({}) before it gets to `{}` ({})",
            self.who(place),
            place.told(self.exit),
            self.end.text(),
            place.told(self.end)
        )
    }

    /// What to do about it.
    pub(super) fn fix(&self, place: &Place<'a>) -> String {
        let (who, end) = (self.who(place), self.end.text());
        match self.end.kind() {
            "call_expression" => format!(
                "`defer {end}` first in {who}, in place of the one that comes later ({})",
                place.told(self.end)
            ),
            _ => format!(
                "`{end}` before the `return` ({}) of {who} too",
                place.told(self.exit)
            ),
        }
    }
}
