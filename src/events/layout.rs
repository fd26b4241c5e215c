//! Events in the layout in which go writes them, read without a JSON parser: a chatty test makes millions of them.
//! Whatever differs in the least is left to the parser, so that both always say the same.

use super::event::{Action, Event};
use std::borrow::Cow;

/// The event, if the line is one of a test or package in go's own layout.
pub fn read(line: &[u8]) -> Option<Event<'_>> {
    let line = line.strip_suffix(b"\n").unwrap_or(line);
    let line = std::str::from_utf8(line.strip_suffix(b"\r").unwrap_or(line)).ok()?;
    let (time, rest) = plain(line.strip_prefix(r#"{"Time":""#)?)?;
    let (action, rest) = plain(rest.strip_prefix(r#","Action":""#)?)?;
    let (package, rest) = plain(rest.strip_prefix(r#","Package":""#)?)?;
    let (test, rest) = match rest.strip_prefix(r#","Test":""#) {
        Some(rest) => {
            let (test, rest) = plain(rest)?;
            (Some(test), rest)
        }
        None => (None, rest),
    };
    let mut event = Event::new(known(action)?, package, test.map(Cow::Borrowed));
    event.time = Some(Cow::Borrowed(time));
    if let Some(output) = rest.strip_prefix(r#","Output":""#) {
        let output = output.strip_suffix("\"}")?;
        let mut text = String::with_capacity(output.len());
        unescape(output, &mut text)?;
        event.output = Some(Cow::Owned(text));
        return Some(event);
    }
    let rest = match rest.strip_prefix(r#","Elapsed":"#) {
        Some(rest) => {
            let (seconds, rest) = seconds(rest)?;
            event.elapsed = Some(seconds);
            rest
        }
        None => rest,
    };
    (rest == "}").then_some(event)
}

/// What every go says of tests and packages.
fn known(action: &str) -> Option<Action<'static>> {
    Some(match action {
        "start" => Action::Start,
        "run" => Action::Run,
        "pause" => Action::Pause,
        "cont" => Action::Cont,
        "pass" => Action::Pass,
        "fail" => Action::Fail,
        "output" => Action::Output,
        "skip" => Action::Skip,
        _ => return None,
    })
}

/// `0.25` and what follows: as many digits as are read alike by everyone.
fn seconds(text: &str) -> Option<(f64, &str)> {
    let end = text
        .bytes()
        .position(|byte| !byte.is_ascii_digit() && byte != b'.')?;
    let (number, rest) = text.split_at(end);
    let (whole, part) = number
        .split_once('.')
        .map_or((number, None), |(whole, part)| (whole, Some(part)));
    // JSON has neither `007` nor `1.`.
    let is_whole = !whole.is_empty() && (whole == "0" || !whole.starts_with('0'));
    let is_part = part.is_none_or(|part| !part.is_empty() && !part.contains('.'));
    let is_number = number.len() <= 15 && is_whole && is_part;
    Some((number.parse().ok().filter(|_| is_number)?, rest))
}

/// The string up to its quote, and what follows that; `None` if anything in it is escaped.
fn plain(text: &str) -> Option<(&str, &str)> {
    let end = memchr::memchr2(b'"', b'\\', text.as_bytes())?;
    let (string, rest) = text.split_at(end);
    let rest = rest.strip_prefix('"')?;
    string.bytes().all(|byte| byte >= 0x20).then_some((string, rest))
}

/// Adds a JSON string's text to `out`; `None` if it is no whole string, then what was added is worth nothing. Escapes that Go
/// writes seldom are left to the parser.
pub fn unescape(mut text: &str, out: &mut String) -> Option<()> {
    if text.bytes().fold(false, |any, byte| any | (byte < 0x20)) {
        return None;
    }
    while let Some(at) = memchr::memchr2(b'\\', b'"', text.as_bytes()) {
        let (before, escape) = text.split_at(at);
        out.push_str(before);
        let (c, length) = match escape.as_bytes().get(..2)? {
            b"\\n" => ('\n', 2),
            b"\\t" => ('\t', 2),
            b"\\r" => ('\r', 2),
            b"\\\"" => ('"', 2),
            b"\\\\" => ('\\', 2),
            b"\\u" => {
                let digits = escape
                    .get(2..6)
                    .filter(|text| text.bytes().all(|b| b.is_ascii_hexdigit()))?;
                // Half of a pair is no character.
                (char::from_u32(u32::from_str_radix(digits, 16).ok()?)?, 6)
            }
            _ => return None,
        };
        out.push(c);
        text = &escape[length..];
    }
    out.push_str(text);
    Some(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const LINE: &str = r#"{"Time":"2026-11-21T05:27:30.204681827Z","Action":"output","Package":"a.org/p","Test":"TestA/x","Output":"a \u003cnil\u003e \"b\"\\\n"}"#;

    #[test]
    fn gos_own_layout_is_read() {
        let event = read(LINE.as_bytes()).unwrap();
        assert_eq!(event.output.as_deref(), Some("a <nil> \"b\"\\\n"));
        assert_eq!(
            (event.package.as_deref(), event.test.as_deref()),
            (Some("a.org/p"), Some("TestA/x"))
        );
        let of_package = LINE.replace(r#","Test":"TestA/x""#, "");
        assert_eq!(read(of_package.as_bytes()).unwrap().test, None);
    }

    #[test]
    fn begins_and_ends_of_tests_are_read() {
        let line = r#"{"Time":"t","Action":"pass","Package":"p","Test":"TestA","Elapsed":1.25}"#;
        let event = read(line.as_bytes()).unwrap();
        assert_eq!((event.action, event.elapsed), (Action::Pass, Some(1.25)));
        let start = br#"{"Time":"t","Action":"start","Package":"p"}"#;
        assert_eq!(read(start).unwrap().action, Action::Start);
        for elapsed in ["01", "1.", ".5", "1.2.3", "1e3", "-1", "", "0.12345678901234567"] {
            let line = line.replace("1.25", elapsed);
            assert_eq!(read(line.as_bytes()), None, "{line}");
        }
    }

    #[test]
    fn all_else_is_left_to_the_parser() {
        for (from, to) in [
            (r#""output""#, r#""attr""#),
            (r#""}"#, r#"","OutputType":"frame"}"#),
            (r#"TestA/x"#, r#"Test\u003c"#),
            ("\\n", "\\ud83d\\ude00"),
            ("\\n", "\\b"),
            ("\\n", "\u{1}"),
            ("\\\\\\n", "\\"),
        ] {
            assert!(LINE.contains(from));
            let line = LINE.replacen(from, to, 1);
            assert_eq!(read(line.as_bytes()), None, "{line}");
        }
        assert_eq!(read(&[LINE.as_bytes(), b"\xff"].concat()), None);
    }

    proptest! {
        /// What it reads is what the parser reads.
        #[test]
        fn times_are_those_of_the_parser(whole in 0..100_000u32, part in "(\\.[0-9]{1,9})?", action in "(run|pass|fail|skip|cont)") {
            let line = format!(r#"{{"Time":"t","Action":"{action}","Package":"p","Test":"T","Elapsed":{whole}{part}}}"#);
            let parsed: Event<'_> = serde_json::from_str(&line).map_err(|error| TestCaseError::fail(error.to_string()))?;
            prop_assert_eq!(read(line.as_bytes()), Some(parsed));
        }

        #[test]
        fn it_says_what_the_parser_says(
            output in "(?s)(.|\\\\u003c|\\\\n|\\\\\\\\|\"|\\\\ud83d|\\\\u001e|[\u{0}-\u{1f}]){0,8}",
            test in proptest::option::of("[A-Za-z/\"\\\\]{0,4}"),
            end in "(\"\\}|\\}|\",\"Test\":\"B\"\\}|\"\\}\r?\n)",
        ) {
            let test = test.map_or_else(String::new, |test| format!(r#","Test":"{test}""#));
            let line = format!(r#"{{"Time":"t","Action":"output","Package":"p"{test},"Output":"{output}{end}"#);
            if let Some(read) = read(line.as_bytes()) {
                let parsed: Event<'_> = serde_json::from_str(line.trim()).map_err(|error| TestCaseError::fail(error.to_string()))?;
                prop_assert_eq!(read, parsed);
            }
        }
    }
}
