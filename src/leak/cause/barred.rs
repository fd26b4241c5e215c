//! What keeps a method from the end that it would bring: a flag that another method sets too, or a count that is not down to zero.

use super::place::Place;
use crate::go_source::calls::{called_name, operand_of};
use crate::go_source::{At, GoFiles, flow, variable};

/// The `return` with which a method leaves before it ends something, where a flag is set, and where another method has set that.
pub(super) fn set_by_another<'a>(
    place: &Place<'a>,
    method: At<'a>,
    does: At<'a>,
) -> Option<(At<'a>, At<'a>)> {
    let files = place.files;
    (does.func() == Some(method)).then_some(())?;
    let checks = method.find(&["if_statement"]).into_iter();
    let before = checks.filter(|check| check.func() == Some(method) && check.end() < does.start());
    before.into_iter().find_map(|check| {
        let (flag, wanted) = asked(check.field("condition")?)?;
        let exits = check.field("consequence")?.find(&["return_statement"]);
        let exit = exits.into_iter().find(|exit| exit.func() == Some(method))?;
        let var = variable(files, flag)?;
        let mut sets = flow::changes(files, &var).into_iter().map(|(_, by)| by);
        let by = sets.find(|by| {
            by.top_func() != Some(method) && value(*by) == Some(wanted) && place.is_by_test(*by)
        })?;
        Some((exit, by))
    })
}

/// The flag that a condition asks for, and the value that fulfils it: `s.closed`, `!s.open`, `s.closed.Load()`.
fn asked(condition: At<'_>) -> Option<(At<'_>, &'static str)> {
    if condition.kind() == "unary_expression" && condition.has_token("!") {
        let (flag, _) = asked(condition.field("operand")?)?;
        return Some((flag, "false"));
    }
    let flag = match called_name(&condition) {
        Some("Load") => operand_of(condition)?,
        _ => condition,
    };
    (flag.kind() == "selector_expression").then_some((flag, "true"))
}

/// What a statement or call gives a flag: `s.closed = true`, `s.closed.Store(true)`.
fn value<'a>(by: At<'a>) -> Option<&'a str> {
    let list = by.field("right").or_else(|| by.field("arguments"))?;
    match list.children()[..] {
        [one] => Some(one.text()),
        _ => None,
    }
}

/// Where the count that a condition compares with zero goes up, and where it goes down.
pub(super) fn counted_in<'a>(files: &'a GoFiles, condition: At<'a>) -> Option<(At<'a>, At<'a>)> {
    let (count, limit) = (condition.field("left")?, condition.field("right")?);
    let var = variable(files, count).filter(|_| limit.text() == "0")?;
    let changes = flow::changes(files, &var);
    let of = |kind: &str| changes.iter().map(|(_, by)| *by).find(|by| by.kind() == kind);
    Some((of("inc_statement")?, of("dec_statement")?))
}
