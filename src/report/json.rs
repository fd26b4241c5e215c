//! The `json` and `jsonl` formats, and their reader. The reader takes fields that it does not know, and reports of the former version.

use super::former;
use super::model::SCHEMA;
use super::{Finding, Notice, PackageReport, Report, Run, Summary, Tool};
use serde::{Deserialize, Serialize};
use std::io::{self, Write};

/// Why a file is no report.
#[derive(Debug, thiserror::Error)]
pub enum ReadError {
    /// Not JSON at all, or not as the schema says.
    #[error(
        "not a JSON report of leakgate (`--report json=PATH` writes one): line {line}, column {column}: {message}"
    )]
    Syntax {
        /// 1-based.
        line: usize,
        /// 1-based.
        column: usize,
        /// What is wrong.
        message: String,
    },
    /// JSON without a `schema` key.
    #[error("this is JSON, but no leakgate report: it has no \"schema\" key (expected \"{SCHEMA}\")")]
    NoSchema,
    /// A report of another version, or of another tool.
    #[error(
        "the report's schema is \"{found}\"; this leakgate reads \"{SCHEMA}\" and \"{}\"",
        former::SCHEMA
    )]
    OtherSchema {
        /// As the file says.
        found: String,
    },
    /// An empty file: a run that ended before it wrote its report.
    #[error("the file is empty: the run that should have written it did not finish")]
    Empty,
    /// A `jsonl` report without its last line.
    #[error("the report is cut off: it has no closing \"end\" line")]
    CutOff,
}

/// Writes one pretty document, with a newline at its end.
pub fn write(report: &Report, out: &mut dyn Write) -> io::Result<()> {
    serde_json::to_writer_pretty(&mut *out, report)?;
    writeln!(out)
}

/// One line of `jsonl`.
#[derive(Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "kebab-case")]
enum Line<T = Finding, P = PackageReport, N = Notice> {
    /// First.
    Begin {
        schema: String,
        tool: Tool,
        run: Run,
    },
    Package(P),
    Leak(T),
    Notice(N),
    /// Last.
    End {
        summary: Summary,
        exit_code: u8,
    },
}

/// Writes one object per line: `begin`, each package, each leak, each notice, `end`.
pub fn write_lines(report: &Report, out: &mut dyn Write) -> io::Result<()> {
    type Out<'a> = Line<&'a Finding, &'a PackageReport, &'a Notice>;
    let line = |out: &mut dyn Write, line: Out<'_>| -> io::Result<()> {
        serde_json::to_writer(&mut *out, &line)?;
        writeln!(out)
    };
    let (tool, run) = (report.tool.clone(), report.run.clone());
    line(
        out,
        Line::Begin {
            schema: report.schema.clone(),
            tool,
            run,
        },
    )?;
    for package in &report.packages {
        line(out, Line::Package(package))?;
    }
    for finding in &report.findings {
        line(out, Line::Leak(finding))?;
    }
    for notice in &report.notices {
        line(out, Line::Notice(notice))?;
    }
    line(
        out,
        Line::End {
            summary: report.summary,
            exit_code: report.exit_code,
        },
    )
}

impl Report {
    /// Reads a report in either form, `json` or `jsonl`.
    pub fn read(bytes: &[u8]) -> Result<Self, ReadError> {
        let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
        if bytes.trim_ascii().is_empty() {
            return Err(ReadError::Empty);
        }
        let mut values = serde_json::Deserializer::from_slice(bytes).into_iter::<Head>();
        let head = values
            .next()
            .transpose()
            .map_err(|error| syntax(&error, 0))?
            .unwrap_or_default();
        let lines = head.kind.as_deref() == Some("begin");
        let version = match head.schema {
            Some(found) if found == SCHEMA => Version::This,
            Some(found) if found == former::SCHEMA => Version::Former,
            Some(found) => return Err(ReadError::OtherSchema { found }),
            None => return Err(ReadError::NoSchema),
        };
        match (version, lines) {
            (_, true) => read_lines(bytes, version),
            (Version::This, false) => serde_json::from_slice(bytes).map_err(|error| syntax(&error, 0)),
            (Version::Former, false) => {
                let mut value = serde_json::from_slice(bytes).map_err(|error| syntax(&error, 0))?;
                former::carry_over(&mut value);
                serde_json::from_value(value).map_err(|error| syntax(&error, 0))
            }
        }
    }
}

/// Which schema a file follows.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Version {
    This,
    Former,
}

/// What tells the form and the version of a file.
#[derive(Deserialize, Default)]
struct Head {
    #[serde(rename = "type", default)]
    kind: Option<String>,
    #[serde(default)]
    schema: Option<String>,
}

fn read_lines(bytes: &[u8], version: Version) -> Result<Report, ReadError> {
    let (mut begun, mut ended) = (None, None);
    let (mut packages, mut findings, mut notices) = (Vec::new(), Vec::new(), Vec::new());
    for (index, line) in bytes.split(|byte| *byte == b'\n').enumerate() {
        if line.trim_ascii().is_empty() {
            continue;
        }
        let line = match version {
            Version::This => serde_json::from_slice(line),
            Version::Former => serde_json::from_slice(line).and_then(|mut value| {
                former::carry_line_over(&mut value);
                serde_json::from_value(value)
            }),
        };
        match line.map_err(|error| syntax(&error, index))? {
            Line::Begin { schema, tool, run } => begun = Some((schema, tool, run)),
            Line::Package(package) => packages.push(package),
            Line::Leak(finding) => findings.push(finding),
            Line::Notice(notice) => notices.push(notice),
            Line::End { summary, exit_code } => ended = Some((summary, exit_code)),
        }
    }
    let (schema, tool, run) = begun.ok_or(ReadError::NoSchema)?;
    let (summary, exit_code) = ended.ok_or(ReadError::CutOff)?;
    Ok(Report {
        schema,
        tool,
        run,
        packages,
        findings,
        notices,
        summary,
        exit_code,
    })
}

fn syntax(error: &serde_json::Error, lines_before: usize) -> ReadError {
    let text = error.to_string();
    let message = text
        .rsplit_once(" at line ")
        .map_or(text.as_str(), |(message, _)| message)
        .to_owned();
    ReadError::Syntax {
        line: error.line() + lines_before,
        column: error.column(),
        message,
    }
}

#[cfg(test)]
mod tests {
    use super::super::sample;
    use super::*;
    use crate::leak::attribution::By;

    fn bytes(write: impl Fn(&mut dyn Write) -> io::Result<()>) -> Vec<u8> {
        let mut bytes = Vec::new();
        write(&mut bytes).unwrap();
        bytes
    }

    #[test]
    fn both_forms_are_read_back_whole() {
        let report = sample::report();
        assert_eq!(
            Report::read(&bytes(|out| super::write(&report, out))).unwrap(),
            report
        );
        assert_eq!(
            Report::read(&bytes(|out| write_lines(&report, out))).unwrap(),
            report
        );
    }

    /// A report in which some texts are others: what may come from outside.
    fn with_texts(texts: &[String]) -> Report {
        let mut report = sample::report();
        let mut texts = texts.iter().cycle().cloned();
        let mut next = || texts.next().unwrap_or_default();
        for finding in &mut report.findings {
            let leak = &mut finding.leak.root;
            leak.package.0 = next();
            leak.tests.iter_mut().for_each(|test| test.0 = next());
            leak.owner.0 = next();
            leak.fingerprint.0 = next();
            leak.cause.waits_for = next();
            leak.cause.fix = next();
            leak.attributed_by = By::Told { words: next() };
            leak.state.reason = next();
            leak.stack.iter_mut().for_each(|frame| frame.func.0 = next());
            for spot in [&mut leak.blocked_at, &mut leak.started_at].into_iter().flatten() {
                spot.func.0 = next();
                spot.at.file = next();
                spot.relative = Some(next());
                spot.lines.iter_mut().for_each(|line| line.text = next());
            }
            finding.ruling.because = Some(next());
            finding.ruling.rule = Some(next());
            finding.allow_entry = Some(next());
        }
        for package in &mut report.packages {
            package.path.0 = next();
            package.output = next();
            package.tests.iter_mut().for_each(|test| test.name.0 = next());
        }
        report
    }

    /// Only the whole reports keep endless names whole.
    #[test]
    fn endless_names_stay_small() {
        let mut report = with_texts(&["é\u{1b}\"".repeat(75_000)]);
        report.findings.truncate(1);
        for format in crate::report::Format::ALL {
            let written = bytes(|out| format.write(&report, out, &Default::default()));
            let whole = matches!(
                format,
                crate::report::Format::Json | crate::report::Format::Jsonl | crate::report::Format::Pprof
            );
            // JUnit and the page keep 64 Ki characters of each package's output, each of them escaped.
            assert!(whole || written.len() < 4_000_000, "{format}: {}", written.len());
        }
    }

    fn any_text() -> impl proptest::strategy::Strategy<Value = String> {
        let nasty = "(`{1,6}|\\||<[/!]?[a-z]+>|::[a-z]+::|##teamcity\\[|\\]\\]>|\\x1b\\[[0-9]m|\u{202e}|\r?\n|\\[|'|\"|é|\u{0}){0,8}";
        proptest::prop_oneof![proptest::prelude::any::<String>(), nasty]
    }

    proptest::proptest! {
        #![proptest_config(proptest::prelude::ProptestConfig::with_cases(24))]

        #[test]
        fn any_texts_are_written_and_read_back(texts in proptest::collection::vec(any_text(), 1..20)) {
            let report = with_texts(&texts);
            for format in crate::report::Format::ALL {
                let written = bytes(|out| format.write(&report, out, &Default::default()));
                if matches!(format, crate::report::Format::Json | crate::report::Format::Jsonl) {
                    proptest::prop_assert_eq!(&Report::read(&written).unwrap(), &report);
                }
                if format == &crate::report::Format::Junit {
                    let mut xml = quick_xml::Reader::from_reader(written.as_slice());
                    while !matches!(xml.read_event().unwrap(), quick_xml::events::Event::Eof) {}
                }
                if matches!(format, crate::report::Format::Human | crate::report::Format::Short | crate::report::Format::Github) {
                    let text = String::from_utf8(written).unwrap();
                    let steers = text.contains(|c: char| (c.is_control() && c != '\n') || c == '\u{202e}');
                    proptest::prop_assert!(!steers, "{}", format);
                }
            }
        }

        #[test]
        fn any_bytes_are_read_or_refused(bytes in proptest::collection::vec(proptest::prelude::any::<u8>(), 0..400)) {
            let _ = Report::read(&bytes);
        }
    }

    #[test]
    fn unknown_fields_are_taken() {
        let mut value = serde_json::to_value(sample::report()).unwrap();
        value["later"] = 1.into();
        value["leaks"][0]["later"] = serde_json::json!({"a": []});
        value["summary"]["later"] = 7.into();
        assert_eq!(
            Report::read(value.to_string().as_bytes()).unwrap(),
            sample::report()
        );
    }

    #[test]
    fn errors_say_what_the_file_is() {
        let error = |text: &str| Report::read(text.as_bytes()).unwrap_err().to_string();
        assert!(error(" \n").contains("empty"));
        assert!(error("{\"Action\":\"start\"}").contains("no \"schema\" key"));
        assert!(error("{\"schema\":\"leakgate.report/3\"}").contains("\"leakgate.report/3\""));
        assert!(error("not json").contains("writes one): line 1, column"));
        assert!(error("{\"schema\":\"leakgate.report/2\"}").contains("missing field"));
        assert!(error("{\"schema\":\"leakgate.report/1\"}").contains("missing field"));
        let lines = bytes(|out| write_lines(&sample::report(), out));
        let cut = lines.len() - 3;
        let last_line = lines[..cut].iter().rposition(|byte| *byte == b'\n').unwrap();
        assert!(matches!(
            Report::read(&lines[..=last_line]),
            Err(ReadError::CutOff)
        ));
    }
}
