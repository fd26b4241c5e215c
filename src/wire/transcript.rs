//! The records of one package's output, by process and by call of `M.Run`.

use super::record::{Kind, Nonce, NotARecord, Record};

/// The most that one `M.Run` may say; the shim stops at half of it.
const MOST_PAYLOAD: usize = 512 << 20;

/// Everything that records told about one package.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Transcript {
    /// The process whose hello came first: the test binary itself.
    pub main: Option<ProcessRecords>,
    /// Other processes that say they are its children (or its parent): tests that run their own binary with all its
    /// flags. Told, never judged: a test may print what it likes.
    pub nested: Vec<ProcessRecords>,
    /// What looked like a record and counts for nothing.
    pub strays: Strays,
    /// The end of the user's output that was held back because a record could have begun there.
    pub rest: String,
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
    /// One for each call of `M.Run`; at least one.
    pub runs: Vec<RunRecords>,
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
            Self::Totals => f.write_str("the records do not add up to what the last one says"),
            Self::TooLong => write!(f, "the records are longer than {} MiB", MOST_PAYLOAD >> 20),
        }
    }
}

/// What looked like a record and was left out; it stays in the user's output.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Strays {
    /// From no process that we know.
    pub foreign: u64,
    /// Cut or changed.
    pub damaged: u64,
    /// Numbers that had come before.
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
            Ok(record) => self.place(record),
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

    fn place(&mut self, record: Record) -> Taken {
        if let Some(process) = self.process(record.nonce) {
            if process.pid != record.pid {
                self.strays.foreign += 1;
                return Taken::Stray;
            }
            if record.n < process.next {
                self.strays.replayed += 1;
                return Taken::Stray;
            }
            process.append(record);
            return Taken::Ours;
        }
        let hello = if record.kind == Kind::Hello && record.n == 0 {
            Hello::parse(&record.chunk)
        } else {
            None
        };
        match hello {
            Some(hello) if self.main.is_none() => self.main = Some(ProcessRecords::new(&record, hello)),
            Some(hello) if self.related(record.pid, hello.ppid) => {
                self.nested.push(ProcessRecords::new(&record, hello));
            }
            _ => {
                self.strays.foreign += 1;
                return Taken::Stray;
            }
        }
        Taken::Ours
    }

    fn process(&mut self, nonce: Nonce) -> Option<&mut ProcessRecords> {
        self.main
            .iter_mut()
            .chain(&mut self.nested)
            .find(|p| p.nonce == nonce)
    }

    fn related(&self, pid: u64, ppid: u64) -> bool {
        self.main
            .iter()
            .chain(&self.nested)
            .any(|p| p.pid == ppid || p.ppid == pid)
    }

    /// Says what is missing, when no more can come.
    pub(super) fn close(&mut self) {
        for process in self.main.iter_mut().chain(&mut self.nested) {
            for run in &mut process.runs {
                if !run.ended && run.torn.is_none() {
                    run.torn = Some(Torn::NoEnd);
                }
            }
        }
    }
}

impl ProcessRecords {
    fn new(record: &Record, hello: Hello) -> Self {
        let ppid = hello.ppid;
        Self {
            nonce: record.nonce,
            pid: record.pid,
            ppid,
            runs: vec![RunRecords::new(hello)],
            next: 1,
        }
    }

    fn append(&mut self, record: Record) {
        let expected = std::mem::replace(&mut self.next, record.n.saturating_add(1));
        if record.kind == Kind::Hello
            && let Some(hello) = Hello::parse(&record.chunk)
        {
            self.runs.push(RunRecords::new(hello));
        }
        let Some(run) = self.runs.last_mut() else { return };
        if record.n != expected {
            run.torn.get_or_insert(Torn::Gap {
                expected,
                found: record.n,
            });
        }
        match record.kind {
            Kind::Hello => {}
            Kind::Data if run.payload.len() + record.chunk.len() > MOST_PAYLOAD => {
                run.torn.get_or_insert(Torn::TooLong);
            }
            Kind::Data => {
                run.records += 1;
                run.payload.extend_from_slice(&record.chunk);
            }
            Kind::End => run.end(&record.chunk),
        }
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
        let mut crc = flate2::Crc::new();
        crc.update(&self.payload);
        let (run, records, bytes) = (self.hello.run, self.records, self.payload.len());
        let totals = format!("run={run} records={records} bytes={bytes} crc={:08x}", crc.sum());
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
                ("gomaxprocs", value) => hello.gomaxprocs = value.parse().ok()?,
                _ => {}
            }
        }
        Some(hello)
    }
}
