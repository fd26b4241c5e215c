//! UTF-16 with a byte order mark, as PowerShell's `>` writes it, → UTF-8.

use std::io::{self, Read};

/// Bytes that are read at once.
const PIECE: usize = 64 << 10;

/// A stream of UTF-16 as UTF-8. What is no UTF-16 becomes a replacement character.
pub struct Utf16<R> {
    from: R,
    big_endian: bool,
    begun: bool,
    /// A unit, or the first of a pair, whose rest has not been read.
    rest: Vec<u8>,
    text: Vec<u8>,
    given: usize,
}

impl<R: Read> Utf16<R> {
    /// A stream that begins with the mark.
    pub fn new(from: R) -> Self {
        Self {
            from,
            big_endian: false,
            begun: false,
            rest: Vec::new(),
            text: Vec::new(),
            given: 0,
        }
    }

    /// Decodes the next piece; false at the end.
    fn next_piece(&mut self) -> io::Result<bool> {
        let mut bytes = std::mem::take(&mut self.rest);
        let before = bytes.len();
        let read = self.from.by_ref().take(PIECE as u64).read_to_end(&mut bytes);
        let last = bytes.len() == before;
        if last {
            read?;
        }
        let mut units: Vec<u16> = bytes
            .chunks_exact(2)
            .map(|pair| match self.big_endian {
                true => u16::from_be_bytes([pair[0], pair[1]]),
                false => u16::from_le_bytes([pair[0], pair[1]]),
            })
            .collect();
        if !self.begun && !units.is_empty() {
            self.begun = true;
            if units.remove(0) == 0xfffe {
                self.big_endian = true;
                units.iter_mut().for_each(|unit| *unit = unit.swap_bytes());
            }
        }
        let open = units.last().is_some_and(|unit| (0xd800..0xdc00).contains(unit)) && !last;
        let kept = bytes.len() % 2 + 2 * usize::from(open);
        if !last {
            self.rest = bytes.split_off(bytes.len() - kept);
        }
        units.truncate(units.len() - usize::from(open));
        let text: String = char::decode_utf16(units)
            .map(|unit| unit.unwrap_or(char::REPLACEMENT_CHARACTER))
            .collect();
        (self.text, self.given) = (text.into_bytes(), 0);
        Ok(!last || !self.text.is_empty())
    }
}

impl<R: Read> Read for Utf16<R> {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        while self.given == self.text.len() {
            if !self.next_piece()? {
                return Ok(0);
            }
        }
        let left = &self.text[self.given..];
        let count = left.len().min(into.len());
        into[..count].copy_from_slice(&left[..count]);
        self.given += count;
        Ok(count)
    }
}
