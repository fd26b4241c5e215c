//! What entries for leaks of a run make of the text of the rules file: new ones where they sort, and higher caps where
//! an entry exists that is too narrow. Both `add` and `review` go through here.

use super::policy;
use crate::app::Failure;
use crate::app::project::team_file::TeamFile;
use crate::app::project::{code_facts, rulebook};
use crate::leak::Leak;
use crate::report::safe_text::safe_text;
use crate::report::{Report, short};
use crate::rules::book::{Context, Decided, RuleBook};
use crate::rules::codeowners::Owners;
use crate::rules::policy::{Policy, Required};
use crate::rules::suggest::{self, Wishes};
use crate::rules::{AllowEntry, edit};

/// Leaks that may stay, and what their entries are to say.
pub struct Asked<'a> {
    /// The run.
    pub report: &'a Report,
    /// Indexes of its findings.
    pub found: Vec<usize>,
    /// What the entries say.
    pub wishes: &'a Wishes,
    /// Who owns what, where the wishes name no owner.
    pub owners: &'a Owners,
}

/// A text, and what there is to tell about it.
pub struct Applied {
    /// The new text.
    pub text: String,
    /// One line each.
    pub remarks: Vec<String>,
}

/// The text with all that was asked for.
pub fn apply(file: &TeamFile, text: &str, asked: &Asked<'_>) -> Result<Applied, Failure> {
    let read = file.parse(text)?;
    let policy = policy(&read)?;
    let before = decided(&read.allow, asked.report, file);
    let mut remarks = Vec::new();
    let mut after = text.to_owned();
    let mut new: Vec<usize> = Vec::new();
    for &at in &asked.found {
        match before[at] {
            Some(Decided::Allowed(index)) => {
                let entry = &read.allow[index];
                if !differing(entry, asked.wishes).is_empty() {
                    return Err(exists(file, entry, asked.wishes));
                }
                remarks.push(format!(
                    "{}:{}: an entry for this leak already exists",
                    file.name, entry.place.line
                ));
            }
            Some(Decided::Over { entry: index, found }) => {
                let entry = &read.allow[index];
                let max = asked.wishes.max.unwrap_or(found);
                after = edit::set(&after, index, "max", Some(toml_number(max)))
                    .map_err(|error| edit_failure(file, &error))?;
                remarks.push(format!(
                    "{}:{}: the entry for this leak exists; its `max` is now {max}, all else stays",
                    file.name, entry.place.line
                ));
            }
            None => new.push(at),
        }
    }
    remarks.dedup();
    if after.is_empty() && !new.is_empty() {
        after.push_str("version = 1\n");
    }
    for entry in entries(asked, &new) {
        let parsed = file.parse(&entry)?.allow;
        for one in &parsed {
            if let Some(old) = read.allow.iter().find(|old| old.title() == one.title()) {
                return Err(ended(file, old));
            }
            demanded(&policy, one)?;
        }
        after = edit::add(&after, &entry).map_err(|error| edit_failure(file, &error))?;
    }
    let now = decided(&file.parse(&after)?.allow, asked.report, file);
    for (at, finding) in asked.report.findings.iter().enumerate() {
        let passes = |what: &Option<Decided>| matches!(what, Some(Decided::Allowed(_)));
        if passes(&now[at]) && !passes(&before[at]) && !asked.found.contains(&at) {
            remarks.push(format!(
                "also covers {} {}",
                finding.leak.root.fingerprint.0,
                safe_text(&short::line(&finding.leak))
            ));
        }
    }
    Ok(Applied { text: after, remarks })
}

/// The texts of new entries: one for each package, or for each test, as far as they differ.
pub fn entries(asked: &Asked<'_>, at: &[usize]) -> Vec<String> {
    let findings = &asked.report.findings;
    let caps = suggest::Caps::of(findings.iter().map(|finding| &finding.leak), asked.wishes);
    let mut texts: Vec<String> = Vec::new();
    for &at in at {
        let owner = asked.wishes.owner.clone();
        let wishes = Wishes {
            owner: owner.or_else(|| asked.owners.of(&findings[at].leak)),
            ..asked.wishes.clone()
        };
        let text = caps.entry(&findings[at].leak, &wishes);
        if !texts.contains(&text) {
            texts.push(text);
        }
    }
    texts
}

/// What the entries of a file make of each finding of a run.
pub fn decided(allow: &[AllowEntry], report: &Report, file: &TeamFile) -> Vec<Option<Decided>> {
    let leaks: Vec<Leak> = report
        .findings
        .iter()
        .map(|finding| finding.leak.clone())
        .collect();
    let book = RuleBook {
        allow: allow.to_vec(),
        ..RuleBook::default()
    };
    let modules = code_facts::modules(&file.root());
    let context = Context {
        today: rulebook::today(),
        modules: &modules,
        not_full: Some("only what entries match is asked for"),
    };
    book.rule(&leaks, &context).decided
}

fn toml_number(number: u64) -> toml_edit::Value {
    i64::try_from(number).unwrap_or(i64::MAX).into()
}

fn edit_failure(file: &TeamFile, error: &edit::EditError) -> Failure {
    Failure::Message(format!("{}: {error}", file.name))
}

/// The flags that wish for something else than an existing entry says.
fn differing(old: &AllowEntry, wishes: &Wishes) -> Vec<&'static str> {
    let other = |old: &Option<String>, wish: &Option<String>| wish.is_some() && wish != old;
    let all = [
        ("--reason", other(&old.reason, &wishes.reason)),
        ("--owner", other(&old.owner, &wishes.owner)),
        ("--issue", other(&old.issue, &wishes.issue)),
        (
            "--expires",
            wishes.asked_expires && wishes.expires.is_some() && wishes.expires != old.expires,
        ),
        ("--max", wishes.max.is_some() && wishes.max != old.max),
    ];
    all.into_iter()
        .filter(|(_, differs)| *differs)
        .map(|(flag, _)| flag)
        .collect()
}

/// Existing entries are people's: they are not rewritten, and what was asked for is not dropped.
fn exists(file: &TeamFile, old: &AllowEntry, wishes: &Wishes) -> Failure {
    Failure::Message(format!(
        "{}:{}: an entry for this leak already exists, and {} would change it; nothing was written, edit it there",
        file.name,
        old.place.line,
        differing(old, wishes).join(", ")
    ))
}

/// An entry with the same matchers that covers nothing any more.
fn ended(file: &TeamFile, old: &AllowEntry) -> Failure {
    let last = old
        .expires
        .map(|last| format!(" and ended on {last}"))
        .unwrap_or_default();
    Failure::Message(format!(
        "{0}:{1}: an entry for this leak already exists{last}; nothing was written; \
         set a new last day with `leakgate allow extend {1}`",
        file.name, old.place.line
    ))
}

/// What policy requires of every entry must be said now.
pub fn demanded(policy: &Policy, new: &AllowEntry) -> Result<(), Failure> {
    for demand in &policy.require {
        let said = match demand {
            Required::Reason => new.reason.is_some(),
            Required::Owner => new.owner.is_some(),
            Required::Issue => new.issue.is_some(),
            Required::Expires => new.expires.is_some(),
        };
        if !said {
            return Err(Failure::Message(format!(
                "the policy requires `{demand}` of every entry; pass --{demand}"
            )));
        }
    }
    Ok(())
}
