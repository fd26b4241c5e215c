//! How a goroutine was tied to its tests, as data. The words are made in `report`.

use crate::goroutine::{FuncName, GoroutineId};
use crate::leak::test_name::TestName;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// How the leak was tied to its test(s).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Attribution {
    /// The goroutine carries the test's label.
    Label,
    /// `created by … in goroutine N`, N being the test's goroutine or a known descendant.
    Lineage,
    /// It begins in a closure of the test's function, though label, lineage or window name other tests.
    Code,
    /// First seen between two boundaries: the tests that ran then, all named.
    Window,
    /// No test ran at the time (TestMain, or after the last test).
    Package,
}

/// How a label was read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum LabelRead {
    /// From the goroutine's own header in a dump.
    Header,
    /// From the goroutine profile, where it can be no other.
    Profile,
    /// From the goroutine profile, as one of equal goroutines of several tests: they are right in sum.
    Shared,
}

/// Where the code of a test was found.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum CodePlace {
    /// The goroutine begins in it.
    Entry,
    /// It is further up on the goroutine's stack.
    Stack,
    /// It ran the `go` statement.
    Creator,
    /// The test's function names the function in which the goroutine begins.
    Named,
}

/// What one test uses after the other.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Reused {
    /// A connection of an HTTP client.
    Connection,
    /// A worker that takes jobs from a channel.
    Worker,
}

/// How a goroutine was tied to its tests, with the facts. Times are ms since the start of the package's tests.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case", tag = "kind")]
pub enum By {
    /// It carries the test's label.
    Label {
        /// The test's number, where it is known.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        seq: Option<u32>,
        /// The test.
        test: TestName,
        /// How the label was read.
        read: LabelRead,
    },
    /// The goroutine that started it is the test's, or descends from it.
    Lineage {
        /// The function that holds the `go` statement.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        creator: Option<FuncName>,
        /// Who ran the `go` statement.
        parent: GoroutineId,
        /// The goroutine that ran the test.
        test_goroutine: GoroutineId,
        /// The test.
        test: TestName,
    },
    /// It works on the same object as a goroutine whose test is certain.
    Object {
        /// Address of the object, in hex.
        address: String,
        /// That goroutine.
        goroutine: GoroutineId,
    },
    /// The code says whose it is.
    Code {
        /// The test's function, as the stack shows it.
        func: FuncName,
        /// Where that was found.
        place: CodePlace,
        /// What else says something different, or less.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        beside: Option<Box<By>>,
    },
    /// First seen while these tests ran.
    Window {
        /// Not there yet.
        from_ms: u64,
        /// First seen.
        to_ms: u64,
    },
    /// A timer's callback: any test that had begun may have set the timer.
    Timer {
        /// Not there yet.
        from_ms: u64,
        /// First seen.
        to_ms: u64,
        /// The tests that ran then; at most 5.
        ran: Vec<TestName>,
        /// How many tests had begun by then.
        begun: u64,
    },
    /// It was idle when the test that started it had ended, and was put to use while these tests ran.
    Moved {
        /// The test that started it.
        started: TestName,
        /// What it waited for then.
        before: String,
        /// Last seen idle.
        from_ms: u64,
        /// First seen in use.
        to_ms: u64,
    },
    /// Nothing was looked at between its starter's end and that of later tests: the source says which of them can have
    /// left it in use.
    Reused {
        /// The test that started it.
        started: TestName,
        /// When that had ended.
        from_ms: u64,
        /// First seen in use.
        to_ms: u64,
        /// How many tests ran in between.
        later: u64,
        /// What it is.
        what: Reused,
    },
    /// First seen when no test ran.
    NoTest {
        /// Not there yet.
        from_ms: u64,
        /// First seen.
        to_ms: u64,
    },
    /// It runs the test itself.
    Runs {
        /// Its id.
        goroutine: GoroutineId,
    },
    /// It belongs to the synctest bubble of the test.
    Bubble {
        /// The bubble's number.
        bubble: u64,
    },
    /// It waits for the same lock or object as a goroutine of the test, or holds it.
    Beside {
        /// That goroutine.
        goroutine: GoroutineId,
    },
    /// No test has started it, and it waits for a goroutine of the test.
    WaitsFor {
        /// That goroutine.
        goroutine: GoroutineId,
    },
    /// Only these tests ran when the process died.
    Running,
    /// It runs TestMain.
    TestMain,
    /// A dump alone, without a run of tests.
    Dump,
    /// In the words of a report of a former version.
    Told {
        /// The words.
        words: String,
    },
}

impl By {
    /// The kind of tie that it is, given how many tests it names.
    pub fn attribution(&self, tests: usize) -> Attribution {
        match self {
            Self::Label { .. } => Attribution::Label,
            Self::Code { .. } => Attribution::Code,
            _ if tests == 0 => Attribution::Package,
            Self::Lineage { .. } | Self::Object { .. } | Self::Bubble { .. } | Self::WaitsFor { .. } => {
                Attribution::Lineage
            }
            Self::Runs { .. } if tests == 1 => Attribution::Lineage,
            Self::Reused { .. } if tests == 1 => Attribution::Code,
            _ => Attribution::Window,
        }
    }
}
