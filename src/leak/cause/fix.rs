//! The fix in the reader's own names: the variable that the call has made, and the method that ends it, looked up in the
//! source of its type.

use super::exits::{first_skip, line_of, statement_after};
use super::fact::therefore;
use super::names;
use super::peers::{ROUND_TRIPS, calls};
use super::place::{Place, file, short, test_function};
use super::vain::{called_in_vain, if_no_error, result_ended_in_vain};
use super::wording::{assigned, called, cleanup, keep, words};
use super::{
    Subject, awaited, bounds, busy, context, copied, ending, fails, far_end, loops, outlives, pipe, unreached,
};
use crate::go_source::calls::{
    called_name, callers, callers_from, handed_to, is_go, on_line, operand_of, own_callee, qualified,
};
use crate::go_source::types::{Type, method, name_of, result_of, spec, type_of};
use crate::go_source::values::returns;
use crate::go_source::{At, GoFiles, Var, flow, variable};
use crate::leak::{Cause, CauseCode, LedTo};

/// What to do about what the call at this line has made; `None` where the source does not say more than the cause.
pub fn of(subject: &Subject<'_>, cause: &Cause, by: &LedTo) -> Option<String> {
    let led = &by.at;
    let subject = &Subject {
        led: Some((subject.id, &led.at)).filter(|_| subject.code.is_own_file(&led.at.file)),
        ..*subject
    };
    // What gives back a place is the function that took it.
    if cause.code == CauseCode::CallWaits {
        return None;
    }
    if let Some(fix) = copied::fix(subject) {
        return Some(fix);
    }
    if let Some(fix) = super::too_late::fix(subject).or_else(|| super::unclosed::fix(subject)) {
        return Some(fix);
    }
    // Who would end it waits for something else: that says more.
    if super::too_late::held_up(subject).is_some() && !cause.waits_for_goroutines.is_empty() {
        return None;
    }
    if let Some(fix) = super::local_owner::fix(subject) {
        return Some(fix);
    }
    let files = subject.code.sources;
    if let Some(shared) = made_for_all(subject) {
        return Some(format!(
            "`{shared}` keeps what it makes for all tests: end it in TestMain, or allow it with a reason"
        ));
    }
    let calls = on_line(file(subject, &led.at)?, led.at.line);
    let place = format!(
        "{}:{}",
        led.relative.as_deref().unwrap_or(&led.at.file),
        led.at.line
    );
    // Of several of one function on a line, the one whose result is not ended.
    let is_left = |call: &At<'_>| {
        let same = |other: &&At<'_>| called_name(other) == called_name(call);
        let ended = |call: &At<'_>| is_kept_and_ended(files, *call);
        !ended(call) || calls.iter().filter(same).all(ended)
    };
    let mut left = calls.iter().copied().filter(is_left);
    left.find_map(|call| {
        let kept_as = assigned(call);
        match cause.code {
            CauseCode::HttpBodyNotClosed => {
                let Some(name) = kept_as else {
                    return Some(format!(
                        "keep the response of `{}` ({place}), which is dropped, and close its body: `if err == nil {{ resp.Body.Close() }}`",
                        called(call)
                    ));
                };
                if let Some(fix) = body_closed_too_late(call, name) {
                    return Some(fix);
                }
                let func = call.top_func().filter(|_| is_handed_on(call, name));
                if let Some(func) = func {
                    return Some(format!(
                        "close the body of `{name}` ({place}) when it has been read: {0} hands it on, so its caller has to close what {0} returns",
                        func.func_name()
                    ));
                }
                return Some(format!(
                    "close the body of `{name}` ({place}) after the error check: `defer {name}.Body.Close()`"
                ));
            }
            CauseCode::PipeIo if called_name(&call) == Some("Start") => {
                return pipe::of_output(subject, &Place::of_line(subject, &led.at)?, call);
            }
            CauseCode::ProcessNotWaited if called_name(&call) == Some("Start") => {
                let command = operand_of(call)?;
                return Some(pipe::ended(&Place::of_line(subject, &led.at)?, command));
            }
            CauseCode::ProcessNotWaited if call.text().starts_with("exec.Command") => {
                let name = kept_as?;
                let command = flow::given_to(call)?.first().copied()?;
                let line = Place::of_line(subject, &led.at)?;
                if let Some(ending) = pipe::killer(&line, command) {
                    return Some(ending.told(&line));
                }
                let end = cleanup(
                    call,
                    &format!("func() {{ {name}.Process.Kill() }}"),
                    &format!("{name}.Process.Kill()"),
                );
                let end = end.map_or_else(String::new, |end| format!(": {end}"));
                return Some(format!(
                    "end the process of `{name}` ({place}), and Wait for it{end}"
                ));
            }
            CauseCode::ContextNotCancelled if qualified(&call).is_some_and(|(package, _)| package == "context") => {
                let cancel = flow::beside(files, call, 1)?;
                let ends = flow::calls_of(files, &cancel);
                let called: Vec<At<'_>> = ends.iter().filter_map(|end| end.field("function")).collect();
                let late = first_skip(call, &called).map(|skip| skip.told(call, short));
                return late.or_else(|| cancelled_on_another_way(subject, call, &cancel, &ends));
            }
            CauseCode::SignalHandler if qualified(&call) == Some(("os/signal", "NotifyContext")) => {
                return Some(context::stop_of_notify(files, call, &place));
            }
            _ => {}
        }
        // What a goroutine returns goes to nothing.
        let result = result_of(files, call, 0).filter(|_| !is_go(call));
        let of_result = result.and_then(|kind| Some((kind, ending(subject, cause, &kind)?)));
        if let Some((kind, ending)) = of_result {
            let ending = unreached::of_value(files, call, ending);
            if let Some(shared) = shared(files, call) {
                return Some(format!(
                    "`{}` ({place}) keeps what it makes in `{shared}` for all tests: end it in TestMain, or allow it with a reason",
                    called(call)
                ));
            }
            let Some(name) = kept_as else {
                if let Some(list) = bounds::appended_to(call) {
                    return ended_in_a_list(files, list, ending);
                }
                // Who drops it looks at the error alone: there may be nothing to end.
                if drops(call) && cause.made.is_some() {
                    return None;
                }
                if expects_an_error(call) {
                    return Some(fails::ended_by_what_fails(subject, cause, call, ending, &place));
                }
                return Some(keep(call, &place, name_of(files, &kind)?, ending));
            };
            if gets_only_an_error(call, name, ending) {
                return Some(fails::ended_by_what_fails(subject, cause, call, ending, &place));
            }
            if let Some(fix) = outlives::fix(subject, by, call, ending, &place) {
                return Some(fix);
            }
            if let Some(fix) = result_ended_in_vain(files, call, ending, test_function(subject), end_it(subject, cause)) {
                // Of a process the cause says more than that.
                if cause.code == CauseCode::FileIo {
                    return None;
                }
                return busy::stays(subject)
                    .or_else(|| past_its_end(subject, cause))
                    .or_else(|| unreached::by(subject, ending))
                    .or(Some(fix));
            }
            if let Some(fix) = awaited::called_in_vain(subject) {
                return Some(fix);
            }
            return Some(words(call, name, &format!("`{name}`, made at {place}"), ending));
        }
        // What a transaction or rows are made from lives on.
        if ends_before_its_maker(subject) {
            return None;
        }
        // `go r.Run()`: what it is called on.
        let operand = operand_of(call)?;
        let ending = ending(subject, cause, &type_of(files, operand)?)?;
        if expects_an_error(call) {
            return Some(fails::ended_by_what_fails(subject, cause, call, ending, &place));
        }
        let local = variable(files, operand).filter(|var| matches!(var, Var::Local(_)));
        let test = test_function(subject);
        let vain = local.and_then(|var| called_in_vain(files, &var, call, ending, test, end_it(subject, cause), |_| true));
        if let Some(fix) = vain {
            return busy::stays(subject)
                    .or_else(|| past_its_end(subject, cause))
                    .or_else(|| unreached::by(subject, ending))
                    .or(Some(fix));
        }
        if let Some(fix) = awaited::called_in_vain(subject) {
            return Some(fix);
        }
        let name = operand.text();
        let plain = name.chars().all(|c| c.is_alphanumeric() || "_.".contains(c));
        let what = format!("`{name}` ({place})");
        plain.then(|| words(call, name, &what, ending))
    })
}

/// What to do where a sleep goes on past the end that its function has looked at before.
fn past_its_end(subject: &Subject<'_>, cause: &Cause) -> Option<String> {
    let sleeps = cause.code == CauseCode::SleepLoop;
    sleeps.then(|| super::at_hand::of_sleep(subject)).flatten()
}

/// What to do where a function may return before it closes the body of a response.
fn body_closed_too_late<'a>(call: At<'a>, response: &str) -> Option<String> {
    let closes = format!("{response}.Body.Close()");
    let calls = call.func()?.find(&["call_expression"]).into_iter();
    let ends = calls.filter(|end| end.text() == closes && end.start() > call.end());
    let ends: Vec<At<'a>> = ends.filter_map(|end| end.field("function")).collect();
    Some(first_skip(call, &ends)?.told(call, line_of))
}

/// What to do where a method calls the cancel function that another one has kept in a field, and the test does not get there.
fn cancelled_on_another_way<'a>(
    subject: &Subject<'a>,
    made: At<'a>,
    cancel: &Var<'a>,
    ends: &[At<'a>],
) -> Option<String> {
    let Var::Field(owner, field) = cancel else {
        return None;
    };
    let files = subject.code.sources;
    let test = test_function(subject)?;
    let end = ends.first()?;
    let calls = callers_from(files, made.top_func()?, Some(test));
    let [call] = calls[..] else { return None };
    let name = assigned(call)?;
    let fact = format!(
        "`{field}` of the {} is called in {} ({}) alone",
        owner.name,
        end.top_func()?.func_name(),
        short(*end),
    );
    let fix = format!(
        "`defer {name}.{field}()` right after `{}` ({}), so that each way out calls it",
        call.text(),
        short(call)
    );
    Some(therefore(&fact, &fix))
}

/// Whether the test ends, or hands on the end of, what a call's result is kept in.
fn is_kept_and_ended<'a>(files: &'a GoFiles, call: At<'a>) -> bool {
    let name = flow::given(call, 0).and_then(|name| variable(files, name));
    let endings: Vec<&str> = names::public().collect();
    name.is_some_and(|name| !flow::methods(files, &name, &endings).is_empty())
}

/// Whether it waits for the end of a transaction or of rows: to close the database is no end of those.
fn ends_before_its_maker(subject: &Subject<'_>) -> bool {
    calls(
        subject.goroutine,
        &["database/sql.(*Tx).awaitDone", "database/sql.(*Rows).awaitDone"],
    )
}

/// The variable of the package that keeps what starts it: `var shared = sync.OnceValue(func() *Hub { … })`, or what a Once of the
/// package fills.
fn made_for_all<'a>(subject: &Subject<'a>) -> Option<&'a str> {
    let files = subject.code.sources;
    let created = subject.goroutine.created.as_ref()?;
    let at = created
        .at
        .as_ref()
        .filter(|at| subject.code.is_own_at(&created.func, Some(at)))?;
    let starts = file(subject, at)?.func_at(at.line)?;
    let callers = || {
        let calls = callers(files, starts);
        let all: Option<Vec<&str>> = calls
            .iter()
            .map(|call| filled_once(files, call.func()?))
            .collect();
        all.and_then(|all| all.first().copied())
    };
    if let Some(name) = filled_once(files, starts).or_else(callers) {
        return Some(name);
    }
    let is_global = starts.kind() == "func_literal" && starts.top_func().is_none();
    let mut around = starts.ancestors();
    let spec = around
        .find(|node| node.kind() == "var_spec")
        .filter(|_| is_global)?;
    spec.field("name").map(|name| name.text())
}

/// The variable of the package that a literal fills, which a Once of the package runs.
fn filled_once<'a>(files: &'a GoFiles, literal: At<'a>) -> Option<&'a str> {
    let call = handed_to(literal).filter(|call| called_name(call) == Some("Do"))?;
    let Var::Global(once) = variable(files, operand_of(call)?)? else {
        return None;
    };
    let assigned = literal.find(&["assignment_statement"]).into_iter();
    let left = assigned.filter_map(|one| one.field("left")?.first());
    let mut filled = left.filter_map(|left| match variable(files, left)? {
        Var::Global(name) => Some(name.text()),
        _ => None,
    });
    Some(filled.next().unwrap_or(once.text()))
}

/// The variable of the package in which a function keeps what it returns: to end that would take it from all others.
fn shared<'a>(files: &'a GoFiles, call: At<'a>) -> Option<&'a str> {
    let func = own_callee(files, call)?;
    let given = returns(func, 0);
    let mut all = given.iter().map(|given| match variable(files, given.value) {
        Some(Var::Global(name)) => Some(name.text()),
        _ => None,
    });
    let first = all.next()??;
    all.all(|other| other == Some(first)).then_some(first)
}

/// What a method that is called already has to do.
fn end_it(subject: &Subject<'_>, cause: &Cause) -> &'static str {
    match cause.code {
        CauseCode::NetworkIo if calls(subject.goroutine, ROUND_TRIPS) => {
            "cancel the request that this goroutine waits for"
        }
        CauseCode::NetworkIo => "close the connection that this goroutine waits for",
        _ => "end it",
    }
}

/// The method that ends a value of this type: the one that closes or cancels what the goroutine waits on; of a library's
/// goroutine, the one that has the name of such a method.
fn ending<'a>(subject: &Subject<'a>, cause: &Cause, kind: &Type<'a>) -> Option<At<'a>> {
    if loops::without_end(subject).is_some() {
        return None;
    }
    let files = subject.code.sources;
    let known = awaited::endings(subject);
    if let Some(found) = known.iter().find_map(|name| method(files, kind, name)) {
        return Some(found);
    }
    let own = subject.code.innermost_own(&subject.goroutine.frames).is_some();
    let waits_to_be_told = matches!(
        cause.code,
        CauseCode::ServerNotClosed
            | CauseCode::ClientNotClosed
            | CauseCode::ListenerNotClosed
            | CauseCode::SqlNotClosed
            | CauseCode::NetworkIo
    ) || cause.code == CauseCode::FileIo && pipe::command(subject).is_some();
    let found = (!own || waits_to_be_told).then(|| by_name(files, kind)).flatten();
    let accepted = own && far_end::is_accepted(subject, subject.goroutine);
    found.filter(|found| !accepted || closes_all(*found))
}

/// Whether a method closes more than one thing, as a server does with what it has accepted.
fn closes_all(method: At<'_>) -> bool {
    let loops = method.find(&["for_statement"]).into_iter();
    let mut calls = loops.flat_map(|each| each.find(&["call_expression"]));
    calls.any(|call| called_name(&call).is_some_and(|name| name.starts_with("Close")))
}

fn by_name<'a>(files: &'a GoFiles, kind: &Type<'a>) -> Option<At<'a>> {
    spec(files, kind)?;
    Some(ending::method_of(files, kind)?.1)
}

/// Whether the body of a response leaves the function: in what it returns, not as an argument of a call that reads it.
fn is_handed_on(call: At<'_>, response: &str) -> bool {
    let Some(func) = call.func() else { return false };
    let names = func.file.named_within(response, &func.bytes()).into_iter();
    let goes_out = |name: At<'_>| {
        let body = name
            .parent()
            .filter(|outer| outer.kind() == "selector_expression");
        let part = match body.as_ref().and_then(|outer| outer.field("field")) {
            Some(field) if field.text() != "Body" => return false,
            _ => body.unwrap_or(name),
        };
        let mut around = part.ancestors().take_while(|node| !node.is_func());
        around
            .find(|node| matches!(node.kind(), "return_statement" | "call_expression"))
            .is_some_and(|node| node.kind() == "return_statement")
    };
    names.into_iter().any(goes_out)
}

/// What to do about the elements of a list: to end each, or the one that the loop which ends them leaves out.
fn ended_in_a_list<'a>(files: &'a GoFiles, list: At<'a>, ending: At<'a>) -> Option<String> {
    let name = ending.func_name();
    let var = variable(files, list)?;
    let names = std::iter::once(var.clone()).chain(flow::aliases(files, &var));
    let ends = names.flat_map(|name_of| flow::methods(files, &name_of, &[name]));
    let ends: Vec<At<'a>> = ends.filter_map(|end| end.selector.field("operand")).collect();
    let Some(end) = ends.first() else {
        return Some(format!(
            "call `{name}` of each in `{}` when the test is done, for example in t.Cleanup",
            list.text()
        ));
    };
    let left = ends.iter().find_map(|end| bounds::of(*end))?;
    let fact = format!("`{name}` is called ({}), but its loop {}", short(*end), left.told);
    Some(therefore(&fact, &left.fix))
}

/// `_, err := f()`.
fn drops(call: At<'_>) -> bool {
    let names = flow::given_to(call).unwrap_or_default();
    names.len() > 1 && names[0].text() == "_"
}

/// Whether the test goes on only where the call fails: `_, err := Dial(…); if err == nil { t.Fatal(…) }`.
fn expects_an_error(call: At<'_>) -> bool {
    only_where_it_works(call).is_some()
}

/// The same for a call whose result has a name: where there is no error, the test ends that, or fails.
fn gets_only_an_error(call: At<'_>, name: &str, ending: At<'_>) -> bool {
    let Some(works) = only_where_it_works(call) else {
        return false;
    };
    let ended = format!("{name}.{}", ending.func_name());
    let then = works.field("consequence").into_iter();
    let calls = then.flat_map(|then| then.find(&["call_expression"]));
    calls
        .filter_map(|call| call.field("function"))
        .any(|function| function.text() == ended || function.text().contains(".Fatal"))
}

/// The `if err == nil` after a call.
fn only_where_it_works(call: At<'_>) -> Option<At<'_>> {
    let around = call.ancestors().find(|node| node.kind() == "if_statement");
    let next = statement_after(call);
    // `var want *BadToken` for errors.As.
    let second = next
        .filter(|next| next.kind() == "var_declaration")
        .and_then(|next| statement_after(next.first()?));
    let mut all = [next, second, around].into_iter().flatten();
    all.find(|one| (if_no_error(*one).is_some() || wants_this_error(*one)) && asks_for_error_of(*one, call))
}

/// Whether an `if` looks at the error that this call gives, and not at that of a call in its own head.
fn asks_for_error_of<'a>(check: At<'a>, call: At<'a>) -> bool {
    let error = flow::given_to(call).and_then(|names| names.last().copied());
    let head = check.field("initializer");
    let condition = check.field("condition").into_iter();
    let mut asked = condition.flat_map(|condition| condition.find(&["identifier"]));
    head.is_none_or(|head| head.contains(&call))
        && error.is_some_and(|error| asked.any(|name| name.text() == error.text()))
}

/// `if !errors.Is(err, ErrBad)`, which no error fulfils as well.
fn wants_this_error(statement: At<'_>) -> bool {
    let condition = Some(statement).filter(|node| node.kind() == "if_statement");
    let condition = condition.and_then(|node| node.field("condition"));
    let is_other = |text: &str| {
        ["!errors.Is(err,", "!errors.As(err,"]
            .iter()
            .any(|begin| text.starts_with(begin))
    };
    condition.is_some_and(|condition| is_other(condition.text()) && !condition.text().contains("&&"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::go_source::GoFile;

    #[test]
    fn a_body_is_handed_on_by_what_returns_it_and_not_by_what_reads_it() {
        let handed_on = |last: &str| {
            let text = format!(
                "package m\nfunc open(url string) (*Page, error) {{\n\tresp, err := http.Get(url)\n\tif err != nil {{\n\t\treturn nil, err\n\t}}\n\t{last}\n}}\n"
            );
            let file = GoFile::parse("/m/x.go", text.as_str().into()).expect("it is Go");
            let call = file.root().find(&["call_expression"])[0];
            is_handed_on(call, "resp")
        };
        for last in [
            "return &Page{body: resp.Body}, nil",
            "return resp.Body, nil",
            "return resp, nil",
        ] {
            assert!(handed_on(last), "{last}");
        }
        for last in [
            "return nil, errors.New(resp.Status)",
            "return newPage(io.ReadAll(resp.Body)), nil",
            "return &Page{code: resp.StatusCode}, nil",
            "io.Copy(io.Discard, resp.Body); return nil, nil",
        ] {
            assert!(!handed_on(last), "{last}");
        }
    }
}
