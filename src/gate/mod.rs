//! The gate: takes the lines of `go test -json`, hands them on without our records, judges each package when it ends,
//! and gathers what the report is made of. `test`, `exec` and `check` feed it; it starts no process itself.

#[cfg(test)]
mod batch_tests;
mod crashed;
pub(crate) mod doubt;
mod folded_dump;
mod front;
pub(crate) mod judging;
pub(crate) mod package;
pub(crate) mod passes;
pub(crate) mod rules;
pub(crate) mod show;
mod signs;
pub(crate) mod spool;
pub(crate) mod stream;

pub use judging::{Joining, Judge, TestPlaces};
pub use show::Detail;
pub use stream::TestJsonStream;

use crate::events::{
    self, Action, Batch, Event, Line, PackageOutcome, PackageState, TestOutcome, TestState, Tracker,
};
use crate::leak::{TestName, Verdict};
use crate::package_path::PackagePath;
use crate::report::summary::Leaking;
use crate::report::{
    Finding, Inconclusive, Notice, Outcome, PackageReport, PackageStatus, TestReport, editor, human,
};
use front::Front;
use indexmap::IndexMap;
use judging::Judgement;
use package::{PackageRun, is_framing};
use rustc_hash::{FxHashMap, FxHashSet};
use show::Verdicts;
use signs::Signs;
use std::borrow::Cow;
use std::io;
use stream::Decision;

/// Counts while packages run.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Counts {
    /// Packages that ended.
    pub packages: u64,
    /// Tests that ended.
    pub tests: u64,
    /// Tests go failed.
    pub failed: u64,
    /// Tests that leak.
    pub leaking: u64,
}

/// Who follows the run while packages end.
pub trait Viewer {
    /// Whole lines of tests' output and of verdicts.
    fn print(&self, text: &[u8]);
    /// As [`Viewer::print`], of lines that a log may fold into one with this title.
    fn print_folded(&self, _title: &str, text: &[u8]) {
        self.print(text);
    }
    /// A line beside them: go's standard error, text between the events.
    fn remark(&self, text: &str);
    /// What has been printed is to be seen now.
    fn flush(&self);
    /// The counts, and what runs now.
    fn tick(&self, counts: Counts, running: &str);
}

/// All that a run of tests came to.
#[derive(Debug, Default)]
pub struct Gathered {
    /// In the order they ended.
    pub packages: Vec<PackageReport>,
    /// Every leak with its ruling.
    pub findings: Vec<Finding>,
    /// About packages.
    pub notices: Vec<Notice>,
    /// `go1.26.8`, from the first record that told.
    pub go_version: String,
    /// How many lines were events. None at all with a failing `go` is an error, never "no leaks".
    pub events: u64,
    /// Text that was no event, and go's standard error; at most the first 64 KiB.
    pub stray_text: String,
}

impl Gathered {
    /// What a signal ended is no fault of the tests: packages that can't be judged because of it say so.
    pub fn interrupted(&mut self, signal: &str) {
        for package in &mut self.packages {
            if let Some(why) = &mut package.inconclusive {
                *why = Inconclusive {
                    code: crate::diag::Code::Interrupted.into(),
                    reason: format!("{signal} ended the run before this package was done"),
                    remedy: "run it again".to_owned(),
                    running: std::mem::take(&mut why.running),
                    left: std::mem::take(&mut why.left),
                };
            }
        }
    }
}

/// The gate while tests run.
pub struct Gate<'a> {
    judge: &'a Judge,
    stream: TestJsonStream,
    viewer: &'a dyn Viewer,
    detail: Detail,
    tracker: Tracker,
    batch: Batch,
    runs: FxHashMap<String, PackageRun>,
    front: Front,
    counts: Counts,
    signs: Signs,
    /// Tests of the top level that failed or leaked, where their number is limited.
    failing: FxHashSet<String>,
    max_fails: Option<u32>,
    gathered: Gathered,
}

const STRAY_TEXT_KEPT: usize = 64 << 10;

impl<'a> Gate<'a> {
    /// `stream` is where the test2json stream goes; `detail` is what the human format shows of each package.
    pub fn new(judge: &'a Judge, stream: TestJsonStream, viewer: &'a dyn Viewer, detail: Detail) -> Self {
        Self {
            judge,
            stream,
            viewer,
            detail,
            tracker: Tracker::new(),
            batch: Batch::default(),
            runs: FxHashMap::default(),
            front: Front::default(),
            counts: Counts::default(),
            signs: Signs::default(),
            failing: FxHashSet::default(),
            max_fails: None,
            gathered: Gathered::default(),
        }
    }

    /// Has [`Gate::enough`] say when so many tests have failed or leaked.
    pub fn stop_after(mut self, max_fails: Option<u32>) -> Self {
        self.max_fails = max_fails;
        self
    }

    /// Whether the run is to end, because as many tests failed or leaked as the user allows.
    pub fn enough(&self) -> bool {
        self.max_fails
            .is_some_and(|max| self.failing.len() >= max as usize)
    }

    fn failed(&mut self, package: &str, test: &str) {
        if self.max_fails.is_some() {
            let top = test.split('/').next().unwrap_or(test);
            self.failing.insert(format!("{package} {top}"));
        }
    }

    /// Takes one line of the stream, with its line end.
    pub fn line(&mut self, line: &[u8]) -> io::Result<()> {
        if self.batch.take(line).is_some() {
            if self.batch.is_large() {
                self.take_batch();
            }
            return self.stream.text(line);
        }
        self.take_batch();
        match events::parse(line) {
            Line::Event(event) => {
                self.event(line, &event)?;
                if self.may_hold_record(&event) {
                    self.batch = Batch::default();
                } else {
                    self.batch.follow(line, &event);
                }
                Ok(())
            }
            Line::Text(text) => self.text(text),
        }
    }

    /// Whether what follows the event may belong to a record that has begun, so that it is no text yet.
    fn may_hold_record(&self, event: &Event<'_>) -> bool {
        let run = event
            .package
            .as_deref()
            .and_then(|package| self.runs.get(package));
        run.is_some_and(|run| run.wire.holds())
    }

    /// Plain output that has waited. Its lines are in the stream already.
    fn take_batch(&mut self) {
        let Some(event) = self.batch.event() else { return };
        if let (Some(package), Some(text)) = (event.package.as_deref(), event.output.as_deref()) {
            self.output(&event, package, text);
        }
        self.batch.reuse(event);
    }

    /// Hands on what the lines so far came to. The caller knows when no more are at hand: one write for each line would cost
    /// more than all else.
    pub fn flush(&mut self) -> io::Result<()> {
        self.take_batch();
        self.viewer.flush();
        self.stream.flush()
    }

    /// Takes one line of go's standard error.
    pub fn stderr(&mut self, line: &[u8]) {
        self.take_batch();
        self.tracker.stderr(line);
        self.stray(line);
        self.viewer.remark(&String::from_utf8_lossy(line));
    }

    /// Text between the events: go itself says why a package did not build (Go ≤ 1.23), a wrapper says hello.
    fn text(&mut self, text: &[u8]) -> io::Result<()> {
        self.stray(text);
        self.tracker.text(text);
        self.viewer.remark(&String::from_utf8_lossy(text));
        self.stream.text(text)
    }

    fn stray(&mut self, text: &[u8]) {
        let room = STRAY_TEXT_KEPT.saturating_sub(self.gathered.stray_text.len());
        let kept = String::from_utf8_lossy(&text[..text.len().min(room)]);
        self.gathered.stray_text.push_str(&kept);
    }

    fn event(&mut self, line: &[u8], event: &Event<'_>) -> io::Result<()> {
        let output = match (&event.action, event.package.as_deref(), event.output.as_deref()) {
            (Action::Output, Some(package), Some(text)) => Some(self.output(event, package, text)),
            _ => {
                self.tracker.apply(event);
                None
            }
        };
        self.stream.event(line, event, output.as_deref())?;
        self.count(event);
        match (event.package.as_deref(), event.test.as_deref(), &event.action) {
            (Some(package), None, Action::Pass | Action::Fail | Action::Skip) => self.end(package),
            (Some(package), Some(test), Action::Pass | Action::Skip) => {
                let crashed = self
                    .tracker
                    .package(package)
                    .is_some_and(|state| state.crash.is_some());
                if let Some(run) = self.runs.get_mut(package).filter(|_| !crashed) {
                    run.forget(test);
                }
                Ok(())
            }
            _ => Ok(()),
        }
    }

    /// Takes our records out of an output event; gives what is the user's.
    fn output<'t>(&mut self, event: &Event<'_>, package: &str, text: &'t str) -> Cow<'t, str> {
        if !self.runs.contains_key(package) {
            self.runs.insert(package.to_owned(), PackageRun::default());
        }
        let run = self.runs.get_mut(package).expect("it was just inserted");
        let user = run.wire.push(text);
        if user.is_empty() {
            return user;
        }
        self.show_or_keep(event, package, &user);
        if is_framing(&user) {
            return user;
        }
        if matches!(user, Cow::Borrowed(whole) if whole.len() == text.len()) {
            self.tracker.apply(event);
        } else {
            self.tracker.apply(&Event {
                output: Some(Cow::Borrowed(&user)),
                ..event.clone()
            });
        }
        user
    }

    /// go's closing line waits for the verdict; with `-v` all else is shown as it comes; without, it is kept until it is
    /// known whether its test failed.
    fn show_or_keep(&mut self, event: &Event<'_>, package: &str, text: &str) {
        let test = event.test.as_deref();
        let Some(run) = self.runs.get_mut(package) else {
            return;
        };
        if test.is_none() && run.take_closing(package, text) {
            return;
        }
        if self.detail == Detail::Everything {
            if run.passes.take(text) {
                return;
            }
            if let Some(now) = self.front.output(package, text) {
                self.viewer.print(now.as_bytes());
            }
        } else if !is_framing(text) {
            run.keep(test, text);
        }
    }

    fn count(&mut self, event: &Event<'_>) {
        let Some(test) = event.test.as_deref() else { return };
        match event.action {
            Action::Run => return self.viewer.tick(self.counts, test),
            Action::Pass | Action::Skip => {}
            Action::Fail => {
                self.counts.failed += 1;
                self.failed(event.package.as_deref().unwrap_or_default(), test);
            }
            _ => return,
        }
        self.counts.tests += 1;
        if let Some(text) = self.signs.test(self.detail, event) {
            self.viewer.print(text.as_bytes());
        }
    }

    /// The package ended: judge it, let its held lines go, show it, keep its report.
    fn end(&mut self, package: &str) -> io::Result<()> {
        let Some(state) = self.tracker.take(package) else {
            return Ok(());
        };
        let mut run = self.runs.remove(package).unwrap_or_default();
        let path = PackagePath(package.to_owned());
        let judgement = self.judge.package(&path, &mut run, &state);
        if !self.stream.is_empty() {
            self.stream.decide(package, &decision(&judgement))?;
        }
        self.show(package, &mut run, &state, &judgement)?;
        self.keep(path, state, judgement);
        Ok(())
    }

    fn show(
        &mut self,
        package: &str,
        run: &mut PackageRun,
        state: &PackageState,
        judgement: &Judgement,
    ) -> io::Result<()> {
        let mut leaking: IndexMap<&TestName, u64> = IndexMap::new();
        for finding in judgement.failing() {
            if let Some(test) = finding.leak.root.certain_test() {
                *leaking.entry(test).or_default() += finding.leak.goroutines();
            }
        }
        self.counts.packages += 1;
        self.counts.leaking += leaking.len() as u64;
        let failing = stream::with_parents(leaking.keys().map(|test| test.0.as_str()));
        let fails = |test: &TestName| failing.contains(test.0.as_str());
        let verdicts = Verdicts {
            is_explained: judgement
                .findings
                .iter()
                .any(|finding| finding.leak.root.verdict == Verdict::Stuck),
            status: status(state.outcome),
            build_output: state.build_output.text(),
            leaking: Leaking::of(judgement.failing()),
            leaked: judgement.failing().map(|finding| finding.leak.goroutines()).sum(),
            inconclusive: judgement.inconclusive.as_ref(),
        };
        let mut shown = Vec::new();
        for (test, goroutines) in &leaking {
            self.failed(package, &test.0);
            let text = self.signs.leak(self.detail, package, &test.0, *goroutines);
            shown.extend_from_slice(text.unwrap_or_default().as_bytes());
        }
        run.passes.told(&fails, verdicts.leaked > 0, &mut shown);
        let mut lines = Vec::new();
        let closing_at = show::package(&mut lines, package, run, &verdicts, self.detail)?;
        if !lines.is_empty() {
            shown.extend_from_slice(self.signs.end_line().as_bytes());
        }
        if self.detail == Detail::Everything {
            shown.append(&mut lines);
            let closing = std::mem::take(&mut shown);
            self.front.end(package, &closing, &mut shown)?;
        }
        self.viewer.print(&shown);
        let (output, closing) = lines.split_at(closing_at.min(lines.len()));
        if !output.is_empty() {
            self.viewer.print_folded(&format!("output of {package}"), output);
        }
        self.viewer.print(closing);
        self.viewer.tick(self.counts, "");
        Ok(())
    }

    fn keep(&mut self, path: PackagePath, mut state: PackageState, judged: Judgement) {
        state.add_passed(judged.unlisted.iter().map(|test| test.0.as_str()));
        let gathered = &mut self.gathered;
        if gathered.go_version.is_empty() {
            gathered.go_version.clone_from(&judged.go_version);
        }
        let status = status(state.outcome);
        let mut output = String::new();
        if !matches!(status, PackageStatus::Passed | PackageStatus::Skipped) {
            output = state.build_output.text() + &state.output.text();
        }
        let mut spans = judged.spans;
        gathered.packages.push(PackageReport {
            path,
            status,
            cached: state.cached,
            elapsed_ms: (state.elapsed * 1000.0).round() as u64,
            inconclusive: judged.inconclusive,
            tests: state
                .tests
                .into_iter()
                .map(|test| test_report(test, &mut spans))
                .collect(),
            samples: judged.samples,
            settle_ms: judged.settle_ms,
            output,
        });
        gathered.findings.extend(judged.findings);
        gathered.notices.extend(judged.notices);
    }

    /// The stream ended. Packages that did not are reported as unfinished.
    pub fn finish(mut self) -> io::Result<Gathered> {
        self.take_batch();
        for package in self.open() {
            self.end(&package)?;
        }
        self.stream.release()?;
        self.viewer.print(self.signs.end_line().as_bytes());
        self.flush()?;
        self.gathered.events = self.tracker.events();
        Ok(self.gathered)
    }

    fn open(&self) -> Vec<String> {
        self.tracker.packages().map(|(path, _)| path.to_owned()).collect()
    }
}

/// What the judgement means for the test2json stream.
fn decision(judgement: &Judgement) -> Decision {
    let mut decision = Decision::default();
    for finding in judgement.failing() {
        let place = editor::line(&finding.leak).unwrap_or_default();
        let text = place + &human::finding_in_brief(finding);
        match finding.leak.root.certain_test() {
            Some(test) => decision.failed.entry(test.0.clone()).or_default().push_str(&text),
            None => decision.package.get_or_insert_default().push_str(&text),
        }
    }
    if let Some(why) = &judgement.inconclusive {
        let text = format!("leakgate: inconclusive: {}; {}\n", why.reason, why.remedy);
        decision.package.get_or_insert_default().push_str(&text);
    }
    decision
}

fn status(outcome: Option<PackageOutcome>) -> PackageStatus {
    match outcome {
        Some(PackageOutcome::Passed) => PackageStatus::Passed,
        Some(PackageOutcome::Failed) => PackageStatus::Failed,
        Some(PackageOutcome::BuildFailed) => PackageStatus::BuildFailed,
        Some(PackageOutcome::Skipped) => PackageStatus::Skipped,
        None => PackageStatus::Unfinished,
    }
}

fn test_report(test: TestState, spans: &mut judging::Spans) -> TestReport {
    let span = spans
        .get_mut(&test.name)
        .and_then(std::collections::VecDeque::pop_front);
    TestReport {
        outcome: match test.outcome {
            Some(TestOutcome::Passed) => Outcome::Passed,
            Some(TestOutcome::Failed) => Outcome::Failed,
            Some(TestOutcome::Skipped) => Outcome::Skipped,
            None => Outcome::Unfinished,
        },
        output: match test.outcome {
            Some(TestOutcome::Failed) | None => test.output.text(),
            Some(TestOutcome::Passed | TestOutcome::Skipped) => String::new(),
        },
        name: TestName(test.name),
        elapsed_ms: test.elapsed * 1000.0,
        start_ms: span.map(|span| span.0),
        end_ms: span.and_then(|span| span.1),
        findings: Vec::new(),
        attrs: test.attrs,
    }
}
