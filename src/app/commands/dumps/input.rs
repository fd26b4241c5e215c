//! Where dumps come from: files, standard input, URLs, processes.

use crate::app::Failure;
use crate::app::store::environment::lookup;
use crate::cli::dumps::FetchFlags;
use crate::fetch::{self, Address, Folders, Limits};
use std::fs::File;
use std::io::Read;

/// A stream, and how it is named.
pub struct Given {
    /// File, URL without secrets, or process.
    pub name: String,
    /// Its bytes.
    pub read: Box<dyn Read>,
}

/// The limits that flags give.
pub fn limits(flags: &FetchFlags) -> Limits {
    Limits {
        timeout: flags.timeout,
        max_bytes: flags.max_size.saturating_mul(1 << 20),
        headers: flags.header.clone(),
    }
}

/// Opens a source. `debug` is asked of a profile's URL that says none.
#[expect(clippy::disallowed_methods, reason = "this is the edge that reads dumps")]
pub fn open(source: &str, limits: &Limits, debug: Option<u8>) -> Result<Given, Failure> {
    if source == "-" {
        return Ok(Given {
            name: "standard input".to_owned(),
            read: Box::new(std::io::stdin()),
        });
    }
    if Address::is_meant(source) {
        return url(source, limits, debug);
    }
    let unreadable = |error: std::io::Error| Failure::Message(format!("can't read {source}: {error}"));
    let file = File::open(source).map_err(unreadable)?;
    if file.metadata().map_err(unreadable)?.is_dir() {
        return Err(Failure::Message(format!(
            "{source} is a folder; name the dumps in it"
        )));
    }
    Ok(Given {
        name: source.to_owned(),
        read: Box::new(file),
    })
}

/// Asks a URL.
pub fn url(source: &str, limits: &Limits, debug: Option<u8>) -> Result<Given, Failure> {
    let address = Address::parse(source)
        .map_err(fetch::FetchError::from)?
        .of_goroutines(debug);
    Ok(Given {
        name: address.to_string(),
        read: Box::new(fetch::get(&address, limits)?),
    })
}

/// Asks the gops agent of a process.
pub fn agent(pid: u32, limits: &Limits) -> Result<Given, Failure> {
    let folders = Folders::of_environment(lookup);
    let read = fetch::ask_agent(pid, &folders, limits.timeout, limits.max_bytes)?;
    Ok(Given {
        name: format!("process {pid}"),
        read: Box::new(read),
    })
}
