//! A gate that can't see says so: a shim that is broken, left out or too old is inconclusive or refused, never clean.

use crate::fixture::{Fixture, Seen};
use crate::matrix::{Go, installed};
use std::fs;
use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::Path;
use std::process::Command;

/// What `leakgate check` says of `plain` when the shim was changed: in a file of it, some texts for others.
fn with_shim(file: &str, changes: &[(&str, &str)]) -> (Option<i32>, String) {
    let shapes = Fixture::of("shapes");
    let go = installed();
    let flags = shapes.leakgate(&go, &["overlay", "--flags"]).output().unwrap();
    let flags = String::from_utf8(flags.stdout).unwrap();
    let path = flags
        .split_whitespace()
        .find_map(|flag| flag.strip_prefix("-overlay="))
        .unwrap();
    let mut overlay: serde_json::Value = serde_json::from_slice(&fs::read(path).unwrap()).unwrap();
    let files = overlay["Replace"].as_object_mut().unwrap();
    let (_, source) = files
        .iter_mut()
        .find(|(target, _)| target.ends_with(file))
        .unwrap();
    let mut whole = fs::read_to_string(source.as_str().unwrap()).unwrap();
    for (text, changed) in changes {
        assert_eq!(whole.matches(text).count(), 1, "{file} has {text:?}");
        whole = whole.replace(text, changed);
    }
    let mine = shapes.dir.join("changed.txt");
    fs::write(&mine, whole).unwrap();
    *source = mine.to_str().unwrap().into();
    fs::write(shapes.dir.join("changed.json"), overlay.to_string()).unwrap();
    let script = format!(
        "eval \"$('{}' overlay)\" && GOFLAGS= go test -vet=off -count=1 -json -overlay=changed.json ./plain >log.json",
        env!("CARGO_BIN_EXE_leakgate")
    );
    let made = Command::new("sh")
        .args(["-c", &script])
        .current_dir(&shapes.dir)
        .env("GOTOOLCHAIN", &go.gotoolchain)
        .env_remove("GOFLAGS")
        .output()
        .unwrap();
    assert!(
        made.status.success(),
        "go itself passes it: {}",
        String::from_utf8_lossy(&made.stderr)
    );
    let mut check = shapes.leakgate(&go, &["check", "--format", "json", "log.json"]);
    told(&Seen::of(&mut check))
}

/// Exit code, and code and reason of what is inconclusive.
fn told(seen: &Seen) -> (Option<i32>, String) {
    let packages = seen.report().packages.iter();
    let reasons = packages.filter_map(|package| package.inconclusive.as_ref());
    let reasons: Vec<String> = reasons
        .map(|why| format!("{}: {}", why.code, why.reason))
        .collect();
    (seen.code, reasons.join("; "))
}

#[track_caller]
fn inconclusive((code, reason): (Option<i32>, String), start: &str) {
    assert!(reason.starts_with(start), "{reason}");
    assert!(!reason.contains("; "), "one reason: {reason}");
    // TestLeak leaks: what evidence there is may tell of it, and a leak outranks a doubt.
    assert!(matches!(code, Some(5 | 3)), "{code:?} {reason}");
}

#[test]
fn a_dump_without_the_canary_is_not_believed() {
    let seen = with_shim(
        "leakgate_settle.go",
        &[(
            "go leakgateCanary(s.labels, ready, leakgateHold)",
            "go func() { ready <- 1 << 40 }()",
        )],
    );
    inconclusive(
        seen,
        "canary-missing: the canary goroutine did not show in the final dump",
    );
}

#[test]
fn a_test_that_the_shim_did_not_see_is_missed() {
    let seen = with_shim(
        "leakgate_harness.go",
        &[(
            "if s == nil || name == \"\"",
            "if s == nil || name == \"TestLeak\" || name == \"\"",
        )],
    );
    inconclusive(
        seen,
        "tests-missing: go reports tests that the shim did not see: TestLeak",
    );
}

#[test]
fn a_shim_that_fails_inside_the_test_binary_says_so_and_fails_no_test() {
    let call = "span := s.startSpan(kind, name, level, nested)";
    let seen = with_shim(
        "leakgate_harness.go",
        &[(call, &format!("{call}; panic(\"on purpose\")"))],
    );
    inconclusive(
        seen,
        "shim-failed: the shim failed inside the test binary: test: on purpose",
    );
}

#[test]
fn a_dump_that_was_cut_off_is_not_whole() {
    let seen = with_shim(
        "leakgate_dump.go",
        &[
            ("leakgateMostBuffer  = 1 << 30", "leakgateMostBuffer  = 600"),
            (
                "want := leakgateSmallBuffer + 512*leakgateNumGoroutine()",
                "want := 600",
            ),
        ],
    );
    inconclusive(seen, "truncated: not all goroutines could be recorded");
}

#[test]
fn records_of_another_version_are_not_read() {
    let seen = with_shim("leakgate_wire.go", &[("leakgate/2 ", "leakgate/9 ")]);
    assert_eq!(seen.0, Some(5));
    inconclusive(seen, "wire-version: the test binary speaks version 9");
}

/// A script in the fixture.
fn script(fixture: &Fixture, name: &str, text: &str) -> String {
    let path = fixture.dir.join(name);
    fs::write(&path, format!("#!/bin/sh\n{text}\n")).unwrap();
    fs::set_permissions(&path, fs::Permissions::from_mode(0o755)).unwrap();
    path.to_str().unwrap().to_owned()
}

#[test]
fn a_prebuilt_binary_behind_exec_has_no_shim() {
    let shapes = Fixture::of("shapes");
    let go = installed();
    let built = Command::new("go")
        .args(["test", "-c", "-o", "prebuilt", "./plain"])
        .current_dir(&shapes.dir)
        .status();
    assert!(built.unwrap().success());
    let prebuilt = shapes.dir.join("prebuilt").display().to_string();
    let other = script(&shapes, "other.sh", &format!("shift\nexec '{prebuilt}' \"$@\""));
    let seen = shapes.run(&go, &["-exec", &other, "./plain"]);
    let told = told(&seen);
    assert_eq!(told.0, Some(5), "{}", seen.stderr);
    inconclusive(
        told,
        "no-record: the test binary sent no record: it was built without the shim",
    );
}

#[test]
fn a_toolexec_that_compiles_package_testing_as_it_was_has_no_shim() {
    let shapes = Fixture::of("shapes");
    let go = installed();
    // The same set of tools under another name, so that nothing of it gets into the build cache.
    let text = "case \"$2\" in -V=full) \"$@\" | sed 's/$/ testing-as-it-was/'; exit;; esac\n\
        tool=$1; shift\nfor word do shift\ncase \"$word\" in\n\
        */_overlay/*/testing.go) word=$REAL_TESTING;; esac\n\
        set -- \"$@\" \"$word\"\ndone\nexec \"$tool\" \"$@\"";
    let wrapper = script(&shapes, "wrapper.sh", text);
    let mut command = shapes.command(&go, &["-toolexec", &wrapper, "-vet=off", "./plain"]);
    let goroot = go.program.parent().and_then(Path::parent).unwrap();
    let seen = Seen::of(command.env("REAL_TESTING", goroot.join("src/testing/testing.go")));
    let told = told(&seen);
    assert_eq!(told.0, Some(5), "{}", seen.stderr);
    inconclusive(
        told,
        "no-record: the test binary sent no record: it was built without the shim",
    );
}

#[test]
fn an_overlay_of_the_users_over_package_testing_is_refused() {
    let shapes = Fixture::of("shapes");
    let go = installed();
    let goroot = go.program.parent().and_then(Path::parent).unwrap();
    let testing = goroot.join("src/testing/testing.go");
    let own = format!(r#"{{"Replace":{{"{0}":"{0}"}}}}"#, testing.display());
    fs::write(shapes.dir.join("own.json"), own).unwrap();
    let seen = shapes.run(&go, &["-overlay=own.json", "./plain"]);
    assert_eq!(seen.code, Some(2), "{}", seen.stderr);
    assert!(
        seen.stderr.contains("testing.go") && seen.stderr.contains("own.json"),
        "{}",
        seen.stderr
    );
}

#[test]
fn a_go_whose_package_testing_is_another_is_refused_by_name() {
    let shapes = Fixture::of("shapes");
    let real = installed();
    let root = real.program.parent().and_then(Path::parent).unwrap();
    let fake = shapes.dir.join("future");
    fs::create_dir_all(fake.join("src/testing")).unwrap();
    let link_all = |from: &Path, to: &Path, but: &str| {
        for entry in fs::read_dir(from).unwrap().map(|entry| entry.unwrap()) {
            if entry.file_name() != but {
                symlink(entry.path(), to.join(entry.file_name())).unwrap();
            }
        }
    };
    link_all(root, &fake, "src");
    link_all(&root.join("src"), &fake.join("src"), "testing");
    link_all(&root.join("src/testing"), &fake.join("src/testing"), "testing.go");
    let text = fs::read_to_string(root.join("src/testing/testing.go")).unwrap();
    let future = text.replace(
        "func tRunner(t *T, fn func(t *T)) {",
        "func tRunner(t *T, fn func(t *T), more any) {",
    );
    assert_ne!(text, future);
    fs::write(fake.join("src/testing/testing.go"), future).unwrap();
    let program = script(
        &shapes,
        "futurego",
        &format!(
            "GOROOT='{}' exec '{}' \"$@\"",
            fake.display(),
            real.program.display()
        ),
    );
    let go = Go {
        program: program.clone().into(),
        ..real
    };
    let args = ["test", "--format=json", "--go", &program, "./plain"];
    let mut command = shapes.leakgate(&go, &args);
    let seen = Seen::of(&mut command);
    assert_eq!(seen.code, Some(2), "{}", seen.stderr);
    for word in [
        go.version.as_str(),
        "testing.go",
        "func tRunner(t *T, fn func(t *T)) {",
    ] {
        assert!(seen.stderr.contains(word), "{word}: {}", seen.stderr);
    }
}
