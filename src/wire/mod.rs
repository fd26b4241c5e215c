//! Shim records in the output of a test binary: found, verified, numbered, put together.
//!
//! Pure. The writer is `go-harness/wire.go`, the format is `go-harness/WIRE.md`; both sides read the vectors in
//! `tests/testdata/wire/`. Nothing here trusts what it reads: any bytes may come, and what is not a whole record of ours
//! is the user's output and is given back.

mod claim;
pub(crate) mod escape;
pub(crate) mod reassemble;
pub(crate) mod record;
pub(crate) mod transcript;

pub use reassemble::Reassembler;
pub use record::{Kind, Nonce, Record};
pub(crate) use transcript::{ProcessRecords, RunRecords, Torn, Transcript};

/// The wire version that this reader understands.
pub const VERSION: u32 = 2;
