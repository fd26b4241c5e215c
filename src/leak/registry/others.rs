//! Pages: coroutines, finalizers, system calls, C, and what is not known.

use super::CauseCode;
use super::page::Page;
use super::sample::Sample;

const ITERATORS: &str = include_str!("../../../examples/zoo/iterators/iterators.go");
const PAGES_GO: &str = include_str!("../../../examples/zoo/pages/pages.go");

/// In the order of the registry.
pub(super) const PAGES: &[Page] = &[
    Page {
        code: CauseCode::Coroutine,
        what: "iter.Pull runs the iterator in a goroutine of its own, which pauses between two calls of next. It ends when the iterator does, or by stop.",
        happens: &[
            "The consumer takes a few values and returns without stop.",
            "An error path leaves before stop.",
        ],
        find: "Look for iter.Pull or iter.Pull2: `defer stop()` belongs on the line after.",
        sample: Some(Sample {
            file: ITERATORS,
            leaky: "LeakyHead",
            fixed: "FixedHead",
        }),
        links: &["https://pkg.go.dev/iter#Pull"],
    },
    Page {
        code: CauseCode::FinalizerStuck,
        what: "One goroutine runs all finalizers of the process (and few run all cleanups). If one of them blocks, no other runs any more, and memory that waits for them is never freed.",
        happens: &["A finalizer sends on a channel, takes a lock, or waits for a goroutine."],
        find: "The stack shows the function that was given to runtime.SetFinalizer or runtime.AddCleanup. Nothing in it may wait.",
        sample: Some(Sample {
            file: PAGES_GO,
            leaky: "LeakyHandle",
            fixed: "FixedHandle",
        }),
        links: &[
            "https://pkg.go.dev/runtime#SetFinalizer",
            "https://pkg.go.dev/runtime#AddCleanup",
        ],
    },
    Page {
        code: CauseCode::Syscall,
        what: "The goroutine is inside the kernel, in a call that the network poller does not handle. It holds a thread as well.",
        happens: &[
            "A blocking call on a device, a lock file, or a file descriptor taken from elsewhere.",
            "A raw syscall without timeout.",
        ],
        find: "The frame above yours names the call. Closing the file from another goroutine does not always end it: look for a form with a timeout, or a non-blocking one.",
        sample: None,
        links: &["https://pkg.go.dev/golang.org/x/sys/unix"],
    },
    Page {
        code: CauseCode::Cgo,
        what: "The goroutine is inside a C function. Go can neither interrupt nor end it, and it holds a thread.",
        happens: &["A C library's event loop or blocking call without a way to stop it."],
        find: "The frame `_Cfunc_…` names the function. The library needs to be told to stop by another call, and the goroutine to be waited for.",
        sample: None,
        links: &["https://pkg.go.dev/cmd/cgo"],
    },
    Page {
        code: CauseCode::Unknown,
        what: "The state and the stack do not tell what the goroutine waits for, and leakgate does not guess.",
        happens: &[
            "A wait reason that this version of leakgate does not know.",
            "A stack without frames.",
        ],
        find: "Look at the whole stack with --verbose: the owner's code has to end, or to be told to.",
        sample: None,
        links: &["https://pkg.go.dev/runtime#Stack"],
    },
];
