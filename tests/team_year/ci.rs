//! What a team's CI needs: groups in the log, whose leaks they are, and JSON from the verbs that look.

use crate::team::Team;

/// Two packages that leak, one after the other.
fn two_packages() -> Team {
    let team = Team::with_leaks(2);
    team.put("zoo/zoo.go", "package zoo\n");
    team.put(
        "zoo/zoo_test.go",
        "package zoo\n\nimport \"testing\"\n\nfunc TestLast(t *testing.T) { t.Error(\"red\") }\n",
    );
    team
}

#[test]
fn the_log_of_github_folds_each_leak_and_the_output_of_failed_tests() {
    let team = two_packages();
    let said = team.run(
        &["test", "-p=1", "-count=1", "./..."],
        &[("GITHUB_ACTIONS", "true"), ("LEAKGATE_SUMMARY", "none")],
    );
    assert_eq!(said.code, Some(1), "{}", said.text());
    // A runner obeys only what is outside of the fence.
    let (mut stopped, mut obeyed, mut folded) = (None, Vec::new(), Vec::new());
    for line in said.out.lines() {
        match (&stopped, line.strip_prefix("::stop-commands::")) {
            (None, Some(token)) => stopped = Some(format!("::{token}::")),
            (Some(end), _) if line == end => stopped = None,
            (None, None) => obeyed.extend(line.starts_with("::").then_some(line)),
            (Some(_), _) => folded.push(line),
        }
    }
    let groups: Vec<&str> = obeyed
        .iter()
        .filter_map(|line| line.strip_prefix("::group::"))
        .collect();
    assert_eq!(
        groups,
        [
            "output of example.com/shop/zoo",
            "LEAK TestLeak00 in example.com/shop/cart",
            "LEAK TestLeak01 in example.com/shop/till",
        ]
    );
    assert_eq!(
        obeyed.iter().filter(|line| **line == "::endgroup::").count(),
        groups.len()
    );
    assert!(
        obeyed.iter().any(|line| line.starts_with("::error ")),
        "{obeyed:?}"
    );
    assert!(
        folded.iter().any(|line| line.contains("zoo_test.go:5: red")),
        "{folded:?}"
    );
    assert!(!said.out.lines().any(|line| line.starts_with("::group::FAIL")));
    let elsewhere = team.run(&["test", "./..."], &[]);
    assert!(!elsewhere.out.contains("::group::"), "{}", elsewhere.out);
}

#[test]
fn a_report_lists_the_leaks_by_their_owners() {
    let team = Team::with_leaks(2);
    team.put("CODEOWNERS", "/cart/ @team-cart\n");
    team.leakgate("test --report json=out.json ./...").code(3);
    let said = team.leakgate("report out.json --format owners").code(0);
    let lines: Vec<&str> = said.out.lines().collect();
    assert_eq!(lines.len(), 4, "{}", said.out);
    assert_eq!(lines[0], "@team-cart: 1 leak, 1 goroutine");
    assert!(lines[1].starts_with("  cart/"), "{}", lines[1]);
    assert_eq!(lines[2], "no owner: 1 leak, 1 goroutine");
    assert!(lines[3].contains("TestLeak01"), "{}", lines[3]);
}

#[test]
fn lint_and_doctor_speak_json() {
    let team = Team::with_leaks(0);
    team.put(
        "leakgate.toml",
        "version = 1\n\n[[allow]]\nentry = \"example.com/shop/cart.Gone\"\nreason = \"x\"\nexpires = 2020-01-31\n",
    );
    let said = team.leakgate("allow lint --json").code(3);
    let lint = said.json();
    assert_eq!(
        (&lint["file"], &lint["entries"]),
        (&"leakgate.toml".into(), &1.into())
    );
    let expired = lint["findings"]
        .as_array()
        .unwrap()
        .iter()
        .find(|finding| finding["code"] == "expired")
        .unwrap();
    assert_eq!((&expired["level"], &expired["line"]), (&"deny".into(), &6.into()));
    let doctor = team.leakgate("doctor --json").code(0).json();
    assert_eq!(doctor["works"], true);
    let subjects: Vec<_> = doctor["facts"]
        .as_array()
        .unwrap()
        .iter()
        .map(|fact| &fact["subject"])
        .collect();
    assert!(subjects.contains(&&"canary".into()), "{doctor}");
    let none = team.leakgate("doctor --json --go /no/such/go").code(2).json();
    assert_eq!(
        (&none["works"], &none["facts"][0]["level"]),
        (&false.into(), &"bad".into())
    );
}
