//! What is to be said about the rules themselves: by `allow lint`, and after a run.

use super::policy::{LintCode, LintLevel};
use crate::diag::{Place, Problem, Severity, TextEdit};
use std::ops::Range;

/// One finding about an entry, the baseline, or the catalog's part in a run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RuleNotice {
    /// Which lint.
    pub code: LintCode,
    /// How much it counts; never `Allow`.
    pub level: LintLevel,
    /// One sentence.
    pub message: String,
    /// What to do.
    pub remedy: Option<String>,
    /// The file it is about.
    pub file: String,
    /// Where in it; `None` for the baseline.
    pub place: Option<Place>,
    /// Bytes of the text it is about.
    pub span: Range<usize>,
    /// Edits that are safe to apply.
    pub fix: Vec<TextEdit>,
    /// Whether the whole entry may be removed without changing any verdict.
    pub remove: bool,
    /// Index of the `[[allow]]` entry.
    pub entry: Option<usize>,
}

impl RuleNotice {
    /// `leakgate.toml:12:3`, or the file alone.
    pub fn at(&self) -> String {
        match self.place {
            Some(place) => format!("{}:{place}", self.file),
            None => self.file.clone(),
        }
    }

    /// As a problem of the file's text.
    pub fn problem(&self) -> Problem {
        Problem {
            code: self.code.as_str(),
            severity: if self.level == LintLevel::Deny {
                Severity::Error
            } else {
                Severity::Warning
            },
            message: self.message.clone(),
            span: self.span.clone(),
            place: self.place.unwrap_or(Place { line: 1, column: 1 }),
            remedy: self.remedy.clone(),
            fix: self.fix.clone(),
        }
    }
}
