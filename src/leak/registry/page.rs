//! What a page says of a cause.

use super::CauseCode;
use super::sample::Sample;

/// What a page says beyond its registry entry.
#[derive(Debug, Clone, Copy)]
pub struct Page {
    /// The code.
    pub code: CauseCode,
    /// What it is.
    pub what: &'static str,
    /// How it happens, in a sentence each.
    pub happens: &'static [&'static str],
    /// How to find the place in one's own code.
    pub find: &'static str,
    /// Leaky and fixed code; none where code would not help.
    pub sample: Option<Sample>,
    /// Where to read on.
    pub links: &'static [&'static str],
}
