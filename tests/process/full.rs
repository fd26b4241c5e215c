//! Nothing takes more: full disks, limits of the system, closed streams. Each costs what it must, says so, and never
//! the verdict or a file of the user's.

use crate::running::{Module, said};
use std::fs::{self, File};
use std::os::unix::fs::{FileTypeExt, symlink};
use std::path::Path;
use std::process::{Command, Stdio};

/// `command` where `folder` is a file system of its own that holds `kib` KiB. `None`, with a word, where that needs more
/// rights than there are.
fn on_small_disk(command: &Command, folder: &Path, kib: u32) -> Option<Command> {
    let mount = format!("mount -t tmpfs -o size={kib}k tmpfs \"$0\" && exec \"$@\"");
    let small = |program: &str| {
        let mut small = Command::new("unshare");
        let root = rustix::process::geteuid().is_root();
        small.args(if root { &["-m"][..] } else { &["-r", "-m"] });
        small.args(["sh", "-c", &mount]).arg(folder).arg(program);
        small
    };
    fs::create_dir_all(folder).unwrap();
    if !small("true").output().is_ok_and(|output| output.status.success()) {
        support::tools::skipped("no small file system can be mounted");
        return None;
    }
    let mut small = small(command.get_program().to_str().unwrap());
    small
        .args(command.get_args())
        .current_dir(command.get_current_dir().unwrap());
    for (name, value) in command.get_envs() {
        match value {
            Some(value) => small.env(name, value),
            None => small.env_remove(name),
        };
    }
    Some(small)
}

/// `leakgate args` under limits that `sh` sets.
fn limited(module: &Module, limit: &str, args: &[&str]) -> (Option<i32>, String) {
    let command = module.command(args);
    let mut shell = Command::new("bash");
    shell.args(["-c", &format!("{limit} && exec \"$0\" \"$@\"")]);
    shell
        .arg(command.get_program())
        .args(command.get_args())
        .current_dir(module.dir());
    said(shell.output().unwrap())
}

#[test]
fn a_report_that_cannot_be_written_costs_neither_the_others_nor_the_verdict() {
    let module = Module::new();
    let full = module.dir().join("full");
    for (package, code) in [("./leaks", 3), ("./clean", 2)] {
        let command = module.command(&[
            "test",
            "--format",
            "short",
            "--report",
            "html=full/r.html",
            "--report",
            "html=full/s.html",
            "--report",
            "sarif=kept.sarif",
            package,
        ]);
        let Some(mut command) = on_small_disk(&command, &full, 4) else {
            return;
        };
        let (exit, text) = said(command.output().unwrap());
        assert_eq!(exit, Some(code), "{text}");
        for name in ["r.html", "s.html"] {
            let words = format!(
                "leakgate: can't write {}: No space left",
                full.join(name).display()
            );
            assert!(text.contains(&words), "{text}");
        }
        assert_eq!(text.contains("TestLeaks"), code == 3, "{text}");
        let sarif = fs::read(module.dir().join("kept.sarif")).unwrap();
        assert!(serde_json::from_slice::<serde_json::Value>(&sarif).is_ok());
    }
}

#[test]
fn files_of_the_team_are_whole_after_a_full_disk() {
    let module = Module::new();
    let report = module.dir().join("report.json");
    for entry in fs::read_dir(module.dir()).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() && !path.ends_with("leaks") {
            fs::remove_dir_all(path).unwrap();
        }
    }
    let (exit, text) = module.output(&["test", "--report", "json=report.json"]);
    assert_eq!(exit, Some(3), "{text}");
    let found: serde_json::Value = serde_json::from_slice(&fs::read(&report).unwrap()).unwrap();
    let fingerprint = found["leaks"][0]["root"]["fingerprint"]
        .as_str()
        .unwrap()
        .to_owned();
    let rules = "version = 1\n\n# Ours.\n[[allow]]\nreason = 'r'\nentry = 'example.com/x.y'\n";
    let full = module.dir().join("full");
    for args in [
        &[
            "allow",
            "add",
            &fingerprint,
            "--reason",
            "r",
            "--from",
            "../report.json",
        ][..],
        &["allow", "fmt"],
        &["allow", "prune", "--write", "--from", "../report.json"],
        &["baseline", "write", "--from", "../report.json"],
        &["init", "other.toml"],
    ] {
        // Everything that fits is taken before leakgate begins, and all is read back after it.
        let script = "cd \"$F\" && printf '%s' \"$RULES\" >leakgate.toml && printf '%s' '{\"version\":1' >leakgate.baseline.json
            if [ \"$2\" = write ]; then rm leakgate.baseline.json; fi
            head -c 1000000 /dev/zero >fill 2>/dev/null
            \"$0\" \"$@\"; code=$?
            cmp -s leakgate.toml \"$WHOLE\" || echo 'the rules file has changed'
            ls -A; exit $code";
        let whole = module.dir().join("whole");
        fs::write(&whole, rules).unwrap();
        let mut command = Command::new("bash");
        command
            .args(["-c", script])
            .arg(module.command(&[]).get_program())
            .args(args);
        command.current_dir(module.dir()).env_remove("CI");
        command.env("F", &full).env("WHOLE", &whole).env("RULES", rules);
        let Some(mut command) = on_small_disk(&command, &full, 16) else {
            return;
        };
        let (exit, text) = said(command.output().unwrap());
        assert_eq!(exit, Some(2), "{args:?}: {text}");
        assert!(
            text.contains("leakgate: can't write ") && text.contains("No space left"),
            "{args:?}: {text}"
        );
        assert!(
            !text.contains("has changed") && !text.contains(".leakgate-"),
            "{args:?}: {text}"
        );
        assert!(
            !text.contains("other.toml\n"),
            "nothing half written stays: {text}"
        );
    }
}

#[test]
fn a_cache_on_a_full_disk_is_an_error_with_a_remedy() {
    let module = Module::new();
    let cache = module.dir().join("../cache");
    for kib in [4, 100] {
        let mut command = module.command(&["test", "./clean"]);
        command.env("LEAKGATE_CACHE", cache.join("c"));
        let Some(mut command) = on_small_disk(&command, &cache, kib) else {
            return;
        };
        let (exit, text) = said(command.output().unwrap());
        assert_eq!(exit, Some(2), "{text}");
        assert!(
            text.contains("No space left") && text.contains("set LEAKGATE_CACHE"),
            "{text}"
        );
        assert!(!text.contains(" at path "), "{text}");
    }
}

#[test]
fn a_standard_output_that_takes_nothing_is_never_green_and_changes_no_verdict() {
    let module = Module::new();
    let run = |args: &[&str]| {
        let full = File::options().write(true).open("/dev/full").unwrap();
        said(module.command(args).stdout(full).output().unwrap())
    };
    for format in ["human", "short", "json", "jsonl", "gojson"] {
        for (package, code) in [("./leaks", 3), ("./clean", 2), ("./fails", 1)] {
            if format == "short" && package != "./leaks" {
                continue; // It prints leaks only.
            }
            let (exit, text) = run(&["test", "--format", format, package]);
            assert_eq!(exit, Some(code), "{format} {package}: {text}");
            let said = text
                .matches("leakgate: can't write to standard output: No space left")
                .count();
            assert_eq!(said, 1, "{format} {package}: {text}");
        }
    }
    for args in [
        &["--help"][..],
        &["--version"],
        &["test", "--help"],
        &["schema", "report"],
        &["completions", "bash"],
        &["man"],
        &["explain"],
        &["explain", "select-empty"],
        &["catalog"],
        &["config"],
        &["overlay"],
    ] {
        let (exit, text) = run(args);
        assert_eq!(exit, Some(2), "{args:?}: {text}");
        assert!(
            text.contains("can't write to standard output: No space left"),
            "{args:?}: {text}"
        );
    }
}

#[test]
fn a_test2json_file_that_takes_nothing_costs_no_verdict() {
    let module = Module::new();
    let (exit, text) = module.output(&["test", "--jsonfile", "/dev/full", "./clean"]);
    assert_eq!(exit, Some(2), "{text}");
    assert!(
        text.contains("can't write to /dev/full: No space left") && text.contains("1 test in 1 package"),
        "{text}"
    );
}

#[test]
fn closed_streams_change_no_exit_code() {
    let module = Module::new();
    for (package, code) in [("./leaks", 3), ("./clean", 0)] {
        for closed in [">&-", "2>&-", "<&- >&- 2>&-"] {
            let script = format!("exec \"$0\" \"$@\" {closed}");
            let command = module.command(&["test", "--report", "json=r.json", package]);
            let mut shell = Command::new("bash");
            shell
                .args(["-c", &script])
                .arg(command.get_program())
                .args(command.get_args());
            let status = shell.current_dir(module.dir()).status().unwrap();
            assert_eq!(status.code(), Some(code), "{package} {closed}");
            let report = fs::read(module.dir().join("r.json")).unwrap();
            let report: serde_json::Value = serde_json::from_slice(&report).unwrap();
            assert_eq!(
                report["exit_code"], code,
                "no file took the place of a closed stream"
            );
        }
    }
}

#[test]
fn a_reader_of_the_human_format_that_goes_away_changes_no_exit_code() {
    let module = Module::new();
    let mut child = module.command(&["test", "./leaks", "./clean"]).spawn().unwrap();
    drop(child.stdout.take());
    let (exit, text) = said(child.wait_with_output().unwrap());
    assert_eq!(exit, Some(3), "{text}");
    assert!(!text.contains("ipe"), "{text}");
}

#[test]
fn what_is_no_regular_file_is_written_to_and_links_stay_links() {
    let module = Module::new();
    let dir = module.dir();
    let fifo = dir.join("fifo");
    assert!(Command::new("mkfifo").arg(&fifo).status().unwrap().success());
    fs::write(dir.join("old.json"), "old").unwrap();
    symlink("old.json", dir.join("link.json")).unwrap();
    symlink("made.json", dir.join("dangling.json")).unwrap();
    let reader = std::thread::spawn({
        let fifo = fifo.clone();
        move || fs::read(fifo)
    });
    let (exit, text) = module.output(&[
        "test",
        "--report",
        "json=fifo",
        "--report",
        "html=link.json",
        "--report",
        "jsonl=dangling.json",
        "./clean",
    ]);
    assert_eq!(exit, Some(0), "{text}");
    let piped = reader.join().unwrap().unwrap();
    assert!(serde_json::from_slice::<serde_json::Value>(&piped).is_ok());
    assert!(fs::metadata(&fifo).unwrap().file_type().is_fifo());
    assert!(dir.join("link.json").is_symlink() && dir.join("dangling.json").is_symlink());
    assert!(
        fs::read_to_string(dir.join("old.json"))
            .unwrap()
            .starts_with("<!")
    );
    assert!(dir.join("made.json").is_file());
}

#[test]
fn a_report_to_the_standard_output_stands_beside_what_is_printed() {
    let module = Module::new();
    let out = module.dir().join("out");
    let mut command = module.command(&[
        "test",
        "--format",
        "short",
        "--report",
        "jsonl=/dev/stdout",
        "./leaks",
    ]);
    let status = command
        .stdout(File::create(&out).unwrap())
        .stderr(Stdio::null())
        .status()
        .unwrap();
    assert_eq!(status.code(), Some(3));
    let text = fs::read_to_string(out).unwrap();
    assert!(
        text.contains("{\"type\":\"begin\"") && text.contains("TestLeaks: "),
        "{text}"
    );
}

#[test]
fn one_file_is_not_promised_to_two_reports() {
    let module = Module::new();
    for other in ["html=r.json", "html=./clean/../r.json"] {
        let (exit, text) = module.output(&["test", "--report", "json=r.json", "--report", other, "./clean"]);
        assert_eq!(exit, Some(2), "{text}");
        assert!(text.contains("two reports would be written to"), "{text}");
    }
}

#[test]
fn limits_of_the_system_are_told_and_never_panic() {
    let module = Module::new();
    for limit in ["ulimit -n 4", "ulimit -n 6", "ulimit -n 9", "ulimit -n 13"] {
        let (exit, text) = limited(&module, limit, &["test", "-count=1", "./clean"]);
        assert_eq!(exit, Some(2), "{limit}: {text}");
        assert!(text.contains("oo many open files"), "{limit}: {text}");
    }
    // go's own limit of memory, so small that the runtime does not start.
    let (exit, text) = limited(&module, "ulimit -v 100000", &["test", "./clean"]);
    assert_eq!(exit, Some(2), "{text}");
    assert!(
        text.contains("`go env` failed") && !text.contains("panicked"),
        "{text}"
    );
    // The signal for a file that grows beyond the limit would kill leakgate.
    module.output(&["test", "--report", "json=r.json", "./clean"]);
    let (exit, text) = limited(
        &module,
        "ulimit -f 1",
        &["report", "r.json", "--quiet", "--report", "html=r.html"],
    );
    assert_eq!(exit, Some(2), "{text}");
    assert!(text.contains("r.html: File too large"), "{text}");
    assert!(!module.dir().join("r.html").exists());
}

#[test]
fn no_more_processes_are_told_and_never_panic() {
    // The limit binds only those who are not root.
    let leakgate = env!("CARGO_BIN_EXE_leakgate");
    let as_nobody = |script: &str| {
        let mut command = Command::new("setpriv");
        command.args(["--reuid=64321", "--clear-groups", "bash", "-c", script, leakgate]);
        command
            .current_dir("/")
            .env("HOME", "/nonexistent")
            .env("GOTOOLCHAIN", "local");
        command.output().map(said)
    };
    if !as_nobody("\"$0\" --version").is_ok_and(|(exit, _)| exit == Some(0)) {
        support::tools::skipped("no root, no setpriv, or no leakgate that everybody can run");
        return;
    }
    for processes in [1, 2, 3, 4] {
        let (exit, text) = as_nobody(&format!("ulimit -u {processes}; exec \"$0\" test ./...")).unwrap();
        assert_eq!(exit, Some(2), "{processes}: {text}");
        assert!(!text.contains("panicked"), "{processes}: {text}");
    }
}
