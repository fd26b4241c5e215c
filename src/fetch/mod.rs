//! How a dump is asked of a running process: its pprof endpoint, its gops agent, SIGQUIT. Edge: the only room that opens
//! network connections, for `leakgate dump` and `leakgate monitor` alone.

mod address;
mod gops;
mod http;
#[cfg(unix)]
mod quit;

pub(crate) use address::{Address, AddressError};
pub(crate) use gops::{Folders, ask_agent};
pub(crate) use http::{Authorities, Limits, get};
#[cfg(unix)]
pub(crate) use quit::quit;

use std::io;

/// Why a process could not be asked.
#[derive(Debug, thiserror::Error)]
pub enum FetchError {
    /// Not an address that is fetched.
    #[error(transparent)]
    Address(#[from] AddressError),
    /// No answer that could be read.
    #[error("{url}: {reason}")]
    Http {
        /// Without credentials.
        url: String,
        /// What went wrong, and what to do where that is known.
        reason: String,
    },
    /// The server did not give the profile.
    #[error("{url}: the server answered {status}{advice}")]
    Status {
        /// Without credentials.
        url: String,
        /// HTTP status.
        status: u16,
        /// What to do.
        advice: &'static str,
    },
    /// A header flag that is no header.
    #[error("a header must be written `Name: value`; number {0} is not")]
    Header(usize),
    /// No agent.
    #[error(
        "process {pid} runs no gops agent (no port in {folder}); fetch its /debug/pprof/goroutine, or pass --sigquit, which ends the process"
    )]
    NoAgent {
        /// Process.
        pid: u32,
        /// Where agents write their ports.
        folder: String,
    },
    /// The agent did not answer.
    #[error("the gops agent of process {pid} (port {port}) does not answer: {error}")]
    Agent {
        /// Process.
        pid: u32,
        /// Its port.
        port: u16,
        /// Why.
        error: io::Error,
    },
    /// SIGQUIT could not be sent, or its dump could not be read.
    #[error("process {pid}: {reason}")]
    Quit {
        /// Process.
        pid: u32,
        /// Why.
        reason: String,
    },
}
