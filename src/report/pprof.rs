//! The `pprof` format: leaks as a gzipped profile for `go tool pprof`. One sample per finding, its value the number of
//! goroutines; the function with the `go` statement is the outermost frame; test, package, cause and more are labels.

use super::{Report, words};
use crate::goroutine::profile::{self, About, Stack};
use crate::goroutine::{Fingerprint, Frame};
use crate::leak::{Group, Verdict};
use crate::rules::RulingKind;
use std::borrow::Cow;
use std::io::{self, Write};

/// Writes the profile of all findings that fail or warn, save goroutines that have ended.
pub fn write(report: &Report, out: &mut dyn Write) -> io::Result<()> {
    let shown = report.findings.iter().filter(|finding| {
        matches!(finding.ruling.kind, RulingKind::Fails | RulingKind::Warns)
            && finding.leak.root.verdict != Verdict::Late
    });
    let stacks: Vec<Stack<'_>> = shown
        .flat_map(|finding| {
            let kind = words::finding_kind(finding);
            let root = &finding.leak.root.fingerprint;
            finding.leak.groups().map(move |group| stack(group, kind, root))
        })
        .collect();
    let started: Option<jiff::Timestamp> = report.run.started.parse().ok();
    let nanos = |value: i128| i64::try_from(value).unwrap_or(0).max(0);
    let about = About {
        program: report.run.module.as_deref().unwrap_or("go test"),
        time_nanos: started.map_or(0, |started| nanos(started.as_nanosecond())),
        duration_nanos: nanos(i128::from(report.run.elapsed_ms) * 1_000_000),
        comment: "leaked goroutines, by leakgate",
    };
    profile::write(&stacks, &about, out)
}

/// The fingerprint of the root tells which leak it is of.
fn stack<'a>(leak: &'a Group, kind: &str, root: &Fingerprint) -> Stack<'a> {
    let mut frames: Vec<Cow<'a, Frame>> = leak.stack.iter().map(Cow::Borrowed).collect();
    frames.extend(leak.created.as_ref().map(|created| {
        Cow::Owned(Frame {
            func: created.func.clone(),
            args: None,
            at: created.at.clone(),
        })
    }));
    let mut labels = vec![
        ("package", leak.package.0.clone()),
        ("cause", leak.cause.code.as_str().to_owned()),
        ("state", leak.state.reason.as_str().to_owned()),
        ("fingerprint", leak.fingerprint.0.clone()),
        ("leak", root.0.clone()),
        ("evidence", words::proof_kind(leak).to_owned()),
        ("kind", kind.to_owned()),
    ];
    labels.extend(leak.tests.iter().map(|test| ("test", test.0.clone())));
    Stack {
        frames,
        count: leak.count,
        labels,
    }
}

#[cfg(test)]
mod tests {
    use super::super::sample;
    use super::*;

    #[test]
    #[expect(clippy::disallowed_methods, reason = "runs go tool pprof on the written file")]
    fn go_tool_pprof_reads_it() {
        let file = tempfile::NamedTempFile::with_suffix(".pb.gz").unwrap();
        write(&sample::report(), &mut file.as_file()).unwrap();
        let run = |flags: &[&str]| -> String {
            let mut command = std::process::Command::new("go");
            let command = command.args(["tool", "pprof"]).args(flags).arg(file.path());
            let output = command.output().expect("go is there");
            assert!(
                output.status.success(),
                "{}",
                String::from_utf8_lossy(&output.stderr)
            );
            String::from_utf8(output.stdout).unwrap()
        };
        let top = run(&["-top"]);
        // 2000 + 3 sends, and watcher, window, hostile, once per process, stuck
        assert!(
            top.contains("Type: goroutine") && top.contains("2008 total"),
            "{top}"
        );
        let send = top.lines().find(|line| line.ends_with("runtime.gopark")).unwrap();
        assert_eq!(send.split_whitespace().next(), Some("2003"));
        assert!(run(&["-peek", "fetchAll"]).contains("store.fetchAll.func1"));
        assert!(run(&["-tags"]).contains("TestFetchFirst"));
        assert!(run(&["-top", "-tagfocus=cause=http-body-not-closed"]).contains("persistConn"));
    }
}
