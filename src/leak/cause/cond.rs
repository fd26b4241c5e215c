//! A sync.Cond: whether a wake-up could be missed, and who changes the condition without waking.

use super::Subject;
use super::asked;
use super::copy::{self, Copied};
use super::ending::{self, Ending, source_variable};
use super::fact::therefore;
use super::held::operand_of_std;
use super::loops::{enclosing_loop, in_loop, loop_condition};
use super::names;
use super::place::Place;
use super::plain;
use super::select::leaves;
use super::sleep::called_in_loop;
use super::ticket;
use crate::go_source::calls::{called_name, callee, callers, on_line, operand_of, own_callee};
use crate::go_source::order::can_follow;
use crate::go_source::values::returns;
use crate::go_source::{At, Var, flow, values, variable};
use crate::leak::{Cause, CauseCode};

/// Adds what the source says of the Cond that is waited for; whether that is a mistake in the source: then no goroutine that has
/// yet to wake this one makes up for it.
pub(super) fn explain(subject: &Subject<'_>, cause: &mut Cause) -> bool {
    if cause.code != CauseCode::Cond {
        return false;
    }
    match Wait::of(subject) {
        Some(wait) => {
            if cause.waits_for == plain(cause.code).waits_for {
                cause.waits_for = format!("a Signal or Broadcast on `{}` that does not come", wait.cond);
            }
            wait.explain(cause)
        }
        None => handed_on(subject, cause),
    }
}

/// Says so where Wait itself was handed on as a function: who holds its lock is not known there, and what it waits for is not
/// looked at.
fn handed_on(subject: &Subject<'_>, cause: &mut Cause) -> bool {
    let of_wait = || {
        let place = Place::of(subject)?;
        let (_, cond) = operand_of_std(subject, subject.goroutine, COND_WAIT, "Wait")?;
        let method = cond
            .parent()
            .filter(|outer| outer.field("operand") == Some(cond))?;
        let names = flow::names(place.files, source_variable(&place, cond)?);
        let wakes = names
            .iter()
            .flat_map(|cond| flow::methods(place.files, cond, &["Signal", "Broadcast"]));
        let wake = wakes.map(|one| one.selector).next();
        Some((place, method, cond, wake))
    };
    let Some((place, method, cond, wake)) = of_wait() else {
        return false;
    };
    if let Some(wake) = wake {
        cause.waits_for = format!(
            "a Signal or Broadcast on `{}` that comes after Wait has begun: `{}` ({}) wakes only those that wait already",
            cond.text(),
            wake.text(),
            place.told(wake)
        );
    }
    cause.fix = format!(
        "do not hand `{}` ({}) on to another goroutine, which may not have begun when the Signal or Broadcast comes: use a channel with room for 1 in place of the Cond",
        method.text(),
        place.told(method)
    );
    true
}

const COND_WAIT: &str = "sync.(*Cond).Wait";

/// The Cond that this one waits for, as written.
pub(super) fn cond<'a>(subject: &Subject<'a>) -> Option<&'a str> {
    Wait::of(subject).map(|wait| wait.cond)
}

/// A Wait, with what the source says around it.
struct Wait<'a> {
    place: Place<'a>,
    call: At<'a>,
    /// `q.cond`.
    cond: &'a str,
    /// Calls of Signal and Broadcast.
    wakes: Vec<At<'a>>,
}

impl<'a> Wait<'a> {
    fn of(subject: &Subject<'a>) -> Option<Self> {
        let place = Place::of(subject)?;
        let calls = on_line(place.file, place.line).into_iter();
        let call = calls.rev().find(|call| called_name(call) == Some("Wait"))?;
        let operand = operand_of(call)?;
        let names = flow::names(place.files, source_variable(&place, operand)?);
        let wakes = names
            .iter()
            .flat_map(|cond| flow::methods(place.files, cond, &["Signal", "Broadcast"]));
        Some(Self {
            wakes: wakes.map(|one| one.selector).collect(),
            cond: operand.text(),
            place,
            call,
        })
    }

    fn explain(&self, cause: &mut Cause) -> bool {
        let (cond, place) = (self.cond, &self.place);
        let checks = self.checks();
        if checks.is_empty() && called_in_loop(place) && may_be_checked_further_out(place) {
            return false;
        }
        if checks.is_empty() || !self.is_checked_under_the_lock(&checks) {
            if let Some(wake) = self.wakes.first() {
                let (wake, at) = (wake.text(), place.told(*wake));
                cause.waits_for = match checks.first() {
                    None => format!(
                        "a Signal or Broadcast on `{cond}` that comes after Wait has begun: `{wake}` ({at}) wakes only those that wait already"
                    ),
                    Some(check) => format!(
                        "a Signal or Broadcast on `{cond}`: `{wake}` ({at}) is missed where it comes between `{}` ({}) and Wait",
                        check.text(),
                        place.told(*check)
                    ),
                };
            }
            cause.fix = format!(
                "check a condition under the lock, in a loop around Wait (`for !ready {{ {cond}.Wait() }}`), and change it under the same lock before Broadcast"
            );
            return true;
        }
        if let Some(copy) = self.asks_a_copy(&checks) {
            cause.waits_for = format!(
                "a Signal or Broadcast on `{cond}`, in a loop that looks at a copy: {}",
                copy.keeps(place)
            );
            cause.fix = copy.fix_at(place);
            return true;
        }
        let changes = self.changes(&checks);
        if let Some((change, copy)) = self.in_a_copy(&changes) {
            cause.waits_for = format!(
                "a Signal or Broadcast on `{cond}` after `{}` has changed: {}",
                change.of(),
                copy.loses(change.var, place)
            );
            cause.fix = copy.fix_at(place);
            return true;
        }
        let (wakes, silent): (Vec<&Change<'a>>, Vec<&Change<'a>>) =
            changes.iter().partition(|change| self.is_followed(change.at));
        let by_test: Vec<&Change<'a>> = silent
            .iter()
            .filter(|change| self.place.is_by_test(change.at))
            .copied()
            .collect();
        if let Some((change, exit, wake)) = wakes.iter().find_map(|change| self.skipped(change)) {
            let func = change.at.func().map_or("", |func| func.func_name());
            let (of, at, exit) = (change.of(), place.told(change.at), place.told(exit));
            cause.waits_for = format!(
                "a Signal or Broadcast on `{cond}`: {func} changes `{of}` ({at}) and may return ({exit}) without one"
            );
            cause.fix = format!("call `{wake}()` before the `return` ({exit}) too, or with `defer`");
            return true;
        }
        let after =
            |change: &Change<'a>| format!("after it changes `{}` ({})", change.of(), place.told(change.at));
        if let [change] = &by_test[..] {
            let func = change.at.top_func().map_or("", |func| func.func_name());
            if let Some((exit, wake)) = self.wakes_on_another_way(change) {
                let (of, at, exit) = (change.of(), place.told(change.at), place.told(exit));
                cause.waits_for = format!(
                    "a Signal or Broadcast on `{cond}`: {func} changes `{of}` ({at}) and returns ({exit}) without one"
                );
                cause.fix = format!("call `{wake}()` before that `return` ({exit}) too");
                return true;
            }
            cause.waits_for = format!(
                "a Signal or Broadcast on `{cond}`: {func} changes `{}` ({}) and calls neither",
                change.of(),
                place.told(change.at)
            );
            cause.fix = format!(
                "call `{cond}.Broadcast()` in {func} {}, under the lock",
                after(change)
            );
            return true;
        }
        if self.wakes.is_empty()
            && let Some(taken) = only_removal(&changes)
        {
            let by = taken.at.top_func().map_or("", |func| func.func_name());
            cause.waits_for = format!(
                "a Signal or Broadcast on `{cond}`, which nothing calls: {by} takes out of `{}` ({})",
                taken.of(),
                place.told(taken.at)
            );
            cause.fix = format!(
                "call `{cond}.Broadcast()` in {by} {}, under the lock",
                after(taken)
            );
            return true;
        }
        let unending = || self.overlooks(&checks).or_else(|| self.asks_in_vain(&checks));
        if let Some((waits_for, fix)) = self.asks_what_it_keeps(&checks).or_else(unending) {
            cause.waits_for = waits_for;
            cause.fix = fix;
            return true;
        }
        if let Some((ending, _)) = self.ending(&wakes) {
            cause.fix = ending.told(place);
            return true;
        }
        if let Some((Ending::Method { name, of, .. }, change)) = self.ending(&silent) {
            cause.fix = format!(
                "call `{name}` of the {of} when the test is done, and let it call `{cond}.Broadcast()` {}",
                after(change)
            );
            return true;
        }
        if let Some(fix) = self.only_signalled() {
            cause.fix = fix;
            return true;
        }
        if let Some((change, wake)) = wakes
            .iter()
            .find_map(|change| Some((change, self.signals_once(change)?)))
        {
            let by = change.at.top_func().map_or("", |func| func.func_name());
            cause.waits_for = format!(
                "a Signal or Broadcast on `{cond}`: {by} sets `{}` ({}), and `{}` ({}) wakes one of those that wait",
                change.of(),
                place.told(change.at),
                wake.text(),
                place.told(wake)
            );
            cause.fix = format!(
                "call Broadcast in {by} ({}) in place of Signal: all that wait are to see `{}`",
                place.told(wake),
                change.of()
            );
            return true;
        }
        if let Some((wake, lock)) = self.wakes_without_the_lock() {
            let by = wake.top_func().map_or("", |func| func.func_name());
            let at = place.told(wake);
            cause.waits_for = format!(
                "a Signal or Broadcast on `{cond}`: `{}` ({at}) in {by} does not hold `{lock}`, so it is lost where it comes between the look at the condition and Wait",
                wake.text()
            );
            cause.fix = format!(
                "lock `{lock}` in {by} around the change and `{}` ({at})",
                wake.text()
            );
            return true;
        }
        if let [check, ..] = checks[..]
            && let Some((turn, fix)) = ticket::dropped(place, check, self.call)
        {
            cause.waits_for = format!("a Signal or Broadcast on `{cond}`, in a loop that waits for {turn}");
            cause.fix = fix;
            return true;
        }
        if let ([change, ..], [check, ..], []) = (&wakes[..], &checks[..], &silent[..]) {
            let mut around = change.at.ancestors().take_while(|node| !node.is_func());
            let hangs = around.find_map(|node| node.field("condition"));
            if let Some(hangs) = hangs.filter(|_| is_generation(*check)) {
                let by = change.at.top_func().map_or("", |func| func.func_name());
                cause.waits_for = format!(
                    "a Signal or Broadcast on `{cond}`: {by} wakes only where `{}` ({}), which has not come",
                    hangs.text(),
                    place.told(hangs)
                );
                cause.fix = format!(
                    "let `{}` come true ({}), or wake those that wait by another way: as many as it asks for have not called {by}",
                    hangs.text(),
                    place.told(hangs)
                );
                return true;
            }
            let woken = self.wakes.iter().find(|wake| can_follow(change.at, **wake));
            cause.fix = format!(
                "make `{}` ({}) false: {} changes it and wakes those that wait ({})",
                check.text(),
                place.told(*check),
                change.at.top_func().map_or("", |func| func.func_name()),
                place.told(woken.copied().unwrap_or(change.at))
            );
        }
        false
    }

    /// A Signal or Broadcast in a function that takes no lock of that name, and nor do those that call it, as the waiter does; the
    /// lock as the function would write it.
    fn wakes_without_the_lock(&self) -> Option<(At<'a>, String)> {
        let files = self.place.files;
        // `f.lock` beside `f.cond`, which the waiter locks.
        let waiter = self.call.func()?;
        let of = self.call.field("function")?.field("operand")?.field("operand")?;
        let locks = |func: At<'a>| {
            let calls = func.find(&["call_expression"]).into_iter();
            let taken =
                calls.filter(|call| called_name(call).is_some_and(|name| ["Lock", "RLock"].contains(&name)));
            taken.filter_map(operand_of).collect::<Vec<_>>()
        };
        let [lock] = locks(waiter)[..] else { return None };
        let lock_of = lock.field("operand").filter(|owner| owner.text() == of.text())?;
        let lock_name = lock.field("field")?.text();
        let is_lock = |other: &At<'a>| other.text().rsplit('.').next() == Some(lock_name);
        variable(files, lock_of)?;
        self.wakes.iter().find_map(|wake| {
            let by = wake.func().filter(|by| by.kind() == "method_declaration")?;
            let holder = wake.field("operand")?.field("operand")?;
            let calls = callers(files, by);
            let is_bare = |func: At<'a>| !locks(func).iter().any(is_lock);
            // Who calls it may hold the lock.
            let all = !calls.is_empty() && calls.iter().filter_map(At::top_func).all(is_bare);
            let helpers = by
                .find(&["call_expression"])
                .into_iter()
                .filter_map(|call| own_callee(files, call));
            let is_it =
                is_bare(by) && all && helpers.into_iter().all(is_bare) && self.place.is_by_test(*wake);
            is_it.then(|| (*wake, format!("{}.{lock_name}", holder.text())))
        })
    }

    /// What is looked at before each Wait: the condition of the loop or `if` around it, else those in the loop.
    fn checks(&self) -> Vec<At<'a>> {
        let inner = self.call.ancestors().take_while(|node| !node.is_func());
        let mut around = inner.filter(|node| matches!(node.kind(), "for_statement" | "if_statement"));
        let Some(statement) = around.next() else {
            return Vec::new();
        };
        let head = match statement.kind() {
            "if_statement" => statement.field("condition"),
            _ => loop_condition(&statement),
        };
        if let Some(head) = head {
            return vec![head];
        }
        let inside = statement.find(&["if_statement", "expression_case"]).into_iter();
        let inside = inside.filter(|one| one.func() == self.call.func());
        let condition = |one: At<'a>| one.field("condition").or_else(|| one.field("value"));
        inside.filter_map(condition).collect()
    }

    /// What is looked at in the loop around Wait to leave it.
    fn exits(&self) -> Vec<At<'a>> {
        let mut around = self.call.ancestors().take_while(|node| !node.is_func());
        let Some(each) = around.find(|node| node.kind() == "for_statement") else {
            return Vec::new();
        };
        let inside = each.find(&["if_statement"]).into_iter();
        let left = inside.filter(|one| one.field("consequence").is_some_and(|then| leaves(&then)));
        left.filter_map(|one| one.field("condition")).collect()
    }

    /// Whether the lock is held from the look at the condition to Wait: nothing takes it in between and keeps it.
    fn is_checked_under_the_lock(&self, checks: &[At<'a>]) -> bool {
        let statement = checks.first().and_then(|check| Some((check, check.parent()?)));
        let Some((check, statement)) = statement else {
            return true;
        };
        let calls = statement.find(&["call_expression"]).into_iter();
        let between = calls.filter(|call| {
            check.end() <= call.start() && call.end() <= self.call.start() && call.func() == self.call.func()
        });
        let on = |call: &At<'a>| operand_of(*call).map(|operand| operand.text());
        let mut taken: Vec<Option<&str>> = Vec::new();
        for call in between {
            match called_name(&call) {
                Some("Lock") => taken.push(on(&call)),
                Some("Unlock") => taken.retain(|lock| *lock != on(&call)),
                _ => {}
            }
        }
        taken.is_empty()
    }

    /// Where what the condition looks at is changed, so that the condition may change too.
    fn changes(&self, checks: &[At<'a>]) -> Vec<Change<'a>> {
        let mut vars: Vec<(Var<'a>, At<'a>, At<'a>)> = Vec::new();
        let exits = self.exits();
        for check in checks.iter().chain(&exits) {
            let calls = check.find(&["call_expression"]).into_iter();
            let inside = calls.filter_map(|call| own_callee(self.place.files, call));
            let returned = inside.flat_map(|func| returns(func, 0)).map(|given| given.value);
            for part in std::iter::once(*check).chain(returned) {
                for name in part.find(&["identifier", "selector_expression"]) {
                    let known = |var: &Var<'a>| vars.iter().any(|(one, ..)| one == var);
                    if let Some(var) = self.place.variable(name).filter(|var| !known(var)) {
                        // `for q.isBusy()`: what that returns is what is asked.
                        let is_call = part != *check && check.kind() == "call_expression";
                        vars.push((var, name, if is_call { part } else { *check }));
                    }
                }
            }
        }
        let mut found = Vec::new();
        for (var, name, part) in vars {
            let stays = asked::is_set_for_good(&self.place, &var);
            for (at, by) in self.changes_of(&var) {
                // What a waiter takes for itself is for no other, but its turn is.
                let is_turn = |check: &At<'a>| check.has_token("!=") || is_generation(*check);
                let own = at.func() == self.call.func() && !checks.iter().any(is_turn);
                let is_of = |check: &&At<'a>| !exits.contains(check);
                let keeps = || {
                    checks
                        .iter()
                        .filter(is_of)
                        .any(|check| keeps_waiting(*check, name, by))
                        || !exits.contains(&part) && keeps_waiting(part, name, by)
                };
                if !own && !keeps() {
                    found.push(Change {
                        at: by,
                        var: at,
                        stays,
                    });
                }
            }
        }
        found
    }

    /// The change of what the loop looks at that a function of the test makes in a copy.
    fn in_a_copy<'c>(&self, changes: &'c [Change<'a>]) -> Option<(&'c Change<'a>, Copied<'a>)> {
        let by_test = changes.iter().filter(|change| self.place.is_by_test(change.at));
        by_test
            .filter_map(|change| Some((change, copy::lost(self.place.files, change.var)?)))
            .next()
    }

    /// The copy that the loop looks at, where only its own function could change that.
    fn asks_a_copy(&self, checks: &[At<'a>]) -> Option<Copied<'a>> {
        let conditions = self.conditions(checks);
        let names = conditions
            .iter()
            .flat_map(|check| check.find(&["selector_expression"]));
        let mut copies = names.filter_map(|name| copy::kept(self.place.files, name));
        copies.find(|copy| !copy.sets_any())
    }

    /// What is waited for, and what to do, where the loop does not look at the error or flag that is set in place of what it asks
    /// for.
    fn overlooks(&self, checks: &[At<'a>]) -> Option<(String, String)> {
        let (cond, place) = (self.cond, &self.place);
        let check = checks.first()?;
        let asked = asked::of(place, &self.conditions(checks))?;
        let is_asked = |var: &Var<'a>| asked.iter().any(|(one, _)| one == var);
        let (owner, other) = asked.iter().find_map(|(var, at)| {
            let Var::Field(owner, _) = var else { return None };
            let mut others = asked::others(place, owner, *at).into_iter();
            let other = others.find(|other| {
                let var = Var::Field(owner.clone(), other.name);
                let (reads, wakes) = (self.reads_after(&var), self.is_followed(other.set));
                !is_asked(&var)
                    && if other.is_flag {
                        reads && wakes
                    } else {
                        reads || wakes
                    }
            })?;
            Some((owner, other))
        })?;
        let (on, _) = cond.rsplit_once('.')?;
        let of_cond = place.variable(operand_of(self.call)?)?;
        matches!(&of_cond, Var::Field(of, _) if of == owner).then_some(())?;
        let name = format!("{on}.{}", other.name);
        let by = other
            .set
            .top_func()
            .map_or("the package", |func| func.func_name());
        let (at, set) = (place.told(*check), place.told(other.set));
        let around = check.parent().filter(|outer| outer.kind() == "for_statement");
        let look = match around {
            Some(_) if other.is_flag => format!(": `for {} && !{name}` ({at})", check.text()),
            Some(_) => format!(": `for {} && {name} == nil` ({at})", check.text()),
            None => format!(" ({at})"),
        };
        let wake = match self.is_followed(other.set) {
            true => String::new(),
            false => format!(", and call `{cond}.Broadcast()` after it is set ({set})"),
        };
        Some((
            format!(
                "a Signal or Broadcast on `{cond}`, in a loop that goes on while `{}` ({at}) and does not look at `{name}`, which {by} sets ({set})",
                check.text()
            ),
            format!("let the loop look at `{name}` too{look}{wake}"),
        ))
    }

    /// The same where the loop asks for nothing but a variable of the function, which nothing changes once it is set.
    fn asks_what_it_keeps(&self, checks: &[At<'a>]) -> Option<(String, String)> {
        let (cond, place) = (self.cond, &self.place);
        let [check] = checks else { return None };
        let each = enclosing_loop(&self.call).filter(|each| loop_condition(each) == Some(*check))?;
        let inner = check.bare();
        let var @ Var::Local(decl) = place.variable(inner).filter(|_| inner.kind() == "identifier")? else {
            return None;
        };
        let ways_out = ["return_statement", "break_statement", "goto_statement"];
        let is_kept = values::writes(place.files, &var).len() == 1
            && !flow::is_pointed_to(place.files, &var)
            && each.find(&ways_out).is_empty();
        is_kept.then(|| {
            let (name, wait) = (inner.text(), self.call.text());
            (
                format!(
                    "a Signal or Broadcast on `{cond}`, in a loop that goes on while `{}` ({}): `{name}` is set once ({}), and no wake-up ends the loop",
                    check.text(),
                    place.told(*check),
                    place.told(decl)
                ),
                format!(
                    "set `{name}` anew in the loop, after each `{wait}` ({})",
                    place.told(self.call)
                ),
            )
        })
    }

    /// The same where nothing in the source ever changes what the loop asks for, but to keep it so.
    fn asks_in_vain(&self, checks: &[At<'a>]) -> Option<(String, String)> {
        let (cond, place) = (self.cond, &self.place);
        let check = checks.first()?;
        let asked = asked::of(place, &self.conditions(checks))?;
        let mut kept: Vec<At<'a>> = Vec::new();
        for (var, name) in &asked {
            if asked::may_change_unseen(place, var) {
                return None;
            }
            for (_, by) in self.changes_of(var) {
                let keeps = checks.iter().any(|check| keeps_waiting(*check, *name, by));
                keeps.then(|| kept.push(by))?;
            }
        }
        let (var, _) = asked.first()?;
        let what = match var {
            Var::Field(owner, name) => format!("`{name}` of the {}", owner.name),
            _ => format!("`{}`", var.name()),
        };
        let what = match &asked[..] {
            [_] => what,
            _ => "what it asks for".to_owned(),
        };
        let wanted = match &asked[..] {
            [(_, name)] => flag_that_ends(*check, *name),
            _ => None,
        };
        let changes = match (&kept[..], wanted) {
            ([], None) => format!("nothing in its package changes {what}"),
            ([], Some(value)) => format!("nothing in its package sets {what} to {value}"),
            ([one], Some(value)) => format!(
                "nothing sets {what} to {value} (`{}`, {}, is its only change)",
                one.text(),
                place.told(*one)
            ),
            (_, Some(value)) => format!("nothing sets {what} to {value}"),
            ([one], None) => format!(
                "the only change of {what} (`{}`, {}) does not end it",
                one.text(),
                place.told(*one)
            ),
            (_, None) => format!("no change of {what} ends it"),
        };
        let wakes = match self.wakes.is_empty() {
            true => ", and nothing calls Signal or Broadcast",
            false => "",
        };
        let change = match wanted {
            Some(value) => format!("set {what} to {value}"),
            None => format!("change {what}"),
        };
        Some((
            format!(
                "a Signal or Broadcast on `{cond}`, in a loop that goes on while `{}` ({}): {changes}{wakes}",
                check.text(),
                place.told(*check)
            ),
            format!(
                "{change} under the lock of `{cond}`, where the loop is to end, and call `{cond}.Broadcast()` after it"
            ),
        ))
    }

    /// All that a loop around Wait looks at.
    fn conditions(&self, checks: &[At<'a>]) -> Vec<At<'a>> {
        let mut all = checks.to_vec();
        all.extend(self.exits().into_iter().filter(|exit| !checks.contains(exit)));
        all
    }

    /// Whether the function looks at a variable once its loop has ended.
    fn reads_after(&self, var: &Var<'a>) -> bool {
        let Some(each) = enclosing_loop(&self.call) else {
            return false;
        };
        let uses = flow::uses(self.place.files, var);
        uses.iter()
            .any(|at| at.func() == self.call.func() && at.start() > each.end())
    }

    /// Where a variable is changed, or something is taken out of it.
    fn changes_of(&self, var: &Var<'a>) -> Vec<(At<'a>, At<'a>)> {
        let files = self.place.files;
        let removed = ["delete", "clear"].into_iter().flat_map(|name| {
            let calls = flow::arguments_of(files, var, name).into_iter();
            calls.filter_map(|call| Some((call.field("arguments")?.first()?, call)))
        });
        flow::changes(files, var).into_iter().chain(removed).collect()
    }

    /// The Signal after a flag is set for good, where no Broadcast comes in its place: who looks at the flag then is one of all.
    fn signals_once(&self, change: &Change<'a>) -> Option<At<'a>> {
        (change.stays && self.place.is_by_test(change.at)).then_some(())?;
        let is_own = |wake: &&At<'a>| wake.func() == change.at.func();
        let (after, before): (Vec<&At<'a>>, Vec<&At<'a>>) = self
            .wakes
            .iter()
            .filter(is_own)
            .partition(|wake| can_follow(change.at, **wake));
        let is_one = |wake: &&At<'a>| wake.field("field").is_some_and(|name| name.text() == "Signal");
        let all = after.iter().chain(&before);
        let [one] = all.copied().filter(|wake| is_one(wake)).collect::<Vec<_>>()[..] else {
            return None;
        };
        (after == [one] && before.is_empty() && !in_loop(one)).then_some(*one)
    }

    /// Whether a Signal or Broadcast comes after a change, in its function, in what that calls, or in what calls it.
    fn is_followed(&self, change: At<'a>) -> bool {
        let files = self.place.files;
        if self.wakes.iter().any(|wake| can_follow(change, *wake)) {
            return true;
        }
        let Some(func) = change.func() else { return false };
        let wakes_in = |func: At<'a>| self.wakes.iter().any(|wake| func.contains(wake));
        let calls = func.find(&["call_expression"]).into_iter();
        let apart = |call: &At<'a>| call.parent().is_some_and(|outer| outer.kind() == "go_statement");
        let mut later = calls.filter(|call| !apart(call) && can_follow(change, *call));
        later.any(|call| callee(files, call).is_some_and(wakes_in))
            || callers(files, func)
                .into_iter()
                .any(|call| self.wakes.iter().any(|wake| can_follow(call, *wake)))
    }

    /// The `return` behind a change in its block, and the Signal or Broadcast of the same function, which is on another way through it.
    fn wakes_on_another_way(&self, change: &Change<'a>) -> Option<(At<'a>, &'a str)> {
        let func = change.at.func()?;
        let wake = self.wakes.iter().find(|wake| wake.func() == Some(func))?;
        let list = change
            .at
            .parent()
            .filter(|list| list.kind() == "statement_list")?;
        let last = list.children().into_iter().next_back()?;
        (last.kind() == "return_statement").then(|| (last, wake.text()))
    }

    /// The `return` between a change and the Signal or Broadcast after it in a function, and that.
    fn skipped<'c>(&self, change: &'c Change<'a>) -> Option<(&'c Change<'a>, At<'a>, &'a str)> {
        let func = change.at.func().filter(|_| self.place.is_by_test(change.at))?;
        let wakes = self.wakes.iter().filter(|wake| wake.func() == Some(func));
        let wakes: Vec<&At<'a>> = wakes.filter(|wake| can_follow(change.at, **wake)).collect();
        if wakes.iter().any(|wake| wake.is_deferred()) {
            return None;
        }
        let first = wakes.first()?;
        // Where the change is looked at again, there may be nothing to wake for.
        let is_other = |exit: &At<'a>| {
            let mut around = exit.ancestors().take_while(|node| *node != func);
            let check = around.find_map(|node| node.field("condition"));
            check.is_some_and(|check| !check.text().contains(change.of()))
        };
        let exits = func.find(&["return_statement"]).into_iter();
        let mut between = exits.filter(|exit| exit.func() == Some(func) && change.at.end() <= exit.start());
        let exit = between.find(|exit| exit.end() <= first.start() && is_other(exit))?;
        Some((change, exit, first.text()))
    }

    /// A method that ends the wait by its name and changes the condition, and that the test does not call.
    fn ending<'c>(&self, changes: &[&'c Change<'a>]) -> Option<(Ending<'a>, &'c Change<'a>)> {
        let of = |change: &'c Change<'a>| {
            let at = change.at.top_func()?;
            let name = at.func_name();
            let is_one = names::public().any(|ending| ending == name) && !self.place.is_by_test(change.at);
            let of = ending::receiver(at).filter(|_| is_one)?;
            Some((
                Ending::Method {
                    name,
                    of,
                    at,
                    does: None,
                },
                change,
            ))
        };
        changes.iter().copied().find_map(of)
    }

    /// What to do where a Cond is signalled and never broadcast: Signal wakes one of those that wait.
    fn only_signalled(&self) -> Option<String> {
        let ends = |wake: &&At<'a>| {
            let func = wake.top_func().map_or("", |func| func.func_name());
            names::public().any(|name| name == func)
        };
        // What ends the owner is to wake all. What the test does not call has woken none.
        let called = || self.wakes.iter().filter(|wake| self.place.is_by_test(**wake));
        let first = called().find(ends).or(called().next())?;
        let broadcasts = |wake: &At<'a>| wake.field("field").is_some_and(|name| name.text() == "Broadcast");
        let broadcast = self.wakes.iter().any(broadcasts);
        (!broadcast).then(|| {
            let signal = format!("`{}` ({})", first.text(), self.place.told(*first));
            therefore(
                &format!("{signal} wakes one of them"),
                &format!("call Broadcast in place of {signal}, so that all that wait go on"),
            )
        })
    }
}

/// Whether a function or loop further out may look at a condition before Wait.
fn may_be_checked_further_out(place: &Place<'_>) -> bool {
    const LOOKS: [&str; 5] = [
        "if_statement",
        "for_statement",
        "expression_switch_statement",
        "type_switch_statement",
        "select_statement",
    ];
    let calls = place.calls.lines.split_last().map_or(&[][..], |(_, calls)| calls);
    calls.iter().any(|(file, line)| {
        let calls = on_line(file, *line);
        let Some(call) = calls.first() else { return true };
        let Some(func) = call.func() else { return true };
        let looks = func
            .find(&LOOKS)
            .into_iter()
            .filter(|one| one.func() == Some(func));
        let mut before = looks.filter(|one| {
            let condition = match one.kind() {
                "for_statement" => loop_condition(one),
                "if_statement" => one.field("condition"),
                _ => Some(*one),
            };
            condition.is_some_and(|condition| condition.start() < call.start())
        });
        before.next().is_some()
    })
}

/// The value of a flag with which a loop ends that asks for nothing else.
fn flag_that_ends(check: At<'_>, name: At<'_>) -> Option<bool> {
    let text: String = check.text().split_whitespace().collect();
    let is = |begin: &str| text.strip_prefix(begin) == Some(name.text());
    match (is("!"), is("")) {
        (true, _) => Some(true),
        (_, true) => Some(false),
        _ => None,
    }
}

/// `b.gen == gen`: a number that was kept is compared with what it is now.
fn is_generation(check: At<'_>) -> bool {
    let sides = [check.field("left"), check.field("right")];
    let [Some(left), Some(right)] = sides else {
        return false;
    };
    let last = |side: At<'_>| side.field("field").unwrap_or(side).text().to_owned();
    check.has_token("==") && last(left) == last(right) && left.kind() != right.kind()
}

/// A statement that changes what a condition looks at.
struct Change<'a> {
    at: At<'a>,
    /// `s.tasks`.
    var: At<'a>,
    /// Whether that is a flag which nothing takes back.
    stays: bool,
}

impl<'a> Change<'a> {
    fn of(&self) -> &'a str {
        self.var.text()
    }
}

/// The one change that takes something out of what the loop looks at.
fn only_removal<'c, 'a>(changes: &'c [Change<'a>]) -> Option<&'c Change<'a>> {
    let is_removal = |change: &&Change<'a>| called_name(&change.at) == Some("delete");
    let mut all = changes.iter().filter(is_removal);
    let first = all.next()?;
    all.next().is_none().then_some(first)
}

/// Whether a change can only make a condition hold on, so that no one is to wake: `n++` where `n > 0` is waited for.
fn keeps_waiting(check: At<'_>, name: At<'_>, change: At<'_>) -> bool {
    let text = |at: At<'_>| at.text().split_whitespace().collect::<String>();
    let (check, name, change) = (text(check), text(name), text(change));
    let is_counted = |by: &str| {
        [name.clone(), format!("len({name})")]
            .iter()
            .any(|value| check.starts_with(&format!("{value}{by}")))
    };
    // `m[k] = v` adds, or changes what is there.
    let put = change.starts_with(&format!("{name}[")) && change.contains("]=");
    let grows = put || change.ends_with("++") || change.contains("+=") || change.contains("=append(");
    let shrinks = change.ends_with("--")
        || change.starts_with("delete(")
        || change.starts_with("clear(")
        || change.contains("-=")
        || change.contains("[1:]")
        || change.ends_with("=nil");
    let last = name.rsplit('.').next().unwrap_or(&name).to_owned();
    let set = |value: &str| change.ends_with(&format!("{last}={value}"));
    (is_counted(">") || is_counted("!=0")) && grows
        || (is_counted("<") || is_counted("==0")) && shrinks
        || check == format!("!{name}") && set("false")
        || check == name && set("true")
}
