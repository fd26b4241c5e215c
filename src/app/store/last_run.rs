//! The last run of each module, kept in leakgate's cache folder, so that `allow add` and `explain` can be given a
//! fingerprint alone. Edge: reads and writes that folder.

use crate::app::Failure;
use crate::app::store::history::{self, History, folder};
use crate::app::store::reading;
use crate::gotest::CacheDir;
use crate::gotest::cache::CacheEnv;
use crate::report::Report;
use std::path::Path;

/// Keeps `report` as the last run of a project.
pub fn save(cache: &CacheDir, home: &Path, report: &Report) -> Result<(), Failure> {
    let bytes = serde_json::to_vec(report).map_err(|error| Failure::Message(error.to_string()))?;
    cache.publish(&folder(home).join("last.json"), &bytes)?;
    History::of(home, cache).keep(report)?;
    Ok(())
}

/// The last run of a project; an error tells how to make one.
pub fn load(home: &Path) -> Result<Report, Failure> {
    let cache = CacheDir::open(&CacheEnv::from_process())?;
    let path = cache.root().join(folder(home)).join("last.json");
    match reading::whole(&path, reading::REPORT) {
        Ok(bytes) => Report::read(&bytes)
            .map_err(|error| Failure::Message(format!("the last run can't be read: {error} (run the tests again)"))),
        Err(_) => Err(Failure::Message(
            "no run of this module is known yet; run `leakgate test ./...` first, or name a report with --from".into(),
        )),
    }
}

/// The report of `--from`, else the last run of the project.
pub fn given_or_last(from: Option<&Path>, home: &Path) -> Result<Report, Failure> {
    match from {
        Some(path) => history::read(path),
        None => load(home),
    }
}
