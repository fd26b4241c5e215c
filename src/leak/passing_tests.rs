//! What is only passing by, and what is not.

use super::judge_tests::{evidence, judged, sightings};
use crate::evidence::{Evidence, Sighting};
use crate::goroutine::GoroutineId;

const MS: u64 = 1_000_000;
const TASK: &str =
    "goroutine 90 [sleep]:\nm.task()\n\t/m/x.go:3 +0x1\ncreated by m.poll in goroutine 1\n\t/m/x.go:8 +0x2\n";
const FINALIZER: &str = "goroutine 21 [running]:\nm.close(...)\n\t/m/x.go:3 +0x1\n";

/// Tests end at 40 ms, settling takes 400 ms from 43 ms on.
fn settled(all: Vec<Sighting>, go: &str) -> Evidence {
    let mut evidence = evidence(all);
    evidence.process.go_version = go.to_owned();
    (evidence.settle.setting, evidence.settle.began) = (400 * MS, 43 * MS);
    evidence.end = 450 * MS;
    evidence
}

fn leaks(dump: &str, go: &str, change: impl FnOnce(&mut Evidence)) -> usize {
    let mut all = sightings(dump);
    for sighting in &mut all {
        sighting.label = None;
        (sighting.absent_until, sighting.first_seen, sighting.last_seen) = (410 * MS, 415 * MS, 440 * MS);
    }
    let mut evidence = settled(all, go);
    change(&mut evidence);
    judged(&evidence, "").len()
}

#[test]
fn a_task_that_the_baseline_starts_while_settling_is_no_leak() {
    assert_eq!(leaks(TASK, "go1.26.8", |_| {}), 0);
    assert_eq!(
        leaks(TASK, "go1.26.8", |e| e.sightings[0].absent_until = 30 * MS),
        1,
        "a test ran"
    );
    let watched = |e: &mut Evidence| e.sightings[0].first_seen = 40 * MS;
    assert_eq!(
        leaks(TASK, "go1.26.8", watched),
        1,
        "watched for as long as all others"
    );
    let stuck = TASK.replace("[sleep]", "[select (no cases)]");
    assert_eq!(leaks(&stuck, "go1.26.8", |_| {}), 1, "it can never end");
    let timer = TASK.replace("created by m.poll in goroutine 1", "created by time.goFunc");
    assert_eq!(
        leaks(&timer, "go1.26.8", |_| {}),
        1,
        "a test may have set the timer"
    );
}

/// The dialler of a poller's connection is gone before anything saw it.
#[test]
fn a_task_whose_parent_was_never_seen_comes_from_what_was_there() {
    let unseen = TASK.replace("goroutine 1\n", "goroutine 77\n");
    assert_eq!(leaks(&unseen, "go1.26.8", |_| {}), 0);
    let both = format!("{unseen}\n{}", TASK.replace("goroutine 90", "goroutine 80"));
    let of_a_test = |e: &mut Evidence| {
        let old = e
            .sightings
            .iter_mut()
            .find(|s| s.id == GoroutineId(80))
            .expect("it");
        (old.absent_until, old.first_seen) = (5 * MS, 10 * MS);
    };
    assert_eq!(
        leaks(&both, "go1.26.8", of_a_test),
        2,
        "a test's leak may have started it"
    );
    let known = |e: &mut Evidence| e.tests[0].goroutine = GoroutineId(77);
    assert_eq!(leaks(&unseen, "go1.26.8", known), 1, "a test's own goroutine did");
}

#[test]
fn a_finalizer_at_work_is_no_leak_unless_it_goes_on() {
    let shown = format!("{FINALIZER}runtime.runFinalizers()\n\t/go/mfinal.go:3 +0x1\n");
    let old =
        |e: &mut Evidence| (e.sightings[0].absent_until, e.sightings[0].first_seen) = (5 * MS, 200 * MS);
    assert_eq!(leaks(&shown, "go1.26.8", old), 0);
    assert_eq!(leaks(FINALIZER, "go1.24.11", old), 0, "there is no frame to see");
    assert_eq!(
        leaks(FINALIZER, "go1.26.8", old),
        1,
        "a thread of C that calls back"
    );
    let thread = FINALIZER.replace("[running]", "[running, locked to thread]");
    assert_eq!(
        leaks(&thread, "go1.24.11", old),
        1,
        "a thread of C that calls back"
    );
    let endless =
        |e: &mut Evidence| (e.sightings[0].absent_until, e.sightings[0].first_seen) = (5 * MS, 30 * MS);
    for (dump, go) in [(shown.as_str(), "go1.26.8"), (FINALIZER, "go1.24.11")] {
        assert_eq!(leaks(dump, go, endless), 1, "it ran as long as all was watched");
        assert_eq!(
            leaks(&dump.replace("running", "chan send"), go, old),
            1,
            "it hangs"
        );
    }
}

#[test]
fn a_thread_of_c_that_calls_back_just_now_is_no_leak() {
    let thread = FINALIZER.replace("[running]", "[running, locked to thread]");
    assert_eq!(leaks(&thread, "go1.26.8", |_| {}), 0);
}

#[test]
fn a_task_of_the_baseline_that_ends_after_a_test_is_not_late() {
    let late = |change: &dyn Fn(&mut Evidence)| {
        leaks(TASK, "go1.26.8", |e| {
            let task = &mut e.sightings[0];
            (task.absent_until, task.first_seen, task.last_seen) = (5 * MS, 10 * MS, 300 * MS);
            task.gone_by = Some(310 * MS);
            change(e);
        })
    };
    assert_eq!(late(&|_| {}), 0);
    assert_eq!(
        late(&|e| e.tests[0].goroutine = GoroutineId(1)),
        1,
        "an example runs on the main goroutine"
    );
    assert_eq!(
        late(&|e| e.sightings[0].parent = Some(GoroutineId(77))),
        1,
        "a test may have started it"
    );
}
