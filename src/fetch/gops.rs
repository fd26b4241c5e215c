//! The gops agent (github.com/google/gops): a port on the loopback interface that answers one byte with the stacks.

use super::FetchError;
use std::io::{self, Read, Write};
use std::net::{Ipv4Addr, SocketAddr, TcpStream};
use std::path::PathBuf;
use std::time::Duration;

/// What the agent answers with the stacks of all goroutines.
const STACK_TRACE: u8 = 0x1;

/// Where agents write their ports.
#[derive(Debug, Clone, Default)]
pub struct Folders(Vec<PathBuf>);

impl Folders {
    /// As gops finds its own: by GOPS_CONFIG_DIR, else below the user's configuration folder.
    pub fn of_environment(lookup: impl Fn(&str) -> Option<String>) -> Self {
        let set = |name: &str| lookup(name).filter(|value| !value.is_empty()).map(PathBuf::from);
        if let Some(folder) = set("GOPS_CONFIG_DIR") {
            return Self(vec![folder]);
        }
        let home = set("HOME");
        let candidates = [
            set("XDG_CONFIG_HOME"),
            home.as_ref().map(|home| home.join(".config")),
            home.map(|home| home.join("Library/Application Support")),
        ];
        Self(
            candidates
                .into_iter()
                .flatten()
                .map(|folder| folder.join("gops"))
                .collect(),
        )
    }

    #[expect(
        clippy::disallowed_methods,
        reason = "this is the edge that reads an agent's port"
    )]
    fn port(&self, pid: u32) -> Option<u16> {
        let files = self.0.iter().map(|folder| folder.join(pid.to_string()));
        files
            .filter_map(|file| std::fs::read_to_string(file).ok())
            .find_map(|text| text.trim().parse().ok())
    }
}

/// The stacks of a process, from its agent.
pub fn ask_agent(
    pid: u32,
    folders: &Folders,
    timeout: Duration,
    max_bytes: u64,
) -> Result<impl Read + 'static, FetchError> {
    let port = folders.port(pid).ok_or_else(|| FetchError::NoAgent {
        pid,
        folder: folders
            .0
            .first()
            .map(|folder| folder.display().to_string())
            .unwrap_or_default(),
    })?;
    ask(port, timeout)
        .map(|stream| stream.take(max_bytes))
        .map_err(|error| FetchError::Agent { pid, port, error })
}

#[expect(clippy::disallowed_methods, reason = "this is the edge that asks an agent")]
fn ask(port: u16, timeout: Duration) -> io::Result<TcpStream> {
    let address = SocketAddr::from((Ipv4Addr::LOCALHOST, port));
    let mut stream = TcpStream::connect_timeout(&address, timeout)?;
    stream.set_read_timeout(Some(timeout))?;
    stream.set_write_timeout(Some(timeout))?;
    stream.write_all(&[STACK_TRACE])?;
    Ok(stream)
}
