//! Codes of what leakgate reports beside leaks and findings about rules: why a package is inconclusive, and notices about
//! a run, and what is wrong in a file that a person wrote. Each has a page for `leakgate explain`, and docs/codes.md is written from the same registry. Pure.

mod code;
mod nearest;
mod page;
pub mod problem;
mod severity;

pub use code::{Code, Kind};
pub use nearest::did_you_mean;
pub use page::{markdown, table};
pub use problem::{Place, Places, Problem, TextEdit};
pub use severity::Severity;
