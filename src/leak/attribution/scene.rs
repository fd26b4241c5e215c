//! What is known before it is asked whether goroutines changed hands.

use super::reach::Reaches;
use super::tie::Tie;
use crate::evidence::{Evidence, Sighting, TestSeq, TestSpan};
use crate::goroutine::GoroutineId;
use crate::leak::Code;

/// What the engine knows without them.
pub struct Scene<'s, 'a> {
    /// The evidence.
    pub evidence: &'a Evidence,
    /// The source.
    pub code: &'s Code<'a>,
    /// What tests lead to.
    pub reaches: &'s Reaches<'a>,
    /// All tests.
    pub all: &'s [&'a TestSpan],
    /// Whose a goroutine was at its birth.
    pub at_birth: &'s dyn Fn(&Sighting) -> Tie,
    /// When nothing is left to clean up behind the tests of a tie.
    pub cleaned_up: &'s dyn Fn(&Tie) -> Option<u64>,
    /// The label of a goroutine.
    pub label: &'s dyn Fn(GoroutineId) -> Option<TestSeq>,
}
