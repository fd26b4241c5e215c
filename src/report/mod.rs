//! Reports: one complete, sorted model; every format and the exit code come from it. One file per format.

pub mod model;

pub use model::{
    Finding, Inconclusive, Notice, Outcome, PackageReport, PackageStatus, Partial, Report, Repository, Run,
    Sample, Severity, Shard, Summary, TestReport, Tool,
};
