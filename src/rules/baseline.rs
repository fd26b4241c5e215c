//! `leakgate.baseline.json`: known debt by package, fingerprint and count. It can only shrink by itself.
//!
//! One line an entry, sorted, every line ending in a comma: two branches that each add entries merge without a
//! conflict (`leakgate.baseline.json merge=union` in `.gitattributes`). What a union merge leaves behind is read:
//! order does not matter, and of two counts for one leak the lower one holds.

use super::conflict::{self, conflicts};
use crate::diag::problem::Place;
use crate::goroutine::Fingerprint;
use crate::package_path::PackagePath;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::fmt::Write;

/// The schema's name.
pub const SCHEMA: &str = "leakgate.baseline/1";

/// One kind of leak in one package.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct BaselineEntry {
    /// Package whose tests leak.
    pub package: PackagePath,
    /// Which leak.
    pub fingerprint: Fingerprint,
    /// How many goroutines.
    pub count: u64,
    /// The function that owns it, for people.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub owner: String,
    /// The cause, for people.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub cause: String,
}

/// The file.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Baseline {
    entries: BTreeMap<(PackagePath, Fingerprint), BaselineEntry>,
}

/// A baseline that can't be read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{line}:{column}: {message}")]
pub struct BaselineError {
    /// From 1.
    pub line: usize,
    /// From 1.
    pub column: usize,
    /// What is wrong.
    pub message: String,
}

impl BaselineError {
    fn at(text: &str, offset: usize, message: String) -> Self {
        let place = Place::of(text, offset);
        Self {
            line: place.line as usize,
            column: place.column as usize,
            message,
        }
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Written {
    schema: String,
    entries: Vec<Line>,
}

/// An entry, or the empty one that closes the list, so that every true one ends with a comma.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Line {
    package: Option<PackagePath>,
    fingerprint: Option<Fingerprint>,
    count: Option<u64>,
    #[serde(default)]
    owner: String,
    #[serde(default)]
    cause: String,
}

impl Line {
    /// `None` for the closing one; an error names what is missing.
    fn entry(self) -> Result<Option<BaselineEntry>, &'static str> {
        if (&self.package, &self.fingerprint, &self.count) == (&None, &None, &None) {
            return Ok(None);
        }
        Ok(Some(BaselineEntry {
            package: self.package.ok_or("package")?,
            fingerprint: self.fingerprint.ok_or("fingerprint")?,
            count: self.count.ok_or("count")?,
            owner: self.owner,
            cause: self.cause,
        }))
    }
}

/// What a tightening changed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Tightened {
    /// Package.
    pub package: PackagePath,
    /// Which leak.
    pub fingerprint: Fingerprint,
    /// Recorded until now.
    pub from: u64,
    /// Found.
    pub to: u64,
}

impl Baseline {
    /// Reads the file.
    pub fn read(text: &str) -> Result<Self, BaselineError> {
        if let Some(conflict) = conflicts(text).first() {
            return Err(BaselineError {
                line: conflict.first,
                column: 1,
                message: format!("{}: {}", conflict.message(), conflict::REMEDY),
            });
        }
        let written: Written =
            serde_json::from_str(text.trim_start_matches('\u{feff}')).map_err(|error| BaselineError {
                line: error.line(),
                column: error.column(),
                message: plain(&error),
            })?;
        if written.schema != SCHEMA {
            let at = text.find("\"schema\"").unwrap_or_default();
            let message = format!("schema `{}` is not `{SCHEMA}`", written.schema);
            return Err(BaselineError::at(text, at, message));
        }
        let mut baseline = Self::default();
        for (index, line) in written.entries.into_iter().enumerate() {
            let entry = line.entry().map_err(|key| {
                let at = entry_offset(text, index);
                BaselineError::at(text, at, format!("the entry has no `{key}`"))
            })?;
            if let Some(entry) = entry {
                let key = (entry.package.clone(), entry.fingerprint.clone());
                match baseline.entries.get(&key) {
                    Some(known) if known.count <= entry.count => {}
                    _ => {
                        baseline.entries.insert(key, entry);
                    }
                }
            }
        }
        Ok(baseline)
    }

    /// A baseline of what was found. Counts of one leak in one package add up.
    pub fn of(found: impl IntoIterator<Item = BaselineEntry>) -> Self {
        let mut baseline = Self::default();
        for entry in found {
            let key = (entry.package.clone(), entry.fingerprint.clone());
            match baseline.entries.get_mut(&key) {
                Some(known) => known.count = known.count.saturating_add(entry.count),
                None => {
                    baseline.entries.insert(key, entry);
                }
            }
        }
        baseline.entries.retain(|_, entry| entry.count > 0);
        baseline
    }

    /// The file's text.
    pub fn write(&self) -> String {
        let mut text = format!("{{\"schema\":\"{SCHEMA}\",\"entries\":[\n");
        for entry in self.entries.values() {
            let line = serde_json::to_string(entry).expect("strings and a number are JSON");
            let _ = writeln!(text, "{line},");
        }
        text.push_str("{}]}\n");
        text
    }

    /// Every entry, sorted.
    pub fn entries(&self) -> impl Iterator<Item = &BaselineEntry> {
        self.entries.values()
    }

    /// How many kinds of leak are recorded.
    pub fn len(&self) -> usize {
        self.entries.len()
    }

    /// Whether nothing is recorded.
    pub fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }

    /// How many goroutines of this leak are known in this package.
    pub fn known(&self, package: &PackagePath, fingerprint: &Fingerprint) -> Option<u64> {
        self.entries
            .get(&(package.clone(), fingerprint.clone()))
            .map(|entry| entry.count)
    }

    /// Lowers every count to what was found, and removes what was not found, in the packages that `judged` accepts.
    /// Never raises one.
    pub fn tighten(&mut self, found: &Self, judged: impl Fn(&PackagePath) -> bool) -> Vec<Tightened> {
        let mut changes = Vec::new();
        for ((package, fingerprint), entry) in &mut self.entries {
            let now = found.known(package, fingerprint).unwrap_or(0);
            if judged(package) && now < entry.count {
                let (package, fingerprint) = (package.clone(), fingerprint.clone());
                changes.push(Tightened {
                    package,
                    fingerprint,
                    from: entry.count,
                    to: now,
                });
                entry.count = now;
            }
        }
        self.entries.retain(|_, entry| entry.count > 0);
        changes
    }
}

/// Where the entry with this number (from 0) begins: an object in a list in the file's object.
fn entry_offset(text: &str, index: usize) -> usize {
    let (mut depth, mut in_text, mut escaped, mut seen) = (0, false, false, 0);
    for (at, byte) in text.bytes().enumerate() {
        match byte {
            _ if escaped => escaped = false,
            b'\\' if in_text => escaped = true,
            b'"' => in_text = !in_text,
            _ if in_text => {}
            b'{' | b'[' => {
                if byte == b'{' && depth == 2 {
                    if seen == index {
                        return at;
                    }
                    seen += 1;
                }
                depth += 1;
            }
            b'}' | b']' => depth -= 1,
            _ => {}
        }
    }
    0
}

/// What serde says, without the place, which the error has already.
fn plain(error: &serde_json::Error) -> String {
    let text = error.to_string();
    let place = format!(" at line {} column {}", error.line(), error.column());
    text.strip_suffix(&place).unwrap_or(&text).to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn entry(package: &str, fingerprint: &str, count: u64) -> BaselineEntry {
        BaselineEntry {
            package: PackagePath(package.into()),
            fingerprint: Fingerprint(fingerprint.into()),
            count,
            owner: String::new(),
            cause: String::new(),
        }
    }

    #[test]
    fn an_entry_that_cannot_be_read_is_never_left_out() {
        let read = |entry: &str| {
            let text = format!("{{\"schema\": \"{SCHEMA}\", \"entries\": [\n{entry},\n{{}}\n]}}");
            Baseline::read(&text)
                .map(|baseline| baseline.len())
                .map_err(|error| error.to_string())
        };
        let entry =
            |count: &str| format!("{{\"package\": \"p\", \"fingerprint\": \"aa\", \"count\": {count}}}");
        assert_eq!(read(&entry("18446744073709551615")), Ok(1));
        assert_eq!(read("{}"), Ok(0));
        for count in ["18446744073709551616", "-1", "1.5", "\"1\"", "null1", "1e400"] {
            let error = read(&entry(count)).unwrap_err();
            assert!(error.starts_with("2:"), "{count}: {error}");
        }
        assert_eq!(
            read("{\"package\": \"p\", \"fingerprint\": \"aa\"}").unwrap_err(),
            "2:1: the entry has no `count`"
        );
        let other = Baseline::read("{\n\"schema\": \"x/2\", \"entries\": []}").unwrap_err();
        assert_eq!(
            (other.line, other.message.as_str()),
            (2, "schema `x/2` is not `leakgate.baseline/1`")
        );
    }

    #[test]
    fn one_sorted_line_an_entry_each_ending_in_a_comma() {
        let text = Baseline::of([entry("b", "2", 1), entry("a", "9", 3), entry("b", "1", 2)]).write();
        assert_eq!(
            text,
            "{\"schema\":\"leakgate.baseline/1\",\"entries\":[\n\
             {\"package\":\"a\",\"fingerprint\":\"9\",\"count\":3},\n\
             {\"package\":\"b\",\"fingerprint\":\"1\",\"count\":2},\n\
             {\"package\":\"b\",\"fingerprint\":\"2\",\"count\":1},\n\
             {}]}\n"
        );
        assert_eq!(Baseline::read(&text).unwrap().write(), text);
    }

    #[test]
    fn a_union_merge_is_read_and_the_lower_count_holds() {
        let base = Baseline::of([entry("m", "5", 4)]).write();
        let lines: Vec<&str> = base.lines().collect();
        let ours = "{\"package\":\"m\",\"fingerprint\":\"5\",\"count\":2},";
        let new = "{\"package\":\"a\",\"fingerprint\":\"1\",\"count\":1},";
        let merged = [lines[0], lines[1], ours, new, lines[2]].join("\n");
        let read = Baseline::read(&merged).unwrap();
        assert_eq!(
            read.known(&PackagePath("m".into()), &Fingerprint("5".into())),
            Some(2)
        );
        assert_eq!(read.len(), 2);
    }

    #[test]
    fn tightening_only_lowers_and_only_where_judged() {
        let mut baseline = Baseline::of([entry("a", "1", 3), entry("a", "2", 3), entry("b", "1", 3)]);
        let found = Baseline::of([entry("a", "1", 1), entry("a", "2", 9)]);
        let changes = baseline.tighten(&found, |package| package.as_str() == "a");
        assert_eq!(changes.len(), 1);
        assert_eq!((changes[0].from, changes[0].to), (3, 1));
        assert_eq!(
            baseline,
            Baseline::of([entry("a", "1", 1), entry("a", "2", 3), entry("b", "1", 3)])
        );
    }

    #[test]
    fn bad_files_say_where() {
        assert_eq!(
            Baseline::read("{\"schema\":\"leakgate.baseline/1\",\"entries\":[\n{\"pack")
                .unwrap_err()
                .line,
            2
        );
        assert!(
            Baseline::read("{\"schema\":\"x\",\"entries\":[]}")
                .unwrap_err()
                .message
                .contains("`x`")
        );
        let conflict =
            "{\"schema\":\"leakgate.baseline/1\",\"entries\":[\n<<<<<<< HEAD\n{},\n=======\n>>>>>>> topic\n";
        let error = Baseline::read(conflict).unwrap_err();
        assert_eq!((error.line, error.column), (2, 1));
        assert!(
            error
                .message
                .starts_with("lines 2 to 5 are a merge conflict that is not resolved"),
            "{error}"
        );
    }
}
