//! One run of leakgate over a copy of the zoo.

use leakgate::report::Report;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

/// The zoo in this repository.
pub fn zoo() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("examples/zoo")
}

/// Runs `leakgate test --report json=… ARGS` in a copy of the zoo.
pub fn leakgate(toolchain: &str, flags: &[&str], go_args: &[&str]) -> Result<Report, String> {
    let place = tempfile::tempdir().map_err(|error| error.to_string())?;
    let copy = place.path().join("zoo");
    copy_tree(&zoo(), &copy);
    let json = place.path().join("report.json");
    let mut command = Command::new(env!("CARGO_BIN_EXE_leakgate"));
    for (name, _) in std::env::vars_os() {
        if name.to_string_lossy().starts_with("LEAKGATE_") && name != "LEAKGATE_CACHE" {
            command.env_remove(name);
        }
    }
    command
        .env("GOTOOLCHAIN", toolchain)
        .current_dir(&copy)
        .arg("test")
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

fn copy_tree(from: &Path, to: &Path) {
    fs::create_dir_all(to).expect("a folder can be made");
    for entry in fs::read_dir(from).expect("a folder of the zoo") {
        let entry = entry.expect("an entry of the zoo");
        let target = to.join(entry.file_name());
        if entry.path().is_dir() {
            copy_tree(&entry.path(), &target);
        } else {
            fs::copy(entry.path(), target).expect("a file can be copied");
        }
    }
}
