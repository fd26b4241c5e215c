//! Reads source files for reports, each at most once. Edge: touches files.
//!
//! A dump names the files, and a dump may come from elsewhere: only source is read, and only where source of the build can
//! lie. Whatever else a dump names, it must not get into a report, nor hold up leakgate.

use super::packages::Packages;
use crate::app::store::reading;
use crate::go_source::Sources;
use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

/// A source file larger than this is not read: no hand-written Go file is.
const MAX_SOURCE_BYTES: u64 = 8 << 20;

/// What go compiles into a package, and what a `//line` of a generator names beside it.
const EXTENSIONS: [&str; 15] = [
    "go", "s", "S", "c", "h", "cc", "cpp", "cxx", "hh", "hpp", "hxx", "m", "sx", "y", "rl",
];

/// Where source may be read.
#[derive(Debug, Clone, Default)]
pub struct SourceRoots {
    /// Without links.
    folders: Vec<PathBuf>,
}

impl SourceRoots {
    /// These folders and all below; what does not exist is left out.
    pub fn below(folders: impl IntoIterator<Item = PathBuf>) -> Self {
        let folders = folders.into_iter().filter(|folder| folder.is_absolute());
        Self {
            folders: folders.filter_map(|folder| folder.canonicalize().ok()).collect(),
        }
    }

    /// The Go files in a folder, if it lies here once every link is followed.
    fn list(&self, folder: &str) -> Vec<String> {
        let real = Path::new(folder).canonicalize();
        if !real.is_ok_and(|real| self.folders.iter().any(|root| real.starts_with(root))) {
            return Vec::new();
        }
        let entries = std::fs::read_dir(folder).into_iter().flatten().flatten();
        entries
            .map(|entry| format!("{folder}/{}", entry.file_name().to_string_lossy()))
            .filter(|path| path.ends_with(".go"))
            .collect()
    }

    /// The text of a source file, if it is one and lies here once every link is followed.
    pub fn text(&self, file: &Path) -> Option<String> {
        let is_source = |path: &Path| {
            let extension = path.extension().and_then(|extension| extension.to_str());
            extension.is_some_and(|extension| EXTENSIONS.contains(&extension))
        };
        if !is_source(file) {
            return None;
        }
        let real = file.canonicalize().ok()?;
        let inside = self.folders.iter().any(|folder| real.starts_with(folder));
        // A module in the root folder holds these too, and they hold no source.
        let kernel = ["/proc", "/sys", "/dev"]
            .iter()
            .any(|folder| real.starts_with(folder));
        if !inside || kernel || !is_source(&real) {
            return None;
        }
        let bytes = reading::regular(&real, MAX_SOURCE_BYTES).ok()?;
        Some(String::from_utf8_lossy(&bytes).into_owned())
    }
}

/// Source files by absolute path; read on first use and kept.
#[derive(Debug, Default)]
pub struct SourceFiles {
    roots: SourceRoots,
    packages: Packages,
    files: Mutex<HashMap<String, Option<Arc<str>>>>,
}

impl SourceFiles {
    /// Of these folders, with what is known of where packages lie.
    pub fn new(roots: SourceRoots, packages: Packages) -> Self {
        Self {
            roots,
            packages,
            files: Mutex::default(),
        }
    }
}

impl Sources for SourceFiles {
    fn read(&self, file: &str) -> Option<Arc<str>> {
        let mut files = self.files.lock().unwrap_or_else(PoisonError::into_inner);
        files
            .entry(file.to_owned())
            .or_insert_with(|| self.roots.text(Path::new(file)).map(Arc::from))
            .clone()
    }

    fn list(&self, folder: &str) -> Vec<String> {
        self.roots.list(folder)
    }

    fn folder(&self, import_path: &str) -> Option<String> {
        self.packages.folder(import_path)
    }
}

#[cfg(test)]
#[expect(clippy::disallowed_methods, reason = "the test lays out files")]
mod tests {
    use super::*;
    use std::fs;
    use std::os::unix::fs::symlink;
    use std::process::Command;

    #[test]
    fn only_source_below_the_given_folders_is_read() {
        let dir = tempfile::tempdir().unwrap();
        let root = dir.path();
        let module = root.join("module");
        fs::create_dir_all(module.join("sub")).unwrap();
        let put = |path: &str| fs::write(root.join(path), "secret").unwrap();
        for path in ["module/a.go", "module/.env", "module/key.pem", "outside.go"] {
            put(path);
        }
        symlink(root.join("outside.go"), module.join("link.go")).unwrap();
        symlink("/proc/self/environ", module.join("environ.go")).unwrap();
        symlink("/proc/kmsg", module.join("kmsg.go")).unwrap();
        symlink(module.join(".env"), module.join("env.go")).unwrap();
        symlink(module.join("a.go"), module.join("sub/alias.go")).unwrap();
        symlink(&module, root.join("by-link")).unwrap();
        let fifo = module.join("pipe.go");
        assert!(Command::new("mkfifo").arg(&fifo).status().unwrap().success());
        symlink("/dev/zero", module.join("zero.go")).unwrap();

        let files = SourceFiles::new(SourceRoots::below([module.clone()]), Packages::default());
        let reads = |path: &Path| files.read(path.to_str().unwrap()).is_some();
        for path in ["a.go", "sub/alias.go", "sub/../a.go", "../by-link/a.go"] {
            assert!(reads(&module.join(path)), "{path}");
        }
        let listed = |folder: &str| files.list(root.join(folder).to_str().unwrap()).len();
        assert_eq!(
            (listed("module/sub"), listed("."), listed("module/..")),
            (1, 0, 0)
        );
        for path in [
            ".env",
            "key.pem",
            "../outside.go",
            "sub/../../outside.go",
            "link.go",
            "environ.go",
            "kmsg.go",
            "env.go",
            "pipe.go",
            "zero.go",
            "sub",
        ] {
            assert!(!reads(&module.join(path)), "{path}");
        }
        for path in [
            "/proc/self/environ",
            "/proc/kmsg",
            "/etc/passwd",
            "/dev/stdin",
            "a.go",
            "",
        ] {
            assert!(!reads(Path::new(path)), "{path}");
        }
        let everywhere = SourceRoots::below([PathBuf::from("/")]);
        assert!(everywhere.text(&module.join("environ.go")).is_none());
        assert!(everywhere.text(&module.join("pipe.go")).is_none());
        assert!(SourceRoots::default().text(&module.join("a.go")).is_none());
    }
}
