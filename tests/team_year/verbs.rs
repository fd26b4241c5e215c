//! The verbs beside the year: each does what its page says, and a bad file is never touched.

use super::team::Team;
use std::path::Path;
use std::process::Command;
use support::Said;

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
fn a_misspelt_variable_is_refused_and_one_of_others_is_shown() {
    let team = Team::with_leaks(0);
    for verb in [&["config"][..], &["test", "./..."], &["allow", "list"]] {
        team.run(verb, &[("LEAKGATE_SETTEL", "1s")])
            .code(2)
            .says("unknown variable LEAKGATE_SETTEL: did you mean LEAKGATE_SETTLE?");
    }
    team.run(&["config"], &[("LEAKGATE_VERSION", "1.2.3")])
        .code(0)
        .says("no setting of leakgate: LEAKGATE_VERSION");
}

#[test]
fn explain_offers_the_names_that_hold_a_word() {
    let team = Team::with_leaks(0);
    team.leakgate("explain send").code(2).says("`send-no-receiver`");
    team.leakgate("explain stail")
        .code(2)
        .says("did you mean `stale`?");
}

#[test]
fn init_writes_a_file_that_lint_accepts_and_the_schema_knows() {
    let team = Team::with_leaks(0);
    team.leakgate("init --ci github")
        .code(0)
        .says("name: goroutine leaks")
        .says("leakgate test ")
        .says("--report sarif=out/leaks.sarif");
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
        assert_eq!((gone.code, gone.err.as_str()), (Some(code), ""), "{line}");
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
        add(&[one], flags).code(0).says("already exists");
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
        assert_ne!(team.run(verb, &[("CI", "true")]).code, Some(2));
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

#[test]
fn debt_that_a_partial_run_did_not_look_at_is_never_lost() {
    let team = Team::with_leaks(4);
    assert_eq!(team.report("", &[]).code, 3);
    team.leakgate("baseline write --baseline off")
        .code(2)
        .says("--baseline off names no file");
    assert!(!team.path("off").exists());
    team.leakgate("baseline write").code(0).says("4 kinds of leak");
    let known = team.text("leakgate.baseline.json");
    team.leakgate("test ./...")
        .code(0)
        .says("PASS    no new leaks (4 known)");
    team.leakgate("test -run TestLeak00 ./...").code(0);
    team.leakgate("baseline write")
        .code(2)
        .says("-run TestLeak00 was given")
        .says("would be lost");
    assert_eq!(team.text("leakgate.baseline.json"), known);
}

#[test]
fn the_baseline_is_one_file_from_whatever_folder() {
    let team = Team::with_leaks(2);
    let in_cart = |args: &[&str]| Said::of(team.command(args).current_dir(team.path("cart")));
    in_cart(&["test", "./..."]).code(3);
    in_cart(&["baseline", "write"]).code(0);
    assert!(team.path("leakgate.baseline.json").exists());
    assert!(!team.path("cart/leakgate.baseline.json").exists());
    in_cart(&["test", "./..."]).code(0).says("no new leaks (1 known)");
    in_cart(&["test", "--baseline", "no.json", "./..."])
        .code(2)
        .says("cart/no.json: no such baseline");
}

#[test]
fn a_package_whose_service_is_missing_may_be_left_out_and_is_listed() {
    let team = Team::with_leaks(0);
    team.put(
        "store/store_test.go",
        "package store\n\nimport (\n\t\"os\"\n\t\"testing\"\n)\n\nfunc TestMain(m *testing.M) {\n\tif os.Getenv(\"DB\") == \"\" {\n\t\tos.Exit(0)\n\t}\n\tos.Exit(m.Run())\n}\n\nfunc TestA(t *testing.T) {}\n",
    );
    team.put(
        "cart/cart_test.go",
        "package cart\n\nimport \"testing\"\n\nfunc TestA(t *testing.T) {}\n",
    );
    let entry = |last: &str| {
        format!(
            "version = 1\n[[may-not-run]]\npackage = \"./store\"\nreason = \"no database\"\nexpires = {last}\n"
        )
    };
    team.leakgate("test ./...").code(5).says("[no-run]");
    team.put("leakgate.toml", &entry("2999-12-31"));
    team.leakgate("test ./...")
        .code(0)
        .says("no test of example.com/shop/store ran, which the rules allow until 2999-12-31: no database");
    team.leakgate("test ./store").code(4).says("no tests ran");
    team.leakgate("allow list")
        .code(0)
        .says("package ./store may not run");
    team.put("leakgate.toml", &entry("2020-12-31"));
    team.leakgate("test ./...")
        .code(3)
        .says("allowed it until 2020-12-31, which has passed");
    team.leakgate("allow lint").code(3).says("error[expired]");
}

#[test]
fn the_code_for_leaks_is_said_and_means_nothing_else() {
    let team = Team::with_leaks(1);
    team.leakgate("test --leak-exit-code 9 ./...")
        .code(9)
        .says("(exit code 9)");
    for code in ["2", "4", "5", "126", "300"] {
        team.run(&["test", "--leak-exit-code", code, "./..."], &[])
            .code(2)
            .says("is not 3, 1, a number from 6 to 125, or 0");
    }
    team.put("leakgate.toml", "version = 1\n[gate]\nleak-exit-code = 0\n");
    team.leakgate("test ./...")
        .code(0)
        .says("warning[gate-off]: leakgate.toml:3: leak-exit-code is 0");
}

#[test]
fn a_wrong_command_or_log_is_called_by_its_cause() {
    let team = Team::with_leaks(0);
    team.put(
        "cart/cart_test.go",
        "package cart\n\nimport \"testing\"\n\nfunc TestA(t *testing.T) {}\n",
    );
    team.leakgate("exec -- nosuchcommand")
        .code(2)
        .says("can't run `nosuchcommand`: there is no such command");
    team.leakgate("exec -- go test ./...").code(2).says("add -json");
    let text = "=== RUN   TestA\n--- PASS: TestA (0.00s)\nPASS\nok  \texample.com/shop/cart\t0.1s\n";
    team.put("v.log", text);
    team.leakgate("check v.log")
        .code(2)
        .says("it is what go test prints without -json");
    let plain = team.path("plain.json");
    let made = std::process::Command::new("go")
        .args(["test", "-json", "./cart"])
        .current_dir(team.path("."))
        .output()
        .unwrap();
    std::fs::write(&plain, made.stdout).unwrap();
    team.leakgate("check plain.json")
        .code(5)
        .says("warning[no-shim]")
        .says("it was made without the shim");
}

#[test]
fn an_entry_gets_a_cap_a_last_day_and_an_owner_without_being_asked() {
    let team = Team::with_leaks(4);
    team.put("leakgate.toml", "version = 1\n[policy]\ndefault-days = 30\n");
    team.put(".github/CODEOWNERS", "* @all\n/cart/ @cart\n");
    std::fs::create_dir_all(team.path(".git")).unwrap();
    let leaks = team.report("", &[]).ruled("fails");
    let of = |name: &str| leaks.iter().find(|leak| leak.1.contains(name)).unwrap().0.clone();
    team.run(&["allow", "add", &of("Leak00"), "--reason", "drains"], &[])
        .code(0)
        .says("+max = 1")
        .says("+owner = \"@cart\"")
        .says("+expires = ");
    let bare = ["--reason", "drains", "--no-max", "--no-expires", "--owner", "@me"];
    let second = of("Leak02");
    let args = [&["allow", "add", second.as_str()][..], &bare].concat();
    team.run(&args, &[]).code(0).says("+owner = \"@me\"");
    let text = team.text("leakgate.toml");
    assert_eq!(
        (text.matches("max = ").count(), text.matches("expires = ").count()),
        (1, 1)
    );
    team.leakgate("allow fmt --check").code(0);
    let ruled = team.report("", &[]);
    assert_eq!((ruled.ruled("allowed").len(), ruled.ruled("fails").len()), (2, 2));
}

#[test]
fn a_cap_that_is_too_low_is_raised_and_never_dropped() {
    let team = Team::with_leaks(0);
    let code = |count: usize| {
        format!(
            "package cart\n\nvar never = make(chan int)\n\nfunc Leak() {{\n\tfor i := 0; i < {count}; i++ {{\n\t\tgo func() {{ <-never }}()\n\t}}\n}}\n"
        )
    };
    team.put("cart/cart.go", &code(2));
    team.put(
        "cart/cart_test.go",
        "package cart\n\nimport \"testing\"\n\nfunc TestLeak(t *testing.T) { Leak() }\n",
    );
    let leak = team.report("", &[]).ruled("fails")[0].0.clone();
    team.run(&["allow", "add", &leak, "--reason", "pool"], &[])
        .code(0)
        .says("+max = 2");
    team.put("cart/cart.go", &code(5));
    team.leakgate("test --verbose ./...").code(3).says("max = 5");
    team.run(&["allow", "add", &leak, "--reason", "pool"], &[])
        .code(0)
        .says("-max = 2")
        .says("+max = 5");
    let text = team.text("leakgate.toml");
    assert_eq!(text.matches("[[allow]]").count(), 1, "{text}");
    assert_eq!(team.report("", &[]).code, 0);
}

#[test]
fn entries_are_removed_and_extended_by_line_function_or_leak() {
    let team = Team::with_leaks(2);
    let leaks = team.report("", &[]).ruled("fails");
    for leak in &leaks {
        team.run(&["allow", "add", &leak.0, "--reason", "debt"], &[])
            .code(0);
    }
    team.run(&["allow", "extend", &leaks[0].0, "--expires", "2999-01-31"], &[])
        .code(0)
        .says("+expires = 2999-01-31");
    team.leakgate("allow extend leakgate.toml:3 --expires 2999-03-31")
        .code(0)
        .says("+expires = 2999-03-31");
    team.leakgate("allow extend 3 --expires 2020-01-31")
        .code(2)
        .says("has passed");
    team.run(&["allow", "extend", "3", "--days", "3"], &[("CI", "true")])
        .code(2)
        .says("not changed in CI");
    team.leakgate("allow remove nosuch.Function")
        .code(2)
        .says("no entry is named by `nosuch.Function`");
    team.leakgate("allow remove example.com/shop/cart.Leak00").code(0);
    let text = team.text("leakgate.toml");
    assert!(!text.contains("Leak00") && text.contains("Leak01"), "{text}");
    team.leakgate("allow remove 3").code(0);
    assert_eq!(team.text("leakgate.toml").trim(), "version = 1");
}

#[test]
fn two_branches_that_allow_leaks_merge_and_a_conflict_is_called_one() {
    let team = Team::with_leaks(8);
    let git = |args: &[&str]| {
        let identity = [
            "-c",
            "user.name=a",
            "-c",
            "user.email=a@example.com",
            "-c",
            "init.defaultBranch=main",
        ];
        let all = [&identity[..], args].concat();
        Said::of(Command::new("git").args(all).current_dir(team.path(".")))
    };
    let leaks = team.report("", &[]).ruled("fails");
    let add = |number: usize| {
        let name = format!("Leak{number:02}");
        let leak = leaks.iter().find(|leak| leak.1.contains(&name)).unwrap();
        team.run(&["allow", "add", &leak.0, "--reason", "debt"], &[])
            .code(0);
    };
    for number in [0, 3, 6] {
        add(number);
    }
    team.put(".gitignore", ".cache\n");
    git(&["init", "-q"]).code(0);
    git(&["add", "-A"]).code(0);
    git(&["commit", "-qm", "base"]).code(0);
    git(&["checkout", "-qb", "topic"]).code(0);
    add(1);
    git(&["commit", "-qam", "topic"]).code(0);
    git(&["checkout", "-q", "main"]).code(0);
    add(7);
    git(&["commit", "-qam", "main"]).code(0);
    git(&["merge", "-q", "-m", "merge", "topic"]).code(0);
    team.leakgate("allow fmt --check").code(0);
    assert_eq!(team.report("", &[]).ruled("allowed").len(), 5);
    // Both change the same entry.
    git(&["checkout", "-qb", "other"]).code(0);
    team.leakgate("allow extend example.com/shop/cart.Leak00 --expires 2999-01-31")
        .code(0);
    git(&["commit", "-qam", "other"]).code(0);
    git(&["checkout", "-q", "main"]).code(0);
    team.leakgate("allow extend example.com/shop/cart.Leak00 --expires 2999-02-28")
        .code(0);
    git(&["commit", "-qam", "again"]).code(0);
    git(&["merge", "-q", "-m", "merge", "other"]).code(1);
    for verb in ["test ./...", "allow lint", "allow list"] {
        team.leakgate(verb)
            .code(2)
            .says("are a merge conflict that is not resolved")
            .says("error[merge-conflict]");
    }
}
