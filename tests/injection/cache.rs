//! leakgate's cache folder in every state that a machine can leave it in: the verdict is the same, or an error says why.

use crate::fixture::{Fixture, Seen};
use crate::matrix::installed;
use std::ffi::OsStr;
use std::fs;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::{MetadataExt, PermissionsExt, symlink};
use std::path::{Path, PathBuf};
use std::process::Command;

const VENDORED: &[&str] = &["vendored TestLeak ×1"];

/// A way to damage what lies at a path.
type Damage = (&'static str, fn(&Path));

const DAMAGES: &[Damage] = &[
    ("cut off", |path| {
        let text = fs::read(path).unwrap_or_default();
        replace(path, &text[..text.len() / 2]);
    }),
    ("emptied", |path| replace(path, b"")),
    ("overwritten with other bytes", |path| {
        replace(path, &[0xff, 0, b'{', 0x1e].repeat(500))
    }),
    ("replaced by a folder", |path| {
        take(path);
        fs::create_dir_all(path.join("x/y")).unwrap();
    }),
    ("replaced by a link that leads nowhere", |path| {
        take(path);
        symlink("nowhere", path).unwrap();
    }),
    ("of another version of leakgate", |path| {
        let text = fs::read_to_string(path).unwrap_or_default();
        replace(path, text.replace("leakgate", "elder").as_bytes());
    }),
    ("not there", take),
];

fn take(path: &Path) {
    if path.is_dir() && !path.is_symlink() {
        fs::remove_dir_all(path).unwrap();
    } else {
        fs::remove_file(path).unwrap();
    }
}

fn replace(path: &Path, bytes: &[u8]) {
    take(path);
    fs::write(path, bytes).unwrap();
}

/// Everything below a folder, without what is reached through links.
fn below(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() && !path.is_symlink() {
            found.extend(below(&path));
        }
        found.push(path);
    }
    found
}

/// A run with that cache, and nothing of this machine's own that says where one is.
fn run_in(cache: &Path, fixture: &Fixture, args: &[&str]) -> Seen {
    let mut command = fixture.command(&installed(), args);
    Seen::of(command.env("LEAKGATE_CACHE", cache))
}

/// As a user without home has it: go's own cache is all that there is.
fn without_home(command: &mut Command) -> &mut Command {
    let cache = Command::new("go")
        .args(["env", "GOCACHE"])
        .output()
        .unwrap()
        .stdout;
    command.env("GOCACHE", String::from_utf8(cache).unwrap().trim());
    for name in ["HOME", "XDG_CACHE_HOME", "LEAKGATE_CACHE", "GOPATH", "GOMODCACHE"] {
        command.env_remove(name);
    }
    command
}

#[test]
fn damage_to_every_file_and_folder_of_the_cache_is_repaired() {
    let fixture = Fixture::of("vendored");
    let cache = fixture.dir.join("../cache");
    run_in(&cache, &fixture, &["./..."]).expect("fresh", 3, VENDORED);
    for (what, damage) in DAMAGES {
        for path in below(&cache).iter().filter(|path| path.is_file()) {
            damage(path);
        }
        let seen = run_in(&cache, &fixture, &["./..."]);
        seen.expect(what, 3, VENDORED);
        assert!(!seen.stderr.contains("leakgate: "), "{what}: {}", seen.stderr);
    }
    // A file, or a link elsewhere, where a folder should be.
    let ours = |path: &PathBuf| path.is_dir() && !path.to_string_lossy().contains(".json");
    let folders: Vec<PathBuf> = below(&cache).into_iter().filter(ours).collect();
    assert!(folders.len() >= 5, "{folders:?}");
    let elsewhere = fixture.dir.join("../elsewhere");
    fs::create_dir(&elsewhere).unwrap();
    for folder in &folders {
        replace(folder, b"no folder");
        run_in(&cache, &fixture, &["./..."]).expect(&format!("file {}", folder.display()), 3, VENDORED);
        take(folder);
        symlink(&elsewhere, folder).unwrap();
        run_in(&cache, &fixture, &["./..."]).expect(&format!("link {}", folder.display()), 3, VENDORED);
    }
    assert_eq!(
        fs::read_dir(&elsewhere).unwrap().count(),
        0,
        "nothing is written through a link"
    );
}

#[test]
fn damaged_runs_are_no_runs() {
    let fixture = Fixture::of("vendored");
    let cache = fixture.dir.join("../cache");
    for (what, damage) in DAMAGES {
        run_in(&cache, &fixture, &["./..."]).expect("before", 3, VENDORED);
        for path in below(&cache.join("runs")).iter().filter(|path| path.is_file()) {
            damage(path);
        }
        let mut command = fixture.leakgate(&installed(), &["baseline", "write", "--in-ci"]);
        let output = command.env("LEAKGATE_CACHE", &cache).output().unwrap();
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        // A report of a version that this one reads is a report, whoever wrote it.
        if what.contains("another version") && output.status.success() {
            continue;
        }
        assert_eq!(output.status.code(), Some(2), "{what}: {said}");
        assert!(
            said.starts_with("leakgate: ") && said.lines().count() == 1,
            "{what}: {said}"
        );
        assert!(!fixture.dir.join("leakgate.baseline.json").exists(), "{what}");
        take(&cache.join("runs"));
    }
}

#[test]
fn the_cache_is_private_and_no_link_into_it_is_followed_elsewhere() {
    let fixture = Fixture::of("vendored");
    let cache = fixture.dir.join("../cache");
    run_in(&cache, &fixture, &["./..."]).expect("fresh", 3, VENDORED);
    for path in below(&cache) {
        let mode = fs::symlink_metadata(&path).unwrap().mode() & 0o777;
        assert_eq!(
            mode,
            if path.is_dir() { 0o700 } else { 0o600 },
            "{}",
            path.display()
        );
    }
    let link = fixture.dir.join("../link");
    symlink(&cache, &link).unwrap();
    run_in(&link, &fixture, &["./..."]).expect("the cache itself may be a link", 3, VENDORED);
}

#[test]
fn a_cache_that_everybody_may_write_to_holds_a_private_one() {
    let fixture = Fixture::of("vendored");
    let shared = fixture.dir.join("../shared");
    fs::create_dir(&shared).unwrap();
    fs::set_permissions(&shared, fs::Permissions::from_mode(0o1777)).unwrap();
    run_in(&shared, &fixture, &["./..."]).expect("shared", 3, VENDORED);
    let own: Vec<PathBuf> = fs::read_dir(&shared)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .collect();
    assert_eq!(own.len(), 1, "{own:?}");
    assert_eq!(fs::metadata(&own[0]).unwrap().mode() & 0o777, 0o700);
    // Another process was quicker.
    take(&own[0]);
    symlink("/tmp", &own[0]).unwrap();
    let seen = run_in(&shared, &fixture, &["./..."]);
    assert_eq!(seen.code, Some(2), "{}", seen.stderr);
    assert!(
        seen.stderr.contains("another user has made the folder"),
        "{}",
        seen.stderr
    );
}

#[test]
fn a_cache_that_is_none_is_an_error_with_a_remedy() {
    let fixture = Fixture::of("vendored");
    let base = fixture.dir.join("..");
    fs::write(base.join("file"), "").unwrap();
    symlink("nowhere", base.join("dangling")).unwrap();
    for (cache, words) in [
        (base.join("file"), "it is no folder"),
        (base.join("file/below"), "is no folder"),
        (base.join("dangling"), "it is a link that leads nowhere"),
        (base.join(OsStr::from_bytes(b"\xff")), "its name is not UTF-8"),
    ] {
        let seen = run_in(&cache, &fixture, &["./..."]);
        assert_eq!(seen.code, Some(2), "{}", seen.stderr);
        assert!(
            seen.stderr.contains(words) && seen.stderr.contains("set LEAKGATE_CACHE"),
            "{}",
            seen.stderr
        );
    }
}

#[test]
fn without_a_home_leakgate_works_where_go_does() {
    let fixture = Fixture::of("vendored");
    let file = fixture.dir.join("../file");
    fs::write(&file, "").unwrap();
    let homes = [
        None,
        Some(file.as_os_str()),
        Some(OsStr::new(".")),
        Some(OsStr::from_bytes(b"/tmp/\xff")),
    ];
    for home in homes {
        let mut command = fixture.command(&installed(), &["./..."]);
        without_home(&mut command);
        if let Some(home) = home {
            command.env("HOME", home);
        }
        let seen = Seen::of(&mut command);
        seen.expect(&format!("HOME={home:?}"), 3, VENDORED);
        assert!(
            seen.stderr.contains("no cache folder that lasts"),
            "{}",
            seen.stderr
        );
    }
    let mut command = fixture.command(&installed(), &["./..."]);
    let seen = Seen::of(without_home(&mut command).env_remove("GOCACHE"));
    assert_eq!(seen.code, Some(2));
    assert!(
        seen.stderr.contains("GOCACHE is not defined"),
        "in go's words: {}",
        seen.stderr
    );
}

#[test]
fn a_cache_inside_of_the_module_holds_no_packages_of_it() {
    let fixture = Fixture::of("vendored");
    for cache in ["cache", ".cache", "deep/er/cache"] {
        let seen = run_in(Path::new(cache), &fixture, &["./..."]);
        seen.expect(cache, 3, VENDORED);
        assert_eq!(seen.report().packages.len(), 1, "{cache}");
    }
}

#[test]
fn a_cache_that_goes_away_during_the_run() {
    let fixture = Fixture::of("vendored");
    let cache = fixture.dir.join("../cache");
    let go = fixture.dir.join("../go");
    let with = |script: &str| {
        fs::write(&go, format!("#!/bin/sh\n{script}\n")).unwrap();
        fs::set_permissions(&go, fs::Permissions::from_mode(0o755)).unwrap();
        let go = go.display().to_string();
        let mut command = fixture.command(&installed(), &["--go", &go, "./..."]);
        Seen::of(command.env("LEAKGATE_CACHE", &cache))
    };
    let delete = format!("rm -rf '{}'", cache.display());
    let seen = with(&format!("[ \"$1\" = env ] || {delete}\nexec go \"$@\""));
    assert_eq!(seen.code, Some(2), "{}", seen.stderr);
    assert!(
        seen.stderr.contains("reading overlay"),
        "in go's words: {}",
        seen.stderr
    );
    with(&format!(
        "go \"$@\"; code=$?; [ \"$1\" = env ] || {delete}; exit $code"
    ))
    .expect("late", 3, VENDORED);
}

#[test]
fn twenty_at_once_share_a_fresh_cache_a_module_and_a_report() {
    let fixture = Fixture::of("vendored");
    let cache = fixture.dir.join("../fresh");
    std::thread::scope(|scope| {
        for n in 0..20 {
            let (fixture, cache) = (&fixture, &cache);
            scope.spawn(move || {
                let own = format!("json=own-{n}.json");
                let args = ["--report", &own, "--report", "json=same.json", "./..."];
                run_in(cache, fixture, &args).expect("at once", 3, VENDORED);
            });
        }
    });
    let names = (0..20)
        .map(|n| format!("own-{n}.json"))
        .chain(["same.json".to_owned()]);
    for name in names {
        let bytes = fs::read(fixture.dir.join(&name)).unwrap();
        let report = leakgate::report::Report::read(&bytes).unwrap_or_else(|error| panic!("{name}: {error}"));
        assert_eq!(report.findings.len(), 1, "{name}");
    }
    let rest = below(&fixture.dir)
        .into_iter()
        .filter(|path| path.to_string_lossy().contains("/.leakgate-"));
    assert_eq!(rest.count(), 0, "no temporary file stays");
}
