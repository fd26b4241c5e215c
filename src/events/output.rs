//! Output events in the layout in which go writes them, read without a JSON parser: a chatty test makes millions of them.
//! Whatever differs in the least is left to the parser, so that both always say the same.

use super::event::{Action, Event};
use std::borrow::Cow;

/// The event, if the line is an output event in go's own layout.
pub fn read(line: &[u8]) -> Option<Event<'_>> {
    let line = line.strip_suffix(b"\n").unwrap_or(line);
    let line = std::str::from_utf8(line.strip_suffix(b"\r").unwrap_or(line)).ok()?;
    let (time, rest) = plain(line.strip_prefix(r#"{"Time":""#)?)?;
    let (package, rest) = plain(rest.strip_prefix(r#","Action":"output","Package":""#)?)?;
    let (test, rest) = match rest.strip_prefix(r#","Test":""#) {
        Some(rest) => {
            let (test, rest) = plain(rest)?;
            (Some(test), rest)
        }
        None => (None, rest),
    };
    let output = rest.strip_prefix(r#","Output":""#)?.strip_suffix("\"}")?;
    let mut event = Event::new(Action::Output, package, test.map(Cow::Borrowed));
    event.time = Some(Cow::Borrowed(time));
    event.output = Some(Cow::Owned(unescaped(output)?));
    Some(event)
}

/// The string up to its quote, and what follows that; `None` if anything in it is escaped.
fn plain(text: &str) -> Option<(&str, &str)> {
    let end = memchr::memchr2(b'"', b'\\', text.as_bytes())?;
    let (string, rest) = text.split_at(end);
    let rest = rest.strip_prefix('"')?;
    string.bytes().all(|byte| byte >= 0x20).then_some((string, rest))
}

/// A JSON string's text; `None` if it is no whole string. Escapes that Go writes seldom are left to the parser.
fn unescaped(mut text: &str) -> Option<String> {
    let mut out = String::with_capacity(text.len());
    while let Some(at) = memchr::memchr2(b'\\', b'"', text.as_bytes()) {
        let (before, escape) = text.split_at(at);
        if before.bytes().any(|byte| byte < 0x20) {
            return None;
        }
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
    if text.bytes().any(|byte| byte < 0x20) {
        return None;
    }
    out.push_str(text);
    Some(out)
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
    fn all_else_is_left_to_the_parser() {
        for (from, to) in [
            (r#""output""#, r#""pass""#),
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
