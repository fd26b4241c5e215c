//! `leakgate overlay --goroot` and `--patch`.

use crate::binaries::{finished, go_of, leakgate};
use std::path::Path;
use std::process::Command;
use support::tools::{MATRIX, has_go};

/// GOROOT of a Go of the matrix.
fn goroot(version: &str) -> String {
    let mut go = Command::new("go");
    go.args(["env", "GOROOT"])
        .env("GOTOOLCHAIN", format!("go{version}"));
    let done = finished(&mut go);
    assert_eq!(done.code, Some(0), "{}", done.stderr);
    done.stdout.trim().to_owned()
}

#[test]
fn the_patch_applies_to_every_go_of_the_matrix() {
    for version in MATRIX.into_iter().filter(|version| has_go(version)) {
        let goroot = goroot(version);
        let scratch = tempfile::tempdir().unwrap();
        let diff = scratch.path().join("shim.patch");
        let mut overlay = leakgate(scratch.path());
        overlay.env("GOTOOLCHAIN", format!("go{version}"));
        let done = finished(overlay.args(["overlay", "--patch"]).arg(&diff));
        assert_eq!(done.code, Some(0), "{version}: {}", done.stderr);
        for package in ["testing", "runtime"] {
            std::fs::create_dir_all(scratch.path().join("src")).unwrap();
            let mut copy = Command::new("cp");
            copy.arg("-r").arg(Path::new(&goroot).join("src").join(package));
            assert!(copy.arg(scratch.path().join("src")).status().unwrap().success());
            // A toolchain in the module cache can't be written to.
            let mut chmod = Command::new("chmod");
            chmod.args(["-R", "u+w"]).arg(scratch.path().join("src"));
            assert!(chmod.status().unwrap().success());
        }
        let mut apply = Command::new("git");
        apply
            .current_dir(scratch.path())
            .args(["apply", "-p1", "--whitespace=nowarn"])
            .arg(&diff);
        let done = finished(&mut apply);
        assert_eq!(done.code, Some(0), "{version}: {}", done.stderr);
        let patched = std::fs::read_to_string(scratch.path().join("src/testing/testing.go")).unwrap();
        assert!(patched.contains("leakgateTest(\"test\""), "{version}");
    }
}

#[test]
fn a_copied_toolchain_tests_with_plain_go_and_its_log_is_judged() {
    let scratch = tempfile::tempdir().unwrap();
    let goroot = scratch.path().join("goroot");
    let module = Path::new("tests/testdata/modules/bazel");
    let done = finished(leakgate(module).args(["overlay", "--goroot"]).arg(&goroot));
    assert_eq!(done.code, Some(0), "{}", done.stderr);
    let mut go = go_of(&goroot);
    let done = finished(
        go.current_dir(module)
            .args(["test", "-json", "./leaks", "./clean"]),
    );
    assert_eq!(done.code, Some(0), "go itself passes: {}", done.stderr);
    let log = scratch.path().join("log.json");
    std::fs::write(&log, done.stdout).unwrap();
    let done = finished(leakgate(module).arg("check").arg(&log));
    assert_eq!(done.code, Some(3), "{}", done.stdout);
    assert!(
        done.stdout.contains("TestLeaks") && !done.stdout.contains("TestClean in"),
        "{}",
        done.stdout
    );

    let again = finished(leakgate(module).args(["overlay", "--goroot"]).arg(&goroot));
    assert_eq!(again.code, Some(2));
    assert!(again.stderr.contains("is not empty"), "{}", again.stderr);
}
