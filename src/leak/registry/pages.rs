//! The page of a cause: what it is, how it happens, leaky and fixed code, how to find it, where to read on.
//!
//! `leakgate explain` prints it; `docs/causes/` is written from it, and a test keeps the two equal.

use super::page::Page;
use super::{CauseCode, channels, entry, io, others, waiting};
use std::fmt::Write as _;

/// The page of a code.
pub fn of(code: CauseCode) -> Option<&'static Page> {
    all().find(|page| page.code == code)
}

fn all() -> impl Iterator<Item = &'static Page> {
    [channels::PAGES, waiting::PAGES, io::PAGES, others::PAGES]
        .into_iter()
        .flatten()
}

/// A page as Markdown, as in `docs/causes/`.
#[cfg(test)]
fn markdown(code: CauseCode) -> String {
    let entry = entry(code);
    let mut out = format!("# {code}: {}\n\n", entry.title);
    let Some(page) = of(code) else { return out };
    let _ = writeln!(
        out,
        "The goroutine waits for {}.\n\n{}\n",
        entry.waits_for, page.what
    );
    let _ = writeln!(out, "## How it happens\n\n{}", bullets(page.happens));
    if let Some(sample) = &page.sample {
        let _ = writeln!(out, "## Leaky\n\n```go\n{}```\n", sample.leaky());
        let _ = writeln!(out, "## Fixed\n\n```go\n{}```\n", sample.fixed());
    }
    let _ = writeln!(out, "## How to fix it\n\n{}.\n", sentence(entry.fix));
    let _ = writeln!(out, "## How to find it\n\n{}", page.find);
    if !page.links.is_empty() {
        let links: Vec<String> = page.links.iter().map(|link| format!("<{link}>")).collect();
        let links: Vec<&str> = links.iter().map(String::as_str).collect();
        let _ = write!(out, "\n## Read on\n\n{}", bullets(&links));
    }
    out
}

/// A page as plain text for a terminal.
pub fn text(code: CauseCode) -> String {
    let entry = entry(code);
    let mut out = format!("{code}: {}\n\n", entry.title);
    let Some(page) = of(code) else { return out };
    let plain = |text: &str| text.replace('`', "");
    let section = |out: &mut String, title: &str, body: &str| {
        let _ = write!(out, "\n{title}\n{}", indent(body));
    };
    let _ = write!(
        out,
        "The goroutine waits for {}.\n{}\n",
        plain(entry.waits_for),
        plain(page.what)
    );
    section(&mut out, "How it happens", &plain(&bullets(page.happens)));
    if let Some(sample) = &page.sample {
        section(&mut out, "Leaky", &sample.leaky());
        section(&mut out, "Fixed", &sample.fixed());
    }
    section(
        &mut out,
        "How to fix it",
        &format!("{}.\n", sentence(&plain(entry.fix))),
    );
    section(&mut out, "How to find it", &format!("{}\n", plain(page.find)));
    if !page.links.is_empty() {
        section(&mut out, "Read on", &bullets(page.links));
    }
    out
}

/// What was judged by hand, when, and on which Go versions.
#[cfg(test)]
const JUDGED: &str = "
## How often it is right

Cause and fix of each goroutine that leakgate reported, judged by hand against what the program does wrong (2026-11-28). Right: cause,
place and fix. Acceptable: the cause is true, and the fix is one that is not the best. Wrong: a sentence that is not true.

| programs | Go | goroutines | right | acceptable | wrong |
| --- | --- | --- | --- | --- | --- |
| small programs, one for each kind of mistake, written before the fixes | 1.26.8 | 101 | 96 | 5 | 0 |
| waits inside libraries (singleflight, errgroup, semaphore, rate, net/http, clocks) | 1.26.8 | 34 | 33 | 1 | 0 |

`examples/zoo` holds 64 leaks with the code and the words that each must have; its test compares whole runs with that table.
";

/// The list of all pages, as Markdown.
#[cfg(test)]
fn index() -> String {
    let mut out = String::from(
        "# Causes of goroutine leaks\n\nWhat leakgate says a goroutine waits for. `leakgate explain CODE` prints the same pages.\n\n| code | what it says |\n| --- | --- |\n",
    );
    for &code in CauseCode::ALL {
        let _ = writeln!(out, "| [`{code}`]({code}.md) | {} |", entry(code).title);
    }
    out + JUDGED
}

fn bullets(lines: &[&str]) -> String {
    lines.iter().map(|line| format!("- {line}\n")).collect()
}

fn indent(text: &str) -> String {
    let line = |line: &str| {
        if line.is_empty() {
            "\n".to_owned()
        } else {
            format!("  {line}\n")
        }
    };
    text.lines()
        .map(|text| line(&text.replace('\t', "    ")))
        .collect()
}

/// With a capital letter.
fn sentence(text: &str) -> String {
    let mut chars = text.chars();
    chars
        .next()
        .map(|first| first.to_uppercase().chain(chars).collect())
        .unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_code_has_one_page_and_every_sample_its_functions() {
        let codes: Vec<_> = all().map(|page| page.code).collect();
        for &code in CauseCode::ALL {
            assert_eq!(codes.iter().filter(|&&other| other == code).count(), 1, "{code}");
            let page = of(code).expect("a page");
            assert!(
                !page.happens.is_empty() && page.what.ends_with('.') && page.find.ends_with('.'),
                "{code}"
            );
            for part in page
                .sample
                .iter()
                .flat_map(|sample| [sample.leaky(), sample.fixed()])
            {
                assert!(part.contains("func ") && part.ends_with("}\n"), "{code}: {part}");
                assert!(
                    !part.contains("// blocked:") && !part.contains("// started:"),
                    "{code}"
                );
            }
            let text = text(code);
            assert!(!text.contains('`') || text.contains("func "), "{code}");
        }
    }

    /// `SNAPSHOTS=overwrite cargo test --lib registry` writes them.
    #[test]
    fn docs_causes_are_what_the_registry_says() {
        let check = |name: &str, text: String| {
            let path = std::path::Path::new(env!("CARGO_MANIFEST_DIR"))
                .join("docs/causes")
                .join(name);
            snapbox::assert_data_eq!(text, snapbox::Data::read_from(&path, None).raw());
        };
        let write = |name: &str, text: &str| {
            let path = std::path::Path::new(env!("CARGO_MANIFEST_DIR"))
                .join("docs/causes")
                .join(name);
            snapbox::Data::text(text)
                .write_to_path(&path)
                .expect("the page is written");
        };
        #[expect(clippy::disallowed_methods, reason = "a switch of this test")]
        let overwrite = std::env::var_os("SNAPSHOTS").is_some_and(|value| value == "overwrite");
        let pages = CauseCode::ALL
            .iter()
            .map(|&code| (format!("{code}.md"), markdown(code)));
        for (name, text) in pages.chain([("README.md".to_owned(), index())]) {
            match overwrite {
                true => write(&name, &text),
                false => check(&name, text),
            }
        }
    }
}
