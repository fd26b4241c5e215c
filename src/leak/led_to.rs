//! The user's line that led to a goroutine, from the calling stacks that `GODEBUG=tracebackancestors` keeps at each `go`
//! statement.

use super::module::Code;
use super::{LedTo, LedToBy, Spot};
use crate::go_source::calls::call_of;
use crate::goroutine::owner::is_launcher;
use crate::goroutine::{Frame, Goroutine, Location};
use rustc_hash::FxHashMap;
use std::collections::{BTreeMap, BTreeSet};

/// How far above its place a call is looked for: an ancestor's line is that of the return, and a call may span lines.
const LINES_ABOVE: u32 = 3;

/// The nearest own call that led to the goroutine, and the test's own line when that is another one. `None` without
/// ancestors, and when a test's own function holds the `go` statement.
pub(super) fn traced(goroutine: &Goroutine, code: &Code<'_>, lines: &CallLines) -> Option<LedTo> {
    let created = goroutine.created.as_ref()?;
    let own_start = code.is_own_at(&created.func, created.at.as_ref());
    let launched = is_launcher(created.func.as_str());
    let mut calls = Vec::new();
    // What is further out than the test has started all tests.
    let runs_test = |frame: &Frame| frame.func.as_str() == "testing.tRunner";
    let of_test = goroutine
        .ancestors
        .iter()
        .position(|one| one.frames.iter().any(runs_test));
    let most = of_test.map_or(usize::MAX, |at| at + 1);
    for (depth, ancestor) in goroutine.ancestors.iter().take(most).enumerate() {
        for (index, frame) in ancestor.frames.iter().enumerate() {
            let callee = index.checked_sub(1).map(|at| &ancestor.frames[at]);
            // The report names the go statement already, or the call of what does the same (`g.Go`).
            let launches = launched && callee.is_some_and(|callee| callee.func == created.func);
            let is_start = depth == 0 && (launches || frame.func == created.func && own_start);
            if code.is_own(frame) && frame.at.is_some() && !is_start {
                calls.push((frame, callee));
            }
        }
    }
    if own_start && created.at.as_ref().is_some_and(is_of_tests) {
        // In a helper, what is missing may be in the test that called it.
        let &(outermost, callee) = calls.last().filter(|_| of_test.is_some())?;
        let is_own = created.func.as_str().starts_with(outermost.func.as_str());
        let at = spot(outermost, callee, code, lines).filter(|spot| is_of_tests(&spot.at) && !is_own)?;
        return Some(LedTo {
            at,
            by: LedToBy::Trace,
            from: None,
        });
    }
    let &(nearest, callee) = calls.first()?;
    let at = spot(nearest, callee, code, lines)?;
    let test = calls
        .iter()
        .find(|(frame, _)| frame.at.as_ref().is_some_and(is_of_tests))
        .filter(|_| !nearest.at.as_ref().is_some_and(is_of_tests))
        .and_then(|&(frame, callee)| spot(frame, callee, code, lines));
    Some(match (own_start, test) {
        // The user's own code has started it: what is missing is in the test that called this code.
        (true, Some(test)) => LedTo {
            at: test,
            by: LedToBy::Trace,
            from: None,
        },
        // Where the return of a call lies in what was inlined behind it, no frame is the test's: the source may show its line.
        (true, None) if of_test.is_some() && !nearest.at.as_ref().is_some_and(is_of_tests) => return None,
        (_, from) => LedTo {
            at,
            by: LedToBy::Trace,
            from,
        },
    })
}

/// The own lines on the calling stacks of its `go` statement and of those before it.
pub(super) fn own_calls(goroutine: &Goroutine, code: &Code<'_>) -> impl Iterator<Item = Spot> {
    let frames = goroutine.ancestors.iter().flat_map(|ancestor| &ancestor.frames);
    let own = frames.filter(|frame| code.is_own(frame));
    own.filter_map(|frame| Some(code.spot(&frame.func, frame.at.as_ref()?)))
}

fn is_of_tests(at: &Location) -> bool {
    at.file.ends_with("_test.go")
}

fn spot(frame: &Frame, callee: Option<&Frame>, code: &Code<'_>, lines: &CallLines) -> Option<Spot> {
    let at = frame.at.as_ref()?;
    let line = lines.of(at, callee).unwrap_or(at.line);
    Some(code.spot(
        &frame.func,
        &Location {
            file: at.file.clone(),
            line,
        },
    ))
}

/// The true lines of calls. An ancestor's line is that of the return: the call is there or just above.
#[derive(Debug, Default)]
pub(super) struct CallLines {
    lines: FxHashMap<(String, String, u32), u32>,
}

impl CallLines {
    /// Looks at the ancestors of all goroutines together: two different returns are two different calls.
    pub(super) fn new<'g>(goroutines: impl Iterator<Item = &'g Goroutine>, code: &Code<'_>) -> Self {
        let mut returns: BTreeMap<(&str, &str), BTreeSet<u32>> = BTreeMap::new();
        for ancestor in goroutines.flat_map(|goroutine| &goroutine.ancestors) {
            for (index, frame) in ancestor.frames.iter().enumerate() {
                let Some(at) = frame.at.as_ref().filter(|_| code.is_own(frame)) else {
                    continue;
                };
                let callee = index.checked_sub(1).map(|at| &ancestor.frames[at]);
                if let Some(called) = called_by(callee) {
                    returns.entry((&at.file, called)).or_default().insert(at.line);
                }
            }
        }
        let mut lines = FxHashMap::default();
        for ((file, called), printed) in returns {
            let Some(text) = code.read(file) else { continue };
            let texts: Vec<&str> = text.lines().collect();
            let mut taken = BTreeSet::new();
            for &line in printed.iter().rev() {
                let first = line.saturating_sub(LINES_ABOVE).max(1);
                let text = |line: &u32| texts.get(*line as usize - 1).copied().unwrap_or_default();
                let upwards = || (first..=line).rev().filter(|line| !taken.contains(line));
                // Behind a call whose results are not used, the return is in the statement that follows.
                let named = || upwards().filter(|line| text(line).contains(called));
                let is_behind = |one: &u32| *one == line && is_statement(code, file, called, line);
                let above = named().find(|one| !is_behind(one));
                let named = above.or_else(|| named().next());
                // What it calls may be inlined, and have no frame: the line of a call, then.
                let spans = || long_call(code, file, called, first..=line);
                let call = named
                    .or_else(spans)
                    .or_else(|| upwards().find(|line| is_call(text(line))));
                if let Some(call) = call {
                    taken.insert(call);
                    lines.insert((file.to_owned(), called.to_owned(), line), call);
                }
            }
        }
        Self { lines }
    }

    fn of(&self, at: &Location, callee: Option<&Frame>) -> Option<u32> {
        let called = called_by(callee)?;
        let key = (at.file.clone(), called.to_owned(), at.line);
        self.lines.get(&key).copied()
    }
}

/// Whether the call of this name on a line is a statement of its own.
fn is_statement(code: &Code<'_>, file: &str, name: &str, line: u32) -> bool {
    let file = code.sources.get(&code.absolute(file));
    let calls = file
        .map_or(Vec::new(), |file| file.named(name))
        .into_iter()
        .filter_map(call_of);
    let mut here = calls.filter(|call| call.last_line() == line);
    here.any(|call| {
        call.parent()
            .is_some_and(|outer| outer.kind() == "expression_statement")
    })
}

/// The line of a call of this name that spans more lines than are looked at, and ends on one of these.
fn long_call(code: &Code<'_>, file: &str, name: &str, ends: std::ops::RangeInclusive<u32>) -> Option<u32> {
    let file = code.sources.get(&code.absolute(file))?;
    let calls = file.named(name).into_iter().filter_map(call_of);
    let mut long = calls.filter(|call| ends.contains(&call.last_line()) && call.line() < *ends.start());
    long.next_back().map(|call| call.line())
}

/// Whether a line of source looks like a call: `srv := lib.New(…)`.
fn is_call(text: &str) -> bool {
    let named =
        |(before, _): (&str, &str)| before.ends_with(|c: char| c.is_alphanumeric() || "_])".contains(c));
    let text = text.trim_start();
    !text.starts_with("func ") && !text.starts_with("//") && text.split_once('(').is_some_and(named)
}

/// What the source says where a frame called another one, or where it holds the `go` statement.
fn called_by(callee: Option<&Frame>) -> Option<&str> {
    match callee {
        Some(callee) => called(callee.func.as_str()),
        None => Some("go "),
    }
}

/// `NewServer` of `net/http/httptest.NewServer`, `Get` of `net/http.(*Client).Get`; closures have no name.
fn called(func: &str) -> Option<&str> {
    let head = func.split('[').next()?;
    let name = head.rsplit('.').next()?;
    let closure = name.starts_with("func") && name[4..].chars().all(|c| c.is_ascii_digit());
    (!closure && !name.is_empty()).then_some(name)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::go_source::{GoFiles, Sources};
    use crate::goroutine::parse_block;
    use crate::leak::{MainModule, ModuleInfo};
    use crate::package_path::PackagePath;
    use std::sync::Arc;

    struct One;
    impl Sources for One {
        fn read(&self, file: &str) -> Option<Arc<str>> {
            (file == "/m/x_test.go").then(|| {
                "package m\n\nfunc TestA(t *testing.T) {\n\tsrv := httptest.NewServer(hello)\n\tuse(srv)\n}\n".into()
            })
        }
    }

    fn led(block: &str) -> Option<(String, u32, Option<u32>)> {
        let module = ModuleInfo {
            modules: vec![MainModule {
                path: "m".into(),
                dir: "/m".into(),
            }],
            goroots: vec!["/go".into()],
            root: "/m".into(),
            ..ModuleInfo::default()
        };
        let package = PackagePath("m".into());
        let code = Code {
            package: &package,
            module: &module,
            sources: &GoFiles::new(One),
        };
        let goroutine = parse_block(block).unwrap();
        let lines = CallLines::new(std::iter::once(&goroutine), &code);
        let led = traced(&goroutine, &code, &lines)?;
        Some((led.at.func.0, led.at.at.line, led.from.map(|spot| spot.at.line)))
    }

    const SERVE: &str = "goroutine 21 [IO wait]:\nnet/http/httptest.(*Server).goServe.func1()\n\t/go/src/s.go:1 +0x1\n\
        created by net/http/httptest.(*Server).goServe in goroutine 10\n\t/go/src/s.go:9 +0x2\n";

    #[test]
    fn the_users_call_is_found_through_the_standard_library_on_the_line_before_its_return() {
        let block = format!(
            "{SERVE}[originating from goroutine 10]:\nnet/http/httptest.(*Server).goServe(...)\n\t/go/src/s.go:9 +0x2\n\
             net/http/httptest.NewServer(...)\n\t/go/src/s.go:5 +0x2\nm.TestA(...)\n\t/m/x_test.go:5 +0x1\n\
             testing.tRunner(...)\n\t/go/src/testing/testing.go:1 +0x1\ncreated by testing.(*T).Run\n\t/go/src/t.go:2 +0x1\n"
        );
        assert_eq!(led(&block), Some(("m.TestA".into(), 4, None)));
        assert_eq!(led(SERVE), None, "nothing is known without ancestors");
    }

    #[test]
    fn what_an_inlined_function_called_is_on_the_nearest_line_above_that_calls() {
        let at = |line: u32| {
            format!(
                "{SERVE}[originating from goroutine 10]:\nlib.(*Pool).start(...)\n\t/go/src/s.go:9 +0x2\nm.TestA(...)\n\t/m/x_test.go:{line} +0x1\n\
                 created by testing.(*T).Run\n\t/go/src/t.go:2 +0x1\n"
            )
        };
        // `}` calls nothing; the line above does.
        assert_eq!(led(&at(6)), Some(("m.TestA".into(), 5, None)));
        assert_eq!(led(&at(4)), Some(("m.TestA".into(), 4, None)));
    }

    #[test]
    fn two_returns_on_neighbouring_lines_are_two_calls() {
        let package = PackagePath("m".into());
        struct Two;
        impl Sources for Two {
            fn read(&self, _: &str) -> Option<Arc<str>> {
                Some(
                    "package m\n\nfunc TestA(t *testing.T) {\n\tp := New()\n\tq := New()\n\tuse(p, q)\n}\n"
                        .into(),
                )
            }
        }
        let module = ModuleInfo::default();
        let code = Code {
            package: &package,
            module: &module,
            sources: &GoFiles::new(Two),
        };
        let led_from = |line: u32| {
            let block = format!(
                "goroutine 21 [select]:\nm.loop()\n\t/m/new.go:3 +0x1\ncreated by m.New in goroutine 10\n\t/m/new.go:9 +0x2\n\
                 [originating from goroutine 10]:\nm.New(...)\n\t/m/new.go:9 +0x1\nm.TestA(...)\n\t/m/x_test.go:{line} +0x1\n\
                 created by testing.(*T).Run\n\t/go/src/t.go:2 +0x1\n"
            );
            parse_block(&block).unwrap()
        };
        let both = [led_from(5), led_from(6)];
        let lines = CallLines::new(both.iter(), &code);
        let found = both.map(|goroutine| traced(&goroutine, &code, &lines).unwrap().at.at.line);
        assert_eq!(found, [4, 5]);
    }

    #[test]
    fn the_return_of_a_call_whose_results_are_not_used_is_in_the_next_statement() {
        let package = PackagePath("m".into());
        struct Again;
        impl Sources for Again {
            fn read(&self, _: &str) -> Option<Arc<str>> {
                Some(
                    "package m\n\nfunc TestA(t *testing.T) {\n\tr.Apply(1)\n\tr.Apply(2)\n\tuse(r)\n}\n"
                        .into(),
                )
            }
        }
        let module = ModuleInfo::default();
        let code = Code {
            package: &package,
            module: &module,
            sources: &GoFiles::new(Again),
        };
        let led_from = |line: u32| {
            let block = format!(
                "goroutine 21 [select]:\nm.loop()\n\t/m/new.go:3 +0x1\ncreated by m.(*R).Apply in goroutine 10\n\t/m/new.go:9 +0x2\n\
                 [originating from goroutine 10]:\nm.(*R).Apply(...)\n\t/m/new.go:9 +0x1\nm.TestA(...)\n\t/m/x_test.go:{line} +0x1\n\
                 created by testing.(*T).Run\n\t/go/src/t.go:2 +0x1\n"
            );
            parse_block(&block).unwrap()
        };
        let line = |goroutines: &[Goroutine]| {
            let lines = CallLines::new(goroutines.iter(), &code);
            let led = |one| traced(one, &code, &lines).unwrap().at.at.line;
            goroutines.iter().map(led).collect::<Vec<_>>()
        };
        assert_eq!(line(&[led_from(5)]), [4]);
        assert_eq!(line(&[led_from(6)]), [5]);
        assert_eq!(line(&[led_from(5), led_from(6)]), [4, 5]);
    }

    #[test]
    fn a_call_over_many_lines_is_named_by_its_first() {
        let package = PackagePath("m".into());
        struct Long;
        impl Sources for Long {
            fn read(&self, _: &str) -> Option<Arc<str>> {
                Some("package m\n\nfunc TestA(t *testing.T) {\n\ts, err := New(4, func(i int) error {\n\t\tif i == 2 {\n\t\t\treturn bad()\n\t\t}\n\t\tseen++\n\t\treturn nil\n\t})\n\tif err == nil {\n\t\tuse(s)\n\t}\n}\n".into())
            }
        }
        let module = ModuleInfo::default();
        let code = Code {
            package: &package,
            module: &module,
            sources: &GoFiles::new(Long),
        };
        let goroutine = parse_block(
            "goroutine 21 [select]:\nm.loop()\n\t/m/new.go:3 +0x1\ncreated by m.New in goroutine 10\n\t/m/new.go:9 +0x2\n\
             [originating from goroutine 10]:\nm.New(...)\n\t/m/new.go:9 +0x1\nm.TestA(...)\n\t/m/x_test.go:11 +0x1\n\
             created by testing.(*T).Run\n\t/go/src/testing/testing.go:2 +0x1\n",
        )
        .unwrap();
        let lines = CallLines::new(std::iter::once(&goroutine), &code);
        assert_eq!(traced(&goroutine, &code, &lines).unwrap().at.at.line, 4);
    }

    #[test]
    fn what_has_started_all_tests_has_not_led_to_the_leak_of_one() {
        // Go prints the return into `Restart`, which was inlined behind the call, in place of the test.
        let block = "goroutine 21 [select]:\nm.loop()\n\t/m/new.go:3 +0x1\ncreated by m.Start in goroutine 10\n\t/m/new.go:9 +0x2\n\
             [originating from goroutine 10]:\nm.Start(...)\n\t/m/new.go:9 +0x1\nm.(*S).Restart(...)\n\t/m/s.go:4 +0x1\n\
             testing.tRunner(...)\n\t/go/src/testing/testing.go:1 +0x1\ncreated by testing.(*T).Run\n\t/go/src/t.go:2 +0x1\n\
             [originating from goroutine 1]:\ntesting.(*T).Run(...)\n\t/go/src/testing/testing.go:1 +0x1\n\
             m.TestMain(...)\n\t/m/main_test.go:4 +0x1\n";
        assert_eq!(led(block), None);
    }

    #[test]
    fn through_own_code_the_tests_line_is_told_too() {
        let block = format!(
            "{SERVE}[originating from goroutine 10]:\nnet/http/httptest.NewServer(...)\n\t/go/src/s.go:5 +0x2\n\
             m.New(...)\n\t/m/new.go:7 +0x1\nm.TestA(...)\n\t/m/x_test.go:4 +0x1\ncreated by testing.(*T).Run\n\t/go/src/t.go:2 +0x1\n"
        );
        assert_eq!(led(&block), Some(("m.New".into(), 7, Some(4))));
    }

    #[test]
    fn the_call_of_a_launcher_is_its_go_statement_and_leads_to_nothing() {
        let block = "goroutine 21 [select]:\nm.sync.func1()\n\t/m/new.go:9 +0x1\n\
             golang.org/x/sync/errgroup.(*Group).Go.func1()\n\t/mod/errgroup.go:93 +0x1\n\
             created by golang.org/x/sync/errgroup.(*Group).Go in goroutine 10\n\t/mod/errgroup.go:80 +0x2\n\
             [originating from goroutine 10]:\ngolang.org/x/sync/errgroup.(*Group).Go(...)\n\t/mod/errgroup.go:80 +0x2\n\
             m.sync(...)\n\t/m/new.go:12 +0x1\nm.TestA(...)\n\t/m/x_test.go:4 +0x1\ncreated by testing.(*T).Run\n\t/go/src/t.go:2 +0x1\n";
        assert_eq!(led(block), Some(("m.TestA".into(), 4, None)));
    }

    #[test]
    fn what_own_code_started_is_led_to_by_the_test_and_a_tests_own_go_statement_by_nothing() {
        let from = |creator: &str, file: &str| {
            format!(
                "goroutine 21 [select]:\nm.loop()\n\t/m/new.go:3 +0x1\ncreated by {creator} in goroutine 10\n\t{file}:9 +0x2\n\
                 [originating from goroutine 10]:\n{creator}(...)\n\t{file}:9 +0x1\nm.TestA(...)\n\t/m/x_test.go:4 +0x1\n\
                 created by testing.(*T).Run\n\t/go/src/t.go:2 +0x1\n"
            )
        };
        assert_eq!(
            led(&from("m.New", "/m/new.go")),
            Some(("m.TestA".into(), 4, None))
        );
        assert_eq!(led(&from("m.TestA.func1", "/m/x_test.go")), None);
    }

    #[test]
    fn what_a_helper_in_a_test_file_has_started_is_led_to_by_the_test() {
        let from = |creator: &str, frames: &str| {
            format!(
                "goroutine 21 [select]:\nm.loop()\n\t/m/new.go:3 +0x1\ncreated by {creator} in goroutine 10\n\t/m/x_test.go:9 +0x2\n\
                 [originating from goroutine 10]:\n{creator}(...)\n\t/m/x_test.go:9 +0x1\n{frames}\
                 testing.tRunner(...)\n\t/go/src/testing/testing.go:1 +0x1\ncreated by testing.(*T).Run\n\t/go/src/t.go:2 +0x1\n"
            )
        };
        let test = "m.TestA(...)\n\t/m/x_test.go:5 +0x1\n";
        let expected = Some(("m.TestA".into(), 5, None));
        assert_eq!(led(&from("m.start", test)), expected);
        let through = format!("m.wrap(...)\n\t/m/y_test.go:7 +0x1\n{test}");
        assert_eq!(led(&from("m.start", &through)), expected);
        assert_eq!(led(&from("m.TestA", "")), None);
        // A closure of the test that its own code calls back.
        let fired = format!("m.(*Bell).ring(...)\n\t/m/new.go:4 +0x1\n{test}");
        assert_eq!(led(&from("m.TestA.func1", &fired)), None);
    }
}
