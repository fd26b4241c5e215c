//! The shim in real test binaries: every Go of the matrix, every way to hold tests, nothing changed in the user's tree.

#![allow(
    clippy::unwrap_used,
    clippy::disallowed_methods,
    reason = "tests drive processes and files"
)]

mod doctor;
mod matrix;
