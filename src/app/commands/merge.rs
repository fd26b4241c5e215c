//! `leakgate merge`: the reports of shards become one report, one verdict, one exit code.
//!
//! All leaks are ruled once more, together: caps, baseline counts and stale entries can be told only over the whole.

use crate::app::Failure;
use crate::app::commands::arguments;
use crate::app::project::here::Project;
use crate::app::run::session::Ready;
use crate::app::store::history::read;
use crate::cli::render::MergeArgs;
use crate::exit::ExitCode;
use crate::report::merge::{Part, merge};
use crate::rules::policy::LintCode;
use crate::settings::Source;
use crate::settings::choices::Format;
use std::path::PathBuf;

/// Runs the verb.
pub fn run(args: &MergeArgs) -> Result<ExitCode, Failure> {
    arguments::files("merge", args.files.iter().map(PathBuf::as_path)).map_err(Failure::Message)?;
    arguments::without_effect("merge", &args.gate.settings.given).map_err(Failure::Message)?;
    let ready = Ready::new(&args.gate, Project::here()?)?;
    let format = &ready.config.settings.format;
    if format.value == Format::GoJson && matches!(format.source, Source::Flag(_)) {
        return Err(Failure::Message(
            "--format gojson has no effect on `leakgate merge`: reports hold no events".to_owned(),
        ));
    }
    let parts = args.files.iter().map(|path| {
        let name = path
            .file_name()
            .unwrap_or(path.as_os_str())
            .to_string_lossy()
            .into_owned();
        Ok(Part {
            name,
            report: read(path)?,
        })
    });
    let mut report =
        merge(parts.collect::<Result<_, Failure>>()?).map_err(|error| Failure::Message(error.to_string()))?;
    // What a part says of the rules is about that part only.
    report
        .notices
        .retain(|notice| !LintCode::CODES.contains(&notice.code.as_str()));
    let ground = ready.project.ground();
    ready.begin(&ground, None)?.finish_report(report)
}
