//! `leakgate merge`: the reports of shards become one report, one verdict, one exit code. Edge: reads and writes files.
//!
//! All leaks are ruled once more, together: caps, baseline counts and stale entries can be told only over the whole.

use crate::app::Failure;
use crate::app::output::ci::Ci;
use crate::app::output::outputs::Outputs;
use crate::app::output::screen::{self, Screen};
use crate::app::project::config::Config;
use crate::app::project::ground::Ground;
use crate::app::project::module;
use crate::app::project::repository;
use crate::app::project::rulebook;
use crate::app::project::rules_file::working_folder;
use crate::app::run::assemble;
use crate::app::store::history::read;
use crate::cli::render::MergeArgs;
use crate::exit::ExitCode;
use crate::gate::rules;
use crate::report::merge::{Part, merge};
use crate::report::{self, Finding, Report};
use crate::rules::RulingKind;
use crate::rules::book::Context;
use crate::rules::policy::LintCode;
use crate::rules::suggest;
use std::path::Path;

/// Runs the verb.
pub fn run(args: &MergeArgs) -> Result<ExitCode, Failure> {
    let dir = working_folder()?;
    let config = Config::load(&args.gate, &dir)?;
    let outputs = Outputs::open(&config.settings, &dir)?;
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
    rule(&mut report, &config, &dir)?;
    assemble::sort(&mut report);
    assemble::link(&mut report);
    report::finish(&mut report, &screen::policy(&config, &args.gate));
    let ci = Ci::look(&config.settings, repository::root(&dir), &dir);
    let screen = Screen::new(&config, None, ci);
    screen.begin();
    screen.close(&report, &config, outputs)
}

/// Rules the leaks of all parts together, by the rules file found here.
fn rule(report: &mut Report, config: &Config, dir: &Path) -> Result<(), Failure> {
    let ground = Ground::above(dir);
    let modules = module::own_modules(&ground.gomod, &ground.gowork);
    let roots = rulebook::module_roots(&modules, &config.root(dir));
    let today = rulebook::today();
    let context = Context {
        today,
        modules: &roots,
        not_full: report.run.not_full.as_deref(),
    };
    let book = rulebook::book(config, dir, &roots)?;
    let leaks: Vec<_> = report.findings.drain(..).map(|finding| finding.leak).collect();
    let ruled = book.rule(&leaks, &context);
    // What a part said of the rules, it said of its part.
    report
        .notices
        .retain(|notice| !LintCode::CODES.contains(&notice.code.as_str()));
    report.notices.extend(rules::lint_notices(&book, &roots, today));
    report.notices.extend(ruled.notices.iter().map(rules::notice));
    let ruled = leaks.into_iter().zip(ruled.rulings);
    report.findings = ruled
        .map(|(leak, ruling)| Finding {
            allow_entry: (ruling.kind == RulingKind::Fails).then(|| suggest::allow_entry(&leak.root, today)),
            leak,
            ruling,
        })
        .collect();
    Ok(())
}
