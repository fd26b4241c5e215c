//! The toolchains that are tried: those of the matrix that this machine has.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::LazyLock;
use support::tools::{MATRIX, has_go};

/// One toolchain.
#[derive(Debug, Clone)]
pub struct Go {
    /// `1.27.3`.
    pub version: String,
    /// Its `go`.
    pub program: PathBuf,
    /// What GOTOOLCHAIN chooses it.
    pub gotoolchain: String,
}

impl Go {
    /// The 27 in `1.27.3`.
    pub fn minor(&self) -> u32 {
        self.version
            .split('.')
            .nth(1)
            .and_then(|minor| minor.parse().ok())
            .unwrap()
    }
}

/// Every toolchain of the matrix that can be had; where none can, the `go` of this machine. What is missing is skipped, once.
pub fn toolchains() -> Vec<Go> {
    static HERE: LazyLock<Vec<Go>> = LazyLock::new(|| {
        let own = installed();
        let others = MATRIX
            .into_iter()
            .filter(|version| *version == own.version || has_go(version));
        let here: Vec<Go> = others
            .map(|version| {
                if version == own.version {
                    own.clone()
                } else {
                    other(version)
                }
            })
            .collect();
        if here.is_empty() { vec![own] } else { here }
    });
    HERE.clone()
}

fn other(version: &str) -> Go {
    let gotoolchain = format!("go{version}");
    let [_, goroot] = go_env(&gotoolchain);
    Go {
        version: version.to_owned(),
        program: Path::new(&goroot).join("bin/go"),
        gotoolchain,
    }
}

/// The `go` of this machine.
pub fn installed() -> Go {
    let [version, goroot] = go_env("local");
    Go {
        version: version.trim_start_matches("go").to_owned(),
        program: Path::new(&goroot).join("bin/go"),
        gotoolchain: "local".to_owned(),
    }
}

fn go_env(gotoolchain: &str) -> [String; 2] {
    let asked = Command::new("go")
        .args(["env", "GOVERSION", "GOROOT"])
        .env("GOTOOLCHAIN", gotoolchain)
        .output()
        .unwrap();
    let said = String::from_utf8(asked.stdout).unwrap();
    let lines: Vec<String> = said.lines().map(str::to_owned).collect();
    lines
        .try_into()
        .unwrap_or_else(|lines| panic!("go env: {lines:?}"))
}
