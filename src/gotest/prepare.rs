//! From the user's arguments to a plan that can be run: toolchain, overlay and plan in their order.

use super::cache::CacheEnv;
use super::plan::PlanRequest;
use super::shim::HARNESS;
use super::{CacheDir, GoArgs, GoTestError, GoTestPlan, Overlay, Toolchain};
use crate::diag::Code;
use crate::report::Notice;
use std::ffi::{OsStr, OsString};

/// A plan, and what it needs. Keep it while the plan runs: the cache may be a temporary folder.
#[derive(Debug)]
pub struct Prepared {
    /// The arguments, with GOFLAGS.
    pub args: GoArgs,
    /// The Go that runs.
    pub toolchain: Toolchain,
    /// leakgate's cache folder.
    pub cache: CacheDir,
    /// The shim.
    pub overlay: Overlay,
    /// What is run.
    pub plan: GoTestPlan,
}

/// Prepares `go test` with `go_args`, by the command `go`.
pub fn prepare(
    go: &OsStr,
    go_args: &[OsString],
    cache: &CacheEnv,
    request: &PlanRequest,
) -> Result<Prepared, GoTestError> {
    let args = GoArgs::parse(go_args)?;
    let cache = CacheDir::open(cache)?;
    let dir = args.working_dir(&request.dir);
    let toolchain = Toolchain::discover(go, &dir, &cache)?;
    let args = args.with_goflags(&toolchain.env.goflags);
    let overlay = Overlay::build(&toolchain, HARNESS, args.user_overlay(), &dir, &cache)?;
    let mut plan = GoTestPlan::new(&args, &toolchain, &overlay, request)?;
    if let Some(why) = cache.fallback() {
        plan.notices.push(
            Notice::note(
                Code::CacheUnwritable,
                format!(
                    "leakgate has no cache folder that lasts ({why}); {} serves for this run",
                    cache.root().display()
                ),
            )
            .remedy("set LEAKGATE_CACHE to a folder that can be written"),
        );
    }
    Ok(Prepared {
        args,
        toolchain,
        cache,
        overlay,
        plan,
    })
}
