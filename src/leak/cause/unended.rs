//! The one variable of a test that holds a value which the test does not end, as it does others of its type.

use super::place::Place;
use crate::go_source::calls::{callee, is_called_from};
use crate::go_source::scope::local;
use crate::go_source::types::{method, type_of};
use crate::go_source::{At, Var, flow};

/// The name of that variable, for a method that ends such values.
pub(super) fn of<'a>(place: &Place<'a>, method_name: &str, ending: At<'a>) -> Option<At<'a>> {
    let files = place.files;
    let sets = place.calls.test?.find(&["short_var_declaration"]).into_iter();
    // An element or a field of another value, or one of another name, may be ended there.
    let is_of_another = |value: &At<'a>| {
        matches!(
            value.kind(),
            "index_expression" | "selector_expression" | "identifier" | "type_assertion_expression"
        )
    };
    let names = sets
        .filter(|set| {
            let values = set.field("right").map_or(Vec::new(), |right| right.children());
            !values.iter().any(is_of_another)
        })
        .filter_map(|set| set.field("left"))
        .flat_map(|left| left.children());
    let is_left = |name: &At<'a>| {
        let kind = type_of(files, *name);
        let has_it = kind.is_some_and(|kind| method(files, &kind, method_name) == Some(ending));
        if local(*name) != Some(*name) || !has_it {
            return false;
        }
        let var = Var::Local(*name);
        // What gets it as an argument, a value or an element may end it.
        let is_given = |at: &At<'a>| {
            let outer = at.parent().map_or("", |outer| outer.kind());
            at != name && matches!(outer, "argument_list" | "expression_list" | "literal_element")
        };
        flow::methods(files, &var, &[method_name]).is_empty()
            && !flow::is_handed_on(files, &var)
            && !flow::uses(files, &var).iter().any(is_given)
    };
    let mut left = names.filter(is_left);
    let first = left.next()?;
    (left.next().is_none() && may_have_started_it(place, first)).then_some(first)
}

/// Whether the goroutine may be of what a variable of the test holds: its `go` statement in the test has to do with that, or what
/// makes the variable, or is called on it, leads to the function that has started it.
fn may_have_started_it<'a>(place: &Place<'a>, name: At<'a>) -> bool {
    let Some((file, line)) = place.started else {
        return true;
    };
    let files = place.files;
    let var = Var::Local(name);
    let test = place.calls.test;
    let statements = file.root().find(&["go_statement"]).into_iter();
    let mut started = statements.filter(|one| one.line() <= line && line <= one.last_line());
    let uses = || flow::uses(files, &var).into_iter();
    match started.next() {
        Some(start) if start.top_func() == test => uses().any(|used| start.contains(&used)),
        Some(start) => {
            let Some(starter) = start.top_func() else {
                return true;
            };
            let made = name.parent().and_then(|list| list.parent());
            // What is handed to the call may start it.
            let names = made.map_or(Vec::new(), |set| set.find(&["identifier"]));
            if names.iter().any(|name| name.text() == starter.func_name()) {
                return true;
            }
            let made = made.into_iter();
            let on = uses().filter_map(|used| used.parent()?.parent());
            let calls = made.flat_map(|set| set.find(&["call_expression"])).chain(on);
            calls
                .filter_map(|call| callee(files, call))
                .any(|func| is_called_from(files, starter, func))
        }
        None => true,
    }
}
