//! Which test does a goroutine belong to: label, then lineage, then window; then the code it begins in is heard.
//!
//! Goroutine ids are not in creation order since Go 1.26: nothing here compares them.

use super::labels::Labels;
use super::{Attribution, Code, TestName};
use crate::evidence::{Evidence, LabelSource, Sighting, TestSeq, TestSpan};
use crate::goroutine::owner::owner_index;
use crate::goroutine::{GoroutineId, name};
use rustc_hash::{FxHashMap, FxHashSet};

/// How a goroutine is tied to its tests.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Tie {
    /// How.
    pub kind: Attribution,
    /// Distinct names, sorted; several only for a window.
    pub tests: Vec<TestName>,
    /// When the (last) test ended; `None` if it never did, or if there is none.
    pub end: Option<u64>,
    /// In words.
    pub words: String,
}

/// Spans of one process, by what they are looked up with.
pub struct Tests<'a> {
    evidence: &'a Evidence,
    labels: &'a Labels,
    code: &'a Code<'a>,
    by_seq: FxHashMap<TestSeq, &'a TestSpan>,
    by_goroutine: FxHashMap<GoroutineId, Vec<&'a TestSpan>>,
    baseline: FxHashSet<GoroutineId>,
    /// Tests of the top level, by name; several under `-count`.
    top_level: FxHashMap<&'a str, Vec<&'a TestSpan>>,
}

impl<'a> Tests<'a> {
    /// Indexes the evidence.
    pub fn new(evidence: &'a Evidence, labels: &'a Labels, code: &'a Code<'a>) -> Self {
        let mut by_goroutine: FxHashMap<GoroutineId, Vec<&TestSpan>> = FxHashMap::default();
        for span in &evidence.tests {
            by_goroutine.entry(span.goroutine).or_default().push(span);
        }
        let mut top_level: FxHashMap<&str, Vec<&TestSpan>> = FxHashMap::default();
        for span in evidence.tests.iter().filter(|span| !span.name.contains('/')) {
            top_level.entry(&span.name).or_default().push(span);
        }
        Self {
            evidence,
            labels,
            code,
            top_level,
            by_seq: evidence.tests.iter().map(|span| (span.seq, span)).collect(),
            by_goroutine,
            baseline: evidence.baseline.iter().copied().collect(),
        }
    }

    /// Ties one goroutine.
    pub fn tie(&self, sighting: &Sighting) -> Tie {
        let tie = self
            .by_label(sighting)
            .or_else(|| self.by_lineage(sighting))
            .unwrap_or_else(|| self.by_window(sighting));
        self.by_code(sighting, &tie).unwrap_or(tie)
    }

    /// When nobody is left to clean up behind the tests of a tie: a parent's clean-up runs after its subtests.
    pub fn cleaned_up(&self, tie: &Tie) -> Option<u64> {
        let end = tie.end?;
        let parents = tie
            .tests
            .iter()
            .filter_map(|test| test.0.split_once('/'))
            .flat_map(|(top, _)| self.top_level.get(top).into_iter().flatten())
            .filter(|span| span.start <= end)
            .filter_map(|span| span.end);
        parents.filter(|&over| over >= end).min().or(Some(end))
    }

    fn by_label(&self, sighting: &Sighting) -> Option<Tie> {
        let &(seq, source) = self.labels.get(&sighting.id)?;
        let span = self.by_seq.get(&seq)?;
        let from = match source {
            LabelSource::Header => "",
            LabelSource::Profile => ", read from the goroutine profile",
            LabelSource::Shared => {
                ", read from the goroutine profile, as one of equal goroutines of several tests"
            }
        };
        let words = format!("label leakgate={}:{}{from}", seq.0, span.name);
        Some(Tie {
            kind: Attribution::Label,
            words,
            ..tie_to(&[span])
        })
    }

    /// Walks from parent to parent, through dead ones too, up to a goroutine that ran a test.
    fn by_lineage(&self, sighting: &Sighting) -> Option<Tie> {
        let mut seen = FxHashSet::default();
        let mut next = sighting
            .parent
            .or_else(|| self.evidence.parents.get(&sighting.id).copied());
        let first = next?;
        while let Some(id) = next {
            if !seen.insert(id) {
                return None;
            }
            if let Some(spans) = self.by_goroutine.get(&id) {
                // The goroutine of one test alone starts nothing before it and nothing after it.
                let only = spans.len() == 1 && !self.baseline.contains(&id);
                let spans = if only {
                    spans.clone()
                } else {
                    born_within(spans, sighting)
                };
                let words = match spans[..] {
                    [] => return None,
                    [span] => lineage_words(sighting, first, id, span),
                    _ => return Some(self.window_of(&spans, sighting)),
                };
                return Some(Tie {
                    kind: Attribution::Lineage,
                    words,
                    ..tie_to(&spans)
                });
            }
            if self.baseline.contains(&id) {
                return None;
            }
            next = self.evidence.parents.get(&id).copied();
        }
        None
    }

    /// The test in whose function it begins, where all else names others: a worker that one test started hands its label
    /// on to the jobs of the next, and a timer fires when its test is over.
    fn by_code(&self, sighting: &Sighting, tie: &Tie) -> Option<Tie> {
        let goroutine = &sighting.goroutine;
        let entry = owner_index(&goroutine.frames).map(|index| &goroutine.frames[index].func);
        let creator = goroutine.created.as_ref().map(|created| &created.func);
        let begins = entry.map(|func| ("it begins in", func.as_str()));
        let started = creator.map(|func| ("it was started in", func.as_str()));
        let mut told: Vec<_> = [begins, started]
            .into_iter()
            .flatten()
            .filter(|(_, func)| self.code.is_under_test(func))
            .filter_map(|(how, func)| Some((how, func, self.top_level.get_key_value(encloses(func)?)?)))
            .collect();
        told.dedup_by_key(|&mut (.., (name, _))| name);
        let [(how, func, (name, spans))] = told[..] else {
            return None;
        };
        let begun = spans.iter().filter(|span| span.start <= sighting.first_seen);
        let span = begun.max_by_key(|span| span.start)?;
        if tie.tests.iter().any(|test| root(&test.0) == *name) || self.was_called(sighting, tie, spans) {
            return None;
        }
        Some(Tie {
            kind: Attribution::Code,
            words: format!("{how} {func} ({})", tie.words),
            ..tie_to(&[span])
        })
    }

    /// Whether a test of the tie must have called the function of another test, whose spans these are: its own goroutine
    /// ran the `go` statement, or it ran at the time and the other did not.
    fn was_called(&self, sighting: &Sighting, tie: &Tie, others: &[&TestSpan]) -> bool {
        let tied = |span: &TestSpan| tie.tests.iter().any(|test| root(&test.0) == root(&span.name));
        let parent = sighting
            .parent
            .or_else(|| self.evidence.parents.get(&sighting.id).copied());
        let by_itself = parent
            .and_then(|parent| self.by_goroutine.get(&parent))
            .is_some_and(|spans| spans.iter().any(|span| tied(span)));
        let certain = matches!(tie.kind, Attribution::Label | Attribution::Lineage);
        // What carries a test's label came after the test began.
        let begun = self.evidence.tests.iter().filter(|span| tied(span));
        let begun = begun.map(|span| span.start).min().unwrap_or(0);
        let alone = || {
            others
                .iter()
                .all(|span| !overlaps(span, sighting) || span.end.is_some_and(|end| end <= begun))
                && self
                    .evidence
                    .tests
                    .iter()
                    .any(|span| tied(span) && overlaps(span, sighting))
        };
        by_itself || (certain && alone())
    }

    fn by_window(&self, sighting: &Sighting) -> Tie {
        let all: Vec<&TestSpan> = self.evidence.tests.iter().collect();
        let mut tie = self.window_of(&innermost(&born_within(&all, sighting), sighting), sighting);
        if let Some(test) = named_by_stack(&all, sighting).filter(|_| tie.tests.len() != 1) {
            tie.words.push_str("; its code stands in ");
            tie.words.push_str(test);
        }
        tie
    }

    fn window_of(&self, spans: &[&TestSpan], sighting: &Sighting) -> Tie {
        let (from, to) = (millis(sighting.absent_until), millis(sighting.first_seen));
        let tie = tie_to(spans);
        if tie.tests.is_empty() {
            let words = format!("first seen between {from} and {to} ms, when no test ran");
            return Tie {
                kind: Attribution::Package,
                words,
                ..tie
            };
        }
        let names: Vec<&str> = tie.tests.iter().map(|test| test.0.as_str()).collect();
        let words = format!(
            "first seen between {from} and {to} ms, while {} ran",
            names.join(", ")
        );
        Tie {
            kind: Attribution::Window,
            words,
            ..tie
        }
    }
}

/// Spans that overlap the time in which the goroutine was born. If it was seen for the first time when a
/// test had just ended, that test is among them.
fn born_within<'a>(spans: &[&'a TestSpan], sighting: &Sighting) -> Vec<&'a TestSpan> {
    spans
        .iter()
        .copied()
        .filter(|span| overlaps(span, sighting))
        .collect()
}

fn overlaps(span: &TestSpan, sighting: &Sighting) -> bool {
    span.start <= sighting.first_seen && span.end.is_none_or(|end| end > sighting.absent_until)
}

/// `TestA` of `TestA/case_1`.
fn root(test: &str) -> &str {
    test.split_once('/').map_or(test, |(top, _)| top)
}

/// Without the tests whose subtest ran for most of their share of the window.
fn innermost<'a>(spans: &[&'a TestSpan], sighting: &Sighting) -> Vec<&'a TestSpan> {
    let share = |span: &TestSpan| {
        let end = span.end.unwrap_or(u64::MAX).min(sighting.first_seen);
        end.saturating_sub(span.start.max(sighting.absent_until))
    };
    let has_child = |parent: &TestSpan| {
        spans.iter().any(|child| {
            let inside = child
                .name
                .strip_prefix(&parent.name)
                .is_some_and(|rest| rest.starts_with('/'));
            inside && share(child) * 2 >= share(parent)
        })
    };
    spans.iter().copied().filter(|span| !has_child(span)).collect()
}

/// `TestA` of its closures: `TestA.func1`, `TestA.gowrap1`, and `TestA.helper.func1` where the helper was inlined.
/// `TestA` itself runs in its own goroutine, which the lineage knows, or in that of a test that called it.
fn encloses(func: &str) -> Option<&str> {
    let function = top_function(func)?;
    let rest = func.get(name::package(func).len() + 1 + function.len()..)?;
    rest.starts_with('.').then_some(function)
}

/// The test function that the stack or the creator stands in. A hint only: another test may have called it.
fn named_by_stack<'a>(spans: &[&'a TestSpan], sighting: &Sighting) -> Option<&'a str> {
    let goroutine = &sighting.goroutine;
    let frames = goroutine.frames.iter().map(|frame| frame.func.as_str());
    let creator = goroutine.created.iter().map(|created| created.func.as_str());
    let functions: Vec<&str> = frames.chain(creator).filter_map(top_function).collect();
    spans
        .iter()
        .map(|span| span.name.as_str())
        .find(|name| functions.contains(name))
}

/// `TestA` of `example.com/m.TestA.func1`; methods have none.
fn top_function(func: &str) -> Option<&str> {
    let rest = func.get(name::package(func).len()..)?.strip_prefix('.')?;
    rest.split(['.', '[', '('])
        .next()
        .filter(|function| !function.is_empty())
}

fn tie_to(spans: &[&TestSpan]) -> Tie {
    let mut tests: Vec<TestName> = spans.iter().map(|span| TestName(span.name.clone())).collect();
    tests.sort();
    tests.dedup();
    let ends: Option<Vec<u64>> = spans.iter().map(|span| span.end).collect();
    let end = ends.and_then(|ends| ends.into_iter().max());
    Tie {
        kind: Attribution::Package,
        tests,
        end,
        words: String::new(),
    }
}

fn lineage_words(sighting: &Sighting, parent: GoroutineId, test: GoroutineId, span: &TestSpan) -> String {
    let creator = sighting
        .goroutine
        .created
        .as_ref()
        .map_or("?", |created| created.func.as_str());
    if parent == test {
        return format!(
            "created by {creator} in goroutine {}, {}'s own",
            parent.0, span.name
        );
    }
    let name = &span.name;
    format!(
        "created by {creator} in goroutine {}, a descendant of {name}'s goroutine {}",
        parent.0, test.0
    )
}

fn millis(nanos: u64) -> u64 {
    nanos / 1_000_000
}
