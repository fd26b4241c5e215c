//! What can go wrong before the first test runs, in words for the user. Exit code 2, unless said otherwise.

use std::ffi::OsStr;
use std::path::PathBuf;

/// Anything that keeps `go test` from being started with the shim in place.
#[derive(Debug, thiserror::Error)]
pub enum GoTestError {
    /// There is no `go` to run.
    #[error(
        "can't run `{program}`: not found; install Go 1.21 or newer (https://go.dev/dl), or name it with --go"
    )]
    GoNotFound {
        /// What was tried.
        program: String,
    },
    /// It is there, and can't be started.
    #[error("can't run `{program}`: {source}")]
    GoNotStarted {
        /// What was tried.
        program: String,
        /// Why.
        source: std::io::Error,
    },
    /// The working folder is not there.
    #[error("can't enter {}: {source}", dir.display())]
    NoSuchDir {
        /// The folder, after `-C`.
        dir: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// `go env` failed: a broken go.mod, a Go version that the module asks for and that is not there.
    #[error("`go env` failed in {}; go says:\n{message}", dir.display())]
    GoEnv {
        /// Where it ran.
        dir: PathBuf,
        /// go's own words.
        message: String,
    },
    /// `go list` failed, which names the packages to shard.
    #[error("`go list` failed; go says:\n{message}")]
    GoList {
        /// go's own words.
        message: String,
    },
    /// Something answers as `go`, and it is not go.
    #[error("`{program} env` did not answer as go does: {answer}")]
    NotGo {
        /// What was run.
        program: String,
        /// The first line of what it said.
        answer: String,
    },
    /// Something answers as `go`, and does not stop.
    #[error("`{question}` answered more than {longest} MiB: is this `go` really Go? (see --go)")]
    EndlessAnswer {
        /// What was asked.
        question: String,
        /// As much was read, in MiB.
        longest: u64,
    },
    /// Before Go 1.21.
    #[error("{version} is too old: leakgate needs Go 1.21 or newer (found in {})", goroot.display())]
    GoTooOld {
        /// As go says.
        version: String,
        /// Where.
        goroot: PathBuf,
    },
    /// Package testing is not what the shim knows.
    #[error(
        "leakgate does not fit {version}: {file} has the anchor `{anchor}` {found} times, not once; \
         nothing was run. Use another Go (1.21 to 1.27 are tried), or a newer leakgate"
    )]
    Anchor {
        /// As go says.
        version: String,
        /// `testing/testing.go`.
        file: String,
        /// The text looked for.
        anchor: String,
        /// How often it is there.
        found: usize,
    },
    /// A file of GOROOT can't be read.
    #[error("can't read {} of {version}: {source}", path.display())]
    GorootUnreadable {
        /// Which.
        path: PathBuf,
        /// As go says.
        version: String,
        /// Why.
        source: std::io::Error,
    },
    /// Neither the cache folder nor a temporary one takes files.
    #[error("can't write {}: {source}; set LEAKGATE_CACHE to a folder that can be written", path.display())]
    CacheUnwritable {
        /// Which.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// A toolchain can't be copied.
    #[error("can't copy the toolchain: {}: {source}", path.display())]
    GorootCopy {
        /// The file or folder that failed.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// The folder for a copy of the toolchain holds something.
    #[error("{} is not empty: name a new folder for the toolchain, or remove this one first", path.display())]
    GorootNotEmpty {
        /// The folder.
        path: PathBuf,
    },
    /// A path that go's overlay file, which is JSON, can't name.
    #[error("GOROOT {} is not UTF-8, and go's -overlay takes no such path; use a Go in another folder", goroot.display())]
    NotText {
        /// The standard library.
        goroot: PathBuf,
    },
    /// The user's own overlay can't be read.
    #[error("can't read the overlay {}: {reason}", path.display())]
    UserOverlay {
        /// As given with `-overlay`.
        path: PathBuf,
        /// Why.
        reason: String,
    },
    /// The user's own overlay replaces a file that the shim needs.
    #[error(
        "the overlay {} replaces {}, which leakgate has to replace itself; take it out of the overlay, or test those \
         packages with plain `go test`",
        path.display(), target.display()
    )]
    OverlayConflict {
        /// As given with `-overlay`.
        path: PathBuf,
        /// The file both want.
        target: PathBuf,
    },
    /// Arguments that go itself would refuse.
    #[error("{0}")]
    Usage(String),
    /// Arguments that hide leaks from the gate.
    #[error("{flag}: {reason}; {instead}")]
    Refused {
        /// As the user wrote it.
        flag: String,
        /// Why not.
        reason: &'static str,
        /// What to write.
        instead: &'static str,
    },
    /// The process could not be watched.
    #[error("can't watch `go test`: {0}")]
    Process(#[source] std::io::Error),
}

impl GoTestError {
    /// `program` could not be started.
    pub fn not_started(program: &OsStr, source: std::io::Error) -> Self {
        let program = program.to_string_lossy().into_owned();
        match source.kind() {
            std::io::ErrorKind::NotFound => Self::GoNotFound { program },
            _ => Self::GoNotStarted { program, source },
        }
    }
}
