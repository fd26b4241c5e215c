//! `leakgate allow add`: entries for leaks of the last run.

use super::{policy, rules_file};
use crate::app::rules_file::{TeamFile, diff, refuse_in_ci, say, working_folder};
use crate::app::{Failure, history};
use crate::cli::allow::{AddArgs, EntryFlags, Scope};
use crate::exit::ExitCode;
use crate::report::{Finding, Report};
use crate::rules::policy::{Policy, Required};
use crate::rules::suggest::{self, Reach, Wishes};
use crate::rules::{RulingKind, edit};

/// Shortest part of a fingerprint that names a leak.
const SHORTEST: usize = 4;

/// Runs the verb.
pub fn run(args: &AddArgs) -> Result<ExitCode, Failure> {
    let file = rules_file(&args.file)?;
    if !args.dry_run {
        refuse_in_ci(args.write.in_ci, &file.name)?;
    }
    let report = history::given_or_last(args.run.from.as_deref(), &working_folder()?)?;
    let wishes = Wishes {
        reach: reach(args.scope),
        reason: Some(args.reason.clone()),
        max: args.max,
        ..wishes(&args.entry)
    };
    let mut entries = Vec::new();
    for fingerprint in &args.fingerprints {
        let found = find(&report, fingerprint)?;
        entries.extend(texts(&found, &wishes));
    }
    entries.dedup();
    write(&file, &entries, &wishes, args.dry_run)
}

/// Adds the entries, or shows what adding them would do.
pub fn write(
    file: &TeamFile,
    entries: &[String],
    wishes: &Wishes,
    dry_run: bool,
) -> Result<ExitCode, Failure> {
    if dry_run {
        let text = file.text()?.unwrap_or_default();
        let after = with(file, &text, entries, wishes)?;
        say(&diff(&text, &after, &file.name))?;
        return Ok(ExitCode::Clean);
    }
    let change = file.change(|text| with(file, text, entries, wishes))?;
    let shown = change.diff(&file.name);
    if shown.is_empty() {
        say(&format!("{}: these entries stand there already\n", file.name))?;
    } else {
        say(&shown)?;
        say(&format!("\nwrote {}\n", file.name))?;
    }
    Ok(ExitCode::Clean)
}

/// The text with the entries that it does not hold yet.
fn with(file: &TeamFile, text: &str, entries: &[String], wishes: &Wishes) -> Result<String, Failure> {
    let read = file.parse(text)?;
    demanded(&policy(&read, &[]), wishes)?;
    let mut after = text.to_owned();
    if after.is_empty() {
        after.push_str("version = 1\n");
    }
    let mut known: Vec<String> = read.allow.iter().map(crate::rules::AllowEntry::title).collect();
    for entry in entries {
        let title = file
            .parse(entry)?
            .allow
            .iter()
            .map(crate::rules::AllowEntry::title)
            .collect::<String>();
        if !known.contains(&title) {
            after = edit::add(&after, entry)
                .map_err(|error| Failure::Message(format!("{}: {error}", file.name)))?;
            known.push(title);
        }
    }
    Ok(if known.len() == read.allow.len() {
        text.to_owned()
    } else {
        after
    })
}

/// What policy demands of every entry must be said now.
fn demanded(policy: &Policy, wishes: &Wishes) -> Result<(), Failure> {
    for demand in &policy.require {
        let said = match demand {
            Required::Reason => wishes.reason.is_some(),
            Required::Owner => wishes.owner.is_some(),
            Required::Issue => wishes.issue.is_some(),
            Required::Expires => wishes.expires.is_some(),
        };
        if !said {
            return Err(Failure::Message(format!(
                "policy demands `{demand}` of every entry; give --{demand}"
            )));
        }
    }
    Ok(())
}

/// What the flags wish for.
pub fn wishes(flags: &EntryFlags) -> Wishes {
    Wishes {
        reach: Reach::Package,
        reason: None,
        owner: flags.owner.clone(),
        issue: flags.issue.clone(),
        expires: flags.expires,
        max: None,
        placeholders: false,
    }
}

fn reach(scope: Scope) -> Reach {
    match scope {
        Scope::Test => Reach::Test,
        Scope::Package => Reach::Package,
        Scope::Module => Reach::Module,
    }
}

/// The findings that a fingerprint, or its first characters, name.
fn find<'a>(report: &'a Report, typed: &str) -> Result<Vec<&'a Finding>, Failure> {
    let wanted = typed.to_lowercase();
    let fail = |text: String| Err(Failure::Message(text));
    if wanted.len() < SHORTEST {
        return fail(format!(
            "`{typed}` is too short for a fingerprint: give at least {SHORTEST} characters"
        ));
    }
    let named = |finding: &&Finding| finding.leak.fingerprint.0.starts_with(&wanted);
    let found: Vec<&Finding> = report.findings.iter().filter(named).collect();
    let Some(first) = found.first() else {
        let known: Vec<String> = failing(report)
            .map(|finding| finding.leak.fingerprint.0.clone())
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
        .any(|finding| finding.leak.fingerprint != first.leak.fingerprint)
    {
        return fail(format!(
            "`{typed}` is short for several leaks; give more of the fingerprint"
        ));
    }
    Ok(found)
}

/// The findings that fail.
pub fn failing(report: &Report) -> impl Iterator<Item = &Finding> {
    report
        .findings
        .iter()
        .filter(|finding| finding.ruling.kind == RulingKind::Fails)
}

/// The entries of one leak: one for each package, or for each test, as far as they differ.
pub fn texts(found: &[&Finding], wishes: &Wishes) -> Vec<String> {
    let mut texts = Vec::new();
    for finding in found {
        let text = suggest::entry(&finding.leak, wishes);
        if !texts.contains(&text) {
            texts.push(text);
        }
    }
    texts
}
