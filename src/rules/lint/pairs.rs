//! Checks between entries: the same twice, or one that an earlier one covers.

use super::super::allow::MATCHER_KEYS;
use super::super::pattern::Pattern;
use super::super::policy::LintCode;
use super::{Findings, Said};
use crate::rules::AllowEntry;
use rustc_hash::FxHashMap;
use std::collections::BTreeSet;

pub(super) fn check(findings: &mut Findings<'_>) {
    let entries = findings.lint.entries;
    let mut earlier = Earlier::default();
    for (index, entry) in entries.iter().enumerate() {
        let today = findings.lint.today;
        let candidates = earlier.that_may_cover(entry).into_iter();
        let found = candidates
            .map(|at| &entries[at])
            .find(|earlier| covers(earlier, entry));
        if entry.expires.is_none_or(|last| last >= today) {
            earlier.add(index, entry);
        }
        let Some(earlier) = found else { continue };
        let line = earlier.place.line;
        let said = if covers(entry, earlier) {
            Said::new(
                LintCode::Duplicate,
                format!("the same entry is on line {line}"),
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

/// Entries seen so far, by the text of a pattern and by what its names begin with: comparing each with each takes seconds
/// in a list of thousands.
#[derive(Default)]
struct Earlier<'a> {
    by_text: FxHashMap<&'a str, Vec<usize>>,
    /// Wildcards and expressions, by the beginning of what they match.
    by_start: FxHashMap<&'a str, Vec<usize>>,
    /// Lengths of these beginnings.
    lengths: BTreeSet<usize>,
}

impl<'a> Earlier<'a> {
    /// Under the patterns of one key: all keys of an entry that covers another must cover it.
    fn add(&mut self, index: usize, entry: &'a AllowEntry) {
        let of_a_key = MATCHER_KEYS
            .iter()
            .map(|key| entry.patterns(key))
            .find(|all| !all.is_empty());
        for pattern in of_a_key.unwrap_or_default() {
            self.by_text.entry(pattern.compared()).or_default().push(index);
            for start in pattern.starts() {
                self.lengths.insert(start.len());
                self.by_start.entry(start).or_default().push(index);
            }
        }
    }

    /// In their order, and more than do.
    fn that_may_cover(&self, entry: &AllowEntry) -> BTreeSet<usize> {
        let mut found = BTreeSet::new();
        for pattern in MATCHER_KEYS.iter().flat_map(|key| entry.patterns(key)) {
            let compared = pattern.compared();
            found.extend(self.by_text.get(compared).into_iter().flatten());
            // Of an expression only the same text is known to cover it.
            if pattern.is_regex() {
                continue;
            }
            let lengths = self.lengths.range(..=compared.len());
            for start in lengths.filter_map(|length| compared.get(..*length)) {
                found.extend(self.by_start.get(start).into_iter().flatten());
            }
        }
        found
    }
}

/// Whether everything that `narrow` can match `wide` matches too, which lasts as long and has room for as many.
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
