//! Gathers what judging needs from the project: rules, modules, source.

use crate::app::Failure;
use crate::app::project::config::Config;
use crate::app::project::ground::Ground;
use crate::app::project::here::Project;
use crate::app::project::module;
use crate::app::project::packages::Packages;
use crate::app::project::rulebook;
use crate::app::project::sources::{SourceFiles, SourceRoots};
use crate::app::project::test_places::TestFiles;
use crate::gate::judging::{Joining, Judge};
use crate::go_source::GoFiles;
use crate::leak::{MainModule, ModuleInfo, SourceLines};
use crate::settings::choices::Switch;
use std::path::{Path, PathBuf};

/// The modules, GOROOT and the module cache; without a module the folder that go works in.
fn source_roots(modules: &[MainModule], ground: &Ground, dir: &Path) -> SourceRoots {
    let mut folders: Vec<PathBuf> = modules.iter().map(|module| PathBuf::from(&module.dir)).collect();
    if folders.is_empty() {
        folders.push(dir.to_path_buf());
    }
    folders.extend(ground.goroots.iter().map(PathBuf::from));
    folders.push(ground.module_cache.clone());
    SourceRoots::below(folders)
}

/// Gathers it.
pub fn judge(config: &Config, ground: &Ground, project: &Project) -> Result<Judge, Failure> {
    let modules = module::own_modules(&ground.gomod, &ground.gowork);
    let root = config.root(&project.dir);
    let module_info = ModuleInfo {
        modules: modules
            .iter()
            .map(|module| MainModule {
                path: module.path.clone(),
                dir: as_go_prints(Path::new(&module.dir)),
            })
            .collect(),
        goroots: ground
            .goroots
            .iter()
            .map(|root| as_go_prints(Path::new(root)))
            .collect(),
        root: as_go_prints(project.repository()),
        source_lines: SourceLines(config.settings.source_lines.value),
    };
    let roots = rulebook::module_roots(&modules, &root);
    Ok(Judge {
        book: rulebook::book(config, &project.dir, &roots)?,
        sources: GoFiles::new(SourceFiles::new(
            source_roots(&modules, ground, &project.dir),
            Packages::of(&module_info, &ground.module_cache),
        )),
        module_info,
        roots,
        unseen_modules: module::unseen_modules(&modules),
        test_places: Box::new(TestFiles::of(modules)),
        joining: match config.settings.join.value {
            Switch::On => Joining::Leaks,
            Switch::Off => Joining::Goroutines,
        },
        today: rulebook::today(),
    })
}

/// A folder as the stacks of Go name it: with `/`, also on Windows.
fn as_go_prints(folder: &Path) -> String {
    let name = folder.display().to_string();
    if cfg!(windows) {
        name.replace('\\', "/")
    } else {
        name
    }
}
