//! `--watch`: runs again when a Go file changes. go's own test cache decides what has to run again. Edge: watches files.

use super::once::once;
use crate::app::Failure;
use crate::app::project::here::Project;
use crate::cli::gate::TestArgs;
use crate::exit::ExitCode;
use crate::gotest::GoArgs;
use crate::report::safe_text::safe_text;
use notify::{EventKind, RecommendedWatcher, RecursiveMode, Watcher};
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::sync::mpsc::{Receiver, channel};
use std::time::Duration;

/// Editors write a file in several steps, and tools write several files.
const QUIET: Duration = Duration::from_millis(150);

/// Runs until it is interrupted; the exit code is that of the last run.
pub fn run(args: &TestArgs) -> Result<ExitCode, Failure> {
    let work = GoArgs::parse(&args.go_args)?.working_dir(&Project::here()?.dir);
    let root = Project::of(work).home().to_path_buf();
    let (sender, changes) = channel();
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
                let _ = sender.send(path.to_path_buf());
            }
        },
        notify::Config::default(),
    )
    .map_err(|error| Failure::Message(format!("can't watch files: {error}")))?;
    watcher
        .watch(&root, RecursiveMode::Recursive)
        .map_err(|error| Failure::Message(format!("can't watch {}: {error}", root.display())))?;
    let mut signals = None;
    loop {
        let outcome = once(args, &mut signals);
        let interrupted = signals
            .as_ref()
            .is_some_and(|signals| signals.interrupted().is_some());
        if interrupted {
            return outcome;
        }
        if let Err(failure) = outcome {
            // A rules file or go.mod with a mistake is corrected by the next change.
            failure.report();
        }
        anstream::eprintln!(
            "leakgate: watching {} for changes (Ctrl-C ends it)",
            root.display()
        );
        let changed = wait(&changes);
        let now = clock();
        anstream::eprintln!("\n{}", separator(&changed, &now));
    }
}

/// Until something changed, and then until nothing changes any more: what changed, each file once.
fn wait(changes: &Receiver<PathBuf>) -> BTreeSet<PathBuf> {
    let mut changed: BTreeSet<PathBuf> = changes.recv().into_iter().collect();
    while let Ok(path) = changes.recv_timeout(QUIET) {
        changed.insert(path);
    }
    changed
}

/// The time of day, in UTC as in the report.
fn clock() -> String {
    jiff::Timestamp::now().strftime("%H:%M:%S UTC").to_string()
}

/// The line between two runs: `──── 14:03:05 cart/cart.go changed ────`.
fn separator(changed: &BTreeSet<PathBuf>, time: &str) -> String {
    let first = changed
        .first()
        .map(|path| path.display().to_string())
        .unwrap_or_default();
    let more = match changed.len().saturating_sub(1) {
        0 => String::new(),
        1 => " and 1 more file".to_owned(),
        more => format!(" and {more} more files"),
    };
    format!("──── {time} {}{more} changed ────", safe_text(&first))
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
        let changed = |names: &[&str]| names.iter().map(PathBuf::from).collect::<BTreeSet<_>>();
        assert_eq!(
            separator(&changed(&["cart/cart.go"]), "14:03:05"),
            "──── 14:03:05 cart/cart.go changed ────"
        );
        assert_eq!(
            separator(&changed(&["b.go", "a.go", "c.go"]), "14:03:05"),
            "──── 14:03:05 a.go and 2 more files changed ────"
        );
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
