//! One record: a line of at most 900 bytes with number and checksum.

use super::VERSION;
use super::escape::{escape, unescape};

/// What every record of any version begins with.
pub(super) const MAGIC: &str = "\u{1e}leakgate/";

/// The longest record, with its line's end.
pub const LONGEST: usize = 900;

/// Names a test process in its records; chosen by the process.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Nonce(pub u64);

/// What a record is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// Start of an `M.Run`.
    Hello,
    /// A part of the payload.
    Data,
    /// The totals of an `M.Run`; nothing of it follows.
    End,
}

/// A record whose checksum is right.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Record {
    /// The process.
    pub nonce: Nonce,
    /// Its id, as the process sees it.
    pub pid: u64,
    /// Counts the records of the process from 0.
    pub n: u64,
    /// What it is for.
    pub kind: Kind,
    /// Its content, unescaped.
    pub chunk: Vec<u8>,
}

/// Why a line that begins with our magic is not a record.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NotARecord {
    /// Another version of the wire.
    Version(u32),
    /// Cut, changed, or never ours.
    Damaged,
}

impl Record {
    /// Reads a line from its magic on, without its line's end.
    pub fn parse(line: &str) -> Result<Self, NotARecord> {
        let damaged = NotARecord::Damaged;
        let rest = line.strip_prefix(MAGIC).ok_or(damaged)?;
        let (version, rest) = rest.split_once(' ').ok_or(damaged)?;
        match decimal(version).and_then(|v| u32::try_from(v).ok()) {
            Some(VERSION) => {}
            Some(other) => return Err(NotARecord::Version(other)),
            None => return Err(damaged),
        }
        Self::parse_fields(rest).ok_or(damaged)
    }

    fn parse_fields(rest: &str) -> Option<Self> {
        let mut fields = rest.splitn(5, ' ');
        let (nonce, pid, n) = (fields.next()?, fields.next()?, fields.next()?);
        let (crc, content) = (fields.next()?, fields.next()?);
        if nonce.len() != 16 || crc.len() != 8 || checksum(nonce, pid, n, content) != lower_hex(crc)? {
            return None;
        }
        let kind = match content.as_bytes().first()? {
            b'H' => Kind::Hello,
            b'D' => Kind::Data,
            b'E' => Kind::End,
            _ => return None,
        };
        let mut chunk = Vec::with_capacity(content.len());
        unescape(&content[1..], &mut chunk)?;
        Some(Self {
            nonce: Nonce(lower_hex(nonce)?),
            pid: decimal(pid)?,
            n: decimal(n)?,
            kind,
            chunk,
        })
    }

    /// The line as the shim writes it, with its line's end.
    pub fn to_line(&self) -> String {
        let (nonce, pid, n) = (
            format!("{:016x}", self.nonce.0),
            self.pid.to_string(),
            self.n.to_string(),
        );
        let mut content = String::from(match self.kind {
            Kind::Hello => "H",
            Kind::Data => "D",
            Kind::End => "E",
        });
        escape(&self.chunk, &mut content);
        let crc = checksum(&nonce, &pid, &n, &content);
        format!("{MAGIC}{VERSION} {nonce} {pid} {n} {crc:08x} {content}\n")
    }
}

/// CRC-32 over `nonce SP pid SP n SP content`.
fn checksum(nonce: &str, pid: &str, n: &str, content: &str) -> u64 {
    let mut crc = flate2::Crc::new();
    for part in [nonce, " ", pid, " ", n, " ", content] {
        crc.update(part.as_bytes());
    }
    u64::from(crc.sum())
}

fn decimal(text: &str) -> Option<u64> {
    let plain = text.bytes().all(|b| b.is_ascii_digit()) && (text == "0" || !text.starts_with('0'));
    if plain { text.parse().ok() } else { None }
}

fn lower_hex(text: &str) -> Option<u64> {
    let plain = text.bytes().all(|b| matches!(b, b'0'..=b'9' | b'a'..=b'f'));
    if plain {
        u64::from_str_radix(text, 16).ok()
    } else {
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const VECTORS: &str = include_str!("../../tests/testdata/wire/records.tsv");

    fn bytes(hex: &str) -> Vec<u8> {
        (0..hex.len())
            .step_by(2)
            .map(|i| u8::from_str_radix(&hex[i..i + 2], 16).unwrap())
            .collect()
    }

    #[test]
    fn the_vectors_shared_with_the_shim_are_read_and_written() {
        let mut read = 0;
        for line in VECTORS.lines().filter(|l| !l.starts_with('#') && !l.is_empty()) {
            let [name, nonce, pid, n, kind, chunk, text] = line.split('\t').collect::<Vec<_>>()[..] else {
                panic!("{line}")
            };
            let record = Record {
                nonce: Nonce(u64::from_str_radix(nonce, 16).unwrap()),
                pid: pid.parse().unwrap(),
                n: n.parse().unwrap(),
                kind: match kind {
                    "H" => Kind::Hello,
                    "D" => Kind::Data,
                    _ => Kind::End,
                },
                chunk: bytes(chunk),
            };
            assert_eq!(
                Record::parse(&format!("\u{1e}{text}")),
                Ok(record.clone()),
                "{name}"
            );
            assert_eq!(record.to_line(), format!("\u{1e}{text}\n"), "{name}");
            read += 1;
        }
        assert!(read >= 5);
    }

    #[test]
    fn one_changed_byte_is_noticed() {
        let record = Record {
            nonce: Nonce(0xabc),
            pid: 7,
            n: 3,
            kind: Kind::Data,
            chunk: b"g 1 2 3\nTest/\xff".to_vec(),
        };
        let line = record.to_line();
        let line = line.trim_end_matches('\n');
        assert_eq!(Record::parse(line), Ok(record));
        for at in 0..line.len() {
            let mut changed = line.as_bytes().to_vec();
            changed[at] ^= 1;
            if let Ok(changed) = String::from_utf8(changed) {
                assert!(Record::parse(&changed).is_err(), "{changed:?}");
            }
            assert!(Record::parse(&line[..at]).is_err());
        }
    }

    #[test]
    fn another_version_is_told_apart_from_damage() {
        assert_eq!(
            Record::parse("\u{1e}leakgate/3 whatever it says"),
            Err(NotARecord::Version(3))
        );
        assert_eq!(Record::parse("\u{1e}leakgate/01 x"), Err(NotARecord::Damaged));
        assert_eq!(Record::parse("\u{1e}leakgate/2"), Err(NotARecord::Damaged));
    }
}
