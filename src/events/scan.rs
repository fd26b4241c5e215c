//! The fast way through a line that go itself wrote: one flat object, no blanks, borrowed strings.
//!
//! Whatever is unusual (nesting, blanks, surrogates, a field twice, unknown fields) gives `None`, and serde_json reads
//! the line. On every line that both read they agree; a property test and a fuzz target hold them to it.

use super::event::{Action, Event};
use std::borrow::Cow;

/// Reads `line`, trimmed. `None`: not one of go's plain lines.
pub(super) fn scan(line: &[u8]) -> Option<Event<'_>> {
    let mut rest = std::str::from_utf8(line).ok()?.strip_prefix('{')?;
    let mut event = Event::empty();
    let mut action = None;
    loop {
        let key;
        (key, rest) = plain_key(rest)?;
        if key == "Elapsed" {
            let seconds;
            (seconds, rest) = number(rest)?;
            set(&mut event.elapsed, seconds)?;
        } else {
            let value;
            (value, rest) = string(rest)?;
            let slot = match key {
                "Time" => &mut event.time,
                "Action" => &mut action,
                "Package" => &mut event.package,
                "Test" => &mut event.test,
                "Output" => &mut event.output,
                "OutputType" => &mut event.output_type,
                "ImportPath" => &mut event.import_path,
                "FailedBuild" => &mut event.failed_build,
                "Key" => &mut event.key,
                "Value" => &mut event.value,
                "Path" => &mut event.path,
                _ => return None,
            };
            set(slot, value)?;
        }
        match rest.as_bytes() {
            [b',', ..] => rest = &rest[1..],
            [b'}'] => break,
            _ => return None,
        }
    }
    event.action = Action::from(action?);
    Some(event)
}

fn set<T>(slot: &mut Option<T>, value: T) -> Option<()> {
    slot.replace(value).is_none().then_some(())
}

fn plain_key(text: &str) -> Option<(&str, &str)> {
    let (key, rest) = text.strip_prefix('"')?.split_once('"')?;
    Some((key, rest.strip_prefix(':')?))
}

fn number(text: &str) -> Option<(f64, &str)> {
    let end = text.find([',', '}'])?;
    let (number, rest) = text.split_at(end);
    let (whole, fraction) = number.split_once('.').unwrap_or((number, "0"));
    let digits = |part: &str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit());
    let plain = digits(whole) && digits(fraction) && (whole == "0" || !whole.starts_with('0'));
    plain
        .then(|| number.parse().ok())
        .flatten()
        .map(|number| (number, rest))
}

fn string(text: &str) -> Option<(Cow<'_, str>, &str)> {
    let text = text.strip_prefix('"')?;
    let stop = memchr::memchr2(b'"', b'\\', text.as_bytes())?;
    if text.as_bytes()[stop] == b'"' {
        let (value, rest) = text.split_at(stop);
        return no_control(value).then(|| (Cow::Borrowed(value), &rest[1..]));
    }
    unescape(text, stop)
}

/// A string with escapes, the first of which stands at `escape`.
fn unescape(text: &str, mut escape: usize) -> Option<(Cow<'_, str>, &str)> {
    let mut value = String::with_capacity(escape + 16);
    let mut rest = text;
    loop {
        let (plain, after) = rest.split_at(escape);
        if !no_control(plain) {
            return None;
        }
        value.push_str(plain);
        if let Some(rest) = after.strip_prefix('"') {
            return Some((Cow::Owned(value), rest));
        }
        let (character, length) = match *after.as_bytes().get(1)? {
            b'n' => ('\n', 2),
            b't' => ('\t', 2),
            b'r' => ('\r', 2),
            b'b' => ('\u{8}', 2),
            b'f' => ('\u{c}', 2),
            plain @ (b'"' | b'\\' | b'/') => (char::from(plain), 2),
            b'u' => (char::from_u32(hex4(after.as_bytes().get(2..6)?)?)?, 6),
            _ => return None,
        };
        value.push(character);
        rest = &after[length..];
        escape = memchr::memchr2(b'"', b'\\', rest.as_bytes())?;
    }
}

fn hex4(digits: &[u8]) -> Option<u32> {
    digits.iter().try_fold(0, |number, digit| {
        Some(number * 16 + char::from(*digit).to_digit(16)?)
    })
}

fn no_control(text: &str) -> bool {
    text.bytes().all(|byte| byte >= 0x20)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn gos_own_lines_take_the_fast_way() {
        for line in [
            r#"{"Time":"2026-11-21T05:27:30.1Z","Action":"output","Package":"p","Test":"T/é","Output":"a\t\u003cb\u003e \"q\"\n","OutputType":"frame"}"#,
            r#"{"Time":"2026-11-21T05:27:30.1Z","Action":"fail","Package":"p","Elapsed":0,"FailedBuild":"p [p.test]"}"#,
            r#"{"ImportPath":"p [p.test]","Action":"build-output","Output":"x\n"}"#,
            r#"{"Action":"attr","Package":"p","Test":"T","Key":"k","Value":"v"}"#,
            r#"{"Action":"pass","Package":"p","Elapsed":12.345}"#,
        ] {
            let fast = scan(line.as_bytes()).unwrap_or_else(|| panic!("not scanned: {line}"));
            assert_eq!(fast, serde_json::from_str(line).unwrap(), "{line}");
        }
    }

    #[test]
    fn what_is_no_json_is_not_scanned() {
        for line in [
            "{\"Action\":\"a\tb\"}",
            r#"{"Action":"\q"}"#,
            r#"{"Action":"x""#,
            r#"{"Action":"x"}}"#,
            r#"{"Action":"x",}"#,
            r#"{"Action":"\ud800"}"#,
            r#"{"Action":"x","Elapsed":01}"#,
            r#"{"Action":"x","Elapsed":1.}"#,
            "{}",
            "{",
            r#"{"Action":"x","Action":"y"}"#,
            r#"{"Package":"p"}"#,
            r#"{"Action":"\u12"#,
        ] {
            assert!(scan(line.as_bytes()).is_none(), "{line}");
        }
    }

    proptest! {
        #[test]
        fn the_fast_way_and_serde_agree_on_any_event(
            package in ".{0,20}", test in proptest::option::of(".{0,20}"), output in proptest::option::of("(?s).{0,80}"),
            milliseconds in proptest::option::of(0..10_000_000_u32),
        ) {
            let mut event = Event::new(Action::Output, package, test.map(Cow::Owned));
            event.output = output.map(Cow::Owned);
            event.elapsed = milliseconds.map(|ms| f64::from(ms) / 1000.0);
            let line = serde_json::to_vec(&event).unwrap();
            let slow: Event<'_> = serde_json::from_slice(&line).unwrap();
            prop_assert_eq!(&slow, &event);
            if let Some(fast) = scan(&line) {
                prop_assert_eq!(fast, slow);
            }
        }

        #[test]
        fn no_bytes_make_it_panic_and_what_it_reads_serde_reads(line in "\\{(\"(Action|Test|Elapsed)\":(\"[a\\\\\"nu0-9\t]{0,8}\"|[0-9.e-]{1,4}),?){0,3}\\}?") {
            if let Some(fast) = scan(line.as_bytes()) {
                prop_assert_eq!(Some(fast), serde_json::from_str(&line).ok());
            }
        }
    }
}
