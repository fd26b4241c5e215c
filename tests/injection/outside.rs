//! The shim in a `go test` that another program calls: `exec`, `overlay` and `check`.

use crate::fixture::{Fixture, Seen};
use crate::matrix::{Go, installed, toolchains};
use std::fs;
use std::process::Command;

const PLAIN: &[&str] = &["plain TestLeak ×1"];

fn leakgate(fixture: &Fixture, go: &Go, args: &[&str]) -> Command {
    fixture.leakgate(go, args)
}

#[test]
fn exec_gates_a_command_that_runs_go_itself_on_every_go() {
    let shapes = Fixture::of("shapes");
    for go in toolchains() {
        let args = [
            "exec",
            "--format",
            "json",
            "--",
            "sh",
            "-c",
            "go test -json ./plain",
        ];
        let seen = Seen::of(&mut leakgate(&shapes, &go, &args));
        seen.expect(&format!("Go {}", go.version), 3, PLAIN);
    }
}

#[test]
fn exec_passes_on_that_the_command_failed() {
    let shapes = Fixture::of("shapes");
    let go = installed();
    let wrapped = "go test -json -run Clean ./plain; exit 7";
    let seen = Seen::of(&mut leakgate(
        &shapes,
        &go,
        &["exec", "--format", "json", "--", "sh", "-c", wrapped],
    ));
    seen.expect("exit 7", 1, &[]);
    assert!(
        seen.report()
            .notices
            .iter()
            .any(|notice| notice.code == "command-failed")
    );
    let silent = Seen::of(&mut leakgate(
        &shapes,
        &go,
        &["exec", "--format", "json", "--", "true"],
    ));
    assert_eq!(silent.code, Some(2), "{}", silent.stderr);
}

#[test]
fn a_log_made_with_the_printed_environment_is_checked_on_every_go() {
    let shapes = Fixture::of("shapes");
    for go in toolchains() {
        let script = format!(
            "eval \"$('{}' overlay)\" && go test -json ./plain >log.json",
            env!("CARGO_BIN_EXE_leakgate")
        );
        let mut shell = Command::new("sh");
        shell
            .args(["-c", &script])
            .current_dir(&shapes.dir)
            .env("GOTOOLCHAIN", &go.gotoolchain)
            .env_remove("GOFLAGS");
        assert!(
            shell.status().unwrap().success(),
            "Go {}: go itself passes it",
            go.version
        );
        let seen = Seen::of(&mut leakgate(
            &shapes,
            &go,
            &["check", "--format", "json", "log.json"],
        ));
        seen.expect(&format!("Go {}", go.version), 3, PLAIN);
        assert_eq!(seen.report().run.go_version, format!("go{}", go.version));
    }
}

#[test]
fn a_log_made_without_the_shim_is_never_clean() {
    let shapes = Fixture::of("shapes");
    let go = installed();
    let made = Command::new("go")
        .args(["test", "-json", "./plain"])
        .current_dir(&shapes.dir)
        .output()
        .unwrap();
    fs::write(shapes.dir.join("log.json"), made.stdout).unwrap();
    let seen = Seen::of(&mut leakgate(
        &shapes,
        &go,
        &["check", "--format", "json", "log.json"],
    ));
    assert_eq!(seen.code, Some(5), "{}", seen.stderr);
    assert_eq!(seen.inconclusive(), ["example.com/shapes/plain no-record"]);
    fs::write(shapes.dir.join("log.json"), "PASS\n").unwrap();
    let seen = Seen::of(&mut leakgate(
        &shapes,
        &go,
        &["check", "--format", "json", "log.json"],
    ));
    assert_eq!(seen.code, Some(2), "no event at all: {}", seen.stderr);
}
