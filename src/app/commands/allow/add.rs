//! `leakgate allow add`: entries for leaks of the last run.

use super::applying::{self, Asked};
use super::{policy, rules_file};
use crate::app::Failure;
use crate::app::output::say::say;
use crate::app::project::here::Project;
use crate::app::project::owners;
use crate::app::project::rulebook;
use crate::app::project::team_file::{TeamFile, diff, refuse_in_ci};
use crate::app::store::last_run;
use crate::cli::allow::{AddArgs, EntryFlags, Scope};
use crate::exit::ExitCode;
use crate::leak::Verdict;
use crate::report::{Finding, Report};
use crate::rules::suggest::{self, Reach, Wishes};
use crate::rules::{AllowEntry, RulingKind, edit};

/// Shortest part of a fingerprint that names a leak.
const SHORTEST: usize = 4;

/// Runs the verb.
pub fn run(args: &AddArgs) -> Result<ExitCode, Failure> {
    let file = rules_file(&args.file)?;
    if !args.dry_run {
        refuse_in_ci(args.write.in_ci, &file.name)?;
    }
    let project = Project::here()?;
    let report = last_run::given_or_last(args.run.from.as_deref(), project.home())?;
    let mut wishes = Wishes {
        reach: reach(args.scope),
        reason: said("reason", Some(&args.reason))?,
        max: args.max,
        capped: !args.no_max,
        ..defaults(&file, wishes(&args.entry)?)?
    };
    if args.no_expires {
        wishes.expires = None;
    }
    let mut found = Vec::new();
    for fingerprint in &args.fingerprints {
        found.extend(find(&report, fingerprint)?);
    }
    found.dedup();
    let asked = Asked {
        report: &report,
        found,
        wishes: &wishes,
        owners: &owners::of_project(&project),
    };
    write(&file, &asked, args.dry_run)?;
    Ok(ExitCode::Clean)
}

/// Wishes with what the policy proposes where a person says nothing.
pub fn defaults(file: &TeamFile, wishes: Wishes) -> Result<Wishes, Failure> {
    let read = file.parse(&file.text()?.unwrap_or_default())?;
    let last = suggest::last_day(rulebook::today(), &policy(&read)?);
    Ok(Wishes {
        capped: true,
        expires: wishes.expires.or(last),
        ..wishes
    })
}

/// Writes what is asked for, or shows it.
pub fn write(file: &TeamFile, asked: &Asked<'_>, dry_run: bool) -> Result<(), Failure> {
    let mut remarks = Vec::new();
    let mut change = |text: &str| {
        let applied = applying::apply(file, text, asked)?;
        remarks = applied.remarks;
        Ok(applied.text)
    };
    let (shown, wrote) = if dry_run {
        let text = file.text()?.unwrap_or_default();
        (diff(&text, &change(&text)?, &file.name), String::new())
    } else {
        let shown = file.change(change)?.diff(&file.name);
        let wrote = if shown.is_empty() {
            String::new()
        } else {
            format!("\nwrote {}\n", file.name)
        };
        (shown, wrote)
    };
    say(&shown)?;
    say(&wrote)?;
    remarks.iter().try_for_each(|remark| say(&format!("{remark}\n")))
}

/// Adds entries that are texts already, as far as there is none with the same matchers.
pub fn write_texts(file: &TeamFile, entries: &[String], dry_run: bool) -> Result<(), Failure> {
    let change = |text: &str| -> Result<String, Failure> {
        let read = file.parse(text)?;
        let policy = policy(&read)?;
        let mut known: Vec<String> = read.allow.iter().map(AllowEntry::title).collect();
        let mut after = text.to_owned();
        for entry in entries {
            for new in file.parse(entry)?.allow {
                if known.contains(&new.title()) {
                    continue;
                }
                applying::demanded(&policy, &new)?;
                if after.is_empty() {
                    after.push_str("version = 1\n");
                }
                after = edit::add(&after, entry)
                    .map_err(|error| Failure::Message(format!("{}: {error}", file.name)))?;
                known.push(new.title());
            }
        }
        Ok(after)
    };
    if dry_run {
        let text = file.text()?.unwrap_or_default();
        return say(&diff(&text, &change(&text)?, &file.name));
    }
    let shown = file.change(change)?.diff(&file.name);
    if shown.is_empty() {
        return say(&format!("{}: these entries already exist\n", file.name));
    }
    say(&format!("{shown}\nwrote {}\n", file.name))
}

/// What the flags wish for, as far as the next run would take it.
pub fn wishes(flags: &EntryFlags) -> Result<Wishes, Failure> {
    if let Some(last) = flags.expires.filter(|last| *last < rulebook::today()) {
        return Err(Failure::Message(format!(
            "--expires {last} has passed: the entry would cover nothing; give its last day, today (UTC) or later"
        )));
    }
    Ok(Wishes {
        reach: Reach::Package,
        reason: None,
        owner: said("owner", flags.owner.as_ref())?,
        issue: said("issue", flags.issue.as_ref())?,
        expires: flags.expires,
        asked_expires: flags.expires.is_some(),
        max: None,
        capped: false,
        placeholders: false,
    })
}

/// The text of a flag, without the white space around it.
fn said(flag: &str, text: Option<&String>) -> Result<Option<String>, Failure> {
    match text.map(|text| text.trim()) {
        Some("") => Err(Failure::Message(format!(
            "--{flag} is empty: write what the entry says"
        ))),
        text => Ok(text.map(str::to_owned)),
    }
}

fn reach(scope: Scope) -> Reach {
    match scope {
        Scope::Test => Reach::Test,
        Scope::Package => Reach::Package,
        Scope::Module => Reach::Module,
    }
}

/// Indexes of the findings that a fingerprint, or its first characters, name.
fn find(report: &Report, typed: &str) -> Result<Vec<usize>, Failure> {
    let wanted = typed.to_lowercase();
    let fail = |text: String| Err(Failure::Message(text));
    if wanted.len() < SHORTEST {
        return fail(format!(
            "`{typed}` is too short for a fingerprint: give at least {SHORTEST} characters"
        ));
    }
    let named = |finding: &&Finding| finding.leak.root.fingerprint.0.starts_with(&wanted);
    let found: Vec<&Finding> = report.findings.iter().filter(named).collect();
    let Some(first) = found.first() else {
        let known: Vec<String> = failing(report)
            .map(|finding| finding.leak.root.fingerprint.0.clone())
            .collect();
        let mut known: Vec<&str> = known.iter().map(String::as_str).collect();
        known.dedup();
        let list = if known.is_empty() {
            "it has no leak that fails".to_owned()
        } else {
            format!("it has {}", known.join(", "))
        };
        return fail(format!(
            "the run of {} has no leak `{typed}`; {list}",
            report.run.started
        ));
    };
    if found
        .iter()
        .any(|finding| finding.leak.root.fingerprint != first.leak.root.fingerprint)
    {
        return fail(format!(
            "`{typed}` is short for several leaks; give more of the fingerprint"
        ));
    }
    if found
        .iter()
        .all(|finding| finding.leak.root.verdict == Verdict::Stuck)
    {
        return fail(format!(
            "`{typed}` is a test that never returned: no entry lets it pass; fix what it waits for"
        ));
    }
    let at = |(index, finding)| named(&finding).then_some(index);
    Ok(report.findings.iter().enumerate().filter_map(at).collect())
}

/// The findings that fail.
pub fn failing(report: &Report) -> impl Iterator<Item = &Finding> {
    report
        .findings
        .iter()
        .filter(|finding| finding.ruling.kind == RulingKind::Fails)
}
