//! The built-in catalog: goroutines that real projects meet, with what to do about each.
//!
//! Reviewed data (`catalog.toml`) and the code that acts by it. An entry that was not checked against the
//! real library explains a leak and silences nothing.

use super::matching::LeakNames;
use super::policy::words;
use crate::goroutine::name;
use crate::leak::{CauseCode, Group, Made};
use serde::Deserialize;
use std::collections::BTreeMap;
use std::sync::OnceLock;

words! {
    /// What an entry does.
    Action, "`ignore`, `settle`, `note`, `hint`, `never` or `dead`" {
        /// Process-lifetime: listed as background, passes, up to its cap.
        Ignore = "ignore",
        /// Ends by itself some time after its resource was closed: said, passes.
        Settle = "settle",
        /// An upstream leak that a test can't stop: it warns and passes.
        Note = "note",
        /// A real leak whose fix is known: fails, with the fix.
        Hint = "hint",
        /// Refused as a rule: it would hide everything.
        Never = "never",
        /// Can not match.
        Dead = "dead",
    }
}

impl Action {
    /// Whether it lets a goroutine pass.
    pub fn silences(self) -> bool {
        matches!(self, Self::Ignore | Self::Settle | Self::Note)
    }

    /// Whether a team may choose it for an entry.
    pub fn is_choice(self) -> bool {
        matches!(self, Self::Ignore | Self::Note | Self::Hint)
    }
}

words! {
    /// How long such a goroutine lives.
    Lifetime, "a lifetime" {
        /// As long as the process, one or few of them.
        ProcessSingleton = "process-singleton",
        /// Until a client, server or cache is closed.
        PerClientUnclosed = "per-client-unclosed",
        /// Of Go's runtime.
        Runtime = "runtime",
        /// Of a test framework.
        TestFramework = "test-framework",
    }
}

words! {
    /// Where in a goroutine the function is.
    Where, "a place" {
        /// The innermost frame, or the owner.
        TopOrEntry = "top-or-entry",
        /// Any frame of the stack.
        Any = "any",
        /// The creator.
        CreatedBy = "created-by",
    }
}

/// The shim waits no longer than 5 s in all.
const MOST_AWAITED_MS: u64 = 4_000;

/// One entry.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CatalogEntry {
    /// Its name, for settings and reports.
    pub name: String,
    /// Where the function is.
    pub place: Where,
    /// The functions, as Go prints them; several spellings of one goroutine.
    pub functions: Vec<String>,
    /// The module, with a version range where that matters.
    pub module: String,
    /// How long it lives.
    pub lifetime: Lifetime,
    /// `init`, `lazy`, `instance` or `any`.
    pub started: String,
    /// Who starts the library's own default instance, in normalised spelling: what another function started is the
    /// caller's to stop. Empty: whoever started it.
    pub started_by: Vec<String>,
    /// What it does.
    pub action: Action,
    /// How many of it are normal in one test process.
    pub cap: Option<u64>,
    /// It ends this long after its resource was closed.
    pub settle_ms: Option<u64>,
    /// Why it is so.
    pub reason: String,
    /// What to do.
    pub advice: Option<String>,
    /// Where this was learnt.
    pub source: Option<String>,
    /// Go (and library) versions on which a program started the library and saw the goroutine.
    pub checked: Vec<String>,
    /// What was looked at otherwise.
    pub evidence: Option<String>,
    normal: Vec<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
struct Written {
    name: String,
    #[serde(rename = "where")]
    place: String,
    functions: Vec<String>,
    module: String,
    lifetime: String,
    started: String,
    #[serde(default)]
    started_by: Vec<String>,
    action: String,
    cap: Option<u64>,
    settle_ms: Option<u64>,
    reason: String,
    advice: Option<String>,
    source: Option<String>,
    #[serde(default)]
    checked: Vec<String>,
    evidence: Option<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct WrittenCatalog {
    entry: Vec<Written>,
}

/// All entries.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Catalog {
    entries: Vec<CatalogEntry>,
}

impl Catalog {
    /// The catalog of this program.
    pub fn built_in() -> &'static Self {
        static BUILT_IN: OnceLock<Catalog> = OnceLock::new();
        BUILT_IN
            .get_or_init(|| Self::read(include_str!("catalog.toml")).expect("a unit test reads the catalog"))
    }

    /// Reads the catalog's text.
    pub fn read(text: &str) -> Result<Self, String> {
        let written: WrittenCatalog = toml_edit::de::from_str(text).map_err(|error| error.to_string())?;
        let entries: Result<Vec<CatalogEntry>, String> = written
            .entry
            .into_iter()
            .map(CatalogEntry::from_written)
            .collect();
        Ok(Self { entries: entries? })
    }

    /// Every entry, in the order of the file.
    pub fn entries(&self) -> &[CatalogEntry] {
        &self.entries
    }

    /// The entry called `name`.
    pub fn get(&self, name: &str) -> Option<&CatalogEntry> {
        self.entries.iter().find(|entry| entry.name == name)
    }

    /// Entries whose name or functions contain `text`, ignoring case.
    pub fn search(&self, text: &str) -> Vec<&CatalogEntry> {
        let wanted = text.to_lowercase();
        let holds = |candidate: &str| candidate.to_lowercase().contains(&wanted);
        self.entries
            .iter()
            .filter(|entry| {
                holds(&entry.name) || entry.functions.iter().any(|f| holds(f)) || holds(&entry.module)
            })
            .collect()
    }

    /// The entries of an action that name a function (in normalised spelling).
    pub fn naming<'a>(&'a self, normal: &'a str, action: Action) -> impl Iterator<Item = &'a CatalogEntry> {
        self.entries
            .iter()
            .filter(move |entry| entry.action == action && entry.normal.iter().any(|f| f == normal))
    }

    /// The entry that matches a leak by these choices, and what it does: what passes before what only explains.
    ///
    /// Nothing passes that the user's own code holds up: a callback that blocks in a library's goroutine. An entry for
    /// a library's own instance only explains another one, unless the team chose its action.
    pub fn of(&self, names: &LeakNames, choices: &CatalogChoices) -> Option<(&CatalogEntry, Action)> {
        self.entries
            .iter()
            .filter(|entry| !matches!(entry.action, Action::Never | Action::Dead))
            .filter_map(|entry| {
                let reach = entry.reach(names)?;
                let action = choices.action(entry)?;
                if action.silences() && names.own_code_above(reach) {
                    return None;
                }
                let foreign = !choices.actions.contains_key(&entry.name) && !entry.is_origin(names);
                Some((
                    entry,
                    if action.silences() && foreign {
                        Action::Hint
                    } else {
                        action
                    },
                ))
            })
            .min_by_key(|(entry, action)| (*action, entry.place))
    }

    /// Adds to a leak's cause what the catalog knows of it: the fix, or why it is there. Of the standard library's
    /// goroutines the cause itself knows more: the state they are in, and the other half of the connection.
    pub fn enrich(&self, leak: &mut Group) {
        let names = LeakNames::of(leak);
        let Some((entry, action)) = self.of(&names, &CatalogChoices::default()) else {
            return;
        };
        // Where the user's own code blocks, its own source tells more than the library around it.
        let knows_less = entry.module.starts_with("std ")
            || entry
                .reach(&names)
                .is_some_and(|reach| names.own_code_above(reach));
        if action == Action::Hint && knows_less && leak.cause.code != CauseCode::Unknown {
            return;
        }
        // The tests of the library itself: its source says what of theirs has to be ended.
        let is_told = !leak.own_frames.is_empty() && leak.cause.fix.starts_with("call ");
        if let (Action::Hint, Some(advice)) = (action, &entry.advice)
            && entry.advises(leak.cause.made.as_ref())
            && !is_told
        {
            leak.cause.fix = advice.clone();
        }
        let note = format!("catalog `{}` ({}): {}", entry.name, entry.module, entry.reason);
        if !leak.cause.notes.contains(&note) {
            leak.cause.notes.push(note);
        }
    }
}

impl CatalogEntry {
    /// The time that the shim gives it after all tests, where that says whether its resource was closed.
    pub fn awaited(&self) -> Option<u64> {
        let per_client = self.action == Action::Settle && self.lifetime == Lifetime::PerClientUnclosed;
        self.settle_ms.filter(|&ms| per_client && ms <= MOST_AWAITED_MS)
    }

    fn from_written(written: Written) -> Result<Self, String> {
        let bad = |what: &str, word: &str| format!("{}: `{word}` is no {what}", written.name);
        let normal: Vec<String> = written.functions.iter().map(|f| name::normal(f)).collect();
        Ok(Self {
            place: Where::from_word(&written.place).ok_or_else(|| bad("place", &written.place))?,
            lifetime: Lifetime::from_word(&written.lifetime)
                .ok_or_else(|| bad("lifetime", &written.lifetime))?,
            action: Action::from_word(&written.action).ok_or_else(|| bad("action", &written.action))?,
            name: written.name,
            functions: written.functions,
            module: written.module,
            started: written.started,
            started_by: written.started_by.iter().map(|f| name::normal(f)).collect(),
            cap: written.cap,
            settle_ms: written.settle_ms,
            reason: written.reason,
            advice: written.advice,
            source: written.source,
            checked: written.checked,
            evidence: written.evidence,
            normal,
        })
    }

    /// Whether it was seen in a program that started the real library.
    pub fn is_checked(&self) -> bool {
        !self.checked.is_empty()
    }

    /// Whether a goroutine with these names is one of its.
    pub fn matches(&self, names: &LeakNames) -> bool {
        self.reach(names).is_some()
    }

    /// How many frames, from the innermost, lie above the function that makes a goroutine one of its; `None` if it is not.
    fn reach(&self, names: &LeakNames) -> Option<usize> {
        let is = |name: &Option<String>| name.as_ref().is_some_and(|name| self.normal.contains(name));
        match self.place {
            Where::TopOrEntry if is(&names.top) => Some(0),
            Where::TopOrEntry if self.normal.contains(&names.entry) => {
                let entry = names.stack.iter().rposition(|name| *name == names.entry);
                Some(entry.unwrap_or(names.stack.len()))
            }
            Where::TopOrEntry => None,
            Where::Any => names.stack.iter().position(|name| self.normal.contains(name)),
            Where::CreatedBy => is(&names.created_by).then_some(names.stack.len()),
        }
    }

    /// Whether its advice is for what the user's code has made: the source may name a method that ends it, and another
    /// library may be what started this one.
    fn advises(&self, made: Option<&Made>) -> bool {
        // `a.org/x, b.org/x >=1.5`.
        let modules = self
            .module
            .split(',')
            .filter_map(|one| one.split_whitespace().next());
        made.is_none_or(|made| {
            let is_of = |module: &str| {
                let rest = made.package.strip_prefix(module);
                rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
            };
            let of_module = modules.clone().any(is_of);
            made.ended_by.is_none() && (of_module || made.package.is_empty())
        })
    }

    /// Whether the library's own instance is the one that runs here.
    pub fn is_origin(&self, names: &LeakNames) -> bool {
        self.started_by.is_empty()
            || names
                .created_by
                .as_ref()
                .is_some_and(|creator| self.started_by.contains(creator))
    }
}

/// What a team made of the catalog.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct CatalogChoices {
    /// Entries switched off.
    pub disabled: Vec<String>,
    /// Actions changed.
    pub actions: BTreeMap<String, Action>,
    /// Whether unchecked entries act as well.
    pub unchecked_act: bool,
}

impl CatalogChoices {
    /// What an entry does under these choices; `None` if it is switched off.
    pub fn action(&self, entry: &CatalogEntry) -> Option<Action> {
        if self.disabled.contains(&entry.name) {
            return None;
        }
        if let Some(chosen) = self.actions.get(&entry.name) {
            return Some(*chosen);
        }
        let held_back = entry.action.silences() && !entry.is_checked() && !self.unchecked_act;
        Some(if held_back { Action::Hint } else { entry.action })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_catalog_reads_and_every_name_is_its_own() {
        let catalog = Catalog::read(include_str!("catalog.toml")).unwrap();
        assert!(catalog.entries().len() >= 100);
        let mut names: Vec<&str> = catalog
            .entries()
            .iter()
            .map(|entry| entry.name.as_str())
            .collect();
        names.sort_unstable();
        let count = names.len();
        names.dedup();
        assert_eq!(names.len(), count);
    }

    #[test]
    fn the_shim_gives_each_awaited_entry_its_time() {
        let shim = include_str!("../../../go-harness/ending.go");
        let awaited = Catalog::built_in()
            .entries()
            .iter()
            .filter_map(|entry| Some((entry, entry.awaited()?)));
        let mut lines: Vec<String> = awaited
            .flat_map(|(entry, ms)| {
                let line = move |function: &String| format!("{{\"{function}\", {ms} * time.Millisecond}},");
                entry.functions.iter().map(line).collect::<Vec<_>>()
            })
            .collect();
        let mut written: Vec<&str> = shim
            .lines()
            .map(str::trim)
            .filter(|line| line.starts_with("{\""))
            .collect();
        lines.sort_unstable();
        written.sort_unstable();
        assert_eq!(written, lines);
    }

    #[test]
    fn every_entry_says_why_and_names_a_function_as_go_prints_it() {
        for entry in Catalog::built_in().entries() {
            assert!(
                !entry.reason.is_empty() && !entry.functions.is_empty(),
                "{}",
                entry.name
            );
            assert!(
                entry
                    .name
                    .chars()
                    .all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-'),
                "{}",
                entry.name
            );
            for function in &entry.functions {
                let last = function.rsplit('/').next().unwrap_or_default();
                assert!(
                    last.contains('.') && function.trim() == function,
                    "{}: {function}",
                    entry.name
                );
            }
        }
    }

    #[test]
    fn hints_say_what_to_do() {
        for entry in Catalog::built_in()
            .entries()
            .iter()
            .filter(|entry| entry.action == Action::Hint)
        {
            assert!(entry.advice.is_some(), "{}", entry.name);
        }
    }

    #[test]
    fn what_passes_has_a_cap_and_what_init_starts_passes_only_as_started_by_init() {
        for entry in Catalog::built_in().entries() {
            let name = &entry.name;
            if matches!(entry.action, Action::Ignore | Action::Note) {
                assert!(entry.cap.is_some(), "{name} has no cap");
            }
            // It is in the baseline before the first test: seen new, it is another one.
            if entry.action.silences() && entry.started == "init" {
                assert!(!entry.started_by.is_empty(), "{name}");
            }
            for creator in &entry.started_by {
                assert!(
                    entry.action.silences() && !creator.is_empty(),
                    "{name}: {creator}"
                );
            }
        }
    }

    #[test]
    fn no_function_both_passes_and_is_refused() {
        let catalog = Catalog::built_in();
        for entry in catalog
            .entries()
            .iter()
            .filter(|entry| entry.action == Action::Ignore)
        {
            for name in &entry.normal {
                assert_eq!(catalog.naming(name, Action::Never).count(), 0, "{name}");
            }
        }
    }

    #[test]
    fn an_unchecked_entry_silences_nothing_unless_told() {
        let unchecked = Catalog::built_in()
            .entries()
            .iter()
            .find(|entry| entry.action == Action::Ignore && !entry.is_checked())
            .unwrap();
        let mut choices = CatalogChoices::default();
        assert_eq!(choices.action(unchecked), Some(Action::Hint));
        choices.unchecked_act = true;
        assert_eq!(choices.action(unchecked), Some(Action::Ignore));
        choices.disabled.push(unchecked.name.clone());
        assert_eq!(choices.action(unchecked), None);
    }
}
