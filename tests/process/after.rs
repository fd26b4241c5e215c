//! What comes after a run: its leaking tests again, a command of the user's, or the next run.

use crate::running::{Module, said, until};
use std::fs;
use std::io::{BufRead, BufReader};
use std::sync::mpsc::channel;

#[test]
fn a_post_run_command_is_told_how_the_run_came_out() {
    let module = Module::new();
    let told = module.dir().join("told");
    let command = format!(
        "echo to-the-log; echo $LEAKGATE_EXIT_CODE $TESTS_TOTAL $TESTS_FAILED $LEAKGATE_LEAKED >'{}'",
        told.display()
    );
    let mut run = module.command(&[
        "test",
        "--format",
        "json",
        "--post-run-command",
        &command,
        "./fails",
    ]);
    let output = run.output().unwrap();
    assert_eq!(fs::read_to_string(told).unwrap(), "1 2 1 0\n");
    assert!(
        serde_json::from_slice::<serde_json::Value>(&output.stdout).is_ok(),
        "stdout is the report alone"
    );
    assert!(said(output).1.contains("to-the-log"));
}

#[test]
fn a_post_run_command_that_fails_is_not_green() {
    let module = Module::new();
    let (code, text) = module.output(&["test", "--post-run-command", "exit 9", "./clean"]);
    assert_eq!(code, Some(2), "{text}");
    assert!(
        text.contains("post-run command ended with exit status: 9"),
        "{text}"
    );
    let (code, _) = module.output(&["test", "--post-run-command", "exit 9", "./fails"]);
    assert_eq!(code, Some(1));
}

#[test]
fn watch_runs_again_when_a_go_file_changes() {
    let module = Module::new();
    let mut child = module.command(&["test", "--watch", "./clean"]).spawn().unwrap();
    let (sender, lines) = channel();
    let stderr = BufReader::new(child.stderr.take().unwrap());
    std::thread::spawn(move || {
        stderr
            .lines()
            .map_while(Result::ok)
            .try_for_each(|line| sender.send(line))
    });
    let mut stdout = child.stdout.take().unwrap();
    let read = std::thread::spawn(move || {
        let mut text = String::new();
        std::io::Read::read_to_string(&mut stdout, &mut text).map(|_| text)
    });
    let waits = || {
        until("it watches", || {
            lines.try_iter().find(|line| line.contains("watching"))
        })
    };
    waits();
    let file = module.dir().join("clean/c_test.go");
    let text = fs::read_to_string(&file).unwrap();
    fs::write(
        &file,
        format!("{text}\nfunc TestSecond(t *testing.T) {{ t.Error(\"second\") }}\n"),
    )
    .unwrap();
    waits();
    let pid = rustix::process::Pid::from_raw(i32::try_from(child.id()).unwrap()).unwrap();
    rustix::process::kill_process(pid, rustix::process::Signal::INT).unwrap();
    child.wait().unwrap();
    let text = read.join().unwrap().unwrap();
    assert!(text.contains("TestSecond"), "{text}");
}

#[test]
fn an_editor_finds_the_place_of_a_leak_in_the_stream() {
    let module = Module::new();
    let (code, out) = module.output(&["test", "-json", "./leaks"]);
    assert_eq!(code, Some(3));
    let place = out
        .lines()
        .find(|line| line.contains("l_test.go:7: goroutine leak (select-empty)"))
        .unwrap_or_else(|| panic!("{out}"));
    assert!(place.contains(r#""Test":"TestLeaks""#), "{place}");
    let fail = out
        .lines()
        .find(|line| line.contains(r#""Action":"fail""#))
        .unwrap();
    assert!(
        fail.contains(r#""Test":"TestLeaks""#),
        "the test fails before its package: {fail}"
    );
}

#[test]
fn a_suite_that_refuses_an_order_is_traced_and_one_that_runs_once_is_no_singleton() {
    let module = Module::new();
    let (code, text) = module.output(&["test", "--trace=on", "./onesuite"]);
    assert_eq!(code, Some(3), "{text}");
    assert!(text.contains("led to by   onesuite/suite_test.go:10"), "{text}");
    let (_, text) = module.output(&["test", "--confirm=3", "./onesuite"]);
    let text = text.split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(text.contains("the test can't be repeated"), "{text}");
    assert!(!text.contains("singleton"), "{text}");
}
