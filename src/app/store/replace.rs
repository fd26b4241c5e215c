//! A file that is put in place in one piece: a reader sees the old content or the new, never a part. The target
//! is one that `trust` resolved: no link.

use std::io::Write;
use std::path::{Path, PathBuf};
use tempfile::NamedTempFile;

/// A file that waits beside its target; the target keeps its content until [`Replacement::persist`].
#[derive(Debug)]
pub struct Replacement {
    target: PathBuf,
    beside: NamedTempFile,
}

impl Replacement {
    /// Of `target`, with the mode of the file that it replaces, else readable like any other file of the tree.
    pub fn of(target: &Path) -> std::io::Result<Self> {
        let mut builder = tempfile::Builder::new();
        builder.prefix(".leakgate-");
        #[cfg(unix)]
        builder.permissions(mode(target));
        let beside = builder.tempfile_in(folder_of(target))?;
        Ok(Self {
            target: target.to_path_buf(),
            beside,
        })
    }

    /// Writes `bytes` and puts the file in place.
    pub fn persist(mut self, bytes: &[u8]) -> std::io::Result<()> {
        self.beside.as_file_mut().write_all(bytes)?;
        self.beside.as_file().sync_all()?;
        #[cfg(unix)]
        self.beside.as_file().set_permissions(mode(&self.target))?;
        self.beside.persist(&self.target).map_err(|error| error.error)?;
        Ok(())
    }
}

#[cfg(unix)]
fn mode(target: &Path) -> std::fs::Permissions {
    use std::os::unix::fs::PermissionsExt;
    let mode = std::fs::metadata(target).map_or(0o644, |meta| meta.permissions().mode() & 0o777);
    std::fs::Permissions::from_mode(mode)
}

/// The folder that holds `path`.
pub fn folder_of(path: &Path) -> &Path {
    match path.parent() {
        Some(parent) if !parent.as_os_str().is_empty() => parent,
        _ => Path::new("."),
    }
}
