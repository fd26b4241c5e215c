//! Checks of one entry's own words: its days, its reason, its owner.

use super::super::policy::{EXPIRING_DAYS, LintCode, Required};
use super::super::suggest::PLACEHOLDER;
use super::{Findings, Said};
use crate::rules::AllowEntry;
use jiff::civil::Date;

pub(super) fn check(findings: &mut Findings<'_>, index: usize, entry: &AllowEntry) {
    days(findings, index, entry);
    for demand in &findings.lint.policy.require {
        missing(findings, index, entry, *demand);
    }
    for (key, value) in [
        ("reason", &entry.reason),
        ("owner", &entry.owner),
        ("issue", &entry.issue),
    ] {
        if value.as_ref().is_some_and(|text| text.starts_with(PLACEHOLDER)) {
            let said = Said::new(
                LintCode::Placeholder,
                format!("`{key}` is still a placeholder"),
                "write what your colleagues need to know in a year",
            );
            findings.say(index, key, said);
        }
    }
}

fn days(findings: &mut Findings<'_>, index: usize, entry: &AllowEntry) {
    let Some(last) = entry.expires else { return };
    let ahead = days_between(findings.lint.today, last);
    if ahead < 0 {
        let said = Said::new(
            LintCode::Expired,
            format!(
                "the entry ended on {last}, {} ago",
                days_text(ahead.unsigned_abs())
            ),
            "fix the leak and remove the entry, or set a new last day with its owner",
        );
        findings.say(index, "expires", said);
        return;
    }
    if ahead <= EXPIRING_DAYS {
        let when = if ahead == 0 {
            "today".to_owned()
        } else {
            format!("in {}", days_text(ahead.unsigned_abs()))
        };
        let owner = match &entry.owner {
            Some(owner) => format!("; its owner is {owner}"),
            None => String::new(),
        };
        let said = Said::new(
            LintCode::Expiring,
            format!("the entry ends {when}, on {last}{owner}"),
            format!(
                "fix the leak, or set a new last day: `leakgate allow extend {}`",
                entry.place.line
            ),
        );
        findings.say(index, "expires", said);
    }
    if let Some(max) = findings
        .lint
        .policy
        .max_days
        .filter(|max| ahead > i64::from(*max))
    {
        let said = Said::new(
            LintCode::TooLong,
            format!(
                "the entry lasts {} more; policy allows {max}",
                days_text(ahead.unsigned_abs())
            ),
            "set a nearer last day",
        );
        findings.say(index, "expires", said);
    }
}

fn missing(findings: &mut Findings<'_>, index: usize, entry: &AllowEntry, demand: Required) {
    let (there, code) = match demand {
        Required::Reason => (entry.reason.is_some(), LintCode::MissingReason),
        Required::Owner => (entry.owner.is_some(), LintCode::MissingOwner),
        Required::Issue => (entry.issue.is_some(), LintCode::MissingIssue),
        Required::Expires => (entry.expires.is_some(), LintCode::MissingExpires),
    };
    if !there {
        let example = match demand {
            Required::Reason => "reason = \"why it may stay\"",
            Required::Owner => "owner = \"@team\"",
            Required::Issue => "issue = \"https://…\"",
            Required::Expires => "expires = 2027-01-31",
        };
        let message = format!("the entry has no `{demand}`");
        findings.say(index, "", Said::new(code, message, format!("add `{example}`")));
    }
}

fn days_between(from: Date, to: Date) -> i64 {
    from.duration_until(to).as_hours() / 24
}

fn days_text(days: u64) -> String {
    if days == 1 {
        "1 day".to_owned()
    } else {
        format!("{days} days")
    }
}
