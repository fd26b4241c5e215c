//! Takes gzip and zstd off, however often they were put on, within reason; then a byte order mark.

use super::utf16::Utf16;
use flate2::read::MultiGzDecoder;
use ruzstd::decoding::{BlockDecodingStrategy, FrameDecoder};
use std::io::{self, Cursor, Read};

/// Bytes that are looked at.
const HEAD: usize = 64;
/// A file that was compressed more often is a bomb.
const LAYERS: usize = 3;

/// A stream whose first bytes are known.
pub struct Opened<'a> {
    head: Vec<u8>,
    read: usize,
    rest: Box<dyn Read + 'a>,
}

impl Opened<'_> {
    /// The first bytes.
    pub fn head(&self) -> &[u8] {
        &self.head
    }
}

impl Read for Opened<'_> {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        if self.read < self.head.len() {
            let count = Cursor::new(&self.head[self.read..]).read(into)?;
            self.read += count;
            return Ok(count);
        }
        self.rest.read(into)
    }
}

/// The stream below all compression.
pub fn open<'a>(from: impl Read + 'a) -> io::Result<Opened<'a>> {
    let mut opened = peek(Box::new(from))?;
    for _ in 0..=LAYERS {
        opened = match opened.head() {
            [0x1f, 0x8b, ..] => {
                peek(Box::new(MultiGzDecoder::new(opened))).map_err(|error| damaged("gzip", error))?
            }
            [0x28, 0xb5, 0x2f, 0xfd, ..] => peek(Box::new(Zstd::new(opened)))?,
            [0xef, 0xbb, 0xbf, ..] => {
                opened.read = 3;
                return Ok(opened);
            }
            [0xff, 0xfe, ..] | [0xfe, 0xff, ..] => return peek(Box::new(Utf16::new(opened))),
            _ => return Ok(opened),
        };
    }
    Err(io::Error::other(format!(
        "it was compressed more than {LAYERS} times over; unpack it first"
    )))
}

/// What can be read of the head counts: an error behind it comes again with the next read.
fn peek<'a>(mut from: Box<dyn Read + 'a>) -> io::Result<Opened<'a>> {
    let mut head = Vec::with_capacity(HEAD);
    if let Err(error) = from.by_ref().take(HEAD as u64).read_to_end(&mut head)
        && head.is_empty()
    {
        return Err(error);
    }
    Ok(Opened {
        head,
        read: 0,
        rest: from,
    })
}

/// All frames of a zstd stream, one after the other.
struct Zstd<R> {
    from: R,
    frame: FrameDecoder,
    open: bool,
}

impl<R: Read> Zstd<R> {
    fn new(from: R) -> Self {
        Self {
            from,
            frame: FrameDecoder::new(),
            open: false,
        }
    }

    /// The next frame, or the end of the stream.
    fn next_frame(&mut self) -> io::Result<bool> {
        let mut first = [0; 1];
        loop {
            match self.from.read(&mut first) {
                Ok(0) => return Ok(false),
                Ok(_) => break,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return Err(error),
            }
        }
        let frame = Cursor::new(first).chain(&mut self.from);
        self.frame.reset(frame).map_err(|error| damaged("zstd", error))?;
        self.open = true;
        Ok(true)
    }
}

impl<R: Read> Read for Zstd<R> {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        if into.is_empty() {
            return Ok(0);
        }
        loop {
            if self.open && self.frame.can_collect() > 0 {
                return self.frame.read(into);
            }
            if !self.open || self.frame.is_finished() {
                self.open = false;
                if !self.next_frame()? {
                    return Ok(0);
                }
            }
            self.frame
                .decode_blocks(
                    &mut self.from,
                    BlockDecodingStrategy::UptoBytes(into.len().max(1 << 16)),
                )
                .map_err(|error| damaged("zstd", error))?;
        }
    }
}

fn damaged(what: &str, error: impl std::fmt::Display) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, format!("damaged {what}: {error}"))
}
