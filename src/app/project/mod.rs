//! The project that is tested: its rules file, modules, repository and source. Edge: reads and changes its files.

pub mod code_facts;
pub mod config;
pub mod ground;
pub mod module;
pub mod repository;
pub mod rulebook;
pub mod rules_file;
pub mod sources;
pub mod test_places;
