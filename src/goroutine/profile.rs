//! Binary pprof profiles: the messages of `profile.proto`, as far as a goroutine profile needs them, and a writer for
//! `go tool pprof`.

use super::Frame;
use flate2::{Compression, GzBuilder};
use indexmap::{IndexMap, IndexSet};
use prost::Message;
use std::borrow::Cow;
use std::io::{self, Write};

/// A whole profile.
#[derive(Clone, PartialEq, Message)]
pub struct Profile {
    /// What the values of samples are.
    #[prost(message, repeated, tag = "1")]
    pub sample_type: Vec<ValueType>,
    /// All stacks.
    #[prost(message, repeated, tag = "2")]
    pub sample: Vec<Sample>,
    /// The program.
    #[prost(message, repeated, tag = "3")]
    pub mapping: Vec<Mapping>,
    /// All calls.
    #[prost(message, repeated, tag = "4")]
    pub location: Vec<Location>,
    /// All functions.
    #[prost(message, repeated, tag = "5")]
    pub function: Vec<Function>,
    /// All texts; the first is empty.
    #[prost(bytes = "vec", repeated, tag = "6")]
    pub strings: Vec<Vec<u8>>,
    /// When, since 1970.
    #[prost(int64, tag = "9")]
    pub time_nanos: i64,
    /// How long.
    #[prost(int64, tag = "10")]
    pub duration_nanos: i64,
    /// As the type of the samples.
    #[prost(message, optional, tag = "11")]
    pub period_type: Option<ValueType>,
    /// 1.
    #[prost(int64, tag = "12")]
    pub period: i64,
    /// Of the whole profile.
    #[prost(int64, repeated, tag = "13")]
    pub comment: Vec<i64>,
}

/// What a value counts, as indexes of strings.
#[derive(Clone, Copy, PartialEq, Message)]
pub struct ValueType {
    /// `goroutine`.
    #[prost(int64, tag = "1")]
    pub kind: i64,
    /// `count`.
    #[prost(int64, tag = "2")]
    pub unit: i64,
}

/// One stack.
#[derive(Clone, PartialEq, Message)]
pub struct Sample {
    /// Innermost first.
    #[prost(uint64, repeated, tag = "1")]
    pub location_id: Vec<u64>,
    /// One for each type.
    #[prost(int64, repeated, tag = "2")]
    pub value: Vec<i64>,
    /// Of the sample.
    #[prost(message, repeated, tag = "3")]
    pub label: Vec<Label>,
}

/// A key and its value, as indexes of strings, or a number.
#[derive(Clone, Copy, PartialEq, Message)]
pub struct Label {
    /// Its name.
    #[prost(int64, tag = "1")]
    pub key: i64,
    /// Its text, or 0.
    #[prost(int64, tag = "2")]
    pub text: i64,
    /// Its number.
    #[prost(int64, tag = "3")]
    pub number: i64,
}

/// One call.
#[derive(Clone, PartialEq, Message)]
pub struct Location {
    /// From 1.
    #[prost(uint64, tag = "1")]
    pub id: u64,
    /// Its program.
    #[prost(uint64, tag = "2")]
    pub mapping_id: u64,
    /// Where; more than one where calls were inlined.
    #[prost(message, repeated, tag = "4")]
    pub line: Vec<Line>,
}

/// A line of a function.
#[derive(Clone, Copy, PartialEq, Message)]
pub struct Line {
    /// Its function.
    #[prost(uint64, tag = "1")]
    pub function_id: u64,
    /// Where; more than one where calls were inlined.
    #[prost(int64, tag = "2")]
    pub line: i64,
}

/// A function, as indexes of strings.
#[derive(Clone, Copy, PartialEq, Message)]
pub struct Function {
    /// From 1.
    #[prost(uint64, tag = "1")]
    pub id: u64,
    /// As shown.
    #[prost(int64, tag = "2")]
    pub name: i64,
    /// As the linker knows it.
    #[prost(int64, tag = "3")]
    pub system_name: i64,
    /// Where it is.
    #[prost(int64, tag = "4")]
    pub file: i64,
}

/// The program.
#[derive(Clone, Copy, PartialEq, Message)]
pub struct Mapping {
    /// From 1.
    #[prost(uint64, tag = "1")]
    pub id: u64,
    /// Where it lies.
    #[prost(int64, tag = "5")]
    pub file_name: i64,
    /// Names need not be looked up.
    #[prost(bool, tag = "7")]
    pub has_functions: bool,
    /// Nor files.
    #[prost(bool, tag = "8")]
    pub has_filenames: bool,
    /// Nor lines.
    #[prost(bool, tag = "9")]
    pub has_line_numbers: bool,
}

impl Profile {
    /// The text at an index; empty if there is none.
    pub fn text(&self, at: i64) -> String {
        let bytes = usize::try_from(at).ok().and_then(|at| self.strings.get(at));
        bytes
            .map(|bytes| String::from_utf8_lossy(bytes).into_owned())
            .unwrap_or_default()
    }
}

/// One stack to be written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stack<'a> {
    /// Innermost first.
    pub frames: Vec<Cow<'a, Frame>>,
    /// How many goroutines.
    pub count: u64,
    /// Keys and values; a key may come more than once.
    pub labels: Vec<(&'a str, String)>,
}

/// What a profile says of itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct About<'a> {
    /// Shown as the program's name.
    pub program: &'a str,
    /// When, in nanoseconds since 1970; 0 if that is not known.
    pub time_nanos: i64,
    /// How long, in nanoseconds.
    pub duration_nanos: i64,
    /// Anything else.
    pub comment: &'a str,
}

/// Writes a gzipped profile of goroutines. Its bytes depend on nothing but the arguments.
pub fn write(stacks: &[Stack<'_>], about: &About<'_>, out: impl Write) -> io::Result<()> {
    let mut gzip = GzBuilder::new().mtime(0).write(out, Compression::default());
    gzip.write_all(&encode(stacks, about))?;
    gzip.finish().map(drop)
}

/// The same, not compressed.
pub fn encode(stacks: &[Stack<'_>], about: &About<'_>) -> Vec<u8> {
    let mut writer = Writer::default();
    writer.text("");
    let kind = ValueType {
        kind: writer.text("goroutine"),
        unit: writer.text("count"),
    };
    let mapping = Mapping {
        id: 1,
        file_name: writer.text(about.program),
        has_functions: true,
        has_filenames: true,
        has_line_numbers: true,
    };
    let comment = match about.comment {
        "" => Vec::new(),
        text => vec![writer.text(text)],
    };
    let sample = stacks.iter().map(|stack| writer.sample(stack)).collect();
    let locations = writer
        .locations
        .iter()
        .map(|(&(function_id, line), &id)| Location {
            id,
            mapping_id: 1,
            line: vec![Line { function_id, line }],
        });
    let functions = writer.functions.iter().map(|(&(name, file), &id)| Function {
        id,
        name,
        system_name: name,
        file,
    });
    Profile {
        sample_type: vec![kind],
        sample,
        mapping: vec![mapping],
        location: locations.collect(),
        function: functions.collect(),
        time_nanos: about.time_nanos,
        duration_nanos: about.duration_nanos,
        period_type: Some(kind),
        period: 1,
        comment,
        strings: writer
            .strings
            .iter()
            .map(|text| text.clone().into_bytes())
            .collect(),
    }
    .encode_to_vec()
}

#[derive(Default)]
struct Writer {
    strings: IndexSet<String>,
    /// (name, file) → id.
    functions: IndexMap<(i64, i64), u64>,
    /// (function, line) → id.
    locations: IndexMap<(u64, i64), u64>,
}

impl Writer {
    fn text(&mut self, text: &str) -> i64 {
        let at = match self.strings.get_index_of(text) {
            Some(at) => at,
            None => self.strings.insert_full(text.to_owned()).0,
        };
        i64::try_from(at).unwrap_or(0)
    }

    fn sample(&mut self, stack: &Stack<'_>) -> Sample {
        let location_id = stack.frames.iter().map(|frame| self.location(frame)).collect();
        let label = stack.labels.iter().map(|(key, value)| Label {
            key: self.text(key),
            text: self.text(value),
            number: 0,
        });
        Sample {
            label: label.collect(),
            location_id,
            value: vec![i64::try_from(stack.count).unwrap_or(i64::MAX)],
        }
    }

    fn location(&mut self, frame: &Frame) -> u64 {
        let (file, line) = frame
            .at
            .as_ref()
            .map_or(("", 0), |at| (at.file.as_str(), at.line));
        let function = (self.text(frame.func.as_str()), self.text(file));
        let next = self.functions.len() as u64 + 1;
        let function = *self.functions.entry(function).or_insert(next);
        let next = self.locations.len() as u64 + 1;
        *self.locations.entry((function, i64::from(line))).or_insert(next)
    }
}
