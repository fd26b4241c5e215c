//! Who owns a file, by the repository's CODEOWNERS. Edge: reads it.

use crate::app::project::here::Project;
use crate::app::store::reading;
use crate::rules::codeowners::{CodeOwners, Owners};
use std::path::Path;

/// Where GitHub, GitLab and others look for it, in their order.
const PLACES: [&str; 4] = [
    ".github/CODEOWNERS",
    "CODEOWNERS",
    "docs/CODEOWNERS",
    ".gitlab/CODEOWNERS",
];

/// The owners of a project's files. A list that can't be read names no owner.
pub fn of_project(project: &Project) -> Owners {
    let root = project.repository();
    let module = project.go_mod().and_then(Path::parent).unwrap_or(&project.dir);
    let text = PLACES.iter().find_map(|place| {
        let bytes = reading::whole(&root.join(place), reading::BASELINE).ok()?;
        String::from_utf8(bytes).ok()
    });
    let below = module.strip_prefix(root).unwrap_or(Path::new(""));
    let below = below.to_string_lossy().replace('\\', "/");
    Owners {
        list: text.map(|text| CodeOwners::read(&text)).unwrap_or_default(),
        below: if below.is_empty() {
            below
        } else {
            format!("{below}/")
        },
    }
}
