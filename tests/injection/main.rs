//! The shim in real test binaries: every Go of the matrix, every way to hold tests, every flag of go's that could get
//! in its way, every place a module can be in; and nothing changed in the user's tree.

#![allow(
    clippy::unwrap_used,
    clippy::disallowed_methods,
    reason = "tests drive processes and files"
)]

mod blind;
mod cache;
mod doctor;
mod fixture;
mod flags;
mod matrix;
mod outside;
mod places;
mod shapes;
mod sharding;
mod verdicts;
