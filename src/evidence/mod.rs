//! Evidence: what one test process told about its goroutines. No policy here.

pub(crate) mod decode;
pub(crate) mod model;

pub use decode::decode;
pub(crate) use model::{
    Blindness, CountSample, Counted, Evidence, Move, Pause, Process, Proof, Reading, Sighting, StackReading,
    TestKind, TestSeq, TestSpan,
};
