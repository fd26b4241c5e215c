//! Text of any size, in pieces → dumps.
//!
//! Pieces are cut where no goroutine is cut: behind an empty line, or before a header. Text around the blocks goes
//! line by line to [`Around`], which knows what else can hold a dump.

use super::json::{self, Running};
use super::prefix::Wrapped;
use super::text_profile::TextProfile;
use crate::dumps::fold::Folder;
use crate::dumps::model::Dump;
use crate::goroutine::scan::{RawBlock, Sink, scan};
use indexmap::IndexMap;
use memchr::{memmem, memrchr};
use std::collections::VecDeque;
use std::io::{self, Read};

/// A piece; it stays in the processor's cache.
const PIECE: usize = 256 << 10;
/// Text without an empty line is cut at any line from here on.
const LONG_TEXT: usize = 4 << 20;
/// One goroutine of more bytes than this is cut.
const LONG_BLOCK: usize = 256 << 20;
/// Dumps inside of JSON inside of prefixes: deeper is not looked.
const DEPTH: usize = 3;
/// Packages of one `go test -json` stream.
const MAX_PACKAGES: usize = 100_000;
/// Prefixes of one log; each line is compared with all of them.
const MAX_PREFIXES: usize = 16;
/// Text that follows what looks like a crash, without a goroutine.
const FALSE_ALARM: usize = 64 << 10;
/// First lines of crashes.
const HEADLINES: [&[u8]; 3] = [b"panic: ", b"fatal error: ", b"SIGQUIT: quit"];
/// Lines before a header that may belong to its dump, and how long they may be.
const LOOK_BACK: usize = 40;
const LOOK_BACK_BYTES: usize = 400;

/// A text as it comes.
#[derive(Debug, Default)]
pub struct Feed {
    buffer: Vec<u8>,
    /// Too small a buffer to look for a cut once more.
    wanted: usize,
    folder: Folder,
    around: Around,
}

impl Feed {
    /// Of a whole input.
    pub fn new() -> Self {
        Self::default()
    }

    fn inside(depth: usize) -> Self {
        Self {
            around: Around {
                depth,
                ..Around::default()
            },
            ..Self::default()
        }
    }

    /// Reads the next piece; 0 is the end.
    pub fn fill(&mut self, from: &mut impl Read) -> io::Result<usize> {
        if self.buffer.capacity() == 0 {
            self.buffer.reserve(2 * PIECE);
        }
        let read = from.by_ref().take(PIECE as u64).read_to_end(&mut self.buffer);
        self.work();
        read
    }

    /// Takes some more text.
    pub fn push(&mut self, text: &[u8]) {
        self.buffer.extend_from_slice(text);
        self.work();
    }

    fn work(&mut self) {
        if self.buffer.len() < PIECE.max(self.wanted) {
            return;
        }
        match safe_cut(&self.buffer) {
            Some(cut) => {
                self.piece(cut);
                self.wanted = 0;
            }
            None => self.wanted = 2 * self.buffer.len(),
        }
    }

    fn piece(&mut self, cut: usize) {
        let Self {
            buffer,
            folder,
            around,
            ..
        } = self;
        let piece = &buffer[..cut];
        let crash_from = folder.current().crash.is_some().then_some(0);
        let mut pass = Pass {
            folder,
            around,
            piece,
            crash_from,
        };
        scan(piece, &mut pass);
        pass.keep_crash(cut);
        buffer.copy_within(cut.., 0);
        buffer.truncate(buffer.len() - cut);
    }

    /// All dumps: first those inside of other formats, then those of the text itself.
    pub fn finish(mut self) -> Vec<Dump> {
        self.piece(self.buffer.len());
        let Self {
            mut folder, around, ..
        } = self;
        around.finish(&mut folder)
    }
}

/// Where no goroutine is cut, as late as can be; `None` asks for more text.
fn safe_cut(text: &[u8]) -> Option<usize> {
    // In this order: a search for what is not there goes through the whole piece.
    let ends: [(&[u8], usize); 3] = [(b"\n\n", 2), (b"\ngoroutine ", 1), (b"\n\r\n", 3)];
    let cut = ends
        .iter()
        .find_map(|(end, behind)| memmem::rfind(text, end).map(|at| at + behind));
    if cut.is_some() || text.len() < LONG_TEXT {
        return cut;
    }
    if text.starts_with(b"goroutine ") && text.len() < LONG_BLOCK {
        return None;
    }
    memrchr(b'\n', text).map(|at| at + 1).or(Some(text.len()))
}

/// One piece on its way.
struct Pass<'f, 'a> {
    folder: &'f mut Folder,
    around: &'f mut Around,
    piece: &'a [u8],
    /// Where the crash text of the current dump begins in this piece.
    crash_from: Option<usize>,
}

impl Pass<'_, '_> {
    /// Where a part of the piece begins.
    fn offset(&self, part: &[u8]) -> usize {
        (part.as_ptr() as usize).saturating_sub(self.piece.as_ptr() as usize)
    }

    /// Adds what this piece has of the crash's text, up to `end`.
    fn keep_crash(&mut self, end: usize) {
        let Some(text) = self.crash_from.take().and_then(|from| self.piece.get(from..end)) else {
            return;
        };
        let crash = self.folder.current().crash.get_or_insert_default();
        let room = Dump::MAX_CRASH.saturating_sub(crash.len());
        crash.push_str(&String::from_utf8_lossy(&text[..text.len().min(room)]));
    }

    fn headline(&mut self, line: &[u8]) {
        let at = self.offset(line);
        let dump = self.folder.current();
        let started = dump.crash.is_some() || self.crash_from.is_some();
        if !dump.groups.is_empty() {
            self.keep_crash(at);
            self.folder.next_dump();
        } else if started {
            // What looked like a crash and was followed by much else was none.
            let length = dump.crash.as_ref().map_or(0, String::len) + at - self.crash_from.unwrap_or(at);
            if length < FALSE_ALARM {
                return;
            }
            dump.crash = None;
        }
        self.crash_from = Some(at);
    }
}

impl<'a> Sink<'a> for Pass<'_, 'a> {
    fn goroutine(&mut self, block: &RawBlock<'a>) {
        if self.folder.is_repeated(block) {
            self.keep_crash(self.offset(block.header.status));
            self.folder.next_dump();
        }
        self.around.profile.end(self.folder);
        self.folder.add(block);
    }

    fn text(&mut self, line: &'a [u8]) {
        if self.around.line(line, self.folder) == Seen::Headline {
            self.headline(line);
        }
    }

    fn lost(&mut self, _: &'a [u8]) {
        self.folder.current().lost.goroutines += 1;
    }
}

/// What a line between goroutines was.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Seen {
    /// The first line of a crash.
    Headline,
    /// Anything else.
    Other,
}

/// What else a text may hold, found line by line.
#[derive(Debug, Default)]
struct Around {
    depth: usize,
    profile: TextProfile,
    wrapped: Vec<(Wrapped, Feed)>,
    packages: IndexMap<String, (Running, Feed)>,
    recent: VecDeque<Vec<u8>>,
}

impl Around {
    fn line(&mut self, line: &[u8], folder: &mut Folder) -> Seen {
        if self.profile.take(line, folder) {
            return Seen::Other;
        }
        if self.depth < DEPTH && self.inner(line) {
            return Seen::Other;
        }
        self.remember(line);
        match HEADLINES.iter().any(|start| line.starts_with(start)) {
            true => Seen::Headline,
            false => Seen::Other,
        }
    }

    /// Whether the line is one of another format that this text carries.
    fn inner(&mut self, line: &[u8]) -> bool {
        for (wrapped, feed) in &mut self.wrapped {
            if let Some(text) = wrapped.take(line) {
                feed.push(text);
                return true;
            }
        }
        if let Some(event) = json::event(line) {
            return self.event(&event);
        }
        let Some(mut wrapped) = Wrapped::at_header(line).filter(|_| self.wrapped.len() < MAX_PREFIXES) else {
            return false;
        };
        let mut feed = Feed::inside(self.depth + 1);
        for earlier in &self.recent {
            if let Some(text) = wrapped.take(earlier) {
                feed.push(text);
            }
        }
        if let Some(text) = wrapped.take(line) {
            feed.push(text);
        }
        self.wrapped.push((wrapped, feed));
        true
    }

    fn event(&mut self, event: &json::Event<'_>) -> bool {
        let package = event.package();
        if !self.packages.contains_key(package) && self.packages.len() >= MAX_PACKAGES {
            return false;
        }
        let inside = || (Running::default(), Feed::inside(self.depth + 1));
        let (running, feed) = self.packages.entry(package.to_owned()).or_insert_with(inside);
        running.note(event);
        if let Some(output) = event.output() {
            feed.push(output.as_bytes());
        }
        true
    }

    /// Keeps the last lines: the first line of a crash comes before its first header.
    fn remember(&mut self, line: &[u8]) {
        if self.depth >= DEPTH {
            return;
        }
        let mut kept = match self.recent.len() < LOOK_BACK {
            true => Vec::new(),
            false => self.recent.pop_front().unwrap_or_default(),
        };
        kept.clear();
        kept.extend_from_slice(&line[..line.len().min(LOOK_BACK_BYTES)]);
        if kept.last() != Some(&b'\n') {
            kept.push(b'\n');
        }
        self.recent.push_back(kept);
    }

    fn finish(mut self, folder: &mut Folder) -> Vec<Dump> {
        self.profile.end(folder);
        let plain = std::mem::take(folder).finish();
        let mut dumps = Vec::new();
        for (package, (running, feed)) in self.packages {
            for mut dump in feed.finish() {
                dump.package.get_or_insert_with(|| package.clone());
                dump.running.clone_from(&running.tests);
                dumps.push(dump);
            }
        }
        for (wrapped, feed) in self.wrapped {
            // A goroutine inside of a panic's text is indented; it is none of the dump's.
            if plain.is_empty() || !wrapped.is_blank() {
                dumps.extend(feed.finish());
            }
        }
        dumps.extend(plain);
        dumps
    }
}
