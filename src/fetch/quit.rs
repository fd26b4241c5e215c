//! SIGQUIT: a Go program prints the stacks of all its goroutines to its standard error, and ends.

use super::FetchError;
use memchr::memmem;
use rustix::process::{Pid, Signal, kill_process, test_kill_process};
use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom};
use std::path::PathBuf;
use std::time::Duration;

/// What the linker writes into every Go program.
const GO_PROGRAM: &[u8] = b"\xff Go buildinf:";
/// How often it is looked whether the process has ended.
const LOOK: Duration = Duration::from_millis(20);

/// Ends the process and reads what it printed, where its standard error is a file. It passes `say` what it is about to do.
pub fn quit(pid: u32, timeout: Duration, say: impl FnOnce(&str)) -> Result<impl Read + 'static, FetchError> {
    let failed = |reason: String| FetchError::Quit { pid, reason };
    let process = i32::try_from(pid)
        .ok()
        .and_then(Pid::from_raw)
        .filter(|_| pid > 1)
        .ok_or_else(|| failed("no such process".to_owned()))?;
    test_kill_process(process).map_err(|error| failed(error.to_string()))?;
    match is_go(pid) {
        Ok(true) => {}
        Ok(false) => {
            return Err(failed(
                "it is no Go program; SIGQUIT would only kill it".to_owned(),
            ));
        }
        Err(error) => return Err(failed(format!("can't tell whether it is a Go program: {error}"))),
    }
    let stderr = PathBuf::from(format!("/proc/{pid}/fd/2"));
    let log =
        open_log(&stderr).map_err(|error| failed(format!("can't look at its standard error: {error}")))?;
    let Some(mut log) = log else {
        let to = std::fs::read_link(&stderr)
            .map(|to| to.display().to_string())
            .unwrap_or_default();
        return Err(failed(format!(
            "its standard error is {to}, which leakgate can't read; nothing was sent. Send SIGQUIT yourself (`kill -QUIT {pid}`) and read the dump where that output goes"
        )));
    };
    say(&format!(
        "sending SIGQUIT to process {pid}: it prints its goroutines and ends"
    ));
    kill_process(process, Signal::QUIT).map_err(|error| failed(error.to_string()))?;
    let looks = timeout.as_millis() / LOOK.as_millis();
    for _ in 0..looks {
        if test_kill_process(process).is_err() || is_zombie(pid) {
            break;
        }
        std::thread::sleep(LOOK);
    }
    let mut dump = Vec::new();
    log.read_to_end(&mut dump)
        .map_err(|error| failed(error.to_string()))?;
    Ok(io::Cursor::new(dump))
}

/// The file that standard error goes to, at its end.
#[expect(
    clippy::disallowed_methods,
    reason = "this is the edge that reads a process's log"
)]
fn open_log(stderr: &PathBuf) -> io::Result<Option<File>> {
    if !std::fs::metadata(stderr)?.is_file() {
        return Ok(None);
    }
    let mut file = File::open(stderr)?;
    file.seek(SeekFrom::End(0))?;
    Ok(Some(file))
}

/// It has ended, and its parent has not looked yet.
#[expect(
    clippy::disallowed_methods,
    reason = "this is the edge that looks at a process"
)]
fn is_zombie(pid: u32) -> bool {
    let Ok(stat) = std::fs::read_to_string(format!("/proc/{pid}/stat")) else {
        return true;
    };
    stat.rsplit(')')
        .next()
        .is_some_and(|rest| rest.trim_start().starts_with(['Z', 'X']))
}

#[expect(
    clippy::disallowed_methods,
    reason = "this is the edge that looks at a process"
)]
fn is_go(pid: u32) -> io::Result<bool> {
    let mut program = File::open(format!("/proc/{pid}/exe"))?;
    let mut piece = Vec::new();
    loop {
        let read = program.by_ref().take(1 << 20).read_to_end(&mut piece)?;
        if memmem::find(&piece, GO_PROGRAM).is_some() {
            return Ok(true);
        }
        if read == 0 {
            return Ok(false);
        }
        let keep = piece.len().saturating_sub(GO_PROGRAM.len());
        piece.drain(..keep);
    }
}
