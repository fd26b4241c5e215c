//! What an end does not reach any more: another one has been put in its place, or it was taken out of what is ended.

use super::fact::therefore;
use super::loops::enclosing_loop;
use super::names::is_ending;
use super::place::{Place, short};
use crate::go_source::calls::{call_of, called_name, callers_from, operand_of, own_callee};
use crate::go_source::order::jumps_to;
use crate::go_source::scope::local;
use crate::go_source::values::{ranged, writes};
use crate::go_source::{At, GoFile, GoFiles, Var, flow, variable};

/// The assignment that loses what a method would have ended, where a test runs it more than once.
pub(super) fn lost_by<'a>(files: &'a GoFiles, ending: At<'a>, test: At<'a>) -> Option<At<'a>> {
    let closes = |func: At<'a>| {
        let calls = func.find(&["call_expression"]).into_iter();
        func.field("receiver").is_some()
            && calls
                .filter_map(|call| called_name(&call))
                .any(|name| name == "close")
    };
    let is_end = |call: &At<'a>| {
        called_name(call).is_some_and(is_ending) || own_callee(files, *call).is_some_and(closes)
    };
    let calls = ending.find(&["call_expression"]).into_iter();
    let mut lost = calls.filter(is_end).filter_map(|call| replaced(files, call));
    lost.find(|lost| is_run_again(files, *lost, test))
}

/// Whether a test may come to an assignment more than once, or after another one has given the same field a value.
pub(super) fn is_run_again<'a>(files: &'a GoFiles, at: At<'a>, test: At<'a>) -> bool {
    let often = times(files, at, test, 0);
    let is_set_before = || {
        let target = at.field("left").and_then(|left| left.first());
        let field = target.filter(|target| target.kind() == "selector_expression");
        let Some(var) = field.and_then(|field| variable(files, field)) else {
            return false;
        };
        let others = writes(files, &var).into_iter();
        let mut others = others.filter(|given| given.by != at && given.value.text() != "nil");
        others.any(|given| times(files, given.value, test, 0) > 0)
    };
    often > 1 || often == 1 && is_set_before()
}

/// How many ways lead from a test to a place, a loop counted as two.
fn times<'a>(files: &'a GoFiles, at: At<'a>, test: At<'a>, depth: usize) -> usize {
    const DEEPEST: usize = 6;
    let Some(func) = at.top_func().filter(|_| depth < DEEPEST) else {
        return 0;
    };
    let mut around = at.ancestors().take_while(|node| *node != func);
    let rounds = 1 + usize::from(around.any(|node| node.kind() == "for_statement"));
    if func == test {
        return rounds;
    }
    let calls = callers_from(files, func, Some(test)).into_iter();
    let ways = calls.map(|call| times(files, call, test, depth + 1));
    rounds * ways.sum::<usize>()
}

/// Why a call ends nothing: how the sentence that it is called goes on, and what to do.
pub(super) struct Why {
    goes_on: String,
    fix: String,
}

impl Why {
    pub(super) fn new(goes_on: &str, fix: String) -> Self {
        Self {
            goes_on: goes_on.to_owned(),
            fix,
        }
    }

    /// What to do, after the fact that it follows from.
    pub(super) fn told(&self, called: &str) -> String {
        therefore(&format!("{called}{}", self.goes_on), &self.fix)
    }
}

pub(super) fn told_lost<'a>(lost: At<'a>, does: Option<At<'a>>) -> Why {
    let what = format!("`{}` ({})", lost.text(), short(lost));
    if carries_over(lost) {
        return Why::new(
            &format!(", but {what} drops what it does not carry over"),
            format!("end first what {what} drops"),
        );
    }
    let fix = match does.and_then(|does| Some((does, guard(lost, does)?))) {
        Some((does, guard)) => format!("`if {guard} {{ {} }}` before {what}", does.text()),
        None => format!("end what is there already, if anything, before {what}"),
    };
    Why::new(
        &format!(", but {what} may have put another one in its place"),
        fix,
    )
}

/// The condition under which a method ends what an assignment of another method of the same type loses: `s.open` of
/// `if !s.open { return }` before it, or of `if s.open { close(s.quit) }`.
fn guard<'a>(lost: At<'a>, does: At<'a>) -> Option<String> {
    let receiver = |func: At<'a>| {
        let name = func.field("receiver")?.first()?.field("name")?;
        Some((name.text(), name.parent()?.field("type")?.text()))
    };
    let (by, func) = (lost.func()?, does.func()?);
    (receiver(by)? == receiver(func)?).then_some(())?;
    let (name, _) = receiver(func)?;
    let is_field = |text: &str| {
        let field = text.strip_prefix(name).and_then(|rest| rest.strip_prefix('.'));
        field.is_some_and(|field| field.chars().all(|c| c.is_alphanumeric() || c == '_'))
    };
    let mut around = does.ancestors().take_while(|node| *node != func);
    let own = around.find(|node| node.kind() == "if_statement");
    let text = match own {
        Some(own) => own.field("condition")?.text(),
        None => {
            let checks = func.find(&["if_statement"]).into_iter();
            let mut checks = checks.filter(|check| {
                let then = check.field("consequence");
                let exits = then.map_or(Vec::new(), |then| then.find(&["return_statement"]));
                check.end() <= does.start() && !exits.is_empty()
            });
            let (check, none) = (checks.next()?, checks.next());
            let condition = check.field("condition")?.text();
            none.is_none().then(|| condition.strip_prefix('!'))??
        }
    };
    let flag = text.strip_suffix(" != nil").unwrap_or(text);
    let sets = by.find(&["assignment_statement"]).into_iter();
    let mut before = sets.filter(|set| set.end() <= lost.start());
    let is_set = before.any(|set| set.field("left").is_some_and(|left| left.text() == flag));
    // A channel that is closed is not nil.
    let is_safe = text == flag
        || does
            .field("function")
            .is_some_and(|function| function.text() != "close");
    (is_field(flag) && !is_set && is_safe && does.text().contains(name)).then(|| text.to_owned())
}

/// Whether what takes another one's place may hold parts of that: `next[k] = old[k]`, further up in the same function.
fn carries_over(by: At<'_>) -> bool {
    let (Some(left), Some(right)) = (by.field("left"), by.field("right")) else {
        return false;
    };
    let (Some(own), Some(next)) = (left.first(), right.first()) else {
        return false;
    };
    let Some(func) = by.func().filter(|_| next.kind() == "identifier") else {
        return false;
    };
    let is_before = |at: &At<'_>| at.end() <= by.start();
    let reads = func.find(&["selector_expression", "identifier"]).into_iter();
    let mut reads = reads.filter(is_before).filter(|at| at.text() == own.text());
    let sets = func.find(&["assignment_statement"]).into_iter();
    let mut fills = sets
        .filter(is_before)
        .filter_map(|set| set.field("left")?.first());
    reads.next().is_some()
        && fills.any(|at| {
            at.text() == next.text() || at.field("operand").is_some_and(|of| of.text() == next.text())
        })
}

/// Whether the function of an assignment ends what was there before: each of it, what the assignment gives another value, or the
/// whole that has it.
fn ends_before<'a>(files: &'a GoFiles, does: At<'a>, to: At<'a>, by: At<'a>) -> bool {
    let own = match to.kind() {
        "index_expression" => to.field("operand").unwrap_or(to),
        _ => to,
    };
    let whole = own.root_of_selector();
    let is_of_it = |at: At<'a>| {
        let root = at.root_of_selector();
        let is_from = |decl: At<'a>| {
            ranged(decl).is_some()
                || writes(files, &Var::Local(decl))
                    .iter()
                    .any(|given| given.value.text().contains(own.text()))
        };
        at.text() == own.text()
            || at.text().starts_with(own.text())
            || whole.is_some_and(|whole| whole.text() == at.text())
            || root.and_then(local).is_some_and(is_from)
    };
    // One element takes another one's place in a round: what ends others is in another loop.
    let round = enclosing_loop(&by).filter(|_| to.kind() == "index_expression");
    let within = round.or(by.func());
    let calls = within.map_or(Vec::new(), |within| within.find(&["call_expression"]));
    calls.into_iter().any(|call| {
        let name = called_name(&call).unwrap_or_default();
        let of = match name {
            "close" => call.field("arguments").and_then(|list| list.first()),
            _ => operand_of(call).or_else(|| call.field("function")),
        };
        // `old := s.cancel`, and then `old()`.
        let is_taken = || {
            let function = call
                .field("function")
                .filter(|function| function.kind() == "identifier");
            function.and_then(local).is_some()
        };
        let is_end = name == "close" || is_ending(name) || called_name(&does) == Some(name) || is_taken();
        is_end && of.is_some_and(|of| is_of_it(of) || call.field("function").is_some_and(is_of_it))
    })
}

/// The assignment that puts something new where what is ended is found: `c.cancels[name] = cancel`, `s.stop = make(…)`.
pub(super) fn replaced<'a>(files: &'a GoFiles, does: At<'a>) -> Option<At<'a>> {
    let of = ended(does)?;
    let assigned = |var: &Var<'a>, element: bool| {
        let changes = flow::changes(files, var);
        // An element of what the same function has made before takes no other one's place.
        let is_of_fresh = |by: &At<'a>| {
            let mut wholes = changes.iter().filter(|(at, _)| at.kind() != "index_expression");
            wholes.any(|(_, whole)| {
                whole.kind() == "assignment_statement"
                    && whole.func() == by.func()
                    && whole.end() <= by.start()
            })
        };
        let all = changes.iter().copied();
        let of_part = all.filter(|(at, _)| (at.kind() == "index_expression") == element && !is_of_new(*at));
        let given = of_part
            .filter(|(_, by)| by.kind() == "assignment_statement" && !keeps_what_was_there(*by))
            .filter(|(_, by)| branch(*by).is_none() || branch(*by) != branch(does))
            .filter(|(at, by)| !ends_before(files, does, *at, *by))
            .filter(|(_, by)| !element || !is_of_fresh(by));
        let mut given = given.map(|(_, by)| by);
        given.find(|by| by.field("right").is_some_and(|right| right.text() != "nil"))
    };
    // `s.cancel()` and `s.conn.Close()`, also of `cancel := s.cancel`.
    let mut fields = [Some(of), of.field("operand")].into_iter().flatten();
    let is_field = |var: &Var<'a>| matches!(var, Var::Field(..));
    let taken_from = |var: &Var<'a>| match &writes(files, var)[..] {
        [given] if matches!(given.value.bare().kind(), "selector_expression") => variable(files, given.value),
        _ => None,
    };
    let field = |at| {
        let var = variable(files, at)?;
        let from = taken_from(&var);
        Some(var).filter(is_field).or(from.filter(is_field))
    };
    if let Some(found) = fields.find_map(|at| assigned(&field(at)?, false)) {
        return Some(found);
    }
    // `for _, one := range all { close(one.ch) }`.
    let Var::Local(decl) = variable(files, of.root_of_selector()?)? else {
        return None;
    };
    let (over, part) = ranged(decl)?;
    let all = variable(files, over)?;
    // Under a key that is ended itself there is only that.
    let element = (part > 0).then(|| assigned(&all, true)).flatten();
    element.or_else(|| assigned(&all, false))
}

/// The condition of the branch that a place is in: where one is made and ended under the same one, each has its end.
fn branch(at: At<'_>) -> Option<&str> {
    let mut around = at.ancestors().take_while(|node| !node.is_func());
    let branch = around.find(|node| node.field("consequence").is_some_and(|then| then.contains(&at)))?;
    branch.field("condition").map(|condition| condition.text())
}

/// Whether an assignment adds to what was there, or its function has looked whether something is: `b.all = append(b.all, p)`,
/// `if _, ok := b.all[k]; ok { return }`.
pub(super) fn keeps_what_was_there(by: At<'_>) -> bool {
    let (Some(left), Some(right)) = (by.field("left"), by.field("right")) else {
        return false;
    };
    let value = right.first();
    let adds = value.filter(|value| called_name(value) == Some("append"));
    let to = adds.and_then(|call| call.field("arguments")?.first());
    let own = left.first().map_or("", |left| left.text());
    let looks = || {
        let checks = by.func().map_or(Vec::new(), |func| func.find(&["if_statement"]));
        checks.into_iter().any(|check| {
            let then = check.field("consequence");
            let head = then.map_or("", |then| {
                let length = then.start().saturating_sub(check.start());
                check.text().get(..length).unwrap_or("")
            });
            let exits = then.map_or(Vec::new(), |then| {
                then.find(&["return_statement", "continue_statement"])
            });
            // A `continue` of a loop before it goes on to it.
            let leaves = exits
                .iter()
                .any(|exit| jumps_to(exit).is_none_or(|round| round.contains(&by)));
            check.end() <= by.start() && leaves && head.contains(own)
        })
    };
    to.is_some_and(|to| to.text() == own) || looks()
}

/// All calls that take something out of a map or slice, with that: `delete(m, k)`, `slices.Delete(s, i, j)`,
/// `append(s[:i], s[i+1:]...)`.
pub(super) fn deletes<'a>(package: &[&'a GoFile]) -> impl Iterator<Item = (At<'a>, At<'a>)> {
    let names = ["delete", "Delete", "DeleteFunc", "append"];
    let named = names
        .into_iter()
        .flat_map(move |name| package.iter().flat_map(move |file| file.named(name)));
    named.filter_map(call_of).filter_map(|call| {
        let first = call.field("arguments")?.first()?;
        let function = call.field("function")?.text();
        match function {
            "delete" | "slices.Delete" | "slices.DeleteFunc" => Some((call, first)),
            "append" if first.kind() == "slice_expression" => Some((call, first.field("operand")?)),
            _ => None,
        }
    })
}

/// The `delete` of the test, in a function that ends nothing, of a map whose elements are ended in a loop:
/// `for _, one := range all { close(one.ch) }`.
pub(super) fn taken_before<'a>(place: &Place<'a>, does: At<'a>) -> Option<At<'a>> {
    let files = place.files;
    let Var::Local(decl) = variable(files, ended(does)?.root_of_selector()?)? else {
        return None;
    };
    let mut map = variable(files, ranged(decl)?.0)?;
    // `for _, ls := range all { for _, l := range ls { … } }`.
    if let Var::Local(inner) = map
        && let Some((over, _)) = ranged(inner)
    {
        map = variable(files, over)?;
    }
    // Also of `ls := b.all[topic]`.
    let is_it = |of: At<'a>| {
        let var = variable(files, of);
        let from = var.as_ref().map_or(Vec::new(), |var| writes(files, var));
        let mut given = from.iter().filter_map(|given| variable(files, given.value));
        var.as_ref() == Some(&map) || matches!(var, Some(Var::Local(_))) && given.any(|from| from == map)
    };
    let ends_one = |func: At<'a>| {
        let calls = func.find(&["call_expression"]).into_iter();
        calls.filter_map(|call| called_name(&call)).any(is_ending)
    };
    let found = deletes(&files.package(does.file))
        .find(|(call, of)| is_it(*of) && place.is_by_test(*call) && !call.func().is_some_and(ends_one));
    Some(found?.0)
}

/// `x` of `close(x)`, or the function of another call.
fn ended(does: At<'_>) -> Option<At<'_>> {
    let function = does.field("function")?;
    match function.text() == "close" {
        true => does.field("arguments")?.first(),
        false => Some(function),
    }
}

/// Whether it is part of what the same function has made: nothing was there before.
fn is_of_new(at: At<'_>) -> bool {
    let mut root = at.bare();
    while let Some(inner) = root.field("operand") {
        root = inner.bare();
    }
    let func = at.func();
    local(root).is_some_and(|decl| {
        let body = func.and_then(|func| func.field("body"));
        decl.func() == func && body.is_some_and(|body| body.contains(&decl))
    })
}
