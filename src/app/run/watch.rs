//! `--watch`: runs again when a Go file changes. go's own test cache decides what has to run again. Edge: watches files.

use super::again::leaking_test;
use super::once::once;
use crate::app::Failure;
use crate::app::output::keys::{self, Key, Keys};
use crate::app::project::here::Project;
use crate::app::store::last_run;
use crate::cli::gate::TestArgs;
use crate::exit::ExitCode;
use crate::gotest::GoArgs;
use crate::report::Report;
use crate::report::safe_text::safe_text;
use notify::{EventKind, RecommendedWatcher, RecursiveMode, Watcher};
use std::collections::BTreeSet;
use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::sync::mpsc::{Receiver, channel};
use std::time::Duration;

/// Editors write a file in several steps, and tools write several files.
const QUIET: Duration = Duration::from_millis(150);

/// Why it runs again.
enum Wake {
    /// A file changed.
    Changed(PathBuf),
    /// The user pressed a key.
    Key(Key),
}

/// Runs until it is interrupted or the user quits; the exit code is that of the last run.
pub fn run(args: &TestArgs) -> Result<ExitCode, Failure> {
    let work = GoArgs::parse(&args.go_args)?.working_dir(&Project::here()?.dir);
    let root = Project::of(work).home().to_path_buf();
    let (sender, wakes) = channel();
    let pressed = sender.clone();
    let below = root.clone();
    let mut watcher = RecommendedWatcher::new(
        move |event: notify::Result<notify::Event>| {
            let Ok(event) = event else { return };
            let changes = matches!(
                event.kind,
                EventKind::Create(_) | EventKind::Modify(_) | EventKind::Remove(_)
            );
            let inside = event
                .paths
                .iter()
                .map(|path| path.strip_prefix(&below).unwrap_or(path));
            for path in inside.filter(|path| changes && matters(path)) {
                // After the end of the program there is no receiver.
                let _ = sender.send(Wake::Changed(path.to_path_buf()));
            }
        },
        notify::Config::default(),
    )
    .map_err(|error| Failure::Message(format!("can't watch files: {error}")))?;
    watcher
        .watch(&root, RecursiveMode::Recursive)
        .map_err(|error| Failure::Message(format!("can't watch {}: {error}", root.display())))?;
    let keys = Keys::start(move |key| {
        // After the end of the program there is no receiver.
        let _ = pressed.send(Wake::Key(key));
    });
    let help = match &keys {
        Some(_) => keys::HELP,
        None => "Ctrl-C ends it",
    };
    let mut signals = None;
    let mut next = args.go_args.clone();
    let mut asked = false;
    loop {
        let outcome = once(args, &next, &mut signals);
        let interrupted = signals
            .as_ref()
            .is_some_and(|signals| signals.interrupted().is_some());
        if interrupted {
            return outcome;
        }
        let last = outcome.unwrap_or_else(|failure| {
            // A rules file or go.mod with a mistake is corrected by the next change.
            failure.report()
        });
        loop {
            anstream::eprintln!("leakgate: watching {} for changes ({help})", root.display());
            if let Some(keys) = keys.as_ref().filter(|_| !asked) {
                keys.ask();
                asked = true;
            }
            let (why, key) = match wait(&wakes) {
                Wakes::Changed(files) => (changed(&files), None),
                Wakes::Key(key) => {
                    asked = false;
                    (key.about().to_owned(), Some(key))
                }
            };
            if key == Some(Key::Quit) {
                return Ok(last);
            }
            match arguments(&args.go_args, key, &root) {
                Ok(words) => {
                    next = words;
                    anstream::eprintln!("\n{}", separator(&why, &clock()));
                    break;
                }
                Err(failure) => {
                    failure.report();
                }
            }
        }
    }
}

/// What of `go test` to run for a key; a change of a file runs what the user named.
fn arguments(go_args: &[OsString], key: Option<Key>, root: &Path) -> Result<Vec<OsString>, Failure> {
    let args = GoArgs::parse(go_args)?;
    match key {
        Some(Key::All) => Ok(args.uncached()),
        Some(Key::Leaking) => leaking(&args, &last_run::load(root)?)
            .ok_or_else(|| Failure::Message("no test leaked in the last run".to_owned())),
        _ => Ok(go_args.to_vec()),
    }
}

/// The arguments for the tests that leak in `report`, with their subtests.
fn leaking(args: &GoArgs, report: &Report) -> Option<Vec<OsString>> {
    let leaking = report.findings.iter().filter_map(leaking_test);
    let (mut packages, mut tests) = (BTreeSet::new(), BTreeSet::new());
    for (package, test) in leaking.filter(|(_, test)| !test.starts_with("Benchmark")) {
        let top = test.split('/').next().unwrap_or(&test).to_owned();
        packages.insert(package);
        tests.insert(top);
    }
    (!tests.is_empty()).then(|| args.just(&packages, &tests))
}

/// Why it runs again, all that came at once.
enum Wakes {
    Changed(BTreeSet<PathBuf>),
    Key(Key),
}

/// Until something changed, and then until nothing changes any more: what changed, each file once. Or until a key.
fn wait(wakes: &Receiver<Wake>) -> Wakes {
    let mut changed = BTreeSet::new();
    let mut wake = wakes.recv().ok();
    loop {
        match wake {
            Some(Wake::Key(key)) => return Wakes::Key(key),
            Some(Wake::Changed(path)) => {
                changed.insert(path);
            }
            None => return Wakes::Changed(changed),
        }
        wake = wakes.recv_timeout(QUIET).ok();
    }
}

/// The time of day, in UTC as in the report.
fn clock() -> String {
    jiff::Timestamp::now().strftime("%H:%M:%S UTC").to_string()
}

/// `cart/cart.go and 1 more file changed`.
fn changed(files: &BTreeSet<PathBuf>) -> String {
    let first = files
        .first()
        .map(|path| path.display().to_string())
        .unwrap_or_default();
    let more = match files.len().saturating_sub(1) {
        0 => String::new(),
        1 => " and 1 more file".to_owned(),
        more => format!(" and {more} more files"),
    };
    format!("{}{more} changed", safe_text(&first))
}

/// The line between two runs: `──── 14:03:05 cart/cart.go changed ────`.
fn separator(why: &str, time: &str) -> String {
    format!("──── {time} {why} ────")
}

/// Files, seen from the watched folder, whose change can change a verdict.
fn matters(path: &Path) -> bool {
    let hidden = |part: &std::ffi::OsStr| part.to_string_lossy().starts_with('.');
    let name = path
        .file_name()
        .unwrap_or_default()
        .to_string_lossy()
        .into_owned();
    if name == ".leakgate.toml" {
        return true;
    }
    if path.iter().any(hidden) {
        return path.ends_with(".config/leakgate.toml");
    }
    let in_testdata = path.iter().any(|part| part == "testdata");
    in_testdata
        || matches!(
            name.as_str(),
            "go.mod" | "go.sum" | "go.work" | "leakgate.toml" | "leakgate.baseline.json"
        )
        || [".go", ".s", ".c", ".h", ".tmpl"]
            .iter()
            .any(|end| name.ends_with(end))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_line_between_two_runs_names_what_changed_and_when() {
        let line = |names: &[&str]| {
            let files: BTreeSet<PathBuf> = names.iter().map(PathBuf::from).collect();
            separator(&changed(&files), "14:03:05")
        };
        assert_eq!(line(&["cart/cart.go"]), "──── 14:03:05 cart/cart.go changed ────");
        assert_eq!(
            line(&["b.go", "a.go", "c.go"]),
            "──── 14:03:05 a.go and 2 more files changed ────"
        );
    }

    #[test]
    fn a_key_is_not_lost_among_changes() {
        let (sender, wakes) = channel();
        sender.send(Wake::Changed(PathBuf::from("a.go"))).unwrap();
        sender.send(Wake::Key(Key::Quit)).unwrap();
        assert!(matches!(wait(&wakes), Wakes::Key(Key::Quit)));
        sender.send(Wake::Changed(PathBuf::from("a.go"))).unwrap();
        sender.send(Wake::Changed(PathBuf::from("a.go"))).unwrap();
        assert!(matches!(wait(&wakes), Wakes::Changed(files) if files.len() == 1));
    }

    #[test]
    fn the_leaking_tests_of_the_last_run_are_chosen() {
        let args = GoArgs::parse(&["-race".into(), "-run=X".into(), "./...".into()]).unwrap();
        let words = leaking(&args, &crate::report::sample::report()).unwrap();
        let words: Vec<_> = words.iter().map(|word| word.to_string_lossy()).collect();
        assert_eq!(words[0], "-race");
        assert!(words[1].starts_with("-run=^(Test"), "{words:?}");
        assert!(
            words[2..].iter().all(|word| word != "./..." && word != "-run=X"),
            "{words:?}"
        );
        assert_eq!(leaking(&args, &crate::report::sample::clean()), None);
    }

    #[test]
    fn only_files_that_can_change_a_verdict_matter() {
        for path in [
            "a.go",
            "go.mod",
            "x/testdata/in.json",
            "leakgate.toml",
            ".leakgate.toml",
        ] {
            assert!(matters(Path::new(path)), "{path}");
        }
        for path in [".git/index.go", "README.md", "report.json", ".idea/x.go", "c.out"] {
            assert!(!matters(Path::new(path)), "{path}");
        }
    }
}
