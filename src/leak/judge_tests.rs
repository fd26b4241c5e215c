//! Evidence made from dump text, judged.

use super::*;
use crate::goroutine::{GoroutineId, parse};
use crate::package_path::PackagePath;
use crate::snapshot::{Evidence, LabelSource, Proof, Sighting, TestKind, TestSeq, TestSpan};
use std::collections::BTreeMap;
use std::sync::Arc;

const MS: u64 = 1_000_000;

struct Texts(BTreeMap<String, String>);
impl Sources for Texts {
    fn read(&self, file: &str) -> Option<Arc<str>> {
        self.0.get(file).map(|text| text.as_str().into())
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
    }
}

/// Every goroutine of the dump is a sighting: born in 1..2 ms, labelled with test 1, never gone.
fn sightings(dump: &str) -> Vec<Sighting> {
    let sighting = |goroutine: crate::goroutine::Goroutine| Sighting {
        id: goroutine.id,
        parent: goroutine.created.as_ref().and_then(|created| created.by),
        goroutine: Arc::new(goroutine),
        label: Some((TestSeq(1), LabelSource::Header)),
        absent_until: MS,
        first_seen: 2 * MS,
        last_seen: 100 * MS,
        gone_by: None,
        proof: Proof::NotAsked,
    };
    parse(dump.as_bytes())
        .goroutines
        .into_iter()
        .map(sighting)
        .collect()
}

fn judged(evidence: &Evidence, source: &str) -> Vec<Leak> {
    let module = ModuleInfo {
        modules: vec![MainModule {
            path: "m".into(),
            dir: "/m".into(),
        }],
        goroots: vec!["/go".into()],
        root: "/m".into(),
        ..ModuleInfo::default()
    };
    let sources = Texts(BTreeMap::from([("/m/x.go".to_owned(), source.to_owned())]));
    judge(&Judged {
        package: &PackagePath("m".into()),
        evidence,
        module: &module,
        sources: &sources,
    })
}

fn evidence(sightings: Vec<Sighting>) -> Evidence {
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

fn one(change: impl FnOnce(&mut Sighting)) -> Vec<Leak> {
    let mut all = sightings(RECEIVE);
    change(&mut all[0]);
    judged(&evidence(all), "")
}

#[test]
fn label_then_lineage_then_window() {
    let tied = |leak: &Leak| {
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
    assert_eq!(
        tied(&closure[0]).1.len(),
        2,
        "another test may have called TestB's function"
    );
    assert!(closure[0].attributed_by.ends_with("its code stands in TestB"));
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
    assert_eq!(gone(20, "sleep"), Some((Verdict::Late, Some((0, 30)))));
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
        sighting.label = Some((TestSeq(2), LabelSource::Header));
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

/// Up to Go 1.25 the profile does not say which of two equal stacks carries which label.
#[test]
fn shared_labels_go_to_the_right_ones_among_equal_stacks() {
    let mut all = sightings(&format!("{RECEIVE}\n{}", RECEIVE.replace(" 21 ", " 22 ")));
    all[1].goroutine = Arc::clone(&all[0].goroutine);
    (all[0].label, all[1].label) = [(2, 21), (1, 22)]
        .map(|(seq, _)| Some((TestSeq(seq), LabelSource::Shared)))
        .into();
    (all[0].parent, all[1].parent) = (Some(GoroutineId(10)), Some(GoroutineId(11)));
    let leaks = judged(&evidence(all), "");
    let told: Vec<_> = leaks
        .iter()
        .map(|leak| (leak.tests[0].0.as_str(), leak.ids[0].0))
        .collect();
    assert_eq!(told, [("TestA", 21), ("TestB", 22)]);
}

/// A test whose equal goroutine was seen for a while and has ended is not blamed for what another one left.
#[test]
fn a_certain_label_is_not_exchanged_with_that_of_an_equal_goroutine() {
    for source in [LabelSource::Header, LabelSource::Profile] {
        let mut all = sightings(&format!("{RECEIVE}\n{}", RECEIVE.replace(" 21 ", " 22 ")));
        all[1].goroutine = Arc::clone(&all[0].goroutine);
        // The fixed one of TestB came first, and is gone; what TestA left has the larger id.
        (all[0].label, all[1].label) = (
            Some((TestSeq(2), LabelSource::Profile)),
            Some((TestSeq(1), source)),
        );
        (all[0].parent, all[1].parent) = (Some(GoroutineId(51)), Some(GoroutineId(52)));
        (all[0].last_seen, all[0].gone_by) = (30 * MS, Some(35 * MS));
        let leaks = judged(&evidence(all), "");
        let told: Vec<_> = leaks
            .iter()
            .map(|leak| (leak.tests[0].0.as_str(), leak.ids[0].0))
            .collect();
        assert_eq!(told, [("TestA", 22)]);
    }
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
    let profile = |seq: u32| Some((TestSeq(seq), LabelSource::Shared));
    let shared: Vec<_> = all
        .iter()
        .map(|sighting| Arc::clone(&sighting.goroutine))
        .collect();
    for (index, sighting) in all.iter_mut().enumerate() {
        let connection = index / 2;
        sighting.parent = Some(GoroutineId(51 + connection as u64));
        // The right labels for the read loops of a kind, any for the write loops.
        let reads = index % 2 == 0;
        sighting.goroutine = Arc::clone(&shared[if reads { 4 * (connection / 2) } else { 1 }]);
        sighting.label = profile(if reads {
            1 + connection as u32
        } else {
            4 - connection as u32
        });
    }
    let mut evidence = evidence(all);
    evidence.tests = (1..=4)
        .map(|n| span(n, &format!("Test{n}"), 100 + u64::from(n), 0, 20))
        .collect();
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

/// Dump (with the goroutine's frames), source of /m/x.go, code.
fn cause_of(state: &str, frames: &[(&str, &str)], source: &str) -> Cause {
    let stack: String = frames
        .iter()
        .map(|(func, at)| format!("{func}()\n\t{at} +0x1\n"))
        .collect();
    let dump =
        format!("goroutine 21 [{state}]:\n{stack}created by m.TestA in goroutine 10\n\t/m/x.go:2 +0x2\n");
    judged(&evidence(sightings(&dump)), source).remove(0).cause
}

#[test]
fn causes_come_from_state_frames_and_source() {
    use CauseCode::*;
    let own = [("m.work", "/m/x.go:3")];
    let head = "func work(ctx context.Context) {\n\tgo work(context.Background())\n";
    for (state, line, code) in [
        ("GC assist wait", "\tbuf = append(buf, 1)", BusyLoop),
        ("chan receive", "\t<-ch", ReceiveNoSender),
        ("chan receive", "\tfor range ch {", RangeNeverClosed),
        ("chan receive", "\tfor range time.Tick(d) {", TickerLoop),
        ("chan receive", "\t<-ctx.Done()", ContextNotCancelled),
        (
            "chan receive",
            "\tselect { case v := <-in: use(v) }",
            SelectNoCase,
        ),
        ("chan send", "\tch <- 1", SendNoReceiver),
        (
            "chan send",
            "\tch := make(chan int, 2); ch <- 1; ch <- 2; ch <- 3",
            SendBufferFull,
        ),
        (
            "select",
            "\tselect { case <-quit: return; case out <- x: }",
            SelectNoCase,
        ),
        (
            "select",
            "\tselect { case <-ctx.Done(): return; case out <- x: }",
            ContextNotCancelled,
        ),
        ("select", "", SelectNoCase),
        (
            "select",
            "\ttick := time.NewTicker(d); for { select { case <-tick.C: case <-quit: return } }",
            TickerLoop,
        ),
        // hashicorp/raft's runFollower: an event loop, one of whose events is a time-out.
        (
            "select",
            "\ttimer := time.After(d); for { select { case rpc := <-rpcs: use(rpc); case <-apply: fail(); case <-timer: timer = time.After(d); case <-quit: return } }",
            SelectNoCase,
        ),
        // go-redis' onDemandWorker: idle for too long, it returns.
        (
            "select",
            "\ttimer := time.NewTimer(d); for { select { case <-quit: return; case <-timer.C: log(); return; case r := <-queue: use(r) } }",
            SelectNoCase,
        ),
        (
            "select",
            "\ttimer := time.NewTimer(d); for { select { case <-timer.C: return; case r := <-queue: use(r) } }",
            SelectNoCase,
        ),
        ("select (no cases)", "\tselect {}", SelectEmpty),
        ("chan send (nil chan)", "\tch <- 1", NilChannel),
        ("sync.WaitGroup.Wait", "\twg.Wait()", WaitGroup),
        ("running", "\tfor {}", BusyLoop),
        ("sleep", "\ttime.Sleep(d)", SleepLoop),
        ("coroutine", "\tyield(1)", Coroutine),
        ("???", "", Unknown),
    ] {
        let cause = cause_of(state, &own, &format!("{head}{line}\n}}\n"));
        assert_eq!(cause.code, code, "[{state}] {line}: {cause:?}");
    }
}

#[test]
fn causes_in_libraries_are_told_by_their_functions() {
    use CauseCode::*;
    let http = |loop_: &'static str| [(loop_, "/go/src/net/http/transport.go:9")];
    let poll = ("internal/poll.runtime_pollWait", "/go/src/runtime/netpoll.go:1");
    let accept = [
        poll,
        ("net.(*TCPListener).Accept", "/go/src/net/x.go:2"),
        ("m.serve", "/m/x.go:4"),
    ];
    let serve = [
        poll,
        ("net.(*TCPListener).Accept", "/go/src/net/x.go:2"),
        ("net/http.(*Server).Serve", "/go/src/net/http/server.go:4"),
    ];
    let file = [
        poll,
        ("os.(*File).Read", "/go/src/os/file.go:2"),
        ("m.read", "/m/x.go:4"),
    ];
    let conn = [
        poll,
        ("net.(*conn).Read", "/go/src/net/net.go:2"),
        ("m.read", "/m/x.go:4"),
    ];
    let sql = [(
        "database/sql.(*DB).connectionOpener",
        "/go/src/database/sql/sql.go:2",
    )];
    let signal = [
        ("os/signal.signal_recv", "/go/src/runtime/sigqueue.go:2"),
        ("os/signal.loop", "/go/src/os/x.go:3"),
    ];
    let once = [
        ("sync.(*Mutex).Lock", "/go/src/sync/mutex.go:1"),
        ("sync.(*Once).doSlow", "/go/src/sync/once.go:2"),
        ("m.get", "/m/x.go:1"),
    ];
    let old_wait = [
        ("sync.runtime_Semacquire", "/go/src/runtime/sema.go:1"),
        ("sync.(*WaitGroup).Wait", "/go/src/sync/waitgroup.go:2"),
        ("m.get", "/m/x.go:1"),
    ];
    let quic = [
        (
            "crypto/tls.(*Conn).quicWaitForSignal",
            "/go/src/crypto/tls/quic.go:1",
        ),
        (
            "crypto/tls.(*Conn).HandshakeContext",
            "/go/src/crypto/tls/conn.go:2",
        ),
    ];
    // gin's TestRunQUIC.
    let http3 = [
        (
            "github.com/quic-go/quic-go.(*baseServer).accept",
            "/q/server.go:1",
        ),
        (
            "github.com/quic-go/quic-go.(*EarlyListener).Accept",
            "/q/server.go:2",
        ),
        (
            "github.com/quic-go/quic-go/http3.(*Server).serveListener",
            "/q/http3/server.go:3",
        ),
        ("m.serve", "/m/x.go:4"),
    ];
    let quic_server = [("github.com/quic-go/quic-go.(*baseServer).run", "/q/server.go:1")];
    let quic_transport = [
        poll,
        (
            "github.com/quic-go/quic-go.(*Transport).listen",
            "/q/transport.go:2",
        ),
    ];
    let idle_worker = [(
        "github.com/valyala/fasthttp.(*workerPool).workerFunc",
        "/f/workerpool.go:2",
    )];
    for (state, frames, code) in [
        (
            "select",
            &http("net/http.(*persistConn).readLoop")[..],
            HttpBodyNotClosed,
        ),
        (
            "IO wait",
            &[poll, http("net/http.(*persistConn).readLoop")[0]],
            HttpIdleConnection,
        ),
        (
            "select",
            &http("net/http.(*persistConn).writeLoop"),
            HttpIdleConnection,
        ),
        ("select", &http("net/http.(*persistConn).roundTrip"), NetworkIo),
        ("IO wait", &accept, ListenerNotClosed),
        ("IO wait", &serve, ServerNotClosed),
        ("IO wait", &file, FileIo),
        ("syscall", &file, FileIo),
        ("IO wait", &conn, NetworkIo),
        ("select", &sql, SqlNotClosed),
        ("syscall", &signal, SignalHandler),
        ("sync.Mutex.Lock", &once, Once),
        ("semacquire", &old_wait, WaitGroup),
        ("chan send", &quic, ClientNotClosed),
        ("select", &http3, ServerNotClosed),
        ("select", &[http3[0], http3[1], http3[3]], ListenerNotClosed),
        ("select", &quic_server, ServerNotClosed),
        ("IO wait", &quic_transport, ClientNotClosed),
        ("chan receive", &idle_worker, ServerNotClosed),
    ] {
        assert_eq!(cause_of(state, frames, "").code, code, "{frames:?}");
    }
}

#[test]
fn two_stacks_show_a_lock_cycle_and_one_stack_a_lock_taken_twice() {
    let source = "package m\nfunc (l *L) sell() {\n\tl.a.Lock()\n\tl.b.Lock()\n}\nfunc (l *L) buy() {\n\tl.b.Lock()\n\tl.a.Lock()\n}\nfunc (l *L) twice() {\n\tl.a.Lock()\n\tl.sell()\n}\n";
    let block = |id: u32, frames: &str| {
        format!(
            "goroutine {id} [sync.Mutex.Lock]:\nsync.(*Mutex).Lock(...)\n\t/go/src/sync/mutex.go:90\n{frames}created by m.TestA in goroutine 10\n\t/m/x.go:2 +0x2\n\n"
        )
    };
    let sell = block(21, "m.(*L).sell(0x1)\n\t/m/x.go:4 +0x1\n");
    let buy = block(22, "m.(*L).buy(0x1)\n\t/m/x.go:8 +0x1\n");
    let leaks = judged(&evidence(sightings(&(sell.clone() + &buy))), source);
    assert_eq!(
        leaks[0].cause.notes,
        [
            "lock cycle: m.(*L).buy holds `l.b` (x.go:7) and waits for `l.a` (x.go:8); m.(*L).sell holds `l.a` (x.go:3) and waits for `l.b` (x.go:4)"
        ]
    );
    assert!(leaks[1].cause.notes[0].starts_with("lock cycle: m.(*L).sell holds `l.a`"));
    assert_eq!(
        judged(&evidence(sightings(&sell)), source)[0].cause.notes,
        [""; 0]
    );
    let twice = block(
        23,
        "m.(*L).sell(0x1)\n\t/m/x.go:3 +0x1\nm.(*L).twice(0x1)\n\t/m/x.go:12 +0x1\n",
    );
    let cause = &judged(&evidence(sightings(&twice)), source)[0].cause;
    assert_eq!(
        cause.waits_for,
        "`l.a`, a mutex that is locked and never given back"
    );
    assert!(cause.notes[0].starts_with("`l.a` was locked at x.go:11 further up this stack"));
}
