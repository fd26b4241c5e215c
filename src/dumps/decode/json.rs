//! Lines of JSON that carry a program's output: `go test -json`, and the log files of container engines.

use memchr::memmem;
use serde::Deserialize;
use std::borrow::Cow;

/// What may come before the object: a CI's timestamp.
const MAX_PREFIX: usize = 120;
/// Running tests that are kept for one package.
const MAX_RUNNING: usize = 10_000;

/// An event of test2json, or a line of a container's log.
#[derive(Debug, Deserialize)]
pub struct Event<'a> {
    #[serde(rename = "Action", borrow, default)]
    action: Cow<'a, str>,
    #[serde(rename = "Package", borrow, default)]
    package: Cow<'a, str>,
    #[serde(rename = "Test", borrow, default)]
    test: Cow<'a, str>,
    #[serde(rename = "Output", borrow, default)]
    output: Option<Cow<'a, str>>,
    #[serde(borrow, default)]
    log: Option<Cow<'a, str>>,
}

impl Event<'_> {
    /// Empty for a container's log.
    pub fn package(&self) -> &str {
        &self.package
    }

    /// The piece of output.
    pub fn output(&self) -> Option<&str> {
        self.output.as_deref().or(self.log.as_deref())
    }
}

/// The event of a line, if it is one.
pub fn event(line: &[u8]) -> Option<Event<'_>> {
    let start = match line.first() {
        Some(b'{') => 0,
        _ => memmem::find(&line[..line.len().min(MAX_PREFIX)], b"{\"")?,
    };
    let object = line[start..].trim_ascii_end();
    if object.last() != Some(&b'}') {
        return None;
    }
    let event: Event<'_> = serde_json::from_slice(object).ok()?;
    (!event.action.is_empty() || event.log.is_some()).then_some(event)
}

/// The tests of a package that have begun and not passed.
#[derive(Debug, Default)]
pub struct Running {
    /// In the order in which they began.
    pub tests: Vec<String>,
}

impl Running {
    /// Takes an event of the package.
    pub fn note(&mut self, event: &Event<'_>) {
        let test = &event.test;
        match &*event.action {
            "run" if !test.is_empty() && self.tests.len() < MAX_RUNNING => self.tests.push(test.to_string()),
            "pass" | "skip" => self.tests.retain(|running| running != test),
            _ => {}
        }
    }
}
