//! Locks that the source takes and does not give back: in a function, on one way out of it, or for another function.

use super::held::{GIVES, Lock, TAKES, left_by, lock};
use super::place::short;
use crate::go_source::calls::{call_of, called_name, runs_apart};
use crate::go_source::{At, Calls, GoFile, GoFiles};

/// The calls of two methods of the locks of this name, in the package of a file.
fn calls_of<'a>(files: &'a GoFiles, of: &Lock, near: &'a GoFile, methods: [&str; 2]) -> Vec<(Lock, At<'a>)> {
    let named = |file: &&'a GoFile| methods.map(|method| file.named(method)).concat();
    let package = files.package(near);
    let calls = package.iter().flat_map(named).filter_map(call_of);
    let of_lock = |call: At<'a>| Some((lock(files, call, &Calls::default())?, call));
    calls
        .filter_map(of_lock)
        .filter(|(lock, _)| lock.key == of.key)
        .collect()
}

/// A lock that a function takes and does not give back.
#[derive(PartialEq)]
pub(super) struct Kept<'a> {
    pub lock: Lock,
    pub func: At<'a>,
    /// `mu.Lock()`.
    pub call: At<'a>,
}

/// The locks of this name that a function takes and never gives back, by where it takes them.
pub(super) fn never_given_back<'a>(files: &'a GoFiles, of: &Lock, near: &'a GoFile) -> Vec<Kept<'a>> {
    let mut found = Vec::new();
    let taken = calls_of(files, of, near, TAKES);
    for (_, call) in &taken {
        let call = *call;
        let Some(func) = call
            .func()
            .filter(|func| !gives_back_first(files, *func, &of.key))
        else {
            continue;
        };
        // A goroutine that it starts may have to give it back.
        let given = calls_of(files, of, near, GIVES).into_iter();
        if given
            .into_iter()
            .any(|(_, give)| func.contains(&give) && runs_apart(&give) && !takes_first(&taken, &give))
        {
            continue;
        }
        let held = left_by(files, func).into_iter();
        let kept = held.filter(|lock| lock.key == of.key);
        let kept = kept.filter(|lock| lock.place == short(call));
        found.extend(kept.map(|lock| Kept { lock, func, call }));
    }
    found.dedup();
    found
}

/// Whether the function or literal that gives a lock back has taken it itself.
fn takes_first<'a>(taken: &[(Lock, At<'a>)], give: &At<'a>) -> bool {
    let own = |take: &At<'a>| take.func() == give.func() && take.end() <= give.start();
    taken.iter().any(|(_, take)| own(take))
}

/// The function that takes a lock, or the literal in it.
pub(super) fn who(lock: &Lock, func: Option<At<'_>>) -> String {
    match func.filter(|func| func.kind() == "func_literal") {
        Some(literal) => format!("the function of {}", short(literal)),
        None => lock.func.clone(),
    }
}

/// What to do about a lock that a function, or a literal in it, does not give back.
pub(super) fn unlock_on_every_path<'a>(files: &'a GoFiles, of: &Lock, func: Option<At<'a>>) -> String {
    let unlock = if of.read { "RUnlock" } else { "Unlock" };
    let who = who(of, func);
    let calls = func.map_or(Vec::new(), |func| func.find(&["call_expression"]));
    let own = calls.into_iter().filter(|call| call.func() == func);
    let is_it = |call: &At<'a>| lock(files, *call, &Calls::default()).is_some_and(|lock| lock.key == of.key);
    let named = |methods: [&str; 2]| -> Vec<At<'a>> {
        let calls = own
            .clone()
            .filter(|call| called_name(call).is_some_and(|name| methods.contains(&name)));
        calls.filter(is_it).collect()
    };
    let (taken, given) = (named(TAKES), named(GIVES));
    let first = taken.iter().position(|call| short(*call) == of.place);
    let again: Vec<At<'a>> = first.map_or(Vec::new(), |first| taken[first + 1..].to_vec());
    let lines = |all: &[At<'a>]| {
        let lines: Vec<String> = all.iter().map(|call| format!("line {}", call.line())).collect();
        lines.join(" and ")
    };
    let beside = match (&given[..], &again[..]) {
        ([], []) => String::new(),
        // Locked once more while it is locked.
        ([], again) => format!(
            ", and take `{}` ({}) out, which locks it a second time",
            again[0].text(),
            lines(again)
        ),
        (given, []) => format!(" in place of the {unlock} at {}", lines(given)),
        // A deferred one would be one too many.
        _ => {
            return format!(
                "unlock it in {who} on every path: call `{}.{unlock}()` before each way out",
                of.expr
            );
        }
    };
    format!(
        "unlock it in {who} on every path: `defer {}.{unlock}()`{beside}",
        of.expr
    )
}

/// The functions that give a lock of this name back and do not take it, each with the place where they do.
pub(super) fn given_back_by<'a>(files: &'a GoFiles, of: &Lock, near: &'a GoFile) -> Vec<(String, At<'a>)> {
    let taken = calls_of(files, of, near, TAKES);
    let takes = |func: &At<'a>| taken.iter().any(|(_, call)| func.contains(call));
    let given = calls_of(files, of, near, GIVES).into_iter();
    let given = given.filter_map(|(_, call)| Some((call.top_func()?, call)));
    given
        .filter(|(func, _)| !takes(func))
        .map(|(func, call)| (func.func_name().to_owned(), call))
        .collect()
}

/// The locks of this name that a function takes and gives back, but for one path that returns, goes on with its loop, or leaves
/// it, before.
pub(super) fn kept_on_a_path<'a>(files: &'a GoFiles, of: &Lock, near: &'a GoFile) -> Vec<(Lock, At<'a>)> {
    let given = calls_of(files, of, near, GIVES);
    let mut found = Vec::new();
    let taken = calls_of(files, of, near, TAKES);
    for (lock, call) in &taken {
        let Some(func) = call.func() else { continue };
        let is_own = |unlock: &At<'a>| unlock.func() == Some(func) || !takes_first(&taken, unlock);
        let unlocks: Vec<At<'a>> = given
            .iter()
            .map(|(_, unlock)| *unlock)
            .filter(|unlock| func.contains(unlock) && is_own(unlock))
            .collect();
        let deferred = unlocks.iter().any(At::is_deferred);
        // Without any Unlock never_given_back finds it; in a loop, one that comes before is of the round before.
        let around = super::loops::enclosing_loop(call);
        let before = |unlock: &At<'a>| unlock.start() < call.start();
        if deferred || unlocks.is_empty() || around.is_some() && unlocks.iter().any(before) {
            continue;
        }
        let leaves = func.find(&["return_statement", "continue_statement", "break_statement"]);
        let leaves = leaves.into_iter();
        let leaves = leaves.filter(|leaves| leaves.func() == Some(func) && call.start() < leaves.start());
        let after = |whole: &At<'a>| unlocks.iter().any(|unlock| unlock.start() > whole.end());
        let kept = leaves.filter(|leaves| match leaves.kind() {
            // A round behind this one has given it back.
            "return_statement" => around.is_none_or(|around| around.contains(leaves)),
            "break_statement" => {
                let left = super::loops::left_by_break(leaves).filter(|_| leaves.first().is_none());
                left.is_some_and(|left| around == Some(left) && !after(&left))
            }
            _ => around.is_some() && super::loops::enclosing_loop(leaves) == around,
        });
        let kept = kept.filter(|leaves| {
            let before = |unlock: &&At<'a>| {
                let block = unlock.ancestors().find(|node| node.kind() == "statement_list");
                call.start() < unlock.start()
                    && unlock.start() < leaves.end()
                    && block.is_some_and(|block| block.contains(leaves))
            };
            !unlocks.iter().any(|unlock| before(&unlock))
        });
        found.extend(kept.map(|leaves| (lock.clone(), leaves)));
    }
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
