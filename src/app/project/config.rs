//! Finds and reads `leakgate.toml`, and merges it with flags and environment. Edge: reads files and environment.

use crate::app::Failure;
use crate::app::store::reading;
use crate::cli::gate::GateFlags;
use crate::rules::policy::{LintCode, LintLevel};
use crate::rules::problem::{self, Colour};
use crate::settings::choices::Verbosity;
use crate::settings::file::{self, RulesFile};
use crate::settings::keys::{Partial, Settings};
use crate::settings::outside;
use std::path::{Path, PathBuf};

/// Names of the rules file, in the order they are looked for in each folder.
pub const FILE_NAMES: [&str; 3] = ["leakgate.toml", ".leakgate.toml", ".config/leakgate.toml"];

/// The rules file as read.
#[derive(Debug, Clone, Default)]
pub struct RulesText {
    /// Where it is; `None` if there is none.
    pub path: Option<PathBuf>,
    /// How messages name it: relative to the working folder where that is shorter.
    pub name: String,
    /// Its text.
    pub text: String,
}

/// Everything that is decided before the run.
#[derive(Debug, Clone)]
pub struct Config {
    /// Effective settings.
    pub settings: Settings,
    /// Lint levels from flags, over those of the file.
    pub lint: Vec<(LintCode, LintLevel)>,
    /// The rules file.
    pub source: RulesText,
    /// What it says.
    pub file: RulesFile,
    /// The earlier report whose leaks pass (`--new-from`).
    pub new_from: Option<PathBuf>,
}

impl Config {
    /// Reads everything for a run in `dir`. Any bad entry stops here, before a test runs.
    pub fn load(flags: &GateFlags, dir: &Path) -> Result<Self, Failure> {
        let source = match (&flags.config, flags.no_config) {
            (_, true) => RulesText::default(),
            (Some(path), _) => read(path, dir)?,
            (None, _) => match find(dir) {
                Some(path) => read(&path, dir)?,
                None => RulesText::default(),
            },
        };
        let file = parse(&source)?;
        let from_flags = flag_settings(flags)?;
        let from_env = outside::from_env(lookup)?;
        let settings = Settings::merge(from_flags, from_env, file.settings.clone());
        let lint = lint_levels(flags)?;
        Ok(Self {
            settings,
            lint,
            source,
            file,
            new_from: flags.new_from.as_ref().map(|path| dir.join(path)),
        })
    }

    /// The folder that paths of the file are relative to: its own, else `dir`.
    pub fn root(&self, dir: &Path) -> PathBuf {
        let parent = self.source.path.as_deref().and_then(Path::parent);
        let parent = parent.map(|folder| match folder.file_name() {
            Some(name) if name == ".config" => folder.parent().unwrap_or(folder),
            _ => folder,
        });
        parent.unwrap_or(dir).to_path_buf()
    }
}

fn flag_settings(flags: &GateFlags) -> Result<Partial, Failure> {
    let mut given = flags.settings.given.clone();
    for (set, value) in [
        (flags.quiet, Verbosity::Quiet),
        (flags.verbose, Verbosity::Verbose),
    ] {
        if set {
            given.push(("verbosity", value.as_str().to_owned()));
        }
    }
    if flags.no_color {
        given.push(("color", "never".to_owned()));
    }
    Ok(outside::from_flags(given)?)
}

fn lint_levels(flags: &GateFlags) -> Result<Vec<(LintCode, LintLevel)>, Failure> {
    let levels = [
        (&flags.allow, LintLevel::Allow),
        (&flags.warn, LintLevel::Warn),
        (&flags.deny, LintLevel::Deny),
    ];
    let given = levels
        .iter()
        .flat_map(|(codes, level)| codes.iter().map(|code| (*level, code.as_str())));
    Ok(outside::lint_levels(given)?)
}

/// The nearest rules file from `dir` upward, up to the folder that holds `.git` (or another VCS root).
pub fn find(dir: &Path) -> Option<PathBuf> {
    for folder in dir.ancestors() {
        for name in FILE_NAMES {
            let path = folder.join(name);
            if path.is_file() {
                return Some(path);
            }
        }
        if [".git", ".hg", ".jj", ".svn"]
            .iter()
            .any(|vcs| folder.join(vcs).exists())
        {
            return None;
        }
    }
    None
}

fn read(path: &Path, dir: &Path) -> Result<RulesText, Failure> {
    let name = path.strip_prefix(dir).unwrap_or(path).display().to_string();
    let bytes = reading::whole(path, reading::BASELINE)
        .map_err(|error| Failure::Message(format!("can't read {name}: {error}")))?;
    small_enough(&name, bytes.len())?;
    let text = String::from_utf8(bytes).map_err(|error| {
        let line = error.as_bytes()[..error.utf8_error().valid_up_to()]
            .iter()
            .filter(|byte| **byte == b'\n')
            .count()
            + 1;
        Failure::Message(format!("{name}:{line}: not UTF-8; save the file as UTF-8"))
    })?;
    Ok(RulesText {
        path: Some(path.to_path_buf()),
        name,
        text,
    })
}

/// Thousands of exceptions are no rules, and would take minutes to compare with each other.
pub fn small_enough(name: &str, bytes: usize) -> Result<(), Failure> {
    if bytes as u64 <= reading::RULES {
        return Ok(());
    }
    Err(Failure::Message(format!(
        "{name} is larger than {} MiB; known leaks in such numbers belong into a baseline (`leakgate baseline write`)",
        reading::RULES >> 20
    )))
}

fn parse(source: &RulesText) -> Result<RulesFile, Failure> {
    file::read(&source.text).map_err(|problems| {
        Failure::Laid(problem::render(
            &source.name,
            &source.text,
            &problems,
            Colour::Plain,
        ))
    })
}

/// An environment variable, if it is set and text.
#[expect(
    clippy::disallowed_methods,
    reason = "this is the edge that reads the environment"
)]
pub fn lookup(name: &str) -> Option<String> {
    std::env::var(name).ok()
}
