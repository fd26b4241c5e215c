//! Raw output of a test binary under `-test.v=test2json` → the events that `go tool test2json` makes of it, for runs in which
//! no `go` is between them (Bazel, prebuilt test binaries). Pure. Source of the grammar: `go doc test2json` and package
//! testing's framing lines, Go 1.21 to 1.27.

use super::event::{Action, Event};
use std::borrow::Cow;

/// Comes before each framing line of package testing: ^V.
const FRAME: u8 = 0x16;
/// Go ≥ 1.27 puts errors between these: ^O and ^N.
const ERROR_BEGIN: u8 = 0x0f;
const ERROR_END: u8 = 0x0e;
/// Go ≥ 1.27 writes this before a control character that the test printed itself: ^[.
const ESCAPE: u8 = 0x1b;

/// A result line whose event waits for the lines that belong to it.
#[derive(Debug)]
struct Open {
    action: Action<'static>,
    test: String,
    elapsed: Option<f64>,
}

/// Turns the lines of one test binary into events of its package.
#[derive(Debug)]
pub struct Framed {
    package: String,
    /// A ^V came: framing without one is output of the tests.
    marked: bool,
    /// Whose output the next lines are; empty for the package's.
    test: String,
    open: Vec<Open>,
    passed: Option<bool>,
}

/// How the process ended, as far as is known.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Exited {
    /// Exit status 0.
    Well,
    /// Any other status, or a signal.
    Badly,
    /// A log does not say: the binary's own last word (`PASS`, `FAIL`) counts.
    Unknown,
}

impl Framed {
    /// For the output of one test binary; `package` names it in every event.
    pub fn new(package: impl Into<String>) -> Self {
        Self {
            package: package.into(),
            marked: false,
            test: String::new(),
            open: Vec::new(),
            passed: None,
        }
    }

    /// Whether `line` is what a test binary prints under `-test.v=test2json`.
    pub fn begins(line: &[u8]) -> bool {
        line.first() == Some(&FRAME)
    }

    /// Takes one line with its line end; events are added to `out`, one JSON object a line.
    pub fn line(&mut self, line: &[u8], out: &mut Vec<u8>) {
        // A test that printed no newline before a framing line.
        let mut begin = 0;
        for at in memchr::memchr_iter(FRAME, line) {
            if at > begin && line[at - 1] != ESCAPE {
                self.piece(&line[begin..at], out);
                begin = at;
            }
        }
        self.piece(&line[begin..], out);
    }

    /// Takes text that is never framing: what the binary printed on standard error.
    pub fn text(&mut self, line: &[u8], out: &mut Vec<u8>) {
        self.output(line, out);
    }

    /// The end of the output. Without a final word of the binary and without its exit status there is no event: go's
    /// verdict is then missing.
    pub fn finish(&mut self, exited: Exited, elapsed: Option<f64>, out: &mut Vec<u8>) {
        self.close_to(0, out);
        let passed = match exited {
            Exited::Well => Some(self.passed.unwrap_or(true)),
            Exited::Badly => Some(false),
            Exited::Unknown => self.passed,
        };
        let Some(passed) = passed else { return };
        let action = if passed { Action::Pass } else { Action::Fail };
        let event = Event {
            elapsed,
            ..Event::new(action, self.package.as_str(), None)
        };
        out.extend(event.to_line());
    }

    fn piece(&mut self, piece: &[u8], out: &mut Vec<u8>) {
        let marked = piece.first() == Some(&FRAME);
        if piece.is_empty() || (self.marked && !marked) {
            return self.output(piece, out);
        }
        let line = &piece[usize::from(marked)..];
        let text = String::from_utf8_lossy(line);
        let trimmed = text.trim_end_matches('\n').trim_end_matches('\r');
        if trimmed == "PASS" || trimmed == "FAIL" || trimmed.starts_with("FAIL: ") {
            self.close_to(0, out);
            self.marked = marked;
            self.output(line, out);
            self.passed = Some(trimmed == "PASS");
        } else if let Some((word, rest)) = update(trimmed) {
            self.marked = marked;
            self.update(word, rest, line, out);
        } else if let Some((depth, open)) = report(trimmed).filter(|(depth, _)| *depth <= self.open.len()) {
            self.marked = marked;
            self.close_to(depth, out);
            self.test.clone_from(&open.test);
            self.open.push(open);
            self.output(line, out);
        } else {
            self.output(line, out);
        }
    }

    fn update(&mut self, word: &str, rest: &str, line: &[u8], out: &mut Vec<u8>) {
        self.close_to(0, out);
        let (name, value) = match word {
            "ATTR" | "ARTIFACTS" => rest.split_once(' ').unwrap_or((rest, "")),
            _ => (rest, ""),
        };
        name.clone_into(&mut self.test);
        let action = match word {
            "RUN" => Action::Run,
            "CONT" => Action::Cont,
            "ATTR" => Action::Attr,
            "PAUSE" => Action::Pause,
            "ARTIFACTS" => Action::Other(Cow::Borrowed("artifacts")),
            // `=== NAME` only says whose output follows.
            _ => return,
        };
        let mut event = Event::new(action, self.package.as_str(), Some(Cow::Borrowed(name)));
        match word {
            "ATTR" => {
                let (key, value) = value.split_once(' ').unwrap_or((value, ""));
                event.key = Some(Cow::Borrowed(key));
                event.value = Some(Cow::Borrowed(value));
            }
            "ARTIFACTS" => event.path = Some(Cow::Borrowed(value)),
            _ => {}
        }
        let event = event.to_line();
        if word == "PAUSE" {
            self.output(line, out);
            out.extend(event);
        } else {
            out.extend(event);
            self.output(line, out);
        }
    }

    /// The events of result lines that are deeper than `depth`: what follows does not belong to them.
    fn close_to(&mut self, depth: usize, out: &mut Vec<u8>) {
        self.test.clear();
        while self.open.len() > depth {
            let Some(open) = self.open.pop() else { return };
            let event = Event {
                elapsed: open.elapsed,
                ..Event::new(open.action, self.package.as_str(), Some(Cow::Owned(open.test)))
            };
            out.extend(event.to_line());
        }
    }

    fn output(&self, bytes: &[u8], out: &mut Vec<u8>) {
        let plain = without_marks(bytes);
        if plain.is_empty() {
            return;
        }
        let test = (!self.test.is_empty()).then_some(Cow::Borrowed(self.test.as_str()));
        let event = Event {
            output: Some(String::from_utf8_lossy(&plain)),
            ..Event::new(Action::Output, self.package.as_str(), test)
        };
        out.extend(event.to_line());
    }
}

/// `=== RUN   TestA` → `RUN`, `TestA`.
fn update(line: &str) -> Option<(&str, &str)> {
    let (word, rest) = line.strip_prefix("=== ")?.split_once(' ')?;
    let known = ["RUN", "PAUSE", "CONT", "NAME", "ATTR", "ARTIFACTS"];
    known.contains(&word).then(|| (word, rest.trim()))
}

/// `    --- PASS: TestA/b (0.01s)` → its depth, and what it says.
fn report(line: &str) -> Option<(usize, Open)> {
    let bare = line.trim_start_matches("    ");
    let depth = (line.len() - bare.len()) / 4;
    let (word, rest) = bare.strip_prefix("--- ")?.split_once(": ")?;
    let action = match word {
        "PASS" => Action::Pass,
        "FAIL" => Action::Fail,
        "SKIP" => Action::Skip,
        "BENCH" => Action::Bench,
        _ => return None,
    };
    let (name, time) = rest.split_once(" (").unwrap_or((rest, ""));
    let open = Open {
        action,
        test: name.trim().to_owned(),
        elapsed: time.strip_suffix("s)").and_then(|time| time.parse().ok()),
    };
    Some((depth, open))
}

/// What the test printed: without the marks around errors, and without the escapes before its own control characters.
fn without_marks(bytes: &[u8]) -> Cow<'_, [u8]> {
    if memchr::memchr3(ERROR_BEGIN, ERROR_END, ESCAPE, bytes).is_none() {
        return Cow::Borrowed(bytes);
    }
    let mut plain = Vec::with_capacity(bytes.len());
    let mut rest = bytes.iter().copied().peekable();
    while let Some(byte) = rest.next() {
        match byte {
            ERROR_BEGIN | ERROR_END => {}
            ESCAPE => match rest.next_if(|next| [FRAME, ERROR_BEGIN, ERROR_END, ESCAPE].contains(next)) {
                Some(own) => plain.push(own),
                None => plain.push(byte),
            },
            _ => plain.push(byte),
        }
    }
    Cow::Owned(plain)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::events::{Line, parse};

    /// `action test output`, an event a line.
    fn events(raw: &[u8], exited: Exited) -> Vec<String> {
        let (mut framed, mut out) = (Framed::new("p"), Vec::new());
        for line in raw.split_inclusive(|byte| *byte == b'\n') {
            framed.line(line, &mut out);
        }
        framed.finish(exited, None, &mut out);
        out.split_inclusive(|byte| *byte == b'\n')
            .map(|line| {
                let Line::Event(event) = parse(line) else {
                    panic!("{line:?}")
                };
                let (test, output) = (event.test.unwrap_or_default(), event.output.unwrap_or_default());
                format!("{} {test} {}", event.action.as_str(), output.trim_end())
                    .trim_end()
                    .to_owned()
            })
            .collect()
    }

    #[test]
    fn subtests_end_before_their_parent_with_their_output() {
        let raw = b"\x16=== RUN   TestA\n\x16=== RUN   TestA/b\nhello\n\x16--- FAIL: TestA (0.01s)\n\x16    --- FAIL: TestA/b (0.00s)\n        a_test.go:3: bad\n\x16FAIL\n";
        assert_eq!(
            events(raw, Exited::Badly),
            [
                "run TestA",
                "output TestA === RUN   TestA",
                "run TestA/b",
                "output TestA/b === RUN   TestA/b",
                "output TestA/b hello",
                "output TestA --- FAIL: TestA (0.01s)",
                "output TestA/b     --- FAIL: TestA/b (0.00s)",
                "output TestA/b         a_test.go:3: bad",
                "fail TestA/b",
                "fail TestA",
                "output  FAIL",
                "fail",
            ]
        );
    }

    #[test]
    fn framing_after_an_open_line_is_read_and_unmarked_framing_is_output() {
        let raw = b"\x16=== RUN   TestA\nno newline\x16=== RUN   TestA/b\n--- PASS: TestForged (0.00s)\n\x16=== NAME  TestA\nx\n";
        assert_eq!(
            events(raw, Exited::Unknown),
            [
                "run TestA",
                "output TestA === RUN   TestA",
                "output TestA no newline",
                "run TestA/b",
                "output TestA/b === RUN   TestA/b",
                "output TestA/b --- PASS: TestForged (0.00s)",
                "output TestA x",
            ]
        );
    }

    #[test]
    fn without_a_final_word_the_exit_status_decides_and_without_both_there_is_no_verdict() {
        let raw = b"\x16=== RUN   TestA\npanic: x\n";
        let last = |exited| events(raw, exited).pop().unwrap_or_default();
        assert_eq!(last(Exited::Badly), "fail");
        assert_eq!(last(Exited::Unknown), "output TestA panic: x");
        assert_eq!(events(b"\x16PASS\n", Exited::Badly).last().unwrap(), "fail");
        assert_eq!(events(b"\x16PASS\n", Exited::Unknown).last().unwrap(), "pass");
    }

    #[test]
    fn a_paused_test_prints_before_it_pauses_and_attributes_are_kept() {
        let raw = b"\x16=== PAUSE TestA\n\x16=== CONT  TestA\n\x16=== ATTR  TestA key a value\n";
        let (mut framed, mut out) = (Framed::new("p"), Vec::new());
        for line in raw.split_inclusive(|byte| *byte == b'\n') {
            framed.line(line, &mut out);
        }
        let text = String::from_utf8(out).unwrap();
        let first = text.lines().next().unwrap();
        assert!(first.contains(r#""Action":"output""#), "{first}");
        assert!(
            text.contains(r#"{"Action":"attr","Package":"p","Test":"TestA","Key":"key","Value":"a value"}"#),
            "{text}"
        );
    }

    #[test]
    fn marks_of_go_1_27_are_taken_out_and_the_tests_own_control_characters_stay() {
        assert_eq!(
            without_marks(b"\x0fa_test.go:1: bad\x0e\n").as_ref(),
            b"a_test.go:1: bad\n"
        );
        assert_eq!(
            without_marks(b"\x1b\x16 \x1b[31m \x1b\x1b[0m").as_ref(),
            b"\x16 \x1b[31m \x1b[0m"
        );
    }

    proptest::proptest! {
        #[test]
        fn any_bytes_become_events_and_no_printable_text_is_lost(raw in proptest::collection::vec(proptest::sample::select(
            b"\x16\x1b\x0e\x0f\n =-:TRUNPASFIL()0.s/x\xff".to_vec()), 0..300)) {
            let (mut framed, mut out) = (Framed::new("p"), Vec::new());
            for line in raw.split_inclusive(|byte| *byte == b'\n') {
                framed.line(line, &mut out);
            }
            framed.finish(Exited::Well, None, &mut out);
            let mut printed = String::new();
            for line in out.split_inclusive(|byte| *byte == b'\n') {
                let Line::Event(event) = parse(line) else { panic!("{line:?}") };
                proptest::prop_assert_eq!(event.package.as_deref(), Some("p"));
                printed.push_str(event.output.as_deref().unwrap_or_default());
            }
            let count = |text: &str| text.bytes().filter(|byte| *byte == b'x').count();
            proptest::prop_assert_eq!(count(&printed), raw.iter().filter(|byte| **byte == b'x').count());
        }
    }
}
