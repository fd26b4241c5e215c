//! Finds and reads `leakgate.toml`, and merges it with flags and environment. Edge: reads files and environment.

use super::here::Project;
use super::team_file::small_enough;
use crate::app::Failure;
use crate::app::store::environment::lookup;
use crate::app::store::reading;
use crate::cli::gate::GateFlags;
use crate::rules::policy::{LintCode, LintLevel};
use crate::rules::problem::{self, Colour};
use crate::settings::choices::Verbosity;
use crate::settings::file::{self, RulesFile};
use crate::settings::keys::{Partial, Settings};
use crate::settings::outside;
use std::path::{Path, PathBuf};

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
    /// Reads everything for a run in a project. Any bad entry stops here, before a test runs.
    pub fn load(flags: &GateFlags, project: &Project) -> Result<Self, Failure> {
        let dir = &project.dir;
        let source = match (&flags.config, flags.no_config) {
            (_, true) => RulesText::default(),
            (Some(path), _) => read(path, dir)?,
            (None, _) => match project.rules_file() {
                Some(path) => read(path, dir)?,
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

    /// The folder that paths of the file are relative to: its own, else that of the project that `dir` is in.
    pub fn root(&self, dir: &Path) -> PathBuf {
        let parent = self.source.path.as_deref().and_then(Path::parent);
        let parent = parent.map(|folder| match folder.file_name() {
            Some(name) if name == ".config" => folder.parent().unwrap_or(folder),
            _ => folder,
        });
        parent.map_or_else(|| Project::of(dir.to_path_buf()).root(), Path::to_path_buf)
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
