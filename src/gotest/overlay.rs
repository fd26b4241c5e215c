//! The overlay: patched copies of std's files and the harness, in the cache folder, by content.

use super::GoTestError;
use super::cache::CacheDir;
use super::shim::{self, HarnessFile};
use super::toolchain::Toolchain;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

/// An overlay file for `go -overlay`.
#[derive(Debug, Clone)]
pub struct Overlay {
    /// The JSON file.
    pub path: PathBuf,
}

/// The format of <https://pkg.go.dev/cmd/go#hdr-Compile_packages_and_dependencies>.
#[derive(Debug, Default, Serialize, Deserialize)]
struct Replacements {
    #[serde(rename = "Replace", default)]
    replace: BTreeMap<PathBuf, PathBuf>,
}

impl Overlay {
    /// Builds (or finds again) the overlay that puts `harness` into the standard library of `toolchain`, with the user's own
    /// overlay `user` merged in. Relative paths of the user's overlay are meant from `dir`, as go does.
    pub fn build(
        toolchain: &Toolchain,
        harness: &[HarnessFile],
        user: Option<&Path>,
        dir: &Path,
        cache: &CacheDir,
    ) -> Result<Self, GoTestError> {
        let files = injected(toolchain, harness)?;
        // A cache inside of the user's module: `./...` must not find packages in it.
        let folder = Path::new("_overlay").join(content_hash(&files));
        let mut all = Replacements::default();
        for Injected { name, after, .. } in &files {
            let copy = cache.publish(&folder.join(name), after.as_bytes())?;
            all.replace.insert(toolchain.std_file(name), copy);
        }
        if let Some(user) = user {
            merge(&mut all, user, dir)?;
        }
        let json = serde_json::to_vec_pretty(&all).map_err(|_| GoTestError::NotText {
            goroot: toolchain.goroot.clone(),
        })?;
        let name = format!("overlay-{}.json", short_hash(&json));
        Ok(Self {
            path: cache.publish(&folder.join(name), &json)?,
        })
    }
}

/// A file that goes into the standard library.
#[derive(Debug)]
pub(super) struct Injected {
    /// Below GOROOT's `src`.
    pub name: String,
    /// The text of Go's own file, if there is one.
    pub before: Option<String>,
    /// The text that goes in.
    pub after: String,
}

/// What goes into the standard library of `toolchain`.
#[expect(clippy::disallowed_methods, reason = "edge: std is read from GOROOT")]
pub(super) fn injected(toolchain: &Toolchain, harness: &[HarnessFile]) -> Result<Vec<Injected>, GoTestError> {
    let mut files = Vec::new();
    for name in shim::patched_files() {
        let path = toolchain.std_file(name);
        let text = std::fs::read_to_string(&path).map_err(|source| GoTestError::GorootUnreadable {
            path: path.clone(),
            version: toolchain.version.text.clone(),
            source,
        })?;
        let patched = shim::patch(name, &text).map_err(|error| GoTestError::Anchor {
            version: toolchain.version.text.clone(),
            file: error.file,
            anchor: error.anchor,
            found: error.found,
        })?;
        files.push(Injected {
            name: name.to_owned(),
            before: Some(text),
            after: patched,
        });
    }
    files.extend(harness.iter().map(|file| Injected {
        name: file.hosted.to_owned(),
        before: None,
        after: shim::host(file),
    }));
    Ok(files)
}

#[expect(clippy::disallowed_methods, reason = "edge: the user's overlay is read")]
fn merge(all: &mut Replacements, user: &Path, dir: &Path) -> Result<(), GoTestError> {
    let path = dir.join(user);
    let unreadable = |reason: String| GoTestError::UserOverlay {
        path: path.clone(),
        reason,
    };
    let text = std::fs::read(&path).map_err(|error| unreadable(error.to_string()))?;
    let theirs: Replacements =
        serde_json::from_slice(&text).map_err(|error| unreadable(error.to_string()))?;
    for (target, source) in theirs.replace {
        let target = clean(&dir.join(target));
        if all.replace.contains_key(&target) {
            return Err(GoTestError::OverlayConflict { path, target });
        }
        // An empty source means "no such file" to go, and stays empty.
        let source = if source.as_os_str().is_empty() {
            source
        } else {
            clean(&dir.join(source))
        };
        all.replace.insert(target, source);
    }
    Ok(())
}

/// Lexically, as Go's `filepath.Clean` does.
pub fn clean(path: &Path) -> PathBuf {
    use std::path::Component;
    let mut clean = PathBuf::new();
    for part in path.components() {
        match part {
            Component::CurDir => {}
            Component::ParentDir => {
                clean.pop();
            }
            other => clean.push(other),
        }
    }
    clean
}

fn content_hash(files: &[Injected]) -> String {
    let mut hash = Sha256::new();
    for Injected { name, after, .. } in files {
        hash.update(name);
        hash.update([0]);
        hash.update(after.len().to_le_bytes());
        hash.update(after);
    }
    hex(&hash.finalize())
}

fn short_hash(bytes: &[u8]) -> String {
    hex(&Sha256::digest(bytes))
}

fn hex(digest: &[u8]) -> String {
    digest.iter().take(8).map(|byte| format!("{byte:02x}")).collect()
}

#[cfg(test)]
#[expect(clippy::disallowed_methods, reason = "tests of files")]
mod tests {
    use super::*;
    use crate::gotest::cache::CacheEnv;
    use crate::gotest::go_version::GoVersion;
    use crate::gotest::shim::ANCHORS;
    use crate::gotest::toolchain::GoEnv;

    const TINY: &[HarnessFile] = &[HarnessFile {
        hosted: "testing/leakgate_tiny.go",
        text: "package harness\n",
    }];

    struct Fixture {
        _keep: tempfile::TempDir,
        dir: PathBuf,
        toolchain: Toolchain,
        cache: CacheDir,
    }

    /// A GOROOT with nothing but the anchors.
    fn fixture() -> Fixture {
        let keep = tempfile::tempdir().unwrap();
        let goroot = keep.path().join("go root");
        for package in ["testing", "runtime/pprof"] {
            std::fs::create_dir_all(goroot.join("src").join(package)).unwrap();
        }
        for file in shim::patched_files() {
            let body: String = ANCHORS
                .iter()
                .filter(|a| a.file == file)
                .map(|a| a.text)
                .collect();
            std::fs::write(goroot.join("src").join(file), format!("package testing\n{body}")).unwrap();
        }
        let version = GoVersion::parse("go1.26.8").unwrap();
        let toolchain = Toolchain {
            program: "go".into(),
            goroot,
            version,
            env: GoEnv::default(),
            through_link: false,
            stand_in_modcache: None,
        };
        let own = CacheEnv {
            leakgate_cache: Some(keep.path().join("cache").into()),
            ..CacheEnv::default()
        };
        let cache = CacheDir::open(&own).unwrap();
        Fixture {
            dir: keep.path().to_owned(),
            _keep: keep,
            toolchain,
            cache,
        }
    }

    impl Fixture {
        fn build(&self, user: Option<&str>) -> Result<Overlay, GoTestError> {
            Overlay::build(&self.toolchain, TINY, user.map(Path::new), &self.dir, &self.cache)
        }

        fn replaced(overlay: &Overlay) -> BTreeMap<PathBuf, PathBuf> {
            serde_json::from_slice::<Replacements>(&std::fs::read(&overlay.path).unwrap())
                .unwrap()
                .replace
        }
    }

    #[test]
    fn the_overlay_replaces_five_files_and_adds_the_harness() {
        let fixture = fixture();
        let overlay = fixture.build(None).unwrap();
        let replaced = Fixture::replaced(&overlay);
        assert_eq!(replaced.len(), 6);
        let tiny = &replaced[&fixture.toolchain.std_file("testing/leakgate_tiny.go")];
        assert_eq!(std::fs::read_to_string(tiny).unwrap(), "package testing\n");
    }

    #[test]
    fn the_same_content_is_the_same_overlay_and_damage_is_repaired() {
        let fixture = fixture();
        let first = fixture.build(None).unwrap();
        let copy = Fixture::replaced(&first)[&fixture.toolchain.std_file("testing/testing.go")].clone();
        let whole = std::fs::read(&copy).unwrap();
        std::fs::write(&copy, b"package test").unwrap();
        std::fs::write(&first.path, b"{").unwrap();
        let second = fixture.build(None).unwrap();
        assert_eq!(first.path, second.path);
        assert_eq!(std::fs::read(&copy).unwrap(), whole);
        assert_eq!(Fixture::replaced(&second).len(), 6);
    }

    #[test]
    fn the_users_overlay_is_merged_from_where_go_would_read_it() {
        let fixture = fixture();
        std::fs::write(
            fixture.dir.join("own.json"),
            r#"{"Replace":{"a/../b.go":"./c.go","/x/gone.go":""}}"#,
        )
        .unwrap();
        let replaced = Fixture::replaced(&fixture.build(Some("own.json")).unwrap());
        assert_eq!(replaced.len(), 8);
        assert_eq!(replaced[&fixture.dir.join("b.go")], fixture.dir.join("c.go"));
        assert_eq!(replaced[Path::new("/x/gone.go")], PathBuf::new());
    }

    #[test]
    fn an_overlay_of_package_testing_itself_is_refused() {
        let fixture = fixture();
        let target = fixture.toolchain.std_file("testing/testing.go");
        let json = serde_json::json!({ "Replace": { target.to_str().unwrap(): "/mine.go" } });
        std::fs::write(fixture.dir.join("own.json"), json.to_string()).unwrap();
        assert!(matches!(
            fixture.build(Some("own.json")),
            Err(GoTestError::OverlayConflict { .. })
        ));
    }

    #[test]
    fn an_overlay_that_is_missing_or_no_json_is_an_error() {
        let fixture = fixture();
        assert!(matches!(
            fixture.build(Some("none.json")),
            Err(GoTestError::UserOverlay { .. })
        ));
        std::fs::write(fixture.dir.join("own.json"), "Replace").unwrap();
        assert!(matches!(
            fixture.build(Some("own.json")),
            Err(GoTestError::UserOverlay { .. })
        ));
    }

    #[test]
    fn a_changed_package_testing_stops_the_run() {
        let fixture = fixture();
        std::fs::write(
            fixture.toolchain.std_file("testing/benchmark.go"),
            "package testing\n",
        )
        .unwrap();
        let error = fixture.build(None).unwrap_err();
        assert!(
            error.to_string().contains("go1.26.8") && error.to_string().contains("runN"),
            "{error}"
        );
    }
}
