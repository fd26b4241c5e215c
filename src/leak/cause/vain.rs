//! A method that the test calls already, and that does not end the goroutine: what the source shows of the reason.

use super::copy::set_and_lost;
use super::exits::{behind_check, first_skip, gives_an_error, left_open, waits_behind, word};
use super::fact::therefore;
use super::lost::{Why, is_run_again, lost_by, replaced, taken_before, told_lost};
use super::names::is_ending;
use super::place::{Place, handle, short};
use super::{barred, bound, bounds, handler, keyed, killed, one_send, unended};
use crate::go_source::calls::{
    call_of, called_name, callee, callers, callers_from, handed_on, handed_to, is_surely_called_from,
    operand_of, own_callee,
};
use crate::go_source::scope::local;
use crate::go_source::types::{Type, method, name_of, type_of};
use crate::go_source::values::{ranged, returns, writes};
use crate::go_source::{At, GoFile, GoFiles, Var, flow, variable};

/// A call that does not end the goroutine.
pub(super) struct Vain<'a> {
    /// The call, or where the method is handed on.
    pub at: At<'a>,
    /// Whether the source shows the reason.
    pub is_shown: bool,
    /// What to do, after the fact that it follows from.
    pub told: String,
}

impl<'a> Vain<'a> {
    fn shown(at: At<'a>, told: String) -> Self {
        Self {
            at,
            is_shown: true,
            told,
        }
    }
}

/// The call of a method on a way from the test: its name, the type, where it is declared, and what of it ends the wait.
pub(super) fn call<'a>(
    place: &Place<'a>,
    name: &str,
    of: &str,
    at: At<'a>,
    does: Option<At<'a>>,
) -> Option<Vain<'a>> {
    let test = place.calls.test?;
    if let Some((end, told)) = bound::of(place, at) {
        return Some(Vain::shown(end, told));
    }
    let calls = callers_from(place.files, at, Some(test)).into_iter();
    let calls = calls.filter(|call| callee(place.files, *call) == Some(at));
    let mut calls: Vec<At<'a>> = calls
        .filter(|call| place.is_by_test(*call) && !handler::is_in_kept(place.files, *call))
        .filter(|call| !is_of_its_own_watcher(call))
        .collect();
    // What may be a call of the test says less than what is one.
    let is_its = |call: &At<'a>| {
        let func = call.top_func();
        func.is_some_and(|func| is_surely_called_from(place.files, func, test))
    };
    if calls.iter().any(is_its) {
        calls.retain(is_its);
    }
    let Some(&call) = calls.first() else {
        return handed(place, name, of, at, does?);
    };
    // What the goroutine does in another case of its wait is no end of that wait.
    if calls.iter().all(|call| is_in_own_case(place, *call)) {
        return None;
    }
    if let Some(parallel) = calls.iter().find_map(|call| before_parallel(place, *call)) {
        let fact = format!(
            "`{name}` of the {of} is deferred ({}), and runs before the parallel subtests do ({})",
            short(call),
            short(parallel)
        );
        let fix =
            format!("call `{name}` in `t.Cleanup` in place of the `defer`: that runs after the subtests");
        return Some(Vain::shown(call, therefore(&fact, &fix)));
    }
    if calls.iter().all(|call| comes_after_the_wait(place, *call)) {
        return Some(Vain::shown(call, only_after_the_wait(name, of, call)));
    }
    if let Some(condition) = only_without_error(call) {
        let fact = format!(
            "`{name}` of the {of} is called only where `{}` ({})",
            condition.text(),
            short(condition)
        );
        let fix = "let what fails end what it has started, before it returns the error";
        return Some(Vain::shown(call, therefore(&fact, fix)));
    }
    if let Some(missed) = calls.iter().find_map(|call| missed(place, *call, name)) {
        return Some(Vain::shown(call, missed));
    }
    if let Some((call, left)) = calls
        .iter()
        .find_map(|call| Some((call, bounds::of(operand_of(*call)?)?)))
    {
        let fact = format!(
            "`{name}` of the {of} is called ({}), but its loop {}",
            short(*call),
            left.told
        );
        return Some(Vain::shown(*call, therefore(&fact, &left.fix)));
    }
    let is_sure = |call: &&At<'a>| !under_condition(**call) && !comes_after_the_wait(place, **call);
    let call = calls.iter().find(is_sure).copied().unwrap_or(call);
    let called = match under_condition(call) {
        false => format!("`{name}` of the {of} is called ({})", short(call)),
        true => format!(
            "`{name}` of the {of} is called only under a condition ({})",
            short(call)
        ),
    };
    if let Some(why) = does.and_then(|does| why(place, at, does)) {
        return Some(Vain::shown(call, why.told(&called)));
    }
    // `for _, one := range s.all { one.Close() }`, where another `s.all` takes the place of the first.
    let again = |lost: &At<'a>| is_run_again(place.files, *lost, test);
    if let Some(lost) = replaced(place.files, call).filter(again) {
        return Some(Vain::shown(call, told_lost(lost, None).told(&called)));
    }
    if let Some(left) = unended::of(place, name, at) {
        let fact = format!("{called}, but not of `{}` ({})", left.text(), short(left));
        let fix = format!("call `{}.{name}()` too, for example in t.Cleanup", left.text());
        return Some(Vain::shown(call, therefore(&fact, &fix)));
    }
    let fact = format!("{called}, and this goroutine is still there");
    let or_this = match under_condition(call) {
        true => "",
        false => ", or let it end this goroutine too",
    };
    let fix = format!("call `{name}` of each {of} on every path{or_this}");
    Some(Vain {
        at: call,
        is_shown: false,
        told: therefore(&fact, &fix),
    })
}

/// Whether code that is no test's ends it from a goroutine of its own, when that has seen what it waits for.
fn is_of_its_own_watcher(call: &At<'_>) -> bool {
    let in_background = call.ancestors().any(|node| node.kind() == "go_statement");
    in_background
        && !call.file.path.ends_with("_test.go")
        && !call.top_func().is_some_and(|func| is_ending(func.func_name()))
}

/// The `t.Parallel()` of a subtest that starts the goroutine, where a call is deferred in the test around it.
fn before_parallel<'a>(place: &Place<'a>, call: At<'a>) -> Option<At<'a>> {
    let test = call.func().filter(|_| call.is_deferred())?;
    handle(test)?;
    let (file, line) = place.started?;
    let starter = file.func_at(line)?;
    let starter = starter.top_func().unwrap_or(starter).func_name();
    let literals = test.find(&["func_literal"]).into_iter();
    literals
        .filter(|literal| handle(*literal).is_some())
        .find_map(|literal| {
            let calls = literal.find(&["call_expression"]);
            let starts = |call: &At<'a>| {
                let callee = callee(place.files, *call);
                let inside = callee.map_or(Vec::new(), |callee| callee.find(&["call_expression"]));
                std::iter::once(*call)
                    .chain(inside)
                    .any(|one| called_name(&one) == Some(starter))
            };
            let parallel = calls.iter().find(|call| called_name(call) == Some("Parallel"));
            parallel.copied().filter(|_| calls.iter().any(starts))
        })
}

/// What to do where the goroutine itself would call the method, or what waits for it.
pub(super) fn only_after_the_wait(name: &str, of: &str, call: At<'_>) -> String {
    let fact = format!(
        "`{name}` of the {of} is called only after this wait ({})",
        short(call)
    );
    let fix = format!(
        "leave the wait by another way, or call `{name}` ({}) as soon as the last wanted value has come",
        short(call)
    );
    therefore(&fact, &fix)
}

/// Whether a call is behind the wait in a function that the goroutine itself is in.
pub(super) fn comes_after_the_wait<'a>(place: &Place<'a>, call: At<'a>) -> bool {
    let Some(func) = call.func() else { return false };
    let stack = place.calls.here.iter().chain(&place.calls.lines);
    // Its start, and what led to that, are over.
    let is_over = |(file, line): &(&GoFile, u32)| {
        let mut over = place.started.into_iter().chain(place.led);
        over.any(|(of, at)| std::ptr::eq(of, *file) && at == *line)
    };
    let own = stack.filter(|line| !is_over(line));
    // A literal in it is another function.
    let mut inside = own.filter(|(file, line)| file.func_at(*line) == Some(func));
    inside.any(|(_, line)| call.is_deferred() || call.line() > *line)
}

/// Whether nothing but the waiting goroutine itself, after its wait, calls a method on a way from the test.
pub(super) fn is_only_after_the_wait<'a>(place: &Place<'a>, at: At<'a>) -> bool {
    let Some(test) = place.calls.test else {
        return false;
    };
    let calls = callers_from(place.files, at, Some(test)).into_iter();
    let mut calls = calls
        .filter(|call| callee(place.files, *call) == Some(at) && place.is_by_test(*call))
        .peekable();
    calls.peek().is_some() && calls.all(|call| comes_after_the_wait(place, call))
}

/// Whether a call is in a case of the select that the goroutine waits in.
fn is_in_own_case<'a>(place: &Place<'a>, call: At<'a>) -> bool {
    let mut around = call.ancestors().take_while(|node| !node.is_func());
    around.any(|node| {
        node.kind() == "select_statement" && std::ptr::eq(node.file, place.file) && node.line() == place.line
    })
}

/// A method that is handed on as a value, and is in vain when that is called.
fn handed<'a>(place: &Place<'a>, name: &str, of: &str, at: At<'a>, does: At<'a>) -> Option<Vain<'a>> {
    let files = place.files;
    let outside = || {
        let names = files.package(place.calls.test?.file).into_iter();
        let mut names = names.flat_map(|file| file.named(name));
        names.find_map(|field| {
            let value = field
                .parent()
                .filter(|outer| outer.field("field") == Some(field))?;
            let is_value = call_of(field).is_none() && type_of(files, value) == Some(Type::Func(at));
            (is_value && place.is_by_test(value)).then_some(value)
        })
    };
    let inside = handed_on(files, at)
        .into_iter()
        .find(|value| place.is_by_test(*value));
    let value = inside.or_else(outside)?;
    let called = format!("`{name}` of the {of} is handed on ({})", short(value));
    Some(Vain::shown(value, why(place, at, does)?.told(&called)))
}

/// Some end it one way where all went well, and another way else.
const ELSE: &[&str] = &["Rollback", "Abort", "Discard"];
const ENDS: &[&str] = &["Commit", "Close", "Stop", "Cancel", "Shutdown", "Release"];

/// The way out of a function that does not end what the function has made, as another one does with this call.
fn missed<'a>(place: &Place<'a>, call: At<'a>, name: &'a str) -> Option<String> {
    let files = place.files;
    let operand = operand_of(call)?;
    let var @ Var::Local(_) = variable(files, operand)? else {
        return None;
    };
    let func = call.func().filter(|func| handle(*func).is_none())?;
    let [given] = &writes(files, &var)[..] else {
        return None;
    };
    let made =
        Some(given.value).filter(|made| made.kind() == "call_expression" && made.func() == Some(func))?;
    let exit = way_out(files, made, name)?.filter(|_| flow::beside(files, made, 0) == Some(var))?;
    let (word, way) = match word(exit) {
        "return" => ("return", format!("way out of {}", func.func_name())),
        word => (word, "way through its loop".to_owned()),
    };
    // It is this one that is left, then: all others are ended on every way.
    let makers = callers(files, callee(files, made)?).into_iter();
    let mut others = makers.filter(|one| *one != made && place.is_by_test(*one));
    if others.any(|other| way_out(files, other, name).is_none_or(|exit| exit.is_some())) {
        return None;
    }
    let kind = type_of(files, operand);
    let other = kind.and_then(|kind| ELSE.iter().find(|other| method(files, &kind, other).is_some()));
    let fact = format!(
        "the `{word}` ({}) comes without `{}` ({}), which is on another {way}",
        short(exit),
        call.text(),
        short(call),
    );
    let fix = format!(
        "call `{}.{}()` before the `{word}` ({}) too",
        operand.text(),
        other.unwrap_or(&name),
        short(exit),
    );
    Some(therefore(&fact, &fix))
}

/// The first way out on which a function leaves open what a call in it has made; `None` where that is not known.
fn way_out<'a>(files: &'a GoFiles, made: At<'a>, name: &'a str) -> Option<Option<At<'a>>> {
    let var @ Var::Local(_) = flow::beside(files, made, 0)? else {
        return None;
    };
    let func = made.func()?;
    if flow::is_handed_on(files, &var) {
        return None;
    }
    let all: Vec<&str> = ELSE.iter().chain(ENDS).copied().chain([name]).collect();
    let ends: Vec<At<'a>> = flow::methods(files, &var, &all)
        .iter()
        .map(|end| end.selector)
        .collect();
    let is_apart = |end: &At<'a>| end.func() != Some(func) || end.is_deferred() && under_condition(*end);
    if ends.iter().any(is_apart) {
        return None;
    }
    if let Some(exit) = left_open(made, &ends)?.first() {
        return Some(Some(*exit));
    }
    // Without a `return` at its end, the end is one more way out.
    let body = func.field("body")?.first()?;
    let last = body.children().last().copied();
    let ends_in_return = last.is_some_and(|last| last.kind() == "return_statement");
    (ends_in_return || ends.iter().any(At::is_deferred)).then_some(None)
}

/// The condition of an `if err == nil` around a call.
fn only_without_error(call: At<'_>) -> Option<At<'_>> {
    let around = call.ancestors().take_while(|node| !node.is_func());
    around
        .filter(|node| node.field("consequence").is_some_and(|then| then.contains(&call)))
        .find_map(if_no_error)
}

/// What to do where the method that ends what a call has made, or is called on, is called already.
pub(super) fn called_in_vain<'a>(
    files: &'a GoFiles,
    var: &Var<'a>,
    call: At<'a>,
    ending: At<'a>,
    test: Option<At<'a>>,
    end_it: &str,
    counts: impl Fn(&At<'a>) -> bool,
) -> Option<String> {
    let method = ending.func_name();
    let uses = flow::methods(files, var, &[method]).into_iter();
    let ends: Vec<At<'a>> = uses.map(|one| one.selector).filter(counts).collect();
    let Some(&found) = ends.first() else {
        let cleanup = cleaned_up_by_helper(files, var, method)?;
        let fact = format!(
            "`{}` is called when the test is done ({}) and does not end this goroutine",
            cleanup.text(),
            short(cleanup)
        );
        let fix = format!("let {method} ({}) {end_it} too", short(ending));
        return Some(therefore(&fact, &fix)).filter(|_| !is_of_others(files, ending));
    };
    if let Some(told) = ends.iter().find_map(|end| bound::told(files, *end, ending)) {
        return Some(told);
    }
    let hangs = found.ancestors().take_while(|node| Some(*node) != call.func());
    if hangs.into_iter().any(is_branch_around(found)) {
        let fact = format!(
            "`{}` is called only under a condition ({})",
            found.text(),
            short(found)
        );
        return Some(therefore(
            &fact,
            &format!("call `{}` on every path", found.text()),
        ));
    }
    let skip = || Some(first_skip(call, &ends)?.told(call, short));
    if let Some(shown) = of_another(files, var, call, found).or_else(skip) {
        return Some(shown);
    }
    let called = format!("`{}` is called ({})", found.text(), short(found));
    if let Some(lost) = test.and_then(|test| lost_by(files, ending, test)) {
        return Some(told_lost(lost, None).told(&called));
    }
    if let Some((left, does)) = leaves_its_elements(ending) {
        return Some(told_rest(left, does).told(&called));
    }
    let mut does = ending.find(&["call_expression"]).into_iter();
    if let Some(why) = does.find_map(|does| keyed::put_in_a_branch(files, does)) {
        return Some(why.told(&called));
    }
    if let Some((left, does)) = leaves_its_close(files, ending) {
        let end = format!("`{}` ({})", does.text(), short(does));
        return Some(therefore(
            &format!("{called}, but it may return ({}) before {end}", short(left)),
            &format!("do {end} on every path, with a `defer` in its place"),
        ));
    }
    // What a field holds may be another one by then.
    let is_own = !is_of_others(files, ending);
    let is_it = is_own && call.func().is_some_and(|func| func.contains(&found));
    let on_every_path = format!("call `{}` on every path", found.text());
    Some(match is_it {
        true => {
            let fact = format!("{called} and does not end this goroutine");
            let or_always = match runs_always(call, found) {
                true => String::new(),
                false => format!(", or {on_every_path}"),
            };
            therefore(
                &fact,
                &format!("let {method} ({}) {end_it} too{or_always}", short(ending)),
            )
        }
        false => therefore(&format!("{called}, but not for this goroutine"), &on_every_path),
    })
}

/// The end that the helper which has made what a variable holds registers: `t.Cleanup(n.Stop)`.
fn cleaned_up_by_helper<'a>(files: &'a GoFiles, var: &Var<'a>, method: &str) -> Option<At<'a>> {
    let [given] = &writes(files, var)[..] else {
        return None;
    };
    let helper = own_callee(files, given.value).filter(|helper| handle(*helper).is_some())?;
    let made = returns(helper, given.index).into_iter();
    let mut names = made.filter_map(|made| variable(files, made.value));
    names.find_map(|name| {
        let uses = flow::methods(files, &name, &[method]).into_iter();
        let mut ends = uses.map(|one| one.selector);
        ends.find(|end| {
            let literal = end.func().filter(|func| func.kind() == "func_literal");
            let call = handed_to(*end).or_else(|| literal.and_then(handed_to));
            call.is_some_and(|call| called_name(&call) == Some("Cleanup"))
        })
    })
}

/// Whether an end is sure to come after what it ends was made: it is deferred or a cleanup, or a statement of the test itself.
fn runs_always<'a>(call: At<'a>, end: At<'a>) -> bool {
    let mut literal = end.func().filter(|func| Some(*func) != call.func());
    // `t.Cleanup(p.Close)`, `t.Cleanup(func() { p.Close() })`, `defer func() { p.Close() }()`.
    while let Some(inner) = literal {
        let is_cleanup = handed_to(inner).is_some_and(|to| called_name(&to) == Some("Cleanup"));
        if !is_cleanup && !inner.is_deferred() {
            return false;
        }
        literal = inner.func().filter(|func| Some(*func) != call.func());
    }
    true
}

/// The same for the first result of a call. Before the call, its variable held another one.
pub(super) fn result_ended_in_vain<'a>(
    files: &'a GoFiles,
    call: At<'a>,
    ending: At<'a>,
    test: Option<At<'a>>,
    end_it: &str,
) -> Option<String> {
    let later = |selector: &At<'_>| selector.start() > call.start();
    let name = flow::given(call, 0).filter(|name| name.text() != "_")?;
    let var = variable(files, name)?;
    called_in_vain(files, &var, call, ending, test, end_it, later)
}

/// What to do where a variable holds another value by the time that what it holds is ended.
fn of_another<'a>(files: &'a GoFiles, var: &Var<'a>, call: At<'a>, end: At<'a>) -> Option<String> {
    let Var::Local(decl) = var else { return None };
    // What a method has started is not what its variable holds.
    flow::given(call, 0).filter(|name| variable(files, *name).as_ref() == Some(var))?;
    let func = call.func()?;
    let ends = format!("`{}` ({})", end.text(), short(end));
    let mut around = call.ancestors().take_while(|node| *node != func);
    let is_round =
        |node: &At<'a>| node.kind() == "for_statement" && !node.contains(&end) && !node.contains(decl);
    if around.any(|node| is_round(&node)) {
        return Some(therefore(
            &format!("{ends} ends only the last one that the loop makes"),
            &end_each(var, call, end),
        ));
    }
    // What a function literal ends is what the variable holds when that runs.
    let is_late = end.func() != Some(func);
    let given = writes(files, var).into_iter().map(|given| given.by);
    let mut again = given.filter(|by| by.func() == Some(func) && by.start() > call.end());
    let again = again.find(|by| is_late || by.end() <= end.start())?;
    let fact = format!(
        "`{}` gets another one ({}), and {ends} ends only that",
        var.name(),
        short(again)
    );
    Some(therefore(
        &fact,
        "end the first one before, or keep it under a name of its own",
    ))
}

/// How to end each one that a loop makes in a variable that is declared outside of it.
fn end_each<'a>(var: &Var<'a>, made: At<'a>, end: At<'a>) -> String {
    let after = behind_check(made, short);
    let whole = end.parent().filter(|outer| outer.field("function") == Some(end));
    let cleanup = handed_to(end).filter(|to| called_name(to) == Some("Cleanup"));
    match whole.or(cleanup).filter(|_| end.func() == made.func()) {
        // What a `defer` or a method value is called on is looked up at once.
        Some(call) => {
            let defer = if cleanup.is_some() { "" } else { "defer " };
            format!(
                "`{defer}{}` right after {after}, in place of {}",
                call.text(),
                short(end)
            )
        }
        None => format!(
            "declare `{}` in the loop (`:=`, {}), and do there what {} does, right after {after}",
            var.name(),
            short(made),
            short(end)
        ),
    }
}

/// Whether a method is the standard library's or a dependency's, which no one here changes.
fn is_of_others(files: &GoFiles, method: At<'_>) -> bool {
    let path = &method.file.path;
    files.is_std(method.file) || path.contains('@') || path.contains("/vendor/")
}

/// The condition of an `if err == nil`.
pub(super) fn if_no_error(statement: At<'_>) -> Option<At<'_>> {
    let condition = Some(statement).filter(|node| node.kind() == "if_statement")?;
    let condition = condition.field("condition")?;
    let text: String = condition.text().split_whitespace().collect();
    (text == "err==nil").then_some(condition)
}

/// Whether a call is in a branch, and may not have run.
pub(super) fn under_condition(call: At<'_>) -> bool {
    let mut around = call.ancestors().take_while(|node| !node.is_func());
    around.any(is_branch_around(call))
}

/// Whether a statement around a place has it in one of its branches.
fn is_branch_around<'a>(at: At<'a>) -> impl Fn(At<'a>) -> bool {
    move |node| {
        node.kind().ends_with("_case")
            || node.kind() == "if_statement"
                && ["consequence", "alternative"]
                    .iter()
                    .any(|branch| node.field(branch).is_some_and(|branch| branch.contains(&at)))
    }
}

/// What the source shows of why the call ends nothing.
fn why<'a>(place: &Place<'a>, method: At<'a>, does: At<'a>) -> Option<Why> {
    let what = format!("`{}` ({})", does.text(), short(does));
    if let Some(why) = one_send::why(place, does, &what).or_else(|| killed::why(method, does, &what)) {
        return Some(why);
    }
    if let Some((field, copy)) = set_and_lost(place.files, does) {
        return Some(Why::new(
            &format!(", but {}", copy.loses(field, place)),
            copy.fix_at(place),
        ));
    }
    if let Some((own, other)) = once_of_another(place, does) {
        let fact = format!(
            ", but its `{}` ({}) does nothing where that of {} ({}) has run",
            own.text(),
            short(own),
            other.top_func()?.func_name(),
            short(other)
        );
        return Some(Why::new(&fact, "give it a Once of its own".into()));
    }
    if let Some(taken) = taken_before(place, does) {
        let taken = format!("`{}` ({})", taken.text(), short(taken));
        return Some(Why::new(
            &format!(", but {taken} takes it out before {what} gets to it"),
            format!("`{}` too where {taken} takes it out", does.text()),
        ));
    }
    if let Some(why) = keyed::under_another_key(place.files, does) {
        return Some(why);
    }
    let again = |lost: &At<'a>| {
        let test = place.calls.test;
        test.is_none_or(|test| is_run_again(place.files, *lost, test))
    };
    if let Some(lost) = replaced(place.files, does).filter(again) {
        return Some(told_lost(lost, Some(does)));
    }
    if let Some(once) = once_for_all(place.files, does) {
        let once = format!("`{}` ({})", once.text(), short(once));
        return Some(Why::new(
            &format!(", but {what} runs only once for all, by {once}"),
            format!("make {once} a field, so that each value has one of its own"),
        ));
    }
    if let Some(left) = leaves_the_rest(method, does) {
        return Some(told_rest(left, does));
    }
    if let Some((left, sets)) = barred::set_by_another(place, method, does) {
        let by = sets
            .top_func()
            .map_or("another function", |func| func.func_name());
        let sets = format!("`{}` ({})", sets.text(), short(sets));
        return Some(Why::new(
            &format!(
                ", but it returns ({}) before {what} where {by} has done {sets}",
                short(left)
            ),
            format!("do {what} where {by} does {sets} too, or give {by} a flag of its own"),
        ));
    }
    if let Some(left) = left_before(method, does) {
        let goes_on = format!(", but it may return ({}) before {what}", short(left));
        return Some(Why::new(
            &goes_on,
            // A `defer` would come after that.
            match waits_behind(does) {
                Some(wait) => format!(
                    "do {what} before the `return` too, not in a `defer`, which would come after `{}` ({})",
                    wait.text(),
                    short(wait)
                ),
                None => format!("do {what} on every path, with a `defer` in its place"),
            },
        ));
    }
    if let Some(why) = keyed::put_in_a_branch(place.files, does) {
        return Some(why);
    }
    let condition = condition_of(method, does)?;
    Some(Why::new(
        &format!(
            ", but {what} is done only under the condition `{}`",
            condition.text()
        ),
        match condition.text().strip_suffix(" == nil") {
            Some(ended) => format!("`{ended} != nil` in that condition"),
            None => match barred::counted_in(place.files, condition) {
                Some((up, down)) => format!(
                    "let each `{}` ({}) have its `{}` ({})",
                    up.text(),
                    short(up),
                    down.text(),
                    short(down)
                ),
                None => format!("do {what} on every path"),
            },
        },
    ))
}

/// The variable of the package whose Once runs what ends a wait: `stopOnce.Do(func() { close(r.stop) })`.
fn once_for_all<'a>(files: &'a GoFiles, does: At<'a>) -> Option<At<'a>> {
    let call = handed_to(does.func()?).filter(|call| called_name(call) == Some("Do"))?;
    let once = operand_of(call)?;
    matches!(variable(files, once), Some(Var::Global(_))).then_some(once)
}

/// The `Do` that what ends a wait is given to, and another one of the same Once, whose function ends nothing of that.
fn once_of_another<'a>(place: &Place<'a>, does: At<'a>) -> Option<(At<'a>, At<'a>)> {
    let files = place.files;
    let literal = does.func().filter(|func| func.kind() == "func_literal")?;
    let once = handed_to(literal).filter(|call| called_name(call) == Some("Do"))?;
    let of = operand_of(once)?;
    name_of(files, &type_of(files, of)?)?
        .is("sync", "Once")
        .then_some(())?;
    let var = variable(files, of)?;
    let others = flow::methods(files, &var, &["Do"]).into_iter();
    let others = others.filter_map(|one| one.selector.parent());
    let other = others
        .filter(|other| *other != once && other.top_func() != once.top_func() && place.is_by_test(*other))
        .find(|other| {
            let given = other.field("arguments").and_then(|list| list.first());
            let Some(given) = given.filter(|given| given.kind() == "func_literal") else {
                return false;
            };
            // Through a function of its own it may do the same.
            let calls = given.find(&["call_expression"]).into_iter();
            let mut calls = calls.map(|call| (call.text() == does.text(), callee(files, call)));
            !calls.any(|(same, callee)| same || callee.is_some())
        })?;
    Some((once.field("function")?, other))
}

/// The condition under which a method does something, unless it only sees to it that this is done once.
fn condition_of<'a>(method: At<'a>, does: At<'a>) -> Option<At<'a>> {
    (does.func() == Some(method)).then_some(())?;
    let mut around = does.ancestors().take_while(|node| *node != method);
    let hangs = around.find(|node| node.kind() == "if_statement")?;
    let condition = hangs.field("condition")?;
    let assigned = hangs.find(&["assignment_statement"]).into_iter();
    let once = assigned
        .filter_map(|statement| statement.field("left"))
        .any(|left| condition.text().contains(left.text()));
    // What is nil can't be called or closed: the condition is the wrong way round.
    let ended = match called_name(&does) {
        Some("close") => does.field("arguments").and_then(|list| list.first()),
        _ => does.field("function"),
    };
    let is_inverted = ended.is_some_and(|ended| condition.text() == format!("{} == nil", ended.text()));
    (!once && (is_inverted || !condition.text().contains("nil"))).then_some(condition)
}

/// Where a method that ends each of its parts in a loop gives an error back, and what ends them.
fn leaves_its_elements(method: At<'_>) -> Option<(At<'_>, At<'_>)> {
    let of_each = |call: &At<'_>| {
        let of = operand_of(*call).and_then(local);
        called_name(call).is_some_and(is_ending) && of.is_some_and(|decl| ranged(decl).is_some())
    };
    let calls = method.find(&["call_expression"]).into_iter();
    let mut ends = calls.filter(of_each);
    ends.find_map(|does| Some((leaves_the_rest(method, does)?, does)))
}

fn told_rest(left: At<'_>, does: At<'_>) -> Why {
    Why::new(
        &format!(
            ", but its loop may return ({}) before `{}` ({}) has ended the rest",
            short(left),
            does.text(),
            short(does)
        ),
        format!(
            "go on where it returns ({}), and return the errors in the end",
            short(left)
        ),
    )
}

/// Where a method gives up at an error before the one call with which it closes anything, and that call.
fn leaves_its_close<'a>(files: &'a GoFiles, method: At<'a>) -> Option<(At<'a>, At<'a>)> {
    let closes = |part: At<'a>| {
        let calls = part.find(&["call_expression"]).into_iter();
        let mut names = calls.filter_map(|call| called_name(&call));
        names.any(is_ending)
    };
    let calls = method.find(&["call_expression"]).into_iter();
    let ends = calls
        .filter(|call| called_name(call).is_some_and(is_ending) || callee(files, *call).is_some_and(closes));
    let [does] = ends.collect::<Vec<_>>()[..] else {
        return None;
    };
    let func = does.func().filter(|_| !does.is_deferred())?;
    let is_run = func == method || handed_to(func).is_some_and(|call| called_name(&call) == Some("Do"));
    let fails = |exit: &At<'a>| {
        let mut around = exit.ancestors().take_while(|node| *node != func);
        let check = around.find_map(|node| node.field("condition"));
        check.is_some_and(|check| check.text() == "err != nil")
    };
    let returns = func.find(&["return_statement"]).into_iter();
    let mut before = returns.filter(|exit| exit.func() == Some(func) && exit.end() < does.start());
    let exit = before.find(fails).filter(|_| is_run)?;
    Some((exit, does))
}

/// Where a loop that ends one after the other gives an error back.
fn leaves_the_rest<'a>(func: At<'a>, does: At<'a>) -> Option<At<'a>> {
    let mut around = does.ancestors().take_while(|node| *node != func);
    let each = around.find(|node| node.kind() == "for_statement")?;
    let mut returns = each.find(&["return_statement"]).into_iter();
    returns.find(|exit| exit.func() == Some(func) && gives_an_error(*exit))
}

/// Where a function gives an error back before it does something further on.
fn left_before<'a>(func: At<'a>, does: At<'a>) -> Option<At<'a>> {
    if does.is_deferred() || does.func() != Some(func) {
        return None;
    }
    let mut returns = func.find(&["return_statement"]).into_iter();
    returns.find(|exit| {
        exit.func() == Some(func)
            && exit.end() < does.start()
            && gives_an_error(*exit)
            && !is_of_second_call(func, exit)
    })
}

/// Whether a function returns because it has run before: `if s.closed { return ErrClosed }`, and it sets that later on.
fn is_of_second_call<'a>(func: At<'a>, exit: &At<'a>) -> bool {
    let assigned = func.find(&["assignment_statement"]).into_iter();
    let fields = assigned.filter_map(|set| set.field("left")?.first());
    let set: Vec<&str> = fields
        .filter(|left| left.kind() == "selector_expression" && left.start() > exit.end())
        .map(|left| left.text())
        .collect();
    let around = exit.ancestors().take_while(|node| *node != func);
    let mut conditions = around.filter_map(|node| node.field("condition"));
    conditions.any(|condition| {
        let text = condition.text();
        set.iter().any(|left| text.contains(left)) || text.contains("Swap(")
    })
}
