//! Where the code under test lies: go.mod, go.work, GOROOT.

use crate::app::store::environment::lookup;
use crate::gotest::Toolchain;
use std::path::PathBuf;

/// Where the code under test lies.
#[derive(Debug, Clone, Default)]
pub struct Ground {
    /// As `go env GOMOD` prints it.
    pub gomod: String,
    /// As `go env GOWORK` prints it.
    pub gowork: String,
    /// Every name of GOROOT.
    pub goroots: Vec<String>,
    /// Where go keeps the modules that it fetched.
    pub module_cache: PathBuf,
}

impl Ground {
    /// As go says.
    pub fn of(toolchain: &Toolchain) -> Self {
        Self {
            gomod: toolchain.env.gomod.clone(),
            gowork: toolchain.env.gowork.clone(),
            goroots: vec![
                toolchain.goroot.display().to_string(),
                toolchain.env.goroot.display().to_string(),
            ],
            module_cache: toolchain.env.gomodcache.clone(),
        }
    }

    /// Without asking go, below these files.
    pub fn unasked(gomod: String, gowork: String) -> Self {
        Self {
            gomod,
            gowork,
            goroots: goroot()
                .into_iter()
                .map(|path| path.display().to_string())
                .collect(),
            module_cache: module_cache().unwrap_or_default(),
        }
    }
}

/// GOROOT, else that of the `go` on the PATH.
fn goroot() -> Option<PathBuf> {
    let named = set("GOROOT").map(PathBuf::from);
    named.or_else(|| {
        let path = set("PATH")?;
        let mut programs = std::env::split_paths(&path).map(|folder| folder.join("go"));
        let program = programs.find(|program| program.is_file())?.canonicalize().ok()?;
        let root = program.parent()?.parent()?;
        root.join("src/runtime").is_dir().then(|| root.to_path_buf())
    })
}

/// GOMODCACHE, else `pkg/mod` below the first folder of GOPATH.
pub fn module_cache() -> Option<PathBuf> {
    let gopath = || {
        let list = set("GOPATH")?;
        std::env::split_paths(&list).next()
    };
    let home = || Some(PathBuf::from(set("HOME").or_else(|| set("USERPROFILE"))?).join("go"));
    let cache = set("GOMODCACHE").map(PathBuf::from);
    cache.or_else(|| gopath().or_else(home).map(|path| path.join("pkg/mod")))
}

fn set(name: &str) -> Option<String> {
    lookup(name).filter(|value| !value.is_empty())
}
