//! Job objects and console events. A job ends when its last handle is closed, so that nothing outlives leakgate.

use super::{Outside, number};
use crate::gotest::command::ChildCommand;
use std::io::Read;
use std::os::windows::io::AsRawHandle;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use win32job::{ExtendedLimitInfo, Job};

/// Windows has no signal that makes a Go program print its goroutines.
pub const HANG_DUMP: bool = false;

/// No signal ends a process here.
pub fn signal_of(_status: ExitStatus) -> Option<i32> {
    None
}

/// A job object; `None` once it was ended.
#[derive(Debug, Clone)]
pub struct Group {
    job: Arc<Mutex<Option<Job>>>,
}

impl Group {
    /// Nothing to do: the console gives its Ctrl-C to every process that is attached to it.
    pub fn interrupt(&self) {}

    /// Ends all of it on leakgate's own account, when the console sends nothing.
    pub fn stop(&self) {
        self.kill();
    }

    /// There is no way to ask: it is ended.
    pub fn quit(&self) {
        self.kill();
    }

    /// Ends every process of the job.
    pub fn kill(&self) {
        *self.lock() = None;
    }

    /// Windows has no Ctrl-Z.
    pub fn suspend(&self) {}

    /// See [`HANG_DUMP`].
    pub fn quit_test_binaries(&self) {}

    fn lock(&self) -> MutexGuard<'_, Option<Job>> {
        self.job.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The child of a job.
#[derive(Debug, Clone)]
pub struct Running {
    child: Arc<Mutex<Child>>,
}

impl Running {
    /// Its status, once it has exited.
    pub fn try_wait(&self) -> std::io::Result<Option<ExitStatus>> {
        self.lock().try_wait()
    }

    /// Kills the child alone.
    pub fn kill(&self) -> std::io::Result<()> {
        self.lock().kill()
    }

    fn lock(&self) -> MutexGuard<'_, Child> {
        self.child.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A child that has just been started.
pub struct Spawned {
    pub running: Running,
    pub group: Group,
    pub stdout: Box<dyn Read + Send>,
    pub stderr: Box<dyn Read + Send>,
}

/// Starts `command` in a job of its own. What the child starts before it is in the job stays outside; go needs far longer
/// until its first child.
#[expect(
    clippy::disallowed_methods,
    reason = "edge: duct gives no handle of its child, which a job needs"
)]
pub fn spawn(command: &ChildCommand) -> std::io::Result<Spawned> {
    let mut limits = ExtendedLimitInfo::new();
    limits.limit_kill_on_job_close();
    let job = Job::create_with_limit_info(&limits).map_err(std::io::Error::other)?;
    let mut child = Command::new(&command.program)
        .args(&command.args)
        .envs(command.env.iter().map(|(name, value)| (name, value)))
        .current_dir(&command.dir)
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()?;
    let missing = || std::io::Error::other("the child has no output");
    let stdout = child.stdout.take().ok_or_else(missing)?;
    let stderr = child.stderr.take().ok_or_else(missing)?;
    if let Err(error) = job.assign_process(child.as_raw_handle() as isize) {
        child.kill()?;
        return Err(std::io::Error::other(error));
    }
    Ok(Spawned {
        running: Running {
            child: Arc::new(Mutex::new(child)),
        },
        group: Group {
            job: Arc::new(Mutex::new(Some(job))),
        },
        stdout: Box::new(stdout),
        stderr: Box::new(stderr),
    })
}

/// Ends this process with the exit code of an interrupt.
pub fn act_by_default(signal: i32) {
    std::process::exit(128 + signal);
}

/// Takes over Ctrl-C, Ctrl-Break and the closing of the console for the rest of the process's life. `handle` says whether
/// it took the event; else the process ends.
pub fn watch(handle: impl Fn(Outside) -> bool + Send + 'static) -> std::io::Result<()> {
    ctrlc::set_handler(move || {
        if !handle(Outside::End(number::INT)) {
            act_by_default(number::INT);
        }
    })
    .map_err(std::io::Error::other)
}
