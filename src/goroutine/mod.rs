//! Goroutines as Go prints them: the model, the dump parser, and what identifies a stack.
//!
//! Pure. Knows Go's dump grammar (Go 1.18 to 1.27, `runtime/traceback.go`), nothing of tests.

pub mod dump;
#[cfg(test)]
mod dump_tests;
pub mod fingerprint;
pub mod header;
mod lines;
pub mod model;
pub mod name;
pub mod objects;
pub mod owner;
pub mod profile;
pub mod reason;
pub mod scan;
pub mod write;

pub use dump::{Dump, Lost, Text, parse, parse_block};
pub use fingerprint::{Depth, fingerprint, fingerprint_of};
pub use model::{
    Ancestor, Bubble, Created, Fingerprint, Frame, FuncName, Goroutine, GoroutineId, Label, Location, State,
};
pub use objects::Object;
pub use owner::owner;
pub use reason::WaitReason;
