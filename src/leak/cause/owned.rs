//! A send to a channel in a field: what its owner has to let the sender go.

use super::context;
use super::ending::{self, Ending};
use super::loops::{in_loop, rounds};
use super::names::is_ending;
use super::place::Place;
use super::receiver;
use crate::go_source::calls::{called_name, callers, handed_on};
use crate::go_source::types::{fields, spec, type_of};
use crate::go_source::{At, TypeName, Var, flow};

/// What to do about a send to a channel in a field: the owner's end is the end of it.
pub(super) fn against<'a>(place: &Place<'a>, channel: At<'a>, has_room: bool) -> Option<String> {
    let Var::Field(owner, field) = place.variable(channel)? else {
        return None;
    };
    let values = place.values(channel);
    let [made] = &values[..] else { return None };
    let made = Some(made.expr).filter(|made| called_name(made) == Some("make"))?;
    if let Some(taker) = uncalled_taker(place, &Var::Field(owner.clone(), field), &owner) {
        return Some(format!(
            "call `{}` of the {} ({}), which takes from `{field}`, when its receiver ends: nothing calls it",
            taker.func_name(),
            owner.name,
            place.told(taker)
        ));
    }
    let ending = context::owner_ending(place, &owner);
    let done = match &ending {
        Some(Ending::Method { name, at, .. }) if let Some(context) = context_of(place, &owner, channel) => {
            format!(
                "`<-{context}.Done()`, which {name} of the {} ({}) cancels",
                owner.name,
                place.told(*at)
            )
        }
        Some(Ending::Method { name, at, .. }) => {
            format!(
                "a done channel that {name} of the {} ({}) closes",
                owner.name,
                place.told(*at)
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
    Some(format!(
        "{room}select the send against {done}, and return on that"
    ))
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
    let operand = channel.bare().field("operand")?;
    let kind = type_of(place.files, operand)?;
    let body = spec(place.files, &kind)?.field("type")?;
    let all = fields(body);
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
