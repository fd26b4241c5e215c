//! Goroutines whose end would end another one: the strongest evidence for each.

use super::tie::Tie;
use super::traits::runs_own_code;
use super::{JoinedBy, Scene};
use crate::leak::{CauseCode, Group, TestName, Verdict, WaitsBecause};
use rustc_hash::{FxHashMap, FxHashSet};

/// What holds each goroutine.
pub(super) struct Holders {
    /// By number of the goroutine.
    pub(super) of: Vec<Option<(usize, Tie)>>,
    /// Each stuck test, and what it waits for itself.
    pub(super) of_stuck: Vec<(usize, usize)>,
}

/// Finds what holds each goroutine.
pub(super) fn find(scene: &Scene<'_>) -> Holders {
    let connections = Connections::new(scene);
    let waits = Waits::new(scene);
    let of_test = |(who, _): &&(usize, usize)| is_stuck_test(scene.group(*who));
    let mut of_stuck: Vec<(usize, usize)> = waits.pairs.iter().filter(of_test).copied().collect();
    of_stuck.sort_unstable();
    let of = (0..scene.nodes.len())
        .map(|node| {
            // A stuck test comes before all that hangs on it.
            if is_stuck_test(scene.group(node)) {
                return None;
            }
            waits
                .of(node)
                .or_else(|| connections.of(scene, node))
                .or_else(|| starter(scene, node, &waits))
        })
        .collect();
    Holders { of, of_stuck }
}

/// Who waits for whom.
struct Waits {
    /// (who waits, for whom)
    pairs: FxHashSet<(usize, usize)>,
    first: FxHashMap<usize, (usize, Tie)>,
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
                    waits.add(node, whom, tie_of(wait.reason));
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
                waits.add(parent, child, tie_of(WaitsBecause::WaitGroup));
            }
        }
        waits
    }

    fn add(&mut self, who: usize, whom: usize, tie: Tie) {
        self.pairs.insert((who, whom));
        self.first.entry(who).or_insert((whom, tie));
    }

    fn of(&self, node: usize) -> Option<(usize, Tie)> {
        self.first.get(&node).cloned()
    }

    fn has(&self, who: usize, whom: usize) -> bool {
        self.pairs.contains(&(who, whom))
    }
}

/// Why one waits for another, as a tie.
fn tie_of(reason: WaitsBecause) -> Tie {
    use WaitsBecause::{
        Connection, Copies, Cycle, Group, Handler, HoldsLock, OtherEnd, Process, RunsOnce, SameKey,
        WaitGroup, Wakes,
    };
    let words = match reason {
        Connection => return Tie::new(JoinedBy::Connection, "has the other end of the connection of {}"),
        Process => "reads or writes for the process that {} waits for",
        HoldsLock => "waits for a lock that {} holds",
        RunsOnce => "waits for the sync.Once whose function {} runs",
        Handler => "waits for the answer of {}",
        WaitGroup => "waits in a WaitGroup for {}",
        Copies => "waits for {}, which copies for the same process",
        SameKey => "waits for the same work as {} does",
        Wakes => "waits for {} to wake it through its sync.Cond",
        OtherEnd => "waits for {} at the other end of its channel",
        Group | Cycle => "waits for {}",
    };
    Tie::new(JoinedBy::Wait, words)
}

/// The goroutine that started it, if that is still there. A library that calls the user's code is not to blame for what the
/// user's code starts.
fn starter(scene: &Scene<'_>, node: usize, waits: &Waits) -> Option<(usize, Tie)> {
    let parent = *scene.by_id.get(&scene.instance(node).parent?)?;
    let (child, starter) = (scene.group(node), scene.group(parent));
    let calls_back = !starter.has_own_line() && child.has_own_line();
    let in_callback = runs_own_code(child) && !is_own_entry(scene, node) && !is_own_entry(scene, parent);
    let of_test = is_stuck_test(starter);
    let apart = !of_test && (calls_back || in_callback || waits.has(parent, node));
    (scene.may_join(node, parent) && !apart).then(|| {
        (
            parent,
            Tie::new(JoinedBy::Starter, "started by {}, which is still there"),
        )
    })
}

/// The goroutine in which a test is stuck.
pub(super) fn is_stuck_test(group: &Group) -> bool {
    group.stuck.as_ref().is_some_and(|stuck| stuck.is_test_goroutine)
}

fn is_own_entry(scene: &Scene<'_>, node: usize) -> bool {
    let entry = scene.traits(node).entry;
    entry.is_some_and(|entry| scene.group(node).own_frames.contains(&entry))
}

/// Both ends of HTTP connections.
struct Connections<'a> {
    /// Servers that still accept, by side.
    servers: FxHashMap<(&'a [TestName], Verdict), usize>,
    /// Client connections whose response body is open.
    bodies: FxHashMap<(&'a [TestName], Verdict), usize>,
    /// Server ends that are idle, how many.
    idle_ends: FxHashMap<(&'a [TestName], Verdict), usize>,
    /// Goroutines that wait for the answer to a request.
    requests: FxHashMap<(&'a [TestName], Verdict), Vec<usize>>,
}

/// Waits for the answer to a request on a connection.
const ROUND_TRIP: &str = "net/http.(*persistConn).roundTrip";

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
            requests: FxHashMap::default(),
        };
        for node in 0..scene.nodes.len() {
            let (group, side) = (scene.group(node), scene.side(node));
            let entry = scene.traits(node).owner.as_str();
            if group.stack.iter().any(|frame| frame.func.as_str() == ROUND_TRIP) {
                connections.requests.entry(side).or_default().push(node);
            }
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
        let entry = scene.traits(node).owner.as_str();
        if CLIENT_LOOPS.contains(&entry) && group.cause.code == CauseCode::HttpIdleConnection {
            let server = *self.servers.get(&side)?;
            self.idle_ends.get(&side)?;
            let words = "the client's end of an idle connection to the server of {}";
            return Some((server, Tie::new(JoinedBy::Connection, words)));
        }
        if CLIENT_LOOPS.contains(&entry) && group.cause.code == CauseCode::NetworkIo {
            // The object that both show says which request; else it is the only kind there is.
            let requests = self.requests.get(&side)?;
            let one = *requests.first()?;
            let same = |node: &usize| scene.nodes[*node].group == scene.nodes[one].group;
            let words = "the connection of the request in {}";
            return requests
                .iter()
                .all(same)
                .then(|| (one, Tie::new(JoinedBy::Connection, words)));
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
