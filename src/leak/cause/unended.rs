//! The one variable of a test that holds a value which the test does not end, as it does others of its type.

use super::place::Place;
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
    left.next().is_none().then_some(first)
}
