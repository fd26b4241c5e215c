//! Reports: one complete, sorted model; every format and the exit code come from it. One file per format.

pub(crate) mod attributed;
pub(crate) mod editor;
pub(crate) mod excerpt;
pub(crate) mod fence;
pub(crate) mod format;
mod former;
pub(crate) mod github;
pub(crate) mod gitlab;
pub(crate) mod group;
pub(crate) mod html;
pub(crate) mod human;
pub(crate) mod json;
pub(crate) mod junit;
pub(crate) mod markdown;
pub(crate) mod merge;
pub(crate) mod model;
pub(crate) mod owners;
pub(crate) mod pprof;
pub(crate) mod safe_text;
pub(crate) mod sarif;
pub(crate) mod schema;
pub(crate) mod short;
pub(crate) mod summary;
pub(crate) mod teamcity;
pub(crate) mod words;

#[cfg(test)]
mod count_tests;
#[cfg(test)]
mod golden;
#[cfg(test)]
pub(crate) mod sample;

pub use merge::{Part, merge};

pub use format::{Format, RenderOptions};
pub(crate) use github::GithubOptions;
pub(crate) use human::HumanOptions;
pub(crate) use json::ReadError;
pub(crate) use markdown::MarkdownOptions;
pub use model::{Finding, PackageStatus, Report, Run, Shard};
pub(crate) use model::{
    Inconclusive, LeftBy, LeftOut, Notice, Outcome, PackageReport, Partial, Repository, Sample, Summary,
    TestReport, Tool,
};
pub use summary::{Gate, finish};
pub(crate) use summary::{NoTests, OnLeaks};
