//! The `pprof` format: leaks as a gzipped profile for `go tool pprof`. One sample per finding, its value the number of
//! goroutines; the function with the `go` statement is the outermost frame; test, package, cause and more are labels.
//!
//! Encodes by hand the few messages of `profile.proto` that it needs.

use super::{Report, words};
use crate::goroutine::Frame;
use crate::leak::{Group, Verdict};
use crate::rules::RulingKind;
use flate2::write::GzEncoder;
use flate2::{Compression, GzBuilder};
use indexmap::{IndexMap, IndexSet};
use std::io::{self, Write};

/// Writes the profile of all findings that fail or warn, save goroutines that have ended.
pub fn write(report: &Report, out: &mut dyn Write) -> io::Result<()> {
    let mut profile = Profile::new();
    for finding in &report.findings {
        let shown = matches!(finding.ruling.kind, RulingKind::Fails | RulingKind::Warns);
        if shown && finding.leak.root.verdict != Verdict::Late {
            for group in finding.leak.groups() {
                profile.sample(group, words::finding_kind(finding));
            }
        }
    }
    let mut gzip: GzEncoder<&mut dyn Write> = GzBuilder::new().mtime(0).write(out, Compression::default());
    gzip.write_all(&profile.finish(report))?;
    gzip.finish().map(drop)
}

/// Bytes of a protobuf message under construction.
#[derive(Default)]
struct Message(Vec<u8>);

impl Message {
    fn varint(&mut self, mut value: u64) {
        while value >= 0x80 {
            self.0.push(value as u8 | 0x80);
            value >>= 7;
        }
        self.0.push(value as u8);
    }

    fn number(&mut self, field: u64, value: u64) {
        if value != 0 {
            self.varint(field << 3);
            self.varint(value);
        }
    }

    fn bytes(&mut self, field: u64, bytes: &[u8]) {
        self.varint(field << 3 | 2);
        self.varint(bytes.len() as u64);
        self.0.extend_from_slice(bytes);
    }

    fn packed(&mut self, field: u64, values: &[u64]) {
        let mut inner = Self::default();
        values.iter().for_each(|value| inner.varint(*value));
        self.bytes(field, &inner.0);
    }
}

struct Profile {
    body: Message,
    strings: IndexSet<String>,
    /// (name, file) → id.
    functions: IndexMap<(u64, u64), u64>,
    /// (function, line) → id.
    locations: IndexMap<(u64, u64), u64>,
}

impl Profile {
    fn new() -> Self {
        let strings = IndexSet::from([String::new()]);
        Self {
            body: Message::default(),
            strings,
            functions: IndexMap::new(),
            locations: IndexMap::new(),
        }
    }

    fn string(&mut self, text: &str) -> u64 {
        match self.strings.get_index_of(text) {
            Some(index) => index as u64,
            None => self.strings.insert_full(text.to_owned()).0 as u64,
        }
    }

    fn location(&mut self, frame: &Frame) -> u64 {
        let name = self.string(&frame.func.0);
        let (file, line) = frame
            .at
            .as_ref()
            .map_or(("", 0), |at| (at.file.as_str(), at.line));
        let file = self.string(file);
        let next = self.functions.len() as u64 + 1;
        let function = *self.functions.entry((name, file)).or_insert(next);
        let next = self.locations.len() as u64 + 1;
        *self.locations.entry((function, u64::from(line))).or_insert(next)
    }

    fn sample(&mut self, leak: &Group, kind: &str) {
        let mut stack: Vec<u64> = leak.stack.iter().map(|frame| self.location(frame)).collect();
        if let Some(created) = &leak.created {
            let frame = Frame {
                func: created.func.clone(),
                args: None,
                at: created.at.clone(),
            };
            stack.push(self.location(&frame));
        }
        let mut sample = Message::default();
        sample.packed(1, &stack);
        sample.packed(2, &[leak.count]);
        let state = leak.state.reason.as_str();
        let mut labels = vec![
            ("package", leak.package.0.as_str()),
            ("cause", leak.cause.code.as_str()),
            ("state", state),
            ("fingerprint", leak.fingerprint.0.as_str()),
            ("evidence", words::proof_kind(leak)),
            ("kind", kind),
        ];
        labels.extend(leak.tests.iter().map(|test| ("test", test.0.as_str())));
        for (key, value) in labels {
            let mut label = Message::default();
            label.number(1, self.string(key));
            label.number(2, self.string(value));
            sample.bytes(3, &label.0);
        }
        self.body.bytes(2, &sample.0);
    }

    fn finish(mut self, report: &Report) -> Vec<u8> {
        let mut head = Message::default();
        let kind = self.value_type("goroutine", "count");
        head.bytes(1, &kind);
        head.0.append(&mut self.body.0);
        let module = report.run.module.as_deref().unwrap_or("go test");
        let mut mapping = Message::default();
        mapping.number(1, 1);
        mapping.number(5, self.string(module));
        [7, 8, 9].into_iter().for_each(|has| mapping.number(has, 1));
        head.bytes(3, &mapping.0);
        for ((function, line), id) in &self.locations {
            let mut inner = Message::default();
            inner.number(1, *function);
            inner.number(2, *line);
            let mut location = Message::default();
            location.number(1, *id);
            location.number(2, 1);
            location.bytes(4, &inner.0);
            head.bytes(4, &location.0);
        }
        for ((name, file), id) in &self.functions {
            let mut function = Message::default();
            function.number(1, *id);
            function.number(2, *name);
            function.number(3, *name);
            function.number(4, *file);
            head.bytes(5, &function.0);
        }
        let started: Option<jiff::Timestamp> = report.run.started.parse().ok();
        head.number(
            9,
            started.map_or(0, |started| started.as_nanosecond().max(0) as u64),
        );
        head.number(10, report.run.elapsed_ms.saturating_mul(1_000_000));
        let period = self.value_type("goroutine", "count");
        head.bytes(11, &period);
        head.number(12, 1);
        let comment = self.string("leaked goroutines, by leakgate");
        head.number(13, comment);
        for text in &self.strings {
            head.bytes(6, text.as_bytes());
        }
        head.0
    }

    fn value_type(&mut self, kind: &str, unit: &str) -> Vec<u8> {
        let mut message = Message::default();
        message.number(1, self.string(kind));
        message.number(2, self.string(unit));
        message.0
    }
}

#[cfg(test)]
mod tests {
    use super::super::sample;
    use super::*;

    #[test]
    fn varints_are_little_endian_groups_of_seven() {
        let mut message = Message::default();
        message.number(1, 300);
        assert_eq!(message.0, [0x08, 0xac, 0x02]);
        message.number(2, 0);
        assert_eq!(message.0.len(), 3, "zero is the default");
    }

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
