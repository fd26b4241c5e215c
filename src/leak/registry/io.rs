//! Pages: network, files, processes, and what holds them open.

use super::CauseCode;
use super::page::Page;
use super::sample::Sample;

const CLIENT: &str = include_str!("../../../examples/zoo/network/client.go");
const SQL: &str = include_str!("../../../examples/zoo/network/sql.go");
const PROCESS: &str = include_str!("../../../examples/zoo/process/process.go");
const ENDS_GO: &str = include_str!("../../../examples/zoo/ends/ends.go");
const PAGES_GO: &str = include_str!("../../../examples/zoo/pages/pages.go");

const fn pair(file: &'static str, leaky: &'static str, fixed: &'static str) -> Option<Sample> {
    Some(Sample { file, leaky, fixed })
}

/// In the order of the registry.
pub(super) const PAGES: &[Page] = &[
    Page {
        code: CauseCode::NetworkIo,
        what: "A read or write on a connection has no limit of its own: it returns when the peer does something, the connection is closed, or its deadline passes.",
        happens: &[
            "A client without timeout asks a server that does not answer.",
            "A test's own server holds a request back; the report names its handler if it is in the same process.",
            "A connection is read without deadline and never closed.",
        ],
        find: "Look at the call in the report: who closes this connection, and when? http.DefaultClient has no timeout; a context with a deadline ends a request and all its goroutines.",
        sample: pair(CLIENT, "LeakyGreet", "FixedGreet"),
        links: &[
            "https://pkg.go.dev/net#Conn",
            "https://pkg.go.dev/net/http#Client",
        ],
    },
    Page {
        code: CauseCode::HttpBodyNotClosed,
        what: "The goroutines `readLoop` and `writeLoop` serve one connection of an HTTP client. While the body of a response is neither read to its end nor closed, they wait for that.",
        happens: &[
            "Only the status is looked at, and Body.Close is forgotten.",
            "An error path returns before `defer resp.Body.Close()`.",
            "A wrapper returns the response, and its caller does not close it.",
        ],
        find: "Neither goroutine has a frame of yours: look for requests in the test that is named, and for responses whose Body is not closed. The bodyclose linter finds many.",
        sample: pair(CLIENT, "LeakyStatus", "FixedStatus"),
        links: &["https://pkg.go.dev/net/http#Response"],
    },
    Page {
        code: CauseCode::HttpIdleConnection,
        what: "A kept-alive connection waits in its pool for the next request: `readLoop` is blocked in a read. That is normal while the client is in use.",
        happens: &[
            "A test makes a client or transport of its own and drops it: its idle connections stay.",
            "The server side is never closed either, so no side hangs up.",
        ],
        find: "Look for http.Client or http.Transport values that the named test makes. Call CloseIdleConnections, or close the test server first: that ends them too.",
        sample: pair(PAGES_GO, "LeakyFetch", "FixedFetch"),
        links: &["https://pkg.go.dev/net/http#Client.CloseIdleConnections"],
    },
    Page {
        code: CauseCode::ListenerNotClosed,
        what: "Accept waits for the next connection until its listener is closed.",
        happens: &[
            "A server loop without a way to stop it.",
            "The listener is closed, and the loop goes on at each error.",
        ],
        find: "The report shows the Accept. Its listener needs a Close (in t.Cleanup), and the loop a return on the error that follows.",
        sample: pair(PAGES_GO, "LeakyAccept", "FixedAccept"),
        links: &["https://pkg.go.dev/net#Listener"],
    },
    Page {
        code: CauseCode::ServerNotClosed,
        what: "A server's accept loop, and a goroutine for each of its connections, live until it is closed.",
        happens: &[
            "httptest.NewServer without Close.",
            "`go http.Serve(…)` or ListenAndServe: there is no value to call Close on.",
            "A gRPC server without Stop.",
        ],
        find: "Look for the server that the named test (or the code it calls) starts, and close it in t.Cleanup.",
        sample: pair(PAGES_GO, "LeakyServe", "FixedServe"),
        links: &[
            "https://pkg.go.dev/net/http#Server.Shutdown",
            "https://pkg.go.dev/net/http/httptest#Server",
        ],
    },
    Page {
        code: CauseCode::ClientNotClosed,
        what: "Many clients run goroutines of their own: connection readers, health checks, flush loops. They end when the client is closed.",
        happens: &[
            "A constructor returns a client, and the test drops it.",
            "Only one path calls Close.",
        ],
        find: "The owner in the report names the library. Look where the named test makes such a client, and close it in t.Cleanup.",
        sample: pair(PAGES_GO, "LeakyMeasured", "FixedMeasured"),
        links: &[],
    },
    Page {
        code: CauseCode::SqlNotClosed,
        what: "Each sql.DB runs a connection opener until Close. Rows and Tx with a context have a goroutine that waits for their end.",
        happens: &[
            "sql.Open in a test without Close.",
            "Rows that are neither read to the end nor closed; a Tx without Commit or Rollback.",
        ],
        find: "connectionOpener: look for sql.Open. awaitDone: look for QueryContext and BeginTx in the named test.",
        sample: pair(SQL, "LeakyCheckDatabase", "FixedCheckDatabase"),
        links: &[
            "https://pkg.go.dev/database/sql#DB.Close",
            "https://go.dev/doc/database/manage-connections",
        ],
    },
    Page {
        code: CauseCode::FileIo,
        what: "A read from a pipe, terminal or other file waits for its other end.",
        happens: &[
            "The writing end of a pipe stays open after the last write.",
            "The output of a child process is read, and the process does not end.",
        ],
        find: "Look who holds the other end of the file in the report, and on which path it is not closed.",
        sample: pair(PAGES_GO, "LeakyTail", "FixedTail"),
        links: &["https://pkg.go.dev/os#Pipe"],
    },
    Page {
        code: CauseCode::PipeIo,
        what: "An io.Pipe has no room: each write waits until a reader has taken all of it, or until an end is closed; each read waits for a write or for the writer's end.",
        happens: &[
            "The reader stops at an error and leaves the pipe open: the writer waits in its next write.",
            "The writer returns without closing the pipe: the reader waits for more.",
            "A function is handed one end and is never called, or returns before it has used it.",
        ],
        find: "Look for the io.Pipe that the report names: who has the other end, and on which path does it return without closing it? CloseWithError hands the reason on.",
        sample: pair(ENDS_GO, "LeakyUpload", "FixedUpload"),
        links: &["https://pkg.go.dev/io#Pipe"],
    },
    Page {
        code: CauseCode::ProcessNotWaited,
        what: "os/exec copies output and watches the context in goroutines that Wait ends. A goroutine in Wait ends with its process.",
        happens: &[
            "Start without Wait.",
            "The child does not end, and no code kills it.",
        ],
        find: "Look for the command that the named test starts: Wait has to be called on every path, and something has to end the process.",
        sample: pair(PAGES_GO, "LeakyRun", "FixedRun"),
        links: &["https://pkg.go.dev/os/exec#Cmd.Wait"],
    },
    Page {
        code: CauseCode::PipeHeld,
        what: "The child has ended and was waited for. os/exec copies its output through a pipe, and reads until every process that holds the other end has closed it: also a process that the child has put into the background.",
        happens: &[
            "A shell command starts a background job that keeps the shell's standard output.",
            "A daemon forks and keeps the output of its parent.",
            "A context kills the child, and its own children go on.",
        ],
        find: "Look at what the command starts. Set cmd.WaitDelay: Wait then gives up on the pipe some time after the child has ended, and returns exec.ErrWaitDelay.",
        sample: None,
        links: &[
            "https://pkg.go.dev/os/exec#Cmd.WaitDelay",
            "https://go.dev/issue/23019",
        ],
    },
    Page {
        code: CauseCode::SignalHandler,
        what: "A goroutine that waits for signals waits for ever, unless it has a way out: signal.Stop ends the delivery, and does not close the channel.",
        happens: &[
            "A handler goroutine without a done channel.",
            "The stop function of NotifyContext is not called.",
        ],
        find: "Look for signal.Notify of the channel in the report. The goroutine `os/signal.loop` itself is the runtime's, lives as long as the process, and is not reported as a leak.",
        sample: pair(PROCESS, "LeakyReload", "FixedReload"),
        links: &[
            "https://pkg.go.dev/os/signal#Stop",
            "https://pkg.go.dev/os/signal#NotifyContext",
        ],
    },
];
