//! Build systems that compile the standard library themselves and start test binaries without `go`: a toolchain with the
//! shim in it, `leakgate run`, raw logs, and Bazel's build events.

#![expect(
    clippy::disallowed_methods,
    clippy::unwrap_used,
    reason = "end-to-end tests: real files and processes"
)]

mod binaries;
mod logs;
mod overlay;
mod run;
