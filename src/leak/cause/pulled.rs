//! An iterator of iter.Pull whose stop function is dropped or not called.

use super::Subject;
use super::fact::therefore;
use super::place::{short, test_function};
use crate::go_source::calls::{is_called_from, qualified};
use crate::go_source::{At, flow};
use crate::leak::{Cause, CauseCode};

/// Names the one call of iter.Pull of the test whose iterator is not stopped.
pub(super) fn explain(subject: &Subject<'_>, cause: &mut Cause) {
    if cause.code == CauseCode::Coroutine
        && let Some(fix) = of_one(subject)
    {
        cause.fix = fix;
    }
}

fn of_one(subject: &Subject<'_>) -> Option<String> {
    let files = subject.code.sources;
    let test = test_function(subject)?;
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
    let stopped = |call: &At<'_>| {
        let stop = flow::beside(files, *call, 1);
        stop.is_some_and(|stop| flow::uses(files, &stop).len() > 1)
    };
    let calls = named.filter(|call| is_pull(call) && is_by_test(call));
    let left: Vec<At<'_>> = calls.filter(|call| !stopped(call)).collect();
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
