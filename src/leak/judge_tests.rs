//! Evidence made from dump text, judged.

use super::judge::groups;
use super::*;
use crate::evidence::{Evidence, Proof, Reading, Sighting, StackReading, TestKind, TestSeq, TestSpan};
use crate::go_source::{GoFiles, Sources};
use crate::goroutine::{GoroutineId, parse};
use crate::package_path::PackagePath;
use std::collections::BTreeMap;
use std::sync::Arc;

const MS: u64 = 1_000_000;

struct Texts(BTreeMap<String, String>);
impl Sources for Texts {
    fn read(&self, file: &str) -> Option<Arc<str>> {
        self.0.get(file).map(|text| text.as_str().into())
    }

    fn list(&self, folder: &str) -> Vec<String> {
        let below = |path: &&String| path.rsplit_once('/').is_some_and(|(dir, _)| dir == folder);
        self.0.keys().filter(below).cloned().collect()
    }

    fn folder(&self, import_path: &str) -> Option<String> {
        match import_path {
            "m" => Some("/m".to_owned()),
            std => Some(format!("/go/src/{std}")),
        }
    }
}

fn span(seq: u32, name: &str, goroutine: u64, start: u64, end: u64) -> TestSpan {
    TestSpan {
        seq: TestSeq(seq),
        kind: TestKind::Test,
        name: name.into(),
        goroutine: GoroutineId(goroutine),
        start: start * MS,
        end: Some(end * MS),
        paused: None,
    }
}

/// Every goroutine of the dump is a sighting: born in 1..2 ms, labelled with test 1, never gone.
pub(super) fn sightings(dump: &str) -> Vec<Sighting> {
    let sighting = |goroutine: crate::goroutine::Goroutine| Sighting {
        id: goroutine.id,
        parent: goroutine.created.as_ref().and_then(|created| created.by),
        label: Some(TestSeq(1)),
        absent_until: MS,
        first_seen: 2 * MS,
        last_seen: 100 * MS,
        gone_by: None,
        proof: Proof::NotAsked,
        moved: None,
        collected: false,
        objects: goroutine.objects(),
        goroutine: Arc::new(goroutine),
    };
    parse(dump.as_bytes())
        .goroutines
        .into_iter()
        .map(sighting)
        .collect()
}

/// All goroutines that count, folded, not yet joined to leaks.
pub(super) fn judged(evidence: &Evidence, source: &str) -> Vec<Group> {
    judged_by(groups, evidence, source)
}

/// The same, joined.
pub(super) fn judged_leaks(evidence: &Evidence, source: &str) -> Vec<Leak> {
    judged_by(judge, evidence, source)
}

/// The same as [`judged`], of several files.
pub(super) fn judged_files(evidence: &Evidence, files: &[(&str, &str)]) -> Vec<Group> {
    judged_with(groups, evidence, files)
}

fn judged_by<T>(judge: impl Fn(&Judged<'_>) -> T, evidence: &Evidence, source: &str) -> T {
    judged_with(judge, evidence, &[("/m/x.go", source)])
}

fn judged_with<T>(judge: impl Fn(&Judged<'_>) -> T, evidence: &Evidence, files: &[(&str, &str)]) -> T {
    let module = ModuleInfo {
        modules: vec![MainModule {
            path: "m".into(),
            dir: "/m".into(),
        }],
        goroots: vec!["/go".into()],
        root: "/m".into(),
        ..ModuleInfo::default()
    };
    let texts = files
        .iter()
        .map(|(path, text)| ((*path).to_owned(), (*text).to_owned()));
    let sources = Texts(texts.collect());
    judge(&Judged {
        package: &PackagePath("m".into()),
        evidence,
        module: &module,
        sources: &GoFiles::new(sources),
    })
}

pub(super) fn evidence(sightings: Vec<Sighting>) -> Evidence {
    let tests = vec![span(1, "TestA", 10, 0, 20), span(2, "TestB", 11, 20, 40)];
    Evidence {
        tests,
        sightings,
        baseline: vec![GoroutineId(1)],
        end: 100 * MS,
        ..Evidence::default()
    }
}

const RECEIVE: &str = "goroutine 21 [chan receive]:\nm.work(...)\n\t/m/x.go:3 +0x1\ncreated by m.TestA in goroutine 10\n\t/m/x.go:8 +0x2\n";

fn one(change: impl FnOnce(&mut Sighting)) -> Vec<Group> {
    let mut all = sightings(RECEIVE);
    change(&mut all[0]);
    judged(&evidence(all), "")
}

#[test]
fn label_then_lineage_then_window() {
    let tied = |leak: &Group| {
        (
            leak.attribution,
            leak.tests.iter().map(|test| test.0.clone()).collect::<Vec<_>>(),
        )
    };
    let a = vec!["TestA".to_owned()];
    assert_eq!(tied(&one(|_| {})[0]), (Attribution::Label, a.clone()));
    assert_eq!(
        tied(&one(|s| s.label = None)[0]),
        (Attribution::Lineage, a.clone())
    );
    let window = one(|s| (s.label, s.parent) = (None, Some(GoroutineId(1))));
    assert_eq!(tied(&window[0]), (Attribution::Window, a));
    let both = one(|s| {
        (s.label, s.parent, s.first_seen) = (None, None, 30 * MS);
        s.goroutine = Arc::new(crate::goroutine::Goroutine {
            created: None,
            ..(*s.goroutine).clone()
        });
        Arc::make_mut(&mut s.goroutine).state.reason = "chan send".into();
    });
    assert_eq!(
        tied(&both[0]),
        (Attribution::Window, vec!["TestA".into(), "TestB".into()])
    );
    let closure = one(|s| {
        (s.label, s.parent, s.first_seen) = (None, None, 30 * MS);
        let mut goroutine = (*s.goroutine).clone();
        goroutine.frames[0].func = crate::goroutine::FuncName("m.TestB.func1".into());
        goroutine.created = None;
        goroutine.state.reason = "chan send".into();
        s.goroutine = Arc::new(goroutine);
    });
    assert_eq!(tied(&closure[0]), (Attribution::Code, vec!["TestB".into()]));
    let none = one(|s| (s.label, s.parent, s.absent_until, s.first_seen) = (None, None, 50 * MS, 60 * MS));
    assert_eq!(tied(&none[0]), (Attribution::Package, vec![]));
}

#[test]
fn lineage_goes_through_dead_parents() {
    let mut all = sightings(RECEIVE);
    (all[0].label, all[0].parent) = (None, Some(GoroutineId(31)));
    let mut evidence = evidence(all);
    evidence.parents = [(31, 30), (30, 11)]
        .map(|(a, b)| (GoroutineId(a), GoroutineId(b)))
        .into();
    evidence.tests[1].start = 0;
    let leaks = judged(&evidence, "");
    assert_eq!(leaks[0].attribution, Attribution::Lineage);
    assert_eq!(leaks[0].tests, [TestName("TestB".into())]);
    // A loop of links, which no honest evidence has, ends.
    evidence.parents.insert(GoroutineId(11), GoroutineId(31));
    evidence.tests[1].goroutine = GoroutineId(99);
    assert_eq!(judged(&evidence, "")[0].attribution, Attribution::Window);
}

/// The shim may know later than it was so that a goroutine was not there.
#[test]
fn lineage_to_a_tests_own_goroutine_needs_no_window() {
    let leaks = one(|s| (s.label, s.absent_until, s.first_seen) = (None, 60 * MS, 70 * MS));
    assert_eq!(leaks[0].attribution, Attribution::Lineage);
    assert_eq!(leaks[0].tests, [TestName("TestA".into())]);
}

#[test]
fn examples_share_the_main_goroutine_and_are_told_by_time() {
    let mut all = sightings(RECEIVE);
    (all[0].label, all[0].parent) = (None, Some(GoroutineId(1)));
    let mut evidence = evidence(all);
    evidence.tests = vec![span(1, "ExampleA", 1, 0, 4), span(2, "ExampleB", 1, 4, 9)];
    let leaks = judged(&evidence, "");
    assert_eq!(
        (leaks[0].attribution, &leaks[0].tests[..]),
        (Attribution::Lineage, &[TestName("ExampleA".into())][..])
    );
}

#[test]
fn late_is_what_slept_or_stayed_long() {
    let gone = |last: u64, state: &str| {
        let mut all = sightings(&RECEIVE.replace("chan receive", state));
        (all[0].last_seen, all[0].gone_by) = (last * MS, Some((last + 30) * MS));
        judged(&evidence(all), "")
            .first()
            .map(|leak| (leak.verdict, leak.lived.map(|l| (l.at_least_ms, l.at_most_ms))))
    };
    assert_eq!(gone(19, "chan receive"), None, "not seen after its test");
    assert_eq!(
        gone(20, "sleep"),
        None,
        "the look was the end's own: it is not seen past it"
    );
    assert_eq!(gone(22, "sleep"), Some((Verdict::Late, Some((2, 32)))));
    assert_eq!(gone(20, "runnable"), None, "on its way out");
    assert_eq!(
        gone(20, "select"),
        None,
        "on its way out behind another one: the write loop of a closed connection"
    );
    assert_eq!(gone(900, "runnable"), None, "on its way out, on a loaded machine");
    assert_eq!(
        gone(1_020, "runnable"),
        Some((Verdict::Late, Some((1_000, 1_030))))
    );
    let mut naps = sightings(&RECEIVE.replace("chan receive", "sleep"));
    (naps[0].last_seen, naps[0].gone_by) = (22 * MS, Some(24 * MS));
    assert_eq!(
        judged(&evidence(naps), ""),
        [],
        "a loop with short sleeps has seen its quit channel (client_golang's TestHistogramAtomicObserve)"
    );
    for state in ["select", "IO wait"] {
        assert_eq!(gone(120, state), Some((Verdict::Late, Some((100, 130)))));
    }
    let mut finalizer = sightings("goroutine 21 [sleep]:\na/b.finish()\n\t/m/x.go:3 +0x1\n");
    (finalizer[0].last_seen, finalizer[0].gone_by) = (31 * MS, Some(40 * MS));
    assert_eq!(
        judged(&evidence(finalizer), ""),
        [],
        "no test can wait for a finalizer"
    );
}

/// The leak GC runs soon after the end: what it ends had lived for no long time then.
#[test]
fn what_the_garbage_collector_ended_is_late_and_says_so() {
    let gone = |collected: bool| {
        let mut all = sightings(RECEIVE);
        (all[0].last_seen, all[0].gone_by, all[0].collected) = (32 * MS, Some(38 * MS), collected);
        judged(&evidence(all), "")
            .first()
            .map(|leak| (leak.verdict, leak.lived.is_some_and(|lived| lived.collected)))
    };
    assert_eq!(gone(true), Some((Verdict::Late, true)));
    assert_eq!(gone(false), None, "12 ms are none");
}

/// A server of the parent, a suite's fixtures: what a subtest was the first to use, the parent's clean-up ends.
#[test]
fn what_ends_before_its_parent_test_is_not_late() {
    let gone = |last: u64| {
        let mut all = sightings(&RECEIVE.replace("chan receive", "IO wait"));
        (all[0].last_seen, all[0].gone_by) = (last * MS, Some((last + 30) * MS));
        let mut evidence = evidence(all);
        evidence.tests = vec![
            span(1, "TestA/first", 10, 0, 20),
            span(2, "TestA/second", 11, 20, 300),
            span(3, "TestA", 12, 0, 300),
            span(4, "TestA", 13, 400, 500), // -count=2
        ];
        let leaks = judged(&evidence, "");
        leaks.first().map(|leak| {
            let lived = leak.lived.expect("late ones have lived");
            (leak.tests[0].0.clone(), lived.at_least_ms, lived.at_most_ms)
        })
    };
    assert_eq!(gone(299), None);
    assert_eq!(gone(340), Some(("TestA/first".to_owned(), 40, 70)));
}

/// The zoo's case 26 on a loaded machine: the request leaks, its dial ends 100 ms after the test.
#[test]
fn what_a_leak_starts_and_what_ends_is_part_of_the_leak() {
    let found = |parent: u64, parent_gone: Option<u64>| {
        let text = RECEIVE
            .replace(" 21 ", " 22 ")
            .replace("goroutine 10", &format!("goroutine {parent}"));
        let mut all = sightings(&format!("{RECEIVE}\n{text}"));
        all[0].gone_by = parent_gone;
        (all[1].last_seen, all[1].gone_by) = (120 * MS, Some(150 * MS));
        let mut evidence = evidence(all);
        evidence.parents = [(22, parent), (23, 21), (21, 10)]
            .map(|(a, b)| (GoroutineId(a), GoroutineId(b)))
            .into();
        let leaks = judged(&evidence, "");
        leaks
            .iter()
            .map(|leak| (leak.ids.len(), leak.verdict))
            .collect::<Vec<_>>()
    };
    let (leaked, late) = ((1, Verdict::Leaked), (1, Verdict::Late));
    assert_eq!(found(21, None), [leaked]);
    assert_eq!(found(23, None), [leaked], "through a dead parent");
    assert_eq!(found(10, None), [leaked, late], "the test's own");
    assert_eq!(
        found(21, Some(160 * MS)),
        [(2, Verdict::Late)],
        "whoever started it has ended too"
    );
}

#[test]
fn equal_leaks_are_folded_per_test() {
    let dump: String = (0..2_000)
        .map(|n| RECEIVE.replace(" 21 ", &format!(" {} ", 100 + n)) + "\n")
        .collect();
    let mut all = sightings(&dump);
    for sighting in all.iter_mut().skip(1_500) {
        sighting.label = Some(TestSeq(2));
    }
    all[3].proof = Proof::Proven;
    let leaks = judged(&evidence(all), "");
    let counts: Vec<_> = leaks
        .iter()
        .map(|leak| (leak.tests[0].0.as_str(), leak.evidenced, leak.count))
        .collect();
    let observed = Evidenced::Observed;
    assert_eq!(
        counts,
        [
            ("TestA", Evidenced::Proven, 1),
            ("TestA", observed, 1_499),
            ("TestB", observed, 500)
        ]
    );
    assert_eq!(leaks[1].ids.len(), 20);
    assert!(leaks.iter().all(|leak| leak.fingerprint == leaks[0].fingerprint));
}

/// Of two connections nothing is certain but that their two loops belong together.
#[test]
fn siblings_among_equal_stacks_get_one_label() {
    let block = |id: u32, func: &str, state: &str| {
        format!(
            "goroutine {id} [{state}]:\n{func}(...)\n\t/go/src/net/http/transport.go:3 +0x1\ncreated by net/http.(*Transport).dialConn in goroutine 9\n\t/go/src/net/http/transport.go:8 +0x2\n\n"
        )
    };
    let (read, write) = (
        "net/http.(*persistConn).readLoop",
        "net/http.(*persistConn).writeLoop",
    );
    // Tests 1 and 2 each left an idle connection, tests 3 and 4 an unread body: parents 51 to 54.
    let text: String = [(21, "IO wait"), (22, "IO wait"), (23, "select"), (24, "select")]
        .iter()
        .map(|(id, state)| block(*id, read, state) + &block(id + 10, write, "select"))
        .collect();
    let mut all = sightings(&text);
    let shared: Vec<_> = all
        .iter()
        .map(|sighting| Arc::clone(&sighting.goroutine))
        .collect();
    for (index, sighting) in all.iter_mut().enumerate() {
        let connection = index / 2;
        sighting.parent = Some(GoroutineId(51 + connection as u64));
        let reads = index % 2 == 0;
        sighting.goroutine = Arc::clone(&shared[if reads { 4 * (connection / 2) } else { 1 }]);
        sighting.label = None;
    }
    let mut evidence = evidence(all);
    evidence.tests = (1..=4)
        .map(|n| span(n, &format!("Test{n}"), 100 + u64::from(n), 0, 20))
        .collect();
    // What the profile counts, by stack: read loops of a kind, and all write loops.
    let stack = |stack: u32, tests: std::ops::RangeInclusive<u32>, first: u64| StackReading {
        stack,
        came: (first..)
            .zip(tests.clone())
            .map(|(id, _)| GoroutineId(id))
            .collect(),
        counts: tests.map(|test| (Some(TestSeq(test)), 1)).collect(),
        left: Vec::new(),
    };
    evidence.readings = vec![Reading {
        ended: true,
        stacks: vec![stack(0, 1..=4, 31), stack(1, 1..=2, 21), stack(2, 3..=4, 23)],
        moved: Vec::new(),
    }];
    let told: Vec<_> = judged(&evidence, "")
        .iter()
        .map(|leak| (leak.tests[0].0.clone(), leak.cause.code))
        .collect();
    let idle = CauseCode::HttpIdleConnection;
    let body = CauseCode::HttpBodyNotClosed;
    let expected = [("Test1", idle), ("Test1", idle), ("Test2", idle), ("Test2", idle)]
        .into_iter()
        .chain([("Test3", body), ("Test3", body), ("Test4", body), ("Test4", body)])
        .map(|(test, code)| (test.to_owned(), code));
    assert_eq!(told, expected.collect::<Vec<_>>());
}
