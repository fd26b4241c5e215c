//! Lint of the allow-list: what is wrong with entries, without running anything.

pub mod entries;
pub mod facts;
pub mod names;
pub mod pairs;

pub use facts::{Facts, Home};

use super::allow::AllowEntry;
use super::catalog::CatalogChoices;
use super::notice::RuleNotice;
use super::policy::{LintCode, LintLevel, Policy};
use crate::diag::problem::TextEdit;
use jiff::civil::Date;

/// What lint looks at.
#[derive(Debug, Clone)]
pub struct Lint<'a> {
    /// How the rules file is called in messages.
    pub file: &'a str,
    /// The entries.
    pub entries: &'a [AllowEntry],
    /// Levels and demands.
    pub policy: &'a Policy,
    /// What the team made of the catalog.
    pub catalog: &'a CatalogChoices,
    /// The code.
    pub facts: &'a Facts,
    /// The day.
    pub today: Date,
}

impl Lint<'_> {
    /// What can be found in an entry's own words: its days, its reason, its owner.
    pub fn words(&self) -> Vec<RuleNotice> {
        let mut findings = Findings {
            lint: self,
            notices: Vec::new(),
        };
        for (index, entry) in self.entries.iter().enumerate() {
            entries::check(&mut findings, index, entry);
        }
        findings.notices
    }

    /// Every finding, by place.
    pub fn run(&self) -> Vec<RuleNotice> {
        let mut findings = Findings {
            lint: self,
            notices: Vec::new(),
        };
        for (index, entry) in self.entries.iter().enumerate() {
            entries::check(&mut findings, index, entry);
            names::check(&mut findings, index, entry);
        }
        pairs::check(&mut findings);
        findings.notices.sort_by_key(|notice| (notice.place, notice.code));
        findings.notices
    }
}

/// Where findings are gathered.
struct Findings<'a> {
    lint: &'a Lint<'a>,
    notices: Vec<RuleNotice>,
}

/// The findings about an entry.
struct Said {
    code: LintCode,
    message: String,
    remedy: String,
    /// What to write in place of the value.
    instead: Option<String>,
    /// Whether the entry may be removed.
    remove: bool,
}

impl Said {
    fn new(code: LintCode, message: impl Into<String>, remedy: impl Into<String>) -> Self {
        Self {
            code,
            message: message.into(),
            remedy: remedy.into(),
            instead: None,
            remove: false,
        }
    }

    fn removable(self) -> Self {
        Self { remove: true, ..self }
    }

    fn instead(self, text: impl Into<String>) -> Self {
        Self {
            instead: Some(text.into()),
            ..self
        }
    }
}

impl Findings<'_> {
    /// Adds a finding about the value of a key of an entry, or the entry itself.
    fn say(&mut self, index: usize, key: &str, said: Said) {
        let level = self.lint.policy.level(said.code);
        if level == LintLevel::Allow {
            return;
        }
        let entry = &self.lint.entries[index];
        let (span, place) = entry.at(key);
        let single = entry.patterns(key).len() == 1;
        let fix = said.instead.filter(|_| single).map(|text| {
            let text = toml_edit::Value::from(text).to_string();
            TextEdit {
                span: span.clone(),
                text,
            }
        });
        self.notices.push(RuleNotice {
            code: said.code,
            level,
            message: said.message,
            remedy: Some(said.remedy),
            file: self.lint.file.to_owned(),
            place: Some(place),
            span,
            fix: fix.into_iter().collect(),
            entry: Some(index),
            remove: said.remove,
        });
    }
}

#[cfg(test)]
mod tests;
