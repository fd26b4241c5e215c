//! Goroutines → leaks: which of them hang on which, by evidence, so that one thing to change is one leak. Pure; unsure
//! means apart.
//!
//! 1. `holders`: goroutines whose end would end another: what it waits for, the server at the other end of its
//!    connection, who started it and is still there.
//! 2. `shared`: goroutines that one object, or one call, holds together, without saying which of them comes first.
//! 3. `forest`: every goroutine follows its holders up to a root; roots that are held together become one.

mod forest;
mod holders;
#[cfg(test)]
mod pipelines;
mod shared;
#[cfg(test)]
mod tests;
mod tie;
mod traits;

use super::{Group, Instance, Joined, JoinedBy, Leak, Member, TestName, Verdict};
use crate::goroutine::GoroutineId;
use indexmap::IndexMap;
use rustc_hash::FxHashMap;
use traits::Traits;

/// Ids that a group lists.
const MAX_IDS: usize = 20;

/// One goroutine, by where it is among the groups.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
struct Node {
    group: usize,
    instance: usize,
}

/// All goroutines, by what they are looked up with. A goroutine has the number of its place in `nodes`.
struct Scene<'a> {
    groups: &'a [Group],
    traits: Vec<Traits>,
    nodes: Vec<Node>,
    by_id: FxHashMap<GoroutineId, usize>,
}

impl<'a> Scene<'a> {
    fn new(groups: &'a [Group]) -> Self {
        let nodes: Vec<Node> = groups
            .iter()
            .enumerate()
            .flat_map(|(group, it)| (0..it.instances.len()).map(move |instance| Node { group, instance }))
            .collect();
        let mut scene = Self {
            groups,
            traits: groups.iter().map(Traits::of).collect(),
            by_id: FxHashMap::default(),
            nodes,
        };
        scene.by_id = (0..scene.nodes.len())
            .map(|node| (scene.instance(node).id, node))
            .collect();
        scene
    }

    fn group(&self, node: usize) -> &'a Group {
        &self.groups[self.nodes[node].group]
    }

    fn traits(&self, node: usize) -> &Traits {
        &self.traits[self.nodes[node].group]
    }

    fn instance(&self, node: usize) -> &'a Instance {
        &self.group(node).instances[self.nodes[node].instance]
    }

    /// Only what is blamed on the same tests, with the same verdict, is ever joined.
    fn side(&self, node: usize) -> (&'a [TestName], Verdict) {
        let group = self.group(node);
        (&group.tests, group.verdict)
    }

    fn may_join(&self, a: usize, b: usize) -> bool {
        a != b && self.side(a) == self.side(b)
    }
}

/// Joins the groups of one process to leaks, in the order of their roots.
pub fn join(groups: Vec<Group>) -> Vec<Leak> {
    let scene = Scene::new(&groups);
    if scene.nodes.len() < 2 {
        return groups.into_iter().map(Leak::alone).collect();
    }
    let up = forest::grow(&scene, &holders::find(&scene), &shared::find(&scene));
    let mut trees: IndexMap<usize, Tree> = IndexMap::new();
    for (at, group) in groups.iter().enumerate() {
        // A group that was read from a report has no instances, and hangs on nothing.
        if group.instances.is_empty() {
            trees.entry(at).or_default();
        }
    }
    for node in 0..scene.nodes.len() {
        let (root, tie) = up.root_of(node);
        let (own, of) = (scene.nodes[node], scene.nodes[root].group);
        let tree = trees.entry(of).or_default();
        match tie.filter(|_| own.group != of) {
            None => tree.root.push(own.instance),
            Some(tie) => tree
                .members
                .entry(own.group)
                .or_insert_with(|| Branch {
                    tie,
                    to: scene.nodes[up.holder_outside(node, &scene)].group,
                    instances: Vec::new(),
                })
                .instances
                .push(own.instance),
        }
    }
    trees.sort_unstable_keys();
    trees
        .into_iter()
        .map(|(root, tree)| tree.leak(root, &groups))
        .collect()
}

/// What hangs on one group, before it is written out.
#[derive(Default)]
struct Tree {
    root: Vec<usize>,
    members: IndexMap<usize, Branch>,
}

struct Branch {
    tie: tie::Tie,
    /// The group that it hangs on.
    to: usize,
    instances: Vec<usize>,
}

impl Tree {
    fn leak(mut self, root: usize, groups: &[Group]) -> Leak {
        self.members.sort_unstable_keys();
        let place = |group: usize| self.members.get_index_of(&group).map_or(0, |at| at + 1);
        let members = self
            .members
            .iter()
            .map(|(&group, branch)| {
                let to = place(branch.to);
                let name = &groups[branch.to].owner;
                Member {
                    group: part(&groups[group], &branch.instances),
                    joined: Joined {
                        by: branch.tie.by(),
                        to,
                        words: branch.tie.words(name),
                    },
                }
            })
            .collect();
        let root = part(&groups[root], &self.root);
        Leak {
            members,
            ..Leak::alone(root)
        }
    }
}

/// The goroutines of a group that belong to one leak.
fn part(group: &Group, instances: &[usize]) -> Group {
    if group.instances.len() == instances.len() {
        return group.clone();
    }
    let instances: Vec<Instance> = instances.iter().map(|&at| group.instances[at].clone()).collect();
    Group {
        count: instances.len() as u64,
        ids: instances.iter().take(MAX_IDS).map(|one| one.id).collect(),
        instances,
        ..group.clone()
    }
}
