//! One leakgate over one package of the module of faults.

use crate::table::Fault;
use leakgate::report::Report;
use leakgate::rules::RulingKind;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

fn source() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/testdata/modules/faults")
}

/// Every package with tests, sorted.
pub fn packages() -> Vec<String> {
    let entries = fs::read_dir(source()).unwrap().map(|entry| entry.unwrap());
    let mut names: Vec<String> = entries
        .filter(|entry| entry.path().join("fault_test.go").is_file())
        .map(|entry| entry.file_name().into_string().unwrap())
        .collect();
    names.sort();
    names
}

/// A copy of the module.
pub struct Module {
    place: tempfile::TempDir,
}

/// What one run said.
pub struct Ran {
    pub exit: Option<i32>,
    pub report: Report,
    /// Standard output, `--format gojson`.
    pub output: String,
}

/// A copy of the module, so that nothing is written into the repository.
pub fn module() -> Module {
    let place = tempfile::tempdir().unwrap();
    fs::copy(source().join("go.mod"), place.path().join("go.mod")).unwrap();
    for folder in fs::read_dir(source()).unwrap().map(|entry| entry.unwrap().path()) {
        if !folder.is_dir() {
            continue;
        }
        let to = place.path().join(folder.file_name().unwrap());
        fs::create_dir(&to).unwrap();
        for file in fs::read_dir(folder).unwrap().map(|entry| entry.unwrap()) {
            fs::copy(file.path(), to.join(file.file_name())).unwrap();
        }
    }
    Module { place }
}

impl Module {
    /// leakgate in the module, with no setting from outside.
    pub fn command(&self) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_leakgate"));
        for (name, _) in std::env::vars_os() {
            if name.to_string_lossy().starts_with("LEAKGATE_") && name != "LEAKGATE_CACHE" {
                command.env_remove(name);
            }
        }
        command.current_dir(self.place.path());
        command
    }

    /// Runs leakgate over the package of a fault.
    pub fn leakgate(&self, fault: &Fault) -> Result<Ran, String> {
        let json = self.place.path().join(format!("{}.json", fault.package));
        let _ = fs::remove_file(&json);
        let mut command = self.command();
        let output = command
            .envs(fault.env.iter().copied())
            .envs(fault.forge.map(|how| ("FORGE", how)))
            .args(["test", "--format=gojson"])
            .arg(format!("--report=json={}", json.display()))
            .args(fault.go_args)
            // What a package reads before m.Run go's test cache does not know of.
            .args((!fault.env.is_empty() || fault.forge.is_some()).then_some("-count=1"))
            .arg(format!("./{}", fault.package))
            .output()
            .map_err(|error| error.to_string())?;
        let said = || String::from_utf8_lossy(&output.stderr).into_owned();
        let text = fs::read_to_string(&json).map_err(|error| format!("no report: {error}\n{}", said()))?;
        let report = serde_json::from_str(&text).map_err(|error| format!("report: {error}"))?;
        Ok(Ran {
            exit: output.status.code(),
            report,
            output: String::from_utf8_lossy(&output.stdout).into_owned(),
        })
    }
}

/// Goroutines that fail the gate, by test.
pub fn leaks(report: &Report) -> Vec<(String, u64)> {
    let mut leaks: Vec<(String, u64)> = Vec::new();
    for finding in report
        .findings
        .iter()
        .filter(|finding| finding.ruling.kind == RulingKind::Fails)
    {
        let tests: Vec<&str> = finding
            .leak
            .root
            .tests
            .iter()
            .map(|test| test.0.as_str())
            .collect();
        let tests = tests.join(" ");
        match leaks.iter_mut().find(|(known, _)| *known == tests) {
            Some((_, count)) => *count += finding.leak.goroutines(),
            None => leaks.push((tests, finding.leak.goroutines())),
        }
    }
    leaks.sort();
    leaks
}
