//! The zoo (`examples/zoo`) against its table (`examples/zoo/expected.toml`), with real Go.
//!
//! `LEAKGATE_ZOO_GO=go1.21.13,go1.27.3` runs it on other toolchains, `LEAKGATE_ZOO_RUNS=20` several times, and
//! `LEAKGATE_ZOO_ARGS="-race -shuffle=on -parallel 8"` with other arguments for go.

#![expect(
    clippy::disallowed_methods,
    reason = "an end-to-end test reads files and runs programs"
)]

mod compare;
mod expectations;
mod run;

use compare::{Wrong, compare, compare_stuck};
use expectations::{Marks, Table, go_files, minor_of, variants};
use std::collections::{BTreeMap, BTreeSet};
use std::fs;

fn setting(name: &str, default: &str) -> Vec<String> {
    std::env::var(name)
        .unwrap_or_else(|_| default.to_owned())
        .split([',', ' '])
        .filter(|word| !word.is_empty())
        .map(str::to_owned)
        .collect()
}

#[test]
fn every_leak_of_the_zoo_is_reported_as_its_table_says() {
    let (table, marks) = (Table::read(&run::zoo()), Marks::read(&run::zoo()));
    let extra = setting("LEAKGATE_ZOO_ARGS", "-count=1");
    let runs: usize = setting("LEAKGATE_ZOO_RUNS", "1")[0]
        .parse()
        .expect("a number of runs");
    let mut seen: BTreeMap<(String, Wrong), usize> = BTreeMap::new();
    for toolchain in setting("LEAKGATE_ZOO_GO", "local") {
        for _ in 0..runs {
            let args: Vec<&str> = extra.iter().map(String::as_str).chain(["./..."]).collect();
            let report = run::leakgate(&toolchain, &[], &args).expect("leakgate runs");
            let go = report.run.go_version.clone();
            for wrong in compare(&report, &table, &marks, minor_of(&go)) {
                *seen.entry((go.clone(), wrong)).or_default() += 1;
            }
        }
    }
    let lines: Vec<String> = seen
        .iter()
        .map(|((go, wrong), times)| format!("{go} {times}/{runs} {wrong}"))
        .collect();
    assert!(lines.is_empty(), "{} wrongs:\n{}", lines.len(), lines.join("\n"));
}

#[test]
fn a_test_that_never_returns_is_named_with_its_cause() {
    let (table, marks) = (Table::read(&run::zoo()), Marks::read(&run::zoo()));
    let mut lines = Vec::new();
    for toolchain in setting("LEAKGATE_ZOO_GO", "local") {
        for row in &table.stuck {
            for test in variants(&row.test) {
                let pattern: Vec<String> = test.split('/').map(|part| format!("^{part}$")).collect();
                let (run, timeout) = (
                    format!("-run={}", pattern.join("/")),
                    format!("-timeout={}", row.timeout),
                );
                let args = ["-tags=stuck", &run, &timeout, "-count=1", "./stuck"];
                match run::leakgate(&toolchain, &[], &args) {
                    Ok(report) => lines.extend(
                        compare_stuck(&report, row, &test, &marks)
                            .iter()
                            .map(|w| format!("{toolchain} {w}")),
                    ),
                    Err(error) => lines.push(format!("{toolchain} {test}: {error}")),
                }
            }
        }
    }
    assert!(lines.is_empty(), "{} wrongs:\n{}", lines.len(), lines.join("\n"));
}

#[test]
fn the_table_names_every_leaking_test_and_every_mark_once() {
    let zoo = run::zoo();
    let (table, marks) = (Table::read(&zoo), Marks::read(&zoo));
    let mut in_source = BTreeSet::new();
    for file in go_files(&zoo) {
        let text = fs::read_to_string(zoo.join(&file)).expect("source is readable");
        in_source.extend(text.lines().filter_map(|line| {
            let name = line.strip_prefix("func TestLeak")?.split('(').next()?;
            Some(name.to_owned())
        }));
    }
    let in_table: BTreeSet<String> = table
        .leak
        .iter()
        .map(|row| row.test.clone())
        .chain(table.stuck.iter().map(|row| row.test.clone()))
        .collect();
    assert_eq!(in_source, in_table);
    let cases: BTreeSet<&str> = in_table.iter().map(|test| &test[..2]).collect();
    assert_eq!(cases.len(), 82);
    for row in table.leak.iter().filter(|row| row.owner.is_none()) {
        assert!(
            row.blocked_file.is_some() || marks.blocked.contains_key(&row.mark),
            "{}",
            row.mark
        );
        assert!(
            row.no_started || marks.started.contains_key(&row.mark),
            "{}",
            row.mark
        );
    }
    assert_eq!(variants("04Broadcast")[1], "TestTable/leak/04Broadcast");
}
