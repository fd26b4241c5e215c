//! `leakgate test`: runs the tests once, or again at each change.

use crate::app::Failure;
use crate::app::commands::arguments;
use crate::app::run::once::once;
use crate::app::store::environment::lookup;
use crate::cli::gate::TestArgs;
use crate::exit::ExitCode;

/// Runs the verb.
pub fn run(args: &TestArgs) -> Result<ExitCode, Failure> {
    arguments::go_args(&args.go_args, &args.gate.settings.given).map_err(Failure::Message)?;
    arguments::idle_shard_by(args.run.shard_by.len(), &args.gate.settings.given, lookup)
        .map_err(Failure::Message)?;
    #[cfg(feature = "watch")]
    if args.run.watch {
        return crate::app::run::watch::run(args);
    }
    once(args, &args.go_args, &mut None)
}
