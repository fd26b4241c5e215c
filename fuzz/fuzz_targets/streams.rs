//! Any bytes are a stream: compressed, a profile, JSON, prefixed or plain; no panic, and what the plain scan finds is found.
#![no_main]

use leakgate::dumps::read;
use leakgate::goroutine::parse;

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    let plain = parse(bytes).goroutines.len() as u64;
    let Ok(reading) = read(bytes) else { return };
    let found: u64 = reading.dumps.iter().map(|dump| dump.total()).sum();
    let compressed = bytes.starts_with(&[0x1f, 0x8b]) || bytes.starts_with(&[0x28, 0xb5, 0x2f, 0xfd]);
    assert!(compressed || found >= plain, "{found} of {plain}");
});
