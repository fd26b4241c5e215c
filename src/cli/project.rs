//! `leakgate catalog`, `init` and `config`.

use super::gate::GateFlags;
use super::value::path;
use clap::{Args, ValueEnum};
use std::path::PathBuf;

/// `leakgate catalog`.
#[derive(Debug, Args)]
pub struct CatalogArgs {
    /// Part of a name, function or module
    pub name: Option<String>,
    /// As JSON
    #[arg(long)]
    pub json: bool,
}

/// `leakgate init`.
#[derive(Debug, Args)]
pub struct InitArgs {
    /// Print a CI snippet as well
    #[arg(long, value_name = "CI")]
    pub ci: Option<Ci>,
    /// Where to write it
    #[arg(default_value = "leakgate.toml")]
    pub path: PathBuf,
}

/// A CI with a snippet.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Ci {
    /// GitHub Actions
    Github,
    /// GitLab CI
    Gitlab,
    /// Jenkins
    Jenkins,
    /// pre-commit
    PreCommit,
}

/// `leakgate ide`.
#[derive(Debug, Args)]
pub struct IdeArgs {
    /// Which editor
    pub editor: Editor,
    /// Write the wrapper into this folder, in place of printing it
    #[arg(long, value_name = "FOLDER", value_parser = path)]
    pub write: Option<PathBuf>,
    /// The go command that the wrapper calls
    #[arg(long, env = "LEAKGATE_GO", value_name = "PATH", default_value = "go", value_parser = path)]
    pub go: PathBuf,
}

/// An editor with a recipe.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Editor {
    /// VS Code
    Vscode,
    /// GoLand and IntelliJ
    Goland,
    /// Neovim
    Neovim,
}

impl Editor {
    /// As typed.
    pub fn name(self) -> &'static str {
        match self {
            Self::Vscode => "vscode",
            Self::Goland => "goland",
            Self::Neovim => "neovim",
        }
    }
}

/// `leakgate config`.
#[derive(Debug, Args)]
pub struct ConfigArgs {
    /// As JSON
    #[arg(long)]
    pub json: bool,
    /// Flags as `leakgate test` takes them.
    #[command(flatten)]
    pub gate: GateFlags,
}
