//! The verbs beside the year: each does what its page says, and a bad file is never touched.

use super::team::{Said, Team};
use std::path::Path;
use std::process::Command;

#[test]
fn the_command_that_review_prints_does_what_it_says() {
    let team = Team::with_leaks(2);
    assert_eq!(team.report("", &[]).code, 3);
    let shown = team
        .leakgate("allow review --owner @core --expires 2999-01-31")
        .code(0)
        .says("Without a terminal");
    let commands: Vec<&str> = shown
        .out
        .lines()
        .filter(|line| line.starts_with("leakgate allow add"))
        .collect();
    assert_eq!(commands.len(), 2, "{}", shown.out);
    for command in commands {
        let line = command.replacen("leakgate", &format!("'{}'", env!("CARGO_BIN_EXE_leakgate")), 1);
        let mut shell = Command::new("sh");
        shell
            .args(["-c", &line])
            .current_dir(team.path(""))
            .env("LEAKGATE_CACHE", team.path(".cache"))
            .env_remove("CI");
        assert!(shell.output().unwrap().status.success(), "{line}");
    }
    assert_eq!(team.report("", &[]).code, 0);
    assert_eq!(
        team.text("leakgate.toml")
            .matches("owner = \"@core\"\nexpires = 2999-01-31")
            .count(),
        2
    );
}

#[test]
fn config_says_where_each_value_came_from() {
    let team = Team::with_leaks(0);
    team.put(
        "leakgate.toml",
        "version = 1\n\n[run]\nsettle = \"2s\"\n\n[gate]\nlate = \"fail\"\n",
    );
    let said = team
        .run(
            &["config", "--json", "--kill-grace", "3s"],
            &[("LEAKGATE_LATE", "ignore")],
        )
        .code(0);
    let json: serde_json::Value = serde_json::from_str(&said.out).unwrap();
    for (key, value, source) in [
        ("run.settle", "2s", "leakgate.toml:4"),
        ("gate.late", "ignore", "LEAKGATE_LATE"),
        ("run.kill-grace", "3s", "--kill-grace"),
        ("run.prove", "auto", "default"),
    ] {
        assert_eq!(
            json["settings"][key],
            serde_json::json!({ "value": value, "source": source }),
            "{key}"
        );
    }
    team.run(&["config"], &[("LEAKGATE_LATE", "loud")])
        .code(2)
        .says("LEAKGATE_LATE: `loud` is not `warn`, `fail` or `ignore`");
}

#[test]
fn init_writes_a_file_that_lint_accepts_and_the_schema_knows() {
    let team = Team::with_leaks(0);
    team.leakgate("init --ci github")
        .code(0)
        .says("leakgate test --junitfile");
    team.leakgate("allow lint")
        .code(0)
        .says("0 entries, no problems found");
    team.leakgate("allow fmt --check").code(0);
    team.leakgate("schema config")
        .code(0)
        .says("\"title\": \"leakgate.toml\"");
}

#[test]
fn the_catalog_shows_what_an_entry_does_and_why() {
    let team = Team::with_leaks(0);
    team.leakgate("catalog os-signal-loop")
        .code(0)
        .says("background: listed, passes")
        .says("cap       1")
        .says("go1.27.3");
    team.leakgate("catalog persistConn")
        .code(0)
        .says("CloseIdleConnections()");
    team.leakgate("catalog nosuch")
        .code(2)
        .says("nothing with `nosuch`");
}

#[test]
fn an_entry_is_tried_on_a_dump() {
    let team = Team::with_leaks(0);
    team.put("dump.txt", "goroutine 7 [chan receive]:\nexample.com/shop/cart.(*Cart).watch.func1()\n\t/x/cart.go:9 +0x1c\ncreated by example.com/shop/cart.New in goroutine 1\n\t/x/cart.go:5 +0x2a\n\ngoroutine 8 [select]:\nmain.main()\n\t/x/main.go:3 +0x1c\n");
    let said = team
        .run(
            &[
                "allow",
                "test",
                "entry = \"example.com/shop/cart.(*Cart).watch\"",
                "dump.txt",
            ],
            &[],
        )
        .code(0);
    assert!(
        said.out.contains("matches 1 of 2 goroutines") && said.out.contains("differs in entry = main.main"),
        "{}",
        said.out
    );
    team.run(&["allow", "test", "top = \"time.Sleep\"", "dump.txt"], &[])
        .code(3);
    team.run(&["allow", "test", "tpo = \"x.F\"", "dump.txt"], &[])
        .code(2)
        .says("did you mean `top`?");
}

#[test]
fn a_file_that_is_no_rules_file_is_never_touched() {
    let team = Team::with_leaks(1);
    assert_eq!(team.report("", &[]).code, 3);
    for text in [
        "[[allow]\nentry = \"a.F\"\n",
        "allow = 3\n",
        "[[allow]]\nentry = 4\n",
        "version = 9\n",
        "\u{0}\u{1}",
    ] {
        team.put("leakgate.toml", text);
        for line in [
            "allow lint --fix",
            "allow fmt",
            "allow prune --write",
            "allow list",
            "allow import --write ./...",
            "test ./...",
            "baseline write",
        ] {
            team.leakgate(line).code(2).says("leakgate.toml");
            assert_eq!(team.text("leakgate.toml"), text, "{line}");
        }
    }
    std::fs::remove_file(team.path("leakgate.toml")).unwrap();
    for text in [
        "{",
        "[]",
        "{\"schema\":\"leakgate.baseline/1\",\"entries\":[\n<<<<<<< ours\n{}]}",
    ] {
        team.put("leakgate.baseline.json", text);
        for line in ["baseline write", "baseline tighten", "test ./..."] {
            team.leakgate(line).code(2).says("leakgate.baseline.json");
            assert_eq!(team.text("leakgate.baseline.json"), text, "{line}");
        }
    }
}

#[test]
fn baselines_of_two_branches_merge_without_a_conflict() {
    let team = Team::with_leaks(4);
    let git = |args: &[&str]| {
        let mut command = Command::new("git");
        command
            .args(["-c", "user.name=t", "-c", "user.email=t@example.com"])
            .args(args)
            .current_dir(team.path(""));
        let output = command.output().unwrap();
        assert!(
            output.status.success(),
            "git {args:?}: {}",
            String::from_utf8_lossy(&output.stderr)
        );
    };
    let record = || {
        assert_eq!(team.report("", &[]).ruled("inconclusive").len(), 0);
        team.leakgate("baseline write").code(0);
        git(&["add", "-A"]);
        git(&["commit", "-qm", "debt"]);
    };
    team.put(".gitattributes", "leakgate.baseline.json merge=union\n");
    team.put(".gitignore", ".cache\n");
    git(&["init", "-q", "-b", "main"]);
    record();
    git(&["checkout", "-qb", "ours"]);
    team.put_leaks("mail", 10..12);
    record();
    git(&["checkout", "-q", "main"]);
    git(&["checkout", "-qb", "theirs"]);
    team.put_leaks("news", 20..22);
    record();
    git(&["merge", "-q", "--no-edit", "ours"]);
    let merged = team.report("", &[]);
    assert_eq!((merged.code, merged.ruled("baselined").len()), (0, 8));
    assert!(Path::new(&team.path("leakgate.baseline.json")).exists());
}

#[test]
fn a_verdict_stands_whoever_reads() {
    let team = Team::with_leaks(1);
    team.run(&["test", "--report", "json=r.json", "./..."], &[])
        .code(3);
    team.put(
        "dump.txt",
        "goroutine 8 [select]:\nmain.main()\n\t/x/main.go:3 +0x1c\n",
    );
    team.put(
        "old.toml",
        "[[allow]]\nexpires = 2020-12-31\nentry = \"main.main\"\nreason = \"r\"\n",
    );
    team.put("good.toml", "version = 1\n");
    for (line, code) in [
        ("allow lint --config old.toml", 3),
        ("allow lint --config old.toml --short", 3),
        ("allow fmt --check --config old.toml", 3),
        ("allow test --config good.toml top=\"time.Sleep\" dump.txt", 3),
        ("report r.json --exit-code", 3),
        ("allow lint --config good.toml", 0),
        ("allow test --config good.toml top=\"main.main\" dump.txt", 0),
        ("report r.json", 0),
    ] {
        let args: Vec<&str> = line.split(' ').collect();
        team.run(&args, &[]).code(code);
        let (reader, writer) = std::io::pipe().unwrap();
        drop(reader);
        let gone = Said::of(team.command(&args).stdout(writer));
        assert_eq!((gone.code, gone.err.as_str()), (code, ""), "{line}");
        if !cfg!(target_os = "linux") {
            continue;
        }
        let full = std::fs::File::options().write(true).open("/dev/full").unwrap();
        let lost = if code == 0 { 2 } else { code };
        Said::of(team.command(&args).stdout(full))
            .code(lost)
            .says("leakgate: can't write to standard output: No space left");
    }
}

#[test]
fn an_entry_that_the_next_run_would_refuse_is_not_written() {
    let team = Team::with_leaks(1);
    let leak = team.report("", &[]).ruled("fails")[0].0.clone();
    let good = ["--reason", "drains", "--owner", "@core", "--issue", "#1"];
    for (flag, value, says) in [
        ("--expires", "2020-01-31", "--expires 2020-01-31 has passed"),
        ("--reason", "", "--reason is empty"),
        ("--reason", " \t", "--reason is empty"),
        ("--owner", "", "--owner is empty"),
        ("--issue", " ", "--issue is empty"),
    ] {
        let mut add = vec!["allow", "add", leak.as_str()];
        for pair in good.chunks(2).filter(|pair| pair[0] != flag) {
            add.extend(pair);
        }
        add.extend([flag, value]);
        team.run(&add, &[]).code(2).says(says);
        if flag != "--reason" {
            for verb in [&["allow", "review"][..], &["allow", "import", "--write"]] {
                let args = [verb, &[flag, value]].concat();
                team.run(&args, &[]).code(2).says(says);
            }
        }
        assert!(!team.path("leakgate.toml").exists(), "{add:?}");
    }
}

#[test]
fn what_is_said_anew_of_an_entry_that_stands_is_not_dropped() {
    let team = Team::with_leaks(2);
    let leaks = team.report("", &[]).ruled("fails");
    let add = |leaks: &[&str], flags: &[&str]| {
        let args = [&["allow", "add"], leaks, &["--reason", "drains"], flags].concat();
        team.run(&args, &[])
    };
    let one = leaks[0].0.as_str();
    team.put("leakgate.toml", "version = 1\n# Ours.\n");
    add(&[one], &["--owner", "@core", "--max", "2"]).code(0);
    let text = team.text("leakgate.toml");
    let line = text.lines().position(|line| line == "[[allow]]").unwrap() + 1;
    for flags in [&[][..], &["--owner", "@core"], &["--max", "2"]] {
        add(&[one], flags).code(0).says("stand there already");
    }
    for (flags, what) in [
        (&["--expires", "2999-01-31"][..], "--expires"),
        (&["--max", "3"], "--max"),
        (&["--owner", "@other", "--issue", "#1"], "--owner, --issue"),
        (&["--dry-run", "--max", "3"], "--max"),
    ] {
        add(&[leaks[1].0.as_str(), one], flags)
            .code(2)
            .says(&format!("leakgate.toml:{line}: "))
            .says(&format!("{what} would change it"));
    }
    team.run(&["allow", "add", one, "--reason", "another"], &[])
        .code(2)
        .says("--reason would change it");
    assert_eq!(team.text("leakgate.toml"), text, "nothing was written");
}

#[test]
fn a_ci_changes_no_rules() {
    let team = Team::with_leaks(0);
    let rules = "version = 1\n[[allow]]\nreason = \"r\"\nentry = \"example.com/shop.New \"\n";
    team.put("leakgate.toml", rules);
    for verb in [["allow", "lint", "--fix"].as_slice(), &["allow", "fmt"]] {
        team.run(verb, &[("CI", "true")])
            .code(2)
            .says("leakgate.toml is not changed in CI");
        assert_eq!(team.text("leakgate.toml"), rules);
    }
    for verb in [["allow", "lint"].as_slice(), &["allow", "fmt", "--check"]] {
        assert_ne!(team.run(verb, &[("CI", "true")]).code, 2);
    }
    team.run(&["allow", "fmt", "--in-ci"], &[("CI", "true")]).code(0);
    assert_ne!(team.text("leakgate.toml"), rules);
}

#[test]
fn expired_entries_are_pruned_without_a_run() {
    let team = Team::with_leaks(0);
    let live = "version = 1\n\n[[allow]]\nentry = \"example.com/shop.Live\"\nreason = \"r\"\n";
    let gone = "[[allow]]\nentry = \"example.com/shop.Old\"\nreason = \"r\"\nexpires = 2020-01-31\n";
    team.put("leakgate.toml", &format!("{live}\n{gone}"));
    team.leakgate("allow prune --write")
        .code(0)
        .says("removed 1 entry")
        .says("only expired entries were looked at");
    assert_eq!(team.text("leakgate.toml").trim_end(), live.trim_end());
}

#[test]
fn all_code_of_the_own_module_is_never_allowed_at_once() {
    let team = Team::with_leaks(2);
    team.put(
        "leakgate.toml",
        "version = 1\n[[allow]]\ncreated-by = \"example.com/shop/...\"\nreason = \"r\"\n",
    );
    team.leakgate("test ./...")
        .code(2)
        .says("it matches all code of your module example.com/shop");
    team.leakgate("allow lint").code(3).says("error[broad]");
}
