//! Reads on after a line that is not TOML, so that all mistakes of a file are shown at once.
//!
//! A refused value is taken for an empty text, a refused line for an empty one, a refused header hides its table.
//! Every replacement has the length of what it replaces, so that later problems keep their place.

use crate::diag::Code;
use crate::diag::problem::Problem;
use crate::rules::conflict::{self, conflicts};
use std::ops::Range;
use toml_edit::Document;

/// A file with more lines that are no TOML is no TOML at all.
const MOST: usize = 50;

/// What can be read of a text.
pub(super) struct Readable {
    /// The text, with each refused line replaced.
    pub document: Document<String>,
    /// Why lines were refused.
    pub problems: Vec<Problem>,
}

impl Readable {
    /// Whether a problem only follows from a refused line.
    pub fn follows(&self, problem: &Problem) -> bool {
        let refused = |line: u32| self.problems.iter().any(|refused| refused.place.line == line);
        !self.problems.is_empty() && (problem.code == "no-matcher" || refused(problem.place.line))
    }
}

/// Reads a text; an error is all that can be known of it.
pub(super) fn read(text: &str) -> Result<Readable, Vec<Problem>> {
    let mut body = text.to_owned();
    let mut problems: Vec<Problem> = Vec::new();
    let mut replaced: Vec<usize> = Vec::new();
    loop {
        let error = match Document::parse(body.clone()) {
            Ok(document) => return Ok(Readable { document, problems }),
            Err(error) => error,
        };
        if problems.is_empty() {
            let marks = conflict_problems(text);
            if !marks.is_empty() {
                return Err(marks);
            }
        }
        let line = line_at(&body, error.span().map_or(0, |span| span.start));
        let times = replaced.iter().filter(|start| **start == line.start).count();
        // A line that is good TOML by itself is refused because of an earlier one: nothing after that can be judged.
        let innocent = times == 0
            && !problems.is_empty()
            && !error.message().contains("duplicate key")
            && Document::parse(&body[line.clone()]).is_ok();
        if times == 0 && !innocent {
            problems.push(syntax(text, &line, &error));
        }
        if times > 1 || innocent || problems.len() > MOST {
            return Err(problems);
        }
        replaced.push(line.start);
        replace(&mut body, &line, times);
    }
}

fn conflict_problems(text: &str) -> Vec<Problem> {
    let starts: Vec<usize> = std::iter::once(0)
        .chain(text.match_indices('\n').map(|(at, _)| at + 1))
        .collect();
    let problem = |found: conflict::Conflict| {
        let start = starts.get(found.first - 1).copied().unwrap_or_default();
        let end = line_at(text, start).end;
        Problem::error(Code::MergeConflict, text, start..end, found.message()).remedy(conflict::REMEDY)
    };
    conflicts(text).into_iter().map(problem).collect()
}

fn syntax(text: &str, line: &Range<usize>, error: &toml_edit::TomlError) -> Problem {
    let message = error.message().lines().collect::<Vec<_>>().join("; ");
    let within = error
        .span()
        .filter(|span| span.start >= line.start && span.end <= line.end);
    let value = value_of(&text[line.clone()]).map(|value| line.start + value.start..line.start + value.end);
    let key = text[line.clone()].split('=').next().unwrap_or_default().trim();
    if let ("expires", Some(value)) = (key, value) {
        return bad_date(text, value, &message);
    }
    Problem::error(
        Code::Syntax,
        text,
        within.unwrap_or_else(|| line.clone()),
        format!("not TOML: {message}"),
    )
    .remedy("correct the line; https://toml.io has the grammar")
}

/// A last day that no calendar has.
fn bad_date(text: &str, value: Range<usize>, message: &str) -> Problem {
    let written = text[value.clone()].trim();
    Problem::error(
        Code::BadDate,
        text,
        value.clone(),
        format!("`expires` is not a date: {written} ({message})"),
    )
    .remedy("write the last day as YYYY-MM-DD, such as `expires = 2027-01-31`")
}

/// The bytes of the line that holds an offset, without its end. Beyond the text it is the last line that says something.
fn line_at(text: &str, offset: usize) -> Range<usize> {
    let mut at = offset.min(text.len());
    while !text.is_char_boundary(at) {
        at -= 1;
    }
    if text[at..].trim().is_empty() {
        at = text[..at].trim_end().len();
    }
    let start = text[..at].rfind('\n').map_or(0, |newline| newline + 1);
    let end = text[at..].find('\n').map_or(text.len(), |newline| at + newline);
    start..end
}

/// The bytes of a line after its `=`, without white space and comment.
fn value_of(line: &str) -> Option<Range<usize>> {
    let start = line.find('=')? + 1;
    let rest = &line[start..];
    let end = if rest.contains(['"', '\'']) {
        rest.len()
    } else {
        rest.find('#').unwrap_or(rest.len())
    };
    let trimmed = rest[..end].trim();
    let begin = start + rest.find(trimmed).unwrap_or_default();
    (!trimmed.is_empty()).then(|| begin..begin + trimmed.len())
}

/// Takes the mistake out: first the value, then the line; a header with all that is below it.
fn replace(body: &mut String, line: &Range<usize>, times: usize) {
    let text = &body[line.clone()];
    if text.trim_start().starts_with('[') {
        let next = body[line.end..]
            .find("\n[")
            .map_or(body.len(), |at| line.end + at);
        blank(body, line.start..next);
        return;
    }
    match value_of(text) {
        Some(value) if times == 0 && value.len() >= 2 => {
            let span = line.start + value.start..line.end;
            let empty = format!("\"\"{}", " ".repeat(span.len() - 2));
            body.replace_range(span, &empty);
        }
        _ => blank(body, line.clone()),
    }
}

fn blank(body: &mut String, span: Range<usize>) {
    let empty: String = body[span.clone()]
        .bytes()
        .map(|byte| if byte == b'\n' { '\n' } else { ' ' })
        .collect();
    body.replace_range(span, &empty);
}

#[cfg(test)]
mod tests {
    use super::super::file::read;

    fn problems(text: &str) -> Vec<String> {
        let found = read(text).unwrap_err();
        found
            .iter()
            .map(|problem| format!("{} {}", Place(problem), problem.code))
            .collect()
    }

    struct Place<'a>(&'a crate::diag::Problem);
    impl std::fmt::Display for Place<'_> {
        fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
            write!(f, "{}", self.0.place)
        }
    }

    #[test]
    fn mistakes_after_a_bad_date_are_shown_too() {
        let text = "version = 1\n[[allow]]\nentry = \"a.F\"\nexpires = 2026-13-45 # soon\n\n[[allow]]\nfunc = \"a.G\"\n\n[[allow]]\nentry = \"a.H\"\nexpires = 2026-02-30\nmax = \"four\"\n\n[run]\nsettel = \"1s\"\n";
        assert_eq!(
            problems(text),
            [
                "4:11 bad-date",
                "7:1 unknown-key",
                "11:11 bad-date",
                "12:7 wrong-type",
                "15:1 unknown-key"
            ]
        );
    }

    #[test]
    fn mistakes_of_toml_itself_are_shown_together_with_all_others() {
        let text = "[run]\nsettle = 1 second\nlate = \"fail\"\n\n[[allow]\nentry = \"a.F\"\n\n[[allow]]\nentry = a.G\nreason = \"r\"\nreason = \"s\"\nmaxx = 1\n";
        assert_eq!(
            problems(text),
            [
                "2:10 syntax",
                "3:1 unknown-key",
                "5:9 syntax",
                "9:9 syntax",
                "11:1 syntax",
                "12:1 unknown-key"
            ]
        );
    }

    #[test]
    fn a_merge_conflict_is_called_one() {
        let text = "version = 1\n\n[[allow]]\n<<<<<<< HEAD\nentry = \"a.F\"\n=======\nentry = \"a.G\"\n>>>>>>> topic\n";
        let found = read(text).unwrap_err();
        assert_eq!(problems(text), ["4:1 merge-conflict"]);
        assert_eq!(
            found[0].message,
            "lines 4 to 8 are a merge conflict that is not resolved"
        );
    }

    #[test]
    fn what_never_closes_is_one_problem() {
        assert_eq!(problems("[run]\nx = [\ny = 1\nz = 2\n").len(), 1);
        assert_eq!(problems("\u{0}\u{1}garbage\n").len(), 1);
    }
}
