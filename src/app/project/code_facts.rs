//! What lint has to know about the code: go.mod files, folders and functions. Edge: reads source, runs no Go.

use super::ground;
use super::here::Project;
use crate::app::store::environment::lookup;
use crate::app::store::reading;
use crate::go_source;
use crate::goroutine::name;
use crate::rules::AllowEntry;
use crate::rules::go_mod::GoMod;
use crate::rules::lint::facts::Functions;
use crate::rules::lint::{Facts, Home};
use crate::rules::matching::ModuleRoot;
use std::collections::BTreeSet;
use std::path::{Component, Path, PathBuf};

/// Folders that Go does not look into.
const SKIPPED: [&str; 3] = ["vendor", "testdata", "node_modules"];

/// Most folders looked at; a tree that is bigger is judged by what was seen.
const FOLDERS: usize = 50_000;

/// Gathers what lint can know about these entries without running anything.
pub fn gather(root: &Path, entries: &[AllowEntry]) -> Facts {
    let tree = Tree::walk(root);
    let mut facts = Facts {
        modules: tree.modules,
        packages: [].into(),
        directories: tree.whole.then_some(tree.directories),
    };
    if facts.modules.is_empty() {
        facts.modules.extend(above(root));
    }
    let places = Places::look();
    for (package, home) in facts.wanted(entries) {
        if let Some(functions) = home.and_then(|home| places.functions(root, &package, &home)) {
            facts.packages.insert(package, functions);
        }
    }
    facts
}

/// The modules below a folder, or the one that it is in.
pub fn modules(root: &Path) -> Vec<ModuleRoot> {
    let mut modules = Tree::walk(root).modules;
    if modules.is_empty() {
        modules.extend(above(root));
    }
    modules.into_iter().map(|(module, _)| module).collect()
}

/// What lies below a folder.
#[derive(Debug, Default)]
struct Tree {
    modules: Vec<(ModuleRoot, GoMod)>,
    directories: BTreeSet<String>,
    whole: bool,
}

impl Tree {
    fn walk(root: &Path) -> Self {
        let mut tree = Self::default();
        let mut open = vec![(root.to_path_buf(), String::new())];
        let mut seen = 0;
        while let Some((folder, relative)) = open.pop() {
            seen += 1;
            if seen > FOLDERS {
                return tree;
            }
            tree.folder(&folder, &relative, &mut open);
        }
        tree.modules.sort_by(|a, b| a.0.dir.cmp(&b.0.dir));
        tree.whole = true;
        tree
    }

    fn folder(&mut self, folder: &Path, relative: &str, open: &mut Vec<(PathBuf, String)>) {
        for entry in std::fs::read_dir(folder).into_iter().flatten().flatten() {
            let name = entry.file_name().to_string_lossy().into_owned();
            let Ok(kind) = entry.file_type() else { continue };
            if kind.is_dir() {
                if !name.starts_with(['.', '_']) && !SKIPPED.contains(&name.as_str()) {
                    let below = if relative.is_empty() {
                        name
                    } else {
                        format!("{relative}/{name}")
                    };
                    open.push((entry.path(), below));
                }
            } else if name == "go.mod" {
                self.modules.extend(module(&entry.path(), relative));
            } else if name.ends_with(".go") {
                self.directories.insert(if relative.is_empty() {
                    ".".to_owned()
                } else {
                    format!("./{relative}")
                });
            }
        }
    }
}

fn module(path: &Path, dir: &str) -> Option<(ModuleRoot, GoMod)> {
    let go_mod = GoMod::read(&reading::regular_text(path, reading::SMALL)?);
    (!go_mod.module.is_empty()).then(|| {
        (
            ModuleRoot {
                dir: dir.to_owned(),
                path: go_mod.module.clone(),
            },
            go_mod,
        )
    })
}

/// The nearest go.mod above, for a rules file that lies within a module.
fn above(root: &Path) -> Option<(ModuleRoot, GoMod)> {
    let project = Project::of(root.to_path_buf());
    let file = project.go_mod()?;
    let up = root.strip_prefix(file.parent()?).ok()?.components().count();
    module(file, &vec![".."; up].join("/"))
}

/// Where source lies on this machine.
struct Places {
    modules: Option<PathBuf>,
    std: Option<PathBuf>,
}

impl Places {
    fn look() -> Self {
        let set = |name: &str| lookup(name).filter(|value| !value.is_empty()).map(PathBuf::from);
        Self {
            modules: ground::module_cache(),
            std: set("GOROOT").map(|path| path.join("src")),
        }
    }

    /// The functions of a package; an empty set if its module is there and the package is not; `None` if nothing is known.
    fn functions(&self, root: &Path, package: &str, home: &Home) -> Option<Functions> {
        let (module, dir, whose) = match home {
            Home::Std => (self.std.clone()?, package.to_owned(), Tests::Without),
            Home::Own(module, dir) => (root.join(module), dir.clone(), Tests::With),
            Home::Replaced(module, to, dir) => (root.join(module).join(to), dir.clone(), Tests::Without),
            Home::Required(path, version, dir) => (
                self.modules
                    .as_deref()
                    .map(|cache| in_cache(cache, path, version))?,
                dir.clone(),
                Tests::Without,
            ),
        };
        // A package is named by a rule, which must not lead out of its module.
        let leads_out = Path::new(&dir)
            .components()
            .any(|part| !matches!(part, Component::Normal(_)));
        if !module.is_dir() || leads_out {
            return None;
        }
        declared(&module.join(dir), whose)
    }
}

/// The folder of a module in the module cache.
pub fn in_cache(cache: &Path, module: &str, version: &str) -> PathBuf {
    cache.join(format!("{}@{}", escaped(module), escaped(version)))
}

/// Whether functions of `_test.go` files count.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Tests {
    With,
    Without,
}

fn declared(folder: &Path, tests: Tests) -> Option<Functions> {
    let mut functions = Functions::new();
    for entry in std::fs::read_dir(folder).into_iter().flatten().flatten() {
        let name = entry.file_name().to_string_lossy().into_owned();
        if !name.ends_with(".go") || (tests == Tests::Without && name.ends_with("_test.go")) {
            continue;
        }
        // Source that can't be read says nothing about what it declares.
        let source = reading::regular_text(&entry.path(), reading::SMALL)?;
        functions.extend(
            go_source::functions(&source)
                .iter()
                .map(|function| local(function)),
        );
    }
    Some(functions)
}

/// The name in the spelling in which rules compare it.
fn local(function: &str) -> String {
    name::normal(&format!("p.{function}"))
        .trim_start_matches("p.")
        .to_owned()
}

/// Go writes upper-case letters of module paths as `!` and the lower-case one.
fn escaped(path: &str) -> String {
    path.chars()
        .flat_map(|c| {
            if c.is_ascii_uppercase() {
                vec!['!', c.to_ascii_lowercase()]
            } else {
                vec![c]
            }
        })
        .collect()
}

#[cfg(test)]
#[expect(clippy::disallowed_methods, reason = "the test lays out files")]
mod tests {
    use super::*;
    use crate::settings::file;

    #[test]
    fn functions_of_own_code_are_found_and_gone_ones_missed() {
        let dir = tempfile::tempdir().unwrap();
        let put = |path: &str, text: &str| {
            let path = dir.path().join(path);
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::write(path, text).unwrap();
        };
        put("go.mod", "module example.com/shop\ngo 1.24\n");
        put("cart/cart.go", "package cart\nfunc (c *Cart) watch() {}\n");
        put("cart/cart_test.go", "package cart_test\nfunc helper() {}\n");
        put("vendor/x/x.go", "package x\n");
        put("tools/go.mod", "module example.com/tools\ngo 1.24\n");
        let entries = file::read(
            "[[allow]]\nany = [\"example.com/shop/cart.New\", \"example.com/shop/gone.F\", \"a.com/b.C\"]\n",
        )
        .unwrap()
        .allow;
        let facts = gather(dir.path(), &entries);
        assert_eq!(facts.modules.len(), 2);
        assert_eq!(facts.directories, Some(["./cart".to_owned()].into()));
        let cart: Vec<&str> = facts.packages["example.com/shop/cart"]
            .iter()
            .map(String::as_str)
            .collect();
        assert_eq!(cart, ["(*Cart).watch", "helper"]);
        assert!(facts.packages["example.com/shop/gone"].is_empty());
        assert!(!facts.packages.contains_key("a.com/b"));
    }

    #[test]
    fn module_paths_are_escaped_as_go_does() {
        assert_eq!(
            escaped("github.com/BurntSushi/toml"),
            "github.com/!burnt!sushi/toml"
        );
    }
}
