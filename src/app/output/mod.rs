//! What a run prints and writes: standard streams, the CI's log, report files. Edge: writes them.

pub mod ci;
#[cfg(feature = "watch")]
pub mod keys;
pub mod live;
pub mod output_file;
pub mod outputs;
pub mod patient;
pub mod post_run;
pub mod say;
pub mod screen;
pub mod shell;
pub mod terminal;
