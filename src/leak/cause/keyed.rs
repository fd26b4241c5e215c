//! An end that looks into a map for what was put there under another key, or that finds only what was put there on one way.

use super::lost::Why;
use super::place::short;
use crate::go_source::calls::called_name;
use crate::go_source::scope::local;
use crate::go_source::values::{ranged, writes};
use crate::go_source::{At, GoFiles, Var, flow, variable};

/// Why what a method looks up in a map is not there: `m[strings.ToLower(name)] = cancel` beside `m[name]`.
pub(super) fn under_another_key<'a>(files: &'a GoFiles, does: At<'a>) -> Option<Why> {
    let looked_up = element(files, does)?;
    let map = variable(files, looked_up.field("operand")?)?;
    let put = only_put(files, &map)?;
    let (by, at) = (made_by(files, looked_up), made_by(files, put));
    (by != at).then_some(())?;
    let (put_at, looked_at) = (short(put), short(looked_up));
    Some(Why::new(
        &format!(
            ", but that looks for `{}` ({looked_at}), and it is kept as `{}` ({put_at})",
            looked_up.text(),
            put.text()
        ),
        format!("use the same key in both places ({looked_at}, {put_at})"),
    ))
}

/// Why a loop over a map or list does not come to what was never put there: the one place that puts something in is in a branch.
pub(super) fn put_in_a_branch<'a>(files: &'a GoFiles, does: At<'a>) -> Option<Why> {
    let (over, _) = ranged(local(operand(does)?.root_of_selector()?)?)?;
    let all = variable(files, over)?;
    let put = only_put(files, &all)?;
    let statement = put
        .ancestors()
        .find(|node| node.kind() == "assignment_statement")?;
    let func = statement.func()?;
    let mut around = statement.ancestors().take_while(|node| *node != func);
    let branch = around.find(|node| node.kind() == "if_statement")?;
    let then = branch.field("consequence")?;
    let condition = branch.field("condition")?;
    then.contains(&statement).then_some(())?;
    let put = format!("`{}` ({})", statement.text(), short(statement));
    Some(Why::new(
        &format!(
            ", but that finds only what {put} has put there, which is done only where `{}`",
            condition.text()
        ),
        format!("do {put} on every path, before the goroutine starts"),
    ))
}

/// What a call ends: `x` of `close(x)`, `x()` and `x.Close()`.
fn operand(does: At<'_>) -> Option<At<'_>> {
    let function = does.field("function")?;
    match called_name(&does) {
        Some("close") if function.kind() == "identifier" => does.field("arguments")?.first(),
        _ => Some(function.field("operand").unwrap_or(function)),
    }
}

/// The element of a map that a local variable was given: `m[k]` of `x, ok := m[k]`.
fn element<'a>(files: &'a GoFiles, does: At<'a>) -> Option<At<'a>> {
    let decl = local(operand(does)?.root_of_selector()?)?;
    let [given] = &writes(files, &Var::Local(decl))[..] else {
        return None;
    };
    Some(given.value.bare()).filter(|value| value.kind() == "index_expression")
}

/// The element of a map, or the list, that the one statement which puts something there gives a value to.
fn only_put<'a>(files: &'a GoFiles, all: &Var<'a>) -> Option<At<'a>> {
    let puts = flow::changes(files, all).into_iter();
    let puts = puts.filter(|(_, by)| by.kind() == "assignment_statement");
    let mut puts = puts.filter(|(at, by)| {
        let value = by.field("right").and_then(|right| right.first());
        at.kind() == "index_expression" || value.is_some_and(|value| called_name(&value) == Some("append"))
    });
    let (put, _) = puts.next()?;
    puts.next().is_none().then_some(put)
}

/// The function that makes the key of an element, also one that has a name; `None` for any other key.
fn made_by<'a>(files: &'a GoFiles, element: At<'a>) -> Option<&'a str> {
    let key = element.field("index")?.bare();
    let named = local(key).map_or(Vec::new(), |decl| writes(files, &Var::Local(decl)));
    let value = match &named[..] {
        [given] => given.value.bare(),
        _ => key,
    };
    (value.kind() == "call_expression").then(|| value.field("function").map(|function| function.text()))?
}
