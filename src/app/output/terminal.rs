//! What the terminal and the environment say about colours, width and CI. Edge: asks both.

use crate::app::store::environment::lookup;
use crate::settings::choices::{Color, Progress};
use std::io::IsTerminal;

/// Where output goes, as far as it shapes it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Terminal {
    /// Standard output is a terminal.
    pub stdout: bool,
    /// Standard error is a terminal.
    pub stderr: bool,
    /// A CI runs us.
    pub ci: bool,
    /// Columns to lay text out for.
    pub width: usize,
}

/// Width where no terminal says one.
const DEFAULT_WIDTH: usize = 100;

impl Terminal {
    /// Looks.
    pub fn look() -> Self {
        let width = terminal_size::terminal_size().map(|(width, _)| usize::from(width.0));
        let width = width
            .filter(|width| *width > 0)
            .or_else(|| lookup("COLUMNS")?.parse().ok());
        Self {
            stdout: std::io::stdout().is_terminal(),
            stderr: std::io::stderr().is_terminal(),
            ci: lookup("CI").is_some_and(|value| !value.is_empty() && value != "false" && value != "0"),
            width: width.unwrap_or(DEFAULT_WIDTH).clamp(60, 140),
        }
    }

    /// Whether standard output gets colours: NO_COLOR, then CLICOLOR_FORCE and FORCE_COLOR, then a CI that shows them, then a terminal.
    pub fn colours(&self, choice: Color) -> bool {
        let set = |name: &str| lookup(name).is_some_and(|value| !value.is_empty());
        let forced =
            |name: &str| lookup(name).is_some_and(|value| !matches!(value.as_str(), "" | "0" | "false"));
        match choice {
            Color::Always => true,
            Color::Never => false,
            Color::Auto if set("NO_COLOR") => false,
            Color::Auto if forced("CLICOLOR_FORCE") || forced("FORCE_COLOR") => true,
            Color::Auto => (self.ci && CI_WITH_COLOURS.iter().any(|name| set(name))) || self.stdout,
        }
    }

    /// Whether a bar is drawn on standard error. Some CIs fake a terminal.
    pub fn bar(&self, choice: Progress) -> bool {
        match choice {
            Progress::Bar => true,
            Progress::Auto => self.stderr && !self.ci,
            Progress::Plain | Progress::Never => false,
        }
    }
}

/// CIs that render colours in their logs; the list that gotestsum's users know.
const CI_WITH_COLOURS: [&str; 8] = [
    "APPVEYOR",
    "BUILDKITE",
    "CIRCLECI",
    "DRONE",
    "GITEA_ACTIONS",
    "GITHUB_ACTIONS",
    "GITLAB_CI",
    "TRAVIS",
];
