//! Bazel's Build Event Protocol as JSON (`--build_event_json_file`) → the test logs of a `bazel test`. Pure.
//! Source of the fields: `build_event_stream.proto` of Bazel, <https://bazel.build/remote/bep>.

use serde::Deserialize;

/// All that one `bazel test` says about its tests.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct BuildEvents {
    /// By label, shard and run; the last attempt of each.
    pub runs: Vec<TestRun>,
    /// Target patterns of the command line.
    pub patterns: Vec<String>,
    /// `--test_filter` was given.
    pub filtered: bool,
    /// The file ends with Bazel's last message.
    pub complete: bool,
}

/// The last attempt of one shard of one test target.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TestRun {
    /// `//store:go_default_test`.
    pub label: String,
    /// `go_test rule`, if the file tells.
    pub kind: Option<String>,
    /// From 1; 0 or 1 for a target without shards.
    pub shard: u32,
    /// From 1, of `--runs_per_test`.
    pub run: u32,
    /// From 1; above 1 for a test that Bazel ran again (`--flaky_test_attempts`).
    pub attempt: u32,
    /// `PASSED`, `FAILED`, `TIMEOUT`, `FLAKY`, …
    pub status: String,
    /// From Bazel's local or remote cache.
    pub cached: bool,
    /// Milliseconds.
    pub elapsed_ms: u64,
    /// URI of `test.log`.
    pub log: Option<String>,
}

impl TestRun {
    /// Bazel passed it.
    pub fn passed(&self) -> bool {
        matches!(self.status.as_str(), "PASSED" | "FLAKY")
    }

    /// Whether it may be a Go test: a file without kinds of targets says nothing against it.
    pub fn may_be_go(&self) -> bool {
        self.kind
            .as_deref()
            .is_none_or(|kind| kind.starts_with("go_") || kind.contains("_go_"))
    }
}

/// A line that is no build event.
#[derive(Debug, thiserror::Error)]
#[error("line {line}: not a build event ({source}); the file is made by --build_event_json_file")]
pub struct BepError {
    /// From 1.
    pub line: usize,
    /// What JSON says.
    pub source: serde_json::Error,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Raw {
    #[serde(default)]
    id: Id,
    configured: Option<Configured>,
    test_result: Option<Outcome>,
    options_parsed: Option<Options>,
    #[serde(default)]
    last_message: bool,
}

#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Id {
    target_configured: Option<Target>,
    test_result: Option<ResultId>,
    pattern: Option<Pattern>,
}

#[derive(Deserialize)]
struct Target {
    label: String,
}

#[derive(Deserialize)]
struct Pattern {
    #[serde(default)]
    pattern: Vec<String>,
}

#[derive(Deserialize)]
struct ResultId {
    label: String,
    #[serde(default)]
    run: u32,
    #[serde(default)]
    shard: u32,
    #[serde(default)]
    attempt: u32,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Configured {
    #[serde(default)]
    target_kind: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Options {
    #[serde(default)]
    cmd_line: Vec<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Outcome {
    #[serde(default)]
    status: String,
    #[serde(default)]
    cached_locally: bool,
    #[serde(default)]
    execution_info: Execution,
    // 64-bit numbers are text in protobuf's JSON.
    #[serde(default)]
    test_attempt_duration_millis: String,
    #[serde(default)]
    test_action_output: Vec<File>,
}

#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Execution {
    #[serde(default)]
    cached_remotely: bool,
}

#[derive(Deserialize)]
struct File {
    #[serde(default)]
    name: String,
    uri: Option<String>,
}

/// Reads the whole text of a file.
pub fn read(text: &str) -> Result<BuildEvents, BepError> {
    let mut events = BuildEvents::default();
    let mut kinds = std::collections::BTreeMap::new();
    for (index, line) in text
        .lines()
        .enumerate()
        .filter(|(_, line)| !line.trim().is_empty())
    {
        let raw: Raw = serde_json::from_str(line).map_err(|source| BepError {
            line: index + 1,
            source,
        })?;
        events.complete |= raw.last_message;
        if let Some(pattern) = raw.id.pattern {
            events.patterns.extend(pattern.pattern);
        }
        if let Some(options) = raw.options_parsed {
            events.filtered |= options
                .cmd_line
                .iter()
                .any(|flag| flag.starts_with("--test_filter"));
        }
        if let (Some(target), Some(configured)) = (raw.id.target_configured, raw.configured) {
            kinds.insert(target.label, configured.target_kind);
        }
        if let (Some(id), Some(outcome)) = (raw.id.test_result, raw.test_result) {
            events.runs.push(test_run(id, outcome));
        }
    }
    for run in &mut events.runs {
        run.kind = kinds.get(&run.label).filter(|kind| !kind.is_empty()).cloned();
    }
    let key = |run: &TestRun| (run.label.clone(), run.shard, run.run);
    events.runs.sort_by_key(|run| (key(run), run.attempt));
    events.runs.reverse();
    events.runs.dedup_by_key(|run| key(run));
    events.runs.reverse();
    Ok(events)
}

fn test_run(id: ResultId, outcome: Outcome) -> TestRun {
    let mut files = outcome.test_action_output.into_iter();
    TestRun {
        label: id.label,
        kind: None,
        shard: id.shard,
        run: id.run,
        attempt: id.attempt,
        status: outcome.status,
        cached: outcome.cached_locally || outcome.execution_info.cached_remotely,
        elapsed_ms: outcome.test_attempt_duration_millis.parse().unwrap_or_default(),
        log: files
            .find(|file| file.name == "test.log")
            .and_then(|file| file.uri),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const FILE: &str = r#"{"id":{"optionsParsed":{}},"optionsParsed":{"cmdLine":["--test_output=errors"]}}
{"id":{"pattern":{"pattern":["//..."]}},"children":[]}
{"id":{"targetConfigured":{"label":"//a:a_test"}},"configured":{"targetKind":"go_test rule"}}
{"id":{"targetConfigured":{"label":"//b:b_test"}},"configured":{"targetKind":"sh_test rule"}}
{"id":{"testResult":{"label":"//a:a_test","run":1,"shard":2,"attempt":1}},"testResult":{"testActionOutput":[{"name":"test.log","uri":"file:///t/2/attempt_1.log"}],"status":"FAILED","testAttemptDurationMillis":"12"}}
{"id":{"testResult":{"label":"//a:a_test","run":1,"shard":2,"attempt":2}},"testResult":{"testActionOutput":[{"name":"test.log","uri":"file:///t/2/test.log"},{"name":"test.xml","uri":"file:///t/2/test.xml"}],"status":"PASSED","testAttemptDurationMillis":"15"}}
{"id":{"testResult":{"label":"//a:a_test","run":1,"shard":1,"attempt":1}},"testResult":{"testActionOutput":[{"name":"test.log","uri":"bytestream://cache/blobs/x/3"}],"status":"PASSED","executionInfo":{"cachedRemotely":true}}}
{"id":{"testResult":{"label":"//b:b_test","run":1,"shard":1,"attempt":1}},"testResult":{"status":"PASSED","cachedLocally":true}}
{"id":{"buildFinished":{}},"finished":{"exitCode":{"name":"SUCCESS"}}}
{"id":{"buildMetrics":{}},"lastMessage":true}
"#;

    #[test]
    fn the_last_attempt_of_each_shard_counts() {
        let events = read(FILE).unwrap();
        assert!(events.complete && !events.filtered);
        assert_eq!(events.patterns, ["//..."]);
        let seen: Vec<_> = events
            .runs
            .iter()
            .map(|run| {
                (
                    run.label.as_str(),
                    run.shard,
                    run.attempt,
                    run.passed(),
                    run.cached,
                    run.may_be_go(),
                )
            })
            .collect();
        assert_eq!(
            seen,
            [
                ("//a:a_test", 1, 1, true, true, true),
                ("//a:a_test", 2, 2, true, false, true),
                ("//b:b_test", 1, 1, true, true, false),
            ]
        );
        assert_eq!(events.runs[1].log.as_deref(), Some("file:///t/2/test.log"));
        assert_eq!(events.runs[1].elapsed_ms, 15);
    }

    #[test]
    fn a_file_that_was_cut_is_not_complete_and_a_bad_line_is_named() {
        let cut: String = FILE.lines().take(7).map(|line| format!("{line}\n")).collect();
        assert!(!read(&cut).unwrap().complete);
        let error = read("{\"id\":{}}\nnot json\n").unwrap_err().to_string();
        assert!(error.starts_with("line 2: not a build event"), "{error}");
    }

    #[test]
    fn a_filter_on_the_command_line_is_seen() {
        let text = r#"{"id":{"optionsParsed":{}},"optionsParsed":{"cmdLine":["--test_filter=TestA"]}}"#;
        assert!(read(text).unwrap().filtered);
    }
}
