//! Locks: who holds what, where stacks and their source show it.

use super::Subject;
use super::stack::site;
use crate::goroutine::{Frame, Goroutine, WaitReason, name, owner};
use crate::leak::source::locks::{Lock, held_at, taken_at};
use crate::leak::{Cause, CauseCode};

/// Goroutines looked at in search of the holder.
const MAX_PEERS: usize = 500;
/// Longest cycle that is told.
const MAX_CYCLE: usize = 4;

/// One goroutine that waits for a lock: what for, and what it holds meanwhile.
struct Waiter<'a> {
    goroutine: &'a Goroutine,
    wants: Lock,
    held: Vec<(Lock, &'a Frame)>,
}

/// Adds what the source tells of the lock: its name, that the goroutine holds it itself, the cycle.
pub(super) fn explain(subject: &Subject<'_>, mut cause: Cause) -> Cause {
    if !matches!(cause.code, CauseCode::MutexLocked | CauseCode::RwMutexLocked) {
        return cause;
    }
    let Some(own) = waiter(subject, subject.goroutine) else {
        return cause;
    };
    let kind = if cause.code == CauseCode::RwMutexLocked {
        "an RWMutex"
    } else {
        "a mutex"
    };
    cause.waits_for = format!("`{}`, {kind} that is locked and never given back", own.wants.expr);
    if let Some((lock, frame)) = own.held.iter().find(|(lock, _)| lock.key == own.wants.key) {
        cause.notes.push(format!(
            "`{}` was locked at {} further up this stack: if it is the same lock, the goroutine waits for itself",
            lock.expr,
            place(frame, lock.line)
        ));
    } else if let Some(note) = cycle(subject, &own) {
        cause.notes.push(note);
        cause.fix = "take the locks in the same order everywhere".into();
    }
    cause
}

/// What a goroutine that stands in Lock or RLock wants and holds.
fn waiter<'a>(subject: &Subject<'a>, goroutine: &'a Goroutine) -> Option<Waiter<'a>> {
    if !matches!(
        goroutine.state.wait_reason(),
        WaitReason::Mutex | WaitReason::RwMutex
    ) {
        return None;
    }
    let own = |frame: &&Frame| !name::is_std(frame.func.as_str());
    let first = site(&goroutine.frames).filter(own)?;
    let at = first.at.as_ref()?;
    let wants = taken_at(&*subject.files.get(&at.file)?, at.line)?;
    let mut held = Vec::new();
    for frame in goroutine.frames.iter().filter(own).take(20) {
        let Some(at) = &frame.at else { continue };
        let Some(text) = subject.files.get(&at.file) else {
            continue;
        };
        held.extend(held_at(&text, at.line).into_iter().map(|lock| (lock, frame)));
    }
    Some(Waiter {
        goroutine,
        wants,
        held,
    })
}

/// From holder to holder, until the chain comes back.
fn cycle(subject: &Subject<'_>, own: &Waiter<'_>) -> Option<String> {
    let label = subject.peers.get(subject.id).and_then(|peer| peer.label);
    let near = |peer: &&super::Peer<'_>| peer.label == label || peer.label.is_none() || label.is_none();
    let others: Vec<Waiter<'_>> = subject
        .peers
        .iter()
        .filter(|peer| peer.id != subject.id)
        .filter(near)
        .filter_map(|peer| waiter(subject, peer.goroutine))
        .take(MAX_PEERS)
        .collect();
    let mut chain = vec![own];
    while chain.len() <= MAX_CYCLE {
        let last = chain.last()?;
        let holds = |one: &Waiter<'_>, key: &str| one.held.iter().any(|(lock, _)| lock.key == key);
        if chain.len() > 1 && holds(own, &last.wants.key) {
            return Some(told(&chain));
        }
        let known = |one: &Waiter<'_>| {
            chain
                .iter()
                .any(|other| std::ptr::eq(other.goroutine, one.goroutine))
        };
        let next = others
            .iter()
            .find(|one| !known(one) && holds(one, &last.wants.key))?;
        chain.push(next);
    }
    None
}

fn told(chain: &[&Waiter<'_>]) -> String {
    let one = |index: usize, waiter: &Waiter<'_>| {
        let before = &chain[(index + chain.len() - 1) % chain.len()].wants.key;
        let held = waiter.held.iter().find(|(lock, _)| lock.key == *before);
        let held = held.map(|(lock, frame)| format!("`{}` ({})", lock.expr, place(frame, lock.line)));
        let at = site(&waiter.goroutine.frames).map(|frame| place(frame, waiter.wants.line));
        format!(
            "{} holds {} and waits for `{}` ({})",
            name::normal(owner(waiter.goroutine).as_str()),
            held.unwrap_or_default(),
            waiter.wants.expr,
            at.unwrap_or_default()
        )
    };
    let parts: Vec<String> = chain
        .iter()
        .enumerate()
        .map(|(index, waiter)| one(index, waiter))
        .collect();
    format!("lock cycle: {}", parts.join("; "))
}

/// `ledger.go:12`.
fn place(frame: &Frame, line: u32) -> String {
    let file = frame.at.as_ref().map_or("?", |at| at.file.as_str());
    format!("{}:{line}", file.rsplit(['/', '\\']).next().unwrap_or(file))
}
