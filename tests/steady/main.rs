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
use std::sync::atomic::{AtomicBool, Ordering};

/// What identifies a leak for whoever reads the report: tests, code, fingerprint, where it is blocked, how many hang on it.
type Seen = BTreeSet<String>;

fn run(toolchain: &str) -> Seen {
    let place = tempfile::tempdir().expect("a folder");
    let json = place.path().join("report.json");
    let output = support::leakgate(["test"])
        .env("GOTOOLCHAIN", toolchain)
        .current_dir(support::module("steady"))
        .arg(format!("--report=json={}", json.display()))
        .args(["-count=1", "-vet=off", "."])
        .output()
        .expect("leakgate runs");
    let text = std::fs::read_to_string(&json).unwrap_or_else(|_| panic!("a report: {output:?}"));
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
            let at = root
                .blocked_at
                .as_ref()
                .map(|spot| (spot.relative.clone(), spot.at.line));
            let tests: Vec<&str> = root.tests.iter().map(|test| test.0.as_str()).collect();
            format!("{tests:?} {:?} {} {at:?}", root.cause.code, root.fingerprint)
        })
        .collect()
}

fn list(name: &str, default: &str) -> Vec<String> {
    let value = std::env::var(name).unwrap_or_else(|_| default.to_owned());
    value.split(',').map(str::to_owned).collect()
}

/// What was seen in how many runs; more than one line is a fault.
fn outcomes(toolchains: &[String], runs: usize) -> BTreeMap<Seen, Vec<String>> {
    let mut outcomes: BTreeMap<Seen, Vec<String>> = BTreeMap::new();
    for toolchain in toolchains {
        for number in 0..runs {
            outcomes
                .entry(run(toolchain))
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
