//! The last runs of each module, kept in leakgate's cache folder: what `allow add`, `allow prune`, `baseline write` and
//! `explain` look at. Edge: reads and writes that folder.
//!
//! Kept are the findings, not the tests' output. A run that can't be kept is reported and is no error: the gate does not need it.

use crate::app::Failure;
use crate::app::store::reading;
use crate::gotest::CacheDir;
use crate::gotest::cache::plain;
use crate::gotest::trust::make_private_dir;
use crate::report::Report;
use sha2::{Digest, Sha256};
use std::io::Write;
use std::path::{Path, PathBuf};

/// How many runs are kept.
const KEPT: usize = 20;

/// The runs of one module.
#[derive(Debug, Clone)]
pub struct History {
    folder: PathBuf,
}

impl History {
    /// Of the project with this home.
    pub fn of(home: &Path, cache: &CacheDir) -> Self {
        Self {
            folder: cache.root().join(folder(home)),
        }
    }

    /// Keeps a run, and forgets the oldest.
    pub fn keep(&self, report: &Report) -> std::io::Result<()> {
        let mut slim = report.clone();
        for package in &mut slim.packages {
            package.tests.clear();
            package.samples.clear();
            package.output.clear();
        }
        self.put(&serde_json::to_vec(&slim)?).map_err(plain)
    }

    fn put(&self, text: &[u8]) -> std::io::Result<()> {
        make_private_dir(&self.folder)?;
        let known = self.files();
        let next = known.last().and_then(|path| number(path)).unwrap_or(0) + 1;
        let file = tempfile::Builder::new()
            .prefix(".run-")
            .tempfile_in(&self.folder)?;
        file.as_file().write_all(text)?;
        // Two runs that end at once must not take the same number.
        let mut unplaced = file;
        for number in next..next + 100 {
            match unplaced.persist_noclobber(self.folder.join(format!("{number:08}.json"))) {
                Ok(_) => break,
                Err(error) => unplaced = error.file,
            }
        }
        for old in known.iter().rev().skip(KEPT - 1) {
            let _ = std::fs::remove_file(old);
        }
        Ok(())
    }

    /// Oldest first.
    fn files(&self) -> Vec<PathBuf> {
        let entries = std::fs::read_dir(&self.folder).into_iter().flatten().flatten();
        let mut files: Vec<PathBuf> = entries
            .map(|entry| entry.path())
            .filter(|path| number(path).is_some())
            .collect();
        files.sort();
        files
    }

    /// The runs that can be read, newest first.
    pub fn runs(&self) -> impl Iterator<Item = Report> {
        self.files().into_iter().rev().filter_map(|path| read(&path).ok())
    }
}

/// The runs of the project with this home, in the cache folder of this process.
pub fn open(home: &Path) -> Result<History, Failure> {
    let cache = CacheDir::open(&crate::gotest::cache::CacheEnv::from_process())?;
    Ok(History::of(home, &cache))
}

/// Reads a report; `-` is standard input.
pub fn read(path: &Path) -> Result<Report, Failure> {
    let bytes = reading::whole(path, reading::REPORT)
        .map_err(|error| Failure::Message(format!("can't read {}: {error}", path.display())))?;
    Report::read(&bytes).map_err(|error| Failure::Message(format!("{}: {error}", path.display())))
}

fn number(path: &Path) -> Option<u64> {
    path.file_name()?.to_str()?.strip_suffix(".json")?.parse().ok()
}

/// Where the runs of a project are kept, whose home (workspace or module) this is, relative to the cache folder.
pub fn folder(home: &Path) -> PathBuf {
    let home = home.canonicalize().unwrap_or_else(|_| home.to_path_buf());
    let digest = Sha256::digest(home.as_os_str().as_encoded_bytes());
    let name: String = digest.iter().take(8).map(|byte| format!("{byte:02x}")).collect();
    Path::new("runs").join(name)
}
