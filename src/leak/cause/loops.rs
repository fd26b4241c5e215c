//! Loops: the one around a place, what it hangs on, and the ways out of it.

use super::Subject;
use super::place::Place;
use crate::go_source::calls::{called_name, is_go, on_line, operand_of, position};
use crate::go_source::scope::local;
use crate::go_source::{At, values};

/// A way out of the loop that hangs on a condition.
pub(super) fn exit_inside<'a>(part: &At<'a>) -> Option<At<'a>> {
    exits_inside(part).into_iter().next()
}

/// All ways out of the loop in a part of it.
pub(super) fn exits_inside<'a>(part: &At<'a>) -> Vec<At<'a>> {
    let func = part.func();
    let mut exits = part.find(&["return_statement", "break_statement", "goto_statement"]);
    exits.retain(|exit| {
        exit.func() == func
            && (exit.kind() != "break_statement"
                || exit.first().is_some()
                || left_by_break(exit).is_some_and(|left| left.contains(part)))
    });
    exits
}

/// Whether a statement leaves a loop: a `break` of a select in it does not.
pub(super) fn leaves_loop(exit: &At<'_>, around: &At<'_>) -> bool {
    if exit.kind() != "break_statement" || exit.first().is_some() {
        return true;
    }
    left_by_break(exit) == Some(*around)
}

/// The loop of the calling function that sends on one channel again and again: what it hands on for that is made outside of it.
pub(super) fn rounds<'a>(place: &Place<'a>, channel: At<'a>) -> Option<At<'a>> {
    // The last line is the `go` statement.
    let (line, _) = place
        .calls
        .lines
        .split_first()
        .filter(|(_, outer)| !outer.is_empty())?;
    let decl = local(channel.root_of_selector()?)?;
    let func = decl.func()?;
    let call = values::calls_on(func, line)
        .into_iter()
        .find(|call| !is_go(*call))?;
    let given = match position(func, decl) {
        Some(position) => call.field("arguments")?.children().get(position).copied()?,
        None => {
            let is_receiver = func.field("receiver").is_some_and(|list| list.contains(&decl));
            operand_of(call).filter(|_| is_receiver)?
        }
    };
    let around = enclosing_loop(&call)?;
    let outside = local(given.root_of_selector()?).filter(|decl| !around.contains(decl));
    outside.map(|_| around)
}

/// The number of rounds of `for i := 0; i < 10; i++`, whose body does not change `i`.
pub(super) fn counted<'a>(around: &At<'a>) -> Option<&'a str> {
    let clause = around
        .children()
        .into_iter()
        .find(|child| child.kind() == "for_clause")?;
    let (init, condition) = (clause.field("initializer")?, clause.field("condition")?);
    let (name, rounds) = (condition.field("left")?, condition.field("right")?);
    let is_plain = init.text() == format!("{} := 0", name.text())
        && condition.has_token("<")
        && rounds.kind() == "int_literal"
        && clause.field("update")?.text() == format!("{}++", name.text());
    let changes = around.field("body")?.find(&[
        "assignment_statement",
        "inc_statement",
        "dec_statement",
        "unary_expression",
    ]);
    let is_changed = changes.iter().any(|change| {
        let names = change.find(&["identifier"]);
        !change.has_token("<-") && names.iter().any(|one| one.text() == name.text())
    });
    (is_plain && !is_changed).then(|| rounds.text())
}

/// The condition of a `for`.
pub(super) fn loop_condition<'a>(around: &At<'a>) -> Option<At<'a>> {
    let head = around
        .children()
        .into_iter()
        .find(|child| child.kind() != "block")?;
    match head.kind() {
        "for_clause" => head.field("condition"),
        "range_clause" => None,
        _ => Some(head),
    }
}

/// The `for` that a `break` without a label leaves; one in a select or switch leaves only that.
pub(super) fn left_by_break<'a>(exit: &At<'a>) -> Option<At<'a>> {
    let inner = exit.ancestors().find(|node| {
        matches!(
            node.kind(),
            "for_statement" | "select_statement" | "expression_switch_statement" | "type_switch_statement"
        )
    });
    inner.filter(|inner| inner.kind() == "for_statement")
}

/// Whether a `for` of the same function is around.
pub(super) fn in_loop(at: &At<'_>) -> bool {
    enclosing_loop(at).is_some()
}

/// Whether the innermost loop has no condition, and is over nothing: `for { … }`.
pub(super) fn in_endless_loop(at: &At<'_>) -> bool {
    let around = enclosing_loop(at);
    around.is_some_and(|around| around.children().iter().all(|child| child.kind() == "block"))
}

/// The loop that a goroutine is in for ever, whatever comes: without a condition and without a way out, in one of its functions.
pub(super) fn without_end<'a>(subject: &Subject<'a>) -> Option<At<'a>> {
    let frames = 0..subject.goroutine.frames.len();
    let places = frames.filter_map(|index| Place::at(subject, index));
    places
        .filter_map(|place| on_line(place.file, place.line).first().copied())
        .find_map(|on| {
            let around = on.ancestors().take_while(|node| !node.is_func());
            let mut loops = around.filter(|node| node.kind() == "for_statement");
            loops
                .find(|one| one.children().iter().all(|child| child.kind() == "block") && has_no_way_out(one))
        })
}

/// Whether nothing in a loop leaves it.
pub(super) fn has_no_way_out(around: &At<'_>) -> bool {
    let ends = |call: &At<'_>| {
        let name = called_name(call).unwrap_or_default();
        matches!(
            name,
            "panic" | "Goexit" | "Exit" | "FailNow" | "SkipNow" | "Skip" | "Skipf"
        ) || name.starts_with("Fatal")
            || name.starts_with("Panic")
    };
    let calls = around.find(&["call_expression"]);
    exits_inside(around).is_empty() && !calls.iter().any(ends)
}

/// Whether a `goto` leads back: what is between its label and itself comes once more.
pub(super) fn goes_back(jump: &At<'_>) -> bool {
    let label = jump.first().map(|label| label.text());
    let labelled = jump
        .func()
        .map_or(Vec::new(), |func| func.find(&["labeled_statement"]));
    let is_it = |one: &At<'_>| one.first().map(|name| name.text()) == label && one.func() == jump.func();
    let to = labelled.into_iter().find(is_it);
    jump.kind() == "goto_statement" && label.is_some() && to.is_some_and(|to| to.start() < jump.start())
}

/// The innermost `for` of the same function around something.
pub(super) fn enclosing_loop<'a>(at: &At<'a>) -> Option<At<'a>> {
    at.ancestors()
        .take_while(|node| !node.is_func())
        .find(|node| node.kind() == "for_statement")
}
