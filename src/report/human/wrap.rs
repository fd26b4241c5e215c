//! Prose wrapped at a width.

use textwrap::{Options, WordSeparator, WordSplitter};

/// Breaks at spaces so that no line is longer than `width` characters, save words that are longer themselves.
pub(super) fn wrap(text: &str, width: usize) -> Vec<String> {
    let words = Options::new(width)
        .word_separator(WordSeparator::AsciiSpace)
        .word_splitter(WordSplitter::NoHyphenation)
        .break_words(false);
    let one_space = text
        .split(' ')
        .filter(|word| !word.is_empty())
        .collect::<Vec<_>>()
        .join(" ");
    textwrap::wrap(&one_space, words)
        .into_iter()
        .map(Into::into)
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_stay_within_the_width() {
        assert_eq!(wrap("one two  three four", 9), ["one two", "three", "four"]);
        assert_eq!(wrap("", 9), [""]);
        assert_eq!(wrap("immeasurable a", 4), ["immeasurable", "a"]);
    }
}
