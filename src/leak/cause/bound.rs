//! An end that is for the value which a variable has at that time: what the variable is given later is not ended by it.

use super::fact::therefore;
use super::loops::in_loop;
use super::names;
use super::place::{Place, short};
use crate::go_source::calls::{called_name, callee, callers_from, handed_on, is_called_from, own_callee};
use crate::go_source::values::writes;
use crate::go_source::{At, GoFiles, Var, flow, variable};

/// Functions that are looked at on the way up from the method to the test.
const MOST_FUNCS: usize = 12;

/// What to do where the test's end of a variable comes before it is given another value: `defer s.Close()`, and `s` is assigned once
/// more.
pub(super) fn of<'a>(place: &Place<'a>, method: At<'a>) -> Option<(At<'a>, String)> {
    let files = place.files;
    let test = place.calls.test?;
    let mut open = vec![method];
    let mut seen: Vec<At<'a>> = Vec::new();
    while let Some(func) = open.pop() {
        if seen.contains(&func) || seen.len() > MOST_FUNCS {
            continue;
        }
        seen.push(func);
        let calls = callers_from(files, func, Some(test)).into_iter();
        let calls: Vec<At<'a>> = calls
            .filter(|call| callee(files, *call) == Some(func) && place.is_by_test(*call))
            .collect();
        let called = calls.iter().filter_map(|call| call.field("function"));
        let values = handed_on(files, func).into_iter();
        let mut ends = called.chain(values.filter(|value| place.is_by_test(*value)));
        if let Some(found) = ends.find_map(|end| Some((end, told(files, end, func)?))) {
            return Some(found);
        }
        open.extend(
            calls
                .iter()
                .filter_map(At::top_func)
                .filter(|outer| *outer != test),
        );
    }
    None
}

/// The statement or call that ends it, as written: of `s.Close` in `defer s.Close()`, `t.Cleanup(s.Close)` or `s.Close()`.
fn statement(end: At<'_>) -> Option<At<'_>> {
    let outer = end.parent()?;
    if outer.kind() == "call_expression" {
        let around = outer.parent()?;
        return Some(if around.kind() == "defer_statement" {
            around
        } else {
            outer
        });
    }
    let call = outer.parent()?;
    (called_name(&call) == Some("Cleanup")).then_some(call)
}

/// What to do where a variable is given another value after this end of it (`s.Close`), and nothing ends that.
pub(super) fn told<'a>(files: &'a GoFiles, end: At<'a>, method: At<'a>) -> Option<String> {
    let name = end
        .field("operand")
        .filter(|operand| operand.kind() == "identifier")?;
    let var @ Var::Local(decl) = variable(files, name)? else {
        return None;
    };
    let func = end.func()?;
    let later = writes(files, &var).into_iter();
    let mut later = later.filter(|given| {
        given.by.func() == Some(func)
            && given.by.start() > end.end()
            && given.value != decl
            && !in_loop(&given.by)
            && is_made(files, &var, given.value)
    });
    let given = later.next().filter(|_| decl.func() == Some(func))?;
    let mut endings: Vec<&str> = names::public().collect();
    endings.push(method.func_name());
    let is_after = |at: &At<'a>| at.start() > given.by.end();
    let ends = flow::methods(files, &var, &endings).into_iter();
    let mut ends = ends.map(|end| end.selector);
    let uses = flow::uses(files, &var).into_iter();
    let mut given_on = uses.filter(is_after).filter_map(|used| {
        let list = used.parent().filter(|list| list.kind() == "argument_list")?;
        own_callee(files, list.parent()?)
    });
    // A literal runs with what the variable has in the end.
    let is_other = |end: &At<'a>| is_after(end) || end.func() != Some(func);
    if ends.any(|end| is_other(&end)) || given_on.any(|func| is_called_from(files, method, func)) {
        return None;
    }
    let statement = statement(end)?;
    let again = match statement.kind() {
        "call_expression" if called_name(&statement) != Some("Cleanup") => {
            format!("defer {}", statement.text())
        }
        _ => statement.text().to_owned(),
    };
    Some(therefore(
        &format!(
            "`{}` ({}) is for what `{name}` was at that time, not for what it is given later ({})",
            statement.text(),
            short(end),
            short(given.by),
            name = name.text(),
        ),
        &format!("`{again}` also after that assignment ({})", short(given.by)),
    ))
}

/// Whether a value is something new: what a call has made that the variable has no part in, or a variable that has such a value.
fn is_made<'a>(files: &'a GoFiles, var: &Var<'a>, value: At<'a>) -> bool {
    let is_new = |value: At<'a>| {
        let mut names = value.find(&["identifier"]).into_iter();
        value.kind() == "call_expression" && !names.any(|name| variable(files, name).as_ref() == Some(var))
    };
    match variable(files, value) {
        Some(other @ Var::Local(_)) if value.kind() == "identifier" => {
            let given = writes(files, &other);
            let ended = || {
                let endings: Vec<&str> = names::public().collect();
                !flow::methods(files, &other, &endings).is_empty()
            };
            let is_call = |given: &At<'a>| given.kind() == "call_expression";
            given.iter().any(|one| is_call(&one.value)) && !ended()
        }
        _ => is_new(value),
    }
}

/// What to do about a channel that a variable of the test is given after each close of that variable.
pub(super) fn remade<'a>(place: &Place<'a>, channel: At<'a>) -> Option<String> {
    let files = place.files;
    let values = place.values(channel);
    let on_the_way = values.iter().flat_map(|value| &value.path);
    let mut vars = on_the_way.filter_map(|at| match place.variable(*at)? {
        Var::Local(decl) if place.is_by_test(decl) => Some(decl),
        _ => None,
    });
    vars.find_map(|decl| {
        let var = Var::Local(decl);
        let closes = flow::arguments_of(files, &var, "close");
        let writes = writes(files, &var);
        let last = writes.iter().max_by_key(|given| given.by.start())?;
        let func = decl.func();
        let is_earlier = |close: &At<'a>| close.start() < last.by.start() && close.func() == func;
        let close = *closes.last()?;
        let is_it = writes.len() > 1
            && closes.iter().all(is_earlier)
            && called_name(&last.value) == Some("make")
            && last.by.func() == func
            && !in_loop(&last.by);
        let ends = flow::ends(files, &flow::names(files, var.clone()), true);
        let is_all = ends.iter().all(|end| closes.contains(end));
        (is_it && is_all).then(|| {
            let fact = format!(
                "`{}` ({}) is for what `{name}` was at that time, not for what it is given later ({})",
                close.text(),
                short(close),
                short(last.by),
                name = decl.text(),
            );
            therefore(
                &fact,
                &format!(
                    "`defer {}` after that assignment ({})",
                    close.text(),
                    short(last.by)
                ),
            )
        })
    })
}
