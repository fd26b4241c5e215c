//! Where a value came from, and the error for a value that is not valid.

/// Where a value came from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Source {
    /// `--NAME`.
    Flag(&'static str),
    /// An environment variable.
    Env(&'static str),
    /// `leakgate.toml`, at this line.
    File {
        /// From 1.
        line: u32,
    },
    /// Not set.
    Default,
}

impl Source {
    /// For people; `file` is the name of the file read.
    pub fn show(&self, file: &str) -> String {
        match self {
            Self::Flag(name) => format!("--{name}"),
            Self::Env(name) => (*name).to_owned(),
            Self::File { line } => format!("{file}:{line}"),
            Self::Default => "default".to_owned(),
        }
    }
}

/// A value and where it came from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sourced<T> {
    /// The value.
    pub value: T,
    /// Its source.
    pub source: Source,
}

impl<T> std::ops::Deref for Sourced<T> {
    type Target = T;
    fn deref(&self) -> &T {
        &self.value
    }
}

/// A flag or an environment variable with a value that can't be read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{}: {}", source_of.show("leakgate.toml"), if text.is_empty() {
    format!("the value is empty; give {expected}")
} else {
    format!("`{text}` is not {expected}")
})]
pub struct ValueError {
    /// Which flag or variable.
    pub source_of: Source,
    /// What it said.
    pub text: String,
    /// What was expected.
    pub expected: String,
}
