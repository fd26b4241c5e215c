//! What dumps are judged by: the rules of the project that leakgate is called in, its modules and its source.

use crate::app::Failure;
use crate::app::project::config::Config;
use crate::app::project::here::Project;
use crate::app::run::judge;
use crate::app::store::reading;
use crate::cli::dumps::{RulesFlags, SelectFlags};
use crate::cli::gate::GateFlags;
use crate::dumps::against::Against;
use crate::dumps::judge::{Judged, book_for_dumps};
use crate::dumps::select::Filter;
use crate::dumps::view::CrashView;
use crate::dumps::{Dump, crash};
use crate::gate::judging::Judge;
use crate::leak::Code;
use crate::package_path::PackagePath;
use crate::report::Report;
use crate::rules::matching::LeakNames;
use crate::rules::{Baseline, Context, RuleBook};
use std::path::Path;

/// All of it.
pub struct Judging {
    book: RuleBook,
    of_tests: Judge,
}

impl Judging {
    /// Gathers it for the working folder.
    pub fn new(flags: &RulesFlags) -> Result<Self, Failure> {
        let project = Project::here()?;
        let gate = GateFlags {
            config: flags.config.clone(),
            no_config: flags.no_config,
            ..GateFlags::default()
        };
        let config = Config::load(&gate, &project)?;
        let of_tests = judge::judge(&config, &project.ground(), &project)?;
        Ok(Self {
            book: book_for_dumps(&of_tests.book),
            of_tests,
        })
    }

    /// Judges a dump.
    pub fn judge(&self, dump: &Dump) -> Vec<Judged> {
        let none = PackagePath(String::new());
        let code = Code {
            package: &none,
            module: &self.of_tests.module_info,
            sources: &self.of_tests.sources,
        };
        let context = Context {
            today: self.of_tests.today,
            modules: &self.of_tests.roots,
            not_full: Some("a dump is no run of tests"),
        };
        crate::dumps::judge::judge(dump, &code, &self.book, &context)
    }

    /// Explains a crash, if the dump is one.
    pub fn crash(&self, dump: &Dump) -> Option<CrashView> {
        crash::explain(dump, &self.of_tests.module_info, &self.of_tests.sources)
    }
}

/// All filters of the flags.
pub fn filters(flags: &SelectFlags) -> Result<Vec<Filter>, Failure> {
    let mut filters = flags.filter.clone();
    for (key, value) in [("state", &flags.state), ("entry", &flags.owner)] {
        if let Some(value) = value {
            filters.push(Filter::new(key, value, false).map_err(Failure::Message)?);
        }
    }
    Ok(filters)
}

/// What passes all filters.
pub fn selected(judged: Vec<Judged>, filters: &[Filter]) -> Vec<Judged> {
    if filters.is_empty() {
        return judged;
    }
    let passes = |one: &Judged| {
        let names = LeakNames::of(&one.leak.root);
        filters.iter().all(|filter| filter.passes(one, &names))
    };
    judged.into_iter().filter(passes).collect()
}

/// The leaks that a report or a baseline knows.
pub fn against(path: &Path) -> Result<Against, Failure> {
    let name = path.display();
    let bytes = reading::whole(path, reading::REPORT)
        .map_err(|error| Failure::Message(format!("can't read {name}: {error}")))?;
    let head = String::from_utf8_lossy(&bytes[..bytes.len().min(200)]);
    if head.contains(crate::rules::baseline::SCHEMA) {
        let baseline = Baseline::read(&String::from_utf8_lossy(&bytes))
            .map_err(|error| Failure::Message(format!("{name}: {error}")))?;
        return Ok(Against::of_baseline(&baseline));
    }
    let report = Report::read(&bytes).map_err(|error| {
        Failure::Message(format!(
            "{name} is neither a JSON report nor a baseline of leakgate: {error}"
        ))
    })?;
    Ok(Against::of_report(&report))
}
