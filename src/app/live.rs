//! What the user sees while packages run: a bar on a terminal, plain lines elsewhere. Edge: writes to the terminal.

use super::patient::{self, Losses, Patient};
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use std::cell::RefCell;
use std::io::Write;
use std::time::Duration;

/// Counts that the bar shows.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Counts {
    /// Packages that ended.
    pub packages: u64,
    /// Tests that ended.
    pub tests: u64,
    /// Tests go failed.
    pub failed: u64,
    /// Tests that leak.
    pub leaking: u64,
}

/// Where the lines of ended packages go.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Lines {
    /// The human format: they are part of standard output.
    Stdout,
    /// Standard output carries another format.
    Stderr,
    /// `--progress never` with a machine format.
    Nowhere,
}

/// The terminal while tests run.
pub struct Live {
    bar: Option<ProgressBar>,
    stdout: RefCell<Patient<std::io::Stdout>>,
    lines: Lines,
    colours: anstream::ColorChoice,
}

impl Live {
    /// `bar`: draw one on standard error.
    pub fn new(bar: bool, lines: Lines, colours: anstream::ColorChoice, losses: &Losses) -> Self {
        let bar = bar.then(|| {
            let bar = ProgressBar::with_draw_target(None, ProgressDrawTarget::stderr_with_hz(8));
            bar.set_style(
                ProgressStyle::with_template("{spinner} {elapsed} {msg}")
                    .expect("the template is a constant that parses"),
            );
            bar.enable_steady_tick(Duration::from_millis(120));
            bar
        });
        Self {
            bar,
            stdout: RefCell::new(patient::stdout(losses)),
            lines,
            colours,
        }
    }

    /// Shows the counts and what runs now.
    pub fn tick(&self, counts: Counts, running: &str) {
        let Some(bar) = &self.bar else { return };
        let mut text = format!("{} packages, {} tests", counts.packages, counts.tests);
        for (count, what) in [(counts.failed, "failed"), (counts.leaking, "leaking")] {
            if count > 0 {
                text.push_str(&format!(", {count} {what}"));
            }
        }
        if !running.is_empty() {
            text.push_str(" · ");
            text.push_str(running);
        }
        bar.set_message(text);
    }

    /// Prints whole lines above the bar.
    pub fn print(&self, text: &[u8]) {
        match self.lines {
            Lines::Stdout => self.suspended(|| {
                let mut patient = self.stdout.borrow_mut();
                let mut out = anstream::AutoStream::new(&mut *patient as &mut dyn Write, self.colours);
                // A patient stream never fails.
                let _ = out.write_all(text).and_then(|()| out.flush());
            }),
            Lines::Stderr => self.stderr(text),
            Lines::Nowhere => {}
        }
    }

    /// Prints a remark of leakgate's own, or a line of go's standard error, on standard error.
    pub fn remark(&self, text: &str) {
        self.stderr(text.as_bytes());
    }

    fn stderr(&self, text: &[u8]) {
        // Standard error that can't be written to leaves nobody to tell.
        let _ = self.suspended(|| {
            let mut err = anstream::AutoStream::new(std::io::stderr().lock(), self.colours);
            err.write_all(text)
        });
    }

    /// Runs `print` while the bar is not drawn.
    fn suspended<R>(&self, print: impl FnOnce() -> R) -> R {
        match &self.bar {
            Some(bar) => bar.suspend(print),
            None => print(),
        }
    }

    /// Takes the bar away.
    pub fn finish(&self) {
        if let Some(bar) = &self.bar {
            bar.finish_and_clear();
        }
    }
}
