//! Where reports go: files opened before the run, standard output, the live test2json file. Edge: writes them.

use crate::app::Failure;
use crate::app::output::output_file::{OutputFile, is_below_kernel};
use crate::app::output::patient::{Losses, Patient};
use crate::gotest::trust;
use crate::parallel;
use crate::report::{Format, RenderOptions, Report};
use crate::settings::Settings;
use std::path::{Path, PathBuf};

/// The report files of a run.
pub struct Outputs {
    files: Vec<(Format, OutputFile)>,
    jsonfile: Option<(PathBuf, std::fs::File)>,
}

impl Outputs {
    /// Opens every file that `settings` name, relative to `dir`, so that a bad path fails before the tests run.
    pub fn open(settings: &Settings, dir: &Path) -> Result<Self, Failure> {
        let mut files = Vec::new();
        for wanted in &settings.reports.value {
            let format = wanted.format.as_str().parse().map_err(Failure::Message)?;
            let file = open(&files, &place(dir, &wanted.path))?;
            files.push((format, file));
        }
        if let Some(path) = &settings.junitfile.value {
            let format = "junit".parse().map_err(Failure::Message)?;
            let file = open(&files, &place(dir, path))?;
            files.push((format, file));
        }
        let jsonfile = settings
            .jsonfile
            .value
            .as_ref()
            .map(|path| {
                let path = dir.join(path);
                live_file(&path).map(|file| (path, file))
            })
            .transpose()?;
        Ok(Self { files, jsonfile })
    }

    /// The `--jsonfile`, once.
    pub fn take_jsonfile(&mut self, losses: &Losses) -> Option<Patient<std::fs::File>> {
        let (path, file) = self.jsonfile.take()?;
        Some(Patient::new(file, path.display().to_string(), losses))
    }

    /// Writes every report file that can be written, as many at once as there are processors.
    pub fn write(self, report: &Report, options: &RenderOptions, losses: &Losses) {
        let (devices, files): (Vec<_>, Vec<_>) =
            self.files.into_iter().partition(|(_, file)| file.is_device());
        let write = |(format, file)| write_one(format, file, report, options).err();
        let mut lost: Vec<String> = parallel::map(files, 1, write).into_iter().flatten().collect();
        lost.sort();
        lost.into_iter().for_each(|loss| losses.note(loss));
        for (format, file) in devices {
            if let Err(loss) = write_one(format, file, report, options) {
                losses.note(loss);
            }
        }
    }
}

/// Writes a report file, or says why it can't be.
fn write_one(
    format: Format,
    file: OutputFile,
    report: &Report,
    options: &RenderOptions,
) -> Result<(), String> {
    let mut bytes = Vec::new();
    let name = file.target().display().to_string();
    format
        .write(report, &mut bytes, options)
        .map_err(|error| format!("can't write {name}: {error}"))?;
    file.persist(&bytes).map_err(|error| error.to_string())
}

/// Where a report goes; `-` is standard output.
fn place(dir: &Path, path: &str) -> PathBuf {
    if path == "-" {
        return PathBuf::from("/dev/stdout");
    }
    dir.join(path)
}

/// The file of a report, unless another report of this run is written there.
pub fn open(known: &[(Format, OutputFile)], path: &Path) -> Result<OutputFile, Failure> {
    let file = OutputFile::create(path)?;
    match known.iter().find(|(_, other)| other.replaces(&file)) {
        Some((format, _)) => Err(Failure::Message(format!(
            "two reports would be written to {}: {format} is one of them",
            path.display()
        ))),
        None => Ok(file),
    }
}

/// `--jsonfile` is followed by other tools while tests run, so it is written in place.
fn live_file(path: &Path) -> Result<std::fs::File, Failure> {
    let fail = |error: std::io::Error| Failure::Message(format!("can't write {}: {error}", path.display()));
    if let Some(parent) = path.parent().filter(|parent| !parent.as_os_str().is_empty()) {
        std::fs::create_dir_all(parent).map_err(fail)?;
    }
    let mut options = std::fs::File::options();
    let options = options.write(true).create(true).truncate(true);
    if is_below_kernel(path) {
        return options.open(path).map_err(fail);
    }
    trust::open_in_place(path, options).map_err(fail)
}
