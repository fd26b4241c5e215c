//! What else was alive: the other side of what a goroutine waits for.

use super::Subject;
use super::graph::Graph;
use super::held::{self, Lock};
use crate::evidence::TestSeq;
use crate::goroutine::{Goroutine, GoroutineId, Object, name, owner};
use elsa::sync::FrozenMap;
use rustc_hash::{FxHashMap, FxHashSet};

/// Another goroutine that was alive at the same time.
#[derive(Debug, Clone, Copy)]
pub struct Peer<'a> {
    /// Its id.
    pub id: GoroutineId,
    /// Who started it.
    pub parent: Option<GoroutineId>,
    /// The test whose label it carries.
    pub label: Option<TestSeq>,
    /// Its block.
    pub goroutine: &'a Goroutine,
    /// What its frames work on, where that is not in its block.
    pub objects: &'a [Object],
}

/// All of them, with what is looked up often.
pub struct Peers<'a> {
    all: Vec<Peer<'a>>,
    by_id: FxHashMap<GoroutineId, usize>,
    /// Those of each label, in their order.
    by_label: FxHashMap<Option<TestSeq>, Vec<usize>>,
    /// Read loops of HTTP connections, by the goroutine that dialled.
    read_loops: FxHashMap<GoroutineId, usize>,
    /// Labels of the goroutines that wait for the answer to an HTTP request.
    in_flight: FxHashSet<Option<TestSeq>>,
    /// Locks that goroutines hold, by the address of their block: equal goroutines share it.
    held: FrozenMap<usize, Vec<Lock>>,
    /// Who calls whom in the user's code.
    pub(super) graph: Graph,
}

impl<'a> Peers<'a> {
    /// Looks through all of them once.
    pub fn new(all: Vec<Peer<'a>>) -> Self {
        let mut peers = Self {
            all: Vec::new(),
            by_id: FxHashMap::default(),
            by_label: FxHashMap::default(),
            read_loops: FxHashMap::default(),
            in_flight: FxHashSet::default(),
            held: FrozenMap::default(),
            graph: Graph::default(),
        };
        for (index, peer) in all.iter().enumerate() {
            peers.by_id.insert(peer.id, index);
            peers.by_label.entry(peer.label).or_default().push(index);
            let calls = |names: &[&str]| calls(peer.goroutine, names);
            if let Some(parent) = peer.parent.filter(|_| calls(&[READ_LOOP])) {
                peers.read_loops.insert(parent, index);
            }
            if calls(ROUND_TRIPS) {
                peers.in_flight.insert(peer.label);
            }
        }
        peers.all = all;
        peers
    }

    /// All of them.
    pub(super) fn iter(&self) -> impl Iterator<Item = &Peer<'a>> {
        self.all.iter()
    }

    /// One of them.
    pub fn get(&self, id: GoroutineId) -> Option<&Peer<'a>> {
        self.by_id.get(&id).map(|&index| &self.all[index])
    }

    /// The locks that one of them holds, looked up once.
    pub(super) fn held(&self, subject: &Subject<'_>, goroutine: &Goroutine) -> &[Lock] {
        let block = std::ptr::from_ref(goroutine).addr();
        let look = || self.held.insert(block, held::held(subject, goroutine));
        self.held.get(&block).unwrap_or_else(look)
    }

    /// The read loop of the HTTP connection whose write loop `id` is.
    pub(super) fn read_loop_beside(&self, id: GoroutineId) -> Option<&Peer<'a>> {
        let parent = self.get(id)?.parent?;
        self.read_loops.get(&parent).map(|&index| &self.all[index])
    }

    /// Whether a goroutine of the same test (or of none that is known) waits for the answer to a request.
    pub(super) fn has_request_in_flight(&self, id: GoroutineId) -> bool {
        match self.get(id).and_then(|peer| peer.label) {
            None => !self.in_flight.is_empty(),
            label => self.in_flight.contains(&label) || self.in_flight.contains(&None),
        }
    }
}

/// Goroutines that are looked at.
const MOST_PEERS: usize = 500;

/// Goroutines of the same test, or of none that is known.
pub(super) fn near<'s, 'a>(subject: &'s Subject<'a>) -> impl Iterator<Item = &'s Peer<'a>> {
    let peers = subject.peers;
    let label = peers.get(subject.id).and_then(|peer| peer.label);
    let of = |label| peers.by_label.get(&label).map_or(&[][..], Vec::as_slice);
    let mut near: Vec<usize> = match label {
        Some(_) => [of(label), of(None)]
            .into_iter()
            .flat_map(|of| &of[..of.len().min(MOST_PEERS + 1)])
            .copied()
            .collect(),
        None => (0..peers.all.len().min(MOST_PEERS + 1)).collect(),
    };
    near.sort_unstable();
    let all = near.into_iter().map(|index| &peers.all[index]);
    all.filter(move |peer| peer.id != subject.id).take(MOST_PEERS)
}

/// Goroutines of the other tests.
pub(super) fn of_others<'s, 'a>(subject: &'s Subject<'a>) -> impl Iterator<Item = &'s Peer<'a>> {
    let label = subject.peers.get(subject.id).and_then(|peer| peer.label);
    let is_other = move |peer: &&Peer<'a>| label.is_some() && peer.label.is_some() && peer.label != label;
    subject.peers.iter().filter(is_other).take(MOST_PEERS)
}

/// `m.(*conn).send`: the goroutine by its owner.
pub(super) fn who(goroutine: &Goroutine) -> String {
    name::short(&name::normal(owner(goroutine).as_str()))
}

/// How [`who_of`] begins for a closure.
pub(super) const A_GOROUTINE_OF: &str = "a goroutine of ";

/// A goroutine by its function; a closure has the name of the function that it is written in.
pub(super) fn who_of(peer: &Peer<'_>) -> String {
    let who = who(peer.goroutine);
    match owner(peer.goroutine).as_str().contains(".func") {
        true => format!("{A_GOROUTINE_OF}{who}"),
        false => who,
    }
}

/// Whether a function is on the stack, by the name as printed.
pub(super) fn calls(goroutine: &Goroutine, names: &[&str]) -> bool {
    goroutine
        .frames
        .iter()
        .any(|frame| names.contains(&frame.func.as_str()))
}

/// The loop that reads an HTTP connection of a client.
pub(super) const READ_LOOP: &str = "net/http.(*persistConn).readLoop";

/// The loop that writes to an HTTP connection of a client.
pub(super) const WRITE_LOOP: &str = "net/http.(*persistConn).writeLoop";

/// What waits for the answer to an HTTP request.
pub(super) const ROUND_TRIPS: &[&str] = &[
    "net/http.(*persistConn).roundTrip",
    "net/http.(*Transport).getConn",
    "net/http.(*http2ClientConn).RoundTrip",
    "net/http.(*http2ClientConn).roundTrip",
    "net/http/internal/http2.(*ClientConn).roundTrip",
    "golang.org/x/net/http2.(*ClientConn).RoundTrip",
    "golang.org/x/net/http2.(*ClientConn).roundTrip",
];
