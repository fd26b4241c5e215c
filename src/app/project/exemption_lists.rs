//! Files of a tree in which other tools keep their exemptions: Go source, `metadata.yaml`.

use std::path::{Path, PathBuf};

/// All of them in `folder`, and below it if asked; `None` where there is no such folder.
pub fn files(folder: &Path, below: bool) -> Option<Vec<PathBuf>> {
    if !folder.is_dir() {
        return None;
    }
    let mut open = vec![folder.to_path_buf()];
    let mut files = Vec::new();
    while let Some(folder) = open.pop() {
        for entry in std::fs::read_dir(&folder).into_iter().flatten().flatten() {
            let name = entry.file_name().to_string_lossy().into_owned();
            let Ok(kind) = entry.file_type() else { continue };
            if kind.is_dir() {
                if below
                    && !name.starts_with('.')
                    && !matches!(name.as_str(), "vendor" | "node_modules" | "testdata")
                {
                    open.push(entry.path());
                }
            } else if name.ends_with(".go") || name == "metadata.yaml" {
                files.push(entry.path());
            }
        }
    }
    files.sort();
    Some(files)
}
