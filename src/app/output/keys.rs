//! The keys of `--watch`. Edge: reads the terminal.

use std::io::IsTerminal;
use std::sync::mpsc::{Sender, channel};

/// What a key asks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Key {
    /// `r`: the same once more.
    Again,
    /// `a`: everything, without go's test cache.
    All,
    /// `l`: only the tests that leaked in the last run.
    Leaking,
    /// `q`: the end.
    Quit,
}

/// What the keys do, for the line below a run.
pub const HELP: &str = "keys: r again, a all without go's cache, l leaking tests, q quit";

impl Key {
    fn of(letter: char) -> Option<Self> {
        match letter {
            'r' => Some(Self::Again),
            'a' => Some(Self::All),
            'l' => Some(Self::Leaking),
            'q' => Some(Self::Quit),
            _ => None,
        }
    }

    /// What it does, for the line above a run.
    pub fn about(self) -> &'static str {
        match self {
            Self::Again => "again",
            Self::All => "all, without go's cache",
            Self::Leaking => "leaking tests",
            Self::Quit => "quit",
        }
    }
}

/// A reader of keys on a thread of its own.
pub struct Keys {
    ask: Sender<()>,
}

impl Keys {
    /// Hands each key to `take`, one for each time that it is asked for. `None` where no user sits at a terminal.
    pub fn start(mut take: impl FnMut(Key) + Send + 'static) -> Option<Self> {
        if !std::io::stdin().is_terminal() || !std::io::stderr().is_terminal() || in_background() {
            return None;
        }
        let (ask, asked) = channel();
        let reader = move || {
            while asked.recv().is_ok() {
                match next() {
                    Some(key) => take(key),
                    None => return,
                }
            }
        };
        let thread = std::thread::Builder::new().name("keys".to_owned());
        thread.spawn(reader).ok().map(|_| Self { ask })
    }

    /// Asks for the next key. Ctrl-C and its kin act as always meanwhile.
    pub fn ask(&self) {
        // Once the terminal is gone there is no reader.
        let _ = self.ask.send(());
    }
}

/// The next key that means something; `None` once no more can come.
fn next() -> Option<Key> {
    loop {
        // The terminal gives single keys only while it hands on no signals: they are raised here.
        match console::Term::stderr().read_key() {
            Ok(console::Key::Char(letter)) => match Key::of(letter.to_ascii_lowercase()) {
                Some(key) => return Some(key),
                None => signal(letter),
            },
            Ok(console::Key::Unknown) => return None,
            Ok(_) => {}
            // Ctrl-C was pressed, and its signal is raised.
            Err(error) if error.kind() == std::io::ErrorKind::Interrupted => {}
            Err(_) => return None,
        }
    }
}

/// Ctrl-Z and Ctrl-\, as letters.
#[cfg(unix)]
fn signal(letter: char) {
    let signal = match letter {
        '\u{1a}' => signal_hook::consts::SIGTSTP,
        '\u{1c}' => signal_hook::consts::SIGQUIT,
        _ => return,
    };
    // Fails for signals that don't exist only.
    let _ = signal_hook::low_level::raise(signal);
}

#[cfg(not(unix))]
fn signal(_: char) {}

/// A job in the background (`leakgate test --watch &`) would be stopped for touching the terminal.
#[cfg(unix)]
fn in_background() -> bool {
    let foreground = rustix::termios::tcgetpgrp(std::io::stdin());
    foreground.is_ok_and(|group| group != rustix::process::getpgrp())
}

#[cfg(not(unix))]
fn in_background() -> bool {
    false
}
