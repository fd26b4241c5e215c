//! Leaks: attribution, verdict, cause. The only place that defines what a leak is. Pure, and before any policy.

pub mod cause_code;
pub mod model;

pub use cause_code::CauseCode;
pub use model::{
    Attribution, Cause, Evidenced, Growth, Leak, Lived, SourceLine, Spot, Stuck, TestName, Verdict,
};
