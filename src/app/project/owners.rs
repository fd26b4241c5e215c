//! Who owns a file, by the repository's CODEOWNERS. Edge: reads it.

use crate::app::project::here::Project;
use crate::app::store::reading;
use crate::leak::Leak;
use crate::rules::codeowners::CodeOwners;
use std::path::Path;

/// Where GitHub, GitLab and others look for it, in their order.
const PLACES: [&str; 4] = [
    ".github/CODEOWNERS",
    "CODEOWNERS",
    "docs/CODEOWNERS",
    ".gitlab/CODEOWNERS",
];

/// The owners of a repository's files.
#[derive(Debug, Default)]
pub struct Owners {
    list: CodeOwners,
    /// The module's folder below the repository's root, with `/` at its end, or empty.
    below: String,
}

impl Owners {
    /// Of the files of a project. A list that can't be read names no owner.
    pub fn of_project(project: &Project) -> Self {
        let root = project.repository();
        let module = project.go_mod().and_then(Path::parent).unwrap_or(&project.dir);
        let text = PLACES.iter().find_map(|place| {
            let bytes = reading::whole(&root.join(place), reading::BASELINE).ok()?;
            String::from_utf8(bytes).ok()
        });
        let below = module.strip_prefix(root).unwrap_or(Path::new(""));
        let below = below.to_string_lossy().replace('\\', "/");
        Self {
            list: text.map(|text| CodeOwners::read(&text)).unwrap_or_default(),
            below: if below.is_empty() {
                below
            } else {
                format!("{below}/")
            },
        }
    }

    /// Who owns the file in which a leak was started, else blocked.
    pub fn of(&self, leak: &Leak) -> Option<String> {
        let spots = [&leak.root.started_at, &leak.root.blocked_at, &leak.root.test_at];
        let file = spots
            .into_iter()
            .flatten()
            .find_map(|spot| spot.relative.as_deref())?;
        self.list
            .of(file)
            .or_else(|| self.list.of(&format!("{}{file}", self.below)))
    }
}
