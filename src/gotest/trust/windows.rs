//! Windows. Files are guarded by access-control lists, which need unsafe calls to read: the cache folder is taken below the
//! user's own profile, which Windows keeps private, and a folder that the user names is taken as it is.

use std::fs::{self, File, Metadata};
use std::hash::BuildHasher;
use std::io::{Error, Result};
use std::path::{Path, PathBuf};

/// Where a file that is written to really lies.
pub fn target(path: &Path) -> Result<PathBuf> {
    fs::canonicalize(path).or_else(|_| std::path::absolute(path))
}

/// Opens a file to write to it in place.
pub fn open_in_place(path: &Path, options: &mut fs::OpenOptions) -> Result<File> {
    options.open(path)
}

/// The folder `root`, made if need be.
pub fn private_folder(root: &Path) -> Result<PathBuf> {
    fs::create_dir_all(root)?;
    if !root.is_dir() {
        return Err(Error::other("it is no folder"));
    }
    Ok(root.to_owned())
}

/// Makes `folder` with its parents.
pub fn make_private_dir(folder: &Path) -> Result<()> {
    fs::create_dir_all(folder)
}

/// Makes `link` lead to the folder `target`: a junction, which needs no special right.
pub fn link_folder(target: &Path, link: &Path) -> Result<()> {
    junction::create(target, link)
}

/// Opens a file to read it.
#[expect(clippy::disallowed_methods, reason = "edge: an input file is opened")]
pub fn open_without_waiting(path: &Path) -> Result<File> {
    File::open(path)
}

/// What is locked while a file in `folder` is changed: Windows opens no folder, so a file named after it.
#[expect(clippy::disallowed_methods, reason = "edge: a lock file is made")]
pub fn lock_of(folder: &Path) -> Result<File> {
    let name = fs::canonicalize(folder)?.display().to_string();
    let hash = rustc_hash::FxBuildHasher.hash_one(name);
    File::create(std::env::temp_dir().join(format!("leakgate-{hash:016x}.lock")))
}

/// Standard streams have no path here.
pub fn same_file(_path: &Path, _open: impl IntoIterator<Item = File>) -> Option<File> {
    None
}

/// Lets its owner write to a file, beside what `permissions` allow.
pub fn writable(permissions: &fs::Permissions) -> fs::Permissions {
    let mut permissions = permissions.clone();
    #[expect(
        clippy::permissions_set_readonly_false,
        reason = "on Windows it means what it says"
    )]
    permissions.set_readonly(false);
    permissions
}

/// The name says what can be run.
pub fn make_executable(_path: &Path) -> Result<()> {
    Ok(())
}

/// Whether it is no link.
pub fn is_own(meta: &Metadata) -> bool {
    !meta.is_symlink()
}
