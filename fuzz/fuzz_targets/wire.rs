//! Any output of a test, cut anywhere: no panic, nothing lost, and what is accepted can be decoded or refused.
#![no_main]

use leakgate::snapshot;
use leakgate::wire::Reassembler;

libfuzzer_sys::fuzz_target!(|input: (String, Vec<u8>)| {
    let (output, cuts) = input;
    let mut reader = Reassembler::new();
    let mut given_back = 0;
    let mut rest = output.as_str();
    let mut cuts = cuts.iter().cycle();
    while !rest.is_empty() {
        let mut at = usize::from(*cuts.next().unwrap_or(&255)).clamp(1, rest.len());
        while !rest.is_char_boundary(at) {
            at += 1;
        }
        given_back += reader.push(&rest[..at]).len();
        rest = &rest[at..];
    }
    let transcript = reader.finish();
    if transcript.main.is_none() {
        assert_eq!(given_back + transcript.rest.len(), output.len());
    }
    for process in transcript.main.iter().chain(&transcript.nested) {
        for run in &process.runs {
            let _ = snapshot::decode(process, run);
        }
    }
});
