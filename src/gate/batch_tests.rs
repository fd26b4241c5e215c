//! Lines that wait for each other come out as lines that come one by one.

use super::judging::{Joining, Judge, TestPlaces};
use super::show::Detail;
use super::stream::TestJsonStream;
use super::stream::tests::Shared;
use super::{Counts, Gate, Viewer};
use crate::events::{Action, Event};
use crate::go_source::{GoFiles, NoSources};
use crate::goroutine::Location;
use crate::leak::ModuleInfo;
use crate::package_path::PackagePath;
use crate::rules::book::RuleBook;
use proptest::prelude::*;
use std::borrow::Cow;
use std::cell::RefCell;

impl Shared {
    fn text(&self) -> String {
        String::from_utf8_lossy(&self.0.borrow()).into_owned()
    }
}

#[derive(Default)]
struct Screen(RefCell<String>);

impl Viewer for Screen {
    fn print(&self, text: &[u8]) {
        *self.0.borrow_mut() += &String::from_utf8_lossy(text);
    }
    fn remark(&self, text: &str) {
        *self.0.borrow_mut() += text;
    }
    fn flush(&self) {}
    fn tick(&self, _: Counts, _: &str) {}
}

struct Nowhere;

impl TestPlaces for Nowhere {
    fn declared(&self, _: &PackagePath, _: &str) -> Option<Location> {
        None
    }
}

/// What the stream, the screen and the report get.
fn through(lines: &[Vec<u8>], detail: Detail, one_by_one: bool) -> [String; 3] {
    let judge = Judge {
        book: RuleBook::default(),
        module_info: ModuleInfo::default(),
        roots: Vec::new(),
        sources: GoFiles::new(NoSources),
        test_places: Box::new(Nowhere),
        unseen_modules: Vec::new(),
        joining: Joining::Leaks,
        today: jiff::civil::date(2026, 11, 28),
    };
    let (sink, screen) = (Shared::default(), Screen::default());
    let stream = TestJsonStream::new(vec![Box::new(sink.clone())]);
    let mut gate = Gate::new(&judge, stream, &screen, detail);
    for line in lines {
        gate.line(line).unwrap();
        if one_by_one {
            gate.flush().unwrap();
        }
    }
    let mut gathered = gate.finish().unwrap();
    gathered.events = gathered.events.min(1);
    [sink.text(), screen.0.take(), format!("{gathered:#?}")]
}

fn event(action: Action<'_>, test: Option<&str>, output: Option<&str>) -> Vec<u8> {
    let mut event = Event::new(action, "a.org/p", test.map(Cow::Borrowed));
    event.time = Some(Cow::Borrowed("2026-11-21T05:27:30.2046Z"));
    event.output = output.map(Cow::Borrowed);
    event.to_line()
}

/// Two tests and what they and their package print, as numbers say; both fail in the end, so that all of it is shown.
fn lines(printed: &[(u8, &'static str)]) -> Vec<Vec<u8>> {
    let tests = ["TestA", "TestB/x"];
    let of = |number: u8| tests.get(usize::from(number)).copied();
    let mut lines = vec![event(Action::Start, None, None)];
    lines.extend(tests.map(|test| event(Action::Run, Some(test), None)));
    for (number, output) in printed {
        lines.push(match number {
            3 => output.as_bytes().to_vec(),
            number => event(Action::Output, of(*number), Some(output)),
        });
    }
    lines.extend(tests.map(|test| event(Action::Fail, Some(test), None)));
    lines.push(event(Action::Fail, None, None));
    lines
}

const OUTPUTS: [&str; 16] = [
    "plain\n",
    "    a_test.go:3: more\n",
    "\n",
    "no end",
    "panic: boom\n",
    "goroutine 7 [select]:\n",
    "exit status 2\n",
    "\u{1e}leakgate/1 ",
    "\u{1e}leakgate/1 no record\n",
    "\u{1e}\n",
    "text \u{1e}",
    "\u{1b}]0;no end\n",
    "--- FAIL: TestA (0.00s)\n",
    "=== NAME  TestA\n",
    "FAIL\n",
    "FAIL\ta.org/p\t0.1s\n",
];

proptest! {
    #[test]
    fn what_comes_in_a_row_comes_out_as_what_comes_one_by_one(
        printed in prop::collection::vec((0..4u8, prop_oneof![Just("plain\n"), prop::sample::select(&OUTPUTS[..])]), 0..24),
    ) {
        let lines = lines(&printed);
        for detail in [Detail::Normal, Detail::Everything] {
            let [stream, screen, report] = through(&lines, detail, false);
            let [one_stream, one_screen, one_report] = through(&lines, detail, true);
            prop_assert_eq!(stream, one_stream);
            prop_assert_eq!(screen, one_screen);
            prop_assert_eq!(report, one_report);
        }
    }
}

#[test]
fn much_output_is_neither_lost_nor_changed() {
    let printed: Vec<String> = (0..20_000)
        .map(|at| format!("line {at} of many, all of them alike\n"))
        .collect();
    let mut all = vec![event(Action::Run, Some("TestA"), None)];
    all.extend(
        printed
            .iter()
            .map(|line| event(Action::Output, Some("TestA"), Some(line))),
    );
    all.push(event(Action::Fail, Some("TestA"), None));
    all.push(event(Action::Fail, None, None));
    let [stream, screen, _] = through(&all, Detail::Normal, false);
    let told: String = all
        .iter()
        .map(|line| String::from_utf8_lossy(line).into_owned())
        .collect();
    assert!(stream == told, "the stream is go's own, byte for byte");
    assert!(screen.starts_with(&printed.concat()));
}
