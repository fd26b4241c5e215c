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
