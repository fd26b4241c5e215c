//! leakgate in the fixture module `process`, started and watched.

use rustix::process::{Pid, Signal, kill_process};
use std::fs;
use std::path::PathBuf;
use std::process::{Child, Command, Output, Stdio};
use std::time::{Duration, Instant};
use support::Copied;

/// A copy of `tests/testdata/modules/process`, and a file in which a test tells a process id.
pub struct Module(Copied);

impl Module {
    pub fn new() -> Self {
        Self(Copied::of(&support::module("process")))
    }

    pub fn dir(&self) -> PathBuf {
        self.0.dir().to_path_buf()
    }

    fn began(&self) -> PathBuf {
        self.0.beside().join("began")
    }

    /// `leakgate` with `args`, in the module.
    pub fn command(&self, args: &[&str]) -> Command {
        let mut command = support::leakgate(args.iter().copied());
        command
            .current_dir(self.dir())
            .env("BEGAN", self.began())
            .env("GOTOOLCHAIN", "local");
        command
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        command
    }

    /// What `leakgate` with `args` says, and its exit code.
    pub fn output(&self, args: &[&str]) -> (Option<i32>, String) {
        said(self.command(args).output().unwrap())
    }

    /// Starts `leakgate` and waits until the test in it has told its process id.
    pub fn start(&self, args: &[&str]) -> Running {
        let leakgate = self.command(args).spawn().unwrap();
        let test = until("the test begins", || {
            fs::read_to_string(self.began())
                .ok()?
                .parse()
                .ok()
                .and_then(Pid::from_raw)
        });
        Running { leakgate, test }
    }

    /// The process id that a test has told.
    pub fn told(&self) -> Pid {
        fs::read_to_string(self.began())
            .unwrap()
            .parse()
            .ok()
            .and_then(Pid::from_raw)
            .unwrap()
    }
}

/// A started leakgate, and the test binary under it.
pub struct Running {
    leakgate: Child,
    /// The process that the test told.
    pub test: Pid,
}

impl Running {
    pub fn signal(&self, signal: Signal) {
        kill_process(self.pid(), signal).unwrap();
    }

    pub fn pid(&self) -> Pid {
        Pid::from_raw(i32::try_from(self.leakgate.id()).unwrap()).unwrap()
    }

    /// Waits for the end of leakgate; gives exit code and all it said.
    pub fn end(self) -> (Option<i32>, String) {
        said(self.leakgate.wait_with_output().unwrap())
    }

    /// Ends leakgate's own process without a chance to do anything.
    pub fn kill(mut self) -> Pid {
        self.leakgate.kill().unwrap();
        self.leakgate.wait().unwrap();
        self.test
    }
}

pub fn said(output: Output) -> (Option<i32>, String) {
    let text = [output.stdout, output.stderr].concat();
    (output.status.code(), String::from_utf8_lossy(&text).into_owned())
}

/// The state letter of a process in /proc: `S`, `T`, `Z`; `None` when it is gone.
pub fn state(pid: Pid) -> Option<char> {
    let stat = fs::read_to_string(format!("/proc/{}/stat", pid.as_raw_nonzero())).ok()?;
    stat.rsplit_once(") ").and_then(|(_, rest)| rest.chars().next())
}

/// Waits until the process is gone, or dead and not yet collected.
#[track_caller]
pub fn assert_gone(pid: Pid) {
    until("the process is gone", || {
        matches!(state(pid), None | Some('Z' | 'X')).then_some(())
    });
}

/// Asks again and again, for at most 30 seconds.
#[track_caller]
pub fn until<T>(what: &str, mut ask: impl FnMut() -> Option<T>) -> T {
    let begin = Instant::now();
    loop {
        if let Some(answer) = ask() {
            return answer;
        }
        assert!(
            begin.elapsed() < Duration::from_secs(60),
            "not within a minute: {what}"
        );
        std::thread::sleep(Duration::from_millis(20));
    }
}
