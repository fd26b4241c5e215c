//! The map in `src/lib.rs` is true: every room is in it, and a room imports only from rooms above it.

#![expect(
    clippy::disallowed_methods,
    clippy::unwrap_used,
    reason = "a test reads the source tree"
)]

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

fn source(path: &Path) -> String {
    std::fs::read_to_string(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// Rooms in the order of the table in `src/lib.rs`.
fn rooms() -> Vec<String> {
    source(Path::new("src/lib.rs"))
        .lines()
        .filter_map(|line| line.strip_prefix("//! | `")?.split('`').next().map(str::to_owned))
        .collect()
}

fn rust_files(path: &Path, found: &mut Vec<PathBuf>) {
    if path.is_file() {
        found.push(path.to_path_buf());
        return;
    }
    for entry in std::fs::read_dir(path).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() || path.extension().is_some_and(|extension| extension == "rs") {
            rust_files(&path, found);
        }
    }
}

fn files_of(room: &str) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for place in [format!("src/{room}"), format!("src/{room}.rs")] {
        let place = Path::new(&place);
        if place.exists() {
            rust_files(place, &mut found);
        }
    }
    found
}

/// The first path segments after `crate::`, also in `use crate::{a::b, c}`.
fn imports(text: &str) -> BTreeSet<String> {
    let name = |text: &str| {
        text.trim()
            .chars()
            .take_while(|c| c.is_alphanumeric() || *c == '_')
            .collect::<String>()
    };
    let mut found = BTreeSet::new();
    for (at, _) in text.match_indices("crate::") {
        let rest = &text[at + "crate::".len()..];
        match rest.strip_prefix('{') {
            Some(group) => found.extend(
                group
                    .split(['}', ';'])
                    .next()
                    .unwrap_or_default()
                    .split(',')
                    .map(name),
            ),
            None => {
                found.insert(name(rest));
            }
        }
    }
    found
}

#[test]
fn every_room_is_on_the_map_and_every_room_on_the_map_exists() {
    let lib = source(Path::new("src/lib.rs"));
    let declared: BTreeSet<String> = lib
        .lines()
        .filter_map(|line| {
            line.strip_prefix("pub mod ")?
                .strip_suffix(';')
                .map(str::to_owned)
        })
        .collect();
    assert_eq!(declared, rooms().into_iter().collect());
}

#[test]
fn a_room_imports_only_from_rooms_above_it() {
    let rooms = rooms();
    let mut wrong = Vec::new();
    for (index, room) in rooms.iter().enumerate() {
        let files = files_of(room);
        assert!(!files.is_empty(), "{room} has no file");
        for file in files {
            for import in imports(&source(&file)) {
                if let Some(other) = rooms.iter().position(|room| *room == import)
                    && other > index
                {
                    wrong.push(format!(
                        "{} imports {import}, which is below {room}",
                        file.display()
                    ));
                }
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn every_file_says_what_it_is_for() {
    let mut files = Vec::new();
    rust_files(Path::new("src"), &mut files);
    let silent: Vec<_> = files
        .into_iter()
        .filter(|file| !source(file).starts_with("//!"))
        .collect();
    assert!(silent.is_empty(), "no //! at the head of {silent:?}");
}
