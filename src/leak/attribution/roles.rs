//! Goroutines of a dump that run tests, and the tests that they may run.

use super::spans::is_below;
use crate::goroutine::{Goroutine, GoroutineId, name};
use crate::leak::TestName;

/// What a test's goroutine does at the time of the crash.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Role {
    /// It runs the user's code, or what that called.
    InTest,
    /// It waits for its subtests, or for its turn.
    Waits,
}

/// Where package testing calls the user's function: the frame above is the test's.
fn runner(goroutine: &Goroutine) -> Option<usize> {
    let runs = |func: &str| {
        matches!(
            func,
            "testing.tRunner" | "testing.fRunner" | "testing.(*B).runN" | "testing.runExample"
        )
    };
    goroutine
        .frames
        .iter()
        .position(|frame| runs(frame.func.as_str()))
        .filter(|&index| index > 0)
}

/// Whether a goroutine runs a test, and what it does there.
pub fn role(goroutine: &Goroutine) -> Option<Role> {
    let runner = runner(goroutine)?;
    let outside = |func: &str| {
        let package = name::package(func);
        package != "runtime" && package != "sync" && !package.starts_with("internal/runtime")
    };
    let top = goroutine.frames[..runner]
        .iter()
        .find(|frame| outside(frame.func.as_str()));
    let package = top.map_or("testing", |frame| name::package(frame.func.as_str()));
    Some(match package {
        "testing" | "testing/synctest" | "internal/synctest" => Role::Waits,
        _ => Role::InTest,
    })
}

/// `TestX` of the function that package testing called: `example.com/m.TestX`, `example.com/m.TestX.func1`. Cleanups are
/// called through more of package testing.
pub fn root_name(goroutine: &Goroutine) -> Option<&str> {
    let outer = goroutine.frames[..runner(goroutine)?].iter().rev();
    let (func, package) = outer
        .map(|frame| (frame.func.as_str(), name::package(frame.func.as_str())))
        .find(|(_, package)| *package != "testing")?;
    let rest = func[package.len()..].strip_prefix('.')?;
    rest.split('.').next().filter(|first| is_test(first))
}

/// A name that package testing would call.
pub fn is_test(name: &str) -> bool {
    ["Test", "Benchmark", "Fuzz", "Example"]
        .iter()
        .any(|prefix| name.starts_with(prefix))
}

/// Of the running tests those that have no running subtest.
pub fn leaves(running: &[TestName]) -> Vec<TestName> {
    let leaf = |test: &&TestName| !running.iter().any(|other| is_below(&other.0, &test.0));
    let mut leaves: Vec<TestName> = running.iter().filter(leaf).cloned().collect();
    leaves.sort();
    leaves.dedup();
    leaves
}

/// Of these leaves those that are `root` or below it.
pub fn leaves_below(running: &[TestName], root: &str) -> Vec<TestName> {
    let mut leaves = leaves(running);
    leaves.retain(|test| test.0 == root || is_below(&test.0, root));
    leaves
}

/// Whether a goroutine that runs a test runs a subtest; `None` where the dump does not say who started it.
pub fn is_subtest(goroutine: &Goroutine) -> Option<bool> {
    let created = goroutine.created.as_ref()?;
    (created.func.as_str() == "testing.(*T).Run").then_some(created.by? != GoroutineId(1))
}
