//! `leakgate dump`, `diff` and `monitor` on real programs: examples/leaklab over its pprof endpoint, a program with a gops agent,
//! servers that redirect, refuse and never end.

#![allow(
    clippy::unwrap_used,
    clippy::disallowed_methods,
    reason = "tests drive processes and files"
)]

mod agent;
mod lab;
mod network;
mod run;
mod secure;
mod verbs;
