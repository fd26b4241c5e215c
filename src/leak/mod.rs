//! Leaks: attribution, verdict, cause. The only place that defines what a leak is. Pure, and before any policy.

pub mod attribution;
pub mod cause;
pub mod cause_code;
#[cfg(test)]
mod cause_kind_tests;
#[cfg(test)]
mod cause_scope_tests;
#[cfg(test)]
mod cause_tests;
pub mod crash;
pub mod joining;
pub mod judge;
#[cfg(test)]
mod judge_tests;
mod launched;
mod led_to;
pub mod machinery;
pub mod model;
pub mod module;
mod passing;
#[cfg(test)]
mod passing_tests;
pub mod registry;
mod server_ends;
mod spec;
mod standing;
pub mod test_name;
mod waiting;

pub use attribution::by::Attribution;
pub use cause_code::CauseCode;
pub use judge::{Judged, judge};
pub use model::{
    Awaited, Cause, Evidenced, Group, Growth, Instance, Joined, JoinedBy, Leak, LedTo, LedToBy, Lived, Made,
    Member, SourceLine, Spot, Stuck, Verdict, WaitsBecause, WaitsFor,
};
pub use module::{Code, MainModule, ModuleInfo, SourceLines};
pub use standing::{Standing, standing};
pub use test_name::TestName;
