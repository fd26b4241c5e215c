//! examples/leaklab: 1 → 2001 → 2001 where it leaks, → 1 where it does not, seen from outside.

use crate::run::{Lab, leakgate};
use std::process::{Command, Stdio};

/// Goroutines of the lab's own modes in a dump of the running program, and all of them.
fn counts(url: &str) -> (u64, u64) {
    let said = leakgate(&[
        "dump",
        url,
        "--no-config",
        "--format",
        "json",
        "--group-by",
        "package",
    ]);
    assert_eq!(said.code, Some(0), "{}", said.err);
    let dump = &said.json()["dumps"][0];
    let all = dump["goroutines"].as_u64().unwrap();
    let said = leakgate(&[
        "dump",
        url,
        "--no-config",
        "--format",
        "json",
        "--filter",
        "created-by=re:main\\.(leak|fix).*",
    ]);
    (said.json()["dumps"][0]["passing"].as_u64().unwrap(), all)
}

#[test]
fn modes_go_from_1_to_2001_and_stay_or_come_back() {
    for (mode, running, end) in [
        ("leak-recv", 2000, 2000),
        ("fix-recv", 2000, 0),
        ("leak-send", 2000, 2000),
        ("fix-send", 2000, 0),
        ("leak-ticker", 1, 1),
        ("fix-ticker", 1, 0),
    ] {
        let mut lab = Lab::start(&["-step", "-mode", mode], Stdio::null());
        let (start, server) = counts(&lab.url);
        assert_eq!(start, 0, "{mode}");
        lab.step("running");
        let (found, all) = counts(&lab.url);
        assert_eq!(found, running, "{mode}");
        // Main and what serves the request are the same few each time.
        assert!(all.abs_diff(server + running) <= 2, "{mode}: {server} {all}");
        lab.step("at end");
        assert_eq!(counts(&lab.url).0, end, "{mode}");
    }
}

/// `go tool pprof` and every form of the profile tell of the same goroutines.
#[test]
fn every_form_of_the_profile_has_the_total_that_go_tool_pprof_tells() {
    let mut lab = Lab::start(&["-step", "-mode", "leak-send"], Stdio::null());
    lab.step("running");
    for debug in ["?debug=0", "?debug=1", "?debug=2"] {
        let url = format!("{}/debug/pprof/goroutine{debug}", lab.url);
        let said = leakgate(&["dump", &url, "--no-config", "--format", "json"]);
        let dump = &said.json()["dumps"][0];
        let row = &dump["rows"][0];
        assert_eq!(
            (&row["owner"], &row["goroutines"]),
            (&"main.send".into(), &2000.into()),
            "{debug}"
        );
        assert_eq!((&dump["missing"], said.code), (&0.into(), Some(0)), "{debug}");
        let state = if debug == "?debug=1" { "" } else { "chan send" };
        assert_eq!(row["state"], state, "{debug}");
    }
    let folder = tempfile::tempdir().unwrap();
    let ours = folder.path().join("ours.pb.gz");
    let mut dump = crate::run::command(&[
        "dump",
        &lab.url,
        "--no-config",
        "--format",
        "pprof",
        "--owner",
        "main.send",
    ]);
    dump.stdout(std::fs::File::create(&ours).unwrap());
    assert!(dump.status().unwrap().success());
    for profile in [
        ours.display().to_string(),
        format!("{}/debug/pprof/goroutine", lab.url),
    ] {
        let top = Command::new("go")
            .args(["tool", "pprof", "-top", "-nodecount=20", &profile])
            .env("PPROF_TMPDIR", folder.path())
            .output()
            .unwrap();
        let top = String::from_utf8_lossy(&top.stdout).into_owned();
        let line = top
            .lines()
            .find(|line| line.ends_with("main.send"))
            .unwrap_or_else(|| panic!("{top}"));
        assert!(line.split_whitespace().any(|word| word == "2000"), "{line}");
    }
}

#[test]
fn monitor_names_the_owner_that_grows_and_fails_when_told_to() {
    let mut lab = Lab::start(
        &["-mode", "leak-recv", "-n", "50", "-every", "200ms"],
        Stdio::null(),
    );
    lab.step_free();
    let args = [
        "monitor",
        &lab.url,
        "--no-config",
        "--every",
        "400ms",
        "--for",
        "2s",
    ];
    let said = leakgate(&args);
    assert_eq!(said.code, Some(0), "{}", said.err);
    assert!(
        said.out
            .lines()
            .any(|line| line.starts_with("main.receive grows: ")),
        "{}",
        said.out
    );
    assert!(said.err.contains("goroutines"), "{}", said.err);
    let said = leakgate(&[&args[..], &["--format", "json", "--fail-on", "growth>10"]].concat());
    assert_eq!(said.code, Some(3), "{}", said.err);
    let found = said.json();
    let row = &found["rows"][0];
    assert_eq!(
        (&row["owner"], &row["trend"]),
        (&"main.receive".into(), &"grows".into())
    );
    // 50 each 200 ms are 15,000 a minute; the machine may be busy.
    let rate = row["rate"].as_f64().unwrap();
    assert!((1_000.0..30_000.0).contains(&rate), "{rate}");
    assert!(
        said.err.contains("growth>10: 1 grew: main.receive by "),
        "{}",
        said.err
    );
}

#[test]
fn monitor_says_that_nothing_grows_in_a_fixed_program() {
    let mut lab = Lab::start(&["-mode", "fix-recv"], Stdio::null());
    lab.step_free();
    let said = leakgate(&[
        "monitor",
        &lab.url,
        "--no-config",
        "--every",
        "200ms",
        "--for",
        "1s",
        "--filter",
        "any=main...",
        "--fail-on",
        "growth>0",
    ]);
    assert_eq!(said.code, Some(0), "{}{}", said.out, said.err);
    assert!(
        said.out.contains("Nothing grows from look to look."),
        "{}",
        said.out
    );
}

#[test]
fn a_service_that_goes_away_is_said_and_what_was_seen_is_kept() {
    let lab = Lab::start(&["-step"], Stdio::null());
    let url = lab.url.clone();
    drop(lab);
    let said = leakgate(&["monitor", &url, "--no-config", "--every", "50ms", "--for", "10s"]);
    assert_eq!(said.code, Some(2));
    assert!(
        said.err.contains("0 samples taken, and growth needs two"),
        "{}",
        said.err
    );
    // What is no address is not asked three times.
    let said = leakgate(&["monitor", "ftp://x", "--no-config", "--every", "1h"]);
    assert!(
        said.code == Some(2) && said.err.contains("is not an http or https URL"),
        "{}",
        said.err
    );
}

/// SIGQUIT ends the process: leakgate says so first, and reads the dump from the file that standard error goes to.
#[cfg(target_os = "linux")]
#[test]
fn sigquit_is_said_sent_and_its_dump_is_read() {
    let folder = tempfile::tempdir().unwrap();
    let log = folder.path().join("log");
    std::fs::write(&log, "before\n").unwrap();
    let file = std::fs::File::options().append(true).open(&log).unwrap();
    let mut lab = Lab::start(&["-step", "-n", "100"], file.into());
    lab.step("running");
    let pid = lab.pid().to_string();
    let said = leakgate(&[
        "dump",
        "--pid",
        &pid,
        "--sigquit",
        "--no-config",
        "--format",
        "json",
    ]);
    assert_eq!(said.code, Some(0), "{}", said.err);
    assert!(
        said.err.contains(&format!("sending SIGQUIT to process {pid}")),
        "{}",
        said.err
    );
    let dump = &said.json()["dumps"][0];
    assert_eq!(
        (&dump["rows"][0]["owner"], &dump["rows"][0]["goroutines"]),
        (&"main.receive".into(), &100.into())
    );
    assert_eq!(dump["crash"]["headline"], "SIGQUIT: quit");
}

#[cfg(target_os = "linux")]
#[test]
fn sigquit_is_not_sent_where_its_dump_would_be_lost_nor_to_other_programs() {
    let mut lab = Lab::start(&["-step"], Stdio::piped());
    let pid = lab.pid().to_string();
    let said = leakgate(&["dump", "--pid", &pid, "--sigquit", "--no-config"]);
    assert_eq!(said.code, Some(2));
    assert!(said.err.contains("nothing was sent"), "{}", said.err);
    lab.step("running");
    let mut other = Command::new("sleep").arg("60").spawn().unwrap();
    let said = leakgate(&[
        "dump",
        "--pid",
        &other.id().to_string(),
        "--sigquit",
        "--no-config",
    ]);
    assert!(said.err.contains("it is no Go program"), "{}", said.err);
    assert!(other.try_wait().unwrap().is_none());
    other.kill().unwrap();
    other.wait().unwrap();
}
