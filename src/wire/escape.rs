//! Any bytes as printable ASCII, so that test2json carries them unchanged.

/// Appends `bytes` escaped: `\n`, `\t`, `\\` and `\xNN` replace what is not printable ASCII.
pub fn escape(bytes: &[u8], out: &mut String) {
    const HEX: &[u8; 16] = b"0123456789abcdef";
    for &byte in bytes {
        match byte {
            b'\n' => out.push_str("\\n"),
            b'\t' => out.push_str("\\t"),
            b'\\' => out.push_str("\\\\"),
            b' '..=b'~' => out.push(char::from(byte)),
            _ => {
                out.push_str("\\x");
                out.push(char::from(HEX[usize::from(byte >> 4)]));
                out.push(char::from(HEX[usize::from(byte & 15)]));
            }
        }
    }
}

/// Appends what `text` encodes; `None` if it is not what [`escape`] writes.
pub fn unescape(text: &str, out: &mut Vec<u8>) -> Option<()> {
    let mut rest = text.as_bytes();
    while let Some((&byte, tail)) = rest.split_first() {
        rest = tail;
        match byte {
            b'\\' => {
                let (&kind, tail) = rest.split_first()?;
                rest = tail;
                out.push(match kind {
                    b'n' => b'\n',
                    b't' => b'\t',
                    b'\\' => b'\\',
                    b'x' => {
                        let (high, low) = (hex(*rest.first()?)?, hex(*rest.get(1)?)?);
                        rest = &rest[2..];
                        high << 4 | low
                    }
                    _ => return None,
                });
            }
            b' '..=b'~' => out.push(byte),
            _ => return None,
        }
    }
    Some(())
}

fn hex(digit: u8) -> Option<u8> {
    match digit {
        b'0'..=b'9' => Some(digit - b'0'),
        b'a'..=b'f' => Some(digit - b'a' + 10),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn any_bytes_come_back(bytes: Vec<u8>) {
            let mut text = String::new();
            escape(&bytes, &mut text);
            prop_assert!(text.bytes().all(|b| (b' '..=b'~').contains(&b)));
            let mut back = Vec::new();
            prop_assert_eq!(unescape(&text, &mut back), Some(()));
            prop_assert_eq!(back, bytes);
        }

        #[test]
        fn any_text_is_refused_or_read(text: String) {
            let _ = unescape(&text, &mut Vec::new());
        }
    }

    #[test]
    fn what_escape_does_not_write_is_refused() {
        for text in ["\\", "\\q", "\\x", "\\x1", "\\xZZ", "\\x1E", "a\tb", "ü"] {
            assert_eq!(unescape(text, &mut Vec::new()), None, "{text:?}");
        }
    }
}
