//! leakgate's cache folder: private, shared by runs at the same time, repaired when damaged.
//!
//! A file is published whole (written beside, then renamed), and compared with what it should hold each time it is
//! used; so a torn, damaged or foreign file is never used, and nothing needs a lock. Go compiles and runs what lies here:
//! every folder on the way must be one that no other user can write to, for root as for anybody.

use super::{GoTestError, trust};
use std::ffi::OsString;
use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};

/// A folder that takes files.
#[derive(Debug)]
pub struct CacheDir {
    root: PathBuf,
    /// The folder, and why it is needed.
    temporary: Option<(tempfile::TempDir, String)>,
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
    /// `LOCALAPPDATA`, of Windows.
    pub local_app_data: Option<OsString>,
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
            local_app_data: std::env::var_os("LOCALAPPDATA"),
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
        if cfg!(windows) {
            return absolute(&self.local_app_data).map(|base| base.join("leakgate"));
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
        let mut why = "none of LEAKGATE_CACHE, XDG_CACHE_HOME and HOME names one".to_owned();
        if let Some(root) = env.folder() {
            match private_root(&root) {
                Ok(root) => {
                    return Ok(Self {
                        root,
                        temporary: None,
                    });
                }
                Err(source) if env.leakgate_cache.is_some() => {
                    return Err(GoTestError::CacheUnwritable { path: root, source });
                }
                Err(error) => why = format!("{}: {error}", root.display()),
            }
        }
        let temporary = tempfile::Builder::new()
            .prefix("leakgate-")
            .tempdir()
            .map_err(|source| GoTestError::CacheUnwritable {
                path: env.folder().unwrap_or_else(std::env::temp_dir),
                source: plain(source),
            })?;
        Ok(Self {
            root: temporary.path().to_owned(),
            temporary: Some((temporary, why)),
        })
    }

    /// Where it is.
    pub fn root(&self) -> &Path {
        &self.root
    }

    /// Why the folder is a temporary one that goes away with this run, if it is.
    pub fn fallback(&self) -> Option<&str> {
        self.temporary.as_ref().map(|(_, why)| why.as_str())
    }

    /// Makes sure that `relative` holds exactly `content`; gives its full path.
    #[expect(clippy::disallowed_methods, reason = "edge: leakgate's own cache folder")]
    pub fn publish(&self, relative: &Path, content: &[u8]) -> Result<PathBuf, GoTestError> {
        let path = self.root.join(relative);
        let unwritable = |source| GoTestError::CacheUnwritable {
            path: path.clone(),
            source: plain(source),
        };
        let folder = self.folder_of(relative).map_err(unwritable)?;
        let own = fs::symlink_metadata(&path).is_ok_and(|meta| meta.is_file() && trust::is_own(&meta));
        if own && fs::read(&path).is_ok_and(|found| found == content) {
            return Ok(path);
        }
        if path.is_dir() && !path.is_symlink() {
            fs::remove_dir_all(&path).map_err(unwritable)?;
        }
        let mut file = tempfile::NamedTempFile::new_in(&folder).map_err(unwritable)?;
        file.as_file_mut().write_all(content).map_err(unwritable)?;
        file.persist(&path).map_err(|error| unwritable(error.error))?;
        Ok(path)
    }

    /// The folder that holds `relative`, made if need be. What lies in its way, a file or a link elsewhere, is none of
    /// ours and is taken away; a folder that others could write to may hold what they left there.
    fn folder_of(&self, relative: &Path) -> std::io::Result<PathBuf> {
        self.own_folder(relative.parent().unwrap_or(Path::new("")))
    }

    /// A folder below the cache folder, made if need be, that no other user can write to.
    pub fn own_folder(&self, relative: &Path) -> std::io::Result<PathBuf> {
        let mut folder = self.root.clone();
        for part in relative {
            folder.push(part);
            match fs::symlink_metadata(&folder) {
                Ok(meta) if meta.is_dir() && trust::is_own(&meta) => continue,
                // Another leakgate may have been quicker.
                Ok(meta) if !meta.is_dir() => drop(fs::remove_file(&folder)),
                Ok(_) => drop(fs::remove_dir_all(&folder)),
                Err(_) => {}
            }
            trust::make_private_dir(&folder)?;
            if !fs::symlink_metadata(&folder).is_ok_and(|meta| meta.is_dir() && trust::is_own(&meta)) {
                return Err(std::io::Error::other(format!(
                    "{} belongs to another user, or others can write to it; remove it",
                    folder.display()
                )));
            }
        }
        Ok(folder)
    }

    /// Makes sure that `relative` is a symbolic link to `target`; gives its full path.
    pub fn link(&self, relative: &Path, target: &Path) -> Result<PathBuf, GoTestError> {
        let path = self.root.join(relative);
        let unwritable = |source| GoTestError::CacheUnwritable {
            path: path.clone(),
            source: plain(source),
        };
        let folder = &self.folder_of(relative).map_err(unwritable)?;
        if fs::read_link(&path).is_ok_and(|found| found == target) {
            return Ok(path);
        }
        if path.is_dir() && !path.is_symlink() {
            fs::remove_dir_all(&path).map_err(unwritable)?;
        }
        let beside = tempfile::Builder::new().tempdir_in(folder).map_err(unwritable)?;
        let fresh = beside.path().join("link");
        trust::link_folder(target, &fresh).map_err(unwritable)?;
        fs::rename(&fresh, &path).map_err(unwritable)?;
        Ok(path)
    }
}

/// The error without the name of a temporary file, which says nothing to the user.
pub fn plain(error: std::io::Error) -> std::io::Error {
    match error.to_string().split_once(" at path \"") {
        Some((words, _)) => std::io::Error::new(error.kind(), words),
        None => error,
    }
}

/// The folder that this user writes to, and no other user can: `root` itself, but where everybody may write (`/tmp`, a volume
/// of a container) one of the user's own in it. The Go code in it is compiled and run.
fn private_root(root: &Path) -> std::io::Result<PathBuf> {
    let no = |why: &str| Err(std::io::Error::other(why));
    if root.to_str().is_none() {
        return no("its name is not UTF-8, and go's -overlay takes no such path");
    }
    if fs::symlink_metadata(root).is_ok_and(|meta| meta.is_symlink()) && !root.exists() {
        return no("it is a link that leads nowhere");
    }
    let private = trust::private_folder(root)?;
    match tempfile::NamedTempFile::new_in(&private) {
        Ok(_) => Ok(private),
        Err(error) => Err(plain(error)),
    }
}

#[cfg(test)]
#[cfg(unix)]
#[expect(clippy::disallowed_methods, reason = "tests of files")]
mod tests {
    use super::*;
    use std::ffi::OsStr;
    use std::os::unix::ffi::OsStrExt;
    use std::os::unix::fs::{MetadataExt, PermissionsExt};

    fn cache() -> CacheDir {
        let temporary = tempfile::tempdir().unwrap();
        CacheDir {
            root: temporary.path().join("cache"),
            temporary: Some((temporary, String::new())),
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
                local_app_data: None,
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
        // A file where a folder should be, and a link that leads elsewhere.
        let folder = path.parent().unwrap();
        fs::remove_dir_all(folder).unwrap();
        fs::write(folder, "").unwrap();
        cache.publish(Path::new("x/y.go"), b"one").unwrap();
        let elsewhere = tempfile::tempdir().unwrap();
        fs::remove_dir_all(folder).unwrap();
        std::os::unix::fs::symlink(elsewhere.path(), folder).unwrap();
        cache.publish(Path::new("x/y.go"), b"one").unwrap();
        assert!(!folder.is_symlink() && path.is_file());
        assert_eq!(fs::read_dir(elsewhere.path()).unwrap().count(), 0);
    }

    #[test]
    fn what_others_can_write_to_is_not_used() {
        let cache = cache();
        let path = cache.publish(Path::new("x/y.go"), b"one").unwrap();
        let folder = path.parent().unwrap();
        // Whoever could write there may have left more than what is compared.
        for mode in [0o770, 0o777, 0o1777] {
            fs::write(folder.join("planted.go"), "").unwrap();
            fs::set_permissions(folder, fs::Permissions::from_mode(mode)).unwrap();
            cache.publish(Path::new("x/y.go"), b"one").unwrap();
            assert_eq!(fs::metadata(folder).unwrap().mode() & 0o777, 0o700);
            assert_eq!(fs::read_dir(folder).unwrap().count(), 1, "{mode:o}");
        }
        // The right bytes today can be others tomorrow.
        fs::set_permissions(&path, fs::Permissions::from_mode(0o666)).unwrap();
        cache.publish(Path::new("x/y.go"), b"one").unwrap();
        assert_eq!(fs::metadata(&path).unwrap().mode() & 0o777, 0o600);
        let elsewhere = tempfile::NamedTempFile::new().unwrap();
        fs::write(elsewhere.path(), "one").unwrap();
        fs::remove_file(&path).unwrap();
        std::os::unix::fs::symlink(elsewhere.path(), &path).unwrap();
        cache.publish(Path::new("x/y.go"), b"one").unwrap();
        assert!(!path.is_symlink());
    }

    #[test]
    fn a_cache_that_others_can_write_to_is_refused_for_root_too() {
        let dir = tempfile::tempdir().unwrap();
        let root = dir.path().join("cache");
        fs::create_dir(&root).unwrap();
        for mode in [0o777, 0o770, 0o722] {
            fs::set_permissions(&root, fs::Permissions::from_mode(mode)).unwrap();
            let error = private_root(&root).unwrap_err().to_string();
            assert!(error.contains("other users can write to it"), "{mode:o}: {error}");
        }
        fs::set_permissions(&root, fs::Permissions::from_mode(0o755)).unwrap();
        assert!(private_root(&root).is_ok());
        if trust::user() == 0 {
            std::os::unix::fs::chown(&root, Some(12345), None).unwrap();
            let error = private_root(&root).unwrap_err().to_string();
            assert!(error.contains("belongs to another user"), "{error}");
        }
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
    fn where_everybody_may_write_a_folder_of_the_users_own_is_taken() {
        let shared = tempfile::tempdir().unwrap();
        fs::set_permissions(shared.path(), fs::Permissions::from_mode(0o1777)).unwrap();
        let named = CacheEnv {
            leakgate_cache: Some(shared.path().into()),
            ..CacheEnv::default()
        };
        let cache = CacheDir::open(&named).unwrap();
        let own = format!("user-{}", rustix::process::geteuid().as_raw());
        assert_eq!(cache.root(), shared.path().join(&own));
        assert_eq!(fs::metadata(cache.root()).unwrap().mode() & 0o777, 0o700);
        // Another user was there first, and leads us elsewhere.
        fs::remove_dir(cache.root()).unwrap();
        let elsewhere = tempfile::tempdir().unwrap();
        std::os::unix::fs::symlink(elsewhere.path(), shared.path().join(&own)).unwrap();
        let error = CacheDir::open(&named).unwrap_err().to_string();
        assert!(error.contains("another user has made"), "{error}");
    }

    #[test]
    fn what_is_no_folder_is_said_to_be_none() {
        let dir = tempfile::tempdir().unwrap();
        let link = dir.path().join("link");
        std::os::unix::fs::symlink("nowhere", &link).unwrap();
        let error = |root: &Path| private_root(root).unwrap_err().to_string();
        assert_eq!(error(&link), "it is a link that leads nowhere");
        fs::write(dir.path().join("file"), "").unwrap();
        assert_eq!(error(&dir.path().join("file")), "it is no folder");
        assert!(error(Path::new(OsStr::from_bytes(b"/tmp/\xff"))).contains("not UTF-8"));
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
        assert!(CacheDir::open(&default).unwrap().fallback().is_some());
    }
}
