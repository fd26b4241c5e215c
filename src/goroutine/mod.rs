//! Goroutines as Go prints them: the model, the dump parser, and what identifies a stack.
//!
//! Pure. Knows Go's dump grammar (Go 1.18 to 1.27, `runtime/traceback.go`), nothing of tests.

pub mod model;

pub use model::{
    Ancestor, Bubble, Created, Fingerprint, Frame, FuncName, Goroutine, GoroutineId, Label, Location, State,
};
