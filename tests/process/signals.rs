//! Signals: the tests end, the report says that it is partial, and nothing is left running.

use crate::running::{Module, assert_gone, said, state, until};
use leakgate::report::Report;
use rustix::process::Signal;
use std::io::Read;
use std::time::Instant;

#[test]
fn an_interrupt_ends_the_tests_and_gives_a_partial_report() {
    for (signal, code, name) in [
        (Signal::INT, 130, "SIGINT"),
        (Signal::TERM, 143, "SIGTERM"),
        (Signal::HUP, 129, "SIGHUP"),
        (Signal::QUIT, 131, "SIGQUIT"),
    ] {
        let module = Module::new();
        let running = module.start(&["test", "./clean", "./hang"]);
        let test = running.test;
        running.signal(signal);
        let (exit, text) = running.end();
        assert_eq!(exit, Some(code), "{name}: {text}");
        assert!(text.contains(&format!("interrupted by {name}")), "{text}");
        assert!(text.contains("TestHang"), "what was running is named: {text}");
        assert_gone(test);
    }
}

#[test]
fn the_partial_report_is_a_whole_json_document() {
    let module = Module::new();
    let file = module.dir().join("report.json");
    let flag = format!("json={}", file.display());
    let running = module.start(&["test", "--report", &flag, "./hang"]);
    running.signal(Signal::TERM);
    running.end();
    let report: Report = serde_json::from_slice(&std::fs::read(file).unwrap()).unwrap();
    let partial = report.run.partial.unwrap();
    assert_eq!(partial.reason, "interrupted by SIGTERM");
    assert!(
        partial.running.iter().any(|test| test.contains("TestHang")),
        "{:?}",
        partial.running
    );
    assert_eq!(report.exit_code, 143);
}

#[test]
fn a_second_interrupt_ends_what_did_not_hear_the_first() {
    let module = Module::new();
    let running = module.start(&["test", "./deaf"]);
    let test = running.test;
    running.signal(Signal::INT);
    std::thread::sleep(std::time::Duration::from_millis(500));
    assert!(matches!(state(test), Some('S' | 'R')), "it does not hear SIGINT");
    running.signal(Signal::INT);
    let (exit, text) = running.end();
    assert_eq!(exit, Some(130), "{text}");
    assert_gone(test);
}

#[test]
fn a_third_interrupt_ends_everything() {
    let module = Module::new();
    let running = module.start(&["test", "./stubborn"]);
    let test = running.test;
    for _ in 0..3 {
        running.signal(Signal::INT);
        std::thread::sleep(std::time::Duration::from_millis(300));
    }
    let (exit, text) = running.end();
    assert_eq!(exit, Some(130), "{text}");
    assert_gone(test);
}

#[test]
fn many_interrupts_in_a_row_lose_no_report_and_leave_no_file() {
    let module = Module::new();
    let names = || -> Vec<_> {
        let entries = std::fs::read_dir(module.dir()).unwrap();
        let mut names: Vec<_> = entries.map(|entry| entry.unwrap().file_name()).collect();
        names.sort();
        names
    };
    let before = names();
    let running = module.start(&[
        "test",
        "--report",
        "json=zz.json",
        "--report",
        "html=zz.html",
        "./stubborn",
    ]);
    let (test, pid) = (running.test, running.pid());
    // To the end of its life: what comes while it exits counts, too.
    let signals = std::thread::spawn(move || {
        while rustix::process::kill_process(pid, Signal::INT).is_ok() {
            std::thread::sleep(std::time::Duration::from_micros(200));
        }
    });
    let (exit, text) = running.end();
    signals.join().unwrap();
    assert_eq!(exit, Some(130), "{text}");
    assert!(text.contains("interrupted by SIGINT"), "{text}");
    let report: Report =
        serde_json::from_slice(&std::fs::read(module.dir().join("zz.json")).unwrap()).unwrap();
    assert_eq!(report.run.partial.unwrap().reason, "interrupted by SIGINT");
    assert_gone(test);
    let mut expected = before;
    expected.extend(["zz.html".into(), "zz.json".into()]);
    assert_eq!(names(), expected);
}

#[test]
fn after_the_grace_period_everything_is_killed() {
    let module = Module::new();
    let running = module.start(&["test", "--kill-grace", "1s", "./stubborn"]);
    let test = running.test;
    let begin = Instant::now();
    running.signal(Signal::INT);
    let (exit, text) = running.end();
    assert_eq!(exit, Some(130), "{text}");
    assert!(begin.elapsed().as_secs() < 9, "{:?}", begin.elapsed());
    assert_gone(test);
}

#[test]
fn ctrl_z_stops_the_tests_and_fg_goes_on_with_them() {
    let module = Module::new();
    let running = module.start(&["test", "./pause"]);
    let (test, pid) = (running.test, running.pid());
    running.signal(Signal::TSTP);
    until("leakgate and its test are stopped", || {
        (state(pid) == Some('T') && state(test) == Some('T')).then_some(())
    });
    running.signal(Signal::CONT);
    let (exit, text) = running.end();
    assert_eq!(exit, Some(0), "{text}");
}

#[test]
fn a_killed_leakgate_leaves_no_orphan() {
    let module = Module::new();
    let test = module.start(&["test", "./hang"]).kill();
    assert_gone(test);
    let module = Module::new();
    let test = module.start(&["test", "./stubborn"]).kill();
    assert_gone(test);
}

#[test]
fn what_a_test_leaves_behind_is_swept_away() {
    let module = Module::new();
    let (exit, text) = module.output(&["test", "./leaves"]);
    assert!(
        matches!(exit, Some(0 | 3 | 5)),
        "go itself passes it: {exit:?} {text}"
    );
    assert_gone(module.told());
}

#[test]
fn a_reader_that_goes_away_ends_the_run_quietly() {
    let module = Module::new();
    let mut child = module
        .command(&["test", "--format", "gojson", "./hang"])
        .spawn()
        .unwrap();
    let mut first = [0; 1];
    child.stdout.as_mut().unwrap().read_exact(&mut first).unwrap();
    drop(child.stdout.take());
    // It notices at the next event; an interrupt makes go write one.
    until("the test begins", || {
        std::panic::catch_unwind(|| module.told()).ok()
    });
    let test = module.told();
    rustix::process::kill_process(
        rustix::process::Pid::from_raw(i32::try_from(child.id()).unwrap()).unwrap(),
        Signal::INT,
    )
    .unwrap();
    let (exit, text) = said(child.wait_with_output().unwrap());
    assert_eq!(exit, Some(130), "{text}");
    assert!(!text.contains("roken pipe"), "{text}");
    assert_gone(test);
}
