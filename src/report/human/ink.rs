//! Colours of the `human` format: a role each, nothing when colour is off.

use anstyle::{AnsiColor, Style};
use std::fmt::Display;

/// Paints text by role.
#[derive(Debug, Clone, Copy)]
pub(super) struct Ink {
    on: bool,
}

impl Ink {
    pub(super) fn new(on: bool) -> Self {
        Self { on }
    }

    fn paint(self, style: Style, text: impl Display) -> String {
        if self.on {
            format!("{style}{text}{style:#}")
        } else {
            text.to_string()
        }
    }

    /// Heads of sections, names.
    pub(super) fn bold(self, text: impl Display) -> String {
        self.paint(Style::new().bold(), text)
    }

    /// What fails the run.
    pub(super) fn bad(self, text: impl Display) -> String {
        self.paint(AnsiColor::Red.on_default().bold(), text)
    }

    /// A warning.
    pub(super) fn warn(self, text: impl Display) -> String {
        self.paint(AnsiColor::Yellow.on_default().bold(), text)
    }

    /// What is well, and what to do.
    pub(super) fn good(self, text: impl Display) -> String {
        self.paint(AnsiColor::Green.on_default().bold(), text)
    }

    /// Places in source.
    pub(super) fn place(self, text: impl Display) -> String {
        self.paint(AnsiColor::Cyan.on_default(), text)
    }

    /// What may be skipped when reading.
    pub(super) fn faint(self, text: impl Display) -> String {
        self.paint(Style::new().dimmed(), text)
    }
}
