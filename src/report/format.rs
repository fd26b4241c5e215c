//! The table of formats: name → writer. `--format`, `--report FMT=PATH` and `report FILE --format` all use it.

use super::github::{self, GithubOptions};
use super::human::{self, HumanOptions};
use super::markdown::{self, MarkdownOptions};
use super::sarif::{self, SarifOptions};
use super::{Report, gitlab, html, json, junit, owners, pprof, short, teamcity};
use crate::rules::codeowners::Owners;
use std::io::{self, Write};

macro_rules! formats {
    (|$report:ident, $out:ident, $options:ident| $( $variant:ident = $name:literal, $about:literal, $write:expr; )*) => {
        /// A form that a report can be written in.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum Format {
            $( #[doc = $about] $variant, )*
        }
        impl Format {
            /// Every format, in the order of the documentation.
            pub const ALL: &'static [Self] = &[ $( Self::$variant, )* ];
            /// The name that users type.
            pub fn name(self) -> &'static str {
                match self { $( Self::$variant => $name, )* }
            }
            /// Writes a report.
            pub fn write(self, $report: &Report, $out: &mut dyn Write, $options: &RenderOptions) -> io::Result<()> {
                match self { $( Self::$variant => $write, )* }
            }
        }
    };
}

formats! {
    |report, out, options|
    Human = "human", "text for people", human::write(report, out, &options.human);
    Short = "short", "one line per leak", short::write(report, out);
    Json = "json", "the whole report, schema leakgate.report/2", json::write(report, out);
    Jsonl = "jsonl", "the whole report, one object per line", json::write_lines(report, out);
    Junit = "junit", "JUnit XML, as Jenkins and GitLab read it", junit::write(report, out);
    Sarif = "sarif", "SARIF 2.1.0, for code scanning", sarif::write(report, out, &options.sarif);
    Gitlab = "gitlab", "GitLab Code Quality", gitlab::write(report, out);
    Html = "html", "one self-contained page", html::write(report, out);
    Md = "md", "Markdown, for step summaries and pull requests", markdown::write(report, out, &options.markdown);
    Github = "github", "GitHub workflow commands that annotate lines", github::write(report, out, &options.github);
    TeamCity = "teamcity", "TeamCity service messages", teamcity::write(report, out);
    Buildkite = "buildkite", "Markdown for buildkite-agent annotate", markdown::write(report, out, &options.markdown);
    Owners = "owners", "the leaks by owner, from CODEOWNERS", owners::write(report, out, &options.owners);
    Pprof = "pprof", "gzipped profile for go tool pprof", pprof::write(report, out);
}

/// What the formats need beside the report.
#[derive(Debug, Clone, Default)]
pub struct RenderOptions {
    /// For `human`.
    pub human: HumanOptions,
    /// For `sarif`.
    pub sarif: SarifOptions,
    /// For `md` and `buildkite`.
    pub markdown: MarkdownOptions,
    /// For `github`.
    pub github: GithubOptions,
    /// For `owners`.
    pub owners: Owners,
}

impl Format {
    /// Whether a terminal should not get it.
    pub fn is_binary(self) -> bool {
        self == Self::Pprof
    }
}

impl std::fmt::Display for Format {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.name())
    }
}

impl std::str::FromStr for Format {
    type Err = String;
    fn from_str(text: &str) -> Result<Self, String> {
        let found = Self::ALL.iter().copied().find(|format| format.name() == text);
        found.ok_or_else(|| {
            let names: Vec<&str> = Self::ALL.iter().map(|format| format.name()).collect();
            format!("`{text}` is no format; there are {}", names.join(", "))
        })
    }
}

#[cfg(test)]
mod tests {
    use super::super::sample;
    use super::*;

    #[test]
    fn names_are_unique_and_read_back() {
        for format in Format::ALL {
            assert_eq!(format.name().parse::<Format>(), Ok(*format));
        }
        assert!("xml".parse::<Format>().unwrap_err().contains("human, short"));
    }

    #[test]
    fn every_format_takes_every_report() {
        for report in [sample::report(), sample::clean(), sample::large(30)] {
            for format in Format::ALL {
                let mut bytes = Vec::new();
                format
                    .write(&report, &mut bytes, &RenderOptions::default())
                    .unwrap();
            }
        }
    }

    #[test]
    fn a_failing_writer_is_an_error_not_a_panic() {
        struct Full;
        impl Write for Full {
            fn write(&mut self, _: &[u8]) -> io::Result<usize> {
                Err(io::ErrorKind::StorageFull.into())
            }
            fn flush(&mut self) -> io::Result<()> {
                Ok(())
            }
        }
        for format in Format::ALL {
            assert!(
                format
                    .write(&sample::report(), &mut Full, &RenderOptions::default())
                    .is_err(),
                "{format}"
            );
        }
    }
}
