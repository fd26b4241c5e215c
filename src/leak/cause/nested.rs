//! A channel that counts places: a goroutine that waits for one while a function further out on its own stack holds another one, which
//! both have taken through the same call.

use super::Subject;
use super::held::{Inside, left_before};
use super::place::short;
use super::waits;
use crate::go_source::calls::{operand_of, own_callee};
use crate::go_source::order::can_follow;
use crate::go_source::{At, GoFiles, Var, variable};
use crate::leak::{Cause, CauseCode};

/// How deep calls are followed to what takes or gives back a place.
const DEEPEST: usize = 4;
/// Calls that are looked at for one function.
const MOST_CALLS: usize = 200;

/// Says so, where the source shows it.
pub(super) fn explain(subject: &Subject<'_>, cause: &mut Cause) {
    if !matches!(cause.code, CauseCode::ReceiveNoSender | CauseCode::SendBufferFull) {
        return;
    }
    let Some(nested) = Nested::of(subject) else { return };
    let told = |call: At<'_>| format!("`{}` ({})", call.text(), short(call));
    let (takes, inner) = (told(nested.takes), told(nested.inner));
    cause.waits_for = format!(
        "a place in `{}`: this goroutine holds one already, which {takes} has taken, and {} gives that back only after {inner}",
        nested.channel,
        nested.func.func_name()
    );
    cause.fix = format!("give it back before {inner}, or make that call before {takes}");
    cause.waits_for_goroutines.clear();
}

struct Nested<'a> {
    channel: &'a str,
    func: At<'a>,
    /// The call that has taken the place that is held.
    takes: At<'a>,
    /// The call that leads to the wait.
    inner: At<'a>,
}

impl<'a> Nested<'a> {
    fn of(subject: &Subject<'a>) -> Option<Self> {
        let (place, channel, sends) = waits::channel(subject)?;
        let var = place
            .variable(channel)
            .filter(|var| matches!(var, Var::Field(..)))?;
        let places = Places {
            files: place.files,
            var,
            sends,
        };
        let frames = &subject.goroutine.frames;
        let own = subject.code.innermost_own(frames)?;
        let by = Inside::of(subject, subject.goroutine, own + 1)?.call()?;
        let mut index = own + 1;
        // From one method to the next of the same value.
        while index < frames.len() {
            let inside = Inside::of(subject, subject.goroutine, index)?;
            let inner = inside.call().filter(|call| is_on_receiver(*call))?;
            if let Some(takes) = places.held(inside.func, inner, by) {
                return Some(Self {
                    channel: channel.text(),
                    func: inside.func,
                    takes,
                    inner,
                });
            }
            index += 1;
        }
        None
    }
}

/// `f.mkdir(…)` and `f.tokens.Get()` in a method of `f`.
fn is_on_receiver(call: At<'_>) -> bool {
    let receiver = || {
        let func = call.top_func().filter(|func| call.func() == Some(*func))?;
        func.field("receiver")?.first()?.field("name")
    };
    let root = operand_of(call).and_then(|operand| operand.root_of_selector());
    receiver().is_some_and(|name| root.is_some_and(|root| root.text() == name.text()))
}

/// The places of one channel.
struct Places<'a> {
    files: &'a GoFiles,
    var: Var<'a>,
    /// Whether a send takes one; else a receive does.
    sends: bool,
}

impl<'a> Places<'a> {
    /// The call with which a function has taken a place that it still has when it is in another call, and gives back after that.
    fn held(&self, func: At<'a>, inner: At<'a>, by: At<'a>) -> Option<At<'a>> {
        let mut budget = MOST_CALLS;
        let mut open: Vec<At<'a>> = Vec::new();
        for (at, counts) in self.steps(func, Some(inner.start()), 0, &mut budget) {
            match counts {
                counts if counts > 0 => open.push(at),
                _ => drop(open.pop()),
            }
        }
        let takes = open.pop()?;
        let list = takes.ancestors().find(|node| node.kind() == "statement_list")?;
        let same = self
            .taking(takes, 0)
            .is_some_and(|own| is_same(self.files, own, by));
        let calls = func.find(&["call_expression"]).into_iter();
        let mut later = calls.filter(|call| call.func() == Some(func) && can_follow(inner, *call));
        let gives = later.any(|call| call != inner && self.counts_of(call, 0, &mut budget) < 0);
        (list.contains(&inner) && same && gives).then_some(takes)
    }

    /// The call that leads straight to what takes a place, from one that leads there.
    fn taking(&self, call: At<'a>, depth: usize) -> Option<At<'a>> {
        let func = own_callee(self.files, call).filter(|_| depth < DEEPEST && is_on_receiver(call))?;
        if self.own(func).any(|at| self.takes(at)) {
            return Some(call);
        }
        let mut budget = MOST_CALLS;
        let steps = self.steps(func, None, depth, &mut budget);
        let (next, _) = steps.into_iter().find(|(_, counts)| *counts > 0)?;
        self.taking(next, depth + 1)
    }

    /// What a function does itself with the channel.
    fn own(&self, func: At<'a>) -> impl Iterator<Item = At<'a>> {
        let all = func.find(&["unary_expression", "send_statement"]).into_iter();
        all.filter(move |at| at.func() == Some(func) && self.is_of_it(*at))
    }

    fn is_of_it(&self, at: At<'a>) -> bool {
        let channel = match at.kind() {
            "send_statement" => at.field("channel"),
            _ if at.has_token("<-") => at.field("operand"),
            _ => None,
        };
        channel.and_then(|channel| variable(self.files, channel)).as_ref() == Some(&self.var)
    }

    fn takes(&self, at: At<'a>) -> bool {
        (at.kind() == "send_statement") == self.sends
    }

    /// What takes or gives back places up to a byte of a function, or in all of it: 1 or more for what takes.
    fn steps(
        &self,
        func: At<'a>,
        upto: Option<usize>,
        depth: usize,
        budget: &mut usize,
    ) -> Vec<(At<'a>, i32)> {
        let mut found = Vec::new();
        let mut deferred = Vec::new();
        let body = func.field("body");
        let all = body.map_or(Vec::new(), |body| {
            body.find(&["call_expression", "unary_expression", "send_statement"])
        });
        for at in all {
            let is_apart =
                at.func() != Some(func) || at.parent().is_some_and(|outer| outer.kind() == "go_statement");
            if is_apart || upto.is_some_and(|upto| at.start() >= upto) || left_before(&at, func, upto) {
                continue;
            }
            let counts = match at.kind() {
                "call_expression" => self.counts_of(at, depth, budget),
                _ if !self.is_of_it(at) => 0,
                _ if self.takes(at) => 1,
                _ => -1,
            };
            match at.is_deferred() {
                _ if counts == 0 => {}
                true => deferred.push((at, counts)),
                false => found.push((at, counts)),
            }
        }
        if upto.is_none() {
            found.extend(deferred);
        }
        found
    }

    /// How many places a call takes more than it gives back.
    fn counts_of(&self, call: At<'a>, depth: usize, budget: &mut usize) -> i32 {
        *budget = budget.saturating_sub(1);
        if *budget == 0 || depth >= DEEPEST {
            return 0;
        }
        let func = own_callee(self.files, call);
        let steps = func.map_or(Vec::new(), |func| self.steps(func, None, depth + 1, budget));
        steps.iter().map(|(_, counts)| counts).sum()
    }
}

/// Whether two calls, each in a method, are on the same part of its value.
fn is_same<'a>(files: &'a GoFiles, one: At<'a>, other: At<'a>) -> bool {
    let part = |call: At<'a>| {
        let var = variable(files, operand_of(call)?)?;
        let is_part = matches!(var, Var::Field(..));
        Some(if is_part { Some(var) } else { None })
    };
    one == other || part(one).is_some() && part(one) == part(other)
}
