//! Causes that the called functions give away: std and well-known libraries.

use super::peers::{Peer, READ_LOOP, ROUND_TRIPS, WRITE_LOOP, calls, near};
use super::stack::Stack;
use super::{Subject, with};
use crate::goroutine::{Goroutine, WaitReason};
use crate::leak::{Cause, CauseCode};

/// A rule: any of these functions was called above the user's own code.
struct Rule {
    calls: &'static [&'static str],
    code: CauseCode,
    waits_for: &'static str,
    fix: &'static str,
}

const fn rule(
    calls: &'static [&'static str],
    code: CauseCode,
    waits_for: &'static str,
    fix: &'static str,
) -> Rule {
    Rule {
        calls,
        code,
        waits_for,
        fix,
    }
}

/// In this order; an empty text means the registry's.
const RULES: &[Rule] = &[
    rule(
        &[
            "net/http.(*Server).Serve",
            "net/http.(*Server).ServeTLS",
            "net/http/httptest.(*Server).goServe",
        ],
        CauseCode::ServerNotClosed,
        "the next connection of an HTTP server that was never closed",
        "call Close (httptest.Server, http.Server) or Shutdown in t.Cleanup",
    ),
    rule(
        &["github.com/quic-go/quic-go/http3.(*Server).serveListener"],
        CauseCode::ServerNotClosed,
        "the next connection of an HTTP/3 server that was never closed",
        "call Close of the http3.Server in t.Cleanup",
    ),
    rule(
        &["google.golang.org/grpc.(*Server).Serve"],
        CauseCode::ServerNotClosed,
        "the next connection of a gRPC server that was never stopped",
        "call Stop or GracefulStop of the grpc.Server in t.Cleanup",
    ),
    rule(
        &[
            "net/rpc.(*Server).Accept",
            "net/rpc.Accept",
            "github.com/valyala/fasthttp.(*Server).Serve",
        ],
        CauseCode::ServerNotClosed,
        "",
        "",
    ),
    rule(
        &[
            "net/http.(*http2serverConn).serve",
            "net/http.(*http2serverConn).readFrames",
            "golang.org/x/net/http2.(*serverConn).serve",
            "golang.org/x/net/http2.(*serverConn).readFrames",
            "net/http/internal/http2.(*serverConn).serve",
            "net/http/internal/http2.(*serverConn).readFrames",
        ],
        CauseCode::ServerNotClosed,
        "the next request on an HTTP/2 connection of a server that was never closed",
        "call Close (httptest.Server, http.Server) or Shutdown in t.Cleanup",
    ),
    rule(
        &[
            "net.(*TCPListener).Accept",
            "net.(*TCPListener).AcceptTCP",
            "net.(*UnixListener).Accept",
            "net.(*UnixListener).AcceptUnix",
            "net.(*netFD).accept",
            "internal/poll.(*FD).Accept",
            "crypto/tls.(*listener).Accept",
            "github.com/quic-go/quic-go.(*baseServer).accept",
            "github.com/quic-go/quic-go.(*baseServer).Accept",
        ],
        CauseCode::ListenerNotClosed,
        "",
        "",
    ),
    rule(
        &["database/sql.(*Tx).awaitDone"],
        CauseCode::SqlNotClosed,
        "the end of a transaction that was neither committed nor rolled back",
        "end every Tx with Commit or Rollback (`defer tx.Rollback()`)",
    ),
    rule(
        &[
            "database/sql.(*Rows).awaitDone",
            "database/sql.(*Rows).initContextClose",
        ],
        CauseCode::SqlNotClosed,
        "the end of a result set that was neither read to its end nor closed",
        "`defer rows.Close()` right after the error check",
    ),
    rule(
        &[
            "database/sql.(*DB).connectionOpener",
            "database/sql.(*DB).connectionCleaner",
            "database/sql.(*DB).connectionResetter",
        ],
        CauseCode::SqlNotClosed,
        "",
        "",
    ),
    rule(
        &["os/signal.NotifyContext"],
        CauseCode::SignalHandler,
        "",
        "call the stop function that signal.NotifyContext returns: `defer stop()`",
    ),
    rule(
        &["os/signal.loop", "os/signal.signal_recv", "os/signal.Notify"],
        CauseCode::SignalHandler,
        "",
        "",
    ),
    rule(&["sync.(*Once).doSlow"], CauseCode::Once, "", ""),
    rule(
        &["context.(*cancelCtx).propagateCancel", "context.propagateCancel"],
        CauseCode::ContextNotCancelled,
        "a parent context of the user's own type, or the child made from it, to be cancelled",
        "call the cancel function of the child context (`defer cancel()`)",
    ),
    rule(
        &[
            "net.(*Resolver).lookupIPAddr",
            "net.(*Resolver).LookupHost",
            "net.cgoLookupHost",
            "net.(*Resolver).goLookupIPCNAMEOrder",
            "net.doBlockingWithCtx",
        ],
        CauseCode::NetworkIo,
        "the answer of a name server",
        "give the lookup a context with a timeout",
    ),
    rule(
        &[
            "net.(*netFD).connect",
            "net.(*Dialer).DialContext",
            "net.(*sysDialer).dialSingle",
            "net.(*sysDialer).dialParallel",
        ],
        CauseCode::NetworkIo,
        "a connection to be made",
        "set Dialer.Timeout, or dial with a context that is cancelled",
    ),
];

const BODY_READS: &[&str] = &[
    "net/http.(*bodyEOFSignal).Read",
    "net/http.(*body).Read",
    "net/http.http2transportResponseBody.Read",
    "net/http/internal/http2.transportResponseBody.Read",
    "golang.org/x/net/http2.transportResponseBody.Read",
];
const H2_READ_LOOPS: &[&str] = &[
    "net/http.(*http2ClientConn).readLoop",
    "net/http/internal/http2.(*ClientConn).readLoop",
    "golang.org/x/net/http2.(*ClientConn).readLoop",
];

/// What the functions on the stack give away.
pub(super) fn by_functions(subject: &Subject<'_>, stack: &Stack) -> Option<Cause> {
    http_client(subject, stack)
        .or_else(|| super::process::by_process(subject, stack))
        .or_else(|| http_server(subject, stack))
        .or_else(|| super::pipe::by_pipe(subject, stack))
        .or_else(|| {
            let rule = RULES.iter().find(|rule| stack.calls(rule.calls))?;
            Some(with(rule.code, rule.waits_for, rule.fix))
        })
}

fn http_client(subject: &Subject<'_>, stack: &Stack) -> Option<Cause> {
    if stack.calls(&[READ_LOOP]) {
        return Some(connection(read_loop(subject.goroutine, subject)));
    }
    if stack.calls(&[WRITE_LOOP]) {
        return Some(connection(write_loop(subject)));
    }
    if stack.calls(H2_READ_LOOPS) {
        let code = if in_flight(subject) {
            CauseCode::NetworkIo
        } else {
            CauseCode::HttpIdleConnection
        };
        return Some(connection(code));
    }
    if stack.calls(ROUND_TRIPS) {
        let mut cause = with(
            CauseCode::NetworkIo,
            "the answer to an HTTP request that has no timeout",
            "give the request a context with a deadline (http.NewRequestWithContext), or set http.Client.Timeout",
        );
        cause.notes.extend(peer_handlers(subject));
        return Some(cause);
    }
    stack.calls(BODY_READS).then(|| {
        with(
            CauseCode::NetworkIo,
            "more of an HTTP body that does not come",
            "give the request a context with a deadline (http.NewRequestWithContext), or set http.Client.Timeout",
        )
    })
}

/// A connection's own goroutines.
fn connection(code: CauseCode) -> Cause {
    match code {
        CauseCode::NetworkIo => with(
            code,
            "the answer to an HTTP request in flight on this connection",
            "give the request a context with a deadline (http.NewRequestWithContext), or set http.Client.Timeout",
        ),
        _ => with(code, "", ""),
    }
}

/// On top in a select: the body of the last response was neither read to its end nor closed. In a read: idle,
/// unless a request is in flight.
fn read_loop(goroutine: &Goroutine, subject: &Subject<'_>) -> CauseCode {
    match goroutine.state.wait_reason() {
        WaitReason::IoWait if in_flight(subject) => CauseCode::NetworkIo,
        WaitReason::IoWait => CauseCode::HttpIdleConnection,
        _ => CauseCode::HttpBodyNotClosed,
    }
}

/// The write loop says nothing of itself; the read loop of the same connection does.
fn write_loop(subject: &Subject<'_>) -> CauseCode {
    let twin = subject.peers.read_loop_beside(subject.id);
    match twin {
        Some(twin) => read_loop(twin.goroutine, subject),
        None if in_flight(subject) => CauseCode::NetworkIo,
        None => CauseCode::HttpIdleConnection,
    }
}

/// Whether a goroutine of the same test waits for an answer.
fn in_flight(subject: &Subject<'_>) -> bool {
    subject.peers.has_request_in_flight(subject.id)
}

/// Handlers of servers in this process that are still at work: the other side of a request without answer.
fn peer_handlers(subject: &Subject<'_>) -> Vec<String> {
    let mut notes: Vec<String> = near(subject).filter_map(|peer| handler(peer, subject)).collect();
    notes.sort();
    notes.dedup();
    notes.truncate(3);
    notes
}

fn handler(peer: &Peer<'_>, subject: &Subject<'_>) -> Option<String> {
    if !calls(peer.goroutine, &["net/http.(*conn).serve"]) {
        return None;
    }
    let index = subject.code.innermost_own(&peer.goroutine.frames)?;
    let frame = &peer.goroutine.frames[index];
    let spot = subject.code.spot(&frame.func, frame.at.as_ref()?);
    let file = spot.relative.as_deref().unwrap_or(&spot.at.file);
    let state = &peer.goroutine.state.reason;
    Some(format!(
        "the server is in this process: its handler {} is at {file}:{} [{state}]",
        frame.func, spot.at.line
    ))
}

fn http_server(subject: &Subject<'_>, stack: &Stack) -> Option<Cause> {
    let reads = subject.goroutine.state.wait_reason() == WaitReason::IoWait;
    if stack.calls(&["net/http.(*connReader).backgroundRead"]) {
        return Some(with(
            CauseCode::NetworkIo,
            "a sign of the client, for as long as the handler of this connection does not return",
            "let the handler return (r.Context().Done()), then close the server",
        ));
    }
    (reads && stack.is_foreign() && stack.calls(&["net/http.(*conn).serve"])).then(|| {
        with(
            CauseCode::ServerNotClosed,
            "the next request on a connection of an HTTP server that was never closed",
            "call Close (httptest.Server, http.Server) or Shutdown in t.Cleanup",
        )
    })
}

/// Libraries whose background goroutines end when their client is closed: prefix, what, how.
const CLIENTS: &[(&str, &str, &str)] = &[
    (
        "google.golang.org/grpc",
        "a gRPC connection",
        "`defer conn.Close()` on the grpc.ClientConn",
    ),
    (
        "github.com/redis/go-redis",
        "a Redis client",
        "`defer client.Close()` on the redis client",
    ),
    (
        "github.com/go-redis/redis",
        "a Redis client",
        "`defer client.Close()` on the redis client",
    ),
    (
        "go.mongodb.org/mongo-driver",
        "a MongoDB client",
        "`defer client.Disconnect(ctx)` on the mongo.Client",
    ),
    (
        "github.com/IBM/sarama",
        "a Kafka client",
        "Close every producer, consumer and client",
    ),
    (
        "github.com/segmentio/kafka-go.(*connPool)",
        "the connections of a kafka.Transport",
        "call CloseIdleConnections of the kafka.Transport (of kafka.DefaultTransport when the client has none)",
    ),
    (
        "github.com/segmentio/kafka-go.(*Transport)",
        "the connections of a kafka.Transport",
        "call CloseIdleConnections of the kafka.Transport (of kafka.DefaultTransport when the client has none)",
    ),
    (
        "github.com/segmentio/kafka-go.(*Writer)",
        "a Kafka writer",
        "`defer writer.Close()` on the kafka.Writer",
    ),
    (
        "github.com/segmentio/kafka-go.(*Reader)",
        "a Kafka reader",
        "`defer reader.Close()` on the kafka.Reader",
    ),
    (
        "github.com/segmentio/kafka-go",
        "a Kafka reader, writer or connection",
        "Close every Reader, Writer and Conn; of a Client, call CloseIdleConnections of its Transport",
    ),
    (
        "github.com/twmb/franz-go",
        "a Kafka client",
        "`defer client.Close()` on the kgo.Client",
    ),
    (
        "github.com/nats-io/nats.go",
        "a NATS connection",
        "`defer nc.Close()` or Drain",
    ),
    (
        "github.com/rabbitmq/amqp091-go",
        "an AMQP connection",
        "`defer conn.Close()` on the amqp.Connection",
    ),
    (
        "github.com/jackc/pgx",
        "a PostgreSQL pool or connection",
        "`defer pool.Close()`",
    ),
    (
        "github.com/jackc/puddle",
        "a PostgreSQL pool",
        "`defer pool.Close()`",
    ),
    (
        "go.etcd.io/etcd/client",
        "an etcd client",
        "`defer client.Close()`",
    ),
    (
        "github.com/gorilla/websocket",
        "a websocket connection",
        "`defer conn.Close()`",
    ),
    (
        "github.com/dgraph-io/ristretto",
        "a ristretto cache",
        "`defer cache.Close()`",
    ),
    (
        "github.com/dgraph-io/badger",
        "a badger database",
        "`defer db.Close()`",
    ),
    (
        "go.opentelemetry.io/otel/sdk",
        "an OpenTelemetry provider",
        "call Shutdown of the provider",
    ),
    ("net/rpc.(*Client)", "an RPC client", "`defer client.Close()`"),
    (
        "github.com/quic-go/quic-go.",
        "a QUIC transport or connection",
        "Close the connection, and the quic.Transport if you have made one",
    ),
    (
        "crypto/tls.(*Conn).quic",
        "a TLS handshake over QUIC",
        "`defer conn.Close()` on the tls.QUICConn",
    ),
    (
        "golang.org/x/crypto/ssh",
        "an SSH connection",
        "`defer conn.Close()`",
    ),
];

/// Servers of the same libraries.
const SERVERS: &[(&str, &str)] = &[
    (
        "google.golang.org/grpc/internal/transport.(*http2Server)",
        "call Stop or GracefulStop of the grpc.Server in t.Cleanup",
    ),
    (
        "google.golang.org/grpc.(*Server)",
        "call Stop or GracefulStop of the grpc.Server in t.Cleanup",
    ),
    (
        "google.golang.org/grpc/internal/transport.NewServerTransport",
        "call Stop or GracefulStop of the grpc.Server in t.Cleanup",
    ),
    (
        "github.com/quic-go/quic-go.(*baseServer)",
        "Close the quic.Listener or the http3.Server in t.Cleanup",
    ),
    (
        "github.com/valyala/fasthttp.(*workerPool)",
        "call Shutdown of the fasthttp.Server",
    ),
    (
        "github.com/valyala/fasthttp.(*Server)",
        "call Shutdown of the fasthttp.Server",
    ),
    (
        "net/rpc.(*Server).Accept",
        "close the listener that the rpc.Server accepts from (t.Cleanup)",
    ),
    (
        "net/rpc.(*Server)",
        "close the connection that the rpc.Server serves",
    ),
];

/// A goroutine that is all of a library's.
pub(super) fn by_library(stack: &Stack) -> Option<Cause> {
    if !stack.is_foreign() {
        return None;
    }
    let made_by = |prefix: &str| stack.calls_prefix(&[prefix]) || stack.created_by(prefix);
    if let Some((_, fix)) = SERVERS.iter().find(|(prefix, _)| made_by(prefix)) {
        return Some(with(CauseCode::ServerNotClosed, "", fix));
    }
    let (_, what, fix) = CLIENTS.iter().find(|(prefix, ..)| made_by(prefix))?;
    Some(with(
        CauseCode::ClientNotClosed,
        &format!("work for {what} that was never closed"),
        fix,
    ))
}
