//! A sender whose receiver has returned, and whose other way out is a context that the receiver's function only hands on.

use super::Subject;
use super::ending::source_variable;
use super::kind::{self, Kind};
use super::loops::enclosing_loop;
use super::place::{Place, handle};
use super::receiver::{receives, returns_early, takes_the_rest};
use super::unsent::is_there;
use crate::go_source::calls::{callers, own_callee, position};
use crate::go_source::{At, Case, Var, flow, values};

/// What the receiver has left behind.
pub(super) struct Left {
    /// What is waited for, in words.
    pub why: String,
    /// What to do about it.
    pub fix: String,
}

/// The one function on the way from the test that receives from the channel, and returns before that is closed.
pub(super) fn of<'a>(subject: &Subject<'a>, place: &Place<'a>, cases: &[Case<'a>]) -> Option<Left> {
    let send = cases.iter().find(|case| case.sends)?;
    let context = cases
        .iter()
        .find_map(|case| match kind::of(place, case.channel) {
            Kind::Context(of) => Some(of),
            _ => None,
        })?;
    let names = flow::names(place.files, source_variable(place, send.channel)?);
    if names.len() == flow::MOST {
        return None;
    }
    let mut taken: Vec<At<'a>> = names.iter().flat_map(|var| receives(place, var)).collect();
    taken.retain(|at| place.is_by_test(*at));
    let first = *taken.first()?;
    let func = first.func().filter(|func| func.kind() != "func_literal")?;
    if taken.iter().any(|at| at.func() != Some(func)) || handle(func).is_some() {
        return None;
    }
    let early = returns_early(func, &enclosing_loop(&first)?);
    let exit = *early.first()?;
    let (given, starts) = handed_on(place, func, context).filter(|_| !is_there(subject, func))?;
    let who = func.func_name();
    let given = given.text();
    let rest = takes_the_rest(place, &names, who, first, &early).unwrap_or_default();
    Some(Left {
        why: format!(
            "a receiver on `{}`, or for `{}` to be cancelled: {who}, which receives from it ({}), may return before the last value ({})",
            send.channel.text(),
            context.text(),
            place.told(first),
            place.told(exit)
        ),
        fix: format!(
            "let {who} cancel what it has started when it returns: `ctx, cancel := context.WithCancel({given})` and `defer cancel()` before {}, and hand that on{rest}",
            place.told(starts)
        ),
    })
}

/// The parameter of a function that the goroutine has as its context, and the place that starts the goroutine: a call that the
/// parameter is handed to, or the `go` statement in it.
fn handed_on<'a>(place: &Place<'a>, func: At<'a>, context: At<'a>) -> Option<(At<'a>, At<'a>)> {
    let Var::Local(decl) = place.variable(context)? else {
        return None;
    };
    let of = decl.func()?;
    let index = position(of, decl)?;
    if of == func {
        let (file, line) = place.started?;
        let mut starts = func.find(&["go_statement"]).into_iter();
        let start = starts.find(|start| std::ptr::eq(start.file, file) && start.line() == line)?;
        return (!is_made_anew(place, func, decl)).then_some((decl, start));
    }
    let mut calls = callers(place.files, of).into_iter();
    let call = calls.find(|call| call.func() == Some(func) && own_callee(place.files, *call) == Some(of))?;
    let given = call.field("arguments")?.children().get(index).copied()?;
    let Var::Local(own) = place.variable(given)? else {
        return None;
    };
    let is_parameter = own.func() == Some(func) && position(func, own).is_some();
    (is_parameter && !is_made_anew(place, func, own)).then_some((given, call))
}

/// `ctx, cancel := context.WithCancel(ctx)`, which gives the parameter another value.
fn is_made_anew<'a>(place: &Place<'a>, func: At<'a>, parameter: At<'a>) -> bool {
    let given = values::writes(place.files, &Var::Local(parameter));
    given.iter().any(|given| given.by.func() == Some(func))
}
