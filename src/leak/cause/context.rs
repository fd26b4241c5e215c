//! The context that a goroutine waits for: what made it, and who can cancel it.

use super::ending::{self, Ending};
use super::exits::first_skip;
use super::fact::therefore;
use super::names::{ENDINGS, ends_whole, is_ending};
use super::place::{Place, handle};
use super::{duration, handed_back, plain};
use crate::go_source::calls::{called_name, operand_of, qualified};
use crate::go_source::types::{name_of, type_of};
use crate::go_source::{At, GoFile, GoFiles, TypeName, Value, Var, flow, values};
use crate::leak::{Cause, CauseCode};

/// What is known of a context.
pub(super) struct Facts {
    /// What made it.
    pub note: Option<String>,
    /// What cancels it.
    pub fix: Option<String>,
    /// It ends by itself after this time.
    pub ends_after: Option<String>,
    /// Its way out is a signal.
    pub is_signal: bool,
}

/// A goroutine that waits for this context alone.
pub(super) fn cause<'a>(place: &Place<'a>, context: At<'a>) -> Cause {
    let facts = facts(place, context);
    let code = match (&facts.ends_after, facts.is_signal) {
        (Some(_), _) => CauseCode::TimerPending,
        (None, true) => CauseCode::SignalHandler,
        (None, false) => CauseCode::ContextNotCancelled,
    };
    let mut cause = plain(code);
    cause.waits_for = match &facts.ends_after {
        Some(after) => format!(
            "`{}` to be cancelled; it ends by itself after {after}",
            context.text()
        ),
        None => format!("`{}` to be cancelled", context.text()),
    };
    add(&mut cause, facts);
    cause
}

/// Adds what is known of a context to a cause.
pub(super) fn add(cause: &mut Cause, facts: Facts) {
    cause.notes.extend(facts.note);
    if let Some(fix) = facts.fix {
        cause.fix = fix;
    }
}

/// What made the context.
pub(super) fn facts<'a>(place: &Place<'a>, context: At<'a>) -> Facts {
    let mut found: Vec<(usize, Facts)> = Vec::new();
    for value in resolved(place, context) {
        let mut steps = value.path.iter().filter(|step| step.kind() == "call_expression");
        found.extend(steps.find_map(|step| of_call(place, context, *step)));
    }
    found.sort_by_key(|(rank, _)| *rank);
    let first = found.into_iter().next().map(|(_, facts)| facts);
    first.unwrap_or(Facts {
        note: None,
        fix: Some(passed_on(place, context)),
        ends_after: None,
        is_signal: false,
    })
}

/// Values of a context, with those that only add to another one replaced by that one.
pub(super) fn resolved<'a>(place: &Place<'a>, context: At<'a>) -> Vec<Value<'a>> {
    let mut all = Vec::new();
    let mut open = place.values(context);
    while let Some(value) = open.pop() {
        let adds = qualified(&value.expr) == Some(("context", "WithValue"));
        let parent = value.expr.field("arguments").and_then(|list| list.first());
        match parent.filter(|_| adds && all.len() + open.len() < 16) {
            Some(parent) => open.extend(place.values(parent)),
            None => all.push(value),
        }
    }
    // Where the function that starts the goroutine makes one, others are of other goroutines.
    let by_starter = |value: &Value<'a>| {
        let func = value.expr.top_func();
        let started = place.started;
        func.is_some_and(|func| started.is_some_and(|(file, line)| starts_on(func, file, line)))
    };
    if all.iter().any(by_starter) {
        all.retain(by_starter);
    }
    all
}

/// Whether the source shows that a context is cancelled: its cancel function is called, or the test's end does it.
pub(super) fn is_cancelled<'a>(place: &Place<'a>, context: At<'a>) -> bool {
    let values = resolved(place, context);
    let mut calls = values.iter().flat_map(|value| &value.path);
    calls.any(|call| match qualified(call) {
        Some(("context", name)) if name.starts_with("With") && name != "WithoutCancel" => {
            let cancel = flow::beside(place.files, *call, 1);
            let names = cancel.map_or(Vec::new(), |cancel| flow::names(place.files, cancel));
            names
                .iter()
                .any(|name| !flow::calls_of(place.files, name).is_empty())
        }
        Some(_) => false,
        None => called_name(call) == Some("Context"),
    })
}

/// What a call that makes contexts tells.
fn of_call<'a>(place: &Place<'a>, context: At<'a>, call: At<'a>) -> Option<(usize, Facts)> {
    let text = context.text();
    let at = place.told(call);
    let (package, function) = qualified(&call).or_else(|| Some(("", called_name(&call)?)))?;
    let facts = |note: Option<String>, fix: Option<String>| Facts {
        note,
        fix,
        ends_after: None,
        is_signal: false,
    };
    match (package, function) {
        ("context", "Background" | "TODO" | "WithoutCancel") => {
            let note = match call == context.bare() {
                true => format!("nothing can cancel context.{function}()"),
                false => format!("`{text}` comes from context.{function}() ({at}): nothing can cancel it"),
            };
            Some((2, facts(Some(note), Some(in_place_of(place, call, function)))))
        }
        ("context", "WithCancel" | "WithCancelCause") => {
            let cancel = flow::beside(place.files, call, 1);
            let (note, fix) = cancelled(place, text, function, call, cancel.as_ref());
            Some((0, facts(Some(note), fix)))
        }
        ("context", "WithTimeout" | "WithDeadline" | "WithTimeoutCause" | "WithDeadlineCause") => {
            // What Go has proven to wait for ever waits for another one.
            (!place.is_proven()).then_some(())?;
            let limit = call.field("arguments")?.children().get(1).copied()?;
            let after = match function.starts_with("WithTimeout") {
                true => duration::told(place, limit),
                false => format!("`{}`", limit.text()),
            };
            let cancel = flow::beside(place.files, call, 1);
            let (_, fix) = cancelled(place, text, function, call, cancel.as_ref());
            let note = format!("`{text}` is made by context.{function} ({at})");
            Some((
                1,
                Facts {
                    ends_after: Some(after),
                    ..facts(Some(note), fix)
                },
            ))
        }
        ("os/signal", "NotifyContext") => {
            let note = format!("`{text}` is made by signal.NotifyContext ({at})");
            let fix = stop_of_notify(place.files, call, &at);
            Some((
                0,
                Facts {
                    is_signal: true,
                    ..facts(Some(note), Some(fix))
                },
            ))
        }
        ("golang.org/x/sync/errgroup", "WithContext") => {
            let note = format!(
                "`{text}` is made by errgroup.WithContext ({at}): an error of the group cancels it, or the end of its Wait"
            );
            let fix = "return an error from a function of the group, or cancel the context that the group was given";
            Some((0, facts(Some(note), Some(fix.into()))))
        }
        _ => None,
    }
}

/// What to do about a context that nothing can cancel.
pub(super) fn uncancellable<'a>(place: &Place<'a>, context: At<'a>) -> String {
    let values = resolved(place, context).into_iter();
    let mut calls = values
        .flat_map(|value| value.path)
        .filter_map(|call| match qualified(&call)? {
            ("context", name @ ("Background" | "TODO" | "WithoutCancel")) => Some((call, name)),
            _ => None,
        });
    match calls.next() {
        Some((call, name)) => in_place_of(place, call, name),
        None => GIVE_ONE.into(),
    }
}

const GIVE_ONE: &str =
    "give it a context that the test can cancel: t.Context(), or context.WithCancel with `defer cancel()`";

/// The same, from the call that makes it.
fn in_place_of<'a>(place: &Place<'a>, call: At<'a>, function: &str) -> String {
    let is_of_test = |func: &At<'a>| {
        handle(*func).is_some() || place.calls.test == Some(*func) || call.file.path.ends_with("_test.go")
    };
    let Some(func) = call.top_func().filter(|func| !is_of_test(func)) else {
        return GIVE_ONE.into();
    };
    let (name, at) = (func.func_name(), place.told(call));
    if function == "WithoutCancel" {
        return format!(
            "`{}` ({at}) takes the end from the context that {name} is given: hand on that one, or make one that can be cancelled (`ctx, cancel := context.WithCancel({})`) and call `cancel` when the work is over",
            call.text(),
            call.text()
        );
    }
    if let Some(given) = given_to(func) {
        return format!(
            "hand on `{}`, which {name} is given, in place of `{}` ({at})",
            given.text(),
            call.text()
        );
    }
    format!(
        "let {name} take a context in place of `{}` ({at}), or make it one that can be cancelled (context.WithCancel) and call its cancel function when the goroutine is to end",
        call.text()
    )
}

/// Whether it is the method that ends the whole of its owner.
pub(super) fn ends_owner(ending: &Ending<'_>) -> bool {
    matches!(ending, Ending::Method { name, .. } if is_ending(name))
}

/// The context that a function gets.
pub(super) fn given_to(func: At<'_>) -> Option<At<'_>> {
    let parameters = func.field("parameters")?.children().into_iter();
    let mut contexts = parameters.filter(|parameter| {
        let kind = parameter.field("type").map_or("", |kind| kind.text());
        kind == "context.Context"
    });
    contexts.next()?.field("name").filter(|name| name.text() != "_")
}

/// What to do where the code under test makes a context from `context.Background()` beside the one that it has: a parameter, or a
/// field of its receiver.
pub(super) fn lost_parent<'a>(place: &Place<'a>, call: At<'a>) -> Option<String> {
    let func = call.top_func().filter(|func| handle(*func).is_none())?;
    let parent = call.field("arguments")?.first()?;
    let is_new = matches!(qualified(&parent), Some(("context", "Background" | "TODO")));
    let told = |own: &str, whose: &str| {
        let fact = format!(
            "it is made from `{}` ({}), and not from `{own}`, which {whose}",
            parent.text(),
            place.told(parent)
        );
        therefore(
            &fact,
            &format!("make that context from `{own}` ({})", place.told(parent)),
        )
    };
    let name = func.func_name();
    match given_to(func).filter(|_| is_new) {
        Some(given) => Some(told(given.text(), &format!("{name} is given"))),
        None => kept_by_owner(place, func)
            .filter(|_| is_new)
            .map(|(field, ends)| told(&field, &ends)),
    }
}

/// The context in a field of a method's receiver, and the method of the test that cancels it.
pub(super) fn kept_by_owner<'a>(place: &Place<'a>, func: At<'a>) -> Option<(String, String)> {
    let receiver = func.field("receiver")?.first()?.field("name")?;
    let kind = type_of(place.files, receiver)?;
    let owner = name_of(place.files, &kind)?;
    let body = crate::go_source::types::spec(place.files, &kind)?.field("type")?;
    let fields = crate::go_source::types::fields(body).into_iter();
    let mut contexts = fields.filter(|(_, kind)| kind.text() == "context.Context");
    let (field, _) = contexts.next()?;
    let var = Var::Field(owner, field);
    let given = values::writes(place.files, &var).into_iter();
    let mut cancels = given.filter_map(|given| flow::beside(place.files, given.value, 1));
    let ending = cancels.find_map(|cancel| ending::of_cancel(place, &cancel))?;
    let Ending::Method { name, .. } = ending else {
        return None;
    };
    Some((format!("{}.{field}", receiver.text()), format!("{name} cancels")))
}

/// What to do about the second result of `signal.NotifyContext`.
pub(super) fn stop_of_notify<'a>(files: &'a GoFiles, call: At<'a>, at: &str) -> String {
    match flow::beside(files, call, 1) {
        Some(stop) => format!(
            "call `{0}`, which signal.NotifyContext returns ({at}): `defer {0}()`",
            stop.name()
        ),
        None => {
            format!("keep the stop function that signal.NotifyContext returns ({at}), and `defer stop()`")
        }
    }
}

/// Who calls the cancel function.
fn cancelled<'a>(
    place: &Place<'a>,
    text: &str,
    function: &str,
    call: At<'a>,
    cancel: Option<&Var<'a>>,
) -> (String, Option<String>) {
    let maker = call.top_func().map(|func| func.func_name()).unwrap_or_default();
    let made = format!(
        "`{text}` is made by context.{function} in {maker} ({})",
        place.told(call)
    );
    // The goroutine is to go on when the function that has started it returns, unless that is a test's.
    let outlives = || {
        call.top_func().is_some_and(|func| {
            handle(func).is_none()
                && !is_used_up(place, call)
                && place
                    .started
                    .is_some_and(|(file, line)| starts_on(func, file, line))
        })
    };
    let Some(cancel) = cancel else {
        let then = match outlives() {
            true => "call it when the goroutine is to end: from a Close or Stop method, or return it",
            false => "`defer cancel()`",
        };
        let fix = format!(
            "keep the cancel function that context.{function} returns ({}), and {then}",
            place.told(call)
        );
        return (format!("{made}, whose cancel function is dropped"), Some(fix));
    };
    let ending = ending::of_cancel(place, cancel);
    if ending.is_none()
        && let Some(early) = dropped_early(place, call, cancel)
    {
        return (made, Some(early));
    }
    match (ending, cancel) {
        (Some(ending), _) => {
            let lost = lost_parent(place, call).filter(|_| !ends_owner(&ending));
            (made, Some(lost.unwrap_or_else(|| ending.told(place))))
        }
        (None, Var::Local(name)) if is_set_by_literal(call, *name) => {
            let name = name.text();
            let fact = format!(
                "`{name}` is set again each time that the function of {} runs, and what calls it later ends only the last one",
                call.func()
                    .map_or_else(|| place.told(call), |func| place.told(func))
            );
            let fix = format!(
                "call `{name}` before it is set ({}), or keep each",
                place.told(call)
            );
            (made, Some(therefore(&fact, &fix)))
        }
        (None, Var::Local(_)) if !outlives() && is_deferred_beside(place, call, cancel) => (made, None),
        (None, Var::Local(_)) if let Some(fix) = handed_back::fix(place, call, cancel) => (made, Some(fix)),
        (None, Var::Local(name)) => {
            if let Some((owner, field)) = kept_in(place, cancel) {
                let fix = format!(
                    "call `{field}` of the {}, which calls `{}`, when the test is done with it, for example in t.Cleanup",
                    owner.name,
                    name.text()
                );
                return (made, Some(fix));
            }
            let calls = flow::uses(place.files, cancel).len();
            let name = name.text();
            let again = values::writes(place.files, cancel).into_iter();
            let again = again.map(|given| given.by).find(|by| by.start() > call.end());
            let outlives = outlives();
            let lost = outlives.then(|| lost_parent(place, call)).flatten();
            let fix = match (lost, outlives, again) {
                (Some(lost), ..) => lost,
                (None, _, Some(again)) => therefore(
                    &format!(
                        "`{name}` is set again ({}), and what calls it later ends only the last one",
                        place.told(again)
                    ),
                    &format!("call `{name}` before it is set again ({})", place.told(again)),
                ),
                (None, true, None) => format!(
                    "keep `{name}` where {maker} makes it ({}), and call it when the goroutine is to end: from a Close or Stop method, or return it",
                    place.told(call)
                ),
                (None, false, None) => match call.top_func().and_then(helper_handle) {
                    // A helper returns before the test has used what it makes.
                    Some(t) => format!(
                        "call `{name}` when the test is done: `{}.Cleanup({name})`",
                        t.text()
                    ),
                    None => match only_under_condition(place, call, cancel) {
                        Some((end, condition)) => therefore(
                            &format!(
                                "`{}` ({}) is called only where `{}`",
                                end.text(),
                                place.told(end),
                                condition.text()
                            ),
                            &format!("`defer {name}()` right after {}", place.told(call)),
                        ),
                        None => format!("call `{name}` on every path of {maker}: `defer {name}()`"),
                    },
                },
            };
            let dropped = if calls <= 1 {
                ", whose cancel function is not called"
            } else {
                ""
            };
            (format!("{made}{dropped}"), Some(fix))
        }
        (None, Var::Field(owner, name)) => {
            let fix = match owner_ending(place, owner) {
                Some(Ending::Method { name: by, at, .. }) => format!(
                    "let `{by}` of the {} ({}) call `{name}`, and call `{by}` when the test is done",
                    owner.name,
                    place.told(at)
                ),
                _ => format!(
                    "give the {} a Stop or Close method that calls `{name}`, and call that when the test is done",
                    owner.name
                ),
            };
            let fact = format!("nothing calls `{name}` of the {}", owner.name);
            (made, Some(therefore(&fact, &fix)))
        }
        (None, Var::Global(name)) => (
            made,
            Some(format!("call `{}` when the test is done", name.text())),
        ),
    }
}

/// The one call of a cancel function in the function that makes it, and the condition under which that is.
fn only_under_condition<'a>(place: &Place<'a>, made: At<'a>, cancel: &Var<'a>) -> Option<(At<'a>, At<'a>)> {
    let [end] = flow::calls_of(place.files, cancel)[..] else {
        return None;
    };
    let is_other = flow::uses(place.files, cancel)
        .iter()
        .any(|used| flow::given(made, 1) != Some(*used) && !end.contains(used));
    let mut around = end.ancestors().take_while(|node| !node.is_func());
    let branch = around.find(|node| {
        let then = node.field("consequence");
        node.kind() == "if_statement" && then.is_some_and(|then| then.contains(&end))
    })?;
    let is_here = end.func() == made.func() && end.start() > made.end() && !is_other;
    Some((end, branch.field("condition")?)).filter(|_| is_here)
}

/// What to do where the function that makes a context may return before it calls the cancel function.
fn dropped_early<'a>(place: &Place<'a>, call: At<'a>, cancel: &Var<'a>) -> Option<String> {
    let ends = flow::calls_of(place.files, cancel).into_iter();
    let ends: Vec<At<'a>> = ends.filter_map(|end| end.field("function")).collect();
    Some(first_skip(call, &ends)?.told(call, |at| place.told(at)))
}

/// Whether the function that makes a context returns what a call with that gives it: the work is over then.
fn is_used_up<'a>(place: &Place<'a>, made: At<'a>) -> bool {
    let Some(context) = flow::beside(place.files, made, 0) else {
        return false;
    };
    flow::uses(place.files, &context).into_iter().any(|at| {
        let list = at.parent().filter(|list| list.kind() == "argument_list");
        let mut around = list
            .into_iter()
            .flat_map(|list| list.ancestors())
            .take_while(|node| !node.is_func());
        at.func() == made.func() && around.any(|node| node.kind() == "return_statement")
    })
}

/// Whether a function literal sets a variable that is declared outside of it.
fn is_set_by_literal(call: At<'_>, name: At<'_>) -> bool {
    let literal = call.func().filter(|func| func.kind() == "func_literal");
    literal.is_some_and(|literal| !literal.contains(&name))
}

/// Whether a cancel function is deferred already in the function that makes it.
fn is_deferred_beside<'a>(place: &Place<'a>, made: At<'a>, cancel: &Var<'a>) -> bool {
    let calls = flow::calls_of(place.files, cancel).into_iter();
    let mut deferred = calls.filter(At::is_deferred);
    deferred.any(|call| call.func() == made.func())
}

/// The field that keeps a function literal which calls a cancel function.
fn kept_in<'a>(place: &Place<'a>, cancel: &Var<'a>) -> Option<(TypeName, &'a str)> {
    let calls = flow::calls_of(place.files, cancel).into_iter();
    let literals = calls.filter_map(|call| call.func().filter(|func| func.kind() == "func_literal"));
    let mut kept = literals.flat_map(|literal| flow::taken_over(place.files, literal));
    kept.find_map(|var| match var {
        Var::Field(owner, field) => Some((owner, field)),
        _ => None,
    })
}

/// `t` of a function that helps tests, and is none.
fn helper_handle(func: At<'_>) -> Option<At<'_>> {
    let is_test = func.func_name().starts_with("Test");
    handle(func).filter(|_| !is_test)?.field("name")
}

/// Whether a line is in a function.
fn starts_on(func: At<'_>, file: &GoFile, line: u32) -> bool {
    std::ptr::eq(func.file, file) && func.line() <= line && line <= func.last_line()
}

/// The context comes from a caller that is not seen.
fn passed_on<'a>(place: &Place<'a>, context: At<'a>) -> String {
    if is_of_request(place, context) {
        if requests_are_made_by_hand(place, context) {
            return "give the request a context that is cancelled when its answer is no longer wanted (`r.WithContext(ctx)`), or let the handler return by another way too".into();
        }
        return "let the client end its request (close the response's body, or its connections), or let the handler return by another way too".into();
    }
    match place.variable(context) {
        Some(Var::Field(owner, _)) => match owner_ending(place, &owner) {
            Some(ending) => ending.told(place),
            None => "cancel the context that its owner was made with".into(),
        },
        _ => {
            "cancel the context that was passed in (`defer cancel()` where it is made, or t.Context())".into()
        }
    }
}

/// Whether the request comes from no client: `httptest.NewRequest` or `http.NewRequest` has made it, and it went straight to the
/// handler.
fn requests_are_made_by_hand<'a>(place: &Place<'a>, context: At<'a>) -> bool {
    let values = place.values(context);
    let mut all = values.iter().map(|value| value.expr).chain([context.bare()]);
    all.any(|expr| {
        let requests = operand_of(expr).map_or(Vec::new(), |request| place.values(request));
        requests.iter().any(|request| {
            matches!(
                qualified(&request.expr),
                Some((
                    "net/http/httptest" | "net/http",
                    "NewRequest" | "NewRequestWithContext"
                ))
            )
        })
    })
}

/// `r.Context()` of a request that a server handles.
fn is_of_request<'a>(place: &Place<'a>, context: At<'a>) -> bool {
    let values = place.values(context);
    let mut all = values.iter().map(|value| value.expr).chain([context.bare()]);
    all.any(|expr| {
        let of = operand_of(expr);
        let kind = of.and_then(|of| type_of(place.files, of));
        called_name(&expr) == Some("Context")
            && kind
                .and_then(|kind| name_of(place.files, &kind))
                .is_some_and(|name| name.package == "net/http" && name.name == "Request")
    })
}

/// The method of a type that ends it, by its name.
pub(super) fn owner_ending<'a>(place: &Place<'a>, owner: &TypeName) -> Option<Ending<'a>> {
    let home = crate::go_source::values::home(place.files, owner);
    let file = *home.first()?;
    ENDINGS.iter().filter(|name| ends_whole(name)).find_map(|name| {
        let at = place.files.method(file, &owner.name, name)?;
        Some(Ending::Method {
            name: at.func_name(),
            of: owner.name.clone(),
            at,
            does: None,
        })
    })
}
