//! Where a module can be, and which Go it asks for.

use crate::fixture::{Fixture, Seen};
use crate::matrix::{installed, toolchains};
use std::fs;

const VENDORED: &[&str] = &["vendored TestLeak ×1"];

#[test]
fn paths_with_blanks_and_letters_of_the_world_are_paths() {
    let go = installed();
    for folder in ["with blank", "Größe-日本", "quo'te", "a,b=c"] {
        let fixture = Fixture::in_folder("vendored", folder);
        fixture.run(&go, &["./..."]).expect(folder, 3, VENDORED);
    }
}

#[test]
fn a_cache_with_blanks_and_letters_of_the_world_is_a_cache() {
    let fixture = Fixture::of("vendored");
    for go in toolchains().iter().rev().take(2) {
        let mut command = fixture.command(go, &["./..."]);
        command.env("LEAKGATE_CACHE", fixture.dir.join("../my cäche"));
        Seen::of(&mut command).expect(&format!("Go {}", go.version), 3, VENDORED);
    }
}

#[test]
fn a_tree_that_cannot_be_written_is_tested() {
    let fixture = Fixture::of("shapes");
    fixture.writable(false);
    let seen = fixture.run(&installed(), &["./plain"]);
    fixture.writable(true);
    seen.expect("read-only", 3, &["plain TestLeak ×1"]);
}

#[test]
fn a_symbolic_link_to_the_module_is_the_module() {
    let fixture = Fixture::of("vendored");
    let link = fixture.dir.parent().unwrap().join("link");
    std::os::unix::fs::symlink(&fixture.dir, &link).unwrap();
    let mut command = fixture.command(&installed(), &["./..."]);
    let seen = Seen::of(command.current_dir(&link).env("PWD", &link));
    seen.expect("symlink", 3, VENDORED);
    let at = seen.report().findings[0].leak.root.blocked_at.as_ref().unwrap();
    assert_eq!(at.relative.as_deref(), Some("vendor/example.com/dep/dep.go"));
    // A PWD of another folder counts for nothing.
    let mut command = fixture.command(&installed(), &["./..."]);
    Seen::of(command.current_dir(&link).env("PWD", "/usr")).expect("PWD", 3, VENDORED);
}

#[test]
fn a_toolchain_line_chooses_the_go_that_runs() {
    let own = installed();
    for go in toolchains().iter().filter(|go| go.minor() > own.minor()) {
        let fixture = Fixture::of("vendored");
        let text = fs::read_to_string(fixture.dir.join("go.mod")).unwrap();
        fs::write(
            fixture.dir.join("go.mod"),
            format!("{text}\ntoolchain go{}\n", go.version),
        )
        .unwrap();
        let mut command = fixture.command(go, &["./..."]);
        let seen = Seen::of(command.env("GOTOOLCHAIN", "auto"));
        seen.expect("toolchain line", 3, VENDORED);
        assert_eq!(seen.report().run.go_version, format!("go{}", go.version));
    }
}

#[test]
fn a_home_that_cannot_be_written_falls_back_and_says_so() {
    let fixture = Fixture::of("vendored");
    let mut command = fixture.command(&installed(), &["./..."]);
    let cache = std::process::Command::new("go")
        .args(["env", "GOCACHE"])
        .output()
        .unwrap()
        .stdout;
    command.env("GOCACHE", String::from_utf8(cache).unwrap().trim());
    command
        .env("XDG_CACHE_HOME", "/dev/null/none")
        .env("HOME", "/dev/null/none")
        .env_remove("LEAKGATE_CACHE");
    let seen = Seen::of(&mut command);
    seen.expect("no cache", 3, VENDORED);
    assert!(seen.stderr.contains("LEAKGATE_CACHE"), "{}", seen.stderr);
}

#[test]
fn files_and_packages_may_be_links() {
    let fixture = Fixture::of("vendored");
    let outside = fixture.dir.join("../outside");
    fs::create_dir(&outside).unwrap();
    fs::rename(fixture.dir.join("v_test.go"), outside.join("v_test.go")).unwrap();
    std::os::unix::fs::symlink("../outside/v_test.go", fixture.dir.join("v_test.go")).unwrap();
    fs::write(
        outside.join("p_test.go"),
        "package vendored\n\nimport \"testing\"\n\nfunc TestP(*testing.T) { go func() { select {} }() }\n",
    )
    .unwrap();
    fs::create_dir(fixture.dir.join("../package")).unwrap();
    fs::rename(
        outside.join("p_test.go"),
        fixture.dir.join("../package/p_test.go"),
    )
    .unwrap();
    std::os::unix::fs::symlink("../package", fixture.dir.join("linked")).unwrap();
    let go = installed();
    fixture.run(&go, &["."]).expect("file", 3, VENDORED);
    fixture
        .run(&go, &["./linked"])
        .expect("package", 3, &["linked TestP ×1"]);
    let mut command = fixture.command(&go, &["./..."]);
    Seen::of(command.env("GOFLAGS", "-mod=vendor").env("GOWORK", "off")).expect("vendor", 3, VENDORED);
}

#[test]
fn times_of_files_and_odd_time_zones_change_nothing() {
    let fixture = Fixture::of("vendored");
    let file = fs::File::options()
        .write(true)
        .open(fixture.dir.join("v_test.go"))
        .unwrap();
    for (seconds, zone) in [
        (1, "Mars/Phobos"),
        (4_102_444_800, ":/etc/passwd"),
        (32_503_680_000, "AAA99999"),
    ] {
        let time = std::time::UNIX_EPOCH + std::time::Duration::from_secs(seconds);
        file.set_modified(time).unwrap();
        let mut command = fixture.command(&installed(), &["-count=1", "./..."]);
        command
            .env("TZ", zone)
            .env("SOURCE_DATE_EPOCH", "99999999999999999999");
        Seen::of(&mut command).expect(zone, 3, VENDORED);
    }
}
