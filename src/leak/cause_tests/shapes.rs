//! Causes, from dump text and source.

use crate::leak::judge_tests::{evidence, judged, sightings};
use crate::leak::*;

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
    let head = "package m; import (\"context\"; \"time\"); func work(ctx context.Context) {\n\tgo work(context.Background())\n";
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
            TimerPending,
        ),
        (
            "select",
            "\ttimer := time.NewTimer(d); for { select { case <-timer.C: return; case r := <-queue: use(r) } }",
            TimerPending,
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

/// net/rpc's own TestRPC: it waits for connections, and serves none.
#[test]
fn an_accept_loop_is_ended_by_its_listener() {
    let accept = [
        ("internal/poll.runtime_pollWait", "/go/src/runtime/netpoll.go:1"),
        ("net.(*TCPListener).Accept", "/go/src/net/x.go:2"),
        ("net/rpc.(*Server).Accept", "/go/src/net/rpc/server.go:3"),
    ];
    let cause = cause_of("IO wait", &accept, "");
    assert_eq!(cause.code, CauseCode::ServerNotClosed);
    assert!(cause.fix.contains("listener"), "{}", cause.fix);
}

/// etcd's lessor has a stop channel: the fix is to close it, not to write one.
#[test]
fn a_tick_beside_a_stop_channel_is_fixed_by_stopping() {
    let loop_of = |cases: &str| {
        let source = format!(
            "package m; import \"time\"; func run() {{\n\ttick := time.NewTicker(d)\n\tfor {{ select {{ case <-tick.C: {cases} }} }}\n}}\n"
        );
        cause_of("select", &[("m.run", "/m/x.go:3")], &source)
    };
    let stoppable = loop_of("case <-le.stopC: return");
    assert_eq!(stoppable.code, CauseCode::TickerLoop);
    assert!(
        stoppable.fix.contains("`<-le.stopC`") && stoppable.fix.contains("t.Cleanup"),
        "{}",
        stoppable.fix
    );
    assert!(loop_of("").fix.contains("ctx.Done()"));
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
    let source = "package m; import \"sync\"; type L struct{ a, b sync.Mutex }\nfunc (l *L) sell() {\n\tl.a.Lock()\n\tl.b.Lock()\n}\nfunc (l *L) buy() {\n\tl.b.Lock()\n\tl.a.Lock()\n}\nfunc (l *L) twice() {\n\tl.a.Lock()\n\tl.sell()\n}\n";
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
        "`l.a`, a mutex that it has locked itself at x.go:11, further up its own stack"
    );
    assert_eq!(cause.notes, [""; 0]);
}
