//! Crash texts of real test binaries.

use super::*;
use crate::go_source::{GoFiles, Sources};
use crate::leak::{CauseCode, MainModule, joining};
use std::sync::Arc;

/// The program that crashed, as far as its lines count.
const SOURCE: &str = r#"package stk
import ("testing";"time";"sync")
func leak() { go func() { select {} }() }
func TestEarlier(t *testing.T) { leak(); ch := make(chan int); go func() { <-ch }() }
func hang(mu *sync.Mutex) { mu.Lock() }
"#;

struct Program(&'static str);
impl Sources for Program {
    fn read(&self, file: &str) -> Option<Arc<str>> {
        (file == "/src/stk/x_test.go").then(|| self.0.into())
    }
}

fn read_text(text: &str, running: &[&str]) -> Crash {
    read_of(SOURCE, text, running)
}

fn read_of(source: &'static str, text: &str, running: &[&str]) -> Crash {
    let module = ModuleInfo {
        modules: vec![MainModule {
            path: "example.com/stk".into(),
            dir: "/src/stk".into(),
        }],
        goroots: vec!["/usr/local/go".into()],
        root: "/src/stk".into(),
        ..ModuleInfo::default()
    };
    let running: Vec<TestName> = running.iter().map(|name| TestName((*name).into())).collect();
    let package = PackagePath("example.com/stk".into());
    let input = CrashInput {
        package: &package,
        output: text,
        running: &running,
        failed: &[],
        module: &module,
        sources: &GoFiles::new(Program(source)),
    };
    read(&input).expect("a crash")
}

macro_rules! sample {
    ($name:literal, $running:expr) => {
        read_text(
            include_str!(concat!("../../../tests/testdata/dumps/", $name, ".txt")),
            $running,
        )
    };
}

/// Tests, cause, line, whether it is the test's own.
fn told(crash: &Crash) -> Vec<(String, CauseCode, u32, bool)> {
    let one = |leak: &Group| {
        let tests: Vec<_> = leak.tests.iter().map(|test| test.0.as_str()).collect();
        let line = leak.blocked_at.as_ref().map_or(0, |spot| spot.at.line);
        let own = leak.stuck.as_ref().is_some_and(|stuck| stuck.is_test_goroutine);
        (tests.join("+"), leak.cause.code, line, own)
    };
    crash.stuck.iter().map(one).collect()
}

#[test]
fn a_subtest_that_timed_out_is_named_with_what_it_started() {
    let crash = sample!("go1.26.8.timeout-subtest", &[]);
    assert_eq!(crash.headline.kind, CrashKind::Timeout);
    assert_eq!(crash.headline.text, "test timed out after 1s");
    let test = "TestTable/a/b".to_owned();
    let expected = [
        (test.clone(), CauseCode::MutexLocked, 5, true),
        (test, CauseCode::MutexLocked, 7, false),
    ];
    assert_eq!(told(&crash), expected);
    let stuck = &crash.stuck[0];
    assert_eq!(
        stuck.stuck.as_ref().and_then(|stuck| stuck.since.as_deref()),
        Some("1s")
    );
    assert_eq!(crash.left, [(TestName("TestEarlier".into()), 1)]);
}

#[test]
fn parallel_subtests_without_labels_share_their_names() {
    for crash in [
        sample!("go1.27.3.timeout-parallel", &[]),
        sample!("go1.21.13.timeout-parallel", &[]),
    ] {
        let both = "TestPar/x+TestPar/y".to_owned();
        let expected = [
            (both.clone(), CauseCode::ReceiveNoSender, 11, true),
            (both, CauseCode::NilChannel, 11, true),
        ];
        let mut told = told(&crash);
        told.sort_by_key(|one| one.1);
        assert_eq!(told, expected);
    }
}

/// With tracebacklabels each is named.
#[test]
fn parallel_subtests_with_labels_are_told_apart() {
    let text = include_str!("../../../tests/testdata/dumps/go1.27.3.timeout-parallel.txt");
    let text = text
        .replace(
            "[chan send (nil chan)]:",
            "[chan send (nil chan)] {leakgate: \"4:TestPar/y\"}:",
        )
        .replace(
            "[chan receive]:\nexample.com/stk.TestPar.func1",
            "[chan receive] {leakgate: \"3:TestPar/x\"}:\nexample.com/stk.TestPar.func1",
        );
    let crash = read_text(&text, &[]);
    let names: Vec<_> = told(&crash).into_iter().map(|one| (one.0, one.1)).collect();
    assert_eq!(
        names,
        [
            ("TestPar/x".to_owned(), CauseCode::ReceiveNoSender),
            ("TestPar/y".to_owned(), CauseCode::NilChannel)
        ]
    );
}

#[test]
fn a_deadlock_names_the_test_although_go_lists_none() {
    for crash in [
        sample!("go1.26.8.deadlock", &[]),
        sample!("go1.21.13.deadlock", &["TestDead"]),
    ] {
        assert_eq!(crash.headline.text, "all goroutines are asleep - deadlock!");
        let test = "TestDead".to_owned();
        let expected = [
            (test.clone(), CauseCode::ReceiveNoSender, 17, true),
            (test, CauseCode::SelectEmpty, 3, false),
        ];
        assert_eq!(told(&crash), expected);
    }
}

#[test]
fn a_test_that_runs_for_ever_is_stuck_too() {
    let crash = sample!("go1.27.3.timeout-busy", &[]);
    let told = told(&crash);
    assert_eq!(
        (told[0].0.as_str(), told[0].1, told.len()),
        ("TestBusy", CauseCode::BusyLoop, 1)
    );
}

#[test]
fn a_panic_names_its_goroutine_and_nothing_is_stuck() {
    let crash = sample!("go1.26.8.panic-in-goroutine", &["TestPanic"]);
    assert_eq!(
        (crash.headline.kind, crash.headline.text.as_str()),
        (CrashKind::Panic, "boom")
    );
    let culprit = crash.culprit.expect("a culprit");
    assert!(crash.stuck.is_empty() && !culprit.is_test_goroutine);
    assert_eq!(culprit.tests, vec![TestName("TestPanic".into())]);
    assert_eq!(culprit.at.map(|spot| spot.at.line), Some(13));
    assert_eq!(culprit.started_at.map(|spot| spot.at.line), Some(13));

    let crash = sample!("go1.26.8.panic-in-test", &["TestNil"]);
    assert_eq!(
        crash.headline.text,
        "runtime error: invalid memory address or nil pointer dereference"
    );
    let culprit = crash.culprit.expect("a culprit");
    assert!(culprit.is_test_goroutine && culprit.started_at.is_none());
    assert_eq!(
        (culprit.tests, culprit.at.map(|spot| spot.at.line)),
        (vec![TestName("TestNil".into())], Some(16))
    );
}

#[test]
fn a_panic_in_a_cleanup_is_its_tests() {
    let crash = sample!("go1.26.8.panic-in-cleanup", &["TestCleanupPanics"]);
    assert_eq!(crash.headline.text, "in cleanup");
    let culprit = crash.culprit.expect("a culprit");
    assert!(culprit.is_test_goroutine);
    assert_eq!(
        (culprit.tests, culprit.at.map(|spot| spot.at.line)),
        (vec![TestName("TestCleanupPanics".into())], Some(5))
    );
}

#[test]
fn concurrent_map_writes_are_a_fatal_error() {
    let crash = sample!("go1.21.13.map-writes", &["TestMapWrite"]);
    assert_eq!(
        (crash.headline.kind, crash.headline.text.as_str()),
        (CrashKind::Fatal, "concurrent map writes")
    );
    assert_eq!(
        crash.culprit.map(|culprit| culprit.tests),
        Some(vec![TestName("TestMapWrite".into())])
    );
}

#[test]
fn what_a_test_printed_before_is_not_the_crash() {
    let printed = "panic: only a log line\n\ngoroutine 7 [select]:\nm.x()\n\t/x.go:1 +0x1\n\n";
    let text = include_str!("../../../tests/testdata/dumps/go1.26.8.timeout-subtest.txt");
    let crash = read_text(&format!("{printed}{text}"), &[]);
    assert_eq!(crash.headline.kind, CrashKind::Timeout);
    assert_eq!(crash.stuck.len(), 2);
    assert_eq!(headline::find("no crash\nat all"), None);
}

#[test]
fn a_stack_that_go_could_not_print_is_that_of_its_siblings() {
    let crash = |statement: u32| {
        let started = |id: u32, top: &str, line: u32| {
            format!(
                "goroutine {id} {top}created by example.com/stk.TestBusy in goroutine 21\n\t/src/stk/x_test.go:{line} +0x1\n\n"
            )
        };
        let loops = "[runnable]:\nexample.com/stk.spin()\n\t/src/stk/x_test.go:7 +0x1\n";
        let running = "[running]:\n\tgoroutine running on other thread; stack unavailable\n";
        let text = format!(
            "panic: test timed out after 1s\n\trunning tests:\n\t\tTestBusy (1s)\n\n\
             goroutine 22 [running]:\ntesting.(*M).startAlarm.func1()\n\t/go/src/testing/testing.go:9 +0x1\n\n\
             goroutine 21 [chan receive]:\nexample.com/stk.TestBusy(0xc000102488)\n\t/src/stk/x_test.go:1 +0x1\n\
             testing.tRunner(0xc000102488, 0x6dd2c8)\n\t/go/src/testing/testing.go:9 +0x1\n\
             created by testing.(*T).Run in goroutine 1\n\t/go/src/testing/testing.go:9 +0x1\n\n{}{}{}exit status 2\n",
            started(30, loops, 5),
            started(31, loops, 5),
            started(32, running, statement),
        );
        let crash = read_text(&text, &["TestBusy"]);
        crash
            .stuck
            .iter()
            .skip(1)
            .map(|leak| (leak.owner.0.clone(), leak.count))
            .collect::<Vec<_>>()
    };
    assert_eq!(crash(5), [("example.com/stk.spin".to_owned(), 3)]);
    // Another statement may have started anything.
    assert_eq!(crash(6).len(), 2);
}

#[test]
fn thousands_at_one_place_are_one_finding_with_all_of_them() {
    const MANY: u32 = 20_000;
    let started: String = (0..MANY)
        .map(|at| {
            format!(
                "goroutine {} [chan receive]:\nexample.com/stk.TestEarlier.func1()\n\t/src/stk/x_test.go:4 +0x1\n\
                 created by example.com/stk.TestEarlier in goroutine 21\n\t/src/stk/x_test.go:4 +0x1\n\n",
                at + 30
            )
        })
        .collect();
    let text = format!(
        "panic: test timed out after 1s\n\trunning tests:\n\t\tTestEarlier (1s)\n\n\
         goroutine 22 [running]:\ntesting.(*M).startAlarm.func1()\n\t/go/src/testing/testing.go:9 +0x1\n\n\
         goroutine 21 [chan receive]:\nexample.com/stk.TestEarlier(0xc000102488)\n\t/src/stk/x_test.go:4 +0x1\n\
         testing.tRunner(0xc000102488, 0x6dd2c8)\n\t/go/src/testing/testing.go:9 +0x1\n\
         created by testing.(*T).Run in goroutine 1\n\t/go/src/testing/testing.go:9 +0x1\n\n{started}exit status 2\n"
    );
    let crash = read_text(&text, &["TestEarlier"]);
    let [own, others] = &crash.stuck[..] else {
        panic!("{} findings", crash.stuck.len())
    };
    assert_eq!((own.count, others.count), (1, u64::from(MANY)));
    assert_eq!(others.instances.len(), MANY as usize);
    assert_eq!(
        others.ids.first().zip(others.ids.get(1)).map(|(a, b)| (a.0, b.0)),
        Some((30, 31))
    );
}

/// The second lock is waited for with the first one held, and given back only with that.
const URLS: &str = r#"package stk
import ("sync"; "testing")
type urls struct{ mu, one sync.Mutex }
func (u *urls) lock() {
	u.mu.Lock() // mu
	u.one.Lock() // one
	u.mu.Unlock()
}
func (u *urls) unlock() {
	u.mu.Lock() // again
	u.one.Unlock()
	u.mu.Unlock()
}
func TestKnot(t *testing.T) {
	u := &urls{}
	var wg sync.WaitGroup
	for range 2 {
		wg.Add(1)
		go func() { // go
			defer wg.Done()
			u.lock() // locks
			u.unlock() // unlocks
		}()
	}
	wg.Wait() // wait
}
"#;

#[test]
fn a_test_that_waits_for_a_circle_is_one_leak_with_it() {
    let line = |mark: &str| {
        let mark = format!("// {mark}");
        URLS.lines()
            .position(|line| line.ends_with(&mark))
            .expect("a mark")
            + 1
    };
    let started = |id: u32, method: &str, at: &str, call: &str| {
        format!(
            "goroutine {id} [sync.Mutex.Lock]:\nsync.(*Mutex).Lock(...)\n\t/usr/local/go/src/sync/mutex.go:46\n\
             example.com/stk.(*urls).{method}(0xc000102030)\n\t/src/stk/x_test.go:{} +0x1\n\
             example.com/stk.TestKnot.func1()\n\t/src/stk/x_test.go:{} +0x1\n\
             created by example.com/stk.TestKnot in goroutine 21\n\t/src/stk/x_test.go:{} +0x1\n\n",
            line(at),
            line(call),
            line("go")
        )
    };
    let text = format!(
        "panic: test timed out after 1s\n\trunning tests:\n\t\tTestKnot (1s)\n\n\
         goroutine 22 [running]:\ntesting.(*M).startAlarm.func1()\n\t/usr/local/go/src/testing/testing.go:9 +0x1\n\n\
         goroutine 21 [sync.WaitGroup.Wait]:\nsync.(*WaitGroup).Wait(0xc000102088)\n\t/usr/local/go/src/sync/waitgroup.go:9 +0x1\n\
         example.com/stk.TestKnot(0xc000102488)\n\t/src/stk/x_test.go:{} +0x1\n\
         testing.tRunner(0xc000102488, 0x6dd2c8)\n\t/usr/local/go/src/testing/testing.go:9 +0x1\n\
         created by testing.(*T).Run in goroutine 1\n\t/usr/local/go/src/testing/testing.go:9 +0x1\n\n{}{}exit status 2\n",
        line("wait"),
        started(30, "lock", "one", "locks"),
        started(31, "unlock", "again", "unlocks"),
    );
    let crash = read_of(URLS, &text, &["TestKnot"]);
    assert_eq!(crash.stuck.len(), 3);
    let leaks = joining::join(crash.stuck);
    let [leak] = &leaks[..] else { panic!("{leaks:?}") };
    assert!(
        leak.root
            .stuck
            .as_ref()
            .is_some_and(|stuck| stuck.is_test_goroutine)
    );
    assert_eq!(leak.members.len(), 2);
    let waits_for = &leak.root.cause.waits_for;
    assert!(
        waits_for.contains("they wait in a circle: a goroutine of stk.TestKnot holds `u.mu`"),
        "{leak:?}"
    );
}

/// A test that sends to one after another, on line 5, in the loop of line 8.
const ROWS: &str = r#"package stk
import "testing"
type row struct{ ch chan int }
func (r *row) push() {
	r.ch <- 1
}
func all(rows []*row) {
	for _, r := range rows {
		r.push()
	}
}
func TestRows(t *testing.T) {
	r := &row{ch: make(chan int, 1)}
	all([]*row{r, r})
}
"#;

#[test]
fn a_test_that_sends_alone_is_not_to_wait_for_a_close() {
    let frame =
        |name: &str, line: u32| format!("example.com/stk.{name}(0x1)\n\t/src/stk/x_test.go:{line} +0x1\n");
    let text = format!(
        "panic: test timed out after 1s\n\trunning tests:\n\t\tTestRows (1s)\n\ngoroutine 1 [chan receive]:\ntesting.(*T).Run(0x1)\n\t/usr/local/go/src/testing/testing.go:1 +0x1\nmain.main()\n\t_testmain.go:1 +0x1\n\ngoroutine 10 [chan send]:\n{}{}{}testing.tRunner(0x1)\n\t/usr/local/go/src/testing/testing.go:1 +0x1\ncreated by testing.(*T).Run in goroutine 1\n\t/usr/local/go/src/testing/testing.go:2 +0x1\n",
        frame("(*row).push", 5),
        frame("all", 9),
        frame("TestRows", 14)
    );
    let crash = read_of(ROWS, &text, &["TestRows"]);
    let fix = &crash.stuck[0].cause.fix;
    assert_eq!(
        fix,
        "send in a select with `default` (line 5), which drops the value where nothing receives just then, or in a goroutine of its own for each round of the loop (line 8), which stays behind where nothing receives from `r.ch` later"
    );
}
