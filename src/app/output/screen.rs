//! Standard output, standard error and the CI's log: during the run and at its end. Edge: writes them.

use crate::app::Failure;
use crate::app::output::ci::Ci;
use crate::app::output::live::{Lines, Live, Look};
use crate::app::output::outputs::Outputs;
use crate::app::output::patient::{self, Losses};
use crate::app::output::post_run;
use crate::app::output::terminal::Terminal;
use crate::app::project::config::Config;
use crate::cli::gate::GateFlags;
use crate::exit::ExitCode;
use crate::gate::show::Detail;
use crate::gotest::GoTestPlan;
use crate::report::{self, HumanOptions, Notice, RenderOptions, Report};
use crate::settings::Source;
use crate::settings::choices::{Format, NoTests, Switch, Verbosity};
use std::io::Write;

/// What decides between the exit codes, as far as settings and flags say.
pub fn policy(config: &Config, flags: &GateFlags) -> report::Gate {
    report::Gate {
        no_tests: if config.settings.no_tests.value == NoTests::Fail {
            report::NoTests::Fail
        } else {
            report::NoTests::Pass
        },
        leaks: if flags.exit_zero {
            report::OnLeaks::Report
        } else {
            report::OnLeaks::Fail
        },
        leak_code: config.settings.leak_exit_code.value,
        interrupted_by: None,
        command_failed: false,
    }
}

/// Standard output and standard error during and after the run.
pub struct Screen {
    /// The terminal while tests run.
    pub live: Live,
    /// How much of the tests' output is shown.
    pub detail: Detail,
    format: Format,
    human: HumanOptions,
    look: Look,
    ci: Ci,
    losses: Losses,
}

impl Screen {
    /// Decides it all. There is a plan when tests are run.
    pub fn new(config: &Config, plan: Option<&GoTestPlan>, ci: Ci) -> Self {
        let settings = &config.settings;
        let terminal = Terminal::look();
        let colours = terminal.colours(settings.color.value);
        // What is asked of leakgate itself counts more than go's own -json, which may come from GOFLAGS.
        let asked = matches!(settings.format.source, Source::Flag(_) | Source::Env(_));
        let format = if plan.is_some_and(|plan| plan.gojson) && !asked {
            Format::GoJson
        } else {
            settings.format.value
        };
        let quiet = settings.verbosity.value == Verbosity::Quiet;
        let (format, live) = match format {
            Format::PkgName => (Format::Human, Some(Detail::Packages)),
            Format::TestName => (Format::Human, Some(Detail::Tests)),
            Format::Dots => (Format::Human, Some(Detail::Dots)),
            other => (other, None),
        };
        let lines = match (format, settings.progress.value) {
            (Format::Human, _) => Lines::Stdout,
            (_, crate::settings::choices::Progress::Never) => Lines::Nowhere,
            _ if quiet => Lines::Nowhere,
            // The leaks are in the stream already, and gotestsum counts every line of standard error as an error.
            (Format::GoJson, _) if !terminal.stderr => Lines::Nowhere,
            _ => Lines::Stderr,
        };
        let look = Look {
            colours,
            teamcity: ci.is_teamcity(),
            // Groups are in the log that carries the fence.
            fence: ci.fence().filter(|_| format == Format::Human),
        };
        let losses = Losses::default();
        Self {
            // A bar would be drawn over the line of signs.
            live: Live::new(
                terminal.bar(settings.progress.value) && live != Some(Detail::Dots),
                lines,
                look,
                &losses,
            ),
            look,
            detail: match (quiet, live, plan.is_some_and(|plan| plan.verbose)) {
                (true, ..) => Detail::Failures,
                (false, Some(live), _) => live,
                (false, None, true) => Detail::Everything,
                (false, None, false) if settings.verbosity.value == Verbosity::Verbose => Detail::Whole,
                (false, None, false) => Detail::Normal,
            },
            format,
            human: HumanOptions {
                verbose: settings.verbosity.value == Verbosity::Verbose,
                quiet,
                slowest: settings.slowest.value as usize,
                colour: colours,
                width: terminal.width,
                fence: look.fence,
                ..HumanOptions::default()
            },
            ci,
            losses,
        }
    }

    /// Prints what must come before any output of tests.
    pub fn begin(&self) {
        if let Some(text) = self.ci.begin() {
            self.log(text.as_bytes());
        }
    }

    /// Prints into the CI's log, on the stream that carries the tests' output. A log that is gone reads nothing.
    fn log(&self, text: &[u8]) {
        match self.format {
            Format::Human => self.live.write(text),
            _ => self.live.write_remark(text),
        }
    }

    /// Writes everything the user asked for and gives the exit code.
    pub fn close(&self, report: &Report, config: &Config, outputs: Outputs) -> Result<ExitCode, Failure> {
        let suppressed = match config.settings.sarif_suppressed.value {
            Switch::On => report::sarif::Suppressed::Include,
            Switch::Off => report::sarif::Suppressed::Omit,
        };
        let options = RenderOptions {
            human: self.human,
            sarif: report::sarif::SarifOptions {
                suppressed,
                ..Default::default()
            },
            github: self.ci.github(),
            ..RenderOptions::default()
        };
        outputs.write(report, &options, &self.losses);
        self.report(report, &options)?;
        self.log(&self.ci.end(report)?);
        for trouble in self.ci.publish(report) {
            self.live.remark(&format!("leakgate: {trouble}\n"));
        }
        let mut losses = self.losses.take();
        if let Some(command) = &config.settings.post_run_command.value {
            losses.extend(post_run::run(command, report).err());
        }
        for loss in &losses {
            self.live.remark(&format!("leakgate: {loss}\n"));
        }
        match ExitCode::from_code(report.exit_code) {
            ExitCode::Clean if !losses.is_empty() => {
                let code = ExitCode::Usage;
                self.live.remark(&format!(
                    "leakgate: FAIL not everything that was asked for could be written (exit code {})\n",
                    code.code()
                ));
                Ok(code)
            }
            code => Ok(code),
        }
    }

    /// Where the test2json stream goes.
    pub fn sinks(&self, outputs: &mut Outputs) -> Vec<Box<dyn Write>> {
        let mut sinks: Vec<Box<dyn Write>> = Vec::new();
        if self.format == Format::GoJson {
            sinks.push(Box::new(patient::stdout(&self.losses)));
        }
        if let Some(file) = outputs.take_jsonfile(&self.losses) {
            sinks.push(Box::new(file));
        }
        sinks
    }

    /// Says a notice about the run before it starts.
    pub fn say(&self, notice: &Notice) {
        let remedy = notice
            .remedy
            .as_deref()
            .map(|remedy| format!(" ({remedy})"))
            .unwrap_or_default();
        self.live
            .remark(&format!("leakgate: {}{remedy}\n", notice.message));
    }

    /// The closing report, in the format of standard output; a stream format has its verdict on standard error.
    fn report(&self, report: &Report, options: &RenderOptions) -> Result<(), Failure> {
        let mut bytes = Vec::new();
        let format = match self.format {
            Format::Human | Format::PkgName | Format::TestName | Format::Dots => report::Format::Human,
            Format::Short => report::Format::Short,
            Format::Json => report::Format::Json,
            Format::Jsonl => report::Format::Jsonl,
            Format::GoJson if self.human.quiet && report.summary.inconclusive == 0 => return Ok(()),
            Format::GoJson | Format::None => {
                let options = HumanOptions {
                    colour: self.look.colours,
                    ..self.human
                };
                if self.format == Format::GoJson {
                    report::human::write_verdict(report, &mut bytes, &options)?;
                } else {
                    report::human::write(report, &mut bytes, &options)?;
                }
                self.live.remark(&String::from_utf8_lossy(&bytes));
                return Ok(());
            }
        };
        if format == report::Format::Human {
            bytes.push(b'\n');
        }
        format.write(report, &mut bytes, options)?;
        if matches!(format, report::Format::Human | report::Format::Short) {
            bytes = self.look.safe(&bytes).into_bytes();
        }
        let mut out = patient::stdout(&self.losses);
        out.write_all(&bytes)?;
        out.flush()?;
        Ok(())
    }
}
