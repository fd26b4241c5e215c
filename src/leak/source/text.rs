//! A Go file with comments and literals blanked out, its lines and its blocks.

use std::ops::Range;

/// A file. Offsets are the same in the text and in what was blanked out.
#[derive(Debug, Clone)]
pub struct GoText {
    code: String,
    lines: Vec<usize>,
    /// `{` and its `}`, by the place of the `{`.
    blocks: Vec<(usize, usize)>,
}

/// A function of the file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Func {
    /// From the keyword `func` to before the body.
    pub head: Range<usize>,
    /// Between the braces.
    pub body: Range<usize>,
}

impl GoText {
    /// Reads a file.
    pub fn new(text: &str) -> Self {
        let code = blank(text);
        let lines = std::iter::once(0)
            .chain(code.match_indices('\n').map(|(at, _)| at + 1))
            .collect();
        let blocks = blocks(&code);
        Self { code, lines, blocks }
    }

    /// All code.
    pub fn code(&self) -> &str {
        &self.code
    }

    /// Where a line (from 1) starts and ends, if there is such a line.
    pub fn line(&self, number: u32) -> Option<Range<usize>> {
        let index = usize::try_from(number).ok()?.checked_sub(1)?;
        let start = *self.lines.get(index)?;
        let end = self.lines.get(index + 1).map_or(self.code.len(), |next| next - 1);
        Some(start..end)
    }

    /// The number of the line that holds an offset.
    pub fn line_of(&self, offset: usize) -> u32 {
        u32::try_from(self.lines.partition_point(|&start| start <= offset)).unwrap_or(u32::MAX)
    }

    /// The end of the block that opens at `open`.
    pub fn block_end(&self, open: usize) -> Option<usize> {
        self.blocks
            .binary_search_by_key(&open, |block| block.0)
            .ok()
            .map(|index| self.blocks[index].1)
    }

    /// The innermost block around an offset.
    pub fn block_around(&self, offset: usize) -> Option<(usize, usize)> {
        self.blocks
            .iter()
            .rev()
            .find(|block| block.0 < offset && offset <= block.1)
            .copied()
    }

    /// The functions and function literals around an offset, innermost first.
    pub fn funcs_around(&self, offset: usize) -> Vec<Func> {
        let around = self
            .blocks
            .iter()
            .rev()
            .filter(|block| block.0 < offset && offset <= block.1);
        around
            .filter_map(|&(open, close)| self.func_with_body(open, close))
            .collect()
    }

    /// Whether the block is the body of a function: walks back over results and parameters to `func`.
    fn func_with_body(&self, open: usize, close: usize) -> Option<Func> {
        let bytes = self.code.as_bytes();
        let mut depth = 0_usize;
        let mut at = open;
        while at > 0 && open - at < 2_000 {
            at -= 1;
            match bytes[at] {
                b')' | b']' | b'}' => depth += 1,
                b'(' | b'[' | b'{' if depth == 0 => return None,
                b'(' | b'[' | b'{' => depth -= 1,
                b'\n' | b';' if depth == 0 => return None,
                b'f' if depth == 0 && is_word(&self.code, at, "func") => {
                    return Some(Func {
                        head: at..open,
                        body: open + 1..close,
                    });
                }
                _ => {}
            }
        }
        None
    }
}

/// Whether `word` stands at `at` as a word of its own.
pub fn is_word(code: &str, at: usize, word: &str) -> bool {
    let bytes = code.as_bytes();
    bytes[at..].starts_with(word.as_bytes())
        && (at == 0 || !is_name(bytes[at - 1]))
        && bytes.get(at + word.len()).is_none_or(|&next| !is_name(next))
}

/// Bytes of a Go identifier.
pub fn is_name(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte == b'_' || byte >= 0x80
}

/// Places of a word in a part of the code.
pub fn words<'a>(code: &'a str, range: Range<usize>, word: &'a str) -> impl Iterator<Item = usize> + 'a {
    let part = code.get(range.clone()).unwrap_or("");
    part.match_indices(word)
        .map(move |(at, _)| range.start + at)
        .filter(move |&at| is_word(code, at, word))
}

/// Comments and the insides of literals become spaces; line ends stay.
fn blank(text: &str) -> String {
    let mut out = text.as_bytes().to_vec();
    let mut at = 0;
    while at < out.len() {
        let end = match (out[at], out.get(at + 1)) {
            (b'/', Some(b'/')) => end_of(&out, at + 2, b"\n", false),
            (b'/', Some(b'*')) => end_of(&out, at + 2, b"*/", false) + 2,
            (b'"', _) => end_of(&out, at + 1, b"\"", true) + 1,
            (b'\'', _) => end_of(&out, at + 1, b"'", true) + 1,
            (b'`', _) => end_of(&out, at + 1, b"`", false) + 1,
            _ => {
                at += 1;
                continue;
            }
        };
        let end = end.min(out.len());
        for byte in &mut out[at..end] {
            if *byte != b'\n' {
                *byte = b' ';
            }
        }
        at = end;
    }
    String::from_utf8(out).unwrap_or_default()
}

/// Where a comment or literal ends. An interpreted literal never goes past its line.
fn end_of(text: &[u8], from: usize, end: &[u8], escapes: bool) -> usize {
    let mut at = from;
    while at < text.len() {
        if text[at..].starts_with(end) || (escapes && text[at] == b'\n') {
            return at;
        }
        at += if escapes && text[at] == b'\\' { 2 } else { 1 };
    }
    text.len()
}

fn blocks(code: &str) -> Vec<(usize, usize)> {
    let mut open = Vec::new();
    let mut blocks = Vec::new();
    for (at, byte) in code.bytes().enumerate() {
        match byte {
            b'{' => open.push(at),
            b'}' => blocks.extend(open.pop().map(|start| (start, at))),
            _ => {}
        }
    }
    blocks.sort_unstable();
    blocks
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn comments_and_literals_are_blanked_and_lines_stay() {
        let text = GoText::new("a := \"{\\\"\" // {\n/* {\n */ b := '{' + `{\n{`\nc");
        assert!(!text.code().contains('{'));
        assert_eq!(text.code().lines().count(), 5);
        assert_eq!(
            text.line(5).map(|range| text.code()[range].to_owned()),
            Some("c".into())
        );
        assert_eq!(text.line(6), None);
        assert_eq!(text.line_of(text.code().len() - 1), 5);
    }

    #[test]
    fn functions_around_are_found_from_the_inside() {
        let code = "package p\nfunc (s *S[T]) Run(ctx context.Context, f func() error) (chan struct{}, error) {\n\tfor {\n\t\tgo func(n int) {\n\t\t\tif x { y() }\n\t\t}(1)\n\t}\n}\n";
        let text = GoText::new(code);
        let at = code.find("y()").unwrap();
        let heads: Vec<String> = text
            .funcs_around(at)
            .into_iter()
            .map(|func| code[func.head].trim().to_owned())
            .collect();
        assert_eq!(heads.len(), 2);
        assert_eq!(heads[0], "func(n int)");
        assert!(heads[1].starts_with("func (s *S[T]) Run("));
    }
}
