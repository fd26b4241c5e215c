//! Where the code under test lies: go.mod, go.work, GOROOT.

use crate::gotest::Toolchain;
use std::path::Path;

/// Where the code under test lies.
#[derive(Debug, Clone, Default)]
pub struct Ground {
    /// As `go env GOMOD` prints it.
    pub gomod: String,
    /// As `go env GOWORK` prints it.
    pub gowork: String,
    /// Every name of GOROOT.
    pub goroots: Vec<String>,
}

impl Ground {
    /// As go says.
    pub fn of(toolchain: &Toolchain) -> Self {
        Self {
            gomod: toolchain.env.gomod.clone(),
            gowork: toolchain.env.gowork.clone(),
            goroots: vec![
                toolchain.goroot.display().to_string(),
                toolchain.env.goroot.display().to_string(),
            ],
        }
    }

    /// As found above `dir`, without asking go.
    pub fn above(dir: &Path) -> Self {
        let nearest = |name: &str| {
            let mut files = dir.ancestors().map(|folder| folder.join(name));
            files
                .find(|path| path.is_file())
                .map(|path| path.display().to_string())
                .unwrap_or_default()
        };
        Self {
            gomod: nearest("go.mod"),
            gowork: nearest("go.work"),
            goroots: Vec::new(),
        }
    }
}
