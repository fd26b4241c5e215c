//! One file a verb: what the user asked for becomes calls of the rooms, and an exit code.

pub mod allow;
pub mod arguments;
pub mod baseline;
pub mod catalog;
pub mod check;
pub mod completions;
pub mod doctor;
pub mod dumps;
pub mod exec;
pub mod explain;
pub mod ide;
pub mod init;
pub mod merge;
pub mod overlay;
pub mod refused;
pub mod render;
pub mod run;
pub mod show_config;
pub mod test;
pub mod variables;
