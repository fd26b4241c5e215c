//! Dump text → borrowed blocks, in one pass and without copying.
//!
//! Linear: every line is looked at a constant number of times. Never panics, whatever the bytes.
//! The grammar is that of Go 1.18 to 1.27 (`runtime/traceback.go`), crash dumps included.

use super::header::{self, RawHeader};
use super::lines::{Line, Lines};
use memchr::{memmem, memrchr};

/// One call, borrowed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RawFrame<'a> {
    /// Function name without arguments.
    pub func: &'a [u8],
    /// Between the parentheses; `None` for frames that are no Go function.
    pub args: Option<&'a [u8]>,
    /// Where.
    pub at: Option<RawLocation<'a>>,
}

/// `file:line`, borrowed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RawLocation<'a> {
    /// As printed.
    pub file: &'a [u8],
    /// As printed.
    pub line: u32,
}

/// `created by F in goroutine N`, borrowed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RawCreated<'a> {
    /// Function name.
    pub func: &'a [u8],
    /// Creator's id.
    pub by: Option<u64>,
    /// The `go` statement.
    pub at: Option<RawLocation<'a>>,
}

/// `[originating from goroutine N]:`, borrowed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RawAncestor<'a> {
    /// Its id.
    pub id: u64,
    /// Its stack.
    pub frames: Vec<RawFrame<'a>>,
    /// Its creator.
    pub created: Option<RawCreated<'a>>,
}

/// One goroutine, borrowed.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct RawBlock<'a> {
    /// The first line.
    pub header: RawHeader<'a>,
    /// Innermost first.
    pub frames: Vec<RawFrame<'a>>,
    /// Where frames were elided, and how many.
    pub elided: Option<(usize, Option<u64>)>,
    /// Who started it.
    pub created: Option<RawCreated<'a>>,
    /// Of `tracebackancestors`.
    pub ancestors: Vec<RawAncestor<'a>>,
    /// `goroutine running on other thread; stack unavailable`.
    pub stack_unavailable: bool,
    /// The text ended inside this block.
    pub cut: bool,
}

/// Takes what the scan finds, in the order of the text.
pub trait Sink<'a> {
    /// A goroutine. The block is reused for the next one.
    fn goroutine(&mut self, block: &RawBlock<'a>);
    /// A line that belongs to no goroutine, with its line end.
    fn text(&mut self, line: &'a [u8]);
    /// A goroutine whose header is all that is left of it.
    fn lost(&mut self, line: &'a [u8]);
}

/// Walks through the whole text.
pub fn scan<'a>(text: &'a [u8], sink: &mut impl Sink<'a>) {
    let mut lines = Lines::new(text);
    let mut block = RawBlock::default();
    while let Some(line) = lines.next() {
        if line.text.first() == Some(&b'g') {
            if let Some(header) = header::read(line.text) {
                block.clear(header);
                block.body(&mut lines, sink);
                if block.frames.is_empty() && !block.stack_unavailable && block.created.is_none() {
                    sink.lost(line.whole);
                } else {
                    sink.goroutine(&block);
                }
                continue;
            }
            if !line.ended && header::is_cut(line.text) {
                sink.lost(line.whole);
                continue;
            }
        }
        sink.text(line.whole);
    }
}

const UNAVAILABLE: &[u8] = b"goroutine running on other thread; stack unavailable";

impl<'a> RawBlock<'a> {
    fn clear(&mut self, header: RawHeader<'a>) {
        self.header = header;
        self.frames.clear();
        self.ancestors.clear();
        (self.elided, self.created) = (None, None);
        (self.stack_unavailable, self.cut) = (false, false);
    }

    /// Reads up to the empty line, the next header, or what is no part of a goroutine.
    fn body(&mut self, lines: &mut Lines<'a>, sink: &mut impl Sink<'a>) {
        loop {
            if self.ancestors.is_empty() {
                while let Some(frame) = plain_call(lines) {
                    self.frames.push(frame);
                }
            }
            let Some(line) = lines.peek() else { break };
            if line.text.is_empty() {
                lines.next();
                break;
            }
            if line.text.starts_with(b"goroutine ") && header::read(line.text).is_some() {
                break;
            }
            if !self.take(line, lines) {
                if is_note(line.text) || continues(*lines) {
                    lines.next();
                    sink.text(line.whole);
                    continue;
                }
                if lines.is_last(&line) && is_cut(&line) {
                    lines.next();
                    self.cut = true;
                }
                break;
            }
        }
    }

    /// Takes the line (and its position line) into the block, if it belongs there.
    fn take(&mut self, line: Line<'a>, lines: &mut Lines<'a>) -> bool {
        let text = line.text;
        if let Some(rest) = text.strip_prefix(b"created by ") {
            let (at, cut) = position(lines);
            self.cut |= cut;
            let created = created(rest, at);
            match self.ancestors.last_mut() {
                Some(ancestor) => ancestor.created = Some(created),
                None => self.created = Some(created),
            }
            return true;
        }
        if let Some(count) = elided(text) {
            lines.next();
            if self.ancestors.is_empty() {
                self.elided = Some((self.frames.len(), count));
            }
            return true;
        }
        if let Some(id) = ancestor(text) {
            lines.next();
            self.ancestors.push(RawAncestor {
                id,
                frames: Vec::new(),
                created: None,
            });
            return true;
        }
        if text.trim_ascii_start() == UNAVAILABLE {
            lines.next();
            self.stack_unavailable = true;
            return true;
        }
        let Some((frame, cut)) = frame(text, lines) else {
            return false;
        };
        self.cut |= cut;
        match self.ancestors.last_mut() {
            Some(ancestor) => ancestor.frames.push(frame),
            None => self.frames.push(frame),
        }
        true
    }
}

/// The commonest two lines of a dump, `f(…)` and its position, in one look at each. Whatever is unusual about them is
/// left to [`RawBlock::take`].
fn plain_call<'a>(lines: &mut Lines<'a>) -> Option<RawFrame<'a>> {
    let (call, under, rest) = lines.two()?;
    if call.last() != Some(&b')') || matches!(call[0], b'\t' | b' ') || call.starts_with(b"created by ") {
        return None;
    }
    let open = call
        .iter()
        .rposition(|&byte| byte == b'(')
        .filter(|&open| open > 0)?;
    let at = plain_location(under)?;
    *lines = rest;
    Some(RawFrame {
        func: &call[..open],
        args: Some(&call[open + 1..call.len() - 1]),
        at: Some(at),
    })
}

/// `\tfile:line +0x1f` or `\tfile:line`, read from the end.
fn plain_location(text: &[u8]) -> Option<RawLocation<'_>> {
    let mut rest = text.strip_prefix(b"\t")?;
    // The offset has few digits: what is longer is another form.
    let tail = rest.len().saturating_sub(12);
    if let Some(space) = rest[tail..].iter().rposition(|&byte| byte == b' ') {
        let offset = rest[tail + space..].strip_prefix(b" +0x")?;
        if !offset.iter().all(u8::is_ascii_hexdigit) {
            return None;
        }
        rest = &rest[..tail + space];
    }
    let digits = rest
        .iter()
        .rev()
        .take(9)
        .take_while(|byte| byte.is_ascii_digit())
        .count();
    let file = rest[..rest.len() - digits].strip_suffix(b":")?;
    if digits == 0 || file.is_empty() {
        return None;
    }
    let line = rest[rest.len() - digits..]
        .iter()
        .fold(0, |sum, &digit| sum * 10 + u32::from(digit - b'0'));
    Some(RawLocation { file, line })
}

/// Whether the last line of a text is the beginning of a call, rather than what was printed after a dump.
fn is_cut(line: &Line<'_>) -> bool {
    match line.ended {
        true => line.text.last() == Some(&b')') && !line.text.contains(&b'\t'),
        false => line.text.contains(&b'(') || !line.text.contains(&b' ') || line.text.starts_with(b"\t"),
    }
}

/// Whether the block goes on after one line of other output.
fn continues(mut lines: Lines<'_>) -> bool {
    lines.next();
    let Some(line) = lines.peek() else { return false };
    line.text.starts_with(b"created by ") || frame(line.text, &mut lines).is_some()
}

/// Lines that the stack walker prints into a block of a crash dump.
fn is_note(text: &[u8]) -> bool {
    const NOTES: [&[u8]; 6] = [
        b"runtime: g",
        b"runtime: traceback stuck",
        b"runtime: frame",
        b"\tstack=[",
        b"stack: frame={",
        b"traceback: ",
    ];
    NOTES.iter().any(|note| text.starts_with(note))
}

/// A function line and the position under it. Takes both lines, or none.
fn frame<'a>(text: &'a [u8], lines: &mut Lines<'a>) -> Option<(RawFrame<'a>, bool)> {
    const NON_GO: &[u8] = b"non-Go function";
    if text.first().is_none_or(|&byte| byte == b'\t' || byte == b' ') {
        return None;
    }
    if text.starts_with(b"non-Go function at pc=") {
        lines.next();
        return Some((
            RawFrame {
                func: &text[..NON_GO.len()],
                args: None,
                at: None,
            },
            false,
        ));
    }
    let under = lines.peek_second();
    let at = under.as_ref().and_then(|line| location(line.text));
    if text.last() == Some(&b')')
        && let Some(open) = memrchr(b'(', text)
        && open > 0
        && let Some(at) = at
    {
        let cut = under.is_some_and(|line| !line.ended && !has_offset(line.text));
        lines.next();
        lines.next();
        return Some((
            RawFrame {
                func: &text[..open],
                args: Some(&text[open + 1..text.len() - 1]),
                at: at.0,
            },
            cut,
        ));
    }
    // A C function by the cgo symbolizer, or a stack that was sent without arguments.
    let at = at.filter(|at| at.1 || !text.contains(&b' '))?;
    lines.next();
    lines.next();
    Some((
        RawFrame {
            func: text,
            args: None,
            at: at.0,
        },
        false,
    ))
}

/// The position line under `created by`; says whether the text ended there.
fn position<'a>(lines: &mut Lines<'a>) -> (Option<RawLocation<'a>>, bool) {
    lines.next();
    match lines.peek() {
        Some(line) => match location(line.text) {
            Some((at, _)) => {
                lines.next();
                (at, !line.ended && !has_offset(line.text))
            }
            None => (None, false),
        },
        None => (None, true),
    }
}

fn created<'a>(text: &'a [u8], at: Option<RawLocation<'a>>) -> RawCreated<'a> {
    let digits = text.iter().rev().take_while(|byte| byte.is_ascii_digit()).count();
    if let Some(func) = text[..text.len() - digits].strip_suffix(b" in goroutine ")
        && let Some((by, b"")) = header::number(&text[text.len() - digits..])
    {
        return RawCreated {
            func,
            by: Some(by),
            at,
        };
    }
    RawCreated {
        func: text,
        by: None,
        at,
    }
}

/// `...23 frames elided...` and `...additional frames elided...`, also indented.
fn elided(text: &[u8]) -> Option<Option<u64>> {
    let inner = text
        .trim_ascii_start()
        .strip_prefix(b"...")?
        .strip_suffix(b" frames elided...")?;
    match header::number(inner) {
        Some((count, b"")) => Some(Some(count)),
        _ => (inner == b"additional").then_some(None),
    }
}

fn ancestor(text: &[u8]) -> Option<u64> {
    let inner = text
        .strip_prefix(b"[originating from goroutine ")?
        .strip_suffix(b"]:")?;
    header::number(inner)
        .filter(|(_, rest)| rest.is_empty())
        .map(|(id, _)| id)
}

/// `\tfile:line +0x1f fp=0x… sp=0x… pc=0x…`. The flag says that it is a position of a C function.
/// Read from the end: a path may hold spaces, colons and parentheses.
fn location(text: &[u8]) -> Option<(Option<RawLocation<'_>>, bool)> {
    let mut rest = text.strip_prefix(b"\t")?;
    let mut c_code = false;
    if rest.starts_with(b"pc=0x") {
        return Some((None, true));
    }
    while let Some(space) = memrchr(b' ', rest) {
        let word = &rest[space + 1..];
        let offset = word.starts_with(b"+0x") || word.starts_with(b"fp=0x") || word.starts_with(b"sp=0x");
        if !offset && !word.starts_with(b"pc=0x") {
            break;
        }
        c_code = !offset;
        rest = &rest[..space];
    }
    let colon = memrchr(b':', rest)?;
    let (line, after) = header::number(&rest[colon + 1..])?;
    if !after.is_empty() || colon == 0 {
        return None;
    }
    let line = u32::try_from(line).ok()?;
    Some((
        Some(RawLocation {
            file: &rest[..colon],
            line,
        }),
        c_code,
    ))
}

fn has_offset(text: &[u8]) -> bool {
    memmem::rfind(text, b" +0x").is_some()
}
