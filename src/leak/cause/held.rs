//! Which locks a goroutine holds: its frames from the outside in, with what the functions that they call lock and unlock.

use super::Subject;
use super::place::{Place, file, short};
use crate::go_source::calls::{called_name, callee};
use crate::go_source::types::{self, TypeName, name_of, type_of};
use crate::go_source::{At, Calls, GoFile, GoFiles, Var, values, variable};
use crate::goroutine::{Goroutine, name};

/// Frames, and calls of a function, that are looked at.
const MOST_FRAMES: usize = 24;
const MOST_CALLS: usize = 200;
/// How deep calls are followed for what they lock and unlock.
const DEEPEST: usize = 3;

/// A lock as the source names it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Lock {
    /// As written: `l.sales`.
    pub expr: String,
    /// The same for all that name this field or variable.
    pub key: String,
    /// Where it is taken: `ledger.go:12`.
    pub place: String,
    /// The function that takes it.
    pub func: String,
}

/// What a call does to locks.
enum Act<'a> {
    Takes(At<'a>),
    Gives(At<'a>),
    Calls(At<'a>),
}

/// The lock that the line of a goroutine takes.
pub(super) fn wanted(subject: &Subject<'_>) -> Option<Lock> {
    let place = Place::of(subject)?;
    let calls = crate::go_source::calls::on_line(place.file, place.line);
    let call = calls
        .into_iter()
        .find(|call| matches!(called_name(call), Some("Lock" | "RLock")))?;
    lock(place.files, call, &place.calls)
}

/// The locks that a goroutine holds where it is.
pub(super) fn held(subject: &Subject<'_>, goroutine: &Goroutine) -> Vec<Lock> {
    let files = subject.code.sources;
    let mut held: Vec<Lock> = Vec::new();
    let frames: Vec<_> = goroutine
        .frames
        .iter()
        .filter(|frame| !name::is_std(frame.func.as_str()))
        .filter_map(|frame| frame.at.as_ref())
        .take(MOST_FRAMES)
        .filter_map(|at| Some((file(subject, at)?, at.line)))
        .collect();
    for (index, (file, line)) in frames.iter().enumerate().rev() {
        let (Some(func), Some(range)) = (file.func_at(*line), file.line(*line)) else {
            continue;
        };
        let calls = Calls(frames[index + 1..].to_vec());
        let mut budget = MOST_CALLS;
        apply(files, func, Some(range.start), &calls, &mut held, 0, &mut budget);
    }
    held
}

/// The locks of this name that a function takes and never gives back, by where it takes them.
pub(super) fn never_given_back<'a>(files: &'a GoFiles, of: &Lock, near: &'a GoFile) -> Vec<Lock> {
    let mut found = Vec::new();
    for file in files.package(near) {
        for call in file.named("Lock").into_iter().chain(file.named("RLock")) {
            let Some(call) = crate::go_source::calls::call_of(call) else {
                continue;
            };
            let Some(func) = call.func() else { continue };
            if lock(files, call, &Calls::default()).is_none_or(|lock| lock.key != of.key) {
                continue;
            }
            if gives_back_first(files, func, &of.key) {
                continue;
            }
            let mut held = Vec::new();
            let mut budget = MOST_CALLS;
            apply(files, func, None, &Calls::default(), &mut held, 0, &mut budget);
            let kept = held.into_iter().filter(|lock| lock.key == of.key);
            found.extend(kept.filter(|lock| lock.place == short(call)));
        }
    }
    found.dedup();
    found
}

/// Whether a function begins with an Unlock of its caller's lock: it takes back what it gave.
fn gives_back_first<'a>(files: &'a GoFiles, func: At<'a>, key: &str) -> bool {
    let first = func
        .find(&["call_expression"])
        .into_iter()
        .filter(|call| call.func() == Some(func))
        .filter(|call| {
            call.parent()
                .is_none_or(|parent| parent.kind() != "defer_statement")
        })
        .find(|call| {
            let named = matches!(called_name(call), Some("Lock" | "RLock" | "Unlock" | "RUnlock"));
            named && lock(files, *call, &Calls::default()).is_some_and(|lock| lock.key == key)
        });
    first.is_some_and(|call| matches!(called_name(&call), Some("Unlock" | "RUnlock")))
}

/// Applies what a function does up to a byte, or all of it, to the locks that are held.
fn apply<'a>(
    files: &'a GoFiles,
    func: At<'a>,
    upto: Option<usize>,
    calls: &Calls<'a>,
    held: &mut Vec<Lock>,
    depth: usize,
    budget: &mut usize,
) {
    let Some(body) = func.field("body") else { return };
    let mut deferred = Vec::new();
    for call in body.find(&["call_expression"]) {
        if call.func() != Some(func) || upto.is_some_and(|upto| call.start() >= upto) {
            continue;
        }
        *budget = budget.saturating_sub(1);
        if *budget == 0 {
            return;
        }
        match call.parent().map(|parent| parent.kind()) {
            Some("go_statement") => continue,
            Some("defer_statement") => {
                deferred.push(call);
                continue;
            }
            _ => {}
        }
        if left_before(&call, func, upto) {
            continue;
        }
        act(files, call, calls, held, depth, budget);
    }
    if upto.is_none() {
        for call in deferred.into_iter().rev() {
            act(files, call, calls, held, depth, budget);
        }
    }
}

fn act<'a>(
    files: &'a GoFiles,
    call: At<'a>,
    calls: &Calls<'a>,
    held: &mut Vec<Lock>,
    depth: usize,
    budget: &mut usize,
) {
    match kind_of(files, call) {
        Act::Takes(call) => held.extend(lock(files, call, calls)),
        Act::Gives(call) => {
            let Some(given) = lock(files, call, calls) else {
                return;
            };
            if let Some(index) = held.iter().rposition(|lock| lock.key == given.key) {
                held.remove(index);
            }
        }
        Act::Calls(call) if depth < DEEPEST => {
            let literal = call
                .field("function")
                .filter(|function| function.kind() == "func_literal");
            if let Some(func) = literal.or_else(|| callee(files, call)) {
                apply(files, func, None, calls, held, depth + 1, budget);
            }
        }
        Act::Calls(_) => {}
    }
}

fn kind_of<'a>(files: &'a GoFiles, call: At<'a>) -> Act<'a> {
    let takes = match called_name(&call) {
        Some("Lock" | "RLock") => true,
        Some("Unlock" | "RUnlock") => false,
        _ => return Act::Calls(call),
    };
    // A type with a Lock of its own is read as any other call.
    let own = || callee(files, call).is_some_and(|method| !method.file.path.contains("/sync/"));
    match takes {
        _ if own() => Act::Calls(call),
        true => Act::Takes(call),
        false => Act::Gives(call),
    }
}

/// Whether the block around a call has left the function (or loop) before the place is reached.
fn left_before(call: &At<'_>, func: At<'_>, upto: Option<usize>) -> bool {
    let blocks = call
        .ancestors()
        .take_while(|node| *node != func)
        .filter(|node| node.kind() == "statement_list")
        .filter(|block| block.parent().and_then(|body| body.parent()) != Some(func));
    let apart = |block: &At<'_>| upto.is_none_or(|upto| block.end() < upto);
    blocks.into_iter().filter(apart).any(|block| {
        block.children().iter().any(|statement| {
            matches!(
                statement.kind(),
                "return_statement" | "break_statement" | "continue_statement" | "goto_statement"
            ) || statement.text().starts_with("panic(")
        })
    })
}

/// The lock that `x.Lock()` names.
fn lock<'a>(files: &'a GoFiles, call: At<'a>, calls: &Calls<'a>) -> Option<Lock> {
    let operand = call.field("function")?.field("operand")?;
    Some(Lock {
        expr: operand.bare().text().to_owned(),
        key: key(files, operand, calls)?,
        place: short(call),
        func: call
            .top_func()
            .map(|func| func.func_name().to_owned())
            .unwrap_or_default(),
    })
}

/// The same text for every expression that names one variable: a field by its type, a parameter by what it is given.
pub(super) fn key<'a>(files: &'a GoFiles, operand: At<'a>, calls: &Calls<'a>) -> Option<String> {
    let kind = type_of(files, operand);
    let named = kind.and_then(|kind| name_of(files, &kind));
    let is_sync = named.as_ref().is_none_or(|name| name.package == "sync");
    if let (Some(name), false) = (&named, is_sync) {
        // What the type embeds: `s.Lock()`.
        let spec = kind.and_then(|kind| types::spec(files, &kind));
        if spec.is_some() {
            return Some(format!("{}.{}", name.package, name.name));
        }
    }
    let values = values::values(files, operand, calls);
    let last = match &values[..] {
        [one] => one.expr,
        _ => operand,
    };
    let var = variable(files, last).or_else(|| variable(files, operand))?;
    Some(var_key(&var))
}

/// A text for a variable.
pub(super) fn var_key(var: &Var<'_>) -> String {
    match var {
        Var::Field(TypeName { package, name }, field) => format!("{package}.{name}.{field}"),
        Var::Local(at) | Var::Global(at) => format!("{}:{}", at.file.path, at.start()),
    }
}
