//! Any bytes are a dump: no panic, and what was read is read back from what is written.
#![no_main]

use leakgate::goroutine::{Dump, parse, write};

libfuzzer_sys::fuzz_target!(|text: &[u8]| {
    let goroutines = parse(text).goroutines;
    let written = write::dump(&Dump { goroutines: goroutines.clone(), ..Dump::default() });
    assert_eq!(parse(written.as_bytes()).goroutines.len(), goroutines.len());
});
