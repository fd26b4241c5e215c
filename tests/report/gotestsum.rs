//! The real gotestsum on our test2json stream: leaking tests are failed tests to it.

use super::{has, leakgate, repository, stderr};
use std::path::{Path, PathBuf};
use std::process::Command;
use support::Copied;

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
            eprintln!("skipped: gotestsum can't be installed here: {}", stderr(&output));
            return None;
        }
    }
    Some(program)
}

#[test]
fn leaking_tests_are_failed_tests_to_gotestsum() {
    let Some(gotestsum) = has("go", "version").then(gotestsum).flatten() else {
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
