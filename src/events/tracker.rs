//! Events → the state of every package and test. Knows what go says; nothing of leaks.

use super::event::{Action, Event};
use super::kept::KeptOutput;
use super::quirks;
use indexmap::IndexMap;
use rustc_hash::{FxBuildHasher, FxHashMap};

/// How a test came out, as go says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TestOutcome {
    /// `pass`, or a benchmark of a package that passed.
    Passed,
    /// `fail`.
    Failed,
    /// `skip`.
    Skipped,
}

/// One run of a test; `-count` and `-cpu` make several of a name.
#[derive(Debug, Clone, PartialEq)]
pub struct TestState {
    /// Full name.
    pub name: String,
    /// `None` while it runs, and for ever if its process died.
    pub outcome: Option<TestOutcome>,
    /// Waits for its turn (`t.Parallel`).
    pub paused: bool,
    /// Seconds, as go says.
    pub elapsed: f64,
    /// Its output; dropped when it passes.
    pub output: KeptOutput,
    /// `t.Attr` pairs.
    pub attrs: Vec<(String, String)>,
}

/// How a package came out, as go says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PackageOutcome {
    /// `pass`.
    Passed,
    /// `fail`, by tests or by its process.
    Failed,
    /// It, or what it needs, did not build, or vet failed.
    BuildFailed,
    /// `skip`: no test files.
    Skipped,
}

/// The text of a crash, from its first line to the end of the package's output.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Crash {
    /// The dump and all around it.
    pub text: String,
    /// Some of it was left out: longer than [`CRASH_LIMIT`].
    pub truncated: bool,
}

/// How much of a crash text is kept: a dump of 200,000 goroutines.
pub const CRASH_LIMIT: usize = 64 * 1024 * 1024;

/// One package.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct PackageState {
    /// `None` while it runs.
    pub outcome: Option<PackageOutcome>,
    /// go replayed it from its test cache.
    pub cached: bool,
    /// It has no tests, or none was to run.
    pub no_tests: bool,
    /// The test whose inputs `-fuzz` tried, in worker processes.
    pub fuzzed: Option<String>,
    /// Seconds, as go says.
    pub elapsed: f64,
    /// In the order they began.
    pub tests: Vec<TestState>,
    /// Output that belongs to no test.
    pub output: KeptOutput,
    /// Compiler or vet messages of a failed build.
    pub build_output: KeptOutput,
    /// Set when its process crashed (or a test printed what looks like it).
    pub crash: Option<Crash>,
    /// How its process ended, if not by itself: `exit status 2`, `signal: killed`.
    pub process_end: Option<String>,
    latest: FxHashMap<String, usize>,
    at_line_start: bool,
}

impl PackageState {
    /// Tests that have begun and not ended; of a finished package: those that never will, because their process died.
    /// A panic in another goroutine, a kill or `log.Fatal` leaves them without an end event:
    /// <https://github.com/golang/go/issues/38382>.
    pub fn running(&self) -> impl Iterator<Item = &TestState> {
        self.tests.iter().filter(|test| test.outcome.is_none())
    }

    fn test(&mut self, name: &str) -> Option<&mut TestState> {
        self.latest.get(name).and_then(|index| self.tests.get_mut(*index))
    }

    fn begin(&mut self, name: &str) -> &mut TestState {
        let index = self.tests.len();
        self.latest.insert(name.to_owned(), index);
        self.tests.push(TestState {
            name: name.to_owned(),
            outcome: None,
            paused: false,
            elapsed: 0.0,
            output: KeptOutput::default(),
            attrs: Vec::new(),
        });
        &mut self.tests[index]
    }

    /// Adds tests that passed, of which go said nothing.
    pub fn add_passed<'a>(&mut self, names: impl Iterator<Item = &'a str>) {
        for name in names {
            self.end_test(name, TestOutcome::Passed, 0.0);
        }
    }

    fn end_test(&mut self, name: &str, outcome: TestOutcome, elapsed: f64) {
        if self.test(name).is_none_or(|test| test.outcome.is_some()) {
            self.begin(name);
        }
        let Some(test) = self.test(name) else { return };
        test.outcome = Some(outcome);
        test.paused = false;
        test.elapsed = elapsed;
        if outcome == TestOutcome::Passed {
            let output = std::mem::take(&mut test.output);
            // The text of a crash is put down to whichever test printed last, which may have passed.
            if self.crash.is_some() {
                self.output.push(&output.text());
            }
        }
    }

    fn write(&mut self, test: Option<&str>, piece: &str) {
        self.read_crash(piece);
        if self.at_line_start && quirks::fuzzing_line(piece) {
            self.fuzzed = test.map(str::to_owned);
        }
        let crashed = self.crash.is_some();
        match test.and_then(|name| self.test(name)) {
            Some(test) if test.outcome != Some(TestOutcome::Passed) => test.output.push(piece),
            Some(_) if crashed => self.output.push(piece),
            Some(_) => {}
            None => {
                self.cached |= quirks::cached_line(piece);
                self.no_tests |= quirks::no_tests_line(piece);
                self.output.push(piece);
            }
        }
        self.at_line_start = piece.ends_with('\n');
    }

    fn read_crash(&mut self, piece: &str) {
        let line_start = self.at_line_start || (self.tests.is_empty() && self.output.is_empty());
        if line_start && let Some(end) = quirks::process_end(piece) {
            self.process_end = Some(end.to_owned());
        }
        if self.crash.is_none() && line_start && quirks::starts_crash(piece) {
            self.crash = Some(Crash::default());
        }
        if let Some(crash) = &mut self.crash {
            if crash.text.len() + piece.len() <= CRASH_LIMIT {
                crash.text.push_str(piece);
            } else {
                crash.truncated = true;
            }
        }
    }

    fn end(&mut self, outcome: PackageOutcome, elapsed: f64) {
        self.outcome = Some(outcome);
        self.elapsed = elapsed;
        if outcome == PackageOutcome::Passed {
            self.crash = None;
            self.process_end = None;
            let ended = |test: &&mut TestState| quirks::ends_with_its_package(&test.name);
            for benchmark in self
                .tests
                .iter_mut()
                .filter(|test| test.outcome.is_none())
                .filter(ended)
            {
                benchmark.outcome = Some(TestOutcome::Passed);
                benchmark.output = KeptOutput::default();
            }
        }
    }
}

/// The state of a whole run.
#[derive(Debug, Clone, Default)]
pub struct Tracker {
    packages: IndexMap<String, PackageState, FxBuildHasher>,
    builds: FxHashMap<String, KeptOutput>,
    stderr_build: Option<String>,
    events: u64,
}

impl Tracker {
    /// Nothing yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// In the order they began.
    pub fn packages(&self) -> impl Iterator<Item = (&str, &PackageState)> {
        self.packages
            .iter()
            .map(|(path, package)| (path.as_str(), package))
    }

    /// One package.
    pub fn package(&self, path: &str) -> Option<&PackageState> {
        self.packages.get(path)
    }

    /// Takes a package out, with all that is known of it: what has been judged need not be kept.
    pub fn take(&mut self, path: &str) -> Option<PackageState> {
        self.packages.shift_remove(path)
    }

    /// How many events were taken in. None at all with a failing `go` is an error, never "no leaks".
    pub fn events(&self) -> u64 {
        self.events
    }

    /// `package/test` of all that runs now.
    pub fn running(&self) -> Vec<String> {
        let open = self.packages().filter(|(_, package)| package.outcome.is_none());
        open.flat_map(|(path, package)| package.running().map(move |test| format!("{path}.{}", test.name)))
            .collect()
    }

    /// Takes in an event, with our own records already taken out of its output.
    pub fn apply(&mut self, event: &Event<'_>) {
        self.events += 1;
        if matches!(event.action, Action::BuildOutput | Action::BuildFail) {
            if let (Some(path), Some(output)) = (&event.import_path, &event.output) {
                self.builds
                    .entry(path.clone().into_owned())
                    .or_default()
                    .push(output);
            }
            return;
        }
        let Some(path) = event.package.as_deref() else {
            return;
        };
        if !self.packages.contains_key(path) {
            self.packages.insert(
                path.to_owned(),
                PackageState {
                    at_line_start: true,
                    ..PackageState::default()
                },
            );
        }
        let package = self.packages.get_mut(path).expect("it was just inserted");
        match event.test.as_deref() {
            Some(test) => apply_to_test(package, test, event),
            None => Self::apply_to_package(package, &self.builds, path, event),
        }
    }

    /// Takes in text between the events.
    pub fn text(&mut self, line: &[u8]) {
        let line = String::from_utf8_lossy(line);
        if let Some(path) = quirks::build_failed_line(&line) {
            let build_output = self.builds.get(path).cloned().unwrap_or_default();
            let package = self.packages.entry(path.to_owned()).or_default();
            package.build_output = build_output;
            package.output.push(&line);
            package.end(PackageOutcome::BuildFailed, 0.0);
        }
    }

    /// Takes in a line of go's standard error: compiler messages of Go ≤ 1.23.
    pub fn stderr(&mut self, line: &[u8]) {
        let line = String::from_utf8_lossy(line);
        if let Some(path) = quirks::build_header(&line) {
            self.stderr_build = Some(path.to_owned());
        }
        let Some(path) = &self.stderr_build else { return };
        self.builds.entry(path.clone()).or_default().push(&line);
        let failed = |package: &&mut PackageState| package.outcome == Some(PackageOutcome::BuildFailed);
        if let Some(package) = self.packages.get_mut(path).filter(failed) {
            package.build_output.push(&line);
        }
    }

    fn apply_to_package(
        package: &mut PackageState,
        builds: &FxHashMap<String, KeptOutput>,
        path: &str,
        event: &Event<'_>,
    ) {
        let elapsed = event.elapsed.unwrap_or_default();
        if let Some(output) = &event.output {
            if quirks::build_failed_line(output).is_some() {
                package.outcome = Some(PackageOutcome::BuildFailed);
            }
            package.write(None, output);
        }
        match event.action {
            Action::Pass => package.end(PackageOutcome::Passed, elapsed),
            Action::Skip => package.end(PackageOutcome::Skipped, elapsed),
            Action::Fail => {
                let build = event.failed_build.as_deref();
                let named =
                    build.or_else(|| (package.outcome == Some(PackageOutcome::BuildFailed)).then_some(path));
                if let Some(output) = named.and_then(|name| builds.get(name)) {
                    package.build_output = output.clone();
                }
                let outcome = if named.is_some() {
                    PackageOutcome::BuildFailed
                } else {
                    PackageOutcome::Failed
                };
                package.end(outcome, elapsed);
            }
            _ => {}
        }
    }
}

fn apply_to_test(package: &mut PackageState, test: &str, event: &Event<'_>) {
    let elapsed = event.elapsed.unwrap_or_default();
    match &event.action {
        Action::Run => {
            package.begin(test);
        }
        Action::Pause | Action::Cont => {
            if let Some(state) = package.test(test) {
                state.paused = event.action == Action::Pause;
            }
        }
        Action::Pass | Action::Bench => package.end_test(test, TestOutcome::Passed, elapsed),
        Action::Fail => package.end_test(test, TestOutcome::Failed, elapsed),
        Action::Skip => package.end_test(test, TestOutcome::Skipped, elapsed),
        Action::Attr => {
            if let (Some(key), Some(value), Some(state)) = (&event.key, &event.value, package.test(test)) {
                state
                    .attrs
                    .push((key.clone().into_owned(), value.clone().into_owned()));
            }
        }
        _ => {}
    }
    if let Some(output) = &event.output {
        package.write(Some(test), output);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::events::{Line, parse};

    fn track(stream: &str, stderr: &str) -> Tracker {
        let mut tracker = Tracker::new();
        stderr.lines().for_each(|line| tracker.stderr(line.as_bytes()));
        for line in stream.lines() {
            match parse(line.as_bytes()) {
                Line::Event(event) => tracker.apply(&event),
                Line::Text(text) => tracker.text(text),
            }
        }
        tracker
    }

    fn outcomes(package: &PackageState) -> Vec<(&str, Option<TestOutcome>)> {
        package
            .tests
            .iter()
            .map(|test| (test.name.as_str(), test.outcome))
            .collect()
    }

    /// The same module on every Go: what a reader of go's own output would say of each package.
    fn check_mixed(stream: &str, stderr: &str) -> Tracker {
        let tracker = track(stream, stderr);
        let state = |name: &str| tracker.package(&format!("example.com/s/{name}")).expect(name);
        assert!(tracker.packages().all(|(_, package)| package.outcome.is_some()));

        assert_eq!(state("bad").outcome, Some(PackageOutcome::BuildFailed));
        assert!(state("bad").build_output.text().contains("undefined: undefined"));
        assert_eq!(state("vet").outcome, Some(PackageOutcome::BuildFailed));
        assert!(state("vet").build_output.text().contains("wrong type string"));
        assert!(state("none").no_tests);

        let crash = state("crash");
        assert_eq!(crash.outcome, Some(PackageOutcome::Failed));
        assert!(crash.crash.as_ref().unwrap().text.starts_with("panic: boom"));
        assert_eq!(crash.process_end.as_deref(), Some("exit status 2"));
        assert_eq!(crash.tests[0].outcome, Some(TestOutcome::Passed));
        assert_eq!(crash.tests[1].outcome, Some(TestOutcome::Failed));

        let killed = state("killed");
        assert_eq!(killed.outcome, Some(PackageOutcome::Failed));
        assert_eq!(killed.process_end.as_deref(), Some("signal: killed"));
        assert_eq!(
            killed
                .running()
                .map(|test| test.name.as_str())
                .collect::<Vec<_>>(),
            ["TestKill"]
        );

        let bench = state("bench");
        assert_eq!(bench.outcome, Some(PackageOutcome::Passed));
        let passed = Some(TestOutcome::Passed);
        let benchmarks = [
            ("BenchmarkX", passed),
            ("BenchmarkY", passed),
            ("BenchmarkY/sub", passed),
        ];
        assert_eq!(outcomes(bench), benchmarks);
        assert!(
            state("exit0")
                .crash
                .as_ref()
                .unwrap()
                .text
                .contains("unexpected call to os.Exit(0)")
        );
        tracker
    }

    /// go put the dump of a time-out down to a parallel test that had passed: <https://github.com/golang/go/issues/35180>.
    #[test]
    fn a_crash_in_the_output_of_a_passed_test_is_the_packages() {
        let stream = include_str!("../../tests/testdata/streams/crash-in-a-passed-test-go1.26.8.json");
        let tracker = track(stream, "");
        let package = tracker.package("example.com/p").expect("it ran");
        assert_eq!(package.outcome, Some(PackageOutcome::Failed));
        let ended = |name: &str| {
            package
                .tests
                .iter()
                .find(|test| test.name == name)
                .and_then(|test| test.outcome)
        };
        assert_eq!(ended("TestP/a"), Some(TestOutcome::Passed));
        assert_eq!(ended("TestP/b"), None);
        assert!(package.output.text().contains("panic: test timed out after 2s\n"));
    }

    #[test]
    fn a_mixed_run_reads_the_same_on_every_go() {
        check_mixed(
            include_str!("../../tests/testdata/streams/mixed-go1.21.13.json"),
            include_str!("../../tests/testdata/streams/mixed-go1.21.13.stderr"),
        );
        check_mixed(
            include_str!("../../tests/testdata/streams/mixed-go1.23.12.json"),
            include_str!("../../tests/testdata/streams/mixed-go1.23.12.stderr"),
        );
        check_mixed(
            include_str!("../../tests/testdata/streams/mixed-go1.24.11.json"),
            "",
        );
        check_mixed(
            include_str!("../../tests/testdata/streams/mixed-go1.27.3.json"),
            "",
        );
    }

    #[test]
    fn compiler_messages_that_come_late_still_reach_their_package() {
        let mut tracker = Tracker::new();
        tracker.text(b"FAIL\texample.com/p [build failed]\n");
        tracker.stderr(b"# example.com/p [example.com/p.test]\n");
        tracker.stderr(b"p_test.go:3:1: syntax error\n");
        assert!(
            tracker
                .package("example.com/p")
                .unwrap()
                .build_output
                .text()
                .contains("syntax error")
        );
    }

    #[test]
    fn repetitions_are_entries_of_their_own() {
        let stream = r#"{"Action":"run","Package":"p","Test":"T"}
{"Action":"output","Package":"p","Test":"T","Output":"one\n"}
{"Action":"fail","Package":"p","Test":"T","Elapsed":1}
{"Action":"run","Package":"p","Test":"T"}
{"Action":"attr","Package":"p","Test":"T","Key":"k","Value":"v"}
{"Action":"pass","Package":"p","Test":"T","Elapsed":2}
{"Action":"output","Package":"p","Output":"ok  \tp\t(cached)\n"}
{"Action":"pass","Package":"p","Elapsed":3}"#;
        let tracker = track(stream, "");
        let package = tracker.package("p").unwrap();
        assert_eq!(
            outcomes(package),
            [("T", Some(TestOutcome::Failed)), ("T", Some(TestOutcome::Passed))]
        );
        assert_eq!(package.tests[0].output.text(), "one\n");
        assert_eq!(package.tests[1].attrs, [("k".to_owned(), "v".to_owned())]);
        assert!(package.cached && package.elapsed == 3.0);
        assert_eq!(tracker.events(), 8);
    }

    #[test]
    fn a_run_that_is_cut_off_names_what_ran() {
        let stream = r#"{"Action":"start","Package":"p"}
{"Action":"run","Package":"p","Test":"A"}
{"Action":"pause","Package":"p","Test":"A"}
{"Action":"run","Package":"p","Test":"B"}
{"Action":"pass","Package":"p","Test":"B"}"#;
        let tracker = track(stream, "");
        assert_eq!(tracker.running(), ["p.A"]);
        let package = tracker.package("p").unwrap();
        assert!(package.outcome.is_none() && package.tests[0].paused);
    }

    use proptest::prelude::*;

    proptest! {
        /// The twin of the fuzz target `test2json`.
        #[test]
        fn no_stream_makes_it_panic_or_invent_tests(
            lines in proptest::collection::vec(
                (
                    prop_oneof!["start", "run", "pause", "cont", "pass", "fail", "skip", "bench", "output", "attr", "[a-z-]{1,9}"],
                    "[pq]?", proptest::option::of("[AB](/x)?"), proptest::option::of("(?s)(panic: |FAIL\tp |ok  \t)?.{0,12}\n?"),
                    proptest::option::of("[pq] \\[p.test\\]"),
                ),
                0..40,
            ),
        ) {
            let mut tracker = Tracker::new();
            let mut tests = 0;
            for (action, package, test, output, build) in lines {
                let fields = serde_json::json!({
                    "Action": action, "Package": package, "Test": test, "Output": output, "FailedBuild": build,
                    "ImportPath": build, "Elapsed": 0.5,
                });
                let line = fields.to_string();
                let Line::Event(event) = parse(line.as_bytes()) else {
                    return Err(TestCaseError::fail(line));
                };
                let written = event.to_line();
                let Line::Event(again) = parse(&written) else {
                    return Err(TestCaseError::fail("not read back"));
                };
                prop_assert_eq!(&again, &event);
                tests += usize::from(event.test.is_some());
                tracker.apply(&event);
                if let Some(output) = &output {
                    tracker.text(output.as_bytes());
                    tracker.stderr(output.as_bytes());
                }
            }
            let known: usize = tracker.packages().map(|(_, package)| package.tests.len()).sum();
            prop_assert!(known <= tests);
            prop_assert!(tracker.running().len() <= known);
        }
    }
}
