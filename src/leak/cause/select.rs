//! A select: all its cases are read before one is taken for the cause.

use super::kind::{self, Kind, Timer};
use super::loops::{exit_inside, exits_inside, goes_back, in_endless_loop, in_loop, loop_condition};
use super::names::is_ending;
use super::nil::{self, Nil};
use super::place::Place;
use super::timer::{self, Fate};
use super::{context, ending, fact, flag, overwritten, plain, said, signal, skipped};
use crate::go_source::order::{jumps_to, leaves_function};
use crate::go_source::types::{fields, name_of, spec, type_of, underlying};
use crate::go_source::{At, Case, Var, flow};
use crate::leak::{Cause, CauseCode};

/// One case, and what is known of it.
struct Known<'a> {
    case: Case<'a>,
    kind: Kind<'a>,
    leaves: bool,
    nil: Option<Nil<'a>>,
}

impl Known<'_> {
    fn text(&self) -> String {
        text(&self.case)
    }
}

/// A case in words.
fn text(case: &Case<'_>) -> String {
    match case.sends {
        true => format!("`{} <-`", case.channel.text()),
        false => format!("`<-{}`", case.channel.text()),
    }
}

/// The cause of a select of which no case becomes ready, whatever they are.
pub(super) fn none_of(cases: &[Case<'_>]) -> Cause {
    let all: Vec<String> = cases.iter().map(text).collect();
    let waits_for = format!("any of {}: none becomes ready any more", all.join(", "));
    said(CauseCode::SelectNoCase, waits_for)
}

/// The cause of a select that no case of which is ready.
pub(super) fn cause<'a>(place: &Place<'a>, cases: &[Case<'a>]) -> Cause {
    let known = all_known(place, cases);
    let mut cause = of_cases(place, &known);
    if cause.code == CauseCode::NilChannel {
        return cause;
    }
    if let Some((one, stays)) = known
        .iter()
        .find_map(|one| Some((one, stays_by_break(&one.case.whole)?)))
    {
        cause.waits_for = format!(
            "{}; the `break` in the case {} ({}) leaves only the select, not the loop",
            cause.waits_for,
            one.text(),
            place.told(stays)
        );
        cause.fix = format!(
            "`return` in place of the `break` ({}), or `break` with a label",
            place.told(stays)
        );
        return cause;
    }
    let nils = known.iter().filter_map(|one| Some((one, one.nil.as_ref()?)));
    let mut nils: Vec<_> = nils.collect();
    // What would end the loop says most.
    nils.sort_by_key(|(one, _)| !one.leaves);
    for (one, nil) in nils {
        cause
            .notes
            .push(format!("{} never comes: {}", one.text(), nil.why(place)));
        if (one.leaves || !in_loop(&one.case.whole)) && way_out(place, &known).is_none() {
            cause.fix = nil.fix(place);
        }
    }
    cause
}

/// All cases, with what is known of each.
fn all_known<'a>(place: &Place<'a>, cases: &[Case<'a>]) -> Vec<Known<'a>> {
    cases
        .iter()
        .map(|case| Known {
            case: *case,
            kind: if case.sends {
                Kind::Unknown
            } else {
                kind::of(place, case.channel)
            },
            leaves: leaves(&case.whole) || flag::leaves(place, &case.whole),
            nil: nil::of(place, case.channel),
        })
        .collect()
}

fn of_cases<'a>(place: &Place<'a>, known: &[Known<'a>]) -> Cause {
    let Some(first) = known.first() else {
        return plain(CauseCode::SelectEmpty);
    };
    if known.iter().all(|one| one.nil.is_some()) {
        let channels: Vec<String> = known
            .iter()
            .map(|one| format!("`{}`", one.case.channel.text()))
            .collect();
        let mut cause = said(
            CauseCode::NilChannel,
            format!(
                "{}, which are nil: a send or receive on a nil channel never ends, by construction",
                channels.join(" and ")
            ),
        );
        cause.fix = first.nil.as_ref().map_or(cause.fix, |nil| nil.fix(place));
        return cause;
    }
    let looped = in_loop(&first.case.whole);
    if let Some(cause) = by_time(place, known, looped) {
        return cause;
    }
    let contexts: Vec<&Known<'a>> = of_kind(known, |kind| matches!(kind, Kind::Context(_)));
    let signals = of_kind(known, |kind| matches!(kind, Kind::Signal));
    let others: Vec<&Known<'a>> = known
        .iter()
        .filter(|one| !one.case.sends && matches!(one.kind, Kind::Made(_) | Kind::Unknown))
        .filter(|one| match looped {
            true => one.leaves,
            // A result beside a context; but what an owner closes is as good a way out.
            false => ending::of_channel(place, one.case.channel).is_some(),
        })
        .collect();
    match (&contexts[..], &signals[..], others.is_empty()) {
        ([one, ..], _, true) => {
            let Kind::Context(of) = one.kind else {
                return none_ready(place, known);
            };
            let mut cause = context::cause(place, of);
            let others = || {
                let rest = known.iter().filter(|other| other.case.whole != one.case.whole);
                rest.map(Known::text).collect::<Vec<_>>().join(", ")
            };
            if cause.code == CauseCode::TimerPending {
                if known.len() > 1 {
                    cause
                        .notes
                        .push(format!("no other case is ready before: {}", others()));
                }
            } else if contexts.len() > 1 || !signals.is_empty() || (!looped && known.len() > 1) {
                cause.waits_for = format!("any of {}", list(known));
            }
            cause
        }
        ([], [one, ..], true) => signal::cause(place, one.case.channel, false),
        _ => ticking(place, known, looped).unwrap_or_else(|| none_ready(place, known)),
    }
}

fn of_kind<'k, 'a>(known: &'k [Known<'a>], is: impl Fn(&Kind<'a>) -> bool) -> Vec<&'k Known<'a>> {
    known.iter().filter(|one| is(&one.kind)).collect()
}

fn list(known: &[Known<'_>]) -> String {
    known.iter().map(Known::text).collect::<Vec<_>>().join(", ")
}

/// A timer that still runs, and after which the goroutine leaves: that is when it ends.
fn by_time<'a>(place: &Place<'a>, known: &[Known<'a>], looped: bool) -> Option<Cause> {
    let mut timers = known
        .iter()
        .filter(|one| (one.leaves || !looped) && !comes_again(&one.case.whole))
        .filter_map(|one| {
            let Kind::Timer(timer) = &one.kind else {
                return None;
            };
            (timer::fate(place, timer, one.case.channel) == Fate::Pending).then_some((one, timer))
        });
    let (one, timer) = timers.next()?;
    let mut cause = said(
        CauseCode::TimerPending,
        format!(
            "{}, {}: it ends by itself when that has passed",
            one.text(),
            timer::described(place, timer)
        ),
    );
    let rest: Vec<String> = known
        .iter()
        .filter(|other| other.case.whole != one.case.whole && (other.leaves || !looped))
        .map(Known::text)
        .collect();
    if !rest.is_empty() {
        cause
            .notes
            .push(format!("no other case is ready before: {}", rest.join(", ")));
    }
    cause.fix = way_out(place, known).unwrap_or_else(|| match rest.is_empty() {
        true => "wait for it in the test, or let the test choose a shorter time".into(),
        false => format!(
            "make one of the other cases ready before the test ends ({}), or let the test choose a shorter time",
            rest.join(", ")
        ),
    });
    Some(cause)
}

/// A loop in which only time makes a case ready.
fn ticking<'a>(place: &Place<'a>, known: &[Known<'a>], looped: bool) -> Option<Cause> {
    let tickers = of_kind(known, |kind| matches!(kind, Kind::Ticker(_)));
    let again = |timer: &Timer<'a>, at: At<'a>| timer::fate(place, timer, at) == Fate::Pending;
    let timed: Vec<&Known<'a>> = known
        .iter()
        .filter(|one| matches!(&one.kind, Kind::Timer(timer) if looped && again(timer, one.case.channel)))
        .collect();
    let ticks: Vec<&Known<'a>> = tickers
        .iter()
        .chain(&timed)
        .copied()
        .filter(|one| !one.leaves)
        .collect();
    if ticks.is_empty() || !looped {
        return None;
    }
    let others: Vec<String> = known
        .iter()
        .filter(|one| !ticks.iter().any(|tick| tick.case.whole == one.case.whole))
        .map(Known::text)
        .collect();
    let ends: Vec<String> = known
        .iter()
        .filter(|one| one.leaves || exit_inside(&one.case.whole).is_some())
        .filter(|one| !ticks.iter().any(|tick| tick.case.whole == one.case.whole))
        .map(Known::text)
        .collect();
    let beats: Vec<String> = ticks.iter().map(|tick| tick.text()).collect();
    let only = match &beats[..] {
        [one] => format!("only {one} ever comes"),
        _ => format!("only {} ever come", beats.join(" and ")),
    };
    // With more cases it is a loop over events, of which the tick is one.
    let code = match others.len() <= if tickers.is_empty() { 1 } else { 2 } {
        true => CauseCode::TickerLoop,
        false => CauseCode::SelectNoCase,
    };
    let conditional = ticks.iter().find_map(|tick| exit_inside(&tick.case.whole));
    let waits_for = match (ends.is_empty(), conditional) {
        (true, None) => format!(
            "{}, again and again, with no case that ends the loop",
            beats.join(" and ")
        ),
        (true, Some(exit)) => format!(
            "{}, again and again: the loop ends only at the `{}` of {}, whose condition has not come",
            beats.join(" and "),
            exit.text().split_whitespace().next().unwrap_or("return"),
            place.told(exit)
        ),
        (false, _) => format!("a case that ends its loop ({}): {only}", ends.join(", ")),
    };
    let mut cause = said(code, waits_for);
    if ends.is_empty()
        && let Some(fix) = stop_of_owner(place, known)
    {
        cause.fix = fix;
    }
    if !ends.is_empty() {
        cause.fix = way_out(place, known).unwrap_or_else(|| stop_it(&ends.join(", ")));
    }
    Some(cause)
}

fn none_ready<'a>(place: &Place<'a>, known: &[Known<'a>]) -> Cause {
    let waits_for = match known {
        [one] => format!(
            "{}, the only case of a select, which never becomes ready",
            one.text()
        ),
        _ => format!("any of {}: none becomes ready any more", list(known)),
    };
    let mut cause = said(CauseCode::SelectNoCase, waits_for);
    for one in known {
        match &one.kind {
            Kind::Context(of) => cause.notes.extend(context::facts(place, *of).note),
            Kind::Timer(timer) => cause.notes.extend(never_fires(place, timer, one.case.channel)),
            _ => {}
        }
    }
    if let Some(fix) = way_out(place, known) {
        cause.fix = fix;
    } else if known
        .iter()
        .all(|one| in_loop(&one.case.whole) && !one.leaves && !may_leave(&one.case.whole))
    {
        cause.waits_for += ", and none of them ends its loop";
        // What its owner's Stop closes or sends to is there to end it.
        let stops = |one: &&Known<'a>| {
            let kind = type_of(place.files, one.case.channel);
            let carried = kind.and_then(|kind| underlying(place.files, kind)?.field("value"));
            if carried.is_none_or(|value| value.text() != "struct{}") {
                return false;
            }
            let ending = (!one.case.sends).then(|| ending::of_channel(place, one.case.channel));
            matches!(ending.flatten(), Some(ending::Ending::Method { name, .. }) if is_ending(name))
        };
        cause.fix = match known.iter().find(stops) {
            Some(one) => format!(
                "`return` in the case {} ({}), which is there to end the loop",
                one.text(),
                place.told(one.case.whole)
            ),
            None => stop_of_owner(place, known).unwrap_or_else(|| {
                "add a case that ends the loop: ctx.Done(), or a channel that a Close or Stop method closes"
                    .into()
            }),
        };
    }
    cause
}

fn never_fires<'a>(place: &Place<'a>, timer: &Timer<'a>, channel: At<'a>) -> Option<String> {
    match timer::fate(place, timer, channel) {
        Fate::Stopped(Some(stop)) => Some(format!(
            "`<-{}` never comes: the timer is stopped ({})",
            channel.text(),
            place.told(stop)
        )),
        Fate::Stopped(None) => Some(format!(
            "`<-{}` never comes: the timer does not run",
            channel.text()
        )),
        Fate::Fake => Some(format!(
            "`<-{}` comes only when the test moves the fake clock",
            channel.text()
        )),
        _ => None,
    }
}

/// What the test can call so that a case which leaves becomes ready: the owner's method first, then a cancel function.
fn way_out<'a>(place: &Place<'a>, known: &[Known<'a>]) -> Option<String> {
    // To close a nil channel panics.
    let receives = || known.iter().filter(|one| !one.case.sends && one.nil.is_none());
    let leaving = || {
        let any = receives().any(|one| one.leaves);
        let may = |case: &At<'a>| !in_endless_loop(case) || exit_inside(case).is_some();
        receives().filter(move |one| one.leaves || !any && may(&one.case.whole))
    };
    let channels = leaving().filter(|one| matches!(one.kind, Kind::Made(_) | Kind::Unknown));
    let mut endings: Vec<_> = channels
        .filter_map(|one| ending::of_channel(place, one.case.channel))
        .collect();
    if endings.is_empty() {
        let stops_inside = receives()
            .filter(|one| {
                matches!(one.kind, Kind::Made(_) | Kind::Unknown) && exit_inside(&one.case.whole).is_some()
            })
            .filter_map(|one| ending::of_channel(place, one.case.channel));
        endings.extend(stops_inside);
    }
    let of_context = || {
        leaving().find_map(|one| match &one.kind {
            Kind::Context(of) => context::facts(place, *of).fix,
            _ => None,
        })
    };
    let lacking = || {
        let mut ways_out = receives().filter(|one| one.leaves || !in_loop(&one.case.whole));
        ways_out.find_map(|one| ending::lacking(place, one.case.channel, false))
    };
    // The function that makes the channel closes it, but may return before that.
    let skipped = || {
        let mut channels = leaving().filter(|one| matches!(one.kind, Kind::Made(_) | Kind::Unknown));
        let skipped = channels.find_map(|one| skipped::of(place, one.case.channel, false))?;
        Some(fact::therefore(&skipped.told(place), &skipped.fix(place)))
    };
    // What ends the one that a map has does not end this one.
    let lost = || {
        let mut channels = receives().filter(|one| matches!(one.kind, Kind::Made(_) | Kind::Unknown));
        let lost = channels.find_map(|one| overwritten::of(place, one.case.channel))?;
        Some(fact::therefore(&lost.told(place), &lost.fix(place)))
    };
    let (own, others): (Vec<_>, Vec<_>) = endings.into_iter().partition(|ending| ending.is_own(place));
    let first = |all: Vec<ending::Ending<'a>>| all.first().map(|ending| ending.told(place));
    first(others)
        .or_else(lost)
        .or_else(skipped)
        .or_else(of_context)
        .or_else(lacking)
        .or_else(|| first(own))
}

fn stop_it(cases: &str) -> String {
    format!(
        "make a case ready that ends the loop ({cases}): close or cancel it when the test is done (t.Cleanup)"
    )
}

/// Whether a case ends with the function or the loop around the select.
pub(super) fn leaves(case: &At<'_>) -> bool {
    let statements = case
        .children()
        .into_iter()
        .filter(|part| part.kind() == "statement_list");
    statements
        .flat_map(|list| list.children())
        .any(|statement| is_exit(&statement))
}

/// A statement after which the loop is over.
fn is_exit(statement: &At<'_>) -> bool {
    match statement.kind() {
        "goto_statement" => !goes_back(statement),
        "break_statement" => statement.first().is_some(),
        _ => leaves_function(statement),
    }
}

/// Whether the goroutine gets to the select again though a case leaves its loop: by a `goto` back, or in a loop further out.
fn comes_again(case: &At<'_>) -> bool {
    let lists = case
        .children()
        .into_iter()
        .filter(|part| part.kind() == "statement_list");
    let mut statements = lists.flat_map(|list| list.children());
    statements.any(|statement| match statement.kind() {
        "goto_statement" => goes_back(&statement),
        "break_statement" => jumps_to(&statement).is_some_and(|left| in_endless_loop(&left)),
        _ => false,
    })
}

/// Whether the loop around a case may end by what the case does.
fn may_leave(case: &At<'_>) -> bool {
    exit_inside(case).is_some() || flag::may_leave(case)
}

/// Most ways out that are listed.
const MOST_EXITS: usize = 3;

/// Where a loop ends, in words: at the `return` of line 3, or by its condition. `None` if nowhere, or at too many places.
pub(super) fn ends_at<'a>(place: &Place<'a>, around: &At<'a>) -> Option<String> {
    let condition =
        loop_condition(around).map(|condition| format!("its condition ({})", place.told(condition)));
    let exits = exits_inside(around).into_iter().map(|exit| {
        let word = exit.text().split_whitespace().next().unwrap_or("return");
        format!("the `{word}` of {}", place.told(exit))
    });
    let all: Vec<String> = condition.into_iter().chain(exits).collect();
    (!all.is_empty() && all.len() <= MOST_EXITS).then(|| all.join(" or "))
}

/// The case that a loop lacks, where the type of its channels has one that a method closes to end it.
fn stop_of_owner<'a>(place: &Place<'a>, known: &[Known<'a>]) -> Option<String> {
    let mut operands = known
        .iter()
        .filter_map(|one| one.case.channel.bare().field("operand"));
    operands.find_map(|operand| {
        let kind = type_of(place.files, operand)?;
        let owner = name_of(place.files, &kind)?;
        let body = spec(place.files, &kind)?.field("type")?;
        let carries_nothing = |kind: At<'a>| {
            kind.kind() == "channel_type"
                && kind
                    .field("value")
                    .is_some_and(|value| value.text() == "struct{}")
        };
        let stops = fields(body)
            .into_iter()
            .filter(|(_, kind)| carries_nothing(*kind));
        stops.into_iter().find_map(|(name, _)| {
            let var = Var::Field(owner.clone(), name);
            let closes = flow::arguments_of(place.files, &var, "close").into_iter();
            let mut by_end = closes.filter_map(|close| Some((close, close.top_func()?)));
            let (close, by) = by_end.find(|(_, by)| is_ending(by.func_name()))?;
            Some(format!(
                "add `case <-{}.{name}: return` to the select: {} closes that ({})",
                operand.text(),
                by.func_name(),
                place.told(close)
            ))
        })
    })
}

/// The last statement of a case in a loop, where that is a `break`, which leaves the select alone.
pub(super) fn stays_by_break<'a>(case: &At<'a>) -> Option<At<'a>> {
    let list = case
        .children()
        .into_iter()
        .find(|part| part.kind() == "statement_list")?;
    let last = list.children().into_iter().next_back()?;
    let is_it = last.kind() == "break_statement" && last.first().is_none() && in_loop(case);
    is_it.then_some(last)
}
