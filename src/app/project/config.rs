//! Finds and reads `leakgate.toml`, and merges it with flags and environment. Edge: reads files and environment.

use super::here::Project;
use super::rules_document::RulesDocument;
use crate::app::Failure;
use crate::app::store::environment::lookup;
use crate::cli::gate::GateFlags;
use crate::rules::policy::{LintCode, LintLevel};
use crate::settings::choices::Verbosity;
use crate::settings::keys::{Partial, Settings};
use crate::settings::outside;
use std::path::{Path, PathBuf};

/// Everything that is decided before the run.
#[derive(Debug, Clone)]
pub struct Config {
    /// Effective settings.
    pub settings: Settings,
    /// Lint levels from flags, over those of the file.
    pub lint: Vec<(LintCode, LintLevel)>,
    /// The rules file, and what it says.
    pub rules: RulesDocument,
    /// The earlier report whose leaks pass (`--new-from`).
    pub new_from: Option<PathBuf>,
}

impl Config {
    /// Reads everything for a run in a project. Any bad entry stops here, before a test runs.
    pub fn load(flags: &GateFlags, project: &Project) -> Result<Self, Failure> {
        let rules = match (&flags.config, flags.no_config) {
            (_, true) => RulesDocument::default(),
            (Some(given), _) => RulesDocument::read(project.rules(Some(given)))?,
            (None, _) if project.rules_file().is_some() => RulesDocument::read(project.rules(None))?,
            (None, _) => RulesDocument::default(),
        };
        let from_flags = flag_settings(flags)?;
        let from_env = outside::from_env(lookup)?;
        let settings = Settings::merge(from_flags, from_env, rules.says.settings.clone());
        Ok(Self {
            settings,
            lint: lint_levels(flags)?,
            rules,
            new_from: flags.new_from.as_ref().map(|path| project.dir.join(path)),
        })
    }

    /// The folder that paths of the file are relative to: its own, else that of the project that `dir` is in.
    pub fn root(&self, dir: &Path) -> PathBuf {
        match &self.rules.file {
            Some(file) => file.root(),
            None => Project::of(dir.to_path_buf()).root(),
        }
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
