//! Where dumps come from: files, standard input, URLs, processes.

use crate::app::Failure;
use crate::app::store::environment::lookup;
use crate::app::store::reading;
use crate::cli::dumps::FetchFlags;
use crate::fetch::{self, Address, Authorities, Folders, Limits};
use std::fs::File;
use std::io::Read;
use std::path::Path;

/// A stream, and how it is named.
pub struct Given {
    /// File, URL without secrets, or process.
    pub name: String,
    /// Its bytes.
    pub read: Box<dyn Read>,
}

/// The limits that flags give.
pub fn limits(flags: &FetchFlags) -> Result<Limits, Failure> {
    Ok(Limits {
        timeout: flags.timeout,
        max_bytes: flags.max_size.saturating_mul(1 << 20),
        headers: flags.header.clone(),
        ca: flags.ca.as_deref().map(authorities).transpose()?,
    })
}

fn authorities(path: &Path) -> Result<Authorities, Failure> {
    let name = path.display();
    let pem = reading::whole(path, reading::SMALL)
        .map_err(|error| Failure::Message(format!("can't read --ca {name}: {error}")))?;
    Authorities::of_pem(&pem).ok_or_else(|| {
        Failure::Message(format!(
            "--ca {name} holds no certificate, or a damaged one; it must be a PEM file (-----BEGIN CERTIFICATE-----)"
        ))
    })
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
    let unreadable = |error: std::io::Error| {
        let advice = match error.kind() == std::io::ErrorKind::NotFound && is_host(source) {
            true => format!("; for a service write http://{source}"),
            false => String::new(),
        };
        Failure::Message(format!("can't read {source}: {error}{advice}"))
    };
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

/// `HOST:PORT` with or without a path, which is no file's name.
fn is_host(source: &str) -> bool {
    let authority = source.split('/').next().unwrap_or(source);
    let port = authority.rsplit_once(':').map(|(_, port)| port);
    port.is_some_and(|port| port.parse::<u16>().is_ok())
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
