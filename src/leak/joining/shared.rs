//! Goroutines that one object or one call holds together.

use super::tie::Tie;
use super::traits::{entry, is_of_a_test, waits_to_be_told};
use super::{JoinedBy, Scene};
use crate::goroutine::{GoroutineId, Location};
use crate::leak::{TestName, Verdict};
use indexmap::IndexMap;
use rustc_hash::FxHashMap;

/// Goroutines, and what holds them together.
pub(super) type Bonds = Vec<(Vec<usize>, Tie)>;

type Side<'a> = (&'a [TestName], Verdict);

/// Finds them.
pub(super) fn find(scene: &Scene<'_>) -> Bonds {
    let mut objects: IndexMap<(Side<'_>, String, u64), Vec<usize>> = IndexMap::new();
    let mut calls: IndexMap<(Side<'_>, Call<'_>), Vec<usize>> = IndexMap::new();
    for node in 0..scene.nodes.len() {
        let group = scene.group(node);
        // What waits for something else than to be told has a mistake of its own.
        if group.has_own_line() && !waits_to_be_told(group) {
            continue;
        }
        let object = object(scene, node);
        if let Some((of, address)) = object {
            objects
                .entry((scene.side(node), of, address))
                .or_default()
                .push(node);
        }
        if let Some(call) = call(scene, node) {
            calls.entry((scene.side(node), call)).or_default().push(node);
        }
    }
    let of_object = || Tie::new(JoinedBy::Object, "works on the same object as {}");
    let of_call = || Tie::new(JoinedBy::Call, "made by the same call as {}");
    let objects = objects.into_values().map(|nodes| (nodes, of_object()));
    let calls = calls
        .into_values()
        .filter(|nodes| is_one_call(scene, nodes))
        .map(|nodes| (nodes, of_call()));
    objects
        .chain(calls)
        .filter(|(nodes, _)| nodes.len() > 1)
        .collect()
}

/// The receiver of the function that the goroutine runs: its type, and where it is.
fn object(scene: &Scene<'_>, node: usize) -> Option<(String, u64)> {
    let group = scene.group(node);
    let entry = entry(group)?;
    // The first argument of a closure is no receiver.
    let func = group.stack[entry].func.as_str();
    let (of, _) = func
        .rsplit_once(").")
        .filter(|(_, method)| !method.contains('.'))?;
    let object = scene
        .instance(node)
        .objects
        .iter()
        .find(|object| object.frame == entry)?;
    Some((of.to_owned(), object.address))
}

/// One call, as far as the evidence tells calls apart.
#[derive(PartialEq, Eq, Hash)]
struct Call<'a> {
    by: GoroutineId,
    func: &'a str,
    led_to_by: Option<&'a Location>,
    is_own: bool,
}

/// The call that made a goroutine, unless that is a test itself.
fn call<'a>(scene: &Scene<'a>, node: usize) -> Option<Call<'a>> {
    let group = scene.group(node);
    let func = group.created.as_ref()?.func.as_str();
    let by = scene.instance(node).parent?;
    let call = || Call {
        by,
        func,
        led_to_by: group.led_to_by.as_ref().map(|led| &led.at.at),
        is_own: group.has_own_line(),
    };
    (!is_of_a_test(group, func)).then(call)
}

/// Whether one call made them all: some stack is there once. Of two calls nothing says which made which.
fn is_one_call(scene: &Scene<'_>, nodes: &[usize]) -> bool {
    let mut times: FxHashMap<usize, usize> = FxHashMap::default();
    for &node in nodes {
        *times.entry(scene.nodes[node].group).or_default() += 1;
    }
    times.values().any(|&times| times == 1)
}
