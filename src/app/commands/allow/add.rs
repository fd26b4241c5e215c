//! `leakgate allow add`: entries for leaks of the last run.

use super::{policy, rules_file};
use crate::app::Failure;
use crate::app::output::say::say;
use crate::app::project::here::Project;
use crate::app::project::rulebook;
use crate::app::project::team_file::{TeamFile, diff, refuse_in_ci};
use crate::app::store::last_run;
use crate::cli::allow::{AddArgs, EntryFlags, Scope};
use crate::exit::ExitCode;
use crate::report::{Finding, Report};
use crate::rules::policy::{Policy, Required};
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
    let report = last_run::given_or_last(args.run.from.as_deref(), Project::here()?.home())?;
    let wishes = Wishes {
        reach: reach(args.scope),
        reason: said("reason", Some(&args.reason))?,
        max: args.max,
        ..wishes(&args.entry)?
    };
    let mut entries = Vec::new();
    for fingerprint in &args.fingerprints {
        let found = find(&report, fingerprint)?;
        entries.extend(texts(&found, &wishes));
    }
    entries.dedup();
    write(&file, &entries, Some(&wishes), args.dry_run)
}

/// Adds the entries, or shows what adding them would do. An entry that stands must say what `wishes` do, if there are any.
pub fn write(
    file: &TeamFile,
    entries: &[String],
    wishes: Option<&Wishes>,
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
fn with(file: &TeamFile, text: &str, entries: &[String], wishes: Option<&Wishes>) -> Result<String, Failure> {
    let read = file.parse(text)?;
    let policy = policy(&read, &[]);
    let mut after = text.to_owned();
    if after.is_empty() {
        after.push_str("version = 1\n");
    }
    let mut added: Vec<String> = Vec::new();
    for entry in entries {
        for new in file.parse(entry)?.allow {
            let title = new.title();
            let mut standing = read.allow.iter().filter(|old| old.title() == title).peekable();
            if let Some(first) = standing.peek().copied() {
                if let Some(wishes) = wishes
                    && standing.all(|old| !differing(old, wishes).is_empty())
                {
                    return Err(stands(file, first, wishes));
                }
            } else if !added.contains(&title) {
                demanded(&policy, &new)?;
                after = edit::add(&after, entry)
                    .map_err(|error| Failure::Message(format!("{}: {error}", file.name)))?;
                added.push(title);
            }
        }
    }
    Ok(if added.is_empty() { text.to_owned() } else { after })
}

/// The flags that wish for something else than a standing entry says.
fn differing(old: &AllowEntry, wishes: &Wishes) -> Vec<&'static str> {
    let other = |old: &Option<String>, wish: &Option<String>| wish.is_some() && wish != old;
    let all = [
        ("--reason", other(&old.reason, &wishes.reason)),
        ("--owner", other(&old.owner, &wishes.owner)),
        ("--issue", other(&old.issue, &wishes.issue)),
        (
            "--expires",
            wishes.expires.is_some() && wishes.expires != old.expires,
        ),
        ("--max", wishes.max.is_some() && wishes.max != old.max),
    ];
    all.into_iter()
        .filter(|(_, differs)| *differs)
        .map(|(flag, _)| flag)
        .collect()
}

/// Entries that stand are people's: they are not rewritten, and what was asked for is not dropped.
fn stands(file: &TeamFile, old: &AllowEntry, wishes: &Wishes) -> Failure {
    Failure::Message(format!(
        "{}:{}: the entry for this leak stands here already, and {} would change it; nothing was written, edit it there",
        file.name,
        old.place.line,
        differing(old, wishes).join(", ")
    ))
}

/// What policy demands of every entry must be said now.
fn demanded(policy: &Policy, new: &AllowEntry) -> Result<(), Failure> {
    for demand in &policy.require {
        let said = match demand {
            Required::Reason => new.reason.is_some(),
            Required::Owner => new.owner.is_some(),
            Required::Issue => new.issue.is_some(),
            Required::Expires => new.expires.is_some(),
        };
        if !said {
            return Err(Failure::Message(format!(
                "policy demands `{demand}` of every entry; give --{demand}"
            )));
        }
    }
    Ok(())
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
        max: None,
        placeholders: false,
    })
}

/// The text of a flag, without the white space around it.
fn said(flag: &str, text: Option<&String>) -> Result<Option<String>, Failure> {
    match text.map(|text| text.trim()) {
        Some("") => Err(Failure::Message(format!(
            "--{flag} is empty: say what the entry is to say"
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

/// The findings that a fingerprint, or its first characters, name.
fn find<'a>(report: &'a Report, typed: &str) -> Result<Vec<&'a Finding>, Failure> {
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
        let text = suggest::entry(&finding.leak.root, wishes);
        if !texts.contains(&text) {
            texts.push(text);
        }
    }
    texts
}
