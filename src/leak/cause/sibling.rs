//! Two ways to one state, of which only one ends what waits for it: `Renew` sets `l.lead = false` and closes `l.lost`, `Resign` only
//! sets it.

use super::fact::therefore;
use super::place::{Place, short};
use crate::go_source::{At, flow};

/// What to do where the test calls the one that does not end it.
pub(super) fn without_the_end<'a>(place: &Place<'a>, method: At<'a>, does: At<'a>) -> Option<String> {
    let files = place.files;
    let func = does.func().filter(|func| *func == method)?;
    let list = does.ancestors().find(|node| node.kind() == "statement_list")?;
    let beside = list
        .children()
        .into_iter()
        .filter(|one| one.kind() == "assignment_statement");
    let (own, other) = beside.into_iter().find_map(|own| {
        let target = own.field("left")?.first()?;
        let value = own.field("right")?.text();
        let var = place
            .variable(target)
            .filter(|_| matches!(value, "true" | "false" | "nil"))?;
        let sets = flow::changes(files, &var).into_iter().map(|(_, by)| by);
        let same = sets.filter(|by| by.field("right").is_some_and(|right| right.text() == value));
        let mut others = same.filter(|by| {
            let at = by.func().filter(|at| at.kind() == "method_declaration");
            at != Some(func) && at.is_some_and(|at| !ends_too(at, does))
        });
        let other = others.find(|by| place.is_by_test(*by))?;
        Some((own, other))
    })?;
    let (by, end) = (
        other.func()?.func_name(),
        format!("`{}` ({})", does.text(), short(does)),
    );
    let fact = format!(
        "{by} does `{}` ({}) as {} does ({}), but without {end}",
        other.text(),
        short(other),
        func.func_name(),
        short(own)
    );
    let fix = format!("`{}` in {by} ({}) too", does.text(), short(other));
    Some(therefore(&fact, &fix))
}

/// Whether a function does the same, or calls the one that does.
fn ends_too<'a>(func: At<'a>, does: At<'a>) -> bool {
    let calls = func.find(&["call_expression"]).into_iter();
    let by = does.top_func().map(|func| func.func_name());
    let same = |call: &At<'a>| call.text() == does.text();
    let called = |call: &At<'a>| crate::go_source::calls::called_name(call) == by;
    calls.into_iter().any(|call| same(&call) || called(&call))
}
