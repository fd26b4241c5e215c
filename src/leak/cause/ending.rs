//! Who could end a wait: the method, function or returned function that closes the channel or cancels the context.

use super::place::{Place, short};
use crate::go_source::calls::callers;
use crate::go_source::types::TypeName;
use crate::go_source::{At, DeclKind, Var, flow};

/// What a test can call.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Ending<'a> {
    /// A method of the type that holds the channel or context.
    Method {
        /// `Stop`.
        name: &'a str,
        /// `Runner`.
        of: String,
        /// Where it is declared.
        at: At<'a>,
    },
    /// A function of the package.
    Function(At<'a>),
    /// What a function returns.
    Returned(At<'a>),
}

impl Ending<'_> {
    /// What to do, in words.
    pub(super) fn told(&self) -> String {
        match self {
            Self::Method { name, of, at } => format!(
                "call `{name}` of the {of} ({}) when the test is done with it, for example in t.Cleanup",
                short(*at)
            ),
            Self::Function(func) => format!(
                "call `{}` ({}) when the test is done, for example in t.Cleanup",
                func.func_name(),
                short(*func)
            ),
            Self::Returned(func) => format!(
                "call the function that `{}` returns, for example in t.Cleanup",
                func.func_name()
            ),
        }
    }
}

/// Names that owners give to what ends them, the best first.
pub(super) const ENDINGS: &[&str] = &[
    "Close",
    "Stop",
    "Shutdown",
    "Cancel",
    "Disconnect",
    "Quit",
    "Done",
    "Finish",
    "Terminate",
    "Dispose",
    "Destroy",
    "Release",
    "Kill",
    "Drain",
    "CloseIdleConnections",
    "close",
    "stop",
    "shutdown",
    "cancel",
];

/// Who closes a channel; else who sends on it.
pub(super) fn of_channel<'a>(place: &Place<'a>, channel: At<'a>) -> Option<Ending<'a>> {
    let var = source_variable(place, channel)?;
    let closes = flow::arguments_of(place.files, &var, "close");
    if !closes.is_empty() {
        return best(place, &var, closes);
    }
    // A method that sends ends the wait only if that is what it is for.
    let sends = flow::sends(place.files, &var);
    best(place, &var, sends).filter(|ending| match ending {
        Ending::Method { name, .. } => ENDINGS.contains(name),
        Ending::Function(_) | Ending::Returned(_) => false,
    })
}

/// Who cancels a context, from the variable of its cancel function.
pub(super) fn of_cancel<'a>(place: &Place<'a>, cancel: &Var<'a>) -> Option<Ending<'a>> {
    best(place, cancel, flow::calls_of(place.files, cancel))
}

/// The variable that a channel was made for: the field or global on the way back, else the last local one.
pub(super) fn source_variable<'a>(place: &Place<'a>, channel: At<'a>) -> Option<Var<'a>> {
    let values = place.values(channel);
    let path = values.first().map(|value| value.path.clone()).unwrap_or_default();
    let variables: Vec<Var<'a>> = path.iter().filter_map(|at| place.variable(*at)).collect();
    let shared = variables
        .iter()
        .find(|var| matches!(var, Var::Field(..) | Var::Global(_)))
        .cloned();
    shared.or_else(|| variables.last().cloned())
}

fn best<'a>(place: &Place<'a>, var: &Var<'a>, sites: Vec<At<'a>>) -> Option<Ending<'a>> {
    let mut endings: Vec<Ending<'a>> = Vec::new();
    for site in sites {
        let holds_place = |func: &At<'a>| {
            std::ptr::eq(func.file, place.file) && func.line() <= place.line && place.line <= func.last_line()
        };
        let Some(func) = site.func() else { continue };
        if func.kind() == "func_literal" {
            let returned = func
                .ancestors()
                .take(2)
                .any(|node| node.kind() == "return_statement");
            if returned && let Some(outer) = func.top_func() {
                endings.push(Ending::Returned(outer));
            }
            // What runs once elsewhere: sync.Once.Do(func() { close(…) }).
            if !returned
                && !holds_place(&func)
                && let Some(outer) = func.top_func().filter(|outer| !holds_place(outer))
            {
                endings.extend(of_func(place, var, outer));
            }
        } else if !holds_place(&func) {
            endings.extend(of_func(place, var, func));
        }
    }
    endings.sort_by_key(rank);
    endings.into_iter().next()
}

fn rank(ending: &Ending<'_>) -> usize {
    match ending {
        Ending::Method { name, .. } => {
            let known = ENDINGS.iter().position(|ending| ending == name);
            known.unwrap_or(if is_public(name) { 50 } else { 70 })
        }
        Ending::Returned(_) => 40,
        Ending::Function(_) => 60,
    }
}

fn is_public(name: &str) -> bool {
    name.starts_with(char::is_uppercase)
}

/// The function that holds the close, or what calls it, as far as the test can reach it.
fn of_func<'a>(place: &Place<'a>, var: &Var<'a>, func: At<'a>) -> Vec<Ending<'a>> {
    let mut found = Vec::new();
    let mut open = vec![func];
    let mut seen = Vec::new();
    while let Some(func) = open.pop() {
        if seen.contains(&func) || seen.len() > 6 {
            continue;
        }
        seen.push(func);
        let name = func.func_name();
        if is_test(name) {
            continue;
        }
        match receiver(func) {
            Some(of) => {
                let own = match var {
                    Var::Field(TypeName { name, .. }, _) => *name == of,
                    _ => true,
                };
                if own || is_public(name) {
                    found.push(Ending::Method { name, of, at: func });
                }
            }
            None if matches!(var, Var::Global(_) | Var::Field(..)) => found.push(Ending::Function(func)),
            None => {}
        }
        if !is_public(name) {
            open.extend(callers(place.files, func).iter().filter_map(At::top_func));
        }
    }
    found
}

fn is_test(name: &str) -> bool {
    ["Test", "Benchmark", "Fuzz", "Example"]
        .iter()
        .any(|prefix| name.starts_with(prefix))
}

/// The receiver's type of a method.
pub(super) fn receiver(func: At<'_>) -> Option<String> {
    let decl = func
        .file
        .decls
        .iter()
        .find(|decl| decl.range == func.node.byte_range())?;
    match &decl.kind {
        DeclKind::Method { receiver, .. } => Some(receiver.clone()),
        _ => None,
    }
}
