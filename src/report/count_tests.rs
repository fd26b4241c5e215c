//! Every format counts the same leaks, on one report with members, with one leak that two tests have.

use super::{Format, RenderOptions, Report, sample};
use crate::goroutine::{Fingerprint, FuncName};
use crate::leak::{Joined, JoinedBy, Member, TestName};
use std::collections::HashSet;

/// Three goroutines of two tests, and one of a third: two leaks, seven goroutines.
fn report() -> Report {
    let mut report = sample::report();
    let first = report.findings[0].clone();
    let mut root = first;
    root.leak.root.count = 1;
    root.leak.root.tests = vec![TestName("TestOne".into())];
    root.leak.root.fingerprint = Fingerprint("aaaa000000000001".into());
    let member = |name: &str, to: usize, by| Member {
        group: crate::leak::Group {
            owner: FuncName(name.into()),
            fingerprint: Fingerprint("bbbb000000000002".into()),
            ..root.leak.root.clone()
        },
        joined: Joined {
            by,
            to,
            words: "is held by the evidence".into(),
        },
    };
    let members = vec![
        member("example.com/shop/store.readLoop", 0, JoinedBy::Starter),
        member("example.com/shop/store.writeLoop", 1, JoinedBy::Wait),
    ];
    root.leak.members = members;
    let mut elsewhere = root.clone();
    for group in elsewhere.leak.groups_mut() {
        group.tests = vec![TestName("TestTwo".into())];
    }
    let mut other = root.clone();
    other.leak.members.clear();
    other.leak.root.tests = vec![TestName("TestThree".into())];
    other.leak.root.fingerprint = Fingerprint("cccc000000000003".into());
    report.findings = vec![root, elsewhere, other];
    report.notices.clear();
    for package in &mut report.packages {
        package.inconclusive = None;
        package.tests.clear();
    }
    super::summary::finish(&mut report, &super::summary::Gate::default());
    report
}

const LEAKS: usize = 2;
const GOROUTINES: u64 = 7;

fn written(format: Format) -> String {
    let mut bytes = Vec::new();
    format
        .write(&report(), &mut bytes, &RenderOptions::default())
        .unwrap();
    String::from_utf8(bytes).unwrap()
}

fn json(text: &str) -> serde_json::Value {
    serde_json::from_str(text).unwrap()
}

#[test]
fn the_summary_counts_leaks_and_their_goroutines() {
    let summary = report().summary;
    assert_eq!((summary.leaks, summary.leaked), (LEAKS as u64, GOROUTINES));
    let read = json(&written(Format::Json));
    assert_eq!(read["summary"]["leaks"], LEAKS);
    assert_eq!(read["summary"]["leaked"], GOROUTINES);
    let lines = written(Format::Jsonl);
    let counted = lines.lines().map(json).find_map(|line| {
        let summary = line.get("summary").unwrap_or(&line);
        summary.get("leaks")?.as_u64()
    });
    assert_eq!(counted, Some(LEAKS as u64), "{lines}");
}

#[test]
fn text_for_people_has_a_block_for_each_leak() {
    let human = written(Format::Human);
    let blocks = human.split("\n\n").filter(|block| block.starts_with("LEAK "));
    assert_eq!(blocks.count(), LEAKS, "{human}");
    assert!(human.contains("2 leaks: 7 goroutines"), "{human}");
    assert_eq!(written(Format::Short).lines().count(), LEAKS);
    let markdown = written(Format::Md);
    assert_eq!(markdown.matches("<b>Leak").count(), LEAKS, "{markdown}");
    assert!(markdown.contains("**With it** 2 more goroutines"), "{markdown}");
    assert_eq!(markdown, written(Format::Buildkite));
}

#[test]
fn formats_for_code_scanning_have_a_result_for_each_leak() {
    let sarif = json(&written(Format::Sarif));
    let results = sarif["runs"][0]["results"].as_array().unwrap();
    assert_eq!(results.len(), LEAKS);
    let goroutines: u64 = results
        .iter()
        .filter_map(|result| result["occurrenceCount"].as_u64())
        .sum();
    assert_eq!(goroutines, GOROUTINES);
    assert_eq!(results[0]["properties"]["withIt"].as_array().unwrap().len(), 2);
    assert_eq!(json(&written(Format::Gitlab)).as_array().unwrap().len(), LEAKS);
    let github = written(Format::Github);
    assert_eq!(github.matches("::error ").count(), LEAKS, "{github}");
    assert!(github.contains("With it: 2 more goroutines"), "{github}");
    let teamcity = written(Format::TeamCity);
    assert_eq!(teamcity.matches("##teamcity[inspection ").count(), LEAKS);
    assert!(teamcity.contains("key='leakgate.leaks' value='2'"), "{teamcity}");
}

#[test]
fn the_page_has_a_card_for_each_leak_with_its_members_inside() {
    let page = written(Format::Html);
    let start = page.find("id=\"data\">").unwrap() + "id=\"data\">".len();
    let end = page[start..].find("</script>").unwrap() + start;
    let data = json(&page[start..end]);
    let cards = data["leaks"].as_array().unwrap();
    assert_eq!(cards.len(), LEAKS);
    let counts: u64 = cards.iter().filter_map(|card| card["count"].as_u64()).sum();
    assert_eq!(counts, GOROUTINES);
    let members = cards[0]["members"].as_array().unwrap();
    let hangs_on: Vec<_> = members.iter().map(|member| member["to"].as_u64()).collect();
    assert_eq!(hangs_on, [Some(0), Some(1)]);
}

/// A failure is a test's: the leak that two tests have fails both, under one fingerprint.
#[test]
fn junit_names_each_leak_by_its_fingerprint() {
    let junit = written(Format::Junit);
    let names: HashSet<&str> = ["aaaa000000000001", "cccc000000000003", "bbbb000000000002"]
        .into_iter()
        .filter(|id| junit.contains(id))
        .collect();
    assert_eq!(names.len(), LEAKS, "{junit}");
    assert_eq!(junit.matches("2 more goroutines").count(), 2, "{junit}");
}

#[test]
#[expect(clippy::disallowed_methods, reason = "runs go tool pprof on the written file")]
fn a_profile_has_every_goroutine_under_the_fingerprint_of_its_leak() {
    let file = tempfile::NamedTempFile::with_suffix(".pb.gz").unwrap();
    super::pprof::write(&report(), &mut file.as_file()).unwrap();
    let mut command = std::process::Command::new("go");
    let command = command.args(["tool", "pprof", "-tags"]).arg(file.path());
    let output = command.output().expect("go is there");
    let text = String::from_utf8(output.stdout).unwrap();
    let (_, leaks) = text.split_once("leak: Total").expect(&text);
    let leaks = leaks.split("\n\n").next().unwrap_or_default();
    assert!(leaks.trim_start().starts_with("7 of 7"), "{text}");
    assert!(
        leaks.contains("aaaa000000000001") && leaks.contains("cccc000000000003"),
        "{text}"
    );
    assert!(!leaks.contains("bbbb000000000002"), "{text}");
}

#[test]
fn what_ended_tests_left_in_a_process_that_died_is_counted_and_not_called_none() {
    let mut report = report();
    report.findings.clear();
    let web = report
        .packages
        .iter_mut()
        .find(|package| package.path.0.ends_with("web"));
    let mut why = super::Inconclusive::without_verdict(Vec::new());
    why.left = [("TestOne", 1), ("TestTwo", 3)]
        .map(|(test, goroutines)| super::LeftBy {
            test: TestName(test.into()),
            goroutines,
        })
        .to_vec();
    web.unwrap().inconclusive = Some(why);
    super::summary::finish(&mut report, &super::summary::Gate::default());
    let mut bytes = Vec::new();
    let human = Format::Human.write(&report, &mut bytes, &RenderOptions::default());
    human.unwrap();
    let human = String::from_utf8(bytes).unwrap();
    assert!(
        human.contains("leaks   none judged\n        4 goroutines of ended tests in packages that died\n"),
        "{human}"
    );
    assert!(human.contains("4 goroutines were"), "{human}");
    assert_eq!(report.summary.not_judged, 4);
}
