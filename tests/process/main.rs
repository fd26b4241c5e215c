//! Process care: signals, orphans, and every way in which go can fail, each with its message and exit code.

#![allow(
    clippy::unwrap_used,
    clippy::disallowed_methods,
    reason = "tests drive processes and files"
)]

mod after;
mod failures;
mod full;
mod live;
mod running;
mod signals;
