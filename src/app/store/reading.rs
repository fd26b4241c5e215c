//! Input files, each within a limit: what is larger is no such file, and must cost neither the memory nor the time to
//! find that out. Edge: reads them.

use crate::gotest::trust;
use std::fs::File;
use std::io::{BufRead, BufReader, Error, Read};
use std::path::Path;

/// A `leakgate.toml`: some ten thousand entries.
pub const RULES: u64 = 1 << 20;
/// A baseline: some hundred thousand kinds of leak.
pub const BASELINE: u64 = 64 << 20;
/// A JSON report; in memory it takes two to five times its size.
pub const REPORT: u64 = 1 << 30;
/// A go.mod, a go.work, a file of `.git`.
pub const SMALL: u64 = 16 << 20;
/// A line of a log. test2json writes none over some kilobytes; what is longer is text, and taken in pieces.
pub const LINE: u64 = 64 << 20;

/// The whole of a file; `-` is standard input.
#[expect(
    clippy::disallowed_methods,
    reason = "this is the edge that reads input files"
)]
pub fn whole(path: &Path, limit: u64) -> std::io::Result<Vec<u8>> {
    if path == Path::new("-") {
        return up_to(std::io::stdin().lock(), limit);
    }
    let file = File::open(path)?;
    if file.metadata()?.len() > limit {
        return Err(too_large(limit));
    }
    up_to(file, limit)
}

/// The text of a file that is no longer than `limit` and UTF-8.
pub fn text(path: &Path, limit: u64) -> Option<String> {
    String::from_utf8(whole(path, limit).ok()?).ok()
}

/// A log, from its begin; `-` is standard input.
#[expect(clippy::disallowed_methods, reason = "this is the edge that reads logs")]
pub fn lines(path: &Path) -> std::io::Result<Box<dyn BufRead>> {
    if path == Path::new("-") {
        return Ok(Box::new(std::io::stdin().lock()));
    }
    Ok(Box::new(BufReader::with_capacity(256 << 10, File::open(path)?)))
}

/// A regular file, for paths that come from data: a named pipe or a device there must not hold us up.
pub fn regular(path: &Path, limit: u64) -> std::io::Result<Vec<u8>> {
    let file = trust::open_without_waiting(path)?;
    let meta = file.metadata()?;
    if !meta.is_file() {
        return Err(Error::other("it is no regular file"));
    }
    if meta.len() > limit {
        return Err(too_large(limit));
    }
    up_to(file, limit)
}

/// The same as text.
pub fn regular_text(path: &Path, limit: u64) -> Option<String> {
    String::from_utf8(regular(path, limit).ok()?).ok()
}

fn up_to(from: impl Read, limit: u64) -> std::io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    from.take(limit + 1).read_to_end(&mut bytes)?;
    if bytes.len() as u64 > limit {
        return Err(too_large(limit));
    }
    Ok(bytes)
}

fn too_large(limit: u64) -> Error {
    Error::other(format!("it is larger than {} MiB", limit >> 20))
}

/// Whether there is a file.
pub fn is_file(path: &Path) -> bool {
    path.is_file()
}

/// Whether there is a program by this name: here if it names a folder, else in one of the folders of `path`.
pub fn can_be_found(program: &Path, path: &str) -> bool {
    if program.components().count() > 1 {
        return program.is_file();
    }
    std::env::split_paths(path).any(|folder| folder.join(program).is_file())
}

#[cfg(test)]
#[expect(clippy::disallowed_methods, reason = "the test lays out a file")]
mod tests {
    use super::*;

    #[test]
    fn a_file_that_is_too_large_or_has_no_end_is_refused() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("x");
        File::create(&path).unwrap().set_len(RULES).unwrap();
        assert_eq!(whole(&path, RULES).unwrap().len() as u64, RULES);
        File::options()
            .write(true)
            .open(&path)
            .unwrap()
            .set_len(5 << 30)
            .unwrap();
        assert_eq!(
            whole(&path, RULES).unwrap_err().to_string(),
            "it is larger than 1 MiB"
        );
        let endless = whole(Path::new("/dev/zero"), RULES).unwrap_err().to_string();
        assert_eq!(endless, "it is larger than 1 MiB");
    }
}
