//! Output files: opened before the run so that a bad path fails at once, parent folders made, written atomically.

use std::io::Write;
use std::path::{Path, PathBuf};

/// A file that will be written in one piece at the end of the run.
///
/// The temporary file lies beside its target from the start, so that a missing permission or a full disk shows before
/// the tests run; the target keeps its old content until [`OutputFile::persist`].
#[derive(Debug)]
pub struct OutputFile {
    target: PathBuf,
    temp: tempfile::NamedTempFile,
}

/// Why an output file can't be had.
#[derive(Debug, thiserror::Error)]
#[error("can't write {path}: {source}")]
pub struct OutputError {
    path: String,
    source: std::io::Error,
}

impl OutputFile {
    /// Makes the parent folders and a temporary file beside `target`.
    pub fn create(target: &Path) -> Result<Self, OutputError> {
        let fail = |source| OutputError {
            path: target.display().to_string(),
            source,
        };
        if target.is_dir() {
            return Err(fail(std::io::Error::other("it is a folder")));
        }
        let parent = match target.parent() {
            Some(parent) if !parent.as_os_str().is_empty() => parent,
            _ => Path::new("."),
        };
        std::fs::create_dir_all(parent).map_err(fail)?;
        let temp = tempfile::Builder::new()
            .prefix(".leakgate-")
            .permissions_like(target)
            .tempfile_in(parent)
            .map_err(fail)?;
        Ok(Self {
            target: target.to_path_buf(),
            temp,
        })
    }

    /// Where it will be.
    pub fn target(&self) -> &Path {
        &self.target
    }

    /// Writes `bytes` and puts the file in place.
    pub fn persist(mut self, bytes: &[u8]) -> Result<(), OutputError> {
        let fail = |source| OutputError {
            path: self.target.display().to_string(),
            source,
        };
        self.temp.write_all(bytes).map_err(fail)?;
        self.temp
            .persist(&self.target)
            .map_err(|error| fail(error.error))?;
        Ok(())
    }
}

/// The mode of a report: as the file that it replaces, else readable like any other build product.
trait PermissionsLike {
    fn permissions_like(&mut self, target: &Path) -> &mut Self;
}

impl PermissionsLike for tempfile::Builder<'_, '_> {
    #[cfg(unix)]
    fn permissions_like(&mut self, target: &Path) -> &mut Self {
        use std::os::unix::fs::PermissionsExt;
        let mode = std::fs::metadata(target).map_or(0o644, |meta| meta.permissions().mode() & 0o777);
        self.permissions(std::fs::Permissions::from_mode(mode))
    }

    #[cfg(not(unix))]
    fn permissions_like(&mut self, _target: &Path) -> &mut Self {
        self
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    #[expect(clippy::disallowed_methods, reason = "the test looks at the file")]
    fn the_old_content_stays_until_the_new_is_whole() {
        let dir = tempfile::tempdir().unwrap();
        let target = dir.path().join("deep/er/report.json");
        let file = OutputFile::create(&target).unwrap();
        assert!(!target.exists());
        file.persist(b"one").unwrap();
        let second = OutputFile::create(&target).unwrap();
        assert_eq!(std::fs::read(&target).unwrap(), b"one");
        drop(second);
        assert_eq!(
            std::fs::read_dir(target.parent().unwrap()).unwrap().count(),
            1,
            "no temporary file stays"
        );
    }

    #[test]
    fn a_folder_is_no_target() {
        let dir = tempfile::tempdir().unwrap();
        let error = OutputFile::create(dir.path()).unwrap_err();
        assert!(error.to_string().ends_with("it is a folder"), "{error}");
    }
}
