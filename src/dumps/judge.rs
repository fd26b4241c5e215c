//! A folded dump → leaks with rulings: causes, places, fingerprints, what the team's rules and the catalog say, who keeps
//! whom alive.

use super::model::{Dump, Group, Kind};
use crate::goroutine::GoroutineId;
use crate::leak::joining::join;
use crate::leak::module::Code;
use crate::leak::{self, Leak, Standing, standing};
use crate::rules::book::{Context, RuleBook};
use crate::rules::catalog::Catalog;
use crate::rules::{Ruling, RulingKind};
use rustc_hash::{FxHashMap, FxHashSet};

/// One group, judged.
#[derive(Debug, Clone, PartialEq)]
pub struct Judged {
    /// As a test's leak would be.
    pub leak: Leak,
    /// What rules and catalog say.
    pub ruling: Ruling,
    /// The longest wait that Go printed, in minutes.
    pub longest: Option<u64>,
    /// What all of these hang on.
    pub root: Option<Root>,
}

/// The group that others hang on, by its index.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Root {
    /// Index into the judged groups.
    pub group: usize,
    /// Why: `started by it`.
    pub words: String,
}

/// Main's goroutine.
const MAIN: GoroutineId = GoroutineId(1);

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
            profiled: dump.kind != Kind::Stacks,
        })
        .collect();
    let mut found = standing(&groups, code);
    let catalog = Catalog::built_in();
    found.iter_mut().for_each(|group| catalog.enrich(group));
    let roots = roots(dump, &found);
    let leaks: Vec<Leak> = found.into_iter().map(Leak::alone).collect();
    let mut rulings = book.rule(&leaks, context).rulings;
    for (ruling, leak) in rulings.iter_mut().zip(&leaks) {
        if ruling.kind == RulingKind::Fails && is_of_the_runtime(&leak.root) {
            ruling.kind = RulingKind::Background;
            ruling.because = Some("a goroutine of Go's runtime, which only crash dumps show".to_owned());
        }
    }
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

fn is_of_the_runtime(group: &leak::Group) -> bool {
    let of_runtime = |func: &str| func.starts_with("runtime.") || func.starts_with("internal/runtime/");
    !group.stack.is_empty() && group.stack.iter().all(|frame| of_runtime(frame.func.as_str()))
}

/// For each group the one on which all of its goroutines hang, as leaks of a test are joined. Main, which holds what it
/// holds on purpose, is no root; where goroutines of a group hang on different ones, none is.
fn roots(dump: &Dump, groups: &[leak::Group]) -> Vec<Option<Root>> {
    let mut roots = vec![None; groups.len()];
    if dump.kind != Kind::Stacks {
        return roots;
    }
    let is_main = |group: &leak::Group| group.instances.iter().any(|one| one.id == MAIN);
    let all = groups.iter().filter(|group| !is_main(group)).cloned().collect();
    let group_of = |id: GoroutineId| Some(dump.known.get(id.0)?.group as usize);
    let mut joined: FxHashMap<usize, (Root, usize)> = FxHashMap::default();
    let mut apart: FxHashSet<usize> = FxHashSet::default();
    for leak in join(all) {
        let first = leak.root.instances.first().and_then(|one| group_of(one.id));
        let Some(root) = first else { continue };
        apart.insert(root);
        for member in &leak.members {
            let Some(at) = member.group.instances.first().and_then(|one| group_of(one.id)) else {
                continue;
            };
            let words = member.joined.words.clone();
            let entry = joined.entry(at).or_insert((Root { group: root, words }, 0));
            if entry.0.group == root {
                entry.1 += member.group.instances.len();
            } else {
                apart.insert(at);
            }
        }
    }
    for (at, (root, count)) in joined {
        if !apart.contains(&at) && count == groups[at].instances.len() {
            roots[at] = Some(root);
        }
    }
    roots
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dumps::read;
    use crate::go_source::{GoFiles, NoSources};
    use crate::leak::ModuleInfo;
    use crate::package_path::PackagePath;

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
        let context = Context {
            today: jiff::civil::date(2026, 11, 21),
            modules: &[],
            not_full: Some("a dump is no run of tests"),
        };
        let code = Code {
            package: &PackagePath(String::new()),
            module: &ModuleInfo::default(),
            sources: &GoFiles::new(NoSources),
        };
        let judged = judge(dump, &code, &RuleBook::default(), &context);
        let roots: Vec<_> = judged
            .iter()
            .map(|one| {
                let root = one
                    .root
                    .as_ref()
                    .map(|root| judged[root.group].leak.root.owner.as_str());
                (one.leak.root.owner.as_str(), root)
            })
            .collect();
        assert_eq!(
            roots,
            [
                ("main.main", None),
                ("m.pool", None),
                ("m.worker", Some("m.pool")),
                ("m.mixed", None)
            ]
        );
    }
}
