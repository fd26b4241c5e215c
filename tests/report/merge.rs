//! `leakgate merge`.

use super::{leakgate, read, sample, stderr, stdout};
use leakgate::leak::Verdict;
use leakgate::report::{Report, Shard};
use leakgate::rules::RulingKind;
use std::path::Path;

/// The sample cut in three by packages; the policy of the sample is gone, only the evidence counts.
fn shards(dir: &Path) -> Vec<String> {
    let whole = read(&sample());
    let shard = |index: u32| {
        let mut report: Report = whole.clone();
        report.run.shard = Some(Shard { index, total: 3 });
        report.run.not_full = Some(format!("shard {index}/3"));
        report.packages = whole
            .packages
            .iter()
            .skip(index as usize - 1)
            .step_by(3)
            .cloned()
            .collect();
        let kept: Vec<_> = report
            .packages
            .iter()
            .map(|package| package.path.clone())
            .collect();
        report
            .findings
            .retain(|finding| kept.contains(&finding.leak.root.package));
        report.notices.clear();
        let name = format!("shard-{index}.json");
        std::fs::write(dir.join(&name), serde_json::to_vec(&report).unwrap()).unwrap();
        name
    };
    (1..=3).map(shard).collect()
}

#[test]
fn three_shards_are_one_report() {
    let dir = tempfile::tempdir().unwrap();
    let names = shards(dir.path());
    let mut args = vec!["merge"];
    args.extend(names.iter().map(String::as_str));
    args.extend(["--format", "json"]);
    // Flags may be on either side of the files.
    let output = leakgate(dir.path(), &args);
    assert_eq!(output.status.code(), Some(1), "{}", stderr(&output));
    let merged = Report::read(&output.stdout).unwrap();
    let whole = read(&sample());
    assert_eq!(merged.packages.len(), whole.packages.len());
    assert_eq!(merged.findings.len(), whole.findings.len());
    assert_eq!(
        (merged.summary.tests, merged.summary.stuck),
        (whole.summary.tests, whole.summary.stuck)
    );
    assert_eq!((merged.run.partial, merged.run.shard), (None, None));
    for package in &merged.packages {
        for test in &package.tests {
            for index in &test.findings {
                let finding = &merged.findings[*index];
                assert!(
                    finding.leak.root.package == package.path && finding.leak.root.tests.contains(&test.name)
                );
            }
        }
    }
}

#[test]
fn no_allow_entry_is_offered_for_a_stuck_test() {
    let dir = tempfile::tempdir().unwrap();
    let names = shards(dir.path());
    let mut args = vec!["merge", "--format", "json"];
    args.extend(names.iter().map(String::as_str));
    let merged = Report::read(&leakgate(dir.path(), &args).stdout).unwrap();
    let (stuck, leaked): (Vec<_>, Vec<_>) = merged
        .findings
        .iter()
        .filter(|finding| finding.ruling.kind == RulingKind::Fails)
        .partition(|finding| finding.leak.root.verdict == Verdict::Stuck);
    assert!(!stuck.is_empty() && !leaked.is_empty());
    assert!(
        stuck.iter().all(|finding| finding.allow_entry.is_none()),
        "an entry never matches a stuck test"
    );
    assert!(leaked.iter().all(|finding| finding.allow_entry.is_some()));
}

#[test]
fn a_missing_and_a_doubled_shard_are_said() {
    let dir = tempfile::tempdir().unwrap();
    let names = shards(dir.path());
    let output = leakgate(dir.path(), &["merge", &names[0], &names[2], &names[0]]);
    let text = stdout(&output);
    assert!(text.contains("PARTIAL REPORT: shard 2 of 3 is missing"), "{text}");
    assert!(text.contains("shard 1 came twice"), "{text}");
    assert_ne!(output.status.code(), Some(0));
}

#[test]
fn stale_rules_are_judged_over_all_shards_only() {
    let dir = tempfile::tempdir().unwrap();
    let names = shards(dir.path());
    let rules = "version = 1\n[[allow]]\nentry = \"example.com/shop/nowhere.gone\"\nreason = \"r\"\nowner = \"o\"\nexpires = 2099-01-01\n";
    std::fs::write(dir.path().join("leakgate.toml"), rules).unwrap();
    let stale = |files: &[&str]| {
        let mut args = vec!["merge", "--format", "short"];
        args.extend(files);
        let output = leakgate(dir.path(), &args);
        assert_ne!(output.status.code(), Some(2), "{}", stderr(&output));
        stdout(&output).contains("[stale]")
    };
    assert!(!stale(&[&names[0], &names[1]]), "a shard is missing");
    assert!(
        stale(&[&names[0], &names[1], &names[2]]),
        "the whole run did not need it"
    );
}

#[test]
fn a_report_to_a_dash_is_printed_and_no_file_has_that_name() {
    let dir = tempfile::tempdir().unwrap();
    let names = shards(dir.path());
    let args = ["merge", &names[0], "--report", "sarif=-", "--format", "none"];
    let output = leakgate(dir.path(), &args);
    let sarif: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(sarif["version"], "2.1.0");
    assert!(!dir.path().join("-").exists());
}

#[test]
fn a_run_without_tests_fails_warns_or_passes_as_the_setting_says() {
    let dir = tempfile::tempdir().unwrap();
    let mut empty = read(&sample());
    for package in &mut empty.packages {
        package.tests.clear();
        package.inconclusive = None;
        package.status = leakgate::report::PackageStatus::Skipped;
    }
    empty.findings.clear();
    empty.notices.clear();
    empty.run.partial = None;
    std::fs::write(dir.path().join("a.json"), serde_json::to_vec(&empty).unwrap()).unwrap();
    for (choice, code, says) in [("fail", 4, true), ("warn", 0, true), ("pass", 0, false)] {
        let args = ["merge", "a.json", "--no-tests", choice, "--format", "json"];
        let output = leakgate(dir.path(), &args);
        assert_eq!(output.status.code(), Some(code), "{choice}: {}", stderr(&output));
        let merged = Report::read(&output.stdout).unwrap();
        let warned = merged.notices.iter().any(|notice| notice.code == "no-tests");
        assert_eq!(warned, says, "{choice}");
    }
}
