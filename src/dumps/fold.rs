//! Blocks as they are read → groups of equal goroutines.
//!
//! The key of a group is a copy of what makes goroutines equal, so that no hash decides. Only the first goroutines of a
//! group become owned models: a dump of a million costs little more memory than its different stacks.

use super::known::Known;
use super::model::{Dump, Group};
use crate::goroutine::scan::{RawBlock, RawCreated, RawFrame, RawLocation};
use crate::goroutine::{Goroutine, GoroutineId, dump, header};
use rustc_hash::FxHashMap;

/// Goroutines kept whole in one dump, however many groups it has, beside the first of each.
const MAX_SAMPLES: usize = 512;

/// Takes blocks, makes dumps.
#[derive(Debug, Default)]
pub struct Folder {
    done: Vec<Dump>,
    current: Dump,
    index: FxHashMap<Box<[u8]>, u32>,
    key: Vec<u8>,
    samples: usize,
    /// The largest id of the current dump.
    last: u64,
}

impl Folder {
    /// The dump that is being read.
    pub fn current(&mut self) -> &mut Dump {
        &mut self.current
    }

    /// What follows is another dump, if this one has anything.
    pub fn next_dump(&mut self) {
        if !self.current.is_empty() {
            self.done.push(std::mem::take(&mut self.current));
        }
        self.current = Dump::default();
        self.index.clear();
        self.samples = 0;
        self.last = 0;
    }

    /// All of them, in the order of the text.
    pub fn finish(mut self) -> Vec<Dump> {
        self.next_dump();
        self.done
    }

    /// Adds what a profile says of one stack.
    pub fn profiled(&mut self, goroutine: Goroutine, count: u64) {
        self.key.clear();
        profile_key(&mut self.key, &goroutine);
        let at = self.group_of_key(|| goroutine);
        let group = &mut self.current.groups[at as usize];
        group.count = group.count.saturating_add(count);
    }

    /// The group of what `self.key` says; `first` is its first goroutine, if it is a new one.
    fn group_of_key(&mut self, first: impl FnOnce() -> Goroutine) -> u32 {
        if let Some(&at) = self.index.get(self.key.as_slice()) {
            return at;
        }
        let at = u32::try_from(self.current.groups.len()).unwrap_or(u32::MAX);
        self.current.groups.push(Group {
            samples: vec![first()],
            count: 0,
            ids: Vec::new(),
            longest: None,
        });
        self.index.insert(self.key.as_slice().into(), at);
        at
    }

    /// Adds a goroutine to the current dump.
    pub fn add(&mut self, block: &RawBlock<'_>) {
        let (status, minutes) = without_minutes(block.header.status);
        self.key.clear();
        key(&mut self.key, status, block);
        let mut fresh = false;
        let at = self.group_of_key(|| {
            fresh = true;
            owned(block)
        });
        let group = &mut self.current.groups[at as usize];
        if !fresh && group.samples.len() < Group::MAX_SAMPLES && self.samples < MAX_SAMPLES {
            group.samples.push(owned(block));
            self.samples += 1;
        }
        group.count += 1;
        group.longest = group.longest.max(minutes);
        let id = block.header.id;
        if group.ids.len() < Group::MAX_IDS {
            group.ids.push(GoroutineId(id));
        }
        let parent = block.created.as_ref().and_then(|created| created.by).unwrap_or(0);
        self.last = self.last.max(id);
        self.current.known.insert(id, Known { parent, group: at });
        if block.cut {
            self.current.lost.cut = Some(GoroutineId(id));
        }
    }

    /// Whether the goroutine is in the current dump already: then the text holds another one. Goroutine 0 is the
    /// scheduler's, one for each thread; a stack that was unavailable is printed once more by its own thread.
    pub fn is_repeated(&self, block: &RawBlock<'_>) -> bool {
        // Most dumps are nearly in the order of their ids.
        if block.header.id > self.last {
            return false;
        }
        let Some(known) = self.current.known.get(block.header.id) else {
            return false;
        };
        block.header.id != 0
            && !self.current.groups[known.group as usize]
                .goroutine()
                .stack_unavailable
    }
}

fn owned(block: &RawBlock<'_>) -> Goroutine {
    let mut goroutine = dump::goroutine(block);
    goroutine.state.minutes = None;
    goroutine
}

/// `select, 3 minutes, locked to thread` without the minutes, and these. A status keeps its rest behind them apart, so
/// that the key is made of both.
fn without_minutes(status: &[u8]) -> ((&[u8], &[u8]), Option<u64>) {
    const MINUTES: &[u8] = b" minutes";
    let none = ((status, &b""[..]), None);
    if memchr::memchr(b',', status).is_none() {
        return none;
    }
    let Some(end) = memchr::memmem::find(status, MINUTES) else {
        return none;
    };
    let digits = status[..end]
        .iter()
        .rev()
        .take_while(|byte| byte.is_ascii_digit())
        .count();
    let Some(before) = status[..end - digits].strip_suffix(b", ") else {
        return none;
    };
    match header::number(&status[end - digits..end]) {
        Some((minutes, _)) => ((before, &status[end + MINUTES.len()..]), Some(minutes)),
        None => none,
    }
}

fn key(key: &mut Vec<u8>, status: (&[u8], &[u8]), block: &RawBlock<'_>) {
    key.extend_from_slice(status.0);
    key.extend_from_slice(status.1);
    key.push(0);
    key.extend_from_slice(block.header.labels);
    key.push(u8::from(block.stack_unavailable));
    for frame in &block.frames {
        call(key, frame);
    }
    if let Some((at, count)) = block.elided {
        key.push(1);
        key.extend_from_slice(&at.to_le_bytes());
        key.extend_from_slice(&count.unwrap_or(u64::MAX).to_le_bytes());
    }
    if let Some(RawCreated { func, at, .. }) = &block.created {
        key.push(2);
        key.extend_from_slice(func);
        place(key, at.as_ref());
    }
    for ancestor in &block.ancestors {
        key.push(3);
        ancestor.frames.iter().for_each(|frame| call(key, frame));
    }
}

fn call(key: &mut Vec<u8>, frame: &RawFrame<'_>) {
    key.extend_from_slice(frame.func);
    place(key, frame.at.as_ref());
}

fn place(key: &mut Vec<u8>, at: Option<&RawLocation<'_>>) {
    key.push(b'\n');
    if let Some(at) = at {
        key.extend_from_slice(at.file);
        key.push(b':');
        key.extend_from_slice(&at.line.to_le_bytes());
    }
}

/// A profile has neither ids nor states: stack and labels are all there is.
fn profile_key(key: &mut Vec<u8>, goroutine: &Goroutine) {
    for frame in &goroutine.frames {
        key.extend_from_slice(frame.func.as_str().as_bytes());
        key.push(b'\n');
        if let Some(at) = &frame.at {
            key.extend_from_slice(at.file.as_bytes());
            key.push(b':');
            key.extend_from_slice(&at.line.to_le_bytes());
        }
    }
    for label in &goroutine.labels {
        key.push(0);
        key.extend_from_slice(label.key.as_bytes());
        key.push(0);
        key.extend_from_slice(label.value.as_bytes());
    }
}
