//! Values of flags, read the same way everywhere.

use std::path::PathBuf;

/// A value that is not another flag: `--junitfile -race` must not write a file named `-race`.
pub fn word(text: &str) -> Result<String, String> {
    if text.starts_with('-') {
        return Err(format!("`{text}` looks like a flag, not a value"));
    }
    Ok(text.to_owned())
}

/// A path that is not another flag.
pub fn path(text: &str) -> Result<PathBuf, String> {
    word(text).map(PathBuf::from)
}
