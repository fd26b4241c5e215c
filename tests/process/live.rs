//! What is shown while tests run (`--format dots`, `testname`, `pkgname`), and a run that ends early (`--max-fails`).

use std::path::Path;
use std::time::{Duration, Instant};
use support::{Copied, Said, leakgate, module, repository};

/// leakgate in examples/first-leak: two tests, of which the first leaks two goroutines.
fn first_leak(args: &[&str]) -> Said {
    let copy = Copied::of(&repository().join("examples/first-leak"));
    Said::of(leakgate(args.iter().copied()).current_dir(copy.dir()))
}

#[test]
fn each_live_format_shows_the_leaking_test_and_ends_with_the_report() {
    for (format, lines) in [
        ("dots", &["··L\n"][..]),
        (
            "testname",
            &[
                "PASS example.com/first-leak.TestFastest (",
                "PASS example.com/first-leak.TestFastestFixed (",
                "LEAK example.com/first-leak.TestFastest: 2 goroutines left behind\n",
            ],
        ),
        ("pkgname", &["✖  example.com/first-leak ("]),
    ] {
        let said = first_leak(&["test", "--format", format, "./..."]).code(3);
        let mut rest = said.out.as_str();
        for wanted in lines
            .iter()
            .chain(&["LEAK ×2 TestFastest", "FAIL    goroutines leak"])
        {
            let at = rest
                .find(wanted)
                .unwrap_or_else(|| panic!("{format}: no {wanted:?} in order in {}", said.text()));
            rest = &rest[at..];
        }
    }
}

#[test]
fn the_team_may_choose_the_code_of_failed_tests_for_leaks() {
    let said = first_leak(&["test", "--leak-exit-code", "1", "./..."]).code(1);
    said.says("goroutines leak (exit code 1)");
}

fn stopped(dir: &Path, args: &[&str], code: i32) -> Said {
    let begin = Instant::now();
    let all = ["test", "--trace=off"].iter().chain(args).copied();
    let said = Said::of(leakgate(all).current_dir(dir)).code(code);
    assert!(
        begin.elapsed() < Duration::from_secs(240),
        "the slow package was not waited for"
    );
    said.says("as many tests failed or leaked as max-fails allows")
}

#[test]
fn a_run_ends_once_enough_tests_failed_or_leaked() {
    let copy = Copied::of(&module("maxfails"));
    // The two subtests and their test are one failure; with the leak it is the second.
    let said = stopped(copy.dir(), &["--max-fails=2", "-p=1", "./..."], 1);
    assert!(
        said.out.contains("TestFails in example.com/maxfails/a"),
        "{}",
        said.text()
    );
    assert!(said.out.contains("TestLeaks"), "{}", said.text());
    // go passed what it ran: the leak decides the exit code.
    stopped(
        copy.dir(),
        &["--max-fails=1", "-p=1", "-run=Leaks|Slow", "./..."],
        3,
    );
}

/// Reads until `wanted` has come, at most two minutes.
#[cfg(target_os = "linux")]
fn read_until(out: &mut impl std::io::Read, seen: &mut String, wanted: &str) {
    let begin = Instant::now();
    let mut buffer = [0; 4096];
    while !seen.contains(wanted) {
        let count = out.read(&mut buffer).unwrap();
        assert!(
            count > 0 && begin.elapsed() < Duration::from_secs(120),
            "no {wanted:?} in {seen}"
        );
        seen.push_str(&String::from_utf8_lossy(&buffer[..count]));
    }
}

#[test]
#[cfg(target_os = "linux")]
fn keys_of_a_watch_run_again_and_quit() {
    use std::io::Write;
    use std::process::{Command, Stdio};
    let copy = Copied::of(&repository().join("examples/first-leak"));
    // `script` gives it a terminal.
    let line = format!("{} test --watch --trace=off ./...", support::program().display());
    let mut command = Command::new("script");
    let mut child = support::alone(&mut command)
        .args(["-q", "-f", "-e", "-c", &line, "/dev/null"])
        .current_dir(copy.dir())
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let (mut keys, mut out) = (child.stdin.take().unwrap(), child.stdout.take().unwrap());
    for (key, about) in [("r", " again "), ("l", " leaking tests "), ("a", " all, without")] {
        read_until(&mut out, &mut String::new(), "q quit)");
        keys.write_all(key.as_bytes()).unwrap();
        read_until(&mut out, &mut String::new(), about);
    }
    let mut seen = String::new();
    read_until(&mut out, &mut seen, "q quit)");
    assert!(seen.contains("TestFastest"), "{seen}");
    keys.write_all(b"q").unwrap();
    let mut rest = String::new();
    let _ = std::io::Read::read_to_string(&mut out, &mut rest);
    assert_eq!(
        child.wait().unwrap().code(),
        Some(3),
        "the code of the last run: {rest}"
    );
}
