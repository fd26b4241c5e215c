//! Runs leaking tests again, quietly: what `--confirm` and `--trace` share.

use super::command::feed;
use crate::app::Failure;
use crate::app::output::live::{Lines, Live, Look};
use crate::app::output::patient::Losses;
use crate::app::store::environment::lookup;
use crate::gate::judging::Judge;
use crate::gate::show::Detail;
use crate::gate::stream::TestJsonStream;
use crate::gate::{Gate, Gathered};
use crate::gotest::child::ChildCommand;
use crate::gotest::signals::SignalWatch;
use crate::gotest::{GoArgs, GoTestPlan, PlanRequest, Prepared};
use crate::leak::Verdict;
use crate::report::Finding;
use crate::rules::RulingKind;
use std::ffi::OsString;

/// Goroutines whose calling stacks Go keeps: the one that ran the `go` statement, and those before it.
const ANCESTORS: u32 = 20;

/// What running again needs.
pub struct Again<'a> {
    /// How the tests were run.
    pub prepared: &'a Prepared,
    /// How that was asked for.
    pub request: &'a PlanRequest,
    /// Judges the repetitions by the same rules.
    pub judge: &'a Judge,
    /// Stops them.
    pub signals: &'a SignalWatch,
}

/// Whether Go keeps the calling stacks of `go` statements.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stacks {
    /// It costs a microsecond a statement, and tests that read dumps see it.
    Traced,
    /// As in the first run.
    Plain,
}

impl Again<'_> {
    /// Whether the user has had enough.
    pub fn is_interrupted(&self) -> bool {
        self.signals.interrupted().is_some()
    }

    /// What go tells when it runs with these arguments.
    pub fn run(&self, args: &[OsString], stacks: Stacks) -> Result<Gathered, Failure> {
        let args = GoArgs::parse(args)?.with_goflags(&self.prepared.toolchain.env.goflags);
        let plan = GoTestPlan::new(
            &args,
            &self.prepared.toolchain,
            &self.prepared.overlay,
            self.request,
        )?;
        let mut command = ChildCommand::from(&plan);
        if stacks == Stacks::Traced {
            command.env.push(("GODEBUG".to_owned(), traced()));
        }
        let silent = Live::new(false, Lines::Nowhere, Look::default(), &Losses::default());
        let mut gate = Gate::new(
            self.judge,
            TestJsonStream::new(Vec::new()),
            &silent,
            Detail::Failures,
        );
        feed(&command, self.signals, &mut gate)?;
        Ok(gate.finish()?)
    }
}

/// The user's own GODEBUG, and ours.
fn traced() -> OsString {
    let ours = format!("tracebackancestors={ANCESTORS}");
    match lookup("GODEBUG").filter(|own| !own.is_empty()) {
        Some(own) => format!("{own},{ours}").into(),
        None => ours.into(),
    }
}

/// Whether a leak is one that running its test again can say more about: it fails, and one test is to blame.
pub fn leaking_test(finding: &Finding) -> Option<(String, String)> {
    let leak = &finding.leak.root;
    let fails = finding.ruling.kind == RulingKind::Fails && leak.verdict == Verdict::Leaked;
    match leak.tests.as_slice() {
        [test] if fails => Some((leak.package.0.clone(), test.0.clone())),
        _ => None,
    }
}
