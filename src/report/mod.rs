//! Reports: one complete, sorted model; every format and the exit code come from it. One file per format.

pub mod attributed;
pub mod editor;
pub mod excerpt;
pub mod fence;
pub mod format;
mod former;
pub mod github;
pub mod gitlab;
pub mod group;
pub mod html;
pub mod human;
pub mod json;
pub mod junit;
pub mod markdown;
pub mod merge;
pub mod model;
pub mod owners;
pub mod pprof;
pub mod safe_text;
pub mod sarif;
pub mod schema;
pub mod short;
pub mod summary;
pub mod teamcity;
pub mod words;

#[cfg(test)]
mod count_tests;
#[cfg(test)]
mod golden;
#[cfg(test)]
pub(crate) mod sample;

pub use format::{Format, RenderOptions};
pub use github::GithubOptions;
pub use human::HumanOptions;
pub use json::ReadError;
pub use markdown::MarkdownOptions;
pub use model::{
    Finding, Inconclusive, LeftOut, Notice, Outcome, PackageReport, PackageStatus, Partial, Report,
    Repository, Run, Sample, Shard, Summary, TestReport, Tool,
};
pub use safe_text::safe_text;
pub use sarif::{SarifOptions, Suppressed};
pub use summary::{Gate, NoTests, OnLeaks, exit_code, finish};
