//! Plain lines that one test prints in a row → one event: a chatty test makes millions of them, and none means anything but
//! itself. The first bytes of each are those of the line before. Whatever differs in the least is left to the parser.

use super::event::{Action, Event};
use super::{layout, quirks};
use std::borrow::Cow;

/// Text is handed on in pieces of about this size.
const LARGE: usize = 16 << 10;

/// Plain lines that wait, all of one test or of one package.
#[derive(Debug, Default)]
pub struct Batch {
    /// What is between the time and the text in each of these lines; empty when none can follow.
    between: Vec<u8>,
    package: String,
    test: Option<String>,
    text: String,
}

impl Batch {
    /// Takes the line if it is plain output of the same test as the event before. `None` if it is not taken.
    pub fn take(&mut self, line: &[u8]) -> Option<()> {
        if self.between.is_empty() {
            return None;
        }
        let line = line.strip_suffix(b"\n")?.strip_prefix(BEGIN)?;
        let time = line.iter().position(|byte| !is_of_time(*byte))?;
        let text = line[time..]
            .strip_prefix(self.between.as_slice())?
            .strip_suffix(b"\"}")?;
        let text = std::str::from_utf8(text).ok()?;
        let before = self.text.len();
        let is_plain = layout::unescape(text, &mut self.text).is_some_and(|()| plain(&self.text[before..]));
        if !is_plain {
            self.text.truncate(before);
            return None;
        }
        Some(())
    }

    /// Learns from an event that was read from `line` what the lines that may follow begin with.
    pub fn follow(&mut self, line: &[u8], event: &Event<'_>) {
        self.between.clear();
        // Nothing else is in the event, so that nothing is lost when its like is made of the lines.
        let Event {
            time: _,
            action: Action::Output,
            package: Some(package),
            test,
            import_path: None,
            elapsed: None,
            output: Some(output),
            failed_build: None,
            key: None,
            value: None,
            path: None,
            output_type: None,
        } = event
        else {
            return;
        };
        // What means something is most often followed by an event of another kind.
        if !plain(output) {
            return;
        }
        let Some(between) = between(line) else { return };
        self.between.extend_from_slice(between);
        package.as_ref().clone_into(&mut self.package);
        match (&mut self.test, test.as_deref()) {
            (Some(known), Some(test)) => test.clone_into(known),
            (known, test) => *known = test.map(str::to_owned),
        }
    }

    /// Whether what waits is much.
    pub fn is_large(&self) -> bool {
        self.text.len() >= LARGE
    }

    /// What waits, as one event. Give the text back to [`Batch::reuse`].
    pub fn event(&mut self) -> Option<Event<'static>> {
        if self.text.is_empty() {
            return None;
        }
        let test = self.test.clone().map(Cow::Owned);
        let mut event = Event::new(Action::Output, self.package.clone(), test);
        event.output = Some(Cow::Owned(std::mem::take(&mut self.text)));
        Some(event)
    }

    /// Takes the room of an event's text for the next.
    pub fn reuse(&mut self, event: Event<'static>) {
        if let Some(Cow::Owned(mut text)) = event.output {
            text.clear();
            self.text = text;
        }
    }
}

const BEGIN: &[u8] = br#"{"Time":""#;

fn is_of_time(byte: u8) -> bool {
    byte.is_ascii_digit() || matches!(byte, b'-' | b':' | b'.' | b'+' | b'T' | b'Z')
}

/// `","Action":"output","Package":"p","Test":"T","Output":"`: from the end of the time to the begin of the text. No string
/// in JSON holds this end, because a quote in one follows a backslash.
fn between(line: &[u8]) -> Option<&[u8]> {
    let rest = line.strip_prefix(BEGIN)?;
    let rest = &rest[rest.iter().position(|byte| !is_of_time(*byte))?..];
    let end = br#","Output":""#;
    let at = memchr::memmem::find(rest, end)?;
    rest.starts_with(br#"","Action":"output","Package":""#)
        .then(|| &rest[..at + end.len()])
}

/// Whether a piece of output ends its line and means nothing to whoever reads it, wherever in the line it begins: it holds no
/// record, steers no terminal, and begins like none of the lines that go, package testing or the runtime write.
fn plain(text: &str) -> bool {
    let control = text.bytes().fold(false, |any, byte| {
        any | (byte < 0x20 && byte != b'\n' && byte != b'\t') | (byte == 0x7f)
    });
    !control && text.ends_with('\n') && !quirks::may_mean_something(text)
}

#[cfg(test)]
mod tests {
    use super::super::{Line, parse};
    use super::*;
    use proptest::prelude::*;

    fn line(test: &str, output: &str) -> Vec<u8> {
        let mut event = Event::new(Action::Output, "a.org/p", Some(Cow::Borrowed(test)));
        event.time = Some(Cow::Borrowed("2026-11-21T05:27:30.2046+01:00"));
        event.output = Some(Cow::Borrowed(output));
        event.to_line()
    }

    /// A batch that has seen a line of the test.
    fn after(test: &str) -> Batch {
        let mut batch = Batch::default();
        let first = line(test, "first\n");
        assert_eq!(batch.take(&first), None, "nothing is known yet");
        let Line::Event(event) = parse(&first) else {
            panic!()
        };
        batch.follow(&first, &event);
        batch
    }

    fn text(batch: &mut Batch) -> Option<String> {
        batch.event().and_then(|event| event.output).map(Cow::into_owned)
    }

    #[test]
    fn plain_lines_of_a_test_are_one_event_of_it() {
        let mut batch = after("TestA/x<y>");
        for output in ["    a_test.go:3: \"b\" \\ <nil>\n", "ü\tnext\n", "\n"] {
            assert_eq!(batch.take(&line("TestA/x<y>", output)), Some(()), "{output}");
        }
        let event = batch.event().unwrap();
        assert_eq!(
            (event.package.as_deref(), event.test.as_deref()),
            (Some("a.org/p"), Some("TestA/x<y>"))
        );
        assert_eq!(
            event.output.as_deref(),
            Some("    a_test.go:3: \"b\" \\ <nil>\nü\tnext\n\n")
        );
        batch.reuse(event);
        assert_eq!(batch.event(), None);
    }

    #[test]
    fn what_may_mean_something_is_left_to_the_parser() {
        for output in [
            "\u{1e}leakgate/1 x\n",
            "x \u{1e}\n",
            "no end",
            "\u{1b}[31mred\n",
            "bell \u{7}\n",
            "panic: boom\n",
            "goroutine 7 [select]:\n",
            "exit status 2\n",
            "signal: killed\n",
            "=== RUN   TestB\n",
            "    --- PASS: TestA/x (0.00s)\n",
            "--- FAIL: TestA (0.00s)\n",
            "PASS\n",
            "ok  \tp\t0.1s\n",
            "FAIL\tp [build failed]\n",
            "?   \tp\t[no test files]\n",
            "\tp\t\tcoverage: 0.0% of statements\n",
            "fuzz: elapsed: 3s\n",
        ] {
            let mut batch = after("TestA");
            assert_eq!(batch.take(&line("TestA", output)), None, "{output}");
            assert_eq!(text(&mut batch), None, "{output}");
        }
    }

    #[test]
    fn a_line_of_another_layout_or_test_is_left_to_the_parser() {
        let of = |from: &str, to: &str| {
            let line = String::from_utf8(line("TestA", "x\n")).unwrap();
            assert!(line.contains(from), "{line}");
            line.replacen(from, to, 1).into_bytes()
        };
        for line in [
            line("TestB", "x\n"),
            of(r#""}"#, r#"","OutputType":"frame"}"#),
            of(r#""}"#, r#"" }"#),
            of("x", "\\ud83d\\ude00"),
            of("x", "\\"),
            of("x", "\u{1}"),
            of("\n", ""),
            of("output", "pass"),
            of("2026", "\\u0032"),
            of("2026", r#"","Time":""#),
            b"{\"Time\":\"\n".to_vec(),
            [&line("TestA", "x\n")[..20], b"\xff\n"].concat(),
        ] {
            assert_eq!(
                after("TestA").take(&line),
                None,
                "{}",
                String::from_utf8_lossy(&line)
            );
        }
    }

    #[test]
    fn nothing_follows_an_event_that_holds_more() {
        let mut batch = Batch::default();
        let first = r#"{"Time":"2026","Action":"output","Package":"p","Elapsed":1,"Output":"x\n"}"#;
        let Line::Event(event) = parse(first.as_bytes()) else {
            panic!()
        };
        batch.follow(first.as_bytes(), &event);
        assert_eq!(batch.take(format!("{first}\n").as_bytes()), None);
    }

    proptest! {
        /// What is taken of a line is what the parser says of it.
        #[test]
        fn it_says_what_the_parser_says(
            output in "(?s)(.|\\\\u003c|\\\\n|\\\\\\\\|\"|\\\\ud83d|\\\\u001e|[\u{0}-\u{1f}]){0,8}",
            end in "(\"\\}\n|\\}\n|\",\"Test\":\"B\"\\}\n|\"\\})",
        ) {
            let line = format!(r#"{{"Time":"2026","Action":"output","Package":"a.org/p","Test":"TestA","Output":"{output}{end}"#);
            let mut batch = after("TestA");
            if batch.take(line.as_bytes()).is_some() {
                let Line::Event(parsed) = parse(line.as_bytes()) else { panic!("{line}") };
                prop_assert_eq!(text(&mut batch).unwrap_or_default(), parsed.output.unwrap_or_default());
                prop_assert_eq!(parsed.test.as_deref(), Some("TestA"));
            }
        }
    }
}
