//! Each entry of the built-in catalog that lets something pass, seen in a program that starts the real library, on two
//! Go versions. `programs/NAME.go` starts what the entry NAME is about; its first line names the module.
//!
//! `cargo test --test catalog_check -- --ignored --nocapture` fetches the modules and prints what to record as `checked`;
//! `LEAKGATE_CATALOG=fasthttp` has it try those programs only. What else of the same module such a program shows has an entry
//! too, or is in `LOOKED_AT` with the reason.
//!
//! `siblings.tsv` says of the package of every entry how many statements in it start goroutines, and why those that have no
//! entry need none; the same command counts them again in the module's source.

#![allow(
    clippy::unwrap_used,
    clippy::disallowed_methods,
    reason = "tests drive processes and files"
)]

use leakgate::goroutine;
use leakgate::rules::{Action, Catalog, LeakNames};
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

/// Closures are named in different ways by these two.
const VERSIONS: [&str; 2] = ["go1.26.8", "go1.27.3"];

fn programs() -> Vec<(String, PathBuf)> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/catalog_check/programs");
    let files = std::fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path());
    let mut all: Vec<(String, PathBuf)> = files
        .map(|path| (path.file_stem().unwrap().to_str().unwrap().to_owned(), path))
        .collect();
    all.sort();
    all
}

fn module(program: &str) -> Option<&str> {
    program.lines().next()?.strip_prefix("//leakgate:module ")
}

#[test]
fn what_passes_was_seen_and_every_program_is_about_an_entry() {
    let programs = programs();
    for (name, _) in &programs {
        assert!(
            Catalog::built_in().get(name).is_some(),
            "no entry is called {name}"
        );
    }
    for entry in Catalog::built_in().entries() {
        let passes = matches!(entry.action, Action::Ignore | Action::Settle | Action::Note);
        if passes && entry.is_checked() {
            let program = programs.iter().find(|(name, _)| *name == entry.name);
            let (_, path) = program.unwrap_or_else(|| panic!("{} is checked by no program", entry.name));
            let text = std::fs::read_to_string(path).unwrap();
            let want = VERSIONS.map(|version| record(version, module(&text)));
            assert_eq!(entry.checked, want, "{}", entry.name);
        }
    }
}

fn record(version: &str, module: Option<&str>) -> String {
    module.map_or_else(|| version.to_owned(), |module| format!("{version} {module}"))
}

#[test]
#[ignore = "fetches modules from the Go module proxy"]
fn every_program_shows_the_goroutine_of_its_entry() {
    let mut wrong = Vec::new();
    let only = std::env::var("LEAKGATE_CATALOG").unwrap_or_default();
    for (name, path) in programs().into_iter().filter(|(name, _)| name.contains(&only)) {
        let program = std::fs::read_to_string(&path).unwrap();
        for version in VERSIONS {
            let outcome = check(&name, &program, version);
            println!(
                "{name} {version}: {}",
                outcome.as_ref().map_or_else(String::as_str, |()| "seen")
            );
            let recorded = Catalog::built_in().get(&name).unwrap().is_checked();
            if outcome.is_ok() != recorded {
                wrong.push(format!(
                    "{name} {version}: {outcome:?}, but recorded as checked: {recorded}"
                ));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// Goroutines of a library that some entry is about, which no entry names: looked at, and why they need none.
const LOOKED_AT: &[(&str, &str)] = &[
    (
        "github.com/valyala/fasthttp.Serve",
        "the server that a program needs, which it leaves open",
    ),
    (
        "github.com/valyala/fasthttp.(*workerPool).getCh",
        "a worker of that server",
    ),
];

/// A line of `siblings.tsv`.
struct Looked<'a> {
    package: &'a str,
    /// `module@version`, the toolchain of the standard library; `None` for a module that can't be fetched.
    module: Option<&'a str>,
    statements: usize,
}

fn looked_at() -> Vec<Looked<'static>> {
    let lines = include_str!("siblings.tsv").lines();
    let lines = lines.filter(|line| !line.starts_with('#'));
    let looked = |line: &'static str| {
        let [package, module, statements, others] = line.split('\t').collect::<Vec<_>>()[..] else {
            panic!("not four columns: {line}");
        };
        assert!(!others.is_empty(), "{package} says nothing of the others");
        Looked {
            package,
            module: (module != "-").then_some(module),
            statements: statements.parse().unwrap_or_default(),
        }
    };
    lines.map(looked).collect()
}

/// The import path of a function.
fn package_of(function: &str) -> String {
    let folder = function.rfind('/').map_or(0, |slash| slash + 1);
    let end = function[folder..]
        .find('.')
        .map_or(function.len(), |dot| folder + dot);
    function[..end].replace("%2e", ".")
}

#[test]
fn the_siblings_of_every_entry_were_looked_at() {
    let looked: BTreeSet<String> = looked_at()
        .iter()
        .map(|looked| looked.package.to_owned())
        .collect();
    let entries = Catalog::built_in().entries().iter();
    let of_goroutines = entries.filter(|entry| !matches!(entry.action, Action::Never | Action::Dead));
    let functions = of_goroutines.flat_map(|entry| &entry.functions);
    let packages: BTreeSet<String> = functions.map(|function| package_of(function)).collect();
    assert_eq!(looked, packages);
}

#[test]
#[ignore = "fetches modules from the Go module proxy"]
fn what_starts_goroutines_beside_an_entry_is_what_was_looked_at() {
    let dir = tempfile::tempdir().unwrap();
    let put = |file: &str, text: &str| std::fs::write(dir.path().join(file), text).unwrap();
    put("go.mod", "module example.com/check\n\ngo 1.21\n");
    put("main.go", include_str!("statements.go.txt"));
    let go = |toolchain: &str, args: &[&str]| {
        let mut command = Command::new("go");
        command
            .args(args)
            .current_dir(dir.path())
            .env("GOTOOLCHAIN", toolchain);
        String::from_utf8(command.output().unwrap().stdout).unwrap()
    };
    let folder = |looked: &Looked<'_>, module: &str| match module.split_once('@') {
        Some((path, _)) => {
            let fetched = go("local", &["mod", "download", "-json", module]);
            let fetched: serde_json::Value = serde_json::from_str(&fetched).unwrap();
            let root = fetched["Dir"]
                .as_str()
                .unwrap_or_else(|| panic!("{module}: {fetched}"));
            format!("{root}{}", looked.package.strip_prefix(path).unwrap())
        }
        None => format!("{}/src/{}", go(module, &["env", "GOROOT"]).trim(), looked.package),
    };
    let mut wrong = Vec::new();
    for looked in looked_at() {
        let Some(module) = looked.module else { continue };
        let listed = go("local", &["run", ".", &folder(&looked, module)]);
        println!("{} {module}: {}", looked.package, listed.lines().count());
        if listed.lines().count() != looked.statements {
            wrong.push(format!(
                "{}: {} were looked at, not\n{listed}",
                looked.package, looked.statements
            ));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// Whether the program shows the goroutine, and no other one of the same module that the catalog does not know.
fn check(name: &str, program: &str, version: &str) -> Result<(), String> {
    let dir = tempfile::tempdir().unwrap();
    let put = |file: &str, text: &str| std::fs::write(dir.path().join(file), text).unwrap();
    put("go.mod", "module example.com/check\n\ngo 1.21\n");
    put("start.go", program);
    put("main.go", include_str!("program.go.txt"));
    let go = |args: &[&str]| -> Output {
        let mut command = Command::new("go");
        command
            .args(args)
            .current_dir(dir.path())
            .env("GOTOOLCHAIN", version)
            .env("GOFLAGS", "-mod=mod");
        command.output().unwrap()
    };
    if let Some(module) = module(program) {
        for args in [&["get", module][..], &["mod", "tidy"]] {
            let output = go(args);
            if !output.status.success() {
                return Err(format!(
                    "go {}: {}",
                    args.join(" "),
                    String::from_utf8_lossy(&output.stderr)
                ));
            }
        }
    }
    let output = go(&["run", "."]);
    let entry = Catalog::built_in().get(name).unwrap();
    let reading = leakgate::dumps::read(output.stdout.as_slice()).unwrap();
    let groups = reading.dumps.iter().flat_map(|dump| &dump.groups);
    let normal = |func: &goroutine::FuncName| goroutine::normal(func.as_str());
    let names: Vec<LeakNames> = groups
        .map(|group| group.goroutine())
        .map(|goroutine| {
            let stack: Vec<String> = goroutine.frames.iter().map(|frame| normal(&frame.func)).collect();
            LeakNames {
                top: stack.first().cloned(),
                entry: normal(&goroutine::owner(goroutine)),
                created_by: goroutine.created.as_ref().map(|created| normal(&created.func)),
                stack,
                own: Vec::new(),
            }
        })
        .collect();
    let seen = names.iter().any(|names| entry.matches(names));
    let library = |names: &&LeakNames| {
        let whole = entry.module.split([' ', ',']).next().unwrap_or_default();
        !whole.is_empty() && whole != "std" && names.entry.starts_with(whole)
    };
    let unknown: Vec<&str> = names
        .iter()
        .filter(library)
        .filter(|names| {
            !Catalog::built_in()
                .entries()
                .iter()
                .any(|entry| entry.matches(names))
        })
        .map(|names| names.entry.as_str())
        .filter(|entry| !LOOKED_AT.iter().any(|(known, _)| known == entry))
        .collect();
    if !unknown.is_empty() {
        return Err(format!(
            "siblings that the catalog does not know: {}",
            unknown.join(", ")
        ));
    }
    let shown = || {
        format!(
            "not in\n{}{}",
            String::from_utf8_lossy(&output.stdout),
            String::from_utf8_lossy(&output.stderr)
        )
    };
    seen.then_some(()).ok_or_else(shown)
}
