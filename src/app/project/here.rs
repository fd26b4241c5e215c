//! The project that a folder is in: its rules file, repository, module and workspace, found in one walk upward.

use super::ground::Ground;
use super::team_file::TeamFile;
use crate::app::Failure;
use crate::app::store::environment::lookup;
use std::path::{Path, PathBuf};

/// Names of the rules file, in the order they are looked for in each folder.
pub const FILE_NAMES: [&str; 3] = ["leakgate.toml", ".leakgate.toml", ".config/leakgate.toml"];

/// A folder, and what is nearest above it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Project {
    /// The folder that was asked about.
    pub dir: PathBuf,
    rules: Option<PathBuf>,
    repository: Option<PathBuf>,
    go_mod: Option<PathBuf>,
    go_work: Option<PathBuf>,
}

impl Project {
    /// Of the working folder, by the name that the user reached it by (`PWD`), as go has it: through a link to a module,
    /// all files are named below the link.
    pub fn here() -> Result<Self, Failure> {
        let real = std::env::current_dir()
            .map_err(|error| Failure::Message(format!("no working folder: {error}")))?;
        let named = lookup("PWD")
            .map(PathBuf::from)
            .filter(|named| named.is_absolute());
        let same = |named: &PathBuf| named.canonicalize().is_ok_and(|canonical| canonical == real);
        Ok(Self::of(named.filter(same).unwrap_or(real)))
    }

    /// Of `dir`. A rules file counts up to the folder of the repository, and no further.
    pub fn of(dir: PathBuf) -> Self {
        let mut found = Self {
            rules: None,
            repository: None,
            go_mod: None,
            go_work: None,
            dir: PathBuf::new(),
        };
        for folder in dir.ancestors() {
            let file = |name: &str| Some(folder.join(name)).filter(|path| path.is_file());
            if found.repository.is_none() {
                found.rules = found
                    .rules
                    .or_else(|| FILE_NAMES.iter().find_map(|name| file(name)));
                let vcs = [".git", ".hg", ".jj", ".svn"];
                found.repository = vcs
                    .iter()
                    .any(|vcs| folder.join(vcs).exists())
                    .then(|| folder.to_path_buf());
            }
            found.go_mod = found.go_mod.or_else(|| file("go.mod"));
            found.go_work = found.go_work.or_else(|| file("go.work"));
        }
        found.dir = dir;
        found
    }

    /// The nearest rules file.
    pub fn rules_file(&self) -> Option<&Path> {
        self.rules.as_deref()
    }

    /// The rules file to change: as given, else the nearest, else a new one in [`Project::root`].
    pub fn rules(&self, given: Option<&Path>) -> TeamFile {
        let path = match (given, &self.rules) {
            (Some(path), _) => self.dir.join(path),
            (None, Some(path)) => path.clone(),
            (None, None) => self.root().join("leakgate.toml"),
        };
        TeamFile::at(path, &self.dir)
    }

    /// The folder of the project: of the rules file, else of the repository, else of the workspace or module.
    pub fn root(&self) -> PathBuf {
        match &self.rules {
            Some(path) => TeamFile::at(path.clone(), &self.dir).root(),
            None => self
                .repository
                .as_deref()
                .unwrap_or_else(|| self.home())
                .to_path_buf(),
        }
    }

    /// The folder of the repository, else the folder itself.
    pub fn repository(&self) -> &Path {
        self.repository.as_deref().unwrap_or(&self.dir)
    }

    /// The folder of the workspace, else of the module, else the folder itself: what go builds as a whole.
    pub fn home(&self) -> &Path {
        let file = self.go_work.as_deref().or(self.go_mod.as_deref());
        file.and_then(Path::parent).unwrap_or(&self.dir)
    }

    /// The nearest go.mod.
    pub fn go_mod(&self) -> Option<&Path> {
        self.go_mod.as_deref()
    }

    /// Where the code lies, found without asking go.
    pub fn ground(&self) -> Ground {
        let name = |path: &Option<PathBuf>| {
            path.as_ref()
                .map(|path| path.display().to_string())
                .unwrap_or_default()
        };
        Ground::unasked(name(&self.go_mod), name(&self.go_work))
    }
}

#[cfg(test)]
#[expect(clippy::disallowed_methods, reason = "the tests lay out folders")]
mod tests {
    use super::*;

    fn lay(dir: &Path, files: &[&str]) {
        for file in files {
            let path = dir.join(file);
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::write(path, "").unwrap();
        }
    }

    #[test]
    fn everything_is_found_in_one_walk() {
        let dir = tempfile::tempdir().unwrap();
        let root = dir.path();
        lay(
            root,
            &[
                "leakgate.toml",
                "repo/.git/HEAD",
                "repo/go.work",
                "repo/m/go.mod",
                "repo/m/a/b/x.go",
            ],
        );
        let project = Project::of(root.join("repo/m/a/b"));
        assert_eq!(
            project.rules_file(),
            None,
            "one above the repository is another project's"
        );
        assert_eq!(project.repository(), root.join("repo"));
        assert_eq!(project.root(), root.join("repo"));
        assert_eq!(
            project.home(),
            root.join("repo"),
            "a workspace holds its modules together"
        );
        assert_eq!(project.go_mod(), Some(&*root.join("repo/m/go.mod")));
        lay(root, &["repo/m/.config/leakgate.toml"]);
        let project = Project::of(root.join("repo/m/a/b"));
        assert_eq!(
            project.root(),
            root.join("repo/m"),
            "the folder that its paths are relative to"
        );
        assert_eq!(
            project.rules(None).path,
            root.join("repo/m/.config/leakgate.toml")
        );
    }

    #[test]
    fn every_folder_of_a_module_has_one_home() {
        let dir = tempfile::tempdir().unwrap();
        let root = dir.path();
        lay(root, &["go.mod", "a/b/x.go", "c/go.mod"]);
        assert_eq!(Project::of(root.join("a/b")).home(), root);
        assert_eq!(
            Project::of(root.join("c")).home(),
            root.join("c"),
            "a module of its own"
        );
        let nothing = tempfile::tempdir().unwrap();
        assert_eq!(Project::of(nothing.path().into()).repository(), nothing.path());
    }
}
