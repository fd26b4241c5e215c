//! A copy of a fixture module, and leakgate run in it.

use crate::matrix::Go;
use leakgate::report::Report;
use leakgate::rules::RulingKind;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use support::Copied;

/// A copy of `tests/testdata/modules/<name>` in a temporary folder.
pub struct Fixture {
    _keep: Copied,
    /// The module.
    pub dir: PathBuf,
}

impl Fixture {
    /// A copy in a folder of an ordinary name.
    pub fn of(module: &str) -> Self {
        Self::in_folder(module, module)
    }

    /// A copy in a folder of that name.
    pub fn in_folder(module: &str, folder: &str) -> Self {
        let keep = Copied::named(&support::module(module), folder);
        let dir = keep.dir().to_path_buf();
        Self { _keep: keep, dir }
    }

    /// leakgate with `args`, in the folder, on that Go.
    pub fn leakgate(&self, go: &Go, args: &[&str]) -> Command {
        let mut command = support::leakgate(args.iter().copied());
        command.current_dir(&self.dir).env("GOTOOLCHAIN", &go.gotoolchain);
        command
    }

    /// `leakgate test` with `args`, in the folder, on that Go.
    pub fn command(&self, go: &Go, args: &[&str]) -> Command {
        self.leakgate(go, &[&["test", "--format", "json"], args].concat())
    }

    /// What a run with `args` finds.
    pub fn run(&self, go: &Go, args: &[&str]) -> Seen {
        Seen::of(&mut self.command(go, args))
    }

    /// Every file below, with its content and time of change.
    pub fn tree(&self) -> Vec<(PathBuf, Vec<u8>, std::time::SystemTime)> {
        let mut found = Vec::new();
        list(&self.dir, &mut found);
        found.sort();
        found
    }

    /// Takes away (or gives back) the right to write, below and including the folder.
    pub fn writable(&self, writable: bool) {
        set_writable(&self.dir, writable);
    }
}

/// A finished run.
pub struct Seen {
    /// Exit code.
    pub code: Option<i32>,
    /// The report, if there is one.
    pub report: Option<Report>,
    /// Standard error.
    pub stderr: String,
}

impl Seen {
    /// Runs the command.
    pub fn of(command: &mut Command) -> Self {
        let Output {
            status,
            stdout,
            stderr,
        } = command.output().unwrap();
        Self {
            code: status.code(),
            report: serde_json::from_slice(&stdout).ok(),
            stderr: String::from_utf8_lossy(&stderr).into_owned(),
        }
    }

    /// The report; there must be one.
    pub fn report(&self) -> &Report {
        self.report
            .as_ref()
            .unwrap_or_else(|| panic!("no report, exit code {:?}:\n{}", self.code, self.stderr))
    }

    /// `package test ×count` of every failing leak, sorted; the package by its last element.
    pub fn leaks(&self) -> Vec<String> {
        let failing = self
            .report()
            .findings
            .iter()
            .filter(|finding| finding.ruling.kind == RulingKind::Fails);
        let mut leaks: Vec<String> = failing
            .map(|finding| {
                let tests: Vec<&str> = finding
                    .leak
                    .root
                    .tests
                    .iter()
                    .map(|test| test.0.as_str())
                    .collect();
                let package = finding
                    .leak
                    .root
                    .package
                    .as_str()
                    .rsplit('/')
                    .next()
                    .unwrap_or_default();
                format!("{package} {} ×{}", tests.join("+"), finding.leak.goroutines())
            })
            .collect();
        leaks.sort();
        leaks
    }

    /// Packages whose evidence is missing, with the code of the reason.
    pub fn inconclusive(&self) -> Vec<String> {
        let packages = self.report().packages.iter();
        packages
            .filter_map(|p| Some(format!("{} {}", p.path, p.inconclusive.as_ref()?.code)))
            .collect()
    }

    /// Asserts exit code and leaks, and that nothing is inconclusive.
    #[track_caller]
    pub fn expect(&self, what: &str, code: i32, leaks: &[&str]) {
        let report = self.report();
        assert_eq!(
            self.inconclusive(),
            [""; 0],
            "{what}: {:?}\n{}",
            report.notices,
            self.stderr
        );
        assert_eq!(self.leaks(), leaks, "{what}\n{}", self.stderr);
        assert_eq!(self.code, Some(code), "{what}\n{}", self.stderr);
    }
}

fn list(dir: &Path, found: &mut Vec<(PathBuf, Vec<u8>, std::time::SystemTime)>) {
    for entry in fs::read_dir(dir).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            list(&path, found);
        } else {
            let changed = fs::metadata(&path).unwrap().modified().unwrap();
            found.push((path.clone(), fs::read(&path).unwrap(), changed));
        }
    }
}

fn set_writable(path: &Path, writable: bool) {
    use std::os::unix::fs::PermissionsExt;
    if path.is_dir() {
        if writable {
            fs::set_permissions(path, fs::Permissions::from_mode(0o755)).unwrap();
        }
        for entry in fs::read_dir(path).unwrap() {
            set_writable(&entry.unwrap().path(), writable);
        }
    }
    let mode = match (path.is_dir(), writable) {
        (true, true) => 0o755,
        (true, false) => 0o555,
        (false, true) => 0o644,
        (false, false) => 0o444,
    };
    fs::set_permissions(path, fs::Permissions::from_mode(mode)).unwrap();
}
