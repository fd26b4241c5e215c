//! Lines of a dump, with a look at the next two.

use memchr::memchr;

/// One line.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Line<'a> {
    /// Without `\n` or `\r\n`.
    pub text: &'a [u8],
    /// With its line end.
    pub whole: &'a [u8],
    /// Whether a `\n` ended it.
    pub ended: bool,
}

/// A place in the text. Copying it is how to look further ahead.
#[derive(Debug, Clone, Copy)]
pub struct Lines<'a> {
    rest: &'a [u8],
}

impl<'a> Lines<'a> {
    /// From the start of `text`.
    pub fn new(text: &'a [u8]) -> Self {
        Self { rest: text }
    }

    /// The next line, which stays the next.
    pub fn peek(&self) -> Option<Line<'a>> {
        split(self.rest).map(|(line, _)| line)
    }

    /// The line after the next.
    pub fn peek_second(&self) -> Option<Line<'a>> {
        let (_, rest) = split(self.rest)?;
        split(rest).map(|(line, _)| line)
    }

    /// The next two lines, if both are ended by a `\n` and not empty, and the place behind them.
    pub fn two(&self) -> Option<(&'a [u8], &'a [u8], Self)> {
        let first = memchr(b'\n', self.rest).filter(|&end| end > 0)?;
        let after = &self.rest[first + 1..];
        let second = memchr(b'\n', after)?;
        let rest = Self {
            rest: &after[second + 1..],
        };
        let (call, under) = (&self.rest[..first], &after[..second]);
        (call[0] != b'\r').then_some((call, under, rest))
    }

    /// Whether nothing follows this next line.
    pub fn is_last(&self, next: &Line<'a>) -> bool {
        self.rest.len() == next.whole.len()
    }
}

impl<'a> Iterator for Lines<'a> {
    type Item = Line<'a>;

    fn next(&mut self) -> Option<Line<'a>> {
        let (line, rest) = split(self.rest)?;
        self.rest = rest;
        Some(line)
    }
}

fn split(text: &[u8]) -> Option<(Line<'_>, &[u8])> {
    if text.is_empty() {
        return None;
    }
    let (whole, ended) = match memchr(b'\n', text) {
        Some(end) => (&text[..=end], true),
        None => (text, false),
    };
    let line = whole.strip_suffix(b"\n").unwrap_or(whole);
    let line = line.strip_suffix(b"\r").unwrap_or(line);
    Some((
        Line {
            text: line,
            whole,
            ended,
        },
        &text[whole.len()..],
    ))
}
