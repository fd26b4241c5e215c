//! The goroutine model: what one block of a dump says.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Goroutine id: unique for the life of a process, never reused, and since Go 1.26 not in creation order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(transparent)]
pub struct GoroutineId(pub u64);

/// A function name as a dump prints it, without arguments: `net/http.(*persistConn).readLoop`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema, Default)]
#[serde(transparent)]
pub struct FuncName(pub String);

impl FuncName {
    /// The name as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl std::fmt::Display for FuncName {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}

/// `file:line` of a frame. The file may be relative (`-trimpath`, `_testmain.go`) and `??` for cgo.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
pub struct Location {
    /// Path as printed.
    pub file: String,
    /// 1-based; 0 when the dump gave none.
    pub line: u32,
}

/// One call of the stack, innermost first in [`Goroutine::frames`].
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
pub struct Frame {
    /// Function, without arguments.
    pub func: FuncName,
    /// Arguments between the parentheses as printed; `None` when they were not kept.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub args: Option<String>,
    /// Where; `None` when the dump gave no position.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub at: Option<Location>,
}

/// `created by F in goroutine N` and the position of the `go` statement.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
pub struct Created {
    /// The function that holds the `go` statement.
    pub func: FuncName,
    /// The goroutine that ran it (Go ≥ 1.21).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub by: Option<GoroutineId>,
    /// The `go` statement.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub at: Option<Location>,
}

/// The synctest bubble (Go ≥ 1.25) or group (Go 1.24) that a goroutine belongs to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(transparent)]
pub struct Bubble(pub u64);

/// The text in the brackets of a header: `[select (leaked), 3 minutes, locked to thread]`.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema, Default)]
pub struct State {
    /// Wait reason or status without suffixes: `chan receive (nil chan)`, `running`, `IO wait`.
    pub reason: String,
    /// ` (leaked)`: Go's leak GC found that nothing can reach what it waits for (Go ≥ 1.26).
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub leaked: bool,
    /// ` (scan)`.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub scan: bool,
    /// ` (durable)`: durably blocked in a synctest bubble.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub durable: bool,
    /// `, N minutes`; printed only if a GC ran while the goroutine was blocked.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub minutes: Option<u64>,
    /// `, locked to thread`.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub locked_to_thread: bool,
    /// `, synctest bubble N`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub bubble: Option<Bubble>,
}

/// A pprof label of a goroutine: key and value, unquoted.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
pub struct Label {
    /// Key.
    pub key: String,
    /// Value.
    pub value: String,
}

/// One `[originating from goroutine N]:` section (`GODEBUG=tracebackancestors`).
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
pub struct Ancestor {
    /// The ancestor's id.
    pub id: GoroutineId,
    /// Its stack when it ran the `go` statement.
    pub frames: Vec<Frame>,
    /// Who created the ancestor.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub created: Option<Created>,
}

/// One goroutine of a dump.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
pub struct Goroutine {
    /// Its id.
    pub id: GoroutineId,
    /// What it waits for.
    pub state: State,
    /// pprof labels, if the dump printed them.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub labels: Vec<Label>,
    /// Innermost first.
    pub frames: Vec<Frame>,
    /// Index into `frames` before which frames were elided, and how many (`None`: the dump did not say).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub elided: Option<(usize, Option<u64>)>,
    /// Who started it; absent for main, finalizers and cgo callback threads.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub created: Option<Created>,
    /// `GODEBUG=tracebackancestors` sections; never part of `frames`.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub ancestors: Vec<Ancestor>,
    /// `goroutine running on other thread; stack unavailable`.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub stack_unavailable: bool,
}

/// Identity of a leak that is stable over edits, machines and Go versions: 16 lower-case hex digits.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(transparent)]
pub struct Fingerprint(pub String);

impl std::fmt::Display for Fingerprint {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}
