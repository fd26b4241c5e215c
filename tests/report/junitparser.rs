//! Our JUnit as another program reads it.

use super::{leakgate, repository, sample, stderr, stdout};
use std::process::Command;
use support::tools;

/// Prints suites, cases and results as Python's own XML parser and, where it is installed, junitparser see them.
const SCRIPT: &str = r#"
import sys, xml.etree.ElementTree as tree
root = tree.parse(sys.argv[1]).getroot()
assert root.tag == "testsuites", root.tag
cases = failures = errors = skipped = 0
for suite in root:
    assert suite.tag == "testsuite" and suite.get("name")
    names = [(case.get("classname"), case.get("name")) for case in suite.iter("testcase")]
    assert len(names) == len(set(names)) == int(suite.get("tests")), names
    cases += len(names)
    for case in suite.iter("testcase"):
        results = [child.tag for child in case if child.tag in ("failure", "error", "skipped")]
        assert len(results) <= 1, results
        failures += results == ["failure"]; errors += results == ["error"]; skipped += results == ["skipped"]
assert [cases, failures, errors, skipped] == [int(root.get(key)) for key in ("tests", "failures", "errors", "skipped")]
try:
    import junitparser
    document = junitparser.JUnitXml.fromfile(sys.argv[1])
    assert sum(suite.tests for suite in document) == cases
    assert sum(1 for suite in document for case in suite for result in case.result if isinstance(result, junitparser.Failure)) == failures
    print("junitparser", end=" ")
except ImportError:
    pass
print(cases, failures, errors, skipped)
"#;

#[test]
fn junit_is_read_by_other_programs() {
    if !tools::has("python3", &["--version"]) {
        return;
    }
    let dir = tempfile::tempdir().unwrap();
    let file = sample().display().to_string();
    let output = leakgate(
        dir.path(),
        &[
            "report",
            &file,
            "--format",
            "short",
            "--report",
            "junit=out/junit.xml",
        ],
    );
    assert!(output.status.success(), "{}", stderr(&output));
    let xml = dir.path().join("out/junit.xml");
    let output = Command::new("python3")
        .args(["-c", SCRIPT])
        .arg(&xml)
        .current_dir(repository())
        .output()
        .unwrap();
    assert!(output.status.success(), "{}", stderr(&output));
    // 14 tests, a build failure, two packages without evidence, two leaks of a package, one denied rule
    assert!(
        stdout(&output).trim().ends_with("20 9 4 1"),
        "{}",
        stdout(&output)
    );
}
