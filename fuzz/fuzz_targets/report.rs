//! A report file may hold anything: the reader must neither panic nor hang, and what it takes, every format must write.
//! Mirrored on stable by `report::json::tests::any_bytes_are_read_or_refused`.

#![no_main]

use leakgate::report::{Format, RenderOptions, Report};

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    let Ok(report) = Report::read(bytes) else { return };
    for format in Format::ALL {
        let mut written = Vec::new();
        format.write(&report, &mut written, &RenderOptions::default()).expect("a Vec takes every write");
        if matches!(format, Format::Json | Format::Jsonl) {
            assert_eq!(Report::read(&written).expect("we read what we write"), report);
        }
    }
});
