//! A loop that goes on, though it sees that its input is closed: `if !ok { continue }`.

use super::ending::source_variable;
use super::fact::therefore;
use super::loops::{enclosing_loop, exits_inside, in_endless_loop};
use super::place::Place;
use crate::go_source::{At, Case, flow};

/// What to do in the one branch for a closed input, where the test leads to the close and nothing ends the loop.
pub(super) fn of<'a>(place: &Place<'a>, cases: &[Case<'a>]) -> Option<String> {
    let around = enclosing_loop(&cases.first()?.whole)?;
    let is_endless = in_endless_loop(&cases.first()?.whole) && exits_inside(&around).is_empty();
    is_endless.then_some(())?;
    let mut found = cases.iter().filter_map(|case| Some((case, branch(case)?)));
    let (case, branch) = found.next()?;
    // Of several inputs, another one may come yet.
    found.next().is_none().then_some(())?;
    let names = flow::names(place.files, source_variable(place, case.channel)?);
    let mut closes = flow::ends(place.files, &names, true).into_iter();
    let close = closes.find(|close| place.is_by_test(*close))?;
    let then = branch.field("consequence")?;
    let last = then.first().and_then(|list| list.children().last().copied());
    let goes_on = last.filter(|last| matches!(last.kind(), "continue_statement" | "break_statement"));
    let instead = goes_on.map_or_else(String::new, |last| {
        format!(" in place of the `{}` ({})", last.text(), place.told(last))
    });
    Some(therefore(
        &format!(
            "`{}` ({}) has come, and the loop goes on after it",
            close.text(),
            place.told(close)
        ),
        &format!(
            "`return` in the branch `{}` ({}){instead}",
            branch.field("condition")?.text(),
            place.told(branch)
        ),
    ))
}

/// The `if !ok` of `case v, ok := <-in`.
fn branch<'a>(case: &Case<'a>) -> Option<At<'a>> {
    let given = case.whole.field("communication")?.field("left")?.children();
    let ok = given.get(1).filter(|_| !case.sends)?;
    let asks = format!("!{}", ok.text());
    let branches = case.whole.find(&["if_statement"]).into_iter();
    let mut own = branches.filter(|branch| branch.func() == case.whole.func());
    own.find(|branch| {
        branch
            .field("condition")
            .is_some_and(|condition| condition.text() == asks)
    })
}
