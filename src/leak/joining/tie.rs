//! What holds a goroutine to another one.

use super::JoinedBy;
use crate::goroutine::{FuncName, name};

/// Why a goroutine hangs on another one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Tie {
    by: JoinedBy,
    /// With `{}` for the other's name, and `{thing}` for what they share.
    words: &'static str,
    thing: &'static str,
}

impl Tie {
    pub(super) fn new(by: JoinedBy, words: &'static str) -> Self {
        Self { by, words, thing: "" }
    }

    /// The same, with what they share.
    pub(super) fn with_thing(self, thing: &'static str) -> Self {
        Self { thing, ..self }
    }

    pub(super) fn by(&self) -> JoinedBy {
        self.by
    }

    pub(super) fn words(&self, other: &FuncName) -> String {
        self.words
            .replace("{thing}", self.thing)
            .replace("{}", &name::short(other.as_str()))
    }
}
