//! A loop that goes round without a wait: what it asks in each round, and who could give the answer that ends it.

use super::ending::{self, Ending};
use super::kind::{self, Kind};
use super::place::Place;
use super::select::{leaves, leaves_loop, loop_condition};
use super::{Subject, context, ended_by, said};
use crate::go_source::calls::{called_name, own_callee, qualified};
use crate::go_source::operation::cases;
use crate::go_source::values::returns;
use crate::go_source::{At, Var, flow};
use crate::goroutine::WaitReason;
use crate::leak::{Cause, CauseCode};

/// What a loop asks, and leaves when it is so.
enum Ask<'a> {
    /// A case of a select with a default.
    Channel(At<'a>),
    /// `ctx.Err()`: the context.
    Context(At<'a>),
    /// A variable.
    Flag(Flag<'a>),
}

struct Flag<'a> {
    /// As it is asked: `stop.Load()`.
    asked: At<'a>,
    var: Var<'a>,
    /// The value that ends the loop.
    wanted: bool,
}

/// A loop of the goroutine's own code, and the first thing that it asks.
struct Round<'a> {
    place: Place<'a>,
    around: At<'a>,
    ask: Ask<'a>,
}

/// The cause of a goroutine whose loop asks for something that does not come.
pub(super) fn cause(subject: &Subject<'_>) -> Option<Cause> {
    let round = Round::of(subject)?;
    let place = &round.place;
    let (asked, misses) = match &round.ask {
        Ask::Channel(channel) => (*channel, format!("`<-{}` is not ready", channel.text())),
        Ask::Context(context) => (*context, format!("`{}` is not cancelled", context.text())),
        Ask::Flag(flag) => {
            let sets = match flag.is_set(place) {
                true => String::new(),
                false => format!(": nothing sets `{}`", flag.name()),
            };
            (
                flag.asked,
                format!("`{}` stays {}{sets}", flag.asked.text(), !flag.wanted),
            )
        }
    };
    let mut cause = said(
        CauseCode::BusyLoop,
        format!(
            "nothing: its loop ({}) goes round without a wait, and {misses} ({})",
            place.told(round.around),
            place.told(asked)
        ),
    );
    let known = match &round.ask {
        Ask::Context(context) => context::facts(place, *context).fix,
        Ask::Channel(channel) => match kind::of(place, *channel) {
            Kind::Context(context) => context::facts(place, context).fix,
            _ => round.ending().map(|ending| ending.told(&round.place)),
        },
        Ask::Flag(flag) => round
            .ending()
            .map(|ending| ending.told(place))
            .or_else(|| flag.fix(place)),
    };
    if let Some(fix) = known {
        cause.fix = fix;
    }
    Some(cause)
}

/// What the test can call to end the loop. Where a context ends it, a loop that sleeps has to be woken too.
pub(super) fn ending<'a>(subject: &Subject<'a>) -> Option<Ending<'a>> {
    let sleeps = subject.goroutine.state.wait_reason() == WaitReason::Sleep;
    let round = Round::of(subject)?;
    match round.ask {
        Ask::Context(_) if sleeps => None,
        _ => round.ending(),
    }
}

/// What to do so that a loop ends which sleeps in each round, where it asks for something else than a context.
pub(super) fn end_of_sleep(subject: &Subject<'_>) -> Option<String> {
    let round = Round::of(subject)?;
    let ending = || round.ending().map(|ending| ending.told(&round.place));
    match &round.ask {
        Ask::Context(_) => None,
        Ask::Channel(_) => ending(),
        Ask::Flag(flag) => ending().or_else(|| flag.fix(&round.place)),
    }
}

impl<'a> Round<'a> {
    fn of(subject: &Subject<'a>) -> Option<Self> {
        let frames = &subject.goroutine.frames;
        let own = (0..frames.len()).rev();
        own.filter(|index| subject.code.is_own(&frames[*index]))
            .find_map(|index| {
                let place = Place::at(subject, index)?;
                let func = place.file.func_at(place.line)?;
                let loops = place.file.on_line(place.line, &["for_statement"]);
                let around = loops.into_iter().find(|around| around.func() == Some(func))?;
                let ask = asks(&place, around).into_iter().next()?;
                Some(Self { place, around, ask })
            })
    }

    fn ending(&self) -> Option<Ending<'a>> {
        match &self.ask {
            Ask::Channel(channel) => ended_by::channel(&self.place, *channel),
            Ask::Context(context) => ended_by::context(&self.place, *context),
            Ask::Flag(flag) => ending::of_sites(&self.place, &flag.var, flag.sites(&self.place)),
        }
    }
}

impl<'a> Flag<'a> {
    fn name(&self) -> &'a str {
        match self.asked.kind() {
            "call_expression" => operand(self.asked).map_or(self.asked.text(), |of| of.text()),
            _ => self.asked.text(),
        }
    }

    /// Where it may be given the value that ends the loop.
    fn sites(&self, place: &Place<'a>) -> Vec<At<'a>> {
        let other = if self.wanted { "false" } else { "true" };
        let names = flow::names(place.files, self.var.clone());
        let all = names.iter().flat_map(|var| flow::changes(place.files, var));
        let sites = all.map(|(_, by)| by);
        sites
            .filter(|by| !by.text().trim_end_matches(')').ends_with(other))
            .collect()
    }

    /// Whether anything may set it: what its address goes to can.
    fn is_set(&self, place: &Place<'a>) -> bool {
        !self.sites(place).is_empty() || flow::is_pointed_to(place.files, &self.var)
    }

    fn fix(&self, place: &Place<'a>) -> Option<String> {
        let name = self.name();
        let is_atomic = called_name(&self.asked) == Some("Load");
        match self.sites(place).first() {
            Some(site) => Some(format!(
                "let `{}` ({}) run on every path before the test is done",
                site.text(),
                place.told(*site)
            )),
            None if self.is_set(place) => None,
            None if is_atomic => Some(format!(
                "call `{name}.Store({})` when the test is done, and let the loop wait between two looks",
                self.wanted
            )),
            None => Some(format!(
                "let the loop look at an atomic.Bool or a done channel in place of `{name}`, and set or close that when the test is done"
            )),
        }
    }
}

fn operand(call: At<'_>) -> Option<At<'_>> {
    call.field("function")?.field("operand")
}

/// All that a loop asks on its way round.
fn asks<'a>(place: &Place<'a>, around: At<'a>) -> Vec<Ask<'a>> {
    let mut found = Vec::new();
    if let Some(condition) = loop_condition(&around) {
        found.extend(asked(place, condition, false, 0));
    }
    let func = around.func();
    let own = |node: &At<'a>| node.func() == func;
    for node in around
        .find(&["select_statement", "if_statement"])
        .into_iter()
        .filter(own)
    {
        if node.kind() == "select_statement" {
            let ends = cases(&node)
                .into_iter()
                .filter(|case| !case.sends && leaves(&case.whole));
            found.extend(ends.map(|case| Ask::Channel(case.channel)));
            continue;
        }
        let exits = ["return_statement", "break_statement", "goto_statement"];
        let then = node
            .field("consequence")
            .map_or(Vec::new(), |then| then.find(&exits));
        let leaves = then.iter().any(|exit| own(exit) && leaves_loop(exit, &around));
        if let Some(condition) = node.field("condition").filter(|_| leaves) {
            found.extend(asked(place, condition, true, 0));
        }
    }
    found
}

/// What a condition asks, of which `wanted` ends the loop.
fn asked<'a>(place: &Place<'a>, condition: At<'a>, wanted: bool, depth: usize) -> Vec<Ask<'a>> {
    let condition = match condition.kind() {
        "parenthesized_expression" => {
            return condition
                .first()
                .map_or(Vec::new(), |inner| asked(place, inner, wanted, depth));
        }
        _ => condition,
    };
    let flag = |var: Var<'a>| {
        vec![Ask::Flag(Flag {
            asked: condition,
            var,
            wanted,
        })]
    };
    match condition.kind() {
        "unary_expression" if condition.has_token("!") => condition
            .field("operand")
            .map_or(Vec::new(), |inner| asked(place, inner, !wanted, depth)),
        "binary_expression" if condition.has_token("&&") || condition.has_token("||") => condition
            .children()
            .into_iter()
            .flat_map(|part| asked(place, part, wanted, depth))
            .collect(),
        "binary_expression" => {
            let errs = condition
                .children()
                .into_iter()
                .filter(|part| called_name(part) == Some("Err"));
            errs.filter_map(operand).map(Ask::Context).collect()
        }
        "call_expression" => {
            if called_name(&condition) == Some("Load") && qualified(&condition).is_none() {
                return operand(condition)
                    .and_then(|of| place.variable(of))
                    .map_or(Vec::new(), flag);
            }
            let func = own_callee(place.files, condition).filter(|_| depth == 0);
            let answers = func.map_or(Vec::new(), |func| returns(func, 0));
            let answers = answers
                .into_iter()
                .flat_map(|given| asked(place, given.value, wanted, depth + 1));
            answers.collect()
        }
        "identifier" | "selector_expression" => place.variable(condition).map_or(Vec::new(), flag),
        _ => Vec::new(),
    }
}
