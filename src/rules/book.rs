//! The rule book: the ruling on each leak, which entries were used, and the findings about them.

use super::allow::AllowEntry;
use super::baseline::Baseline;
use super::catalog::CatalogChoices;
use super::matching::{self, LeakNames, ModuleRoot};
use super::notice::RuleNotice;
use super::pattern::Pattern;
use super::policy::{Late, LintCode, LintLevel, OncePerProcess, Policy};
use super::ruling::{Ruling, RulingKind};
use crate::leak::{Group, Growth, Leak, Verdict};
use crate::package_path::PackagePath;
use jiff::civil::Date;
use std::collections::BTreeMap;

mod by_baseline;
mod by_catalog;

/// All rules of a run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RuleBook {
    /// How the rules file is called in messages: `leakgate.toml`.
    pub file: String,
    /// `[[allow]]`, in the order of the file.
    pub allow: Vec<AllowEntry>,
    /// `[[may-not-run]]`, in the order of the file.
    pub may_not_run: Vec<AllowEntry>,
    /// What the team made of the catalog.
    pub catalog: CatalogChoices,
    /// Name and content of the baseline file, or of the report given with `--new-from`.
    pub baseline: Option<(String, Baseline)>,
    /// Levels and demands.
    pub policy: Policy,
    /// How to treat late goroutines.
    pub late: Late,
    /// How to treat leaks seen once per process.
    pub once_per_process: OncePerProcess,
}

/// What a run was.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Context<'a> {
    /// The day.
    pub today: Date,
    /// For packages named by directory.
    pub modules: &'a [ModuleRoot],
    /// Why unused entries can't be judged; `None` after a full run of every package.
    pub not_full: Option<&'a str>,
}

/// How much an entry was of use.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Usage {
    /// Goroutines it is about, whether it decided them or not.
    pub matched: u64,
    /// Goroutines that pass because of it.
    pub covered: u64,
}

/// What an `[[allow]]` entry made of a leak; the entry by its number.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Decided {
    /// It passes.
    Allowed(usize),
    /// The entry is about it, and its cap is too low.
    Over {
        /// Which entry.
        entry: usize,
        /// What the cap would have to be.
        found: u64,
    },
}

/// What the rules made of all leaks.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rulings {
    /// One for each leak, in their order.
    pub rulings: Vec<Ruling>,
    /// What an `[[allow]]` entry made of each leak, in their order.
    pub decided: Vec<Option<Decided>>,
    /// One for each `[[allow]]` entry, in their order.
    pub usage: Vec<Usage>,
    /// Expired, over their max, stale, fixed debt.
    pub notices: Vec<RuleNotice>,
}

impl Default for RuleBook {
    fn default() -> Self {
        Self {
            file: "leakgate.toml".to_owned(),
            allow: Vec::new(),
            may_not_run: Vec::new(),
            catalog: CatalogChoices::default(),
            baseline: None,
            policy: Policy::default(),
            late: Late::Warn,
            once_per_process: OncePerProcess::Fail,
        }
    }
}

impl RuleBook {
    /// The entry by which a package may end without running a test: one that has not expired before one that has.
    pub fn may_not_run(&self, package: &PackagePath, context: &Context<'_>) -> Option<&AllowEntry> {
        let about = self
            .may_not_run
            .iter()
            .filter(|entry| matching::in_package(&entry.package, package, context.modules));
        about.max_by_key(|entry| !entry.is_expired(context.today))
    }

    /// Rules every leak.
    pub fn rule(&self, leaks: &[Leak], context: &Context<'_>) -> Rulings {
        let mut desk = Desk::new(self, leaks, context);
        desk.allow();
        desk.catalog();
        desk.late_and_once();
        desk.baseline();
        desk.finish()
    }
}

/// The state of one ruling.
struct Desk<'a> {
    book: &'a RuleBook,
    leaks: &'a [Leak],
    context: &'a Context<'a>,
    names: Vec<LeakNames>,
    rulings: Vec<Option<Ruling>>,
    /// Why something that is about the leak does not let it pass.
    refused: Vec<Option<String>>,
    decided: Vec<Option<Decided>>,
    usage: Vec<Usage>,
    notices: Vec<RuleNotice>,
}

impl<'a> Desk<'a> {
    fn new(book: &'a RuleBook, leaks: &'a [Leak], context: &'a Context<'a>) -> Self {
        Self {
            book,
            leaks,
            context,
            names: leaks.iter().map(|leak| LeakNames::of(&leak.root)).collect(),
            rulings: vec![None; leaks.len()],
            refused: vec![None; leaks.len()],
            decided: vec![None; leaks.len()],
            usage: vec![Usage::default(); book.allow.len()],
            notices: Vec::new(),
        }
    }

    /// Leaks that rules may let pass and that nothing has decided yet. A stuck test has failed already.
    fn open(&self) -> Vec<usize> {
        (0..self.leaks.len())
            .filter(|&at| self.rulings[at].is_none() && self.leaks[at].root.verdict != Verdict::Stuck)
            .collect()
    }

    /// Leaks by test process, with the number of goroutines that stayed in each.
    fn by_process(&self, at: &[usize]) -> BTreeMap<&'a PackagePath, (Vec<usize>, u64)> {
        let mut groups: BTreeMap<&PackagePath, (Vec<usize>, u64)> = BTreeMap::new();
        for &at in at {
            let leak = &self.leaks[at];
            let group = groups.entry(&leak.root.package).or_default();
            group.0.push(at);
            if leak.root.verdict == Verdict::Leaked {
                group.1 = group.1.saturating_add(leak.root.count);
            }
        }
        groups
    }

    fn allow(&mut self) {
        let entries = &self.book.allow;
        for (index, entry) in entries.iter().enumerate() {
            let about = |at: &usize| {
                matching::matches(
                    entry,
                    &self.leaks[*at].root,
                    &self.names[*at],
                    self.context.modules,
                )
            };
            let all = (0..self.leaks.len()).filter(|at| self.leaks[*at].root.verdict != Verdict::Stuck);
            self.usage[index].matched = all.filter(about).map(|at| self.leaks[at].root.count).sum();
            let open: Vec<usize> = self.open().into_iter().filter(about).collect();
            if entry.is_expired(self.context.today) {
                self.expired(index, entry, &open);
                continue;
            }
            for (package, (group, count)) in self.by_process(&open) {
                match entry.max.filter(|max| count > *max) {
                    Some(max) => self.over_max(index, entry, package, &group, (count, max)),
                    None => self.allowed(index, entry, &group),
                }
            }
        }
    }

    fn rule_name(&self, entry: &AllowEntry) -> String {
        format!("{}:{}", self.book.file, entry.place.line)
    }

    fn allowed(&mut self, index: usize, entry: &AllowEntry, group: &[usize]) {
        let rule = self.rule_name(entry);
        let until = entry
            .expires
            .map(|last| format!(" until {last}"))
            .unwrap_or_default();
        let why = entry
            .reason
            .as_ref()
            .map(|reason| format!(": {reason}"))
            .unwrap_or_default();
        for &at in group {
            self.usage[index].covered = self.usage[index]
                .covered
                .saturating_add(self.leaks[at].root.count);
            self.decided[at] = Some(Decided::Allowed(index));
            self.rulings[at] = Some(Ruling {
                kind: RulingKind::Allowed,
                because: Some(format!("allowed by {rule}{until}{why}")),
                rule: Some(rule.clone()),
                owner: entry.owner.clone(),
                expires: entry.expires.map(|last| last.to_string()),
                issue: entry.issue.clone(),
            });
        }
    }

    fn expired(&mut self, index: usize, entry: &AllowEntry, group: &[usize]) {
        let (rule, last) = (self.rule_name(entry), entry.expires.unwrap_or_default());
        for &at in group {
            self.refused[at]
                .get_or_insert_with(|| format!("{rule} allowed it until {last}, which has passed"));
        }
        let found = match group.len() {
            0 => "it no longer matches anything".to_owned(),
            _ => format!("it still matches {}", goroutines(self.count(group))),
        };
        self.notice(
            LintCode::Expired,
            index,
            "expires",
            format!("the entry ended on {last}; {found}"),
            if group.is_empty() {
                "remove it: `leakgate allow prune --write`"
            } else {
                "fix the leak, or set a new last day with its owner"
            },
        );
    }

    fn over_max(
        &mut self,
        index: usize,
        entry: &AllowEntry,
        package: &PackagePath,
        group: &[usize],
        (count, max): (u64, u64),
    ) {
        let rule = self.rule_name(entry);
        for &at in group {
            self.decided[at].get_or_insert(Decided::Over {
                entry: index,
                found: count,
            });
            self.refused[at].get_or_insert_with(|| {
                format!("{rule} covers at most {max} in a package, {count} were found")
            });
        }
        let message = format!(
            "the entry matches {} of {package} and covers {max}",
            goroutines(count)
        );
        self.notice(
            LintCode::OverMax,
            index,
            "max",
            message,
            "fix what is new, or raise `max`: `leakgate allow add` with the leak's fingerprint does that",
        );
    }

    fn count(&self, group: &[usize]) -> u64 {
        group
            .iter()
            .map(|at| self.leaks[*at].root.count)
            .fold(0, u64::saturating_add)
    }

    fn late_and_once(&mut self) {
        for at in self.open() {
            let leak = &self.leaks[at];
            let once = matches!(leak.growth, Some(Growth::OncePerProcess { .. }));
            self.rulings[at] = match (leak.root.verdict, self.book.late) {
                (Verdict::Late, Late::Warn) => Some(by(RulingKind::Warns, "late = warn")),
                (Verdict::Late, Late::Ignore) => Some(by(RulingKind::Allowed, "late = ignore")),
                _ if once && self.book.once_per_process == OncePerProcess::Warn => {
                    Some(by(RulingKind::Warns, "once-per-process = warn"))
                }
                _ => None,
            };
        }
    }

    fn stale(&mut self) {
        if self.context.not_full.is_some() {
            return;
        }
        for index in 0..self.usage.len() {
            let expired = self.book.allow[index].is_expired(self.context.today);
            if self.usage[index].matched > 0 || expired {
                continue;
            }
            let title = self.book.allow[index].title();
            let message = format!("no goroutine of this full run matches the entry ({title})");
            match self.near_miss(index) {
                Some((key, why, remedy)) => {
                    self.notice(LintCode::Stale, index, key, format!("{message}; {why}"), &remedy);
                }
                None => {
                    let remedy = "remove it: `leakgate allow prune --write`";
                    self.notice(LintCode::Stale, index, "", message, remedy);
                }
            }
        }
    }

    /// A leak that differs from an entry in one key: the key, what is different, and what to write.
    fn near_miss(&self, index: usize) -> Option<(&'static str, String, String)> {
        let entry = &self.book.allow[index];
        let named = |at: usize| {
            let in_key = |key| {
                let (leak, names) = (&self.leaks[at].root, &self.names[at]);
                matching::matches_in(key, entry, leak, names, self.context.modules)
            };
            entry.functions().any(|(key, _)| in_key(key))
        };
        let near = |at: usize| {
            let (leak, names) = (&self.leaks[at].root, &self.names[at]);
            match *matching::differing(entry, leak, names, self.context.modules).as_slice() {
                [key] if named(at) || key == "test" && with_subtests(entry, leak).is_some() => {
                    Some((leak, key, matching::value(key, leak, names)))
                }
                _ => None,
            }
        };
        let (leak, key, found) = (0..self.leaks.len())
            .filter(|at| self.leaks[*at].root.verdict != Verdict::Stuck)
            .find_map(near)?;
        let why = format!(
            "{} of {} would match, but `{key}` is {found}",
            goroutines(leak.count),
            leak.package
        );
        let remedy = match with_subtests(entry, leak).filter(|_| key == "test") {
            Some(wide) => format!("a test does not include its subtests: write `test = \"{wide}\"`"),
            None => format!("correct `{key}`, or remove the entry: `leakgate allow prune --write`"),
        };
        Some((key, why, remedy))
    }

    fn notice(&mut self, code: LintCode, index: usize, key: &str, message: String, remedy: &str) {
        let level = self.book.policy.level(code);
        if level == LintLevel::Allow {
            return;
        }
        let (span, place) = self.book.allow[index].at(key);
        self.notices.push(RuleNotice {
            code,
            level,
            message,
            remedy: Some(remedy.to_owned()),
            file: self.book.file.clone(),
            place: Some(place),
            span,
            fix: Vec::new(),
            remove: false,
            entry: Some(index),
        });
    }

    fn finish(mut self) -> Rulings {
        self.stale();
        let decided = self.rulings.into_iter().zip(self.refused);
        let rulings = decided
            .map(|(ruling, refused)| {
                ruling.unwrap_or(Ruling {
                    because: refused,
                    rule: None,
                    ..by(RulingKind::Fails, "")
                })
            })
            .collect();
        self.notices
            .sort_by_key(|notice| (notice.level, notice.code, notice.place));
        Rulings {
            rulings,
            decided: self.decided,
            usage: self.usage,
            notices: self.notices,
        }
    }
}

/// The pattern of an entry's `test` that would include the leak's tests, if they are subtests of it.
fn with_subtests(entry: &AllowEntry, leak: &Group) -> Option<String> {
    let wide = |pattern: &Pattern| {
        let parent = format!("{}/", pattern.text());
        let all = !leak.tests.is_empty() && leak.tests.iter().all(|test| test.0.starts_with(&parent));
        all.then(|| format!("{parent}..."))
    };
    entry.test.iter().find_map(wide)
}

fn by(kind: RulingKind, rule: &str) -> Ruling {
    Ruling {
        kind,
        because: None,
        rule: Some(rule.to_owned()),
        owner: None,
        expires: None,
        issue: None,
    }
}

fn goroutines(count: u64) -> String {
    if count == 1 {
        "1 goroutine".to_owned()
    } else {
        format!("{count} goroutines")
    }
}

#[cfg(test)]
mod tests;
