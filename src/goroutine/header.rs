//! The header line of a block: `goroutine 7 gp=0x… m=0 mp=0x… [select (leaked), 3 minutes] {k: v}:`.
//!
//! Labels are inside the brackets in Go 1.26 and after them since Go 1.27, and their values may
//! hold `]:`; no wait reason holds a `]`, so the first bracket that closes is the right one.

use super::{Bubble, Label, State};
use memchr::memmem;

/// A header, borrowed from the dump.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct RawHeader<'a> {
    /// Goroutine id.
    pub id: u64,
    /// Between the brackets, without labels.
    pub status: &'a [u8],
    /// Between the braces of the labels; empty when there are none.
    pub labels: &'a [u8],
}

const START: &[u8] = b"goroutine ";
const LABELS_126: &[u8] = b" labels:{";

/// Reads one line (without its line end) as a header.
pub fn read(line: &[u8]) -> Option<RawHeader<'_>> {
    let rest = line.strip_prefix(START)?;
    let (id, rest) = number(rest)?;
    let rest = rest.strip_suffix(b":")?;
    let open = bracket(rest)?;
    let inner = &rest[open..];
    if let Some(inner) = inner.strip_suffix(b"]") {
        // A plain header must not pay for the search.
        let at = inner.ends_with(b"}").then(|| memmem::find(inner, LABELS_126));
        let (status, labels) = match at.flatten() {
            Some(at) => (&inner[..at], &inner[at + LABELS_126.len()..inner.len() - 1]),
            None => (inner, &b""[..]),
        };
        return Some(RawHeader { id, status, labels });
    }
    let inner = inner.strip_suffix(b"}")?;
    let close = memmem::find(inner, b"] {")?;
    Some(RawHeader {
        id,
        status: &inner[..close],
        labels: &inner[close + 3..],
    })
}

/// Whether a line without a line end might be a header that was cut off: `goroutine 99673 [sel`.
pub fn is_cut(line: &[u8]) -> bool {
    let Some((_, rest)) = line.strip_prefix(START).and_then(number) else {
        return false;
    };
    bracket(rest).is_some() && read(line).is_none()
}

/// Offset just behind the `[`, past the ` gp=… m=… mp=…` of crash dumps.
fn bracket(rest: &[u8]) -> Option<usize> {
    if rest.starts_with(b" [") {
        return Some(2);
    }
    if !rest.starts_with(b" gp=") {
        return None;
    }
    let open = memmem::find(rest, b" [")?;
    rest[..open]
        .iter()
        .all(|&byte| byte.is_ascii_alphanumeric() || byte == b'=' || byte == b' ')
        .then_some(open + 2)
}

/// Leading decimal digits, and what follows them.
pub fn number(text: &[u8]) -> Option<(u64, &[u8])> {
    let digits = text.iter().take_while(|byte| byte.is_ascii_digit()).count();
    if digits == 0 || digits > 20 {
        return None;
    }
    let value = text[..digits].iter().try_fold(0_u64, |sum, &digit| {
        sum.checked_mul(10)?.checked_add(u64::from(digit - b'0'))
    })?;
    Some((value, &text[digits..]))
}

/// The state that a status text says. Suffixes are peeled off from the end, because wait reasons
/// hold commas and parentheses themselves.
pub fn state(status: &[u8]) -> State {
    let text = String::from_utf8_lossy(status);
    let mut rest: &str = &text;
    let mut state = State::default();
    while let Some((before, last)) = rest.rsplit_once(", ") {
        if last == "locked to thread" {
            state.locked_to_thread = true;
        } else if let Some(minutes) = last.strip_suffix(" minutes").and_then(|n| n.parse().ok()) {
            state.minutes = Some(minutes);
        } else if let Some(id) = bubble(last) {
            state.bubble = Some(Bubble(id));
        } else {
            break;
        }
        rest = before;
    }
    loop {
        if let Some(before) = rest.strip_suffix(" (durable)") {
            (state.durable, rest) = (true, before);
        } else if let Some(before) = rest.strip_suffix(" (scan)") {
            (state.scan, rest) = (true, before);
        } else if let Some(before) = rest.strip_suffix(" (leaked)") {
            (state.leaked, rest) = (true, before);
        } else {
            break;
        }
    }
    state.reason = rest.to_owned();
    state
}

fn bubble(text: &str) -> Option<u64> {
    text.strip_prefix("synctest bubble ")
        .or_else(|| text.strip_prefix("synctest group "))?
        .parse()
        .ok()
}

/// The labels of a header. Keys and values are bare or quoted in Go's `printquoted` way.
pub fn labels(text: &[u8]) -> Vec<Label> {
    let mut labels = Vec::new();
    let mut rest = text;
    while !rest.is_empty() {
        let (key, after) = word(rest, b": ");
        let Some(after) = after.strip_prefix(b": ").or_else(|| after.strip_prefix(b":")) else {
            break;
        };
        let (value, after) = word(after, b", ");
        labels.push(Label { key, value });
        let Some(after) = after.strip_prefix(b", ") else {
            break;
        };
        rest = after;
    }
    labels
}

/// One key or value, and what follows it.
fn word<'a>(text: &'a [u8], end: &[u8]) -> (String, &'a [u8]) {
    let Some(inner) = text.strip_prefix(b"\"") else {
        let stop = memmem::find(text, end).unwrap_or(text.len());
        let stop = if stop == text.len() && end == b": " && text.ends_with(b":") {
            stop - 1
        } else {
            stop
        };
        return (String::from_utf8_lossy(&text[..stop]).into_owned(), &text[stop..]);
    };
    let mut out = Vec::new();
    let mut rest = inner;
    loop {
        match rest {
            [] => break,
            [b'"', after @ ..] => {
                rest = after;
                break;
            }
            [b'\\', after @ ..] => rest = escape(after, &mut out),
            [byte, after @ ..] => {
                out.push(*byte);
                rest = after;
            }
        }
    }
    (String::from_utf8_lossy(&out).into_owned(), rest)
}

/// What follows a backslash.
fn escape<'a>(text: &'a [u8], out: &mut Vec<u8>) -> &'a [u8] {
    let Some((&kind, rest)) = text.split_first() else {
        return text;
    };
    let digits = match kind {
        b'x' => 2,
        b'u' => 4,
        b'U' => 8,
        b'n' | b'r' | b't' => {
            out.push(match kind {
                b'n' => b'\n',
                b'r' => b'\r',
                _ => b'\t',
            });
            return rest;
        }
        other => {
            out.push(other);
            return rest;
        }
    };
    let hex = rest.get(..digits).and_then(|hex| std::str::from_utf8(hex).ok());
    let Some(code) = hex.and_then(|hex| u32::from_str_radix(hex, 16).ok()) else {
        return rest;
    };
    match u8::try_from(code) {
        Ok(byte) if kind == b'x' => out.push(byte),
        _ => out.extend_from_slice(char::from_u32(code).unwrap_or('\u{fffd}').to_string().as_bytes()),
    }
    &rest[digits..]
}

#[cfg(test)]
mod tests {
    use super::*;

    fn reason(header: &str) -> State {
        state(read(header.as_bytes()).expect("a header").status)
    }

    #[test]
    fn suffixes_come_off_in_gos_order_and_reasons_keep_their_parentheses() {
        let got =
            reason("goroutine 9 [chan receive (nil chan) (leaked) (scan), 12 minutes, locked to thread]:");
        assert_eq!(got.reason, "chan receive (nil chan)");
        assert!(got.leaked && got.scan && got.locked_to_thread && !got.durable);
        assert_eq!(got.minutes, Some(12));
        let got = reason("goroutine 9 [synctest.Run (durable), synctest bubble 1]:");
        assert_eq!(
            (got.reason.as_str(), got.bubble),
            ("synctest.Run", Some(Bubble(1)))
        );
        assert!(got.durable);
        for whole in [
            "select (no cases)",
            "GC worker (idle)",
            "???",
            "chan receive (synctest)",
            "running",
        ] {
            assert_eq!(reason(&format!("goroutine 1 [{whole}]:")).reason, whole);
        }
    }

    #[test]
    fn crash_headers_carry_pointers() {
        let got = read(b"goroutine 1 gp=0x2e304a7881e0 m=3 mp=0x2e304a7c3008 [running]:").expect("a header");
        assert_eq!((got.id, got.status), (1, &b"running"[..]));
        let got = read(b"goroutine 2 gp=0x2e304a788780 m=nil [force gc (idle)]:").expect("a header");
        assert_eq!(got.status, b"force gc (idle)");
    }

    #[test]
    fn labels_of_both_forms_may_hold_what_ends_a_header() {
        let old =
            read(br#"goroutine 19 [select (no cases) labels:{"k": "v", "q": "a ]: b"}]:"#).expect("1.26");
        let new = read(br#"goroutine 19 [select (no cases)] {k: v, q: "a ]: b"}:"#).expect("1.27");
        for header in [old, new] {
            assert_eq!(header.status, b"select (no cases)");
            let got = labels(header.labels);
            let got: Vec<_> = got.iter().map(|l| (l.key.as_str(), l.value.as_str())).collect();
            assert_eq!(got, [("k", "v"), ("q", "a ]: b")]);
        }
    }

    #[test]
    fn quoted_labels_are_unescaped_and_bare_ones_may_be_empty() {
        let got = labels(br#"empty: , "k-1": "a\"b\\c\n\u65e5\U0001f600\x41", last: "#);
        let got: Vec<_> = got.iter().map(|l| (l.key.as_str(), l.value.as_str())).collect();
        assert_eq!(got, [("empty", ""), ("k-1", "a\"b\\c\n日😀A"), ("last", "")]);
        let got = labels(br#"leakgate: "7:TestA/x, y: z""#);
        assert_eq!(got[0].value, "7:TestA/x, y: z");
    }

    #[test]
    fn what_is_no_header_is_refused() {
        for line in [
            "goroutine ",
            "goroutine x [running]:",
            "goroutine 1 [running]",
            "goroutine 1 running:",
            "goroutine 99999999999999999999999 [running]:",
            "goroutine 1 lives [running]:",
            " goroutine 1 [running]:",
        ] {
            assert_eq!(read(line.as_bytes()), None, "{line}");
        }
        assert!(is_cut(b"goroutine 99673 [sel"));
        assert!(!is_cut(b"goroutine 99673 [select]:"));
        assert!(!is_cut(b"goro"));
    }
}
