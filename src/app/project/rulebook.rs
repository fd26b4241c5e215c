//! The rule book of a run: rules file, catalog choices, baseline. Edge: reads the baseline and the clock.

use crate::app::Failure;
use crate::app::project::config::Config;
use crate::app::project::here::Project;
use crate::app::project::rules_document;
use crate::app::store::reading;
use crate::diag::problem::{self, Colour, Problem};
use crate::gate::rules;
use crate::leak::MainModule;
use crate::report::Report;
use crate::rules::baseline::{Baseline, BaselineEntry};
use crate::rules::book::RuleBook;
use crate::rules::matching::ModuleRoot;
use crate::rules::notice::RuleNotice;
use crate::rules::policy::{LintCode, LintLevel};
use crate::rules::ruling::RulingKind;
use crate::settings::{Settings, Source};
use jiff::civil::Date;
use std::path::{Path, PathBuf};

/// Today, in UTC: a gate must say the same on every machine.
pub fn today() -> Date {
    #[expect(clippy::disallowed_methods, reason = "this is the edge that knows the day")]
    let now = std::time::SystemTime::now();
    let stamp = jiff::Timestamp::try_from(now).unwrap_or_default();
    stamp.to_zoned(jiff::tz::TimeZone::UTC).date()
}

/// Puts the book together. `dir` is the working folder of the run, `own` are its modules.
pub fn book(config: &Config, dir: &Path, own: &[ModuleRoot]) -> Result<RuleBook, Failure> {
    let settings = &config.settings;
    let says = &config.rules.says;
    let book = RuleBook {
        file: config.rules.name().to_owned(),
        allow: says.allow.clone(),
        may_not_run: says.may_not_run.clone(),
        catalog: rules_document::catalog(settings, says),
        baseline: baseline(config, dir)?,
        policy: rules_document::policy(settings, says, &config.lint),
        late: settings.late.value,
        once_per_process: settings.once_per_process.value,
    };
    refuse_broad(&book, config, own)?;
    Ok(book)
}

/// An entry that would hide every leak stops here, before a test runs.
fn refuse_broad(book: &RuleBook, config: &Config, own: &[ModuleRoot]) -> Result<(), Failure> {
    let denied = |found: &RuleNotice| found.code == LintCode::Broad && found.level == LintLevel::Deny;
    let broad: Vec<Problem> = rules::lint(book, own, today())
        .iter()
        .filter(|found| denied(found))
        .map(RuleNotice::problem)
        .collect();
    if broad.is_empty() {
        return Ok(());
    }
    Err(Failure::Laid(
        problem::render(&book.file, &config.rules.text, &broad, Colour::Plain) + "\n",
    ))
}

/// Where the baseline is, for every verb: of the file's setting (and by default) seen from the folder of the rules, `root`;
/// of a flag or the environment seen from the working folder, `here`.
pub fn baseline_path(settings: &Settings, root: &Path, here: &Path) -> Option<PathBuf> {
    let name = settings.baseline.value.as_ref()?;
    Some(match settings.baseline.source {
        Source::Flag(_) | Source::Env(_) => here.join(name),
        Source::File { .. } | Source::Default => root.join(name),
    })
}

fn baseline(config: &Config, dir: &Path) -> Result<Option<(String, Baseline)>, Failure> {
    if let Some(path) = &config.new_from {
        let report = crate::app::store::history::read(path)?;
        return Ok(Some((path.display().to_string(), debt(&report))));
    }
    let Some(name) = &config.settings.baseline.value else {
        return Ok(None);
    };
    let here = Project::here()?.dir;
    let Some(path) = baseline_path(&config.settings, &config.root(dir), &here) else {
        return Ok(None);
    };
    let text = match reading::whole(&path, reading::BASELINE)
        .and_then(|bytes| String::from_utf8(bytes).map_err(std::io::Error::other))
    {
        Ok(text) => text,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
            let asked = config.settings.baseline.source != crate::settings::Source::Default;
            return if asked {
                Err(Failure::Message(format!(
                    "{}: no such baseline; write it with `leakgate baseline write`",
                    path.display()
                )))
            } else {
                Ok(None)
            };
        }
        Err(error) => {
            return Err(Failure::Message(format!(
                "can't read {}: {error}",
                path.display()
            )));
        }
    };
    let baseline = Baseline::read(&text).map_err(|error| Failure::Message(format!("{name}: {error}")))?;
    Ok(Some((name.clone(), baseline)))
}

/// The modules as `[[allow]] package = "./x/..."` sees them: by folder relative to the rules file.
pub fn module_roots(modules: &[MainModule], root: &Path) -> Vec<ModuleRoot> {
    let relative = |module: &MainModule| {
        let dir = relative(root, Path::new(&module.dir))?;
        Some(ModuleRoot {
            dir,
            path: module.path.clone(),
        })
    };
    modules.iter().filter_map(relative).collect()
}

/// `to` as seen from `from`, with `/`: empty for the same folder, `sub/mod`, `..`.
fn relative(from: &Path, to: &Path) -> Option<String> {
    if let Ok(below) = to.strip_prefix(from) {
        return Some(below.to_string_lossy().replace('\\', "/"));
    }
    let up = from.strip_prefix(to).ok()?;
    Some(vec![".."; up.components().count()].join("/"))
}

/// The debt of a report: what fails, and what the baseline let pass.
pub fn debt(report: &Report) -> Baseline {
    let counted = report.findings.iter().filter(|finding| {
        matches!(finding.ruling.kind, RulingKind::Fails | RulingKind::Baselined)
            && finding.leak.root.verdict != crate::leak::Verdict::Stuck
    });
    Baseline::of(counted.map(|finding| BaselineEntry {
        package: finding.leak.root.package.clone(),
        fingerprint: finding.leak.root.fingerprint.clone(),
        count: finding.leak.root.count,
        owner: finding.leak.root.owner.0.clone(),
        cause: finding.leak.root.cause.code.as_str().to_owned(),
    }))
}
