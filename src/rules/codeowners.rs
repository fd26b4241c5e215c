//! `CODEOWNERS`: which people look after which files. The last line that matches a file decides.

use crate::leak::Leak;
use globset::{GlobBuilder, GlobMatcher};

/// The lines of the file.
#[derive(Debug, Clone, Default)]
pub struct CodeOwners {
    lines: Vec<(Vec<GlobMatcher>, String)>,
}

impl CodeOwners {
    /// Reads it. Lines that are no pattern with owners are passed over, as the platforms do.
    pub fn read(text: &str) -> Self {
        let lines = text.lines().filter_map(|line| {
            let line = line.split(" #").next().unwrap_or_default().trim();
            if line.is_empty() || line.starts_with(['#', '[', '^']) {
                return None;
            }
            let mut words = line.split_whitespace();
            let globs = globs(words.next()?)?;
            Some((globs, words.collect::<Vec<_>>().join(" ")))
        });
        Self {
            lines: lines.collect(),
        }
    }

    /// Who owns a file, by its path below the root. A line without owners says that it has none.
    pub fn of(&self, file: &str) -> Option<String> {
        let matches = |globs: &[GlobMatcher]| globs.iter().any(|glob| glob.is_match(file));
        let last = self.lines.iter().rev().find(|(globs, _)| matches(globs))?;
        Some(last.1.clone()).filter(|owners| !owners.is_empty())
    }
}

/// The owners of the code that leaks.
#[derive(Debug, Clone, Default)]
pub struct Owners {
    /// The file.
    pub list: CodeOwners,
    /// The module's folder below the repository's root, with `/` at its end, or empty.
    pub below: String,
}

impl Owners {
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

/// A pattern as gitignore reads it: anchored if a slash is in it before its end, and a folder means all below it.
fn globs(pattern: &str) -> Option<Vec<GlobMatcher>> {
    let folder = pattern.ends_with('/');
    let plain = pattern.trim_end_matches('/');
    let anchored = plain.contains('/');
    let plain = plain.trim_start_matches('/');
    let base = if anchored {
        plain.to_owned()
    } else {
        format!("**/{plain}")
    };
    // `docs/*` is about files directly in docs.
    let shallow = base.ends_with("/*") && !base.ends_with("**/*");
    let below = format!("{base}/**");
    let wanted = match (folder, shallow) {
        (true, _) => vec![below],
        (false, true) => vec![base],
        (false, false) => vec![base, below],
    };
    let build = |glob: &String| {
        let glob = GlobBuilder::new(glob).literal_separator(true).build().ok()?;
        Some(glob.compile_matcher())
    };
    wanted.iter().map(build).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_line_that_matches_decides() {
        let owners = CodeOwners::read(
            "# all\n*  @all\n*.go @go # Go\n/cart/ @cart @pay\ndocs/*  @docs\nstore @store\n/store/free\n[Section]\n",
        );
        for (file, owner) in [
            ("README.md", Some("@all")),
            ("x/y.go", Some("@go")),
            ("cart/cart.go", Some("@cart @pay")),
            ("sub/cart/cart.go", Some("@go")),
            ("docs/a.md", Some("@docs")),
            ("docs/b/a.md", Some("@all")),
            ("x/store/s.go", Some("@store")),
            ("store/free/s.go", None),
        ] {
            assert_eq!(owners.of(file).as_deref(), owner, "{file}");
        }
        assert_eq!(CodeOwners::read("").of("a.go"), None);
    }
}
