//! A test binary that crashed: which test was stuck, where, on what; or who brought the process down.
//!
//! Reads what Go printed: `panic: test timed out`, `fatal error: all goroutines are asleep - deadlock!`, panics,
//! other fatal errors, `SIGQUIT`. Nothing here knows of the shim, which could not tell any more.

mod headline;
mod stuck;

pub use headline::{CrashKind, Headline};

use super::attribution::By;
use super::attribution::dump::Scene;
use super::module::{Code, ModuleInfo};
use super::{Group, Spot, TestName};
use crate::go_source::GoFiles;
use crate::goroutine::{GoroutineId, parse};
use crate::package_path::PackagePath;

/// What a crash is read from.
#[derive(Clone, Copy)]
pub struct CrashInput<'a> {
    /// The package whose tests ran.
    pub package: &'a PackagePath,
    /// The crash text: from its first line to the end of the package's output.
    pub output: &'a str,
    /// Tests that had begun and not ended, as the event stream says.
    pub running: &'a [TestName],
    /// Tests that go called failed: a crash ends its test so.
    pub failed: &'a [TestName],
    /// The user's modules.
    pub module: &'a ModuleInfo,
    /// Source files.
    pub sources: &'a GoFiles,
}

/// What a crash tells.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Crash {
    /// Its first line, what kind it is, and the tests that Go lists as running.
    pub headline: Headline,
    /// Stuck test goroutines, and those that they started. Empty for panics and data races: there nothing waits.
    pub stuck: Vec<Group>,
    /// How many goroutines tests that had ended left, by test.
    pub left: Vec<(TestName, usize)>,
    /// Who brought the process down, for panics and fatal errors.
    pub culprit: Option<Culprit>,
    /// The dump was cut off.
    pub truncated: bool,
}

/// The goroutine that panicked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Culprit {
    /// Its id.
    pub id: GoroutineId,
    /// The test that it runs, or that started it; several if it is one of them, none if nothing says so.
    pub tests: Vec<TestName>,
    /// How we know.
    pub by: Option<By>,
    /// Whether it is a test's own goroutine; else one that was started.
    pub is_test_goroutine: bool,
    /// The innermost own frame.
    pub at: Option<Spot>,
    /// The `go` statement, unless it is a test's own.
    pub started_at: Option<Spot>,
}

/// Reads a crash; `None` if the text holds none.
pub fn read(input: &CrashInput<'_>) -> Option<Crash> {
    let (headline, rest) = headline::find(input.output)?;
    let dump = parse(rest.as_bytes());
    let code = Code {
        package: input.package,
        module: input.module,
        sources: input.sources,
    };
    let listed: Vec<TestName> = headline.running.iter().map(|entry| entry.test.clone()).collect();
    let (running, failed) = match listed.is_empty() {
        true => (input.running, input.failed),
        false => (&listed[..], &[][..]),
    };
    let scene = Scene::new(&dump.goroutines, running, failed, code);
    let waits = headline.is_of_waiting();
    let (stuck, left) = match waits {
        true => stuck::leaks(&scene, &headline),
        false => Default::default(),
    };
    let culprit = if waits { None } else { stuck::culprit(&scene) };
    Some(Crash {
        headline,
        stuck,
        left,
        culprit,
        truncated: !dump.is_whole(),
    })
}

#[cfg(test)]
mod tests;
