//! Goroutines as Go prints them: the model, the dump parser, and what identifies a stack.
//!
//! Pure. Knows Go's dump grammar (Go 1.18 to 1.27, `runtime/traceback.go`), nothing of tests.

pub(crate) mod dump;
#[cfg(test)]
mod dump_tests;
pub(crate) mod fingerprint;
pub(crate) mod header;
mod lines;
pub(crate) mod model;
pub(crate) mod name;
pub(crate) mod objects;
pub(crate) mod owner;
pub(crate) mod profile;
pub(crate) mod reason;
pub(crate) mod scan;
pub mod write;

pub use name::normal;
pub use scan::{RawBlock, Sink, scan};

pub use dump::{Dump, parse};
pub(crate) use dump::{Lost, parse_block};
pub use fingerprint::fingerprint;
pub(crate) use fingerprint::{Depth, fingerprint_of};
pub(crate) use model::{Ancestor, Bubble, Created, Frame, Goroutine, GoroutineId, Label, State};
pub use model::{Fingerprint, FuncName, Location};
pub(crate) use objects::Object;
pub use owner::owner;
pub(crate) use reason::WaitReason;
