//! A file that a team keeps: `leakgate.toml` or the baseline.
//!
//! A change is made under a lock on the file's folder (so that two at once lose nothing and no lock file stays behind),
//! from what the file says then, and put in place in one piece with the old mode. Links are followed.

use crate::app::Failure;
use crate::app::store::environment::lookup;
use crate::app::store::reading;
use crate::app::store::replace::{Replacement, folder_of};
use crate::diag::problem::{self, Colour};
use crate::gotest::cache::plain;
use crate::gotest::trust;
use crate::settings::file::{self, RulesFile};
use similar::TextDiff;
use std::path::{Path, PathBuf};

/// A file that a team keeps.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TeamFile {
    /// Where it is, or would be.
    pub path: PathBuf,
    /// How messages name it.
    pub name: String,
}

/// What a change did.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Change {
    /// Text before; `None` if there was no file.
    pub before: Option<String>,
    /// Text after.
    pub after: String,
}

impl Change {
    /// As a unified diff; empty if nothing changed.
    pub fn diff(&self, name: &str) -> String {
        diff(self.before.as_deref().unwrap_or_default(), &self.after, name)
    }
}

/// Two texts as a unified diff.
pub fn diff(before: &str, after: &str, name: &str) -> String {
    TextDiff::from_lines(before, after)
        .unified_diff()
        .context_radius(3)
        .header(name, name)
        .to_string()
}

impl TeamFile {
    /// A file by its path.
    pub fn at(path: PathBuf, dir: &Path) -> Self {
        let name = path.strip_prefix(dir).unwrap_or(&path).display().to_string();
        Self { path, name }
    }

    /// The folder that paths in the rules file are relative to.
    pub fn root(&self) -> PathBuf {
        let folder = self.path.parent().unwrap_or(Path::new("."));
        match folder.file_name() {
            Some(name) if name == ".config" => folder.parent().unwrap_or(folder).to_path_buf(),
            _ => folder.to_path_buf(),
        }
    }

    /// Its text; `None` if it does not exist.
    pub fn text(&self) -> Result<Option<String>, Failure> {
        let bytes = match reading::whole(&self.path, reading::BASELINE) {
            Ok(bytes) => bytes,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(Failure::Message(format!("can't read {}: {error}", self.name))),
        };
        let text = String::from_utf8(bytes);
        text.map(Some).map_err(|error| {
            let good = &error.as_bytes()[..error.utf8_error().valid_up_to()];
            let line = good.iter().filter(|byte| **byte == b'\n').count() + 1;
            Failure::Message(format!("{}:{line}: not UTF-8; save the file as UTF-8", self.name))
        })
    }

    /// Its text, where the verb makes no sense without one.
    pub fn existing(&self) -> Result<String, Failure> {
        let none = || Failure::Message(format!("there is no {}; `leakgate init` writes one", self.name));
        self.text()?.ok_or_else(none)
    }

    /// Reads rules.
    pub fn parse(&self, text: &str) -> Result<RulesFile, Failure> {
        small_enough(&self.name, text.len())?;
        file::read(text).map_err(|problems| {
            Failure::Laid(problem::render(&self.name, text, &problems, Colour::Plain) + "\n")
        })
    }

    /// Changes the file: `change` gets the text (empty if there is none) and gives the new one.
    pub fn change(&self, change: impl FnOnce(&str) -> Result<String, Failure>) -> Result<Change, Failure> {
        let fail =
            |error: std::io::Error| Failure::Message(format!("can't write {}: {}", self.name, plain(error)));
        let target = trust::target(&self.path).map_err(fail)?;
        if std::fs::metadata(&target).is_ok_and(|meta| !meta.is_file()) {
            return Err(fail(std::io::Error::other("it is no regular file")));
        }
        let folder = folder_of(&target);
        let lock = trust::lock_of(folder).map_err(fail)?;
        lock.lock().map_err(fail)?;
        let before = self.text()?;
        let after = change(before.as_deref().unwrap_or_default())?;
        if before.as_deref() != Some(after.as_str()) {
            Replacement::of(&target)
                .and_then(|file| file.persist(after.as_bytes()))
                .map_err(fail)?;
        }
        drop(lock);
        Ok(Change { before, after })
    }
}

/// Rules are changed by people: a CI that adds its own exceptions is no gate.
pub fn refuse_in_ci(told: bool, what: &str) -> Result<(), Failure> {
    let ci = lookup("CI").is_some_and(|value| !matches!(value.as_str(), "" | "0" | "false"));
    if ci && !told {
        return Err(Failure::Message(format!(
            "{what} is not changed in CI: rules are changed by people; run this on your machine and commit, or give --in-ci"
        )));
    }
    Ok(())
}

/// Thousands of exceptions are no rules, and would take minutes to compare with each other.
pub fn small_enough(name: &str, bytes: usize) -> Result<(), Failure> {
    if bytes as u64 <= reading::RULES {
        return Ok(());
    }
    Err(Failure::Message(format!(
        "{name} is larger than {} MiB; so many known leaks belong in a baseline (`leakgate baseline write`)",
        reading::RULES >> 20
    )))
}

#[cfg(test)]
#[expect(clippy::disallowed_methods, reason = "the tests lay out files")]
mod tests {
    use super::*;

    #[test]
    fn twenty_at_once_lose_nothing() {
        let dir = tempfile::tempdir().unwrap();
        let file = TeamFile::at(dir.path().join("leakgate.toml"), dir.path());
        std::thread::scope(|scope| {
            for n in 0..20 {
                let file = &file;
                scope.spawn(move || file.change(|text| Ok(format!("{text}# {n}\n"))).unwrap());
            }
        });
        let text = std::fs::read_to_string(&file.path).unwrap();
        let mut lines: Vec<u32> = text.lines().map(|line| line[2..].parse().unwrap()).collect();
        lines.sort_unstable();
        assert_eq!(lines, (0..20).collect::<Vec<_>>());
        assert_eq!(
            std::fs::read_dir(dir.path()).unwrap().count(),
            1,
            "no lock or temporary file stays"
        );
    }

    #[test]
    #[cfg(unix)]
    fn mode_and_link_stay() {
        use std::os::unix::fs::{PermissionsExt, symlink};
        let dir = tempfile::tempdir().unwrap();
        let real = dir.path().join("real.toml");
        std::fs::write(&real, "version = 1\n").unwrap();
        std::fs::set_permissions(&real, std::fs::Permissions::from_mode(0o664)).unwrap();
        let link = dir.path().join("leakgate.toml");
        symlink(&real, &link).unwrap();
        let change = TeamFile::at(link.clone(), dir.path())
            .change(|text| Ok(format!("{text}# x\n")))
            .unwrap();
        assert_eq!(change.diff("a").lines().last(), Some("+# x"));
        assert!(link.is_symlink());
        assert_eq!(
            std::fs::metadata(&real).unwrap().permissions().mode() & 0o777,
            0o664
        );
        assert_eq!(std::fs::read_to_string(&real).unwrap(), "version = 1\n# x\n");
    }

    #[test]
    fn a_failed_change_leaves_the_file_alone() {
        let dir = tempfile::tempdir().unwrap();
        let file = TeamFile::at(dir.path().join("x"), dir.path());
        assert!(file.change(|_| Err(Failure::BrokenPipe)).is_err());
        assert_eq!(file.text().unwrap(), None);
    }
}
