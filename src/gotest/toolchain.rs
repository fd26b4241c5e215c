//! Which Go runs the user's tests: asked of `go` itself, in the user's folder, so that go.mod and GOTOOLCHAIN decide.

use super::GoTestError;
use super::cache::CacheDir;
use super::go_version::{GoVersion, OLDEST};
use super::query;
use serde::Deserialize;
use sha2::{Digest, Sha256};
use std::ffi::{OsStr, OsString};
use std::path::{Path, PathBuf};

/// What `go env` says of the user's folder.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "UPPERCASE", default)]
pub struct GoEnv {
    /// The standard library and tools.
    pub goroot: PathBuf,
    /// `go1.26.8`.
    pub goversion: String,
    /// Downloaded modules, and downloaded toolchains.
    pub gomodcache: PathBuf,
    /// Flags the user has set for every go command, from the environment or `go env -w`.
    pub goflags: String,
    /// The go.mod in force; empty or `/dev/null` outside of a module.
    pub gomod: String,
    /// The go.work in force, if any.
    pub gowork: String,
    /// `auto`, `local`, `go1.25.0`, …
    pub gotoolchain: String,
    /// go's build and test cache.
    pub gocache: PathBuf,
    /// Experiments the user has set.
    pub goexperiment: String,
}

impl GoEnv {
    /// The folder of the main module, if there is one.
    pub fn module_root(&self) -> Option<&Path> {
        let gomod = Path::new(&self.gomod);
        (gomod.file_name() == Some(OsStr::new("go.mod")))
            .then(|| gomod.parent())
            .flatten()
    }
}

/// The Go that runs the tests.
#[derive(Debug, Clone)]
pub struct Toolchain {
    /// The `go` to run.
    pub program: PathBuf,
    /// GOROOT as that `go` reports it; package testing is in `src/testing` below it.
    pub goroot: PathBuf,
    /// Its version.
    pub version: GoVersion,
    /// What `go env` said.
    pub env: GoEnv,
    /// `GOROOT` must be set for the child: the toolchain is run through a link.
    pub through_link: bool,
    /// Where modules go when go itself knows no place for them.
    pub stand_in_modcache: Option<PathBuf>,
}

const ASKED: [&str; 9] = [
    "GOROOT",
    "GOVERSION",
    "GOMODCACHE",
    "GOFLAGS",
    "GOMOD",
    "GOWORK",
    "GOTOOLCHAIN",
    "GOCACHE",
    "GOEXPERIMENT",
];

impl Toolchain {
    /// Asks `program` (`go`, or what `--go` names) in `dir`, the folder after `-C`.
    pub fn discover(program: &OsStr, dir: &Path, cache: &CacheDir) -> Result<Self, GoTestError> {
        let program = &located(program);
        let env = ask(program, dir)?;
        let name = program.to_string_lossy().into_owned();
        let Some(version) = GoVersion::parse(&env.goversion) else {
            return Err(GoTestError::NotGo {
                program: name,
                answer: format!("GOVERSION is {:?}", env.goversion),
            });
        };
        if version.minor < OLDEST {
            return Err(GoTestError::GoTooOld {
                version: version.text,
                goroot: env.goroot,
            });
        }
        let stand_in_modcache = env
            .gomodcache
            .as_os_str()
            .is_empty()
            .then(|| cache.root().join("modules"));
        if !is_below(&env.goroot, &env.gomodcache) {
            let goroot = env.goroot.clone();
            return Ok(Self {
                stand_in_modcache,
                program: program.into(),
                goroot,
                version,
                env,
                through_link: false,
            });
        }
        let link = cache.link(&link_name(&version, &env.goroot), &env.goroot)?;
        Ok(Self {
            program: link.join("bin/go"),
            goroot: link,
            version,
            env,
            through_link: true,
            stand_in_modcache,
        })
    }

    /// What this toolchain needs in the environment of every command: its GOROOT when it is run through a link, and a
    /// module cache. Without HOME and GOPATH go has none, and takes every replaced file for one "beneath GOMODCACHE ()".
    pub fn env(&self) -> Vec<(&'static str, OsString)> {
        let mut env = Vec::new();
        if self.through_link {
            env.push(("GOROOT", self.goroot.clone().into_os_string()));
        }
        if let Some(stand_in) = &self.stand_in_modcache {
            env.push(("GOMODCACHE", stand_in.clone().into_os_string()));
        }
        env
    }

    /// A file of the standard library: `testing/testing.go`.
    pub fn std_file(&self, name: &str) -> PathBuf {
        self.goroot.join("src").join(name)
    }
}

/// A bare name is looked up in PATH; anything else is a file, seen from leakgate's own folder.
fn located(program: &OsStr) -> OsString {
    let path = Path::new(program);
    if path.components().count() == 1 && !path.is_absolute() && !path.starts_with(".") {
        return program.to_owned();
    }
    std::path::absolute(path).map_or_else(|_| program.to_owned(), PathBuf::into_os_string)
}

/// go refuses an overlay "beneath GOMODCACHE", where downloaded toolchains live (since Go 1.25); through a symbolic link
/// elsewhere the same files are accepted, and nothing of std is compiled again.
fn link_name(version: &GoVersion, goroot: &Path) -> PathBuf {
    let hash = Sha256::digest(goroot.as_os_str().as_encoded_bytes());
    let short: String = hash.iter().take(6).map(|byte| format!("{byte:02x}")).collect();
    let word = version.text.split_whitespace().next().unwrap_or("go");
    Path::new("goroot").join(format!("{word}-{short}"))
}

fn is_below(path: &Path, folder: &Path) -> bool {
    let real = |p: &Path| p.canonicalize().unwrap_or_else(|_| p.to_owned());
    !folder.as_os_str().is_empty() && (path.starts_with(folder) || real(path).starts_with(real(folder)))
}

fn ask(program: &OsStr, dir: &Path) -> Result<GoEnv, GoTestError> {
    let name = program.to_string_lossy().into_owned();
    if let Err(source) = std::fs::read_dir(dir) {
        return Err(GoTestError::NoSuchDir {
            dir: dir.to_owned(),
            source,
        });
    }
    let words: Vec<&str> = ["env", "-json"].into_iter().chain(ASKED).collect();
    let answer = query::ask(program, &words, dir, &[])?;
    if !answer.status.success() {
        return Err(GoTestError::GoEnv {
            dir: dir.to_owned(),
            message: answer.words,
        });
    }
    serde_json::from_slice(&answer.stdout).map_err(|_| {
        let said = String::from_utf8_lossy(&answer.stdout);
        let first = said.lines().next().filter(|line| !line.trim().is_empty());
        GoTestError::NotGo {
            program: name,
            answer: first.unwrap_or(&answer.words).to_owned(),
        }
    })
}
