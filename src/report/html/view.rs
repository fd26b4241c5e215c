//! What the page shows: the report with its sentences made, equal spots and stacks kept once, names made safe.

use crate::goroutine::Frame;
use crate::leak::{Group, Leak, Spot, Verdict};
use crate::report::attributed::attribution;
use crate::report::group::{SameLeak, groups};
use crate::report::safe_text::{safe_lines, safe_name, safe_output, safe_text};
use crate::report::{Notice, Outcome, PackageReport, Report, Summary, TestReport, words};
use crate::rules::RulingKind;
use indexmap::IndexSet;
use serde::Serialize;

/// Longest name in the page.
const NAME: usize = 2_000;
/// Frames of a stack in the page.
const FRAMES: usize = 200;
/// Members of a leak in the page.
const MEMBERS: usize = 200;
/// Samples of a package in the page.
const SAMPLES: usize = 4_000;

/// The JSON island.
#[derive(Serialize)]
pub(super) struct View<'a> {
    title: String,
    tool: String,
    command: String,
    go: String,
    started: String,
    elapsed: String,
    partial: Option<String>,
    shard: Option<String>,
    summary: &'a Summary,
    exit_code: u8,
    packages: Vec<Package>,
    leaks: Vec<Entry>,
    /// Each a JSON text of its own, so that the page reads only those that it shows.
    #[serde(serialize_with = "in_order")]
    spots: IndexSet<String>,
    #[serde(serialize_with = "in_order")]
    stacks: IndexSet<String>,
    notices: Vec<NoticeView>,
}

#[derive(Serialize)]
struct Package {
    path: String,
    status: crate::report::PackageStatus,
    cached: bool,
    elapsed: String,
    inconclusive: Option<[String; 3]>,
    /// (ms, goroutines)
    samples: Vec<(f64, u64)>,
    tests: Vec<Test>,
    output: String,
}

#[derive(Serialize)]
struct Test {
    name: String,
    outcome: Outcome,
    elapsed: f64,
    #[serde(skip_serializing_if = "Option::is_none")]
    start: Option<f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    end: Option<f64>,
    /// Whether a failing finding names it.
    leaks: bool,
    #[serde(skip_serializing_if = "String::is_empty")]
    output: String,
}

/// A leak, with the tests that have it.
#[derive(Serialize)]
struct Entry {
    kind: &'static str,
    tab: &'static str,
    id: String,
    package: String,
    /// (test, package, goroutines); several candidates of one leak are joined.
    tests: Vec<(String, String, u64)>,
    /// Names of the tests, for the chart.
    count: u64,
    code: &'static str,
    cause: String,
    waits: String,
    fix: String,
    notes: Vec<String>,
    state: String,
    owner: String,
    owner_short: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    led: Option<usize>,
    #[serde(skip_serializing_if = "Option::is_none")]
    called: Option<usize>,
    #[serde(skip_serializing_if = "Option::is_none")]
    blocked: Option<usize>,
    #[serde(skip_serializing_if = "Option::is_none")]
    started: Option<usize>,
    stack: usize,
    /// Goroutines of the root alone.
    alone: u64,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    members: Vec<MemberView>,
    attribution: &'static str,
    attributed: String,
    evidence: &'static str,
    proof: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    growth: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    stuck: Option<String>,
    labels: Vec<String>,
    /// (first seen in ms, goroutines) of each finding, for the chart.
    steps: Vec<(u64, u64)>,
    ruling: Vec<(&'static str, String)>,
    #[serde(skip_serializing_if = "Option::is_none")]
    allow: Option<String>,
}

/// What hangs on the root.
#[derive(Serialize)]
struct MemberView {
    name: String,
    count: u64,
    /// 0 is the root, else the member of that number.
    to: usize,
    by: crate::leak::JoinedBy,
    joined: String,
    waits: String,
    state: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    blocked: Option<usize>,
    stack: usize,
}

#[derive(Serialize)]
struct SpotView {
    place: String,
    func: String,
    line: u32,
    lines: Vec<(u32, String)>,
    #[serde(skip_serializing_if = "Option::is_none")]
    url: Option<String>,
}

#[derive(Serialize)]
struct FrameView {
    func: String,
    place: String,
    own: bool,
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    created: bool,
}

#[derive(Serialize)]
struct NoticeView {
    severity: crate::diag::Severity,
    code: String,
    message: String,
    remedy: Option<String>,
    place: Option<String>,
    package: Option<String>,
}

/// The page's title, which says how the run came out.
pub(super) fn title(report: &Report) -> String {
    let summary = &report.summary;
    let module = report
        .run
        .module
        .as_deref()
        .map(|module| format!("{module}: "))
        .unwrap_or_default();
    let leaked = words::plural(summary.leaks, "leak");
    let what = match report.exit_code {
        0 if summary.leaked == 0 => "no goroutine leaks".to_owned(),
        4 => "no tests ran".to_owned(),
        5 => "inconclusive".to_owned(),
        _ if summary.leaked > 0 => leaked,
        _ => "failed".to_owned(),
    };
    safe_name(&format!("{module}{what}"), 200)
}

impl<'a> View<'a> {
    pub(super) fn of(report: &'a Report) -> Self {
        let run = &report.run;
        let mut view = Self {
            title: title(report),
            tool: format!(
                "{} {}",
                safe_name(&report.tool.name, 60),
                safe_name(&report.tool.version, 60)
            ),
            command: safe_name(&run.command.join(" "), NAME),
            go: safe_name(&run.go_version, 60),
            started: started(&run.started),
            elapsed: words::duration(run.elapsed_ms),
            partial: run.partial.as_ref().map(|partial| {
                let running: Vec<&str> = partial.running.iter().take(20).map(String::as_str).collect();
                safe_name(&format!("{} {}", partial.reason, running.join(", ")), NAME)
            }),
            shard: run.shard.map(|shard| format!("{}/{}", shard.index, shard.total)),
            summary: &report.summary,
            exit_code: report.exit_code,
            packages: report
                .packages
                .iter()
                .map(|package| Package::of(package, report))
                .collect(),
            leaks: Vec::new(),
            spots: IndexSet::new(),
            stacks: IndexSet::new(),
            notices: report.notices.iter().map(NoticeView::of).collect(),
        };
        for group in groups(report.findings.iter()) {
            let entry = view.entry(&group, report);
            view.leaks.push(entry);
        }
        view
    }

    fn entry(&mut self, group: &SameLeak<'_>, report: &Report) -> Entry {
        let leak = group.root();
        let findings = std::iter::once(group.first).chain(group.others.iter().copied());
        let led = leak.led_to_by.as_ref();
        Entry {
            kind: words::finding_kind(group.first),
            tab: tab(group),
            id: format!("{}-{}", safe_name(&leak.fingerprint.0, 64), group.ordinal),
            package: safe_name(&leak.package.0, NAME),
            tests: findings.clone().map(|finding| test_of(&finding.leak)).collect(),
            count: group.goroutines(),
            code: leak.cause.code.as_str(),
            cause: safe_name(&leak.cause.title, NAME),
            waits: words::waits(leak),
            fix: words::fix(&leak.cause),
            notes: leak
                .cause
                .notes
                .iter()
                .map(|note| safe_name(note, NAME))
                .collect(),
            state: safe_name(&leak.state.reason, 100),
            owner: safe_name(&leak.owner.0, NAME),
            owner_short: safe_name(&words::short_func(&leak.owner.0), NAME),
            led: led.map(|led| self.spot(&led.at, report)),
            called: led
                .and_then(|led| led.from.as_ref())
                .map(|spot| self.spot(spot, report)),
            blocked: leak.blocked_at.as_ref().map(|spot| self.spot(spot, report)),
            started: leak.started_at.as_ref().map(|spot| self.spot(spot, report)),
            stack: self.stack(leak),
            alone: leak.count,
            members: self.members(&group.first.leak, report),
            attribution: words::attribution_kind(leak.attribution),
            attributed: attribution(leak),
            evidence: words::proof_kind(leak),
            proof: words::proof(leak),
            growth: group.first.leak.growth.as_ref().map(words::growth),
            stuck: leak.stuck.as_ref().map(|stuck| safe_name(&stuck.crash, 300)),
            labels: leak
                .labels
                .iter()
                .map(|label| safe_name(&format!("{} = {}", label.key, label.value), 300))
                .collect(),
            steps: findings
                .map(|finding| (finding.leak.root.first_seen_ms, finding.leak.goroutines()))
                .collect(),
            ruling: ruling(group),
            allow: group.first.allow_entry.as_ref().map(|entry| safe_output(entry)),
        }
    }

    fn members(&mut self, leak: &Leak, report: &Report) -> Vec<MemberView> {
        let members = leak.members.iter().take(MEMBERS);
        members
            .map(|member| {
                let group = &member.group;
                MemberView {
                    name: safe_name(&words::short_func(&group.owner.0), NAME),
                    count: group.count,
                    to: member.joined.to,
                    by: member.joined.by,
                    joined: safe_name(&member.joined.words, NAME),
                    waits: words::it_waits(&group.cause),
                    state: safe_name(&group.state.reason, 100),
                    blocked: group.blocked_at.as_ref().map(|spot| self.spot(spot, report)),
                    stack: self.stack(group),
                }
            })
            .collect()
    }

    fn spot(&mut self, spot: &Spot, report: &Report) -> usize {
        let view = SpotView {
            place: words::place(spot),
            func: safe_name(&words::short_func(&spot.func.0), NAME),
            line: spot.at.line,
            lines: spot
                .lines
                .iter()
                .map(|line| (line.number, safe_lines(&cut(&line.text))))
                .collect(),
            url: report
                .run
                .repository
                .as_ref()
                .and_then(|repository| words::source_url(repository, spot)),
        };
        self.spots
            .insert_full(serde_json::to_string(&view).unwrap_or_default())
            .0
    }

    fn stack(&mut self, leak: &Group) -> usize {
        let frame = |frame: &Frame, own: bool, created: bool| FrameView {
            func: safe_name(&frame.func.0, NAME),
            place: words::frame_place(leak, frame).unwrap_or_default(),
            own,
            created,
        };
        let frames = leak.stack.iter().enumerate().take(FRAMES);
        let mut view: Vec<FrameView> = frames
            .map(|(index, it)| frame(it, leak.own_frames.contains(&index), false))
            .collect();
        if let Some(created) = &leak.created {
            let it = Frame {
                func: created.func.clone(),
                args: None,
                at: created.at.clone(),
            };
            view.push(frame(&it, true, true));
        }
        self.stacks
            .insert_full(serde_json::to_string(&view).unwrap_or_default())
            .0
    }
}

/// `2026-11-21 05:00:00 UTC` of an RFC 3339 time.
fn started(time: &str) -> String {
    match time.parse::<jiff::Timestamp>() {
        Ok(time) => time.strftime("%Y-%m-%d %H:%M:%S UTC").to_string(),
        Err(_) => safe_name(time, 60),
    }
}

fn in_order<S: serde::Serializer>(texts: &IndexSet<String>, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_seq(texts)
}

fn cut(line: &str) -> String {
    crate::report::safe_text::cut_middle(line, 400).into_owned()
}

/// Which tab of the page a group belongs to.
fn tab(group: &SameLeak<'_>) -> &'static str {
    match (group.root().verdict, group.first.ruling.kind) {
        (Verdict::Stuck, _) | (_, RulingKind::Fails) => "leaks",
        (_, RulingKind::Warns) => "late",
        (_, RulingKind::Allowed | RulingKind::Baselined) => "allowed",
        (_, RulingKind::Background) => "background",
    }
}

fn test_of(leak: &Leak) -> (String, String, u64) {
    (
        words::tests(&leak.root.tests),
        safe_name(&leak.root.package.0, NAME),
        leak.goroutines(),
    )
}

fn ruling(group: &SameLeak<'_>) -> Vec<(&'static str, String)> {
    let ruling = &group.first.ruling;
    let facts = [
        ("rule", &ruling.rule),
        ("because", &ruling.because),
        ("rule's owner", &ruling.owner),
        ("expires", &ruling.expires),
        ("issue", &ruling.issue),
    ];
    facts
        .into_iter()
        .filter_map(|(name, fact)| Some((name, safe_name(fact.as_ref()?, NAME))))
        .collect()
}

impl Package {
    fn of(package: &PackageReport, report: &Report) -> Self {
        let step = package.samples.len().div_ceil(SAMPLES).max(1);
        let inconclusive = package.inconclusive.as_ref();
        Self {
            path: safe_name(&package.path.0, NAME),
            status: package.status,
            cached: package.cached,
            elapsed: words::duration(package.elapsed_ms),
            inconclusive: inconclusive
                .map(|why| [&why.code, &why.whole_reason(), &why.remedy].map(|text| safe_name(text, NAME))),
            samples: package
                .samples
                .iter()
                .enumerate()
                // The last one is the settled end.
                .filter(|(index, _)| index % step == 0 || index + 1 == package.samples.len())
                .map(|(_, sample)| sample)
                .map(|sample| (sample.at_ms, sample.goroutines))
                .collect(),
            tests: package.tests.iter().map(|test| Test::of(test, report)).collect(),
            output: safe_output(&package.output),
        }
    }
}

impl Test {
    fn of(test: &TestReport, report: &Report) -> Self {
        let mut findings = test
            .findings
            .iter()
            .filter_map(|index| report.findings.get(*index));
        Self {
            name: safe_name(&test.name.0, NAME),
            outcome: test.outcome,
            elapsed: test.elapsed_ms,
            start: test.start_ms,
            end: test.end_ms,
            leaks: findings.any(crate::report::summary::fails_the_gate),
            output: safe_output(&test.output),
        }
    }
}

impl NoticeView {
    fn of(notice: &Notice) -> Self {
        Self {
            severity: notice.severity,
            code: safe_text(&notice.code).into_owned(),
            message: safe_name(&notice.message, NAME),
            remedy: notice.remedy.as_ref().map(|text| safe_name(text, NAME)),
            place: notice.place.as_ref().map(|text| safe_name(text, NAME)),
            package: notice.package.as_ref().map(|package| safe_name(&package.0, NAME)),
        }
    }
}
