//! What the user sees while packages run: a bar on a terminal, plain lines elsewhere. Edge: writes to the terminal.

use crate::app::output::patient::{self, Losses, Patient};
use crate::gate::{Counts, Viewer};
use crate::report::fence::Fence;
use crate::report::safe_text::{safe_terminal, safe_text};
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use std::cell::RefCell;
use std::io::Write;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

/// Text is written in pieces of this size, or when no more is at hand.
const PENDING: usize = 64 << 10;

/// Only runs longer than this are worth counting their packages.
const MOMENT: Duration = Duration::from_millis(700);

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
    /// Text on its way to standard output.
    pending: RefCell<Vec<u8>>,
    lines: Lines,
    look: Look,
    /// How many packages there are; 0 while unknown.
    total: Arc<AtomicU64>,
}

/// How text from outside is shown.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Look {
    /// Colours stay; without, every control sequence is taken out.
    pub colours: bool,
    /// Whoever reads the log obeys `##teamcity[…]`, wherever it is.
    pub teamcity: bool,
    /// The fence around all that is printed, where the log can fold lines.
    pub fence: Option<Fence>,
}

impl Look {
    /// Whether nothing would be changed in the text: most lines are plain.
    fn is_safe(self, text: &[u8]) -> bool {
        let plain = |byte: &u8| (0x20..0x7f).contains(byte) || matches!(byte, b'\n' | b'\t');
        text.iter().all(plain) && !(self.teamcity && memchr::memmem::find(text, b"##teamcity[").is_some())
    }

    /// The text, with nothing in it that steers a terminal or the CI.
    pub fn safe(self, text: &[u8]) -> String {
        let text = String::from_utf8_lossy(text);
        let mut safe = if self.colours {
            safe_terminal(&text).into_owned()
        } else {
            safe_terminal(&anstream::adapter::strip_str(&text).to_string()).into_owned()
        };
        if self.teamcity && safe.contains("##teamcity[") {
            safe = safe.replace("##teamcity[", "## teamcity[");
        }
        safe
    }
}

impl Live {
    /// `bar`: draw one on standard error.
    pub fn new(bar: bool, lines: Lines, look: Look, losses: &Losses) -> Self {
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
            pending: RefCell::default(),
            lines,
            look,
            total: Arc::default(),
        }
    }

    /// Finds out with `count` how many packages there are, beside the run, if the bar is there to show it. Runs of a moment
    /// pay nothing for it.
    pub fn find_total(&self, count: impl FnOnce() -> Option<u64> + Send + 'static) {
        if self.bar.is_none() {
            return;
        }
        let total = Arc::downgrade(&self.total);
        let find = move || {
            std::thread::sleep(MOMENT);
            if total.strong_count() > 0
                && let Some(found) = count()
                && let Some(total) = total.upgrade()
            {
                total.store(found, Ordering::Relaxed);
            }
        };
        // Without the thread the bar shows no total.
        let _ = std::thread::Builder::new().name("total".to_owned()).spawn(find);
    }

    /// As [`Viewer::print`], of text that is leakgate's own and means to be obeyed.
    pub fn write(&self, text: &[u8]) {
        self.add(text);
        self.flush_pending();
    }

    fn add(&self, text: &[u8]) {
        match self.lines {
            Lines::Stdout => {
                self.pending.borrow_mut().extend_from_slice(text);
                if self.pending.borrow().len() >= PENDING {
                    self.flush_pending();
                }
            }
            Lines::Stderr => self.write_remark(text),
            Lines::Nowhere => {}
        }
    }

    fn flush_pending(&self) {
        let text = self.pending.take();
        if text.is_empty() {
            return;
        }
        self.suspended(|| {
            let mut out = self.stdout.borrow_mut();
            // A patient stream never fails.
            let _ = out.write_all(&text).and_then(|()| out.flush());
        });
    }

    /// Prints a remark of leakgate's own, or a line of go's standard error, on standard error.
    pub fn remark(&self, text: &str) {
        self.write_remark(self.look.safe(text.as_bytes()).as_bytes());
    }

    /// As [`Live::remark`], of text that is leakgate's own and means to be obeyed.
    pub fn write_remark(&self, text: &[u8]) {
        self.flush_pending();
        // If standard error can't be written to, there is no other place for the message.
        let _ = self.suspended(|| std::io::stderr().lock().write_all(text));
    }

    /// Runs `print` while the bar is not drawn.
    fn suspended<R>(&self, print: impl FnOnce() -> R) -> R {
        match &self.bar {
            Some(bar) => bar.suspend(print),
            None => print(),
        }
    }

    /// Shows what is pending, and takes the bar away.
    pub fn finish(&self) {
        self.flush_pending();
        if let Some(bar) = &self.bar {
            bar.finish_and_clear();
        }
    }
}

impl Viewer for Live {
    fn tick(&self, counts: Counts, running: &str) {
        let Some(bar) = &self.bar else { return };
        let mut text = match self.total.load(Ordering::Relaxed) {
            total if total >= counts.packages.max(1) => format!("{} of {total} packages", counts.packages),
            _ => format!("{} packages", counts.packages),
        };
        text.push_str(&format!(", {} tests", counts.tests));
        for (count, what) in [(counts.failed, "failed"), (counts.leaking, "leaking")] {
            if count > 0 {
                text.push_str(&format!(", {count} {what}"));
            }
        }
        if !running.is_empty() {
            text.push_str(" · ");
            text.push_str(&safe_text(running));
        }
        bar.set_message(text);
    }

    // Above the bar.
    fn print(&self, text: &[u8]) {
        if self.look.is_safe(text) {
            self.add(text);
        } else {
            self.add(self.look.safe(text).as_bytes());
        }
    }

    fn print_folded(&self, title: &str, text: &[u8]) {
        let Some(fence) = self.look.fence else {
            return self.print(text);
        };
        self.add(fence.fold(&safe_text(title)).as_bytes());
        self.print(text);
        if !text.ends_with(b"\n") {
            self.add(b"\n");
        }
        self.add(fence.unfold().as_bytes());
    }

    fn flush(&self) {
        self.flush_pending();
    }

    fn remark(&self, text: &str) {
        Live::remark(self, text);
    }
}

impl Drop for Live {
    fn drop(&mut self) {
        self.finish();
    }
}
