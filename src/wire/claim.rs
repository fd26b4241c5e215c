//! Which of the processes that wrote records can be the test binary itself.
//!
//! Records are no secrets: a test can write as many as it likes, also before the test binary's own. So the question is
//! not who came first, but who can be put aside. The test binary always writes its own; where something else can't be
//! told from it there are several candidates, and whoever reads the records must believe none of them to be clean.

use super::transcript::{ProcessRecords, Under};
use rustc_hash::FxHashSet;

/// For each process whether it is a candidate; the others were started by a test.
pub(super) fn candidates(processes: &[ProcessRecords]) -> Vec<bool> {
    let pids: FxHashSet<u64> = processes.iter().map(|process| process.pid).collect();
    let nobodys_child =
        |process: &ProcessRecords| process.ppid == process.pid || !pids.contains(&process.ppid);
    let all = |could_be: &dyn Fn(&ProcessRecords) -> bool| {
        let could: Vec<bool> = processes.iter().map(could_be).collect();
        could.contains(&true).then_some(could)
    };
    all(&|process| match process.under {
        Under::Go => true,
        Under::Unknown => nobodys_child(process),
        Under::Itself => false,
    })
    // A test binary that never runs its tests itself has a child do that: then the child is all there is.
    .or_else(|| all(&nobodys_child))
    .unwrap_or_else(|| vec![true; processes.len()])
}
