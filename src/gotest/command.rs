//! A command that prints the events of tests.

use super::plan::GoTestPlan;
use std::ffi::OsString;
use std::path::PathBuf;
use std::time::Duration;

/// What to run.
#[derive(Debug, Clone, Default)]
pub struct ChildCommand {
    /// The program: a bare name is looked up in PATH.
    pub program: PathBuf,
    /// Its arguments.
    pub args: Vec<OsString>,
    /// Added to the environment.
    pub env: Vec<(String, OsString)>,
    /// Where it runs.
    pub dir: PathBuf,
    /// When no event came for so long, the test binaries are asked for their dumps (SIGQUIT), once.
    pub hang_dump: Option<Duration>,
}

impl From<&GoTestPlan> for ChildCommand {
    fn from(plan: &GoTestPlan) -> Self {
        Self {
            program: plan.program.clone(),
            args: plan.args.clone(),
            env: plan
                .env
                .iter()
                .map(|(name, value)| ((*name).to_owned(), value.clone()))
                .collect(),
            dir: plan.dir.clone(),
            hang_dump: None,
        }
    }
}
