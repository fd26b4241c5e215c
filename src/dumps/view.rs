//! What is shown of a dump: rows, put together, filtered, sorted. Every format writes this one model.

use super::against::{Against, Alive, KnownLeak};
use super::judge::Judged;
use super::model::{Dump, Kind};
use super::select::{Dimension, Filter};
use crate::goroutine::Frame;
use crate::leak::{Evidenced, Spot, registry};
use crate::report::words;
use crate::rules::RulingKind;
use crate::rules::matching::LeakNames;
use indexmap::IndexMap;
use serde::Serialize;

/// The schema's name, first key of the JSON form.
pub const SCHEMA: &str = "leakgate.dump/1";

/// How to look.
#[derive(Debug, Clone)]
pub struct Look {
    /// What rows are put together by.
    pub group_by: Vec<Dimension>,
    /// All must pass.
    pub filters: Vec<Filter>,
    /// Rows that are shown; `None` shows all.
    pub top: Option<usize>,
}

impl Default for Look {
    fn default() -> Self {
        Self {
            group_by: vec![
                Dimension::Owner,
                Dimension::Cause,
                Dimension::State,
                Dimension::Labels,
            ],
            filters: Vec::new(),
            top: None,
        }
    }
}

/// All dumps of a call.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct View {
    /// Always [`SCHEMA`].
    pub schema: &'static str,
    /// Version of leakgate.
    pub version: &'static str,
    /// In the order given.
    pub dumps: Vec<DumpView>,
    /// What could not be read, and why.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub troubles: Vec<String>,
}

/// One dump.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct DumpView {
    /// File, URL or process.
    pub source: String,
    /// From 1, if the source held several.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub number: Option<usize>,
    /// The package whose output held it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub package: Option<String>,
    /// `stacks`, `goroutine profile`, `goroutineleak profile`.
    pub kind: &'static str,
    /// All goroutines in it.
    pub goroutines: u64,
    /// Of these, how many pass the filters.
    pub passing: u64,
    /// Goroutines that the dump should hold and that could not be read.
    pub missing: u64,
    /// It was cut off inside of a goroutine.
    pub cut: bool,
    /// What crashed, if it is a crash.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub crash: Option<CrashView>,
    /// Largest first.
    pub rows: Vec<Row>,
    /// Rows below `--top`, and their goroutines.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub folded: Option<Folded>,
    /// Leaks of `--against`, most alive first.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub against: Vec<Alive>,
}

/// What `--top` left out.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Folded {
    /// Rows.
    pub rows: usize,
    /// Goroutines in them.
    pub goroutines: u64,
}

/// A crash, explained.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct CrashView {
    /// Its first line.
    pub headline: String,
    /// Sentences: who, where, started where.
    pub lines: Vec<String>,
    /// The stuck tests and what they wait for, as `leakgate test` prints them.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub stuck: String,
}

/// Groups with the same values.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Row {
    /// What they have in common.
    #[serde(serialize_with = "as_map")]
    pub by: IndexMap<String, String>,
    /// How many goroutines.
    pub goroutines: u64,
    /// Of all goroutines of the dump, from 0 to 1.
    pub share: f64,
    /// Different stacks among them.
    pub stacks: usize,
    /// Goroutines that Go's leak GC has proven to be leaked.
    pub proven: u64,
    /// The longest wait that Go printed, in minutes.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub longest_wait_minutes: Option<u64>,
    /// Of the largest group: the code that it runs.
    pub owner: String,
    /// What it waits for, as Go prints it.
    pub state: String,
    /// Why it does not end.
    pub cause: CauseView,
    /// Where it is blocked.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub blocked_at: Option<Place>,
    /// Where it was started.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub started_at: Option<Place>,
    /// Stable identity, as a test's leak has it; a profile, which has no creators, has none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub fingerprint: Option<String>,
    /// What rules and catalog say.
    pub ruling: RulingView,
    /// The leaks of tests that these are.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub known: Vec<KnownLeak>,
    /// What all of these hang on, and would end with.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub hangs_on: Option<HangsOn>,
    /// Owners of what hangs on these goroutines, with counts.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub keeps: Vec<Kept>,
    /// Some of the ids.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub ids: Vec<u64>,
    /// Of the largest group, innermost first.
    pub stack: Vec<String>,
    /// For the `pprof` format.
    #[serde(skip)]
    pub groups: Vec<(Vec<Frame>, u64)>,
}

fn as_map<S: serde::Serializer>(by: &IndexMap<String, String>, to: S) -> Result<S::Ok, S::Error> {
    to.collect_map(by)
}

/// What a row hangs on.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct HangsOn {
    /// Its owner.
    pub owner: String,
    /// Why: `started by it`.
    pub words: String,
}

/// Goroutines that hang on a row's.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Kept {
    /// Their owner.
    pub owner: String,
    /// How many.
    pub goroutines: u64,
}

/// A cause in words.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct CauseView {
    /// The registry's code.
    pub code: &'static str,
    /// Its title.
    pub title: String,
    /// What it waits for.
    pub waits_for: String,
    /// What to change.
    pub fix: String,
}

/// A place, with the line of source if it was found.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Place {
    /// The function.
    pub func: String,
    /// `file:line`.
    pub at: String,
    /// The line.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub source: Option<String>,
}

/// What decided, in words.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct RulingView {
    /// `none`, `allowed`, `background`, `warns`.
    pub kind: &'static str,
    /// Why.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub because: Option<String>,
}

/// Lays a dump out. `crash` was read by the caller, who knows the sources.
pub fn dump_view(
    source: &str,
    number: Option<usize>,
    dump: &Dump,
    judged: &[Judged],
    look: &Look,
    against: Option<&Against>,
    crash: Option<CrashView>,
) -> DumpView {
    let profiled = dump.kind != Kind::Stacks;
    let mut rows = rows(dump, judged, look, against);
    let passing = rows
        .iter()
        .fold(0_u64, |sum, row| sum.saturating_add(row.goroutines));
    let folded = look.top.filter(|top| *top < rows.len()).map(|top| {
        let rest = rows.split_off(top);
        Folded {
            rows: rest.len(),
            goroutines: rest.iter().fold(0, |sum, row| sum.saturating_add(row.goroutines)),
        }
    });
    DumpView {
        source: source.to_owned(),
        number,
        package: dump.package.clone().filter(|package| !package.is_empty()),
        kind: dump.kind.words(),
        goroutines: dump.total(),
        passing,
        missing: dump.missing(),
        cut: dump.lost.cut.is_some(),
        crash,
        rows,
        folded,
        against: against
            .map(|against| against.alive(judged, profiled))
            .unwrap_or_default(),
    }
}

fn rows(dump: &Dump, judged: &[Judged], look: &Look, against: Option<&Against>) -> Vec<Row> {
    let mut members: IndexMap<Vec<String>, Vec<usize>> = IndexMap::new();
    for (at, one) in judged.iter().enumerate() {
        let names = LeakNames::of(&one.leak.root);
        if look.filters.iter().all(|filter| filter.passes(one, &names)) {
            let key = look.group_by.iter().map(|dimension| dimension.of(one)).collect();
            members.entry(key).or_default().push(at);
        }
    }
    let total = dump.total().max(1);
    let profiled = dump.kind != Kind::Stacks;
    let mut rows: Vec<Row> = members
        .into_iter()
        .map(|(key, members)| {
            let by = look.group_by.iter().map(ToString::to_string).zip(key).collect();
            let mut row = row(by, &members, judged, total, profiled);
            let largest = largest(&members, judged);
            if let Some(against) = against {
                let known = against.of(&judged[largest].leak.root, profiled);
                row.known = known.into_iter().cloned().collect();
            }
            row
        })
        .collect();
    rows.sort_by(|a, b| {
        (b.goroutines, &a.by.values().collect::<Vec<_>>(), &a.fingerprint).cmp(&(
            a.goroutines,
            &b.by.values().collect::<Vec<_>>(),
            &b.fingerprint,
        ))
    });
    rows
}

fn largest(members: &[usize], judged: &[Judged]) -> usize {
    let count = |at: &usize| (judged[*at].leak.root.count, std::cmp::Reverse(*at));
    members.iter().copied().max_by_key(count).unwrap_or(0)
}

fn row(
    by: IndexMap<String, String>,
    members: &[usize],
    judged: &[Judged],
    total: u64,
    profiled: bool,
) -> Row {
    let all = || members.iter().map(|&at| &judged[at]);
    let count = all().fold(0_u64, |sum, one| sum.saturating_add(one.leak.root.count));
    let speaker = &judged[largest(members, judged)];
    let leak = &speaker.leak.root;
    let proven = all().filter(|one| one.leak.root.evidenced == Evidenced::Proven);
    let mut keeps: IndexMap<&str, u64> = IndexMap::new();
    for kept in judged.iter().filter(|one| {
        one.root
            .as_ref()
            .is_some_and(|root| members.contains(&root.group))
    }) {
        *keeps.entry(kept.leak.root.owner.as_str()).or_default() += kept.leak.root.count;
    }
    Row {
        by,
        goroutines: count,
        share: count as f64 / total as f64,
        stacks: members.len(),
        proven: proven.fold(0, |sum, one| sum + one.leak.root.count),
        longest_wait_minutes: all().filter_map(|one| one.longest).max(),
        owner: leak.owner.0.clone(),
        state: leak.state.to_string(),
        cause: CauseView {
            code: leak.cause.code.as_str(),
            title: registry::entry(leak.cause.code).title.to_owned(),
            waits_for: leak.cause.waits_for.clone(),
            fix: leak.cause.fix.clone(),
        },
        blocked_at: leak.blocked_at.as_ref().map(place),
        started_at: leak.started_at.as_ref().map(place),
        fingerprint: (!profiled).then(|| leak.fingerprint.0.clone()),
        ruling: RulingView {
            kind: match speaker.ruling.kind {
                RulingKind::Allowed | RulingKind::Baselined => "allowed",
                RulingKind::Background => "background",
                RulingKind::Warns => "warns",
                RulingKind::Fails => "none",
            },
            because: speaker.ruling.because.clone(),
        },
        known: Vec::new(),
        hangs_on: speaker.root.as_ref().map(|root| HangsOn {
            owner: judged[root.group].leak.root.owner.0.clone(),
            words: root.words.clone(),
        }),
        keeps: keeps
            .into_iter()
            .map(|(owner, goroutines)| Kept {
                owner: owner.to_owned(),
                goroutines,
            })
            .collect(),
        ids: leak.ids.iter().map(|id| id.0).filter(|id| *id != 0).collect(),
        stack: stack_lines(speaker),
        groups: all()
            .map(|one| (one.leak.root.stack.clone(), one.leak.root.count))
            .collect(),
    }
}

fn stack_lines(judged: &Judged) -> Vec<String> {
    let leak = &judged.leak.root;
    let frames = leak
        .stack
        .iter()
        .map(|frame| match words::frame_place(leak, frame) {
            Some(place) => format!("{} {place}", frame.func),
            None => frame.func.0.clone(),
        });
    let created = leak.created.iter().map(|by| match &by.at {
        Some(at) => format!("created by {} {}:{}", by.func, at.file, at.line),
        None => format!("created by {}", by.func),
    });
    frames.chain(created).collect()
}

fn place(spot: &Spot) -> Place {
    let line = spot.lines.iter().find(|line| line.number == spot.at.line);
    Place {
        func: spot.func.0.clone(),
        at: words::place(spot),
        source: line.map(|line| line.text.trim().to_owned()),
    }
}
