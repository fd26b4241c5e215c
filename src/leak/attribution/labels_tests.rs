//! Labels that follow from readings of the goroutine profile.

use super::by::LabelRead;
use super::labels::resolve;
use crate::evidence::{Evidence, Proof, Reading, Sighting, StackReading, TestKind, TestSeq, TestSpan};
use crate::goroutine::{Goroutine, GoroutineId, parse_block};
use std::collections::BTreeMap;
use std::sync::Arc;

const PROFILE: LabelRead = LabelRead::Profile;
const SHARED: LabelRead = LabelRead::Shared;

/// Some tests, each on goroutine 100 + its number, all running from 0 to 100, and what was seen of their goroutines.
struct Seen {
    evidence: Evidence,
    blocks: BTreeMap<String, Arc<Goroutine>>,
    stacks: BTreeMap<&'static str, (u32, Vec<GoroutineId>)>,
}

impl Seen {
    fn of_tests(tests: u32) -> Self {
        let span = |seq| TestSpan {
            seq: TestSeq(seq),
            kind: TestKind::Test,
            name: format!("Test{seq}"),
            goroutine: GoroutineId(100 + u64::from(seq)),
            start: 0,
            end: Some(100),
            paused: None,
        };
        let evidence = Evidence {
            tests: (1..=tests).map(span).collect(),
            baseline: vec![GoroutineId(1)],
            ..Evidence::default()
        };
        Self {
            evidence,
            blocks: BTreeMap::new(),
            stacks: BTreeMap::new(),
        }
    }

    /// A goroutine in `func`, started at that line of `g`, first seen at 10.
    fn saw_from(&mut self, id: u64, parent: u64, func: &'static str, line: u32) -> &mut Sighting {
        let text =
            format!("goroutine 0 [select]:\nm.{func}(...)\n\t/x.go:9\ncreated by m.g\n\t/x.go:{line}\n");
        let block = self
            .blocks
            .entry(text)
            .or_insert_with_key(|text| Arc::new(parse_block(text).unwrap()));
        let goroutine = Arc::clone(block);
        let stacks = u32::try_from(self.stacks.len()).unwrap();
        self.stacks
            .entry(func)
            .or_insert((stacks, Vec::new()))
            .1
            .push(GoroutineId(id));
        self.evidence.parents.insert(GoroutineId(id), GoroutineId(parent));
        self.evidence.sightings.push(Sighting {
            id: GoroutineId(id),
            goroutine,
            parent: Some(GoroutineId(parent)),
            label: None,
            absent_until: 0,
            first_seen: 10,
            last_seen: 90,
            gone_by: None,
            proof: Proof::NotAsked,
            objects: Vec::new(),
            moved: None,
            collected: false,
        });
        self.evidence.sightings.last_mut().unwrap()
    }

    fn saw(&mut self, id: u64, parent: u64, func: &'static str) -> &mut Sighting {
        self.saw_from(id, parent, func, 1)
    }

    /// How many in `func` carry which label, 0 for none, of those that were seen there since the last reading and before.
    fn counted(&mut self, func: &'static str, counts: &[(u32, u64)]) {
        let (stack, came) = self.stacks.get_mut(func).unwrap();
        let label = |seq| Some(seq).filter(|&seq| seq != 0).map(TestSeq);
        let reading = StackReading {
            stack: *stack,
            counts: counts.iter().map(|&(seq, n)| (label(seq), n)).collect(),
            came: std::mem::take(came),
            left: Vec::new(),
        };
        self.evidence.readings.last_mut().unwrap().stacks.push(reading);
    }

    fn read(&mut self, ended: bool) {
        self.evidence.readings.push(Reading {
            ended,
            ..Reading::default()
        });
    }

    fn moved(&mut self, ids: &[u64]) {
        let reading = self.evidence.readings.last_mut().unwrap();
        reading.moved.extend(ids.iter().copied().map(GoroutineId));
    }

    /// Id, test and how its label was read, of those whose label is known.
    fn labels(&self) -> Vec<(u64, u32, LabelRead)> {
        let labels = resolve(&self.evidence);
        let mut labels: Vec<_> = labels
            .into_iter()
            .map(|(id, (seq, read))| (id.0, seq.0, read))
            .collect();
        labels.sort_unstable();
        labels
    }
}

#[test]
fn the_only_label_of_a_stack_is_certain_for_all_that_were_where_they_had_been() {
    for ended in [false, true] {
        let mut seen = Seen::of_tests(1);
        seen.saw(11, 5, "f");
        seen.saw(12, 6, "f");
        seen.read(ended);
        seen.counted("f", &[(1, 2)]);
        assert_eq!(seen.labels(), [(11, 1, PROFILE), (12, 1, PROFILE)]);
        seen.moved(&[12]);
        assert_eq!(seen.labels(), [(11, 1, PROFILE)]);
    }
}

/// Between a dump and the profile a goroutine of one test may go where an equal one of another test comes.
#[test]
fn counts_that_do_not_fit_the_dump_say_nothing() {
    for counts in [&[(2, 1)][..], &[(1, 2), (2, 1)]] {
        for ended in [false, true] {
            let mut seen = Seen::of_tests(2);
            seen.saw(11, 5, "f");
            seen.saw(12, 6, "f");
            seen.read(ended);
            seen.counted("f", counts);
            assert_eq!(seen.labels(), [], "{counts:?}");
        }
    }
}

/// It came after the dump; at the settled end nothing comes.
#[test]
fn one_more_of_the_same_test_changes_nothing_while_tests_run() {
    for (ended, expected) in [(false, &[(11, 1, PROFILE)][..]), (true, &[])] {
        let mut seen = Seen::of_tests(1);
        seen.saw(11, 5, "f");
        seen.read(ended);
        seen.counted("f", &[(1, 2)]);
        assert_eq!(seen.labels(), expected);
    }
}

#[test]
fn what_is_left_when_kinship_has_told_is_certain() {
    let mut seen = Seen::of_tests(2);
    seen.saw(11, 101, "f");
    seen.saw(12, 6, "f");
    seen.read(false);
    seen.counted("f", &[(1, 1), (2, 1)]);
    assert_eq!(seen.labels(), [(11, 1, PROFILE), (12, 2, PROFILE)]);
}

/// Each test leaves an equal goroutine: what the reading before has said leaves no choice for the next one.
#[test]
fn goroutines_that_come_one_by_one_are_told_apart() {
    let mut seen = Seen::of_tests(3);
    for test in 1..=3 {
        seen.saw(10 + test, 5 + test, "f");
        seen.read(false);
        seen.counted("f", &[(u32::try_from(test).unwrap(), 1)]);
    }
    assert_eq!(
        seen.labels(),
        [(11, 1, PROFILE), (12, 2, PROFILE), (13, 3, PROFILE)]
    );
}

#[test]
fn one_that_has_left_the_stack_is_not_counted_any_more() {
    let mut seen = Seen::of_tests(2);
    seen.saw(11, 5, "f");
    seen.saw(12, 6, "f");
    seen.read(false);
    seen.counted("f", &[(1, 1), (2, 1)]);
    seen.moved(&[11]);
    assert_eq!(seen.labels(), [], "either");
    seen.read(false);
    seen.counted("f", &[(1, 0)]);
    seen.evidence.readings[1].stacks[0].left.push(GoroutineId(11));
    assert_eq!(seen.labels(), [(12, 2, PROFILE)]);
}

#[test]
fn what_headers_show_leaves_less_choice() {
    let mut seen = Seen::of_tests(2);
    seen.saw(11, 5, "f").label = Some(TestSeq(2));
    seen.saw(12, 6, "f").gone_by = Some(95);
    seen.read(false);
    seen.counted("f", &[(1, 1), (2, 1)]);
    assert_eq!(seen.labels(), [(11, 2, LabelRead::Header), (12, 1, PROFILE)]);
}

/// Equal frames with different go statements are not interchangeable: a test would be given another one's.
#[test]
fn only_equal_goroutines_share_labels_and_only_at_the_settled_end() {
    let both = [(11, 1, SHARED), (12, 2, SHARED)];
    for (lines, ended, expected) in [
        ([1, 1], true, &both[..]),
        ([1, 2], true, &[]),
        ([1, 1], false, &[]),
    ] {
        let mut seen = Seen::of_tests(2);
        seen.saw_from(11, 5, "f", lines[0]);
        seen.saw_from(12, 6, "f", lines[1]);
        seen.read(ended);
        seen.counted("f", &[(1, 1), (2, 1)]);
        assert_eq!(seen.labels(), expected, "lines {lines:?}, ended: {ended}");
    }
}

#[test]
fn a_sum_holds_only_if_none_has_moved() {
    let mut seen = Seen::of_tests(2);
    seen.saw(11, 5, "f");
    seen.saw(12, 6, "f");
    for _ in 0..2 {
        seen.read(true);
        seen.counted("f", &[(1, 1), (2, 1)]);
    }
    assert_eq!(seen.labels().len(), 2);
    seen.moved(&[11]);
    assert_eq!(seen.labels(), [], "the reading before does not hold either");
    seen.read(true);
    seen.counted("f", &[]);
    assert_eq!(seen.labels().len(), 2, "the reading after does");
}

/// Of equal goroutines the one that came while a test ran goes to that test.
#[test]
fn shared_labels_go_by_time() {
    let mut seen = Seen::of_tests(2);
    (seen.evidence.tests[0].start, seen.evidence.tests[0].end) = (0, Some(20));
    (seen.evidence.tests[1].start, seen.evidence.tests[1].end) = (30, Some(50));
    let late = seen.saw(11, 5, "f");
    (late.absent_until, late.first_seen) = (25, 45);
    let early = seen.saw(12, 6, "f");
    (early.absent_until, early.first_seen) = (5, 15);
    seen.read(true);
    seen.counted("f", &[(1, 1), (2, 1)]);
    assert_eq!(seen.labels(), [(11, 2, SHARED), (12, 1, SHARED)]);
}

/// Connections of two kinds, each in two tests: all write loops look the same, and the read loops of one kind. Which of two
/// equal connections belongs to which of its tests can't be known, but the two loops of one belong together.
#[test]
fn the_siblings_of_a_connection_get_one_label() {
    let mut seen = Seen::of_tests(4);
    for connection in 5..=8 {
        let reads = if connection % 2 == 1 { "idle" } else { "open" };
        seen.saw(20 + connection, connection, reads);
        seen.saw(40 - connection, connection, "write");
    }
    seen.read(true);
    seen.counted("write", &[(1, 1), (2, 1), (3, 1), (4, 1)]);
    seen.counted("idle", &[(2, 1), (4, 1)]);
    seen.counted("open", &[(1, 1), (3, 1)]);
    let labels = seen.labels();
    assert_eq!(labels.len(), 8);
    let label = |id| {
        labels
            .iter()
            .find(|&&(of, ..)| of == id)
            .map(|&(_, seq, read)| (seq, read))
    };
    for connection in 5..=8 {
        let (seq, read) = label(20 + connection).unwrap();
        assert_eq!(
            (seq % 2 == 0, read),
            (connection % 2 == 1, SHARED),
            "connection {connection}"
        );
        assert_eq!(
            label(40 - connection),
            Some((seq, SHARED)),
            "connection {connection}"
        );
    }
}

/// The children of the main goroutine have no parent in common: examples run there, one after the other.
#[test]
fn what_the_main_goroutine_starts_is_no_kin() {
    let mut seen = Seen::of_tests(2);
    seen.saw(11, 1, "f");
    seen.saw(12, 1, "h");
    seen.saw(13, 6, "h");
    seen.read(false);
    seen.counted("f", &[(1, 1)]);
    seen.counted("h", &[(1, 1), (2, 1)]);
    assert_eq!(seen.labels(), [(11, 1, PROFILE)]);
}

#[test]
fn a_test_that_began_later_is_not_believed() {
    for ended in [false, true] {
        let mut seen = Seen::of_tests(1);
        seen.evidence.tests[0].start = 11;
        seen.saw(11, 5, "f");
        seen.read(ended);
        seen.counted("f", &[(1, 1)]);
        assert_eq!(seen.labels(), []);
    }
}

#[test]
fn others_of_the_stack_without_a_label_leave_labels_certain_if_their_sum_fits() {
    for ended in [false, true] {
        let mut seen = Seen::of_tests(1);
        seen.saw(11, 5, "f");
        seen.read(ended);
        seen.counted("f", &[(0, 3), (1, 1)]);
        assert_eq!(seen.labels(), [(11, 1, PROFILE)], "the baseline's");

        let mut seen = Seen::of_tests(1);
        seen.saw(11, 5, "f");
        seen.saw(12, 6, "f");
        seen.read(ended);
        seen.counted("f", &[(0, 1), (1, 1)]);
        assert_eq!(seen.labels(), [], "either");
    }
}

/// A test whose equal goroutine was seen for a while and has ended is not blamed for what another one left.
#[test]
fn a_certain_label_is_not_exchanged_with_that_of_an_equal_goroutine() {
    let mut seen = Seen::of_tests(2);
    seen.saw(11, 5, "f").gone_by = Some(20);
    seen.read(false);
    seen.counted("f", &[(2, 1)]);
    seen.saw(12, 6, "f");
    seen.read(true);
    seen.counted("f", &[(1, 1), (2, 0)]);
    seen.evidence.readings[1].stacks[0].left.push(GoroutineId(11));
    assert_eq!(seen.labels(), [(11, 2, PROFILE), (12, 1, PROFILE)]);
}
