//! Judges one ended package: records → evidence → leaks → rulings.

use super::package::PackageRun;
use super::{crashed, doubt, rules};
use crate::events::{PackageOutcome, PackageState};
use crate::evidence::Evidence;
use crate::go_source::GoFiles;
use crate::goroutine::{FuncName, Location};
use crate::leak::{self, Attribution, Code, Group, Judged, Leak, ModuleInfo, Spot, TestName};
use crate::package_path::PackagePath;
use crate::report::{Finding, Inconclusive, Notice, Run, Sample};
use crate::rules::RulingKind;
use crate::rules::book::{Context, Decided, RuleBook, Rulings};
use crate::rules::catalog::Catalog;
use crate::rules::matching::ModuleRoot;
use crate::rules::suggest::{self, Wishes};
use jiff::civil::Date;
use std::collections::{HashMap, VecDeque};

/// Begin and end of a run of a test, ms since the start of the package's tests.
pub type Span = (f64, Option<f64>);

/// Spans by test name, in the order of its runs.
pub type Spans = HashMap<String, VecDeque<Span>>;

/// What came out of one package.
#[derive(Debug, Default)]
pub struct Judgement {
    /// Leaks with their rulings.
    pub findings: Vec<Finding>,
    /// Set when the gate can't judge it.
    pub inconclusive: Option<Inconclusive>,
    /// About this package.
    pub notices: Vec<Notice>,
    /// Tests that passed and that go did not list.
    pub unlisted: Vec<TestName>,
    /// When each test ran, in the order of its runs.
    pub spans: Spans,
    /// Goroutine counts over the run.
    pub samples: Vec<Sample>,
    /// Time spent settling, ms.
    pub settle_ms: u64,
    /// `go1.26.8`.
    pub go_version: String,
}

impl Judgement {
    /// The findings that fail the gate.
    pub fn failing(&self) -> impl Iterator<Item = &Finding> {
        self.findings
            .iter()
            .filter(|finding| finding.ruling.kind == RulingKind::Fails)
    }

    fn take_evidence(&mut self, evidence: &Evidence) {
        self.go_version.clone_from(&evidence.process.go_version);
        self.settle_ms += evidence.settle.waited / 1_000_000;
        for test in &evidence.tests {
            let span = (millis(test.start), test.end.map(millis));
            self.spans.entry(test.name.clone()).or_default().push_back(span);
        }
        let before = u64::try_from(evidence.baseline.len()).unwrap_or(u64::MAX);
        let first = evidence.counts.first();
        if before > 0 && self.samples.is_empty() && first.is_some_and(|count| count.goroutines != before) {
            // The first count is taken when the first test has ended: what it left behind is no part of the baseline.
            self.samples.push(Sample {
                at_ms: 0.0,
                goroutines: before,
            });
        }
        let samples = evidence.counts.iter();
        self.samples.extend(samples.map(|count| Sample {
            at_ms: millis(count.at),
            goroutines: count.goroutines,
        }));
    }
}

fn millis(nanos: u64) -> f64 {
    // Microseconds are as fine as anybody reads.
    (nanos / 1000) as f64 / 1000.0
}

/// Where test functions are declared.
pub trait TestPlaces {
    /// The declaration of `function` in the test files of `package`.
    fn declared(&self, package: &PackagePath, function: &str) -> Option<Location>;
}

/// What one leak is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Joining {
    /// A root, and the goroutines that hang on it: an entry that matches the root covers them all.
    Leaks,
    /// Each goroutine (equal ones folded) is a leak of its own.
    Goroutines,
}

impl Joining {
    fn apply(self, leaks: Vec<Leak>) -> Vec<Leak> {
        match self {
            Self::Leaks => leaks,
            Self::Goroutines => leaks.into_iter().flat_map(Leak::apart).collect(),
        }
    }
}

/// What judging needs that is the same for every package.
pub struct Judge {
    /// The rules: allow-list, catalog choices, baseline, policy.
    pub book: RuleBook,
    /// Whose code is the user's own.
    pub module_info: ModuleInfo,
    /// The modules as `[[allow]] package = "./x/..."` sees them.
    pub roots: Vec<ModuleRoot>,
    /// Reads source files.
    pub sources: GoFiles,
    /// Finds declarations of tests.
    pub test_places: Box<dyn TestPlaces>,
    /// Modules of the build whose goroutines Go leaves out of its dumps.
    pub unseen_modules: Vec<String>,
    /// Whether goroutines that hang on one mistake are one leak; else each is matched alone.
    pub joining: Joining,
    /// The day that entries expire by.
    pub today: Date,
}

impl Judge {
    /// Path of the main module.
    pub fn main_module(&self) -> Option<String> {
        self.module_info.modules.first().map(|module| module.path.clone())
    }

    /// Judges a package that ended.
    pub fn package(&self, path: &PackagePath, run: &mut PackageRun, state: &PackageState) -> Judgement {
        let mut judgement = Judgement::default();
        let transcript = std::mem::take(&mut run.wire).finish();
        let (evidence, doubt) = doubt::examine(&transcript, path, state, &self.unseen_modules);
        judgement.notices = doubt::remarks(&transcript, path);
        judgement.inconclusive = self.may_not_run(path, doubt, state, &mut judgement.notices);
        judgement.unlisted = doubt::unlisted(&transcript, &evidence, state);
        if !judgement.unlisted.is_empty() {
            let notice = doubt::unlisted_notice(&judgement.unlisted, path);
            judgement.notices.push(notice);
        }
        let mut leaks = Vec::new();
        for evidence in &evidence {
            judgement.take_evidence(evidence);
            leaks.extend(leak::judge(&Judged {
                package: path,
                evidence,
                module: &self.module_info,
                sources: &self.sources,
            }));
        }
        judgement
            .notices
            .extend(doubt::long_settling(&evidence, &leaks, path));
        let guessed = |leak: &Leak| leak.root.attribution == Attribution::Window;
        if leaks.iter().any(guessed) {
            judgement.notices.extend(doubt::skipped_dumps(&evidence, path));
        }
        let code = Code {
            package: path,
            module: &self.module_info,
            sources: &self.sources,
        };
        if let Some(why) = &mut judgement.inconclusive {
            let crash = crashed::read(&code, state);
            leaks.extend(leak::joining::join(crash.stuck));
            judgement.notices.extend(crash.notice);
            why.left = crash.left;
        }
        let mut leaks = self.joining.apply(leaks);
        let catalog = Catalog::built_in();
        for leak in &mut leaks {
            for group in leak.groups_mut() {
                catalog.enrich(group);
                self.point_at_test(group, &code);
            }
        }
        let ruled = self.book.rule(&leaks, &self.context(Some("the run is not over")));
        let findings = leaks.into_iter().zip(ruled.rulings);
        judgement.findings = findings
            .map(|(leak, ruling)| Finding {
                leak,
                ruling,
                // It depends on the leaks of all packages.
                allow_entry: None,
            })
            .collect();
        judgement
    }

    /// What is left of a doubt after the team's word on packages whose tests may not run. What they let pass is listed.
    fn may_not_run(
        &self,
        path: &PackagePath,
        doubt: Option<Inconclusive>,
        state: &PackageState,
        notices: &mut Vec<Notice>,
    ) -> Option<Inconclusive> {
        let mut doubt = doubt?;
        let context = self.context(None);
        let entry = match self.book.may_not_run(path, &context) {
            Some(entry)
                if doubt.code == crate::diag::Code::NoRun.as_str()
                    && state.outcome == Some(PackageOutcome::Passed) =>
            {
                entry
            }
            _ => return Some(doubt),
        };
        let rule = format!("{}:{}", self.book.file, entry.place.line);
        if let Some(last) = entry.expires.filter(|_| entry.is_expired(self.today)) {
            doubt.reason += &format!("; {rule} allowed it until {last}, which has passed");
            return Some(doubt);
        }
        let until = entry
            .expires
            .map(|last| format!(" until {last}"))
            .unwrap_or_default();
        let why = entry
            .reason
            .as_ref()
            .map(|why| format!(": {why}"))
            .unwrap_or_default();
        notices.push(
            Notice::note(
                crate::diag::Code::MayNotRun,
                format!("no test of {path} ran, which the rules allow{until}{why}"),
            )
            .at(rule)
            .of_package(path.clone()),
        );
        None
    }

    /// Gives a leak that has no spot in the user's tree the declaration of its (first) test.
    fn point_at_test(&self, leak: &mut Group, code: &Code<'_>) {
        let own = |spot: &Option<Spot>| spot.as_ref().is_some_and(|spot| spot.relative.is_some());
        if own(&leak.started_at) || own(&leak.blocked_at) {
            return;
        }
        let Some(test) = leak.tests.first() else { return };
        let function = test.function();
        if let Some(at) = self.test_places.declared(&leak.package, function) {
            leak.test_at = Some(code.spot(&FuncName(function.to_owned()), &at));
        }
    }

    /// Leaks with their rulings, and what would let each pass.
    fn findings(&self, leaks: Vec<Leak>, ruled: &Rulings) -> Vec<Finding> {
        let wishes = Wishes::of_nobody(self.today, &self.book.policy);
        let proposals = suggest::proposals(&leaks, &wishes);
        let ruled = ruled.rulings.iter().zip(&ruled.decided);
        leaks
            .into_iter()
            .zip(ruled)
            .zip(proposals)
            .map(|((leak, (ruling, decided)), proposal)| Finding {
                allow_entry: (ruling.kind == RulingKind::Fails && leak.root.verdict != leak::Verdict::Stuck)
                    .then(|| match decided {
                        Some(Decided::Over { entry, found }) => {
                            suggest::raised(&self.book.file, &self.book.allow[*entry], *found)
                        }
                        _ => proposal,
                    }),
                leak,
                ruling: ruling.clone(),
            })
            .collect()
    }

    /// Rules all leaks of the run once more, together: stale and expired entries can only be told now.
    pub fn rule_all(&self, findings: &mut Vec<Finding>, run: &Run) -> Vec<Notice> {
        let leaks: Vec<Leak> = findings.drain(..).map(|finding| finding.leak).collect();
        let ruled = self.book.rule(&leaks, &self.context(run.not_full.as_deref()));
        *findings = self.findings(leaks, &ruled);
        let mut notices = rules::lint_notices(&self.book, &self.roots, self.today);
        notices.extend(ruled.notices.iter().map(rules::notice));
        notices
    }

    fn context<'a>(&'a self, not_full: Option<&'a str>) -> Context<'a> {
        Context {
            today: self.today,
            modules: &self.roots,
            not_full,
        }
    }
}
