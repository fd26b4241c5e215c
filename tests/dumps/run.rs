//! Runs leakgate, Go programs, and small servers.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, Command, Stdio};
use std::sync::OnceLock;
use support::Said;

pub fn command(args: &[&str]) -> Command {
    let mut command = support::leakgate(args.iter().copied());
    command.stdin(Stdio::null());
    command
}

pub fn leakgate(args: &[&str]) -> Said {
    Said::of(&mut command(args))
}

/// Builds a Go program once for all tests.
pub fn built(module: &Path, name: &str) -> PathBuf {
    let program = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("{name}-{}", std::process::id()));
    let output = Command::new("go")
        .current_dir(module)
        .env_remove("GOFLAGS")
        .args(["build", "-o"])
        .arg(&program)
        .arg(".")
        .output()
        .unwrap();
    assert!(
        output.status.success(),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
    program
}

/// examples/leaklab, running step by step.
pub struct Lab {
    child: Child,
    steps: ChildStdin,
    lines: BufReader<std::process::ChildStdout>,
    pub url: String,
}

impl Lab {
    pub fn start(args: &[&str], stderr: Stdio) -> Self {
        static LAB: OnceLock<PathBuf> = OnceLock::new();
        let program = LAB.get_or_init(|| built(Path::new("examples/leaklab"), "leaklab"));
        let mut child = Command::new(program)
            .args(["-http", ":0"])
            .args(args)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(stderr)
            .spawn()
            .unwrap();
        let mut lines = BufReader::new(child.stdout.take().unwrap());
        let mut url = String::new();
        lines.read_line(&mut url).unwrap();
        let url = url.split("/debug").next().unwrap().to_owned();
        let steps = child.stdin.take().unwrap();
        let mut lab = Self {
            child,
            steps,
            lines,
            url,
        };
        lab.stage("at start");
        lab
    }

    pub fn pid(&self) -> u32 {
        self.child.id()
    }

    /// Goes on to the next stage.
    pub fn step(&mut self, stage: &str) {
        writeln!(self.steps).unwrap();
        self.stage(stage);
    }

    /// Without `-step` it goes on by itself.
    pub fn step_free(&mut self) {
        self.stage("running");
        self.stage("at end");
    }

    fn stage(&mut self, stage: &str) {
        let mut line = String::new();
        self.lines.read_line(&mut line).unwrap();
        assert!(line.starts_with(stage), "{line:?} is not {stage}");
    }
}

impl Drop for Lab {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// A server that gives each request's head to `answer`, and its answer back.
pub fn server(answer: impl Fn(&str) -> Vec<u8> + Send + 'static) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            let mut stream = stream.unwrap();
            let mut head = Vec::new();
            let mut byte = [0];
            while !head.ends_with(b"\r\n\r\n") && stream.read(&mut byte).unwrap_or(0) > 0 {
                head.push(byte[0]);
            }
            let _ = stream.write_all(&answer(&String::from_utf8_lossy(&head)));
        }
    });
    url
}

pub fn ok(body: &str) -> Vec<u8> {
    format!(
        "HTTP/1.1 200 OK\r\nContent-Length: {}\r\nConnection: close\r\n\r\n{body}",
        body.len()
    )
    .into_bytes()
}
