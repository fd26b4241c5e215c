//! Any payload that a test process may write, and any source file beside it (after a line `//source`): refused, or judged
//! without a panic, and no leak is reported that the evidence has no goroutine for.
#![no_main]

use leakgate::go_source::{GoFiles, Sources};
use leakgate::leak::{self, Judged, ModuleInfo};
use leakgate::package_path::PackagePath;
use leakgate::evidence;
use leakgate::wire::{Kind, Nonce, Reassembler, Record};
use std::sync::Arc;

struct OneFile(Arc<str>);

impl Sources for OneFile {
    fn read(&self, _: &str) -> Option<Arc<str>> {
        Some(Arc::clone(&self.0))
    }
}

const SOURCE: &[u8] = b"\n//source\n";

libfuzzer_sys::fuzz_target!(|input: &[u8]| {
    let cut = input.windows(SOURCE.len()).position(|bytes| bytes == SOURCE).unwrap_or(input.len());
    let payload = &input[..cut];
    let source = String::from_utf8_lossy(&input[cut..]);
    let line = |n, kind, chunk: &[u8]| Record { nonce: Nonce(1), pid: 9, n, kind, chunk: chunk.to_vec() }.to_line();
    let mut reader = Reassembler::new();
    reader.push(&line(0, Kind::Hello, b"run=1 ppid=7 gomaxprocs=2 go=go1.27.3"));
    for (n, chunk) in (1..).zip(payload.chunks(128)) {
        reader.push(&line(n, Kind::Data, chunk));
    }
    let transcript = reader.finish();
    let main = transcript.candidates.first().expect("it said hello");
    assert_eq!(main.runs[0].payload, payload);
    let Ok(evidence) = evidence::decode(main, &main.runs[0]) else { return };
    if evidence.sightings.len() > 10_000 {
        return; // ranges of ids make it slow, not interesting
    }
    let package = PackagePath("example.com/m/p".to_owned());
    let module = ModuleInfo::default();
    let leaks = leak::judge(&Judged { package: &package, evidence: &evidence, module: &module, sources: &GoFiles::new(OneFile(source.as_ref().into())) });
    let told: u64 = leaks.iter().map(leakgate::leak::Leak::goroutines).sum();
    assert!(told <= evidence.sightings.len() as u64);
});
