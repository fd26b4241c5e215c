//! A leak as the evidence shows it: a root, and what hangs on it.

use super::CauseCode;
use super::attribution::by::{Attribution, By};
use super::test_name::TestName;
use crate::goroutine::{Created, Fingerprint, Frame, FuncName, GoroutineId, Label, Location, Object, State};
use crate::package_path::PackagePath;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// What the evidence says, before policy.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Verdict {
    /// Not in the baseline, still there after settling.
    Leaked,
    /// There when its test ended, gone by the end of settling.
    Late,
    /// A goroutine of a test that never returned, from a crash dump.
    Stuck,
}

/// How sure it is that the goroutine can never end.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Evidenced {
    /// Go's leak GC: nothing can reach what it waits for.
    Proven,
    /// The leak GC was asked: alive, reachable.
    Reachable,
    /// Still there after settling; the leak GC was not asked.
    Observed,
}

/// One line of source around a spot.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct SourceLine {
    /// 1-based.
    pub number: u32,
    /// Text without line end, tabs kept.
    pub text: String,
}

/// A place in source, with lines around it when the file could be read.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Spot {
    /// The function it is in.
    pub func: FuncName,
    /// As the dump printed it.
    pub at: Location,
    /// Path relative to the module or repository root, with `/`, if it lies below it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub relative: Option<String>,
    /// Up to three lines, the spot's own among them.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub lines: Vec<SourceLine>,
}

/// The user's line that led to a goroutine.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct LedTo {
    /// The nearest call in the user's code: what made the server, the client, the worker.
    pub at: Spot,
    /// How that is known.
    pub by: LedToBy,
    /// The test's line that called this code, when that is another one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub from: Option<Spot>,
}

/// How the line that led to a goroutine is known.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum LedToBy {
    /// The test was run again with the calling stacks of all `go` statements.
    Trace,
    /// The source names one call that makes it.
    Source,
}

/// Why it leaks.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Cause {
    /// The registry's code.
    pub code: CauseCode,
    /// The registry's title: `send, no receiver`.
    pub title: String,
    /// What it waits for, in plain words, about this leak.
    pub waits_for: String,
    /// What to change, about this leak.
    pub fix: String,
    /// Further facts: the lock cycle, the peer test server, the connection.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub notes: Vec<String>,
    /// Other goroutines of the same dump that this one waits for.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub waits_for_goroutines: Vec<WaitsFor>,
    /// What it waits on, as the source names it. Not part of any report.
    #[serde(skip)]
    pub awaits: Vec<Awaited>,
    /// Of a goroutine of a dependency: what made the object that it works for, and what ends it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub made: Option<Made>,
}

/// A channel, context or lock that a goroutine waits on: equal for all that wait on one, as far as the source tells.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Awaited {
    /// What it is, and where it is made.
    pub thing: String,
    /// The test itself makes it, and once: there is no second one of it.
    pub once: bool,
}

/// One tie from a goroutine to those that have to go on first.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct WaitsFor {
    /// Why it waits for them.
    pub reason: WaitsBecause,
    /// Their ids, sorted.
    pub goroutines: Vec<GoroutineId>,
}

/// Why a goroutine waits for another one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum WaitsBecause {
    /// It holds the lock.
    HoldsLock,
    /// Each waits for the next one, and the last for the first: all members of the cycle, this one left out.
    Cycle,
    /// It runs the function of the sync.Once.
    RunsOnce,
    /// It has to call Done of the WaitGroup.
    WaitGroup,
    /// It does the work for the same key (singleflight).
    SameKey,
    /// It has a place in the group that is full, or has to end before the group's Wait returns (errgroup).
    Group,
    /// It serves a request: the shutdown of the server, or the client, waits for its answer.
    Handler,
    /// It copies the input or output of the child process.
    Copies,
    /// Its code goes on to the other end of the channel.
    OtherEnd,
    /// Its code goes on to a Signal or Broadcast of the sync.Cond.
    Wakes,
    /// It has the other end of the connection: both were made in one test.
    Connection,
    /// It waits for the end of the process whose output this one reads.
    Process,
}

/// The user's call that made an object of a dependency, and what ends it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Made {
    /// The nearest own line that makes it.
    pub at: Spot,
    /// The call: `boxcache.New`.
    pub call: String,
    /// Import path of the package that declares what is called; empty when it is not known.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub package: String,
    /// What ends it: `Stop`, `Close`; absent when its type has no such method.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ended_by: Option<String>,
}

/// How long a late goroutine lived past the end of its test.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Lived {
    /// Seen alive this long after its test ended, ms.
    pub at_least_ms: u64,
    /// Gone when looked for this long after, ms.
    pub at_most_ms: u64,
    /// It outlived settling, and ended only when leakgate ran the garbage collector.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub collected: bool,
}

/// What `--confirm` saw when it ran the test alone.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case", tag = "kind")]
pub enum Growth {
    /// Leaks in each repetition: `N in N runs`.
    Grows {
        /// Goroutines found.
        found: u64,
        /// Repetitions in one process.
        runs: u64,
    },
    /// One however often the test runs: a lazily started singleton.
    OncePerProcess {
        /// Repetitions in one process.
        runs: u64,
    },
    /// Not seen when the test ran alone.
    NotSeenAgain {
        /// Repetitions in one process.
        runs: u64,
    },
    /// It does not run twice in a process: an Example, or a test that passes alone and fails when it is repeated.
    NotRepeatable,
}

/// The test that never returned, for [`Verdict::Stuck`].
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Stuck {
    /// How the process ended: `test timed out after 1s`, `all goroutines are asleep - deadlock!`.
    pub crash: String,
    /// How long the test had been running, as Go printed it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub since: Option<String>,
    /// Whether this goroutine runs the test itself (else: the other side, or one it waits for).
    pub is_test_goroutine: bool,
}

/// One thing to change: the goroutine to blame, and those that stay because of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Leak {
    /// The goroutines whose end would end the others. The leak's identity is theirs.
    pub root: Group,
    /// What hangs on them, the nearest first.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub members: Vec<Member>,
    /// Of `--confirm`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub growth: Option<Growth>,
}

impl Group {
    /// The test that it is certainly of: only that one fails. Of several candidates none does, and the package fails.
    pub fn certain_test(&self) -> Option<&TestName> {
        match &self.tests[..] {
            [test] => Some(test),
            _ => None,
        }
    }
}

impl Leak {
    /// A leak of one group alone.
    pub fn alone(root: Group) -> Self {
        Self {
            root,
            members: Vec::new(),
            growth: None,
        }
    }

    /// The root and each member as a leak of its own.
    pub fn apart(self) -> Vec<Self> {
        let members = self.members.into_iter().map(|member| Self::alone(member.group));
        let root = Self {
            root: self.root,
            members: Vec::new(),
            growth: self.growth,
        };
        std::iter::once(root).chain(members).collect()
    }

    /// The root, then the members.
    pub fn groups(&self) -> impl Iterator<Item = &Group> {
        std::iter::once(&self.root).chain(self.members.iter().map(|member| &member.group))
    }

    /// The same, to change them.
    pub fn groups_mut(&mut self) -> impl Iterator<Item = &mut Group> {
        std::iter::once(&mut self.root).chain(self.members.iter_mut().map(|member| &mut member.group))
    }

    /// Goroutines of the root and of all members.
    pub fn goroutines(&self) -> u64 {
        self.groups()
            .map(|group| group.count)
            .fold(0, u64::saturating_add)
    }

    /// Goroutines of the members.
    pub fn goroutines_with_it(&self) -> u64 {
        self.goroutines() - self.root.count
    }
}

/// Goroutines that hang on the root of a leak.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Member {
    /// The goroutines.
    #[serde(flatten)]
    pub group: Group,
    /// Why they belong to the root.
    pub joined: Joined,
}

/// The evidence that joins a member to its leak.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Joined {
    /// Which kind of evidence.
    pub by: JoinedBy,
    /// What it hangs on: 0 for the root, else the member of that number, counted from 1.
    pub to: usize,
    /// In words, as they follow the member's name: `started by it`, `waits for it`.
    pub words: String,
}

/// What kind of evidence joins goroutines to one leak.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum JoinedBy {
    /// It waits for the other: for the lock it holds, the channel it sends to, the group of workers it belongs to.
    Wait,
    /// Both ends of one network connection.
    Connection,
    /// The other started it, and is still there.
    Starter,
    /// Both work on one object, or wait on one channel, context or lock.
    Object,
    /// One call made both.
    Call,
    /// They are the same leak, with one fingerprint, at two lines.
    Same,
}

impl Group {
    /// Whether a line of the user's own is among its stack and its `go` statement.
    pub fn has_own_line(&self) -> bool {
        let created = self.created.as_ref().and_then(|created| created.at.as_ref());
        let started = self.started_at.as_ref();
        let starts = started.is_some_and(|spot| spot.relative.is_some() && Some(&spot.at) == created);
        starts || !self.own_frames.is_empty()
    }
}

/// One goroutine of a group, for joining goroutines over what they work on and who started them. Not part of any report.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Instance {
    /// Its id.
    pub id: GoroutineId,
    /// The goroutine that started it, if the dump said so.
    pub parent: Option<GoroutineId>,
    /// What its frames work on; [`Object::frame`] is an index into [`Group::stack`]. The shim carries at most 8 of a
    /// goroutine, 1,000 places a stack, 50,000 in all.
    pub objects: Vec<Object>,
}

/// Equal goroutines of one test, folded: same cause, same stack without arguments, same creator.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Group {
    /// Stable identity.
    pub fingerprint: Fingerprint,
    /// The package whose tests ran.
    pub package: PackagePath,
    /// The test; several only for [`Attribution::Window`]; empty for [`Attribution::Package`].
    pub tests: Vec<TestName>,
    /// How it was tied to them.
    pub attribution: Attribution,
    /// The facts of the tie.
    pub attributed_by: By,
    /// Before policy.
    pub verdict: Verdict,
    /// Observed, or the GC's word.
    pub evidenced: Evidenced,
    /// Why.
    pub cause: Cause,
    /// Wait state of the (first) goroutine.
    pub state: State,
    /// How many goroutines are folded here.
    pub count: u64,
    /// Their ids, at most 20.
    pub ids: Vec<GoroutineId>,
    /// All of them, in the order of their ids. Empty in a group that was read from a report.
    #[serde(skip)]
    pub instances: Vec<Instance>,
    /// The owner: first frame from the bottom that is no launcher.
    pub owner: FuncName,
    /// Where it is blocked: the innermost frame of the user's own code (else of any code).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub blocked_at: Option<Spot>,
    /// The `go` statement: the creator when it is the user's own code, else the nearest user's frame that led to it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub started_at: Option<Spot>,
    /// The user's line that led to it, where that is neither of these places.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub led_to_by: Option<LedTo>,
    /// The declaration of its test, when neither of these places is in the user's tree.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub test_at: Option<Spot>,
    /// The whole stack, innermost first.
    pub stack: Vec<Frame>,
    /// Index into `stack` of the user's own frames (module code, not std and not dependencies).
    pub own_frames: Vec<usize>,
    /// Creator.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub created: Option<Created>,
    /// Labels that are not ours.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub labels: Vec<Label>,
    /// First seen, ms since the start of the package's tests.
    pub first_seen_ms: u64,
    /// For [`Verdict::Late`].
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub lived: Option<Lived>,
    /// For [`Verdict::Stuck`].
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub stuck: Option<Stuck>,
}
