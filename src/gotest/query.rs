//! Questions to `go` that are answered at once: `go env`, `go list`. Edge: runs it, bounded in memory, and says so when
//! no answer comes.

use super::GoTestError;
use std::ffi::OsStr;
use std::io::Read;
use std::path::Path;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::mpsc::{Receiver, RecvTimeoutError, SyncSender, sync_channel};
use std::time::Duration;

/// No true answer is longer.
const LONGEST: u64 = 64 << 20;
/// After this long without an answer, leakgate tells the user what it waits for.
const TOLD_AFTER: Duration = Duration::from_secs(10);

/// What go answered.
#[derive(Debug)]
pub struct Answer {
    /// How it ended.
    pub status: ExitStatus,
    /// Standard output.
    pub stdout: Vec<u8>,
    /// Standard error, trimmed; how it ended, where it said nothing.
    pub words: String,
}

/// Asks `program args` in `dir`.
#[expect(
    clippy::disallowed_methods,
    reason = "edge: duct's capture panics where no thread can be started, and is not bounded"
)]
pub fn ask<S: AsRef<OsStr>>(
    program: &OsStr,
    args: &[S],
    dir: &Path,
    env: &[(&str, &OsStr)],
) -> Result<Answer, GoTestError> {
    let question = format!(
        "{} {}",
        program.to_string_lossy(),
        args.first()
            .map(|word| word.as_ref().to_string_lossy())
            .unwrap_or_default()
    );
    let mut child = Command::new(program)
        .args(args)
        .envs(env.iter().copied())
        .current_dir(dir)
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .map_err(|source| GoTestError::not_started(program, source))?;
    let read = both(&mut child).map_err(|source| GoTestError::not_started(program, source));
    let answered = read.and_then(|read| wait(&read, &question));
    if answered.is_err() {
        let _ = child.kill();
    }
    let status = child.wait().map_err(GoTestError::Process)?;
    let [stdout, stderr] = answered?;
    let words = String::from_utf8_lossy(&stderr).trim().to_owned();
    Ok(Answer {
        status,
        stdout,
        words: if words.is_empty() {
            status.to_string()
        } else {
            words
        },
    })
}

type Part = (usize, std::io::Result<Vec<u8>>);

/// Reads both streams at once; neither waits for the other.
fn both(child: &mut Child) -> std::io::Result<Receiver<Part>> {
    let (sender, receiver) = sync_channel(2);
    if let Some(stdout) = child.stdout.take() {
        read(0, stdout, sender.clone())?;
    }
    if let Some(stderr) = child.stderr.take() {
        read(1, stderr, sender)?;
    }
    Ok(receiver)
}

fn read(part: usize, from: impl Read + Send + 'static, to: SyncSender<Part>) -> std::io::Result<()> {
    let whole = move || {
        let mut bytes = Vec::new();
        let outcome = from.take(LONGEST + 1).read_to_end(&mut bytes);
        // The reader has gone when the other stream was too large.
        let _ = to.send((part, outcome.map(|_| bytes)));
    };
    std::thread::Builder::new()
        .name("answer".to_owned())
        .spawn(whole)?;
    Ok(())
}

fn wait(parts: &Receiver<Part>, question: &str) -> Result<[Vec<u8>; 2], GoTestError> {
    let mut read = [const { Vec::new() }; 2];
    let mut told = false;
    let mut missing = 2;
    while missing > 0 {
        match parts.recv_timeout(TOLD_AFTER) {
            Ok((part, bytes)) => {
                read[part] = bytes.map_err(GoTestError::Process)?;
                missing -= 1;
                if read[part].len() as u64 > LONGEST {
                    return Err(GoTestError::EndlessAnswer {
                        question: question.to_owned(),
                        longest: LONGEST >> 20,
                    });
                }
            }
            Err(RecvTimeoutError::Timeout) if !told => {
                told = true;
                anstream::eprintln!(
                    "leakgate: `{question}` has not answered yet; still waiting (Ctrl-C ends it)"
                );
            }
            Err(RecvTimeoutError::Timeout) => {}
            Err(RecvTimeoutError::Disconnected) => break,
        }
    }
    Ok(read)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shell(script: &str) -> Result<Answer, GoTestError> {
        ask(OsStr::new("/bin/sh"), &["-c", script], Path::new("/"), &[])
    }

    #[test]
    fn both_streams_and_the_status_are_told() {
        let answer = shell("head -c 300000 /dev/zero >&2; head -c 300000 /dev/zero; exit 3").unwrap();
        assert_eq!((answer.stdout.len(), answer.words.len()), (300_000, 300_000));
        assert_eq!(answer.status.code(), Some(3));
        assert_eq!(shell("kill -9 $$").unwrap().words, "signal: 9 (SIGKILL)");
    }

    #[test]
    fn an_answer_without_end_is_cut_off() {
        let error = shell("yes").unwrap_err().to_string();
        assert!(error.contains("64 MiB"), "{error}");
    }
}
