//! Go tokens: identifiers, strings, punctuation and comments, with their bytes.

use std::borrow::Cow;
use std::ops::Range;

/// What a token is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TokenKind {
    /// A word: identifier or keyword.
    Word,
    /// A string literal, quoted or raw.
    Text,
    /// A number or a rune literal.
    Number,
    /// One character of punctuation.
    Punct,
    /// A comment, with its marks.
    Comment,
}

/// One token.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Token<'a> {
    /// What it is.
    pub kind: TokenKind,
    /// As written.
    pub text: &'a str,
    /// Bytes of the source.
    pub span: Range<usize>,
}

impl Token<'_> {
    /// Whether it is this punctuation or word.
    pub fn is(&self, text: &str) -> bool {
        matches!(self.kind, TokenKind::Punct | TokenKind::Word) && self.text == text
    }

    /// The value of a string literal; `None` if it is none, or has an escape that is no text.
    pub fn value(&self) -> Option<Cow<'_, str>> {
        if self.kind != TokenKind::Text {
            return None;
        }
        if let Some(raw) = self.text.strip_prefix('`') {
            return Some(Cow::Owned(raw.strip_suffix('`').unwrap_or(raw).replace('\r', "")));
        }
        let inner = self.text.strip_prefix('"')?.strip_suffix('"')?;
        if inner.contains('\\') {
            unquote(inner).map(Cow::Owned)
        } else {
            Some(Cow::Borrowed(inner))
        }
    }
}

fn unquote(inner: &str) -> Option<String> {
    let mut out = Vec::with_capacity(inner.len());
    let mut rest = inner;
    while let Some(at) = rest.find('\\') {
        out.extend_from_slice(&rest.as_bytes()[..at]);
        let escape = &rest[at + 1..];
        let first = escape.chars().next()?;
        let digits = |count: usize, radix| {
            let skip = usize::from(first != '0' && !first.is_ascii_digit());
            let digits = escape.get(skip..skip + count)?;
            Some((u32::from_str_radix(digits, radix).ok()?, skip + count))
        };
        let (value, length) = match first {
            'n' => (0x0a, 1),
            't' => (0x09, 1),
            'r' => (0x0d, 1),
            'a' => (0x07, 1),
            'b' => (0x08, 1),
            'f' => (0x0c, 1),
            'v' => (0x0b, 1),
            '\\' | '"' | '\'' => (u32::from(first), 1),
            'x' => digits(2, 16)?,
            'u' => digits(4, 16)?,
            'U' => digits(8, 16)?,
            '0'..='7' => digits(3, 8)?,
            _ => return None,
        };
        if matches!(first, 'u' | 'U') {
            out.extend_from_slice(char::from_u32(value)?.encode_utf8(&mut [0; 4]).as_bytes());
        } else {
            out.push(u8::try_from(value).ok()?);
        }
        rest = &escape[length..];
    }
    out.extend_from_slice(rest.as_bytes());
    String::from_utf8(out).ok()
}

/// All tokens of a source. Whatever can't be read as Go becomes punctuation.
pub fn tokens(source: &str) -> Vec<Token<'_>> {
    let mut tokens = Vec::new();
    let mut at = 0;
    while let Some(first) = source[at..].chars().next() {
        if first.is_whitespace() {
            at += first.len_utf8();
            continue;
        }
        let (kind, length) = measure(&source[at..], first);
        tokens.push(Token {
            kind,
            text: &source[at..at + length],
            span: at..at + length,
        });
        at += length;
    }
    tokens
}

fn measure(rest: &str, first: char) -> (TokenKind, usize) {
    let until = |mark: &str, from: usize| rest[from..].find(mark).map(|at| from + at + mark.len());
    match first {
        _ if rest.starts_with("//") => (TokenKind::Comment, rest.find('\n').unwrap_or(rest.len())),
        _ if rest.starts_with("/*") => (TokenKind::Comment, until("*/", 2).unwrap_or(rest.len())),
        '`' => (TokenKind::Text, until("`", 1).unwrap_or(rest.len())),
        '"' => (TokenKind::Text, quoted(rest, '"')),
        '\'' => (TokenKind::Number, quoted(rest, '\'')),
        _ if first.is_alphabetic() || first == '_' => (
            TokenKind::Word,
            span_of(rest, |c| c.is_alphanumeric() || c == '_'),
        ),
        _ if first.is_ascii_digit() => (
            TokenKind::Number,
            span_of(rest, |c| c.is_alphanumeric() || c == '_' || c == '.'),
        ),
        _ => (TokenKind::Punct, first.len_utf8()),
    }
}

fn span_of(rest: &str, holds: impl Fn(char) -> bool) -> usize {
    rest.find(|c: char| !holds(c)).unwrap_or(rest.len())
}

/// The length of a literal up to its closing mark, or to the end of the line if it has none.
fn quoted(rest: &str, mark: char) -> usize {
    let mut escaped = false;
    for (at, c) in rest.char_indices().skip(1) {
        match c {
            '\n' => return at,
            _ if escaped => escaped = false,
            '\\' => escaped = true,
            _ if c == mark => return at + c.len_utf8(),
            _ => {}
        }
    }
    rest.len()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn marks_inside_of_text_are_text() {
        let texts: Vec<&str> = tokens("f(\"a // \\\" b\", `c \" /*`, '\\'', 0x1F) // end\n/* x */ é")
            .iter()
            .map(|t| t.text)
            .collect();
        assert_eq!(
            texts,
            [
                "f",
                "(",
                "\"a // \\\" b\"",
                ",",
                "`c \" /*`",
                ",",
                "'\\''",
                ",",
                "0x1F",
                ")",
                "// end",
                "/* x */",
                "é"
            ]
        );
    }

    #[test]
    fn literals_are_read_as_go_reads_them() {
        let value = |source| tokens(source)[0].value().map(Cow::into_owned);
        assert_eq!(value(r#""a\tb\x41\u00e4\101\\""#).as_deref(), Some("a\tbAäA\\"));
        assert_eq!(value("`a\\n`").as_deref(), Some("a\\n"));
        assert_eq!(value("\"open"), None);
        assert_eq!(value(r#""\q""#), None);
        assert_eq!(value(r#""\x4""#), None);
    }

    proptest! {
        #[test]
        fn tokens_never_overlap_and_leave_out_only_white_space(source in "(?s).{0,80}") {
            let mut done = 0;
            for token in tokens(&source) {
                prop_assert!(source[done..token.span.start].chars().all(char::is_whitespace));
                prop_assert!(!token.span.is_empty());
                let _ = token.value();
                done = token.span.end;
            }
            prop_assert!(source[done..].chars().all(char::is_whitespace));
        }
    }
}
