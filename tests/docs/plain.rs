//! Plain English: words and phrases that a reader has to read twice appear in no page, no message and no comment.

use std::path::{Path, PathBuf};

/// What is not written, and what to write instead. A phrase is matched as whole words, in lower case or at the
/// beginning of a sentence.
const INSTEAD: &[(&str, &str)] = &[
    (
        r"somebody|nobody",
        "name who it is: a goroutine, a test, a user; or use the passive",
    ),
    (r"stands?", "is, is written, is blocked, means"),
    (r"(?:is|are) (?:said|told)", "leakgate prints, reports, warns"),
    (r"mends?|mended|mending", "fix"),
    (
        r"comes to|come to its end|came to its end",
        "results in, finishes",
    ),
    (r"of its own accord", "by itself"),
    (r"becomes? of", "how to treat"),
    (r"is no good", "must be …"),
    (r"belongs? into", "belongs in"),
    (r"falls under", "matches"),
    (r"only else", "otherwise"),
    (
        r"leaks: none known",
        "no leaks found in the packages that finished",
    ),
    (r"is of no use|are of no use", "is not used"),
    (r"for want of", "without, because … is missing"),
    (
        r"whosoever|wheresoever|thereof|wherein|therein|thereby",
        "a shorter word",
    ),
];

fn patterns() -> Vec<(regex::Regex, &'static str)> {
    let one = |phrase: &str| {
        let capital = phrase
            .split('|')
            .map(|word| match word.chars().next() {
                Some(first) if first.is_ascii_lowercase() => {
                    format!("{}{}", first.to_ascii_uppercase(), &word[1..])
                }
                _ => word.to_owned(),
            })
            .collect::<Vec<_>>()
            .join("|");
        regex::Regex::new(&format!(r"\b(?:{phrase}|{capital})\b")).unwrap()
    };
    INSTEAD
        .iter()
        .map(|(phrase, instead)| (one(phrase), *instead))
        .collect()
}

/// The text of a page outside of code blocks, line by line.
fn prose(page: &str) -> Vec<(usize, String)> {
    let mut fenced = false;
    let mut lines = Vec::new();
    for (index, line) in page.lines().enumerate() {
        if line.trim_start().starts_with("```") {
            fenced = !fenced;
        } else if !fenced {
            lines.push((index + 1, line.to_owned()));
        }
    }
    lines
}

/// What a state of [`words_of`] reads.
enum In {
    Code,
    Comment,
    Text { end: String, escapes: bool },
}

/// The comments and texts of a source file of Rust or Go, line by line.
fn words_of(source: &str, raw: char) -> Vec<(usize, String)> {
    let mut lines = Vec::new();
    let (mut state, mut line, mut words) = (In::Code, 1, String::new());
    let mut rest = source;
    while let Some(next) = rest.chars().next() {
        let mut width = next.len_utf8();
        if next == '\n' {
            lines.push((line, std::mem::take(&mut words)));
            line += 1;
            if matches!(state, In::Comment) {
                state = In::Code;
            }
            rest = &rest[1..];
            continue;
        }
        match &state {
            In::Code if rest.starts_with("//") => state = In::Comment,
            In::Code if rest.starts_with("'\"'") || rest.starts_with("'`'") => width = 3,
            In::Code if rest.starts_with("'\\") => width = rest[2..].find('\'').map_or(2, |end| end + 3),
            In::Code if raw == '#' && (rest.starts_with("r#") || rest.starts_with("r\"")) => {
                let hashes = rest[1..].chars().take_while(|c| *c == '#').count();
                if rest[1 + hashes..].starts_with('"') {
                    width = hashes + 2;
                    state = In::Text {
                        end: format!("\"{}", "#".repeat(hashes)),
                        escapes: false,
                    };
                }
            }
            In::Code if next == raw => {
                state = In::Text {
                    end: raw.to_string(),
                    escapes: false,
                };
            }
            In::Code if next == '"' => {
                state = In::Text {
                    end: "\"".to_owned(),
                    escapes: true,
                };
            }
            In::Code => {}
            In::Comment => words.push(next),
            In::Text { escapes: true, .. } if next == '\\' => {
                words.push(' ');
                width = 1 + rest[1..]
                    .chars()
                    .next()
                    .map_or(0, |c| if c == '\n' { 0 } else { c.len_utf8() });
            }
            In::Text { end, .. } if rest.starts_with(end.as_str()) => {
                width = end.len();
                words.push(' ');
                state = In::Code;
            }
            In::Text { .. } => words.push(next),
        }
        rest = &rest[width..];
    }
    lines.push((line, words));
    lines
}

fn files(folder: &str, extensions: &[&str]) -> Vec<PathBuf> {
    let mut found = Vec::new();
    let mut folders = vec![PathBuf::from(folder)];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else if path
                .extension()
                .is_some_and(|is| extensions.iter().any(|wanted| is == *wanted))
            {
                found.push(path);
            }
        }
    }
    found
}

fn complaints(path: &Path, lines: &[(usize, String)], patterns: &[(regex::Regex, &str)]) -> Vec<String> {
    let mut complaints = Vec::new();
    for (line, words) in lines {
        for (pattern, instead) in patterns {
            if let Some(found) = pattern.find(words) {
                let (path, found) = (path.display(), found.as_str());
                complaints.push(format!("{path}:{line}: `{found}`; write: {instead}"));
            }
        }
    }
    complaints
}

#[test]
fn pages_are_in_plain_english() {
    let patterns = patterns();
    let mut found = Vec::new();
    let mut pages = super::pages();
    pages.push(PathBuf::from("DESIGN.md"));
    pages.push(PathBuf::from("go-harness/WIRE.md"));
    for page in pages {
        let text = std::fs::read_to_string(&page).unwrap();
        found.extend(complaints(&page, &prose(&text), &patterns));
    }
    assert!(found.is_empty(), "{}", found.join("\n"));
}

#[test]
fn messages_and_comments_are_in_plain_english() {
    let patterns = patterns();
    let mut found = Vec::new();
    for (folder, extension, raw) in [
        ("src", "rs", '#'),
        ("tests", "rs", '#'),
        ("benches", "rs", '#'),
        ("go-harness", "go", '`'),
        ("examples", "go", '`'),
    ] {
        for path in files(folder, &[extension]) {
            if path.ends_with("docs/plain.rs") || path.components().any(|part| part.as_os_str() == "testdata")
            {
                continue;
            }
            let source = std::fs::read_to_string(&path).unwrap();
            found.extend(complaints(&path, &words_of(&source, raw), &patterns));
        }
    }
    assert!(found.is_empty(), "{}", found.join("\n"));
}

#[test]
fn help_is_in_plain_english() {
    let help = leakgate::cli::markdown();
    let found = complaints(Path::new("--help"), &prose(&help), &patterns());
    assert!(found.is_empty(), "{}", found.join("\n"));
}

#[test]
fn a_forbidden_word_is_found_in_comments_and_texts_and_not_in_names() {
    let lines = words_of(
        "let nobody = 'x'; // stands\nlet a = \"is \\\"said\\\"\"; let b = r#\"mend \"# + nobody;\n'\"'; nobody()",
        '#',
    );
    let words: Vec<&str> = lines.iter().map(|(_, words)| words.trim()).collect();
    assert_eq!(words, ["/ stands", "is  said  mend", ""]);
    let found = complaints(Path::new("a.rs"), &lines, &patterns());
    assert_eq!(found.len(), 2, "{found:?}");
}
