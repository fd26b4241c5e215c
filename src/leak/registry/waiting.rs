//! Pages: locks, wait groups, contexts.

use super::CauseCode;
use super::page::Page;
use super::sample::Sample;

const LOCKS: &str = include_str!("../../../examples/zoo/locks/locks.go");
const WAITING: &str = include_str!("../../../examples/zoo/locks/waiting.go");
const CONTEXTS: &str = include_str!("../../../examples/zoo/contexts/contexts.go");
const PAGES_GO: &str = include_str!("../../../examples/zoo/pages/pages.go");

const fn pair(file: &'static str, leaky: &'static str, fixed: &'static str) -> Option<Sample> {
    Some(Sample { file, leaky, fixed })
}

/// In the order of the registry.
pub(super) const PAGES: &[Page] = &[
    Page {
        code: CauseCode::MutexLocked,
        what: "A Go mutex is not re-entrant and knows no owner: who locks it again, also in the same goroutine, waits for an Unlock.",
        happens: &[
            "A method that holds the lock calls another one that locks too.",
            "A path (an error, a panic that is recovered) leaves without Unlock.",
            "Two goroutines take two locks in opposite order; the report says so where both stacks show it.",
        ],
        find: "Look for the Lock calls of this mutex: each needs its Unlock on all paths (`defer`), and none may be reached with the lock held.",
        sample: pair(LOCKS, "LeakyWithdraw", "FixedWithdraw"),
        links: &["https://pkg.go.dev/sync#Mutex"],
    },
    Page {
        code: CauseCode::RwMutexLocked,
        what: "A writer waits for all readers, and from then on new readers wait behind the writer. One RLock without RUnlock holds all of them.",
        happens: &[
            "A path leaves without RUnlock.",
            "A reader read-locks again while a writer waits: it waits for the writer, who waits for it.",
            "RLock is paired with Unlock, or Lock with RUnlock.",
        ],
        find: "Look for the RLock and Lock calls of this mutex: each needs its own kind of unlock on all paths (`defer`).",
        sample: pair(LOCKS, "LeakyGet", "FixedGet"),
        links: &["https://pkg.go.dev/sync#RWMutex"],
    },
    Page {
        code: CauseCode::WaitGroup,
        what: "Wait returns when the count is zero. One Done too few, or a goroutine that itself never ends, and it waits for ever.",
        happens: &[
            "Done is at the end of the goroutine, and a path returns before it.",
            "Add counts more goroutines than are started.",
            "One of the goroutines leaks: it is reported too, and is the one to fix.",
        ],
        find: "`defer wg.Done()` should be the first statement of each goroutine (or use wg.Go). If it is, look which of the goroutines does not end.",
        sample: pair(WAITING, "LeakyUpload", "FixedUpload"),
        links: &["https://pkg.go.dev/sync#WaitGroup"],
    },
    Page {
        code: CauseCode::Cond,
        what: "A goroutine in Cond.Wait sleeps until Signal or Broadcast; a change of the condition alone wakes no goroutine.",
        happens: &[
            "Shutdown changes the condition and does not broadcast.",
            "Signal wakes one, and several wait.",
            "The signal came before the wait, and the condition was not checked in a loop under the lock.",
        ],
        find: "Look for all assignments that change what the loop around Wait tests: each has to be followed by Signal or Broadcast.",
        sample: pair(PAGES_GO, "LeakyClose", "FixedClose"),
        links: &["https://pkg.go.dev/sync#Cond"],
    },
    Page {
        code: CauseCode::Once,
        what: "Once.Do returns to all callers only when the first call's function has returned. If that blocks, or calls Do again, all wait.",
        happens: &[
            "The function calls, over some detours, Do of the same Once.",
            "The function waits for something that needs the Once first.",
        ],
        find: "Find the goroutine that is inside the function given to Do: it is in the same report, or in this very stack.",
        sample: pair(PAGES_GO, "LeakyGet", "FixedGet"),
        links: &["https://pkg.go.dev/sync#Once.Do"],
    },
    Page {
        code: CauseCode::CallWaits,
        what: "A call of a library waits for another goroutine: a place in an errgroup or a semaphore, the work for the same key in a singleflight group, the active connections of a server that shuts down.",
        happens: &[
            "A function in an errgroup with a limit never returns, and the next Go waits for its place.",
            "A path returns without Release, and Acquire waits for ever.",
            "The first call of a singleflight key hangs, and so does each later one.",
            "A handler does not return, and Shutdown waits for its connection.",
        ],
        find: "The report names the goroutine that has to go on first, where it can tell. End its wait; the call then returns. A context with a deadline keeps the call from waiting for ever.",
        sample: None,
        links: &[
            "https://pkg.go.dev/golang.org/x/sync",
            "https://pkg.go.dev/net/http#Server.Shutdown",
        ],
    },
    Page {
        code: CauseCode::ContextNotCancelled,
        what: "The goroutine does what it should: it waits for its context to be cancelled. Nothing cancels it.",
        happens: &[
            "The cancel function of WithCancel is not called on every path (`go vet` finds some: lostcancel).",
            "The worker is given context.Background() in place of the caller's context, and nothing can cancel that.",
            "The context lives as long as the program, and the goroutine should not.",
        ],
        find: "Follow the context named in the report to where it is made; the notes say where, if the file tells. Its cancel function has to be called, with `defer` or by the Close of what owns it.",
        sample: pair(CONTEXTS, "LeakyStart", "FixedStart"),
        links: &["https://pkg.go.dev/context", "https://go.dev/blog/context"],
    },
];
