//! A folded dump → leaks with rulings: causes, places, fingerprints, what the team's rules and the catalog say, who keeps
//! whom alive.

use super::model::{Dump, Group};
use crate::leak::module::Code;
use crate::leak::{Leak, Standing, standing};
use crate::rules::Ruling;
use crate::rules::book::{Context, RuleBook};
use crate::rules::catalog::Catalog;
use rustc_hash::FxHashMap;

/// One group, judged.
#[derive(Debug, Clone, PartialEq)]
pub struct Judged {
    /// As a test's leak would be.
    pub leak: Leak,
    /// What rules and catalog say.
    pub ruling: Ruling,
    /// The longest wait that Go printed, in minutes.
    pub longest: Option<u64>,
    /// The group whose goroutines started all of these, and live.
    pub root: Option<usize>,
}

/// The rules as they apply to a dump, in which no test is named: an entry counts by what it says of goroutines, and its
/// `max`, which is for one test process, does not.
pub fn book_for_dumps(book: &RuleBook) -> RuleBook {
    let mut book = book.clone();
    book.baseline = None;
    book.allow.retain_mut(|entry| {
        entry.package.clear();
        entry.test.clear();
        entry.max = None;
        let keys = [
            &entry.entry,
            &entry.created_by,
            &entry.top,
            &entry.any,
            &entry.state,
        ];
        keys.iter().any(|patterns| !patterns.is_empty())
    });
    book
}

/// Judges every group, in the order of the dump.
pub fn judge(dump: &Dump, code: &Code<'_>, book: &RuleBook, context: &Context<'_>) -> Vec<Judged> {
    let groups: Vec<Standing<'_>> = dump
        .groups
        .iter()
        .map(|group| Standing {
            samples: &group.samples,
            count: group.count,
            ids: &group.ids,
        })
        .collect();
    let mut found = standing(&groups, code);
    let catalog = Catalog::built_in();
    found.iter_mut().for_each(|group| catalog.enrich(group));
    let leaks: Vec<Leak> = found.into_iter().map(Leak::alone).collect();
    let rulings = book.rule(&leaks, context).rulings;
    let roots = roots(dump);
    leaks
        .into_iter()
        .zip(rulings)
        .zip(roots)
        .zip(&dump.groups)
        .map(|(((leak, ruling), root), Group { longest, .. })| Judged {
            leak,
            ruling,
            root,
            longest: *longest,
        })
        .collect()
}

/// For each group the one that started all of its goroutines, if those that did are alive. Main, which starts what it
/// starts on purpose, is no root.
fn roots(dump: &Dump) -> Vec<Option<usize>> {
    /// Parents seen so far: one group, and how often.
    #[derive(Clone, Copy)]
    struct Parents(u32, u64);
    let mut seen: FxHashMap<u32, Parents> = FxHashMap::default();
    for known in dump.known.values() {
        if known.parent <= 1 {
            continue;
        }
        let Some(parent) = dump.known.get(&known.parent) else {
            continue;
        };
        let parents = seen.entry(known.group).or_insert(Parents(parent.group, 0));
        if parents.0 == parent.group {
            parents.1 += 1;
        }
    }
    let root = |(at, group): (usize, &Group)| {
        let parents = seen.get(&u32::try_from(at).ok()?)?;
        let other = parents.0 as usize != at;
        (other && parents.1 == group.count).then_some(parents.0 as usize)
    };
    dump.groups.iter().enumerate().map(root).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dumps::read;

    #[test]
    fn a_living_starter_is_the_root_of_what_it_started_and_main_is_none() {
        let block = |id: u64, func: &str, by: u64| {
            format!(
                "goroutine {id} [select]:\nm.{func}()\n\t/x.go:1 +0x1\ncreated by m.{func}0 in goroutine {by}\n\t/x.go:2 +0x1\n\n"
            )
        };
        let text = format!(
            "goroutine 1 [sleep]:\nmain.main()\n\t/m.go:1 +0x1\n\n{}{}{}{}{}{}",
            block(5, "pool", 1),
            block(6, "worker", 5),
            block(7, "worker", 5),
            block(8, "mixed", 5),
            block(9, "mixed", 99),
            block(10, "pool", 1),
        );
        let dump = &read(text.as_bytes()).unwrap().dumps[0];
        let owners: Vec<&str> = dump
            .groups
            .iter()
            .map(|group| group.goroutine().frames[0].func.as_str())
            .collect();
        assert_eq!(owners, ["main.main", "m.pool", "m.worker", "m.mixed"]);
        assert_eq!(roots(dump), [None, None, Some(1), None]);
    }
}
