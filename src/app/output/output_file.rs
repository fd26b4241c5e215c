//! Output files: opened before the run so that a bad path fails at once, parent folders made, written atomically.

use crate::app::Failure;
use crate::app::store::replace::{Replacement, folder_of};
use crate::gotest::cache::plain;
use crate::gotest::trust;
use std::fs::File;
use std::io::Write;
use std::path::{Path, PathBuf};

/// A file that will be written in one piece at the end of the run.
///
/// That a file can be made beside its target is tried at the start, so that a missing permission or a full disk shows
/// before the tests run; the target keeps its old content until [`OutputFile::persist`], and nothing lies beside it
/// meanwhile that an interrupted run would leave. Links are followed, unless another user laid them where everybody may
/// write. What is no regular file (a device, a named pipe, `/dev/stdout`) can't be replaced, and is written to.
#[derive(Debug)]
pub struct OutputFile {
    /// As given.
    target: PathBuf,
    /// Without links.
    resolved: PathBuf,
    bytes_go_to: Sink,
}

#[derive(Debug)]
enum Sink {
    Beside,
    Itself(File),
}

/// Why an output file can't be had.
#[derive(Debug, thiserror::Error)]
#[error("can't write {path}: {source}")]
pub struct OutputError {
    path: String,
    source: std::io::Error,
}

impl From<OutputError> for Failure {
    fn from(error: OutputError) -> Self {
        Self::Message(error.to_string())
    }
}

impl OutputFile {
    /// Makes the parent folders and a temporary file beside `target`.
    pub fn create(target: &Path) -> Result<Self, OutputError> {
        let fail = |source| OutputError {
            path: target.display().to_string(),
            source: plain(source),
        };
        if target.is_dir() {
            return Err(fail(std::io::Error::other("it is a folder")));
        }
        let name = target.to_path_buf();
        if is_special(target) {
            let file = opened(target).map_err(fail)?;
            return Ok(Self {
                resolved: name.clone(),
                target: name,
                bytes_go_to: Sink::Itself(file),
            });
        }
        let resolved = trust::target(target).map_err(fail)?;
        std::fs::create_dir_all(folder_of(&resolved)).map_err(fail)?;
        Replacement::of(&resolved).map_err(fail)?;
        Ok(Self {
            target: name,
            resolved,
            bytes_go_to: Sink::Beside,
        })
    }

    /// Where it will be, as given.
    pub fn target(&self) -> &Path {
        &self.target
    }

    /// Whether bytes go to a device or a pipe, one output after the other.
    pub fn is_device(&self) -> bool {
        matches!(self.bytes_go_to, Sink::Itself(_))
    }

    /// Whether another output would take its place.
    pub fn replaces(&self, other: &Self) -> bool {
        let replaced = |file: &Self| match file.bytes_go_to {
            Sink::Beside => {
                let name = file.resolved.file_name()?;
                Some(folder_of(&file.resolved).canonicalize().ok()?.join(name))
            }
            Sink::Itself(_) => None,
        };
        replaced(self).is_some_and(|path| replaced(other) == Some(path))
    }

    /// Writes `bytes` and puts the file in place.
    pub fn persist(self, bytes: &[u8]) -> Result<(), OutputError> {
        let fail = |source| OutputError {
            path: self.target.display().to_string(),
            source: plain(source),
        };
        match self.bytes_go_to {
            Sink::Itself(mut file) => file.write_all(bytes).map_err(fail),
            Sink::Beside => Replacement::of(&self.resolved)
                .and_then(|file| file.persist(bytes))
                .map_err(fail),
        }
    }
}

/// Opens what is written to. Where it is our own standard output or error, under whatever name, it must be that stream
/// itself: one that is opened anew writes from a place of its own over what the other has written.
fn opened(path: &Path) -> std::io::Result<File> {
    if let Some(stream) = trust::same_file(path, own_streams()) {
        return Ok(stream);
    }
    if is_below_kernel(path) {
        return File::options().append(true).open(path);
    }
    trust::open_in_place(path, File::options().append(true))
}

/// Standard output and error, as files.
fn own_streams() -> impl Iterator<Item = File> {
    #[cfg(unix)]
    use std::os::fd::AsFd as _;
    #[cfg(windows)]
    use std::os::windows::io::AsHandle as _;
    #[cfg(unix)]
    let streams = [
        std::io::stdout().as_fd().try_clone_to_owned(),
        std::io::stderr().as_fd().try_clone_to_owned(),
    ];
    #[cfg(windows)]
    let streams = [
        std::io::stdout().as_handle().try_clone_to_owned(),
        std::io::stderr().as_handle().try_clone_to_owned(),
    ];
    streams.into_iter().flatten().map(File::from)
}

/// Whether `path` is something that must be written to, not replaced. A path below `/dev` or `/proc` may lead to a regular
/// file that another process holds open, as `/dev/stdout` does.
fn is_special(path: &Path) -> bool {
    std::fs::metadata(path).is_ok_and(|meta| !meta.is_file() || is_below_kernel(path))
}

/// Below `/dev` and `/proc`, where links lead to no name. `/dev/shm` is a folder like `/tmp`.
pub fn is_below_kernel(path: &Path) -> bool {
    std::path::absolute(path).is_ok_and(|path| {
        path.starts_with("/proc") || (path.starts_with("/dev") && !path.starts_with("/dev/shm"))
    })
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
        let running = OutputFile::create(&target).unwrap();
        let beside = std::fs::read_dir(target.parent().unwrap()).unwrap().count();
        assert_eq!(beside, 1, "and none lies there while the tests run");
        drop(running);
    }

    #[test]
    fn a_folder_is_no_target() {
        let dir = tempfile::tempdir().unwrap();
        let error = OutputFile::create(dir.path()).unwrap_err();
        assert!(error.to_string().ends_with("it is a folder"), "{error}");
    }
}
