//! Judges one ended package: records → evidence → leaks → rulings.

use super::package::PackageRun;
use crate::app::Failure;
use crate::app::config::Config;
use crate::app::module::{self, OwnModule};
use crate::app::rulebook;
use crate::app::sources::SourceFiles;
use crate::app::test_places::TestPlaces;
use crate::events::PackageState;
use crate::gotest::Toolchain;
use crate::leak::{self, Code, Judged, Leak, MainModule, ModuleInfo, SourceLines, TestName};
use crate::package_path::PackagePath;
use crate::report::{Finding, Inconclusive, Notice, Run, Sample};
use crate::rules::book::{Context, RuleBook};
use crate::rules::catalog::Catalog;
use crate::rules::matching::ModuleRoot;
use crate::rules::suggest;
use crate::rules::{Ruling, RulingKind};
use crate::snapshot::Evidence;
use jiff::civil::Date;
use std::collections::{HashMap, VecDeque};
use std::path::Path;

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

/// What judging needs that is the same for every package.
pub struct Judge {
    book: RuleBook,
    modules: Vec<OwnModule>,
    pub(super) module_info: ModuleInfo,
    roots: Vec<ModuleRoot>,
    pub(super) sources: SourceFiles,
    test_places: TestPlaces,
    today: Date,
}

/// Where the code under test lies.
#[derive(Debug, Clone, Default)]
pub struct Ground {
    /// As `go env GOMOD` prints it.
    pub gomod: String,
    /// As `go env GOWORK` prints it.
    pub gowork: String,
    /// Every name of GOROOT.
    pub goroots: Vec<String>,
}

impl Ground {
    /// As go says.
    pub fn of(toolchain: &Toolchain) -> Self {
        Self {
            gomod: toolchain.env.gomod.clone(),
            gowork: toolchain.env.gowork.clone(),
            goroots: vec![
                toolchain.goroot.display().to_string(),
                toolchain.env.goroot.display().to_string(),
            ],
        }
    }

    /// As found above `dir`, without asking go.
    pub fn above(dir: &Path) -> Self {
        let nearest = |name: &str| {
            let mut files = dir.ancestors().map(|folder| folder.join(name));
            files
                .find(|path| path.is_file())
                .map(|path| path.display().to_string())
                .unwrap_or_default()
        };
        Self {
            gomod: nearest("go.mod"),
            gowork: nearest("go.work"),
            goroots: Vec::new(),
        }
    }
}

impl Judge {
    /// Gathers it. `dir` is go's working folder.
    pub fn new(config: &Config, ground: &Ground, dir: &Path) -> Result<Self, Failure> {
        let modules = module::own_modules(&ground.gomod, &ground.gowork);
        let root = config.root(dir);
        let info = ModuleInfo {
            modules: modules
                .iter()
                .map(|module| MainModule {
                    path: module.path.clone(),
                    dir: module.dir.display().to_string(),
                })
                .collect(),
            goroots: ground.goroots.clone(),
            root: repository_root(dir).display().to_string(),
            source_lines: SourceLines(config.settings.source_lines.value),
        };
        Ok(Self {
            book: rulebook::book(config, dir)?,
            roots: rulebook::module_roots(&modules, &root),
            modules,
            module_info: info,
            sources: SourceFiles::default(),
            test_places: TestPlaces::default(),
            today: rulebook::today(),
        })
    }

    /// Path of the main module.
    pub fn main_module(&self) -> Option<String> {
        self.modules.first().map(|module| module.path.clone())
    }

    /// Judges a package that ended.
    pub fn package(&self, path: &PackagePath, run: &mut PackageRun, state: &PackageState) -> Judgement {
        let mut judgement = Judgement::default();
        let transcript = std::mem::take(&mut run.wire).finish();
        let (evidence, doubt) = super::doubt::examine(&transcript, state);
        judgement.inconclusive = doubt;
        judgement.notices = super::doubt::remarks(&transcript, path);
        judgement.unlisted = super::doubt::unlisted(&transcript, &evidence, state);
        if !judgement.unlisted.is_empty() {
            let notice = super::doubt::unlisted_notice(&judgement.unlisted, path);
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
        if judgement.inconclusive.is_some() {
            let (stuck, notice) = super::crashed::read(self, path, state);
            leaks.extend(stuck);
            judgement.notices.extend(notice);
        }
        let catalog = Catalog::built_in();
        let code = Code {
            package: path,
            module: &self.module_info,
            sources: &self.sources,
        };
        for leak in &mut leaks {
            catalog.enrich(leak);
            self.test_places.point(leak, &self.modules, &code);
        }
        let ruled = self.book.rule(&leaks, &self.context(Some("the run is not over")));
        judgement.findings = self.findings(leaks, ruled.rulings);
        judgement
    }

    /// Leaks with their rulings.
    fn findings(&self, leaks: Vec<Leak>, rulings: Vec<Ruling>) -> Vec<Finding> {
        leaks
            .into_iter()
            .zip(rulings)
            .map(|(leak, ruling)| Finding {
                allow_entry: (ruling.kind == RulingKind::Fails && leak.verdict != leak::Verdict::Stuck)
                    .then(|| suggest::allow_entry(&leak, self.today)),
                leak,
                ruling,
            })
            .collect()
    }

    /// Rules all leaks of the run once more, together: stale and expired entries can only be told now.
    pub fn rule_all(&self, findings: &mut Vec<Finding>, run: &Run) -> Vec<Notice> {
        let leaks: Vec<Leak> = findings.drain(..).map(|finding| finding.leak).collect();
        let ruled = self.book.rule(&leaks, &self.context(run.not_full.as_deref()));
        *findings = self.findings(leaks, ruled.rulings);
        let mut notices = rulebook::lint_notices(&self.book);
        notices.extend(ruled.notices.iter().map(rulebook::notice));
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

/// The folder of the repository that `dir` is in, else `dir`.
pub fn repository_root(dir: &Path) -> &Path {
    dir.ancestors()
        .find(|folder| folder.join(".git").exists())
        .unwrap_or(dir)
}
