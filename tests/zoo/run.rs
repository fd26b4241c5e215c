//! One run of leakgate over a copy of the zoo.

use leakgate::report::Report;
use std::fs;
use std::path::PathBuf;
use support::Copied;

/// The zoo in this repository.
pub fn zoo() -> PathBuf {
    support::repository().join("examples/zoo")
}

/// Runs `leakgate test --report json=… ARGS` in a copy of the zoo.
pub fn leakgate(toolchain: &str, flags: &[&str], go_args: &[&str]) -> Result<Report, String> {
    let copy = Copied::of(&zoo());
    let json = copy.beside().join("report.json");
    let mut command = support::leakgate(["test"]);
    command
        .env("GOTOOLCHAIN", toolchain)
        .current_dir(copy.dir())
        .arg(format!("--report=json={}", json.display()))
        .args(flags)
        .args(go_args);
    let output = command.output().map_err(|error| error.to_string())?;
    let said = || {
        let tail = |bytes: &[u8]| {
            let text = String::from_utf8_lossy(bytes).into_owned();
            let from = text.len().saturating_sub(2000);
            text.get(from..).unwrap_or(&text).to_owned()
        };
        format!(
            "exit {:?}\n{}\n{}",
            output.status.code(),
            tail(&output.stdout),
            tail(&output.stderr)
        )
    };
    let text = fs::read_to_string(&json).map_err(|error| format!("no report: {error}; {}", said()))?;
    serde_json::from_str(&text).map_err(|error| format!("report: {error}; {}", said()))
}
