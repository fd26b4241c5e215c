//! The shim as flags and environment, for a `go test` that another program starts.

use super::cache::CacheEnv;
use super::flags::{goflags_word, split_quoted};
use super::shim::HARNESS;
use super::{CacheDir, GoArgs, GoTestError, Overlay, Toolchain};
use std::ffi::{OsStr, OsString};
use std::path::Path;

/// The shim, ready to be put into a command.
#[derive(Debug)]
pub struct Injection {
    /// The Go that it fits.
    pub toolchain: Toolchain,
    /// leakgate's cache folder, in which it is.
    pub cache: CacheDir,
    overlay: Overlay,
}

impl Injection {
    /// Prepares the shim for the Go of `dir`, with `user`'s own overlay (or that of GOFLAGS) merged in.
    pub fn prepare(
        go: &OsStr,
        dir: &Path,
        user: Option<&Path>,
        cache: &CacheEnv,
    ) -> Result<Self, GoTestError> {
        let cache = CacheDir::open(cache)?;
        let toolchain = Toolchain::discover(go, dir, &cache)?;
        let goflags = GoArgs::default().with_goflags(&toolchain.env.goflags);
        let user = user.or_else(|| goflags.user_overlay());
        let overlay = Overlay::build(&toolchain, HARNESS, user, dir, &cache)?;
        Ok(Self {
            toolchain,
            cache,
            overlay,
        })
    }

    /// The flags to add to `go test`, directly after it (and after `-C`).
    pub fn flags(&self) -> Vec<String> {
        let mut flags = vec![format!("-overlay={}", self.overlay.path.display())];
        if !self.toolchain.version.vet_sees_overlay() {
            flags.push("-vet=off".to_owned());
        }
        flags
    }

    /// All of it as environment; `lookup` gives what is there now.
    pub fn env(&self, lookup: impl Fn(&str) -> Option<String>) -> Vec<(&'static str, String)> {
        let ours = |word: &str| word.trim_start_matches('-').split('=').next() == Some("overlay");
        let theirs = split_quoted(&self.toolchain.env.goflags)
            .into_iter()
            .filter(|word| !ours(word));
        let words: Vec<String> = theirs
            .chain(self.flags())
            .map(|word| goflags_word(&word))
            .collect();
        let mut env = vec![("GOFLAGS", words.join(" "))];
        env.extend(self.env_beside_flags(&lookup));
        env
    }

    /// What flags cannot say: a toolchain in the module cache is reached through a link, and a missing module cache.
    pub fn env_beside_flags(&self, lookup: impl Fn(&str) -> Option<String>) -> Vec<(&'static str, String)> {
        let text = |(name, value): (&'static str, OsString)| (name, value.to_string_lossy().into_owned());
        let mut env: Vec<_> = self.toolchain.env().into_iter().map(text).collect();
        if self.toolchain.through_link {
            let separator = if cfg!(windows) { ';' } else { ':' };
            let path = lookup("PATH")
                .map(|path| format!("{separator}{path}"))
                .unwrap_or_default();
            env.push(("PATH", format!("{}/bin{path}", self.toolchain.goroot.display())));
        }
        env
    }
}
