//! What streams hold: every sample, every format, every prefix; broken and hostile input.

use super::*;
use crate::dumps::Kind;
use crate::goroutine::profile::{About, Stack, encode};
use crate::goroutine::{parse, write};
use flate2::write::GzEncoder;
use proptest::prelude::*;
use std::io::Write as _;

fn dumps(bytes: &[u8]) -> Vec<Dump> {
    let reading = read(bytes).unwrap();
    assert_eq!(reading.broken, None);
    reading.dumps
}

fn one(bytes: &[u8]) -> Dump {
    let mut all = dumps(bytes);
    assert_eq!(all.len(), 1, "{all:#?}");
    all.remove(0)
}

/// Groups as (count, state, innermost function), largest first.
fn shape(dump: &Dump) -> Vec<(u64, String, String)> {
    let mut shape: Vec<_> = dump
        .groups
        .iter()
        .map(|group| {
            let goroutine = group.goroutine();
            let top = goroutine.frames.first().map(|frame| frame.func.0.clone());
            (group.count, goroutine.state.to_string(), top.unwrap_or_default())
        })
        .collect();
    shape.sort_by(|a, b| b.cmp(a));
    shape
}

fn sample(name: &str) -> Vec<u8> {
    #[expect(clippy::disallowed_methods, reason = "the test reads its samples")]
    std::fs::read(format!("tests/testdata/dumps/{name}")).unwrap()
}

fn samples() -> Vec<(String, Vec<u8>)> {
    let mut all: Vec<_> = std::fs::read_dir("tests/testdata/dumps")
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .filter(|name| name.ends_with(".txt"))
        .map(|name| (name.clone(), sample(&name)))
        .collect();
    all.sort();
    all
}

#[test]
fn every_sample_is_one_dump_with_each_of_its_goroutines() {
    let samples = samples();
    assert!(samples.len() >= 36);
    for (name, text) in samples {
        let headers = text
            .split(|&byte| byte == b'\n')
            .filter(|line| line.starts_with(b"goroutine ") && line.ends_with(b":"))
            .count();
        let dump = one(&text);
        assert_eq!((dump.total(), dump.missing()), (headers as u64, 0), "{name}");
        assert_eq!(dump.kind, Kind::Stacks, "{name}");
        assert_eq!(dump.known.len(), headers, "{name}");
    }
}

const TWO: &str = "goroutine 1 [running]:\nm.a()\n\t/x.go:1 +0x1\n\ngoroutine 22 [select, 3 minutes]:\nm.b(0x1)\n\t/x.go:2 +0x1\ncreated by m.c in goroutine 1\n\t/x.go:3 +0x1\n\ngoroutine 23 [select]:\nm.b(0x2)\n\t/x.go:2 +0x1\ncreated by m.c in goroutine 1\n\t/x.go:3 +0x1\n";

#[test]
fn equal_stacks_are_one_group_whatever_their_arguments_and_minutes() {
    let dump = one(TWO.as_bytes());
    let counts: Vec<u64> = dump.groups.iter().map(|group| group.count).collect();
    assert_eq!(counts, [1, 2]);
    let group = &dump.groups[1];
    assert_eq!(group.longest, Some(3));
    assert_eq!(group.goroutine().state.minutes, None);
    assert_eq!(group.ids.iter().map(|id| id.0).collect::<Vec<_>>(), [22, 23]);
    let args: Vec<_> = group
        .samples
        .iter()
        .map(|one| one.frames[0].args.as_deref())
        .collect();
    assert_eq!(args, [Some("0x1"), Some("0x2")]);
    assert_eq!(
        dump.known
            .get(23)
            .map(|known| (known.parent, known.group))
            .unwrap(),
        (1, 1)
    );
}

#[test]
fn states_labels_places_and_creators_tell_groups_apart() {
    let base =
        "goroutine 5 [select]:\nm.b(0x1)\n\t/x.go:2 +0x1\ncreated by m.c in goroutine 1\n\t/x.go:3 +0x1\n";
    for (from, to) in [
        ("[select]", "[chan send]"),
        ("[select]", "[select (leaked)]"),
        ("[select]", "[select, locked to thread]"),
        ("[select]", "[select] {k: v}"),
        ("m.b(", "m.bb("),
        ("x.go:2", "x.go:4"),
        ("m.c in", "m.d in"),
        ("x.go:3", "x.go:5"),
    ] {
        let other = base.replace(from, to).replace("goroutine 5", "goroutine 6");
        assert_eq!(one(format!("{base}\n{other}").as_bytes()).groups.len(), 2, "{to}");
    }
    let other = base
        .replace("in goroutine 1", "in goroutine 9")
        .replace("goroutine 5", "goroutine 6");
    assert_eq!(one(format!("{base}\n{other}").as_bytes()).groups.len(), 1);
}

#[test]
fn gzip_and_zstd_are_taken_off_also_one_on_the_other_and_in_parts() {
    let plain = one(TWO.as_bytes());
    let gzip = |bytes: &[u8]| {
        let mut encoder = GzEncoder::new(Vec::new(), flate2::Compression::default());
        encoder.write_all(bytes).unwrap();
        encoder.finish().unwrap()
    };
    let zstd =
        |bytes: &[u8]| ruzstd::encoding::compress_to_vec(bytes, ruzstd::encoding::CompressionLevel::Fastest);
    assert_eq!(one(&gzip(TWO.as_bytes())), plain);
    assert_eq!(one(&zstd(TWO.as_bytes())), plain);
    assert_eq!(one(&gzip(&zstd(TWO.as_bytes()))), plain);
    let (first, second) = TWO.as_bytes().split_at(100);
    assert_eq!(one(&[gzip(first), gzip(second)].concat()), plain);
    assert_eq!(one(&[zstd(first), zstd(second)].concat()), plain);
    let cut = gzip(TWO.as_bytes());
    let reading = read(&cut[..cut.len() - 12]).unwrap();
    assert!(reading.broken.is_some(), "{reading:?}");
    let bomb = (0..5).fold(TWO.as_bytes().to_vec(), |bytes, _| gzip(&bytes));
    assert!(
        read(bomb.as_slice())
            .unwrap_err()
            .to_string()
            .contains("more than 3 times")
    );
}

/// As PowerShell's `>` and some editors write text.
#[test]
fn byte_order_marks_and_utf_16_are_read() {
    let text = TWO.replace("m.b", "m.ü𝄞");
    let plain = one(text.as_bytes());
    assert_eq!(one(&[b"\xef\xbb\xbf", text.as_bytes()].concat()), plain);
    let units: Vec<u16> = "\u{feff}".encode_utf16().chain(text.encode_utf16()).collect();
    let little: Vec<u8> = units.iter().flat_map(|unit| unit.to_le_bytes()).collect();
    let big: Vec<u8> = units.iter().flat_map(|unit| unit.to_be_bytes()).collect();
    assert_eq!((one(&little), one(&big)), (plain.clone(), plain.clone()));
    let long: String = (0..40_000).map(|_| "𝄞 a line\n").collect();
    let units: Vec<u16> = format!("\u{feff}{long}{text}").encode_utf16().collect();
    let mut little: Vec<u8> = units.iter().flat_map(|unit| unit.to_le_bytes()).collect();
    assert_eq!(one(&little).groups, plain.groups);
    little.truncate(little.len() - 3);
    assert!(one(&little).total() >= 2);
    assert_eq!(dumps(b"\xff\xfe"), []);
}

#[test]
fn three_layers_of_compression_are_taken_off() {
    let gzip = |bytes: &[u8]| {
        let mut encoder = GzEncoder::new(Vec::new(), flate2::Compression::default());
        encoder.write_all(bytes).unwrap();
        encoder.finish().unwrap()
    };
    let layers = (0..3).fold(TWO.as_bytes().to_vec(), |bytes, _| gzip(&bytes));
    assert_eq!(one(&layers), one(TWO.as_bytes()));
    let error = read(&gzip(b"")[..5]).unwrap_err().to_string();
    assert!(error.starts_with("damaged gzip: "), "{error}");
}

/// Module paths with a dot in their last element, vendored ones, and two type parameters in one name (Go 1.27).
#[test]
fn escaped_vendored_and_generic_names_are_one_owner_with_their_plain_form() {
    let owner = |func: &str| {
        let text = format!("goroutine 9 [select]:\n{func}(0x1)\n\t/x.go:1 +0x1\n");
        let dump = one(text.as_bytes());
        crate::goroutine::name::normal(crate::goroutine::owner(dump.groups[0].goroutine()).as_str())
    };
    assert_eq!(owner("gopkg.in/yaml%2ev3.(*T).run"), "gopkg.in/yaml.v3.(*T).run");
    assert_eq!(
        owner("example.com/app/vendor/k8s.io/krt.(*T).run"),
        "k8s.io/krt.(*T).run"
    );
    assert_eq!(
        owner("k8s.io/krt.(*T[...]).run[...].func1"),
        owner("k8s.io/krt.(*T).run.func1")
    );
}

#[test]
fn several_dumps_of_one_input_are_told_apart() {
    let log = format!(
        "{TWO}\n2026/01/02 later\n{TWO}panic: x\n\ngoroutine 7 [running]:\nm.p()\n\t/x.go:9 +0x1\nexit status 2\n"
    );
    let all = dumps(log.as_bytes());
    assert_eq!(all.iter().map(Dump::total).collect::<Vec<_>>(), [3, 3, 1]);
    assert_eq!((&all[0].crash, &all[1].crash), (&None, &None));
    assert!(
        all[2]
            .crash
            .as_ref()
            .unwrap()
            .starts_with("panic: x\n\ngoroutine 7 [running]:\nm.p()")
    );
}

#[test]
fn threads_of_a_crash_print_goroutine_0_and_their_own_goroutine_again() {
    let text = "SIGQUIT: quit\nPC=0x1 m=0 sigcode=0\n\ngoroutine 0 gp=0x1 m=0 mp=0x2 [idle]:\nruntime.futex()\n\t/r.go:1 +0x1\n\ngoroutine 7 gp=0x2 m=nil [running]:\n\tgoroutine running on other thread; stack unavailable\ncreated by m.c in goroutine 1\n\t/x.go:3 +0x1\n\nrax    0x1\n\n-----\n\ngoroutine 0 gp=0x1 m=2 mp=0x2 [idle]:\nruntime.futex()\n\t/r.go:1 +0x1\n\ngoroutine 7 gp=0x2 m=2 mp=0x3 [running]:\nm.busy()\n\t/x.go:5 +0x1\ncreated by m.c in goroutine 1\n\t/x.go:3 +0x1\n";
    let dump = one(text.as_bytes());
    assert_eq!(dump.total(), 4);
    assert!(dump.crash.as_ref().unwrap().contains("m.busy"));
}

#[test]
fn prefixes_of_ci_containers_and_loggers_are_taken_off() {
    let plain = one(TWO.as_bytes());
    let each = |prefix: &dyn Fn(usize) -> String| -> String {
        let lines = TWO.lines().enumerate();
        lines
            .map(|(n, line)| format!("{}{line}", prefix(n)).trim_end().to_owned() + "\n")
            .collect()
    };
    let docker = |line: &str| serde_json::json!({"log": format!("{line}\n"), "stream": "stderr", "time": "2026-01-02T03:04:05.1Z"});
    let json = |line: &str| serde_json::json!({"Time": "2026-01-02T03:04:05.1Z", "Action": "output", "Package": "m", "Output": format!("{line}\n")});
    let mut lines = TWO.lines();
    let logged = format!("    x_test.go:12: {}\n", lines.next().unwrap())
        + &lines.map(|line| format!("        {line}\n")).collect::<String>();
    for text in [
        each(&|n| format!("2026-01-02T03:04:{:02}.{}Z ", n % 60, "1".repeat(n % 7 + 1))),
        each(&|n| format!("Jan  2 03:04:{:02} host app[{n}]: ", n % 60)),
        each(&|_| "web-1  | ".to_owned()),
        each(&|_| "\x1b[36mweb-1 |\x1b[0m ".to_owned()),
        each(&|n| format!("2026-01-02T03:04:05.{n}Z stderr F ")),
        each(&|_| "    ".to_owned()),
        logged,
        TWO.lines().map(|line| docker(line).to_string() + "\n").collect(),
        TWO.lines().map(|line| json(line).to_string() + "\n").collect(),
        TWO.lines()
            .map(|line| format!("2026-01-02T03:04:05Z {}\r\n", json(line)))
            .collect(),
    ] {
        let text = format!("go: downloading m v1\n{text}FAIL m\n");
        let found = one(text.as_bytes());
        assert_eq!((shape(&found), found.lost), (shape(&plain), plain.lost), "{text}");
    }
}

#[test]
fn two_containers_that_print_at_once_are_two_dumps() {
    let interlaced: String = TWO
        .lines()
        .map(|line| format!("a | {line}\nb | {line}\n"))
        .collect();
    let all = dumps(interlaced.as_bytes());
    assert_eq!(all.iter().map(Dump::total).collect::<Vec<_>>(), [3, 3]);
}

#[test]
fn packages_of_a_test_stream_are_told_apart_with_the_tests_that_ran() {
    let event = |action: &str, package: &str, test: &str, output: &str| {
        serde_json::json!({"Action": action, "Package": package, "Test": test, "Output": output}).to_string()
            + "\n"
    };
    let mut log =
        event("run", "a", "TestA", "") + &event("run", "a", "TestB", "") + &event("pass", "a", "TestB", "");
    log += &event("output", "a", "", "panic: boom\n\n");
    for line in TWO.lines() {
        log += &event("output", "a", "", &format!("{line}\n"));
        log += &event("output", "b", "", &format!("{line}\n"));
    }
    let all = dumps(log.as_bytes());
    let packages: Vec<_> = all.iter().map(|dump| dump.package.as_deref()).collect();
    assert_eq!(packages, [Some("a"), Some("b")]);
    assert_eq!(
        (all[0].running.as_slice(), all[0].total()),
        (&["TestA".to_owned()][..], 3)
    );
    assert!(all[0].crash.as_ref().unwrap().starts_with("panic: boom"));
    assert_eq!(all[1].crash, None);
}

/// The first line of a crash comes before the first header, from which the prefix is known.
#[test]
fn a_crash_behind_a_prefix_keeps_its_first_line() {
    let text = format!("panic: boom\n\n{TWO}");
    let text: String = text.lines().map(|line| format!("12:00:01 {line}\n")).collect();
    assert!(
        one(text.as_bytes())
            .crash
            .unwrap()
            .starts_with("panic: boom\n\ngoroutine 1 [running]:")
    );
}

#[test]
fn a_goroutine_inside_of_a_panics_text_is_none_of_the_dump() {
    let text = format!("panic: first\n\tgoroutine 7 [running]:\n\tm.spoof()\n\t\t/x.go:1 +0x1\n\n{TWO}");
    assert_eq!(one(text.as_bytes()).total(), 3);
}

#[test]
fn a_text_profile_has_counts_labels_and_no_states() {
    let text = "goroutine profile: total 2003\n2000 @ 0x47 0x48 0x49\n# labels: {\"k\":\"v\", \"a b\":\"c\\\"d\"}\n#\t0x49d2e1\tmain.receive+0x41\t\t/src/my lab/modes.go:59\n#\t0x49d2e2\tmain.(*T[...]).run+0x1\t/src/modes.go:7\n\n2 @ 0x47\n#\t0x49d2e1\tmain.other+0x41\t/src/modes.go:5\n\n1 @\n#\t0x0\n\nbye\n";
    let dump = one(text.as_bytes());
    assert_eq!(
        (dump.kind, dump.told, dump.total(), dump.missing()),
        (Kind::Profile, Some(2003), 2003, 0)
    );
    let first = dump.groups[0].goroutine();
    let labels: Vec<_> = first
        .labels
        .iter()
        .map(|label| (label.key.as_str(), label.value.as_str()))
        .collect();
    assert_eq!(labels, [("k", "v"), ("a b", "c\"d")]);
    let frames: Vec<_> = first
        .frames
        .iter()
        .map(|frame| {
            (
                frame.func.as_str(),
                frame.at.as_ref().map(|at| (at.file.as_str(), at.line)),
            )
        })
        .collect();
    assert_eq!(
        frames,
        [
            ("main.receive", Some(("/src/my lab/modes.go", 59))),
            ("main.(*T[...]).run", Some(("/src/modes.go", 7))),
        ]
    );
    let leak = one(text
        .replace("goroutine profile", "goroutineleak profile")
        .as_bytes());
    assert!(leak.kind == Kind::LeakProfile && leak.groups[0].goroutine().state.leaked);
    let cut = one(&text.as_bytes()[..text.find("2 @").unwrap()]);
    assert_eq!((cut.total(), cut.missing()), (2000, 3));
    let stamped: String = text
        .lines()
        .map(|line| format!("2026-01-02T03:04:05Z {line}\n"))
        .collect();
    assert_eq!(one(stamped.as_bytes()).groups, dump.groups);
}

#[test]
fn what_is_written_as_a_profile_is_read_back() {
    let dump = one(TWO.as_bytes());
    let stacks: Vec<Stack<'_>> = dump
        .groups
        .iter()
        .map(|group| Stack {
            frames: group
                .goroutine()
                .frames
                .iter()
                .map(std::borrow::Cow::Borrowed)
                .collect(),
            count: group.count,
            labels: vec![("owner", "m".to_owned())],
        })
        .collect();
    let read = one(&encode(&stacks, &About::default()));
    assert_eq!((read.kind, read.total()), (Kind::Profile, 3));
    let back = &read.groups[1].goroutine();
    assert_eq!(back.frames[0].func.as_str(), "m.b");
    assert_eq!(back.labels[0].value, "m");
}

#[test]
fn another_profile_and_a_damaged_one_are_refused_with_what_they_are() {
    let heap = "\n\x04\x08\x01\x10\x022\x002\x0dinuse_objects2\x05count";
    let error = read(heap.as_bytes()).unwrap_err().to_string();
    assert!(error.contains("a pprof profile of inuse_objects"), "{error}");
    let error = read(&b"\x0a\x04\x08\x01\x10\x02\x12\xff\xff\xff"[..])
        .unwrap_err()
        .to_string();
    assert!(error.contains("does not decode"), "{error}");
}

#[test]
fn what_holds_no_dump_is_no_dump() {
    for text in [
        &b""[..],
        b"\n\n",
        b"hello\nworld",
        b"\0\xff\xfegoroutine\n",
        b"{\"a\":1}\n{",
        b"panic: nothing follows\n",
        // TinyGo has no stacks.
        b"panic: runtime error at 0x0000000000201f3c: nil pointer dereference\nAborted (core dumped)\n",
    ] {
        assert_eq!(dumps(text), [], "{text:?}");
    }
}

#[test]
fn a_header_alone_is_a_goroutine_lost() {
    let dump = one(b"goroutine 1 [running]:\nm.a()\n\t/x.go:1 +0x1\n\ngoroutine 99673 [select]:");
    assert_eq!((dump.total(), dump.missing()), (1, 1));
}

/// A giant stack, a text without line ends and one without empty lines: cut where nothing is lost, or kept whole.
#[test]
fn pieces_end_where_no_goroutine_is_cut() {
    let deep = format!(
        "goroutine 9 [select]:\n{}",
        "m.a()\n\t/x.go:1 +0x1\n".repeat(100_000)
    );
    assert_eq!(one(deep.as_bytes()).groups[0].goroutine().frames.len(), 100_000);
    let noise = "x".repeat(9 << 20);
    assert_eq!(one(format!("{noise}\n{TWO}").as_bytes()).total(), 3);
    let lines = "a line of a log\n".repeat(600_000);
    assert_eq!(one(format!("{lines}{TWO}{lines}").as_bytes()).total(), 3);
    let many: String = (2..20_002)
        .map(|id| format!("goroutine {id} [select]:\nm.b(0x1)\n\t/x.go:{}\ncreated by m.c in goroutine 1\n\t/x.go:3\n\n", id % 7))
        .collect();
    let dump = one(many.as_bytes());
    assert_eq!(
        (dump.total(), dump.groups.len(), dump.known.len()),
        (20_000, 7, 20_000)
    );
}

/// Gives its bytes in pieces of the given sizes.
struct Trickle<'a>(&'a [u8], Vec<usize>);

impl Read for Trickle<'_> {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        let size = self
            .1
            .pop()
            .unwrap_or(usize::MAX)
            .clamp(1, into.len().max(1))
            .min(self.0.len());
        let (now, later) = self.0.split_at(size.min(into.len()));
        into[..now.len()].copy_from_slice(now);
        self.0 = later;
        Ok(now.len())
    }
}

#[test]
fn every_cut_of_a_dump_keeps_what_is_whole() {
    for end in 0..=TWO.len() {
        let all = dumps(&TWO.as_bytes()[..end]);
        let found: u64 = all.iter().map(|dump| dump.total() + dump.lost.goroutines).sum();
        let begun = [
            13,
            13 + TWO[13..].find("goroutine 22 [").unwrap() + 14,
            TWO.find("goroutine 23 [").unwrap() + 14,
        ];
        let least = begun.iter().filter(|&&at| end > at).count() as u64;
        assert!(
            found >= least.saturating_sub(1) && found <= 3,
            "{end}: {found} of {least}"
        );
    }
}

proptest! {
    #[test]
    fn arbitrary_bytes_do_not_panic(bytes in proptest::collection::vec(any::<u8>(), 0..400), head in 0..4_usize) {
        let head: &[u8] = [&b""[..], b"\x1f\x8b\x08\0", b"\x28\xb5\x2f\xfd", b"\x0a\x04\x08\x01"][head];
        let _ = read([head, &bytes].concat().as_slice());
    }

    /// In pieces or in one, cut and mangled or not: the same goroutines as from the whole text at once.
    #[test]
    fn mutated_dumps_read_in_pieces_hold_what_the_whole_text_holds(
        sample in 0..36_usize,
        cuts in proptest::collection::vec((any::<prop::sample::Index>(), 0..40_usize, "[a-z\\[\\]:() \\n]{0,6}"), 0..6),
        sizes in proptest::collection::vec(1..5000_usize, 0..30),
    ) {
        let mut text = samples()[sample].1.clone();
        for (at, length, insert) in cuts {
            let start = at.index(text.len() + 1);
            let end = (start + length).min(text.len());
            text.splice(start..end, insert.bytes());
        }
        let whole = parse(&text);
        let dumps = read(Trickle(&text, sizes)).unwrap().dumps;
        let plain: u64 = dumps.iter().map(Dump::total).sum();
        let lost: u64 = dumps.iter().map(|dump| dump.lost.goroutines).sum();
        if !whole.goroutines.is_empty() {
            prop_assert!(plain >= whole.goroutines.len() as u64, "{} {}", plain, whole.goroutines.len());
            prop_assert!(lost >= whole.lost.goroutines);
        }
        for group in dumps.iter().flat_map(|dump| &dump.groups) {
            for one in &group.samples {
                let written = write::block(one);
                prop_assert!(crate::goroutine::parse_block(&written).is_some(), "{}", written);
            }
        }
    }
}
