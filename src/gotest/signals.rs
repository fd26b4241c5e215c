//! Signals: what leakgate gets, its process group of `go test` gets in a form that ends it honestly.
//!
//! go ignores SIGINT and SIGTERM kills it without its tests, so a signal to `go` alone leaves test binaries running or
//! orphaned. SIGINT to the whole group ends the tests and lets go write their `fail` events; so the first INT, TERM or
//! HUP becomes SIGINT to the group, the second SIGQUIT (dumps of all goroutines), the third, or a grace period, SIGKILL.
//! Stop and continue (Ctrl-Z, `fg`) reach the group, too.

use rustix::process::{Pid, Signal, kill_process_group};
use signal_hook::consts::{SIGHUP, SIGINT, SIGQUIT, SIGSTOP, SIGTERM, SIGTSTP};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

/// The signal that ended a run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Interrupt {
    /// Its number, for the exit code 128+N.
    pub number: u8,
}

impl Interrupt {
    /// `SIGINT`.
    pub fn name(self) -> &'static str {
        match i32::from(self.number) {
            SIGINT => "SIGINT",
            SIGTERM => "SIGTERM",
            SIGHUP => "SIGHUP",
            SIGQUIT => "SIGQUIT",
            _ => "a signal",
        }
    }
}

/// Watches the signals of this process, for the rest of its life.
#[derive(Debug, Clone)]
pub struct SignalWatch {
    state: Arc<Mutex<State>>,
    grace: Duration,
}

#[derive(Debug, Default)]
struct State {
    /// The running group, and which run it is.
    group: Option<Pid>,
    run: u64,
    first: Option<Interrupt>,
    /// How many signals this run got.
    count: u32,
}

impl SignalWatch {
    /// Takes over INT, TERM, HUP, QUIT and TSTP. While nothing runs they act as by default. `grace` is the time from the
    /// first signal to SIGKILL.
    pub fn install(grace: Duration) -> std::io::Result<Self> {
        let mut signals = signal_hook::iterator::Signals::new([SIGINT, SIGTERM, SIGHUP, SIGQUIT, SIGTSTP])?;
        let watch = Self {
            state: Arc::default(),
            grace,
        };
        let watcher = watch.clone();
        std::thread::Builder::new()
            .name("signals".to_owned())
            .spawn(move || {
                for signal in signals.forever() {
                    watcher.handle(signal);
                }
            })?;
        Ok(watch)
    }

    /// A watch that never gets a signal, for runs inside other programs.
    pub fn none() -> Self {
        Self {
            state: Arc::default(),
            grace: Duration::from_secs(10),
        }
    }

    /// The first signal that interrupted a run of this process.
    pub fn interrupted(&self) -> Option<Interrupt> {
        self.lock().first
    }

    /// Ends the running group as a first Ctrl-C does, without counting as an interruption.
    pub(super) fn stop(&self) {
        let mut state = self.lock();
        let Some(group) = state.group else { return };
        state.count += 1;
        send(group, Signal::INT);
        self.kill_later(state.run);
    }

    /// Spawns with `spawn`, which gives the leader of a new group. A signal that comes meanwhile waits for the group.
    pub(super) fn watch_group<T>(
        &self,
        spawn: impl FnOnce() -> std::io::Result<(T, Pid)>,
    ) -> std::io::Result<(T, Group)> {
        let mut state = self.lock();
        let (spawned, leader) = spawn()?;
        state.group = Some(leader);
        state.run += 1;
        state.count = 0;
        Ok((
            spawned,
            Group {
                leader,
                watch: self.clone(),
            },
        ))
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn handle(&self, signal: i32) {
        let mut state = self.lock();
        let Some(group) = state.group else {
            drop(state);
            // Can fail only for signals that were never asked for.
            let _ = signal_hook::low_level::emulate_default_handler(signal);
            return;
        };
        if signal == SIGTSTP {
            drop(state);
            suspend(group);
            return;
        }
        state.count += 1;
        let number = u8::try_from(signal).unwrap_or(u8::MAX);
        state.first.get_or_insert(Interrupt { number });
        match state.count {
            1 if signal == SIGQUIT => send(group, Signal::QUIT),
            1 => send(group, Signal::INT),
            2 => send(group, Signal::QUIT),
            _ => send(group, Signal::KILL),
        }
        if state.count == 1 {
            self.kill_later(state.run);
        }
    }

    /// After the grace period whatever is left of that run is killed.
    fn kill_later(&self, run: u64) {
        let watch = self.clone();
        let spawned = std::thread::Builder::new()
            .name("grace".to_owned())
            .spawn(move || {
                std::thread::sleep(watch.grace);
                let state = watch.lock();
                if let Some(group) = state.group.filter(|_| state.run == run) {
                    send(group, Signal::KILL);
                }
            });
        if spawned.is_err()
            && let Some(group) = self.lock().group
        {
            send(group, Signal::KILL);
        }
    }
}

/// A running process group; what is left of it is killed when this is dropped.
#[derive(Debug)]
pub(super) struct Group {
    leader: Pid,
    watch: SignalWatch,
}

impl Group {
    pub(super) fn leader(&self) -> Pid {
        self.leader
    }

    /// Kills whatever is left in the group.
    pub(super) fn sweep(&self) {
        send(self.leader, Signal::KILL);
    }
}

impl Drop for Group {
    fn drop(&mut self) {
        self.watch.lock().group = None;
        self.sweep();
    }
}

/// Stops the group, then this process; goes on with both when it is continued. SIGSTOP, because SIGTSTP is ignored by
/// a group without a job-control parent; raised on this thread, which so can't reach the next line before it stands still.
fn suspend(group: Pid) {
    send(group, Signal::STOP);
    let _ = signal_hook::low_level::raise(SIGSTOP);
    send(group, Signal::CONT);
}

/// The only failure is that nobody is left in the group, which is what was wanted.
pub(super) fn send(group: Pid, signal: Signal) {
    let _ = kill_process_group(group, signal);
}
