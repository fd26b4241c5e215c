//! In which folder a package lies, by its import path: of the user's modules, of Go, of the modules that a go.mod requires.
//! Edge: reads go.mod.

use super::code_facts::in_cache;
use crate::leak::{MainModule, ModuleInfo};
use crate::rules::go_mod::GoMod;
use std::path::{Path, PathBuf};
use std::sync::OnceLock;

/// What is known of where packages lie.
#[derive(Debug, Default)]
pub struct Packages {
    modules: Vec<MainModule>,
    goroots: Vec<String>,
    cache: PathBuf,
    required: OnceLock<Vec<(String, PathBuf)>>,
}

impl Packages {
    /// Of these modules, and of what they require.
    pub fn of(info: &ModuleInfo, cache: &Path) -> Self {
        Self {
            modules: info.modules.clone(),
            goroots: info.goroots.clone(),
            cache: cache.to_path_buf(),
            required: OnceLock::new(),
        }
    }

    /// The folder of a package, if it is there.
    pub fn folder(&self, import_path: &str) -> Option<String> {
        self.own(import_path)
            .or_else(|| self.std(import_path))
            .or_else(|| self.required(import_path))
            .filter(|folder| folder.is_dir())
            .map(|folder| folder.display().to_string())
    }

    fn own(&self, import_path: &str) -> Option<PathBuf> {
        let own = self
            .modules
            .iter()
            .filter(|module| is_below(import_path, &module.path));
        let own = own.max_by_key(|module| module.path.len())?;
        Some(join(Path::new(&own.dir), import_path, &own.path))
    }

    fn std(&self, import_path: &str) -> Option<PathBuf> {
        let first = import_path.split('/').next().unwrap_or(import_path);
        let goroot = self.goroots.first().filter(|_| !first.contains('.'))?;
        Some(Path::new(goroot).join("src").join(import_path))
    }

    fn required(&self, import_path: &str) -> Option<PathBuf> {
        let all = self.required.get_or_init(|| {
            let modules = self.modules.iter();
            modules
                .flat_map(|module| requirements(module, &self.cache))
                .collect()
        });
        let longest = all
            .iter()
            .filter(|(module, _)| is_below(import_path, module))
            .max_by_key(|(module, _)| module.len())?;
        Some(join(&longest.1, import_path, &longest.0))
    }
}

fn is_below(path: &str, module: &str) -> bool {
    path.strip_prefix(module)
        .is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
}

fn join(folder: &Path, import_path: &str, module: &str) -> PathBuf {
    match import_path
        .get(module.len()..)
        .unwrap_or_default()
        .trim_start_matches('/')
    {
        // Joining nothing would add a slash, and each file would have two names.
        "" => folder.to_path_buf(),
        rest => folder.join(rest),
    }
}

/// Module paths and folders, as a go.mod requires or replaces them.
#[expect(clippy::disallowed_methods, reason = "edge: go.mod is read here")]
fn requirements(module: &MainModule, cache: &Path) -> Vec<(String, PathBuf)> {
    let dir = Path::new(&module.dir);
    let text = std::fs::read_to_string(dir.join("go.mod")).unwrap_or_default();
    let go_mod = GoMod::read(&text);
    let folder = |(path, version): &(String, String)| {
        let replaced = go_mod.replaces.iter().find(|(from, ..)| from == path);
        let folder = match replaced {
            Some((_, to, Some(version))) => in_cache(cache, to, version),
            Some((_, to, None)) => dir.join(to),
            None => in_cache(cache, path, version),
        };
        (path.clone(), folder)
    };
    go_mod.requires.iter().map(folder).collect()
}
