//! A whole dump: its goroutines, the text around them, and what was lost.

use super::scan::{RawAncestor, RawBlock, RawCreated, RawFrame, RawLocation, Sink, scan};
use super::{Ancestor, Created, Frame, FuncName, Goroutine, GoroutineId, Location, header};

/// What a text holds.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Dump {
    /// In the order of the text: the goroutine that took the dump is first.
    pub goroutines: Vec<Goroutine>,
    /// The text before, between and after them.
    pub others: Vec<Text>,
    /// What a cut took away.
    pub lost: Lost,
}

/// Lines that belong to no goroutine.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Text {
    /// It comes before `goroutines[before]`, or at the end.
    pub before: usize,
    /// With line ends; invalid UTF-8 is replaced.
    pub text: String,
}

/// What a cut or a limit took away.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Lost {
    /// Goroutines of which only (a part of) the header is left.
    pub goroutines: u64,
    /// The last goroutine that was kept although its stack was cut.
    pub cut: Option<GoroutineId>,
}

impl Dump {
    /// Whether all that was printed is here.
    pub fn is_whole(&self) -> bool {
        self.lost == Lost::default()
    }
}

/// Reads a text that may hold dumps. Headers count at the start of a line only.
pub fn parse(text: &[u8]) -> Dump {
    let mut dump = Dump::default();
    scan(text, &mut dump);
    dump
}

/// Reads one block, as the wire carries it: a header and a stack.
pub fn parse_block(text: &str) -> Option<Goroutine> {
    let mut first = First::default();
    scan(text.as_bytes(), &mut first);
    first.0
}

#[derive(Default)]
struct First(Option<Goroutine>);

impl<'a> Sink<'a> for First {
    fn goroutine(&mut self, block: &RawBlock<'a>) {
        if self.0.is_none() {
            self.0 = Some(goroutine(block));
        }
    }
    fn text(&mut self, _: &'a [u8]) {}
    fn lost(&mut self, _: &'a [u8]) {}
}

impl<'a> Sink<'a> for Dump {
    fn goroutine(&mut self, block: &RawBlock<'a>) {
        if block.cut {
            self.lost.cut = Some(GoroutineId(block.header.id));
        }
        self.goroutines.push(goroutine(block));
    }

    fn text(&mut self, line: &'a [u8]) {
        let before = self.goroutines.len();
        let line = String::from_utf8_lossy(line);
        match self.others.last_mut() {
            Some(last) if last.before == before => last.text.push_str(&line),
            _ if line.trim().is_empty() => {}
            _ => self.others.push(Text {
                before,
                text: line.into_owned(),
            }),
        }
    }

    fn lost(&mut self, _: &'a [u8]) {
        self.lost.goroutines += 1;
    }
}

/// The owned model of a block.
pub fn goroutine(block: &RawBlock<'_>) -> Goroutine {
    Goroutine {
        id: GoroutineId(block.header.id),
        state: header::state(block.header.status),
        labels: header::labels(block.header.labels),
        frames: block.frames.iter().map(frame).collect(),
        elided: block.elided,
        created: block.created.as_ref().map(created),
        ancestors: block.ancestors.iter().map(ancestor).collect(),
        stack_unavailable: block.stack_unavailable,
    }
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

fn location(raw: &RawLocation<'_>) -> Location {
    Location {
        file: text(raw.file),
        line: raw.line,
    }
}

fn frame(raw: &RawFrame<'_>) -> Frame {
    Frame {
        func: FuncName(text(raw.func)),
        args: raw.args.map(text),
        at: raw.at.as_ref().map(location),
    }
}

fn created(raw: &RawCreated<'_>) -> Created {
    Created {
        func: FuncName(text(raw.func)),
        by: raw.by.map(GoroutineId),
        at: raw.at.as_ref().map(location),
    }
}

fn ancestor(raw: &RawAncestor<'_>) -> Ancestor {
    Ancestor {
        id: GoroutineId(raw.id),
        frames: raw.frames.iter().map(frame).collect(),
        created: raw.created.as_ref().map(created),
    }
}
