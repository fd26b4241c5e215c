//! Which of the processes that wrote records can be the test binary itself.
//!
//! Records are no secrets: a test can write as many as it likes, also before the test binary's own. So the question is
//! not who came first, but who can be put aside. The test binary always writes its own; where something else can't be
//! told from it there are several candidates, and whoever reads the records must believe none of them to be clean.

use rustc_hash::FxHashSet;

/// What a process says of itself.
#[derive(Debug, Clone, Copy)]
pub struct Claim {
    /// Its id.
    pub pid: u64,
    /// Its parent's id.
    pub ppid: u64,
    /// What started it.
    pub under: Under,
}

/// What started a test process, as its shim sees it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Under {
    /// `go`, perhaps through a wrapper (`-exec`): it is a test binary of the run.
    Go,
    /// A process of the same binary: it is a helper of a test.
    Itself,
    /// The system does not tell.
    #[default]
    Unknown,
}

/// For each process whether it is a candidate; the others were started by a test.
pub(super) fn candidates(processes: &[Claim]) -> Vec<bool> {
    let pids: FxHashSet<u64> = processes.iter().map(|process| process.pid).collect();
    let nobodys_child = |process: &Claim| process.ppid == process.pid || !pids.contains(&process.ppid);
    let all = |could_be: &dyn Fn(&Claim) -> bool| {
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
