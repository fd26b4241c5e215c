//! The cases of real dumps that have broken other parsers, round trips, and arbitrary bytes.

use super::*;
use proptest::prelude::*;

macro_rules! samples {
    ($( $name:literal ),* $(,)?) => {
        &[ $( ($name, include_bytes!(concat!("../../tests/testdata/dumps/", $name, ".txt"))) ),* ]
    };
}

/// Printed by real Go programs: runtime.Stack, with ancestors, with labels, and a panic at GOTRACEBACK=system.
const SAMPLES: &[(&str, &[u8])] = samples![
    "go1.18.10.stack",
    "go1.18.10.ancestors",
    "go1.18.10.labels",
    "go1.18.10.panic-system",
    "go1.20.14.stack",
    "go1.20.14.ancestors",
    "go1.20.14.labels",
    "go1.20.14.panic-system",
    "go1.21.13.stack",
    "go1.21.13.ancestors",
    "go1.21.13.labels",
    "go1.21.13.panic-system",
    "go1.23.12.stack",
    "go1.23.12.ancestors",
    "go1.23.12.labels",
    "go1.23.12.panic-system",
    "go1.25.0.stack",
    "go1.25.0.ancestors",
    "go1.25.0.labels",
    "go1.25.0.panic-system",
    "go1.26.8.stack",
    "go1.26.8.ancestors",
    "go1.26.8.labels",
    "go1.26.8.panic-system",
    "go1.27.0.stack",
    "go1.27.0.ancestors",
    "go1.27.0.labels",
    "go1.27.0.panic-system",
];

/// One goroutine of a dump that must be whole.
fn only(text: &str) -> Goroutine {
    let dump = parse(text.as_bytes());
    assert!(dump.is_whole(), "{:?}", dump.lost);
    assert_eq!(dump.goroutines.len(), 1, "{dump:?}");
    dump.goroutines.into_iter().next().expect("one goroutine")
}

fn funcs(goroutine: &Goroutine) -> Vec<&str> {
    goroutine.frames.iter().map(|frame| frame.func.as_str()).collect()
}

#[test]
fn every_line_of_every_sample_is_understood() {
    for (name, text) in SAMPLES {
        let dump = parse(text);
        assert!(dump.is_whole(), "{name}: {:?}", dump.lost);
        let others: String = dump.others.iter().map(|other| other.text.as_str()).collect();
        let expected = if name.ends_with("panic-system") {
            "panic: boom\n\n"
        } else {
            ""
        };
        assert_eq!(others, expected, "{name}");
        let headers = text
            .split(|&b| b == b'\n')
            .filter(|line| line.starts_with(b"goroutine "))
            .count();
        assert_eq!(dump.goroutines.len(), headers, "{name}");
        for goroutine in &dump.goroutines {
            assert!(
                goroutine
                    .frames
                    .iter()
                    .all(|frame| frame.at.is_some() && !frame.func.as_str().contains('\t'))
            );
            let known = goroutine.state.wait_reason() != WaitReason::Other;
            assert!(known, "{name}: {}", goroutine.state.reason);
        }
    }
}

/// What the model keeps is written back letter by letter; offsets and pointers are not kept.
#[test]
fn samples_are_written_back_as_they_were() {
    let noise = regex::bytes::Regex::new(r"(?m) \+0x[0-9a-f]+.*$| fp=0x.*$| gp=\S+ m=\S+(?: mp=\S+)?")
        .expect("a pattern");
    for (name, text) in SAMPLES {
        let plain = String::from_utf8(noise.replace_all(text, &b""[..]).into_owned()).expect("UTF-8");
        let dump = parse(text);
        assert_eq!(parse(write::dump(&dump).as_bytes()), dump, "{name}");
        if !name.starts_with("go1.26.8.labels") {
            let written = write::dump(&dump);
            let other = written.lines().zip(plain.lines()).find(|(a, b)| a != b);
            assert_eq!(
                (other, written.trim_end().len()),
                (None, plain.trim_end().len()),
                "{name}"
            );
        }
    }
}

#[test]
fn elided_frames_in_all_forms() {
    for (line, count) in [
        ("...23 frames elided...", Some(23)),
        ("\t...23 frames elided...", Some(23)),
        ("...additional frames elided...", None),
    ] {
        let got = only(&format!(
            "goroutine 9 [select]:\nm.a()\n\t/x.go:1 +0x1\n{line}\nm.b()\n\t/x.go:2\n"
        ));
        assert_eq!(
            (got.elided, funcs(&got)),
            (Some((1, count)), vec!["m.a", "m.b"]),
            "{line}"
        );
    }
}

/// <https://github.com/uber-go/goleak/issues/149>: an ancestor block where no "created by" precedes it.
#[test]
fn ancestors_are_not_the_goroutines_own_frames() {
    let got = only(
        "goroutine 9 [select]:\nm.fin()\n\t/x.go:1 +0x1\n[originating from goroutine 1]:\nm.main(...)\n\t/x.go:7 +0x2\n...additional frames elided...\ncreated by m.start\n\t/x.go:3 +0x3\n",
    );
    assert_eq!(funcs(&got), ["m.fin"]);
    assert_eq!((got.created, got.elided), (None, None));
    let ancestor = &got.ancestors[0];
    assert_eq!((ancestor.id, ancestor.frames.len()), (GoroutineId(1), 1));
    assert_eq!(
        ancestor.created.as_ref().map(|c| c.func.as_str()),
        Some("m.start")
    );
}

/// <https://github.com/onsi/gomega/issues/684>
#[test]
fn the_creators_id_is_no_part_of_its_name() {
    let got = only(
        "goroutine 9 [select]:\nm.a()\n\t/x.go:1 +0x1\ncreated by m.(*T[...]).Run in goroutine 27\n\t/x.go:3 +0x3\n",
    );
    let created = got.created.expect("a creator");
    assert_eq!(
        (created.func.as_str(), created.by),
        ("m.(*T[...]).Run", Some(GoroutineId(27)))
    );
}

#[test]
fn arguments_of_all_forms_are_no_part_of_the_name() {
    for args in [
        "0x1",
        "{0xc001cc6161?, 0x2?}",
        "{...}",
        "_",
        "...",
        "",
        "0x1?, {{0x2, _}, ...}",
    ] {
        let got = only(&format!(
            "goroutine 9 [select]:\nk.(*T[...]).M[...].func1({args})\n\t/x.go:1 +0x1\n"
        ));
        assert_eq!(funcs(&got), ["k.(*T[...]).M[...].func1"]);
        assert_eq!(got.frames[0].args.as_deref(), Some(args));
    }
}

#[test]
fn c_frames_with_and_without_a_symbolizer() {
    let got = only(
        "goroutine 17 [syscall, locked to thread]:\nnon-Go function at pc=0x46c0a1\nnon-Go function\n\tpc=0x4711\ndo_work\n\t/src/my work.c:12 pc=0x12\nlibc_start\n\t??:0 pc=0x13\nmain._Cfunc_work()\n\t_cgo_gotypes.go:51 +0x3f\n",
    );
    assert_eq!(
        funcs(&got),
        [
            "non-Go function",
            "non-Go function",
            "do_work",
            "libc_start",
            "main._Cfunc_work"
        ]
    );
    let at = |index: usize| {
        got.frames[index]
            .at
            .as_ref()
            .map(|at| (at.file.as_str(), at.line))
    };
    assert_eq!(
        (at(0), at(2), at(3)),
        (None, Some(("/src/my work.c", 12)), Some(("??", 0)))
    );
}

#[test]
fn an_unavailable_stack_is_a_whole_stack() {
    let got = only(
        "goroutine 9 [running]:\n\tgoroutine running on other thread; stack unavailable\ncreated by m.start in goroutine 1\n\t/x.go:3 +0x3\n",
    );
    assert!(got.stack_unavailable && got.frames.is_empty() && got.created.is_some());
}

/// <https://github.com/fortytw2/leaktest/issues/34> and others: a buffer that was too small.
#[test]
fn a_cut_dump_keeps_what_is_whole_and_says_what_is_lost() {
    let text = "goroutine 1 [running]:\nm.a()\n\t/x.go:1 +0x1\n\ngoroutine 22 [select]:\nm.b()\n\t/x.go:2 +0x1\ncreated by m.c in goroutine 1\n\t/x.go:3 +0x1\n";
    for end in 0..text.len() {
        let dump = parse(&text.as_bytes()[..end]);
        let whole = dump
            .goroutines
            .iter()
            .filter(|g| Some(g.id) != dump.lost.cut)
            .count();
        let shown = dump.goroutines.len() as u64 + dump.lost.goroutines;
        match end {
            0..=12 => assert_eq!(shown, 0, "{end}"),
            13..=23 => assert_eq!((whole, dump.lost.goroutines), (0, 1), "{end}"),
            68..=74 => assert_eq!((whole, dump.lost.goroutines), (1, 1), "{end}"),
            _ => assert!(shown >= 1 && whole <= 2, "{end}: {dump:?}"),
        }
    }
    let header_only = parse(b"goroutine 1 [running]:\nm.a()\n\t/x.go:1 +0x1\n\ngoroutine 99673 [select]:");
    assert_eq!(
        (header_only.goroutines.len(), header_only.lost.goroutines),
        (1, 1)
    );
    let in_frame = parse(b"goroutine 7 [select]:\nm.a()\n\t/x.go:1 +0x1\nm.b(0x1, 0x");
    assert_eq!(
        (in_frame.goroutines.len(), in_frame.lost.cut),
        (1, Some(GoroutineId(7)))
    );
}

#[test]
fn no_creator_and_not_main_is_fine() {
    let got = only(
        "goroutine 4 [chan send]:\nm.(*T).finish(0x1)\n\t/x.go:1 +0x1\nruntime.runFinalizers()\n\t/go/mfinal.go:2 +0x3\n",
    );
    assert_eq!(got.created, None);
}

#[test]
fn text_around_dumps_is_kept_in_its_place() {
    let text = "=== RUN TestA\npanic: x\n\ngoroutine 1 [running]:\nm.a()\n\t/x.go:1 +0x1\nexit status 2\n\n\nagain:\ngoroutine 1 [running]:\nm.a()\n\t/x.go:1 +0x1\n\ngoroutine 2 [select]:\nm.b()\n\t/x.go:1 +0x1\nFAIL\tm\t0.1s\n";
    for text in [text.to_owned(), text.replace('\n', "\r\n")] {
        let dump = parse(text.as_bytes());
        let others: Vec<_> = dump
            .others
            .iter()
            .map(|o| (o.before, o.text.replace('\r', "")))
            .collect();
        assert_eq!(
            others,
            [
                (0, "=== RUN TestA\npanic: x\n\n".to_owned()),
                (1, "exit status 2\n\n\nagain:\n".to_owned()),
                (3, "FAIL\tm\t0.1s\n".to_owned()),
            ]
        );
        assert_eq!(dump.goroutines.len(), 3);
        assert_eq!(
            dump.goroutines[0].frames[0].at.as_ref().map(|at| at.line),
            Some(1)
        );
    }
}

#[test]
fn a_line_of_another_goroutines_output_does_not_end_a_stack() {
    let got = parse(b"goroutine 2 [select]:\nm.b()\n\t/x.go:1 +0x1\nlog: hello (world)\nm.c()\n\t/x.go:2 +0x1\nlog: bye\ncreated by m.d in goroutine 1\n\t/x.go:3 +0x1\n");
    assert_eq!(funcs(&got.goroutines[0]), ["m.b", "m.c"]);
    assert!(got.goroutines[0].created.is_some());
    assert_eq!(got.others[0].text, "log: hello (world)\nlog: bye\n");
}

#[test]
fn what_holds_no_dump_is_text() {
    assert_eq!(parse(b""), Dump::default());
    assert_eq!(parse(b"\n\n"), Dump::default());
    let dump = parse(b"\0\xff\xfegoroutine\n\x1b[31mred");
    assert_eq!((dump.goroutines.len(), dump.others.len()), (0, 1));
}

#[test]
fn paths_hold_what_paths_may_hold() {
    for file in [
        "/srv/sp ace: x/main.go",
        "C:/Users/A (b)/x.go",
        "_testmain.go",
        "<autogenerated>",
        "/m/main.main.func1(0x1)",
        "m@v1.2.3/x.go",
        "/a+0x1/b.go",
    ] {
        for tail in ["", " +0x19", " +0x19 fp=0xc0 sp=0xc1 pc=0x47"] {
            let got = only(&format!(
                "goroutine 9 [select]:\nm.a()\n\t{file}:54{tail}\nm.b()\n\t/x.go:1\n"
            ));
            assert_eq!(
                got.frames[0].at,
                Some(Location {
                    file: file.into(),
                    line: 54
                })
            );
            assert_eq!(got.frames.len(), 2);
        }
    }
}

#[test]
fn one_stack_of_100_000_frames_and_bytes_that_are_no_text() {
    let text = format!(
        "goroutine 9 [select]:\n{}",
        "m.a()\n\t/x.go:1 +0x1\n".repeat(100_000)
    );
    assert_eq!(only(&text).frames.len(), 100_000);
    let dump = parse(b"goroutine 9 [sel\xff\0ect]:\nm.\x1b[31ma\xfe(0x1)\n\t/x\0.go:1 +0x1\n");
    assert_eq!(
        dump.goroutines[0].frames[0].func.as_str(),
        "m.\u{1b}[31ma\u{fffd}"
    );
}

/// Panic values of Go ≥ 1.23 are indented: a goroutine inside a panic's text is none of the dump's.
#[test]
fn a_stack_inside_a_panic_value_is_text() {
    let text = "panic: first\n\tgoroutine 7 [running]:\n\tm.spoof()\n\t\t/x.go:1 +0x1\n\ngoroutine 1 [running]:\nm.a()\n\t/x.go:1 +0x1\n";
    assert_eq!(parse(text.as_bytes()).goroutines.len(), 1);
}

fn name() -> impl Strategy<Value = String> {
    "[a-z/%0-9]{0,12}[a-z]\\.(\\(\\*[A-Z][a-z]{0,5}(\\[\\.\\.\\.\\])?\\)\\.)?[A-Z][a-zA-Z]{0,8}(\\.func[1-9]{1,2}(\\.[1-9])?)?"
        .prop_filter("no header", |name| !name.starts_with("goroutine") && !name.starts_with("created"))
}

fn location() -> impl Strategy<Value = Location> {
    ("[/a-zA-Z_@.: ()-]{0,20}[a-z]\\.go", 0..100_000_u32).prop_map(|(file, line)| Location { file, line })
}

fn call() -> impl Strategy<Value = Frame> {
    (
        name(),
        prop_oneof![Just("..."), Just(""), Just("0x1?, {0x2, _}")],
        location(),
    )
        .prop_map(|(func, args, at)| Frame {
            func: FuncName(func),
            args: Some(args.into()),
            at: Some(at),
        })
}

fn goroutine() -> impl Strategy<Value = Goroutine> {
    let reason = prop_oneof![
        Just("select"),
        Just("chan receive (nil chan)"),
        Just("IO wait"),
        Just("running"),
        Just("???")
    ];
    let flags = (
        any::<[bool; 4]>(),
        proptest::option::of(1..9_u64),
        proptest::option::of(1..9_u64),
    );
    let labels = proptest::collection::vec((".{1,8}", ".{0,8}"), 0..3);
    let created = proptest::option::of((name(), proptest::option::of(any::<u64>()), location()));
    let elided = proptest::option::of((0..5_usize, proptest::option::of(1..500_u64)));
    (
        any::<u64>(),
        reason,
        flags,
        labels,
        proptest::collection::vec(call(), 1..5),
        created,
        elided,
    )
        .prop_map(
            |(
                id,
                reason,
                ([leaked, scan, durable, locked], minutes, bubble),
                labels,
                frames,
                created,
                elided,
            )| Goroutine {
                id: GoroutineId(id),
                state: State {
                    reason: reason.into(),
                    leaked,
                    scan,
                    durable,
                    minutes,
                    locked_to_thread: locked,
                    bubble: bubble.map(Bubble),
                },
                labels: labels
                    .into_iter()
                    .map(|(key, value)| Label { key, value })
                    .collect(),
                elided: elided.map(|(at, count)| (at.min(frames.len()), count)),
                frames,
                created: created.map(|(func, by, at)| Created {
                    func: FuncName(func),
                    by: by.map(GoroutineId),
                    at: Some(at),
                }),
                ancestors: Vec::new(),
                stack_unavailable: false,
            },
        )
}

proptest! {
    #[test]
    fn models_survive_text(goroutines in proptest::collection::vec(goroutine(), 1..4)) {
        let dump = Dump { goroutines, ..Dump::default() };
        prop_assert_eq!(parse(write::dump(&dump).as_bytes()), dump);
    }

    #[test]
    fn arbitrary_bytes_do_not_panic(bytes in proptest::collection::vec(any::<u8>(), 0..400)) {
        parse(&bytes);
    }

    #[test]
    fn mutated_dumps_do_not_panic_and_are_read_back(
        sample in 0..SAMPLES.len(),
        cuts in proptest::collection::vec((any::<prop::sample::Index>(), 0..40_usize, ".{0,6}"), 1..6),
    ) {
        let mut text = SAMPLES[sample].1.to_vec();
        for (at, length, insert) in cuts {
            let start = at.index(text.len() + 1);
            let end = (start + length).min(text.len());
            text.splice(start..end, insert.bytes());
        }
        let goroutines = parse(&text).goroutines;
        let written = write::dump(&Dump { goroutines: goroutines.clone(), ..Dump::default() });
        prop_assert_eq!(parse(written.as_bytes()).goroutines.len(), goroutines.len());
    }
}
