//! Turns that are taken by number: one that is taken and not used holds up all that come after it.

use super::place::Place;
use crate::go_source::calls::{called_name, own_callee};
use crate::go_source::order::can_follow;
use crate::go_source::values::values;
use crate::go_source::{At, Calls, Var, flow};

/// The number that a way out drops, where a loop waits for its turn: what is waited for in words, and what to do.
pub(super) fn dropped<'a>(place: &Place<'a>, check: At<'a>, wait: At<'a>) -> Option<(String, String)> {
    let files = place.files;
    check.has_token("!=").then_some(())?;
    let sides = [check.field("left")?, check.field("right")?];
    let is_own = |side: &At<'a>| matches!(place.variable(*side), Some(Var::Local(_)));
    let own = sides.into_iter().find(is_own)?;
    let current = sides.into_iter().find(|side| *side != own)?;
    let turn = place
        .variable(current)
        .filter(|var| matches!(var, Var::Field(..)))?;
    // Only who has its turn passes it on.
    let changes = flow::changes(files, &turn);
    let is_next = |by: &At<'a>| by.func() == wait.func() && by.start() > wait.end();
    if changes.is_empty() || !changes.iter().all(|(_, by)| is_next(by)) {
        return None;
    }
    let all = values(files, own, &Calls::default());
    let steps = all.iter().flat_map(|value| &value.path).copied();
    let takes = steps.filter(|step| {
        step.kind() == "call_expression"
            && own_callee(files, *step).is_some_and(counts)
            && place.is_by_test(*step)
    });
    let (takes, exit) = takes
        .into_iter()
        .find_map(|takes| Some((takes, unused(place, takes)?)))?;
    let (number, exit) = (
        format!("`{}` ({})", takes.text(), place.told(takes)),
        place.told(exit),
    );
    Some((
        format!(
            "its turn (`{}`, {}): the `return` ({exit}) drops the number that {number} has taken, and that turn is never passed on",
            check.text(),
            place.told(check)
        ),
        format!(
            "take the number only behind that `return` ({exit}), in place of {number}, or pass the turn on there too"
        ),
    ))
}

/// Whether a function gives each caller the next number.
fn counts(func: At<'_>) -> bool {
    let calls = func.find(&["call_expression"]);
    let adds = |call: &At<'_>| called_name(call).is_some_and(|name| name.starts_with("Add"));
    !func.find(&["inc_statement"]).is_empty() || calls.iter().any(adds)
}

/// The way out between a call and the first use of what it gives.
fn unused<'a>(place: &Place<'a>, call: At<'a>) -> Option<At<'a>> {
    let func = call.func()?;
    let var = flow::beside(place.files, call, 0).filter(|var| matches!(var, Var::Local(_)))?;
    let uses = flow::uses(place.files, &var);
    let exits = func.find(&["return_statement"]).into_iter();
    let mut after = exits
        .filter(|exit| exit.func() == Some(func) && exit.start() > call.end() && can_follow(call, *exit));
    after.find(|exit| {
        let mut before = uses
            .iter()
            .filter(|at| at.start() > call.end() && at.start() < exit.end());
        before.next().is_none()
    })
}
