//! Binary pprof profiles (`debug=0`).

use super::text_profile::empty;
use super::{ReadError, Reading};
use crate::dumps::fold::Folder;
use crate::dumps::model::Kind;
use crate::goroutine::profile::{Function, Label, Line, Location, Profile, Sample};
use crate::goroutine::{Frame, FuncName, Goroutine, Label as GoLabel, Location as Place};
use prost::Message;
use rustc_hash::FxHashMap;
use std::io::Read;

/// A profile of this size has more stacks than memory should be spent on.
const MAX_BYTES: u64 = 512 << 20;

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

/// What a goroutine in this function of the runtime waits for.
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
