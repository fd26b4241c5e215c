//! The `[[allow]]` entry to paste for a leak: as narrow as it can be without breaking at the next edit.

use super::catalog::{Action, Catalog};
use super::matching::LeakNames;
use super::policy::Policy;
use crate::goroutine::name;
use crate::leak::{Group, Leak, Verdict};
use crate::package_path::PackagePath;
use crate::rules::AllowEntry;
use jiff::ToSpan;
use jiff::civil::Date;
use std::collections::HashMap;
use std::fmt::Write;

/// The placeholder for a value that a person has to fill in; the lint `placeholder` finds it.
pub const PLACEHOLDER: &str = "TODO";

/// How wide an entry is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Reach {
    /// This test.
    Test,
    /// This package.
    Package,
    /// Every package of the module.
    Module,
}

/// What a person says about an entry; placeholders fill what is missing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Wishes {
    /// How wide.
    pub reach: Reach,
    /// Why.
    pub reason: Option<String>,
    /// Who.
    pub owner: Option<String>,
    /// Where it is discussed.
    pub issue: Option<String>,
    /// Last day; `None` writes none.
    pub expires: Option<Date>,
    /// Whether a person asked for that day.
    pub asked_expires: bool,
    /// Cap.
    pub max: Option<u64>,
    /// Whether the entry gets what was found as its cap, where nothing else is asked for.
    pub capped: bool,
    /// Whether a placeholder fills a missing reason or owner.
    pub placeholders: bool,
}

impl Wishes {
    /// For a leak of which no person said anything yet: this package, with what was found as the cap, for as long as the
    /// policy proposes.
    pub fn of_nobody(today: Date, policy: &Policy) -> Self {
        Self {
            reach: Reach::Package,
            reason: None,
            owner: None,
            issue: None,
            expires: last_day(today, policy),
            asked_expires: false,
            max: None,
            capped: true,
            placeholders: true,
        }
    }
}

/// The last day of a new entry; none if the policy proposes 0 days.
pub fn last_day(today: Date, policy: &Policy) -> Option<Date> {
    let days = policy.days();
    today
        .checked_add(i64::from(days).days())
        .ok()
        .filter(|_| days > 0)
}

/// How many goroutines of a run the entry for each of its leaks would match, in the package of the leak.
pub struct Caps(HashMap<(PackagePath, String), u64>);

impl Caps {
    /// Of all leaks of a run.
    pub fn of<'a>(leaks: impl Iterator<Item = &'a Leak>, wishes: &Wishes) -> Self {
        let mut found = HashMap::new();
        for leak in leaks {
            *found.entry(Self::key(leak, wishes)).or_default() += count(leak);
        }
        Self(found)
    }

    fn key(leak: &Leak, wishes: &Wishes) -> (PackagePath, String) {
        (leak.root.package.clone(), matchers(&leak.root, wishes))
    }

    /// The entry for a leak as wished, with its cap.
    pub fn entry(&self, leak: &Leak, wishes: &Wishes) -> String {
        self.entry_of(Self::key(leak, wishes), wishes)
    }

    fn entry_of(&self, key: (PackagePath, String), wishes: &Wishes) -> String {
        let found = self.0.get(&key).copied();
        let auto = found.map(|found| found.max(1)).filter(|_| wishes.capped);
        let (_, mut text) = key;
        add_terms(&mut text, wishes.max.or(auto), wishes);
        text
    }
}

/// The entries to paste for all leaks of a run, with placeholders for what only a person knows.
pub fn proposals(leaks: &[Leak], wishes: &Wishes) -> Vec<String> {
    let keys: Vec<_> = leaks.iter().map(|leak| Caps::key(leak, wishes)).collect();
    let mut caps = Caps(HashMap::new());
    for (leak, key) in leaks.iter().zip(&keys) {
        *caps.0.entry(key.clone()).or_default() += count(leak);
    }
    keys.into_iter().map(|key| caps.entry_of(key, wishes)).collect()
}

/// What to change where an entry exists whose cap is too low: never the whole entry anew, without its cap.
pub fn raised(file: &str, entry: &AllowEntry, found: u64) -> String {
    format!(
        "# raise the cap of the entry in {file}, line {}\nmax = {found}\n",
        entry.place.line
    )
}

/// Goroutines that count against a cap.
fn count(leak: &Leak) -> u64 {
    if leak.root.verdict == Verdict::Leaked {
        leak.root.count
    } else {
        0
    }
}

/// The lines that say what an entry for a leak is about.
fn matchers(leak: &Group, wishes: &Wishes) -> String {
    let mut text = String::from("[[allow]]\n");
    let mut line = |key: &str, value: String| {
        let _ = writeln!(text, "{key} = {value}");
    };
    for (key, name) in functions(leak) {
        line(key, quoted(&name));
    }
    if wishes.reach != Reach::Module {
        line("package", quoted(leak.package.as_str()));
    }
    if wishes.reach == Reach::Test {
        match leak.tests.as_slice() {
            [] => {}
            [test] => line("test", quoted(&test.0)),
            tests => {
                let names: Vec<String> = tests.iter().map(|test| quoted(&test.0)).collect();
                line("test", format!("[{}]", names.join(", ")));
            }
        }
    }
    text
}

/// The lines that say how many it lets pass, why, and until when.
fn add_terms(text: &mut String, max: Option<u64>, wishes: &Wishes) {
    let mut line = |key: &str, value: String| {
        let _ = writeln!(text, "{key} = {value}");
    };
    if let Some(max) = max {
        line("max", max.to_string());
    }
    let said = |given: &Option<String>, question: &str| {
        given
            .clone()
            .or_else(|| wishes.placeholders.then(|| format!("{PLACEHOLDER}: {question}")))
    };
    for (key, value) in [
        ("reason", said(&wishes.reason, "why may it stay?")),
        ("owner", said(&wishes.owner, "who looks after it?")),
    ] {
        if let Some(value) = value {
            line(key, quoted(&value));
        }
    }
    if let Some(issue) = &wishes.issue {
        line("issue", quoted(issue));
    }
    if let Some(expires) = wishes.expires {
        line("expires", expires.to_string());
    }
}

/// The owner, and the creator where the owner alone says too little: a library's function that many start.
fn functions(leak: &Group) -> Vec<(&'static str, String)> {
    let names = LeakNames::of(leak);
    let mut lines = Vec::new();
    let broad = |name: &str| Catalog::built_in().naming(name, Action::Never).next().is_some();
    if !names.entry.is_empty() && !broad(&names.entry) {
        lines.push(("entry", names.entry.clone()));
    }
    if let Some(created) = &names.created_by {
        let same = lines.first().is_some_and(|(_, entry)| entry == created);
        let launcher = crate::goroutine::owner::is_launcher(created) || broad(created);
        let own = leak
            .stack
            .iter()
            .rposition(|frame| name::normal(frame.func.as_str()) == names.entry);
        let foreign = own.is_none_or(|index| !leak.own_frames.contains(&index));
        if !same && !launcher && (foreign || lines.is_empty()) {
            lines.push(("created-by", created.clone()));
        }
    }
    if lines.is_empty() {
        let frame = names.stack.iter().rev().find(|name| !broad(name));
        lines.extend(frame.map(|name| ("any", name.clone())));
    }
    lines
}

fn quoted(text: &str) -> String {
    toml_edit::Value::from(text).to_string()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rules::allow::{List, read_list};
    use crate::rules::matching::matches;
    use crate::rules::some_leak::leak;
    use jiff::civil::date;

    fn allow_entry(leak: &Group, today: Date) -> String {
        let leak = Leak::alone(leak.clone());
        proposals(&[leak], &Wishes::of_nobody(today, &Policy::default())).remove(0)
    }

    #[test]
    fn the_cap_is_what_the_entry_would_match_and_the_policy_sets_the_last_day() {
        let worker = |package: &str, test: &str| {
            let mut one = leak(&["a.com/x.F"], "a.com/x.G");
            one.package = crate::package_path::PackagePath(package.into());
            one.tests = vec![crate::leak::TestName(test.into())];
            one.count = 2;
            Leak::alone(one)
        };
        let leaks = [
            worker("a.com/x", "TestA"),
            worker("a.com/x", "TestB"),
            worker("a.com/y", "TestC"),
        ];
        let policy = Policy {
            default_days: Some(60),
            max_days: Some(30),
            ..Policy::default()
        };
        let wishes = Wishes::of_nobody(date(2026, 11, 21), &policy);
        let texts = proposals(&leaks, &wishes);
        assert!(
            texts[0].contains("max = 4\n") && texts[1].contains("max = 4\n"),
            "{texts:?}"
        );
        assert!(texts[2].contains("max = 2\n"));
        assert!(texts[0].ends_with("expires = 2026-12-21\n"), "{}", texts[0]);
        let by_test = Wishes {
            reach: Reach::Test,
            ..wishes
        };
        assert!(proposals(&leaks, &by_test)[0].contains("max = 2\n"));
    }

    fn covers(text: &str, leak: &Group) -> bool {
        let document = toml_edit::Document::parse(text.to_owned()).unwrap();
        let (entries, problems) = read_list(List::Allow, text, document.as_table().get("allow").unwrap());
        assert_eq!(problems, [], "{text}");
        matches(&entries[0], leak, &LeakNames::of(leak), &[])
    }

    #[test]
    fn own_code_is_named_by_its_owner_and_package() {
        let mut own = leak(
            &["example.com/shop/cart.(*Cart).watch.func1"],
            "example.com/shop/cart.New",
        );
        own.own_frames = vec![0];
        let text = allow_entry(&own, date(2026, 11, 21));
        assert_eq!(
            text,
            "[[allow]]\n\
             entry = \"example.com/shop/cart.(*Cart).watch\"\n\
             package = \"example.com/shop/cart\"\n\
             max = 1\n\
             reason = \"TODO: why may it stay?\"\n\
             owner = \"TODO: who looks after it?\"\n\
             expires = 2027-02-19\n"
        );
        assert!(covers(&text, &own));
    }

    #[test]
    fn a_librarys_owner_comes_with_its_creator() {
        let text = allow_entry(
            &leak(
                &[
                    "internal/poll.runtime_pollWait",
                    "net/http.(*persistConn).readLoop",
                ],
                "net/http.(*Transport).dialConn",
            ),
            date(2026, 11, 21),
        );
        assert!(text.contains("entry = \"net/http.(*persistConn).readLoop\"\ncreated-by = \"net/http.(*Transport).dialConn\"\n"), "{text}");
    }

    #[test]
    fn a_function_that_everybody_waits_in_is_never_proposed() {
        let sleeper = leak(
            &["time.Sleep", "example.com/shop/cart.poll"],
            "sync.(*WaitGroup).Go",
        );
        let only = leak(&["time.Sleep"], "example.com/shop/cart.New");
        for (leak, line) in [
            (sleeper, "entry = \"example.com/shop/cart.poll\""),
            (only, "created-by = \"example.com/shop/cart.New\""),
        ] {
            let text = allow_entry(&leak, date(2026, 11, 21));
            assert!(text.contains(line) && !text.contains("time.Sleep"), "{text}");
            assert!(covers(&text, &leak));
        }
    }

    #[test]
    fn quotes_and_backslashes_survive() {
        let wishes = Wishes {
            reason: Some("a \"b\" \\ c\n".into()),
            reach: Reach::Test,
            ..Wishes::of_nobody(date(2026, 1, 1), &Policy::default())
        };
        let one = leak(&["a.F"], "a.G");
        let mut text = matchers(&one, &wishes);
        add_terms(&mut text, None, &wishes);
        assert!(covers(&text, &one));
    }
}
