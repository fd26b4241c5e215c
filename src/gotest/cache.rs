//! leakgate's cache folder: private, shared by runs at the same time, repaired when damaged.
//!
//! A file is published whole (written beside, then renamed), and compared with what it should hold each time it is
//! used; so a torn, damaged or foreign file is never used, and nothing needs a lock.

use super::GoTestError;
use std::ffi::OsString;
use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};

/// A folder that takes files.
#[derive(Debug)]
pub struct CacheDir {
    root: PathBuf,
    temporary: Option<tempfile::TempDir>,
}

/// The environment that decides where the cache is; read once, by `app`.
#[derive(Debug, Clone, Default)]
pub struct CacheEnv {
    /// `LEAKGATE_CACHE`.
    pub leakgate_cache: Option<OsString>,
    /// `XDG_CACHE_HOME`.
    pub xdg_cache_home: Option<OsString>,
    /// `HOME`.
    pub home: Option<OsString>,
}

impl CacheEnv {
    /// From the environment of this process.
    #[expect(
        clippy::disallowed_methods,
        reason = "edge: the environment is read once, here"
    )]
    pub fn from_process() -> Self {
        Self {
            leakgate_cache: std::env::var_os("LEAKGATE_CACHE"),
            xdg_cache_home: std::env::var_os("XDG_CACHE_HOME"),
            home: std::env::var_os("HOME"),
        }
    }

    /// `$LEAKGATE_CACHE`, else the platform's cache folder `…/leakgate`. Relative values are ignored, as XDG asks for,
    /// except that of `LEAKGATE_CACHE`.
    pub fn folder(&self) -> Option<PathBuf> {
        let set = |value: &Option<OsString>| value.clone().filter(|v| !v.is_empty()).map(PathBuf::from);
        let absolute = |value: &Option<OsString>| set(value).filter(|path| path.is_absolute());
        if let Some(own) = set(&self.leakgate_cache) {
            return Some(std::path::absolute(&own).unwrap_or(own));
        }
        if cfg!(target_os = "macos") {
            return absolute(&self.home).map(|home| home.join("Library/Caches/leakgate"));
        }
        absolute(&self.xdg_cache_home)
            .or_else(|| absolute(&self.home).map(|home| home.join(".cache")))
            .map(|base| base.join("leakgate"))
    }
}

impl CacheDir {
    /// Opens (makes) the cache folder. Where it can't be written, a temporary folder serves for this run;
    /// [`CacheDir::fallback`] says so. A folder that the user named with `LEAKGATE_CACHE` must work.
    pub fn open(env: &CacheEnv) -> Result<Self, GoTestError> {
        if let Some(root) = env.folder() {
            match try_writable(&root) {
                Ok(()) => {
                    return Ok(Self {
                        root,
                        temporary: None,
                    });
                }
                Err(source) if env.leakgate_cache.is_some() => {
                    return Err(GoTestError::CacheUnwritable { path: root, source });
                }
                Err(_) => {}
            }
        }
        let temporary = tempfile::Builder::new()
            .prefix("leakgate-")
            .tempdir()
            .map_err(|source| GoTestError::CacheUnwritable {
                path: env.folder().unwrap_or_else(std::env::temp_dir),
                source,
            })?;
        Ok(Self {
            root: temporary.path().to_owned(),
            temporary: Some(temporary),
        })
    }

    /// Where it is.
    pub fn root(&self) -> &Path {
        &self.root
    }

    /// The folder is a temporary one that goes away with this run, because the lasting one can't be written.
    pub fn fallback(&self) -> bool {
        self.temporary.is_some()
    }

    /// Makes sure that `relative` holds exactly `content`; gives its full path.
    #[expect(clippy::disallowed_methods, reason = "edge: leakgate's own cache folder")]
    pub fn publish(&self, relative: &Path, content: &[u8]) -> Result<PathBuf, GoTestError> {
        let path = self.root.join(relative);
        if fs::read(&path).is_ok_and(|found| found == content) {
            return Ok(path);
        }
        let unwritable = |source| GoTestError::CacheUnwritable {
            path: path.clone(),
            source,
        };
        let folder = path.parent().unwrap_or(&self.root);
        make_private_dir(folder).map_err(unwritable)?;
        if path.is_dir() {
            fs::remove_dir_all(&path).map_err(unwritable)?;
        }
        let mut file = tempfile::NamedTempFile::new_in(folder).map_err(unwritable)?;
        file.write_all(content).map_err(unwritable)?;
        file.persist(&path).map_err(|error| unwritable(error.error))?;
        Ok(path)
    }

    /// Makes sure that `relative` is a symbolic link to `target`; gives its full path.
    pub fn link(&self, relative: &Path, target: &Path) -> Result<PathBuf, GoTestError> {
        let path = self.root.join(relative);
        if fs::read_link(&path).is_ok_and(|found| found == target) {
            return Ok(path);
        }
        let unwritable = |source| GoTestError::CacheUnwritable {
            path: path.clone(),
            source,
        };
        let folder = path.parent().unwrap_or(&self.root);
        make_private_dir(folder).map_err(unwritable)?;
        let beside = tempfile::Builder::new().tempdir_in(folder).map_err(unwritable)?;
        let fresh = beside.path().join("link");
        std::os::unix::fs::symlink(target, &fresh).map_err(unwritable)?;
        fs::rename(&fresh, &path).map_err(unwritable)?;
        Ok(path)
    }
}

/// Makes `folder` with its parents; new ones are for this user only.
pub fn make_private_dir(folder: &Path) -> std::io::Result<()> {
    use std::os::unix::fs::DirBuilderExt;
    fs::DirBuilder::new().recursive(true).mode(0o700).create(folder)
}

fn try_writable(root: &Path) -> std::io::Result<()> {
    make_private_dir(root)?;
    tempfile::NamedTempFile::new_in(root).map(drop)
}

#[cfg(test)]
#[expect(clippy::disallowed_methods, reason = "tests of files")]
mod tests {
    use super::*;
    use std::os::unix::fs::PermissionsExt;

    fn cache() -> CacheDir {
        let temporary = tempfile::tempdir().unwrap();
        CacheDir {
            root: temporary.path().join("cache"),
            temporary: Some(temporary),
        }
    }

    #[test]
    fn own_variable_wins_then_xdg_then_home() {
        let env = |own: &str, xdg: &str, home: &str| {
            let set = |v: &str| (!v.is_empty()).then(|| OsString::from(v));
            CacheEnv {
                leakgate_cache: set(own),
                xdg_cache_home: set(xdg),
                home: set(home),
            }
            .folder()
        };
        assert_eq!(env("/a", "/b", "/c"), Some(PathBuf::from("/a")));
        assert_eq!(env("", "", ""), None);
        if !cfg!(target_os = "macos") {
            assert_eq!(env("", "/b", "/c"), Some(PathBuf::from("/b/leakgate")));
            assert_eq!(
                env("", "relative", "/c"),
                Some(PathBuf::from("/c/.cache/leakgate"))
            );
        }
    }

    #[test]
    fn published_files_are_private_and_repaired() {
        let cache = cache();
        let path = cache.publish(Path::new("x/y.go"), b"one").unwrap();
        assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
        assert_eq!(
            fs::metadata(path.parent().unwrap()).unwrap().permissions().mode() & 0o777,
            0o700
        );
        fs::write(&path, b"torn").unwrap();
        assert_eq!(cache.publish(Path::new("x/y.go"), b"one").unwrap(), path);
        assert_eq!(fs::read(&path).unwrap(), b"one");
        fs::remove_file(&path).unwrap();
        fs::create_dir(&path).unwrap();
        cache.publish(Path::new("x/y.go"), b"one").unwrap();
        assert_eq!(fs::read(&path).unwrap(), b"one");
    }

    #[test]
    fn many_publishers_at_once_never_show_half_a_file() {
        let cache = cache();
        let content = vec![b'x'; 300_000];
        std::thread::scope(|scope| {
            for _ in 0..8 {
                scope.spawn(|| {
                    for _ in 0..5 {
                        let path = cache.publish(Path::new("a/testing.go"), &content).unwrap();
                        assert_eq!(fs::read(path).unwrap().len(), content.len());
                    }
                });
            }
        });
    }

    #[test]
    fn a_link_that_points_elsewhere_is_replaced() {
        let cache = cache();
        let first = cache.link(Path::new("goroot/l"), Path::new("/one")).unwrap();
        cache.link(Path::new("goroot/l"), Path::new("/two")).unwrap();
        assert_eq!(fs::read_link(first).unwrap(), PathBuf::from("/two"));
        assert_eq!(fs::read_dir(cache.root().join("goroot")).unwrap().count(), 1);
    }

    #[test]
    fn a_named_cache_that_cannot_be_made_is_an_error_and_a_default_one_falls_back() {
        let blocked = tempfile::NamedTempFile::new().unwrap();
        let inside = blocked.path().join("cache").into_os_string();
        let named = CacheEnv {
            leakgate_cache: Some(inside.clone()),
            ..CacheEnv::default()
        };
        assert!(matches!(
            CacheDir::open(&named),
            Err(GoTestError::CacheUnwritable { .. })
        ));
        let default = CacheEnv {
            xdg_cache_home: Some(inside),
            ..CacheEnv::default()
        };
        assert!(CacheDir::open(&default).unwrap().fallback());
    }
}
