//! The lock behind a Cond or a Locker: `c.L` of `sync.NewCond(&q.mu)` is `q.mu`, and what `q.mu.RLocker()` locks is that for reading.

use crate::go_source::calls::{called_name, operand_of};
use crate::go_source::types::{name_of, type_of};
use crate::go_source::{At, Calls, GoFiles, flow, values, variable};

/// A lock, and whether it is locked for reading.
#[derive(Clone, Copy, PartialEq)]
pub(super) struct Behind<'a> {
    /// `q.mu`.
    pub lock: At<'a>,
    pub read: bool,
}

/// What `c.L.Lock()` or `l.Lock()` of a Locker locks, where that is one lock.
pub(super) fn behind<'a>(files: &'a GoFiles, operand: At<'a>, calls: &Calls<'a>) -> Option<Behind<'a>> {
    let operand = operand.bare();
    if operand.kind() == "selector_expression" && operand.field("field")?.text() == "L" {
        return of_cond(files, operand.field("operand")?, calls);
    }
    let is_locker = |at| type_of(files, at).and_then(|kind| name_of(files, &kind));
    is_locker(operand)
        .is_some_and(|name| name.is("sync", "Locker"))
        .then_some(())?;
    let values = values::values(files, operand, calls);
    one(values.iter().map(|value| locker(value.expr)))
}

/// The lock of a Cond.
pub(super) fn of_cond<'a>(files: &'a GoFiles, cond: At<'a>, calls: &Calls<'a>) -> Option<Behind<'a>> {
    let is_itself = |expr: At<'a>| expr == cond.bare();
    let values = values::values(files, cond, calls).into_iter();
    let made = values
        .filter(|value| !is_itself(value.expr))
        .map(|value| given(value.expr));
    let set = set(files, cond).into_iter().map(locker);
    one(made.chain(set))
}

/// The one that all of them are.
fn one<'a>(all: impl Iterator<Item = Option<Behind<'a>>>) -> Option<Behind<'a>> {
    let all: Vec<Behind<'a>> = all.collect::<Option<_>>()?;
    let first = *all.first()?;
    all.iter().all(|other| *other == first).then_some(first)
}

/// The lock in `sync.NewCond(&mu)` and `sync.Cond{L: &mu}`.
fn given(made: At<'_>) -> Option<Behind<'_>> {
    let made = pointed_to(made);
    match made.kind() {
        "call_expression" if called_name(&made) == Some("NewCond") => {
            locker(made.field("arguments")?.first()?)
        }
        "composite_literal" => {
            let body = made.field("body")?;
            let elements = body.find(&["keyed_element"]).into_iter();
            let mut of_lock = elements.filter(|element| {
                element.parent() == Some(body) && element.field("key").is_some_and(|key| key.text() == "L")
            });
            let value = of_lock.next()?.field("value")?;
            locker(
                value
                    .first()
                    .filter(|_| value.kind() == "literal_element")
                    .unwrap_or(value),
            )
        }
        _ => None,
    }
}

/// What is assigned to the `L` of a Cond.
fn set<'a>(files: &'a GoFiles, cond: At<'a>) -> Vec<At<'a>> {
    let is_cond = type_of(files, cond).and_then(|kind| name_of(files, &kind));
    if !is_cond.is_some_and(|name| name.is("sync", "Cond")) {
        return Vec::new();
    }
    let Some(var) = variable(files, cond) else {
        return Vec::new();
    };
    let of_lock = |at: &At<'a>| {
        let whole = at.parent().filter(|whole| whole.field("operand") == Some(*at));
        whole.filter(|whole| whole.field("field").is_some_and(|field| field.text() == "L"))
    };
    let uses = flow::uses(files, &var).into_iter().filter_map(|at| of_lock(&at));
    uses.filter_map(|whole| {
        let list = whole.parent()?;
        let statement = list
            .parent()
            .filter(|statement| statement.kind() == "assignment_statement")?;
        let is_one = statement.field("left") == Some(list) && list.children().len() == 1;
        statement.field("right").filter(|_| is_one)?.first()
    })
    .collect()
}

/// `mu` of `&mu` and of `mu.RLocker()`.
fn locker(value: At<'_>) -> Option<Behind<'_>> {
    let value = value.bare();
    match value.kind() {
        "call_expression" if called_name(&value) == Some("RLocker") => Some(Behind {
            lock: operand_of(value)?,
            read: true,
        }),
        "unary_expression" | "identifier" | "selector_expression" | "composite_literal" => Some(Behind {
            lock: pointed_to(value),
            read: false,
        }),
        _ => None,
    }
}

fn pointed_to(value: At<'_>) -> At<'_> {
    let value = value.bare();
    let of = value
        .field("operand")
        .filter(|_| value.kind() == "unary_expression");
    of.map_or(value, |of| of.bare())
}
