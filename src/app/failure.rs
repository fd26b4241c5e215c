//! What ends the program before there is a report: one message, one exit code. Edge: prints it.

use crate::exit::ExitCode;
use crate::report::safe_text::safe_terminal;
use std::io::Write;

/// An error that ends the program.
#[derive(Debug)]
pub enum Failure {
    /// Said on standard error, with `leakgate: ` before it.
    Message(String),
    /// Already laid out (file, line, column, remedy), said as it is.
    Laid(String),
    /// Whoever read our output went away: a quiet end.
    BrokenPipe,
}

impl Failure {
    /// Says it and gives the exit code.
    pub fn report(self) -> ExitCode {
        let text = match self {
            Self::Message(text) => format!("leakgate: {text}\n"),
            Self::Laid(text) => format!("{}\n", text.trim_end()),
            Self::BrokenPipe => return ExitCode::Clean,
        };
        // If standard error can't be written to, there is no other place for the message.
        let _ = anstream::stderr().write_all(safe_terminal(&text).as_bytes());
        ExitCode::Usage
    }
}

impl std::fmt::Display for Failure {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Message(text) | Self::Laid(text) => f.write_str(text),
            Self::BrokenPipe => f.write_str("the reader of the output went away"),
        }
    }
}

impl From<std::io::Error> for Failure {
    fn from(error: std::io::Error) -> Self {
        match error.kind() {
            std::io::ErrorKind::BrokenPipe => Self::BrokenPipe,
            _ => Self::Message(error.to_string()),
        }
    }
}

impl Failure {
    /// Standard output took no more: quiet where its reader went away, said where anything else was the matter.
    pub fn stdout(error: std::io::Error) -> Self {
        match error.kind() {
            std::io::ErrorKind::BrokenPipe => Self::BrokenPipe,
            _ => Self::Message(format!("can't write to standard output: {error}")),
        }
    }
}

/// Every typed error of a room says in its own words what is wrong and what to do.
macro_rules! from_errors {
    ($($error:ty),* $(,)?) => {
        $(impl From<$error> for Failure {
            fn from(error: $error) -> Self {
                Self::Message(error.to_string())
            }
        })*
    };
}

from_errors!(
    crate::fetch::FetchError,
    crate::gotest::GoTestError,
    crate::report::ReadError,
    crate::settings::source::ValueError,
    crate::settings::outside::UnknownLint,
);
