//! `leakgate.report/2`: the report model. Additive changes only. `former` reads version 1.

use crate::diag::{Code, Severity};
use crate::leak::{Leak, TestName};
use crate::package_path::PackagePath;
use crate::rules::Ruling;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// The schema's name, first key of every JSON report.
pub const SCHEMA: &str = "leakgate.report/2";

/// One run, or several merged.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Report {
    /// Always [`SCHEMA`].
    pub schema: String,
    /// Who wrote it.
    pub tool: Tool,
    /// What ran.
    pub run: Run,
    /// By path.
    pub packages: Vec<PackageReport>,
    /// Every leak with its ruling, in the order in which to read them.
    #[serde(rename = "leaks")]
    pub findings: Vec<Finding>,
    /// Findings about rules and about the run itself; by severity, then code, then place.
    pub notices: Vec<Notice>,
    /// Counts of all the above.
    pub summary: Summary,
    /// The exit code of this report.
    pub exit_code: u8,
}

/// Name and version of the writer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Tool {
    /// `leakgate`.
    pub name: String,
    /// Semantic version.
    pub version: String,
}

/// What ran.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Run {
    /// Arguments as given by the user, without the program name.
    pub command: Vec<String>,
    /// `go1.26.8`; empty if no process told.
    pub go_version: String,
    /// RFC 3339, UTC.
    pub started: String,
    /// Wall time, ms.
    pub elapsed_ms: u64,
    /// Set when the run did not finish.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub partial: Option<Partial>,
    /// `None` for a full run of all tests of the packages; else why stale rules can't be judged: `-run was given`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub not_full: Option<String>,
    /// What a run that is not full left out.
    #[serde(default, skip_serializing_if = "LeftOut::is_nothing")]
    pub left_out: LeftOut,
    /// Set under `--shard`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub shard: Option<Shard>,
    /// Path of the main module.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub module: Option<String>,
    /// For links to source lines.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub repository: Option<Repository>,
}

/// What a run left out.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum LeftOut {
    /// Nothing.
    #[default]
    Nothing,
    /// Whole packages.
    Packages,
    /// Perhaps tests: another command chose them.
    Unknown,
    /// Tests of packages that ran: `-run`, `-skip`, `-short`, …
    Tests,
}

impl LeftOut {
    /// Whether all tests of all packages ran.
    pub fn is_nothing(&self) -> bool {
        *self == Self::Nothing
    }
}

/// Why a run is partial.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Partial {
    /// `interrupted by SIGINT`.
    pub reason: String,
    /// Tests that were running.
    pub running: Vec<String>,
}

/// `--shard index/total`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Shard {
    /// From 1.
    pub index: u32,
    /// How many.
    pub total: u32,
}

/// Where the source can be seen.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Repository {
    /// `https://github.com/owner/name`.
    pub url: String,
    /// Commit hash.
    pub commit: String,
}

/// How a package came out, as go says, and whether we could see it.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "kebab-case")]
pub enum PackageStatus {
    /// go passed it.
    Passed,
    /// go failed it.
    Failed,
    /// It did not build (or vet failed).
    BuildFailed,
    /// No test files, or nothing matched.
    Skipped,
    /// It did not finish (interrupted run).
    #[default]
    Unfinished,
}

/// One package.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct PackageReport {
    /// Import path.
    pub path: PackagePath,
    /// go's verdict.
    pub status: PackageStatus,
    /// Replayed from go's test cache.
    pub cached: bool,
    /// As go says, ms.
    pub elapsed_ms: u64,
    /// Set when the evidence is missing or not whole: the gate can't judge this package.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub inconclusive: Option<Inconclusive>,
    /// In the order they began.
    pub tests: Vec<TestReport>,
    /// Goroutine counts over the run.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub samples: Vec<Sample>,
    /// Time spent settling, ms.
    #[serde(default)]
    pub settle_ms: u64,
    /// Output that belongs to no test, kept for failed packages (build errors, crash text).
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub output: String,
}

/// Why a package can't be judged.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Inconclusive {
    /// Stable code, such as `process-died`; docs/codes.md lists them all.
    pub code: String,
    /// One sentence.
    pub reason: String,
    /// What to do about it, one sentence.
    pub remedy: String,
    /// Tests that were running when it ended.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub running: Vec<TestName>,
    /// What tests that had ended left, as the crash dump shows it: nothing has judged it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub left: Vec<LeftBy>,
}

/// Goroutines that a test has left, which had ended when its process died.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct LeftBy {
    /// The test.
    pub test: TestName,
    /// How many.
    pub goroutines: u64,
}

impl Inconclusive {
    /// The reason, with what the process left.
    pub fn whole_reason(&self) -> String {
        const TESTS: usize = 5;
        if self.left.is_empty() {
            return self.reason.clone();
        }
        let all: u64 = self.left.iter().map(|left| left.goroutines).sum();
        let shown = self.left.iter().take(TESTS);
        let mut tests: Vec<String> = shown
            .map(|left| format!("{} of {}", left.goroutines, left.test))
            .collect();
        if self.left.len() > TESTS {
            tests.push(format!("and of {} more tests", self.left.len() - TESTS));
        }
        format!(
            "{}; of tests that had ended, {} still there: {}",
            self.reason,
            match all {
                1 => "1 goroutine was".to_owned(),
                many => format!("{many} goroutines were"),
            },
            tests.join(", ")
        )
    }

    /// Go's last event of a package did not come: only that says that all of its output is there.
    pub fn without_verdict(running: Vec<TestName>) -> Self {
        Self {
            code: Code::OutputCut.into(),
            reason: "the output ends without go's verdict of the package: the output was cut, or the run was ended"
                .to_owned(),
            remedy: "keep all that `go test -json` prints, to its last line, and let the run end by itself".to_owned(),
            running,
            left: Vec::new(),
        }
    }
}

impl std::fmt::Display for Inconclusive {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}. Remedy: {}", self.whole_reason(), self.remedy)
    }
}

/// How a test came out, as go says.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Outcome {
    /// pass
    Passed,
    /// fail
    Failed,
    /// skip
    Skipped,
    /// It never ended.
    Unfinished,
}

/// One test, subtest, example, fuzz target or benchmark. Repetitions (`-count`) are entries of their own.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct TestReport {
    /// Full name.
    pub name: TestName,
    /// go's verdict (a leaking test that go passed stays `passed` here).
    pub outcome: Outcome,
    /// As go says, ms.
    pub elapsed_ms: f64,
    /// Begin, ms since the start of the package's tests, if the shim told.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub start_ms: Option<f64>,
    /// End, likewise.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub end_ms: Option<f64>,
    /// Indexes into [`Report::findings`] of the leaks whose root names this test.
    #[serde(rename = "leaks", default, skip_serializing_if = "Vec::is_empty")]
    pub findings: Vec<usize>,
    /// Output, kept for failed tests, at most 64 KiB (then cut in the middle, said in place).
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub output: String,
    /// `t.Attr` key-value pairs.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub attrs: Vec<(String, String)>,
}

/// Goroutine count at a time.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Sample {
    /// ms since the start of the package's tests.
    pub at_ms: f64,
    /// How many goroutines.
    pub goroutines: u64,
}

/// A leak (root and members) and what the rules made of it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Finding {
    /// The evidence.
    #[serde(flatten)]
    pub leak: Leak,
    /// The policy.
    pub ruling: Ruling,
    /// The `[[allow]]` entry to paste (TOML), for leaks that fail.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub allow_entry: Option<String>,
}

/// A finding about the rules or the run: `stale`, `expired`, `over-max`, `vet-off`, `mid-run-dumps-skipped`, …
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Notice {
    /// Stable code.
    pub code: String,
    /// How grave.
    pub severity: Severity,
    /// One sentence.
    pub message: String,
    /// What to do, one sentence.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub remedy: Option<String>,
    /// `file:line:column`, if about a file.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub place: Option<String>,
    /// The package it is about.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub package: Option<PackagePath>,
}

impl Notice {
    /// A notice of a code from the registry.
    pub fn new(code: Code, severity: Severity, message: impl Into<String>) -> Self {
        Self {
            code: code.into(),
            severity,
            message: message.into(),
            remedy: None,
            place: None,
            package: None,
        }
    }

    /// One that fails the gate.
    pub fn error(code: Code, message: impl Into<String>) -> Self {
        Self::new(code, Severity::Error, message)
    }

    /// One that passes.
    pub fn warning(code: Code, message: impl Into<String>) -> Self {
        Self::new(code, Severity::Warning, message)
    }

    /// One for information.
    pub fn note(code: Code, message: impl Into<String>) -> Self {
        Self::new(code, Severity::Note, message)
    }

    /// With what to do about it.
    #[must_use]
    pub fn remedy(mut self, remedy: impl Into<String>) -> Self {
        self.remedy = Some(remedy.into());
        self
    }

    /// With the place that it is about.
    #[must_use]
    pub fn at(mut self, place: impl Into<String>) -> Self {
        self.place = Some(place.into());
        self
    }

    /// With the package that it is about.
    #[must_use]
    pub fn of_package(mut self, package: PackagePath) -> Self {
        self.package = Some(package);
        self
    }
}

/// Counts. Of leaks, the goroutines of root and members are counted where it says so.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
pub struct Summary {
    /// Packages that ran.
    pub packages: u64,
    /// Of these, from go's test cache.
    pub cached: u64,
    /// Packages go failed (tests or build).
    pub packages_failed: u64,
    /// Packages without evidence.
    pub inconclusive: u64,
    /// Tests that began (with subtests).
    pub tests: u64,
    /// Tests go failed.
    pub tests_failed: u64,
    /// Tests go skipped.
    pub tests_skipped: u64,
    /// Tests that leak (by failing leaks), at least: where one of several tests leaks, they count as one.
    pub tests_leaking: u64,
    /// Different leaks that fail: the same one in several tests counts once.
    #[serde(default)]
    pub leaks: u64,
    /// Goroutines in failing leaks.
    pub leaked: u64,
    /// Goroutines in late leaks (warned or failed).
    pub late: u64,
    /// Goroutines in leaks that a rule made a warning.
    #[serde(default)]
    pub warned: u64,
    /// Goroutines in allowed leaks.
    pub allowed: u64,
    /// Goroutines in baselined leaks.
    pub baselined: u64,
    /// Goroutines in background leaks.
    pub background: u64,
    /// Stuck tests.
    pub stuck: u64,
    /// Goroutines that tests which had ended left in processes that died: not judged.
    #[serde(default)]
    pub not_judged: u64,
    /// Notices that fail the gate.
    pub notices_denied: u64,
}
