//! When tests ran.

use crate::evidence::{Sighting, TestSpan};

/// A stretch of time, ns: something happened after `after`, and had by `by`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Stretch {
    /// It had not happened yet.
    pub after: u64,
    /// It had happened.
    pub by: u64,
}

impl Stretch {
    /// In which the goroutine was born.
    pub fn of_birth(sighting: &Sighting) -> Self {
        Self {
            after: sighting.absent_until,
            by: sighting.first_seen,
        }
    }

    /// ms.
    pub fn millis(self) -> (u64, u64) {
        (self.after / 1_000_000, self.by / 1_000_000)
    }
}

/// Whether the test ran at any time of the stretch. A test that ended as it began is not among them, and neither is one
/// that waited for its turn all the time.
pub fn ran_in(span: &TestSpan, stretch: Stretch) -> bool {
    parts(span).any(|(start, end)| start <= stretch.by && end > stretch.after)
}

/// From when to when it ran: up to its pause, and after it.
fn parts(span: &TestSpan) -> impl Iterator<Item = (u64, u64)> {
    let end = span.end.unwrap_or(u64::MAX);
    let (first, second) = match span.paused {
        None => ((span.start, end), None),
        Some(pause) => ((span.start, pause.from), pause.to.map(|to| (to, end))),
    };
    std::iter::once(first).chain(second)
}

/// How long it ran of the stretch, ns.
fn share(span: &TestSpan, stretch: Stretch) -> u64 {
    parts(span)
        .map(|(start, end)| end.min(stretch.by).saturating_sub(start.max(stretch.after)))
        .sum()
}

/// Those of them that ran in the stretch.
pub fn running<'a>(spans: &[&'a TestSpan], stretch: Stretch) -> Vec<&'a TestSpan> {
    spans
        .iter()
        .copied()
        .filter(|span| ran_in(span, stretch))
        .collect()
}

/// Without the tests whose subtest ran for most of their share of the stretch.
pub fn innermost<'a>(spans: &[&'a TestSpan], stretch: Stretch) -> Vec<&'a TestSpan> {
    let has_child = |parent: &TestSpan| {
        spans.iter().any(|child| {
            is_below(&child.name, &parent.name) && share(child, stretch) * 2 >= share(parent, stretch)
        })
    };
    spans.iter().copied().filter(|span| !has_child(span)).collect()
}

/// Whether `test` is a subtest of `parent`, at any depth.
pub fn is_below(test: &str, parent: &str) -> bool {
    test.strip_prefix(parent)
        .is_some_and(|rest| rest.starts_with('/'))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::evidence::{Pause, TestKind, TestSeq};
    use crate::goroutine::GoroutineId;

    fn span(name: &str, start: u64, end: Option<u64>, paused: Option<(u64, Option<u64>)>) -> TestSpan {
        TestSpan {
            seq: TestSeq(1),
            kind: TestKind::Test,
            name: name.into(),
            goroutine: GoroutineId(1),
            start,
            end,
            paused: paused.map(|(from, to)| Pause { from, to }),
        }
    }

    #[test]
    fn a_test_that_waits_for_its_turn_does_not_run() {
        let span = span("TestA", 10, Some(100), Some((12, Some(80))));
        let ran = |after, by| ran_in(&span, Stretch { after, by });
        assert!(ran(5, 11) && ran(11, 40) && ran(70, 85) && ran(90, 200));
        assert!(!ran(12, 79) && !ran(0, 9) && !ran(100, 200));
    }

    #[test]
    fn a_test_that_never_had_its_turn_ran_until_it_waited() {
        let span = span("TestA", 10, None, Some((12, None)));
        assert!(ran_in(&span, Stretch { after: 5, by: 11 }));
        assert!(!ran_in(&span, Stretch { after: 12, by: 1_000 }));
    }

    #[test]
    fn a_parent_steps_back_behind_the_subtest_that_ran_most_of_its_time() {
        let (parent, child) = (span("T", 0, Some(100), None), span("T/a", 10, Some(90), None));
        let names = |after, by| -> Vec<String> {
            let found = innermost(
                &running(&[&parent, &child], Stretch { after, by }),
                Stretch { after, by },
            );
            found.iter().map(|span| span.name.clone()).collect()
        };
        assert_eq!(names(20, 30), ["T/a"]);
        assert_eq!(names(85, 99), ["T", "T/a"], "either");
        assert_eq!(names(91, 99), ["T"]);
    }
}
