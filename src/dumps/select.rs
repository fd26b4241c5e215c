//! Which groups are looked at, and by what they are put together: `--filter`, `--group-by`.

use super::judge::Judged;
use crate::goroutine::name;
use crate::rules::matching::LeakNames;
use crate::rules::pattern::{Names, Pattern};
use std::fmt;
use std::str::FromStr;

/// What a group has that can be compared.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Dimension {
    /// The code that it runs.
    Owner,
    /// Why it does not end.
    Cause,
    /// What it waits for, as Go prints it.
    State,
    /// All labels.
    Labels,
    /// One label.
    Label(String),
    /// Innermost function.
    Top,
    /// The function with the `go` statement.
    Creator,
    /// The owner's import path.
    Package,
    /// Stable identity.
    Fingerprint,
    /// The rule that decided.
    Rule,
    /// The whole stack: every group by itself.
    Stack,
}

impl Dimension {
    /// All without a parameter.
    pub const NAMES: [(&'static str, Self); 10] = [
        ("owner", Self::Owner),
        ("cause", Self::Cause),
        ("state", Self::State),
        ("labels", Self::Labels),
        ("top", Self::Top),
        ("created-by", Self::Creator),
        ("package", Self::Package),
        ("fingerprint", Self::Fingerprint),
        ("rule", Self::Rule),
        ("stack", Self::Stack),
    ];

    /// What a group has there.
    pub fn of(&self, judged: &Judged) -> String {
        let leak = &judged.leak.root;
        match self {
            Self::Owner => leak.owner.0.clone(),
            Self::Cause => leak.cause.code.as_str().to_owned(),
            Self::State => leak.state.reason.clone(),
            Self::Labels => {
                let labels = leak
                    .labels
                    .iter()
                    .map(|label| format!("{}={}", label.key, label.value));
                labels.collect::<Vec<_>>().join(", ")
            }
            Self::Label(key) => leak
                .labels
                .iter()
                .find(|label| label.key == *key)
                .map(|label| label.value.clone())
                .unwrap_or_default(),
            Self::Top => leak
                .stack
                .first()
                .map(|frame| frame.func.0.clone())
                .unwrap_or_default(),
            Self::Creator => leak
                .created
                .as_ref()
                .map(|by| by.func.0.clone())
                .unwrap_or_default(),
            Self::Package => name::import_path(leak.owner.as_str()).into_owned(),
            Self::Fingerprint => leak.fingerprint.0.clone(),
            Self::Rule => judged.ruling.rule.clone().unwrap_or_default(),
            Self::Stack => {
                let frames = leak.stack.iter().map(|frame| match &frame.at {
                    Some(at) => format!("{} {}:{}", frame.func, at.file, at.line),
                    None => frame.func.0.clone(),
                });
                let created = leak.created.iter().map(|by| format!("created by {}", by.func));
                frames.chain(created).collect::<Vec<_>>().join("\n")
            }
        }
    }
}

impl fmt::Display for Dimension {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Label(key) => write!(f, "label:{key}"),
            other => {
                let named = Self::NAMES.iter().find(|(_, dimension)| dimension == other);
                f.write_str(named.map_or("", |(name, _)| name))
            }
        }
    }
}

impl FromStr for Dimension {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        if let Some(key) = text.strip_prefix("label:").filter(|key| !key.is_empty()) {
            return Ok(Self::Label(key.to_owned()));
        }
        let named = Self::NAMES.iter().find(|(name, _)| *name == text);
        named.map(|(_, dimension)| dimension.clone()).ok_or_else(|| {
            let names: Vec<&str> = Self::NAMES.iter().map(|(name, _)| *name).collect();
            format!("`{text}` is not one of {} and label:KEY", names.join(", "))
        })
    }
}

/// `KEY=PATTERN`, or `KEY!=PATTERN` for all others. The keys and patterns are those of `[[allow]]`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Filter {
    key: Key,
    pattern: Pattern,
    negated: bool,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Key {
    Entry,
    CreatedBy,
    Top,
    Any,
    State,
    Package,
    Other(Dimension),
}

impl FromStr for Filter {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let (key, pattern) = text
            .split_once('=')
            .ok_or_else(|| format!("write KEY=PATTERN, as in entry=net/http...; `{text}` has no `=`"))?;
        let (key, negated) = match key.strip_suffix('!') {
            Some(key) => (key, true),
            None => (key, false),
        };
        Self::new(key.trim(), pattern.trim().trim_matches('"'), negated)
    }
}

impl Filter {
    /// Of a key and a pattern.
    pub fn new(key: &str, pattern: &str, negated: bool) -> Result<Self, String> {
        let key = match key {
            "entry" | "owner" => Key::Entry,
            "created-by" => Key::CreatedBy,
            "top" => Key::Top,
            "any" => Key::Any,
            "state" => Key::State,
            "package" => Key::Package,
            other => Key::Other(other.parse().map_err(|_: String| {
                format!("`{other}` is no key of a filter; there are entry, created-by, top, any, state, package, cause, fingerprint, rule and label:KEY")
            })?),
        };
        let names = match key {
            Key::Entry | Key::CreatedBy | Key::Top | Key::Any => Names::Functions,
            Key::Package => Names::Packages,
            Key::State => Names::States,
            Key::Other(_) => Names::Tests,
        };
        let pattern = Pattern::parse(pattern, names).map_err(|error| format!("`{pattern}`: {error}"))?;
        Ok(Self {
            key,
            pattern,
            negated,
        })
    }

    /// Whether a group passes.
    pub fn passes(&self, judged: &Judged, names: &LeakNames) -> bool {
        let is = |name: Option<&String>| name.is_some_and(|name| self.pattern.matches(name));
        let found = match &self.key {
            Key::Entry => is(Some(&names.entry)),
            Key::CreatedBy => is(names.created_by.as_ref()),
            Key::Top => is(names.top.as_ref()),
            Key::Any => names.stack.iter().any(|name| is(Some(name))),
            Key::State => is(Some(&judged.leak.root.state.reason)),
            Key::Package => is(Some(&Dimension::Package.of(judged))),
            Key::Other(dimension) => is(Some(&dimension.of(judged))),
        };
        found != self.negated
    }
}
