//! What people install from: `install.sh`, the GitHub action and the pre-commit hooks, run as they are.

#![expect(
    clippy::disallowed_methods,
    clippy::unwrap_used,
    reason = "end-to-end tests: real files and processes"
)]
#![cfg(unix)]

mod editors;

use sha2::Digest;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use yaml_rust2::{Yaml, YamlLoader};

const LEAKGATE: &str = env!("CARGO_BIN_EXE_leakgate");

fn root() -> PathBuf {
    fs::canonicalize(env!("CARGO_MANIFEST_DIR")).unwrap()
}

fn yaml(file: &str) -> Yaml {
    let text = fs::read_to_string(file).unwrap();
    YamlLoader::load_from_str(&text).unwrap().remove(0)
}

fn said(output: &Output) -> String {
    format!(
        "{}{}",
        String::from_utf8_lossy(&output.stdout),
        String::from_utf8_lossy(&output.stderr)
    )
}

/// A folder as a release has it: an archive for this machine and its checksum.
fn release(folder: &Path) -> String {
    let name = format!("leakgate-9.8.7-{}-unknown-linux-musl", std::env::consts::ARCH);
    fs::create_dir(folder.join(&name)).unwrap();
    fs::write(
        folder.join(&name).join("leakgate"),
        "#!/bin/sh\necho leakgate 9.8.7\n",
    )
    .unwrap();
    let archive = format!("{name}.tar.gz");
    let script = format!("tar -czf {archive} {name} && rm -r {name} && sha256sum {archive} > SHA256SUMS");
    let done = Command::new("sh")
        .current_dir(folder)
        .args(["-c", &script])
        .output()
        .unwrap();
    assert!(done.status.success(), "{}", said(&done));
    archive
}

fn install(from: &Path, to: &Path, more: &[&str]) -> Output {
    let mut command = Command::new("sh");
    command
        .arg("install.sh")
        .arg("--from")
        .arg(from)
        .arg("--to")
        .arg(to)
        .args(more);
    command.output().unwrap()
}

#[test]
#[cfg(target_os = "linux")]
fn the_installer_takes_an_archive_whose_checksum_is_right() {
    let scratch = tempfile::tempdir().unwrap();
    release(scratch.path());
    let to = scratch.path().join("bin");
    for more in [&[][..], &["--version", "9.8.7"], &["--version", "v9.8.7"]] {
        let done = install(scratch.path(), &to, more);
        assert!(done.status.success(), "{}", said(&done));
        assert!(
            said(&done).contains("installed leakgate 9.8.7"),
            "{}",
            said(&done)
        );
    }
    assert_eq!(fs::read_dir(&to).unwrap().count(), 1, "no temporary file stays");
}

#[test]
#[cfg(target_os = "linux")]
fn the_installer_refuses_what_was_changed_or_is_missing_and_installs_nothing() {
    let scratch = tempfile::tempdir().unwrap();
    let archive = release(scratch.path());
    let to = scratch.path().join("bin");
    let missing = install(scratch.path(), &to, &["--version", "1.0.0"]);
    assert!(said(&missing).contains("of version 1.0.0"), "{}", said(&missing));
    let mut bytes = fs::read(scratch.path().join(&archive)).unwrap();
    bytes.push(0);
    fs::write(scratch.path().join(&archive), bytes).unwrap();
    let changed = install(scratch.path(), &to, &[]);
    assert!(!changed.status.success());
    assert!(
        said(&changed).contains("nothing was installed"),
        "{}",
        said(&changed)
    );
    assert!(!to.exists());
}

#[test]
fn the_installer_of_the_source_tree_claims_no_release() {
    let done = Command::new("sh").arg("install.sh").output().unwrap();
    assert!(!done.status.success());
    assert!(said(&done).contains("knows no release"), "{}", said(&done));
}

/// The shell script of the action's step `name`.
fn step(name: &str) -> String {
    let action = yaml("action.yml");
    let steps = action["runs"]["steps"].as_vec().unwrap();
    let step = steps
        .iter()
        .find(|step| step["name"].as_str() == Some(name))
        .unwrap();
    assert_eq!(step["shell"].as_str(), Some("bash"));
    step["run"].as_str().unwrap().to_owned()
}

#[test]
fn the_action_runs_the_gate_with_its_arguments_and_hands_on_the_code() {
    let scratch = tempfile::tempdir().unwrap();
    let output = scratch.path().join("output");
    let sarif = scratch.path().join("leaks.sarif");
    let path = format!(
        "{}:{}",
        Path::new(LEAKGATE).parent().unwrap().display(),
        std::env::var("PATH").unwrap()
    );
    let done = Command::new("bash")
        .args([
            "--noprofile",
            "--norc",
            "-eo",
            "pipefail",
            "-c",
            &step("Run the gate"),
        ])
        .current_dir(root().join("examples/first-leak"))
        .env("PATH", path)
        .env("ARGS", "-count=1 -run 'TestFastest$|No Such' ./...")
        .env("REPORTS", format!("sarif={}\n", sarif.display()))
        .env("LEAKGATE_SUMMARY", "none")
        .env("GITHUB_OUTPUT", &output)
        .env_remove("GITHUB_ACTIONS")
        .env_remove("GITHUB_STEP_SUMMARY")
        .output()
        .unwrap();
    assert_eq!(done.status.code(), Some(3), "{}", said(&done));
    assert_eq!(fs::read_to_string(output).unwrap(), "exit-code=3\n");
    let sarif = fs::read_to_string(sarif).unwrap();
    assert!(
        sarif.contains("TestFastest") && !sarif.contains("TestFastestFixed"),
        "{sarif}"
    );
}

#[test]
fn every_input_of_the_action_reaches_a_step() {
    let action = yaml("action.yml");
    let text = fs::read_to_string("action.yml").unwrap();
    for (name, input) in action["inputs"].as_hash().unwrap() {
        let name = name.as_str().unwrap();
        assert!(
            text.contains(&format!("${{{{ inputs.{name} }}}}")),
            "{name} is read by no step"
        );
        assert!(input["description"].as_str().is_some(), "{name}");
    }
    // An input in a script would be code.
    for name in ["Install leakgate", "Run the gate"] {
        assert!(
            !step(name).contains("${{"),
            "{name} takes inputs through the environment only"
        );
    }
}

#[test]
fn every_hook_of_pre_commit_is_a_command_that_exists() {
    let scratch = tempfile::tempdir().unwrap();
    let module = scratch.path().join("first-leak");
    let mut copy = Command::new("cp");
    assert!(
        copy.arg("-r")
            .arg("examples/first-leak")
            .arg(&module)
            .status()
            .unwrap()
            .success()
    );
    let mut init = Command::new(LEAKGATE);
    assert!(
        init.current_dir(&module)
            .arg("init")
            .output()
            .unwrap()
            .status
            .success()
    );
    for hook in yaml(".pre-commit-hooks.yaml").as_vec().unwrap() {
        let words: Vec<&str> = hook["entry"].as_str().unwrap().split(' ').collect();
        assert_eq!(words[0], "leakgate");
        let mut command = Command::new(LEAKGATE);
        let done = command.current_dir(&module).args(&words[1..]).output().unwrap();
        // The lint finds nothing wrong in a fresh file; the gate finds the example's leak.
        let expected = if words[1] == "test" { 3 } else { 0 };
        assert_eq!(done.status.code(), Some(expected), "{words:?}: {}", said(&done));
    }
}

#[test]
fn the_formula_and_the_manifest_name_each_archive_with_its_own_checksum() {
    let scratch = tempfile::tempdir().unwrap();
    let version = env!("CARGO_PKG_VERSION");
    let archives = [
        "x86_64-unknown-linux-musl.tar.gz",
        "aarch64-unknown-linux-musl.tar.gz",
        "x86_64-apple-darwin.tar.gz",
        "aarch64-apple-darwin.tar.gz",
        "x86_64-pc-windows-gnu.zip",
    ];
    let sum_of = |name: &str| -> String {
        let digest = sha2::Sha256::digest(name.as_bytes());
        digest.iter().map(|byte| format!("{byte:02x}")).collect()
    };
    let sums = |count: usize| {
        let names = archives[..count]
            .iter()
            .map(|end| format!("leakgate-{version}-{end}"));
        let lines = names.map(|name| format!("{}  {name}\n", sum_of(&name)));
        fs::write(scratch.path().join("SHA256SUMS"), lines.collect::<String>()).unwrap();
    };
    let fill = || {
        let mut fill = Command::new("packaging/formulas.sh");
        fill.arg("OWNER/leakgate").arg(scratch.path()).output().unwrap()
    };
    sums(4);
    let done = fill();
    assert!(!done.status.success(), "the zip is missing");
    assert!(
        said(&done).contains("@SHA_x86_64-pc-windows-gnu@"),
        "{}",
        said(&done)
    );
    sums(5);
    let done = fill();
    assert!(done.status.success(), "{}", said(&done));
    let text = |name: &str| fs::read_to_string(scratch.path().join(name)).unwrap();
    let quoted = |text: &str, key: &str| -> Vec<String> {
        let lines = text.lines().filter_map(|line| line.trim().strip_prefix(key));
        let inside = lines.filter_map(|line| line.split('"').nth(1));
        inside.map(str::to_owned).collect()
    };
    let base = format!("https://github.com/OWNER/leakgate/releases/download/v{version}/");
    let right = |url: &str, sum: &str| {
        let name = url.strip_prefix(&base).unwrap_or_else(|| panic!("{url}"));
        assert!(archives.iter().any(|end| name.ends_with(end)), "{name}");
        assert_eq!(sum, sum_of(name), "{name}");
    };
    let formula = text("leakgate.rb");
    let (urls, hashes) = (quoted(&formula, "url "), quoted(&formula, "sha256 "));
    assert_eq!((urls.len(), hashes.len()), (4, 4), "{formula}");
    for (url, sum) in urls.iter().zip(&hashes) {
        right(url, sum);
    }
    let manifest: serde_json::Value = serde_json::from_str(&text("leakgate.json")).unwrap();
    let program = &manifest["architecture"]["64bit"];
    right(
        program["url"].as_str().unwrap(),
        program["hash"].as_str().unwrap(),
    );
    assert!(!text("install.sh").contains("@REPOSITORY@"));
}

#[test]
fn the_notes_of_a_release_are_its_section_of_the_changelog() {
    let notes = |version: &str| Command::new("packaging/notes.sh").arg(version).output().unwrap();
    let wrong = notes("99.0.0");
    assert!(!wrong.status.success());
    assert!(said(&wrong).contains("not 99.0.0"), "{}", said(&wrong));
    // The version in Cargo.toml has its section only once it is released.
    let current = notes(env!("CARGO_PKG_VERSION"));
    let changelog = fs::read_to_string("CHANGELOG.md").unwrap();
    let released = changelog.contains(&format!("## [{}]", env!("CARGO_PKG_VERSION")));
    assert_eq!(current.status.success(), released, "{}", said(&current));
}
