//! Ignore lists of other leak checkers, read out of Go source and OpenTelemetry's `metadata.yaml`.
//!
//! Pure: text in; entries, and what could not be carried over and why, out.

pub mod go_options;
pub mod merge;
pub mod metadata_yaml;
pub mod values;

pub use go_options::read as go;
pub use merge::{Entry, entries};
pub use metadata_yaml::read as metadata_yaml;

/// One ignored function, where it was found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ignored {
    /// The key of an entry: `top`, `any`, `created-by`.
    pub key: &'static str,
    /// The pattern in our spelling.
    pub pattern: String,
    /// A wait state beside it.
    pub state: Option<String>,
    /// The comment that stood there.
    pub comment: Option<String>,
    /// What it was called there: `goleak.IgnoreTopFunction`.
    pub option: String,
    /// Where.
    pub at: Source,
}

/// Something that is not carried over.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Dropped {
    /// As written there: `goleak.IgnoreCurrent()`.
    pub what: String,
    /// Why, and what to do instead.
    pub why: String,
    /// Where.
    pub at: Source,
}

/// A line of a file.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Source {
    /// Path with `/`, relative to the rules file.
    pub file: String,
    /// From 1.
    pub line: u32,
}

impl std::fmt::Display for Source {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}:{}", self.file, self.line)
    }
}

/// What a file holds.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Imported {
    /// Carried over.
    pub ignored: Vec<Ignored>,
    /// Not carried over.
    pub dropped: Vec<Dropped>,
}

impl Imported {
    /// Adds what another file holds.
    pub fn extend(&mut self, other: Self) {
        self.ignored.extend(other.ignored);
        self.dropped.extend(other.dropped);
    }
}
