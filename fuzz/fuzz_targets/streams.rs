//! Any bytes are a stream: compressed, a profile, JSON, prefixed or plain; no panic, and what the plain scan finds is found.
#![no_main]

use leakgate::dumps::read;
use leakgate::goroutine::parse;

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    let plain = parse(bytes).goroutines.len() as u64;
    let Ok(reading) = read(bytes) else { return };
    let found: u64 = reading.dumps.iter().map(|dump| dump.total()).sum();
    let heads: [&[u8]; 4] = [b"\x1f\x8b", b"\x28\xb5\x2f\xfd", b"\xff\xfe", b"\xfe\xff"];
    let encoded = heads.iter().any(|head| bytes.starts_with(head));
    assert!(encoded || found >= plain, "{found} of {plain}");
});
