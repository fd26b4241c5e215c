//! What lint has to know about the code; an edge gathers it, nothing here reads a file.

use super::super::go_mod::GoMod;
use super::super::matching::ModuleRoot;
use crate::goroutine::name;
use crate::rules::AllowEntry;
use std::collections::{BTreeMap, BTreeSet};

/// The functions of a package, in the spelling in which rules compare them, without the package's path.
pub type Functions = BTreeSet<String>;

/// What is known of the code that the rules are about. What is not known is not judged.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Facts {
    /// Every go.mod below the rules file, with its directory.
    pub modules: Vec<(ModuleRoot, GoMod)>,
    /// Functions of packages whose source was found; an empty set if the module is there and the package is not.
    pub packages: BTreeMap<String, Functions>,
    /// Directories below the rules file that hold Go files: `.`, `./x/y`.
    pub directories: Option<BTreeSet<String>>,
}

/// Where the source of a package is to be looked for.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Home {
    /// In the standard library.
    Std,
    /// In a module below the rules file: its directory, and the package's directory in it.
    Own(String, String),
    /// In a required module: path, version and the package's directory in it.
    Required(String, String, String),
    /// Replaced by a directory: the directory of the go.mod, the replacement, the package's directory in it.
    Replaced(String, String, String),
}

impl Facts {
    /// The import paths that entries name exactly, with their home. A path without a home belongs to no known module.
    pub fn wanted(&self, entries: &[AllowEntry]) -> BTreeMap<String, Option<Home>> {
        let exact = entries
            .iter()
            .flat_map(AllowEntry::functions)
            .filter_map(|(_, pattern)| pattern.exact());
        exact
            .map(|function| self.split(function).0.to_owned())
            .filter(|package| is_judged(package))
            .map(|package| {
                let home = self.home(&package);
                (package, home)
            })
            .collect()
    }

    /// A function in compared spelling as package and name in it. A dot in the last element of the path may belong
    /// to the path (`lumberjack.v2`, `nats.go`): the first split whose package is known holds.
    pub fn split<'a>(&self, function: &'a str) -> (&'a str, &'a str) {
        let first = name::package(function);
        let head = function.split('(').next().unwrap_or(function);
        let dots = (first.len()..head.len()).filter(|at| head.as_bytes()[*at] == b'.');
        let package = dots
            .map(|at| &function[..at])
            .find(|package| self.home(package).is_some())
            .unwrap_or(first);
        (package, function[package.len()..].trim_start_matches('.'))
    }

    /// Where a package comes from. External test packages (`x_test`) live with the package.
    pub fn home(&self, package: &str) -> Option<Home> {
        if name::is_std(&format!("{package}.F"))
            && !self
                .modules
                .iter()
                .any(|(root, _)| below(package, &root.path).is_some())
        {
            return Some(Home::Std);
        }
        let plain = package.strip_suffix("_test").unwrap_or(package);
        let own = self
            .modules
            .iter()
            .filter_map(|(root, _)| Some((root, below(plain, &root.path)?)));
        if let Some((root, dir)) = own.max_by_key(|(root, _)| root.path.len()) {
            return Some(Home::Own(root.dir.clone(), dir));
        }
        let required = self
            .modules
            .iter()
            .flat_map(|(root, go_mod)| go_mod.requires.iter().map(move |r| (root, go_mod, r)));
        let (root, go_mod, (path, version), dir) = required
            .filter_map(|(root, go_mod, r)| Some((root, go_mod, r, below(package, &r.0)?)))
            .max_by_key(|(_, _, r, _)| r.0.len())?;
        Some(match go_mod.replaces.iter().find(|(from, ..)| from == path) {
            Some((_, to, None)) => Home::Replaced(root.dir.clone(), to.clone(), dir),
            Some((_, to, Some(version))) => Home::Required(to.clone(), version.clone(), dir),
            None => Home::Required(path.clone(), version.clone(), dir),
        })
    }

    /// Whether every module that a build can need is known.
    pub fn lists_everything(&self) -> bool {
        !self.modules.is_empty() && self.modules.iter().all(|(_, go_mod)| go_mod.lists_everything())
    }
}

/// A program's own package is called `main` in every program: nothing can be said of it.
pub fn is_judged(package: &str) -> bool {
    !matches!(package, "main" | "main_test" | "command-line-arguments" | "")
}

/// The part of a package path below a module's path.
fn below(package: &str, module: &str) -> Option<String> {
    let rest = package.strip_prefix(module)?;
    (rest.is_empty() || rest.starts_with('/')).then(|| rest.trim_start_matches('/').to_owned())
}
