//! What is wrong in a text that a person wrote: where, what, and what to write instead.
//!
//! Problems are data. Rendering them gives a string; nothing here prints.

use super::Code;
use crate::diag::Severity;
use annotate_snippets::renderer::DecorStyle;
use annotate_snippets::{AnnotationKind, Group, Level, Patch, Renderer, Snippet};
use std::ops::Range;

/// A place in a text. Both numbers count from 1; columns count characters.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Place {
    /// Line.
    pub line: u32,
    /// Column.
    pub column: u32,
}

impl Place {
    /// The place of a byte offset. Offsets beyond the text are its end.
    pub fn of(text: &str, offset: usize) -> Self {
        let end = boundary(text, offset);
        let before = &text[..end];
        let line_start = before.rfind('\n').map_or(0, |newline| newline + 1);
        Self::counted(
            memchr::memchr_iter(b'\n', before.as_bytes()).count(),
            characters(&text.as_bytes()[line_start..end]),
        )
    }

    /// Behind so many newlines, and so many characters of the line.
    fn counted(newlines: usize, characters: usize) -> Self {
        let count = |number: usize| u32::try_from(number + 1).unwrap_or(u32::MAX);
        Self {
            line: count(newlines),
            column: count(characters),
        }
    }
}

/// The begin of the character that the offset is in.
fn boundary(text: &str, offset: usize) -> usize {
    let mut end = offset.min(text.len());
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    end
}

/// How many characters of UTF-8 begin here.
fn characters(bytes: &[u8]) -> usize {
    bytes.iter().filter(|&&byte| byte & 0xc0 != 0x80).count()
}

/// A text that is asked for many places: its lines and characters are counted once.
#[derive(Debug, Clone)]
pub struct Places<'a> {
    text: &'a str,
    newlines: Vec<usize>,
    /// Characters before each [`Places::BLOCK`] of bytes: all of a file may be on one line.
    before: Vec<usize>,
}

impl<'a> Places<'a> {
    const BLOCK: usize = 1024;

    /// Of a text.
    pub fn of(text: &'a str) -> Self {
        let bytes = text.as_bytes();
        let mut before = vec![0];
        for block in bytes.chunks(Self::BLOCK) {
            before.push(before[before.len() - 1] + characters(block));
        }
        Self {
            text,
            newlines: memchr::memchr_iter(b'\n', bytes).collect(),
            before,
        }
    }

    /// The place of a byte offset, as [`Place::of`] has it.
    pub fn at(&self, offset: usize) -> Place {
        let end = boundary(self.text, offset);
        let line = self.newlines.partition_point(|&newline| newline < end);
        let line_start = line.checked_sub(1).map_or(0, |last| self.newlines[last] + 1);
        Place::counted(
            line,
            self.characters_before(end) - self.characters_before(line_start),
        )
    }

    fn characters_before(&self, offset: usize) -> usize {
        let block = offset / Self::BLOCK;
        self.before[block] + characters(&self.text.as_bytes()[block * Self::BLOCK..offset])
    }
}

impl std::fmt::Display for Place {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}:{}", self.line, self.column)
    }
}

/// A replacement of a stretch of text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TextEdit {
    /// Bytes to replace.
    pub span: Range<usize>,
    /// What to put there.
    pub text: String,
}

/// One thing that is wrong.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    /// Word of a [`Code`] or of a lint: `unknown-key`, `bad-date`, `expired`, …
    pub code: &'static str,
    /// How grave.
    pub severity: Severity,
    /// One sentence, without the remedy.
    pub message: String,
    /// Bytes of the text it is about.
    pub span: Range<usize>,
    /// Where that begins.
    pub place: Place,
    /// What to do, one sentence.
    pub remedy: Option<String>,
    /// What to write instead, where that is certain.
    pub fix: Vec<TextEdit>,
}

impl Problem {
    /// An error about `span` of `text`.
    pub fn error(code: Code, text: &str, span: Range<usize>, message: impl Into<String>) -> Self {
        Self {
            code: code.as_str(),
            severity: Severity::Error,
            message: message.into(),
            place: Place::of(text, span.start),
            span,
            remedy: None,
            fix: Vec::new(),
        }
    }

    /// A warning about `span` of `text`.
    pub fn warning(code: Code, text: &str, span: Range<usize>, message: impl Into<String>) -> Self {
        Self {
            severity: Severity::Warning,
            ..Self::error(code, text, span, message)
        }
    }

    /// With what to do about it.
    #[must_use]
    pub fn remedy(mut self, remedy: impl Into<String>) -> Self {
        self.remedy = Some(remedy.into());
        self
    }

    /// With a replacement that is safe to apply.
    #[must_use]
    pub fn fix(mut self, span: Range<usize>, text: impl Into<String>) -> Self {
        self.fix.push(TextEdit {
            span,
            text: text.into(),
        });
        self
    }

    /// `file:line:column: error[code]: message (remedy)`, on one line.
    pub fn one_line(&self, file: &str) -> String {
        let level = match self.severity {
            Severity::Error => "error",
            Severity::Warning => "warning",
            Severity::Note => "note",
        };
        let remedy = self
            .remedy
            .as_ref()
            .map(|remedy| format!(" ({remedy})"))
            .unwrap_or_default();
        format!(
            "{file}:{}: {level}[{}]: {}{remedy}",
            self.place, self.code, self.message
        )
    }
}

/// Problems as text with their source lines, the way rustc shows them.
pub fn render(file: &str, text: &str, problems: &[Problem], colour: Colour) -> String {
    let renderer = match colour {
        Colour::Plain => Renderer::plain(),
        Colour::Styled => Renderer::styled(),
    }
    .decor_style(DecorStyle::Ascii);
    problems
        .iter()
        .map(|problem| renderer.render(&groups(file, text, problem)))
        .collect::<Vec<_>>()
        .join("\n\n")
}

/// Whether rendered text carries ANSI colours.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Colour {
    /// No escape sequences.
    Plain,
    /// With them.
    Styled,
}

fn groups<'a>(file: &'a str, text: &'a str, problem: &'a Problem) -> Vec<Group<'a>> {
    let level = match problem.severity {
        Severity::Error => Level::ERROR,
        Severity::Warning => Level::WARNING,
        Severity::Note => Level::NOTE,
    };
    let mut first = level
        .primary_title(problem.message.as_str())
        .id(problem.code)
        .element(
            Snippet::source(text)
                .path(file)
                .annotation(AnnotationKind::Primary.span(within(text, problem.span.clone()))),
        );
    if let Some(remedy) = &problem.remedy {
        first = first.element(Level::HELP.message(remedy.as_str()));
    }
    let mut groups = vec![first];
    if !problem.fix.is_empty() {
        let patches = problem
            .fix
            .iter()
            .map(|edit| Patch::new(within(text, edit.span.clone()), edit.text.as_str()));
        groups.push(
            Level::HELP
                .secondary_title("write")
                .element(Snippet::source(text).path(file).patches(patches)),
        );
    }
    groups
}

/// The span cut to the text, on character boundaries.
fn within(text: &str, span: Range<usize>) -> Range<usize> {
    let snap = |offset: usize| {
        let mut offset = offset.min(text.len());
        while !text.is_char_boundary(offset) {
            offset -= 1;
        }
        offset
    };
    let start = snap(span.start);
    start..snap(span.end).max(start)
}

/// The text with every edit applied. Edits that overlap an earlier one are left out.
pub fn apply(text: &str, edits: &[TextEdit]) -> String {
    let mut sorted: Vec<&TextEdit> = edits.iter().collect();
    sorted.sort_by_key(|edit| (edit.span.start, edit.span.end));
    let mut out = String::with_capacity(text.len());
    let mut done = 0;
    for edit in sorted {
        let span = within(text, edit.span.clone());
        if span.start < done {
            continue;
        }
        out.push_str(&text[done..span.start]);
        out.push_str(&edit.text);
        done = span.end;
    }
    out.push_str(&text[done..]);
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_counts_characters_from_one() {
        let text = "ä = 1\nöwner = 2\n";
        assert_eq!(Place::of(text, 0), Place { line: 1, column: 1 });
        assert_eq!(
            Place::of(text, text.find('2').unwrap()),
            Place { line: 2, column: 9 }
        );
        assert_eq!(
            Place::of(text, 1),
            Place { line: 1, column: 1 },
            "inside a character is that character"
        );
        assert_eq!(Place::of(text, 999).line, 3);
    }

    #[test]
    fn a_table_of_places_has_the_place_of_every_offset() {
        for text in [
            String::new(),
            "ä = 1\nöwner = 2\n".to_owned(),
            "x".repeat(1024),
            "a = [ {entry = \"ünder\"}, ]".repeat(100),
            "ä\n".repeat(700) + "\n\n𝄞",
        ] {
            let places = Places::of(&text);
            for offset in 0..text.len() + 2 {
                assert_eq!(
                    places.at(offset),
                    Place::of(&text, offset),
                    "{offset} of {text:?}"
                );
            }
        }
    }

    #[test]
    fn edits_apply_from_front_to_back_and_overlaps_are_left_out() {
        let edit = |span, text: &str| TextEdit {
            span,
            text: text.into(),
        };
        assert_eq!(
            apply("abcdef", &[edit(4..5, "E"), edit(0..2, "X"), edit(1..3, "no")]),
            "XcdEf"
        );
    }

    #[test]
    fn a_rendered_problem_shows_file_line_and_remedy() {
        let text = "version = 1\nsetle = 3\n";
        let problem =
            Problem::error(Code::UnknownKey, text, 12..17, "no key `setle`").remedy("did you mean `settle`?");
        let shown = render("leakgate.toml", text, &[problem], Colour::Plain);
        assert!(shown.contains("leakgate.toml:2:1"), "{shown}");
        assert!(shown.contains("did you mean `settle`?"), "{shown}");
        assert!(shown.contains("error[unknown-key]"), "{shown}");
    }
}
