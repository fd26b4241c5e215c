//! What no run may pass over: a package without go's verdict, goroutines that Go hides, code of the user's own in a
//! library's goroutine; and what is no doubt: a package without tests under coverage.

use crate::fixture::{Fixture, Seen};
use crate::matrix::{installed, toolchains};
use leakgate::report::PackageStatus;
use std::fs;

fn leakgate(fixture: &Fixture, args: &[&str]) -> Seen {
    Seen::of(&mut fixture.leakgate(&installed(), args))
}

#[test]
fn a_package_without_gos_verdict_is_inconclusive_in_exec_check_and_merge() {
    let shapes = Fixture::of("shapes");
    let whole = "go test -json -count=1 -run Clean ./plain";
    let json = [
        "exec",
        "--format",
        "json",
        "--report",
        "json=report.json",
        "--",
        "sh",
        "-c",
    ];
    let exec = |command: &str| leakgate(&shapes, &[&json[..], &[command]].concat());
    exec(whole).expect("whole", 0, &[]);
    // Everything but go's last line: the record is whole, and only the verdict is missing.
    let cut = exec(&format!("{whole} | sed '$d' | tee log.json"));
    assert_eq!(cut.code, Some(5), "{}", cut.stderr);
    assert_eq!(cut.inconclusive(), ["example.com/shapes/plain output-cut"]);
    assert_eq!(cut.report().packages[0].status, PackageStatus::Unfinished);

    let check = leakgate(&shapes, &["check", "--format", "json", "log.json"]);
    assert_eq!(check.code, Some(5), "{}", check.stderr);
    let merged = leakgate(&shapes, &["merge", "--format", "json", "report.json"]);
    assert_eq!(merged.code, Some(5), "{}", merged.stderr);
    // A report that does not say so itself.
    let text = fs::read_to_string(shapes.dir.join("report.json")).unwrap();
    let mut old: serde_json::Value = serde_json::from_str(&text).unwrap();
    old["packages"][0].as_object_mut().unwrap().remove("inconclusive");
    fs::write(shapes.dir.join("old.json"), old.to_string()).unwrap();
    let merged = leakgate(&shapes, &["merge", "--format", "json", "old.json"]);
    assert_eq!(merged.code, Some(5), "an old report: {}", merged.stderr);

    // Cut at any line, no run is clean.
    let log = fs::read_to_string(shapes.dir.join("log.json")).unwrap();
    let lines: Vec<&str> = log.lines().collect();
    for count in 1..=lines.len() {
        fs::write(shapes.dir.join("part.json"), lines[..count].join("\n")).unwrap();
        let seen = leakgate(&shapes, &["check", "--format", "json", "part.json"]);
        assert_eq!(seen.code, Some(5), "after {count} lines: {}", seen.stderr);
    }
}

/// <https://github.com/golang/go/issues/73802>
#[test]
fn a_package_without_tests_is_no_missing_evidence_under_coverage() {
    let covered = Fixture::of("covered");
    for go in toolchains() {
        for flags in [
            &["-cover"][..],
            &["-covermode=atomic", "-coverprofile=c.out"],
            &["-coverpkg=./api/...,./store/..."],
            &["-cover", "-v"],
        ] {
            let args = [flags, &["./api", "./store"]].concat();
            let seen = covered.run(&go, &args);
            seen.expect(&format!("Go {} {flags:?}", go.version), 0, &[]);
            assert_eq!(seen.report().summary.tests, 1);
        }
    }
    let silent = covered.run(&installed(), &["-cover", "./silent"]);
    assert_eq!(silent.code, Some(5), "its own words prove nothing");
}

#[test]
fn goroutines_that_go_hides_are_inconclusive() {
    let hidden = Fixture::of("hidden");
    for go in toolchains() {
        let seen = hidden.run(&go, &["./..."]);
        assert_eq!(seen.code, Some(5), "Go {}: {}", go.version, seen.stderr);
        assert_eq!(
            seen.inconclusive(),
            ["runtime.example.com/hidden/p hidden-goroutines"]
        );
    }
}

/// <https://github.com/hashicorp/golang-lru/issues/159>
#[test]
fn the_catalog_passes_over_a_librarys_goroutine_but_not_over_the_users_code_in_it() {
    let callback = Fixture::of("callback");
    let go = installed();
    let seen = callback.run(&go, &["."]);
    seen.expect("stuck", 3, &["callback TestStuckInCallback ×1"]);
    let leak = &seen.report().findings[0].leak.root;
    assert_eq!(leak.cause.code.as_str(), "send-no-receiver");
    let at = leak.blocked_at.as_ref().unwrap();
    assert!(
        at.at.file.ends_with("callback_test.go") && at.at.line == 15,
        "{at:?}"
    );
    callback.run(&go, &["./idle"]).expect("idle", 0, &[]);
}
