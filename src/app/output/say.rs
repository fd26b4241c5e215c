//! What a verb prints on standard output.

use super::patient::{self, Losses};
use crate::app::Failure;
use crate::exit::ExitCode;
use crate::report::safe_text::safe_terminal;
use std::io::Write;

/// Writes to standard output.
pub fn say(text: &str) -> Result<(), Failure> {
    let mut out = anstream::stdout().lock();
    out.write_all(safe_terminal(text).as_bytes())
        .and_then(|()| out.flush())
        .map_err(Failure::stdout)
}

/// The last word of a verb whose exit code is a verdict: it holds whether or not anything reads it.
pub fn conclude(text: &str, verdict: ExitCode) -> ExitCode {
    let text = safe_terminal(text);
    patient::conclude(anstream::stdout(), text.as_bytes(), verdict, &Losses::default())
}

/// Prints what was asked for, whole. A reader that went away has seen enough.
pub fn print(bytes: &[u8]) -> Result<(), Failure> {
    let mut out = std::io::stdout().lock();
    match out.write_all(bytes).and_then(|()| out.flush()) {
        Err(error) if error.kind() != std::io::ErrorKind::BrokenPipe => Err(Failure::stdout(error)),
        _ => Ok(()),
    }
}
