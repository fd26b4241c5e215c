//! go's own flags, each with the shim in place.

use crate::fixture::{Fixture, Seen};
use crate::matrix::{installed, toolchains};
use std::fs;

const PLAIN: &[&str] = &["plain TestLeak ×1"];

#[test]
fn flags_that_change_the_build_change_no_verdict() {
    let shapes = Fixture::of("shapes");
    let go = installed();
    let cover = shapes.dir.join("c.out");
    let coverprofile = format!("-coverprofile={}", cover.display());
    for flags in [
        &["-race"][..],
        &["-cover"],
        &["-coverpkg=./..."],
        &["-covermode=atomic", &coverprofile],
        &["-trimpath"],
        &["-gcflags=all=-N -l"],
        &["-ldflags=-s -w"],
        &["-mod=mod"],
        &["-p=1"],
        &["-tags=slow"],
        &["-vet=off"],
        &["-vet", "all"],
        &["-asmflags", ""],
        &["-buildvcs=false"],
    ] {
        let args: Vec<&str> = flags.iter().copied().chain(["./plain"]).collect();
        shapes.run(&go, &args).expect(&args.join(" "), 3, PLAIN);
    }
    assert!(fs::read_to_string(cover).unwrap().starts_with("mode: atomic"));
}

#[test]
fn coverage_and_race_work_on_every_go() {
    let shapes = Fixture::of("shapes");
    for go in toolchains() {
        for flags in [&["-cover"][..], &["-coverpkg=./..."], &["-race"], &["-trimpath"]] {
            let args: Vec<&str> = flags.iter().copied().chain(["./plain"]).collect();
            shapes
                .run(&go, &args)
                .expect(&format!("{} on Go {}", args.join(" "), go.version), 3, PLAIN);
        }
    }
}

#[test]
fn flags_that_change_what_runs_change_what_is_found() {
    let shapes = Fixture::of("shapes");
    let go = installed();
    for (args, code, leaks) in [
        (&["-count=2", "./plain"][..], 3, &["plain TestLeak ×2"][..]),
        (&["-cpu=1,2", "./plain"], 3, &["plain TestLeak ×2"]),
        (&["-shuffle=on", "./plain"], 3, PLAIN),
        (
            &["-shuffle=7", "-parallel", "8", "./suite"],
            3,
            &["suite TestTable/leak/inner ×1"],
        ),
        (&["-failfast", "./plain"], 3, PLAIN),
        (&["-short", "./short"], 0, &[]),
        (&["./short"], 3, &["short TestLeak ×1"]),
        (&["-run", "Clean", "./plain"], 0, &[]),
        (
            &["-run=TestTable/leak", "./suite"],
            3,
            &["suite TestTable/leak/inner ×1"],
        ),
        (&["-skip", "Leak", "./plain"], 0, &[]),
        (&["-tags", "slow", "./tagged"], 3, &["tagged TestLeak ×1"]),
        (
            &["-bench", ".", "-benchtime=10x", "./benches"],
            3,
            &["benches BenchmarkLeak ×2"],
        ),
        (&["-bench=Clean", "-benchtime=10x", "./benches"], 0, &[]),
        (&["-timeout=1m", "-v", "./plain"], 3, PLAIN),
        (
            &["./mainflags", "-args", "-level=3"],
            3,
            &["mainflags TestLeak ×3"],
        ),
        (&["./mainflags", "-level", "2"], 3, &["mainflags TestLeak ×2"]),
        (&["-test.run=Clean", "./plain"], 0, &[]),
        (
            &["plain/plain_test.go"],
            3,
            &["command-line-arguments TestLeak ×1"],
        ),
        (&["example.com/shapes/plain"], 3, PLAIN),
    ] {
        shapes.run(&go, args).expect(&args.join(" "), code, leaks);
    }
}

#[test]
fn what_fuzzing_runs_in_workers_is_not_judged_and_never_clean() {
    let shapes = Fixture::of("shapes");
    let go = installed();
    let args = ["-fuzz=FuzzClean", "-fuzztime=200x", "-run=FuzzClean", "./fuzzing"];
    let seen = shapes.run(&go, &args);
    assert_eq!(seen.code, Some(5), "{}", seen.stderr);
    assert_eq!(seen.leaks(), [""; 0]);
    assert_eq!(seen.inconclusive(), ["example.com/shapes/fuzzing fuzzed"]);
}

#[test]
fn c_changes_the_folder_and_what_is_relative_to_it() {
    let shapes = Fixture::of("shapes");
    let go = installed();
    for args in [
        &["-C", "plain"][..],
        &["-C=plain", "."],
        &["--C=plain", "-race", "./..."],
    ] {
        shapes.run(&go, args).expect(&args.join(" "), 3, PLAIN);
    }
}

#[test]
fn the_users_overlay_is_in_force_beside_ours() {
    let shapes = Fixture::of("shapes");
    let go = installed();
    let other = "package plain\n\nimport \"testing\"\n\nfunc TestOther(t *testing.T) { leakHere() }\n\nfunc leakHere() { c := make(chan int); go func() { c <- 1; <-make(chan int) }(); <-c }\n";
    fs::write(shapes.dir.join("other.txt"), other).unwrap();
    fs::write(
        shapes.dir.join("own.json"),
        r#"{"Replace":{"plain/plain_test.go":"other.txt"}}"#,
    )
    .unwrap();
    for args in [
        &["-overlay", "own.json", "./plain"][..],
        &["-overlay=own.json", "./plain"],
        &["./plain", "-overlay=own.json"],
    ] {
        shapes
            .run(&go, args)
            .expect(&args.join(" "), 3, &["plain TestOther ×1"]);
    }
    let mut from_goflags = shapes.command(&go, &["./plain"]);
    from_goflags.env("GOFLAGS", "-overlay=own.json");
    Seen::of(&mut from_goflags).expect("GOFLAGS", 3, &["plain TestOther ×1"]);
}

#[test]
fn exec_runs_the_test_binary_through_a_program() {
    let shapes = Fixture::of("shapes");
    let go = installed();
    shapes
        .run(&go, &["-exec", "env WRAPPED=yes", "./plain"])
        .expect("-exec", 3, PLAIN);
}

#[test]
fn goflags_of_the_user_stay_in_force() {
    let shapes = Fixture::of("shapes");
    let go = installed();
    for (goflags, args, code, leaks) in [
        ("-count=2", &["./plain"][..], 3, &["plain TestLeak ×2"][..]),
        ("-v -json", &["./plain"], 3, PLAIN),
        ("-mod=mod -tags=slow", &["./tagged"], 3, &["tagged TestLeak ×1"]),
        ("-run=Clean", &["./plain"], 0, &[]),
        ("'-ldflags=-s -w' -trimpath", &["./plain"], 3, PLAIN),
    ] {
        let mut command = shapes.command(&go, args);
        Seen::of(command.env("GOFLAGS", goflags)).expect(goflags, code, leaks);
    }
}

#[test]
fn what_would_blind_the_gate_is_refused_with_a_way_out() {
    let shapes = Fixture::of("shapes");
    let go = installed();
    for (args, words) in [
        (&["-coverpkg=all", "./plain"][..], "-coverpkg=./..."),
        (&["-c", "./plain"], "plain `go test -c`"),
        (&["-list", ".", "./plain"], "plain `go test -list`"),
        (&["-n", "./plain"], "plain `go test -n`"),
    ] {
        let seen = shapes.run(&go, args);
        assert_eq!(seen.code, Some(2), "{args:?}: {}", seen.stderr);
        assert!(seen.stderr.contains(words), "{args:?}: {}", seen.stderr);
    }
}
