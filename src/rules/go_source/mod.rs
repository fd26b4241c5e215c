//! As much of Go source as the rules need: tokens, the functions a file declares, and go.mod.
//!
//! A tokenizer of our own and no parser: ignore lists and function heads are recognised by their tokens alone, in
//! files of any Go version and also in files that do not compile. Anything else is skipped, never an error.

pub mod functions;
pub mod go_mod;
pub mod tokens;

pub use functions::functions;
pub use go_mod::GoMod;
pub use tokens::{Token, TokenKind, tokens};
