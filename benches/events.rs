//! The runner's own work on an output-heavy stream: parse each line, keep the state of tests.
//!
//! `cargo bench --bench events`; the target is 300 MB/s a core for parsing and tracking together.

use divan::{Bencher, counter::BytesCount};
use leakgate::events::{Line, Tracker, parse};

fn main() {
    divan::main();
}

/// What a chatty test suite prints: 50 tests of 400 log lines each.
fn stream() -> String {
    let mut stream = String::from(
        "{\"Time\":\"2026-11-21T05:27:30.204681827Z\",\"Action\":\"start\",\"Package\":\"example.com/shop/cart\"}\n",
    );
    for test in 0..50 {
        let head = format!(
            r#"{{"Time":"2026-11-21T05:27:30.204681827Z","Action":"A","Package":"example.com/shop/cart","Test":"TestCheckout/case_{test}""#
        );
        stream.push_str(&head.replace("\"A\"", "\"run\""));
        stream.push_str("}\n");
        for line in 0..400 {
            stream.push_str(&head.replace("\"A\"", "\"output\""));
            stream.push_str(&format!(
                r#","Output":"    cart_test.go:{line}: level=info msg=\"request done\" path=/api/v1/items took=1.25ms \u003cnil\u003e\n"}}"#
            ));
            stream.push('\n');
        }
        stream.push_str(&head.replace("\"A\"", "\"pass\""));
        stream.push_str(",\"Elapsed\":0.25}\n");
    }
    stream
}

fn lines(stream: &str) -> impl Iterator<Item = &[u8]> {
    stream.lines().map(str::as_bytes)
}

#[divan::bench]
fn parse_lines(bencher: Bencher) {
    let stream = stream();
    bencher.counter(BytesCount::of_str(&stream)).bench(|| {
        lines(&stream)
            .filter(|line| matches!(parse(line), Line::Event(_)))
            .count()
    });
}

#[divan::bench]
fn parse_and_track(bencher: Bencher) {
    let stream = stream();
    bencher.counter(BytesCount::of_str(&stream)).bench(|| {
        let mut tracker = Tracker::new();
        for line in lines(&stream) {
            if let Line::Event(event) = parse(line) {
                tracker.apply(&event);
            }
        }
        tracker.events()
    });
}
