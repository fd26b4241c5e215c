//! A cancel function that the function which makes it returns: where the caller loses it.

use super::fact::therefore;
use super::lost::deletes;
use super::place::Place;
use crate::go_source::calls::{callee, callers_from, on_line};
use crate::go_source::{At, Var, flow, variable};

/// What to do about the cancel function of a context, where the function that makes it returns it.
pub(super) fn fix<'a>(place: &Place<'a>, made: At<'a>, cancel: &Var<'a>) -> Option<String> {
    let files = place.files;
    let func = made.func()?;
    let index = returned_as(place, func, cancel)?;
    let name = func.func_name();
    let call = caller(place, func, index)?;
    let at = place.told(call);
    let kept = flow::given_to(call)?.get(index).copied()?;
    if kept.text() == "_" {
        return Some(format!(
            "keep the cancel function that {name} returns ({at}), and call it when the goroutine is to end"
        ));
    }
    let var = variable(files, kept)?;
    let names = flow::names(files, var.clone());
    let map = names
        .iter()
        .find(|name| matches!(name, Var::Field(..) | Var::Global(_)));
    let calls = |part: At<'a>| {
        let mut calls = part.find(&["call_expression"]).into_iter();
        calls.any(|call| {
            let function = call
                .field("function")
                .and_then(|function| variable(files, function));
            function.is_some_and(|function| names.contains(&function))
        })
    };
    let package = files.package(call.file);
    let taken = deletes(&package).find(|(delete, of)| {
        let is_it = map.is_some() && variable(files, *of).as_ref() == map;
        is_it && place.is_by_test(*delete) && !delete.func().is_some_and(calls)
    });
    if let Some((delete, of)) = taken {
        let what = format!("`{}` ({})", delete.text(), place.told(delete));
        return Some(therefore(
            &format!(
                "`{}`, its cancel function ({at}), is kept in `{}`, and {what} drops it without a call",
                kept.text(),
                of.text()
            ),
            &format!("call the function that `{}` holds before {what}", of.text()),
        ));
    }
    let is_called = names.iter().any(|name| !flow::calls_of(files, name).is_empty());
    (!is_called).then(|| {
        format!(
            "call `{}` ({at}), the cancel function that {name} returns, when the goroutine is to end",
            kept.text()
        )
    })
}

/// Which of the results of a function a variable is.
fn returned_as<'a>(place: &Place<'a>, func: At<'a>, var: &Var<'a>) -> Option<usize> {
    let returns = func.find(&["return_statement"]).into_iter();
    let own = returns.filter(|exit| exit.func() == Some(func));
    let mut lists = own.filter_map(|exit| exit.first());
    lists.find_map(|list| {
        let mut values = list.children().into_iter();
        values.position(|value| place.variable(value).as_ref() == Some(var))
    })
}

/// The one call of a function that has led to the goroutine.
fn caller<'a>(place: &Place<'a>, func: At<'a>, index: usize) -> Option<At<'a>> {
    let is_it = |call: &At<'a>| callee(place.files, *call) == Some(func);
    let led = place.led.map_or(Vec::new(), |(file, line)| on_line(file, line));
    let direct: Vec<At<'a>> = led.into_iter().filter(is_it).collect();
    let mut calls = match direct.is_empty() {
        true => callers_from(place.files, func, place.calls.test),
        false => direct,
    };
    calls.retain(is_it);
    if calls.len() > 1 && place.led.is_some() {
        calls.retain(|call| place.is_led_to(*call));
    }
    // What a caller defers is called.
    let is_ended = |call: &At<'a>| {
        let kept = flow::beside(place.files, *call, index);
        let ends = kept.map_or(Vec::new(), |kept| flow::calls_of(place.files, &kept));
        ends.iter()
            .any(|end| end.is_deferred() && end.func() == call.func())
    };
    if calls.len() > 1 {
        calls.retain(|call| !is_ended(call));
    }
    match calls[..] {
        [one] => Some(one),
        _ => None,
    }
}
