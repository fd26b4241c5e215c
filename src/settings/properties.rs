//! Properties of reading and editing `leakgate.toml`; `fuzz/fuzz_targets/rules.rs` is their twin.

use super::file::{self, RulesFile};
use crate::diag::problem::{self, Colour};
use crate::rules::baseline::Baseline;
use crate::rules::catalog::CatalogChoices;
use crate::rules::lint::{Facts, Lint};
use crate::rules::policy::Policy;
use crate::rules::{edit, import};
use proptest::prelude::*;

const ENTRY: &str = "[[allow]]\nentry = \"added.F\"\n";

fn solid(text: &str) -> Vec<char> {
    let mut chars: Vec<char> = text.chars().filter(|c| !c.is_whitespace()).collect();
    chars.sort_unstable();
    chars
}

fn matchers(file: &RulesFile) -> Vec<String> {
    file.allow
        .iter()
        .map(|entry| format!("{} {:?} {:?}", entry.title(), entry.reason, entry.expires))
        .collect()
}

fn lint(file: &RulesFile) -> Vec<crate::rules::notice::RuleNotice> {
    let (policy, catalog, facts) = (Policy::default(), CatalogChoices::default(), Facts::default());
    let today = jiff::civil::date(2026, 11, 21);
    Lint {
        file: "leakgate.toml",
        entries: &file.allow,
        policy: &policy,
        catalog: &catalog,
        facts: &facts,
        today,
    }
    .run()
}

/// The lines that say something.
fn lines(text: &str) -> Vec<&str> {
    let lines = text
        .split('\n')
        .map(|line| line.strip_suffix('\r').unwrap_or(line));
    lines.filter(|line| !line.trim().is_empty()).collect()
}

/// The lines of a text without those of the entry that was added, which lie together.
fn without_the_new(more: &str) -> Vec<&str> {
    let (mut all, new) = (lines(more), lines(ENTRY));
    let at = all
        .windows(new.len())
        .rposition(|window| window == new)
        .expect("the new entry is in one piece");
    all.drain(at..at + new.len());
    all
}

/// What must hold for any text at all.
fn check(text: &str) {
    let read = match file::read(text) {
        Err(problems) => {
            assert!(!problems.is_empty());
            for problem in &problems {
                assert!(problem.place.line >= 1 && problem.remedy.is_some(), "{problem:?}");
            }
            let _ = problem::render("leakgate.toml", text, &problems, Colour::Plain);
            if let Ok(more) = edit::add(text, ENTRY) {
                assert_eq!(without_the_new(&more), lines(text));
            }
            let _ = (edit::remove(text, &[0]), edit::format(text));
            return;
        }
        Ok(read) => read,
    };
    let before = matchers(&read);
    if let Ok(more) = edit::add(text, ENTRY) {
        assert_eq!(
            without_the_new(&more),
            lines(text),
            "nothing that was there changes"
        );
        assert_eq!(file::read(&more).unwrap().allow.len(), before.len() + 1);
    }
    if let Ok(tidy) = edit::format(text) {
        assert_eq!(
            solid(&tidy),
            solid(text),
            "formatting moves, and loses nothing\n{text}\n{tidy}"
        );
        assert_eq!(matchers(&file::read(&tidy).unwrap()), before);
        assert_eq!(
            edit::format(&tidy).as_deref(),
            Ok(tidy.as_str()),
            "formatted text stays"
        );
    }
    for index in 0..before.len() {
        if let Ok(less) = edit::remove(text, &[index]) {
            let mut left = before.clone();
            left.remove(index);
            let after = file::read(&less).unwrap();
            assert_eq!(matchers(&after), left);
            assert_eq!(after.lint, read.lint);
        }
    }
    if let Ok(fixed) = edit::fix(text, &lint(&read)) {
        assert!(
            file::read(&fixed).is_ok(),
            "a fixed file is a good file\n{text}\n{fixed}"
        );
    }
}

fn line() -> impl Strategy<Value = String> {
    prop_oneof![
        4 => Just("[[allow]]".to_owned()),
        2 => Just("[run]".to_owned()),
        1 => Just("[lint]".to_owned()),
        1 => Just("allow = [ { entry = \"a.F\" } ]".to_owned()),
        1 => Just("version = 1".to_owned()),
        2 => Just(String::new()),
        2 => "[ \t]{0,2}# ?[a-zé\"\\[\\]]{0,8}".prop_map(|text| text),
        5 => ("(entry|top|any|created-by|state|package|test|reason|owner)", "[ ]{0,2}", "[a-z/.*()%\\[\\] ]{0,14}", "( # [a-z]{0,5})?")
            .prop_map(|(key, gap, value, comment)| format!("{key}{gap}={gap}\"{value}\"{comment}")),
        1 => ("(entry|top|any|package|test)", "[a-z./]{1,8}", "[a-z./]{0,8}").prop_map(|(key, a, b)| format!("{key} = [\n  \"{a}\", # one\n  \"{b}\",\n]")),
        1 => Just("expires = 2027-01-31".to_owned()),
        1 => Just("expires = 2020-01-31 # gone".to_owned()),
        1 => Just("max = 3".to_owned()),
        1 => Just("settle = '''\n1s'''".to_owned()),
        1 => Just("stale = \"deny\"".to_owned()),
        1 => "[a-z=\\[\\]\"'#{}, .\u{e9}\u{feff}\\\\\r-]{0,12}",
    ]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    #[test]
    fn files_of_likely_lines(lines in prop::collection::vec(line(), 0..8), end in "(\n|\r\n|)") {
        check(&(lines.join("\n") + &end));
    }

    #[test]
    fn files_with_windows_line_ends(lines in prop::collection::vec(line(), 0..8)) {
        check(&lines.join("\r\n"));
    }

    #[test]
    fn any_text(text in "(?s).{0,120}") {
        check(&text);
        let _ = Baseline::read(&text);
        let _ = import::go("x_test.go", &format!("IgnoreTopFunction({text}"));
        let _ = import::metadata_yaml("metadata.yaml", &format!("tests:\n goleak:\n  ignore:\n   top:{text}"));
    }

    #[test]
    fn baselines_of_damaged_lines(cut in 0_usize..200, junk in "(?s).{0,6}") {
        let entry = |n: u64| crate::rules::baseline::BaselineEntry {
            package: crate::package_path::PackagePath(format!("example.com/p{n}")),
            fingerprint: crate::goroutine::Fingerprint(format!("{n:016x}")),
            count: n,
            owner: "a.F".into(),
            cause: String::new(),
        };
        let text = Baseline::of((1..4).map(entry)).write();
        let at = cut.min(text.len());
        let _ = Baseline::read(&format!("{}{junk}{}", &text[..at], &text[at..]));
    }
}
