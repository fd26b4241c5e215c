//! The records of one package's output, by process and by call of `M.Run`.

use super::claim::{self, Claim, Under};
use super::record::{Kind, Nonce, NotARecord, Record};
use rustc_hash::FxHashMap;

/// The most that is kept of one package; the shim of one process stops at half of it.
const MOST_PAYLOAD: usize = 512 << 20;

/// Everything that records told about one package.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Transcript {
    /// The processes that can be the test binary itself, by all that is known. More than one: it is unknown which is,
    /// so that none of them may be believed to be clean.
    pub candidates: Vec<ProcessRecords>,
    /// Tests that run their own binary with all its flags. Told, never judged.
    pub nested: Vec<ProcessRecords>,
    /// What looked like a record and counts for nothing.
    pub strays: Strays,
    /// The end of the user's output that was held back because a record could have begun there.
    pub rest: String,
    processes: Vec<ProcessRecords>,
    known: FxHashMap<(Nonce, u64), usize>,
    kept: usize,
}

/// What one process wrote.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ProcessRecords {
    /// Its name for itself.
    pub nonce: Nonce,
    /// Its id.
    pub pid: u64,
    /// Its parent's id.
    pub ppid: u64,
    /// What started it.
    pub under: Under,
    /// One for each call of `M.Run`; at least one.
    pub runs: Vec<RunRecords>,
    /// Checksum of each record, by its number.
    seen: FxHashMap<u64, u32>,
    next: u64,
}

/// What one call of `M.Run` wrote.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RunRecords {
    /// Its first record.
    pub hello: Hello,
    /// Its data records put together.
    pub payload: Vec<u8>,
    /// Why the payload is not whole; `None` if it is.
    pub torn: Option<Torn>,
    records: u64,
    ended: bool,
}

/// What is known before any test.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Hello {
    /// Which call of `M.Run`, from 1.
    pub run: u32,
    /// Parent process id.
    pub ppid: u64,
    /// `runtime.GOMAXPROCS(0)`.
    pub gomaxprocs: u32,
    /// What started the process.
    pub under: Under,
    /// `runtime.Version()`.
    pub go: String,
}

/// Why a payload is not whole.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Torn {
    /// The last record is missing: the process ended before `M.Run` did.
    NoEnd,
    /// Records are missing before this one.
    Gap {
        /// The number that was due.
        expected: u64,
        /// The number that came.
        found: u64,
    },
    /// A number came twice, with different content.
    Twice {
        /// The number.
        number: u64,
    },
    /// Something followed the last record.
    AfterEnd,
    /// The totals of the last record are not those of the records.
    Totals,
    /// More than a reader keeps.
    TooLong,
}

impl std::fmt::Display for Torn {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::NoEnd => f.write_str("the test process ended before it could tell what was left"),
            Self::Gap { expected, found } => {
                write!(f, "records are missing: number {expected} was due, {found} came")
            }
            Self::Twice { number } => write!(f, "record number {number} came twice, and not the same"),
            Self::AfterEnd => f.write_str("records follow the one that says it is the last"),
            Self::Totals => f.write_str("the records do not add up to what the last one says"),
            Self::TooLong => write!(f, "the records are longer than {} MiB", MOST_PAYLOAD >> 20),
        }
    }
}

/// What looked like a record and was left out.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Strays {
    /// From no process that we know.
    pub foreign: u64,
    /// Cut or changed.
    pub damaged: u64,
    /// Records that had come before, the very same.
    pub replayed: u64,
    /// Another wire version that was seen.
    pub version: Option<u32>,
}

/// What became of a line.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Taken {
    Ours,
    Stray,
}

impl Transcript {
    /// Takes a line that begins with our magic.
    pub(super) fn take(&mut self, line: &str) -> Taken {
        match Record::parse(line) {
            Ok(record) => self.place(record, checksum(line.as_bytes())),
            Err(NotARecord::Version(version)) => {
                self.strays.version = Some(version);
                Taken::Stray
            }
            Err(NotARecord::Damaged) => {
                self.strays.damaged += 1;
                Taken::Stray
            }
        }
    }

    fn place(&mut self, record: Record, sum: u32) -> Taken {
        let id = (record.nonce, record.pid);
        if let Some(&index) = self.known.get(&id) {
            let process = &mut self.processes[index];
            if process.seen.get(&record.n) == Some(&sum) {
                self.strays.replayed += 1;
                return Taken::Stray;
            }
            self.kept += process.append(record, sum, MOST_PAYLOAD - self.kept);
            return Taken::Ours;
        }
        let hello = (record.kind == Kind::Hello && record.n == 0).then(|| Hello::parse(&record.chunk));
        let Some(Some(hello)) = hello else {
            self.strays.foreign += 1;
            return Taken::Stray;
        };
        self.known.insert(id, self.processes.len());
        self.processes.push(ProcessRecords::new(&record, sum, hello));
        Taken::Ours
    }

    /// Whether any process has begun to tell.
    pub(super) fn has_begun(&self) -> bool {
        !self.processes.is_empty()
    }

    /// Says what is missing and who is who, when no more can come.
    pub(super) fn close(&mut self) {
        let mut processes = std::mem::take(&mut self.processes);
        self.known.clear();
        for run in processes.iter_mut().flat_map(|process| &mut process.runs) {
            if !run.ended && run.torn.is_none() {
                run.torn = Some(Torn::NoEnd);
            }
        }
        let claims: Vec<Claim> = processes.iter().map(ProcessRecords::claim).collect();
        let candidates = claim::candidates(&claims);
        for (process, candidate) in processes.into_iter().zip(candidates) {
            let kind = if candidate {
                &mut self.candidates
            } else {
                &mut self.nested
            };
            kind.push(process);
        }
    }
}

impl ProcessRecords {
    fn claim(&self) -> Claim {
        Claim {
            pid: self.pid,
            ppid: self.ppid,
            under: self.under,
        }
    }

    fn new(record: &Record, sum: u32, hello: Hello) -> Self {
        Self {
            nonce: record.nonce,
            pid: record.pid,
            ppid: hello.ppid,
            under: hello.under,
            runs: vec![RunRecords::new(hello)],
            seen: std::iter::once((0, sum)).collect(),
            next: 1,
        }
    }

    /// Gives how many bytes it keeps of the record; there is room for so many.
    fn append(&mut self, record: Record, sum: u32, room: usize) -> usize {
        let number = record.n;
        let twice = self.seen.insert(number, sum).is_some();
        let expected = self.next;
        self.next = expected.max(number.saturating_add(1));
        if record.kind == Kind::Hello
            && let Some(hello) = Hello::parse(&record.chunk)
        {
            self.runs.push(RunRecords::new(hello));
        }
        let Some(run) = self.runs.last_mut() else { return 0 };
        if twice {
            run.torn.get_or_insert(Torn::Twice { number });
        } else if number != expected {
            run.torn.get_or_insert(Torn::Gap {
                expected,
                found: number,
            });
        } else if run.ended {
            run.torn.get_or_insert(Torn::AfterEnd);
        }
        match record.kind {
            Kind::Hello => {}
            Kind::Data if record.chunk.len() > room => {
                run.torn.get_or_insert(Torn::TooLong);
            }
            Kind::Data => {
                run.records += 1;
                run.payload.extend_from_slice(&record.chunk);
                return record.chunk.len();
            }
            Kind::End => run.end(&record.chunk),
        }
        0
    }
}

impl RunRecords {
    fn new(hello: Hello) -> Self {
        Self {
            hello,
            payload: Vec::new(),
            torn: None,
            records: 0,
            ended: false,
        }
    }

    fn end(&mut self, chunk: &[u8]) {
        self.ended = true;
        let crc = checksum(&self.payload);
        let (run, records, bytes) = (self.hello.run, self.records, self.payload.len());
        let totals = format!("run={run} records={records} bytes={bytes} crc={crc:08x}");
        if totals.as_bytes() != chunk {
            self.torn.get_or_insert(Torn::Totals);
        }
    }
}

impl Hello {
    fn parse(chunk: &[u8]) -> Option<Self> {
        let text = std::str::from_utf8(chunk).ok()?;
        let (fields, go) = text.split_once(" go=")?;
        let mut hello = Self {
            go: go.to_owned(),
            ..Self::default()
        };
        for field in fields.split(' ') {
            match field.split_once('=')? {
                ("run", value) => hello.run = value.parse().ok()?,
                ("ppid", value) => hello.ppid = value.parse().ok()?,
                ("under", "go") => hello.under = Under::Go,
                ("under", "itself") => hello.under = Under::Itself,
                ("gomaxprocs", value) => hello.gomaxprocs = value.parse().ok()?,
                _ => {}
            }
        }
        Some(hello)
    }
}

fn checksum(bytes: &[u8]) -> u32 {
    let mut crc = flate2::Crc::new();
    crc.update(bytes);
    crc.sum()
}
