//! How a setting is read from text and from TOML, and written back.

use super::choices::{
    Annotations, Color, Format, NoTests, Progress, Prove, ReportFormat, Switch, Trace, Unchecked, Verbosity,
};
use crate::exit::LeakCode;
use crate::rules::policy::{Late, OncePerProcess, Required};
use serde_json::{Value as Json, json};
use std::time::Duration;
use toml_edit::Value as Toml;

/// A type that a setting can have.
pub trait SettingValue: Sized + Clone + PartialEq + std::fmt::Debug {
    /// What a good value looks like, for messages.
    fn expected() -> String;
    /// From a flag or the environment.
    fn from_text(text: &str) -> Option<Self>;
    /// From `leakgate.toml`.
    fn from_toml(value: &Toml) -> Option<Self> {
        value.as_str().and_then(Self::from_text)
    }
    /// As a flag would say it.
    fn to_text(&self) -> String;
    /// As `leakgate.toml` would say it.
    fn to_toml(&self) -> String {
        Toml::from(self.to_text()).to_string()
    }
    /// What the file accepts, as JSON Schema.
    fn schema() -> Json;
}

macro_rules! word_settings {
    ($($name:ty),*) => { $(
        impl SettingValue for $name {
            fn expected() -> String { Self::EXPECTED.to_owned() }
            fn from_text(text: &str) -> Option<Self> { Self::from_word(text) }
            fn to_text(&self) -> String { self.as_str().to_owned() }
            fn schema() -> Json { json!({ "enum": Self::WORDS }) }
        }
    )* };
}
word_settings!(
    Prove,
    Trace,
    NoTests,
    Format,
    Color,
    Progress,
    Verbosity,
    Unchecked,
    Annotations,
    Late,
    OncePerProcess,
    Required,
    ReportFormat
);

impl SettingValue for Switch {
    fn expected() -> String {
        Self::EXPECTED.to_owned()
    }
    fn from_text(text: &str) -> Option<Self> {
        match text {
            "true" | "1" | "yes" => Some(Self::On),
            "false" | "0" | "no" => Some(Self::Off),
            word => Self::from_word(word),
        }
    }
    fn from_toml(value: &Toml) -> Option<Self> {
        match value.as_bool() {
            Some(true) => Some(Self::On),
            Some(false) => Some(Self::Off),
            None => value.as_str().and_then(Self::from_word),
        }
    }
    fn to_text(&self) -> String {
        self.as_str().to_owned()
    }
    fn schema() -> Json {
        json!({ "enum": ["on", "off", true, false] })
    }
}

impl SettingValue for Duration {
    fn expected() -> String {
        "a duration such as `400ms`, `5s` or `1m30s`".to_owned()
    }
    fn from_text(text: &str) -> Option<Self> {
        parse_duration(text)
    }
    fn to_text(&self) -> String {
        show_duration(*self)
    }
    fn schema() -> Json {
        json!({ "type": "string", "pattern": "^(0|([0-9]+(\\.[0-9]+)?(ms|s|m|h))+)$" })
    }
}

/// Go's own grammar for durations, without signs and without units below a millisecond.
fn parse_duration(text: &str) -> Option<Duration> {
    if text == "0" {
        return Some(Duration::ZERO);
    }
    let mut rest = text;
    let mut total = 0.0_f64;
    while !rest.is_empty() {
        let digits = rest.find(|c: char| !c.is_ascii_digit() && c != '.')?;
        let number: f64 = rest[..digits].parse().ok()?;
        rest = &rest[digits..];
        let unit = rest.find(|c: char| c.is_ascii_digit()).unwrap_or(rest.len());
        total += number
            * match &rest[..unit] {
                "ms" => 1.0,
                "s" => 1_000.0,
                "m" => 60_000.0,
                "h" => 3_600_000.0,
                _ => return None,
            };
        rest = &rest[unit..];
    }
    (!text.is_empty() && total.is_finite() && total <= 1e12)
        .then(|| Duration::from_secs_f64(total / 1000.0))
        .map(|exact| {
            Duration::from_millis(
                u64::try_from((exact + Duration::from_micros(500)).as_millis()).unwrap_or(u64::MAX),
            )
        })
}

fn show_duration(duration: Duration) -> String {
    let ms = duration.as_millis();
    match ms {
        0 => "0".to_owned(),
        _ if ms.is_multiple_of(60_000) => format!("{}m", ms / 60_000),
        _ if ms.is_multiple_of(1_000) => format!("{}s", ms / 1_000),
        _ => format!("{ms}ms"),
    }
}

macro_rules! number_settings {
    ($($name:ty),*) => { $(
        impl SettingValue for $name {
            fn expected() -> String { format!("a whole number from 0 to {}", <$name>::MAX) }
            fn from_text(text: &str) -> Option<Self> { text.parse().ok() }
            fn from_toml(value: &Toml) -> Option<Self> { value.as_integer().and_then(|n| n.try_into().ok()) }
            fn to_text(&self) -> String { self.to_string() }
            fn to_toml(&self) -> String { self.to_string() }
            fn schema() -> Json { json!({ "type": "integer", "minimum": 0, "maximum": <$name>::MAX }) }
        }
    )* };
}
number_settings!(u32);

impl SettingValue for LeakCode {
    fn expected() -> String {
        Self::EXPECTED.to_owned()
    }
    fn from_text(text: &str) -> Option<Self> {
        text.parse().ok().and_then(Self::new)
    }
    fn from_toml(value: &Toml) -> Option<Self> {
        let code = value.as_integer().and_then(|code| code.try_into().ok());
        code.and_then(Self::new)
    }
    fn to_text(&self) -> String {
        self.code().to_string()
    }
    fn to_toml(&self) -> String {
        self.to_text()
    }
    fn schema() -> Json {
        json!({ "anyOf": [{ "enum": [0, 3] }, { "type": "integer", "minimum": 6, "maximum": 125 }] })
    }
}

impl SettingValue for String {
    fn expected() -> String {
        "a text".to_owned()
    }
    fn from_text(text: &str) -> Option<Self> {
        (!text.is_empty()).then(|| text.to_owned())
    }
    fn to_text(&self) -> String {
        self.clone()
    }
    fn schema() -> Json {
        json!({ "type": "string", "minLength": 1 })
    }
}

/// `off` is no value.
impl<T: SettingValue> SettingValue for Option<T> {
    fn expected() -> String {
        format!("{}, or `off`", T::expected())
    }
    fn from_text(text: &str) -> Option<Self> {
        if text == "off" {
            Some(None)
        } else {
            T::from_text(text).map(Some)
        }
    }
    fn from_toml(value: &Toml) -> Option<Self> {
        if value.as_str() == Some("off") {
            Some(None)
        } else {
            T::from_toml(value).map(Some)
        }
    }
    fn to_text(&self) -> String {
        self.as_ref().map_or_else(|| "off".to_owned(), T::to_text)
    }
    fn to_toml(&self) -> String {
        self.as_ref().map_or_else(|| "\"off\"".to_owned(), T::to_toml)
    }
    fn schema() -> Json {
        json!({ "anyOf": [{ "const": "off" }, T::schema()] })
    }
}

/// In text, a comma between the values.
impl<T: SettingValue> SettingValue for Vec<T> {
    fn expected() -> String {
        format!("a list, each {}", T::expected())
    }
    fn from_text(text: &str) -> Option<Self> {
        text.split(',')
            .map(str::trim)
            .filter(|part| !part.is_empty())
            .map(T::from_text)
            .collect()
    }
    fn from_toml(value: &Toml) -> Option<Self> {
        value.as_array()?.iter().map(T::from_toml).collect()
    }
    fn to_text(&self) -> String {
        self.iter().map(T::to_text).collect::<Vec<_>>().join(",")
    }
    fn to_toml(&self) -> String {
        format!("[{}]", self.iter().map(T::to_toml).collect::<Vec<_>>().join(", "))
    }
    fn schema() -> Json {
        json!({ "type": "array", "items": T::schema() })
    }
}

/// One report file: `sarif=leaks.sarif`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReportFile {
    /// What to write.
    pub format: ReportFormat,
    /// Where to; `-` is stdout.
    pub path: String,
}

impl SettingValue for ReportFile {
    fn expected() -> String {
        format!("FORMAT=PATH, FORMAT one of {}", ReportFormat::EXPECTED)
    }
    fn from_text(text: &str) -> Option<Self> {
        let (format, path) = text.split_once('=')?;
        let format = ReportFormat::from_word(format)?;
        (!path.is_empty()).then(|| Self {
            format,
            path: path.to_owned(),
        })
    }
    fn to_text(&self) -> String {
        format!("{}={}", self.format, self.path)
    }
    fn schema() -> Json {
        json!({ "type": "string", "pattern": format!("^({})=.+$", ReportFormat::WORDS.join("|")) })
    }
}

/// `i/n`: the part of the packages that this machine takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ShardPart {
    /// From 1.
    pub index: u32,
    /// How many.
    pub total: u32,
}

impl SettingValue for ShardPart {
    fn expected() -> String {
        "I/N with I from 1 to N, such as `2/8`".to_owned()
    }
    fn from_text(text: &str) -> Option<Self> {
        let (index, total) = text.split_once('/')?;
        let part = Self {
            index: index.parse().ok()?,
            total: total.parse().ok()?,
        };
        (1..=part.total).contains(&part.index).then_some(part)
    }
    fn to_text(&self) -> String {
        format!("{}/{}", self.index, self.total)
    }
    fn schema() -> Json {
        json!({ "type": "string", "pattern": "^[0-9]+/[0-9]+$" })
    }
}

/// Where the Markdown summary goes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SummaryTarget {
    /// To `$GITHUB_STEP_SUMMARY` where that is set.
    Auto,
    /// Nowhere.
    None,
    /// Appended to this file.
    Path(String),
}

impl SettingValue for SummaryTarget {
    fn expected() -> String {
        "`auto`, `none` or a path".to_owned()
    }
    fn from_text(text: &str) -> Option<Self> {
        match text {
            "" => None,
            "auto" => Some(Self::Auto),
            "none" => Some(Self::None),
            path => Some(Self::Path(path.to_owned())),
        }
    }
    fn to_text(&self) -> String {
        match self {
            Self::Auto => "auto".to_owned(),
            Self::None => "none".to_owned(),
            Self::Path(path) => path.clone(),
        }
    }
    fn schema() -> Json {
        json!({ "type": "string", "minLength": 1 })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_are_read_as_go_reads_them() {
        let ms = |n| Some(Duration::from_millis(n));
        for (text, want) in [
            ("400ms", ms(400)),
            ("5s", ms(5000)),
            ("1m30s", ms(90_000)),
            ("1.5s", ms(1500)),
            ("1h", ms(3_600_000)),
            ("0", ms(0)),
            ("0.3s", ms(300)),
            ("", None),
            ("5", None),
            ("5 s", None),
            ("-5s", None),
            ("5sec", None),
            ("1..5s", None),
            ("99999999999999999999h", None),
        ] {
            assert_eq!(Duration::from_text(text), want, "{text:?}");
        }
    }

    #[test]
    fn a_value_written_is_the_value_read() {
        for ms in [0, 1, 400, 1000, 90_000, 61_001] {
            let duration = Duration::from_millis(ms);
            assert_eq!(Duration::from_text(&duration.to_text()), Some(duration));
        }
        let shard = ShardPart { index: 2, total: 8 };
        assert_eq!(ShardPart::from_text(&shard.to_text()), Some(shard));
        assert_eq!(Option::<u32>::from_text("off"), Some(None));
        assert_eq!(Option::<u32>::from_text("3"), Some(Some(3)));
    }

    #[test]
    fn a_shard_lies_within_its_total() {
        assert_eq!(ShardPart::from_text("0/4"), None);
        assert_eq!(ShardPart::from_text("5/4"), None);
        assert_eq!(ShardPart::from_text("4/0"), None);
        assert!(ShardPart::from_text("4/4").is_some());
    }

    #[test]
    fn report_files_have_a_known_format_and_a_path() {
        let several = Vec::<ReportFile>::from_text("json=a.json,html=b=c.html").unwrap();
        assert_eq!(several[1].path, "b=c.html");
        assert_eq!(ReportFile::from_text("xml=a"), None);
        assert_eq!(ReportFile::from_text("json="), None);
    }
}
