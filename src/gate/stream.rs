//! The test2json stream that leakgate hands on: byte for byte go's own, without our records, and with leaking tests
//! failed.
//!
//! Output flows live. `pass` events of tests, and the closing lines of a package, wait until the package's evidence
//! is judged: a consumer must never see a test pass that fails later.

use crate::events::{Action, Event};
use indexmap::IndexMap;
use rustc_hash::{FxHashMap, FxHashSet};
use std::borrow::Cow;
use std::io::Write;

/// What the gate decided about the tests of one package.
#[derive(Debug, Default)]
pub struct Decision {
    /// Test name → text of its failing leaks. Their parents fail too, as in go.
    pub failed: FxHashMap<String, String>,
    /// Set when the package fails beyond its tests: leaks of no single test, or no evidence.
    pub package: Option<String>,
}

impl Decision {
    fn fails_package(&self) -> bool {
        self.package.is_some() || !self.failed.is_empty()
    }

    /// Tests that leak themselves or hold a subtest that does.
    fn failing(&self) -> FxHashSet<&str> {
        with_parents(self.failed.keys().map(String::as_str))
    }
}

/// Tests, and those that hold them.
pub fn with_parents<'t>(tests: impl Iterator<Item = &'t str>) -> FxHashSet<&'t str> {
    let mut all = FxHashSet::default();
    for test in tests {
        let parents = test.match_indices('/').map(|(at, _)| &test[..at]);
        all.extend(parents.chain([test]));
    }
    all
}

/// Lines of one package that wait.
#[derive(Debug, Default)]
struct Held {
    /// Test name (empty: the package) and the line as go wrote it.
    lines: Vec<(String, Vec<u8>)>,
}

/// Lines are written in pieces of this size, or when no more are at hand.
const PENDING: usize = 64 << 10;

/// Writes the stream to any number of sinks (`--jsonfile`, `--format gojson`).
pub struct TestJsonStream {
    sinks: Vec<Box<dyn Write>>,
    /// Whole lines on their way to the sinks.
    pending: Vec<u8>,
    held: IndexMap<String, Held>,
}

impl TestJsonStream {
    /// A stream without sinks costs nothing.
    pub fn new(sinks: Vec<Box<dyn Write>>) -> Self {
        Self {
            sinks,
            pending: Vec::new(),
            held: IndexMap::new(),
        }
    }

    /// Whether anybody listens.
    pub fn is_empty(&self) -> bool {
        self.sinks.is_empty()
    }

    /// Takes one event: `line` as go wrote it, or without our record if `user_output` differs from the event's output.
    pub fn event(
        &mut self,
        line: &[u8],
        event: &Event<'_>,
        user_output: Option<&str>,
    ) -> std::io::Result<()> {
        if self.sinks.is_empty() {
            return Ok(());
        }
        let line = match user_output {
            Some("") if event.output.as_deref() != Some("") => return Ok(()),
            Some(text) if event.output.as_deref() != Some(text) => {
                let mut rest = event.clone();
                rest.output = Some(Cow::Borrowed(text));
                Cow::Owned(rest.to_line())
            }
            _ => Cow::Borrowed(line),
        };
        let Some(package) = event.package.as_deref() else {
            return self.write(&line);
        };
        if waits(event, user_output) {
            let held = self.held.entry(package.to_owned()).or_default();
            held.lines.push((
                event.test.as_deref().unwrap_or_default().to_owned(),
                line.into_owned(),
            ));
            return Ok(());
        }
        self.write(&line)
    }

    /// Takes a line that is no event.
    pub fn text(&mut self, line: &[u8]) -> std::io::Result<()> {
        self.write(line)
    }

    /// Lets the held lines of a package go, changed by what was decided.
    pub fn decide(&mut self, package: &str, decision: &Decision) -> std::io::Result<()> {
        let Some(held) = self.held.shift_remove(package) else {
            return Ok(());
        };
        let failing = decision.failing();
        for (test, line) in held.lines {
            if !test.is_empty() {
                if failing.contains(test.as_str()) {
                    self.failed_test(package, &test, &line, decision)?;
                } else {
                    self.write(&line)?;
                }
            } else if decision.fails_package() {
                self.failed_package_line(package, &line, decision)?;
            } else {
                self.write(&line)?;
            }
        }
        Ok(())
    }

    /// Lets go of everything that still waits (an interrupted run); nothing was decided about it.
    pub fn release(&mut self) -> std::io::Result<()> {
        for package in self.held.keys().cloned().collect::<Vec<_>>() {
            self.decide(&package, &Decision::default())?;
        }
        Ok(())
    }

    fn failed_test(
        &mut self,
        package: &str,
        test: &str,
        line: &[u8],
        decision: &Decision,
    ) -> std::io::Result<()> {
        let crate::events::Line::Event(mut event) = crate::events::parse(line) else {
            return self.write(line);
        };
        if let Some(text) = decision.failed.get(test) {
            self.output(package, Some(test), event.time.as_deref(), text)?;
        }
        event.action = Action::Fail;
        self.write(&event.to_line())
    }

    fn failed_package_line(
        &mut self,
        package: &str,
        line: &[u8],
        decision: &Decision,
    ) -> std::io::Result<()> {
        let crate::events::Line::Event(mut event) = crate::events::parse(line) else {
            return self.write(line);
        };
        match event.action {
            Action::Pass => {
                if let Some(text) = &decision.package {
                    self.output(package, None, event.time.as_deref(), text)?;
                }
                event.action = Action::Fail;
            }
            Action::Output => {
                let text = event.output.take().unwrap_or_default();
                event.output = Some(Cow::Owned(failed_closing_line(&text)));
            }
            _ => {}
        }
        self.write(&event.to_line())
    }

    fn output(
        &mut self,
        package: &str,
        test: Option<&str>,
        time: Option<&str>,
        text: &str,
    ) -> std::io::Result<()> {
        for line in text.split_inclusive('\n') {
            let mut event = Event::new(Action::Output, package, test.map(Cow::Borrowed));
            event.time = time.map(Cow::Borrowed);
            event.output = Some(Cow::Borrowed(line));
            self.write(&event.to_line())?;
        }
        Ok(())
    }

    /// Every sink sees whole lines: tools follow the file while tests run.
    fn write(&mut self, line: &[u8]) -> std::io::Result<()> {
        if self.sinks.is_empty() {
            return Ok(());
        }
        self.pending.extend_from_slice(line);
        if self.pending.len() >= PENDING {
            self.flush()
        } else {
            Ok(())
        }
    }

    /// Hands on what is pending.
    pub fn flush(&mut self) -> std::io::Result<()> {
        for sink in &mut self.sinks {
            sink.write_all(&self.pending)?;
            sink.flush()?;
        }
        self.pending.clear();
        Ok(())
    }
}

/// `pass` of a test or package, and the package's closing lines (`PASS`, `ok …`).
fn waits(event: &Event<'_>, user_output: Option<&str>) -> bool {
    match event.action {
        Action::Pass => true,
        Action::Output if event.test.is_none() => {
            let text = user_output.or(event.output.as_deref()).unwrap_or_default();
            text == "PASS\n" || text.starts_with("ok  \t")
        }
        _ => false,
    }
}

/// `PASS` → `FAIL`, `ok  \tp\t0.1s` → `FAIL\tp\t0.1s`: as go prints a package that failed.
fn failed_closing_line(text: &str) -> String {
    match text.strip_prefix("ok  \t") {
        Some(rest) => format!("FAIL\t{rest}"),
        None if text == "PASS\n" => "FAIL\n".to_owned(),
        None => text.to_owned(),
    }
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;
    use std::cell::RefCell;
    use std::rc::Rc;

    /// What was written, for the test that gave the writer away.
    #[derive(Clone, Default)]
    pub(in crate::gate) struct Shared(pub(in crate::gate) Rc<RefCell<Vec<u8>>>);

    impl Write for Shared {
        fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
            self.0.borrow_mut().extend_from_slice(bytes);
            Ok(bytes.len())
        }
        fn flush(&mut self) -> std::io::Result<()> {
            Ok(())
        }
    }

    const LINES: &[&str] = &[
        r#"{"Action":"start","Package":"p"}"#,
        r#"{"Action":"run","Package":"p","Test":"TestA"}"#,
        r#"{"Action":"run","Package":"p","Test":"TestA/x"}"#,
        r#"{"Action":"output","Package":"p","Test":"TestA/x","Output":"--- PASS\n"}"#,
        r#"{"Action":"pass","Package":"p","Test":"TestA/x","Elapsed":0.5}"#,
        r#"{"Action":"pass","Package":"p","Test":"TestA","Elapsed":0.5}"#,
        r#"{"Action":"run","Package":"p","Test":"TestB"}"#,
        r#"{"Action":"pass","Package":"p","Test":"TestB","Elapsed":0}"#,
        r#"{"Action":"output","Package":"p","Output":"PASS\n"}"#,
        r#"{"Action":"output","Package":"p","Output":"ok  \tp\t0.5s\n"}"#,
        r#"{"Action":"pass","Package":"p","Elapsed":0.5}"#,
    ];

    fn through(decision: &Decision) -> (usize, Vec<String>) {
        let sink = Shared::default();
        let mut stream = TestJsonStream::new(vec![Box::new(sink.clone())]);
        for line in LINES {
            let line = format!("{line}\n");
            let crate::events::Line::Event(event) = crate::events::parse(line.as_bytes()) else {
                panic!()
            };
            stream.event(line.as_bytes(), &event, None).unwrap();
        }
        stream.flush().unwrap();
        let live = sink.0.borrow().iter().filter(|byte| **byte == b'\n').count();
        stream.decide("p", decision).unwrap();
        stream.flush().unwrap();
        let text = String::from_utf8(sink.0.borrow().clone()).unwrap();
        (live, text.lines().map(str::to_owned).collect())
    }

    #[test]
    fn a_clean_package_is_go_s_own_bytes_with_the_passes_last() {
        let (live, mut lines) = through(&Decision::default());
        assert_eq!(live, 5, "start, three runs, one output");
        let mut expected: Vec<_> = LINES.iter().map(|line| (*line).to_owned()).collect();
        expected.sort();
        lines.sort();
        assert_eq!(lines, expected);
    }

    #[test]
    fn a_leaking_subtest_fails_with_its_parent_and_package_but_not_its_sibling() {
        let mut decision = Decision::default();
        decision
            .failed
            .insert("TestA/x".into(), "    leak: 1 goroutine\n".into());
        let (_, lines) = through(&decision);
        let tail: Vec<_> = lines[5..].iter().map(String::as_str).collect();
        assert_eq!(
            tail,
            [
                r#"{"Action":"output","Package":"p","Test":"TestA/x","Output":"    leak: 1 goroutine\n"}"#,
                r#"{"Action":"fail","Package":"p","Test":"TestA/x","Elapsed":0.5}"#,
                r#"{"Action":"fail","Package":"p","Test":"TestA","Elapsed":0.5}"#,
                r#"{"Action":"pass","Package":"p","Test":"TestB","Elapsed":0.0}"#
                    .replace("0.0", "0")
                    .as_str(),
                r#"{"Action":"output","Package":"p","Output":"FAIL\n"}"#,
                r#"{"Action":"output","Package":"p","Output":"FAIL\tp\t0.5s\n"}"#,
                r#"{"Action":"fail","Package":"p","Elapsed":0.5}"#,
            ]
        );
    }

    #[test]
    fn a_package_without_evidence_fails_but_its_tests_pass() {
        let decision = Decision {
            package: Some("inconclusive: no record\n".into()),
            ..Decision::default()
        };
        let (_, lines) = through(&decision);
        assert!(lines.contains(
            &r#"{"Action":"output","Package":"p","Output":"inconclusive: no record\n"}"#.to_owned()
        ));
        assert!(
            lines.contains(&r#"{"Action":"pass","Package":"p","Test":"TestA","Elapsed":0.5}"#.to_owned())
        );
        assert_eq!(
            lines.last().unwrap(),
            r#"{"Action":"fail","Package":"p","Elapsed":0.5}"#
        );
    }
}
