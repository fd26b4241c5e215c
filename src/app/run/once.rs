//! One run of `go test`: the line from arguments to exit code.

use super::command::{command_failed, feed, partial, shim_settings};
use super::confirm::Confirmation;
use super::session::{Facts, Ready};
use super::sharding::{self, Part};
use crate::app::Failure;
use crate::app::project::ground::Ground;
use crate::app::project::here::Project;
use crate::cli::gate::TestArgs;
use crate::exit::ExitCode;
use crate::gate::Gathered;
use crate::gotest::child::{ChildCommand, RunEnd};
use crate::gotest::signals::SignalWatch;
use crate::gotest::{self, GoArgs, GoTestPlan, PlanRequest, cache::CacheEnv};
use crate::report::{NoTests, PackageStatus, Partial};
use crate::settings::choices::Prove;

/// One run. The first one of a process takes over its signals.
pub fn once(args: &TestArgs, signals: &mut Option<SignalWatch>) -> Result<ExitCode, Failure> {
    let dir = Project::here()?.dir;
    let work = GoArgs::parse(&args.go_args)?.working_dir(&dir);
    let ready = Ready::adjusted(&args.gate, dir, Project::of(work), |_| ())?;
    let (shard, confirm) = (
        ready.config.settings.shard.value,
        ready.config.settings.confirm.value,
    );
    let request = request(&ready);
    let go = args.run.go.as_os_str();
    let mut prepared = gotest::prepare(go, &args.go_args, &CacheEnv::from_process(), &request)?;
    let part = sharding::take(
        &mut prepared,
        shard,
        &args.run.shard_by,
        &request,
        &ready.project.dir,
    )?;
    let signals = match signals {
        Some(signals) => signals,
        none => none.insert(SignalWatch::install(ready.config.settings.kill_grace.value)?),
    };
    let command = ChildCommand {
        hang_dump: ready.config.settings.hang_dump.value,
        ..ChildCommand::from(&prepared.plan)
    };

    let mut session = ready.begin(&Ground::of(&prepared.toolchain), Some(&prepared.plan))?;
    let _hold = signals.hold();
    let (end, mut gathered) = session.feed(|gate| match part {
        Part::Some => feed(&command, signals, gate).map(Some),
        Part::Empty => Ok(None),
    })?;
    let partial = end.as_ref().and_then(|end| partial(end, &gathered));
    if let (Some(runs), None) = (confirm, &partial) {
        let confirmation = Confirmation {
            prepared: &prepared,
            request: &request,
            judge: &session.judge,
            signals,
            runs,
        };
        confirmation.confirm(&mut gathered, &session.screen.live)?;
    }
    if let Some(end) = end.as_ref().filter(|_| gathered.events == 0) {
        return no_events(end, &gathered);
    }
    let notice = match &end {
        Some(end) => command_failed(end, &gathered, "go test"),
        None => Some(sharding::empty()),
    };
    let facts = Facts {
        end: end.as_ref(),
        not_full: not_full(&prepared.plan, &gathered, partial.as_ref()),
        partial,
        shard: shard.map(sharding::named),
        notices: notice.into_iter().collect(),
        // A shard without packages has done its part.
        no_tests: (part == Part::Empty).then_some(NoTests::Pass),
        ..Facts::default()
    };
    session.finish(gathered, &prepared.cache, facts)
}

/// What the shim and go are asked for.
fn request(ready: &Ready) -> PlanRequest {
    PlanRequest {
        dir: ready.dir.clone(),
        shim: shim_settings(&ready.config),
        prove: ready.config.settings.prove.value == Prove::On,
    }
}

/// Why stale rules can't be judged by this run.
fn not_full(plan: &GoTestPlan, gathered: &Gathered, partial: Option<&Partial>) -> Option<String> {
    use PackageStatus::{BuildFailed, Unfinished};
    if let Some(partial) = partial {
        return Some(partial.reason.clone());
    }
    let broken = gathered
        .packages
        .iter()
        .find(|package| matches!(package.status, BuildFailed | Unfinished));
    let blind = gathered
        .packages
        .iter()
        .find(|package| package.inconclusive.is_some());
    broken
        .map(|package| format!("{} did not build or finish", package.path))
        .or_else(|| blind.map(|package| format!("{} is inconclusive", package.path)))
        .or_else(|| plan.not_full.clone())
}

/// go said nothing that is an event: it has said on standard error what is wrong, and its code is passed on.
fn no_events(end: &RunEnd, gathered: &Gathered) -> Result<ExitCode, Failure> {
    if let Some(interrupt) = end.interrupted {
        return Ok(ExitCode::Interrupted(interrupt.number));
    }
    if end.status.success() {
        return Err(Failure::Message(
            "go test ended well but printed no event: is this `go` really Go? (see --go, and `leakgate doctor`)".into(),
        ));
    }
    // `go: warning: "./..." matched no packages`, then `no packages to test`.
    if gathered.stray_text.contains("no packages to test") {
        return Err(Failure::NothingRan("no package matches, so no test ran".into()));
    }
    let said = if gathered.stray_text.is_empty() {
        "it said nothing"
    } else {
        "what it says stands above"
    };
    Err(Failure::Message(format!(
        "go could not start the tests ({}); {said}",
        end.status
    )))
}
