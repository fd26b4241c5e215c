//! Any output of a test, with true and forged records in it, cut anywhere: no panic, nothing of the user's lost, and one
//! process that said hello first is the main one. Mirrored on stable by the properties of `src/wire/reassemble.rs`.
#![no_main]

use arbitrary::Arbitrary;
use leakgate::evidence;
use leakgate::wire::{Kind, Nonce, Reassembler, Record};

#[derive(Debug, Arbitrary)]
enum Piece {
    Noise(String),
    Record { nonce: u8, pid: u8, n: u8, kind: u8, chunk: Vec<u8> },
    Hello { nonce: u8, pid: u8, ppid: u8, run: u8 },
}

impl Piece {
    fn text(&self) -> String {
        let (nonce, pid, n, kind, chunk) = match self {
            Self::Noise(text) => return text.clone(),
            Self::Record { nonce, pid, n, kind, chunk } => {
                let kind = [Kind::Hello, Kind::Data, Kind::End][usize::from(*kind % 3)];
                (*nonce, *pid, *n, kind, chunk.clone())
            }
            Self::Hello { nonce, pid, ppid, run } => {
                let chunk = format!("run={run} ppid={} gomaxprocs=2 go=go1.27.3", ppid % 4);
                (*nonce, *pid, run.saturating_sub(1), Kind::Hello, chunk.into_bytes())
            }
        };
        let (nonce, pid, n) = (Nonce(u64::from(nonce % 3)), u64::from(pid % 4), u64::from(n % 16));
        Record { nonce, pid, n, kind, chunk }.to_line()
    }
}

libfuzzer_sys::fuzz_target!(|input: (Vec<Piece>, Vec<u8>)| {
    let (pieces, cuts) = input;
    let output: String = pieces.iter().map(Piece::text).collect();
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
    assert!(given_back + transcript.rest.len() <= output.len());
    if transcript.candidates.is_empty() {
        assert!(transcript.nested.is_empty());
        assert_eq!(given_back + transcript.rest.len(), output.len());
    }
    for process in transcript.candidates.iter().chain(&transcript.nested) {
        for run in &process.runs {
            let _ = evidence::decode(process, run);
        }
    }
});
