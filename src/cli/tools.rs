//! `leakgate exec`, `check`, `overlay`, `doctor`, `completions` and `man`.

use super::gate::GateFlags;
use super::value::{path, word};
use clap::Args;
use std::ffi::OsString;
use std::path::PathBuf;

/// `leakgate exec`.
#[derive(Debug, Args)]
pub struct ExecArgs {
    /// How to judge and report.
    #[command(flatten)]
    pub gate: GateFlags,
    /// The go command whose standard library takes the shim
    #[arg(long, env = "LEAKGATE_GO", value_name = "PATH", default_value = "go", value_parser = path)]
    pub go: PathBuf,
    /// The command; it prints the events of `go test -json` on standard output
    #[arg(
        trailing_var_arg = true,
        allow_hyphen_values = true,
        required = true,
        value_name = "COMMAND"
    )]
    pub command: Vec<OsString>,
}

/// `leakgate run`.
#[derive(Debug, Args)]
pub struct RunArgs {
    /// How to judge and report.
    #[command(flatten)]
    pub gate: GateFlags,
    /// Name of the package in reports and rules [default: $TEST_TARGET, else the name of the binary]
    #[arg(long, value_name = "NAME", value_parser = word)]
    pub package: Option<String>,
    /// Where the source lies, for excerpts, where that is not the working folder
    #[arg(long, value_name = "FOLDER", value_parser = path)]
    pub source_root: Option<PathBuf>,
    /// The test binary and its arguments
    #[arg(
        trailing_var_arg = true,
        allow_hyphen_values = true,
        required = true,
        value_name = "BINARY"
    )]
    pub command: Vec<OsString>,
}

/// `leakgate check`.
#[derive(Debug, Args)]
pub struct CheckArgs {
    /// How to judge and report.
    #[command(flatten)]
    pub gate: GateFlags,
    /// Judge the Go tests of a whole `bazel test`, whose --build_event_json_file this is
    #[arg(long, value_name = "FILE", value_parser = path)]
    pub bep: Option<PathBuf>,
    /// The package whose tests are in a raw log (what a test binary prints with -test.v=test2json)
    #[arg(long, value_name = "NAME", value_parser = word)]
    pub package: Option<String>,
    /// Saved output of `go test -json` with the shim, or raw output of a test binary; `-` is standard input
    #[arg(required_unless_present = "bep", value_name = "FILE")]
    pub files: Vec<PathBuf>,
}

/// `leakgate overlay`.
#[derive(Debug, Args)]
pub struct OverlayArgs {
    /// The go command whose standard library takes the shim
    #[arg(long, env = "LEAKGATE_GO", value_name = "PATH", default_value = "go", value_parser = path)]
    pub go: PathBuf,
    /// Only the flags to add to `go test`, on one line
    #[arg(long)]
    pub flags: bool,
    /// An overlay of your own to merge in
    #[arg(long, value_name = "PATH", value_parser = path)]
    pub merge: Option<PathBuf>,
    /// Copy the whole toolchain, with the shim in it, to this new folder, for a build system that takes a GOROOT
    #[arg(long, value_name = "FOLDER", value_parser = path, conflicts_with_all = ["flags", "merge", "patch"])]
    pub goroot: Option<PathBuf>,
    /// Write the shim as a patch of GOROOT (`patch -p1`) to this file, for a build system that patches its Go SDK; `-` is
    /// standard output
    #[arg(long, value_name = "FILE", value_parser = path, conflicts_with_all = ["flags", "merge"])]
    pub patch: Option<PathBuf>,
}

/// `leakgate doctor`.
#[derive(Debug, Args)]
pub struct DoctorArgs {
    /// The go command to look at
    #[arg(long, env = "LEAKGATE_GO", value_name = "PATH", default_value = "go", value_parser = path)]
    pub go: PathBuf,
    /// As JSON
    #[arg(long)]
    pub json: bool,
}

/// `leakgate completions`.
#[derive(Debug, Args)]
pub struct CompletionsArgs {
    /// For which shell
    pub shell: clap_complete::Shell,
}

/// `leakgate man`.
#[derive(Debug, Args)]
pub struct ManArgs {
    /// Write a page for each subcommand into this folder, instead of the first page to standard output
    #[arg(long, value_name = "FOLDER", value_parser = path)]
    pub out: Option<PathBuf>,
}
