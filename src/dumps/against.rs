//! Leaks that tests have shown, looked for in a dump: by fingerprint, or by the stack where a profile has neither
//! creators nor states.

use super::judge::Judged;
use crate::goroutine::{Fingerprint, Frame, name, owner};
use crate::leak::Group;
use crate::report::{Report, words};
use crate::rules::RulingKind;
use crate::rules::baseline::Baseline;
use rustc_hash::FxHashMap;
use serde::Serialize;

/// A leak of a report or a baseline.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct KnownLeak {
    /// Its identity.
    pub fingerprint: Fingerprint,
    /// The code that it runs.
    pub owner: String,
    /// The package whose tests leak it.
    pub package: String,
    /// The tests; none in a baseline.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub tests: Vec<String>,
    /// `allowed`, `baselined`, `fails`, `warns`, `background`.
    pub ruling: &'static str,
    /// The rule, if one decided.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub rule: Option<String>,
    /// Who owns the rule.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub rule_owner: Option<String>,
}

impl KnownLeak {
    /// `the leak allowed on TestPoller (owner team-a)`.
    pub fn words(&self) -> String {
        let what = match self.ruling {
            "fails" => "the leak of",
            "allowed" => "the leak allowed on",
            "baselined" => "the known debt of",
            "background" => "the background goroutine of",
            _ => "the leak warned of in",
        };
        let whose = match self.tests.as_slice() {
            [] => self.package.clone(),
            [one] => one.clone(),
            [one, others @ ..] => format!("{one} and {}", words::plural(others.len() as u64, "more test")),
        };
        match &self.rule_owner {
            Some(owner) => format!("{what} {whose} (owner {owner})"),
            None => format!("{what} {whose}"),
        }
    }
}

/// All of them.
#[derive(Debug, Clone, Default)]
pub struct Against {
    leaks: Vec<KnownLeak>,
    by_fingerprint: FxHashMap<Fingerprint, Vec<usize>>,
    /// For profiles.
    by_stack: FxHashMap<Vec<String>, Vec<usize>>,
    by_owner: FxHashMap<String, Vec<usize>>,
}

/// What a leak of the tests has in the dump.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Alive {
    /// The leak.
    #[serde(flatten)]
    pub leak: KnownLeak,
    /// Goroutines of it in the dump.
    pub alive: u64,
}

impl Against {
    /// The leaks of a report.
    pub fn of_report(report: &Report) -> Self {
        let mut against = Self::default();
        for finding in &report.findings {
            let leak = &finding.leak.root;
            let known = KnownLeak {
                fingerprint: leak.fingerprint.clone(),
                owner: leak.owner.0.clone(),
                package: leak.package.0.clone(),
                tests: leak.tests.iter().map(|test| test.0.clone()).collect(),
                ruling: ruling_word(finding.ruling.kind),
                rule: finding.ruling.rule.clone(),
                rule_owner: finding.ruling.owner.clone(),
            };
            let at = against.add(known);
            against
                .by_stack
                .entry(stack_key(&leak.stack))
                .or_default()
                .push(at);
        }
        against
    }

    /// The debt of a baseline. It holds no stacks: profiles are matched with it by their owners.
    pub fn of_baseline(baseline: &Baseline) -> Self {
        let mut against = Self::default();
        for entry in baseline.entries() {
            let at = against.add(KnownLeak {
                fingerprint: entry.fingerprint.clone(),
                owner: entry.owner.clone(),
                package: entry.package.0.clone(),
                tests: Vec::new(),
                ruling: "baselined",
                rule: None,
                rule_owner: None,
            });
            against
                .by_owner
                .entry(name::normal(&entry.owner))
                .or_default()
                .push(at);
        }
        against
    }

    fn add(&mut self, leak: KnownLeak) -> usize {
        let at = self.leaks.len();
        self.by_fingerprint
            .entry(leak.fingerprint.clone())
            .or_default()
            .push(at);
        self.leaks.push(leak);
        at
    }

    /// The leaks that a group is. `profiled` groups have neither creators nor states, so that their stacks decide.
    pub fn of(&self, leak: &Group, profiled: bool) -> Vec<&KnownLeak> {
        let found = match profiled {
            false => self.by_fingerprint.get(&leak.fingerprint),
            true => self
                .by_stack
                .get(&stack_key(&leak.stack))
                .or_else(|| self.by_owner.get(&name::normal(leak.owner.as_str()))),
        };
        let found = found.into_iter().flatten().map(|&at| &self.leaks[at]);
        found.collect()
    }

    /// Every leak with what is alive of it, the most alive first.
    pub fn alive(&self, groups: &[Judged], profiled: bool) -> Vec<Alive> {
        let mut counts: FxHashMap<*const KnownLeak, u64> = FxHashMap::default();
        for judged in groups {
            for known in self.of(&judged.leak.root, profiled) {
                let count = counts.entry(std::ptr::from_ref(known)).or_default();
                *count = count.saturating_add(judged.leak.root.count);
            }
        }
        let mut alive: Vec<Alive> = self
            .leaks
            .iter()
            .map(|leak| Alive {
                alive: counts.get(&std::ptr::from_ref(leak)).copied().unwrap_or(0),
                leak: leak.clone(),
            })
            .collect();
        alive.sort_by(|a, b| {
            b.alive
                .cmp(&a.alive)
                .then_with(|| a.leak.owner.cmp(&b.leak.owner))
        });
        alive
    }
}

/// A ruling in one word.
pub fn ruling_word(kind: RulingKind) -> &'static str {
    match kind {
        RulingKind::Fails => "fails",
        RulingKind::Warns => "warns",
        RulingKind::Background => "background",
        RulingKind::Allowed => "allowed",
        RulingKind::Baselined => "baselined",
    }
}

/// What a stack is known by without creator and state: its own functions and its owner.
fn stack_key(frames: &[Frame]) -> Vec<String> {
    let owner = owner::owner_index(frames);
    let mut key: Vec<String> = Vec::new();
    for (at, frame) in frames.iter().enumerate() {
        if owner == Some(at) || !name::is_std(frame.func.as_str()) {
            let name = name::normal(frame.func.as_str());
            if !key.contains(&name) {
                key.push(name);
            }
        }
    }
    key
}
