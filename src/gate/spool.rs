//! Output kept until it is known whether anybody wants to see it: in memory while small, then in a temporary file. Where
//! that file takes no more, the rest is lost, and the output says so: a full disk must not cost the verdict.

use crate::gotest::cache::plain;
use std::fs::File;
use std::io::{Seek, SeekFrom, Write};

/// Larger outputs go to a temporary file, in pieces of this size.
const IN_MEMORY: usize = 256 << 10;

/// Kept output. Costs nothing while empty.
#[derive(Debug, Default)]
pub struct Spool {
    memory: Vec<u8>,
    file: Option<File>,
    lost: Option<Lost>,
}

#[derive(Debug)]
struct Lost {
    bytes: u64,
    why: std::io::Error,
}

impl Spool {
    /// Adds text.
    pub fn push(&mut self, text: &str) {
        if let Some(lost) = &mut self.lost {
            lost.bytes += text.len() as u64;
            return;
        }
        self.memory.extend_from_slice(text.as_bytes());
        if self.memory.len() >= IN_MEMORY {
            self.spill();
        }
    }

    /// Moves what is in memory to the file.
    fn spill(&mut self) {
        let written = match &mut self.file {
            Some(file) => file.write_all(&self.memory),
            None => tempfile::tempfile().and_then(|mut file| {
                file.write_all(&self.memory)?;
                self.file = Some(file);
                Ok(())
            }),
        };
        if let Err(error) = written {
            self.lost = Some(Lost {
                bytes: self.memory.len() as u64,
                why: plain(error),
            });
        }
        self.memory.clear();
    }

    /// Copies everything to `out`.
    pub fn copy_to(&mut self, out: &mut dyn Write) -> std::io::Result<()> {
        if let Some(file) = &mut self.file {
            file.seek(SeekFrom::Start(0))?;
            std::io::copy(file, out)?;
            file.seek(SeekFrom::End(0))?;
        }
        out.write_all(&self.memory)?;
        if let Some(Lost { bytes, why }) = &self.lost {
            let folder = std::env::temp_dir();
            writeln!(
                out,
                "\nleakgate: {bytes} bytes of this output are lost: can't keep them in {}: {why}",
                folder.display()
            )?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_is_lost_on_the_way_through_a_file() {
        let mut spool = Spool::default();
        let line = format!("{}\n", "x".repeat(1000));
        for _ in 0..1000 {
            spool.push(&line);
        }
        let mut out = Vec::new();
        spool.copy_to(&mut out).unwrap();
        assert_eq!(out, line.repeat(1000).into_bytes());
    }
}
