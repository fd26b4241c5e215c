//! What leakgate keeps between runs, and how files are read whole. Edge: files below the cache folder.

pub mod environment;
pub mod history;
pub mod last_run;
pub mod reading;
pub mod replace;
