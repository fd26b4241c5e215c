//! What leakgate costs, in instructions: the same on every machine, however busy. A doubling fails.
//!
//! `cargo test --test cost -- --ignored` needs valgrind. `COST_RECORD=1` prints what to put into the table here.

#![allow(
    clippy::unwrap_used,
    clippy::disallowed_methods,
    reason = "tests drive processes and files"
)]

#[path = "../../benches/curves/stream.rs"]
mod stream;

use std::process::Command;
use stream::{ONE, Shape, stream};

/// Work, its shape, a smaller one, and the instructions that the difference took, in millions, in a build for tests.
const WORKS: [(&str, Shape, Shape, u64); 4] = [
    (
        "10,000 lines of output",
        Shape { lines: 10_200, ..ONE },
        Shape { lines: 200, ..ONE },
        358,
    ),
    (
        "400 tests",
        Shape { tests: 500, ..ONE },
        Shape { tests: 100, ..ONE },
        192,
    ),
    (
        "60 leaks",
        Shape {
            tests: 65,
            leaks: 65,
            ..ONE
        },
        Shape {
            tests: 5,
            leaks: 5,
            ..ONE
        },
        497,
    ),
    (
        "2,000 goroutines of one leak",
        Shape {
            leaks: 1,
            goroutines: 2_100,
            ..ONE
        },
        Shape {
            leaks: 1,
            goroutines: 100,
            ..ONE
        },
        130,
    ),
];

/// Compilers differ, and so do libraries; a doubling is more.
const SLACK: f64 = 1.6;

#[test]
#[ignore = "needs valgrind, and takes half a minute"]
fn no_work_costs_twice_what_it_did() {
    let record = std::env::var_os("COST_RECORD").is_some();
    let mut wrong = Vec::new();
    for (name, large, small, recorded) in WORKS {
        let millions = (instructions(large) - instructions(small)) / 1_000_000;
        if record {
            println!("{name}: {millions}");
            continue;
        }
        let ratio = millions as f64 / recorded as f64;
        if ratio > SLACK {
            wrong.push(format!(
                "{name} took {millions} million instructions, {recorded} when it was recorded"
            ));
        } else if ratio < 1.0 / SLACK {
            wrong.push(format!(
                "{name} took {millions} million instructions: record it, it was {recorded}"
            ));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// Four times as many leaks cost about four times as much.
#[test]
#[ignore = "needs valgrind, and takes half a minute"]
fn leaks_and_tests_cost_in_proportion() {
    let shape = |n| Shape {
        tests: n,
        leaks: n,
        ..ONE
    };
    let [base, one, four] = [5, 15, 45].map(|n| instructions(shape(n)));
    let ratio = (four - base) as f64 / (one - base) as f64;
    assert!(
        (3.0..5.5).contains(&ratio),
        "4 times as many cost {ratio:.2} times as much"
    );
}

/// Of `leakgate check` with every format.
fn instructions(shape: Shape) -> u64 {
    let dir = tempfile::tempdir().unwrap();
    std::fs::write(dir.path().join("log.json"), stream(shape)).unwrap();
    let output = Command::new("valgrind")
        .args(["--tool=callgrind", "--callgrind-out-file=/dev/null"])
        .arg(env!("CARGO_BIN_EXE_leakgate"))
        .args([
            "check",
            "--report=json=r.json",
            "--report=html=r.html",
            "--report=junit=r.xml",
            "log.json",
        ])
        .env("LEAKGATE_CACHE", dir.path().join("cache"))
        .current_dir(dir.path())
        .output()
        .expect("valgrind is installed");
    let text = String::from_utf8_lossy(&output.stderr).into_owned();
    let collected = text.lines().find_map(|line| line.split_once("Collected : "));
    let collected = collected.unwrap_or_else(|| panic!("valgrind counted nothing:\n{text}"));
    collected.1.trim().parse().unwrap()
}
