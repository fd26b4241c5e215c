//! `leakgate run`: as a hand or Bazel's test runner starts it.

use crate::binaries::{binary, finished, leakgate};
use std::path::Path;

fn in_scratch() -> tempfile::TempDir {
    tempfile::tempdir().unwrap()
}

#[test]
fn a_leak_fails_and_names_its_test_and_line() {
    let done = finished(
        leakgate(Path::new("tests/testdata/modules/bazel"))
            .arg("run")
            .arg(binary("leaks")),
    );
    assert_eq!(done.code, Some(3), "{}{}", done.stdout, done.stderr);
    assert!(done.stdout.contains("TestLeaks"), "{}", done.stdout);
    assert!(done.stdout.contains("leaks_test.go:9"), "{}", done.stdout);
}

#[test]
fn the_source_is_found_from_elsewhere_when_its_root_is_named() {
    let scratch = in_scratch();
    let root = std::fs::canonicalize("tests/testdata/modules/bazel").unwrap();
    let mut run = leakgate(scratch.path());
    let done = finished(run.args(["run", "--source-root"]).arg(root).arg(binary("leaks")));
    assert!(
        done.stdout.contains("go func() { answers <- 1 }()"),
        "{}",
        done.stdout
    );
}

#[test]
fn a_clean_binary_passes_and_its_output_is_in_the_log_of_the_runner() {
    let scratch = in_scratch();
    let xml = scratch.path().join("test.xml");
    let outputs = scratch.path().join("outputs");
    let mut run = leakgate(scratch.path());
    run.env("TEST_TARGET", "//clean:clean_test")
        .env("XML_OUTPUT_FILE", &xml)
        .env("TEST_UNDECLARED_OUTPUTS_DIR", &outputs);
    let done = finished(run.arg("run").arg(binary("clean")));
    assert_eq!(done.code, Some(0), "{}{}", done.stdout, done.stderr);
    assert!(done.stdout.contains("hello from the test"), "{}", done.stdout);
    let xml = std::fs::read_to_string(xml).unwrap();
    assert!(
        xml.contains(r#"name="//clean:clean_test""#) && xml.contains("TestClean"),
        "{xml}"
    );
    let json = std::fs::read_to_string(outputs.join("leakgate.json")).unwrap();
    assert!(json.contains("//clean:clean_test"), "{json}");
    assert!(outputs.join("leakgate.html").is_file());
}

#[test]
fn a_leak_is_a_failure_in_the_xml_of_the_runner() {
    let scratch = in_scratch();
    let xml = scratch.path().join("test.xml");
    let mut run = leakgate(scratch.path());
    run.env("TEST_TARGET", "//leaks:leaks_test")
        .env("XML_OUTPUT_FILE", &xml);
    assert_eq!(finished(run.arg("run").arg(binary("leaks"))).code, Some(3));
    let xml = std::fs::read_to_string(xml).unwrap();
    let leaks = xml.find(r#"<testcase name="TestLeaks""#).unwrap();
    assert!(
        xml[leaks..].find("<failure") < xml[leaks..].find("</testcase>"),
        "{xml}"
    );
    assert!(xml.contains(r#"failures="1""#), "{xml}");
}

#[test]
fn a_binary_that_starts_itself_again_is_judged_by_its_child() {
    let scratch = in_scratch();
    let done = finished(leakgate(scratch.path()).arg("run").arg(binary("wrapped")));
    assert_eq!(done.code, Some(3), "{}{}", done.stdout, done.stderr);
    assert!(done.stdout.contains("TestLeaks"), "{}", done.stdout);
}

#[test]
fn a_part_without_tests_passes_under_a_runner_and_fails_by_hand() {
    let scratch = in_scratch();
    let none = ["-test.run=^None$"];
    let by_hand = finished(
        leakgate(scratch.path())
            .arg("run")
            .arg(binary("clean"))
            .args(none),
    );
    assert_eq!(by_hand.code, Some(4), "{}", by_hand.stdout);
    for (name, value) in [("TEST_TOTAL_SHARDS", "2"), ("TESTBRIDGE_TEST_ONLY", "None")] {
        let mut run = leakgate(scratch.path());
        let done = finished(run.env(name, value).arg("run").arg(binary("clean")).args(none));
        assert_eq!(done.code, Some(0), "{name}: {}", done.stdout);
    }
}

#[test]
fn a_crash_is_gos_own_failure_with_the_test_that_it_was_in() {
    let scratch = in_scratch();
    let done = finished(leakgate(scratch.path()).arg("run").arg(binary("panics")));
    assert_eq!(done.code, Some(1), "{}{}", done.stdout, done.stderr);
    assert!(
        done.stdout.contains("as it should") && done.stdout.contains("TestPanics"),
        "{}",
        done.stdout
    );
}

#[test]
fn what_is_no_test_binary_with_the_shim_is_said_to_be_none() {
    let scratch = in_scratch();
    let echo = finished(leakgate(scratch.path()).args(["run", "echo", "hi"]));
    assert_eq!(echo.code, Some(5), "{}", echo.stdout);
    assert!(
        echo.stdout.contains("leakgate overlay"),
        "the remedy is named: {}",
        echo.stdout
    );
    let missing = finished(leakgate(scratch.path()).args(["run", "./none.test"]));
    assert_eq!(missing.code, Some(2));
    assert!(!missing.stderr.contains("install Go"), "{}", missing.stderr);
}
