//! A loop that goes round without a wait: what it asks in each round, and who could give the answer that ends it.

use super::copy::{self, Copied};
use super::ending::{self, Ending};
use super::fact::therefore;
use super::kind::{self, Kind};
use super::loops::{leaves_loop, loop_condition};
use super::place::Place;
use super::select::{leaves, stays_by_break};
use super::{Subject, context, ended_by, said};
use crate::go_source::calls::{called_name, operand_of, own_callee, qualified};
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
    /// The answer that ends the loop.
    wanted: bool,
    var: Var<'a>,
    /// A value of the variable, and whether the loop ends when it has that or when it has another one.
    value: Option<(&'a str, bool)>,
}

/// A loop of the goroutine's own code, and what it asks first.
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
    if let Some(fix) = round.ask.fix(place) {
        cause.fix = fix;
    }
    Some(cause)
}

/// What ends a loop that asks for something in each round, in words.
pub(super) fn way_out<'a>(place: &Place<'a>, around: At<'a>) -> Option<String> {
    let ask = first(place, around)?;
    match ask {
        Ask::Flag(ref flag) if flag.copy(place).is_none() => {
            flag.ending(place).map(|ending| ending.told(place))
        }
        _ => ask.fix(place),
    }
}

/// What the test can call to end the loop. Where a context ends it, a loop that sleeps has to be woken too.
pub(super) fn ending<'a>(subject: &Subject<'a>) -> Option<Ending<'a>> {
    let sleeps = subject.goroutine.state.wait_reason() == WaitReason::Sleep;
    let round = Round::of(subject)?;
    match round.ask {
        Ask::Context(_) if sleeps => None,
        ask => ask.ending(&round.place),
    }
}

/// What to do so that a loop ends which sleeps in each round, where it asks for something else than a context.
pub(super) fn end_of_sleep(subject: &Subject<'_>) -> Option<String> {
    let round = Round::of(subject)?;
    match round.ask {
        Ask::Context(_) => None,
        ask => ask.fix(&round.place),
    }
}

/// What to do where a loop asks for a channel or context that leaves it, and stays at another place that asks for the same.
pub(super) fn stays(subject: &Subject<'_>) -> Option<String> {
    let Round { place, around, ask } = Round::of(subject)?;
    let (Ask::Channel(asked) | Ask::Context(asked)) = ask else {
        return None;
    };
    let of = |channel: At<'_>| match kind::of(&place, channel) {
        Kind::Context(context) => context.text().to_owned(),
        _ => channel.text().to_owned(),
    };
    let selects = around.find(&["select_statement"]).into_iter();
    let own = selects.filter(|select| select.func() == around.func());
    let mut all = own.flat_map(|select| cases(&select));
    let (case, stays) = all.find_map(|case| {
        let same = !case.sends && of(case.channel) == of(asked);
        Some((case.channel, stays_by_break(&case.whole).filter(|_| same)?))
    })?;
    Some(format!(
        "`return` in place of the `break` ({}) in the case `<-{}`, or `break` with a label: it leaves only the select, not the loop",
        place.told(stays),
        case.text()
    ))
}

impl<'a> Round<'a> {
    fn of(subject: &Subject<'a>) -> Option<Self> {
        let frames = &subject.goroutine.frames;
        let own = (0..frames.len()).filter(|index| subject.code.is_own(&frames[*index]));
        for index in own {
            let place = Place::at(subject, index)?;
            let func = place.file.func_at(place.line)?;
            let loops = place.file.on_line(place.line, &["for_statement"]).into_iter();
            for around in loops.rev().filter(|around| around.func() == Some(func)) {
                if let Some(ask) = first(&place, around) {
                    return Some(Self { place, around, ask });
                }
                // What is around a loop without an end is not reached again.
                if is_endless(around) {
                    return None;
                }
            }
        }
        None
    }
}

fn is_endless(around: At<'_>) -> bool {
    let is_bare = around.children().iter().all(|child| child.kind() == "block");
    let exits = around.find(&["return_statement", "break_statement", "goto_statement"]);
    let mut own = exits.iter().filter(|exit| exit.func() == around.func());
    is_bare && !own.any(|exit| leaves_loop(exit, &around))
}

/// What a loop asks, that which is there to end it first.
fn first<'a>(place: &Place<'a>, around: At<'a>) -> Option<Ask<'a>> {
    asks(place, around)
        .into_iter()
        .filter(|ask| ask.is_from_outside(place, around))
        .min_by_key(Ask::rank)
}

impl<'a> Ask<'a> {
    fn rank(&self) -> usize {
        match self {
            Self::Channel(_) | Self::Context(_) => 0,
            Self::Flag(flag) if loaded(flag.asked).is_some() => 1,
            Self::Flag(_) => 2,
        }
    }

    /// Whether something else than the loop itself, or time, gives the answer.
    fn is_from_outside(&self, place: &Place<'a>, around: At<'a>) -> bool {
        match self {
            Self::Channel(channel) => {
                matches!(
                    kind::of(place, *channel),
                    Kind::Context(_) | Kind::Made(_) | Kind::Unknown
                )
            }
            Self::Context(_) => true,
            Self::Flag(flag) => {
                let is_inside = matches!(&flag.var, Var::Local(decl) if around.contains(decl));
                let changes = flow::changes(place.files, &flag.var);
                let is_compared = flag.asked.kind() == "binary_expression";
                let is_stored = || !flag.sites(place).is_empty();
                !is_inside
                    && !changes.iter().any(|(at, _)| around.contains(at))
                    && (!is_compared || is_stored())
            }
        }
    }

    fn ending(&self, place: &Place<'a>) -> Option<Ending<'a>> {
        match self {
            Self::Channel(channel) => ended_by::channel(place, *channel),
            Self::Context(context) => ended_by::context(place, *context),
            Self::Flag(flag) => flag.ending(place),
        }
    }

    fn fix(&self, place: &Place<'a>) -> Option<String> {
        let context = match self {
            Self::Context(context) => Some(*context),
            Self::Channel(channel) => match kind::of(place, *channel) {
                Kind::Context(context) => Some(context),
                _ => None,
            },
            Self::Flag(_) => None,
        };
        match (self, context) {
            (_, Some(context)) => context::facts(place, context).fix,
            (Self::Flag(flag), _) if let Some(copy) = flag.copy(place) => {
                let ending = flag
                    .ending(place)
                    .filter(|ending| ending.in_vain(place).is_none());
                let call = ending.map_or_else(String::new, |ending| format!("; and {}", ending.told(place)));
                Some(therefore(&copy.keeps(place), &(copy.fix_at(place) + &call)))
            }
            (Self::Flag(flag), _) => flag
                .ending(place)
                .map(|ending| ending.told(place))
                .or_else(|| flag.fix(place)),
            _ => self.ending(place).map(|ending| ending.told(place)),
        }
    }
}

impl<'a> Flag<'a> {
    fn name(&self) -> &'a str {
        match self.asked.kind() {
            "call_expression" => operand_of(self.asked).map_or(self.asked.text(), |of| of.text()),
            "binary_expression" => self.var.name(),
            _ => self.asked.text(),
        }
    }

    /// The copy that it is asked of, where others can't change that.
    fn copy(&self, place: &Place<'a>) -> Option<Copied<'a>> {
        let name = loaded(self.asked).unwrap_or(self.asked);
        let names = [name].into_iter().chain(name.find(&["selector_expression"]));
        let mut copies = names.filter_map(|name| copy::kept(place.files, name));
        copies.next().filter(|copy| !copy.sets_any())
    }

    /// Where it may be given a value that ends the loop.
    fn sites(&self, place: &Place<'a>) -> Vec<At<'a>> {
        let names = flow::names(place.files, self.var.clone());
        let all = names.iter().flat_map(|var| flow::changes(place.files, var));
        let ends = |by: &At<'a>| match (self.value, given(*by)) {
            (Some((value, is_it)), Some(given)) if is_literal(given) => (given.text() == value) == is_it,
            _ => true,
        };
        all.map(|(_, by)| by).filter(ends).collect()
    }

    fn ending(&self, place: &Place<'a>) -> Option<Ending<'a>> {
        ending::of_sites(place, &self.var, self.sites(place))
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
            None if self.asked.kind() == "binary_expression" => None,
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

/// The value that an assignment or a Store gives.
fn given(by: At<'_>) -> Option<At<'_>> {
    match by.kind() {
        "call_expression" => by.field("arguments")?.children().last().copied(),
        _ => by.field("right")?.first(),
    }
}

pub(super) fn is_literal(value: At<'_>) -> bool {
    matches!(value.kind(), "true" | "false" | "int_literal")
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
            wanted,
            var,
            value: Some(("true", wanted)),
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
        "binary_expression" => compared(place, condition, wanted),
        "call_expression" => {
            if let Some(of) = loaded(condition) {
                return place.variable(of).map_or(Vec::new(), flag);
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

/// `ctx.Err() != nil`, `atomic.LoadInt32(&n) == 1`, `s.state.Load() != running`.
fn compared<'a>(place: &Place<'a>, condition: At<'a>, wanted: bool) -> Vec<Ask<'a>> {
    let (Some(left), Some(right)) = (condition.field("left"), condition.field("right")) else {
        return Vec::new();
    };
    if called_name(&left) == Some("Err") {
        return operand_of(left).map(Ask::Context).into_iter().collect();
    }
    let var = place.variable(loaded(left).unwrap_or(left));
    let is_it = match condition {
        _ if condition.has_token("==") => Some(wanted),
        _ if condition.has_token("!=") => Some(!wanted),
        _ => None,
    };
    let flag = var.map(|var| Flag {
        asked: condition,
        wanted,
        var,
        value: is_it
            .filter(|_| is_literal(right))
            .map(|is_it| (right.text(), is_it)),
    });
    flag.map(Ask::Flag).into_iter().collect()
}

/// The variable of `x.Load()` or `atomic.LoadInt32(&x)`.
fn loaded(call: At<'_>) -> Option<At<'_>> {
    let name = called_name(&call)?;
    match qualified(&call) {
        Some(("sync/atomic", _)) if name.starts_with("Load") => {
            Some(call.field("arguments")?.first()?.bare())
        }
        None if name == "Load" => operand_of(call),
        _ => None,
    }
}
