//! One line of the stream. Source of the fields: `go doc test2json`, and `cmd/internal/test2json` of Go 1.21 to 1.27.

use serde::{Deserialize, Serialize};
use std::borrow::Cow;

/// What happened. Unknown actions of a later Go are kept by name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Action<'a> {
    /// The test binary is about to be executed (Go ≥ 1.20).
    Start,
    /// The test has started running.
    Run,
    /// The test has been paused (`t.Parallel`).
    Pause,
    /// The test has continued running.
    Cont,
    /// The test or package passed.
    Pass,
    /// The benchmark printed log output but did not fail.
    Bench,
    /// The test or package failed.
    Fail,
    /// The test printed output.
    Output,
    /// The test was skipped, or the package has no tests.
    Skip,
    /// `t.Attr` (Go ≥ 1.25).
    Attr,
    /// The build printed output (Go ≥ 1.24).
    BuildOutput,
    /// The build failed (Go ≥ 1.24).
    BuildFail,
    /// Anything else, for example `artifacts` (Go ≥ 1.26).
    Other(Cow<'a, str>),
}

impl Action<'_> {
    /// As written in the stream.
    pub fn as_str(&self) -> &str {
        match self {
            Self::Start => "start",
            Self::Run => "run",
            Self::Pause => "pause",
            Self::Cont => "cont",
            Self::Pass => "pass",
            Self::Bench => "bench",
            Self::Fail => "fail",
            Self::Output => "output",
            Self::Skip => "skip",
            Self::Attr => "attr",
            Self::BuildOutput => "build-output",
            Self::BuildFail => "build-fail",
            Self::Other(name) => name,
        }
    }
}

impl<'a> From<Cow<'a, str>> for Action<'a> {
    fn from(name: Cow<'a, str>) -> Self {
        match name.as_ref() {
            "start" => Self::Start,
            "run" => Self::Run,
            "pause" => Self::Pause,
            "cont" => Self::Cont,
            "pass" => Self::Pass,
            "bench" => Self::Bench,
            "fail" => Self::Fail,
            "output" => Self::Output,
            "skip" => Self::Skip,
            "attr" => Self::Attr,
            "build-output" => Self::BuildOutput,
            "build-fail" => Self::BuildFail,
            _ => Self::Other(name),
        }
    }
}

impl<'de: 'a, 'a> Deserialize<'de> for Action<'a> {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        #[derive(Deserialize)]
        struct Text<'b>(#[serde(borrow)] Cow<'b, str>);
        Text::deserialize(deserializer).map(|Text(name)| Self::from(name))
    }
}

impl Serialize for Action<'_> {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.as_str())
    }
}

/// One event. Field order is that of test2json, so that an event written back reads like go's own.
#[derive(Debug, Clone, PartialEq, Deserialize, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct Event<'a> {
    /// RFC 3339 with nanoseconds; absent in cached output of some versions.
    #[serde(borrow, default, skip_serializing_if = "Option::is_none")]
    pub time: Option<Cow<'a, str>>,
    /// What happened.
    #[serde(borrow)]
    pub action: Action<'a>,
    /// Import path of the package under test.
    #[serde(borrow, default, skip_serializing_if = "Option::is_none")]
    pub package: Option<Cow<'a, str>>,
    /// Full test name; absent for package events.
    #[serde(borrow, default, skip_serializing_if = "Option::is_none")]
    pub test: Option<Cow<'a, str>>,
    /// `build-output`, `build-fail`: the package being built, `p [p.test]`.
    #[serde(borrow, default, skip_serializing_if = "Option::is_none")]
    pub import_path: Option<Cow<'a, str>>,
    /// Seconds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub elapsed: Option<f64>,
    /// A piece of output: usually one line with its end, but long lines come in several pieces
    /// (<https://github.com/golang/go/issues/36059>).
    #[serde(borrow, default, skip_serializing_if = "Option::is_none")]
    pub output: Option<Cow<'a, str>>,
    /// The `ImportPath` of the build that failed the package.
    #[serde(borrow, default, skip_serializing_if = "Option::is_none")]
    pub failed_build: Option<Cow<'a, str>>,
    /// `attr`.
    #[serde(borrow, default, skip_serializing_if = "Option::is_none")]
    pub key: Option<Cow<'a, str>>,
    /// `attr`.
    #[serde(borrow, default, skip_serializing_if = "Option::is_none")]
    pub value: Option<Cow<'a, str>>,
    /// `artifacts`.
    #[serde(borrow, default, skip_serializing_if = "Option::is_none")]
    pub path: Option<Cow<'a, str>>,
    /// `frame`, `error`, `error-continue` (Go ≥ 1.27).
    #[serde(borrow, default, skip_serializing_if = "Option::is_none")]
    pub output_type: Option<Cow<'a, str>>,
}

impl<'a> Event<'a> {
    /// An event of `package`, for the stream that leakgate writes.
    pub fn new(action: Action<'a>, package: impl Into<Cow<'a, str>>, test: Option<Cow<'a, str>>) -> Self {
        Self {
            time: None,
            action,
            package: Some(package.into()),
            test,
            import_path: None,
            elapsed: None,
            output: None,
            failed_build: None,
            key: None,
            value: None,
            path: None,
            output_type: None,
        }
    }

    /// The event as one line of JSON, with its line end.
    pub fn to_line(&self) -> Vec<u8> {
        let mut line = serde_json::to_vec(self).expect("an event holds only strings and finite numbers");
        line.push(b'\n');
        line
    }
}
