//! One leakgate over one package of the module of faults.

use crate::table::Fault;
use leakgate::report::Report;
use leakgate::rules::RulingKind;
use std::fs;
use std::path::PathBuf;
use std::process::Command;
use support::Copied;

fn source() -> PathBuf {
    support::module("faults")
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

/// A copy of the module, so that nothing is written into the repository.
pub struct Module(Copied);

/// What one run said.
pub struct Ran {
    pub exit: Option<i32>,
    pub report: Report,
    /// Standard output, `--format gojson`.
    pub output: String,
}

/// A copy of the module.
pub fn module() -> Module {
    Module(Copied::of(&source()))
}

impl Module {
    /// leakgate in the module, with no setting from outside.
    pub fn command(&self) -> Command {
        let mut command = support::leakgate([]);
        command.current_dir(self.0.dir());
        command
    }

    /// Runs leakgate over the package of a fault.
    pub fn leakgate(&self, fault: &Fault) -> Result<Ran, String> {
        let json = self.0.dir().join(format!("{}.json", fault.package));
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
