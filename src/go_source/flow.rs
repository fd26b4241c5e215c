//! What is done to a variable: who closes it, stops it, calls a method of it.

use super::values::{home, writes};
use super::variable::{Var, variable};
use super::{At, GoFile, GoFiles};

/// A call of a method of a variable: `t.Stop()`, or the method value `t.Stop`.
#[derive(Debug, Clone, Copy)]
pub struct Use<'a> {
    /// The selector `t.Stop`.
    pub selector: At<'a>,
    /// The call, unless it is a method value.
    pub call: Option<At<'a>>,
}

/// The files in which a variable may be used.
pub fn reach<'a>(files: &'a GoFiles, var: &Var<'a>) -> Vec<&'a GoFile> {
    match var {
        Var::Local(decl) => vec![decl.file],
        Var::Global(decl) => files.package(decl.file),
        Var::Field(owner, _) => home(files, owner),
    }
}

/// Every place where the variable itself is written.
pub fn uses<'a>(files: &'a GoFiles, var: &Var<'a>) -> Vec<At<'a>> {
    let name = match var {
        Var::Local(decl) | Var::Global(decl) => decl.text(),
        Var::Field(_, name) => name,
    };
    let whole = |at: At<'a>| match at.parent() {
        Some(parent) if parent.kind() == "selector_expression" && parent.field("field") == Some(at) => parent,
        _ => at,
    };
    let all = reach(files, var).into_iter().flat_map(|file| file.named(name));
    all.map(whole)
        .filter(|at| variable(files, *at).as_ref() == Some(var))
        .collect()
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

/// The variable that another result of the same call went to: of `ctx, cancel := f()` the second, seen from the first.
pub fn beside<'a>(files: &'a GoFiles, call: At<'a>, index: usize) -> Option<Var<'a>> {
    let list = call.parent().filter(|list| list.kind() == "expression_list")?;
    let statement = list.parent()?;
    let left = match statement.kind() {
        "short_var_declaration" | "assignment_statement" => statement.field("left")?.children(),
        "var_spec" => statement.fields("name"),
        _ => return None,
    };
    variable(files, *left.get(index)?)
}

/// Whether a value ever goes to the variable at all.
pub fn is_given<'a>(files: &'a GoFiles, var: &Var<'a>) -> bool {
    !writes(files, var).is_empty()
}
