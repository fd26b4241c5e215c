//! Where reports go: files opened before the run, standard output, the live test2json file. Edge: writes them.

use super::Failure;
use super::output_file::OutputFile;
use crate::report::{Format, RenderOptions, Report};
use crate::settings::Settings;
use std::io::Write;
use std::path::Path;

/// The report files of a run.
pub struct Outputs {
    files: Vec<(Format, OutputFile)>,
    jsonfile: Option<std::fs::File>,
}

impl Outputs {
    /// Opens every file that `settings` name, relative to `dir`, so that a bad path fails before the tests run.
    pub fn open(settings: &Settings, dir: &Path) -> Result<Self, Failure> {
        let mut files = Vec::new();
        for wanted in &settings.reports.value {
            let format = wanted.format.as_str().parse().map_err(Failure::Message)?;
            files.push((format, OutputFile::create(&dir.join(&wanted.path))?));
        }
        if let Some(path) = &settings.junitfile.value {
            let format = "junit".parse().map_err(Failure::Message)?;
            files.push((format, OutputFile::create(&dir.join(path))?));
        }
        let jsonfile = settings
            .jsonfile
            .value
            .as_ref()
            .map(|path| live_file(&dir.join(path)))
            .transpose()?;
        Ok(Self { files, jsonfile })
    }

    /// The `--jsonfile`, once.
    pub fn take_jsonfile(&mut self) -> Option<std::fs::File> {
        self.jsonfile.take()
    }

    /// Writes every report file.
    pub fn write(self, report: &Report, options: &RenderOptions) -> Result<(), Failure> {
        for (format, file) in self.files {
            let mut bytes = Vec::new();
            format.write(report, &mut bytes, options)?;
            file.persist(&bytes)?;
        }
        Ok(())
    }
}

/// `--jsonfile` is followed by other tools while tests run, so it is written in place.
#[expect(
    clippy::disallowed_methods,
    reason = "this is the edge that writes output files"
)]
fn live_file(path: &Path) -> Result<std::fs::File, Failure> {
    let fail = |error: std::io::Error| Failure::Message(format!("can't write {}: {error}", path.display()));
    if let Some(parent) = path.parent().filter(|parent| !parent.as_os_str().is_empty()) {
        std::fs::create_dir_all(parent).map_err(fail)?;
    }
    std::fs::File::create(path).map_err(fail)
}

/// Standard output that survives its reader: once the pipe is closed, the rest is dropped and the run goes on, because
/// its exit code still counts.
#[derive(Debug, Default)]
pub struct PatientStdout {
    closed: bool,
}

impl Write for PatientStdout {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        if self.closed {
            return Ok(bytes.len());
        }
        match std::io::stdout().write_all(bytes) {
            Err(error) if error.kind() == std::io::ErrorKind::BrokenPipe => self.closed = true,
            outcome => outcome?,
        }
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        match std::io::stdout().flush() {
            Err(error) if error.kind() == std::io::ErrorKind::BrokenPipe => Ok(()),
            outcome => outcome,
        }
    }
}
