//! Leaks: attribution, verdict, cause. The only place that defines what a leak is. Pure, and before any policy.

pub(crate) mod attribution;
pub(crate) mod cause;
pub(crate) mod cause_code;
#[cfg(test)]
mod cause_tests;
pub(crate) mod crash;
pub(crate) mod joining;
pub(crate) mod judge;
#[cfg(test)]
mod judge_tests;
mod launched;
mod led_to;
pub(crate) mod machinery;
pub(crate) mod model;
pub(crate) mod module;
mod passing;
#[cfg(test)]
mod passing_tests;
pub(crate) mod registry;
mod server_ends;
pub(crate) mod spec;
mod standing;
pub(crate) mod test_name;
mod waiting;

pub use attribution::by::Attribution;
pub use cause_code::CauseCode;
pub use judge::{Judged, judge};
pub(crate) use model::{
    Awaited, Cause, Evidenced, Growth, Instance, Joined, JoinedBy, LedTo, LedToBy, Lived, Made, Member,
    SourceLine, Stuck, WaitsBecause, WaitsFor,
};
pub use model::{Group, Leak, Spot, Verdict};
pub use module::ModuleInfo;
pub(crate) use module::{Code, MainModule, SourceLines};
pub(crate) use standing::{Standing, standing};
pub use test_name::TestName;
