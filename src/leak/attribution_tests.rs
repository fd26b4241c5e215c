//! The code a goroutine begins in, against what its label, its lineage or its time say.

use super::*;
use crate::evidence::{Evidence, Sighting};
use crate::goroutine::GoroutineId;
use crate::leak::judge_tests::{evidence, judged, sightings};

const MS: u64 = 1_000_000;

/// Goroutine 21, started by a worker (20) that the goroutine of TestA (10) had started; it carries TestA's label and was
/// born while TestB ran.
fn job(entry: &str, creator: &str) -> Evidence {
    let dump = format!(
        "goroutine 21 [select (no cases)]:\n{entry}()\n\t/m/x.go:3 +0x1\ncreated by {creator} in goroutine 20\n\t/m/x.go:8 +0x2\n"
    );
    let mut all = sightings(&dump);
    born(&mut all[0], 21, 30);
    let mut evidence = evidence(all);
    evidence.parents = [(GoroutineId(20), GoroutineId(10))].into();
    evidence
}

fn born(sighting: &mut Sighting, absent_until: u64, first_seen: u64) {
    (sighting.absent_until, sighting.first_seen) = (absent_until * MS, first_seen * MS);
}

fn tied(evidence: &Evidence) -> (Attribution, Vec<String>) {
    let leaks = judged(evidence, "");
    assert_eq!(leaks.len(), 1, "{leaks:?}");
    let tests = leaks[0].tests.iter().map(|test| test.0.clone()).collect();
    (leaks[0].attribution, tests)
}

fn by(kind: Attribution, test: &str) -> (Attribution, Vec<String>) {
    (kind, vec![test.to_owned()])
}

/// A worker that TestA was the first to need runs a job of TestB.
#[test]
fn what_a_worker_of_another_test_starts_is_the_tests_whose_code_it_is() {
    let mut evidence = job("m.TestB.func1.1", "m.TestB.func1");
    assert_eq!(tied(&evidence), by(Attribution::Code, "TestB"));
    assert_eq!(
        judged(&evidence, "")[0].attributed_by,
        "it begins in m.TestB.func1.1 (label leakgate=1:TestA)"
    );
    evidence.sightings[0].label = None;
    assert_eq!(
        tied(&evidence),
        by(Attribution::Code, "TestB"),
        "against the lineage"
    );
    for (entry, creator) in [
        ("m.work", "m.TestB.func1"),
        ("m.TestB.func1", "m.submit.func1"),
        ("m.TestB.submit.func2", "m.submit.func1"),
        ("m.TestB.gowrap1", "m.submit.func1"),
        ("m_test.TestB.func1", "m.submit.func1"),
    ] {
        let evidence = job(entry, creator);
        assert_eq!(
            tied(&evidence),
            by(Attribution::Code, "TestB"),
            "{entry}, {creator}"
        );
    }
}

#[test]
fn what_is_no_closure_of_a_test_that_ran_is_no_evidence() {
    for (entry, creator) in [
        ("m.work", "m.submit.func1"),
        ("m.testB.func1", "m.submit.func1"),
        ("m.TestBetter.func1", "m.submit.func1"),
        ("m.work", "m.TestB"),
        ("m.TestC.func1", "m.submit.func1"),
        ("m.(*TestB).run.func1", "m.submit.func1"),
        ("m/other.TestB.func1", "m/other.Submit.func1"),
    ] {
        let evidence = job(entry, creator);
        assert_eq!(
            tied(&evidence),
            by(Attribution::Label, "TestA"),
            "{entry}, {creator}"
        );
    }
    let two = job("m.TestB.func1", "m.TestC.func1");
    assert_eq!(tied(&two), by(Attribution::Code, "TestB"), "TestC did not run");
    let mut three = job("m.TestB.func1", "m.TestC.func1");
    let c = crate::evidence::TestSpan {
        name: "TestC".into(),
        ..three.tests[1].clone()
    };
    three.tests.push(c);
    assert_eq!(
        tied(&three),
        by(Attribution::Label, "TestA"),
        "two tests' code is no one's"
    );
}

#[test]
fn a_test_that_had_not_begun_started_nothing() {
    let mut evidence = job("m.TestB.func1.1", "m.TestB.func1");
    born(&mut evidence.sightings[0], 1, 19);
    assert_eq!(tied(&evidence), by(Attribution::Label, "TestA"));
}

#[test]
fn a_subtest_under_the_same_root_stays() {
    let mut evidence = job("m.TestB.func1.1", "m.TestB.func1");
    evidence.tests[0].name = "TestB/first".into();
    assert_eq!(tied(&evidence), by(Attribution::Label, "TestB/first"));
}

/// `func TestB(t *testing.T) { TestA(t) }`, after TestA has run by itself.
#[test]
fn a_test_function_that_another_test_calls_is_no_evidence() {
    let mut direct = job("m.TestA.func1", "m.TestA");
    direct.sightings[0].label = None;
    direct.sightings[0].parent = Some(GoroutineId(11));
    born(&mut direct.sightings[0], 19, 30);
    assert_eq!(tied(&direct), by(Attribution::Lineage, "TestB"));
    let mut below = job("m.TestA.func1.1", "m.TestA.func1");
    below.sightings[0].label = None;
    below.parents = [(GoroutineId(20), GoroutineId(11))].into();
    assert_eq!(
        tied(&below),
        by(Attribution::Lineage, "TestB"),
        "born when TestA was over and TestB ran"
    );
}

/// `time.AfterFunc`: neither label nor creator.
#[test]
fn a_timer_of_a_test_that_is_over_is_not_the_next_ones() {
    let dump = "goroutine 21 [select (no cases)]:\nm.TestA.func1()\n\t/m/x.go:3 +0x1\ncreated by time.goFunc\n\t/go/src/time/sleep.go:8 +0x2\n";
    let timer = |absent_until, first_seen| {
        let mut all = sightings(dump);
        (all[0].label, all[0].parent) = (None, None);
        born(&mut all[0], absent_until, first_seen);
        evidence(all)
    };
    let next = timer(21, 40);
    assert_eq!(tied(&next), by(Attribution::Code, "TestA"));
    assert_eq!(
        judged(&next, "")[0].attributed_by,
        "it begins in m.TestA.func1 (first seen between 21 and 40 ms, while TestB ran)"
    );
    assert_eq!(
        tied(&timer(50, 60)),
        by(Attribution::Code, "TestA"),
        "no test ran"
    );
    assert_eq!(
        tied(&timer(1, 15)),
        by(Attribution::Window, "TestA"),
        "nothing says otherwise"
    );
}
