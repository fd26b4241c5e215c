//! Text from outside (test names, paths, source, output) made safe to show: nothing in it can steer a terminal,
//! hide itself, or reorder what is beside it.

use std::borrow::Cow;

/// Longest name shown in one piece by formats for people; longer ones are cut in the middle.
pub const NAME_LIMIT: usize = 300;

/// Most characters of a test's or a package's output that are shown.
pub const OUTPUT_LIMIT: usize = 65_536;

/// One line of text: control characters (also ESC, C1, tab and newline), bidi controls and invisible
/// format characters are shown as escapes (`\x1b`, `\u{202e}`); all else stays.
pub fn safe_text(text: &str) -> Cow<'_, str> {
    let is_plain = text
        .bytes()
        .fold(true, |all, byte| all & (0x20..0x7f).contains(&byte));
    if is_plain || !text.chars().any(steers) {
        return Cow::Borrowed(text);
    }
    let mut safe = String::with_capacity(text.len() + 16);
    for c in text.chars() {
        match c {
            '\n' => safe.push_str("\\n"),
            '\r' => safe.push_str("\\r"),
            '\t' => safe.push_str("\\t"),
            c if steers(c) && (c as u32) < 0x100 => safe.push_str(&format!("\\x{:02x}", c as u32)),
            c if steers(c) => safe.push_str(&format!("\\u{{{:x}}}", c as u32)),
            c => safe.push(c),
        }
    }
    Cow::Owned(safe)
}

/// As [`safe_text`], and cut in the middle to at most `limit` characters.
pub fn safe_name(text: &str, limit: usize) -> String {
    safe_text(&cut_middle(text, limit)).into_owned()
}

/// Several lines: each made safe, line ends kept, tabs kept for the caller to expand.
pub fn safe_lines(text: &str) -> String {
    let mut safe = String::with_capacity(text.len());
    for (index, line) in text.split('\n').enumerate() {
        if index > 0 {
            safe.push('\n');
        }
        let line = line.strip_suffix('\r').unwrap_or(line);
        for (column, cell) in line.split('\t').enumerate() {
            if column > 0 {
                safe.push('\t');
            }
            safe.push_str(&safe_text(cell));
        }
    }
    safe
}

/// Output for a terminal: lines and tabs stay, and so do colours (`ESC [ … m`); all else that steers a terminal is shown.
pub fn safe_terminal(text: &str) -> Cow<'_, str> {
    let stays = |c: char| matches!(c, '\n' | '\t') || !steers(c);
    if text.chars().all(stays) {
        return Cow::Borrowed(text);
    }
    let mut safe = String::with_capacity(text.len() + 16);
    let mut rest = text;
    while let Some(at) = rest.find(|c| !stays(c)) {
        safe.push_str(&rest[..at]);
        rest = &rest[at..];
        let colour = colour_sequence(rest);
        if colour > 0 {
            safe.push_str(&rest[..colour]);
            rest = &rest[colour..];
        } else {
            let width = rest.chars().next().map_or(0, char::len_utf8);
            if !rest.starts_with("\r\n") {
                safe.push_str(&safe_text(&rest[..width]));
            }
            rest = &rest[width..];
        }
    }
    safe.push_str(rest);
    Cow::Owned(safe)
}

/// How long the sequence is that `text` begins with and that sets colours; 0 if it does not.
fn colour_sequence(text: &str) -> usize {
    let Some(rest) = text.strip_prefix("\x1b[") else {
        return 0;
    };
    let digits = rest
        .find(|c: char| !matches!(c, '0'..='9' | ';' | ':'))
        .unwrap_or(rest.len());
    if rest[digits..].starts_with('m') {
        digits + 3
    } else {
        0
    }
}

/// As [`safe_lines`], cut in the middle to at most [`OUTPUT_LIMIT`] characters.
pub fn safe_output(text: &str) -> String {
    safe_lines(&cut_middle(text, OUTPUT_LIMIT))
}

/// Cuts a text in the middle, with an ellipsis, when it has more than `limit` characters.
pub fn cut_middle(text: &str, limit: usize) -> Cow<'_, str> {
    if text.len() <= limit || text.chars().nth(limit).is_none() {
        return Cow::Borrowed(text);
    }
    let keep = limit.saturating_sub(1);
    let head: String = text.chars().take(keep - keep / 2).collect();
    let mut tail: Vec<char> = text.chars().rev().take(keep / 2).collect();
    tail.reverse();
    Cow::Owned(head + "…" + &tail.into_iter().collect::<String>())
}

/// Whether a character acts on the terminal or on its neighbours instead of being seen.
fn steers(c: char) -> bool {
    c.is_control()
        || matches!(
            c,
            '\u{061c}' | '\u{200b}' | '\u{200e}' | '\u{200f}' | '\u{feff}' | '\u{2028}' | '\u{2029}'
        )
        || ('\u{202a}'..='\u{202e}').contains(&c)
        || ('\u{2060}'..='\u{206f}').contains(&c)
        || ('\u{e0000}'..='\u{e007f}').contains(&c)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ordinary_text_is_borrowed() {
        assert!(matches!(safe_text("TestÄ/größe=1 日本 👩‍👩‍👧"), Cow::Borrowed(_)));
    }

    #[test]
    fn escapes_are_shown() {
        assert_eq!(safe_text("a\x1b[31mb"), "a\\x1b[31mb");
        assert_eq!(safe_text("c1\u{9b}2J"), "c1\\x9b2J");
        assert_eq!(safe_text("x\u{202e}y\u{2066}z"), "x\\u{202e}y\\u{2066}z");
        assert_eq!(
            safe_text("one\ntwo\r\tthree\0\x07\x7f"),
            "one\\ntwo\\r\\tthree\\x00\\x07\\x7f"
        );
    }

    #[test]
    fn a_terminal_gets_colours_and_nothing_that_moves_or_names_it() {
        let ordinary = "ok\t1\n\x1b[1;31mred\x1b[0m\x1b[38:5:9mx\x1b[m 日本\n";
        assert_eq!(safe_terminal(ordinary), ordinary);
        assert_eq!(
            safe_terminal("\x1b[2Ja\x1b]0;t\x07b\rc\r\nd\u{202e}e\0\x1b"),
            "\\x1b[2Ja\\x1b]0;t\\x07b\\rc\nd\\u{202e}e\\x00\\x1b"
        );
        assert_eq!(safe_terminal("\x1b["), "\\x1b[");
    }

    #[test]
    fn lines_keep_their_ends_and_tabs() {
        assert_eq!(safe_lines("a\tb\x1bc\r\nd\re\n"), "a\tb\\x1bc\nd\\re\n");
    }

    #[test]
    fn long_names_are_cut_in_the_middle() {
        assert_eq!(cut_middle("abcdefghij", 10), "abcdefghij");
        assert_eq!(cut_middle("abcdefghijk", 5), "ab…jk");
        assert_eq!(safe_name(&"ä".repeat(1_000_000), 300).chars().count(), 300);
    }
}
