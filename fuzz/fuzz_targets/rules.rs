//! Any text is a rules file: no panic, and no edit loses a byte. The twin of `src/settings/properties.rs`.
#![no_main]

use leakgate::rules::Baseline;
use leakgate::rules::CatalogChoices;
use leakgate::rules::{Facts, Lint};
use leakgate::rules::Policy;
use leakgate::diag::{Colour, render};
use leakgate::rules::{edit, import};
use leakgate::settings::{self, RulesFile};

const ENTRY: &str = "[[allow]]\nentry = \"added.F\"\n";

fn solid(text: &str) -> Vec<char> {
    let mut chars: Vec<char> = text.chars().filter(|c| !c.is_whitespace()).collect();
    chars.sort_unstable();
    chars
}

fn matchers(file: &RulesFile) -> Vec<String> {
    file.allow.iter().map(|entry| format!("{} {:?} {:?}", entry.title(), entry.reason, entry.expires)).collect()
}

libfuzzer_sys::fuzz_target!(|text: &str| {
    let _ = Baseline::read(text);
    let _ = import::go("x_test.go", text);
    let _ = import::metadata_yaml("metadata.yaml", text);
    let read = match settings::read(text) {
        Ok(read) => read,
        Err(problems) => {
            let _ = render("leakgate.toml", text, &problems, Colour::Plain);
            let _ = (edit::add(text, ENTRY), edit::remove(text, &[0]), edit::format(text));
            return;
        }
    };
    let before = matchers(&read);
    if let Ok(more) = edit::add(text, ENTRY) {
        assert!(more.starts_with(text));
        assert_eq!(settings::read(&more).expect("stays good").allow.len(), before.len() + 1);
    }
    if let Ok(tidy) = edit::format(text) {
        assert_eq!(solid(&tidy), solid(text));
        assert_eq!(matchers(&settings::read(&tidy).expect("stays good")), before);
    }
    for index in 0..before.len() {
        if let Ok(less) = edit::remove(text, &[index]) {
            let mut left = before.clone();
            left.remove(index);
            assert_eq!(matchers(&settings::read(&less).expect("stays good")), left);
        }
    }
    let (policy, catalog, facts) = (Policy::default(), CatalogChoices::default(), Facts::default());
    let today = jiff::civil::date(2026, 11, 21);
    let notices =
        Lint { file: "x", entries: &read.allow, policy: &policy, catalog: &catalog, facts: &facts, today }.run();
    if let Ok(fixed) = edit::fix(text, &notices) {
        assert!(settings::read(&fixed).is_ok());
    }
});
