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
