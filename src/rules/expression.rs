//! A regular expression of an entry, compiled when a name first needs it: a list of thousands costs what is asked of it.

use regex::{Regex, RegexBuilder};
use regex_syntax::hir::literal::{ExtractKind, Extractor, Seq};
use std::sync::OnceLock;

/// Compiled expressions bigger than this are refused (bytes).
const REGEX_LIMIT: usize = 1 << 20;

/// Longer ones, and those that count repetitions, are compiled at once: only that tells whether they are too big.
const SURELY_SMALL: usize = 200;

/// An expression that must match a whole name.
#[derive(Debug, Clone)]
pub struct Expression {
    text: String,
    /// What a name must begin and end with, one of each; empty where nothing is known.
    starts: Vec<String>,
    ends: Vec<String>,
    compiled: OnceLock<Option<Regex>>,
}

impl Expression {
    /// Reads it; an error is one line.
    pub fn parse(text: &str) -> Result<Self, String> {
        let whole = format!("^(?:{text})$");
        // What breaks out of the brackets would match more than it shows.
        let parse = |text: &str| regex_syntax::parse(text).map_err(|error| last_line(&error.to_string()));
        parse(&whole)?;
        let inner = parse(text)?;
        let mut extractor = Extractor::new();
        let starts = literals(extractor.kind(ExtractKind::Prefix).extract(&inner));
        let ends = literals(extractor.kind(ExtractKind::Suffix).extract(&inner));
        let read = Self {
            text: whole,
            starts,
            ends,
            compiled: OnceLock::new(),
        };
        if text.len() > SURELY_SMALL || text.contains('{') {
            let compiled = read.compile().map_err(|error| last_line(&error.to_string()))?;
            let _ = read.compiled.set(Some(compiled));
        }
        Ok(read)
    }

    /// One of these begins every name that it matches.
    pub fn starts(&self) -> Vec<&str> {
        if self.starts.is_empty() {
            return vec![""];
        }
        self.starts.iter().map(String::as_str).collect()
    }

    /// Whether it matches the whole of a name.
    pub fn is_match(&self, name: &str) -> bool {
        let one =
            |known: &[String], fits: &dyn Fn(&String) -> bool| known.is_empty() || known.iter().any(fits);
        one(&self.starts, &|start| name.starts_with(start.as_str()))
            && one(&self.ends, &|end| name.ends_with(end.as_str()))
            && self
                .compiled
                .get_or_init(|| self.compile().ok())
                .as_ref()
                .is_some_and(|regex| regex.is_match(name))
    }

    fn compile(&self) -> Result<Regex, regex::Error> {
        RegexBuilder::new(&self.text).size_limit(REGEX_LIMIT).build()
    }
}

/// The literals, if there is a finite list of them that are text.
fn literals(seq: Seq) -> Vec<String> {
    let Some(all) = seq.literals() else {
        return Vec::new();
    };
    let text: Option<Vec<String>> = all
        .iter()
        .map(|literal| String::from_utf8(literal.as_bytes().to_vec()).ok())
        .collect();
    text.filter(|all| all.iter().all(|literal| !literal.is_empty()))
        .unwrap_or_default()
}

fn last_line(text: &str) -> String {
    let line = text.lines().last().unwrap_or_default();
    line.strip_prefix("error: ").unwrap_or(line).to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn only_what_a_name_needs_is_compiled() {
        let expression = Expression::parse(r"example\.com/shop/.*\.run").unwrap();
        assert!(
            !expression.is_match("example.org/shop/x.run") && !expression.is_match("example.com/shop/x.go")
        );
        assert!(expression.compiled.get().is_none());
        assert!(expression.is_match("example.com/shop/x.run"));
        assert!(expression.compiled.get().is_some());
    }

    #[test]
    fn what_is_too_big_or_wrong_is_refused_when_it_is_read() {
        for text in ["(", "a{1000}{1000}", "(?:(?:x{100}){100}){100}", "a)|(b"] {
            assert!(Expression::parse(text).is_err(), "{text}");
        }
        let long = r"\w".repeat(5000);
        assert!(Expression::parse(&long).is_err());
    }

    proptest! {
        /// Looking at the ends first changes no answer.
        #[test]
        fn it_matches_what_the_library_matches(
            parts in proptest::collection::vec("(?:[ab.]|\\\\.|a\\||\\(\\?i:a\\)|\\[ab\\]|a\\*|b\\?|\\^|\\$|\\.\\*)", 0..6),
            name in "[abA.]{0,6}",
        ) {
            let text = parts.concat();
            if let Ok(expression) = Expression::parse(&text) {
                let whole = Regex::new(&format!("^(?:{text})$")).unwrap();
                prop_assert_eq!(expression.is_match(&name), whole.is_match(&name), "{}", text);
            }
        }
    }
}
