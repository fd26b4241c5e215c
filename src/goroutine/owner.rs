//! The owner of a goroutine: the code that it runs, not the code that launched it.
//!
//! The top of a stack says little: in one process eleven different owners sat under
//! `internal/poll.runtime_pollWait`. The owner is the first frame from the bottom that is no launcher.

use super::{Frame, FuncName, Goroutine, name};

/// Packages whose functions only start other code.
const LAUNCHER_PACKAGES: [&str; 9] = [
    "runtime",
    "internal/runtime",
    "testing",
    "testing/synctest",
    "internal/synctest",
    "runtime/pprof",
    "reflect",
    "internal/fuzz",
    "golang.org/x/sync/errgroup",
];

/// Functions that only start other code, as [`name::normal`] has them.
const LAUNCHERS: [&str; 18] = [
    "sync.(*WaitGroup).Go",
    "sync.(*Once).Do",
    "sync.(*Once).doSlow",
    "sync.OnceFunc",
    "time.goFunc",
    "iter.Pull",
    "iter.Pull2",
    "context.(*afterFuncCtx).cancel",
    "context.AfterFunc",
    "golang.org/x/sync/singleflight.(*Group).doCall",
    "github.com/sourcegraph/conc.(*WaitGroup).Go",
    "github.com/sourcegraph/conc/panics.(*Catcher).Try",
    "github.com/sourcegraph/conc/panics.Try",
    "github.com/panjf2000/ants/v2.(*goWorker).run",
    "github.com/oklog/run.(*Group).Run",
    "github.com/stretchr/testify/suite.Run",
    "github.com/stretchr/testify/suite.runTests",
    "k8s.io/apimachinery/pkg/util/wait.(*Group).Start",
];

/// The entry of a goroutine; the outermost frame if all are launchers; empty if there is no stack.
pub fn owner(goroutine: &Goroutine) -> FuncName {
    let frames = &goroutine.frames;
    let index = owner_index(frames);
    match index.and_then(|index| frames.get(index)).or(frames.last()) {
        Some(frame) => frame.func.clone(),
        None => goroutine
            .created
            .as_ref()
            .map(|created| created.func.clone())
            .unwrap_or_default(),
    }
}

/// Where in the frames the owner is.
pub fn owner_index(frames: &[Frame]) -> Option<usize> {
    let is_wrapper = |frame: &Frame| name::is_wrapper(frame.func.as_str());
    let is_owner = |frame: &Frame| !is_wrapper(frame) && !is_launcher(frame.func.as_str());
    // One that never ran has the wrapper of its `go` statement, and nothing else.
    frames
        .iter()
        .rposition(is_owner)
        .or_else(|| frames.iter().rposition(is_wrapper))
}

/// Whether a function only starts other code.
pub fn is_launcher(func: &str) -> bool {
    let package = name::import_path(func);
    if LAUNCHER_PACKAGES.contains(&&*package) || package.starts_with("internal/runtime/") {
        return true;
    }
    // Few functions are of a package that has one.
    LAUNCHERS.iter().any(|launcher| launcher.starts_with(&*package))
        && LAUNCHERS.contains(&name::normal(func).as_str())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::goroutine::parse_block;

    fn owner_of(frames: &[&str]) -> String {
        let stack: String = frames
            .iter()
            .map(|func| format!("{func}(...)\n\t/src/x.go:1 +0x1\n"))
            .collect();
        let block = parse_block(&format!("goroutine 5 [select]:\n{stack}")).expect("a block");
        owner(&block).0
    }

    #[test]
    fn launchers_are_not_owners() {
        assert_eq!(
            owner_of(&[
                "internal/poll.runtime_pollWait",
                "net/http.(*persistConn).readLoop"
            ]),
            "net/http.(*persistConn).readLoop"
        );
        assert_eq!(
            owner_of(&["a/b.work.func1", "sync.(*WaitGroup).Go.func1"]),
            "a/b.work.func1"
        );
        assert_eq!(
            owner_of(&["a/b.work", "golang.org/x/sync/errgroup.(*Group).Go.func1"]),
            "a/b.work"
        );
        assert_eq!(owner_of(&["a/b.TestX", "testing.tRunner"]), "a/b.TestX");
        assert_eq!(
            owner_of(&[
                "runtime.gopark",
                "a/b.recv",
                "a/b.start.gowrap1",
                "runtime.goexit"
            ]),
            "a/b.recv"
        );
        assert_eq!(owner_of(&["a/b.start.gowrap2"]), "a/b.start.gowrap2");
        assert_eq!(
            owner_of(&["sync.runtime_Semacquire", "sync.(*WaitGroup).Wait", "a/b.F.func2"]),
            "a/b.F.func2"
        );
        assert_eq!(
            owner_of(&["a/b.init.func1", "sync.(*Once).doSlow", "sync.(*Once).Do"]),
            "a/b.init.func1"
        );
        assert_eq!(owner_of(&["time.Sleep", "testing.runFuzzing"]), "time.Sleep");
        assert_eq!(
            owner_of(&["runtime.gopark", "runtime.forcegchelper"]),
            "runtime.forcegchelper"
        );
    }
}
