//! What ties a goroutine to its tests.

use super::by::{Attribution, By};
use super::spans::Stretch;
use crate::evidence::TestSpan;
use crate::leak::test_name::TestName;

/// How a goroutine is tied to its tests.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Tie {
    /// How.
    pub kind: Attribution,
    /// Distinct names, sorted. Several only where it is one of them and nothing says which.
    pub tests: Vec<TestName>,
    /// When the (last) test ended; `None` if it never did, or if there is none.
    pub end: Option<u64>,
    /// The facts.
    pub by: By,
}

impl Tie {
    pub(super) fn new(spans: &[&TestSpan], by: By) -> Self {
        let mut tests: Vec<TestName> = spans.iter().map(|span| TestName(span.name.clone())).collect();
        tests.sort();
        tests.dedup();
        let ends: Option<Vec<u64>> = spans.iter().map(|span| span.end).collect();
        Self {
            kind: by.attribution(tests.len()),
            tests,
            end: ends.and_then(|ends| ends.into_iter().max()),
            by,
        }
    }

    /// Whether label or lineage say it.
    pub(super) fn is_certain(&self) -> bool {
        matches!(self.kind, Attribution::Label | Attribution::Lineage)
    }

    pub(super) fn names_root(&self, root: &str) -> bool {
        self.tests.iter().any(|test| test.function() == root)
    }
}

/// The tests that ran in a stretch, or none.
pub(super) fn window(spans: &[&TestSpan], stretch: Stretch) -> Tie {
    let (from_ms, to_ms) = stretch.millis();
    let by = match spans {
        [] => By::NoTest { from_ms, to_ms },
        _ => By::Window { from_ms, to_ms },
    };
    Tie::new(spans, by)
}
