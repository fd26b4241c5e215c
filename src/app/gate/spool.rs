//! Output kept until it is known whether anybody wants to see it: in memory while small, then in a temporary file.

use std::io::{Seek, SeekFrom, Write};
use tempfile::SpooledTempFile;

/// Larger outputs go to a temporary file.
const IN_MEMORY: usize = 256 << 10;

/// Kept output. Costs nothing while empty.
#[derive(Debug, Default)]
pub struct Spool {
    file: Option<SpooledTempFile>,
}

impl Spool {
    /// Adds text.
    pub fn push(&mut self, text: &str) -> std::io::Result<()> {
        let file = self
            .file
            .get_or_insert_with(|| tempfile::spooled_tempfile(IN_MEMORY));
        file.write_all(text.as_bytes())
    }

    /// Copies everything to `out`.
    pub fn copy_to(&mut self, out: &mut dyn Write) -> std::io::Result<()> {
        if let Some(file) = &mut self.file {
            file.seek(SeekFrom::Start(0))?;
            std::io::copy(file, out)?;
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
            spool.push(&line).unwrap();
        }
        let mut out = Vec::new();
        spool.copy_to(&mut out).unwrap();
        assert_eq!(out, line.repeat(1000).into_bytes());
    }
}
