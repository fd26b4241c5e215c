//! A process is asked over its gops agent.

use crate::run::{built, command, leakgate};
use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Command, Stdio};
use support::Said;

#[test]
fn a_process_with_an_agent_is_asked_over_it() {
    let program = built(Path::new("tests/testdata/modules/gopslab"), "gopslab");
    let folder = tempfile::tempdir().unwrap();
    let mut child = Command::new(program)
        .env("GOPS_CONFIG_DIR", folder.path())
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut line = String::new();
    BufReader::new(child.stdout.take().unwrap())
        .read_line(&mut line)
        .unwrap();
    assert_eq!(line, "started 2000\n");
    let pid = child.id().to_string();
    let with_folder = |args: &[&str]| {
        let mut command = command(args);
        command.env("GOPS_CONFIG_DIR", folder.path());
        Said::of(&mut command)
    };
    let dump = with_folder(&["dump", "--pid", &pid, "--no-config", "--format", "json"]);
    let monitor = with_folder(&[
        "monitor",
        "--pid",
        &pid,
        "--no-config",
        "--every",
        "100ms",
        "--for",
        "300ms",
    ]);
    let _ = child.kill();
    let _ = child.wait();
    assert_eq!(dump.code, Some(0), "{}", dump.err);
    let row = &dump.json()["dumps"][0]["rows"][0];
    assert_eq!(
        (&row["owner"], &row["goroutines"]),
        (&"main.main.func1".into(), &2000.into())
    );
    assert!(
        monitor.out.contains("Nothing grows"),
        "{}{}",
        monitor.out,
        monitor.err
    );
}

#[test]
fn a_process_without_an_agent_is_said_to_have_none_and_lives_on() {
    let mut child = Command::new("sleep").arg("60").spawn().unwrap();
    let said = leakgate(&["dump", "--pid", &child.id().to_string(), "--no-config"]);
    assert_eq!(said.code, Some(2));
    assert!(said.err.contains("runs no gops agent"), "{}", said.err);
    assert!(child.try_wait().unwrap().is_none());
    child.kill().unwrap();
    child.wait().unwrap();
}
