//! Test binaries that plain `go` builds in a toolchain made by `leakgate overlay --goroot`.

use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::sync::OnceLock;

/// leakgate in `dir`, without what a CI or the user has set.
pub fn leakgate(dir: &Path) -> Command {
    let mut command = support::leakgate([]);
    command.current_dir(dir);
    command
}

/// A finished command.
pub struct Done {
    pub code: Option<i32>,
    pub stdout: String,
    pub stderr: String,
}

/// Runs it to its end.
pub fn finished(command: &mut Command) -> Done {
    let Output {
        status,
        stdout,
        stderr,
    } = command.output().unwrap();
    Done {
        code: status.code(),
        stdout: String::from_utf8_lossy(&stdout).into_owned(),
        stderr: String::from_utf8_lossy(&stderr).into_owned(),
    }
}

/// A folder with one test binary of each package of the module `bazel`, with the shim in them; made once.
pub fn binaries() -> &'static Path {
    static FOLDER: OnceLock<tempfile::TempDir> = OnceLock::new();
    let folder = FOLDER.get_or_init(|| {
        let folder = tempfile::tempdir().unwrap();
        let goroot = folder.path().join("goroot");
        let module = Path::new("tests/testdata/modules/bazel");
        let done = finished(leakgate(module).args(["overlay", "--goroot"]).arg(&goroot));
        assert_eq!(done.code, Some(0), "{}", done.stderr);
        let mut build = go_of(&goroot);
        build
            .current_dir(module)
            .args(["test", "-c", "-o"])
            .arg(folder.path())
            .arg("./...");
        let done = finished(&mut build);
        assert_eq!(done.code, Some(0), "{}", done.stderr);
        folder
    });
    folder.path()
}

/// The test binary of a package of the module.
pub fn binary(package: &str) -> PathBuf {
    binaries().join(format!("{package}.test"))
}

/// The go of a GOROOT, without leakgate.
pub fn go_of(goroot: &Path) -> Command {
    let mut go = Command::new(goroot.join("bin/go"));
    go.env("GOROOT", goroot).env("GOTOOLCHAIN", "local");
    go.env_remove("GOFLAGS").env_remove("GOWORK");
    go
}
