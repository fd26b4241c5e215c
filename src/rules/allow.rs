//! `[[allow]]` entries: what they say, and how they are read from `leakgate.toml`.

use super::pattern::{Names, Pattern};
use crate::diag::did_you_mean;
use crate::diag::{Code, Place, Places, Problem};
use jiff::civil::Date;
use std::collections::BTreeMap;
use std::ops::Range;
use toml_edit::{Item, TableLike, Value};

/// The keys of an entry, in the order in which `fmt` writes them.
pub const ENTRY_KEYS: &[&str] = &[
    "entry",
    "created-by",
    "top",
    "any",
    "state",
    "package",
    "test",
    "max",
    "reason",
    "owner",
    "issue",
    "expires",
];

/// The keys that say which goroutines an entry is about.
pub const MATCHER_KEYS: &[&str] = &["entry", "created-by", "top", "any", "state", "package", "test"];

/// The keys of a `[[may-not-run]]` entry.
pub const MAY_NOT_RUN_KEYS: &[&str] = &["package", "reason", "owner", "issue", "expires"];

/// Which list an entry is of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum List {
    /// Goroutines that may stay.
    Allow,
    /// Packages whose TestMain may leave without running a test.
    MayNotRun,
}

impl List {
    /// The key of the file.
    pub fn name(self) -> &'static str {
        match self {
            Self::Allow => "allow",
            Self::MayNotRun => "may-not-run",
        }
    }

    fn keys(self) -> &'static [&'static str] {
        match self {
            Self::Allow => ENTRY_KEYS,
            Self::MayNotRun => MAY_NOT_RUN_KEYS,
        }
    }

    fn no_matcher(self) -> (&'static str, &'static str) {
        match self {
            Self::Allow => (
                "the entry does not say which goroutines it is about",
                "add `entry = \"import/path.Func\"`; the report of a leak shows the entry to paste",
            ),
            Self::MayNotRun => (
                "the entry does not say which package it is about",
                "add `package = \"./store\"`: an import path, or a folder relative to this file",
            ),
        }
    }
}

/// One `[[allow]]` entry. A goroutine must match all keys that are given; of a list, one.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct AllowEntry {
    /// The owner: the first frame from the bottom that is no launcher.
    pub entry: Vec<Pattern>,
    /// The function that holds the `go` statement.
    pub created_by: Vec<Pattern>,
    /// The innermost frame.
    pub top: Vec<Pattern>,
    /// Any frame of the stack, not the creator.
    pub any: Vec<Pattern>,
    /// Wait state, without its suffixes: `IO wait`.
    pub state: Vec<Pattern>,
    /// The package whose tests ran.
    pub package: Vec<Pattern>,
    /// The test that started it.
    pub test: Vec<Pattern>,
    /// How many goroutines it covers in one test process.
    pub max: Option<u64>,
    /// Why.
    pub reason: Option<String>,
    /// Who looks after it.
    pub owner: Option<String>,
    /// Where it is discussed.
    pub issue: Option<String>,
    /// Its last day.
    pub expires: Option<Date>,
    /// Bytes of the whole entry.
    pub span: Range<usize>,
    /// Where it begins.
    pub place: Place,
    /// Bytes and place of each value.
    pub spans: BTreeMap<String, (Range<usize>, Place)>,
}

impl AllowEntry {
    /// Whether its last day has passed.
    pub fn is_expired(&self, today: Date) -> bool {
        self.expires.is_some_and(|last| last < today)
    }

    /// The patterns of a key.
    pub fn patterns(&self, key: &str) -> &[Pattern] {
        match key {
            "entry" => &self.entry,
            "created-by" => &self.created_by,
            "top" => &self.top,
            "any" => &self.any,
            "state" => &self.state,
            "package" => &self.package,
            "test" => &self.test,
            _ => &[],
        }
    }

    /// Every pattern that names functions, with its key.
    pub fn functions(&self) -> impl Iterator<Item = (&'static str, &Pattern)> {
        ["entry", "created-by", "top", "any"]
            .into_iter()
            .flat_map(|key| self.patterns(key).iter().map(move |pattern| (key, pattern)))
    }

    /// Bytes and place of the value of a key, or of the entry if it has none.
    pub fn at(&self, key: &str) -> (Range<usize>, Place) {
        self.spans
            .get(key)
            .cloned()
            .unwrap_or_else(|| (self.span.clone(), self.place))
    }

    /// The entry's matchers on one line, for lists: `entry a.com/x.F, package ./y/...`.
    pub fn title(&self) -> String {
        let parts = MATCHER_KEYS.iter().filter_map(|key| {
            let patterns = self.patterns(key);
            let texts: Vec<&str> = patterns.iter().map(Pattern::text).collect();
            (!texts.is_empty()).then(|| format!("{key} {}", texts.join(" | ")))
        });
        parts.collect::<Vec<_>>().join(", ")
    }
}

/// Reads the value of the key of a list. Entries with problems are left out.
pub fn read_list(list: List, text: &str, item: &Item) -> (Vec<AllowEntry>, Vec<Problem>) {
    let mut entries = Vec::new();
    let mut problems = Vec::new();
    let places = Places::of(text);
    let mut one = |table: &dyn TableLike, span: Range<usize>| match (EntryReader {
        list,
        text,
        places: &places,
        span: span.clone(),
        problems: &mut problems,
    })
    .read(table)
    {
        Some(entry) => entries.push(entry),
        None => debug_assert!(!problems.is_empty()),
    };
    if let Some(tables) = item.as_array_of_tables() {
        for table in tables {
            one(table, table.span().unwrap_or_default());
        }
    } else if let Some(array) = item
        .as_array()
        .filter(|array| array.iter().all(Value::is_inline_table))
    {
        for value in array {
            if let Some(table) = value.as_inline_table() {
                one(table, value.span().unwrap_or_default());
            }
        }
    } else {
        let span = item.span().unwrap_or_default();
        problems.push(
            Problem::error(
                Code::WrongType,
                text,
                span,
                format!(
                    "`{}` must be a list of tables, not a {}",
                    list.name(),
                    item.type_name()
                ),
            )
            .remedy(format!(
                "write each entry as a table headed `[[{}]]`",
                list.name()
            )),
        );
    }
    (entries, problems)
}

struct EntryReader<'a> {
    list: List,
    text: &'a str,
    places: &'a Places<'a>,
    span: Range<usize>,
    problems: &'a mut Vec<Problem>,
}

impl EntryReader<'_> {
    fn read(mut self, table: &dyn TableLike) -> Option<AllowEntry> {
        let before = self.problems.len();
        let mut entry = AllowEntry {
            span: self.span.clone(),
            place: self.places.at(self.span.start),
            ..AllowEntry::default()
        };
        for (name, item) in table.iter() {
            let key_span = table.get_key_value(name).and_then(|(key, _)| key.span());
            let key_span = key_span.unwrap_or_else(|| self.span.clone());
            let Some(value) = item.as_value() else {
                self.wrong(name, key_span, item.type_name(), "a single value");
                continue;
            };
            let span = value.span().unwrap_or(key_span.clone());
            let place = self.places.at(span.start);
            entry.spans.insert(name.to_owned(), (span.clone(), place));
            self.key(&mut entry, name, value, key_span, span);
        }
        if self.problems.len() == before && MATCHER_KEYS.iter().all(|key| entry.patterns(key).is_empty()) {
            self.problems.push(
                Problem::error(
                    Code::NoMatcher,
                    self.text,
                    self.span.clone(),
                    self.list.no_matcher().0,
                )
                .remedy(self.list.no_matcher().1),
            );
        }
        (self.problems.len() == before).then_some(entry)
    }

    fn key(
        &mut self,
        entry: &mut AllowEntry,
        name: &str,
        value: &Value,
        key_span: Range<usize>,
        span: Range<usize>,
    ) {
        if !self.list.keys().contains(&name) {
            return self.unknown(name, key_span);
        }
        match name {
            "entry" => entry.entry = self.patterns(name, value, Names::Functions),
            "created-by" => entry.created_by = self.patterns(name, value, Names::Functions),
            "top" => entry.top = self.patterns(name, value, Names::Functions),
            "any" => entry.any = self.patterns(name, value, Names::Functions),
            "state" => entry.state = self.patterns(name, value, Names::States),
            "package" => entry.package = self.patterns(name, value, Names::Packages),
            "test" => entry.test = self.patterns(name, value, Names::Tests),
            "reason" => entry.reason = self.words(name, value),
            "owner" => entry.owner = self.words(name, value),
            "issue" => entry.issue = self.words(name, value),
            "max" => match value
                .as_integer()
                .and_then(|n| u64::try_from(n).ok())
                .filter(|n| *n > 0)
            {
                Some(max) => entry.max = Some(max),
                None => self.wrong(name, span, value.type_name(), "a whole number of at least 1"),
            },
            "expires" => match read_date(value) {
                Some(date) => entry.expires = Some(date),
                None => self.problems.push(
                    Problem::error(Code::BadDate, self.text, span, "`expires` is not a date")
                        .remedy("write the last day as YYYY-MM-DD, such as `expires = 2027-01-31`"),
                ),
            },
            _ => self.unknown(name, key_span),
        }
    }

    fn unknown(&mut self, name: &str, span: Range<usize>) {
        let problem = Problem::error(
            Code::UnknownKey,
            self.text,
            span.clone(),
            format!("a [[{}]] entry has no key `{name}`", self.list.name()),
        );
        let alias = match name {
            "func" | "function" | "owner-func" => Some("entry"),
            "creator" | "createdby" | "created_by" => Some("created-by"),
            "packages" | "pkg" => Some("package"),
            "tests" => Some("test"),
            "until" | "expiry" | "expire" => Some("expires"),
            "count" | "cap" => Some("max"),
            "link" | "url" => Some("issue"),
            _ => None,
        };
        let keys = self.list.keys();
        let meant = alias
            .filter(|meant| keys.contains(meant))
            .or_else(|| did_you_mean(name, keys.iter().copied()));
        self.problems.push(match meant {
            Some(meant) => problem
                .remedy(format!("did you mean `{meant}`?"))
                .fix(span, meant),
            None => problem.remedy(format!("the keys are {}", keys.join(", "))),
        });
    }

    fn wrong(&mut self, name: &str, span: Range<usize>, found: &str, expected: &str) {
        self.problems.push(
            Problem::error(
                Code::WrongType,
                self.text,
                span,
                format!("`{name}` must be {expected}, not a {found}"),
            )
            .remedy(format!("write it as {expected}")),
        );
    }

    fn words(&mut self, name: &str, value: &Value) -> Option<String> {
        match value.as_str() {
            Some(text) => Some(text.trim().to_owned()).filter(|text| !text.is_empty()),
            None => {
                self.wrong(
                    name,
                    value.span().unwrap_or_default(),
                    value.type_name(),
                    "a string",
                );
                None
            }
        }
    }

    fn patterns(&mut self, name: &str, value: &Value, names: Names) -> Vec<Pattern> {
        let values: Vec<&Value> = match value.as_array() {
            Some(array) if !array.is_empty() => array.iter().collect(),
            _ => vec![value],
        };
        let mut patterns = Vec::new();
        for value in values {
            let span = value.span().unwrap_or_else(|| self.span.clone());
            let Some(text) = value.as_str() else {
                self.wrong(name, span, value.type_name(), "a string or a list of strings");
                continue;
            };
            match Pattern::parse(text, names) {
                Ok(pattern) => patterns.push(pattern),
                Err(error) => self.problems.push(
                    Problem::error(Code::BadPattern, self.text, span, format!("`{name}`: {error}"))
                        .remedy(error.remedy()),
                ),
            }
        }
        patterns
    }
}

fn read_date(value: &Value) -> Option<Date> {
    if let Some(text) = value.as_str() {
        return text.trim().parse().ok();
    }
    let date = value.as_datetime()?.date?;
    let (month, day) = (i8::try_from(date.month).ok()?, i8::try_from(date.day).ok()?);
    Date::new(i16::try_from(date.year).ok()?, month, day).ok()
}
