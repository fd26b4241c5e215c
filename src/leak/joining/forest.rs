//! Follows holders up to roots, and makes one of the roots that are held together.

use super::holders::{Holders, is_stuck_test};
use super::shared::Bonds;
use super::tie::Tie;
use super::traits::rank;
use super::{JoinedBy, Scene};
use crate::leak::{WaitsBecause, registry};
use indexmap::IndexMap;
use rustc_hash::FxHashMap;

/// What each goroutine hangs on; roots hang on nothing.
pub(super) struct Forest {
    up: Vec<Option<(usize, Tie)>>,
}

/// Makes the forest.
pub(super) fn grow(scene: &Scene<'_>, holders: &Holders, bonds: &Bonds) -> Forest {
    let mut forest = Forest {
        up: holders.of.clone(),
    };
    forest.break_cycles(scene);
    for &(test, whom) in &holders.of_stuck {
        forest.hang(scene, whom, test);
    }
    for (nodes, tie) in bonds {
        // What waits for another one ends with that, whatever else it has in common with others.
        let free = |node: &usize| {
            holders.of[*node]
                .as_ref()
                .is_none_or(|(_, tie)| tie.by() == JoinedBy::Starter)
                || forest.up[*node].is_none()
        };
        let nodes: Vec<usize> = nodes.iter().copied().filter(free).collect();
        forest.bind(scene, &nodes, tie);
    }
    for nodes in same(scene, &forest) {
        forest.bind(
            scene,
            &nodes,
            &Tie::new(JoinedBy::Same, "is the same leak as {}, at another line"),
        );
    }
    for nodes in of_one_fix(scene, &forest, true) {
        forest.bind(
            scene,
            &nodes,
            &Tie::new(JoinedBy::Same, "is the same leak as {}, from another call"),
        );
    }
    for nodes in of_one_fix(scene, &forest, false) {
        forest.bind(scene, &nodes, &Tie::new(JoinedBy::Call, "ends with what ends {}"));
    }
    forest
}

/// Roots that one change ends: with one fingerprint and all the same words, whichever calls led to them; or started by what one call
/// has made, with one and the same fix, which names that.
fn of_one_fix(scene: &Scene<'_>, forest: &Forest, is_same: bool) -> Vec<Vec<usize>> {
    let mut roots: IndexMap<_, Vec<usize>> = IndexMap::new();
    for node in (0..scene.nodes.len()).filter(|node| forest.up[*node].is_none()) {
        let group = scene.group(node);
        let cause = &group.cause;
        let is_general = cause.fix == registry::entry(cause.code).fix;
        let of_call = cause.fix.contains(MADE_AT);
        if is_general || !is_same && !of_call {
            continue;
        }
        let same = is_same.then_some((&group.fingerprint, group.evidenced, &cause.waits_for));
        let key = (scene.side(node), &cause.fix, same);
        roots.entry(key).or_default().push(node);
    }
    roots.into_values().collect()
}

/// How a fix names what it ends.
const MADE_AT: &str = "`, made at ";

/// Roots of one fingerprint that one mistake has left: one call or `go` statement led to them, and they wait at several lines; or
/// they wait in a circle, whichever of them came first.
fn same(scene: &Scene<'_>, forest: &Forest) -> Vec<Vec<usize>> {
    let mut roots: IndexMap<_, Vec<usize>> = IndexMap::new();
    for node in (0..scene.nodes.len()).filter(|node| forest.up[*node].is_none()) {
        let group = scene.group(node);
        let mut waits = group.cause.waits_for_goroutines.iter();
        let of = match waits.any(|wait| wait.reason == WaitsBecause::Cycle) {
            true => None,
            false => match group
                .led_to_by
                .as_ref()
                .map(|led| &led.at)
                .or(group.started_at.as_ref())
            {
                Some(spot) => Some(&spot.at),
                None => continue,
            },
        };
        let key = (scene.side(node), &group.fingerprint, group.evidenced, of);
        roots.entry(key).or_default().push(node);
    }
    roots.into_values().collect()
}

impl Forest {
    /// The root of a goroutine, and its own tie; no tie for a root.
    pub(super) fn root_of(&self, node: usize) -> (usize, Option<Tie>) {
        let mut at = node;
        while let Some((next, _)) = &self.up[at] {
            at = *next;
        }
        (at, self.up[node].as_ref().map(|(_, tie)| tie.clone()))
    }

    /// The first holder above that is of another group.
    pub(super) fn holder_outside(&self, node: usize, scene: &Scene<'_>) -> usize {
        let own = scene.nodes[node].group;
        let mut at = node;
        while let Some((next, _)) = &self.up[at] {
            at = *next;
            if scene.nodes[at].group != own {
                break;
            }
        }
        at
    }

    /// Of goroutines that wait for each other in a circle, the one to be told first hangs on nothing.
    fn break_cycles(&mut self, scene: &Scene<'_>) {
        let mut seen = vec![0; self.up.len()];
        for start in 0..self.up.len() {
            let (mut at, round) = (start, start + 1);
            while seen[at] == 0 {
                seen[at] = round;
                match &self.up[at] {
                    Some((next, _)) => at = *next,
                    None => break,
                }
            }
            if seen[at] != round || self.up[at].is_none() {
                continue;
            }
            let mut circle = vec![at];
            let mut next = self.up[at].as_ref().map(|(next, _)| *next);
            while let Some(node) = next.filter(|node| *node != at) {
                circle.push(node);
                next = self.up[node].as_ref().map(|(next, _)| *next);
            }
            if let Some(first) = first_of(scene, &circle) {
                self.up[first] = None;
            }
        }
    }

    /// Hangs what a stuck test waits for, with all that this waits for in turn, on the test.
    fn hang(&mut self, scene: &Scene<'_>, whom: usize, test: usize) {
        let (root, _) = self.root_of(whom);
        if !is_stuck_test(scene.group(root)) && scene.may_join(root, test) {
            let words = "is what {} waits for, or holds that up";
            self.up[root] = Some((test, Tie::new(JoinedBy::Wait, words)));
        }
    }

    /// Makes the roots of these goroutines one tree.
    fn bind(&mut self, scene: &Scene<'_>, nodes: &[usize], tie: &Tie) {
        let mut roots: Vec<usize> = nodes.iter().map(|&node| self.root_of(node).0).collect();
        roots.sort_unstable();
        roots.dedup();
        let Some(first) = first_of(scene, &roots) else {
            return;
        };
        for root in roots {
            if root != first && scene.may_join(root, first) {
                self.up[root] = Some((first, tie.clone()));
            }
        }
    }
}

fn first_of(scene: &Scene<'_>, nodes: &[usize]) -> Option<usize> {
    // The first of a group is enough.
    let mut firsts: FxHashMap<usize, usize> = FxHashMap::default();
    for &node in nodes {
        let first = firsts.entry(scene.nodes[node].group).or_insert(node);
        if scene.nodes[node] < scene.nodes[*first] {
            *first = node;
        }
    }
    let key = |&node: &usize| (rank(scene.group(node), scene.traits(node)), scene.nodes[node]);
    firsts.into_values().min_by_key(key)
}
