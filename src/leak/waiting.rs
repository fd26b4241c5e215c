//! What no test has started, and what waits for a goroutine that a test has left: a finalizer, a goroutine of TestMain.
//!
//! It ends when that does, so that it belongs to the same test.

use super::attribution::By;
use super::{Group, Verdict};
use crate::goroutine::GoroutineId;
use rustc_hash::FxHashMap;

/// Ties groups without a test to the one test of all that they wait for.
pub(super) fn tie(groups: &mut [Group]) {
    let mut of: FxHashMap<GoroutineId, usize> = FxHashMap::default();
    for (at, group) in groups
        .iter()
        .enumerate()
        .filter(|(_, group)| group.tests.len() == 1)
    {
        of.extend(group.instances.iter().map(|instance| (instance.id, at)));
    }
    for at in 0..groups.len() {
        let group = &groups[at];
        if !group.tests.is_empty() || group.verdict != Verdict::Leaked {
            continue;
        }
        let waits = &group.cause.waits_for_goroutines;
        let mut whom = waits.iter().flat_map(|wait| &wait.goroutines).copied();
        let Some(goroutine) = whom.next() else { continue };
        let Some(tests) = of.get(&goroutine).map(|&holder| groups[holder].tests.clone()) else {
            continue;
        };
        if !whom.all(|other| {
            of.get(&other)
                .is_some_and(|&holder| groups[holder].tests == tests)
        }) {
            continue;
        }
        let by = By::WaitsFor { goroutine };
        let group = &mut groups[at];
        group.attribution = by.attribution(tests.len());
        (group.tests, group.attributed_by) = (tests, by);
    }
}
