//! Goroutines whose end would end another one: the strongest evidence for each.

use super::tie::Tie;
use super::traits::runs_own_code;
use super::{JoinedBy, Scene};
use crate::goroutine::name;
use crate::leak::{CauseCode, Group, TestName, Verdict, WaitsBecause};
use rustc_hash::{FxHashMap, FxHashSet};

/// By number of the goroutine.
pub(super) type Holders = Vec<Option<(usize, Tie)>>;

/// Finds what holds each goroutine.
pub(super) fn find(scene: &Scene<'_>) -> Holders {
    let connections = Connections::new(scene);
    let waits = Waits::new(scene);
    (0..scene.nodes.len())
        .map(|node| {
            waits
                .of(scene, node)
                .or_else(|| connections.of(scene, node))
                .or_else(|| starter(scene, node, &waits))
        })
        .collect()
}

/// Who waits for whom.
struct Waits {
    /// (who waits, for whom)
    pairs: FxHashSet<(usize, usize)>,
    first: FxHashMap<usize, usize>,
}

impl Waits {
    fn new(scene: &Scene<'_>) -> Self {
        let mut waits = Self {
            pairs: FxHashSet::default(),
            first: FxHashMap::default(),
        };
        for node in 0..scene.nodes.len() {
            for wait in &scene.group(node).cause.waits_for_goroutines {
                // Of a circle, none is before the others.
                if wait.reason == WaitsBecause::Cycle {
                    continue;
                }
                let whom = wait.goroutines.iter().filter_map(|id| scene.by_id.get(id));
                for &whom in whom.filter(|&&whom| scene.may_join(node, whom)) {
                    waits.add(node, whom);
                }
            }
        }
        // Without knowing whose Done is missing, it is one of those that it has started.
        let of_group = |group: &Group| {
            let mut known = group.cause.waits_for_goroutines.iter();
            group.cause.code == CauseCode::WaitGroup
                && !known.any(|wait| wait.reason == WaitsBecause::WaitGroup)
        };
        for child in 0..scene.nodes.len() {
            let parent = scene.instance(child).parent.and_then(|id| scene.by_id.get(&id));
            if let Some(&parent) = parent.filter(|&&parent| scene.may_join(parent, child))
                && of_group(scene.group(parent))
            {
                waits.add(parent, child);
            }
        }
        waits
    }

    fn add(&mut self, who: usize, whom: usize) {
        self.pairs.insert((who, whom));
        self.first.entry(who).or_insert(whom);
    }

    fn of(&self, _scene: &Scene<'_>, node: usize) -> Option<(usize, Tie)> {
        let whom = *self.first.get(&node)?;
        Some((whom, Tie::new(JoinedBy::Wait, "waits for {}")))
    }

    fn has(&self, who: usize, whom: usize) -> bool {
        self.pairs.contains(&(who, whom))
    }
}

/// The goroutine that started it, if that is still there. A library that calls the user's code is not to blame for what the
/// user's code starts.
fn starter(scene: &Scene<'_>, node: usize, waits: &Waits) -> Option<(usize, Tie)> {
    let parent = *scene.by_id.get(&scene.instance(node).parent?)?;
    let (child, starter) = (scene.group(node), scene.group(parent));
    let calls_back = !starter.has_own_line() && child.has_own_line();
    let in_callback = runs_own_code(child) && !is_own_entry(child) && !is_own_entry(starter);
    let apart = !scene.may_join(node, parent) || calls_back || in_callback || waits.has(parent, node);
    (!apart).then(|| {
        (
            parent,
            Tie::new(JoinedBy::Starter, "started by {}, which is still there"),
        )
    })
}

fn is_own_entry(group: &Group) -> bool {
    super::traits::entry(group).is_some_and(|entry| group.own_frames.contains(&entry))
}

/// Both ends of HTTP connections.
struct Connections<'a> {
    /// Servers that still accept, by side.
    servers: FxHashMap<(&'a [TestName], Verdict), usize>,
    /// Client connections whose response body is open.
    bodies: FxHashMap<(&'a [TestName], Verdict), usize>,
    /// Server ends that are idle, how many.
    idle_ends: FxHashMap<(&'a [TestName], Verdict), usize>,
}

/// Loops of an HTTP client's connection.
const CLIENT_LOOPS: [&str; 2] = [
    "net/http.(*persistConn).readLoop",
    "net/http.(*persistConn).writeLoop",
];
/// A server's end of a connection.
const SERVER_END: &str = "net/http.(*conn).serve";

impl<'a> Connections<'a> {
    fn new(scene: &Scene<'a>) -> Self {
        let mut connections = Self {
            servers: FxHashMap::default(),
            bodies: FxHashMap::default(),
            idle_ends: FxHashMap::default(),
        };
        for node in 0..scene.nodes.len() {
            let (group, side) = (scene.group(node), scene.side(node));
            let entry = name::normal(group.owner.as_str());
            match group.cause.code {
                CauseCode::ServerNotClosed if entry == SERVER_END => {
                    *connections.idle_ends.entry(side).or_default() += 1;
                }
                CauseCode::ServerNotClosed if !runs_own_code(group) => {
                    connections.servers.entry(side).or_insert(node);
                }
                CauseCode::HttpBodyNotClosed if entry == CLIENT_LOOPS[0] => {
                    connections.bodies.entry(side).or_insert(node);
                }
                _ => {}
            }
        }
        connections
    }

    fn of(&self, scene: &Scene<'a>, node: usize) -> Option<(usize, Tie)> {
        let (group, side) = (scene.group(node), scene.side(node));
        let entry = name::normal(group.owner.as_str());
        if CLIENT_LOOPS.contains(&&*entry) && group.cause.code == CauseCode::HttpIdleConnection {
            let server = *self.servers.get(&side)?;
            self.idle_ends.get(&side)?;
            let words = "the client's end of an idle connection to the server of {}";
            return Some((server, Tie::new(JoinedBy::Connection, words)));
        }
        let orphan = entry == SERVER_END
            && !runs_own_code(group)
            && scene
                .instance(node)
                .parent
                .is_none_or(|id| !scene.by_id.contains_key(&id));
        let body = *self.bodies.get(&side).filter(|_| orphan)?;
        let words = "the server's end of the connection whose body is not closed";
        Some((body, Tie::new(JoinedBy::Connection, words)))
    }
}
