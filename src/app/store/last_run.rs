//! The last run of each module, kept in leakgate's cache folder, so that `allow add` and `explain` can be given a
//! fingerprint alone. Edge: reads and writes that folder.

use crate::app::Failure;
use crate::app::store::reading;
use crate::gotest::CacheDir;
use crate::gotest::cache::CacheEnv;
use crate::report::Report;
use sha2::{Digest, Sha256};
use std::path::{Path, PathBuf};

/// The folder that a run in `dir` belongs to: that of the workspace, else of the module, else `dir` itself.
pub fn home(dir: &Path) -> PathBuf {
    let holding = |name: &str| dir.ancestors().find(|folder| folder.join(name).is_file());
    let home = holding("go.work").or_else(|| holding("go.mod")).unwrap_or(dir);
    home.canonicalize().unwrap_or_else(|_| home.to_path_buf())
}

/// Where runs of `dir` are kept, relative to the cache folder.
pub fn folder(dir: &Path) -> PathBuf {
    let digest = Sha256::digest(home(dir).as_os_str().as_encoded_bytes());
    let name: String = digest.iter().take(8).map(|byte| format!("{byte:02x}")).collect();
    Path::new("runs").join(name)
}

/// Keeps `report` as the last run of `dir`.
pub fn save(cache: &CacheDir, dir: &Path, report: &Report) -> Result<(), Failure> {
    let bytes = serde_json::to_vec(report).map_err(|error| Failure::Message(error.to_string()))?;
    cache.publish(&folder(dir).join("last.json"), &bytes)?;
    crate::app::store::history::History::of(dir, cache).keep(report)?;
    Ok(())
}

/// The last run of `dir`; an error tells how to make one.
pub fn load(dir: &Path) -> Result<Report, Failure> {
    let cache = CacheDir::open(&CacheEnv::from_process())?;
    let path = cache.root().join(folder(dir)).join("last.json");
    match reading::whole(&path, reading::REPORT) {
        Ok(bytes) => Report::read(&bytes)
            .map_err(|error| Failure::Message(format!("the last run can't be read: {error} (run the tests again)"))),
        Err(_) => Err(Failure::Message(
            "no run of this module is known yet; run `leakgate test ./...` first, or name a report with --from".into(),
        )),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    #[expect(clippy::disallowed_methods, reason = "the test lays out folders")]
    fn every_folder_of_a_module_shares_its_last_run() {
        let dir = tempfile::tempdir().unwrap();
        let sub = dir.path().join("a/b");
        std::fs::create_dir_all(&sub).unwrap();
        std::fs::write(dir.path().join("go.mod"), "module example.com/m\n").unwrap();
        assert_eq!(folder(&sub), folder(dir.path()));
        std::fs::write(sub.join("go.mod"), "module example.com/n\n").unwrap();
        assert_ne!(folder(&sub), folder(dir.path()), "a module of its own");
        std::fs::write(dir.path().join("go.work"), "go 1.22\n").unwrap();
        assert_eq!(
            folder(&sub),
            folder(dir.path()),
            "a workspace holds its modules together"
        );
    }
}
