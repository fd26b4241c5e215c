//! Pages: channels, selects, loops over time.

use super::CauseCode;
use super::page::Page;
use super::sample::Sample;

const RECEIVE: &str = include_str!("../../../examples/zoo/channel/receive.go");
const PRODUCER: &str = include_str!("../../../examples/zoo/channel/producer.go");
const FANOUT: &str = include_str!("../../../examples/zoo/channel/fanout.go");
const GENERATOR: &str = include_str!("../../../examples/zoo/channel/generator.go");
const NIL: &str = include_str!("../../../examples/zoo/channel/nilchannel.go");
const SELECTS: &str = include_str!("../../../examples/zoo/selects/selects.go");
const TICKING: &str = include_str!("../../../examples/zoo/ticking/ticking.go");
const BUSY: &str = include_str!("../../../examples/zoo/busy/busy.go");

const fn pair(file: &'static str, leaky: &'static str, fixed: &'static str) -> Option<Sample> {
    Some(Sample { file, leaky, fixed })
}

const PIPELINES: &str = "https://go.dev/blog/pipelines";

/// In the order of the registry.
pub(super) const PAGES: &[Page] = &[
    Page {
        code: CauseCode::ReceiveNoSender,
        what: "A receive returns when a goroutine sends on the channel or closes it. Here every goroutine that could do so has ended, or took a path that does neither.",
        happens: &[
            "The sender returns early (an error, a `continue`, a failed condition) without sending.",
            "A callback that would have sent is never called.",
            "One result is received more often than it is sent.",
        ],
        find: "Start at the receive that the report shows, look up where its channel is made, and go through all sends and closes of it: each path of each sender must reach one of them, or the receive needs a second way out.",
        sample: pair(RECEIVE, "LeakyCalibrate", "FixedCalibrate"),
        links: &[PIPELINES],
    },
    Page {
        code: CauseCode::RangeNeverClosed,
        what: "`for v := range ch` ends only when the channel is closed. All values were received, and the loop waits for the next one.",
        happens: &[
            "The producer returns early and its `close` is at the end of the function, without `defer`.",
            "Several producers share a channel, and none closes it for fear of closing it twice.",
            "A pool of workers ranges over a jobs channel that is never closed.",
        ],
        find: "Look for `close(` of this channel. There must be one place, reached on all paths, after the last send. With several producers, one more goroutine waits for them and closes.",
        sample: pair(PRODUCER, "LeakyCount", "FixedCount"),
        links: &[PIPELINES, "https://go.dev/ref/spec#For_range"],
    },
    Page {
        code: CauseCode::SendNoReceiver,
        what: "A send on an unbuffered channel returns when a goroutine receives. The reader has returned: after the first result, the first error, or a timeout.",
        happens: &[
            "The first of several answers wins, and no goroutine receives the others.",
            "The reader returns at the first error while other senders are still at work.",
            "The reader gives up after a timeout, and the answer comes later.",
            "A generator is not told that its consumer stopped.",
        ],
        find: "Start at the send, look for the receives of its channel, and ask for each path on which the reader returns: who receives what is still to be sent? Give the channel room for all of it, or let the sender select on a way out.",
        sample: pair(FANOUT, "LeakyFirst", "FixedFirst"),
        links: &[PIPELINES, "https://go.dev/talks/2012/concurrency.slide"],
    },
    Page {
        code: CauseCode::SendBufferFull,
        what: "A buffer only moves the problem: once it is full, a send waits for a reader as on an unbuffered channel.",
        happens: &[
            "The buffer was sized for the usual number of values, and there was one more.",
            "The reader stopped, and a buffer that once hid it is full now.",
        ],
        find: "Compare the capacity in `make(chan T, n)` with the number of sends on the longest path. If it is not bounded, the send needs a select with a way out.",
        sample: pair(GENERATOR, "LeakyAudit", "FixedAudit"),
        links: &["https://go.dev/ref/spec#Send_statements"],
    },
    Page {
        code: CauseCode::NilChannel,
        what: "Send and receive on a nil channel block for ever: the zero value of a channel variable or field is nil.",
        happens: &[
            "The channel is made on one branch only, or in an Open or Start that was not called.",
            "`:=` in an inner block makes a second variable, and the outer one stays nil.",
            "A struct literal leaves the channel field out.",
            "A nil channel is handed to a worker that ranges over it.",
        ],
        find: "Look at the declaration of the channel named in the report, and for the `make` that this path should have run through.",
        sample: pair(NIL, "LeakyWorker", "FixedWorker"),
        links: &["https://go.dev/ref/spec#Receive_operator"],
    },
    Page {
        code: CauseCode::SelectNoCase,
        what: "A select without default waits until one of its cases is ready. Here none becomes ready any more.",
        happens: &[
            "The channel that tells the goroutine to stop is never closed.",
            "A subscriber is not unsubscribed, and nothing is published any more.",
            "The select has a single case, and nothing that ends the wait.",
        ],
        find: "For each case in the report ask who makes it ready, and whether that code still runs. Most often it is the stop channel: look for its `close`.",
        sample: pair(SELECTS, "LeakyAwait", "FixedAwait"),
        links: &["https://go.dev/ref/spec#Select_statements"],
    },
    Page {
        code: CauseCode::SelectEmpty,
        what: "`select {}` has no case, so it blocks for ever. In main that may be meant; in a goroutine it is a leak by construction.",
        happens: &["A goroutine is to hold something open, and no way to let go was built in."],
        find: "The report shows the line. Replace it with a receive from a channel that your code closes.",
        sample: pair(SELECTS, "LeakyKeepAlive", "FixedKeepAlive"),
        links: &["https://go.dev/ref/spec#Select_statements"],
    },
    Page {
        code: CauseCode::TickerLoop,
        what: "A loop over a ticker's channel never ends: Stop stops the ticks, it does not close the channel. time.Tick can't be stopped at all.",
        happens: &[
            "`for range ticker.C` with a Stop elsewhere.",
            "`for range time.Tick(d)` in a function that returns.",
            "A `for`-`select` with a tick and a stop channel that is never closed.",
        ],
        find: "Look at the loop in the report: it needs a second case that returns (ctx.Done() or a done channel), and code that makes that case ready.",
        sample: pair(TICKING, "LeakyHeartbeat", "FixedHeartbeat"),
        links: &[
            "https://pkg.go.dev/time#Ticker.Stop",
            "https://pkg.go.dev/time#Tick",
        ],
    },
    Page {
        code: CauseCode::SleepLoop,
        what: "time.Sleep can't be interrupted: a loop of work and sleep goes on after the test, or the sleep is far longer than anybody waits.",
        happens: &[
            "A poll or retry loop without a limit.",
            "A delay that was meant for production.",
        ],
        find: "The report shows the sleep. Replace it by a select between a timer and ctx.Done().",
        sample: pair(TICKING, "LeakyPoll", "FixedPoll"),
        links: &["https://pkg.go.dev/time#Sleep"],
    },
    Page {
        code: CauseCode::TimerPending,
        what: "The goroutine waits for a time: a timer, a sleep, a context with a timeout, a rate limit. It ends by itself when that has passed, but its test is long over then.",
        happens: &[
            "A select has a timeout of minutes and no other way out that the test uses.",
            "A timer of a retry or of a grace period is not stopped together with what it belongs to.",
            "A sleep in a background task is longer than the test.",
        ],
        find: "The report names the timer and its duration where the source tells. Give the wait a second way out (a done channel, ctx.Done()) that the test's cleanup uses, or a shorter time in tests.",
        sample: None,
        links: &["https://pkg.go.dev/time#Timer"],
    },
    Page {
        code: CauseCode::BusyLoop,
        what: "The goroutine does not wait, it works: it was running or runnable when leakgate looked, and no loop of its source waits for anything. It costs a processor as long as the process lives.",
        happens: &[
            "A loop without a way out.",
            "A `select` with `default` in a loop, polling.",
        ],
        find: "The report shows the outermost function of yours on the stack: its loop has to look at ctx.Err() or a done channel. Inner lines change from look to look.",
        sample: pair(BUSY, "LeakyMine", "FixedMine"),
        links: &["https://pkg.go.dev/context#Context"],
    },
];
