//! The shim does not decide which goroutine runs first at a test's end: on one processor, where nothing else does either,
//! programs whose bug depends on that go as they go without it, in every run.
//!
//! `cargo bench --bench neutral` compares more programs, on all processors, by statistics.

#![expect(
    clippy::disallowed_methods,
    reason = "an end-to-end test builds and runs programs"
)]

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::Command;

/// Below `benches/neutral/programs`: those that chance does not decide on one processor.
const PROGRAMS: [&str; 4] = ["doorbell", "till", "latelog", "nexttest"];
const RUNS: usize = 8;

fn build(name: &str, gated: bool, into: &Path) -> PathBuf {
    let binary = into.join(format!("{name}-{gated}.test"));
    let mut command = if gated {
        support::leakgate(["exec", "--", "go"])
    } else {
        Command::new("go")
    };
    command
        .args(["test", "-c", "-o"])
        .arg(&binary)
        .arg(format!("./{name}"));
    command.current_dir(Path::new(env!("CARGO_MANIFEST_DIR")).join("benches/neutral/programs"));
    let output = command.output().expect("go builds");
    assert!(
        binary.exists(),
        "{name}: {}",
        String::from_utf8_lossy(&output.stderr)
    );
    binary
}

/// How a run of the program went.
fn outcome(binary: &Path) -> String {
    let output = Command::new(binary)
        .arg("-test.v=test2json")
        .env("GOMAXPROCS", "1")
        .output()
        .expect("the program runs");
    // Package testing has standard error go where standard output goes.
    let text = String::from_utf8_lossy(&[output.stdout, output.stderr].concat()).into_owned();
    text.lines()
        .find(|line| line.starts_with("OUTCOME") || line.starts_with("panic: Log in goroutine"))
        .unwrap_or_else(|| panic!("no outcome: {text}"))
        .to_owned()
}

#[test]
fn on_one_processor_programs_go_as_they_go_without_the_shim() {
    let folder = tempfile::tempdir().expect("a folder");
    let mut wrong = Vec::new();
    for name in PROGRAMS {
        let (plain, gated) = (
            build(name, false, folder.path()),
            build(name, true, folder.path()),
        );
        let mut seen: BTreeMap<(bool, String), usize> = BTreeMap::new();
        for _ in 0..RUNS {
            for (is_gated, binary) in [(false, &plain), (true, &gated)] {
                *seen.entry((is_gated, outcome(binary))).or_default() += 1;
            }
        }
        let plainly: Vec<_> = seen
            .keys()
            .filter(|(gated, _)| !gated)
            .map(|(_, how)| how)
            .collect();
        let with_shim: Vec<_> = seen
            .keys()
            .filter(|(gated, _)| *gated)
            .map(|(_, how)| how)
            .collect();
        if plainly.len() != 1 || plainly != with_shim {
            wrong.push(format!("{name} (with the shim or not, outcome, times): {seen:?}"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn the_shim_is_in_the_binary_that_is_compared() {
    let folder = tempfile::tempdir().expect("a folder");
    for gated in [false, true] {
        let binary = build("nexttest", gated, folder.path());
        let output = Command::new(binary).arg("-test.v=test2json").output();
        let output = output.expect("the program runs").stdout;
        let record = output.windows(11).any(|bytes| bytes == b"\x1eleakgate/2");
        assert_eq!(record, gated);
    }
}
