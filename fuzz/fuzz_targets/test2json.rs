//! Any lines in the place of `go test -json`: no panic, an event written back reads the same, and the tracker's state
//! never holds more than the stream told.
#![no_main]

use leakgate::events::{Line, Tracker, parse};

libfuzzer_sys::fuzz_target!(|stream: &[u8]| {
    let mut tracker = Tracker::new();
    let mut tests = 0;
    for line in stream.split_inclusive(|byte| *byte == b'\n') {
        match parse(line) {
            Line::Event(event) => {
                let written = event.to_line();
                let Line::Event(again) = parse(&written) else { panic!("{event:?} is not read back") };
                assert_eq!((&again.action, &again.package, &again.test), (&event.action, &event.package, &event.test));
                assert_eq!(again.output, event.output);
                tests += usize::from(event.test.is_some());
                tracker.apply(&event);
            }
            Line::Text(text) => {
                tracker.text(text);
                tracker.stderr(text);
            }
        }
    }
    assert!(tracker.packages().map(|(_, package)| package.tests.len()).sum::<usize>() <= tests);
    let _ = tracker.running();
});
