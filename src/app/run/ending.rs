//! The end of every run: rulings over the whole, the report, the run kept for later, all outputs, the exit code.

use crate::app::Failure;
use crate::app::output::outputs::Outputs;
use crate::app::output::screen::Screen;
use crate::app::project::config::Config;
use crate::app::run::assemble;
use crate::app::store::last_run;
use crate::exit::ExitCode;
use crate::gate::Gathered;
use crate::gate::judging::Judge;
use crate::gotest::CacheDir;
use crate::report::{self, Notice, Run};
use std::path::Path;

/// What ends a run, whoever ran the tests.
pub struct Ending<'a> {
    /// What is set.
    pub config: &'a Config,
    /// What judged the packages.
    pub judge: &'a Judge,
    /// Where it is said.
    pub screen: &'a Screen,
    /// Where the run is kept for `allow add` and `explain`.
    pub cache: &'a CacheDir,
    /// go's working folder.
    pub work: &'a Path,
}

impl Ending<'_> {
    /// Writes everything the user asked for and gives the exit code.
    pub fn close(
        &self,
        mut gathered: Gathered,
        run: Run,
        mut notices: Vec<Notice>,
        gate: &report::Gate,
        outputs: Outputs,
    ) -> Result<ExitCode, Failure> {
        notices.extend(self.judge.rule_all(&mut gathered.findings, &run));
        let report = assemble::report(gathered, run, notices, gate);
        if let Err(error) = last_run::save(self.cache, self.work, &report) {
            self.screen.live.remark(&format!(
                "leakgate: this run can't be kept for `allow add` and `explain`: {error}\n"
            ));
        }
        self.screen.close(&report, self.config, outputs)
    }
}
