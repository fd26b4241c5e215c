//! Files: crashes explained, known leaks found, dumps and reports compared, filters and formats.

use crate::run::{command, leakgate};
use std::io::Write;
use std::process::Stdio;
use support::Said;

fn sample(name: &str) -> String {
    format!("tests/testdata/dumps/{name}")
}

#[test]
fn a_crash_is_explained_headline_first() {
    let said = leakgate(&["dump", &sample("go1.26.8.panic-in-goroutine.txt"), "--no-config"]);
    assert_eq!(said.code, Some(0));
    let lines: Vec<&str> = said.out.lines().collect();
    assert_eq!(lines[0], "panic: boom");
    assert!(
        lines[1]
            .contains("A goroutine that TestPanic started brought the process down at /src/stk/x_test.go:13"),
        "{}",
        said.out
    );
    let said = leakgate(&["dump", &sample("go1.26.8.deadlock.txt"), "--no-config"]);
    assert!(
        said.out
            .starts_with("fatal error: all goroutines are asleep - deadlock!"),
        "{}",
        said.out
    );
    assert!(
        said.out.contains("STUCK TestDead in example.com/stk"),
        "{}",
        said.out
    );
}

#[test]
fn dumps_and_their_differences_have_no_colours() {
    let file = sample("go1.26.8.deadlock.txt");
    for verb in [&["dump", &file][..], &["diff", &file, &file]] {
        let mut command = command(verb);
        command
            .args(["--no-config"])
            .env("FORCE_COLOR", "1")
            .env("CLICOLOR_FORCE", "1");
        let said = Said::of(&mut command);
        assert_eq!(said.code, Some(0), "{}", said.err);
        assert!(
            !said.out.is_empty() && !said.out.contains('\u{1b}'),
            "{}",
            said.out
        );
    }
}

#[test]
fn a_crash_in_a_ci_log_is_explained_as_in_its_own_text() {
    let crash = std::fs::read_to_string(sample("go1.26.8.panic-in-goroutine.txt")).unwrap();
    let log: String = crash
        .lines()
        .map(|line| format!("2026-01-02T03:04:05.678Z {line}\n"))
        .collect();
    let mut dump = command(&["dump", "-", "--no-config"]);
    dump.stdin(Stdio::piped()).stdout(Stdio::piped());
    let mut child = dump.spawn().unwrap();
    child.stdin.take().unwrap().write_all(log.as_bytes()).unwrap();
    let output = child.wait_with_output().unwrap();
    let text = String::from_utf8(output.stdout).unwrap();
    assert!(
        text.starts_with("panic: boom\n  A goroutine that TestPanic started"),
        "{text}"
    );
}

#[test]
fn filters_groups_and_top_choose_what_is_shown() {
    let file = sample("go1.26.8.stack.txt");
    let rows = |args: &[&str]| {
        let said = leakgate(&[&["dump", &file, "--no-config", "--format", "json"], args].concat());
        let dump = said.json()["dumps"][0].clone();
        let rows = dump["rows"].as_array().unwrap().clone();
        (dump["passing"].as_u64().unwrap(), rows)
    };
    let (all, stacks) = rows(&["--group-by", "stack"]);
    let (also_all, states) = rows(&["--group-by", "state"]);
    assert!(all == also_all && states.len() <= stacks.len());
    let receiving = |row: &&serde_json::Value| row["by"]["state"] == "chan receive";
    let wanted = states.iter().find(receiving).unwrap()["goroutines"]
        .as_u64()
        .unwrap();
    assert_eq!(rows(&["--state", "chan receive"]).0, wanted);
    assert_eq!(rows(&["--filter", "state!=chan receive"]).0, all - wanted);
    assert_eq!(rows(&["--top", "1", "--group-by", "stack"]).1.len(), 1);
    let wrong = leakgate(&["dump", &file, "--filter", "colour=red"]);
    assert!(
        wrong.code == Some(2) && wrong.err.contains("`colour` is no key of a filter"),
        "{}",
        wrong.err
    );
    let wrong = leakgate(&["dump", &file, "--group-by", "colour"]);
    assert!(
        wrong.code == Some(2) && wrong.err.contains("label:KEY"),
        "{}",
        wrong.err
    );
}

#[test]
fn every_format_tells_of_every_goroutine_and_markup_stays_text() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("evil<b>.txt");
    std::fs::write(
        &file,
        "goroutine 1 [select]:\nm.<script>alert(1)</script>|x(0x1)\n\t/x|<i>.go:1 +0x1\n",
    )
    .unwrap();
    let file = file.display().to_string();
    let text = |format: &str| leakgate(&["dump", &file, "--no-config", "--format", format]).out;
    let html = text("html");
    assert!(
        html.contains("m.&lt;script&gt;") && !html.contains("<script") && !html.contains("<i>.go"),
        "{html}"
    );
    let table = text("md");
    assert!(
        table.contains("\\|") && table.contains("1 goroutine in 1 group"),
        "{table}"
    );
    assert!(text("human").contains("1 goroutine in 1 group"));
}

/// What is cut off is counted, and no script takes the answer for whole.
#[test]
fn incomplete_input_ends_with_5_and_says_what_is_missing() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("cut.txt");
    std::fs::write(
        &file,
        "goroutine 1 [select]:\nm.a()\n\t/x.go:1 +0x1\n\ngoroutine 99673 [select]:",
    )
    .unwrap();
    let file = file.display().to_string();
    let said = leakgate(&["dump", &file, "--no-config"]);
    assert!(
        said.code == Some(5)
            && said
                .out
                .contains("Incomplete: 1 more goroutine could not be read."),
        "{}",
        said.out
    );
    let said = leakgate(&["diff", &file, &file, "--no-config", "--fail-on", "growth>0"]);
    assert!(
        said.code == Some(5) && said.out.contains("Incomplete: "),
        "{}",
        said.out
    );
    let said = leakgate(&["dump", "Cargo.toml", "--no-config"]);
    assert!(
        said.code == Some(2) && said.err.contains("Cargo.toml holds no goroutines"),
        "{}",
        said.err
    );
}

const POLLER: &str = "goroutine ID [select]:\nexample.com/shop/poll.(*Poller).run(0xc000010000)\n\t/shop/poll.go:9 +0x1\ncreated by example.com/shop/poll.New in goroutine 1\n\t/shop/poll.go:5 +0x1\n\n";

fn pollers(count: u64) -> String {
    (10..10 + count)
        .map(|id| POLLER.replace("ID", &id.to_string()))
        .collect()
}

#[test]
fn dumps_are_compared_also_several_in_one_file() {
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str, text: String| {
        let path = folder.path().join(name);
        std::fs::write(&path, text).unwrap();
        path.display().to_string()
    };
    let before = path("before.txt", pollers(2));
    let after = path("after.txt", pollers(7));
    let both = path(
        "both.txt",
        format!("{}\n{}\n{}", pollers(2), pollers(4), pollers(7)),
    );
    let said = leakgate(&["diff", &before, &after, "--no-config", "--format", "json"]);
    let row = &said.json()["rows"][0];
    assert_eq!((&row["change"], &row["growth"]), (&"grew".into(), &5.into()));
    assert_eq!(row["owner"], "example.com/shop/poll.(*Poller).run");
    let said = leakgate(&[
        "diff",
        &both,
        "--no-config",
        "--every",
        "30s",
        "--format",
        "json",
        "--fail-on",
        "growth>4",
    ]);
    assert_eq!(said.code, Some(3), "{}", said.err);
    let found = said.json();
    assert_eq!(found["rows"][0]["counts"], serde_json::json!([2, 4, 7]));
    assert_eq!(
        (&found["rate_per"], &found["rows"][0]["rate"]),
        (&"minute".into(), &5.0.into())
    );
    let alone = leakgate(&["diff", &before, "--no-config"]);
    assert!(
        alone.code == Some(2) && alone.err.contains("nothing to compare it with"),
        "{}",
        alone.err
    );
}

/// For a comment on a pull request: two runs of the tests.
#[test]
fn two_json_reports_are_compared_leak_by_leak_with_their_tests() {
    let folder = tempfile::tempdir().unwrap();
    let golden = std::fs::read_to_string("tests/testdata/golden/report.json").unwrap();
    let before: serde_json::Value = serde_json::from_str(&golden).unwrap();
    let mut after = before.clone();
    let leaks = after["leaks"].as_array_mut().unwrap();
    let gone = leaks.pop().unwrap()["root"]["owner"].clone();
    let grown = leaks[0]["root"]["owner"].clone();
    leaks[0]["root"]["count"] = 2500.into();
    let mut new = leaks[0].clone();
    new["root"]["fingerprint"] = "00000000000000aa".into();
    new["root"]["owner"] = "example.com/shop/cart.Watch".into();
    leaks.push(new);
    let path = |name: &str, report: &serde_json::Value| {
        let path = folder.path().join(name);
        std::fs::write(&path, report.to_string()).unwrap();
        path.display().to_string()
    };
    let (old, new) = (path("old.json", &before), path("new.json", &after));
    let said = leakgate(&["diff", &old, &new, "--no-config", "--format", "json"]);
    let json = said.json();
    let rows = json["rows"].as_array().unwrap();
    let change = |owner: &serde_json::Value| {
        let row = rows.iter().find(|row| row["owner"] == *owner).unwrap();
        (
            row["change"].as_str().unwrap().to_owned(),
            row["growth"].as_i64().unwrap(),
        )
    };
    assert_eq!(change(&grown), ("grew".to_owned(), 500));
    assert_eq!(
        change(&"example.com/shop/cart.Watch".into()),
        ("new".to_owned(), 2500)
    );
    assert_eq!(change(&gone).0, "gone");
    let table = leakgate(&[
        "diff",
        &old,
        &new,
        "--no-config",
        "--format",
        "md",
        "--fail-on",
        "new>0",
    ]);
    assert_eq!(table.code, Some(3), "{}", table.err);
    assert!(
        table
            .out
            .contains("| new | 0 → 2,500 (+2,500) | `example.com/shop/cart.Watch`"),
        "{}",
        table.out
    );
    let mixed = leakgate(&["diff", &old, &sample("go1.26.8.stack.txt"), "--no-config"]);
    assert!(
        mixed.code == Some(2) && mixed.err.contains("can't be compared with each other"),
        "{}",
        mixed.err
    );
}

#[test]
fn terminal_escapes_of_names_files_and_labels_reach_no_terminal() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("dump.txt");
    let text = "goroutine 1 [select\x1b[31m] {k: \"\x1b]0;title\x07\"}:\nm.\x1b[2Ja(0x1)\n\t/x\x1b[1m.go:1 +0x1\ncreated by m.\x1b[5mb in goroutine 1\n\t/x.go:2\n";
    std::fs::write(&file, text).unwrap();
    let file = file.display().to_string();
    for format in ["human", "md", "html", "json"] {
        let said = leakgate(&["dump", &file, "--no-config", "--verbose", "--format", format]);
        assert!(
            !said.out.is_empty() && !said.out.contains('\x1b') && !said.out.contains('\x07'),
            "{format}: {:?}",
            said.out
        );
    }
    let said = leakgate(&["diff", &file, &file, "--no-config"]);
    assert!(!said.out.contains('\x1b'), "{:?}", said.out);
}

#[test]
fn sources_that_hold_no_dump_are_said_with_what_to_do() {
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str, bytes: &[u8]| {
        let path = folder.path().join(name);
        std::fs::write(&path, bytes).unwrap();
        path.display().to_string()
    };
    let folder_name = folder.path().display().to_string();
    for (source, words) in [
        (path("empty.txt", b""), "empty.txt holds no goroutines"),
        (
            path("x.png", b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR"),
            "x.png holds no goroutines",
        ),
        (path("cut.gz", b"\x1f\x8b\x08\0"), "cut.gz: damaged gzip: "),
        (path("no.gz", b"\x1f\x8bhello world"), "no.gz: damaged gzip: "),
        ("missing.txt".to_owned(), "can't read missing.txt: "),
        (
            "localhost:6060".to_owned(),
            "for a service write http://localhost:6060",
        ),
        (
            "localhost:6060/debug/pprof/goroutine".to_owned(),
            "for a service write http://localhost",
        ),
        (folder_name, "is a folder; name the dumps in it"),
    ] {
        let said = leakgate(&["dump", &source, "--no-config"]);
        assert!(said.code == Some(2) && said.err.contains(words), "{}", said.err);
    }
    let none = leakgate(&["dump", &sample("go1.26.8.stack.txt"), "--no-config", "--top", "0"]);
    assert!(
        none.code == Some(0) && none.out.contains("7 more groups with 7 goroutines"),
        "{}",
        none.out
    );
}

#[test]
fn rules_of_the_project_apply_without_their_tests_and_counts() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("dump.txt"), pollers(3)).unwrap();
    std::fs::write(
        folder.path().join("leakgate.toml"),
        "[[allow]]\nentry = \"example.com/shop/poll.(*Poller).run\"\ntest = \"TestPoller\"\nmax = 1\nowner = \"team-a\"\nreason = \"polls until exit\"\n",
    )
    .unwrap();
    let mut dump = command(&["dump", "dump.txt"]);
    dump.current_dir(folder.path());
    let said = Said::of(&mut dump);
    assert!(
        said.out.contains("allowed by leakgate.toml:1: polls until exit"),
        "{}",
        said.out
    );
    let mut dump = command(&["dump", "dump.txt", "--group-by", "rule", "--format", "json"]);
    dump.current_dir(folder.path());
    let row = Said::of(&mut dump).json()["dumps"][0]["rows"][0].clone();
    assert_eq!(
        (&row["by"]["rule"], &row["goroutines"]),
        (&"leakgate.toml:1".into(), &3.into())
    );
}

#[test]
fn known_debt_of_a_baseline_is_found_alive_in_a_dump_and_in_a_profile() {
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str, text: &str| {
        let path = folder.path().join(name);
        std::fs::write(&path, text).unwrap();
        path.display().to_string()
    };
    let dump = path("dump.txt", &pollers(312));
    let profile = path(
        "profile.txt",
        "goroutine profile: total 312\n312 @ 0x1\n#\t0x1\texample.com/shop/poll.(*Poller).run+0x1\t/shop/poll.go:9\n",
    );
    let json = leakgate(&["dump", &dump, "--no-config", "--format", "json"]).json();
    let fingerprint = json["dumps"][0]["rows"][0]["fingerprint"]
        .as_str()
        .unwrap()
        .to_owned();
    let entry = |fingerprint: &str, owner: &str| {
        format!(
            "{{\"package\":\"example.com/shop/poll\",\"fingerprint\":\"{fingerprint}\",\"count\":1,\"owner\":\"{owner}\"}}"
        )
    };
    let baseline = path(
        "baseline.json",
        &format!(
            "{{\"schema\":\"leakgate.baseline/1\",\"entries\":[{},{}]}}",
            entry(&fingerprint, "example.com/shop/poll.(*Poller).run"),
            entry("0123456789abcdef", "example.com/shop/cart.(*Cart).run")
        ),
    );
    for file in [&dump, &profile] {
        let said = leakgate(&["dump", file, "--no-config", "--against", &baseline]);
        assert!(
            said.out
                .contains("the known debt of example.com/shop/poll is alive here: 312 goroutines"),
            "{}",
            said.out
        );
        assert!(said.out.contains("1 of 2 known leaks alive here"), "{}", said.out);
    }
}
