//! Which modules are the user's own: read from go.mod and go.work. Edge: reads those files.

use crate::app::store::reading;
use crate::goroutine::name;
use crate::gotest::overlay::clean;
use crate::leak::MainModule;
use crate::rules::go_mod::GoMod;
use std::path::{Path, PathBuf};

/// The main modules: those of the workspace, else the one of `go.mod`; with folders they are replaced by.
///
/// `gomod` and `gowork` are what `go env GOMOD GOWORK` prints (empty or `/dev/null` when there is none).
pub fn own_modules(gomod: &str, gowork: &str) -> Vec<MainModule> {
    let mut files = Vec::new();
    if gowork.is_empty() || gowork == "off" {
        files.push(PathBuf::from(gomod));
    } else {
        let workspace = Path::new(gowork);
        let folder = workspace.parent().unwrap_or(Path::new("."));
        let used = read(workspace).uses.into_iter();
        files.extend(used.map(|dir| folder.join(dir).join("go.mod")));
    }
    let mut modules: Vec<MainModule> = Vec::new();
    for file in files {
        let go_mod = read(&file);
        let Some(folder) = file.parent() else { continue };
        modules.extend(module(go_mod.module, &clean(folder)));
        for (_, target, _) in go_mod.replaces {
            if target.starts_with("./") || target.starts_with("../") {
                let dir = clean(&folder.join(&target));
                modules.extend(module(read(&dir.join("go.mod")).module, &dir));
            }
        }
    }
    modules.dedup();
    modules
}

/// Modules of a build, own and required, whose goroutines show in no dump. Since Go 1.17 a go.mod names all that a build
/// can need.
pub fn unseen_modules(own: &[MainModule]) -> Vec<String> {
    let mut paths: Vec<String> = own.iter().map(|module| module.path.clone()).collect();
    for module in own {
        let required = read(&Path::new(&module.dir).join("go.mod")).requires;
        paths.extend(required.into_iter().map(|(path, _)| path));
    }
    // `runtime.dev` itself shows, and `runtime.dev/x` does not.
    paths.retain(|path| name::is_hidden_from_dumps(&format!("{path}/x")));
    paths.sort();
    paths.dedup();
    paths
}

fn module(path: String, dir: &Path) -> Option<MainModule> {
    (!path.is_empty()).then(|| MainModule {
        path,
        dir: dir.display().to_string(),
    })
}

/// go itself reports what is wrong in it.
fn read(file: &Path) -> GoMod {
    GoMod::read(&reading::regular_text(file, reading::SMALL).unwrap_or_default())
}

#[cfg(test)]
#[expect(clippy::disallowed_methods, reason = "the tests lay out folders")]
mod tests {
    use super::*;

    #[test]
    fn a_module_and_the_folder_that_replaces_a_dependency_are_own() {
        let dir = tempfile::tempdir().unwrap();
        let root = dir.path();
        std::fs::create_dir_all(root.join("app")).unwrap();
        std::fs::create_dir_all(root.join("lib")).unwrap();
        std::fs::write(
            root.join("app/go.mod"),
            "module \"example.com/app\" // the app\n\ngo 1.22\n\nreplace (\n\texample.com/lib v1.0.0 => ../lib // local\n\texample.com/far => example.com/fork v1.2.3\n)\n",
        )
        .unwrap();
        std::fs::write(root.join("lib/go.mod"), "module example.com/lib\n").unwrap();
        let modules = own_modules(root.join("app/go.mod").to_str().unwrap(), "");
        assert_eq!(
            modules,
            [
                MainModule {
                    path: "example.com/app".into(),
                    dir: root.join("app").display().to_string()
                },
                MainModule {
                    path: "example.com/lib".into(),
                    dir: root.join("lib").display().to_string()
                },
            ]
        );
    }

    #[test]
    fn every_module_of_a_workspace_is_own() {
        let dir = tempfile::tempdir().unwrap();
        let root = dir.path();
        for name in ["a", "b"] {
            std::fs::create_dir_all(root.join(name)).unwrap();
            std::fs::write(
                root.join(name).join("go.mod"),
                format!("module example.com/{name}\n"),
            )
            .unwrap();
        }
        std::fs::write(root.join("go.work"), "go 1.22\n\nuse ./a\nuse (\n\t./b\n)\n").unwrap();
        let modules = own_modules("/dev/null", root.join("go.work").to_str().unwrap());
        let paths: Vec<_> = modules.iter().map(|m| m.path.as_str()).collect();
        assert_eq!(paths, ["example.com/a", "example.com/b"]);
    }

    #[test]
    fn modules_that_no_dump_shows_are_found_among_the_own_and_the_required() {
        let dir = tempfile::tempdir().unwrap();
        let gomod = dir.path().join("go.mod");
        let text = "module example.com/app\n\nrequire (\n\truntime.example.com/lib v1.0.0 // indirect\n\truntimes.io/x v1.0.0\n\texample.com/runtime.x v1.2.0\n)\nrequire runtime.dev v0.1.0\n";
        std::fs::write(&gomod, text).unwrap();
        let modules = own_modules(gomod.to_str().unwrap(), "");
        assert_eq!(
            unseen_modules(&modules),
            ["runtime.dev", "runtime.example.com/lib"]
        );
    }

    #[test]
    fn no_module_is_no_error() {
        assert_eq!(own_modules("/dev/null", ""), []);
    }
}
