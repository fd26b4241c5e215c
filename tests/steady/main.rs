//! One leak has one code and one fingerprint, in every run: `tests/testdata/modules/steady`, run many times beside work that
//! takes the processors away from it.
//!
//! `LEAKGATE_STEADY_RUNS=200` says how often, `LEAKGATE_STEADY_GO=go1.21.13,go1.27.3` on which toolchains.

#![expect(
    clippy::disallowed_methods,
    reason = "an end-to-end test reads files and runs programs"
)]

use leakgate::report::Report;
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::atomic::{AtomicBool, Ordering};

/// What identifies a leak for whoever reads the report: tests, code, fingerprint, where it is blocked in the user's code.
type Seen = BTreeSet<String>;

/// The module's test binary, with the shim: linking it for each run would take longer than the run.
fn build(toolchain: &str, folder: &Path) -> PathBuf {
    let binary = folder.join(toolchain);
    let script = r#"eval "$("$PROGRAM" overlay)"; go test -c -vet=off -o "$BINARY" ."#;
    let mut sh = Command::new("sh");
    let built = support::alone(&mut sh)
        .args(["-ec", script])
        .env("PROGRAM", support::program())
        .env("BINARY", &binary)
        .env("GOTOOLCHAIN", toolchain)
        .current_dir(support::module("steady"))
        .status()
        .expect("a shell");
    assert!(built.success(), "{toolchain}");
    binary
}

fn run(toolchain: &str, binary: &Path) -> Seen {
    let json = binary.with_extension("json");
    let output = support::leakgate(["exec"])
        .env("GOTOOLCHAIN", toolchain)
        .current_dir(support::module("steady"))
        .arg(format!("--report=json={}", json.display()))
        .args(["--", "go", "tool", "test2json", "-t", "-p", "example.org/steady"])
        .arg(binary)
        .arg("-test.v=test2json")
        .output()
        .expect("leakgate runs");
    let text = std::fs::read_to_string(&json).unwrap_or_else(|_| panic!("a report: {output:?}"));
    std::fs::remove_file(&json).expect("it was there");
    let report: Report = serde_json::from_str(&text).expect("a report");
    assert_eq!(
        output.status.code(),
        Some(3),
        "{}",
        String::from_utf8_lossy(&output.stdout)
    );
    let leaks = report.findings.iter().map(|finding| &finding.leak);
    leaks
        .map(|leak| {
            let root = &leak.root;
            // Where in the standard library it waits differs from one Go to the next.
            let own = root.blocked_at.as_ref().and_then(|spot| {
                let file = spot.relative.as_ref()?;
                Some(format!("{file}:{}", spot.at.line))
            });
            let tests: Vec<&str> = root.tests.iter().map(|test| test.0.as_str()).collect();
            format!("{tests:?} {:?} {} {own:?}", root.cause.code, root.fingerprint)
        })
        .collect()
}

fn list(name: &str, default: &str) -> Vec<String> {
    let value = std::env::var(name).unwrap_or_else(|_| default.to_owned());
    value.split(',').map(str::to_owned).collect()
}

/// What was seen in how many runs; more than one line is a fault.
fn outcomes(toolchains: &[String], runs: usize) -> BTreeMap<Seen, Vec<String>> {
    let folder = tempfile::tempdir().expect("a folder");
    let mut outcomes: BTreeMap<Seen, Vec<String>> = BTreeMap::new();
    for toolchain in toolchains {
        let binary = build(toolchain, folder.path());
        for number in 0..runs {
            outcomes
                .entry(run(toolchain, &binary))
                .or_default()
                .push(format!("{toolchain}#{number}"));
        }
    }
    outcomes
}

#[test]
#[ignore = "many runs: LEAKGATE_STEADY_RUNS=200 cargo test --test steady -- --ignored"]
fn a_leak_has_one_code_and_one_fingerprint_in_every_run() {
    let runs = list("LEAKGATE_STEADY_RUNS", "20")[0].parse().expect("a number");
    let stop = AtomicBool::new(false);
    let outcomes = std::thread::scope(|scope| {
        let processors = std::thread::available_parallelism().map_or(2, usize::from);
        for _ in 0..processors {
            scope.spawn(|| {
                while !stop.load(Ordering::Relaxed) {
                    std::hint::spin_loop();
                }
            });
        }
        let outcomes = outcomes(&list("LEAKGATE_STEADY_GO", "local"), runs);
        stop.store(true, Ordering::Relaxed);
        outcomes
    });
    let told: Vec<String> = outcomes
        .iter()
        .map(|(seen, runs)| format!("{} runs ({}): {seen:#?}", runs.len(), runs[0]))
        .collect();
    assert_eq!(outcomes.len(), 1, "{}", told.join("\n"));
    let leaks = outcomes.keys().next().map_or(0, BTreeSet::len);
    assert_eq!(leaks, 8, "{}", told.join("\n"));
}
