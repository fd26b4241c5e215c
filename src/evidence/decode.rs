//! The payload of one `M.Run` as evidence. The grammar is in `go-harness/WIRE.md`.

use super::{
    Blindness, CountSample, Counted, Evidence, Move, Pause, Process, Proof, Reading, Sighting, StackReading,
    TestKind, TestSeq, TestSpan,
};
use crate::goroutine::{Goroutine, GoroutineId, Object, parse_block};
use crate::wire::{ProcessRecords, RunRecords};
use rustc_hash::FxHashMap;
use std::sync::Arc;

/// More than a test process can hold of goroutines, each named once and at most eight times more for its objects; a range
/// beyond is refused rather than believed.
const MOST_IDS: usize = 8_000_000;

/// Why a payload, whole as it is, cannot be read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("line {line} of the evidence: {what}")]
pub struct DecodeError {
    /// From 1.
    pub line: usize,
    /// What was expected.
    pub what: &'static str,
}

/// Reads what one call of `M.Run` told. Whether it is whole is `run.torn`'s to say.
pub fn decode(process: &ProcessRecords, run: &RunRecords) -> Result<Evidence, DecodeError> {
    let mut decoder = Decoder {
        evidence: Evidence::default(),
        block: None,
        stacks: Vec::new(),
        by_id: FxHashMap::default(),
        in_block: FxHashMap::default(),
        asked: false,
        ids: 0,
    };
    decoder.evidence.process = Process {
        go_version: run.hello.go.clone(),
        pid: process.pid,
        ppid: run.hello.ppid,
        gomaxprocs: run.hello.gomaxprocs,
        run: run.hello.run,
    };
    let text = String::from_utf8_lossy(&run.payload);
    let mut lines = text.split_terminator('\n').enumerate();
    while let Some((at, line)) = lines.next() {
        let error = |what| DecodeError { line: at + 1, what };
        if let Some(count) = line.strip_prefix("k ") {
            let count: usize = number(count).ok_or(error("number of stack lines"))?;
            let start = at + 1;
            let block = take_block(&mut lines, count).ok_or(error("as many stack lines as said"))?;
            let goroutine = parse_block(&block).ok_or(DecodeError {
                line: start + 1,
                what: "a goroutine's stack",
            })?;
            let goroutine = Arc::new(goroutine);
            decoder.stacks.push(Arc::clone(&goroutine));
            decoder.block = Some(goroutine);
            decoder.in_block.clear();
        } else {
            decoder.line(line).map_err(error)?;
        }
    }
    decoder.finish().map_err(|what| DecodeError {
        line: text.split_terminator('\n').count(),
        what,
    })
}

fn take_block<'a>(lines: &mut impl Iterator<Item = (usize, &'a str)>, count: usize) -> Option<String> {
    let mut block = String::new();
    for _ in 0..count {
        block.push_str(lines.next()?.1);
        block.push('\n');
    }
    Some(block)
}

struct Decoder {
    evidence: Evidence,
    block: Option<Arc<Goroutine>>,
    /// All blocks, in their order.
    stacks: Vec<Arc<Goroutine>>,
    /// Where all sightings are; made when it is first needed.
    by_id: FxHashMap<GoroutineId, usize>,
    /// Where the sightings of that block are.
    in_block: FxHashMap<GoroutineId, usize>,
    asked: bool,
    ids: usize,
}

type Fields<'a> = std::str::SplitN<'a, char>;

impl Decoder {
    fn line(&mut self, line: &str) -> Result<(), &'static str> {
        let (key, rest) = line.split_once(' ').unwrap_or((line, ""));
        match key {
            "t" => self
                .test(rest.splitn(6, ' '))
                .ok_or("t seq kind goroutine start end name"),
            "p" => self.pause(rest.splitn(3, ' ')).ok_or("p seq from to"),
            "b" => self
                .ids(rest)
                .map(|ids| self.evidence.baseline.extend(ids))
                .ok_or("ids"),
            "g" => self
                .sightings(rest.splitn(8, ' '))
                .ok_or("g absent first last gone parent seq proof ids"),
            "o" => self.objects(rest.splitn(3, ' ')).ok_or("o frame address ids"),
            "w" => self.moved(rest.splitn(4, ' ')).ok_or("w stack last first ids"),
            "a" => self.reading(rest).ok_or("a running|ended"),
            "l" => self.stack_reading(rest).ok_or("l stack seq:n"),
            "i" | "j" | "m" => self.read_of(key, rest).ok_or("ids"),
            "u" => number(rest)
                .map(|left_out| self.evidence.objects_left_out = left_out)
                .ok_or("u n"),
            "c" => self.count(rest).ok_or("c at n"),
            "z" => self
                .end(rest.splitn(6, ' '))
                .ok_or("z end waited rounds skipped canary asked"),
            "n" => self.counted(rest).ok_or("n grew started seqs"),
            "y" => self.watched(rest).ok_or("y settle began"),
            "q" => {
                self.evidence.blind.push(Blindness::Truncated(rest.to_owned()));
                Ok(())
            }
            "f" => {
                self.evidence.blind.push(Blindness::ShimFailed(rest.to_owned()));
                Ok(())
            }
            // Lines that a later shim of the same wire version may add.
            _ => Ok(()),
        }
    }

    fn test(&mut self, mut fields: Fields<'_>) -> Option<()> {
        let seq = TestSeq(number(fields.next()?)?);
        let kind = match fields.next()? {
            "t" => TestKind::Test,
            "f" => TestKind::Fuzz,
            "b" => TestKind::Benchmark,
            "e" => TestKind::Example,
            _ => return None,
        };
        let goroutine = GoroutineId(number(fields.next()?)?);
        let (start, end) = (number(fields.next()?)?, optional(fields.next()?)?);
        let name = fields.next()?.to_owned();
        self.evidence.tests.push(TestSpan {
            seq,
            kind,
            name,
            goroutine,
            start,
            end,
            paused: None,
        });
        Some(())
    }

    /// Of the test that came in the line before.
    fn pause(&mut self, mut fields: Fields<'_>) -> Option<()> {
        let seq = TestSeq(number(fields.next()?)?);
        let pause = Pause {
            from: number(fields.next()?)?,
            to: optional(fields.next()?)?,
        };
        let span = self.evidence.tests.last_mut().filter(|span| span.seq == seq)?;
        span.paused = Some(pause);
        Some(())
    }

    fn sightings(&mut self, mut fields: Fields<'_>) -> Option<()> {
        let goroutine = self.block.clone()?;
        let (absent_until, first_seen) = (number(fields.next()?)?, number(fields.next()?)?);
        let (last_seen, gone_by) = (number(fields.next()?)?, optional(fields.next()?)?);
        let parent = optional(fields.next()?)?.map(GoroutineId);
        let label = optional(fields.next()?)?.map(TestSeq);
        let (proof, collected) = match fields.next()? {
            "proven" => (Proof::Proven, false),
            "collected" => (Proof::NotAsked, true),
            "-" => (Proof::NotAsked, false),
            _ => return None,
        };
        for id in self.ids(fields.next()?)? {
            if let Some(parent) = parent {
                self.evidence.parents.insert(id, parent);
            }
            self.in_block.insert(id, self.evidence.sightings.len());
            self.evidence.sightings.push(Sighting {
                id,
                goroutine: Arc::clone(&goroutine),
                parent,
                label,
                absent_until,
                first_seen,
                last_seen,
                gone_by,
                proof,
                objects: Vec::new(),
                moved: None,
                collected,
            });
        }
        Some(())
    }

    /// Of goroutines of the last block, which came in lines before.
    fn objects(&mut self, mut fields: Fields<'_>) -> Option<()> {
        let object = Object {
            frame: number(fields.next()?)?,
            address: u64::from_str_radix(fields.next()?, 16).ok()?,
        };
        let ids = self.ids(fields.next()?)?;
        if object.frame >= self.block.as_ref()?.frames.len() {
            return Some(());
        }
        for id in ids {
            if let Some(sighting) = self.in_block.get(&id).map(|&at| &mut self.evidence.sightings[at]) {
                sighting.objects.push(object);
            }
        }
        Some(())
    }

    /// Where goroutines waited before; comes when all are known.
    fn moved(&mut self, mut fields: Fields<'_>) -> Option<()> {
        let from = Arc::clone(self.stacks.get(number::<usize>(fields.next()?)?)?);
        let (last_seen, first_seen) = (number(fields.next()?)?, number(fields.next()?)?);
        let ids = self.ids(fields.next()?)?;
        if self.by_id.is_empty() {
            let all = self.evidence.sightings.iter().enumerate();
            self.by_id = all.map(|(at, sighting)| (sighting.id, at)).collect();
        }
        for id in ids {
            if let Some(sighting) = self.by_id.get(&id).map(|&at| &mut self.evidence.sightings[at]) {
                sighting.moved = Some(Move {
                    from: Arc::clone(&from),
                    last_seen,
                    first_seen,
                });
            }
        }
        Some(())
    }

    fn reading(&mut self, rest: &str) -> Option<()> {
        let ended = match rest {
            "running" => false,
            "ended" => true,
            _ => return None,
        };
        self.evidence.readings.push(Reading {
            ended,
            ..Reading::default()
        });
        Some(())
    }

    fn stack_reading(&mut self, rest: &str) -> Option<()> {
        let mut fields = rest.split(' ');
        let stack = number(fields.next()?)?;
        let counts = fields.map(|field| {
            let (seq, count) = field.split_once(':')?;
            let seq = Some(number(seq)?).filter(|&seq| seq != 0);
            Some((seq.map(TestSeq), number(count)?))
        });
        let counts = counts.collect::<Option<_>>()?;
        self.evidence.readings.last_mut()?.stacks.push(StackReading {
            stack,
            counts,
            ..StackReading::default()
        });
        Some(())
    }

    /// Of the last stack, or of the whole reading.
    fn read_of(&mut self, key: &str, rest: &str) -> Option<()> {
        let ids = self.ids(rest)?;
        let reading = self.evidence.readings.last_mut()?;
        match key {
            "i" => reading.stacks.last_mut()?.came.extend(ids),
            "j" => reading.stacks.last_mut()?.left.extend(ids),
            _ => reading.moved.extend(ids),
        }
        Some(())
    }

    fn count(&mut self, rest: &str) -> Option<()> {
        let (at, goroutines) = rest.split_once(' ')?;
        self.evidence.counts.push(CountSample {
            at: number(at)?,
            goroutines: number(goroutines)?,
        });
        Some(())
    }

    fn counted(&mut self, rest: &str) -> Option<()> {
        let mut fields = rest.splitn(3, ' ');
        let grew = fields.next()?.parse().ok()?;
        let started = optional(fields.next()?)?;
        for GoroutineId(seq) in self.ids(fields.next()?)? {
            let seq = TestSeq(u32::try_from(seq).ok()?);
            self.evidence.growth.insert(seq, Counted { grew, started });
        }
        Some(())
    }

    fn watched(&mut self, rest: &str) -> Option<()> {
        let (setting, began) = rest.split_once(' ')?;
        self.evidence.settle.setting = number(setting)?;
        self.evidence.settle.began = number(began)?;
        Some(())
    }

    fn end(&mut self, mut fields: Fields<'_>) -> Option<()> {
        self.evidence.end = number(fields.next()?)?;
        self.evidence.settle.waited = number(fields.next()?)?;
        self.evidence.settle.rounds = number(fields.next()?)?;
        self.evidence.dumps_skipped = number(fields.next()?)?;
        match fields.next()? {
            "seen" => {}
            "missing" => self.evidence.blind.push(Blindness::CanaryMissing),
            _ => return None,
        }
        self.asked = fields.next()? == "asked";
        Some(())
    }

    /// `3 7-12`.
    fn ids(&mut self, text: &str) -> Option<Vec<GoroutineId>> {
        let mut ids = Vec::new();
        for part in text.split(' ').filter(|p| !p.is_empty()) {
            let (first, last): (u64, u64) = match part.split_once('-') {
                Some((first, last)) => (number(first)?, number(last)?),
                None => (number(part)?, number(part)?),
            };
            let many = usize::try_from(last.checked_sub(first)?).ok()?.saturating_add(1);
            self.ids = self.ids.saturating_add(many);
            if self.ids > MOST_IDS {
                return None;
            }
            ids.extend((first..=last).map(GoroutineId));
        }
        Some(ids)
    }

    fn finish(mut self) -> Result<Evidence, &'static str> {
        if self.evidence.end == 0 && self.evidence.blind.is_empty() {
            return Err("the line z");
        }
        for sighting in &mut self.evidence.sightings {
            if self.asked && sighting.gone_by.is_none() && sighting.proof == Proof::NotAsked {
                sighting.proof = Proof::Reachable;
            }
        }
        for sighting in &mut self.evidence.sightings {
            sighting.objects.sort_unstable();
        }
        self.evidence.tests.sort_by_key(|t| (t.seq, t.start));
        self.evidence.sightings.sort_by_key(|s| (s.first_seen, s.id));
        Ok(self.evidence)
    }
}

fn number<T: std::str::FromStr>(text: &str) -> Option<T> {
    if text.bytes().all(|b| b.is_ascii_digit()) {
        text.parse().ok()
    } else {
        None
    }
}

/// `-` is none.
fn optional<T: std::str::FromStr>(text: &str) -> Option<Option<T>> {
    if text == "-" {
        Some(None)
    } else {
        number(text).map(Some)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::wire::{Reassembler, Transcript};
    use proptest::prelude::*;

    const SAMPLE: &[u8] = include_bytes!("../../tests/testdata/wire/payload.txt");

    fn transcript(payload: &[u8]) -> Transcript {
        use crate::wire::{Kind, Nonce, Record};
        let mut crc = flate2::Crc::new();
        crc.update(payload);
        let totals = format!("run=1 records=1 bytes={} crc={:08x}", payload.len(), crc.sum());
        let hello = b"run=1 ppid=7 gomaxprocs=2 go=go1.27.3".to_vec();
        let mut reader = Reassembler::new();
        let all = [
            (Kind::Hello, hello),
            (Kind::Data, payload.to_vec()),
            (Kind::End, totals.into_bytes()),
        ];
        for (n, (kind, chunk)) in (0..).zip(all) {
            reader.take_line(
                &Record {
                    nonce: Nonce(1),
                    pid: 9,
                    n,
                    kind,
                    chunk,
                }
                .to_line(),
            );
        }
        reader.finish()
    }

    fn evidence(payload: &[u8]) -> Result<Evidence, DecodeError> {
        let transcript = transcript(payload);
        let main = &transcript.candidates[0];
        decode(main, &main.runs[0])
    }

    #[test]
    fn the_sample_says_what_it_says() {
        let e = evidence(SAMPLE).unwrap();
        assert_eq!(
            (e.process.pid, e.process.ppid, e.process.go_version.as_str()),
            (9, 7, "go1.27.3")
        );
        let tests: Vec<_> = e
            .tests
            .iter()
            .map(|t| (t.seq.0, t.kind, t.name.as_str(), t.end))
            .collect();
        assert_eq!(
            tests,
            [
                (1, TestKind::Test, "TestA", Some(300)),
                (2, TestKind::Test, "TestA/sub \u{fffd}", None),
                (3, TestKind::Benchmark, "BenchmarkB", Some(400)),
                (3, TestKind::Benchmark, "BenchmarkB", Some(500)),
            ]
        );
        assert_eq!(e.baseline, [1, 3, 4, 5].map(GoroutineId));
        let lives: Vec<_> = e
            .sightings
            .iter()
            .map(|s| (s.id.0, s.label, s.gone_by, s.proof))
            .collect();
        let header = Some(TestSeq(1));
        assert_eq!(
            lives,
            [
                (20, header, None, Proof::Proven),
                (21, header, None, Proof::Proven),
                (30, None, Some(600), Proof::NotAsked),
                (40, None, None, Proof::Reachable),
                (41, None, None, Proof::Reachable),
            ]
        );
        let objects = |of: usize| -> Vec<_> {
            e.sightings[of]
                .objects
                .iter()
                .map(|object| (object.frame, object.address))
                .collect()
        };
        assert_eq!(objects(0), [(0, 0x00c0_0001_2030)]);
        assert_eq!((objects(1), objects(2)), (vec![(0, 0x00c0_0009_9000)], vec![]));
        assert_eq!(objects(4), [(0, 0x00c0_0001_2030)]);
        assert_eq!(e.objects_left_out, 12);
        let [running, ended] = &e.readings[..] else {
            panic!("{:?}", e.readings)
        };
        assert!(!running.ended && running.moved == [40].map(GoroutineId));
        let stack = &running.stacks[0];
        assert_eq!(stack.counts, [(Some(TestSeq(2)), 1), (None, 3)]);
        assert_eq!(
            (stack.stack, &stack.came[..]),
            (0, &[30, 40].map(GoroutineId)[..])
        );
        assert!(ended.ended && ended.moved.is_empty());
        let stack = &ended.stacks[1];
        assert_eq!(
            (stack.stack, &stack.counts[..]),
            (0, &[(Some(TestSeq(1)), 1)][..])
        );
        assert_eq!(
            (&stack.came[..], &stack.left[..]),
            (&[GoroutineId(41)][..], &[GoroutineId(30)][..])
        );
        let paused: Vec<_> = e.tests.iter().map(|t| t.paused).collect();
        let pause = Pause { from: 160, to: None };
        assert_eq!(paused, [None, Some(pause), None, None]);
        let moved = e.sightings[3].moved.as_ref().unwrap();
        assert_eq!((moved.last_seen, moved.first_seen), (280, 310));
        assert_eq!(moved.from.state.reason, "select");
        assert!(e.sightings[4].moved.is_none());
        assert_eq!(e.sightings[0].goroutine.state.reason, "select");
        assert_eq!(
            e.sightings[2].goroutine.created.as_ref().unwrap().func.as_str(),
            "main.Start"
        );
        assert_eq!(e.parents.get(&GoroutineId(40)), Some(&GoroutineId(30)));
        assert_eq!(
            (e.end, e.settle.waited, e.settle.rounds, e.dumps_skipped),
            (9000, 700, 3, 2)
        );
        assert_eq!(
            e.blind,
            [
                Blindness::Truncated("a dump".into()),
                Blindness::ShimFailed("after: index out of range".into())
            ]
        );
    }

    #[test]
    fn a_missing_canary_is_blindness() {
        let e = evidence(b"z 10 0 1 0 missing not-asked\n").unwrap();
        assert_eq!(e.blind, [Blindness::CanaryMissing]);
    }

    #[test]
    fn what_cannot_be_read_is_an_error_with_its_line() {
        for (payload, line) in [
            ("t 1 t 2\n", 1),
            ("b 1\ng 1 2 3 - - - - 5\n", 2),
            ("a soon\n", 1),
            ("l 0 1:1\n", 1),
            ("a ended\nl 0 1\n", 2),
            ("a ended\ni 7\n", 2),
            ("m 7\n", 1),
            ("k 9\ngoroutine 0 [select]:\n", 1),
            ("b 1-99999999999\n", 1),
            ("o 0 c00 7\n", 1),
            ("t 1 t 2 3 4 A\np 2 3 4\n", 2),
            ("w 0 1 2 7\n", 1),
            (
                "k 3\ngoroutine 0 [select]:\nm.x(...)\n\t/x.go:1\no 0 nothex 7\n",
                5,
            ),
            ("b 5-1\n", 1),
            ("b 1\n", 1),
            ("z 1 2\n", 1),
            ("", 0),
        ] {
            assert_eq!(
                evidence(payload.as_bytes()).unwrap_err().line,
                line,
                "{payload:?}"
            );
        }
    }

    proptest! {
        #[test]
        fn any_payload_is_refused_or_read(payload in "([tbkgczqfalijm]( -?[0-9-]{0,3}| [a-z]+){0,9}\n){0,6}") {
            let _ = evidence(payload.as_bytes());
        }
    }
}
