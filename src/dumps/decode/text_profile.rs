//! `debug=1`: `goroutine profile: total N`, then equal stacks with a count, without ids, states and creators.

use crate::dumps::fold::Folder;
use crate::dumps::model::Kind;
use crate::goroutine::{Frame, FuncName, Goroutine, GoroutineId, Location, State, header};

/// The stack that is being read.
#[derive(Debug)]
struct Record {
    count: u64,
    goroutine: Goroutine,
}

/// Takes lines.
#[derive(Debug, Default)]
pub struct TextProfile {
    active: Option<Kind>,
    record: Option<Record>,
}

impl TextProfile {
    /// Whether the line belongs to a profile.
    pub fn take(&mut self, line: &[u8], folder: &mut Folder) -> bool {
        let text = line.trim_ascii_end();
        if let Some((kind, total)) = first_line(text) {
            self.end(folder);
            folder.next_dump();
            folder.current().kind = kind;
            folder.current().told = Some(total);
            self.active = Some(kind);
            return true;
        }
        let Some(kind) = self.active else { return false };
        if let Some(count) = record(text) {
            self.flush(folder);
            self.record = Some(Record {
                count,
                goroutine: empty(kind),
            });
            return true;
        }
        match (text, &mut self.record) {
            ([], _) => self.flush(folder),
            ([b'#', rest @ ..], Some(record)) => detail(rest, &mut record.goroutine),
            ([b'#', ..], None) => {}
            _ => {
                self.end(folder);
                return false;
            }
        }
        true
    }

    /// Nothing more belongs to the profile.
    pub fn end(&mut self, folder: &mut Folder) {
        self.flush(folder);
        if self.active.take().is_some() {
            folder.next_dump();
        }
    }

    fn flush(&mut self, folder: &mut Folder) {
        if let Some(record) = self.record.take() {
            folder.profiled(record.goroutine, record.count);
        }
    }
}

/// A goroutine of a profile before its stack is known.
pub(super) fn empty(kind: Kind) -> Goroutine {
    Goroutine {
        id: GoroutineId(0),
        state: State {
            leaked: kind == Kind::LeakProfile,
            ..State::default()
        },
        labels: Vec::new(),
        frames: Vec::new(),
        elided: None,
        created: None,
        ancestors: Vec::new(),
        stack_unavailable: false,
    }
}

fn first_line(text: &[u8]) -> Option<(Kind, u64)> {
    let (kind, rest) = if let Some(rest) = text.strip_prefix(b"goroutine profile: total ") {
        (Kind::Profile, rest)
    } else {
        let rest = text.strip_prefix(b"goroutineleak profile: total ")?;
        (Kind::LeakProfile, rest)
    };
    let (total, rest) = header::number(rest)?;
    rest.is_empty().then_some((kind, total))
}

/// `2000 @ 0x47 0x48`.
fn record(text: &[u8]) -> Option<u64> {
    let (count, rest) = header::number(text)?;
    (rest == b" @" || rest.starts_with(b" @ 0x")).then_some(count)
}

/// What follows the `#`: labels, or a frame as a table lays it out with tabs.
fn detail(rest: &[u8], goroutine: &mut Goroutine) {
    if let Some(labels) = rest.strip_prefix(b" labels: {") {
        goroutine.labels = header::labels(labels.strip_suffix(b"}").unwrap_or(labels));
        return;
    }
    let mut cells = rest.split(|&byte| byte == b'\t').filter(|cell| !cell.is_empty());
    let (Some(_), Some(func)) = (cells.next(), cells.next()) else {
        return;
    };
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    let name = match memchr::memmem::rfind(func, b"+0x") {
        Some(offset) => &func[..offset],
        None => func,
    };
    let at = cells.next().and_then(|cell| {
        let colon = memchr::memrchr(b':', cell)?;
        let (line, _) = header::number(&cell[colon + 1..])?;
        Some(Location {
            file: text(&cell[..colon]),
            line: u32::try_from(line).ok()?,
        })
    });
    goroutine.frames.push(Frame {
        func: FuncName(text(name)),
        args: None,
        at,
    });
}
