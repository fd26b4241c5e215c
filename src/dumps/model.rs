//! A dump, folded.

use super::known::Ids;
use crate::goroutine::{Goroutine, GoroutineId, Lost};

/// What a dump was printed by.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Kind {
    /// Stacks, one for each goroutine: `runtime.Stack`, `debug=2`, a crash.
    #[default]
    Stacks,
    /// A goroutine profile, `debug=1` or binary: equal stacks with a count, without ids and states.
    Profile,
    /// Go's goroutineleak profile: what its GC has proven to be leaked, and nothing else.
    LeakProfile,
}

impl Kind {
    /// In words.
    pub fn words(self) -> &'static str {
        match self {
            Self::Stacks => "stacks",
            Self::Profile => "goroutine profile",
            Self::LeakProfile => "goroutineleak profile",
        }
    }
}

/// Equal goroutines: same state (but for the minutes), labels, functions, lines and creator.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Group {
    /// The first of them, then some more with their own arguments and creators.
    pub samples: Vec<Goroutine>,
    /// How many.
    pub count: u64,
    /// Their ids, at most [`Group::MAX_IDS`]; none in a profile.
    pub ids: Vec<GoroutineId>,
    /// The longest wait that Go printed, in minutes.
    pub longest: Option<u64>,
}

impl Group {
    /// Ids that are kept.
    pub const MAX_IDS: usize = 20;
    /// Goroutines that are kept with their arguments: the other side of a lock is found by its address.
    pub const MAX_SAMPLES: usize = 16;

    /// The one that speaks for all.
    pub fn goroutine(&self) -> &Goroutine {
        &self.samples[0]
    }
}

/// One dump.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Dump {
    /// What printed it.
    pub kind: Kind,
    /// The package of a `go test -json` stream whose output it stood in.
    pub package: Option<String>,
    /// Tests of that package that had begun and not passed.
    pub running: Vec<String>,
    /// In order of first sight.
    pub groups: Vec<Group>,
    /// By id, for dumps with ids.
    pub known: Ids,
    /// What a cut took away.
    pub lost: Lost,
    /// What a profile's first line says its total is.
    pub told: Option<u64>,
    /// The text of a crash from its first line on, at most [`Dump::MAX_CRASH`] bytes.
    pub crash: Option<String>,
}

impl Dump {
    /// Bytes of a crash that are kept to be explained.
    pub const MAX_CRASH: usize = 4 << 20;

    /// All goroutines that were found.
    pub fn total(&self) -> u64 {
        self.groups
            .iter()
            .fold(0, |sum, group| sum.saturating_add(group.count))
    }

    /// Whether nothing was found, and nothing lost.
    pub fn is_empty(&self) -> bool {
        self.groups.is_empty() && self.lost == Lost::default() && self.told.is_none()
    }

    /// Goroutines that the input should hold and that could not be read; a profile tells its total.
    pub fn missing(&self) -> u64 {
        self.lost.goroutines + self.told.map_or(0, |told| told.saturating_sub(self.total()))
    }
}
