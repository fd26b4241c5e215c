//! Codes of what leakgate reports beside leaks and findings about rules: why a package is inconclusive, and notices about
//! a run, and what is wrong in a file that a person wrote. Each has a page for `leakgate explain`, and docs/codes.md is written from the same registry. Pure.

mod code;
mod nearest;
mod page;
pub(crate) mod problem;
mod severity;

pub use problem::{Colour, render};

pub(crate) use code::{Code, Kind};
pub(crate) use nearest::did_you_mean;
pub(crate) use page::markdown;
pub(crate) use problem::{Place, Places, Problem, TextEdit};
pub(crate) use severity::Severity;
