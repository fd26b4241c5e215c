//! `--shard i/n` on several machines, and `merge` of what they report.

use crate::fixture::{Fixture, Seen};
use crate::matrix::installed;
use leakgate::report::Report;
use std::fs;

const PACKAGES: [&str; 4] = ["./plain", "./suite", "./mainexit", "./leak"];

/// Runs the part and keeps its report.
fn shard(shapes: &Fixture, part: &str, flags: &[&str]) -> Report {
    let file = format!("shard-{}.json", part.replace('/', "-of-"));
    let report = format!("json={file}");
    let mut args = vec!["--shard", part, "--report", &report];
    args.extend(flags);
    args.extend(PACKAGES);
    let seen = shapes.run(&installed(), &args);
    assert!(matches!(seen.code, Some(0 | 3)), "{part}: {}", seen.stderr);
    seen.report().clone()
}

fn packages(report: &Report) -> Vec<String> {
    report
        .packages
        .iter()
        .map(|package| package.path.to_string())
        .collect()
}

fn merge(shapes: &Fixture, files: &[&str]) -> Seen {
    let args = [&["merge", "--format", "json"], files].concat();
    Seen::of(&mut shapes.leakgate(&installed(), &args))
}

#[test]
fn the_parts_are_disjoint_and_together_the_whole() {
    let shapes = Fixture::of("shapes");
    let whole = shapes.run(&installed(), &PACKAGES);
    let parts = ["1/3", "2/3", "3/3"].map(|part| shard(&shapes, part, &[]));
    let mut together: Vec<String> = parts.iter().flat_map(packages).collect();
    together.sort();
    assert_eq!(together, packages(whole.report()));
    assert!(
        parts
            .iter()
            .all(|part| part.run.shard.is_some() && part.run.not_full.is_some())
    );

    let merged = merge(
        &shapes,
        &["shard-1-of-3.json", "shard-2-of-3.json", "shard-3-of-3.json"],
    );
    merged.expect(
        "merged",
        3,
        &whole.leaks().iter().map(String::as_str).collect::<Vec<_>>(),
    );
    assert!(merged.report().run.partial.is_none());
    let missing = merge(&shapes, &["shard-1-of-3.json", "shard-3-of-3.json"]);
    assert!(missing.report().run.partial.is_some());
}

#[test]
fn durations_of_an_earlier_report_balance_the_parts() {
    let shapes = Fixture::of("shapes");
    let run = |args: &[&str]| shapes.run(&installed(), args);
    let earlier = run(&[
        "--report",
        "json=earlier.json",
        "./plain",
        "./suite",
        "./mainexit",
    ]);
    let mut report = earlier.report().clone();
    for package in &mut report.packages {
        package.cached = false;
        package.elapsed_ms = if package.path.as_str().ends_with("/suite") {
            9_000
        } else {
            100
        };
    }
    fs::write(
        shapes.dir.join("earlier.json"),
        serde_json::to_vec(&report).unwrap(),
    )
    .unwrap();
    let first = shard(&shapes, "1/2", &["--shard-by", "earlier.json"]);
    assert_eq!(
        packages(&first),
        ["example.com/shapes/suite"],
        "the long one is alone"
    );
}

#[test]
fn a_part_without_packages_is_green_and_says_so() {
    let shapes = Fixture::of("shapes");
    let empty = shard(&shapes, "9/9", &[]);
    assert_eq!((empty.packages.len(), empty.exit_code), (0, 0));
    assert_eq!(
        empty.run.shard.map(|shard| (shard.index, shard.total)),
        Some((9, 9))
    );
}

#[test]
fn the_users_flags_keep_their_place_around_the_packages() {
    let shapes = Fixture::of("shapes");
    let args = [
        "--shard", "1/1", "-run", "TestLeak", "./plain", "-count=2", "-args", "-x",
    ];
    let seen = shapes.run(&installed(), &args);
    assert_eq!(
        seen.code,
        Some(1),
        "the test binary does not know -x: {}",
        seen.stderr
    );
    let seen = shapes.run(
        &installed(),
        &["--shard", "1/1", "-run", "TestLeak", "./plain", "-count=2"],
    );
    seen.expect("flags around", 3, &["plain TestLeak ×2"]);
    assert_eq!(
        seen.report().run.not_full.as_deref(),
        Some("-run TestLeak was given")
    );
}
