//! Binary pprof profiles (`debug=0`): read, and written for `go tool pprof`.
//!
//! The messages are those of `profile.proto`, as far as a goroutine profile needs them.

use super::text_profile::empty;
use super::{ReadError, Reading};
use crate::dumps::fold::Folder;
use crate::dumps::model::Kind;
use crate::goroutine::{Frame, FuncName, Goroutine, Label as GoLabel, Location as Place};
use indexmap::{IndexMap, IndexSet};
use prost::Message;
use rustc_hash::FxHashMap;
use std::io::Read;

/// A profile of this size has more stacks than memory should be spent on.
const MAX_BYTES: u64 = 512 << 20;

#[derive(Clone, PartialEq, Message)]
struct Profile {
    #[prost(message, repeated, tag = "1")]
    sample_type: Vec<ValueType>,
    #[prost(message, repeated, tag = "2")]
    sample: Vec<Sample>,
    #[prost(message, repeated, tag = "4")]
    location: Vec<Location>,
    #[prost(message, repeated, tag = "5")]
    function: Vec<Function>,
    #[prost(bytes = "vec", repeated, tag = "6")]
    strings: Vec<Vec<u8>>,
}

#[derive(Clone, Copy, PartialEq, Message)]
struct ValueType {
    #[prost(int64, tag = "1")]
    kind: i64,
    #[prost(int64, tag = "2")]
    unit: i64,
}

#[derive(Clone, PartialEq, Message)]
struct Sample {
    #[prost(uint64, repeated, tag = "1")]
    location_id: Vec<u64>,
    #[prost(int64, repeated, tag = "2")]
    value: Vec<i64>,
    #[prost(message, repeated, tag = "3")]
    label: Vec<Label>,
}

#[derive(Clone, Copy, PartialEq, Message)]
struct Label {
    #[prost(int64, tag = "1")]
    key: i64,
    #[prost(int64, tag = "2")]
    text: i64,
    #[prost(int64, tag = "3")]
    number: i64,
}

#[derive(Clone, PartialEq, Message)]
struct Location {
    #[prost(uint64, tag = "1")]
    id: u64,
    #[prost(message, repeated, tag = "4")]
    line: Vec<Line>,
}

#[derive(Clone, Copy, PartialEq, Message)]
struct Line {
    #[prost(uint64, tag = "1")]
    function_id: u64,
    #[prost(int64, tag = "2")]
    line: i64,
}

#[derive(Clone, Copy, PartialEq, Message)]
struct Function {
    #[prost(uint64, tag = "1")]
    id: u64,
    #[prost(int64, tag = "2")]
    name: i64,
    #[prost(int64, tag = "4")]
    file: i64,
}

/// Whether a stream begins as profiles do: with a value type, that of the samples (`go tool pprof -proto`) or that of the
/// period (Go itself).
pub fn is_profile(head: &[u8]) -> bool {
    matches!(head, [0x0a | 0x5a, length, 0x08, ..] if *length <= 16)
}

/// Reads a goroutine profile.
pub fn read(from: impl Read) -> Result<Reading, ReadError> {
    let mut bytes = Vec::new();
    from.take(MAX_BYTES + 1).read_to_end(&mut bytes)?;
    if bytes.len() as u64 > MAX_BYTES {
        return Err(ReadError::Profile(format!(
            "it is larger than {} MiB",
            MAX_BYTES >> 20
        )));
    }
    let profile = Profile::decode(bytes.as_slice()).map_err(|error| ReadError::Profile(error.to_string()))?;
    let kinds: Vec<String> = profile
        .sample_type
        .iter()
        .map(|kind| profile.text(kind.kind))
        .collect();
    let wanted = kinds
        .iter()
        .position(|kind| kind == "goroutine" || kind == "goroutineleak");
    let Some(value) = wanted else {
        return Err(ReadError::OtherProfile(kinds.join(", ")));
    };
    let kind = match kinds[value].as_str() {
        "goroutineleak" => Kind::LeakProfile,
        _ => Kind::Profile,
    };
    let mut folder = Folder::default();
    folder.current().kind = kind;
    let tables = Tables::new(&profile);
    for sample in &profile.sample {
        let count = sample.value.get(value).copied().unwrap_or(0);
        folder.profiled(tables.goroutine(sample, kind), u64::try_from(count).unwrap_or(0));
    }
    folder.current().told = Some(folder.current().total());
    Ok(Reading {
        dumps: folder.finish(),
        broken: None,
    })
}

impl Profile {
    fn text(&self, at: i64) -> String {
        let bytes = usize::try_from(at).ok().and_then(|at| self.strings.get(at));
        bytes
            .map(|bytes| String::from_utf8_lossy(bytes).into_owned())
            .unwrap_or_default()
    }
}

/// What samples point at.
struct Tables<'a> {
    profile: &'a Profile,
    locations: FxHashMap<u64, &'a Location>,
    functions: FxHashMap<u64, &'a Function>,
}

impl<'a> Tables<'a> {
    fn new(profile: &'a Profile) -> Self {
        Self {
            profile,
            locations: profile.location.iter().map(|one| (one.id, one)).collect(),
            functions: profile.function.iter().map(|one| (one.id, one)).collect(),
        }
    }

    fn goroutine(&self, sample: &Sample, kind: Kind) -> Goroutine {
        let mut goroutine = empty(kind);
        let located = sample.location_id.iter().filter_map(|id| self.locations.get(id));
        let lines = located.flat_map(|location| &location.line);
        goroutine.frames = lines.filter_map(|line| self.frame(line)).collect();
        goroutine.state.reason = park(&mut goroutine.frames).to_owned();
        goroutine.labels = sample.label.iter().map(|label| self.label(label)).collect();
        goroutine
    }

    fn frame(&self, line: &Line) -> Option<Frame> {
        let function = self.functions.get(&line.function_id)?;
        let file = self.profile.text(function.file);
        let at = Place {
            file,
            line: u32::try_from(line.line).unwrap_or(0),
        };
        Some(Frame {
            func: FuncName(self.profile.text(function.name)),
            args: None,
            at: (!at.file.is_empty()).then_some(at),
        })
    }

    fn label(&self, label: &Label) -> GoLabel {
        let value = match label.text {
            0 => label.number.to_string(),
            text => self.profile.text(text),
        };
        GoLabel {
            key: self.profile.text(label.key),
            value,
        }
    }
}

/// The wait reason that the runtime's own frames tell, which are then taken off as dumps do.
fn park(frames: &mut Vec<Frame>) -> &'static str {
    let inner = frames
        .iter()
        .position(|frame| !is_runtime(frame.func.as_str()))
        .unwrap_or(0);
    let reason = frames[..inner]
        .iter()
        .rev()
        .find_map(|frame| reason(frame.func.as_str()))
        .or_else(|| frames.get(inner).and_then(|frame| reason(frame.func.as_str())))
        .unwrap_or("");
    frames.drain(..inner);
    reason
}

fn is_runtime(func: &str) -> bool {
    func.starts_with("runtime.") || func.starts_with("internal/runtime/")
}

/// What a goroutine waits for that stands in this function of the runtime.
fn reason(func: &str) -> Option<&'static str> {
    Some(match func {
        "runtime.chanrecv" | "runtime.chanrecv1" | "runtime.chanrecv2" => "chan receive",
        "runtime.chansend" | "runtime.chansend1" => "chan send",
        "runtime.selectgo" => "select",
        "runtime.block" => "select (no cases)",
        "runtime.netpollblock" | "internal/poll.runtime_pollWait" => "IO wait",
        "time.Sleep" | "runtime.timeSleep" => "sleep",
        "runtime.notetsleepg" | "runtime.entersyscall" | "runtime.cgocall" => "syscall",
        "sync.runtime_notifyListWait" => "sync.Cond.Wait",
        "sync.runtime_SemacquireMutex" | "internal/sync.runtime_SemacquireMutex" => "sync.Mutex.Lock",
        "sync.runtime_SemacquireRWMutexR" => "sync.RWMutex.RLock",
        "sync.runtime_SemacquireRWMutex" => "sync.RWMutex.Lock",
        "sync.runtime_SemacquireWaitGroup" => "sync.WaitGroup.Wait",
        "sync.runtime_Semacquire" => "semacquire",
        "runtime.coroswitch" | "runtime.coroswitch_m" | "iter.Pull" => "coroutine",
        _ => return None,
    })
}

/// One stack to be written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stack<'a> {
    /// Innermost first.
    pub frames: Vec<&'a Frame>,
    /// How many goroutines.
    pub count: u64,
    /// Keys and values.
    pub labels: Vec<(&'a str, String)>,
}

/// A profile of goroutines, not compressed.
pub fn encode(stacks: &[Stack<'_>]) -> Vec<u8> {
    let mut writer = Writer::default();
    writer.text("");
    let kind = ValueType {
        kind: writer.text("goroutine"),
        unit: writer.text("count"),
    };
    let sample = stacks.iter().map(|stack| writer.sample(stack)).collect();
    let line = |&(function_id, line): &(u64, i64)| Line { function_id, line };
    let locations = writer.locations.iter().map(|(at, id)| Location {
        id: *id,
        line: vec![line(at)],
    });
    let functions = writer
        .functions
        .iter()
        .map(|(&(name, file), &id)| Function { id, name, file });
    Profile {
        sample_type: vec![kind],
        sample,
        location: locations.collect(),
        function: functions.collect(),
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
