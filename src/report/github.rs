//! The `github` format: workflow commands that annotate lines of a pull request. GitHub shows ten errors and ten warnings
//! of a step and drops the rest without a word, so at most nine of each are written, then one that says how many more.

use super::group::{anchor, groups};
use super::safe_text::safe_lines;
use super::{Report, words};
use crate::diag::Severity;
use crate::rules::RulingKind;
use std::io::{self, Write};

/// Annotations of a level, before the one that counts the rest.
const SHOWN: usize = 9;
/// Longest message.
const MESSAGE: usize = 4_000;

/// How to write annotations.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct GithubOptions {
    /// From the workspace (`GITHUB_WORKSPACE`) to the root that the report's paths are relative to; empty or `dir/sub`.
    pub path_prefix: String,
}

/// One annotation.
struct Annotation {
    file: Option<(String, u32)>,
    title: String,
    message: String,
}

/// Writes the commands.
pub fn write(report: &Report, out: &mut dyn Write, options: &GithubOptions) -> io::Result<()> {
    let (mut errors, mut warnings) = (Vec::new(), Vec::new());
    let shown = |kind| {
        report
            .findings
            .iter()
            .filter(move |finding| finding.ruling.kind == kind)
    };
    errors.extend(
        groups(shown(RulingKind::Fails))
            .iter()
            .map(|group| of_leak(group, options)),
    );
    warnings.extend(
        groups(shown(RulingKind::Warns))
            .iter()
            .map(|group| of_leak(group, options)),
    );
    for package in &report.packages {
        if let Some(why) = &package.inconclusive {
            let title = format!("leakgate: {} is inconclusive", package.path);
            errors.push(Annotation {
                file: None,
                title,
                message: why.to_string(),
            });
        }
    }
    for notice in &report.notices {
        let annotation = of_notice(notice, options);
        match notice.severity {
            Severity::Error => errors.push(annotation),
            Severity::Warning => warnings.push(annotation),
            Severity::Note => {}
        }
    }
    write_level(out, "error", &errors)?;
    write_level(out, "warning", &warnings)
}

fn write_level(out: &mut dyn Write, level: &str, annotations: &[Annotation]) -> io::Result<()> {
    for annotation in annotations.iter().take(SHOWN) {
        let place = annotation.file.as_ref().map_or(String::new(), |(file, line)| {
            format!("file={},line={line},endLine={line},", property(file))
        });
        let (title, message) = (property(&annotation.title), data(&annotation.message));
        writeln!(out, "::{level} {place}title={title}::{message}")?;
    }
    if annotations.len() > SHOWN {
        let more = annotations.len() - SHOWN;
        writeln!(
            out,
            "::{level} title=leakgate::and {more} more, see the step summary or the report"
        )?;
    }
    Ok(())
}

fn of_leak(group: &super::group::SameLeak<'_>, options: &GithubOptions) -> Annotation {
    let leak = group.root();
    let file = anchor(leak).map(|anchor| (prefixed(&anchor.file, options), anchor.line));
    let within = if leak.tests.is_empty() { "" } else { "in " };
    let title = format!("goroutine leak {within}{}: {}", group.tests(), leak.cause.title);
    let mut message = format!("{} ({})\n", words::waits(leak), group.how_many());
    if let Some(spot) = &leak.blocked_at {
        message += &format!(
            "Blocked at {} in {}\n",
            words::place(spot),
            words::short_func(&spot.func.0)
        );
    }
    if let Some(led) = &leak.led_to_by {
        message += &format!("Led to by {}\n", words::place(&led.at));
    }
    if let Some(with_it) = words::with_it(&group.first.leak) {
        message += &format!("With it: {with_it}\n");
    }
    message += &format!(
        "Fix: {}\nFingerprint: {}",
        words::fix(&leak.cause),
        leak.fingerprint
    );
    Annotation { file, title, message }
}

fn of_notice(notice: &super::Notice, options: &GithubOptions) -> Annotation {
    let place = notice.place.as_deref().unwrap_or_default();
    let mut parts = place.rsplitn(3, ':');
    let (_, line, file) = (parts.next(), parts.next(), parts.next());
    let file = file.zip(line.and_then(|line| line.parse().ok()));
    let remedy = notice
        .remedy
        .as_ref()
        .map(|remedy| format!("\nRemedy: {remedy}"))
        .unwrap_or_default();
    Annotation {
        file: file.map(|(file, line)| (prefixed(file, options), line)),
        title: format!("leakgate: {}", notice.code),
        message: format!("{}{remedy}", notice.message),
    }
}

fn prefixed(file: &str, options: &GithubOptions) -> String {
    match options.path_prefix.trim_matches('/') {
        "" => file.to_owned(),
        prefix => format!("{prefix}/{file}"),
    }
}

/// The text after `::`.
fn data(text: &str) -> String {
    let text = super::safe_text::cut_middle(text, MESSAGE).into_owned();
    safe_lines(&text)
        .replace('%', "%25")
        .replace('\r', "%0D")
        .replace('\n', "%0A")
}

/// The value of a property.
fn property(text: &str) -> String {
    let text = super::safe_text::cut_middle(text, 300).into_owned();
    data(&text).replace(':', "%3A").replace(',', "%2C")
}

#[cfg(test)]
mod tests {
    use super::super::sample;
    use super::*;

    fn lines(report: &Report, prefix: &str) -> Vec<String> {
        let mut bytes = Vec::new();
        write(
            report,
            &mut bytes,
            &GithubOptions {
                path_prefix: prefix.to_owned(),
            },
        )
        .unwrap();
        String::from_utf8(bytes)
            .unwrap()
            .lines()
            .map(str::to_owned)
            .collect()
    }

    #[test]
    fn each_line_is_one_of_our_commands() {
        for line in lines(&sample::report(), "") {
            assert!(
                line.starts_with("::error ") || line.starts_with("::warning "),
                "{line}"
            );
        }
    }

    #[test]
    fn nine_of_a_level_and_then_the_rest_is_counted() {
        let lines = lines(&sample::large(100), "go");
        let errors: Vec<&String> = lines.iter().filter(|line| line.starts_with("::error ")).collect();
        assert_eq!(errors.len(), 10);
        assert!(errors[0].starts_with("::error file=go/store/fetch.go,line=41,endLine=41,title="));
        // 105 leaks and a stuck test, two packages without evidence, one denied rule, nine of them shown
        assert!(errors[9].contains("::and 100 more"), "{}", errors[9]);
    }

    #[test]
    fn properties_and_data_are_escaped() {
        assert_eq!(property("a:b,c%\n"), "a%3Ab%2Cc%25%0A");
        assert_eq!(data("a:b,c%\r\nd"), "a:b,c%25%0Ad");
    }
}
