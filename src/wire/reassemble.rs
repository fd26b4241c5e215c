//! Finds records in the `Output` of test2json events and gives the rest back.
//!
//! test2json cuts long lines into events of at most 1,024 bytes, anywhere; a record may follow text without a line's end.

use super::record::{LONGEST, MAGIC};
use super::transcript::{Taken, Transcript};
use std::borrow::Cow;

const MARK: u8 = 0x1e;

/// Reads the output of one package.
#[derive(Debug, Clone, Default)]
pub struct Reassembler {
    /// From a mark on: what may still become a record.
    held: String,
    transcript: Transcript,
}

impl Reassembler {
    /// A reader of one package's output.
    pub fn new() -> Self {
        Self::default()
    }

    /// Whether the test binary has said hello: its shim is at work.
    pub fn said_hello(&self) -> bool {
        self.transcript.has_begun()
    }

    /// Whether it keeps text that may become a record.
    pub fn holds(&self) -> bool {
        !self.held.is_empty()
    }

    /// Takes the text of one `Output` event and gives back what of it (and of what was held before) is the user's.
    /// Costs one search of the text where there are no records.
    pub fn push<'a>(&mut self, output: &'a str) -> Cow<'a, str> {
        if self.held.is_empty() && memchr::memchr(MARK, output.as_bytes()).is_none() {
            return Cow::Borrowed(output);
        }
        let mut users = String::new();
        let mut rest = output;
        while !rest.is_empty() {
            if self.held.is_empty() {
                let start = memchr::memchr(MARK, rest.as_bytes()).unwrap_or(rest.len());
                users.push_str(&rest[..start]);
                let end = (start + 1).min(rest.len());
                self.held.push_str(&rest[start..end]);
                rest = &rest[end..];
            } else {
                rest = self.hold(rest, &mut users);
            }
        }
        Cow::Owned(users)
    }

    /// Goes on with what is held: to the line's end, or to another mark, or until it cannot be a record.
    fn hold<'a>(&mut self, rest: &'a str, users: &mut String) -> &'a str {
        let stop = memchr::memchr2(MARK, b'\n', rest.as_bytes()).unwrap_or(rest.len());
        let room = (LONGEST - self.held.len().min(LONGEST)).min(stop);
        self.held.push_str(&rest[..floor_char(rest, room)]);
        let possible = self.held.len().min(MAGIC.len());
        let too_long = room < stop;
        let ended = stop < rest.len();
        if self.held.as_bytes()[..possible] != MAGIC.as_bytes()[..possible]
            || too_long
            || (ended && rest.as_bytes()[stop] == MARK)
        {
            users.push_str(&std::mem::take(&mut self.held));
            return &rest[floor_char(rest, room)..];
        }
        if !ended {
            return "";
        }
        // A line that ends before the magic does, or that is not one of our records, is the user's, with its end.
        if possible < MAGIC.len() || self.transcript.take(&self.held) == Taken::Stray {
            users.push_str(&self.held);
            users.push('\n');
        }
        self.held.clear();
        &rest[stop + 1..]
    }

    #[cfg(test)]
    pub(crate) fn take_line(&mut self, line: &str) {
        self.transcript.take(line.trim_end_matches('\n'));
    }

    /// What the records told, when the package's output has ended.
    pub fn finish(mut self) -> Transcript {
        self.transcript.rest = self.held;
        self.transcript.close();
        self.transcript
    }
}

/// The greatest character boundary that is at most `at`.
fn floor_char(text: &str, mut at: usize) -> usize {
    while !text.is_char_boundary(at) {
        at -= 1;
    }
    at
}

#[cfg(test)]
mod tests {
    use super::super::record::{Kind, Nonce, Record};
    use super::super::transcript::{ProcessRecords, Torn};
    use super::*;
    use proptest::prelude::*;

    fn record(nonce: u64, pid: u64, n: u64, kind: Kind, chunk: &str) -> String {
        Record {
            nonce: Nonce(nonce),
            pid,
            n,
            kind,
            chunk: chunk.into(),
        }
        .to_line()
    }

    fn hello(nonce: u64, pid: u64, ppid: u64) -> String {
        record(
            nonce,
            pid,
            0,
            Kind::Hello,
            &format!("run=1 ppid={ppid} gomaxprocs=2 go=go1.27.3"),
        )
    }

    /// All the records of a process that ran once.
    fn process(nonce: u64, pid: u64, ppid: u64, payload: &[u8]) -> Vec<String> {
        let mut lines = vec![hello(nonce, pid, ppid)];
        let chunks: Vec<&[u8]> = payload.chunks(7).collect();
        for (n, chunk) in (1..).zip(&chunks) {
            let r = Record {
                nonce: Nonce(nonce),
                pid,
                n,
                kind: Kind::Data,
                chunk: chunk.to_vec(),
            };
            lines.push(r.to_line());
        }
        let mut crc = flate2::Crc::new();
        crc.update(payload);
        let (records, bytes, crc) = (chunks.len(), payload.len(), crc.sum());
        let totals = format!("run=1 records={records} bytes={bytes} crc={crc:08x}");
        lines.push(record(nonce, pid, chunks.len() as u64 + 1, Kind::End, &totals));
        lines
    }

    fn read(outputs: &[&str]) -> (String, Transcript) {
        let mut reader = Reassembler::new();
        let mut users: String = outputs.iter().map(|o| reader.push(o).into_owned()).collect();
        let mut transcript = reader.finish();
        users.push_str(&std::mem::take(&mut transcript.rest));
        (users, transcript)
    }

    fn only(mut transcript: Transcript) -> ProcessRecords {
        assert_eq!(transcript.candidates.len(), 1);
        transcript.candidates.remove(0)
    }

    #[test]
    fn a_record_after_an_open_line_leaves_the_users_part() {
        let all = process(1, 10, 2, b"z 1\n");
        let (users, transcript) = read(&["=== RUN TestA\n", "no end", &all.concat(), "PASS\n"]);
        assert_eq!(users, "=== RUN TestA\nno endPASS\n");
        let main = only(transcript);
        assert_eq!(
            (main.runs[0].payload.as_slice(), main.runs[0].torn),
            (&b"z 1\n"[..], None)
        );
        assert_eq!(main.runs[0].hello.go, "go1.27.3");
    }

    #[test]
    fn without_hello_there_is_nothing() {
        let all = process(1, 10, 2, b"z 1\n");
        let (users, transcript) = read(&[&all[1..].concat()]);
        assert_eq!(transcript.candidates, []);
        assert_eq!(transcript.strays.foreign, 2);
        assert_eq!(users, all[1..].concat());
    }

    #[test]
    fn each_missing_record_is_noticed() {
        let all = process(1, 10, 2, b"twenty bytes of text");
        for gone in 1..all.len() {
            let mut some = all.clone();
            some.remove(gone);
            let (_, transcript) = read(&[&some.concat()]);
            let torn = only(transcript).runs[0].torn;
            let expected = match gone {
                _ if gone == all.len() - 1 => Torn::NoEnd,
                _ => Torn::Gap {
                    expected: gone as u64,
                    found: gone as u64 + 1,
                },
            };
            assert_eq!(torn, Some(expected));
        }
    }

    #[test]
    fn a_second_run_of_the_process_goes_on_counting() {
        let mut all = process(1, 10, 2, b"");
        all.push(record(
            1,
            10,
            2,
            Kind::Hello,
            "run=2 ppid=2 gomaxprocs=2 go=go1.21",
        ));
        all.push(record(
            1,
            10,
            3,
            Kind::End,
            "run=2 records=0 bytes=0 crc=00000000",
        ));
        let main = only(read(&[&all.concat()]).1);
        let runs: Vec<_> = main.runs.iter().map(|r| (r.hello.run, r.torn)).collect();
        assert_eq!(runs, [(1, None), (2, None)]);
        all.pop();
        let main = only(read(&[&all.concat()]).1);
        assert_eq!(main.runs[1].torn, Some(Torn::NoEnd));
    }

    #[test]
    fn records_of_nobody_replays_and_garbage_change_nothing() {
        let real = process(1, 10, 2, b"g 1\n");
        let (_, alone) = read(&[&real.concat()]);
        let forged = [
            record(1, 11, 1, Kind::Data, "another pid"),
            record(7, 10, 1, Kind::Data, "another nonce"),
            real[0].clone(),
            real[0].replace("ppid=2", "ppid=3"),
            "\u{1e}leakgate/2 x\n".to_owned(),
            "\u{1e}leakgate/9 later\n".to_owned(),
            "\u{1e}\n".to_owned(),
        ];
        let (users, transcript) = read(&[&real[0], &forged.concat(), &real[1..].concat()]);
        assert_eq!(transcript.candidates, alone.candidates);
        assert_eq!(users, forged.concat());
        let strays = transcript.strays;
        assert_eq!(
            (strays.foreign, strays.replayed, strays.damaged, strays.version),
            (2, 1, 2, Some(9))
        );
    }

    /// What can be the test binary, by process id.
    fn candidates(processes: &[Vec<String>]) -> Vec<u64> {
        let text: String = processes.iter().flatten().map(String::as_str).collect();
        read(&[&text])
            .1
            .candidates
            .iter()
            .map(|process| process.pid)
            .collect()
    }

    fn under(parent: &str, nonce: u64, pid: u64, ppid: u64) -> Vec<String> {
        let mut lines = process(nonce, pid, ppid, b"z 1\n");
        let hello = format!("run=1 ppid={ppid} gomaxprocs=2 under={parent} go=go1.27.3");
        lines[0] = record(nonce, pid, 0, Kind::Hello, &hello);
        lines
    }

    #[test]
    fn the_test_binary_is_the_one_that_is_nobodys_child() {
        let (outer, inner, other) = (
            process(1, 10, 2, b""),
            process(2, 20, 10, b""),
            process(3, 30, 3, b""),
        );
        for order in [[&outer, &inner], [&inner, &outer]] {
            assert_eq!(candidates(&order.map(Clone::clone)), [10]);
        }
        assert_eq!(candidates(&[inner]), [20], "the outer one never ran its tests");
        assert_eq!(candidates(&[other, outer]), [30, 10]);
        let circle = [process(1, 10, 20, b""), process(2, 20, 10, b"")];
        assert_eq!(candidates(&circle), [10, 20]);
    }

    #[test]
    fn what_go_started_is_nobodys_child_whatever_others_say_they_are() {
        let real = under("go", 1, 10, 2);
        assert_eq!(candidates(&[process(9, 2, 1, b""), real.clone()]), [2, 10]);
        assert_eq!(candidates(&[under("go", 9, 2, 1), real.clone()]), [2, 10]);
        assert_eq!(candidates(&[under("itself", 9, 2, 1), real.clone()]), [10]);
        assert_eq!(
            candidates(&[real.clone(), under("itself", 2, 20, 17)]),
            [10],
            "through a shell"
        );
        assert_eq!(
            candidates(&[under("itself", 2, 20, 10)]),
            [20],
            "the outer one never ran its tests"
        );
    }

    #[test]
    fn records_that_contradict_the_process_they_name_tear_it() {
        let real = process(1, 10, 2, b"g 1\n");
        let mut clean = process(1, 10, 2, b"");
        let torn = |text: &str| only(read(&[text]).1).runs[0].torn;
        clean.remove(0);
        let forged_first = [&real[..1], &clean, &real[1..]].concat().concat();
        assert_eq!(torn(&forged_first), Some(Torn::Twice { number: 1 }));
        let appended = real.concat() + &record(1, 10, 3, Kind::Data, "z 1");
        assert_eq!(torn(&appended), Some(Torn::AfterEnd));
        let ended_twice =
            real.concat() + &record(1, 10, 3, Kind::End, "run=1 records=1 bytes=4 crc=00000000");
        assert_eq!(torn(&ended_twice), Some(Torn::AfterEnd));
        let other_pid = hello(1, 11, 2) + &real.concat();
        assert_eq!(read(&[&other_pid]).1.candidates.len(), 2);
    }

    #[test]
    fn a_nested_process_is_told_apart_by_its_parent() {
        let (outer, inner) = (process(1, 10, 2, b"outer"), process(2, 20, 10, b"inner"));
        let (_, transcript) = read(&[&outer[0], &inner.concat(), &outer[1..].concat()]);
        assert_eq!(transcript.candidates[0].runs[0].payload, b"outer");
        assert_eq!(transcript.nested[0].runs[0].payload, b"inner");
        assert_eq!(transcript.nested[0].runs[0].torn, None);
    }

    #[test]
    fn a_very_long_line_after_a_mark_is_not_kept() {
        let mut reader = Reassembler::new();
        let line = format!("\u{1e}leakgate/2 {}", "ü".repeat(2000));
        let mut users = reader.push(&line).into_owned();
        users.push_str(&reader.push("\n"));
        assert_eq!(users, line + "\n");
    }

    proptest! {
        #[test]
        fn records_survive_any_cutting_interleaving_and_noise(
            outer: Vec<u8>,
            inner: Vec<u8>,
            noise in prop::collection::vec("[\\x1elek/gat1 üx\n]{0,12}", 0..12),
            order in prop::collection::vec(0..3u8, 0..80),
            cuts in prop::collection::vec(1..40usize, 1..20),
        ) {
            let (outer_lines, inner_lines) = (process(1, 10, 2, &outer), process(2, 20, 10, &inner));
            // The outer hello comes first; then the three streams in any order. Noise may leave its line open.
            let mut text = outer_lines[0].clone();
            let mut expected = String::new();
            let (mut a, mut b, mut c) = (1, 0, 0);
            for pick in order.iter().copied().chain([0; 99]).chain([1; 99]).chain([2; 20]) {
                match pick {
                    0 if a < outer_lines.len() => { text.push_str(&outer_lines[a]); a += 1; }
                    1 if b < inner_lines.len() => { text.push_str(&inner_lines[b]); b += 1; }
                    2 if c < noise.len() => { text.push_str(&noise[c]); expected.push_str(&noise[c]); c += 1; }
                    _ => {}
                }
            }
            prop_assume!(a == outer_lines.len() && b == inner_lines.len());
            let mut pieces = Vec::new();
            let mut rest = text.as_str();
            for cut in cuts.iter().cycle() {
                if rest.is_empty() { break }
                let mut at = (*cut).min(rest.len());
                while !rest.is_char_boundary(at) { at += 1 }
                pieces.push(&rest[..at]);
                rest = &rest[at..];
            }
            let (users, transcript) = read(&pieces);
            prop_assert_eq!(users, expected);
            let main = &transcript.candidates[0];
            prop_assert_eq!(main.runs[0].torn, None);
            prop_assert_eq!(&main.runs[0].payload, &outer);
            prop_assert_eq!(&transcript.nested[0].runs[0].payload, &inner);
        }

        #[test]
        fn any_text_is_given_back_whole(outputs in prop::collection::vec(".{0,40}|\\x1eleakgate/2.{0,40}\n?", 0..8)) {
            let pieces: Vec<&str> = outputs.iter().map(String::as_str).collect();
            let (users, transcript) = read(&pieces);
            prop_assert_eq!(users, outputs.concat());
            prop_assert_eq!(transcript.candidates, []);
        }
    }
}
