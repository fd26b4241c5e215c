//! Wait reasons: what Go's scheduler says a goroutine waits for.
//!
//! The strings are those of `waitReasonStrings` in Go 1.18 to 1.27.

use super::State;

/// What a goroutine waits for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum WaitReason {
    /// `chan receive`.
    ChanReceive,
    /// `chan send`.
    ChanSend,
    /// `chan receive (nil chan)`.
    NilChanReceive,
    /// `chan send (nil chan)`.
    NilChanSend,
    /// `select` with at least one case.
    Select,
    /// `select (no cases)`.
    SelectNoCases,
    /// `sync.Cond.Wait`.
    Cond,
    /// `sync.Mutex.Lock` (Go ≥ 1.20): also Once and the inner lock of an RWMutex.
    Mutex,
    /// `sync.RWMutex.RLock` or `sync.RWMutex.Lock`.
    RwMutex,
    /// `sync.WaitGroup.Wait` (Go ≥ 1.24).
    WaitGroup,
    /// `semacquire`: WaitGroup up to Go 1.23, and closing of files.
    Semacquire,
    /// `sleep`.
    Sleep,
    /// `IO wait`: the network poller.
    IoWait,
    /// `syscall`: a system call or C code.
    Syscall,
    /// `coroutine`: an iter.Pull that is neither drained nor stopped.
    Coroutine,
    /// `running`, `runnable`, `preempted`: it does not wait.
    Running,
    /// `synctest.Run`, `synctest.Wait`.
    Synctest,
    /// `finalizer wait`, `cleanup wait`, GC, tracer and others of the runtime.
    Runtime,
    /// Anything else.
    Other,
}

impl State {
    /// The wait reason.
    pub fn wait_reason(&self) -> WaitReason {
        let reason = self.reason.strip_suffix(" (synctest)").unwrap_or(&self.reason);
        match reason {
            "chan receive" => WaitReason::ChanReceive,
            "chan send" => WaitReason::ChanSend,
            "chan receive (nil chan)" => WaitReason::NilChanReceive,
            "chan send (nil chan)" => WaitReason::NilChanSend,
            "select" => WaitReason::Select,
            "select (no cases)" => WaitReason::SelectNoCases,
            "sync.Cond.Wait" => WaitReason::Cond,
            "sync.Mutex.Lock" => WaitReason::Mutex,
            "sync.RWMutex.RLock" | "sync.RWMutex.Lock" => WaitReason::RwMutex,
            "sync.WaitGroup.Wait" => WaitReason::WaitGroup,
            "semacquire" => WaitReason::Semacquire,
            "sleep" => WaitReason::Sleep,
            "IO wait" => WaitReason::IoWait,
            "syscall" | "waiting for cgo callback" => WaitReason::Syscall,
            "coroutine" => WaitReason::Coroutine,
            "running" | "runnable" | "preempted" | "copystack" => WaitReason::Running,
            "synctest.Run" | "synctest.Wait" => WaitReason::Synctest,
            "finalizer wait"
            | "cleanup wait"
            | "idle"
            | "dead"
            | "panicwait"
            | "wait for GC cycle"
            | "trace reader (blocked)"
            | "force gc (idle)"
            | "GOMAXPROCS updater (idle)" => WaitReason::Runtime,
            // It allocates, and the collector makes it help or wait for a moment.
            other if other.starts_with("GC assist ") => WaitReason::Running,
            other if other.starts_with("GC ") || other.starts_with("garbage collection") => {
                WaitReason::Runtime
            }
            _ => WaitReason::Other,
        }
    }
}

impl WaitReason {
    /// Whether it waits for another goroutine: what the leak GC can judge.
    pub fn is_on_goroutines(self) -> bool {
        matches!(
            self,
            Self::ChanReceive
                | Self::ChanSend
                | Self::NilChanReceive
                | Self::NilChanSend
                | Self::Select
                | Self::SelectNoCases
                | Self::Cond
                | Self::Mutex
                | Self::RwMutex
                | Self::WaitGroup
        )
    }
}
