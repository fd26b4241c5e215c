//! A gated run, whoever brings the lines of `go test -json`: ready, begin, feed, finish.

use super::assemble;
use super::judge::judge;
use crate::app::Failure;
use crate::app::output::ci::Ci;
use crate::app::output::outputs::Outputs;
use crate::app::output::screen::{self, Screen};
use crate::app::project::config::Config;
use crate::app::project::ground::Ground;
use crate::app::project::here::Project;
use crate::app::project::repository;
use crate::app::store::last_run;
use crate::cli::gate::GateFlags;
use crate::diag::Code;
use crate::exit::ExitCode;
use crate::gate::judging::Judge;
use crate::gate::stream::TestJsonStream;
use crate::gate::{Gate, Gathered};
use crate::gotest::{CacheDir, GoTestPlan, RunEnd};
use crate::report::{self, LeftOut, Notice, PackageReport, Partial, Report, Run, Shard};
use crate::settings::choices::NoTests;
use std::path::PathBuf;
use std::time::{Duration, Instant};

/// What is known before go is asked: a bad setting or an output path that cannot be written fails here.
pub struct Ready {
    /// The user's working folder.
    pub dir: PathBuf,
    /// The project that go works in, or that the user names as the place of the source.
    pub project: Project,
    /// What is set.
    pub config: Config,
    /// Under which home the run is kept.
    home: PathBuf,
    outputs: Outputs,
    policy: report::Gate,
    clock: Clock,
}

impl Ready {
    /// Of a run in the user's working folder.
    pub fn new(flags: &GateFlags, project: Project) -> Result<Self, Failure> {
        Self::adjusted(flags, project.dir.clone(), project, |_| ())
    }

    /// Reads the settings of `project`, lets the surroundings of the run adjust them, and opens the report files, whose
    /// paths are relative to `dir`.
    pub fn adjusted(
        flags: &GateFlags,
        dir: PathBuf,
        project: Project,
        adjust: impl FnOnce(&mut Config),
    ) -> Result<Self, Failure> {
        let clock = Clock::start();
        let mut config = Config::load(flags, &project)?;
        adjust(&mut config);
        let outputs = Outputs::open(&config.settings, &dir)?;
        let policy = screen::policy(&config, flags);
        Ok(Self {
            dir,
            home: project.home().to_path_buf(),
            project,
            config,
            outputs,
            policy,
            clock,
        })
    }

    /// Reads the rules and prints what comes before any output of tests. There is a plan when leakgate runs go itself.
    pub fn begin(self, ground: &Ground, plan: Option<&GoTestPlan>) -> Result<Session, Failure> {
        let ci = Ci::look(&self.config.settings, self.project.repository(), &self.dir);
        let screen = Screen::new(&self.config, plan, ci);
        screen.begin();
        let notices = plan.map(|plan| plan.notices.clone()).unwrap_or_default();
        for notice in &notices {
            screen.say(notice);
        }
        Ok(Session {
            judge: judge(&self.config, ground, &self.project)?,
            config: self.config,
            screen,
            notices,
            home: self.home,
            project: self.project,
            outputs: self.outputs,
            policy: self.policy,
            clock: self.clock,
        })
    }
}

/// A run that has begun.
pub struct Session {
    /// What is set.
    pub config: Config,
    /// Judges the packages.
    pub judge: Judge,
    /// Where the user follows the run.
    pub screen: Screen,
    notices: Vec<Notice>,
    home: PathBuf,
    project: Project,
    outputs: Outputs,
    policy: report::Gate,
    clock: Clock,
}

/// What the verb knows of its run, for the report.
#[derive(Default)]
pub struct Facts<'a> {
    /// How the command ended; `None` when none was run.
    pub end: Option<&'a RunEnd>,
    /// When and how long, if not from the begin of this process until now.
    pub timing: Option<Timing>,
    /// Why the run was cut short.
    pub partial: Option<Partial>,
    /// Why this was not everything there is to test.
    pub not_full: Option<String>,
    /// What a run that is not full left out.
    pub left_out: LeftOut,
    /// Which part of the packages was tested.
    pub shard: Option<Shard>,
    /// About the run.
    pub notices: Vec<Notice>,
    /// What a run without tests means, if not what the settings say.
    pub no_tests: Option<report::NoTests>,
}

impl Session {
    /// Where go works.
    pub fn folder(&self) -> &std::path::Path {
        &self.project.dir
    }

    /// Since the begin of the run.
    pub fn clock(&self) -> Clock {
        self.clock
    }

    /// Gives a gate to `lines`, which hands it the lines, and closes it.
    pub fn feed<T>(
        &mut self,
        lines: impl FnOnce(&mut Gate<'_>) -> Result<T, Failure>,
    ) -> Result<(T, Gathered), Failure> {
        let stream = TestJsonStream::new(self.screen.sinks(&mut self.outputs));
        let mut gate = Gate::new(&self.judge, stream, &self.screen.live, self.screen.detail)
            .stop_after(self.config.settings.max_fails.value);
        let fed = lines(&mut gate)?;
        Ok((fed, gate.finish()?))
    }

    /// Rules over the whole run, reports it, keeps it for `allow add` and `explain`, and gives the exit code.
    pub fn finish(
        self,
        mut gathered: Gathered,
        cache: &CacheDir,
        facts: Facts<'_>,
    ) -> Result<ExitCode, Failure> {
        self.screen.live.finish();
        let timing = facts.timing.unwrap_or_else(|| self.clock.timing());
        let run = Run {
            command: std::env::args().skip(1).collect(),
            go_version: String::new(),
            started: timing.started,
            elapsed_ms: timing.elapsed_ms,
            not_full: facts.not_full,
            left_out: facts.left_out,
            partial: facts.partial,
            shard: facts.shard,
            module: self.judge.main_module(),
            repository: repository::find(self.project.repository()),
        };
        let mut notices = self.notices.clone();
        notices.extend(facts.notices);
        notices.extend(switched_off(&self.config));
        notices.extend(self.judge.rule_all(&mut gathered.findings, &run));
        notices.extend(self.no_tests(&gathered.packages));
        let policy = report::Gate {
            no_tests: facts.no_tests.unwrap_or(self.policy.no_tests),
            interrupted_by: facts.end.and_then(|end| end.interrupted).map(|by| by.number),
            // go that was stopped by leakgate itself ends with an error.
            command_failed: facts.end.is_some_and(|end| !end.stopped && !end.status.success()),
            ..self.policy
        };
        let report = assemble::report(gathered, run, notices, &policy);
        self.keep(cache, &report);
        self.screen.close(&report, &self.config, self.outputs)
    }

    /// What `no-tests = "warn"` says of a run in which no test ran.
    fn no_tests(&self, packages: &[PackageReport]) -> Option<Notice> {
        let none = packages.iter().all(|package| package.tests.is_empty());
        (none && self.config.settings.no_tests.value == NoTests::Warn).then(|| {
            Notice::warning(Code::NoTests, "no test ran").remedy("check the package pattern and -run")
        })
    }

    fn keep(&self, cache: &CacheDir, report: &Report) {
        if let Err(error) = last_run::save(cache, &self.home, report) {
            self.screen.live.remark(&format!(
                "leakgate: this run can't be kept for `allow add` and `explain`: {error}\n"
            ));
        }
    }

    /// Rules and reports a report that was put together from others.
    pub fn finish_report(self, mut report: Report) -> Result<ExitCode, Failure> {
        let mut notices = self.judge.rule_all(&mut report.findings, &report.run);
        report
            .notices
            .retain(|notice| notice.code != Code::GateOff.as_str());
        notices.extend(switched_off(&self.config));
        notices.extend(self.no_tests(&report.packages));
        assemble::complete(&mut report, notices, &self.policy);
        self.screen.close(&report, &self.config, self.outputs)
    }
}

/// A setting that lets every leak pass is never silent.
fn switched_off(config: &Config) -> Option<Notice> {
    let setting = &config.settings.leak_exit_code;
    setting.value.exit().is_none().then(|| {
        Notice::warning(
            Code::GateOff,
            "leak-exit-code is 0: leaks and errors of the rules file do not fail the run",
        )
        .remedy("remove it, or choose 3 or a number from 6 to 125")
        .at(setting.source.show(config.rules.name()))
    })
}

/// When a run began, and how long it took.
pub struct Timing {
    /// RFC 3339.
    pub started: String,
    /// Milliseconds.
    pub elapsed_ms: u64,
}

/// Runs from the begin of a run.
#[derive(Debug, Clone, Copy)]
pub struct Clock {
    date: jiff::Timestamp,
    started: Instant,
}

impl Clock {
    #[expect(clippy::disallowed_methods, reason = "the run is timed and dated here, once")]
    fn start() -> Self {
        Self {
            date: jiff::Timestamp::now(),
            started: Instant::now(),
        }
    }

    /// Time since then.
    pub fn elapsed(self) -> Duration {
        self.started.elapsed()
    }

    fn timing(self) -> Timing {
        Timing {
            started: self.date.to_string(),
            elapsed_ms: u64::try_from(self.elapsed().as_millis()).unwrap_or(u64::MAX),
        }
    }
}
