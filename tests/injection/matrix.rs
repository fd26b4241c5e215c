//! The toolchains that are tried: those of the matrix that this machine has, in the module cache or as `go`.

use std::path::{Path, PathBuf};
use std::process::Command;

/// The matrix.
pub const MATRIX: [&str; 7] = [
    "1.21.13", "1.22.12", "1.23.12", "1.24.11", "1.25.0", "1.26.8", "1.27.3",
];

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

/// Every toolchain of the matrix that is here; never none.
pub fn toolchains() -> Vec<Go> {
    let [modcache, installed, goroot] = go_env();
    let suffix = if cfg!(target_arch = "aarch64") {
        "arm64"
    } else {
        "amd64"
    };
    let here: Vec<Go> = MATRIX
        .iter()
        .filter_map(|version| {
            let is_installed = installed == format!("go{version}");
            let folder = format!("golang.org/toolchain@v0.0.1-go{version}.linux-{suffix}/bin/go");
            let downloaded = Path::new(&modcache).join(folder);
            let own = is_installed.then(|| Path::new(&goroot).join("bin/go"));
            let program = own.or_else(|| downloaded.is_file().then_some(downloaded))?;
            let gotoolchain = if is_installed {
                "local".to_owned()
            } else {
                format!("go{version}")
            };
            Some(Go {
                version: (*version).to_owned(),
                program,
                gotoolchain,
            })
        })
        .collect();
    assert!(
        !here.is_empty(),
        "no toolchain of the matrix is here; {installed} is"
    );
    here
}

/// The `go` of this machine.
pub fn installed() -> Go {
    let [_, version, goroot] = go_env();
    Go {
        version: version.trim_start_matches("go").to_owned(),
        program: Path::new(&goroot).join("bin/go"),
        gotoolchain: "local".to_owned(),
    }
}

fn go_env() -> [String; 3] {
    let asked = Command::new("go")
        .args(["env", "GOMODCACHE", "GOVERSION", "GOROOT"])
        .output()
        .unwrap();
    let said = String::from_utf8(asked.stdout).unwrap();
    let lines: Vec<String> = said.lines().map(str::to_owned).collect();
    lines
        .try_into()
        .unwrap_or_else(|lines| panic!("go env: {lines:?}"))
}
