//! A waiter that gives up, and stays in the list or map where others look for whom to send to: what is sent to it then finds no
//! receiver.

use super::kind::{self, Kind};
use super::loops::in_loop;
use super::lost::deletes;
use super::place::Place;
use super::select::leaves;
use crate::go_source::calls::called_name;
use crate::go_source::operation::cases;
use crate::go_source::scope::local;
use crate::go_source::values::{ranged, writes};
use crate::go_source::{At, Case, Var, flow, variable};

/// What the sender takes its channel from, and the waiter that has left.
pub(super) struct GivenUp<'a> {
    /// The list or map: `l.waiters`.
    all: At<'a>,
    /// Where the waiter puts itself in, and as what.
    puts: At<'a>,
    waiter: At<'a>,
    /// The case in which it gives up.
    way: Case<'a>,
    /// The `make` of its channel, and the type.
    made: At<'a>,
    kind: At<'a>,
    is_list: bool,
}

/// The waiter, if the test leads to where it gives up.
pub(super) fn of<'a>(place: &Place<'a>, channel: At<'a>) -> Option<GivenUp<'a>> {
    let files = place.files;
    let all = taken_from(place, channel)?;
    let var = variable(files, all).filter(|var| matches!(var, Var::Field(..) | Var::Global(_)))?;
    let puts = flow::changes(files, &var).into_iter();
    let puts = puts.filter_map(|(at, by)| {
        let right = by.field("right")?.first()?;
        match at.kind() {
            "index_expression" => Some((by, right, false)),
            _ if called_name(&right) == Some("append") => {
                Some((by, right.field("arguments")?.children().get(1).copied()?, true))
            }
            _ => None,
        }
    });
    let mut found = puts.filter_map(|(puts, value, is_list)| {
        let waiter = local(value.bare()).filter(|decl| decl.func() == puts.func())?;
        let (way, own) = way_out(place, waiter)?;
        let made = place.made(own.channel)?;
        let [kind] = made.field("arguments")?.children()[..] else {
            return None;
        };
        let stays = place.is_by_test(way.whole) && !is_taken_out(place, &var, waiter, &way);
        stays.then_some(GivenUp {
            all: puts.field("left")?.first()?,
            puts,
            waiter,
            way,
            made,
            kind,
            is_list,
        })
    });
    found.next()
}

/// What a sender's own variable is an element of: `next := l.waiters[0]`, `for _, w := range l.waiters`.
fn taken_from<'a>(place: &Place<'a>, channel: At<'a>) -> Option<At<'a>> {
    let decl = local(channel.bare().root_of_selector()?)?;
    if let Some((over, _)) = ranged(decl) {
        return Some(over);
    }
    let given = writes(place.files, &Var::Local(decl));
    let [given] = &given[..] else { return None };
    let value = given.value.bare();
    (value.kind() == "index_expression").then(|| value.field("operand"))?
}

/// The case with which the function of a waiter gives up, and the one with which it receives.
fn way_out<'a>(place: &Place<'a>, waiter: At<'a>) -> Option<(Case<'a>, Case<'a>)> {
    let func = waiter.func()?;
    let selects = func.find(&["select_statement"]).into_iter();
    let once = selects.filter(|select| select.func() == Some(func) && !in_loop(select));
    once.into_iter().find_map(|select| {
        let (mut own, mut way) = (None, None);
        for case in cases(&select).into_iter().filter(|case| !case.sends) {
            if case.channel.bare().root_of_selector().and_then(local) == Some(waiter) {
                own = Some(case);
                continue;
            }
            let gives_up = matches!(kind::of(place, case.channel), Kind::Context(_) | Kind::Timer(_));
            if way.is_none() && gives_up && leaves(&case.whole) {
                way = Some(case);
            }
        }
        way.zip(own)
    })
}

/// Whether a waiter that gives up is taken out: in its case, or by something that its function defers.
fn is_taken_out<'a>(place: &Place<'a>, all: &Var<'a>, waiter: At<'a>, way: &Case<'a>) -> bool {
    let Some(func) = waiter.func() else { return true };
    let is_named = |part: At<'a>| {
        let names = part.find(&["identifier", "field_identifier"]);
        names
            .iter()
            .any(|name| name.text() == waiter.text() || name.text() == all.name())
    };
    let body = way.whole.children().into_iter();
    let mut statements = body.filter(|part| part.kind() == "statement_list");
    let deferred = func.find(&["defer_statement"]).into_iter();
    let package = place.files.package(func.file);
    let mut taken = deletes(&package);
    statements.any(is_named)
        || deferred.into_iter().any(is_named)
        || taken
            .any(|(call, of)| call.func() == Some(func) && variable(place.files, of).as_ref() == Some(all))
}

impl<'a> GivenUp<'a> {
    /// The list or map as it is written.
    fn all(&self) -> &'a str {
        match self.all.kind() {
            "index_expression" => self.all.field("operand").map_or("", |of| of.text()),
            _ => self.all.text(),
        }
    }

    /// What is waited for, in words.
    pub(super) fn told(&self, name: &str, place: &Place<'a>) -> String {
        format!(
            "a receiver on `{name}`: {} may have given up (`<-{}`, {}), and leaves `{}` in `{}` then ({})",
            self.waiter
                .top_func()
                .map_or("its function", |func| func.func_name()),
            self.way.channel.text(),
            place.told(self.way.whole),
            self.waiter.text(),
            self.all(),
            place.told(self.puts)
        )
    }

    /// What to do about it.
    pub(super) fn fix(&self, place: &Place<'a>) -> String {
        let locks = self
            .puts
            .func()
            .map_or(Vec::new(), |func| func.find(&["call_expression"]));
        let is_locked = locks.iter().any(|call| called_name(call) == Some("Lock"));
        let under = if is_locked { ", under its lock," } else { "" };
        let hand_on = match self.is_list {
            true => "; where it is not in there any more its turn has come: hand that on",
            false => "",
        };
        format!(
            "take `{}` out of `{}` in the case `<-{}` ({}){under} and give its channel room for one value (`make({}, 1)`, {}){hand_on}",
            self.waiter.text(),
            self.all(),
            self.way.channel.text(),
            place.told(self.way.whole),
            self.kind.text(),
            place.told(self.made)
        )
    }
}
