//! Every module under `examples/` does what its README says. The zoo has a test of its own.

#![expect(
    clippy::disallowed_methods,
    clippy::unwrap_used,
    reason = "an end-to-end test runs the program on a copy of a module, and may panic"
)]

use leakgate::leak::CauseCode;
use leakgate::report::Report;
use std::fs;
use support::{Copied, Said, leakgate, repository};

fn example(name: &str) -> Copied {
    Copied::of(&repository().join("examples").join(name))
}

fn gated(copy: &Copied, exit: i32) -> Report {
    Said::of(leakgate(["test", "--report=json=report.json", "./..."]).current_dir(copy.dir())).code(exit);
    Report::read(&fs::read(copy.dir().join("report.json")).unwrap()).unwrap()
}

#[test]
fn every_module_has_a_test() {
    let entries = fs::read_dir(repository().join("examples")).unwrap();
    let mut modules: Vec<String> = entries
        .map(|entry| entry.unwrap())
        .filter(|entry| entry.path().join("go.mod").exists())
        .map(|entry| entry.file_name().into_string().unwrap())
        .collect();
    modules.sort();
    assert_eq!(
        modules,
        ["bazel", "first-leak", "leaklab", "zoo"],
        "tests/examples and tests/zoo"
    );
}

#[test]
fn first_leak_names_the_two_mirrors_that_lost() {
    let copy = example("first-leak");
    let report = gated(&copy, 3);
    let [finding] = &report.findings[..] else {
        panic!("{} leaks", report.findings.len());
    };
    let root = &finding.leak.root;
    assert_eq!(
        root.tests.iter().map(|test| test.0.as_str()).collect::<Vec<_>>(),
        ["TestFastest"]
    );
    assert_eq!(finding.leak.goroutines(), 2);
    assert_eq!(root.cause.code, CauseCode::SendNoReceiver);
    let line_of = |spot: &Option<leakgate::leak::Spot>| {
        let at = &spot.as_ref().unwrap().at;
        assert!(at.file.ends_with("mirrors.go"), "{}", at.file);
        let text = fs::read_to_string(copy.dir().join("mirrors.go")).unwrap();
        text.lines().nth(at.line as usize - 1).unwrap().trim().to_owned()
    };
    assert_eq!(line_of(&root.blocked_at), "answers <- answer{body, err}");
    assert_eq!(line_of(&root.started_at), "go func(fetch Mirror) {");
}

#[test]
fn room_for_every_answer_ends_the_leak() {
    let copy = example("first-leak");
    let file = copy.dir().join("mirrors.go");
    let text = fs::read_to_string(&file).unwrap();
    let (before, after) = ("make(chan answer)", "make(chan answer, len(mirrors))");
    assert!(text.contains(before));
    fs::write(&file, text.replace(before, after)).unwrap();
    assert_eq!(gated(&copy, 0).summary.leaks, 0);
}

#[test]
fn first_leak_can_be_allowed_by_the_command_that_the_report_prints() {
    let copy = example("first-leak");
    let said = Said::of(leakgate(["test", "./..."]).current_dir(copy.dir())).code(3);
    let command = said
        .out
        .lines()
        .find_map(|line| line.trim().strip_prefix("leakgate allow add "));
    let fingerprint = command.unwrap().split(' ').next().unwrap();
    let add = [
        "allow",
        "add",
        fingerprint,
        "--owner",
        "@core",
        "--reason",
        "the mirrors are slow",
    ];
    Said::of(leakgate(add).current_dir(copy.dir())).code(0);
    assert_eq!(gated(&copy, 0).summary.leaks, 0);
}

#[test]
fn leaklab_counts_as_its_readme_says_and_leaks_nothing_in_its_tests() {
    assert_eq!(gated(&example("leaklab"), 0).summary.leaks, 0);
}

/// What Bazel runs is tried by hand (docs/bazel.md); here its targets are Go packages that do as the README says.
#[test]
fn the_bazel_example_leaks_in_one_target_of_two() {
    let copy = example("bazel");
    let report = gated(&copy, 3);
    let [finding] = &report.findings[..] else {
        panic!("{} leaks", report.findings.len());
    };
    assert_eq!(finding.leak.root.package.0, "example.com/bazel-example/store");
    let test = finding.leak.root.certain_test().unwrap();
    assert_eq!(test.0, "TestAskAndForget");
    for package in ["store", "clean"] {
        let build = fs::read_to_string(copy.dir().join(package).join("BUILD.bazel")).unwrap();
        assert!(build.contains(&format!("importpath = \"example.com/bazel-example/{package}\"")));
        assert!(build.contains(&format!("name = \"{package}_test\"")));
    }
}

/// Times and Go's version differ from run to run.
fn timeless(text: &str) -> String {
    let varies = regex::Regex::new(r"\d+(\.\d+)? ?m?s\b|go1\.\d+(\.\d+)?").unwrap();
    varies.replace_all(text.trim(), "…").into_owned()
}

#[test]
fn the_readme_shows_what_first_leak_prints() {
    let readme = fs::read_to_string(repository().join("README.md")).unwrap();
    let shown = readme
        .split("```text\n")
        .nth(1)
        .unwrap()
        .split("```")
        .next()
        .unwrap();
    let root = tempfile::tempdir().unwrap();
    let module = root.path().join("examples/first-leak");
    fs::create_dir_all(&module).unwrap();
    for entry in fs::read_dir(repository().join("examples/first-leak")).unwrap() {
        let path = entry.unwrap().path();
        fs::copy(&path, module.join(path.file_name().unwrap())).unwrap();
    }
    // Places are relative to the repository.
    fs::create_dir(root.path().join(".git")).unwrap();
    let args = ["test", "-C", "examples/first-leak", "./..."];
    let said = Said::of(leakgate(args).current_dir(root.path())).code(3);
    assert_eq!(
        timeless(&said.out),
        timeless(shown),
        "README.md shows other output"
    );
}
