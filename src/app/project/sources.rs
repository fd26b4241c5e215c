//! Reads source files for reports, each at most once. Edge: touches files.

use crate::leak::Sources;
use std::cell::RefCell;
use std::collections::HashMap;
use std::path::Path;
use std::sync::Arc;

/// A source file larger than this is not read: no hand-written Go file is.
const MAX_SOURCE_BYTES: u64 = 8 << 20;

/// Source files by absolute path; read on first use and kept.
#[derive(Debug, Default)]
pub struct SourceFiles {
    files: RefCell<HashMap<String, Option<Arc<str>>>>,
}

impl Sources for SourceFiles {
    fn read(&self, file: &str) -> Option<Arc<str>> {
        let mut files = self.files.borrow_mut();
        files
            .entry(file.to_owned())
            .or_insert_with(|| read(Path::new(file)))
            .clone()
    }
}

#[expect(
    clippy::disallowed_methods,
    reason = "this is the edge that reads source files"
)]
fn read(path: &Path) -> Option<Arc<str>> {
    let meta = std::fs::metadata(path).ok()?;
    if !meta.is_file() || meta.len() > MAX_SOURCE_BYTES {
        return None;
    }
    let bytes = std::fs::read(path).ok()?;
    Some(String::from_utf8_lossy(&bytes).into())
}
