//! One run of a child process in a group of its own, line by line, with nothing left behind.

use super::GoTestError;
pub use super::command::ChildCommand;
use super::group::{self, Running};
use super::signals::{Interrupt, SignalWatch, Watched};
use std::io::Read;
use std::ops::ControlFlow;
use std::process::ExitStatus;
use std::sync::mpsc::{Receiver, RecvTimeoutError, SyncSender, sync_channel};
use std::time::{Duration, Instant};

/// Where a line came from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stream {
    /// The event stream.
    Stdout,
    /// go's own words.
    Stderr,
}

/// One line, with its line end (the last one may have none). Any bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct OutputLine<'a> {
    /// Where from.
    pub stream: Stream,
    /// As printed.
    pub bytes: &'a [u8],
    /// Nothing more has been read yet: what was made of the lines is to be shown now.
    pub is_last: bool,
}

/// How a run ended.
#[derive(Debug, Clone, Copy)]
pub struct RunEnd {
    /// Of the child.
    pub status: ExitStatus,
    /// The signal that leakgate got meanwhile.
    pub interrupted: Option<Interrupt>,
    /// The reader of the lines asked to stop.
    pub stopped: bool,
}

/// How long to wait for output that a left-over process still holds, after the child itself is gone.
const LINGER: Duration = Duration::from_secs(2);
const TICK: Duration = Duration::from_millis(200);

/// Runs `command` to its end and hands each line to `on_line`, on the calling thread. When `on_line` breaks, the run is
/// ended as by Ctrl-C, and what still comes is dropped.
pub fn run(
    command: &ChildCommand,
    signals: &SignalWatch,
    on_line: &mut dyn FnMut(OutputLine<'_>) -> ControlFlow<()>,
) -> Result<RunEnd, GoTestError> {
    if command.hang_dump.is_some() && !group::HANG_DUMP {
        return Err(GoTestError::Usage(
            "--hang-dump: Windows has no way to ask a running test for its goroutines; use go's -timeout, whose panic \
             prints them"
                .to_owned(),
        ));
    }
    let (sender, receiver) = sync_channel(16);
    let started = |source| GoTestError::not_started(command.program.as_os_str(), source);
    let (child, group) = signals.watch_group(|| spawn(command, &sender)).map_err(started)?;
    drop(sender);
    let mut pump = Pump {
        command,
        signals,
        group: &group,
        child: &child,
        hang_dumped: false,
        stopped: false,
    };
    pump.run(&receiver, on_line);
    let stopped = pump.stopped;
    let status = wait(&child).map_err(GoTestError::Process)?;
    drop(group);
    Ok(RunEnd {
        status,
        interrupted: signals.interrupted(),
        stopped,
    })
}

enum Chunk {
    /// Whole lines, except perhaps at the end of the stream.
    Lines(Stream, Vec<u8>),
    End(Stream),
}

struct Pump<'a> {
    command: &'a ChildCommand,
    signals: &'a SignalWatch,
    group: &'a Watched,
    child: &'a Running,
    hang_dumped: bool,
    stopped: bool,
}

impl Pump<'_> {
    #[expect(clippy::disallowed_methods, reason = "edge: silence is measured")]
    fn run(
        &mut self,
        receiver: &Receiver<Chunk>,
        on_line: &mut dyn FnMut(OutputLine<'_>) -> ControlFlow<()>,
    ) {
        let mut last = Instant::now();
        let mut ended: Option<Instant> = None;
        let mut open = [true, true];
        while open != [false, false] {
            match receiver.recv_timeout(TICK) {
                Ok(Chunk::Lines(stream, bytes)) => {
                    if stream == Stream::Stdout {
                        last = Instant::now();
                    }
                    self.hand_on(stream, &bytes, on_line);
                }
                Ok(Chunk::End(stream)) => open[stream as usize] = false,
                Err(RecvTimeoutError::Disconnected) => break,
                Err(RecvTimeoutError::Timeout) => {
                    self.dump_if_silent(last.elapsed());
                    if ended.is_none() && self.has_exited() {
                        ended = Some(Instant::now());
                    }
                    // Something that outlived the child holds its output open: first it is killed, then given up.
                    match ended.map(|at| at.elapsed()) {
                        Some(since) if since > 2 * LINGER => break,
                        Some(since) if since > LINGER => self.group.sweep(),
                        _ => {}
                    }
                }
            }
        }
    }

    fn hand_on(
        &mut self,
        stream: Stream,
        bytes: &[u8],
        on_line: &mut dyn FnMut(OutputLine<'_>) -> ControlFlow<()>,
    ) {
        let mut start = 0;
        for end in memchr::memchr_iter(b'\n', bytes)
            .map(|at| at + 1)
            .chain([bytes.len()])
        {
            if start < end
                && !self.stopped
                && on_line(OutputLine {
                    stream,
                    bytes: &bytes[start..end],
                    is_last: end == bytes.len(),
                })
                .is_break()
            {
                self.stopped = true;
                self.signals.stop();
            }
            start = end;
        }
    }

    fn has_exited(&self) -> bool {
        !matches!(self.child.try_wait(), Ok(None))
    }

    fn dump_if_silent(&mut self, silence: Duration) {
        if !self.hang_dumped && self.command.hang_dump.is_some_and(|limit| silence >= limit) {
            self.hang_dumped = true;
            self.group.quit_test_binaries();
        }
    }
}

fn spawn(command: &ChildCommand, sender: &SyncSender<Chunk>) -> std::io::Result<(Running, group::Group)> {
    let spawned = group::spawn(command)?;
    let (mut stdout, mut stderr) = (spawned.stdout, spawned.stderr);
    read_lines(Stream::Stdout, move |buffer| stdout.read(buffer), sender)?;
    read_lines(Stream::Stderr, move |buffer| stderr.read(buffer), sender)?;
    Ok((spawned.running, spawned.group))
}

/// Between two readings of a stream that had no more. go writes each event by itself: a reader that waits in the pipe is
/// woken for each, which costs go and leakgate several times what reading does.
const PAUSE: Duration = Duration::from_millis(1);

/// Reads whole lines on a thread of its own, so that no stream waits for another.
fn read_lines(
    stream: Stream,
    mut read: impl FnMut(&mut [u8]) -> std::io::Result<usize> + Send + 'static,
    sender: &SyncSender<Chunk>,
) -> std::io::Result<()> {
    const CHUNK: usize = 256 * 1024;
    /// test2json writes none over some kilobytes; what is longer is no event, and handed on in pieces.
    const LONGEST_LINE: usize = 64 << 20;
    let sender = sender.clone();
    let name = format!("{stream:?}").to_lowercase();
    std::thread::Builder::new().name(name).spawn(move || {
        let mut chunk = vec![0; CHUNK];
        let mut open_line: Vec<u8> = Vec::new();
        loop {
            let read = match read(&mut chunk) {
                Err(error) if error.kind() == std::io::ErrorKind::Interrupted => continue,
                Ok(count) if count > 0 => &chunk[..count],
                _ => break,
            };
            let whole = memchr::memrchr(b'\n', read).map_or(0, |at| at + 1);
            let (ends, begins) = read.split_at(whole);
            if whole > 0 || open_line.len() > LONGEST_LINE {
                let mut lines = std::mem::take(&mut open_line);
                lines.extend_from_slice(ends);
                if sender.send(Chunk::Lines(stream, lines)).is_err() {
                    return;
                }
            }
            open_line.extend_from_slice(begins);
            if read.len() < CHUNK {
                std::thread::sleep(PAUSE);
            }
        }
        if !open_line.is_empty() {
            let _ = sender.send(Chunk::Lines(stream, open_line));
        }
        let _ = sender.send(Chunk::End(stream));
    })?;
    Ok(())
}

/// The child's own status; its output has ended, so that it exits at once or is killed.
#[expect(clippy::disallowed_methods, reason = "edge: a bounded wait")]
fn wait(child: &Running) -> std::io::Result<ExitStatus> {
    let begin = Instant::now();
    loop {
        if let Some(status) = child.try_wait()? {
            return Ok(status);
        }
        if begin.elapsed() > 2 * LINGER {
            child.kill()?;
        }
        std::thread::sleep(Duration::from_millis(2));
    }
}

#[cfg(test)]
#[cfg(unix)]
mod tests {
    use super::*;
    use rustix::process::Pid;
    use std::ffi::OsString;

    fn shell(script: &str) -> ChildCommand {
        let args = ["-c", script].map(OsString::from).to_vec();
        ChildCommand {
            program: "/bin/sh".into(),
            args,
            dir: "/".into(),
            ..ChildCommand::default()
        }
    }

    fn collect(command: &ChildCommand) -> (Vec<(Stream, String)>, RunEnd) {
        let mut lines = Vec::new();
        let end = run(command, &SignalWatch::none(), &mut |line| {
            lines.push((line.stream, String::from_utf8_lossy(line.bytes).into_owned()));
            ControlFlow::Continue(())
        });
        (lines, end.unwrap())
    }

    #[test]
    fn lines_of_both_streams_arrive_whole_and_the_status_is_the_childs() {
        let (lines, end) = collect(&shell("printf 'a\\nb'; printf 'c\\n' >&2; exit 3"));
        let of = |stream| {
            lines
                .iter()
                .filter(|l| l.0 == stream)
                .map(|l| l.1.as_str())
                .collect::<Vec<_>>()
        };
        assert_eq!(of(Stream::Stdout), ["a\n", "b"]);
        assert_eq!(of(Stream::Stderr), ["c\n"]);
        assert_eq!(end.status.code(), Some(3));
    }

    #[test]
    fn a_line_longer_than_any_buffer_is_one_line() {
        let (lines, _) = collect(&shell("head -c 3000000 /dev/zero | tr '\\0' x; echo; echo y"));
        assert_eq!(
            lines.iter().map(|line| line.1.len()).collect::<Vec<_>>(),
            [3_000_001, 2]
        );
    }

    #[test]
    fn what_the_child_leaves_behind_is_killed_and_not_waited_for() {
        let (lines, end) = collect(&shell("sleep 300 & echo $!"));
        assert_eq!(end.status.code(), Some(0));
        let pid = lines[0].1.trim().parse().ok().and_then(Pid::from_raw).unwrap();
        for _ in 0..100 {
            if rustix::process::test_kill_process(pid).is_err() || is_zombie(pid) {
                return;
            }
            std::thread::sleep(Duration::from_millis(20));
        }
        panic!("the left-over process lives on");
    }

    #[expect(clippy::disallowed_methods, reason = "a test")]
    fn is_zombie(pid: Pid) -> bool {
        let stat =
            std::fs::read_to_string(format!("/proc/{}/stat", pid.as_raw_nonzero())).unwrap_or_default();
        stat.contains(") Z ")
    }

    #[test]
    fn a_reader_that_breaks_stops_the_run() {
        let mut seen = 0;
        let end = run(
            &shell("while :; do echo x; done"),
            &SignalWatch::none(),
            &mut |_| {
                seen += 1;
                if seen == 10 {
                    ControlFlow::Break(())
                } else {
                    ControlFlow::Continue(())
                }
            },
        );
        assert!(end.unwrap().stopped);
        assert_eq!(seen, 10);
    }

    #[test]
    fn silence_asks_for_dumps() {
        // Where the tests run in the background of a script, QUIT is ignored, and a shell cannot take that back.
        let mut command = shell("trap 'echo dump; exit 2' QUIT; while :; do sleep 0.05; done");
        command
            .args
            .splice(0..0, ["--default-signal=QUIT", "/bin/sh"].map(OsString::from));
        command.program = "env".into();
        command.hang_dump = Some(Duration::from_millis(300));
        let (lines, _) = collect(&command);
        assert!(lines.iter().any(|line| line.1 == "dump\n"), "{lines:?}");
    }

    #[test]
    fn a_program_that_is_not_there_is_its_own_error() {
        let command = ChildCommand {
            program: "/no/such/go".into(),
            dir: "/".into(),
            ..ChildCommand::default()
        };
        let error = run(&command, &SignalWatch::none(), &mut |_| ControlFlow::Continue(())).unwrap_err();
        assert!(matches!(error, GoTestError::GoNotFound { .. }));
    }
}
