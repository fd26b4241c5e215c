//! The `sarif` format: SARIF 2.1.0 as GitHub code scanning reads it. The location is the `go` statement; identity is ours,
//! so that an alert stays the same when lines move. One result per leak, however many tests have it.

use super::group::{Anchor, SameLeak, anchor, groups};
use super::safe_text::{safe_lines, safe_name};
use super::{Report, words};
use crate::diag::Severity;
use crate::goroutine::{Frame, Location};
use crate::leak::{Group, Spot, Verdict, registry};
use crate::rules::RulingKind;
use serde::Serialize;
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::io::{self, Write};

/// More results than code scanning takes.
const RESULTS: usize = 25_000;
/// Frames kept of a stack.
const FRAMES: usize = 50;

/// How to write SARIF.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct SarifOptions {
    /// Whether allowed, baselined and background leaks are written, as suppressed results.
    pub suppressed: Suppressed,
    /// Tells uploads of one workflow run apart: the job or matrix cell.
    pub category: String,
}

/// How to write findings that a rule lets pass.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Suppressed {
    /// Left out.
    #[default]
    Omit,
    /// Written with a `suppressions` entry.
    Include,
}

#[derive(Serialize)]
struct Log {
    #[serde(rename = "$schema")]
    schema: &'static str,
    version: &'static str,
    runs: [Run; 1],
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Run {
    tool: Value,
    automation_details: Value,
    invocations: [Value; 1],
    #[serde(skip_serializing_if = "Vec::is_empty")]
    version_control_provenance: Vec<Value>,
    column_kind: &'static str,
    results: Vec<SarifResult>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct SarifResult {
    rule_id: &'static str,
    rule_index: usize,
    level: &'static str,
    message: Text,
    locations: [Place; 1],
    #[serde(skip_serializing_if = "Vec::is_empty")]
    related_locations: Vec<Place>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    stacks: Vec<Stack>,
    partial_fingerprints: Fingerprints,
    occurrence_count: u64,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    suppressions: Vec<Value>,
    properties: Properties,
}

#[derive(Serialize)]
struct Text {
    text: String,
}

/// SARIF's `location`.
#[derive(Serialize, Default)]
#[serde(rename_all = "camelCase")]
struct Place {
    #[serde(skip_serializing_if = "Option::is_none")]
    id: Option<u32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    logical_locations: Option<[Function; 1]>,
    #[serde(skip_serializing_if = "Option::is_none")]
    message: Option<Text>,
    #[serde(skip_serializing_if = "Option::is_none")]
    physical_location: Option<FilePlace>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Function {
    fully_qualified_name: String,
    kind: &'static str,
}

/// SARIF's `physicalLocation`.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct FilePlace {
    artifact_location: Artifact,
    region: Region,
}

#[derive(Serialize)]
struct Artifact {
    uri: String,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Region {
    #[serde(skip_serializing_if = "Option::is_none")]
    end_column: Option<usize>,
    #[serde(skip_serializing_if = "Option::is_none")]
    end_line: Option<u32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    start_column: Option<u32>,
    start_line: u32,
}

#[derive(Serialize)]
struct Stack {
    frames: Vec<StackFrame>,
    message: Text,
}

#[derive(Serialize)]
struct StackFrame {
    location: Place,
}

#[derive(Serialize)]
struct Fingerprints {
    #[serde(rename = "leakgate/v1")]
    leak: String,
    #[serde(rename = "primaryLocationLineHash")]
    line: String,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Properties {
    attribution: &'static str,
    evidence: &'static str,
    owner: String,
    package: String,
    tests: Vec<String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    with_it: Vec<WithIt>,
}

/// A member, with the evidence that joins it.
#[derive(Serialize)]
struct WithIt {
    goroutines: u64,
    joined: String,
    owner: String,
}

/// Writes the log.
pub fn write(report: &Report, out: &mut dyn Write, options: &SarifOptions) -> io::Result<()> {
    let shown = report
        .findings
        .iter()
        .filter(|finding| match finding.ruling.kind {
            RulingKind::Fails | RulingKind::Warns => true,
            _ => options.suppressed == Suppressed::Include,
        });
    let groups = groups(shown);
    let rules = rules(&groups);
    let results = groups
        .iter()
        .take(RESULTS)
        .map(|group| result(group, &rules))
        .collect();
    let category = if options.category.is_empty() {
        "leakgate/".to_owned()
    } else {
        format!("leakgate/{}/", options.category)
    };
    let provenance = report.run.repository.iter().map(|repository| {
        json!({ "repositoryUri": repository.url, "revisionId": repository.commit, "mappedTo": { "uriBaseId": "SRCROOT" } })
    });
    let driver = json!({
        "name": "leakgate",
        "semanticVersion": report.tool.version,
        "rules": rules.values().map(|rule| &rule.1).collect::<Vec<_>>(),
    });
    let run = Run {
        tool: json!({ "driver": driver }),
        automation_details: json!({ "id": category }),
        invocations: [invocation(report)],
        version_control_provenance: provenance.collect(),
        column_kind: "unicodeCodePoints",
        results,
    };
    let log = Log {
        schema: "https://json.schemastore.org/sarif-2.1.0.json",
        version: "2.1.0",
        runs: [run],
    };
    serde_json::to_writer_pretty(&mut *out, &log)?;
    writeln!(out)
}

/// The rules of the causes that occur, by code, each with its index.
fn rules(groups: &[SameLeak<'_>]) -> BTreeMap<&'static str, (usize, Value)> {
    let mut rules = BTreeMap::new();
    for group in groups {
        let cause = &group.root().cause;
        rules
            .entry(cause.code.as_str())
            .or_insert_with(|| (0, rule(cause)));
    }
    for (index, rule) in rules.values_mut().enumerate() {
        rule.0 = index;
    }
    rules
}

fn rule(cause: &crate::leak::Cause) -> Value {
    let (code, title) = (cause.code.as_str(), safe_name(&cause.title, 200));
    let entry = registry::entry(cause.code);
    let help = format!(
        "The goroutine waits for {}. To fix it: {}. Run `leakgate explain {code}` for an example.",
        entry.waits_for, entry.fix
    );
    json!({
        "id": code,
        "name": pascal(code),
        "shortDescription": { "text": format!("Goroutine leak: {title}") },
        "fullDescription": { "text": format!("A goroutine outlives the test that started it ({title}). It keeps its memory and all that it refers to until the process ends.") },
        "help": { "text": help, "markdown": help },
        "defaultConfiguration": { "level": "error" },
        "properties": { "tags": ["goroutine-leak", "reliability"], "precision": "very-high", "problem.severity": "error" },
    })
}

/// `SendNoReceiver` of `send-no-receiver`.
fn pascal(code: &str) -> String {
    let word = |word: &str| word[..1].to_uppercase() + &word[1..];
    code.split('-')
        .filter(|part| !part.is_empty())
        .map(word)
        .collect()
}

fn result(group: &SameLeak<'_>, rules: &BTreeMap<&'static str, (usize, Value)>) -> SarifResult {
    let leak = group.root();
    let rule_id = leak.cause.code.as_str();
    let fingerprint = safe_name(&leak.fingerprint.0, 64);
    SarifResult {
        rule_id,
        rule_index: rules.get(rule_id).map_or(0, |rule| rule.0),
        level: if group.first.ruling.kind == RulingKind::Fails {
            "error"
        } else {
            "warning"
        },
        message: Text { text: message(group) },
        locations: [location(&anchor(leak))],
        related_locations: related(leak).into_iter().collect(),
        stacks: stack(leak).into_iter().collect(),
        partial_fingerprints: Fingerprints {
            line: format!("{fingerprint}:{}", group.ordinal),
            leak: fingerprint,
        },
        occurrence_count: group.goroutines().max(1),
        suppressions: suppressions(group).into_iter().collect(),
        properties: Properties {
            attribution: words::attribution_kind(leak.attribution),
            evidence: words::proof_kind(leak),
            owner: safe_name(&leak.owner.0, 500),
            package: safe_name(&leak.package.0, 500),
            tests: tests(group),
            with_it: with_it(group),
        },
    }
}

fn tests(group: &SameLeak<'_>) -> Vec<String> {
    let findings = std::iter::once(group.first).chain(group.others.iter().copied());
    findings
        .flat_map(|finding| &finding.leak.root.tests)
        .take(50)
        .map(|test| safe_name(&test.0, 300))
        .collect()
}

fn with_it(group: &SameLeak<'_>) -> Vec<WithIt> {
    let member = |member: &crate::leak::Member| WithIt {
        owner: safe_name(&member.group.owner.0, 500),
        goroutines: member.group.count,
        joined: safe_name(&member.joined.words, 500),
    };
    group.first.leak.members.iter().take(FRAMES).map(member).collect()
}

fn message(group: &SameLeak<'_>) -> String {
    let leak = group.root();
    let verb = match leak.verdict {
        Verdict::Leaked => "left behind",
        Verdict::Late => "was outlived by",
        Verdict::Stuck => "is stuck in",
    };
    let mut text = format!(
        "{}{} {verb} {}. {} Fix: {}",
        if leak.tests.is_empty() { "Code " } else { "" },
        plain(&group.tests()),
        group.how_many(),
        plain(&words::waits(leak)),
        plain(&words::fix(&leak.cause)),
    );
    if let Some((_, place)) = own(leak.blocked_at.as_ref()) {
        text += &format!(" Blocked at [{}](1).", plain(&place));
    }
    if let Some(with_it) = words::with_it(&group.first.leak) {
        text += &format!(" With it {}.", plain(&with_it));
    }
    text
}

/// Brackets and backslashes have a meaning in SARIF's plain text messages (§ 3.11.6).
fn plain(text: &str) -> String {
    text.replace('\\', "\\\\").replace('[', "\\[").replace(']', "\\]")
}

/// A spot of the user's own tree.
fn own(spot: Option<&Spot>) -> Option<(&Spot, String)> {
    let spot = spot.filter(|spot| spot.relative.is_some() && spot.at.line > 0)?;
    Some((spot, words::place(spot)))
}

fn related(leak: &Group) -> Option<Place> {
    let (spot, _) = own(leak.blocked_at.as_ref())?;
    let anchor = Anchor {
        file: words::spot_file(spot).to_owned(),
        line: spot.at.line,
        columns: 0,
    };
    Some(Place {
        id: Some(1),
        message: Some(Text {
            text: "the goroutine is blocked here".to_owned(),
        }),
        ..location(&Some(anchor))
    })
}

/// Never empty: a leak without a line of the user's tree points at the first line of `go.mod`.
fn location(anchor: &Option<Anchor>) -> Place {
    let (file, line, columns) = match anchor {
        Some(anchor) => (anchor.file.as_str(), anchor.line, anchor.columns),
        None => ("go.mod", 1, 0),
    };
    let region = Region {
        start_line: line,
        start_column: Some(1),
        end_line: Some(line),
        end_column: Some(columns.max(1) + 1),
    };
    Place {
        physical_location: Some(in_file(file, region)),
        ..Place::default()
    }
}

fn in_file(file: &str, region: Region) -> FilePlace {
    FilePlace {
        artifact_location: Artifact {
            uri: words::path_uri(file),
        },
        region,
    }
}

fn stack(leak: &Group) -> Option<Stack> {
    let mut frames: Vec<StackFrame> = leak
        .stack
        .iter()
        .take(FRAMES)
        .map(|frame| stack_frame(leak, frame))
        .collect();
    if let Some(created) = &leak.created {
        let frame = Frame {
            func: created.func.clone(),
            args: None,
            at: created.at.clone(),
        };
        frames.push(stack_frame(leak, &frame));
    }
    let text = format!(
        "goroutine in state {}; the last frame holds the go statement",
        safe_name(&leak.state.reason, 80)
    );
    (!frames.is_empty()).then_some(Stack {
        frames,
        message: Text { text },
    })
}

fn stack_frame(leak: &Group, frame: &Frame) -> StackFrame {
    let name = safe_name(&frame.func.0, 500);
    let function = Function {
        fully_qualified_name: if name.is_empty() { "?".to_owned() } else { name },
        kind: "function",
    };
    let at: Option<&Location> = frame.at.as_ref().filter(|at| at.line > 0);
    let file = at.and_then(|at| Some((at, words::relative_file(leak, &at.file)?)));
    let region = |line| Region {
        start_line: line,
        start_column: None,
        end_line: None,
        end_column: None,
    };
    let location = Place {
        logical_locations: Some([function]),
        physical_location: file.map(|(at, file)| in_file(file, region(at.line))),
        ..Place::default()
    };
    StackFrame { location }
}

fn suppressions(group: &SameLeak<'_>) -> Option<Value> {
    let ruling = &group.first.ruling;
    if matches!(ruling.kind, RulingKind::Fails | RulingKind::Warns) {
        return None;
    }
    let facts = [&ruling.rule, &ruling.because].into_iter().flatten();
    let why = facts
        .map(|text| safe_name(text, 500))
        .collect::<Vec<_>>()
        .join(": ");
    let why = if why.is_empty() {
        words::finding_kind(group.first).to_owned()
    } else {
        why
    };
    Some(json!({ "kind": "external", "status": "accepted", "justification": why }))
}

/// What went wrong with the run itself: notices, and packages without evidence.
fn invocation(report: &Report) -> Value {
    let mut notifications = Vec::new();
    for package in &report.packages {
        if let Some(why) = &package.inconclusive {
            let text = format!("{}: {why}", package.path.0);
            notifications.push(json!({ "level": "error", "descriptor": { "id": non_empty(&why.code) }, "message": { "text": safe_lines(&text) } }));
        }
    }
    for notice in &report.notices {
        let level = match notice.severity {
            Severity::Error => "error",
            Severity::Warning => "warning",
            Severity::Note => "note",
        };
        let place = notice
            .place
            .as_ref()
            .map(|place| format!("{place}: "))
            .unwrap_or_default();
        let text = safe_lines(&format!("{place}{}", notice.message));
        notifications.push(json!({ "level": level, "descriptor": { "id": non_empty(&notice.code) }, "message": { "text": text } }));
    }
    json!({
        "executionSuccessful": report.run.partial.is_none() && report.summary.inconclusive == 0,
        "exitCode": report.exit_code,
        "toolExecutionNotifications": notifications,
    })
}

fn non_empty(code: &str) -> String {
    if code.is_empty() {
        "notice".to_owned()
    } else {
        safe_name(code, 100)
    }
}

#[cfg(test)]
mod tests {
    use super::super::sample;
    use super::*;

    fn sarif(report: &Report, suppressed: Suppressed) -> Value {
        let mut bytes = Vec::new();
        write(
            report,
            &mut bytes,
            &SarifOptions {
                suppressed,
                category: String::new(),
            },
        )
        .unwrap();
        serde_json::from_slice(&bytes).unwrap()
    }

    #[test]
    fn it_is_valid_against_the_oasis_schema() {
        let schema = include_str!("../../tests/testdata/schema/sarif-schema-2.1.0.json");
        let validator = jsonschema::validator_for(&serde_json::from_str(schema).unwrap()).unwrap();
        for report in [sample::report(), sample::clean(), sample::large(50)] {
            for suppressed in [Suppressed::Omit, Suppressed::Include] {
                let value = sarif(&report, suppressed);
                let errors: Vec<String> = validator
                    .iter_errors(&value)
                    .map(|error| format!("{}: {error}", error.instance_path))
                    .collect();
                assert_eq!(errors, Vec::<String>::new());
            }
        }
        assert!(
            !validator.is_valid(&json!({ "version": "2.1.0" })),
            "the schema is a real one"
        );
    }

    #[test]
    fn results_have_what_code_scanning_asks_for() {
        let value = sarif(&sample::report(), Suppressed::Omit);
        let results = value["runs"][0]["results"].as_array().unwrap();
        // FetchFirst and FetchAll are one; watcher, window, hostile, once per process, stuck, late
        assert_eq!(results.len(), 7);
        let mut identities = std::collections::HashSet::new();
        for result in results {
            let location = &result["locations"][0]["physicalLocation"];
            let uri = location["artifactLocation"]["uri"].as_str().unwrap();
            assert!(
                !uri.is_empty() && !uri.starts_with('/') && !uri.contains(['<', ' ', '"', '%'].as_slice())
                    || uri.contains("%20")
            );
            for key in ["startLine", "startColumn", "endLine", "endColumn"] {
                assert!(location["region"][key].as_u64().unwrap() >= 1);
            }
            let hash = &result["partialFingerprints"]["primaryLocationLineHash"];
            assert!(identities.insert(hash.as_str().unwrap().to_owned()));
        }
        assert_eq!(
            results[0]["locations"][0]["physicalLocation"]["region"]["startLine"],
            41
        );
        assert_eq!(
            results[0]["relatedLocations"][0]["physicalLocation"]["region"]["startLine"],
            42
        );
        assert_eq!(results[0]["occurrenceCount"], 2_003);
    }

    #[test]
    fn suppressed_findings_are_written_on_request() {
        let value = sarif(&sample::report(), Suppressed::Include);
        let results = value["runs"][0]["results"].as_array().unwrap();
        let suppressed: Vec<&Value> = results
            .iter()
            .filter(|result| result["suppressions"].is_array())
            .collect();
        assert_eq!(suppressed.len(), 3);
        assert!(
            suppressed[1]["suppressions"][0]["justification"]
                .as_str()
                .unwrap()
                .starts_with("leakgate.toml:12")
        );
    }
}
