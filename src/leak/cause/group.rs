//! A WaitGroup or errgroup: who has still to end before its Wait returns, and whether the one that waits is among them.

use super::Subject;
use super::held::{self, Inside, Lock, call_of_std};
use super::peers::who;
use super::place::Place;
use super::waits::{self, calls_above, started_by_go};
use crate::go_source::calls::{called_name, on_line, operand_of, runs_apart};
use crate::go_source::{At, flow};
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
        .filter_map(|id| Some(who(subject.peers.get(*id)?.goroutine)))
        .collect();
    names.sort();
    names.dedup();
    cause.waits_for = match &names[..] {
        [] => format!("`{group}`, a WaitGroup whose count never reaches zero"),
        [one] => format!("`{group}`, a WaitGroup for which {one} has not called Done"),
        [one, rest @ ..] => format!(
            "`{group}`, a WaitGroup for which {one} and {} more have not called Done",
            rest.len()
        ),
    };
    if !names.is_empty() {
        cause.fix = "let those goroutines go on: close or cancel what they wait for".into();
    } else if let Some(place) = Place::of(subject)
        && let Some(add) = added_before_the_loop(&place)
    {
        cause.fix = format!(
            "call Wait after the loop: `{}` ({}) counts all its rounds, and each of them waits for all",
            add.text(),
            place.told(add)
        );
    }
}

/// The Add before a loop that both starts what it counts and waits for it.
fn added_before_the_loop<'a>(place: &Place<'a>) -> Option<At<'a>> {
    let calls = on_line(place.file, place.line).into_iter();
    let wait = calls.rev().find(|call| called_name(call) == Some("Wait"))?;
    let around = super::select::enclosing_loop(&wait)?;
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
