//! The files of a run, each read and parsed once, and the packages that they make up.

use super::lines::line_starts;
use super::{At, DeclKind, GoFile, systems};
use crate::goroutine::name;
use crate::parallel;
use elsa::sync::FrozenMap;
use std::collections::BTreeMap;
use std::ops::Deref;
use std::sync::{Arc, OnceLock, PoisonError, RwLock};

/// Reads source, for several threads. The caller implements it, because this room does no IO.
pub trait Sources: Send + Sync {
    /// The text of a file by its absolute path, or `None` if it can't be read.
    fn read(&self, file: &str) -> Option<Arc<str>>;

    /// The absolute paths of the Go files in a folder; empty if it can't be listed.
    fn list(&self, _folder: &str) -> Vec<String> {
        Vec::new()
    }

    /// The folder of a package that the dump does not show, by its import path.
    fn folder(&self, _import_path: &str) -> Option<String> {
        None
    }
}

/// No sources at hand.
#[derive(Debug, Clone, Copy, Default)]
pub struct NoSources;

impl Sources for NoSources {
    fn read(&self, _: &str) -> Option<Arc<str>> {
        None
    }
}

/// Most files of one package that are looked at.
const MOST_FILES: usize = 400;

/// A path, with its file from when that was first asked for.
struct Known {
    path: String,
    file: OnceLock<Option<GoFile>>,
    is_for_this_system: OnceLock<bool>,
}

/// All files of a run. Several threads may ask at the same time.
pub struct GoFiles {
    sources: Box<dyn Sources>,
    files: FrozenMap<String, Arc<Known>>,
    /// The Go files in a folder that are for this system, by name.
    folders: FrozenMap<String, Vec<Arc<Known>>>,
    /// Where the lines of a file begin.
    lines: FrozenMap<String, Vec<usize>>,
    /// Import path and folder, as dumps show them.
    packages: RwLock<BTreeMap<String, String>>,
}

impl GoFiles {
    /// Files that these sources give.
    pub fn new(sources: impl Sources + 'static) -> Self {
        Self {
            sources: Box::new(sources),
            files: FrozenMap::default(),
            folders: FrozenMap::default(),
            lines: FrozenMap::default(),
            packages: RwLock::default(),
        }
    }

    /// The text of a file, without parsing it.
    pub fn text(&self, file: &str) -> Option<Arc<str>> {
        self.sources.read(file)
    }

    /// The text of a file, and where a line of it begins (from 1); the lines are counted once.
    pub fn text_from(&self, file: &str, line: u32) -> Option<(Arc<str>, usize)> {
        let text = self.text(file)?;
        let starts = match self.lines.get(file) {
            Some(known) => known,
            None => self.lines.insert(file.to_owned(), line_starts(&text)),
        };
        let index = usize::try_from(line).ok()?.checked_sub(1)?;
        let start = *starts.get(index)?;
        Some((text, start))
    }

    /// A parsed file by its absolute path.
    pub fn get(&self, file: &str) -> Option<&GoFile> {
        self.parsed(self.known(file))
    }

    fn known(&self, path: &str) -> &Known {
        let new = || Known {
            path: path.to_owned(),
            file: OnceLock::new(),
            is_for_this_system: OnceLock::new(),
        };
        match self.files.get(path) {
            Some(known) => known,
            None => self.files.insert(path.to_owned(), Arc::new(new())),
        }
    }

    fn parsed<'a>(&self, known: &'a Known) -> Option<&'a GoFile> {
        let parse = || GoFile::parse(&known.path, self.sources.read(&known.path)?);
        known.file.get_or_init(parse).as_ref()
    }

    /// Remembers in which folder a package lies.
    pub fn learn(&self, import_path: &str, file: &str) {
        let Some((folder, _)) = file.rsplit_once('/') else {
            return;
        };
        self.keep_folder(import_path, folder);
    }

    fn keep_folder(&self, import_path: &str, folder: &str) {
        let mut packages = self.packages.write().unwrap_or_else(PoisonError::into_inner);
        if !packages.contains_key(import_path) {
            packages.insert(import_path.to_owned(), folder.to_owned());
        }
    }

    fn packages(&self) -> impl Deref<Target = BTreeMap<String, String>> {
        self.packages.read().unwrap_or_else(PoisonError::into_inner)
    }

    /// The import path of the package that a file belongs to, if a dump showed it.
    pub fn path_of(&self, file: &GoFile) -> Option<String> {
        let folder = file.path.rsplit_once('/')?.0;
        let packages = self.packages();
        let mut all = packages.iter();
        all.find(|(_, known)| *known == folder)
            .map(|(path, _)| path.clone())
    }

    /// The files of the package that a file belongs to, itself among them.
    pub fn package<'a>(&'a self, file: &'a GoFile) -> Vec<&'a GoFile> {
        self.of_package(file, |_| true)
    }

    fn of_package<'a>(&'a self, file: &'a GoFile, wanted: impl Fn(&Known) -> bool) -> Vec<&'a GoFile> {
        let Some((folder, _)) = file.path.rsplit_once('/') else {
            return vec![file];
        };
        let with_tests = file.path.ends_with("_test.go") || !self.is_foreign(file);
        let mut files = self.those_in_folder(folder, with_tests, wanted);
        files.retain(|other| other.package == file.package);
        if !files.iter().any(|other| std::ptr::eq(*other, file)) {
            files.push(file);
        }
        files
    }

    /// A file of Go or of the module cache, whose tests are not part of what runs.
    fn is_foreign(&self, file: &GoFile) -> bool {
        file.path.contains('@') || file.path.contains("/vendor/") || self.is_std(file)
    }

    /// Whether a file is one of the standard library.
    pub fn is_std(&self, file: &GoFile) -> bool {
        self.path_of(file).is_some_and(|path| name::is_std_path(&path))
    }

    /// A declaration of one kind in the package of a file.
    pub fn declared<'a>(
        &'a self,
        file: &'a GoFile,
        name: &str,
        is: impl Fn(&DeclKind) -> bool,
    ) -> Option<At<'a>> {
        find(&self.of_package(file, |known| self.writes(known, name)), name, is)
    }

    /// A declaration of one kind in an imported package.
    pub fn imported_declared<'a>(
        &'a self,
        import_path: &str,
        name: &str,
        is: impl Fn(&DeclKind) -> bool,
    ) -> Option<At<'a>> {
        let folder = self.folder(import_path)?;
        let mut files = self.those_in_folder(&folder, false, |known| self.writes(known, name));
        files.retain(|file| !file.package.ends_with("_test"));
        find(&files, name, is)
    }

    /// Whether a name is somewhere in a file, which else need not be parsed to find what has that name.
    fn writes(&self, known: &Known, name: &str) -> bool {
        let contains = |text: Arc<str>| memchr::memmem::find(text.as_bytes(), name.as_bytes()).is_some();
        known.file.get().is_some() || self.text(&known.path).is_some_and(contains)
    }

    /// The files of an imported package, without its tests.
    pub fn imported(&self, import_path: &str) -> Vec<&GoFile> {
        match self.folder(import_path) {
            Some(folder) => {
                let mut files = self.in_folder(&folder, false);
                files.retain(|file| !file.package.ends_with("_test"));
                files
            }
            None => Vec::new(),
        }
    }

    /// The files of a package and of its tests, inside and outside of it, by its import path.
    pub fn with_tests(&self, import_path: &str) -> Vec<&GoFile> {
        self.folder(import_path)
            .map_or(Vec::new(), |folder| self.in_folder(&folder, true))
    }

    /// The folder of a package, which is known from then on.
    fn folder(&self, import_path: &str) -> Option<String> {
        if let Some(known) = self.packages().get(import_path) {
            return Some(known.clone());
        }
        let folder = self.sources.folder(import_path)?;
        self.keep_folder(import_path, &folder);
        Some(folder)
    }

    /// All Go files in a folder.
    pub fn in_folder(&self, folder: &str, with_tests: bool) -> Vec<&GoFile> {
        self.those_in_folder(folder, with_tests, |_| true)
    }

    /// Those Go files in a folder that are wanted.
    fn those_in_folder(
        &self,
        folder: &str,
        with_tests: bool,
        wanted: impl Fn(&Known) -> bool,
    ) -> Vec<&GoFile> {
        let all = match self.folders.get(folder) {
            Some(known) => known,
            None => self.folders.insert(folder.to_owned(), self.list(folder)),
        };
        let wanted: Vec<&Known> = all
            .iter()
            .filter(|known| with_tests || !known.path.ends_with("_test.go"))
            .take(MOST_FILES)
            .map(|known| &**known)
            .filter(|known| wanted(known))
            .collect();
        self.parse_at_once(&wanted);
        wanted
            .into_iter()
            .filter_map(|known| {
                let file = self.parsed(known)?;
                let is_for_this_system = || systems::by_text(&file.text);
                known
                    .is_for_this_system
                    .get_or_init(is_for_this_system)
                    .then_some(file)
            })
            .collect()
    }

    /// Parses what is not parsed yet, on all processors.
    fn parse_at_once(&self, files: &[&Known]) {
        let left = files.iter().copied().filter(|known| known.file.get().is_none());
        parallel::map(left.collect(), 1, |known| {
            self.parsed(known);
        });
    }

    /// Parses files that are about to be asked for, on all processors.
    pub fn parse_all<'p>(&self, paths: impl Iterator<Item = &'p str>) {
        let files: Vec<&Known> = paths.map(|path| self.known(path)).collect();
        self.parse_at_once(&files);
    }

    fn list(&self, folder: &str) -> Vec<Arc<Known>> {
        let mut paths = self.sources.list(folder);
        paths.retain(|path| systems::by_name(path));
        paths.sort();
        let shared = |path: &String| {
            self.known(path);
            self.files.map_get(path, Arc::clone)
        };
        paths.iter().filter_map(shared).collect()
    }

    /// A function of the package of a file.
    pub fn function<'a>(&'a self, file: &'a GoFile, name: &str) -> Option<At<'a>> {
        self.declared(file, name, |kind| *kind == DeclKind::Func)
    }

    /// A method of a type of the package of a file.
    pub fn method<'a>(&'a self, file: &'a GoFile, of: &str, name: &str) -> Option<At<'a>> {
        let is = |kind: &DeclKind| matches!(kind, DeclKind::Method { receiver, .. } if receiver == of);
        self.declared(file, name, is)
    }
}

/// A declaration of one kind.
pub fn find<'a>(files: &[&'a GoFile], name: &str, is: impl Fn(&DeclKind) -> bool) -> Option<At<'a>> {
    files.iter().find_map(|file| {
        let decl = file.declared(name).find(|decl| is(&decl.kind))?;
        file.node(decl)
    })
}
