//! An iterator of iter.Pull whose stop function is dropped or not called.

use super::Subject;
use super::fact::therefore;
use super::names::is_ending;
use super::place::{short, test_function};
use crate::go_source::calls::{is_called_from, qualified};
use crate::go_source::{At, DeclKind, Var, flow};
use crate::leak::{Cause, CauseCode};

/// Names the one call of iter.Pull of the test whose iterator is not stopped.
pub(super) fn explain(subject: &Subject<'_>, cause: &mut Cause) {
    if cause.code == CauseCode::Coroutine
        && let Some(fix) = of_one(subject).or_else(|| kept(subject))
    {
        cause.fix = fix;
    }
}

/// The calls of iter.Pull that the test leads to.
fn pulls<'a>(subject: &Subject<'a>, test: At<'a>) -> Vec<At<'a>> {
    let files = subject.code.sources;
    let of_test = files.with_tests(subject.code.package.as_str());
    let named = ["Pull", "Pull2"].into_iter().flat_map(|name| {
        let names = of_test.iter().flat_map(move |file| file.named(name));
        names.filter_map(crate::go_source::calls::call_of)
    });
    let is_pull = |call: &At<'_>| matches!(qualified(call), Some(("iter", "Pull" | "Pull2")));
    let is_by_test = |call: &At<'_>| {
        call.top_func()
            .is_some_and(|func| is_called_from(files, func, test))
    };
    named.filter(|call| is_pull(call) && is_by_test(call)).collect()
}

/// What to do about the stop function of the one call of iter.Pull, where that outlives the function that makes it.
fn kept(subject: &Subject<'_>) -> Option<String> {
    let files = subject.code.sources;
    let test = test_function(subject)?;
    let [call] = pulls(subject, test)[..] else {
        return None;
    };
    let stop = flow::beside(files, call, 1).filter(|stop| flow::is_handed_on(files, stop))?;
    let names = flow::names(files, stop.clone());
    let field = names.iter().find_map(|name| match name {
        Var::Field(owner, field) => Some((owner, *field)),
        _ => None,
    });
    let Some((owner, field)) = field else {
        return Some(format!(
            "call `{}`, the stop function of `{}` ({}), where the iterator is not read to its end",
            stop.name(),
            call.text(),
            short(call)
        ));
    };
    let is_by_test = |func: At<'_>| is_called_from(files, func, test);
    let stops: Vec<At<'_>> = names
        .iter()
        .flat_map(|name| flow::calls_of(files, name))
        .collect();
    let package = files.package(call.file).into_iter();
    let methods = package.flat_map(|file| {
        let is_own =
            |kind: &DeclKind| matches!(kind, DeclKind::Method { receiver, .. } if *receiver == owner.name);
        let own = file.decls.iter().filter(move |decl| is_own(&decl.kind));
        own.filter_map(|decl| file.node(decl))
    });
    let ends = methods.filter(|method| is_ending(method.func_name()));
    let ends: Vec<At<'_>> = ends.collect();
    let does = |method: &At<'_>| stops.iter().any(|stop| stop.top_func() == Some(*method));
    let told = |method: At<'_>| format!("{} of the {} ({})", method.func_name(), owner.name, short(method));
    if let Some(method) = ends.iter().find(|method| does(method)) {
        let (name, is_called) = (told(*method), is_by_test(*method));
        return (!is_called)
            .then(|| format!("call {name}, which stops the iterator, when the test is done with it"));
    }
    let of = ends.iter().find(|method| is_by_test(**method));
    let own = |method: At<'_>| {
        let receiver = method.field("receiver")?.first()?.field("name")?.text();
        Some(format!("{receiver}.{field}()"))
    };
    match of {
        Some(method) => {
            let stop = own(*method).unwrap_or_else(|| format!("{field}()"));
            Some(therefore(
                &format!(
                    "{} is called, and does not call `{field}`, its stop function",
                    told(*method)
                ),
                &format!("call `{stop}` in {}", told(*method)),
            ))
        }
        None => Some(format!(
            "give the {} a Close or Stop method that calls `{field}`, the stop function of `{}` ({}), and call that when the test is done",
            owner.name,
            call.text(),
            short(call)
        )),
    }
}

fn of_one(subject: &Subject<'_>) -> Option<String> {
    let files = subject.code.sources;
    let test = test_function(subject)?;
    let stopped = |call: &At<'_>| {
        let stop = flow::beside(files, *call, 1);
        stop.is_some_and(|stop| flow::uses(files, &stop).len() > 1)
    };
    let mut left = pulls(subject, test);
    left.retain(|call| !stopped(call));
    let [call] = left[..] else { return None };
    let func = call.top_func()?.func_name();
    let names = flow::given_to(call).unwrap_or_default();
    let next = names.first().map_or("next", |name| name.text());
    let at = short(call);
    Some(therefore(
        &format!(
            "{func} does not keep the stop function of `{}` ({at})",
            call.text()
        ),
        &format!(
            "`{next}, stop := {}` ({at}), and `defer stop()` right after it",
            call.text()
        ),
    ))
}
