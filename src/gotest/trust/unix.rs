//! Owners, modes and links of Unix.

use std::fs::{self, File, Metadata};
use std::io::{Error, Result};
use std::os::unix::fs::{DirBuilderExt, MetadataExt, OpenOptionsExt, PermissionsExt};
use std::path::{Component, Path, PathBuf};

/// As many links as Linux follows.
const LINKS: usize = 40;

/// The user that this process acts as.
pub fn user() -> u32 {
    rustix::process::geteuid().as_raw()
}

/// The path without its links, also where its end does not exist yet. A link is not followed if another user laid it in
/// a folder in which everybody may lay one (<https://docs.kernel.org/admin-guide/sysctl/fs.html#protected-symlinks>).
pub fn resolved(path: &Path) -> Result<PathBuf> {
    let path = std::path::absolute(path)?;
    let mut open: Vec<PathBuf> = parts(&path);
    let mut done = PathBuf::from("/");
    let mut links = 0;
    while let Some(part) = open.pop() {
        if part == Path::new("..") {
            done.pop();
            continue;
        }
        let next = done.join(&part);
        let Ok(meta) = fs::symlink_metadata(&next) else {
            done = next;
            continue;
        };
        if !meta.is_symlink() {
            done = next;
            continue;
        }
        not_planted(&next, &meta, &done)?;
        links += 1;
        if links > LINKS {
            return Err(Error::other("too many links lead to it"));
        }
        let target = fs::read_link(&next)?;
        if target.is_absolute() {
            done = PathBuf::from("/");
        }
        open.extend(parts(&target));
    }
    Ok(done)
}

/// The parts of a path that mean something, the last first.
fn parts(path: &Path) -> Vec<PathBuf> {
    let parts = path.components().rev();
    parts
        .filter(|part| matches!(part, Component::Normal(_) | Component::ParentDir))
        .map(|part| PathBuf::from(part.as_os_str()))
        .collect()
}

/// Refuses what another user may have put into a folder that is open to all. The folder's owner may.
fn not_planted(path: &Path, meta: &Metadata, folder: &Path) -> Result<()> {
    if meta.uid() == user() {
        return Ok(());
    }
    let folder_meta = fs::metadata(folder)?;
    let sticky = folder_meta.mode() & 0o1000 != 0;
    let open_to_all = folder_meta.mode() & 0o002 != 0 || (sticky && folder_meta.mode() & 0o020 != 0);
    if !open_to_all || folder_meta.uid() == meta.uid() {
        return Ok(());
    }
    let what = if meta.is_symlink() { "a link" } else { "a file" };
    Err(Error::other(format!(
        "{} is {what} of another user, in a folder that others can write to",
        path.display()
    )))
}

/// Where a file that is written to really lies: links followed, and nothing that another user planted there.
pub fn target(path: &Path) -> Result<PathBuf> {
    let path = resolved(path)?;
    if let (Ok(meta), Some(folder)) = (fs::symlink_metadata(&path), path.parent()) {
        not_planted(&path, &meta, folder)?;
    }
    Ok(path)
}

/// Opens a file to write to it in place. What is planted there between the look and the opening is not written to either.
pub fn open_in_place(path: &Path, options: &mut fs::OpenOptions) -> Result<File> {
    let path = target(path)?;
    let no_follow = i32::try_from(rustix::fs::OFlags::NOFOLLOW.bits()).unwrap_or_default();
    let file = options.custom_flags(no_follow).open(&path)?;
    if let Some(folder) = path.parent() {
        not_planted(&path, &file.metadata()?, folder)?;
    }
    Ok(file)
}

/// The folder that this user writes to, and no other user can: `root` itself, but where everybody may write (`/tmp`, a
/// volume of a container) one of the user's own in it.
pub fn private_folder(root: &Path) -> Result<PathBuf> {
    let no = |why: &str| Err(Error::other(why));
    let mut private = own_folder(root)?;
    let meta = fs::metadata(&private)?;
    if meta.mode() & 0o022 != 0 {
        if meta.mode() & 0o1000 == 0 {
            return no(
                "other users can write to it: take away their right (`chmod go-w`), or name another folder with LEAKGATE_CACHE",
            );
        }
        private.push(format!("user-{}", user()));
        make_private_dir(&private)?;
        let meta = fs::symlink_metadata(&private)?;
        if !meta.is_dir() || !is_own(&meta) {
            return no("everybody can write to it, and another user has made the folder of this user in it");
        }
    }
    Ok(private)
}

/// Makes `folder` with its parents; new ones are for this user only.
pub fn make_private_dir(folder: &Path) -> Result<()> {
    fs::DirBuilder::new().recursive(true).mode(0o700).create(folder)
}

/// Makes `link` lead to the folder `target`.
pub fn link_folder(target: &Path, link: &Path) -> Result<()> {
    std::os::unix::fs::symlink(target, link)
}

/// Opens a file to read it, without waiting where it is a named pipe.
pub fn open_without_waiting(path: &Path) -> Result<File> {
    let no_wait = i32::try_from(rustix::fs::OFlags::NONBLOCK.bits()).unwrap_or_default();
    File::options().read(true).custom_flags(no_wait).open(path)
}

/// What is locked while a file in `folder` is changed: the folder itself.
#[expect(
    clippy::disallowed_methods,
    reason = "edge: the folder of a rules file is opened"
)]
pub fn lock_of(folder: &Path) -> Result<File> {
    File::open(folder)
}

/// The one of `open` that is the file at `path`.
pub fn same_file(path: &Path, open: impl IntoIterator<Item = File>) -> Option<File> {
    let id = |meta: Metadata| (meta.dev(), meta.ino(), meta.rdev());
    let wanted = id(fs::metadata(path).ok()?);
    let is_it = |file: &File| file.metadata().is_ok_and(|own| id(own) == wanted);
    open.into_iter().find(is_it)
}

/// Lets its owner write to a file, beside what `permissions` allow.
pub fn writable(permissions: &fs::Permissions) -> fs::Permissions {
    fs::Permissions::from_mode(permissions.mode() | 0o200)
}

/// Lets everybody run a file.
pub fn make_executable(path: &Path) -> Result<()> {
    fs::set_permissions(path, fs::Permissions::from_mode(0o755))
}

/// Makes a folder of this user's own, and what is missing above it, and refuses it if another user can change what lies
/// in it: by owning it or a folder above, or by the right to write.
fn own_folder(path: &Path) -> Result<PathBuf> {
    let path = resolved(path)?;
    for folder in path.ancestors().collect::<Vec<_>>().into_iter().rev() {
        if fs::symlink_metadata(folder).is_err() {
            make(folder)?;
        }
        let meta = fs::symlink_metadata(folder)?;
        if !meta.is_dir() {
            return Err(Error::other(if folder == path {
                "it is no folder".to_owned()
            } else {
                format!("{} is no folder", folder.display())
            }));
        }
        if folder != path {
            above(folder, &meta)?;
        }
    }
    let meta = fs::symlink_metadata(&path)?;
    // Of root's folder in which this user can't write, the next attempt to write says so.
    if meta.uid() != user() && meta.uid() != 0 {
        return Err(Error::other(
            "it belongs to another user, whose code would run as yours",
        ));
    }
    Ok(path)
}

/// Of a folder above: whoever can rename what lies in it can put another folder in its place.
fn above(folder: &Path, meta: &Metadata) -> Result<()> {
    let name = folder.display();
    if meta.uid() != user() && meta.uid() != 0 {
        return Err(Error::other(format!(
            "{name} belongs to another user, who can replace what lies in it"
        )));
    }
    let sticky = meta.mode() & 0o1000 != 0;
    let own_group = meta.gid() == rustix::process::getegid().as_raw();
    let others = meta.mode() & 0o002 != 0 || (meta.mode() & 0o020 != 0 && !own_group);
    if others && !sticky {
        return Err(Error::other(format!(
            "other users can replace what lies in {name}: take away their right to write (`chmod go-w`)"
        )));
    }
    Ok(())
}

/// Makes one folder, for this user only. Another process may be quicker.
fn make(folder: &Path) -> Result<()> {
    match fs::DirBuilder::new().mode(0o700).create(folder) {
        Err(error) if error.kind() != std::io::ErrorKind::AlreadyExists => Err(error),
        _ => Ok(()),
    }
}

/// Whether only this user can write to it, and it is no link.
pub fn is_own(meta: &Metadata) -> bool {
    !meta.is_symlink() && meta.uid() == user() && meta.mode() & 0o022 == 0
}

#[cfg(test)]
#[expect(clippy::disallowed_methods, reason = "the tests lay out files")]
mod tests {
    use super::*;
    use std::os::unix::fs::{chown, symlink};

    /// Another user's: only root can lay out such a file.
    const OTHER: u32 = 12345;

    fn is_root() -> bool {
        user() == 0
    }

    fn mode(path: &Path, mode: u32) {
        fs::set_permissions(path, fs::Permissions::from_mode(mode)).unwrap();
    }

    #[test]
    fn links_of_ones_own_are_followed_also_to_what_is_not_there_yet() {
        let dir = tempfile::tempdir().unwrap();
        let root = dir.path().canonicalize().unwrap();
        fs::create_dir(root.join("real")).unwrap();
        symlink("real", root.join("link")).unwrap();
        symlink("link/../link/new", root.join("chain")).unwrap();
        assert_eq!(resolved(&root.join("chain/x")).unwrap(), root.join("real/new/x"));
        assert_eq!(resolved(&root.join("link/../y")).unwrap(), root.join("y"));
        symlink("loop", root.join("loop")).unwrap();
        assert!(resolved(&root.join("loop")).is_err());
    }

    #[test]
    fn what_another_user_planted_is_neither_followed_nor_written_to() {
        if !is_root() {
            return;
        }
        let dir = tempfile::tempdir().unwrap();
        let root = dir.path().canonicalize().unwrap();
        let victim = root.join("victim");
        fs::write(&victim, "precious").unwrap();
        let shared = root.join("shared");
        fs::create_dir(&shared).unwrap();
        for open in [0o1777, 0o777, 0o1775] {
            mode(&shared, open);
            let link = shared.join("report.json");
            symlink(&victim, &link).unwrap();
            std::os::unix::fs::lchown(&link, Some(OTHER), Some(OTHER)).unwrap();
            assert!(target(&link).is_err(), "{open:o}");
            assert!(target(&link.join("below")).is_err(), "{open:o}");
            fs::remove_file(&link).unwrap();
            let file = shared.join("file.json");
            fs::write(&file, "").unwrap();
            chown(&file, Some(OTHER), Some(OTHER)).unwrap();
            let opened = open_in_place(&file, File::options().append(true));
            assert!(opened.is_err(), "{open:o}");
            fs::remove_file(&file).unwrap();
        }
        // In a folder of one's own, and laid by the folder's owner, it is meant.
        mode(&shared, 0o755);
        let link = shared.join("report.json");
        symlink(&victim, &link).unwrap();
        std::os::unix::fs::lchown(&link, Some(OTHER), Some(OTHER)).unwrap();
        assert_eq!(target(&link).unwrap(), victim);
        mode(&shared, 0o1777);
        chown(&shared, Some(OTHER), Some(OTHER)).unwrap();
        assert_eq!(target(&link).unwrap(), victim);
    }

    #[test]
    fn a_folder_that_another_user_can_replace_is_refused_at_every_level() {
        if !is_root() {
            return;
        }
        let dir = tempfile::tempdir().unwrap();
        let root = dir.path().canonicalize().unwrap();
        let middle = root.join("middle");
        let cache = middle.join("cache");
        assert_eq!(own_folder(&cache).unwrap(), cache);
        assert_eq!(fs::metadata(&cache).unwrap().mode() & 0o777, 0o700);
        chown(&middle, Some(OTHER), Some(OTHER)).unwrap();
        assert!(own_folder(&cache).is_err());
        chown(&middle, Some(0), Some(OTHER)).unwrap();
        mode(&middle, 0o775);
        assert!(own_folder(&cache).is_err(), "its group can");
        mode(&middle, 0o777);
        assert!(own_folder(&cache).is_err());
        mode(&middle, 0o1777);
        assert!(own_folder(&cache).is_ok(), "sticky: no other user can rename it");
        mode(&middle, 0o755);
        chown(&cache, Some(OTHER), Some(OTHER)).unwrap();
        assert!(own_folder(&cache).is_err());
    }
}
