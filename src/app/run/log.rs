//! Saved output of tests → the gate: the events of `go test -json`, or what a test binary prints by itself under
//! `-test.v=test2json`.

use super::session::Timing;
use crate::app::Failure;
use crate::app::store::reading;
use crate::events::framed::{Exited, Framed};
use crate::events::{Line, parse};
use crate::gate::Gate;
use crate::report::human;
use jiff::Timestamp;
use std::io::{BufRead, Read};
use std::path::Path;

/// What is known of a log beside its lines.
#[derive(Debug, Clone)]
pub struct Origin {
    /// Names the tests of a raw log; without it, what the log says, else the name of its folder or file.
    pub package: Option<String>,
    /// How the test process ended.
    pub exited: Exited,
    /// Milliseconds, if known.
    pub elapsed_ms: Option<u64>,
}

/// Feeds logs to a gate, one after the other.
#[derive(Debug, Default)]
pub struct LogReader {
    clock: LogClock,
}

/// What a log held.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Held {
    /// Events of `go test -json`, or the framing of a test binary.
    Tests,
    /// A report of leakgate, as `leakgate run` prints it.
    Judged,
    /// None of these.
    Text,
}

/// How much text before the first event is held back: that of a log without events may be better not shown.
const HELD_BACK: usize = 64 << 10;

impl LogReader {
    /// Feeds `file`; `-` is standard input.
    pub fn feed(&mut self, file: &Path, origin: &Origin, gate: &mut Gate<'_>) -> Result<Held, Failure> {
        let name = file.display();
        let unreadable = |error: std::io::Error| Failure::Message(format!("can't read {name}: {error}"));
        let mut reader = reading::lines(file).map_err(unreadable)?;
        let mut log = Log::Unknown(Before::default());
        let mut line = Vec::new();
        loop {
            line.clear();
            let count = (&mut reader)
                .take(reading::LINE)
                .read_until(b'\n', &mut line)
                .map_err(unreadable)?;
            if count == 0 {
                break;
            }
            self.line(&line, &mut log, file, origin, gate)?;
            // Whoever pipes a run into it wants to see it now.
            if file == Path::new("-") {
                gate.flush()?;
            }
        }
        let held = match log {
            Log::Unknown(before) if before.is_report() => Held::Judged,
            Log::Unknown(before) => {
                feed_lines(&before.held, gate)?;
                Held::Text
            }
            Log::Events => Held::Tests,
            Log::Raw(mut framed) => {
                let mut events = Vec::new();
                let seconds = origin.elapsed_ms.map(|ms| ms as f64 / 1000.0);
                framed.finish(origin.exited, seconds, &mut events);
                feed_lines(&events, gate)?;
                Held::Tests
            }
        };
        Ok(held)
    }

    fn line(
        &mut self,
        line: &[u8],
        log: &mut Log,
        file: &Path,
        origin: &Origin,
        gate: &mut Gate<'_>,
    ) -> Result<(), Failure> {
        if let Log::Unknown(before) = log {
            before.see(line);
            let is_event = matches!(parse(line), Line::Event(_));
            let is_raw = Framed::begins(line) || line.starts_with(b"\x1eleakgate/");
            let room = before.held.len() + line.len() <= HELD_BACK;
            if !is_event && !is_raw && room && file != Path::new("-") {
                before.held.extend_from_slice(line);
                return Ok(());
            }
            for line in std::mem::take(&mut before.held).split_inclusive(|byte| *byte == b'\n') {
                gate.line(line)?;
            }
            if is_event {
                *log = Log::Events;
            } else if is_raw {
                let named = origin.package.clone().or(before.label.take());
                *log = Log::Raw(Framed::new(named.unwrap_or_else(|| package_of(file))));
            }
        }
        match log {
            Log::Raw(framed) => {
                let mut events = Vec::new();
                framed.line(line, &mut events);
                feed_lines(&events, gate)?;
            }
            Log::Events | Log::Unknown(_) => {
                self.clock.see(line);
                gate.line(line)?;
            }
        }
        Ok(())
    }

    /// From the first event to the last.
    pub fn timing(&self) -> Timing {
        Timing {
            started: self.clock.first.unwrap_or_default().to_string(),
            elapsed_ms: self.clock.elapsed_ms(),
        }
    }
}

enum Log {
    /// So far nothing but text.
    Unknown(Before),
    Events,
    Raw(Framed),
}

/// Text before the first event.
#[derive(Debug, Default)]
struct Before {
    /// The Bazel target that it named.
    label: Option<String>,
    held: Vec<u8>,
    tests: bool,
    leaks: bool,
}

impl Before {
    fn see(&mut self, line: &[u8]) {
        self.label = bazel_target(line).or(self.label.take());
        self.tests |= line.starts_with(human::TESTS.as_bytes());
        self.leaks |= self.tests && line.starts_with(human::LEAKS.as_bytes());
    }

    /// Whether it closes as the human report does.
    fn is_report(&self) -> bool {
        self.tests && self.leaks
    }
}

/// Hands whole lines of events to the gate.
pub fn feed_lines(events: &[u8], gate: &mut Gate<'_>) -> Result<(), Failure> {
    for line in events.split_inclusive(|byte| *byte == b'\n') {
        gate.line(line)?;
    }
    Ok(())
}

/// Bazel's test-setup.sh begins a log with `Executing tests from //store:go_default_test`.
fn bazel_target(line: &[u8]) -> Option<String> {
    let text = std::str::from_utf8(line).ok()?;
    text.strip_prefix("Executing tests from ")
        .map(|label| label.trim().to_owned())
}

/// `store/store.test.log` → `store.test`; `bazel-testlogs/store/store_test/test.log` → `store_test`.
fn package_of(file: &Path) -> String {
    let name = |path: &Path| path.file_name().map(|name| name.to_string_lossy().into_owned());
    match file.file_stem().map(|stem| stem.to_string_lossy()) {
        Some(stem) if stem == "test" => file.parent().and_then(name).unwrap_or_else(|| "test".to_owned()),
        Some(stem) if stem != "-" => stem.into_owned(),
        _ => "test".to_owned(),
    }
}

/// When the logged run began and ended, by the events of its packages.
#[derive(Debug, Default)]
struct LogClock {
    first: Option<Timestamp>,
    last: Option<Timestamp>,
}

impl LogClock {
    fn see(&mut self, line: &[u8]) {
        // Events of tests lie between those of their package.
        if self.first.is_some() && memchr::memmem::find(line, b"\"Test\":").is_some() {
            return;
        }
        let Line::Event(event) = parse(line) else { return };
        if let Some(time) = event.time.and_then(|time| time.parse().ok()) {
            self.first.get_or_insert(time);
            self.last = Some(time);
        }
    }

    fn elapsed_ms(&self) -> u64 {
        let span = self
            .first
            .zip(self.last)
            .map(|(first, last)| last.as_millisecond() - first.as_millisecond());
        span.and_then(|span| u64::try_from(span).ok()).unwrap_or_default()
    }
}
