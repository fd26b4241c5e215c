//! A semaphore: the ways out of a function on which it does not give back the place that it has taken.

use super::Subject;
use super::exits::{gives_an_error, is_error_check};
use super::held::operand_of_std;
use super::place::{short, test_function};
use crate::go_source::calls::{call_of, called_name, is_called_from, operand_of, own_callee};
use crate::go_source::order::can_follow;
use crate::go_source::types::result;
use crate::go_source::{At, GoFiles, Var, variable};

/// What the source says of a semaphore whose places are all taken.
pub(super) struct Missing {
    /// How the sentence goes on that all places are taken, where ways out are known.
    pub fact: Option<String>,
    pub fix: String,
}

/// How deep calls are followed to a Release.
const DEEPEST: usize = 4;

/// The ways out without Release in the package of the semaphore that a goroutine waits for.
pub(super) fn of(subject: &Subject<'_>, acquire: &str) -> Option<Missing> {
    let files = subject.code.sources;
    let (_, operand) = operand_of_std(subject, subject.goroutine, acquire, "Acquire")?;
    let var = variable(files, operand).filter(|var| !matches!(var, Var::Local(_)))?;
    let test = test_function(subject)?;
    let package = files.package(operand.file);
    let named = |method: &'static str| {
        let names = package.iter().flat_map(move |file| file.named(method));
        let of_it =
            |call: &At<'_>| operand_of(*call).and_then(|of| variable(files, of)).as_ref() == Some(&var);
        names.filter_map(call_of).filter(of_it).collect::<Vec<At<'_>>>()
    };
    let (takes, gives) = (named("Acquire"), named("Release"));
    let by_test = |take: &At<'_>| {
        let func = take.top_func();
        func.is_some_and(|func| is_called_from(files, func, test))
    };
    let mut left = takes
        .iter()
        .filter(|take| by_test(take))
        .map(|take| (*take, ways_out(files, *take, &gives)));
    if let Some((take, ways)) = left.find(|(_, ways)| !ways.is_empty()) {
        return missing(take, &ways, &gives);
    }
    // Where another function gives them back, a `defer` gives them back twice.
    let is_apart = |give: &At<'_>| takes.iter().all(|take| take.func() != give.func());
    let give = gives.first().filter(|_| gives.iter().all(is_apart))?;
    Some(Missing {
        fact: None,
        fix: format!(
            "call `{}` once for each Acquire that succeeds, on every path, as {} ({}) does",
            give.text(),
            give.top_func()?.func_name(),
            short(*give)
        ),
    })
}

fn missing<'a>(take: At<'a>, ways: &[At<'a>], gives: &[At<'a>]) -> Option<Missing> {
    let way = |exit: &At<'a>| format!("the `return` ({})", short(*exit));
    let told = ways.iter().map(way).collect::<Vec<_>>().join(" and ");
    let leaves = if ways.len() == 1 { "leaves" } else { "leave" };
    let own = gives.iter().find(|give| give.func() == take.func());
    let give = own.or(gives.first())?;
    let behind = own.filter(|give| give.is_deferred() && ways.iter().all(|exit| exit.end() <= give.start()));
    let fix = match behind {
        Some(give) => format!(
            "`defer {}` right after the error check of `{}` ({}), in place of {}",
            give.text(),
            take.field("function")?.text(),
            short(take),
            short(*give)
        ),
        None => {
            let amount = take.field("arguments")?.children().get(1).copied()?.text();
            let of = operand_of(take)?.text();
            format!(
                "call `{of}.Release({amount})` before {told} too ({} does)",
                short(*give)
            )
        }
    };
    let who = take.top_func()?.func_name();
    Some(Missing {
        fact: Some(format!("{told} {leaves} {who} without Release")),
        fix,
    })
}

/// The ways out of the function that takes a place, before anything gives that back.
fn ways_out<'a>(files: &'a GoFiles, take: At<'a>, gives: &[At<'a>]) -> Vec<At<'a>> {
    let Some(func) = take.func() else {
        return Vec::new();
    };
    let is_own = gives.iter().any(|give| func.contains(give));
    // Who hands the place on to another function keeps it where all went well.
    let is_error = |exit: &At<'a>| {
        let results = (0..8).map_while(|index| result(func, index));
        let last = results.last().is_some_and(|last| last.text() == "error");
        last && gives_an_error(*exit)
    };
    let calls = func.find(&["call_expression"]);
    let gives_back = |exit: &At<'a>| {
        let is_before = |at: At<'a>| at.start() < exit.end() && can_follow(take, at) && can_follow(at, *exit);
        let deferred = |at: &At<'a>| at.is_deferred() && at.start() < exit.start();
        calls
            .iter()
            .filter(|call| **call != take && (deferred(call) || is_before(outermost(func, **call))))
            .any(|call| leads_to(files, *call, gives, 0))
    };
    let exits = func.find(&["return_statement"]).into_iter();
    exits
        .filter(|exit| exit.func() == Some(func) && exit.start() > take.end() && can_follow(take, *exit))
        .filter(|exit| !is_error_check(take, *exit) && !is_check_of(take, *exit))
        .filter(|exit| is_own || is_error(exit))
        .filter(|exit| !gives_back(exit))
        .collect()
}

/// The literal of a function that a place is in, or the place itself.
fn outermost<'a>(func: At<'a>, at: At<'a>) -> At<'a> {
    let around = at.ancestors().take_while(|node| *node != func);
    around.filter(At::is_func).last().unwrap_or(at)
}

/// Whether a way out is in the `if` in whose head the place is taken.
fn is_check_of(take: At<'_>, exit: At<'_>) -> bool {
    let mut around = exit.ancestors().take_while(|node| !node.is_func());
    around.any(|node| {
        let then = node.field("consequence");
        node.kind() == "if_statement" && node.contains(&take) && then.is_some_and(|then| then.contains(&exit))
    })
}

/// Whether a call gives a place back, or leads to what does.
fn leads_to<'a>(files: &'a GoFiles, call: At<'a>, gives: &[At<'a>], depth: usize) -> bool {
    if gives.contains(&call) || called_name(&call) == Some("Release") {
        return true;
    }
    let inside = own_callee(files, call).filter(|_| depth < DEEPEST);
    let calls = inside.map_or(Vec::new(), |func| func.find(&["call_expression"]));
    calls
        .into_iter()
        .any(|call| leads_to(files, call, gives, depth + 1))
}
