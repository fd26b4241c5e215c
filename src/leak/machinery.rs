//! Goroutines of the test machinery itself: never a leak.
//!
//! goleak reports each of these as one: `-cpuprofile`, `-trace`, fuzz workers, benchmarks, synctest bubbles.

use crate::goroutine::{Goroutine, name};

/// Who started a goroutine, as far as it matters here.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Origin {
    /// A test, by label or lineage.
    Test,
    /// Anything else: the main goroutine, the runtime, a goroutine of the baseline.
    Outside,
}

/// Whether a goroutine belongs to package testing, to the tools behind its flags, or to the runtime.
pub fn is_machinery(goroutine: &Goroutine, origin: Origin) -> bool {
    is_testing(goroutine) || (origin == Origin::Outside && is_tool(goroutine))
}

/// Packages whose goroutines drive tests, wherever they come from.
fn drives_tests(func: &str) -> bool {
    matches!(
        name::package(func),
        "testing" | "internal/fuzz" | "internal/synctest" | "testing/synctest"
    )
}

/// The entry is in package testing (or the fuzz coordinator), and so is who started it. A `go t.Run(…)` in
/// a user's test has the user as its creator and stays a suspect.
fn is_testing(goroutine: &Goroutine) -> bool {
    let entry = goroutine
        .frames
        .iter()
        .rev()
        .map(|frame| frame.func.as_str())
        .find(|func| !is_runtime(func));
    let creator = goroutine.created.as_ref().map(|created| created.func.as_str());
    let by_machinery =
        creator.is_none_or(|func| drives_tests(func) || func == "main.main" || is_runtime(func));
    by_machinery && entry.or(creator).is_some_and(drives_tests)
}

/// What `-cpuprofile`, `-trace` and the like start. A test that starts them itself and never stops them does leak.
fn is_tool(goroutine: &Goroutine) -> bool {
    let creator = goroutine
        .created
        .as_ref()
        .map(|created| name::package(created.func.as_str()));
    matches!(
        creator,
        Some("runtime/pprof" | "runtime/trace" | "runtime/coverage" | "internal/coverage/cfile")
    )
}

/// The runtime started it: it runs finalizers or cleanups, and no test can wait for it.
pub fn runs_finalizers(goroutine: &Goroutine) -> bool {
    goroutine
        .created
        .as_ref()
        .is_none_or(|created| is_runtime(created.func.as_str()))
}

pub(super) fn is_runtime(func: &str) -> bool {
    let package = name::package(func);
    package == "runtime" || package.starts_with("internal/runtime/")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::goroutine::parse_block;

    fn machinery(block: &str, origin: Origin) -> bool {
        is_machinery(&parse_block(block).expect("a block"), origin)
    }

    #[test]
    fn test_drivers_are_machinery_and_what_tests_start_is_not() {
        let alarm = "goroutine 5 [chan receive]:\ntesting.runTests.func1.1()\n\t/t.go:1\ncreated by testing.runTests.func1 in goroutine 1\n\t/t.go:2\n";
        let fuzz = "goroutine 5 [select]:\ninternal/fuzz.(*worker).coordinate(0x1)\n\t/t.go:1\ncreated by internal/fuzz.CoordinateFuzzing in goroutine 1\n\t/t.go:2\n";
        let own_run = "goroutine 5 [chan receive]:\ntesting.(*T).Run(0x1)\n\t/t.go:1\ncreated by a/b.TestX in goroutine 1\n\t/t.go:2\n";
        let helper = "goroutine 5 [select]:\na/b.work()\n\t/t.go:1\ncreated by testing.(*B).RunParallel in goroutine 1\n\t/t.go:2\n";
        assert!(machinery(alarm, Origin::Test) && machinery(fuzz, Origin::Outside));
        assert!(!machinery(own_run, Origin::Test) && !machinery(helper, Origin::Test));
    }

    #[test]
    fn profilers_are_machinery_unless_a_test_started_them() {
        let profile = "goroutine 5 [sleep]:\ntime.Sleep(0x1)\n\t/t.go:1\nruntime/pprof.profileWriter({0x1, 0x2})\n\t/p.go:3\ncreated by runtime/pprof.StartCPUProfile in goroutine 1\n\t/t.go:2\n";
        assert!(machinery(profile, Origin::Outside));
        assert!(!machinery(profile, Origin::Test));
    }
}
