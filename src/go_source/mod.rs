//! Go source, read for what names mean: scopes, declarations, assignments, types, methods, calls.
//!
//! The syntax is read by tree-sitter, each file once for the whole run. What is not understood is unknown, never a
//! guess. Pure: the caller implements [`Sources`].

pub(crate) mod calls;
pub(crate) mod file;
pub(crate) mod files;
pub(crate) mod flow;
pub(crate) mod functions;
mod lines;
pub(crate) mod operation;
pub(crate) mod order;
pub(crate) mod scope;
mod systems;
mod tree;
pub(crate) mod types;
pub(crate) mod values;
pub(crate) mod variable;

pub(crate) use file::{At, Decl, DeclKind, GoFile};
pub(crate) use files::find;
pub use files::{GoFiles, NoSources, Sources};
pub(crate) use functions::functions;
pub(crate) use operation::{Blocked, Case, Operation, at_line};
pub(crate) use types::TypeName;
pub(crate) use values::{Calls, Value};
pub(crate) use variable::{Var, variable};

#[cfg(test)]
mod tests;
