//! A loop that is left by a variable: `case <-stop: done = true`, and `if done { return }` or `for !done`.

use super::loops::{enclosing_loop, exits_inside, loop_condition};
use super::place::Place;
use crate::go_source::{At, Var};

/// Whether a case sets a variable, whatever comes, on which its loop then ends.
pub(super) fn leaves<'a>(place: &Place<'a>, case: &At<'a>) -> bool {
    let Some(around) = enclosing_loop(case) else {
        return false;
    };
    let exits = conditions(&around, case);
    let held = loop_condition(&around);
    let statements = case.children().into_iter();
    let statements = statements.filter(|part| part.kind() == "statement_list");
    statements.flat_map(|list| list.children()).any(|statement| {
        let Some((var, value)) = set(place, statement) else {
            return false;
        };
        let is = |part: &At<'a>, wanted: bool| asks(place, *part, &var) == Some(value == wanted);
        held.is_some_and(|held| parts(held, "&&").iter().any(|part| is(part, false)))
            || exits
                .iter()
                .any(|exit| parts(*exit, "||").iter().any(|part| is(part, true)))
    })
}

/// Whether a case may change what its loop, or a way out of it elsewhere, asks for. What a case calls may as well.
pub(super) fn may_leave(case: &At<'_>) -> bool {
    let Some(around) = enclosing_loop(case) else {
        return false;
    };
    let counts = || {
        let parts = around.children();
        let mut clauses = parts.iter().filter(|part| part.kind() == "for_clause");
        clauses.any(|clause| clause.field("update").is_some())
    };
    let asks = || loop_condition(&around).is_some() || !exits_beside(&around, case).is_empty();
    counts() || asks() && !case.find(CHANGES).is_empty()
}

const CHANGES: &[&str] = &[
    "assignment_statement",
    "inc_statement",
    "dec_statement",
    "call_expression",
];

/// The ways out of a loop that are not in this case.
fn exits_beside<'a>(around: &At<'a>, case: &At<'a>) -> Vec<At<'a>> {
    let mut exits = exits_inside(around);
    exits.retain(|exit| !case.contains(exit));
    exits
}

/// What the ways out of a loop that are not in this case hang on.
fn conditions<'a>(around: &At<'a>, case: &At<'a>) -> Vec<At<'a>> {
    let condition = |exit: At<'a>| {
        let outer = exit.ancestors().take_while(|node| node != around);
        let whole: Vec<At<'a>> = outer.filter(|node| node.kind().ends_with("_statement")).collect();
        let [whole] = whole[..] else { return None };
        let then = whole.field("consequence")?;
        then.contains(&exit).then(|| whole.field("condition"))?
    };
    exits_beside(around, case)
        .into_iter()
        .filter_map(condition)
        .collect()
}

/// The variable that a statement sets to `true` or `false`, and which.
fn set<'a>(place: &Place<'a>, statement: At<'a>) -> Option<(Var<'a>, bool)> {
    (statement.kind() == "assignment_statement").then_some(())?;
    let (left, right) = (
        statement.field("left")?.children(),
        statement.field("right")?.children(),
    );
    let ([name], [value]) = (&left[..], &right[..]) else {
        return None;
    };
    let value = match value.text() {
        "true" => true,
        "false" => false,
        _ => return None,
    };
    Some((place.variable(*name)?, value))
}

/// `a` and `b` of `a && b`.
fn parts<'a>(condition: At<'a>, operator: &str) -> Vec<At<'a>> {
    let condition = match condition.kind() {
        "parenthesized_expression" => condition.first().unwrap_or(condition),
        _ => condition,
    };
    let sides = [condition.field("left"), condition.field("right")];
    match sides {
        [Some(left), Some(right)] if condition.has_token(operator) => {
            [parts(left, operator), parts(right, operator)].concat()
        }
        _ => vec![condition],
    }
}

/// `Some(true)` where a condition is the variable itself, `Some(false)` where it is its opposite.
fn asks<'a>(place: &Place<'a>, condition: At<'a>, var: &Var<'a>) -> Option<bool> {
    let is_not = condition.kind() == "unary_expression" && condition.has_token("!");
    let name = match is_not {
        true => condition.field("operand")?,
        false => condition,
    };
    let is_name = matches!(name.kind(), "identifier" | "selector_expression");
    (is_name && place.variable(name).as_ref() == Some(var)).then_some(!is_not)
}
