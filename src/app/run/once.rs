//! One run of `go test`: the line from arguments to exit code.

use super::again::{Again, Stacks};
use super::command::{command_failed, feed, partial, shim_settings};
use super::session::{Facts, Ready};
use super::sharding::{self, Part};
use super::{confirm, trace};
use crate::app::Failure;
use crate::app::output::live::Live;
use crate::app::project::ground::Ground;
use crate::app::project::here::Project;
use crate::cli::gate::TestArgs;
use crate::exit::ExitCode;
use crate::gate::Gathered;
use crate::gotest::child::{ChildCommand, RunEnd};
use crate::gotest::signals::SignalWatch;
use crate::gotest::{self, GoArgs, GoTestPlan, PlanRequest, cache::CacheEnv, packages};
use crate::report::{NoTests, Notice, PackageStatus, Partial};
use crate::settings::choices::{Prove, Trace};
use std::ffi::OsString;

/// One run of `go test` with `go_args`. The first one of a process takes over its signals.
pub fn once(
    args: &TestArgs,
    go_args: &[OsString],
    signals: &mut Option<SignalWatch>,
) -> Result<ExitCode, Failure> {
    let dir = Project::here()?.dir;
    let work = GoArgs::parse(go_args)?.working_dir(&dir);
    let ready = Ready::adjusted(&args.gate, dir, Project::of(work), |_| ())?;
    let (shard, confirm, trace) = (
        ready.config.settings.shard.value,
        ready.config.settings.confirm.value,
        ready.config.settings.trace.value,
    );
    if let Some(runs @ 0..2) = confirm {
        let source = ready.config.settings.confirm.source.show("leakgate.toml");
        return Err(Failure::Message(format!(
            "confirm is {runs} ({source}): whether a leak grows shows only in 2 runs of its test or more; write 3, or leave it out"
        )));
    }
    let request = request(&ready);
    let go = args.run.go.as_os_str();
    let mut prepared = gotest::prepare(go, go_args, &CacheEnv::from_process(), &request)?;
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

    let _hold = signals.hold();
    let mut session = ready.begin(&Ground::of(&prepared.toolchain), Some(&prepared.plan))?;
    let (toolchain, asked, work) = (
        prepared.toolchain.clone(),
        prepared.args.clone(),
        session.folder().to_path_buf(),
    );
    session.screen.live.find_total(move || {
        let listed = packages::list(&toolchain, &asked, &work).ok()?;
        u64::try_from(listed.len()).ok()
    });
    let (end, mut gathered) = session.feed(|gate| match part {
        Part::Some => feed(&command, signals, gate).map(Some),
        Part::Empty => Ok(None),
    })?;
    let partial = end.as_ref().and_then(|end| partial(end, &mut gathered));
    if partial.is_none() {
        let again = Again {
            prepared: &prepared,
            request: &request,
            judge: &session.judge,
            signals,
        };
        run_again(&again, confirm, trace, &mut gathered, &session.screen.live)?;
    }
    let silent = end.as_ref().filter(|_| gathered.events == 0);
    if let Some(failure) = silent.and_then(|end| no_events(end, &gathered)) {
        return Err(failure);
    }
    // go's own error is that no package matched: the report says so, with a code of its own.
    let empty = silent.is_some() && partial.is_none();
    let notice = match &end {
        Some(_) if empty => Some(no_package()),
        Some(end) => command_failed(end, &gathered, "go test"),
        None => Some(sharding::empty()),
    };
    let facts = Facts {
        end: end.as_ref().filter(|_| !empty),
        not_full: not_full(&prepared.plan, &gathered, partial.as_ref()),
        left_out: prepared.plan.left_out,
        partial,
        shard: shard.map(sharding::named),
        notices: notice.into_iter().collect(),
        // A shard without packages has done its part.
        no_tests: (part == Part::Empty).then_some(NoTests::Pass),
        ..Facts::default()
    };
    session.finish(gathered, &prepared.cache, facts)
}

/// Leaking tests run again: whether their leaks grow, and what led to them. One re-run tells both.
fn run_again(
    again: &Again<'_>,
    confirm: Option<u32>,
    when: Trace,
    gathered: &mut Gathered,
    live: &Live,
) -> Result<(), Failure> {
    let Some(runs) = confirm else {
        return trace::trace(again, when, gathered, live);
    };
    let stacks = if when == Trace::Off {
        Stacks::Plain
    } else {
        Stacks::Traced
    };
    let traced = confirm::confirm(again, runs, stacks, gathered, live)?;
    traced.apply(gathered);
    Ok(())
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

/// go printed nothing that is an event: what it printed on standard error says what is wrong. A run without packages and one
/// that was interrupted have a report all the same.
fn no_events(end: &RunEnd, gathered: &Gathered) -> Option<Failure> {
    if end.interrupted.is_some() {
        return None;
    }
    if end.status.success() {
        return Some(Failure::Message(
            "go test succeeded but printed no events: is this `go` really Go? (see --go, and `leakgate doctor`)".into(),
        ));
    }
    // `go: warning: "./..." matched no packages`, then `no packages to test`.
    if gathered.stray_text.contains("no packages to test") {
        return None;
    }
    let said = if gathered.stray_text.is_empty() {
        "it printed nothing"
    } else {
        "see its output above"
    };
    Some(Failure::Message(format!(
        "go could not start the tests ({}); {said}",
        end.status
    )))
}

/// No package, no test.
fn no_package() -> Notice {
    Notice::warning(
        crate::diag::Code::NoPackages,
        "no package matches the patterns, so no test ran",
    )
    .remedy("correct the patterns, or run it in the folder of the module")
}
