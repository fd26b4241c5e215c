//! Streams of `go test -json` of any size, with the records that the shim would have written.

use leakgate::wire::{Kind, Nonce, Record};
use std::fmt::Write as _;

/// What is in a stream.
#[derive(Debug, Clone, Copy)]
pub struct Shape {
    pub packages: usize,
    /// In each package.
    pub tests: usize,
    /// How many of these leave something behind, each in a function of its own.
    pub leaks: usize,
    /// Equal goroutines of each leak.
    pub goroutines: usize,
    /// Lines that each test prints.
    pub lines: usize,
}

/// One package, one test, nothing left.
pub const ONE: Shape = Shape {
    packages: 1,
    tests: 1,
    leaks: 0,
    goroutines: 1,
    lines: 0,
};

/// The stream.
pub fn stream(shape: Shape) -> Vec<u8> {
    let mut out = String::new();
    for package in 0..shape.packages {
        one_package(
            &mut out,
            &format!("example.com/shop/p{package}"),
            package as u64,
            shape,
        );
    }
    out.into_bytes()
}

fn one_package(out: &mut String, package: &str, number: u64, shape: Shape) {
    let mut event = |action: &str, test: Option<&str>, output: Option<&str>| {
        let _ = write!(
            out,
            r#"{{"Time":"2026-11-21T05:27:30.204681827Z","Action":"{action}","Package":"{package}""#
        );
        if let Some(test) = test {
            let _ = write!(out, r#","Test":"{test}""#);
        }
        if let Some(output) = output {
            let _ = write!(
                out,
                r#","Output":{}"#,
                serde_json::to_string(output).expect("text is JSON")
            );
        }
        out.push_str("}\n");
    };
    event("start", None, None);
    for test in 0..shape.tests {
        let name = format!("TestCase{test:06}");
        event("run", Some(&name), None);
        event("output", Some(&name), Some(&format!("=== RUN   {name}\n")));
        for line in 0..shape.lines {
            let text = format!(
                "    case_test.go:{line}: level=info msg=\"request done\" path=/api/v1/items took=1.25ms\n"
            );
            event("output", Some(&name), Some(&text));
        }
        event(
            "output",
            Some(&name),
            Some(&format!("--- PASS: {name} (0.00s)\n")),
        );
        event("pass", Some(&name), None);
    }
    for record in records(number, &payload(package, shape)) {
        event("output", None, Some(&record));
    }
    event("output", None, Some("PASS\n"));
    event("output", None, Some(&format!("ok  \t{package}\t0.1s\n")));
    event("pass", None, None);
}

/// Spans, stacks and goroutines, as `go-harness/WIRE.md` has them.
fn payload(package: &str, shape: Shape) -> String {
    let mut text = String::new();
    let end = (shape.tests as u64 + 2) * 100_000;
    for test in 0..shape.tests {
        let (seq, start) = (test + 1, test as u64 * 100_000);
        let _ = writeln!(
            text,
            "t {seq} t {} {start} {} TestCase{test:06}",
            seq + 9,
            start + 50_000
        );
    }
    let mut id = shape.tests + 20;
    for leak in 0..shape.leaks {
        let at = leak as u64 * 100_000;
        let last = id + shape.goroutines - 1;
        let ids = if last == id {
            id.to_string()
        } else {
            format!("{id}-{last}")
        };
        let _ = write!(
            text,
            "k 5\ngoroutine 0 [chan send]:\n{package}.leak{leak}(...)\n\t/src/shop/leak{leak}.go:12\ncreated by \
             {package}.TestCase{leak:06}\n\t/src/shop/case_test.go:{leak}\ng {at} {} {end} - {} {} - {ids}\n",
            at + 60_000,
            leak + 10,
            leak + 1,
        );
        id = last + 1;
    }
    let _ = writeln!(text, "c 0 3\nc {end} {id}\nz {end} 400000 3 0 seen not-asked");
    text
}

fn records(number: u64, payload: &str) -> Vec<String> {
    let (nonce, pid) = (Nonce(number + 1), number + 1000);
    let line = |n: u64, kind: Kind, chunk: &[u8]| {
        Record {
            nonce,
            pid,
            n,
            kind,
            chunk: chunk.to_vec(),
        }
        .to_line()
    };
    let mut lines = vec![line(
        0,
        Kind::Hello,
        b"run=1 ppid=1 gomaxprocs=2 under=go go=go1.26.8",
    )];
    let chunks: Vec<&[u8]> = payload.as_bytes().chunks(700).collect();
    for (n, chunk) in (1..).zip(&chunks) {
        lines.push(line(n, Kind::Data, chunk));
    }
    let mut crc = flate2::Crc::new();
    crc.update(payload.as_bytes());
    let (records, bytes, crc) = (chunks.len(), payload.len(), crc.sum());
    let totals = format!("run=1 records={records} bytes={bytes} crc={crc:08x}");
    lines.push(line(chunks.len() as u64 + 1, Kind::End, totals.as_bytes()));
    lines
}
