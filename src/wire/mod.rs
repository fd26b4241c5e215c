//! Shim records in the output of a test binary: found, verified, numbered, put together.
//!
//! Pure. The writer is `go-harness/wire.go`, the format is `go-harness/WIRE.md`; both sides read the vectors in
//! `tests/testdata/wire/`. Nothing here trusts what it reads: any bytes may come, and what is not a whole record of ours
//! is the user's output and is given back.

mod claim;
pub mod escape;
pub mod reassemble;
pub mod record;
pub mod transcript;

pub use claim::Under;
pub use reassemble::Reassembler;
pub use record::{Kind, Nonce, Record};
pub use transcript::{Hello, ProcessRecords, RunRecords, Strays, Torn, Transcript};

/// The wire version that this reader understands.
pub const VERSION: u32 = 2;
