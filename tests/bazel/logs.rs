//! `leakgate check` on raw logs and on Bazel's build events.

use crate::binaries::{binary, finished, leakgate};
use std::path::{Path, PathBuf};
use std::process::Command;

/// What the binary prints under `-test.v=test2json`, behind the head that Bazel's test-setup.sh writes.
fn log(package: &str, folder: &Path, name: &str) -> PathBuf {
    let output = Command::new(binary(package))
        .arg("-test.v=test2json")
        .output()
        .unwrap();
    let head = format!(
        "Executing tests from //{package}:{package}_test\n{}\n",
        "-".repeat(77)
    );
    let path = folder.join(name);
    std::fs::create_dir_all(path.parent().unwrap()).unwrap();
    std::fs::write(&path, [head.as_bytes(), &output.stdout, &output.stderr].concat()).unwrap();
    path
}

fn result(label: &str, shard: u32, status: &str, uri: &str) -> String {
    format!(
        r#"{{"id":{{"testResult":{{"label":"{label}","run":1,"shard":{shard},"attempt":1}}}},"testResult":{{"status":"{status}","testActionOutput":[{{"name":"test.log","uri":"{uri}"}}]}}}}"#
    )
}

fn kind(label: &str, kind: &str) -> String {
    format!(
        r#"{{"id":{{"targetConfigured":{{"label":"{label}"}}}},"configured":{{"targetKind":"{kind} rule"}}}}"#
    )
}

#[test]
fn a_raw_log_is_judged_under_the_label_that_it_names() {
    let scratch = tempfile::tempdir().unwrap();
    let log = log("leaks", scratch.path(), "test.log");
    let done = finished(leakgate(scratch.path()).arg("check").arg(log));
    assert_eq!(done.code, Some(3), "{}{}", done.stdout, done.stderr);
    assert!(
        done.stdout.contains("TestLeaks in //leaks:leaks_test"),
        "{}",
        done.stdout
    );
}

#[test]
fn a_raw_log_that_was_cut_is_inconclusive() {
    let scratch = tempfile::tempdir().unwrap();
    let log = log("clean", scratch.path(), "test.log");
    let whole = std::fs::read(&log).unwrap();
    let end = memchr::memmem::find(&whole, b"\x16PASS").unwrap();
    std::fs::write(&log, &whole[..end]).unwrap();
    let done = finished(leakgate(scratch.path()).arg("check").arg(log));
    assert_eq!(done.code, Some(5), "{}{}", done.stdout, done.stderr);
}

/// What `leakgate run` leaves as the log of a target.
fn judged(package: &str, folder: &Path, name: &str) -> PathBuf {
    let mut run = leakgate(folder);
    run.env("TEST_TARGET", format!("//{package}:{package}_test"));
    let output = run.arg("run").arg(binary(package)).output().unwrap();
    let path = folder.join(name);
    std::fs::create_dir_all(path.parent().unwrap()).unwrap();
    std::fs::write(&path, [&output.stdout[..], &output.stderr].concat()).unwrap();
    path
}

#[test]
fn a_log_that_leakgate_run_has_judged_is_told_as_such() {
    let scratch = tempfile::tempdir().unwrap();
    let (clean, leaks) = (
        judged("clean", scratch.path(), "c/test.log"),
        judged("leaks", scratch.path(), "l/test.log"),
    );
    let uri = |path: &Path| format!("file://{}", path.display());
    let lines = [
        kind("//clean:clean_test", "go_test"),
        result("//clean:clean_test", 1, "PASSED", &uri(&clean)),
        result("//leaks:leaks_test", 1, "FAILED", &uri(&leaks)),
        r#"{"id":{"buildMetrics":{}},"lastMessage":true}"#.to_owned(),
    ];
    let bep = scratch.path().join("bep.json");
    std::fs::write(&bep, lines.join("\n")).unwrap();
    let mut check = leakgate(scratch.path());
    let done = finished(check.args(["check", "--bep"]).arg(&bep));
    // Bazel itself says that a target failed.
    assert_eq!(done.code, Some(1), "{}{}", done.stdout, done.stderr);
    assert_eq!(
        done.stdout.matches("[judged-already]").count(),
        2,
        "{}",
        done.stdout
    );
    assert!(done.stdout.contains("leakgate merge"), "{}", done.stdout);
    assert!(!done.stdout.contains("hello from the test"), "{}", done.stdout);
    let done = finished(leakgate(scratch.path()).arg("check").arg(&leaks));
    assert_eq!(done.code, Some(2), "{}{}", done.stdout, done.stderr);
    assert!(
        done.stderr.contains("holds a report of leakgate"),
        "{}",
        done.stderr
    );
}

#[test]
fn build_events_make_one_report_with_a_package_for_each_go_target() {
    let scratch = tempfile::tempdir().unwrap();
    let uri = |path: PathBuf| format!("file://{}", path.display());
    let lines = [
        r#"{"id":{"pattern":{"pattern":["//..."]}}}"#.to_owned(),
        kind("//leaks:leaks_test", "go_test"),
        kind("//clean:clean_test", "go_test"),
        kind("//sh:sh_test", "sh_test"),
        kind("//gone:gone_test", "go_test"),
        result(
            "//leaks:leaks_test",
            1,
            "PASSED",
            &uri(log("leaks", scratch.path(), "l/1/test.log")),
        ),
        result(
            "//leaks:leaks_test",
            2,
            "PASSED",
            &uri(log("leaks", scratch.path(), "l/2/test.log")),
        ),
        result(
            "//clean:clean_test",
            1,
            "PASSED",
            &uri(log("clean", scratch.path(), "c/test.log")),
        ),
        result("//sh:sh_test", 1, "PASSED", "file:///nowhere/test.log"),
        result("//gone:gone_test", 1, "PASSED", "bytestream://cache/blobs/x/3"),
        r#"{"id":{"buildMetrics":{}},"lastMessage":true}"#.to_owned(),
    ];
    let bep = scratch.path().join("bep.json");
    std::fs::write(&bep, lines.join("\n")).unwrap();
    let mut check = leakgate(scratch.path());
    let done = finished(check.args(["check", "--format", "json", "--bep"]).arg(&bep));
    let report: serde_json::Value = serde_json::from_str(&done.stdout).unwrap();
    let packages: Vec<(&str, bool, usize)> = report["packages"]
        .as_array()
        .unwrap()
        .iter()
        .map(|package| {
            let tests = package["tests"].as_array().unwrap().len();
            (
                package["path"].as_str().unwrap(),
                package["inconclusive"].is_object(),
                tests,
            )
        })
        .collect();
    assert_eq!(
        packages,
        [
            ("//clean:clean_test", false, 1),
            ("//gone:gone_test", true, 0),
            ("//leaks:leaks_test", false, 4),
        ]
    );
    assert_eq!(report["summary"]["leaked"], 2, "one in each shard");
    // Leaks win over missing evidence.
    assert_eq!(done.code, Some(3), "{}", done.stderr);
}

#[test]
fn build_events_without_tests_and_broken_ones_are_errors_that_say_so() {
    let scratch = tempfile::tempdir().unwrap();
    let bep = scratch.path().join("bep.json");
    for (text, words) in [
        ("{\"id\":{\"buildFinished\":{}}}\n", "names no test result"),
        ("{\"id\":{}}\nnonsense\n", "line 2: not a build event"),
    ] {
        std::fs::write(&bep, text).unwrap();
        let done = finished(leakgate(scratch.path()).args(["check", "--bep"]).arg(&bep));
        assert_eq!(done.code, Some(2));
        assert!(done.stderr.contains(words), "{}", done.stderr);
    }
}
