//! The go command that `leakgate ide` writes, called as editors call it.

use crate::said;
use std::path::PathBuf;
use std::process::{Command, Output};
use support::Copied;

/// A copy of the example, and the wrapper in a folder that comes first in PATH.
struct Editor {
    module: Copied,
    path: String,
}

impl Editor {
    fn new() -> Self {
        let module = Copied::of(&support::repository().join("examples/first-leak"));
        let folder = module.beside().join("it's here");
        let path = format!("{}:{}", folder.display(), std::env::var("PATH").unwrap());
        let editor = Self { module, path };
        // Twice: the second time a wrapper is first in PATH, which is not the go that it calls.
        for _ in 0..2 {
            let done = editor.run(
                &format!("{} ide neovim --write", support::program().display()),
                &[&folder],
            );
            assert!(done.status.success(), "{}", said(&done));
        }
        editor
    }

    fn run(&self, line: &str, more: &[&PathBuf]) -> Output {
        let mut words = line.split(' ');
        let mut command = Command::new("env");
        support::alone(command.arg(words.next().unwrap()).args(words).args(more));
        command.current_dir(self.module.dir()).env("PATH", &self.path);
        command.output().unwrap()
    }

    fn go(&self, line: &str) -> Output {
        self.run(&format!("go {line}"), &[])
    }
}

#[test]
fn a_leaking_test_is_red_at_its_line_in_the_stream_of_an_editor() {
    let editor = Editor::new();
    let done = editor.go("test -timeout 30s -json -run ^TestFastest$ example.com/first-leak");
    let stream = String::from_utf8_lossy(&done.stdout);
    assert!(!done.status.success());
    assert!(
        stream.contains(r#""Action":"fail","Package":"example.com/first-leak","Test":"TestFastest""#),
        "{stream}"
    );
    assert!(stream.contains("    mirrors.go:25: goroutine leak ("), "{stream}");
    // A code lens runs one test without -json.
    let done = editor.go("test -timeout 30s -run ^TestFastestFixed$ example.com/first-leak");
    assert!(done.status.success(), "{}", said(&done));
    assert!(
        said(&done).starts_with("ok  \texample.com/first-leak"),
        "{}",
        said(&done)
    );
    // What has no such test is green in an editor, as with go.
    let done = editor.go("test -run ^TestNone$ ./...");
    assert!(done.status.success(), "{}", said(&done));
}

#[test]
fn what_runs_no_test_is_gos_own() {
    let editor = Editor::new();
    let plain = |line: &str| {
        let mut go = Command::new("go");
        go.args(line.split(' ')).current_dir(editor.module.dir());
        support::alone(&mut go).output().unwrap()
    };
    for line in [
        "env GOROOT GOMOD",
        "version",
        "list -json ./...",
        "test -list . ./...",
    ] {
        let (under, own) = (editor.go(line), plain(line));
        assert!(own.status.success(), "{line}: {}", said(&own));
        let words = |output: &Output| {
            let text = String::from_utf8_lossy(&output.stdout).into_owned();
            // The time of `test -list` is not the same twice.
            text.lines()
                .filter(|text| !text.starts_with("ok "))
                .map(str::to_owned)
                .collect::<Vec<_>>()
        };
        assert_eq!(words(&under), words(&own), "{line}");
    }
    // As a debugger builds the test binary.
    let done = editor.go("test -c -o debug.test -gcflags=all=-N example.com/first-leak");
    assert!(done.status.success(), "{}", said(&done));
    assert!(editor.module.dir().join("debug.test").is_file());
    let done = editor.go("build ./...");
    assert!(done.status.success(), "{}", said(&done));
}

#[test]
fn leakgate_in_the_terminal_of_an_editor_gates_once() {
    let editor = Editor::new();
    let program = support::program();
    for line in ["test ./...", "exec go test -json ./..."] {
        let done = editor.run(&format!("{} {line}", program.display()), &[]);
        assert_eq!(done.status.code(), Some(3), "{line}: {}", said(&done));
        assert!(said(&done).contains("TestFastest"), "{}", said(&done));
    }
}
