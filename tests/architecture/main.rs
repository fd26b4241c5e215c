//! The map in `src/lib.rs` is true: every room is in it, a room imports only from rooms above it, no two files depend on
//! each other, and only the edges that it names touch the world outside.

#![expect(
    clippy::disallowed_methods,
    clippy::unwrap_used,
    reason = "a test reads the source tree"
)]

mod graph;

use graph::{Graph, Name};
use std::collections::BTreeSet;
use std::path::Path;

fn graph() -> Graph {
    Graph::read(Path::new("src"))
}

fn lib() -> String {
    std::fs::read_to_string("src/lib.rs").unwrap()
}

/// The rows of the table of `src/lib.rs` below this heading: their cells.
fn table(heading: &str) -> Vec<Vec<String>> {
    let lib = lib();
    let below = lib
        .lines()
        .skip_while(|line| *line != format!("//! # {heading}"))
        .skip(1);
    below
        .take_while(|line| !line.starts_with("//! # "))
        .filter_map(|line| line.strip_prefix("//! | `"))
        .map(|row| {
            let row = format!("`{row}");
            row.trim_end_matches(" |")
                .split(" | ")
                .map(str::to_owned)
                .collect()
        })
        .collect()
}

fn quoted(cell: &str) -> Vec<String> {
    cell.split('`').skip(1).step_by(2).map(str::to_owned).collect()
}

/// Rooms in the order of the map.
fn rooms() -> Vec<String> {
    table("Map").iter().flat_map(|row| quoted(&row[0])).collect()
}

/// The folders of `app`, each built on those after it.
fn folders_of_app() -> Vec<String> {
    let map = table("Map");
    let app = map.iter().find(|row| row[0] == "`app`").unwrap();
    quoted(&app[1])
        .iter()
        .map(|folder| folder.trim_end_matches('/').trim_end_matches(".rs").to_owned())
        .collect()
}

fn told(name: &Name) -> String {
    name.join("::")
}

#[test]
fn every_room_is_on_the_map_and_every_room_on_the_map_exists() {
    let declared: BTreeSet<String> = lib()
        .lines()
        .filter_map(|line| Some(line.strip_prefix("pub mod ")?.strip_suffix(';')?.to_owned()))
        .collect();
    assert_eq!(declared, rooms().into_iter().collect());
}

#[test]
fn a_room_imports_only_from_rooms_above_it() {
    let rooms = rooms();
    let place = |name: &Name| rooms.iter().position(|room| name.first() == Some(room));
    let wrong: Vec<String> = arrows()
        .filter(|(from, to)| place(from) < place(to) && !from.is_empty())
        .map(|(from, to)| format!("{} imports {}, which is below it", told(&from), told(&to)))
        .collect();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn a_folder_of_app_is_built_on_those_after_it_and_nothing_else_lies_beside_them() {
    let folders = folders_of_app();
    let place = |name: &Name| folders.iter().position(|folder| name.get(1) == Some(folder));
    let wrong: Vec<String> = arrows()
        .filter(|(from, to)| from.len() > 1 && from[0] == "app" && to[0] == "app" && to.len() > 1)
        .filter(|(from, to)| place(from) > place(to))
        .map(|(from, to)| format!("{} runs back up to {}", told(&from), told(&to)))
        .collect();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    let beside: Vec<String> = graph()
        .modules
        .keys()
        .filter(|name| name.len() == 2 && name[0] == "app" && place(name).is_none())
        .map(told)
        .collect();
    assert_eq!(beside, [""; 0], "a file of app belongs in one of its folders");
}

fn arrows() -> impl Iterator<Item = (Name, Name)> {
    let arrows = graph().arrows.into_iter();
    arrows.flat_map(|(from, targets)| targets.into_iter().map(move |to| (from.clone(), to)))
}

#[test]
fn no_files_depend_on_each_other() {
    let graph = graph();
    let circles: Vec<String> = graph
        .circles()
        .iter()
        .map(|circle| {
            let arrows = circle.iter().flat_map(|from| {
                let inside = graph.arrows[from].iter().filter(|to| circle.contains(to));
                inside.map(|to| format!("  {} takes from {}", told(from), told(to)))
            });
            arrows.collect::<Vec<_>>().join("\n")
        })
        .collect();
    assert!(circles.is_empty(), "circles:\n{}", circles.join("\n\n"));
}

/// What reaches out of the program, and how it looks in the text.
const OUTSIDE: [(&str, &[&str]); 6] = [
    (
        "files",
        &[
            "fs::",
            "File::open",
            "File::create",
            "tempfile",
            ".is_file()",
            ".is_dir()",
            ".exists()",
            ".canonicalize()",
            "read_dir(",
        ],
    ),
    ("processes", &["Command::new", "duct::"]),
    (
        "network",
        &[
            "std::net",
            "ureq",
            "rustls",
            "TcpStream",
            "UdpSocket",
            "UnixStream",
        ],
    ),
    (
        "streams",
        &["print!(", "println!(", "stdin()", "stdout()", "stderr()"],
    ),
    (
        "environment",
        &[
            "env::var",
            "env::args",
            "env::current_dir",
            "env::temp_dir",
            "args_os()",
        ],
    ),
    (
        "clock",
        &["Instant::now()", "SystemTime::now()", "Timestamp::now()"],
    ),
];

/// Whether the mark is there as a whole word: `OutputFile::create` is no `File::create`.
fn has(text: &str, mark: &str) -> bool {
    text.match_indices(mark).any(|(at, _)| {
        let before = |c: char| c.is_alphanumeric() || c == '_';
        mark.starts_with('.') || !text[..at].ends_with(before)
    })
}

#[test]
fn only_the_edges_on_the_map_touch_the_world_outside() {
    let edges = table("Edges");
    let mut used = BTreeSet::new();
    let mut wrong = Vec::new();
    for module in graph().modules.values() {
        let file = module.file.strip_prefix("src").unwrap();
        for (kind, marks) in OUTSIDE {
            let Some(mark) = marks.iter().find(|mark| has(&module.text, mark)) else {
                continue;
            };
            let allowed = edges.iter().find(|row| {
                file.starts_with(quoted(&row[0]).concat()) && row[1].split(", ").any(|word| word == kind)
            });
            match allowed {
                Some(row) => {
                    used.insert((row[0].clone(), kind));
                }
                None => wrong.push(format!("{} touches {kind}: `{mark}`", module.file.display())),
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    for row in &edges {
        for kind in row[1].split(", ") {
            assert!(
                used.contains(&(row[0].clone(), kind)),
                "{} does not touch {kind}, though the map says so",
                row[0]
            );
        }
    }
}

#[test]
fn every_file_says_what_it_is_for() {
    let graph = graph();
    let silent = graph
        .modules
        .values()
        .filter(|module| !std::fs::read_to_string(&module.file).unwrap().starts_with("//!"));
    let silent: Vec<_> = silent.map(|module| &module.file).collect();
    assert!(silent.is_empty(), "no //! at the head of {silent:?}");
}

/// Of all verbs, those about dumps alone ask the room that connects.
#[test]
fn nothing_but_the_verbs_about_dumps_connects() {
    let fetch = |name: &Name| name.first().is_some_and(|room| room == "fetch");
    let callers: BTreeSet<String> = arrows()
        .filter(|(from, to)| fetch(to) && !fetch(from))
        .map(|(from, _)| told(&from))
        .filter(|from| !from.starts_with("app::commands::dumps"))
        .collect();
    // It puts the room's error into words, and calls nothing of it.
    assert_eq!(callers, BTreeSet::from(["app::failure".to_owned()]));
    let failure = std::fs::read_to_string("src/app/failure.rs").unwrap();
    assert_eq!(failure.matches("fetch::").count(), 1, "the error alone");
}

/// The names of a table of `Cargo.toml`, as code spells them.
fn crates(manifest: &str, is_table: impl Fn(&str) -> bool) -> Vec<String> {
    let mut inside = false;
    let mut names = Vec::new();
    for line in manifest.lines() {
        if line.starts_with('[') {
            inside = is_table(line);
        } else if let Some((name, _)) = line.split_once('=').filter(|_| inside && !line.starts_with('#')) {
            names.push(name.trim().replace('-', "_"));
        }
    }
    names
}

fn code_below(folder: &Path, code: &mut String) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() && !path.ends_with("testdata") {
            code_below(&path, code);
        } else if path.extension().is_some_and(|end| end == "rs") {
            code.push_str(&std::fs::read_to_string(path).unwrap());
        }
    }
}

#[test]
fn every_crate_is_used() {
    let manifest = std::fs::read_to_string("Cargo.toml").unwrap();
    // `crate::app::run::log::` is not the crate `log`.
    let path = |code: &str, name: &str| {
        let mark = format!("{name}::");
        code.match_indices(&mark)
            .any(|(at, _)| !code[..at].ends_with(|c: char| c.is_alphanumeric() || c == '_' || c == ':'))
    };
    let uses = |code: &str, name: &str| {
        path(code, name) || has(code, &format!("use {name};")) || has(code, &format!("use {name} as"))
    };
    let mut code = String::new();
    code_below(Path::new("src"), &mut code);
    let program = crates(&manifest, |table| {
        table.ends_with("dependencies]") && !table.contains("dev-")
    });
    let unused: Vec<&String> = program.iter().filter(|name| !uses(&code, name)).collect();
    assert!(
        !program.is_empty() && unused.is_empty(),
        "in [dependencies] and not in src: {unused:?}"
    );
    for folder in ["tests", "benches"] {
        code_below(Path::new(folder), &mut code);
    }
    let for_tests = crates(&manifest, |table| table == "[dev-dependencies]");
    let unused: Vec<&String> = for_tests.iter().filter(|name| !uses(&code, name)).collect();
    assert!(
        !for_tests.is_empty() && unused.is_empty(),
        "in [dev-dependencies] and not used: {unused:?}"
    );
}
