//! Every way to hold tests, on every Go, with the same expectations.

use crate::fixture::Fixture;
use crate::matrix::toolchains;
use leakgate::leak::{TestName, Verdict};

/// Each package of `shapes` leaks on one test.
const ALL: &[&str] = &[
    "examples Example_leak ×1",
    "external TestLeak ×1",
    "fuzzing FuzzLeak/seed#1 ×1",
    "maindefer TestLeak ×1",
    "mainexit TestLeak ×1",
    "mainexternal TestLeak ×1",
    "mainflags TestLeak ×1",
    "mainhelper TestLeak ×1",
    "mainreturn TestLeak ×1",
    "plain TestLeak ×1",
    "short TestLeak ×1",
    "suite TestTable/leak/inner ×1",
    "twins TestAfterItsTwins ×1",
];

#[test]
fn every_shape_leaks_once_on_its_own_test_on_every_go() {
    let shapes = Fixture::of("shapes");
    let before = shapes.tree();
    for go in toolchains() {
        shapes
            .run(&go, &["./..."])
            .expect(&format!("Go {}", go.version), 3, ALL);
    }
    assert_eq!(shapes.tree(), before, "the user's tree is as it was");
}

#[test]
fn a_second_run_is_cached_and_finds_the_same_on_every_go() {
    let shapes = Fixture::of("shapes");
    for go in toolchains() {
        let first = shapes.run(&go, &["./plain", "./mainexit"]);
        // go does not cache results that read files changed less than two seconds ago.
        std::thread::sleep(std::time::Duration::from_millis(
            if first.report().summary.cached == 0 {
                2100
            } else {
                0
            },
        ));
        shapes.run(&go, &["./plain", "./mainexit"]);
        let again = shapes.run(&go, &["./plain", "./mainexit"]);
        assert_eq!(again.report().summary.cached, 2, "Go {}", go.version);
        again.expect(
            &format!("cached, Go {}", go.version),
            3,
            &["mainexit TestLeak ×1", "plain TestLeak ×1"],
        );
    }
}

#[test]
fn a_vendored_dependency_and_a_workspace_are_seen_on_every_go() {
    let (vendored, workspace) = (Fixture::of("vendored"), Fixture::of("workspace"));
    for go in toolchains() {
        vendored.run(&go, &[]).expect(
            &format!("vendor, Go {}", go.version),
            3,
            &["vendored TestLeak ×1"],
        );
        let both = ["a TestLeak ×1", "b TestLeak ×1"];
        workspace
            .run(&go, &["./a/...", "./b"])
            .expect(&format!("go.work, Go {}", go.version), 3, &both);
    }
}

#[test]
fn tests_see_no_label_that_they_have_not_set_and_the_gate_sees_all_on_every_go() {
    let labels = Fixture::of("labels");
    for go in toolchains() {
        for race in [false, true] {
            let what = format!("Go {}, race: {race}", go.version);
            let seen = labels.run(&go, if race { &["-race", "."] } else { &["."] });
            seen.expect(&what, 3, &["labels TestLeak ×1"]);
            let leak = &seen.report().findings[0].leak.root;
            assert_eq!(leak.attribution, leakgate::leak::Attribution::Label, "{what}");
        }
    }
}

/// Their stacks are equal; only labels tell them apart, which Go prints since 1.26.
#[test]
fn parallel_subtests_that_hang_are_told_apart() {
    let hangs = Fixture::of("hangs");
    for go in toolchains().iter().filter(|go| go.minor() >= 26) {
        let seen = hangs.run(go, &["-timeout=2s", "-parallel=2", "."]);
        assert_eq!(seen.code, Some(1), "Go {}", go.version);
        let stuck: Vec<_> = seen
            .report()
            .findings
            .iter()
            .map(|finding| (finding.leak.root.verdict, finding.leak.root.tests.clone()))
            .collect();
        let told = |test: &str| (Verdict::Stuck, vec![TestName(test.to_owned())]);
        assert_eq!(
            stuck,
            [told("TestHang/a"), told("TestHang/b")],
            "Go {}",
            go.version
        );
    }
}

/// Where an int has 32 bits, and where there is no `/proc`, the shim builds too.
#[test]
fn the_shim_builds_for_other_machines() {
    for (goos, goarch) in [
        ("linux", "386"),
        ("linux", "arm"),
        ("darwin", "arm64"),
        ("freebsd", "amd64"),
        ("wasip1", "wasm"),
    ] {
        let built = std::process::Command::new("go")
            .args(["vet", "."])
            .current_dir(std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("go-harness"))
            .envs([
                ("GOOS", goos),
                ("GOARCH", goarch),
                ("GOFLAGS", ""),
                ("CGO_ENABLED", "0"),
            ])
            .output()
            .unwrap();
        assert!(
            built.status.success(),
            "{goos}/{goarch}: {}",
            String::from_utf8_lossy(&built.stderr)
        );
    }
}
