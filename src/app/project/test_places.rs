//! Where a test function is declared: what a report points at when no line of the leak itself is the user's own.
//! Edge: reads the test files of a package, once.

use crate::app::store::reading;
use crate::gate::judging::TestPlaces;
use crate::goroutine::Location;
use crate::leak::MainModule;
use crate::package_path::PackagePath;
use std::cell::RefCell;
use std::collections::HashMap;
use std::path::{Component, Path, PathBuf};

/// Declarations of test functions by package, read on first use.
#[derive(Debug)]
pub struct TestFiles {
    modules: Vec<MainModule>,
    packages: RefCell<HashMap<PackagePath, HashMap<String, Location>>>,
}

impl TestFiles {
    /// Of packages in `modules`.
    pub fn of(modules: Vec<MainModule>) -> Self {
        Self {
            modules,
            packages: RefCell::default(),
        }
    }
}

impl TestPlaces for TestFiles {
    fn declared(&self, package: &PackagePath, function: &str) -> Option<Location> {
        let mut packages = self.packages.borrow_mut();
        let places = packages
            .entry(package.clone())
            .or_insert_with(|| declarations(package, &self.modules));
        places.get(function).cloned()
    }
}

/// The folder of a package in one of the user's modules.
fn folder(package: &PackagePath, modules: &[MainModule]) -> Option<PathBuf> {
    let inside = |module: &MainModule| {
        let rest = package.0.strip_prefix(&module.path)?;
        match rest.strip_prefix('/') {
            // A log names the package, and must not lead out of the module.
            Some(rest) => Path::new(rest)
                .components()
                .all(|part| matches!(part, Component::Normal(_)))
                .then(|| Path::new(&module.dir).join(rest)),
            None => rest.is_empty().then(|| PathBuf::from(&module.dir)),
        }
    };
    modules.iter().filter_map(inside).find(|folder| folder.is_dir())
}

fn declarations(package: &PackagePath, modules: &[MainModule]) -> HashMap<String, Location> {
    let mut found = HashMap::new();
    let Some(folder) = folder(package, modules) else {
        return found;
    };
    for entry in std::fs::read_dir(folder).into_iter().flatten().flatten() {
        let path = entry.path();
        if !path.to_string_lossy().ends_with("_test.go") {
            continue;
        }
        let text = reading::regular_text(&path, reading::SMALL).unwrap_or_default();
        for (number, line) in (1..).zip(text.lines()) {
            if let Some((name, _)) = line.strip_prefix("func ").and_then(|rest| rest.split_once('(')) {
                let at = Location {
                    file: path.display().to_string(),
                    line: number,
                };
                found.entry(name.to_owned()).or_insert(at);
            }
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    #[expect(clippy::disallowed_methods, reason = "the test lays out a package")]
    fn a_test_is_found_in_the_folder_of_its_package() {
        let dir = tempfile::tempdir().unwrap();
        let cart = dir.path().join("cart");
        std::fs::create_dir_all(&cart).unwrap();
        std::fs::write(
            cart.join("a_test.go"),
            "package cart\n\nfunc TestA(t *testing.T) {\n}\n",
        )
        .unwrap();
        std::fs::write(cart.join("a.go"), "package cart\n\nfunc TestB() {}\n").unwrap();
        let modules = [MainModule {
            path: "example.com/shop".into(),
            dir: dir.path().display().to_string(),
        }];
        let found = declarations(&PackagePath("example.com/shop/cart".into()), &modules);
        assert_eq!(found["TestA"].line, 3);
        assert_eq!(found.len(), 1, "only test files are read");
        assert!(declarations(&PackagePath("example.com/shopping".into()), &modules).is_empty());
    }
}
