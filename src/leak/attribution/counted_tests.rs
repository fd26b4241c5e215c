//! Windows that counts narrow.

use crate::evidence::{Counted, Evidence, TestSeq};
use crate::leak::judge_tests::{evidence, judged, sightings};

const MS: u64 = 1_000_000;
const POLLED: &str = "goroutine 31 [chan send]:\nm.send(...)\n\t/m/x.go:3 +0x1\ncreated by m.poll in goroutine 1\n\t/m/x.go:8 +0x2\n";

/// As many goroutines that the baseline started as ids, first seen when TestA and TestB had ended.
fn after(ids: &[u64], growth: &[(u32, i64, Option<u64>)]) -> Vec<(Vec<String>, u64)> {
    let dump: Vec<String> = ids
        .iter()
        .map(|id| POLLED.replace("31", &id.to_string()))
        .collect();
    let mut all = sightings(&dump.join("\n"));
    let block = all[0].goroutine.clone();
    for sighting in &mut all {
        sighting.goroutine = block.clone();
        (sighting.label, sighting.absent_until, sighting.first_seen) = (None, 0, 50 * MS);
    }
    named(evidence(all), growth)
}

fn named(mut evidence: Evidence, growth: &[(u32, i64, Option<u64>)]) -> Vec<(Vec<String>, u64)> {
    evidence.growth = growth
        .iter()
        .map(|&(seq, grew, started)| (TestSeq(seq), Counted { grew, started }))
        .collect();
    let groups = judged(&evidence, "");
    let tests = |group: &crate::leak::Group| group.tests.iter().map(|test| test.0.clone()).collect();
    groups.iter().map(|group| (tests(group), group.count)).collect()
}

#[test]
fn equal_goroutines_are_shared_out_where_the_sum_fits() {
    let (a, b) = (vec!["TestA".to_owned()], vec!["TestB".to_owned()]);
    let both = vec!["TestA".to_owned(), "TestB".to_owned()];
    assert_eq!(after(&[31, 32], &[]), [(both.clone(), 2)], "no counts");
    assert_eq!(
        after(&[31, 32], &[(1, 1, Some(1)), (2, 1, Some(4))]),
        [(a.clone(), 1), (b.clone(), 1)]
    );
    assert_eq!(after(&[31, 32], &[(1, 2, None), (2, 0, None)]), [(a.clone(), 2)]);
    assert_eq!(
        after(&[31, 32], &[(1, 0, Some(3)), (2, 1, Some(1))]),
        [(both.clone(), 2)],
        "one more is left"
    );
    assert_eq!(
        after(&[31], &[(1, 2, Some(2)), (2, -1, Some(1))]),
        [(both.clone(), 1)],
        "one has ended since"
    );
    assert_eq!(
        after(&[31], &[(1, 0, Some(0)), (2, 5, Some(9))]),
        [(b.clone(), 1)],
        "one started nothing"
    );
    let beside_others = &[(2, 1, Some(1))];
    assert_eq!(after(&[31], beside_others), [(b.clone(), 1)]);
    assert_eq!(after(&[31, 32], beside_others), [(a, 1), (b, 1)], "the rest");
}

#[test]
fn subtests_have_their_own_count() {
    let mut all = sightings(POLLED);
    (all[0].label, all[0].absent_until, all[0].first_seen) = (None, 0, 50 * MS);
    let mut evidence = evidence(all);
    evidence.tests[0].name = "TestB/one".to_owned();
    evidence.tests[0].start = 21 * MS;
    evidence.tests[0].end = Some(22 * MS);
    let growth = [(1, 0, Some(1)), (2, 1, Some(2))];
    assert_eq!(named(evidence, &growth), [(vec!["TestB".to_owned()], 1)]);
}
