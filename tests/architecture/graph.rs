//! The files of `src/` and the arrows between them: who takes a name from whom. Test code draws no arrow.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

/// A module of the crate: `["app", "run", "once"]`; the root has no segment.
pub type Name = Vec<String>;

/// A file with the module that it is.
pub struct Module {
    pub file: PathBuf,
    /// Without comments and test code.
    pub text: String,
    /// Name of a re-exported item → its path.
    exports: BTreeMap<String, Name>,
}

/// All modules.
pub struct Graph {
    pub modules: BTreeMap<Name, Module>,
    pub arrows: BTreeMap<Name, BTreeSet<Name>>,
}

impl Graph {
    pub fn read(source: &Path) -> Self {
        let mut modules = BTreeMap::new();
        read_folder(source, &Name::new(), &mut modules);
        let mut graph = Self {
            modules,
            arrows: BTreeMap::new(),
        };
        for name in graph.modules.keys().cloned().collect::<Vec<_>>() {
            let text = &graph.modules[&name].text;
            let (shown, taken): (Vec<_>, Vec<_>) = paths(text, &name, &graph.children(&name))
                .into_iter()
                .partition(|path| path.public);
            let exports = shown.into_iter().filter_map(|path| {
                let item = path.alias.or_else(|| path.target.last().cloned())?;
                Some((item, path.target))
            });
            let exports = exports.collect();
            graph
                .arrows
                .insert(name.clone(), taken.into_iter().map(|path| path.target).collect());
            graph.modules.get_mut(&name).expect("it is there").exports = exports;
        }
        let resolved: Vec<(Name, BTreeSet<Name>)> = graph
            .arrows
            .iter()
            .map(|(from, targets)| {
                let mut targets: BTreeSet<Name> =
                    targets.iter().map(|target| graph.resolve(target, 0)).collect();
                targets.remove(from);
                // What a folder's own `mod.rs` declares is shared by its files.
                targets.retain(|target| !from.starts_with(target));
                // `crate::` alone names no file.
                targets.remove(&Name::new());
                (from.clone(), targets)
            })
            .collect();
        graph.arrows = resolved.into_iter().collect();
        graph
    }

    fn children(&self, name: &Name) -> Vec<String> {
        self.modules
            .keys()
            .filter(|other| other.len() == name.len() + 1 && other.starts_with(name))
            .map(|other| other[name.len()].clone())
            .collect()
    }

    /// The module whose file holds what the path names; a re-export is followed.
    fn resolve(&self, path: &Name, depth: usize) -> Name {
        let end = (0..=path.len())
            .rev()
            .find(|end| self.modules.contains_key(&path[..*end]))
            .unwrap_or(0);
        let module = path[..end].to_vec();
        let export = path
            .get(end)
            .and_then(|item| self.modules[&module].exports.get(item));
        match export {
            Some(target) if depth < 8 => {
                let mut target = target.clone();
                target.extend_from_slice(&path[end + 1..]);
                self.resolve(&target, depth + 1)
            }
            _ => module,
        }
    }

    /// Groups of modules that each reach the others.
    pub fn circles(&self) -> Vec<Vec<Name>> {
        let reached: BTreeMap<&Name, BTreeSet<&Name>> =
            self.modules.keys().map(|name| (name, self.reach(name))).collect();
        let mut circles = BTreeSet::new();
        for (name, others) in &reached {
            let circle: Vec<Name> = others
                .iter()
                .filter(|other| reached[**other].contains(*name))
                .map(|other| (*other).clone())
                .collect();
            if circle.len() > 1 {
                circles.insert(circle);
            }
        }
        circles.into_iter().collect()
    }

    fn reach<'a>(&'a self, from: &'a Name) -> BTreeSet<&'a Name> {
        let mut found = BTreeSet::new();
        let mut open = vec![from];
        while let Some(name) = open.pop() {
            for target in self.arrows.get(name).into_iter().flatten() {
                if found.insert(target) {
                    open.push(target);
                }
            }
        }
        found
    }
}

fn read_folder(folder: &Path, name: &Name, modules: &mut BTreeMap<Name, Module>) {
    let mut entries: Vec<PathBuf> = std::fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .collect();
    entries.sort();
    let mut only_tests = BTreeSet::new();
    for path in entries
        .iter()
        .filter(|path| path.extension().is_some_and(|end| end == "rs"))
    {
        only_tests.extend(test_files(&std::fs::read_to_string(path).unwrap()));
    }
    for path in entries {
        let stem = path.file_stem().unwrap().to_string_lossy().into_owned();
        if only_tests.contains(&stem) {
            continue;
        }
        if path.is_dir() {
            let mut name = name.clone();
            name.push(stem);
            read_folder(&path, &name, modules);
        } else if path.extension().is_some_and(|end| end == "rs") && stem != "main" {
            let mut name = name.clone();
            if stem != "mod" && stem != "lib" {
                name.push(stem);
            }
            let text = without_tests(&std::fs::read_to_string(&path).unwrap());
            modules.insert(
                name,
                Module {
                    file: path,
                    text,
                    exports: BTreeMap::new(),
                },
            );
        }
    }
}

/// Stems of files that a file declares as modules for tests only.
fn test_files(text: &str) -> Vec<String> {
    let mut found = Vec::new();
    for (at, _) in text.match_indices("#[cfg(test)]") {
        let mut file = None;
        for line in text[at..].lines().skip(1).map(str::trim) {
            if let Some(path) = line.strip_prefix("#[path = \"") {
                file = path.strip_suffix(".rs\"]").map(str::to_owned);
            } else if line.starts_with("#[") {
                continue;
            } else {
                let name = line
                    .trim_start_matches("pub ")
                    .trim_start_matches("pub(crate) ")
                    .strip_prefix("mod ")
                    .and_then(|name| name.strip_suffix(';'));
                found.extend(name.map(|name| file.unwrap_or(name.to_owned())));
                break;
            }
        }
    }
    found
}

/// The text without comments, up to its module of tests.
fn without_tests(text: &str) -> String {
    let mut kept = String::new();
    let mut lines = text.lines().peekable();
    while let Some(line) = lines.next() {
        let bare = line.trim();
        if bare == "#[cfg(test)]" && line == bare {
            let item = lines
                .clone()
                .find(|line| line.starts_with("mod ") || line.ends_with('{'));
            if item.is_some_and(|item| item.starts_with("mod ") && item.ends_with('{')) {
                break;
            }
        }
        if !bare.starts_with("//") {
            kept.push_str(line);
            kept.push('\n');
        }
    }
    kept
}

struct Taken {
    target: Name,
    alias: Option<String>,
    public: bool,
}

/// Every path of the text that begins with `crate`, `super`, `self` or a child, as seen from the root.
fn paths(text: &str, module: &Name, children: &[String]) -> Vec<Taken> {
    let mut found = Vec::new();
    let bytes = text.as_bytes();
    let word = |at: usize| at < bytes.len() && (bytes[at].is_ascii_alphanumeric() || bytes[at] == b'_');
    let mut at = 0;
    while at < bytes.len() {
        if !word(at) || (at > 0 && (word(at - 1) || bytes[at - 1] == b':' || bytes[at - 1] == b'.')) {
            at += 1;
            continue;
        }
        let end = (at..).find(|end| !word(*end)).expect("the text ends");
        let first = &text[at..end];
        let is_path = text[end..].starts_with("::");
        let base = match first {
            "crate" if is_path => Some(Name::new()),
            "self" if is_path => Some(module.clone()),
            "super" if is_path => Some(module[..module.len().saturating_sub(1)].to_vec()),
            child if is_path && children.iter().any(|name| name == child) => {
                let mut name = module.clone();
                name.push(child.to_owned());
                Some(name)
            }
            _ => None,
        };
        if let Some(base) = base {
            let line = &text[text[..at].rfind('\n').map_or(0, |at| at + 1)..at];
            let public = line.trim_start().starts_with("pub") && line.trim_end().ends_with("use");
            tree(&text[end + 2..], base, &mut |target, alias| {
                found.push(Taken {
                    target,
                    alias,
                    public,
                });
            });
        }
        at = end;
    }
    found
}

/// `a::{b, c::d as e}` → each leaf. Gives how much of the text it is.
fn tree(text: &str, base: Name, leaf: &mut dyn FnMut(Name, Option<String>)) -> usize {
    let skip = |at: usize| at + (text[at..].len() - text[at..].trim_start().len());
    let mut at = skip(0);
    if text[at..].starts_with('{') {
        at += 1;
        loop {
            at = skip(at);
            if at >= text.len() || text[at..].starts_with('}') {
                return at + 1;
            }
            at += tree(&text[at..], base.clone(), leaf);
            at = skip(at);
            if text[at..].starts_with(',') {
                at += 1;
            }
        }
    }
    let length = text[at..]
        .find(|c: char| !c.is_alphanumeric() && c != '_')
        .unwrap_or(text.len() - at);
    let word = &text[at..at + length];
    let mut name = base;
    match word {
        "super" => {
            name.pop();
        }
        "self" => {}
        "" => return at + 1,
        word => name.push(word.to_owned()),
    }
    at += length;
    if text[at..].starts_with("::") && !text[at..].starts_with("::<") {
        return at + 2 + tree(&text[at + 2..], name, leaf);
    }
    let alias = text[at..].strip_prefix(" as ").map(|rest| {
        let end = rest
            .find(|c: char| !c.is_alphanumeric() && c != '_')
            .unwrap_or(rest.len());
        rest[..end].to_owned()
    });
    at += alias.as_ref().map_or(0, |alias| alias.len() + 4);
    leaf(name, alias);
    at
}
