//! Goroutines that one object, one channel or one call holds together.

use super::tie::Tie;
use super::traits::waits_to_be_told;
use super::{JoinedBy, Scene};
use crate::goroutine::{GoroutineId, Location};
use crate::leak::{Awaited, Group, TestName, Verdict};
use indexmap::IndexMap;
use rustc_hash::FxHashMap;

/// Goroutines, and what holds them together.
pub(super) type Bonds = Vec<(Vec<usize>, Tie)>;

type Side<'a> = (&'a [TestName], Verdict);

/// A type, and where the value of it is.
type Address = (String, u64);

/// Finds them.
pub(super) fn find(scene: &Scene<'_>) -> Bonds {
    let mut objects: IndexMap<(Side<'_>, Address), Vec<usize>> = IndexMap::new();
    let mut awaited: IndexMap<(Side<'_>, &Awaited), Vec<usize>> = IndexMap::new();
    let mut calls: IndexMap<(Side<'_>, Call<'_>), Vec<usize>> = IndexMap::new();
    for node in 0..scene.nodes.len() {
        let (group, side) = (scene.group(node), scene.side(node));
        let primitives = primitives(scene, node);
        // Where the dump shows the very lock, the source's name of it adds nothing.
        let named = group.cause.awaits.iter();
        for thing in named.filter(|thing| primitives.is_empty() || kind_of(thing) == "process") {
            awaited.entry((side, thing)).or_default().push(node);
        }
        for thing in primitives {
            objects.entry((side, thing)).or_default().push(node);
        }
        // What waits for something else than to be told has a mistake of its own.
        if group.has_own_line() && !waits_to_be_told(group) {
            continue;
        }
        if let Some((of, address)) = object(scene, node) {
            objects.entry((side, (of, address))).or_default().push(node);
        }
        if let Some(call) = call(scene, node) {
            calls.entry((side, call)).or_default().push(node);
        }
    }
    let of_object = || Tie::new(JoinedBy::Object, "works on the same object as {}");
    let of_awaited = || Tie::new(JoinedBy::Object, "waits on the same {thing} as {}");
    let of_call = || Tie::new(JoinedBy::Call, "made by the same call as {}");
    let objects = objects.into_values().map(|nodes| (nodes, of_object()));
    let awaited = awaited.into_iter().flat_map(|((_, thing), nodes)| {
        let tie = of_awaited().with_thing(kind_of(thing));
        of_one(scene, thing, nodes)
            .into_iter()
            .map(move |nodes| (nodes, tie.clone()))
    });
    let calls = calls
        .into_values()
        .filter(|nodes| is_one(nodes, |node| scene.nodes[node].group))
        .filter(|nodes| !is_launcher(scene, nodes))
        .map(|nodes| (nodes, of_call()));
    objects
        .chain(awaited)
        .chain(calls)
        .filter(|(nodes, _)| nodes.len() > 1)
        .collect()
}

/// `channel` of `channel /m/x.go:7`; a lock has its name only.
fn kind_of(thing: &Awaited) -> &'static str {
    match thing.thing.split(' ').next() {
        Some("channel") => "channel",
        Some("context") => "context",
        Some("process") => "process",
        _ => "lock",
    }
}

/// Types of the standard library whose address says that goroutines wait on one thing.
const PRIMITIVES: &[&str] = &[
    "sync.(*Mutex)",
    "sync.(*RWMutex)",
    "sync.(*Cond)",
    "sync.(*WaitGroup)",
    "sync.(*Once)",
    "io.(*pipe)",
    "net.(*conn)",
    "net/http.(*persistConn)",
    "os/exec.(*Cmd)",
    "golang.org/x/sync/errgroup.(*Group)",
    "golang.org/x/sync/semaphore.(*Weighted)",
    "golang.org/x/sync/singleflight.(*Group)",
];

/// The locks and the like that its frames are in.
fn primitives(scene: &Scene<'_>, node: usize) -> Vec<Address> {
    let group = scene.group(node);
    let thing = |object: &crate::goroutine::Object| {
        let of = receiver(group, object.frame)?;
        // A sync.Mutex begins with the one of internal/sync.
        let of = of.strip_prefix("internal/").unwrap_or(&of);
        PRIMITIVES.contains(&of).then(|| (of.to_owned(), object.address))
    };
    let mut found: Vec<Address> = scene.instance(node).objects.iter().filter_map(thing).collect();
    found.dedup();
    found
}

/// `m.(*Conn)` of `m.(*Conn).read`. The first argument of a closure is no receiver.
fn receiver(group: &Group, frame: usize) -> Option<String> {
    let func = group.stack.get(frame)?.func.as_str();
    func.rsplit_once(").")
        .filter(|(_, method)| !method.contains('.'))
        .map(|(of, _)| format!("{of})"))
}

/// The receiver of the function that the goroutine runs: its type, and where it is. In a closure, that of the outermost
/// of the user's methods which it calls.
fn object(scene: &Scene<'_>, node: usize) -> Option<Address> {
    let group = scene.group(node);
    let entry = scene.traits(node).entry?;
    let of = |frame: usize| {
        let objects = &scene.instance(node).objects;
        let object = objects.iter().find(|object| object.frame == frame)?;
        Some((receiver(group, frame)?, object.address))
    };
    of(entry).or_else(|| {
        let own = group.own_frames.iter().rev();
        own.copied().find_map(of)
    })
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
        led_to_by: led_to(group),
        is_own: group.has_own_line(),
    };
    (!scene.traits(node).is_of_a_test).then(call)
}

/// Whether one `go` statement started several functions: it starts what it is given, and whoever calls it has many reasons to.
/// Where the lines that led to them are known, these tell its calls apart.
fn is_launcher(scene: &Scene<'_>, nodes: &[usize]) -> bool {
    let mut started: FxHashMap<&Location, &str> = FxHashMap::default();
    nodes.iter().any(|&node| {
        let group = scene.group(node);
        let statement = group.created.as_ref().and_then(|created| created.at.as_ref());
        let function = scene.traits(node).entry.and_then(|frame| group.stack.get(frame));
        let (Some(statement), Some(function), None) = (statement, function, led_to(group)) else {
            return false;
        };
        let function = function.func.as_str();
        *started.entry(statement).or_insert(function) != function
    })
}

fn led_to(group: &Group) -> Option<&Location> {
    group.led_to_by.as_ref().map(|led| &led.at.at)
}

/// Goroutines that wait on one thing by its name: all of them, or those that one line led to, as there may be several of
/// that name.
fn of_one(scene: &Scene<'_>, thing: &Awaited, nodes: Vec<usize>) -> Vec<Vec<usize>> {
    // Two `go` statements of one call start the same function.
    let stack = |node: usize| {
        let group = scene.group(node);
        let statement = group.created.as_ref().and_then(|created| created.at.as_ref());
        (&group.fingerprint, statement)
    };
    if thing.once || is_one(&nodes, stack) {
        return vec![nodes];
    }
    let mut by_line: IndexMap<&Location, Vec<usize>> = IndexMap::new();
    for &node in &nodes {
        if let Some(line) = led_to(scene.group(node)) {
            by_line.entry(line).or_default().push(node);
        }
    }
    by_line
        .into_values()
        .filter(|nodes| is_one(nodes, stack))
        .collect()
}

/// Whether there is one of it: some stack is there once. Of two, nothing says which belongs to which.
fn is_one<K: Eq + std::hash::Hash>(nodes: &[usize], stack: impl Fn(usize) -> K) -> bool {
    let mut times: FxHashMap<K, usize> = FxHashMap::default();
    for &node in nodes {
        *times.entry(stack(node)).or_default() += 1;
    }
    times.values().any(|&times| times == 1)
}
