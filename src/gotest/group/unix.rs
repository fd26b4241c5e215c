//! Process groups and signals.

use super::guard::Guard;
use super::{Outside, number};
use crate::gotest::command::ChildCommand;
use rustix::process::{Pid, Signal, kill_process, kill_process_group};
use signal_hook::consts::{SIGHUP, SIGINT, SIGQUIT, SIGSTOP, SIGTERM, SIGTSTP};
use std::io::Read;
use std::os::unix::process::{CommandExt, ExitStatusExt};
use std::process::ExitStatus;
use std::sync::Arc;

/// A silent test binary can be asked for the dump of its goroutines (SIGQUIT).
pub const HANG_DUMP: bool = true;

/// The signal that ended a process, if one did.
pub fn signal_of(status: ExitStatus) -> Option<i32> {
    status.signal()
}

/// A process group.
#[derive(Debug, Clone)]
pub struct Group {
    leader: Pid,
}

impl Group {
    /// Asks all of it to end, as Ctrl-C does.
    pub fn interrupt(&self) {
        self.send(Signal::INT);
    }

    /// Ends all of it on leakgate's own account.
    pub fn stop(&self) {
        self.interrupt();
    }

    /// Go test binaries print all their goroutines and exit; go itself ignores it.
    pub fn quit(&self) {
        self.send(Signal::QUIT);
    }

    /// Kills whatever is left of it.
    pub fn kill(&self) {
        self.send(Signal::KILL);
    }

    /// Stops the group, then this process; goes on with both when it is continued. SIGSTOP, because SIGTSTP is ignored by
    /// a group without a job-control parent; raised on this thread, which so can't reach the next line before it stops
    /// still.
    pub fn suspend(&self) {
        self.send(Signal::STOP);
        let _ = signal_hook::low_level::raise(SIGSTOP);
        self.send(Signal::CONT);
    }

    /// Asks the test binaries for their dumps. Where /proc can be read, only they are asked, so that compilers of other
    /// packages go on.
    #[expect(clippy::disallowed_methods, reason = "edge: /proc tells who is in the group")]
    pub fn quit_test_binaries(&self) {
        let read = |pid: Pid, file: &str| {
            std::fs::read(format!("/proc/{}/{file}", pid.as_raw_nonzero())).unwrap_or_default()
        };
        let is_test = |pid: Pid| {
            read(pid, "cmdline")
                .split(|byte| *byte == 0)
                .any(|arg| arg.starts_with(b"-test."))
        };
        // `pid (name) state ppid pgrp …`; the name may hold anything. rustix's getpgid fails on kernel threads.
        let member = |pid: Pid| {
            let stat = String::from_utf8_lossy(&read(pid, "stat")).into_owned();
            let pgrp = stat
                .rsplit_once(')')
                .and_then(|(_, rest)| rest.split_ascii_whitespace().nth(2)?.parse().ok());
            pgrp == Some(self.leader.as_raw_nonzero().get())
        };
        let entries = std::fs::read_dir("/proc").into_iter().flatten().flatten();
        let pids = entries.filter_map(|entry| {
            entry
                .file_name()
                .to_str()?
                .parse()
                .ok()
                .filter(|pid| *pid > 0)
                .and_then(Pid::from_raw)
        });
        let tests: Vec<Pid> = pids.filter(|pid| member(*pid) && is_test(*pid)).collect();
        if tests.is_empty() {
            self.quit();
        }
        for pid in tests {
            let _ = kill_process(pid, Signal::QUIT);
        }
    }

    /// The only failure is that the group is empty, which is what was wanted.
    fn send(&self, signal: Signal) {
        let _ = kill_process_group(self.leader, signal);
    }
}

/// The child of a group.
#[derive(Debug, Clone)]
pub struct Running {
    child: Arc<duct::Handle>,
    /// Ends the group when leakgate itself is killed.
    _guard: Arc<Option<Guard>>,
}

impl Running {
    /// Its status, once it has exited.
    pub fn try_wait(&self) -> std::io::Result<Option<ExitStatus>> {
        Ok(self.child.try_wait()?.map(|output| output.status))
    }

    /// Kills the child alone.
    pub fn kill(&self) -> std::io::Result<()> {
        self.child.kill()
    }
}

/// A child that has just been started.
pub struct Spawned {
    pub running: Running,
    pub group: Group,
    pub stdout: Box<dyn Read + Send>,
    pub stderr: Box<dyn Read + Send>,
}

/// Starts `command` in a group of its own.
pub fn spawn(command: &ChildCommand) -> std::io::Result<Spawned> {
    // Pipes of our own: duct's own capture would wait at the end for everyone who still holds one.
    let (stdout, stdout_writer) = std::io::pipe()?;
    let (stderr, stderr_writer) = std::io::pipe()?;
    widen(&stdout);
    let mut expression = duct::cmd(command.program.as_os_str(), &command.args)
        .dir(&command.dir)
        .stdin_null()
        .stdout_file(stdout_writer)
        .stderr_file(stderr_writer)
        .unchecked()
        .before_spawn(|child| {
            child.process_group(0);
            Ok(())
        });
    for (name, value) in &command.env {
        expression = expression.env(name, value);
    }
    let child = Arc::new(expression.start()?);
    drop(expression);
    let raw = child
        .pids()
        .first()
        .copied()
        .and_then(|pid| i32::try_from(pid).ok());
    let leader = raw
        .and_then(Pid::from_raw)
        .ok_or_else(|| std::io::Error::other("the child has no process id"))?;
    Ok(Spawned {
        stdout: Box::new(stdout),
        stderr: Box::new(stderr),
        running: Running {
            child,
            _guard: Arc::new(Guard::over(leader)),
        },
        group: Group { leader },
    })
}

/// Has the pipe hold what a chatty test prints in a moment, so that neither side waits for the other. Where the system
/// does not allow it, the pipe stays as it is.
fn widen(pipe: &std::io::PipeReader) {
    #[cfg(any(target_os = "linux", target_os = "android"))]
    let _ = rustix::pipe::fcntl_setpipe_size(pipe, 1 << 20);
    #[cfg(not(any(target_os = "linux", target_os = "android")))]
    let _ = pipe;
}

/// Ends this process as a signal does that is not taken over.
pub fn act_by_default(signal: i32) {
    // Can fail only for signals that were never asked for.
    let _ = signal_hook::low_level::emulate_default_handler(signal);
}

/// Takes over INT, TERM, HUP, QUIT and TSTP for the rest of the process's life. `handle` says whether it took the signal;
/// else the signal acts as by default.
pub fn watch(handle: impl Fn(Outside) -> bool + Send + 'static) -> std::io::Result<()> {
    let mut signals = signal_hook::iterator::Signals::new([SIGINT, SIGTERM, SIGHUP, SIGQUIT, SIGTSTP])?;
    std::thread::Builder::new()
        .name("signals".to_owned())
        .spawn(move || {
            for signal in signals.forever() {
                let outside = match signal {
                    SIGTSTP => Outside::Suspend,
                    SIGINT => Outside::End(number::INT),
                    SIGHUP => Outside::End(number::HUP),
                    SIGQUIT => Outside::End(number::QUIT),
                    _ => Outside::End(number::TERM),
                };
                if !handle(outside) {
                    act_by_default(signal);
                }
            }
        })?;
    Ok(())
}
