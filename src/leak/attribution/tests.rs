//! The code a goroutine begins in, against what its label, its lineage or its time say.

use super::{By, CodePlace};
use crate::evidence::{Evidence, Move, Pause, Sighting, TestSpan};
use crate::goroutine::{GoroutineId, Object};
use crate::leak::Attribution;
use crate::leak::judge_tests::{evidence, judged, judged_files, sightings};

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
    let facts = &judged(&evidence, "")[0].attributed_by;
    let By::Code { func, place, beside } = facts else {
        panic!("{facts:?}")
    };
    assert_eq!((func.as_str(), *place), ("m.TestB.func1.1", CodePlace::Entry));
    assert!(matches!(beside.as_deref(), Some(By::Label { seq: Some(1), .. })));
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
        by(Attribution::Code, "TestB"),
        "what TestC's closure starts for TestB is TestB's"
    );
    let mut both = job("m.TestB.func1", "m.submit");
    let call = both.sightings[0].goroutine.frames[0].clone();
    let mut stack = (*both.sightings[0].goroutine).clone();
    stack.frames.insert(
        0,
        crate::goroutine::Frame {
            func: crate::goroutine::FuncName("m.TestA.func1".into()),
            ..call
        },
    );
    both.sightings[0].goroutine = std::sync::Arc::new(stack);
    both.sightings[0].label = None;
    assert_eq!(
        tied(&both),
        by(Attribution::Lineage, "TestA"),
        "closures of two tests on one stack say nothing"
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

fn block(state: &str, funcs: &[&str], created: &str) -> String {
    let frames: String = funcs
        .iter()
        .map(|func| format!("{func}()\n\t/m/x.go:3 +0x1\n"))
        .collect();
    format!("goroutine 21 [{state}]:\n{frames}created by {created}\n\t/m/x.go:8 +0x2\n")
}

fn seen(state: &str, funcs: &[&str], created: &str) -> Sighting {
    let mut all = sightings(&block(state, funcs, created));
    all.remove(0)
}

fn parallel(mut evidence: Evidence) -> Evidence {
    for span in &mut evidence.tests {
        (span.start, span.end) = (0, Some(40 * MS));
    }
    evidence
}

/// Both ran when the timer's callback was first seen.
#[test]
fn of_several_candidates_it_is_the_one_whose_closure_is_on_the_stack() {
    for funcs in [&["m.TestB.func1"][..], &["m.wait", "m.TestB.func1.2", "m.fire"]] {
        let mut sighting = seen("chan receive", funcs, "time.goFunc");
        (sighting.label, sighting.parent) = (None, None);
        let evidence = parallel(evidence(vec![sighting]));
        assert_eq!(tied(&evidence), by(Attribution::Code, "TestB"), "{funcs:?}");
    }
}

/// The worker was started by TestA's own goroutine, under TestA's label; it was idle then, and is in TestB's job now.
#[test]
fn a_job_that_is_stuck_in_a_shared_worker_is_of_the_test_whose_closure_it_is() {
    for creator in ["m.Submit in goroutine 10", "m.Submit.func1 in goroutine 10"] {
        for label in [true, false] {
            let mut sighting = seen("chan send", &["m.TestB.func1", "m.work"], creator);
            if !label {
                sighting.label = None;
            }
            assert_eq!(
                tied(&evidence(vec![sighting])),
                by(Attribution::Code, "TestB"),
                "{creator} {label}"
            );
        }
    }
    let mut early = seen(
        "chan send",
        &["m.TestB.func1", "m.work"],
        "m.Submit in goroutine 10",
    );
    early.last_seen = 15 * MS;
    assert_eq!(
        tied(&evidence(vec![early])),
        by(Attribution::Label, "TestA"),
        "TestB had not begun when it was seen there"
    );
}

/// `func TestB(t *testing.T) { TestA(t) }`: helper runs the closure that TestA made when TestB called it.
#[test]
fn a_closure_of_a_test_function_that_another_test_called_is_no_evidence_on_the_stack() {
    let mut sighting = seen(
        "chan send",
        &["m.TestA.func1", "m.helper"],
        "m.start in goroutine 11",
    );
    sighting.label = None;
    born(&mut sighting, 25, 30);
    assert_eq!(tied(&evidence(vec![sighting])), by(Attribution::Lineage, "TestB"));
}

#[test]
fn a_test_that_waits_for_its_turn_is_no_candidate() {
    let mut sighting = seen("chan receive", &["m.park"], "m.poll in goroutine 99");
    (sighting.label, sighting.parent) = (None, None);
    born(&mut sighting, 25, 30);
    let mut evidence = parallel(evidence(vec![sighting]));
    let both = (Attribution::Window, vec!["TestA".to_owned(), "TestB".to_owned()]);
    assert_eq!(tied(&evidence), both);
    evidence.tests[0].paused = Some(Pause {
        from: MS,
        to: Some(35 * MS),
    });
    assert_eq!(tied(&evidence), by(Attribution::Window, "TestB"));
}

fn callback(first_seen: u64) -> Sighting {
    let mut sighting = seen("chan receive", &["m.park"], "time.goFunc");
    (sighting.label, sighting.parent) = (None, None);
    born(&mut sighting, first_seen - 1, first_seen);
    sighting
}

#[test]
fn any_test_that_had_begun_may_have_set_a_timer() {
    let (kind, tests) = tied(&evidence(vec![callback(30)]));
    assert_eq!(
        (kind, tests),
        (Attribution::Window, vec!["TestA".to_owned(), "TestB".to_owned()])
    );
    assert_eq!(
        tied(&evidence(vec![callback(10)])),
        by(Attribution::Window, "TestA")
    );
    let mut many = evidence(vec![callback(30)]);
    for n in 0..20 {
        let span = TestSpan {
            name: format!("TestA{n}"),
            ..many.tests[0].clone()
        };
        many.tests.push(span);
    }
    let leak = &judged(&many, "")[0];
    assert_eq!(
        (leak.attribution, leak.tests.len()),
        (Attribution::Package, 0),
        "too many to name"
    );
    assert!(
        matches!(leak.attributed_by, By::Timer { begun: 22, .. }),
        "{:?}",
        leak.attributed_by
    );
}

#[test]
fn the_test_that_names_the_callback_has_set_the_timer() {
    let evidence = evidence(vec![callback(30)]);
    let source = "package m\n\nfunc park() {}\nfunc TestA(t *testing.T) {}\nfunc TestB(t *testing.T) {\n\ttime.AfterFunc(5, park)\n}\n";
    let leak = &judged(&evidence, source)[0];
    assert_eq!(leak.tests[0].0, "TestB");
    assert!(matches!(
        leak.attributed_by,
        By::Code {
            place: CodePlace::Named,
            ..
        }
    ));
    let both = source.replace("(t *testing.T) {}", "(t *testing.T) {\n\tuse(park)\n}");
    assert_eq!(judged(&evidence, &both)[0].tests.len(), 2, "two name it");
    let by_helper = source.replace("\ttime.AfterFunc(5, park)", "\tc := cache{}\n\tc.arm()");
    let helper = "package m\ntype cache struct{}\nfunc (c *cache) arm() { time.AfterFunc(5, park) }\n";
    let files = [("/m/x.go", by_helper.as_str()), ("/m/cache.go", helper)];
    assert_eq!(
        judged_files(&evidence, &files)[0].tests[0].0,
        "TestB",
        "through another file"
    );
    let at_init = source.to_owned() + "func init() { time.AfterFunc(5, park) }\n";
    assert_eq!(
        judged(&evidence, &at_init)[0].tests.len(),
        2,
        "no test need have set it"
    );
}

#[test]
fn a_callback_that_works_on_the_object_of_a_labelled_goroutine_is_of_its_test() {
    let mut timer = callback(30);
    let mut loop_ = seen("select", &["m.(*T).loop"], "m.New in goroutine 10");
    loop_.id = GoroutineId(22);
    let object = Object {
        frame: 0,
        address: 0x00c0_0001_2030,
    };
    timer.objects = vec![object];
    loop_.objects = vec![object];
    let leaks = judged(&evidence(vec![timer, loop_]), "");
    assert!(
        leaks
            .iter()
            .all(|leak| leak.tests[0].0 == "TestA" && leak.tests.len() == 1),
        "{leaks:?}"
    );
}

fn connection(entry: &str, state: &str, id: u64) -> Sighting {
    let mut sighting = seen(state, &[entry], "net/http.(*Transport).dialConn in goroutine 99");
    sighting.id = GoroutineId(id);
    sighting.objects = vec![Object {
        frame: 0,
        address: 0x00c0_0001_2030,
    }];
    sighting
}

/// It was idle when TestA, which opened it, had ended; TestB used it and forgot the body.
#[test]
fn a_connection_is_of_the_test_that_used_it_last() {
    let mut reads = connection("net/http.(*persistConn).readLoop", "select", 21);
    let idle = seen(
        "IO wait",
        &["bufio.(*Reader).Peek", "net/http.(*persistConn).readLoop"],
        "m.x",
    );
    reads.moved = Some(Move {
        from: idle.goroutine,
        last_seen: 21 * MS,
        first_seen: 41 * MS,
    });
    let writes = connection("net/http.(*persistConn).writeLoop", "select", 22);
    let mut other = connection("net/http.(*persistConn).writeLoop", "select", 23);
    other.objects = vec![Object {
        frame: 0,
        address: 0x00c0_0009_9000,
    }];
    let tests = |evidence: &Evidence| -> Vec<String> {
        let leaks = judged(evidence, "");
        leaks
            .iter()
            .flat_map(|leak| leak.ids.iter().map(|id| format!("{}:{}", id.0, leak.tests[0].0)))
            .collect()
    };
    let mut told = tests(&evidence(vec![reads.clone(), writes.clone(), other]));
    told.sort();
    assert_eq!(told, ["21:TestB", "22:TestB", "23:TestA"]);
    let moved = reads.moved.as_mut().expect("a move");
    moved.last_seen = 19 * MS;
    let mut told = tests(&evidence(vec![reads, writes]));
    told.sort();
    assert_eq!(told, ["21:TestA", "22:TestA"], "in use when TestA ended");
}

/// A poller, a client that connects again: they wait elsewhere now by themselves.
#[test]
fn what_may_have_moved_by_itself_stays_with_its_starter() {
    let moved = |from: &[&str], reason: &str, to: &[&str], now: &str| {
        let mut sighting = seen(now, to, "m.start in goroutine 10");
        let from = seen(reason, from, "m.start in goroutine 10");
        sighting.moved = Some(Move {
            from: from.goroutine,
            last_seen: 21 * MS,
            first_seen: 41 * MS,
        });
        tied(&evidence(vec![sighting])).1
    };
    assert_eq!(
        moved(&["m.loop"], "sleep", &["m.poll", "m.loop"], "IO wait"),
        ["TestA"]
    );
    assert_eq!(
        moved(&["m.loop"], "select", &["m.poll", "m.loop"], "chan send"),
        ["TestA"]
    );
    assert_eq!(
        moved(&["m.read", "m.loop"], "IO wait", &["m.loop"], "chan send"),
        ["TestA"]
    );
    assert_eq!(
        moved(&["m.work"], "chan receive", &["m.retry", "m.work"], "sleep"),
        ["TestA"]
    );
    assert_eq!(
        moved(&["m.work"], "chan receive", &["m.job", "m.work"], "chan send"),
        ["TestB"],
        "a worker got a job"
    );
}

/// `go t.Run("lost", func(t *testing.T) { t.Parallel() })`, and the parent does not wait.
#[test]
fn a_test_that_never_ended_is_a_finding() {
    let mut sighting = seen(
        "chan receive",
        &["testing.(*T).Parallel", "m.TestB.func1", "testing.tRunner"],
        "testing.(*T).Run in goroutine 20",
    );
    let mut evidence = evidence(vec![sighting.clone()]);
    evidence.tests[0].name = "TestB/lost".into();
    assert_eq!(
        judged(&evidence, ""),
        [],
        "it ended: the runner is on its way out"
    );
    evidence.tests[0].end = None;
    evidence.tests[0].paused = Some(Pause {
        from: 2 * MS,
        to: None,
    });
    assert_eq!(tied(&evidence), by(Attribution::Lineage, "TestB/lost"));
    sighting.label = None;
    evidence.sightings = vec![sighting];
    assert_eq!(
        tied(&evidence),
        by(Attribution::Lineage, "TestB/lost"),
        "without labels"
    );
}
