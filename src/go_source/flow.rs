//! What is done to a variable: who closes it, stops it, calls a method of it.

use super::calls::{called_name, callers, own_callee};
use super::types::{Type, fields, name_of, spec, type_of, underlying};
use super::values::{converted, reach, writes};
use super::variable::{Var, variable};
use super::{At, GoFiles};

/// A call of a method of a variable: `t.Stop()`, or the method value `t.Stop`.
#[derive(Debug, Clone, Copy)]
pub struct Use<'a> {
    /// The selector `t.Stop`.
    pub selector: At<'a>,
    /// The call, unless it is a method value.
    pub call: Option<At<'a>>,
}

/// Every place where the variable itself is written.
pub fn uses<'a>(files: &'a GoFiles, var: &Var<'a>) -> Vec<At<'a>> {
    let name = var.name();
    let whole = |at: At<'a>| match at.parent() {
        Some(parent) if parent.kind() == "selector_expression" && parent.field("field") == Some(at) => parent,
        _ => at,
    };
    let all = match var {
        Var::Local(decl) => decl.file.named_within(name, &decl.reach()),
        _ => reach(files, var)
            .into_iter()
            .flat_map(|file| file.named(name))
            .collect(),
    };
    all.into_iter()
        .map(whole)
        .filter(|at| variable(files, *at).as_ref() == Some(var) && !is_field_key(files, *at))
        .map(of_element)
        .collect()
}

/// Whether a name is that of a field: the first `out` of `T{out: out}`.
fn is_field_key(files: &GoFiles, at: At<'_>) -> bool {
    let whole = || {
        let element = at
            .parent()
            .filter(|element| element.kind() == "literal_element")?;
        let keyed = element
            .parent()
            .filter(|keyed| keyed.field("key") == Some(element))?;
        keyed.parent()?.parent()?.field("type")
    };
    whole().is_some_and(|kind| {
        let kind = spec(files, &Type::Written(kind)).and_then(|spec| spec.field("type"));
        kind.is_some_and(|kind| kind.kind() == "struct_type")
    })
}

/// `m[k]` for the `m` in it: what is done to an element is done to what the variable holds.
fn of_element(at: At<'_>) -> At<'_> {
    let outer = at
        .parent()
        .filter(|outer| outer.kind() == "index_expression" && outer.field("operand") == Some(at));
    outer.unwrap_or(at)
}

/// Variables that take over the value of another one: `s.stop = cancel`, `T{stop: cancel}`, `f(cancel)`, `return cancel`,
/// `for _, c := range all`.
pub fn aliases<'a>(files: &'a GoFiles, var: &Var<'a>) -> Vec<Var<'a>> {
    let mut found: Vec<Var<'a>> = Vec::new();
    for at in uses(files, var) {
        for alias in taken_over(files, at) {
            if alias != *var && !found.contains(&alias) {
                found.push(alias);
            }
        }
    }
    found
}

/// Most variables that are followed for one value: where there are as many, there may be more.
pub const MOST: usize = 16;

/// A variable, and those that its value goes to from one to the next.
pub fn names<'a>(files: &'a GoFiles, var: Var<'a>) -> Vec<Var<'a>> {
    let mut all = vec![var];
    let mut at = 0;
    while at < all.len() && all.len() < MOST {
        for alias in aliases(files, &all[at]) {
            if !all.contains(&alias) {
                all.push(alias);
            }
        }
        at += 1;
    }
    all
}

/// The variables that the value of an expression goes to.
pub fn taken_over<'a>(files: &'a GoFiles, value: At<'a>) -> Vec<Var<'a>> {
    let Some(parent) = value.parent() else {
        return Vec::new();
    };
    match parent.kind() {
        "literal_element" => of_literal(files, parent).into_iter().collect(),
        "range_clause" if parent.field("right") == Some(value) => {
            let names = parent.field("left").map_or(Vec::new(), |left| left.children());
            // A channel's values are none of it; of a map the keys may be channels.
            let is_map = || {
                let kind = type_of(files, value).and_then(|kind| underlying(files, kind));
                kind.is_some_and(|kind| kind.kind() == "map_type")
            };
            let name = names.get(1).or(names.first().filter(|_| is_map()));
            name.and_then(|name| variable(files, *name)).into_iter().collect()
        }
        "argument_list" => {
            let position = parent.children().iter().position(|one| *one == value);
            let call = parent.parent();
            if let Some(whole) = call.filter(|call| converted(files, *call).is_some()) {
                return taken_over(files, whole);
            }
            // `all = append(all, x)`: what is done to an element is done to what the variable holds.
            if let Some(whole) = call.filter(|call| called_name(call) == Some("append")) {
                let list = given(whole, 0).filter(|_| position != Some(0));
                return list.and_then(|list| variable(files, list)).into_iter().collect();
            }
            let func = call.and_then(|call| own_callee(files, call));
            let parameter = position.and_then(|position| parameter(func?, position));
            parameter.map(Var::Local).into_iter().collect()
        }
        "expression_list" => of_list(files, parent, value),
        _ => Vec::new(),
    }
}

/// The name of a parameter by its position.
fn parameter(func: At<'_>, position: usize) -> Option<At<'_>> {
    let list = func.field("parameters")?.children().into_iter();
    list.flat_map(|declaration| declaration.fields("name"))
        .nth(position)
}

fn of_list<'a>(files: &'a GoFiles, list: At<'a>, value: At<'a>) -> Vec<Var<'a>> {
    let Some(position) = list.children().iter().position(|one| *one == value) else {
        return Vec::new();
    };
    let Some(statement) = list.parent() else {
        return Vec::new();
    };
    let left = match statement.kind() {
        "short_var_declaration" | "assignment_statement" if statement.field("right") == Some(list) => {
            statement.field("left").map_or(Vec::new(), |left| left.children())
        }
        "var_spec" => statement.fields("name"),
        "return_statement" => {
            let calls = statement.func().map_or(Vec::new(), |func| callers(files, func));
            // `use(f())` hands the result on at once.
            let handed = |call: At<'a>| match call.parent() {
                Some(list) if list.kind() == "argument_list" && position == 0 => taken_over(files, call),
                _ => beside(files, call, position).into_iter().collect(),
            };
            return calls.into_iter().flat_map(handed).collect();
        }
        _ => return Vec::new(),
    };
    let target = left.get(position).and_then(|target| variable(files, *target));
    target.into_iter().collect()
}

/// The field that a part of a composite literal is for.
fn of_literal<'a>(files: &'a GoFiles, element: At<'a>) -> Option<Var<'a>> {
    let keyed = element.parent().filter(|outer| outer.kind() == "keyed_element");
    let whole = keyed.unwrap_or(element);
    let body = whole.parent()?;
    let literal = body
        .parent()
        .filter(|literal| literal.kind() == "composite_literal")?;
    let kind = Type::Written(literal.field("type")?);
    let owner = name_of(files, &kind)?;
    let name = match keyed {
        Some(keyed) => keyed
            .field("key")
            .filter(|key| !key.contains(&element))?
            .bare()
            .text(),
        None => {
            let position = body.children().iter().position(|one| *one == element)?;
            let spec = spec(files, &kind)?;
            fields(spec.field("type")?).get(position)?.0
        }
    };
    Some(Var::Field(owner, name))
}

/// Whether a variable is an argument of a call whose function is not seen, or part of what has no name: what happens to it there is
/// not known.
pub fn is_given_away<'a>(files: &'a GoFiles, var: &Var<'a>) -> bool {
    const HARMLESS: &[&str] = &["close", "len", "cap", "make", "delete", "clear"];
    if is_to_receive(var) {
        return false;
    }
    uses(files, var).into_iter().any(|at| {
        let Some(parent) = at.parent() else { return false };
        let is_hidden = |list: At<'a>| {
            let call = list.parent();
            !call.is_some_and(|call| {
                called_name(&call).is_some_and(|name| HARMLESS.contains(&name)) || adds_to(call, at)
            })
        };
        match parent.kind() {
            "argument_list" => taken_over(files, at).is_empty() && is_hidden(parent),
            "literal_element" => taken_over(files, at).is_empty(),
            // As a key of a map.
            "index_expression" => parent.field("operand") != Some(at),
            "expression_list" => {
                let target = parent.parent();
                if target.is_some_and(returns_to_receive) {
                    return false;
                }
                let is_source = |statement: At<'a>| statement.field("left") != Some(parent);
                target.is_some_and(is_source) && taken_over(files, at).is_empty()
            }
            "send_statement" => parent.field("value") == Some(at),
            "unary_expression" => parent.has_token("&"),
            _ => false,
        }
    })
}

/// As [`names`]; `None` where they are too many, or something that is not seen may have the value too.
pub fn seen_names<'a>(files: &'a GoFiles, var: Var<'a>) -> Option<Vec<Var<'a>>> {
    let all = names(files, var);
    let is_seen = all.len() < MOST && !all.iter().any(|name| is_given_away(files, name));
    is_seen.then_some(all)
}

/// What ends a receive from a channel that has these names: its closes and, unless that is a range, sends on it.
pub fn ends<'a>(files: &'a GoFiles, names: &[Var<'a>], ranges: bool) -> Vec<At<'a>> {
    let of = |name: &Var<'a>| {
        let sends = if ranges { Vec::new() } else { sends(files, name) };
        [arguments_of(files, name, "close"), sends].concat()
    };
    names.iter().flat_map(of).collect()
}

/// `all = append(all, x)`.
fn adds_to<'a>(call: At<'a>, list: At<'a>) -> bool {
    let first = call.field("arguments").and_then(|arguments| arguments.first());
    let to = given(call, 0).filter(|_| called_name(&call) == Some("append") && first == Some(list));
    to.is_some_and(|to| to.text() == list.text())
}

/// Whether a variable is declared as a channel to receive from: what has it can neither send nor close.
fn is_to_receive(var: &Var<'_>) -> bool {
    let Var::Local(decl) = var else { return false };
    let kind = decl.parent().and_then(|declares| declares.field("type"));
    kind.is_some_and(|kind| kind.kind() == "channel_type" && kind.text().starts_with("<-"))
}

/// Whether a `return` gives a channel to what can only receive from it.
fn returns_to_receive(target: At<'_>) -> bool {
    let func = target.func().filter(|_| target.kind() == "return_statement");
    let result = func.and_then(|func| func.field("result"));
    result.is_some_and(|result| result.kind() == "channel_type" && result.text().starts_with("<-"))
}

/// Uses of methods of a variable.
pub fn methods<'a>(files: &'a GoFiles, var: &Var<'a>, names: &[&str]) -> Vec<Use<'a>> {
    let method = |at: At<'a>| {
        let selector = at
            .parent()
            .filter(|parent| parent.kind() == "selector_expression" && parent.field("operand") == Some(at))?;
        let name = selector.field("field")?;
        names.contains(&name.text()).then_some(())?;
        let call = selector
            .parent()
            .filter(|call| call.kind() == "call_expression" && call.field("function") == Some(selector));
        Some(Use { selector, call })
    };
    uses(files, var).into_iter().filter_map(method).collect()
}

/// Calls of a builtin or function with the variable as its first argument: `close(ch)`, `signal.Notify(ch, …)`.
pub fn arguments_of<'a>(files: &'a GoFiles, var: &Var<'a>, function: &str) -> Vec<At<'a>> {
    let call = |at: At<'a>| {
        let list = at.parent().filter(|list| list.kind() == "argument_list")?;
        let call = list.parent()?;
        let first = list.first() == Some(at);
        (first && call.field("function")?.text() == function).then_some(call)
    };
    uses(files, var).into_iter().filter_map(call).collect()
}

/// Calls of a variable that holds a function: `cancel()`, `defer r.stop()`.
pub fn calls_of<'a>(files: &'a GoFiles, var: &Var<'a>) -> Vec<At<'a>> {
    let call = |at: At<'a>| {
        at.parent()
            .filter(|call| call.kind() == "call_expression" && call.field("function") == Some(at))
    };
    uses(files, var).into_iter().filter_map(call).collect()
}

/// Sends on a channel.
pub fn sends<'a>(files: &'a GoFiles, var: &Var<'a>) -> Vec<At<'a>> {
    let send = |at: At<'a>| {
        at.parent()
            .filter(|send| send.kind() == "send_statement" && send.field("channel") == Some(at))
    };
    uses(files, var).into_iter().filter_map(send).collect()
}

/// Where a variable is changed after it is made, and the statement or call that does: `s.n++`, `s.n = 1`, `s.off.Store(true)`,
/// `atomic.StoreInt32(&s.n, 1)`.
pub fn changes<'a>(files: &'a GoFiles, var: &Var<'a>) -> Vec<(At<'a>, At<'a>)> {
    const STORES: &[&str] = &["Store", "Add", "Swap", "CompareAndSwap"];
    let stores = |call: &At<'a>| {
        call.kind() == "call_expression"
            && called_name(call).is_some_and(|name| STORES.iter().any(|store| name.starts_with(store)))
    };
    let by = |at: At<'a>| {
        let outer = at.parent()?;
        match outer.kind() {
            "inc_statement" | "dec_statement" => Some(outer),
            "expression_list" => outer.parent().filter(|statement| {
                statement.kind() == "assignment_statement" && statement.field("left") == Some(outer)
            }),
            "selector_expression" => outer.parent().filter(stores),
            "unary_expression" if outer.has_token("&") => outer.parent()?.parent().filter(stores),
            _ => None,
        }
    };
    let all = uses(files, var).into_iter();
    all.filter_map(|at| Some((at, by(at)?))).collect()
}

/// The variable that another result of the same call went to: of `ctx, cancel := f()` the second, seen from the first.
pub fn beside<'a>(files: &'a GoFiles, call: At<'a>, index: usize) -> Option<Var<'a>> {
    let name = given_to(call)?.get(index).copied();
    variable(files, name.filter(|name| name.text() != "_")?)
}

/// What the statement around a call gives values to: `ctx` and `cancel` of `ctx, cancel := f()`.
pub fn given_to(call: At<'_>) -> Option<Vec<At<'_>>> {
    let list = call.parent().filter(|list| list.kind() == "expression_list")?;
    let statement = list.parent()?;
    match statement.kind() {
        "short_var_declaration" | "assignment_statement" => Some(statement.field("left")?.children()),
        "var_spec" => Some(statement.fields("name")),
        _ => None,
    }
}

/// The name that the statement around an expression gives one of its values to.
pub fn given(expr: At<'_>, index: usize) -> Option<At<'_>> {
    let names = given_to(expr)?;
    let position = expr.parent()?.children().iter().position(|one| *one == expr)?;
    names.get(position + index).copied()
}

/// Whether a value ever goes to the variable at all.
pub fn is_given<'a>(files: &'a GoFiles, var: &Var<'a>) -> bool {
    !writes(files, var).is_empty()
}

/// Whether its address is taken: others may give it a value.
pub fn is_pointed_to<'a>(files: &'a GoFiles, var: &Var<'a>) -> bool {
    uses(files, var).into_iter().any(|at| {
        at.parent()
            .is_some_and(|outer| outer.kind() == "unary_expression" && outer.has_token("&"))
    })
}

/// Whether what a variable holds outlives its function: a field or a variable of the package gets it, or it is returned, itself or
/// as a part of something new.
pub fn is_handed_on<'a>(files: &'a GoFiles, var: &Var<'a>) -> bool {
    const PARTS: &[&str] = &[
        "expression_list",
        "literal_element",
        "keyed_element",
        "literal_value",
        "composite_literal",
        "unary_expression",
        "parenthesized_expression",
    ];
    let is_returned = |at: At<'a>| {
        let mut around = at.ancestors().skip_while(|node| PARTS.contains(&node.kind()));
        around
            .next()
            .is_some_and(|node| node.kind() == "return_statement")
    };
    let names = names(files, var.clone());
    names.iter().any(|name| !matches!(name, Var::Local(_))) || uses(files, var).into_iter().any(is_returned)
}
