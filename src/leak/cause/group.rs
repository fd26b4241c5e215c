//! A WaitGroup or errgroup: who has still to end before its Wait returns, and whether the one that waits is among them.

use super::Subject;
use super::copy::{Copied, copied};
use super::ending::source_variable;
use super::exits::recovered;
use super::fact::therefore;
use super::held::{self, Inside, Lock, call_of_std, called_on, calls_above};
use super::loops::enclosing_loop;
use super::peers::{A_GOROUTINE_OF, who_of};
use super::place::Place;
use super::waits::{self, started_by_go};
use crate::go_source::calls::{call_of, called_name, callers, on_line, operand_of, own_callee, runs_apart};
use crate::go_source::{At, Calls, flow};
use crate::goroutine::name;
use crate::leak::{Cause, CauseCode, WaitsBecause};

/// Adds what the source says of the group that is waited for; whether the goroutine waits for itself.
pub(super) fn explain(subject: &Subject<'_>, cause: &mut Cause) -> bool {
    match cause.code {
        CauseCode::WaitGroup if cause.made.is_none() => of_wait_group(subject, cause),
        CauseCode::CallWaits => of_errgroup(subject, cause),
        _ => false,
    }
}

fn of_wait_group(subject: &Subject<'_>, cause: &mut Cause) -> bool {
    let Some(group) = waits::group(subject) else {
        return false;
    };
    name_the_workers(subject, cause, &group);
    let Some(own) = own(subject, "sync.(*WaitGroup).Wait") else {
        return false;
    };
    if own.is_certain {
        cause.waits_for = format!(
            "`{group}`, a WaitGroup that waits for this goroutine too: {}",
            own.when
        );
        cause.fix = NOT_INSIDE.into();
    } else {
        cause.notes.push(format!(
            "{}: if that is the same group, the goroutine waits for itself",
            own.when
        ));
    }
    own.is_certain
}

const NOT_INSIDE: &str = "do not call Wait in a goroutine that the group counts: call it where the goroutines are started, or after this one has called Done";

fn of_errgroup(subject: &Subject<'_>, cause: &mut Cause) -> bool {
    if let Some(own) = own(subject, "golang.org/x/sync/errgroup.(*Group).Wait").filter(|own| own.is_certain) {
        cause.waits_for = format!("{}, and it is one of them: {}", cause.waits_for, own.when);
        cause.fix =
            "do not call Wait in a function of the group: call it where the functions are started".into();
        return true;
    }
    false
}

/// Who has still to call Done.
fn name_the_workers(subject: &Subject<'_>, cause: &mut Cause, group: &str) {
    let workers = cause
        .waits_for_goroutines
        .iter()
        .filter(|wait| wait.reason == WaitsBecause::WaitGroup);
    let mut names: Vec<String> = workers
        .flat_map(|wait| &wait.goroutines)
        .filter_map(|id| Some(who_of(subject.peers.get(*id)?)))
        .collect();
    names.sort();
    let all = names.len();
    names.dedup();
    cause.waits_for = match &names[..] {
        [] => format!("`{group}`, a WaitGroup whose count never reaches zero"),
        [one] if all == 1 => format!("`{group}`, a WaitGroup for which {one} has not called Done"),
        [one] => format!(
            "`{group}`, a WaitGroup for which {all} goroutines of {} have not called Done",
            one.strip_prefix(A_GOROUTINE_OF).unwrap_or(one)
        ),
        [one, ..] => format!(
            "`{group}`, a WaitGroup for which {one} and {} more have not called Done",
            all - 1
        ),
    };
    if !names.is_empty() {
        cause.fix = "let those goroutines go on: close or cancel what they wait for".into();
        return;
    }
    // `go wg.Wait()`.
    let started = || Place::of_line(subject, subject.goroutine.created.as_ref()?.at.as_ref()?);
    let Some(place) = Place::of(subject).or_else(started) else {
        return;
    };
    if let Some(add) = added_before_the_loop(&place) {
        cause.fix = therefore(
            &format!(
                "`{}` ({}) counts all rounds of its loop, and each of them waits for all",
                add.text(),
                place.told(add)
            ),
            &format!(
                "call `{group}.Wait()` ({}) after the loop",
                place.told_line(place.file, place.line)
            ),
        );
    } else if let Some(add) = never_done(subject, &place) {
        cause.waits_for = format!("{}: nothing in its package calls Done of it", cause.waits_for);
        cause.fix = format!(
            "call `{group}.Done()` once for each `{}` ({}){}",
            add.text(),
            place.told(add),
            before_what_hangs_on_it(subject, &place, add).unwrap_or_default()
        );
    } else if let Some((done, copy)) = done_in_a_copy(subject, &place) {
        cause.waits_for = format!(
            "{}: `{}` ({}) counts for a copy of it",
            cause.waits_for,
            done.text(),
            place.told(done)
        );
        cause.fix = copy.fix();
    } else if let Some(Round { add, start, left }) = round_without(subject, &place) {
        let word = left.kind().trim_end_matches("_statement");
        let (add_at, left_at) = (place.told(add), place.told(left));
        cause.waits_for = format!(
            "{}: `{}` ({add_at}) counts {}, and the `{word}` ({left_at}) comes before what calls Done is started",
            cause.waits_for,
            add.text(),
            if enclosing_loop(&start).is_some() {
                "each round"
            } else {
                "one"
            }
        );
        cause.fix = format!(
            "call `{group}.Add(1)` right before that goroutine ({}) in place of `{}` ({add_at}), or `{group}.Done()` before the `{word}` ({left_at})",
            place.told(start),
            add.text()
        );
    } else if let Some(skips) = Skips::of(subject, &place) {
        let (ways, leave) = (
            skips.ways(&place),
            if skips.ways.len() == 1 { "leaves" } else { "leave" },
        );
        cause.waits_for = format!("{}: {ways} {leave} without Done", cause.waits_for);
        cause.fix = skips.fix(&place);
    } else if let [go, ..] = calls_of(subject, &place, "Go")[..]
        && calls_of(subject, &place, "Add").is_empty()
    {
        cause.fix = format!(
            "let each function that `{}` ({}) starts return: close or cancel what it waits for",
            go.field("function").map_or("Go", |function| function.text()),
            place.told(go)
        );
    }
}

/// The calls of a method of the group that is waited for.
fn calls_of<'a>(subject: &Subject<'a>, place: &Place<'a>, method: &str) -> Vec<At<'a>> {
    let Some(key) = called_on(subject, subject.goroutine, "sync.(*WaitGroup).Wait", "Wait") else {
        return Vec::new();
    };
    let package = place.files.package(place.file).into_iter();
    let named = package.flat_map(|file| file.named(method)).filter_map(call_of);
    let on = |call: &At<'a>| held::key(place.files, operand_of(*call)?, &Calls::default());
    named.filter(|call| on(call).as_ref() == Some(&key)).collect()
}

/// Whether the test leads to a place, as far as the test is known.
fn is_of_test<'a>(place: &Place<'a>, at: &At<'a>) -> bool {
    place.calls.test.is_none() || place.is_by_test(*at)
}

/// The Add of a group of which nothing calls Done, as far as each Done is known to be of another one.
fn never_done<'a>(subject: &Subject<'a>, place: &Place<'a>) -> Option<At<'a>> {
    let add = calls_of(subject, place, "Add").first().copied()?;
    let own = held::key(place.files, operand_of(add)?, &Calls::default())?;
    let package = place.files.package(place.file).into_iter();
    let mut ends = package.flat_map(|file| [file.named("Done"), file.named("Go")].concat());
    let is_other = |name: At<'a>| {
        // A method value, too, may be called.
        let selector = name.parent().filter(|outer| outer.field("field") == Some(name));
        let key = selector
            .and_then(|selector| selector.field("operand"))
            .and_then(|operand| held::key(place.files, operand, &Calls::default()));
        key.is_some_and(|key| key != own)
    };
    ends.all(is_other).then_some(add)
}

/// Where a Done has to be, in words, where what counts up waits afterwards for a channel that is closed only after the Wait of the
/// group.
fn before_what_hangs_on_it<'a>(subject: &Subject<'a>, place: &Place<'a>, add: At<'a>) -> Option<String> {
    let files = place.files;
    let through = add.top_func().map_or(Vec::new(), |func| callers(files, func));
    let counts = std::iter::once(add).chain(through);
    let waits = calls_of(subject, place, "Wait");
    let is_late = |close: &At<'a>| {
        let mut before = waits.iter().filter(|wait| wait.func() == close.func());
        before.find(|wait| wait.end() <= close.start()).copied()
    };
    let receive_after = |count: At<'a>| {
        let func = count.func().filter(|_| is_of_test(place, &count))?;
        let receives = func.find(&["unary_expression"]).into_iter();
        let mut after = receives.filter(|at| {
            at.has_token("<-") && at.func() == Some(func) && at.start() > count.end() && !at.is_deferred()
        });
        let receive = after.next()?;
        let names = flow::names(files, source_variable(place, receive.field("operand")?)?);
        let closes = flow::ends(files, &names, true);
        let close = *closes.first()?;
        let wait = closes.iter().map(is_late).collect::<Option<Vec<_>>>()?;
        Some((count, receive, close, *wait.first()?))
    };
    let (count, receive, close, wait) = counts.filter_map(receive_after).next()?;
    Some(format!(
        ": after `{}` ({}), before the wait for `{}` ({}), which {} closes only after `{}` ({})",
        count.text(),
        place.told(count),
        receive.text(),
        place.told(receive),
        close.top_func()?.func_name(),
        wait.text(),
        place.told(wait)
    ))
}

/// A Done of what a function has only a copy of.
fn done_in_a_copy<'a>(subject: &Subject<'a>, place: &Place<'a>) -> Option<(At<'a>, Copied<'a>)> {
    let dones = calls_of(subject, place, "Done").into_iter();
    let mut dones = dones.filter(|done| is_of_test(place, done));
    dones.find_map(|done| Some((done, copied(place.files, operand_of(done)?)?)))
}

/// A way that starts nothing, though it is counted.
struct Round<'a> {
    add: At<'a>,
    start: At<'a>,
    left: At<'a>,
}

/// `wg.Add(len(all))` before a loop over `all` in which a `continue` comes before the `go` statement of what calls Done, or
/// `wg.Add(1)` in a round, or a function, that is left between that and the `go` statement.
fn round_without<'a>(subject: &Subject<'a>, place: &Place<'a>) -> Option<Round<'a>> {
    let dones = calls_of(subject, place, "Done");
    let done_in = |func: &At<'a>| dones.iter().any(|done| func.contains(done));
    calls_of(subject, place, "Add").into_iter().find_map(|add| {
        let counted = add.field("arguments")?.first()?;
        let over = counted
            .field("arguments")
            .filter(|_| called_name(&counted) == Some("len"))
            .and_then(|list| list.first());
        let func = add.func()?;
        let start = func.find(&["go_statement"]).into_iter().find(|start| {
            let call = start.first();
            let literal = call.and_then(|call| call.field("function"));
            let started = call.and_then(|call| own_callee(place.files, call)).or(literal);
            start.start() > add.end() && started.is_some_and(|func| done_in(&func))
        })?;
        let around = enclosing_loop(&start);
        let head = around.and_then(|around| around.find(&["range_clause"]).into_iter().next());
        let is_it = match over {
            Some(over) => head?
                .field("right")
                .is_some_and(|right| right.text() == over.text()),
            None => counted.text() == "1" && enclosing_loop(&add) == around,
        };
        let calls_done = |left: &At<'a>| {
            let list = left.parent();
            list.is_some_and(|list| done_in(&list))
        };
        let part = around.unwrap_or(func);
        let ways = part.find(&["continue_statement", "return_statement", "break_statement"]);
        let mut ways = ways.into_iter().filter(|way| {
            way.func() == Some(func)
                && enclosing_loop(way) == around
                && add.end() <= way.start()
                && way.end() <= start.start()
                && (way.kind() == "return_statement" || way.first().is_none())
                && !calls_done(way)
        });
        let left = ways.next().filter(|_| is_it)?;
        Some(Round { add, start, left })
    })
}

/// The ways on which a function, or a round of its loop, is over before its one Done.
struct Skips<'a> {
    done: At<'a>,
    /// The block of the Done, and its statement there.
    list: At<'a>,
    statement: At<'a>,
    /// The Add of the same function, or the call that leads to it.
    add: Option<At<'a>>,
    /// Statements, or the `recover` of a function without any.
    ways: Vec<At<'a>>,
}

impl<'a> Skips<'a> {
    /// Those of the first function that has some.
    fn of(subject: &Subject<'a>, place: &Place<'a>) -> Option<Self> {
        let (dones, adds) = (calls_of(subject, place, "Done"), calls_of(subject, place, "Add"));
        let mut of_test = dones.iter().filter(|done| is_of_test(place, done));
        of_test.find_map(|done| {
            let (list, statement) = in_body(*done)?;
            let func = list.func()?;
            let inside = func.find(&["call_expression"]).into_iter();
            let inside: Vec<At<'a>> = inside.filter(|call| call.func() == Some(func)).collect();
            let leads_to = |call: &At<'a>, to: &[At<'a>]| {
                let callee = own_callee(place.files, *call);
                to.contains(call) || callee.is_some_and(|callee| to.iter().any(|one| callee.contains(one)))
            };
            // Another Done is for another way through the function.
            let other = |call: &At<'a>| call != done && leads_to(call, &dones);
            let in_literal = |one: &&At<'a>| *one != done && func.contains(one);
            if inside.iter().any(other) || dones.iter().any(|one| in_literal(&one)) {
                return None;
            }
            let add = inside.iter().find(|call| leads_to(call, &adds)).copied();
            let from = add.map_or(func.start(), |add| add.end());
            let around = enclosing_loop(done);
            let ways = func.find(&["return_statement", "continue_statement"]).into_iter();
            let ways = ways.filter(|way| {
                let is_one = way.kind() == "return_statement"
                    || around.is_some() && enclosing_loop(way) == around && way.first().is_none();
                way.func() == Some(func)
                    && list.contains(way)
                    && from <= way.start()
                    && way.end() <= statement.start()
                    && is_one
            });
            let mut ways: Vec<At<'a>> = ways.collect();
            if ways.is_empty() && !done.is_deferred() && around.is_none() {
                ways.extend(recovered(func));
            }
            (!ways.is_empty()).then_some(Self {
                done: *done,
                list,
                statement,
                add,
                ways,
            })
        })
    }

    /// ``the `return` (line 3)``, or a panic.
    fn ways(&self, place: &Place<'a>) -> String {
        let way = |at: &At<'a>| {
            if called_name(at) == Some("recover") {
                return format!("a panic that `recover` ({}) catches", place.told(*at));
            }
            let word = at.kind().trim_end_matches("_statement");
            format!("the `{word}` ({})", place.told(*at))
        };
        self.ways.iter().map(way).collect::<Vec<_>>().join(" and ")
    }

    fn fix(&self, place: &Place<'a>) -> String {
        let (done, ways) = (self.done.text(), self.ways(place));
        let is_last = self.list.children().last() == Some(&self.statement);
        let is_deferred = self.done.is_deferred();
        if enclosing_loop(&self.done).is_some() || !is_last && !is_deferred {
            return format!("call `{done}` before {ways} too ({} does)", place.told(self.done));
        }
        let func = self.list.func().filter(|func| func.kind() != "func_literal");
        let first = match (self.add, func) {
            (Some(add), _) => format!("right after `{}` ({})", add.text(), place.told(add)),
            (None, Some(func)) => format!("first in {}", func.func_name()),
            (None, None) => "first in the goroutine".to_owned(),
        };
        format!(
            "`defer {done}` {first}, in place of the one at {}, which comes too late for {ways}",
            place.told(self.done)
        )
    }
}

/// The block of a function or loop that calls Done on its way, deferred or not, and its statement there.
fn in_body(done: At<'_>) -> Option<(At<'_>, At<'_>)> {
    let mut statement = done;
    loop {
        let outer = statement.parent()?;
        match outer.kind() {
            "expression_statement" | "defer_statement" => statement = outer,
            "statement_list" => {
                let around = outer.parent()?.parent()?;
                if around.kind() == "for_statement" {
                    return Some((outer, statement));
                }
                // `defer func() { wg.Done() }()`.
                let call = around
                    .parent()
                    .filter(|call| call.field("function") == Some(around));
                let is_deferred = |call: &At<'_>| {
                    call.parent()
                        .is_some_and(|outer| outer.kind() == "defer_statement")
                };
                match call.filter(is_deferred) {
                    Some(call) => statement = call,
                    None => return around.is_func().then_some((outer, statement)),
                }
            }
            _ => return None,
        }
    }
}

/// The Add before a loop that both starts what it counts and waits for it.
fn added_before_the_loop<'a>(place: &Place<'a>) -> Option<At<'a>> {
    let calls = on_line(place.file, place.line).into_iter();
    let wait = calls.rev().find(|call| called_name(call) == Some("Wait"))?;
    let around = enclosing_loop(&wait)?;
    let group = place.variable(operand_of(wait)?)?;
    let of_group = |method| flow::methods(place.files, &group, &[method]).into_iter();
    let apart = |call: &At<'a>| runs_apart(call) && around.contains(call);
    let done_inside = of_group("Done").any(|done| apart(&done.selector));
    let adds: Vec<At<'a>> = of_group("Add").filter_map(|add| add.call).collect();
    let [add] = adds[..] else { return None };
    let same = add.func() == wait.func();
    (done_inside && same && add.end() < around.start()).then_some(add)
}

/// That the one that waits is of the group itself.
struct Own {
    /// When it calls Done, in words.
    when: String,
    /// Whether it surely is the same group.
    is_certain: bool,
}

fn own(subject: &Subject<'_>, wait: &str) -> Option<Own> {
    let goroutine = subject.goroutine;
    let files = subject.code.sources;
    let (index, call) = call_of_std(subject, goroutine, wait, "Wait")?;
    let wanted = held::lock(files, call, &calls_above(subject, goroutine, index + 1))?;
    let mut found = None;
    for index in index + 1..goroutine.frames.len() {
        let Some(inside) = Inside::of(subject, goroutine, index) else {
            continue;
        };
        let calls = calls_above(subject, goroutine, index);
        let done = inside.func.find(&["call_expression"]).into_iter();
        let done = done.filter(|call| called_name(call) == Some("Done") && inside.may_run(*call));
        for call in done.chain(started_by(subject, inside.func)) {
            let Some(group) = held::lock(files, call, &calls).filter(|group| group.can_be(&wanted)) else {
                continue;
            };
            let is_certain = group.is(&wanted) || is_of_receiver(&wanted, call, inside.func);
            if is_certain || found.is_none() {
                found = Some(Own {
                    when: when(call),
                    is_certain,
                });
            }
            if is_certain {
                return found;
            }
        }
    }
    found
}

/// The call of Go that has started a function.
fn started_by<'a>(subject: &Subject<'a>, func: At<'a>) -> Option<At<'a>> {
    let created = subject.goroutine.created.as_ref();
    let by_go = || created.is_some_and(|created| name::normal(created.func.as_str()).ends_with("Group).Go"));
    let is_literal = func.kind() == "func_literal";
    started_by_go(subject.code.sources, func).filter(|_| is_literal || by_go())
}

/// `s.wg.Go(s.run)`, where what is waited for is the `wg` of the receiver of `run`.
fn is_of_receiver(wanted: &Lock, call: At<'_>, func: At<'_>) -> bool {
    let path = || {
        let receiver = func.field("receiver")?.first()?.field("name")?;
        let operand = call.field("arguments")?.first()?.field("operand")?;
        let group = operand_of(call)?;
        let rest = group.text().strip_prefix(operand.text())?;
        Some(format!("{}{rest}", receiver.text()))
    };
    path().is_some_and(|path| wanted.is_of(func, &path))
}

fn when(call: At<'_>) -> String {
    let line = call.line();
    match called_name(&call) {
        Some("Done") if call.is_deferred() => {
            format!("it calls Done only when it returns (line {line})")
        }
        Some("Done") => format!("it calls Done only after this Wait (line {line})"),
        _ => format!("the Go of line {line} has started it"),
    }
}
