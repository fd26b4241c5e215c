//! How go can fail, and what leakgate makes of it: go's own words, and an exit code that a script can tell.

use crate::running::{Module, said};
use std::fs;
use std::os::unix::fs::PermissionsExt;

/// What is in the module, what is run, its exit code and words that must be there.
#[track_caller]
fn check(module: &Module, args: &[&str], code: i32, words: &[&str]) {
    let (exit, text) = module.output(args);
    assert_eq!(exit, Some(code), "{args:?}: {text}");
    for word in words {
        assert!(text.contains(word), "{args:?} lacks {word:?}:\n{text}");
    }
}

#[test]
fn a_crash_is_shown_whatever_test_go_puts_it_down_to() {
    let stream = concat!(
        env!("CARGO_MANIFEST_DIR"),
        "/tests/testdata/streams/crash-in-a-passed-test-go1.26.8.json"
    );
    let words = ["panic: test timed out after 2s", "STUCK TestP/b"];
    check(&Module::new(), &["check", stream], 1, &words);
}

#[test]
fn a_small_stack_is_enough() {
    let module = Module::new();
    let program = support::program();
    let program = program.display();
    let stream = concat!(
        env!("CARGO_MANIFEST_DIR"),
        "/tests/testdata/streams/crash-in-a-passed-test-go1.26.8.json"
    );
    let script = format!("ulimit -s 64 && exec {program} check {stream}");
    let output = std::process::Command::new("sh")
        .args(["-c", &script])
        .current_dir(module.dir())
        .output()
        .unwrap();
    let (exit, text) = said(output);
    assert_eq!(exit, Some(1), "{text}");
    assert!(text.contains("STUCK TestP/b"), "{text}");
}

#[test]
fn gos_own_verdicts_are_gos_and_in_gos_words() {
    let module = Module::new();
    check(&module, &["test", "./clean"], 0, &["1 test in 1 package"]);
    check(&module, &["test", "./fails"], 1, &["as it should", "TestFails"]);
    check(
        &module,
        &["test", "./broken"],
        1,
        &["undefined: thisIsNotDefined", "does not build"],
    );
    check(&module, &["test", "./vetted"], 1, &["wrong type string"]);
    check(
        &module,
        &["test", "./clean", "./broken"],
        1,
        &["undefined: thisIsNotDefined"],
    );
    check(
        &module,
        &["test", "-run", "[", "./clean"],
        1,
        &["missing closing ]"],
    );
    check(&module, &["test", "./nowhere"], 1, &["directory not found"]);
    check(&module, &["test", "-nosuch", "./clean"], 1, &["no Go files"]);
}

#[test]
fn a_gate_that_tests_nothing_is_not_green() {
    let module = Module::new();
    check(&module, &["test", "./empty"], 4, &["no tests ran"]);
    check(
        &module,
        &["test", "-run", "NoSuchTest", "./clean"],
        4,
        &["no tests ran"],
    );
    check(&module, &["test", "--no-tests", "pass", "./empty"], 0, &[]);
}

#[test]
fn a_module_that_go_cannot_read_is_told_in_gos_words() {
    let module = Module::new();
    let gomod = module.dir().join("go.mod");
    fs::write(&gomod, "modul example.com/process\n").unwrap();
    check(
        &module,
        &["test", "./clean"],
        2,
        &["go.mod:1: unknown directive: modul"],
    );
    fs::write(&gomod, "module example.com/process\n\ngo 1.99\n").unwrap();
    check(&module, &["test", "./clean"], 2, &["go.mod requires go >= 1.99"]);
    fs::remove_file(&gomod).unwrap();
    check(&module, &["test", "./clean"], 2, &["go.mod file not found"]);
}

#[test]
fn usage_errors_are_told_before_anything_runs() {
    let module = Module::new();
    check(
        &module,
        &["test", "-C", "nowhere"],
        2,
        &["can't enter", "nowhere"],
    );
    check(
        &module,
        &["test", "-race", "-C", "clean"],
        2,
        &["-C flag must be first"],
    );
    check(
        &module,
        &["test", "./clean", "-run"],
        2,
        &["flag needs an argument: -run"],
    );
    check(
        &module,
        &["test", "-race", "--format", "json", "./clean"],
        2,
        &["--format is a flag of leakgate"],
    );
}

#[test]
fn no_go_and_no_real_go_are_told_apart() {
    let module = Module::new();
    let (exit, text) = said(
        module
            .command(&["test", "./clean"])
            .env("PATH", "/nonexistent")
            .output()
            .unwrap(),
    );
    assert_eq!(exit, Some(2), "{text}");
    assert!(text.contains("install Go 1.21 or newer"), "{text}");

    let fake = |answer: &str| {
        let path = module.dir().join("fake-go");
        fs::write(&path, format!("#!/bin/sh\n{answer}\n")).unwrap();
        fs::set_permissions(&path, fs::Permissions::from_mode(0o755)).unwrap();
    };
    for (answer, words) in [
        (r#"echo '{"GOROOT":"/old","GOVERSION":"go1.20.14"}'"#, "too old"),
        (
            r#"echo '{"GOROOT":"/new","GOVERSION":"go2.0"}'"#,
            "GOVERSION is \"go2.0\"",
        ),
        ("echo hello", "did not answer as go does: hello"),
        ("exit 0", "did not answer as go does"),
        ("echo 'something is wrong' >&2; exit 1", "something is wrong"),
    ] {
        fake(answer);
        check(&module, &["test", "--go", "./fake-go", "./clean"], 2, &[words]);
    }
    fs::set_permissions(module.dir().join("fake-go"), fs::Permissions::from_mode(0o644)).unwrap();
    check(
        &module,
        &["test", "--go", "./fake-go", "./clean"],
        2,
        &["ermission denied"],
    );
}

#[test]
fn an_unknown_go_works_while_the_anchors_fit_and_is_refused_when_they_do_not() {
    let module = Module::new();
    let goroot = module.dir().join("../goroot");
    fs::create_dir_all(goroot.join("src/testing")).unwrap();
    fs::create_dir_all(goroot.join("src/runtime/pprof")).unwrap();
    for file in [
        "testing/testing.go",
        "testing/fuzz.go",
        "testing/benchmark.go",
        "testing/run_example.go",
        "runtime/pprof/pprof.go",
    ] {
        fs::write(goroot.join("src").join(file), "package testing\n").unwrap();
    }
    let path = module.dir().join("fake-go");
    let goroot = goroot.canonicalize().unwrap();
    let answer = format!(
        r#"{{"GOROOT":"{}","GOVERSION":"devel go1.31-abcdef"}}"#,
        goroot.display()
    );
    fs::write(&path, format!("#!/bin/sh\necho '{answer}'\n")).unwrap();
    fs::set_permissions(&path, fs::Permissions::from_mode(0o755)).unwrap();
    check(
        &module,
        &["test", "--go", "./fake-go", "./clean"],
        2,
        &["devel go1.31-abcdef", "anchor", "tRunner"],
    );
}

#[test]
fn a_go_that_breaks_off_or_says_something_else_is_never_clean() {
    let module = Module::new();
    let path = module.dir().join("odd-go");
    let fake = |env: &str, test: &str| {
        let script = format!("#!/bin/sh\ncase \"$1\" in env) {env};; test) {test};; esac\nexec go \"$@\"\n");
        fs::write(&path, script).unwrap();
        fs::set_permissions(&path, fs::Permissions::from_mode(0o755)).unwrap();
    };
    let args = ["test", "--go", "./odd-go", "./clean"];
    for (test, code, words) in [
        ("exit 0", 2, "printed no event"),
        ("exit 1", 2, "(exit status: 1); it printed nothing"),
        ("kill -9 $$", 2, "SIGKILL"),
        ("echo hello; echo '{'; exit 0", 2, "printed no event"),
        ("go test ./clean; exit $?", 2, "printed no event"),
        (
            "head -c 100000 /dev/zero | tr '\\0' '['; exit 0",
            2,
            "printed no event",
        ),
        ("go \"$@\" | head -n 3; exit 0", 5, "did not finish"),
        ("go \"$@\" | head -n 3; exit 1", 1, "did not finish"),
        (
            "echo '{\"Action\":\"pass\",\"Package\":\"p\"}'; exit 0",
            5,
            "no test ran",
        ),
    ] {
        fake(":", test);
        check(&module, &args, code, &[words]);
    }
    for (env, words) in [
        ("yes", "more than 64 MiB: is this `go` really Go?"),
        ("kill -9 $$", "SIGKILL"),
        ("echo '{}'; exit 0", "GOVERSION is \"\""),
    ] {
        fake(env, ":");
        check(&module, &args, 2, &[words]);
    }
}

#[test]
fn settings_of_go_that_cannot_work_are_told_in_gos_words() {
    let module = Module::new();
    let with = |variables: &[(&str, &str)]| {
        let mut command = module.command(&["test", "./clean"]);
        said(command.envs(variables.iter().copied()).output().unwrap())
    };
    for (variables, code, words) in [
        (
            &[("GOTOOLCHAIN", "go1.99.0"), ("GOPROXY", "off")][..],
            2,
            "go1.99.0",
        ),
        (&[("GOTOOLCHAIN", "junk")], 2, "invalid GOTOOLCHAIN"),
        (&[("GOFLAGS", "junk")], 2, "parsing $GOFLAGS"),
        (
            &[("GOFLAGS", "-overlay=/nonexistent")],
            2,
            "can't read the overlay /nonexistent",
        ),
        (
            &[("GOFLAGS", "-exec=/nonexistent")],
            1,
            "could not be started: fork/exec /nonexistent",
        ),
        (
            &[("GOFLAGS", "-exec=nonexistent-wrapper")],
            1,
            "executable file not found",
        ),
        (
            &[("GOFLAGS", "-exec=/bin/true")],
            5,
            "an -exec wrapper did not run the test binary",
        ),
        (&[("GOFLAGS", "-json")], 0, "clean"),
        (&[("GOCACHE", "/dev/null")], 2, "/dev/null"),
        (&[("GOCACHE", "off")], 2, "GOCACHE=off"),
        (&[("TMPDIR", "/nonexistent")], 2, "/nonexistent"),
        (&[("GOWORK", "/nonexistent/go.work")], 2, "/nonexistent/go.work"),
        (&[("GOROOT", "/nonexistent")], 2, "/nonexistent"),
    ] {
        let (exit, text) = with(variables);
        assert_eq!(exit, Some(code), "{variables:?}: {text}");
        assert!(text.contains(words), "{variables:?}: {text}");
    }
}
