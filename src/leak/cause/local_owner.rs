//! What a function has made for itself, started goroutines with and left: nothing ends it.

use super::Subject;
use super::ending::method_of;
use super::fact::therefore;
use super::names;
use super::place::{function, handle, short};
use super::unsent::is_there;
use crate::go_source::calls::{called_name, handed_to, operand_of, own_callee, position};
use crate::go_source::types::type_of;
use crate::go_source::values::writes;
use crate::go_source::{At, GoFiles, Var, flow, variable};

/// What to do where the goroutine runs a function that was handed to a variable of a function which has returned.
pub(super) fn fix(subject: &Subject<'_>) -> Option<String> {
    let files = subject.code.sources;
    let frames = subject.goroutine.frames.iter();
    let mut literals = frames
        .filter_map(|frame| function(subject, frame))
        .filter(|func| func.kind() == "func_literal");
    let (call, decl) = literals.find_map(|literal| {
        let call = handed_to(literal)?;
        let Var::Local(decl) = variable(files, operand_of(call)?)? else {
            return None;
        };
        Some((call, decl))
    })?;
    let maker = decl
        .func()
        .filter(|maker| maker.kind() != "func_literal" && call.func() == Some(*maker))?;
    let is_given = position(maker, decl).is_some()
        || maker
            .field("receiver")
            .is_some_and(|receiver| receiver.contains(&decl));
    let starts = own_callee(files, call).is_some_and(|func| !func.find(&["go_statement"]).is_empty());
    if is_given
        || !starts
        || !is_made_there(files, decl)
        || handle(maker).is_some()
        || is_there(subject, maker)
    {
        return None;
    }
    let (name, ending) = method_of(files, &type_of(files, operand_of(call)?)?)?;
    let var = Var::Local(decl);
    let endings: Vec<&str> = names::public().collect();
    let may_go_on = |at: &At<'_>| {
        let outer = at.parent().map_or("", |outer| outer.kind());
        at != &decl && matches!(outer, "argument_list" | "expression_list" | "literal_element")
    };
    let is_left = flow::methods(files, &var, &endings).is_empty()
        && !flow::is_handed_on(files, &var)
        && !flow::is_pointed_to(files, &var)
        && !flow::uses(files, &var).iter().any(may_go_on);
    (is_left && ends_something(ending)).then(|| {
        let (who, at) = (maker.func_name(), short(decl));
        therefore(
            &format!(
                "{who} has returned, and nothing calls `{name}` ({}) of its `{}` ({at}), which has started it",
                short(ending),
                decl.text()
            ),
            &format!("`defer {}.{name}()` in {who} right after {at}", decl.text()),
        )
    })
}

/// Whether what a variable holds is its own: `var p pool`, `p := &pool{}`, `p := newPool()`.
fn is_made_there<'a>(files: &'a GoFiles, decl: At<'a>) -> bool {
    let makes = |value: At<'a>| {
        let begins = ["New", "new"];
        let name = called_name(&value).unwrap_or_default();
        value.kind() == "composite_literal" || begins.iter().any(|begin| name.starts_with(begin))
    };
    let given = writes(files, &Var::Local(decl));
    given.iter().all(|given| makes(given.value.bare()))
}

/// Whether a method sends, closes or ends something.
fn ends_something(method: At<'_>) -> bool {
    let calls = method.find(&["call_expression"]);
    let ends = |call: &At<'_>| {
        called_name(call).is_some_and(|name| names::is_ending(name) || name.to_lowercase().contains("cancel"))
    };
    !method.find(&["send_statement"]).is_empty() || calls.iter().any(ends)
}
