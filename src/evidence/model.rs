//! The evidence model. All times are nanoseconds since the start of `M.Run`, on the process's monotonic clock.

use crate::goroutine::{Goroutine, GoroutineId, Object};
use std::collections::HashMap;
use std::sync::Arc;

/// Number of a test, subtest, fuzz target, benchmark or example in the order they began; unique in a process.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct TestSeq(pub u32);

/// What kind of function ran.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum TestKind {
    /// `TestX`, a subtest, or a fuzz seed.
    Test,
    /// `FuzzX`.
    Fuzz,
    /// `BenchmarkX`.
    Benchmark,
    /// `ExampleX`.
    Example,
}

/// One run of a test: when, and on which goroutine. Spans with equal numbers belong to one test: the calls of a benchmark's
/// function, the bubble of `synctest.Test`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TestSpan {
    /// Its number.
    pub seq: TestSeq,
    /// What it is.
    pub kind: TestKind,
    /// Full name as test2json gives it: `TestA/case_1`.
    pub name: String,
    /// The goroutine that ran it.
    pub goroutine: GoroutineId,
    /// Begin, ns.
    pub start: u64,
    /// End (after all its cleanups), ns; `None` if it never ended.
    pub end: Option<u64>,
    /// When it waited in `t.Parallel` for its turn, if it did.
    pub paused: Option<Pause>,
}

/// From when to when a test waited in `t.Parallel`: nothing of it ran then.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Pause {
    /// It said that it is parallel, ns.
    pub from: u64,
    /// It had its turn, ns; `None` if it never had.
    pub to: Option<u64>,
}

/// What Go's leak GC said of a goroutine.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Proof {
    /// Nothing can reach what it waits for: it can never wake.
    Proven,
    /// The GC was asked and something can still reach it, or it does not wait on a channel or lock.
    Reachable,
    /// The GC was not asked.
    NotAsked,
}

/// One goroutine that was not in the baseline and is not a test's own goroutine, over its whole seen life.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sighting {
    /// Its id.
    pub id: GoroutineId,
    /// What it waited for when it was last seen waiting, else the last block seen of it (`goroutine.id`, labels and `created.by` inside are not meaningful: equal blocks are shared).
    pub goroutine: Arc<Goroutine>,
    /// The goroutine that started it.
    pub parent: Option<GoroutineId>,
    /// The test whose label its own header showed in a dump (Go ≥ 1.26, at the end).
    pub label: Option<TestSeq>,
    /// The last boundary at which it was not there yet, ns.
    pub absent_until: u64,
    /// First seen: when the first dump that shows it was complete, ns.
    pub first_seen: u64,
    /// Last seen in that block: when that dump was begun, ns. Of one seen once it is before `first_seen`.
    pub last_seen: u64,
    /// First boundary at which it was gone; `None` if it is in the settled end.
    pub gone_by: Option<u64>,
    /// What the leak GC said.
    pub proof: Proof,
    /// What its frames work on, innermost first: receivers of methods, and pointers into the heap, that the dump showed for
    /// certain. Inlined frames show none. The shim carries at most 8 of a goroutine, and limits how many in all
    /// ([`Evidence::objects_left_out`]); records of an older shim have none.
    pub objects: Vec<Object>,
    /// Where it waited before it waited where it does, if it was seen there.
    pub moved: Option<Move>,
    /// It ended only when the shim ran the garbage collector, after settling.
    pub collected: bool,
}

/// A goroutine waited elsewhere before.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Move {
    /// As it was then; shared as [`Sighting::goroutine`] is.
    pub from: Arc<Goroutine>,
    /// Last seen there: when that dump was begun, ns.
    pub last_seen: u64,
    /// First seen where it is now: when that dump was complete, ns.
    pub first_seen: u64,
}

/// The process.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Process {
    /// `runtime.Version()`.
    pub go_version: String,
    /// Process id, in its own namespace.
    pub pid: u64,
    /// Parent process id.
    pub ppid: u64,
    /// `runtime.GOMAXPROCS(0)` at start.
    pub gomaxprocs: u32,
    /// Which call of `M.Run` in this process, from 1.
    pub run: u32,
}

/// How the number of goroutines besides tests' own changed from a test's begin to its end, its subtests included.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Counted {
    /// By how many.
    pub grew: i64,
    /// How many were started, where Go counts that (≥ 1.26).
    pub started: Option<u64>,
}

/// One reading of the goroutine profile with the shim's labels. The profile counts goroutines and names none, and was taken
/// between two dumps.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Reading {
    /// All tests had ended, and what was left had settled.
    pub ended: bool,
    /// The stacks that it was read for.
    pub stacks: Vec<StackReading>,
    /// Goroutines that the dump before shows in these stacks, and the dump after not where they were.
    pub moved: Vec<GoroutineId>,
}

/// What a reading says of one stack: the innermost frames that all its goroutines have. Only what differs from the last reading
/// that mentions the stack.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct StackReading {
    /// Number of the stack.
    pub stack: u32,
    /// How many goroutines of the process carry which test's label; `None` is no test's.
    pub counts: Vec<(Option<TestSeq>, u64)>,
    /// Goroutines that the dump before shows in the stack.
    pub came: Vec<GoroutineId>,
    /// Those that it does not show there any more.
    pub left: Vec<GoroutineId>,
}

/// How settling went.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Settle {
    /// Time spent, ns.
    pub waited: u64,
    /// Dumps taken.
    pub rounds: u32,
    /// What `--settle` was, ns; 0 when the shim did not say.
    pub setting: u64,
    /// When settling began, ns.
    pub began: u64,
}

/// Goroutine count at a time, for charts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CountSample {
    /// ns.
    pub at: u64,
    /// `runtime.NumGoroutine()`.
    pub goroutines: u64,
}

/// Why the evidence must not be believed to be whole.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Blindness {
    /// The canary goroutine was not in the final dump.
    CanaryMissing,
    /// A dump was cut off, or a limit of the shim was hit; says which and how much.
    Truncated(String),
    /// The shim failed inside the test process; says where and how.
    ShimFailed(String),
}

/// All that one call of `M.Run` told.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Evidence {
    /// The process.
    pub process: Process,
    /// Every test that began, by [`TestSeq`] order.
    pub tests: Vec<TestSpan>,
    /// What counts say of the tests beside which no other ran.
    pub growth: HashMap<TestSeq, Counted>,
    /// Ids of the goroutines that existed before the first test.
    pub baseline: Vec<GoroutineId>,
    /// Parent links of goroutines seen in any dump, for lineage through dead parents: child → parent.
    pub parents: HashMap<GoroutineId, GoroutineId>,
    /// Every other goroutine that was seen.
    pub sightings: Vec<Sighting>,
    /// What the goroutine profile said of them, in the order of time.
    pub readings: Vec<Reading>,
    /// Objects that were beyond the shim's limits.
    pub objects_left_out: u64,
    /// How the end settled.
    pub settle: Settle,
    /// Goroutine counts over the run.
    pub counts: Vec<CountSample>,
    /// Boundaries at which a dump was due but skipped for cost.
    pub dumps_skipped: u64,
    /// `M.Run` ended at, ns.
    pub end: u64,
    /// Empty when the shim saw all it should.
    pub blind: Vec<Blindness>,
}
