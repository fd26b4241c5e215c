//! The part of a stack that tells a cause: what the user's innermost own code has called.

use crate::goroutine::{Frame, Goroutine, WaitReason, name};
use crate::leak::module::Code;

/// Normalised names, innermost first.
pub(super) struct Stack {
    /// All frames.
    all: Vec<String>,
    /// How many of them lie above the innermost own frame; all, if none is own.
    above_own: usize,
    /// The creator.
    creator: String,
}

impl Stack {
    pub(super) fn new(goroutine: &Goroutine, code: &Code<'_>) -> Self {
        let all: Vec<String> = goroutine
            .frames
            .iter()
            .map(|frame| name::normal(frame.func.as_str()))
            .collect();
        let above_own = above_own(goroutine, code);
        let creator = goroutine
            .created
            .as_ref()
            .map(|created| name::normal(created.func.as_str()));
        Self {
            all,
            above_own,
            creator: creator.unwrap_or_default(),
        }
    }

    /// Whether one of the functions was called, by own code or by a goroutine without any.
    pub(super) fn calls(&self, names: &[&str]) -> bool {
        self.all[..self.above_own]
            .iter()
            .any(|name| names.contains(&name.as_str()))
    }

    /// Whether a function whose name starts so was called.
    pub(super) fn calls_prefix(&self, prefixes: &[&str]) -> bool {
        self.all[..self.above_own]
            .iter()
            .any(|name| prefixes.iter().any(|prefix| name.starts_with(prefix)))
    }

    /// Whether the goroutine holds no code of the user's.
    pub(super) fn is_foreign(&self) -> bool {
        self.above_own == self.all.len()
    }

    /// Whether the creator's name starts so.
    pub(super) fn created_by(&self, prefix: &str) -> bool {
        self.creator.starts_with(prefix)
    }

    /// The first package of the list that shows, from the top.
    pub(super) fn first_package(&self, packages: &[&'static str]) -> Option<&'static str> {
        self.all[..self.above_own].iter().find_map(|func| {
            let package = name::package(func);
            packages.iter().copied().find(|&known| known == package)
        })
    }
}

/// How many frames are called by the innermost own one. A connection of the user's that a library reads from only hands on
/// what it is asked for.
fn above_own(goroutine: &Goroutine, code: &Code<'_>) -> usize {
    const HANDED_ON: &[&str] = &["Read", "Write", "ReadFrom", "WriteTo", "Accept"];
    let frames = &goroutine.frames;
    let waits_for_io = goroutine.state.wait_reason() == WaitReason::IoWait;
    let hands_on = |index: usize| {
        let func = frames[index].func.as_str();
        let name = func.rsplit('.').next().unwrap_or(func);
        let called_by_library = frames.get(index + 1).is_some_and(|caller| !code.is_own(caller));
        waits_for_io && called_by_library && func.contains(").") && HANDED_ON.contains(&name)
    };
    (0..frames.len())
        .find(|&index| code.is_own(&frames[index]) && !hands_on(index))
        .unwrap_or(frames.len())
}

/// The frame whose code holds the operation: the first that is no part of a primitive.
pub(in crate::leak) fn site(frames: &[Frame]) -> Option<&Frame> {
    frames.iter().find(|frame| {
        let package = name::package(frame.func.as_str());
        !matches!(package, "runtime" | "sync" | "time") && !package.starts_with("internal/")
    })
}
