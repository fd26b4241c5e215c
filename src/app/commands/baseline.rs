//! `leakgate baseline write|tighten`: known debt from the last run.

use crate::app::Failure;
use crate::app::output::say::say;
use crate::app::project::here::Project;
use crate::app::project::rulebook::{self, debt};
use crate::app::project::team_file::{TeamFile, refuse_in_ci};
use crate::app::store::environment::lookup;
use crate::app::store::last_run;
use crate::cli::baseline::{BaselineArgs, BaselineCommand};
use crate::exit::ExitCode;
use crate::package_path::PackagePath;
use crate::report::words::plural;
use crate::report::{LeftOut, PackageStatus, Report};
use crate::rules::Baseline;
use crate::settings::{Settings, from_env};
use std::collections::BTreeSet;

/// Runs the verb.
pub fn run(command: &BaselineCommand) -> Result<ExitCode, Failure> {
    match command {
        BaselineCommand::Write(args) => write(args),
        BaselineCommand::Tighten(args) => tighten(args),
    }
}

/// The baseline file, and the run to take it from.
fn given(args: &BaselineArgs) -> Result<(TeamFile, Report), Failure> {
    let project = Project::here()?;
    let rules = project.rules(args.file.config.as_deref());
    let file = match &args.baseline {
        Some(path) if path.as_os_str() == "off" => return Err(off("--baseline off names no file")),
        Some(path) => TeamFile::at(project.dir.join(path), &project.dir),
        None => {
            let read = rules.parse(&rules.text()?.unwrap_or_default())?;
            let from_env = from_env(lookup)?;
            let settings = Settings::merge(Default::default(), from_env, read.settings);
            let source = settings.baseline.source.show(&rules.name);
            let path = rulebook::baseline_path(&settings, &rules.root(), &project.dir)
                .ok_or_else(|| off(&format!("{source} switches the baseline off")))?;
            TeamFile::at(path, &project.dir)
        }
    };
    refuse_in_ci(args.how.in_ci, &file.name)?;
    Ok((
        file,
        last_run::given_or_last(args.run.from.as_deref(), project.home())?,
    ))
}

fn off(why: &str) -> Failure {
    Failure::Message(format!("{why}: give the file with --baseline PATH"))
}

fn read(file: &TeamFile, text: &str) -> Result<Baseline, Failure> {
    if text.is_empty() {
        return Ok(Baseline::default());
    }
    Baseline::read(text).map_err(|error| Failure::Message(format!("{}: {error}", file.name)))
}

/// Why a run did not run every test of the packages that it saw. Packages that it did not see at all are no reason: what is
/// known of them stays.
fn missed_tests(report: &Report) -> Option<&str> {
    if let Some(partial) = &report.run.partial {
        return Some(&partial.reason);
    }
    let left_out = report.run.left_out == LeftOut::Tests;
    report.run.not_full.as_deref().filter(|_| left_out)
}

/// The packages of which the run saw everything.
fn seen(report: &Report) -> BTreeSet<&PackagePath> {
    let whole = report.packages.iter().filter(|package| {
        package.inconclusive.is_none()
            && matches!(
                package.status,
                PackageStatus::Passed | PackageStatus::Failed | PackageStatus::Skipped
            )
    });
    whole.map(|package| &package.path).collect()
}

fn write(args: &BaselineArgs) -> Result<ExitCode, Failure> {
    let (file, report) = given(args)?;
    if let Some(why) = missed_tests(&report) {
        return Err(Failure::Message(format!(
            "the run did not see all tests ({why}): the debt of the others would be lost; run `leakgate test ./...` first"
        )));
    }
    let (found, seen) = (debt(&report), seen(&report));
    let change = file.change(|text| {
        // Of packages that the run did not see, what is known stays known.
        let known = read(&file, text)?;
        if report.run.left_out == LeftOut::Unknown {
            nothing_lost(&known, &found, &seen)?;
        }
        let kept = known
            .entries()
            .filter(|entry| !seen.contains(&entry.package))
            .cloned();
        Ok(Baseline::of(found.entries().cloned().chain(kept)).write())
    })?;
    let after = read(&file, &change.after)?;
    let total: u64 = after
        .entries()
        .map(|entry| entry.count)
        .fold(0, u64::saturating_add);
    say(&format!(
        "wrote {}: {} of leak, {}. From now on new leaks and higher counts fail.\n\
         Commit it, with `{} merge=union` in .gitattributes; `leakgate baseline tighten` lowers it as debt is paid.\n",
        file.name,
        plural(after.len() as u64, "kind"),
        plural(total, "goroutine"),
        file.path.file_name().unwrap_or_default().to_string_lossy()
    ))?;
    Ok(ExitCode::Clean)
}

/// Where it is not known which tests a run left out, a lower count may be one that was not looked at.
fn nothing_lost(known: &Baseline, found: &Baseline, seen: &BTreeSet<&PackagePath>) -> Result<(), Failure> {
    let fewer = known.entries().find(|entry| {
        let now = found.known(&entry.package, &entry.fingerprint).unwrap_or(0);
        seen.contains(&entry.package) && now < entry.count
    });
    match fewer {
        None => Ok(()),
        Some(entry) => Err(Failure::Message(format!(
            "the run may not have seen all tests, and found less than is known of {} in {}: the rest would be lost; \
             run `leakgate test ./...` first, or remove the file to begin anew",
            entry.fingerprint.0, entry.package
        ))),
    }
}

fn tighten(args: &BaselineArgs) -> Result<ExitCode, Failure> {
    let (file, report) = given(args)?;
    if let Some(why) = &report.run.not_full {
        return Err(Failure::Message(format!(
            "the last run did not see everything ({why}), so it can't tell what is fixed; run `leakgate test ./...` first"
        )));
    }
    let (found, seen) = (debt(&report), seen(&report));
    let mut changes = Vec::new();
    file.existing()?;
    file.change(|text| {
        let mut baseline = read(&file, text)?;
        changes = baseline.tighten(&found, |package| seen.contains(package));
        Ok(if changes.is_empty() {
            text.to_owned()
        } else {
            baseline.write()
        })
    })?;
    let mut text: String = changes
        .iter()
        .map(|change| {
            format!(
                "{} {}: {} -> {}\n",
                change.package, change.fingerprint, change.from, change.to
            )
        })
        .collect();
    let paid = changes
        .iter()
        .map(|change| change.from - change.to)
        .fold(0, u64::saturating_add);
    text.push_str(&match changes.len() {
        0 => format!("{}: nothing to lower\n", file.name),
        _ => format!("{}: lowered by {}\n", file.name, plural(paid, "goroutine")),
    });
    say(&text)?;
    Ok(ExitCode::Clean)
}
