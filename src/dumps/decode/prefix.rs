//! What other tools put before each line: a CI's timestamps, container names, the indent of `t.Log`.
//!
//! A prefix is the text before a header in its line. Later lines lose it if theirs has the same shape: numbers may
//! differ, all else is equal.

use crate::goroutine::header;
use memchr::memmem;

/// What a profile's first line begins with.
const PROFILES: [&[u8]; 2] = [b"goroutine profile: total ", b"goroutineleak profile: total "];
/// What is longer is no prefix.
const MAX_PREFIX: usize = 256;

/// Lines with one prefix.
#[derive(Debug)]
pub struct Wrapped {
    prefix: Vec<u8>,
    /// `t.Log` puts its place before the first line only, and spaces before the others.
    indent: Option<usize>,
    after_header: bool,
}

impl Wrapped {
    /// If the line holds a header, not at its start.
    pub fn at_header(line: &[u8]) -> Option<Self> {
        let column = column(line).filter(|column| (1..=MAX_PREFIX).contains(column))?;
        Some(Self {
            prefix: line[..column].to_vec(),
            indent: None,
            after_header: false,
        })
    }

    /// Whether the prefix is space alone.
    pub fn is_blank(&self) -> bool {
        self.prefix.trim_ascii().is_empty()
    }

    /// The line without the prefix, if it has it.
    pub fn take<'a>(&mut self, line: &'a [u8]) -> Option<&'a [u8]> {
        if let Some(length) = same_shape(&self.prefix, line) {
            let text = &line[length..];
            self.after_header = column(text) == Some(0);
            self.indent = None;
            return Some(text);
        }
        let spaces = line.iter().take_while(|&&byte| byte == b' ').count();
        if std::mem::take(&mut self.after_header) && spaces > 0 {
            self.indent = Some(spaces);
        }
        let indent = self.indent?;
        if line.trim_ascii().is_empty() {
            return Some(b"\n");
        }
        if spaces < indent {
            self.indent = None;
            return None;
        }
        Some(&line[indent..])
    }
}

/// Where a header, or the first line of a profile, begins in a line.
fn column(line: &[u8]) -> Option<usize> {
    let text = line.trim_ascii_end();
    if let Some(column) = memmem::find(text, b"goroutine ")
        && header::read(&text[column..]).is_some()
    {
        return Some(column);
    }
    if !text.last().is_some_and(u8::is_ascii_digit) {
        return None;
    }
    PROFILES.iter().find_map(|start| {
        let column = memmem::find(text, start)?;
        let total = header::number(&text[column + start.len()..]);
        total.is_some_and(|(_, rest)| rest.is_empty()).then_some(column)
    })
}

/// How long the prefix is in this line.
fn same_shape(prefix: &[u8], line: &[u8]) -> Option<usize> {
    let digits = |text: &[u8]| text.iter().take_while(|byte| byte.is_ascii_digit()).count();
    let (mut wanted, mut rest) = (prefix, line);
    while let Some((&byte, after)) = wanted.split_first() {
        if byte.is_ascii_digit() {
            let count = digits(rest);
            if count == 0 {
                return None;
            }
            wanted = &wanted[digits(wanted)..];
            rest = &rest[count..];
            continue;
        }
        match rest.split_first() {
            Some((&other, others)) if other == byte => (wanted, rest) = (after, others),
            // An empty line whose prefix lost its trailing spaces.
            _ if wanted.trim_ascii().is_empty() && rest.trim_ascii().is_empty() => break,
            _ => return None,
        }
    }
    Some(line.len() - rest.len())
}
