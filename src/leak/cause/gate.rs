//! A function that returns with a lock held: who has to unlock it.

use super::held::{self, GIVES};
use super::kept::{self, Kept};
use super::place::Place;
use crate::go_source::calls::{callers, callers_from, operand_of};
use crate::go_source::order::can_follow;
use crate::go_source::{At, Var, flow};

/// Calls that are named at most.
const MOST: usize = 3;

/// How a function keeps a lock that it does not give back, in words, and what to do.
pub(super) fn told<'a>(place: &Place<'a>, kept: &Kept<'a>) -> (&'static str, String) {
    let (func, lock) = (kept.func, &kept.lock);
    let name = &lock.func;
    if let Some(back) = returned(place, kept) {
        let fix = format!(
            "call the function that {name} returns ({}), on every path: it unlocks",
            place.told(back)
        );
        return (FOR_CALLER, fix);
    }
    let given = kept::given_back_by(place.files, lock, place.file);
    if let Some(fix) = by_callers(place, func, name, &given) {
        return (FOR_CALLER, fix);
    }
    let mut others: Vec<&str> = given.iter().map(|(other, _)| other.as_str()).collect();
    others.dedup();
    let fix = match &given[..] {
        [] if is_all(kept) => format!(
            "{name} only locks it, and nothing unlocks it: let its callers unlock it when their work is done"
        ),
        [] => kept::unlock_on_every_path(place.files, lock, Some(func)),
        [(other, unlock)] => format!(
            "call {other}, which unlocks it ({}), on every path after {name}",
            place.told(*unlock)
        ),
        _ => format!(
            "call {}, which unlock it, on every path after {name}",
            others.join(" or ")
        ),
    };
    (NEVER, fix)
}

const FOR_CALLER: &str = "for its caller to unlock";
const NEVER: &str = "and never unlocks";

/// `return l.mu.Unlock`, `return func() { l.mu.Unlock() }`.
fn returned<'a>(place: &Place<'a>, kept: &Kept<'a>) -> Option<At<'a>> {
    let named = GIVES
        .into_iter()
        .flat_map(|name| kept.func.file.named_within(name, &kept.func.bytes()));
    let selectors = named.filter_map(|name| name.parent().filter(|outer| outer.field("field") == Some(name)));
    let mut gives = selectors.filter(|selector| {
        let operand = selector.field("operand");
        let key = operand.and_then(|operand| held::key(place.files, operand, &Default::default()));
        key.as_ref() == Some(&kept.lock.key)
    });
    gives.find_map(|give| {
        let mut around = give.ancestors().take_while(|node| *node != kept.func);
        around.find(|node| node.kind() == "return_statement")
    })
}

/// What to do where callers of the function unlock what it has locked.
fn by_callers<'a>(place: &Place<'a>, func: At<'a>, name: &str, given: &[(String, At<'a>)]) -> Option<String> {
    let all = callers(place.files, func);
    let calls_it = |unlock: &At<'a>| {
        let by = unlock.top_func();
        all.iter()
            .find(|call| call.top_func() == by && can_follow(**call, *unlock))
            .copied()
    };
    let (unlock, _) = given
        .iter()
        .find_map(|(_, unlock)| Some((*unlock, calls_it(unlock)?)))?;
    let unlocked = |call: &At<'a>| {
        let things = things(place, *call);
        given.iter().any(|(_, unlock)| {
            thing(place, *unlock).is_some_and(|of| things.contains(&of)) && can_follow(*call, *unlock)
        })
    };
    let as_there = format!("as `{}` ({}) does", unlock.text(), place.told(unlock));
    let left: Vec<At<'a>> = callers_from(place.files, func, place.calls.test)
        .into_iter()
        .filter(|call| !things(place, *call).is_empty() && !unlocked(call))
        .collect();
    Some(match &left[..] {
        [] => format!("unlock it on every path after {name}, {as_there}"),
        [call] => format!(
            "unlock it after the call of {name} at {} too, {as_there} for another one",
            place.told(*call)
        ),
        many => {
            let places: Vec<String> = many.iter().take(MOST).map(|call| place.told(*call)).collect();
            format!(
                "unlock it after each call of {name} ({}) too, {as_there} for another one",
                places.join(", ")
            )
        }
    })
}

/// What a call is made on, and the variable that its result goes to.
fn things<'a>(place: &Place<'a>, call: At<'a>) -> Vec<Var<'a>> {
    let given = flow::beside(place.files, call, 0).into_iter();
    given.chain(thing(place, call)).collect()
}

/// What a call is made on: `s` of `s.mu.Unlock()`.
fn thing<'a>(place: &Place<'a>, call: At<'a>) -> Option<Var<'a>> {
    place.variable(operand_of(call)?.root_of_selector()?)
}

/// Whether a function does nothing after it has taken the lock.
fn is_all(kept: &Kept<'_>) -> bool {
    let statements = kept.func.field("body").and_then(|body| body.first());
    let statements = statements.map_or(Vec::new(), |list| list.children());
    let mut after = statements
        .iter()
        .filter(|statement| statement.start() > kept.call.end());
    after.all(|statement| statement.kind() == "return_statement")
}
