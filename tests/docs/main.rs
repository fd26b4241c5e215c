//! The user guide is true where a machine can tell: the command reference is the program's own, links lead somewhere, and
//! the words are plain.

#![expect(
    clippy::disallowed_methods,
    clippy::unwrap_used,
    reason = "a test reads the docs"
)]

mod plain;

use std::path::{Path, PathBuf};

/// `UPDATE_DOCS=1 cargo test --test docs` writes the page anew.
#[test]
fn the_command_reference_is_the_programs_own() {
    let page = leakgate::cli::markdown();
    let path = Path::new("docs/commands.md");
    if std::env::var_os("UPDATE_DOCS").is_some() {
        std::fs::write(path, &page).unwrap();
    }
    let written = std::fs::read_to_string(path).unwrap_or_default();
    assert_eq!(
        written, page,
        "write it anew with UPDATE_DOCS=1 cargo test --test docs"
    );
}

fn pages() -> Vec<PathBuf> {
    let mut pages: Vec<PathBuf> = ["README.md", "CONTRIBUTING.md", "CHANGELOG.md"]
        .map(PathBuf::from)
        .to_vec();
    let mut folders = vec![PathBuf::from("docs"), PathBuf::from("examples")];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|extension| extension == "md") {
                pages.push(path);
            }
        }
    }
    pages
}

#[test]
fn every_relative_link_leads_to_a_file() {
    let link = regex::Regex::new(r"\]\(([^)#\s]+)(#[^)]*)?\)").unwrap();
    let mut dead = Vec::new();
    for page in pages() {
        let text = std::fs::read_to_string(&page).unwrap();
        for found in link.captures_iter(&text) {
            let target = &found[1];
            if !target.contains("://") && !page.parent().unwrap().join(target).exists() {
                dead.push(format!("{}: {target}", page.display()));
            }
        }
    }
    assert!(dead.is_empty(), "{}", dead.join("\n"));
}

#[test]
fn every_page_of_the_guide_is_named_in_the_readme() {
    let readme = std::fs::read_to_string("README.md").unwrap();
    for entry in std::fs::read_dir("docs").unwrap() {
        let path = entry.unwrap().path();
        let of_the_book = ["README.md", "SUMMARY.md"]
            .iter()
            .any(|name| path.ends_with(name));
        if path.extension().is_some_and(|extension| extension == "md") && !of_the_book {
            assert!(
                readme.contains(&path.display().to_string()),
                "README.md does not name {}",
                path.display()
            );
        }
    }
}

#[test]
fn every_page_of_the_guide_is_in_the_book() {
    let summary = std::fs::read_to_string("docs/SUMMARY.md").unwrap();
    for page in pages() {
        if let Ok(page) = page.strip_prefix("docs")
            && !page.ends_with("SUMMARY.md")
        {
            assert!(
                summary.contains(&format!("({})", page.display())),
                "docs/SUMMARY.md does not name {}",
                page.display()
            );
        }
    }
}
