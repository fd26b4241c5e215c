//! Checks between entries: the same twice, or one that an earlier one covers.

use super::super::allow::MATCHER_KEYS;
use super::super::pattern::Pattern;
use super::super::policy::LintCode;
use super::{Findings, Said};
use crate::rules::AllowEntry;

pub(super) fn check(findings: &mut Findings<'_>) {
    let entries = findings.lint.entries;
    for (index, entry) in entries.iter().enumerate() {
        let today = findings.lint.today;
        let alive = |earlier: &&AllowEntry| earlier.expires.is_none_or(|last| last >= today);
        let Some(earlier) = entries[..index]
            .iter()
            .filter(alive)
            .find(|earlier| covers(earlier, entry))
        else {
            continue;
        };
        let line = earlier.place.line;
        let said = if covers(entry, earlier) {
            Said::new(
                LintCode::Duplicate,
                format!("the same entry stands on line {line}"),
                "remove this one",
            )
            .removable()
        } else {
            Said::new(
                LintCode::Shadowed,
                format!("the entry on line {line} covers all that this one can match"),
                "remove this one, or make the earlier one narrower",
            )
        };
        findings.say(index, "", said);
    }
}

/// Whether everything that `narrow` can match falls under `wide`, which lasts as long and has room for as many.
fn covers(wide: &AllowEntry, narrow: &AllowEntry) -> bool {
    let room = wide
        .max
        .is_none_or(|max| narrow.max.is_some_and(|other| other <= max));
    let lasts = wide
        .expires
        .is_none_or(|last| narrow.expires.is_some_and(|other| other <= last));
    room && lasts
        && MATCHER_KEYS.iter().all(|key| {
            let wanted = wide.patterns(key);
            let lists: [&[Pattern]; 3] = match *key {
                "any" => [&narrow.any, &narrow.entry, &narrow.top],
                key => [narrow.patterns(key), &[], &[]],
            };
            wanted.is_empty() || lists.iter().any(|given| all_covered(wanted, given))
        })
}

fn all_covered(wanted: &[Pattern], given: &[Pattern]) -> bool {
    !given.is_empty()
        && given
            .iter()
            .all(|one| wanted.iter().any(|pattern| pattern.covers(one)))
}
