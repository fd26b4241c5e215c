//! The real gotestsum on our test2json stream: leaking tests are failed tests to it.

use super::{leakgate, repository, stderr};
use std::path::{Path, PathBuf};
use std::process::Command;
use support::{Copied, tools};

/// Installs it once, beside the build.
fn gotestsum() -> Option<PathBuf> {
    let bin = Path::new(env!("CARGO_TARGET_TMPDIR")).join("gobin");
    let program = bin.join(format!("gotestsum{}", std::env::consts::EXE_SUFFIX));
    if !program.exists() {
        let module = "gotest.tools/gotestsum@v1.13.0";
        let output = Command::new("go")
            .args(["install", module])
            .env("GOBIN", &bin)
            .env("GOFLAGS", "")
            .output()
            .ok()?;
        if !output.status.success() {
            tools::missing(&format!("gotestsum: {}", stderr(&output)));
            return None;
        }
    }
    Some(program)
}

#[test]
fn leaking_tests_are_failed_tests_to_gotestsum() {
    let Some(gotestsum) = gotestsum() else {
        return;
    };
    let copy = Copied::of(&repository().join("examples/first-leak"));
    let dir = copy.dir();
    let mut command = Command::new(gotestsum);
    let output = support::alone(&mut command)
        .args([
            "--raw-command",
            "--format",
            "testname",
            "--no-color",
            "--junitfile",
            "junit.xml",
            "--jsonfile",
            "t.json",
            "--",
        ])
        .args([
            env!("CARGO_BIN_EXE_leakgate"),
            "test",
            "--format",
            "gojson",
            "--quiet",
            "./...",
        ])
        .current_dir(dir)
        .output()
        .unwrap();
    let text = String::from_utf8_lossy(&output.stdout);
    assert_eq!(output.status.code(), Some(3), "{text}{}", stderr(&output));
    assert!(
        text.contains("FAIL: . TestFastest ") && text.contains("LEAK ×2 TestFastest"),
        "{text}"
    );
    assert!(
        text.contains("DONE 2 tests, 1 failure in"),
        "no line of standard error was counted: {text}"
    );
    let junit = std::fs::read_to_string(dir.join("junit.xml")).unwrap();
    assert_eq!(junit.matches("<failure").count(), 1, "{junit}");
    // What it saved of the stream can be gated again.
    let saved = std::fs::read_to_string(dir.join("t.json")).unwrap();
    assert!(saved.lines().all(|line| line.starts_with('{')));
    let plain = leakgate(dir, &["test", "--format", "gojson", "./..."]);
    assert_eq!(
        stderr(&plain),
        "leakgate: FAIL goroutines leak: 1 leak, 2 goroutines in 1 test (exit code 3)\n"
    );
}

#[test]
fn gotestsum_runs_leaking_tests_again() {
    let Some(gotestsum) = gotestsum() else {
        return;
    };
    let copy = Copied::of(&repository().join("examples/first-leak"));
    let rerun = |code: &[&str]| {
        let mut command = Command::new(&gotestsum);
        let flags = [
            "--rerun-fails=2",
            "--packages=./...",
            "--raw-command",
            "--no-color",
            "--",
        ];
        let gate = [
            env!("CARGO_BIN_EXE_leakgate"),
            "test",
            "--format",
            "gojson",
            "--quiet",
        ];
        let output = support::alone(&mut command)
            .args(flags)
            .args(gate)
            .args(code)
            .current_dir(copy.dir())
            .output()
            .unwrap();
        format!("{}{}", String::from_utf8_lossy(&output.stdout), stderr(&output))
    };
    // Two tests, then the leaking one twice more.
    let said = rerun(&["--leak-exit-code", "1"]);
    assert!(said.contains("DONE 3 runs, 4 tests, 3 failures"), "{said}");
    let said = rerun(&[]);
    assert!(
        said.contains("unexpected go test exit code: exit status 3"),
        "why 1 is needed: {said}"
    );
}
