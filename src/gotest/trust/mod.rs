//! Files and folders in which another user may have a hand: links, files and named pipes planted where everybody may
//! write, and folders whose content another user can replace. One file a platform, with the same items. Edge: files.

#[cfg(unix)]
mod unix;
#[cfg(windows)]
mod windows;

#[cfg(unix)]
pub use unix::*;
#[cfg(windows)]
pub use windows::*;
