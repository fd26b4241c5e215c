//! A year in the life of a team that keeps an allow-list and a baseline.

#![allow(
    clippy::unwrap_used,
    clippy::disallowed_methods,
    reason = "tests drive processes and files"
)]

mod ci;
mod team;
mod verbs;

use team::Team;

#[test]
fn a_year_in_the_life_of_a_team() {
    if !["1.25.0", "1.27.3"].into_iter().all(support::tools::has_go) {
        return;
    }
    let team = Team::with_leaks(50);

    // January: the gate is adopted with 50 leaks.
    let first = team.report("", &[("GOTOOLCHAIN", "go1.25.0")]);
    assert_eq!((first.code, first.ruled("fails").len()), (3, 50));
    team.run(&["baseline", "write"], &[("CI", "true")])
        .code(2)
        .says("not changed in CI");
    team.leakgate("baseline write")
        .code(0)
        .says("50 kinds of leak, 50 goroutines");
    let adopted = team.report("", &[("GOTOOLCHAIN", "go1.25.0")]);
    assert_eq!((adopted.code, adopted.ruled("baselined").len()), (0, 50));

    // February: a new leak is blocked, and only that one.
    team.put_leaks("mail", 50..51);
    let blocked = team.report("", &[("GOTOOLCHAIN", "go1.25.0")]);
    let new = blocked.ruled("fails");
    assert_eq!((blocked.code, new.len()), (3, 1));
    assert_eq!(new[0].1, "example.com/shop/mail.Leak50.func1");

    // March: it is allowed until a day, under the team's own comment.
    team.leakgate("init").code(0);
    team.leakgate("init").code(2).says("already exists");
    team.change(
        "leakgate.toml",
        "# require = [\"reason\"]",
        "require = [\"owner\", \"reason\"] # agreed in March",
    );
    let add = [
        "allow",
        "add",
        &new[0].0[..8],
        "--reason",
        "mailer drains at exit",
        "--expires",
        "2999-12-31",
    ];
    team.run(&add, &[]).code(2).says("the policy requires `owner`");
    let owned: Vec<&str> = add.iter().copied().chain(["--owner", "@mail"]).collect();
    team.run(&owned, &[("CI", "1")]).code(2).says("not changed in CI");
    team.run(&owned, &[])
        .code(0)
        .says("+entry = \"example.com/shop/mail.Leak50\"");
    team.run(&owned, &[]).code(0).says("already exists");
    let allowed = team.report("", &[("GOTOOLCHAIN", "go1.25.0")]);
    assert_eq!(
        (
            allowed.code,
            allowed.ruled("allowed").len(),
            allowed.notices().len()
        ),
        (0, 1, 0)
    );
    team.leakgate("allow list")
        .code(0)
        .says("@mail, until 2999-12-31");

    // April: lines move; nothing that is known is lost or blamed again.
    team.change("cart/cart.go", "var never", "// Carts.\n\n\nvar never");
    assert_eq!(team.report("", &[("GOTOOLCHAIN", "go1.25.0")]).code, 0);

    // June: Go 1.27 names closures in another way, and proves leaks; the debt stays the same debt.
    let upgraded = team.report("", &[("GOTOOLCHAIN", "go1.27.3")]);
    assert_eq!(
        (
            upgraded.code,
            upgraded.ruled("baselined").len(),
            upgraded.ruled("allowed").len()
        ),
        (0, 50, 1)
    );

    // July: the mailer is renamed. The entry is dead, and lint knows the new name without Go.
    team.change("mail/mail.go", "Leak50", "Leak5O");
    team.change("mail/mail_test.go", "{ Leak50()", "{ Leak5O()");
    team.leakgate("allow lint --short")
        .code(0)
        .says("warning[dead-function]")
        .says("did you mean `example.com/shop/mail.Leak5O`?");
    let renamed = team.report("", &[]);
    assert_eq!((renamed.code, renamed.notices()), (3, vec!["stale".to_owned()]));
    let rules = team.text("leakgate.toml");
    team.leakgate("allow lint --fix").code(0);
    assert_eq!(team.text("leakgate.toml"), rules, "a guess is not a safe fix");
    team.change("leakgate.toml", "mail.Leak50", "mail.Leak5O");
    assert_eq!(team.report("", &[]).code, 0);

    // September: the entry rots.
    team.change("leakgate.toml", "2999-12-31", "2020-12-31");
    let rotten = team.report("", &[]);
    assert_eq!((rotten.code, rotten.notices()), (3, vec!["expired".to_owned()]));
    assert!(
        rotten.because("fails")[0].contains("allowed it until 2020-12-31"),
        "{:?}",
        rotten.because("fails")
    );
    team.leakgate("allow lint")
        .code(3)
        .says("the entry ended on 2020-12-31");
    team.change("leakgate.toml", "2020-12-31", "2999-12-31");

    // October: ten leaks are fixed. The debt can be lowered, and does not come back.
    team.put_leaks("till", 35..50);
    assert_eq!(team.report("", &[]).notices(), ["fixed-debt"]);
    team.leakgate("baseline tighten")
        .code(0)
        .says("lowered by 10 goroutines");
    assert_eq!(team.report("", &[]).notices(), [""; 0]);
    team.put_leaks("till", 25..50);
    let back = team.report("", &[]);
    assert_eq!(
        (back.code, back.ruled("fails").len()),
        (3, 10),
        "paid debt is new debt"
    );
    team.put_leaks("till", 35..50);

    // November: the mailer is fixed. The entry is stale; a partial run does not say so, and prunes nothing.
    team.change("mail/mail.go", "<-never", "");
    team.run(&["test", "-run", "TestLeak0", "./..."], &[]).code(0);
    team.leakgate("allow prune")
        .code(2)
        .says("did not see everything");
    let fixed = team.report("", &[]);
    assert_eq!((fixed.code, fixed.notices()), (0, vec!["stale".to_owned()]));
    let denied = team.report("--deny stale", &[]);
    assert_eq!((denied.code, denied.notices()), (3, vec!["stale".to_owned()]));
    team.leakgate("allow prune")
        .code(0)
        .says("1 entry of")
        .says("--write removes them");
    team.run(&["allow", "prune", "--write"], &[("CI", "1")]).code(2);
    team.leakgate("allow prune --write")
        .code(0)
        .says("removed 1 entry");
    let rules = team.text("leakgate.toml");
    assert!(
        !rules.contains("Leak5O") && rules.contains("# agreed in March"),
        "{rules}"
    );
    let clean = team.report("--deny stale", &[]);
    assert_eq!((clean.code, clean.ruled("baselined").len()), (0, 40));
}

#[test]
fn bad_rules_stop_the_run_before_any_test() {
    let team = Team::with_leaks(2);
    team.put(
        "leakgate.toml",
        "version = 1\n\n[[allow]]\nfunc = \"a.F\"\nexpires = \"soon\"\n",
    );
    team.leakgate("test ./...")
        .code(2)
        .says("leakgate.toml:4:1")
        .says("did you mean `entry`?")
        .says("leakgate.toml:5:11");
    team.put(
        "leakgate.toml",
        "version = 1\n\n[[allow]]\ntop = \"internal/poll.runtime_pollWait\"\n",
    );
    let said = team.leakgate("test ./...").code(2).says("would hide every leak");
    assert_eq!(said.out, "", "no test ran");
    team.put(
        "leakgate.toml",
        "[lint]\nbroad = \"warn\"\n\n[[allow]]\nany = \"...\"\n",
    );
    team.leakgate("test ./...")
        .code(2)
        .says("the pattern matches everything");
}

#[test]
fn only_what_is_new_since_a_report_fails() {
    let team = Team::with_leaks(2);
    team.run(&["test", "--report", "json=main.json", "./..."], &[])
        .code(3);
    assert_eq!(team.report("--new-from main.json", &[]).code, 0);
    team.put_leaks("mail", 7..8);
    let report = team.report("--new-from main.json", &[]);
    assert_eq!(
        (
            report.code,
            report.ruled("fails").len(),
            report.ruled("baselined").len()
        ),
        (3, 1, 2)
    );
}

#[test]
fn lists_of_other_checkers_are_imported_with_their_places() {
    let team = Team::with_leaks(2);
    team.put(
        "cart/main_test.go",
        "package cart\n\nimport (\n\t\"testing\"\n\n\t\"go.uber.org/goleak\"\n)\n\nfunc TestMain(m *testing.M) {\n\tgoleak.VerifyTestMain(m,\n\t\tgoleak.IgnoreTopFunction(\"example.com/shop/cart.Leak00.func1\"), // drained at exit\n\t\tgoleak.IgnoreTopFunction(\"internal/poll.runtime_pollWait\"),\n\t\tgoleak.IgnoreAnyFunction(\"go.opencensus.io/stats/view.(*worker).start\"),\n\t\tgoleak.IgnoreCurrent(),\n\t)\n}\n",
    );
    let shown = team
        .leakgate("allow import ./...")
        .code(0)
        .says("--write adds them")
        .says("broad:")
        .says("dead-module:");
    assert!(shown.out.contains("cart/main_test.go:14"), "{}", shown.out);
    assert!(!team.path("leakgate.toml").exists());
    team.leakgate("allow import --write --owner @cart ./...").code(0);
    assert_eq!(
        team.text("leakgate.toml"),
        "version = 1\n\n# goleak.IgnoreTopFunction at cart/main_test.go:11\n[[allow]]\ntop = \"example.com/shop/cart.Leak00.func1\"\npackage = \"./cart\"\nreason = \"drained at exit\"\nowner = \"@cart\"\n"
    );
    std::fs::remove_file(team.path("cart/main_test.go")).unwrap();
    let report = team.report("", &[]);
    assert_eq!(
        (report.ruled("allowed").len(), report.ruled("fails").len()),
        (1, 1)
    );
}

#[test]
fn additions_at_the_same_time_lose_nothing() {
    let team = Team::with_leaks(12);
    let found = team.report("", &[]).ruled("fails");
    assert_eq!(found.len(), 12);
    std::thread::scope(|scope| {
        for (fingerprint, _) in &found {
            let team = &team;
            scope.spawn(move || {
                team.run(&["allow", "add", fingerprint, "--reason", "known"], &[])
                    .code(0)
            });
        }
    });
    assert_eq!(team.text("leakgate.toml").matches("[[allow]]").count(), 12);
    assert_eq!(team.report("", &[]).code, 0);
}
