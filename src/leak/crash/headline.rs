//! The first line of a crash, and the tests that it lists.

use crate::leak::TestName;

/// What ended the process.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CrashKind {
    /// `panic: test timed out after 1s`.
    Timeout,
    /// `fatal error: all goroutines are asleep - deadlock!`, also in a synctest bubble.
    Deadlock,
    /// `SIGQUIT: quit`: a person or program asked for the dump.
    Quit,
    /// `panic: …`.
    Panic,
    /// `fatal error: …`: concurrent map writes, stack overflow, out of memory.
    Fatal,
}

/// The first line of a crash.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Headline {
    /// What ended the process.
    pub kind: CrashKind,
    /// Without `panic: ` and `fatal error: `.
    pub text: String,
    /// `running tests:` of a timeout, in Go's order.
    pub running: Vec<RunningTest>,
}

/// A test that Go lists as running.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RunningTest {
    /// Full name.
    pub test: TestName,
    /// How long, as Go printed it: `2s`, `1m0s`.
    pub since: String,
}

/// The crash of a text, and the text behind its first line. What a test printed before may look like one too:
/// the last timeout, deadlock or quit counts, else the first line that looks like a crash.
pub fn find(output: &str) -> Option<(Headline, &str)> {
    let mut found: Option<(Headline, &str)> = None;
    let mut rest = output;
    while !rest.is_empty() {
        let (line, after) = rest.split_once('\n').unwrap_or((rest, ""));
        if let Some((kind, text)) = classify(line.trim_end()) {
            let headline = Headline {
                kind,
                text: text.to_owned(),
                running: running(after),
            };
            if headline.is_of_waiting() || found.is_none() {
                found = Some((headline, after));
            }
        }
        rest = after;
    }
    found
}

fn classify(line: &str) -> Option<(CrashKind, &str)> {
    if let Some(text) = line.strip_prefix("panic: ") {
        // `boom [recovered, repanicked]`: package testing has passed it on.
        let text = text.split(" [recovered").next().unwrap_or(text);
        let kind = if text.starts_with("test timed out after ") {
            CrashKind::Timeout
        } else if text.starts_with("deadlock: ") {
            CrashKind::Deadlock
        } else {
            CrashKind::Panic
        };
        return Some((kind, text));
    }
    if let Some(text) = line.strip_prefix("fatal error: ") {
        let kind = if text.contains("deadlock") {
            CrashKind::Deadlock
        } else {
            CrashKind::Fatal
        };
        return Some((kind, text));
    }
    (line == "SIGQUIT: quit").then_some((CrashKind::Quit, line))
}

/// `running tests:` and its indented lines; since Go 1.23 all of a panic's lines but the first are indented.
fn running(text: &str) -> Vec<RunningTest> {
    let Some(list) = text.trim_start_matches('\t').strip_prefix("running tests:\n") else {
        return Vec::new();
    };
    let entry = |line: &str| {
        let (test, since) = line
            .strip_prefix('\t')?
            .trim_start_matches('\t')
            .rsplit_once(" (")?;
        let since = since.trim_end().strip_suffix(')')?;
        Some(RunningTest {
            test: TestName(test.to_owned()),
            since: since.to_owned(),
        })
    };
    list.lines().map_while(entry).collect()
}
