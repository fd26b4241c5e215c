//! Signals: what leakgate gets, its process group of `go test` gets in a form that ends it honestly.
//!
//! go ignores SIGINT and SIGTERM kills it without its tests, so a signal to `go` alone leaves test binaries running or
//! orphaned. SIGINT to the whole group ends the tests and lets go write their `fail` events; so the first INT, TERM or
//! HUP becomes SIGINT to the group, the second SIGQUIT (dumps of all goroutines), the third, or a grace period, SIGKILL.
//! Stop and continue (Ctrl-Z, `fg`) reach the group, too.

use super::group::{self, Group, Outside, number};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

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
            number::INT => "SIGINT",
            number::TERM => "SIGTERM",
            number::HUP => "SIGHUP",
            number::QUIT => "SIGQUIT",
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
    group: Option<Group>,
    run: u64,
    first: Option<Interrupt>,
    /// How many signals this run got.
    count: u32,
    /// Until when signals wait, because reports are being written; and the first that waits.
    held: Option<Held>,
}

#[derive(Debug, Default)]
struct Held {
    waiting: Option<i32>,
    until: Option<Instant>,
}

impl SignalWatch {
    /// Takes over what interrupts this process. While nothing runs it acts as by default. `grace` is the time from the
    /// first signal to the end of the group.
    pub fn install(grace: Duration) -> std::io::Result<Self> {
        let watch = Self {
            state: Arc::default(),
            grace,
        };
        let watcher = watch.clone();
        group::watch(move |outside| watcher.handle(outside))?;
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

    /// From now until the hold is dropped, a signal that comes while no group runs waits: the reports of an interrupted run
    /// are written whatever is pressed meanwhile. After the grace period signals act again.
    pub fn hold(&self) -> Hold {
        self.lock().held = Some(Held::default());
        Hold(self.clone())
    }

    /// Ends the running group as a first Ctrl-C does, without counting as an interruption.
    pub(super) fn stop(&self) {
        let mut state = self.lock();
        let Some(group) = state.group.clone() else {
            return;
        };
        state.count += 1;
        group.stop();
        self.kill_later(state.run);
    }

    /// Spawns with `spawn`, which gives a new group. A signal that comes meanwhile waits for the group.
    pub(super) fn watch_group<T>(
        &self,
        spawn: impl FnOnce() -> std::io::Result<(T, Group)>,
    ) -> std::io::Result<(T, Watched)> {
        let mut state = self.lock();
        let (spawned, group) = spawn()?;
        state.group = Some(group.clone());
        state.run += 1;
        state.count = 0;
        Ok((
            spawned,
            Watched {
                group,
                watch: self.clone(),
            },
        ))
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Whether a run took it.
    fn handle(&self, outside: Outside) -> bool {
        let mut state = self.lock();
        let Some(group) = state.group.clone() else {
            return self.waits(&mut state, outside);
        };
        let Outside::End(signal) = outside else {
            drop(state);
            group.suspend();
            return true;
        };
        state.count += 1;
        let number = u8::try_from(signal).unwrap_or(u8::MAX);
        state.first.get_or_insert(Interrupt { number });
        match state.count {
            1 if signal == number::QUIT => group.quit(),
            1 => group.interrupt(),
            2 => group.quit(),
            _ => group.kill(),
        }
        if state.count == 1 {
            self.kill_later(state.run);
        }
        true
    }

    /// Whether the signal waits for the end of a hold.
    #[expect(
        clippy::disallowed_methods,
        reason = "signals wait for the grace period at most"
    )]
    fn waits(&self, state: &mut State, outside: Outside) -> bool {
        let (Some(held), Outside::End(signal)) = (state.held.as_mut(), outside) else {
            return false;
        };
        let now = Instant::now();
        let until = *held.until.get_or_insert(now + self.grace);
        held.waiting.get_or_insert(signal);
        now < until
    }

    /// After the grace period whatever is left of that run is killed.
    fn kill_later(&self, run: u64) {
        let watch = self.clone();
        let spawned = std::thread::Builder::new()
            .name("grace".to_owned())
            .spawn(move || {
                std::thread::sleep(watch.grace);
                let state = watch.lock();
                if let Some(group) = state.group.as_ref().filter(|_| state.run == run) {
                    group.kill();
                }
            });
        if spawned.is_err()
            && let Some(group) = &self.lock().group
        {
            group.kill();
        }
    }
}

/// See [`SignalWatch::hold`]. What waited acts when this is dropped. After an interrupted run the hold goes on until the
/// process has ended: what comes then repeats what has ended the run, and must not cost the exit code.
#[derive(Debug)]
pub struct Hold(SignalWatch);

impl Drop for Hold {
    fn drop(&mut self) {
        let mut state = self.0.lock();
        if state.first.is_some() {
            return;
        }
        let waiting = state.held.take().and_then(|held| held.waiting);
        drop(state);
        if let Some(signal) = waiting {
            group::act_by_default(signal);
        }
    }
}

/// A running group; what is left of it is ended when this is dropped.
#[derive(Debug)]
pub(super) struct Watched {
    group: Group,
    watch: SignalWatch,
}

impl Watched {
    /// Ends whatever is left in the group.
    pub(super) fn sweep(&self) {
        self.group.kill();
    }

    /// Asks the test binaries for the dumps of their goroutines.
    pub(super) fn quit_test_binaries(&self) {
        self.group.quit_test_binaries();
    }
}

impl Drop for Watched {
    fn drop(&mut self) {
        self.watch.lock().group = None;
        self.sweep();
    }
}
