//! Go source, read for what names mean: scopes, declarations, assignments, types, methods, calls.
//!
//! The syntax is read by tree-sitter, each file once for the whole run. What is not understood is unknown, never a
//! guess. Pure: the caller implements [`Sources`].

pub mod calls;
pub mod file;
pub mod files;
pub mod flow;
pub mod functions;
pub mod operation;
pub mod scope;
pub mod types;
pub mod values;
pub mod variable;

pub use file::{At, Decl, DeclKind, GoFile};
pub use files::{GoFiles, NoSources, Sources, find};
pub use functions::functions;
pub use operation::{Blocked, Case, Operation, at_line};
pub use types::TypeName;
pub use values::{Calls, Value};
pub use variable::{Var, variable};

#[cfg(test)]
mod tests;
