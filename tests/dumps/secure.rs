//! https: own authorities, and what leakgate reports where a server is not trusted.

use crate::run::{built, command, leakgate};
use std::io::{BufRead, BufReader, Read, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::OnceLock;
use support::Said;

/// A server of tests/testdata/modules/tls.
struct Secure {
    child: Child,
    url: String,
    ca: PathBuf,
    _folder: tempfile::TempDir,
}

impl Secure {
    fn start(wrong: &str) -> Self {
        static PROGRAM: OnceLock<PathBuf> = OnceLock::new();
        let program = PROGRAM.get_or_init(|| built(Path::new("tests/testdata/modules/tls"), "tls"));
        let folder = tempfile::tempdir().unwrap();
        let ca = folder.path().join("ca.pem");
        let mut child = Command::new(program)
            .arg(&ca)
            .arg(wrong)
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let mut url = String::new();
        let mut lines = BufReader::new(child.stdout.take().unwrap());
        lines.read_line(&mut url).unwrap();
        Self {
            child,
            url: url.trim().to_owned(),
            ca,
            _folder: folder,
        }
    }

    fn ca(&self) -> &str {
        self.ca.to_str().unwrap()
    }
}

impl Drop for Secure {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

#[test]
fn a_server_of_an_own_authority_is_read_with_ca_and_not_without() {
    let server = Secure::start("nothing");
    let unknown = leakgate(&["dump", &server.url, "--no-config"]);
    assert!(
        unknown.code == Some(2)
            && unknown.err.contains("does not trust")
            && unknown.err.contains("--ca FILE"),
        "{}",
        unknown.err
    );
    let known = leakgate(&[
        "dump",
        &server.url,
        "--no-config",
        "--ca",
        server.ca(),
        "--format",
        "json",
    ]);
    assert_eq!(known.code, Some(0), "{}", known.err);
    let dump = &known.json()["dumps"][0];
    assert!(
        dump["passing"].as_u64().unwrap() >= 2 && dump["missing"] == 0,
        "{dump}"
    );
    let monitor = leakgate(&[
        "monitor",
        &server.url,
        "--no-config",
        "--ca",
        server.ca(),
        "--every",
        "50ms",
        "--for",
        "200ms",
    ]);
    assert_eq!(monitor.code, Some(0), "{}", monitor.err);
}

/// Where the system keeps its authorities in files, these variables name others, as for curl and Go.
#[cfg(target_os = "linux")]
#[test]
fn ssl_cert_file_names_the_systems_authorities() {
    let server = Secure::start("nothing");
    let mut dump = command(&["dump", &server.url, "--no-config"]);
    dump.env("SSL_CERT_FILE", server.ca());
    let said = Said::of(&mut dump);
    assert_eq!(said.code, Some(0), "{}", said.err);
}

#[test]
fn what_is_wrong_with_a_servers_certificate_is_said() {
    for (wrong, words) in [
        ("name", "its certificate is for another host name"),
        ("date", "its certificate has expired"),
    ] {
        let server = Secure::start(wrong);
        let said = leakgate(&["dump", &server.url, "--no-config", "--ca", server.ca()]);
        assert!(said.code == Some(2) && said.err.contains(words), "{}", said.err);
    }
    let other = Secure::start("nothing");
    let server = Secure::start("nothing");
    let said = leakgate(&["dump", &server.url, "--no-config", "--ca", other.ca()]);
    assert_eq!(said.code, Some(2), "{}", said.err);
}

#[test]
fn a_server_without_https_and_a_file_without_certificates_are_said() {
    // As Go's server does when it reads what is no request.
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let plain = format!("https://{}", listener.local_addr().unwrap());
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            let mut stream = stream.unwrap();
            let _ = stream.read(&mut [0; 64]);
            let _ = stream.write_all(b"HTTP/1.1 400 Bad Request\r\nConnection: close\r\n\r\n");
        }
    });
    let said = leakgate(&["dump", &plain, "--no-config"]);
    assert!(
        said.code == Some(2) && said.err.contains("it does not speak https"),
        "{}",
        said.err
    );
    for (file, words) in [
        ("Cargo.toml", "holds no certificate"),
        ("missing.pem", "can't read --ca missing.pem"),
    ] {
        let said = leakgate(&["dump", &plain, "--no-config", "--ca", file]);
        assert!(said.code == Some(2) && said.err.contains(words), "{}", said.err);
    }
}
