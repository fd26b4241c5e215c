//! The project that is tested: its rules file, modules, repository and source. Edge: reads and changes its files.

pub mod code_facts;
pub mod config;
pub mod exemption_lists;
pub mod ground;
pub mod here;
pub mod module;
pub mod owners;
pub mod packages;
pub mod repository;
pub mod rulebook;
pub mod rules_document;
pub mod sources;
pub mod team_file;
pub mod test_places;
