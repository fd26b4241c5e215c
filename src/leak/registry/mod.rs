//! The registry of causes: one entry per code, and its page.

mod channels;
mod io;
mod others;
pub mod page;
pub mod pages;
mod sample;
mod waiting;

pub use pages::text as page;

use super::CauseCode;

/// What is known of a cause.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Entry {
    /// The code.
    pub code: CauseCode,
    /// A few words.
    pub title: &'static str,
    /// What such a goroutine waits for, in plain words.
    pub waits_for: &'static str,
    /// What to change.
    pub fix: &'static str,
}

/// The entry of a code.
pub fn entry(code: CauseCode) -> &'static Entry {
    let index = CauseCode::ALL
        .iter()
        .position(|&other| other == code)
        .unwrap_or(ENTRIES.len() - 1);
    &ENTRIES[index]
}

const fn known(code: CauseCode, title: &'static str, waits_for: &'static str, fix: &'static str) -> Entry {
    Entry {
        code,
        title,
        waits_for,
        fix,
    }
}

/// All entries, in the order of [`CauseCode::ALL`].
pub const ENTRIES: &[Entry] = &[
    known(
        CauseCode::ReceiveNoSender,
        "receive, no sender",
        "a value from a channel that nothing sends to or closes any more",
        "let the sender send or close on every path, or select on a done channel or ctx.Done() too",
    ),
    known(
        CauseCode::RangeNeverClosed,
        "receive, never closed",
        "the next value of a channel that is never closed",
        "close the channel after its last value (`defer close(ch)` in the one goroutine that sends; of several, one closes after WaitGroup.Wait), or receive in a select with ctx.Done() or a done channel",
    ),
    known(
        CauseCode::SendNoReceiver,
        "send, no receiver",
        "a receiver on an unbuffered channel that nothing receives from any more",
        "give the channel room for every send, or select the send against ctx.Done() or a done channel",
    ),
    known(
        CauseCode::SendBufferFull,
        "send, buffer full",
        "room in a buffered channel that is full and that nothing receives from any more",
        "make the buffer as large as the number of sends, or select the send against ctx.Done() or a done channel",
    ),
    known(
        CauseCode::NilChannel,
        "nil channel",
        "a channel that is nil: a send or receive on it never ends, by construction",
        "make the channel before the goroutine uses it (look for a branch that skips `make`, or a second variable of the same name)",
    ),
    known(
        CauseCode::SelectNoCase,
        "select, no case ever ready",
        "any case of a select, none of which becomes ready any more",
        "close the channel that tells the goroutine to stop, or add a case that ends it (ctx.Done(), a done channel)",
    ),
    known(
        CauseCode::SelectEmpty,
        "blocked for ever by construction",
        "nothing: `select {}` never ends, by construction",
        "wait for a done channel or ctx.Done() in place of `select {}`",
    ),
    known(
        CauseCode::TickerLoop,
        "ticker never stopped",
        "the next tick, for ever: Stop does not close a ticker's channel",
        "select between the tick and ctx.Done() (or a done channel), return on the latter, and `defer ticker.Stop()`",
    ),
    known(
        CauseCode::SleepLoop,
        "sleeps",
        "the end of a sleep that outlasts its test, and of the next one if it is in a loop",
        "replace time.Sleep by a timer in a select with ctx.Done(), and return when that is ready",
    ),
    known(
        CauseCode::TimerPending,
        "waits for a time that has not come",
        "a timer, a sleep or a deadline that has not passed: it ends by itself, long after its test",
        "select between the timer and a done channel (or ctx.Done()), and close or cancel that when the test is done",
    ),
    known(
        CauseCode::BusyLoop,
        "runs for ever",
        "nothing: it was running when it was looked at, and no loop of it waits",
        "let the loop check ctx.Err() or a done channel, and return",
    ),
    known(
        CauseCode::MutexLocked,
        "mutex never unlocked",
        "a mutex that is locked and never unlocked",
        "unlock on every path (`defer mu.Unlock()`), do not lock again in a function called under the lock, and take several locks in one order",
    ),
    known(
        CauseCode::RwMutexLocked,
        "rwmutex never unlocked",
        "an RWMutex that another goroutine holds and never gives back",
        "pair every RLock with RUnlock and every Lock with Unlock (`defer`); a reader must not read-lock again while a writer waits",
    ),
    known(
        CauseCode::WaitGroup,
        "wait group never done",
        "a WaitGroup whose count never reaches zero",
        "`defer wg.Done()` first in the goroutine (or wg.Go), and as many Add as Done",
    ),
    known(
        CauseCode::Cond,
        "cond never signalled",
        "a Signal or Broadcast on a sync.Cond that does not come",
        "Signal or Broadcast after every change of the condition, also on shutdown",
    ),
    known(
        CauseCode::Once,
        "once never finished",
        "the end of a sync.Once function that another goroutine (or this one, further up) is still in",
        "let the function given to Once.Do return; it must not call Do of the same Once",
    ),
    known(
        CauseCode::CallWaits,
        "call does not return",
        "a call of a library to return, which waits for what another goroutine has to do",
        "let the other goroutine go on: close or cancel what it waits for, or give the call a context with a deadline",
    ),
    known(
        CauseCode::ContextNotCancelled,
        "context never cancelled",
        "a context to be cancelled, which does not happen",
        "call the cancel function (`defer cancel()`), and pass the caller's context on in place of context.Background()",
    ),
    known(
        CauseCode::NetworkIo,
        "blocked I/O (network)",
        "data from the network, without a deadline",
        "close the connection when the test is done with it, or set a deadline (SetDeadline)",
    ),
    known(
        CauseCode::HttpBodyNotClosed,
        "HTTP connection not closed (response body)",
        "the body of an HTTP response to be read to its end or closed",
        "`defer resp.Body.Close()` right after the error check",
    ),
    known(
        CauseCode::HttpIdleConnection,
        "HTTP connection not closed (idle)",
        "the next request on an idle keep-alive connection",
        "call client.CloseIdleConnections() (or that of the transport) when the client is done with",
    ),
    known(
        CauseCode::ListenerNotClosed,
        "listener not closed",
        "the next connection on a listener that is still open",
        "close the listener (t.Cleanup), and let the accept loop return on net.ErrClosed",
    ),
    known(
        CauseCode::ServerNotClosed,
        "server not closed",
        "requests, because its server was never shut down",
        "call Close or Shutdown of the server (t.Cleanup)",
    ),
    known(
        CauseCode::ClientNotClosed,
        "client not closed",
        "work for a client or connection that was never closed",
        "call Close of the client (t.Cleanup)",
    ),
    known(
        CauseCode::SqlNotClosed,
        "sql.DB not closed",
        "work for a database handle that was never closed",
        "`defer db.Close()`; also close Rows and end every Tx with Commit or Rollback",
    ),
    known(
        CauseCode::FileIo,
        "blocked I/O (file or pipe)",
        "data from a file or pipe whose other end stays open and silent",
        "close the other end (or this one), or set a deadline on the file",
    ),
    known(
        CauseCode::PipeIo,
        "blocked io.Pipe",
        "the other end of an io.Pipe, which is neither used nor closed any more",
        "close the writer after its last write, and the reader when it stops reading, on every path",
    ),
    known(
        CauseCode::ProcessNotWaited,
        "process not waited for",
        "a child process that still runs, or that is not waited for",
        "call cmd.Wait on every path, and end the process (exec.CommandContext, Process.Kill)",
    ),
    known(
        CauseCode::PipeHeld,
        "pipe of a child process held",
        "the end of a child process's output: the child has ended, but a process that it started still holds the pipe",
        "set cmd.WaitDelay, or give the background process another output (redirect it, or use a file for cmd.Stdout)",
    ),
    known(
        CauseCode::SignalHandler,
        "signal handler",
        "an operating-system signal",
        "call signal.Stop (or the stop function of NotifyContext) and end the goroutine with a done channel",
    ),
    known(
        CauseCode::Coroutine,
        "coroutine never stopped",
        "the next call of an iter.Pull iterator that is neither drained nor stopped",
        "`defer stop()` right after iter.Pull",
    ),
    known(
        CauseCode::FinalizerStuck,
        "finalizer stuck",
        "something, inside a finalizer or cleanup; all other finalizers wait behind it",
        "never block in a finalizer or cleanup: start a goroutine there, or hand the work over",
    ),
    known(
        CauseCode::Syscall,
        "system call",
        "a system call to return",
        "make the call interruptible: close what it works on, or give it a timeout",
    ),
    known(
        CauseCode::Cgo,
        "C code",
        "a C function to return",
        "give the C side a way to be told to stop, and wait for it",
    ),
    known(
        CauseCode::Unknown,
        "unknown",
        "something that its stack does not tell",
        "look at the stack: the owner's code has to end, or be told to",
    ),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_code_has_its_entry_and_every_title_is_unique() {
        let codes: Vec<_> = ENTRIES.iter().map(|entry| entry.code).collect();
        assert_eq!(codes, CauseCode::ALL);
        let titles: std::collections::BTreeSet<_> = ENTRIES.iter().map(|entry| entry.title).collect();
        assert_eq!(titles.len(), ENTRIES.len());
        for &code in CauseCode::ALL {
            assert_eq!(entry(code).code, code);
        }
    }
}
