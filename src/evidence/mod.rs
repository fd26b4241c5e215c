//! Evidence: what one test process told about its goroutines. No policy here.

pub mod decode;
pub mod model;

pub use decode::{DecodeError, decode};
pub use model::{
    Blindness, CountSample, Counted, Evidence, Move, Pause, Process, Proof, Reading, Settle, Sighting,
    StackReading, TestKind, TestSeq, TestSpan,
};
