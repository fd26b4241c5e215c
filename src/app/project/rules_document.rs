//! `leakgate.toml` as it is now: where it is, its text, what that says, and what follows from it for a run or a verb.

use super::team_file::TeamFile;
use crate::app::Failure;
use crate::app::store::environment::lookup;
use crate::rules::catalog::CatalogChoices;
use crate::rules::policy::{LintCode, LintLevel, Policy};
use crate::settings::choices::Unchecked;
use crate::settings::file::RulesFile;
use crate::settings::{Settings, outside};
use std::collections::BTreeMap;
use std::path::Path;

/// The file, or what holds where there is none.
#[derive(Debug, Clone, Default)]
pub struct RulesDocument {
    /// The file; `None` if there is none.
    pub file: Option<TeamFile>,
    /// Its text.
    pub text: String,
    /// What the text says.
    pub says: RulesFile,
}

impl RulesDocument {
    /// Reads a file that must exist.
    pub fn read(file: TeamFile) -> Result<Self, Failure> {
        let text = file.existing()?;
        Self::of(file, text)
    }

    /// A text that the file has, or is about to have.
    pub fn of(file: TeamFile, text: String) -> Result<Self, Failure> {
        let says = file.parse(&text)?;
        Ok(Self {
            file: Some(file),
            text,
            says,
        })
    }

    /// How messages name it.
    pub fn name(&self) -> &str {
        self.file.as_ref().map_or("leakgate.toml", |file| &file.name)
    }

    /// Where it is; `None` if there is none.
    pub fn path(&self) -> Option<&Path> {
        self.file.as_ref().map(|file| file.path.as_path())
    }
}

/// The settings of a verb that has no flags for them: the environment's, else the file's, else the defaults.
pub fn settings(says: &RulesFile) -> Result<Settings, Failure> {
    let from_env = outside::from_env(lookup)?;
    Ok(Settings::merge(
        Default::default(),
        from_env,
        says.settings.clone(),
    ))
}

/// What an entry must say, with the lint levels of flags over those of the file.
pub fn policy(settings: &Settings, says: &RulesFile, flags: &[(LintCode, LintLevel)]) -> Policy {
    let mut levels: BTreeMap<LintCode, LintLevel> = says.lint.clone();
    levels.extend(flags.iter().copied());
    Policy {
        require: settings.require.value.clone(),
        max_days: settings.max_days.value,
        default_days: Some(settings.default_days.value),
        levels,
    }
}

/// Which entries of the built-in catalog count, and how.
pub fn catalog(settings: &Settings, says: &RulesFile) -> CatalogChoices {
    CatalogChoices {
        disabled: settings.catalog_disable.value.clone(),
        actions: says.actions.clone(),
        unchecked_act: settings.catalog_unchecked.value == Unchecked::Act,
    }
}
