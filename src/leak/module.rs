//! What is the user's own code, and where its files lie.

use super::{SourceLine, Spot};
use crate::go_source::GoFiles;
use crate::goroutine::{Frame, FuncName, Goroutine, Location, name};
use crate::package_path::PackagePath;
use std::sync::Arc;

/// A main module: of `go.mod`, or one of a workspace.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MainModule {
    /// Module path.
    pub path: String,
    /// Its folder, absolute.
    pub dir: String,
}

/// What judging must know of the user's modules.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct ModuleInfo {
    /// The main module, or all of a workspace.
    pub modules: Vec<MainModule>,
    /// `go env GOROOT` (all that the build may have compiled in).
    pub goroots: Vec<String>,
    /// Folder that reported paths are relative to: the repository's root, or the module's.
    pub root: String,
    /// Lines of source shown for each place.
    pub source_lines: SourceLines,
}

/// How many lines of source are shown for each place; 0 shows none.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SourceLines(pub u32);

impl Default for SourceLines {
    fn default() -> Self {
        Self(3)
    }
}

/// Own code and sources of one package under test.
#[derive(Clone, Copy)]
pub struct Code<'a> {
    /// The package whose tests ran.
    pub package: &'a PackagePath,
    /// The modules.
    pub module: &'a ModuleInfo,
    /// The files.
    pub sources: &'a GoFiles,
}

impl Code<'_> {
    /// Whether a frame is the user's own: of a main module, and neither std nor a dependency.
    pub fn is_own(&self, frame: &Frame) -> bool {
        self.is_own_at(&frame.func, frame.at.as_ref())
    }

    /// The same, for a function and its place.
    pub fn is_own_at(&self, func: &FuncName, at: Option<&Location>) -> bool {
        let file = at.map_or("", |at| at.file.as_str());
        if file == "_testmain.go" || self.is_foreign(file) {
            return false;
        }
        if self.is_under_test(func.as_str()) {
            return true;
        }
        let path = name::import_path(func.as_str());
        let path = path.strip_suffix("_test").unwrap_or(&path);
        let mut modules = self.module.modules.iter();
        if path == "main" {
            return modules.any(|module| below(file, &module.dir).is_some());
        }
        modules.any(|module| path == module.path || below(path, &module.path).is_some())
    }

    /// Whether a function is one of the package under test, or of its external tests.
    pub fn is_under_test(&self, func: &str) -> bool {
        let path = name::import_path(func);
        let path = path.strip_suffix("_test").unwrap_or(&path);
        let package = self.package.as_str();
        path == package || path == "command-line-arguments" || Some(path) == package.strip_suffix("_test")
    }

    /// A file of Go itself or of a dependency, as far as its path tells.
    fn is_foreign(&self, file: &str) -> bool {
        file.contains("@v")
            || file.contains("/vendor/")
            || self
                .module
                .goroots
                .iter()
                .any(|goroot| below(file, goroot).is_some())
    }

    /// Whether an absolute path is that of a file of a main module.
    pub fn is_own_file(&self, file: &str) -> bool {
        let mut modules = self.module.modules.iter();
        !self.is_foreign(file) && modules.any(|module| below(file, &module.dir).is_some())
    }

    /// Whether an import path is neither of the standard library nor of a main module.
    pub fn is_dependency(&self, import_path: &str) -> bool {
        let mut modules = self.module.modules.iter();
        !name::is_std_path(import_path)
            && !modules.any(|module| import_path == module.path || below(import_path, &module.path).is_some())
    }

    /// Learns from dumps in which folders packages lie.
    pub fn learn<'g>(&self, goroutines: impl Iterator<Item = &'g Goroutine>) {
        let mut seen = std::collections::BTreeSet::new();
        let mut learn = |func: &FuncName, at: Option<&Location>| {
            let path = name::import_path(func.as_str());
            let Some(at) = at.filter(|at| at.file.ends_with(".go") && path != "main") else {
                return;
            };
            if seen.insert(path.to_string()) {
                let file = self.absolute(&at.file);
                let path = path
                    .strip_suffix("_test")
                    .filter(|_| file.ends_with("_test.go"))
                    .unwrap_or(&path);
                self.sources.learn(path, &file);
            }
        };
        for goroutine in each_once(goroutines) {
            for frame in &goroutine.frames {
                learn(&frame.func, frame.at.as_ref());
            }
            if let Some(created) = &goroutine.created {
                learn(&created.func, created.at.as_ref());
            }
        }
    }

    /// Index of the innermost own frame.
    pub fn innermost_own(&self, frames: &[Frame]) -> Option<usize> {
        frames.iter().position(|frame| self.is_own(frame))
    }

    /// The absolute path of a file as a dump names it: `-trimpath` puts the module path in front, and nothing before files
    /// of the standard library; Bazel names files from its workspace.
    pub fn absolute(&self, file: &str) -> String {
        let of_module = |module: &super::MainModule| {
            below(file, &module.path).map(|rest| format!("{}/{rest}", module.dir))
        };
        if is_absolute(file) {
            return file.to_owned();
        }
        if let Some(path) = self.module.modules.iter().find_map(of_module) {
            return path;
        }
        let of_std = match self.module.goroots.first() {
            Some(goroot) if !file.contains("@v") => format!("{goroot}/src/{file}"),
            _ => file.to_owned(),
        };
        if self.sources.text(&of_std).is_some() {
            return of_std;
        }
        let folders = self.module.modules.iter().map(|module| module.dir.as_str());
        [self.module.root.as_str()]
            .into_iter()
            .chain(folders)
            .filter(|folder| !folder.is_empty())
            .map(|folder| format!("{}/{file}", folder.trim_end_matches('/')))
            .find(|path| self.sources.text(path).is_some())
            .unwrap_or(of_std)
    }

    /// The text of a file as a dump names it.
    pub fn read(&self, file: &str) -> Option<Arc<str>> {
        self.sources.text(&self.absolute(file))
    }

    /// A spot with the line, the one before and the one after.
    pub fn spot(&self, func: &FuncName, at: &Location) -> Spot {
        let absolute = self.absolute(&at.file);
        let relative = below(&absolute, &self.module.root).map(str::to_owned);
        let lines = self.around(&absolute, at.line).unwrap_or_default();
        Spot {
            func: func.clone(),
            at: at.clone(),
            relative,
            lines,
        }
    }

    /// A line and those around it, as many as are wanted; none if the file does not have it.
    fn around(&self, file: &str, line: u32) -> Option<Vec<SourceLine>> {
        let others = self.module.source_lines.0.checked_sub(1)?;
        let before = others.div_ceil(2);
        let (first, last) = (
            line.saturating_sub(before).max(1),
            line.saturating_add(others - before),
        );
        let (text, from) = self.sources.text_from(file, first)?;
        let lines: Vec<SourceLine> = (first..=last)
            .zip(text[from..].lines())
            .map(|(number, text)| SourceLine {
                number,
                text: text.to_owned(),
            })
            .collect();
        lines.iter().any(|found| found.number == line).then_some(lines)
    }
}

/// Goroutines without those that are equal to the one before: equal ones share their block, and come together.
pub fn each_once<'g>(goroutines: impl Iterator<Item = &'g Goroutine>) -> impl Iterator<Item = &'g Goroutine> {
    let mut last: Option<&Goroutine> = None;
    goroutines.filter(move |goroutine| {
        let before = last.replace(*goroutine);
        !before.is_some_and(|before| std::ptr::eq(before, *goroutine))
    })
}

/// What follows a folder (or import path) and its `/`.
fn below<'a>(path: &'a str, dir: &str) -> Option<&'a str> {
    if dir.is_empty() {
        return None;
    }
    path.strip_prefix(dir.strip_suffix('/').unwrap_or(dir))?
        .strip_prefix('/')
}

fn is_absolute(file: &str) -> bool {
    file.starts_with('/')
        || file
            .get(1..3)
            .is_some_and(|drive| drive == ":/" || drive == ":\\")
}

#[cfg(test)]
mod tests {
    use super::*;

    struct One;
    impl crate::go_source::Sources for One {
        fn read(&self, file: &str) -> Option<Arc<str>> {
            match file {
                "/w/shop/cart/x.go" | "/go/src/net/x.go" | "/w/net/x.go" => {
                    Some("package cart\n\nfunc F() {\n\t<-ch\n}\n".into())
                }
                "/w/numbers.go" => Some("1\n2\n3\n4\n5\n6\n".into()),
                _ => None,
            }
        }
    }

    fn with<T>(check: impl FnOnce(Code<'_>) -> T) -> T {
        with_lines(SourceLines::default(), check)
    }

    fn with_lines<T>(source_lines: SourceLines, check: impl FnOnce(Code<'_>) -> T) -> T {
        let module = ModuleInfo {
            source_lines,
            modules: vec![MainModule {
                path: "example.com/shop".into(),
                dir: "/w/shop".into(),
            }],
            goroots: vec!["/go".into()],
            root: "/w".into(),
        };
        check(Code {
            package: &PackagePath("example.com/shop/cart".into()),
            module: &module,
            sources: &GoFiles::new(One),
        })
    }

    fn own(func: &str, file: &str) -> bool {
        with(|code| {
            code.is_own_at(
                &FuncName(func.into()),
                Some(&Location {
                    file: file.into(),
                    line: 1,
                }),
            )
        })
    }

    #[test]
    fn as_many_lines_as_wanted_stand_around_the_line() {
        let numbers = |line, wanted| {
            let lines = with_lines(SourceLines(wanted), |code| code.around("/w/numbers.go", line));
            let lines = lines.unwrap_or_default().into_iter();
            assert!(lines.clone().all(|line| line.text == line.number.to_string()));
            lines.map(|line| line.number).collect::<Vec<_>>()
        };
        assert_eq!(numbers(3, 3), [2, 3, 4]);
        assert_eq!(numbers(3, 1), [3]);
        assert_eq!(numbers(3, 4), [1, 2, 3, 4]);
        assert_eq!(numbers(1, 5), [1, 2, 3]);
        assert_eq!(numbers(3, 0), [0_u32; 0]);
        assert_eq!(numbers(9, 3), [0_u32; 0], "no such line");
    }

    #[test]
    fn own_is_what_the_main_module_holds() {
        assert!(own("example.com/shop/cart.F", "/w/shop/cart/x.go"));
        assert!(own("example.com/shop/cart_test.TestF", "/w/shop/cart/x_test.go"));
        assert!(own("example.com/shop.F.func1", "example.com/shop/x.go"));
        assert!(own("main.main", "/w/shop/cmd/main.go"));
        assert!(!own("main.main", "_testmain.go"));
        assert!(!own("example.com/shopping.F", "/w/shopping/x.go"));
        assert!(!own(
            "example.com/shop/v2.F",
            "/m/pkg/mod/example.com/shop/v2@v2.0.1/x.go"
        ));
        assert!(!own("example.com/shop/cart.(*Set[...]).F", "/go/src/x.go"));
        assert!(!own("net/http.Get", "/go/src/net/http/client.go"));
        assert!(!own("github.com/a/b.F", "/w/shop/vendor/github.com/a/b/x.go"));
    }

    #[test]
    fn a_file_of_the_standard_library_is_not_looked_for_in_the_workspace() {
        with(|code| {
            assert_eq!(code.absolute("net/x.go"), "/go/src/net/x.go");
            assert_eq!(code.absolute("net/y.go"), "/go/src/net/y.go", "it is nowhere");
        });
    }

    #[test]
    fn spots_have_three_lines_and_a_relative_path_also_with_trimpath() {
        // The last two as Bazel names them: from a workspace that is the repository, or the module.
        for file in [
            "/w/shop/cart/x.go",
            "example.com/shop/cart/x.go",
            "shop/cart/x.go",
            "cart/x.go",
        ] {
            let at = Location {
                file: file.into(),
                line: 4,
            };
            let spot = with(|code| code.spot(&FuncName("f".into()), &at));
            assert_eq!(spot.relative.as_deref(), Some("shop/cart/x.go"));
            let lines: Vec<_> = spot.lines.iter().map(|l| (l.number, l.text.as_str())).collect();
            assert_eq!(lines, [(3, "func F() {"), (4, "\t<-ch"), (5, "}")]);
        }
        let gone = Location {
            file: "/w/shop/cart/x.go".into(),
            line: 40,
        };
        assert!(
            with(|code| code.spot(&FuncName("f".into()), &gone))
                .lines
                .is_empty()
        );
    }
}
