//! Gathers what judging needs from the project: rules, modules, source.

use crate::app::Failure;
use crate::app::project::config::Config;
use crate::app::project::ground::Ground;
use crate::app::project::module;
use crate::app::project::repository;
use crate::app::project::rulebook;
use crate::app::project::sources::SourceFiles;
use crate::app::project::test_places::TestFiles;
use crate::gate::judging::Judge;
use crate::leak::{MainModule, ModuleInfo, SourceLines};
use std::path::Path;

/// Gathers it. `dir` is go's working folder.
pub fn judge(config: &Config, ground: &Ground, dir: &Path) -> Result<Judge, Failure> {
    let modules = module::own_modules(&ground.gomod, &ground.gowork);
    let root = config.root(dir);
    let module_info = ModuleInfo {
        modules: modules
            .iter()
            .map(|module| MainModule {
                path: module.path.clone(),
                dir: module.dir.display().to_string(),
            })
            .collect(),
        goroots: ground.goroots.clone(),
        root: repository::root(dir).display().to_string(),
        source_lines: SourceLines(config.settings.source_lines.value),
    };
    let roots = rulebook::module_roots(&modules, &root);
    Ok(Judge {
        book: rulebook::book(config, dir, &roots)?,
        module_info,
        roots,
        sources: Box::new(SourceFiles::default()),
        test_places: Box::new(TestFiles::of(modules)),
        today: rulebook::today(),
    })
}
