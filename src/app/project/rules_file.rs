//! Finds, reads and changes files that a team keeps: `leakgate.toml` and the baseline. Edge.
//!
//! A change is made under a lock on the file's folder (so that two at once lose nothing and no lock file stays behind),
//! from what the file says then, and put in place in one piece with the old mode. Links are followed.

use crate::app::Failure;
use crate::app::output::output_file::folder_of;
use crate::app::output::patient::{self, Losses};
use crate::app::project::config::{self, lookup};
use crate::app::store::reading;
use crate::exit::ExitCode;
use crate::gotest::cache::plain;
use crate::gotest::trust;
use crate::report::safe_text::safe_terminal;
use crate::rules::problem::{self, Colour};
use crate::settings::file::{self, RulesFile};
use similar::TextDiff;
use std::fs::File;
use std::io::Write;
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
    /// The rules file: as given, else found upward from `dir`, else `leakgate.toml` in the project's root.
    pub fn rules(given: Option<&Path>, dir: &Path) -> Self {
        let path = match given {
            Some(path) => dir.join(path),
            None => config::find(dir).unwrap_or_else(|| project_root(dir).join("leakgate.toml")),
        };
        Self::at(path, dir)
    }

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
        text.map(Some)
            .map_err(|_| Failure::Message(format!("{}: not UTF-8; save the file as UTF-8", self.name)))
    }

    /// Its text, where the verb makes no sense without one.
    pub fn existing(&self) -> Result<String, Failure> {
        let none = || Failure::Message(format!("there is no {}; `leakgate init` writes one", self.name));
        self.text()?.ok_or_else(none)
    }

    /// Reads rules.
    pub fn parse(&self, text: &str) -> Result<RulesFile, Failure> {
        config::small_enough(&self.name, text.len())?;
        file::read(text).map_err(|problems| {
            Failure::Laid(problem::render(&self.name, text, &problems, Colour::Plain) + "\n")
        })
    }

    /// Changes the file: `change` gets the text (empty if there is none) and gives the new one.
    #[expect(clippy::disallowed_methods, reason = "edge: the lock is on the folder")]
    pub fn change(&self, change: impl FnOnce(&str) -> Result<String, Failure>) -> Result<Change, Failure> {
        let fail =
            |error: std::io::Error| Failure::Message(format!("can't write {}: {}", self.name, plain(error)));
        let target = trust::target(&self.path).map_err(fail)?;
        if std::fs::metadata(&target).is_ok_and(|meta| !meta.is_file()) {
            return Err(fail(std::io::Error::other("it is no regular file")));
        }
        let folder = folder_of(&target);
        let lock = File::open(folder).map_err(fail)?;
        lock.lock().map_err(fail)?;
        let before = self.text()?;
        let after = change(before.as_deref().unwrap_or_default())?;
        if before.as_deref() != Some(after.as_str()) {
            put(&target, folder, after.as_bytes()).map_err(fail)?;
        }
        drop(lock);
        Ok(Change { before, after })
    }
}

fn put(target: &Path, folder: &Path, bytes: &[u8]) -> std::io::Result<()> {
    let mut file = tempfile::Builder::new()
        .prefix(".leakgate-")
        .tempfile_in(folder)?;
    file.as_file_mut().write_all(bytes)?;
    file.as_file().sync_all()?;
    file.as_file().set_permissions(permissions(target)?)?;
    file.persist(target).map_err(|error| error.error)?;
    Ok(())
}

/// The mode of the file that is replaced, else that of any other file of the tree.
fn permissions(target: &Path) -> std::io::Result<std::fs::Permissions> {
    if let Ok(old) = std::fs::metadata(target) {
        return Ok(old.permissions());
    }
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        Ok(std::fs::Permissions::from_mode(0o644))
    }
    #[cfg(not(unix))]
    {
        std::fs::metadata(target.parent().unwrap_or(Path::new("."))).map(|folder| folder.permissions())
    }
}

/// The folder of the project that `dir` is in: of the rules file, else of the repository, else of the module, else `dir`.
pub fn project_root(dir: &Path) -> PathBuf {
    if let Some(path) = config::find(dir) {
        return TeamFile::at(path, dir).root();
    }
    let holds = |names: &'static [&'static str]| {
        move |folder: &&Path| names.iter().any(|name| folder.join(name).exists())
    };
    let repository = dir.ancestors().find(holds(&[".git", ".hg", ".jj", ".svn"]));
    let module = || dir.ancestors().find(holds(&["go.work", "go.mod"]));
    repository.or_else(module).unwrap_or(dir).to_path_buf()
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

/// The working folder, by the name that the user reached it by (`PWD`), as go has it: through a link to a module, all
/// files are named below the link.
pub fn working_folder() -> Result<PathBuf, Failure> {
    let real =
        std::env::current_dir().map_err(|error| Failure::Message(format!("no working folder: {error}")))?;
    let named = lookup("PWD")
        .map(PathBuf::from)
        .filter(|named| named.is_absolute());
    let same = |named: &PathBuf| named.canonicalize().is_ok_and(|canonical| canonical == real);
    Ok(named.filter(same).unwrap_or(real))
}

/// Writes to standard output.
pub fn say(text: &str) -> Result<(), Failure> {
    let mut out = anstream::stdout().lock();
    out.write_all(safe_terminal(text).as_bytes())
        .and_then(|()| out.flush())
        .map_err(Failure::stdout)
}

/// The last word of a verb whose exit code is a verdict: it stands whoever reads.
pub fn conclude(text: &str, verdict: ExitCode) -> ExitCode {
    let text = safe_terminal(text);
    patient::conclude(anstream::stdout(), text.as_bytes(), verdict, &Losses::default())
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
