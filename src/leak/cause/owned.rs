//! A send to a channel in a field: what its owner has to let the sender go.

use super::Subject;
use super::context;
use super::ending::{self, Ending};
use super::fact::therefore;
use super::held::{self, Lock};
use super::loops::{enclosing_loop, in_endless_loop, in_loop, rounds};
use super::names::is_ending;
use super::place::{Place, short};
use super::receiver;
use super::select::leaves;
use super::vain;
use crate::go_source::calls::{called_name, callers, handed_on, own_callee};
use crate::go_source::order::can_follow;
use crate::go_source::scope::local;
use crate::go_source::types::{Type, fields, underlying};
use crate::go_source::values::ranged;
use crate::go_source::{At, TypeName, Var, flow};

/// What to do about a send to a channel in a field: the owner's end is the end of it.
pub(super) fn against<'a>(
    subject: &Subject<'a>,
    place: &Place<'a>,
    channel: At<'a>,
    has_room: bool,
) -> Option<String> {
    let Var::Field(owner, field) = place.variable(channel)? else {
        return None;
    };
    let made = place.made(channel)?;
    if let Some(taker) = uncalled_taker(place, &Var::Field(owner.clone(), field), &owner) {
        let name = taker.func_name();
        let example = match runner(place, &owner) {
            Some((func, of, receiver)) => {
                let calls = func.find(&["call_expression"]).into_iter();
                let mut dones = calls.filter(|call| called_name(call) == Some("Done") && !call.is_deferred());
                // Who waits for that goes on before what is deferred runs.
                let (defer, before) = match dones.next() {
                    Some(done) => ("", format!(", before `{}` ({})", done.text(), place.told(done))),
                    None => ("defer ", String::new()),
                };
                format!(
                    ", for example with `{defer}{receiver}.{name}()` in {} of the {of} ({}){before}",
                    func.func_name(),
                    place.told(func)
                )
            }
            None => String::new(),
        };
        return Some(therefore(
            &format!(
                "nothing calls `{name}` of the {} ({}), which takes from `{field}`",
                owner.name,
                place.told(taker)
            ),
            &format!("call `{name}` when the receiver of `{field}` ends{example}"),
        ));
    }
    let ending = context::owner_ending(place, &owner);
    let mut own_cancel = None;
    let done = match &ending {
        _ if let Some(done) = done_of(place, &owner, channel) => done,
        Some(Ending::Method { name, at, .. }) if let Some(context) = context_of(place, &owner, channel) => {
            own_cancel = cancelled_before(place, &owner, channel);
            format!(
                "`<-{context}.Done()`, which {name} of the {} ({}) cancels",
                owner.name,
                place.told(*at)
            )
        }
        Some(Ending::Method { name, at, .. }) => {
            let held = subject.peers.held(subject, subject.goroutine);
            let first = match held::first_taken(place.files, *at, held) {
                Some(lock) => format!(" before `{}` ({})", lock.text(), place.told(lock)),
                None => String::new(),
            };
            format!(
                "a done channel that {name} of the {} ({}) closes{first}",
                owner.name,
                place.told(*at)
            )
        }
        _ if let Some((close, lock)) = closed_under(subject, place, &Var::Field(owner.clone(), field)) => {
            format!(
                "a done channel that {} ({}) closes before `{}` ({})",
                close.func_name(),
                place.told(close),
                lock.text(),
                place.told(lock)
            )
        }
        _ => format!(
            "a done channel that a Close or Stop method of the {} closes",
            owner.name
        ),
    };
    let room = match (has_room || in_loop(&channel), rounds(place, channel)) {
        (true, _) => String::new(),
        (false, None) => format!("give `{field}` room for the value ({}), or ", place.told(made)),
        (false, Some(around)) if is_over_elements(around) => format!(
            "give `{field}` room for each value that the loop sends ({}, loop at {}), or ",
            place.told(made),
            place.told(around)
        ),
        (false, Some(_)) => String::new(),
    };
    let leave = leave(subject, place, channel);
    let too_early = own_cancel.map_or_else(String::new, |cancel: At<'a>| {
        format!(
            "; and call `{}` ({}) only after the send, which it would give up",
            cancel.text(),
            place.told(cancel)
        )
    });
    Some(format!(
        "{room}select the send against {done}, and {leave}{too_early}"
    ))
}

/// Where the function that sends cancels the context of the owner itself before.
fn cancelled_before<'a>(place: &Place<'a>, owner: &TypeName, channel: At<'a>) -> Option<At<'a>> {
    let (_, all) = place.fields_beside(channel)?;
    let (name, _) = all.iter().find(|(_, kind)| kind.text() == "context.CancelFunc")?;
    let calls = flow::calls_of(place.files, &Var::Field(owner.clone(), name)).into_iter();
    let mut own = calls.filter(|call| {
        let before = call.end() <= channel.start() && !call.is_deferred();
        call.func() == channel.func() && before && can_follow(*call, channel)
    });
    own.next()
}

/// The function that alone closes the channel, and what it takes before: a lock that the sender holds.
fn closed_under<'a>(subject: &Subject<'a>, place: &Place<'a>, var: &Var<'a>) -> Option<(At<'a>, At<'a>)> {
    let names = flow::seen_names(place.files, var.clone())?;
    let [close] = flow::ends(place.files, &names, true)[..] else {
        return None;
    };
    let by = close
        .func()
        .filter(|by| by.kind() != "func_literal" && place.is_by_test(close))?;
    let held = subject.peers.held(subject, subject.goroutine);
    let lock = held::first_taken(place.files, by, held)?;
    (lock.func() == Some(by) && lock.end() <= close.start()).then_some((by, lock))
}

/// How to go on once the send is given up: a `return` skips an Unlock that is not deferred.
pub(super) fn leave<'a>(subject: &Subject<'a>, place: &Place<'a>, channel: At<'a>) -> String {
    let func = channel.func();
    let calls = func.map_or(Vec::new(), |func| func.find(&["call_expression"]));
    let gives = |lock: &Lock| {
        let own = calls.iter().filter(|call| call.func() == func);
        let of_it = own.filter(|call| held::gives_back(place.files, **call, lock));
        of_it.copied().collect::<Vec<At<'a>>>()
    };
    let held = subject.peers.held(subject, subject.goroutine).iter();
    let mut kept = held.filter_map(|lock| {
        let gives = gives(lock);
        let later = gives.iter().find(|call| call.start() > channel.end())?;
        (!gives.iter().any(At::is_deferred)).then_some((lock, *later))
    });
    let Some((lock, unlock)) = kept.next() else {
        return match is_of_each(channel) {
            true => "on that go on with the next one",
            false => "return on that",
        }
        .to_owned();
    };
    let taken = calls.iter().find(|call| short(**call) == lock.place);
    let at = taken.map_or_else(|| lock.place.clone(), |call| place.told(*call));
    let around = enclosing_loop(&channel).filter(|around| {
        let heads = around.children();
        !around.contains(&unlock) && heads.iter().any(|head| head.kind() == "range_clause")
    });
    match around {
        Some(_) => format!(
            "go on with the next one: a `return` there would leave `{}` ({at}) locked",
            lock.expr
        ),
        None => format!("unlock `{}` ({at}) and return on that", lock.expr),
    }
}

/// Whether each round of a loop sends to the channel of another element.
fn is_of_each(channel: At<'_>) -> bool {
    let decl = channel.root_of_selector().and_then(local);
    decl.is_some_and(|decl| ranged(decl).is_some() && decl.func() == channel.func())
}

/// Where the channel beside it is closed that lets a send go.
pub(super) fn let_go<'a>(place: &Place<'a>, channel: At<'a>) -> Option<At<'a>> {
    let Var::Field(owner, _) = place.variable(channel)? else {
        return None;
    };
    let (_, all) = place.fields_beside(channel)?;
    Some(done_in(place, &owner, all)?.close)
}

/// The channel beside it in its struct that carries no values, and that is closed where the owner ends.
fn done_of<'a>(place: &Place<'a>, owner: &TypeName, channel: At<'a>) -> Option<String> {
    let (operand, all) = place.fields_beside(channel)?;
    let Done { name, close, by } = done_in(place, owner, all)?;
    Some(format!(
        "`<-{}.{name}`, which {} closes ({})",
        operand.text(),
        by.func_name(),
        place.told(close)
    ))
}

/// A field that is there to be closed.
pub(super) struct Done<'a> {
    pub name: &'a str,
    /// Where it is closed, and the function around.
    pub close: At<'a>,
    pub by: At<'a>,
}

/// The one of these fields that carries no values, and that the test has closed.
pub(super) fn done_in<'a>(
    place: &Place<'a>,
    owner: &TypeName,
    all: Vec<(&'a str, At<'a>)>,
) -> Option<Done<'a>> {
    let found = all.into_iter().filter_map(|(name, kind)| {
        (kind.kind() == "channel_type").then_some(())?;
        let var = Var::Field(owner.clone(), name);
        let closes = flow::arguments_of(place.files, &var, "close");
        let close = closes.into_iter().find(|close| place.is_by_test(*close))?;
        let by = close.top_func()?;
        let is_end = is_ending(by.func_name()) || takes_out(by) || ends_a_loop(place, &var);
        let is_sent = !flow::sends(place.files, &var).is_empty() || is_read(place, &var);
        // What it closes itself, or what waits for it does, comes too late.
        let calls = callers(place.files, by);
        let is_own = !calls.is_empty() && calls.iter().all(|call| vain::comes_after_the_wait(place, *call));
        let is_late = is_own || vain::comes_after_the_wait(place, close) || waits_before(close);
        (is_end && !is_sent && !is_late).then_some((name, close, by))
    });
    let found: Vec<(&str, At<'a>, At<'a>)> = found.collect();
    let [(name, close, by)] = found[..] else {
        return None;
    };
    Some(Done { name, close, by })
}

/// Whether the values of a channel are looked at: whoever else receives from it takes some away.
fn is_read<'a>(place: &Place<'a>, var: &Var<'a>) -> bool {
    let is_read = |at: At<'a>| {
        let outer = at.parent()?;
        let statement = match outer.kind() {
            "range_clause" => outer,
            _ => outer.ancestors().find(|node| node.field("left").is_some())?,
        };
        let is_of_it = statement.field("right").is_some_and(|right| right.contains(&at));
        let names = statement.field("left")?.children();
        let is_dropped = names.len() == 1 && names[0].text() == "_";
        (is_of_it && !is_dropped).then_some(())
    };
    let receives = receiver::receives(place, var).into_iter();
    receives.filter_map(is_read).next().is_some()
}

/// Whether a function waits for others before it closes something.
fn waits_before(close: At<'_>) -> bool {
    let calls = close
        .func()
        .map_or(Vec::new(), |func| func.find(&["call_expression"]));
    let mut waits = calls.iter().filter(|call| called_name(call) == Some("Wait"));
    waits.any(|wait| wait.start() < close.start() || close.is_deferred())
}

/// Whether a function takes something out of a map.
fn takes_out(func: At<'_>) -> bool {
    let calls = func.find(&["call_expression"]);
    calls.iter().any(|call| called_name(call) == Some("delete"))
}

/// Whether a case of a select that receives from a channel leaves an endless loop.
fn ends_a_loop<'a>(place: &Place<'a>, var: &Var<'a>) -> bool {
    let uses = receiver::receives(place, var).into_iter();
    let mut around = uses.filter_map(|at| {
        let mut around = at.ancestors().take_while(|node| !node.is_func());
        around.find(|node| node.kind() == "communication_case")
    });
    around.any(|case| in_endless_loop(&case) && leaves(&case))
}

/// `for _, x := range all`, over what is not a channel as far as the source tells.
fn is_over_elements(around: At<'_>) -> bool {
    let heads = around.children().into_iter();
    let mut over = heads.filter(|head| head.kind() == "range_clause");
    over.any(|clause| {
        clause
            .field("left")
            .is_some_and(|left| left.children().len() == 2)
    })
}

/// The one method that the package starts in a goroutine, of a type that embeds the owner of a channel: with that type and the name
/// of its receiver.
fn runner<'a>(place: &Place<'a>, owner: &TypeName) -> Option<(At<'a>, &'a str, &'a str)> {
    let package = place.files.package(place.file);
    let funcs = package
        .iter()
        .flat_map(|file| file.decls.iter().filter_map(|decl| file.at(&decl.range)));
    let starts = funcs
        .filter(At::is_func)
        .flat_map(|func| func.find(&["go_statement"]));
    let methods = starts.filter_map(|start| own_callee(place.files, start.first()?));
    let mut found: Vec<(At<'a>, &'a str, &'a str)> = methods
        .filter_map(|method| {
            let given = method.field("receiver")?.first()?;
            let (name, kind) = (given.field("name")?, given.field("type")?.bare());
            let body = underlying(place.files, Type::Written(kind))?;
            let embeds = fields(body)
                .into_iter()
                .any(|(field, kind)| field == owner.name && kind.bare().text() == owner.name);
            embeds.then_some((method, kind.text(), name.text()))
        })
        .collect();
    found.dedup();
    match found[..] {
        [one] => Some(one),
        _ => None,
    }
}

/// A method of the owner of a channel that takes from it, and that nothing calls.
fn uncalled_taker<'a>(place: &Place<'a>, var: &Var<'a>, owner: &TypeName) -> Option<At<'a>> {
    let takes = receiver::receives(place, var);
    // One value is taken by whoever wants that.
    let drains = |at: &At<'a>| {
        let mut around = at.ancestors().take_while(|node| !node.is_func());
        around.any(|node| matches!(node.kind(), "select_statement" | "for_statement"))
    };
    let takes: Vec<At<'a>> = takes.into_iter().filter(drains).collect();
    let methods: Vec<At<'a>> = takes.iter().filter_map(At::func).collect();
    let is_own = |func: &At<'a>| {
        func.kind() == "method_declaration" && ending::receiver(*func).as_ref() == Some(&owner.name)
    };
    let is_uncalled = |func: &At<'a>| {
        callers(place.files, *func).is_empty()
            && handed_on(place.files, *func).is_empty()
            && !place.is_by_test(*func)
    };
    let first = *methods.first()?;
    let is_one = methods.iter().all(|func| *func == first);
    (is_one && is_own(&first) && is_uncalled(&first)).then_some(first)
}

/// The context beside a channel in its struct, whose cancel function a method that ends the struct calls.
fn context_of<'a>(place: &Place<'a>, owner: &TypeName, channel: At<'a>) -> Option<String> {
    let (operand, all) = place.fields_beside(channel)?;
    let named = |wanted: &str| {
        let mut found = all.iter().filter(|(_, kind)| kind.text() == wanted);
        found
            .next()
            .map(|(name, _)| *name)
            .filter(|_| found.next().is_none())
    };
    let (context, cancel) = (named("context.Context")?, named("context.CancelFunc")?);
    let calls = flow::calls_of(place.files, &Var::Field(owner.clone(), cancel));
    let ends = calls
        .iter()
        .any(|call| call.top_func().is_some_and(|func| is_ending(func.func_name())));
    ends.then(|| format!("{}.{context}", operand.text()))
}
