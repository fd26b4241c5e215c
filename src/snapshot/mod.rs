//! Evidence: what one test process told about its goroutines. No policy here.

pub mod decode;
pub mod evidence;

pub use decode::{DecodeError, decode};
pub use evidence::{
    Blindness, CountSample, Evidence, LabelSource, Process, Proof, Settle, Sighting, TestKind, TestSeq,
    TestSpan,
};
