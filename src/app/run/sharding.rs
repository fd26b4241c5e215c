//! `--shard i/n`: this machine's part of the packages. Edge: reads earlier reports.

use crate::app::Failure;
use crate::app::store::history::read;
use crate::diag::Code;
use crate::gotest::{GoArgs, GoTestPlan, PlanRequest, Prepared, packages, shard};
use crate::report::{Notice, Outcome, PackageReport, Shard};
use crate::settings::value::ShardPart;
use std::collections::HashMap;
use std::path::{Path, PathBuf};

/// Whether there is anything to test.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Part {
    /// There is.
    Some,
    /// More machines than packages.
    Empty,
}

/// Narrows a plan to the packages of `part`, if one is given.
pub fn take(
    prepared: &mut Prepared,
    part: Option<ShardPart>,
    earlier: &[PathBuf],
    request: &PlanRequest,
    work: &Path,
) -> Result<Part, Failure> {
    let Some(part) = part else { return Ok(Part::Some) };
    let durations = durations(earlier)?;
    let listed = packages::list(&prepared.toolchain, &prepared.args, work)?;
    let parts = shard::cut(&listed, &durations, part.total);
    let mine = usize::try_from(part.index)
        .ok()
        .and_then(|index| parts.into_iter().nth(index - 1));
    let mine = mine.unwrap_or_default();
    let not_full = prepared.plan.not_full.take();
    if !mine.is_empty() {
        let words = prepared.args.with_packages(&mine);
        prepared.args = GoArgs::parse(&words)?.with_goflags(&prepared.toolchain.env.goflags);
        let notices = std::mem::take(&mut prepared.plan.notices);
        prepared.plan = GoTestPlan::new(&prepared.args, &prepared.toolchain, &prepared.overlay, request)?;
        prepared.plan.notices = notices;
    }
    let why = || format!("it is shard {} of {}", part.index, part.total);
    prepared.plan.not_full = Some(not_full.unwrap_or_else(why));
    Ok(if mine.is_empty() { Part::Empty } else { Part::Some })
}

/// As the report names it.
pub fn named(part: ShardPart) -> Shard {
    Shard {
        index: part.index,
        total: part.total,
    }
}

/// A part without packages has tested all that it was given.
pub fn empty() -> Notice {
    Notice::warning(
        Code::EmptyShard,
        "there are more shards than packages: this one has none, so no test ran",
    )
    .remedy("give the matrix fewer machines")
}

/// What each package took in the earlier reports, ms; the longest of several.
fn durations(reports: &[PathBuf]) -> Result<HashMap<String, u64>, Failure> {
    let mut durations: HashMap<String, u64> = HashMap::new();
    for path in reports {
        for package in read(path)?.packages {
            let took = duration(&package);
            let known = durations.entry(package.path.0).or_default();
            *known = took.max(*known);
        }
    }
    Ok(durations)
}

/// A cached package is replayed at once; what its tests took is in its events.
fn duration(package: &PackageReport) -> u64 {
    if !package.cached {
        return package.elapsed_ms;
    }
    let top_level = package.tests.iter().filter(|test| !test.name.0.contains('/'));
    let ran = top_level.filter(|test| test.outcome != Outcome::Unfinished);
    ran.map(|test| test.elapsed_ms.max(0.0)).sum::<f64>() as u64 + package.settle_ms
}
