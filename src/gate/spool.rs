//! Output kept until it is known whether anybody wants to see it: in memory while small, then in a temporary file. Where
//! that file takes no more, the rest is lost, and the output says so: a full disk must not cost the verdict.

use crate::gotest::cache::plain;
use std::io::{Seek, SeekFrom, Write};
use tempfile::SpooledTempFile;

/// Larger outputs go to a temporary file.
const IN_MEMORY: usize = 256 << 10;

/// Kept output. Costs nothing while empty.
#[derive(Debug, Default)]
pub struct Spool {
    file: Option<SpooledTempFile>,
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
        let bytes = text.len() as u64;
        if let Some(lost) = &mut self.lost {
            lost.bytes += bytes;
            return;
        }
        let file = self
            .file
            .get_or_insert_with(|| tempfile::spooled_tempfile(IN_MEMORY));
        if let Err(error) = file.write_all(text.as_bytes()) {
            let why = plain(error);
            self.lost = Some(Lost { bytes, why });
        }
    }

    /// Copies everything to `out`.
    pub fn copy_to(&mut self, out: &mut dyn Write) -> std::io::Result<()> {
        if let Some(file) = &mut self.file {
            file.seek(SeekFrom::Start(0))?;
            std::io::copy(file, out)?;
        }
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
