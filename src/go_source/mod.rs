//! Go source, read for what names mean: scopes, declarations, assignments, types, methods, calls.
//!
//! The syntax is read by tree-sitter, each file once for the whole run. What is not understood is unknown, never a
//! guess. Pure: the caller implements [`Sources`].

pub mod calls;
pub mod file;
pub mod files;
pub mod flow;
pub mod functions;
pub mod node;
pub mod operation;
pub mod scope;
pub mod types;
pub mod values;

pub use file::{Decl, DeclKind, GoFile};
pub use files::{GoFiles, NoSources, Sources};
pub use functions::functions;
pub use node::At;
pub use operation::{Blocked, Case, Operation, at_line};
pub use scope::{Var, variable};
pub use types::TypeName;
pub use values::{Calls, Value};

#[cfg(test)]
mod tests;
