//! What the end-to-end tests share: leakgate without any setting of this machine, a copy of a folder to run it in, and what it
//! wrote.

pub mod tools;

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

/// Variables of CI systems, of go and of test runners that change what leakgate does.
const OUTSIDE: [&str; 12] = [
    "BUILDKITE",
    "CI",
    "GITHUB_ACTIONS",
    "GITHUB_OUTPUT",
    "GITHUB_STEP_SUMMARY",
    "GITLAB_CI",
    "GODEBUG",
    "GOFLAGS",
    "GOPS_CONFIG_DIR",
    "GOWORK",
    "TEAMCITY_VERSION",
    "TEST_TARGET",
];

/// The folder of this repository.
pub fn repository() -> PathBuf {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    here.ancestors().nth(2).expect("this crate is tests/support").to_path_buf()
}

/// A fixture module, `tests/testdata/modules/<name>`.
pub fn module(name: &str) -> PathBuf {
    repository().join("tests/testdata/modules").join(name)
}

/// The program under test, which cargo builds beside the tests.
pub fn program() -> PathBuf {
    let test = std::env::current_exe().expect("a test knows its own path");
    let folder = test.ancestors().nth(2).expect("tests are in deps/");
    folder.join(format!("leakgate{}", std::env::consts::EXE_SUFFIX))
}

/// leakgate with these arguments.
pub fn leakgate<'a>(args: impl IntoIterator<Item = &'a str>) -> Command {
    let mut command = Command::new(program());
    command.args(args);
    alone(&mut command);
    command
}

/// Takes every setting from outside off a command that runs leakgate. The cache folder stays, so that the tests share one.
pub fn alone(command: &mut Command) -> &mut Command {
    for (name, _) in std::env::vars_os() {
        let of_leakgate = name.to_string_lossy().starts_with("LEAKGATE_") && name != "LEAKGATE_CACHE";
        if of_leakgate || OUTSIDE.iter().any(|outside| name == *outside) {
            command.env_remove(name);
        }
    }
    command
}

/// A copy of a folder in a temporary one, which goes when this is dropped.
pub struct Copied {
    keep: tempfile::TempDir,
    dir: PathBuf,
}

impl Copied {
    /// A copy with the name that it has.
    pub fn of(folder: &Path) -> Self {
        let name = folder.file_name().expect("a folder has a name");
        Self::named(folder, &name.to_string_lossy())
    }

    /// A copy with that name.
    pub fn named(folder: &Path, name: &str) -> Self {
        let keep = tempfile::tempdir().expect("a temporary folder");
        let dir = keep.path().join(name);
        copy(folder, &dir);
        Self { keep, dir }
    }

    /// The copy.
    pub fn dir(&self) -> &Path {
        &self.dir
    }

    /// The temporary folder, which holds nothing but the copy at first.
    pub fn beside(&self) -> &Path {
        self.keep.path()
    }
}

fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).expect("a folder can be made");
    for entry in fs::read_dir(from).unwrap_or_else(|error| panic!("{}: {error}", from.display())) {
        let path = entry.expect("an entry of a folder").path();
        let target = to.join(path.file_name().expect("an entry has a name"));
        if path.is_dir() {
            copy(&path, &target);
        } else {
            fs::copy(&path, &target).expect("a file can be copied");
        }
    }
}

/// What a program wrote, and its exit code.
pub struct Said {
    /// Exit code; `None` if a signal ended it.
    pub code: Option<i32>,
    /// Standard output.
    pub out: String,
    /// Standard error.
    pub err: String,
}

impl Said {
    /// Runs a command to its end.
    pub fn of(command: &mut Command) -> Self {
        command.output().expect("the program starts").into()
    }

    /// Both outputs.
    pub fn text(&self) -> String {
        format!("{}{}", self.out, self.err)
    }

    /// Standard output as JSON.
    #[track_caller]
    pub fn json(&self) -> serde_json::Value {
        serde_json::from_str(&self.out).unwrap_or_else(|error| panic!("{error}\n{}", self.text()))
    }

    /// It must have ended with this exit code.
    #[track_caller]
    pub fn code(self, code: i32) -> Self {
        assert_eq!(self.code, Some(code), "{}", self.text());
        self
    }

    /// One of its outputs must have this.
    #[track_caller]
    pub fn says(self, text: &str) -> Self {
        let found = self.out.contains(text) || self.err.contains(text);
        assert!(found, "no {text:?} in\n{}", self.text());
        self
    }
}

impl From<Output> for Said {
    fn from(output: Output) -> Self {
        Self {
            code: output.status.code(),
            out: String::from_utf8_lossy(&output.stdout).into_owned(),
            err: String::from_utf8_lossy(&output.stderr).into_owned(),
        }
    }
}

/// The lines of a log that GitHub's runner takes for its own: those that no `::stop-commands::` fence holds.
pub fn heard_by_github(log: &str) -> Vec<&str> {
    let mut heard = Vec::new();
    let mut fence: Option<&str> = None;
    for line in log.lines() {
        let command = line.trim_start();
        match fence {
            Some(token) if command.strip_prefix("::").and_then(|rest| rest.strip_suffix("::")) == Some(token) => {
                fence = None;
            }
            Some(_) => {}
            None => match command.strip_prefix("::stop-commands::") {
                Some(token) => fence = Some(token),
                None => heard.push(line),
            },
        }
    }
    assert!(fence.is_none(), "a fence stays closed:\n{log}");
    heard
}
