//! Whether an `[[allow]]` entry is about a leak.

use super::allow::{AllowEntry, MATCHER_KEYS};
use super::pattern::Pattern;
use crate::goroutine::name;
use crate::leak::Group;
use crate::package_path::PackagePath;

/// A module of the run: where it lies below the rules file, and its path.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ModuleRoot {
    /// Directory relative to the rules file, with `/`: empty for the same directory, `sub/mod`, or `..`.
    pub dir: String,
    /// Module path.
    pub path: String,
}

/// The names of a leak's functions in the spelling in which rules compare them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LeakNames {
    /// Innermost frame.
    pub top: Option<String>,
    /// Owner.
    pub entry: String,
    /// Creator.
    pub created_by: Option<String>,
    /// All frames.
    pub stack: Vec<String>,
    /// Indices of the user's own frames.
    pub own: Vec<usize>,
}

impl LeakNames {
    /// Of a leak.
    pub fn of(leak: &Group) -> Self {
        let stack: Vec<String> = leak
            .stack
            .iter()
            .map(|frame| name::normal(frame.func.as_str()))
            .collect();
        Self {
            top: stack.first().cloned(),
            entry: name::normal(leak.owner.as_str()),
            created_by: leak
                .created
                .as_ref()
                .map(|created| name::normal(created.func.as_str())),
            stack,
            own: leak.own_frames.clone(),
        }
    }

    /// Whether the user's own code runs above the frame with this index. The package of that frame is its library's,
    /// also where the library's own tests run.
    pub fn own_code_above(&self, reach: usize) -> bool {
        let package = |index: usize| self.stack.get(index).map(|func| name::package(func));
        let library = package(reach).or_else(|| self.created_by.as_deref().map(name::package));
        self.own
            .iter()
            .any(|&index| index < reach && package(index) != library)
    }
}

/// Whether the entry is about the leak: all of its keys match; of a list, one.
pub fn matches(entry: &AllowEntry, leak: &Group, names: &LeakNames, modules: &[ModuleRoot]) -> bool {
    MATCHER_KEYS
        .iter()
        .all(|key| matches_in(key, entry, leak, names, modules))
}

/// The keys in which the leak differs from the entry; none if the entry is about it.
pub fn differing(
    entry: &AllowEntry,
    leak: &Group,
    names: &LeakNames,
    modules: &[ModuleRoot],
) -> Vec<&'static str> {
    let differs = |key: &&&'static str| !matches_in(key, entry, leak, names, modules);
    MATCHER_KEYS.iter().filter(differs).copied().collect()
}

/// Whether the leak agrees with one key of the entry.
pub fn matches_in(
    key: &str,
    entry: &AllowEntry,
    leak: &Group,
    names: &LeakNames,
    modules: &[ModuleRoot],
) -> bool {
    let one = |patterns: &[Pattern], name: Option<&str>| {
        patterns.is_empty() || name.is_some_and(|name| patterns.iter().any(|pattern| pattern.matches(name)))
    };
    match key {
        "entry" => one(&entry.entry, Some(&names.entry)),
        "created-by" => one(&entry.created_by, names.created_by.as_deref()),
        "top" => one(&entry.top, names.top.as_deref()),
        "any" => entry.any.is_empty() || names.stack.iter().any(|name| one(&entry.any, Some(name))),
        "state" => one(&entry.state, Some(&leak.state.reason)),
        "package" => entry.package.is_empty() || in_package(&entry.package, &leak.package, modules),
        "test" => in_tests(&entry.test, leak),
        other => unreachable!("`{other}` is no key that matches"),
    }
}

/// What the leak has where an entry differs in this key, as an entry would write it.
pub fn value(key: &str, leak: &Group, names: &LeakNames) -> String {
    let optional = |name: &Option<String>| name.clone().unwrap_or_else(|| "none".to_owned());
    match key {
        "entry" => names.entry.clone(),
        "created-by" => optional(&names.created_by),
        "top" => optional(&names.top),
        "any" => "in none of its frames".to_owned(),
        "state" => leak.state.reason.clone(),
        "package" => leak.package.to_string(),
        "test" => {
            let tests: Vec<&str> = leak.tests.iter().map(|test| test.0.as_str()).collect();
            if tests.is_empty() {
                "none".to_owned()
            } else {
                tests.join(" or ")
            }
        }
        other => unreachable!("`{other}` is no key that matches"),
    }
}

/// Every test that may have started it must be named: a guess between two tests is not covered by one.
fn in_tests(patterns: &[Pattern], leak: &Group) -> bool {
    patterns.is_empty()
        || !leak.tests.is_empty()
            && leak
                .tests
                .iter()
                .all(|test| patterns.iter().any(|pattern| pattern.matches(&test.0)))
}

/// Whether patterns name a package, by import path or by directory.
pub fn in_package(patterns: &[Pattern], package: &PackagePath, modules: &[ModuleRoot]) -> bool {
    let dir = directory(package, modules);
    patterns.iter().any(|pattern| {
        if is_directory(pattern.text()) {
            dir.as_deref().is_some_and(|dir| pattern.matches(dir))
        } else {
            pattern.matches(package.as_str())
        }
    })
}

/// Whether a package pattern is written as a directory: `.`, `./x`, `../y/...`.
pub fn is_directory(text: &str) -> bool {
    let text = text.trim();
    text == "." || text == ".." || text.starts_with("./") || text.starts_with("../")
}

/// The package's directory below the rules file, written as a pattern would: `./x/y`, `.`.
fn directory(package: &PackagePath, modules: &[ModuleRoot]) -> Option<String> {
    let inside = |module: &&ModuleRoot| {
        let rest = package.as_str().strip_prefix(module.path.as_str());
        rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
    };
    let module = modules
        .iter()
        .filter(inside)
        .max_by_key(|module| module.path.len())?;
    let below = package.as_str()[module.path.len()..].trim_start_matches('/');
    let parts: Vec<&str> = [module.dir.as_str(), below]
        .into_iter()
        .filter(|part| !part.is_empty())
        .collect();
    Some(match parts.join("/") {
        joined if joined.is_empty() => ".".to_owned(),
        joined if is_directory(&joined) => joined,
        joined => format!("./{joined}"),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rules::pattern::Names;

    fn modules() -> Vec<ModuleRoot> {
        let root = |dir: &str, path: &str| ModuleRoot {
            dir: dir.into(),
            path: path.into(),
        };
        vec![
            root("", "example.com/shop"),
            root("tools/lint", "example.com/shop/tools/lint"),
        ]
    }

    fn covers(pattern: &str, package: &str) -> bool {
        let pattern = Pattern::parse(pattern, Names::Packages).unwrap();
        in_package(&[pattern], &PackagePath(package.to_owned()), &modules())
    }

    #[test]
    fn packages_are_named_by_directory_or_by_import_path() {
        assert!(covers("./cart/...", "example.com/shop/cart"));
        assert!(covers("./cart/...", "example.com/shop/cart/item"));
        assert!(!covers("./cart/...", "example.com/shop/cartoon"));
        assert!(covers("./cart", "example.com/shop/cart"));
        assert!(!covers("./cart", "example.com/shop/cart/item"));
        assert!(covers(".", "example.com/shop"));
        assert!(covers("./...", "example.com/shop"));
        assert!(covers("./tools/...", "example.com/shop/tools/lint/rules"));
        assert!(covers("example.com/shop/cart/...", "example.com/shop/cart/item"));
        assert!(!covers("./cart/...", "example.org/other/cart"));
    }
}
