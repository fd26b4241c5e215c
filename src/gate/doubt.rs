//! When a package can't be judged: missing, torn or doubtful evidence is inconclusive with its reason, never clean.

use crate::diag::Code;
use crate::diag::Severity;
use crate::events::{PackageOutcome, PackageState, TestOutcome, quirks};
use crate::evidence::{self, Blindness, Evidence};
use crate::goroutine::name;
use crate::leak::{CauseCode, Leak, TestName, Verdict};
use crate::package_path::PackagePath;
use crate::report::{Inconclusive, Notice};
use crate::wire::{ProcessRecords, Torn, Transcript};
use std::collections::HashSet;

/// Most test names that a reason lists.
const NAMED: usize = 5;

/// What the records of a package are worth: evidence of each `M.Run`, and why it can't be judged, if so.
pub fn examine(
    transcript: &Transcript,
    path: &PackagePath,
    state: &PackageState,
    unseen_modules: &[String],
) -> (Vec<Evidence>, Option<Inconclusive>) {
    if state.outcome == Some(PackageOutcome::BuildFailed) || has_no_tests(transcript, path, state) {
        return (Vec::new(), None);
    }
    let (evidence, doubt) = match transcript.candidates.as_slice() {
        [] => return (Vec::new(), Some(no_record(transcript, state))),
        [process] => of_process(process, state),
        // Each is heard, so that a forged one cannot take a leak away; none is believed to be clean.
        rivals => {
            let told = rivals.iter().flat_map(|process| of_process(process, state).0);
            (told.collect(), Some(rival_records(rivals, state)))
        }
    };
    let unseen = || unseen_tests(&evidence, &transcript.nested, state);
    let doubt = doubt
        .or_else(unseen)
        .or_else(|| no_verdict(state))
        .or_else(|| hidden(path, state, unseen_modules))
        .or_else(|| fuzzed(state));
    (evidence, doubt)
}

/// No test binary ran, and go says that there is none: no test files.
fn has_no_tests(transcript: &Transcript, path: &PackagePath, state: &PackageState) -> bool {
    let says_so = match state.outcome {
        Some(PackageOutcome::Skipped) => true,
        Some(PackageOutcome::Passed) => quirks::no_tests_but_coverage(&state.output.text(), path.as_str()),
        _ => false,
    };
    says_so && state.tests.is_empty() && transcript.candidates.is_empty()
}

/// Only go's last event of a package says that all of its output is there.
fn no_verdict(state: &PackageState) -> Option<Inconclusive> {
    let running = state.running().map(|test| TestName(test.name.clone()));
    (state.outcome.is_none()).then(|| Inconclusive::without_verdict(running.collect()))
}

/// Go takes what begins with `runtime.` for its own, and shows it in no dump.
fn hidden(path: &PackagePath, state: &PackageState, unseen_modules: &[String]) -> Option<Inconclusive> {
    let whose = if name::is_hidden_from_dumps(path.as_str()) {
        "of this package".to_owned()
    } else {
        format!("of the module {}", unseen_modules.first()?)
    };
    Some(reason(
        Code::HiddenGoroutines,
        format!(
            "Go leaves the goroutines {whose} out of its dumps: it takes every function whose name begins with \
             `runtime.` for one of its own"
        ),
        "give the module a path that does not begin with `runtime.`",
        state,
    ))
}

/// The workers of `-fuzz` are processes of their own, which the shim leaves alone.
fn fuzzed(state: &PackageState) -> Option<Inconclusive> {
    let test = state.fuzzed.as_ref()?;
    Some(reason(
        Code::Fuzzed,
        format!("-fuzz ran the inputs of {test} in worker processes, whose goroutines leakgate does not see"),
        "run it without -fuzz too: every seed, and every input below testdata/fuzz, is judged then",
        state,
    ))
}

/// What each `M.Run` of a process told, and why that is not all, if so.
fn of_process(process: &ProcessRecords, state: &PackageState) -> (Vec<Evidence>, Option<Inconclusive>) {
    let mut evidence = Vec::new();
    let mut doubt = None;
    for run in &process.runs {
        match (run.torn, evidence::decode(process, run)) {
            (Some(torn), _) => doubt = doubt.or_else(|| Some(torn_record(torn, state))),
            (None, Err(error)) => doubt = doubt.or_else(|| Some(unreadable(&error.to_string(), state))),
            (None, Ok(told)) => evidence.push(told),
        }
    }
    let mut all = evidence.iter().flat_map(|told| &told.blind);
    // What else went wrong explains why the canary is missing.
    let explains = |blind: &&Blindness| **blind != Blindness::CanaryMissing;
    let blind = all.clone().find(explains).or_else(|| all.next());
    let doubt = doubt.or_else(|| blind.map(|blind| blinded(blind, state)));
    (evidence, doubt)
}

/// What is worth saying of records that counted for nothing.
pub fn remarks(transcript: &Transcript, package: &PackagePath) -> Vec<Notice> {
    let notice = |code: Code, severity, message: String, remedy: &str| {
        Notice::new(code, severity, message)
            .remedy(remedy)
            .of_package(package.clone())
    };
    let mut remarks = Vec::new();
    let nested = transcript.nested.len();
    if nested > 0 {
        remarks.push(notice(
            Code::NestedProcess,
            Severity::Note,
            format!(
                "{nested} more test processes wrote into the output of this one; leaks in them are not judged"
            ),
            "give a test binary that a test starts an output of its own",
        ));
    }
    let strays = transcript.strays;
    let stray = strays.foreign + strays.damaged + strays.replayed;
    if stray > 0 {
        remarks.push(notice(
            Code::StrayRecords,
            Severity::Warning,
            format!("{stray} lines look like records of the shim and are not of this test process; they count for nothing"),
            "a test prints the output of another run; compare the package's own output if in doubt",
        ));
    }
    remarks
}

/// Tests that ran, as the shim tells, and that a package which passed did not list: what announces them never reached go.
/// Their names, in the order they began.
pub fn unlisted(transcript: &Transcript, evidence: &[Evidence], state: &PackageState) -> Vec<TestName> {
    if state.outcome != Some(PackageOutcome::Passed) || transcript.candidates.len() != 1 {
        return Vec::new();
    }
    let listed: HashSet<&str> = state.tests.iter().map(|test| test.name.as_str()).collect();
    let mut seen = HashSet::new();
    evidence
        .iter()
        .flat_map(|told| &told.tests)
        .filter(|test| !listed.contains(test.name.as_str()) && seen.insert(test.seq))
        .map(|test| TestName(test.name.clone()))
        .collect()
}

/// The words for such tests.
pub fn unlisted_notice(tests: &[TestName], package: &PackagePath) -> Notice {
    let names: Vec<&str> = tests.iter().map(|test| test.0.as_str()).collect();
    Notice::warning(
        Code::TestsUnlisted,
        format!(
            "go did not list tests that ran: {}; standard output was closed or replaced when they began",
            some_of(&names)
        ),
    )
    .remedy("put os.Stdout back before m.Run, so that go hears of every test")
    .of_package(package.clone())
}

/// The words for looks between tests that were left out for cost.
pub fn skipped_dumps(evidence: &[Evidence], package: &PackagePath) -> Option<Notice> {
    let skipped: u64 = evidence.iter().map(|process| process.dumps_skipped).sum();
    (skipped > 0).then(|| {
        Notice::note(
            Code::DumpsSkipped,
            format!("{skipped} dumps between tests were skipped to stay within the time budget"),
        )
        .of_package(package.clone())
    })
}

/// Settling that took this much longer than `--settle` is explained.
const LONG: u64 = 1_000_000_000;

/// The words for settling that took long because of goroutines that never stop running.
pub fn long_settling(evidence: &[Evidence], leaks: &[Leak], package: &PackagePath) -> Option<Notice> {
    let longest = evidence
        .iter()
        .map(|process| process.settle)
        .max_by_key(|settle| settle.waited)?;
    let busy = leaks.iter().flat_map(Leak::groups);
    let busy =
        busy.filter(|group| group.verdict == Verdict::Leaked && group.cause.code == CauseCode::BusyLoop);
    let mut owners: Vec<String> = busy
        .map(|group| name::short(&name::normal(group.owner.as_str())))
        .collect();
    owners.sort();
    owners.dedup();
    let owners: Vec<&str> = owners.iter().map(String::as_str).collect();
    let is_long = longest.waited >= longest.setting.saturating_add(LONG);
    (is_long && !owners.is_empty()).then(|| {
        Notice::note(
            Code::LongSettling,
            format!(
                "leakgate waited {:.1} s after the last test, because a goroutine that runs may still exit, and {} never stopped running",
                longest.waited as f64 / 1e9,
                some_of(&owners)
            ),
        )
        .of_package(package.clone())
    })
}

fn some_of(names: &[&str]) -> String {
    let some = names[..names.len().min(NAMED)].join(", ");
    if names.len() > NAMED {
        return format!("{some} and {} more", names.len() - NAMED);
    }
    some
}

fn reason(code: Code, reason: String, remedy: &str, state: &PackageState) -> Inconclusive {
    Inconclusive {
        code: code.into(),
        reason,
        remedy: remedy.to_owned(),
        running: state.running().map(|test| TestName(test.name.clone())).collect(),
        left: Vec::new(),
    }
}

fn no_record(transcript: &Transcript, state: &PackageState) -> Inconclusive {
    if let Some(version) = transcript.strays.version {
        return reason(
            Code::WireVersion,
            format!(
                "the test binary speaks version {version} of the record format, which this leakgate does not read"
            ),
            "run it with the leakgate that built it, or run the tests again with -count=1",
            state,
        );
    }
    if died(state).is_none()
        && let Some(cut) = no_verdict(state)
    {
        return cut;
    }
    if let Some(end) = died(state) {
        if by_signal(&end) {
            return reason(
                Code::Interrupted,
                format!("a signal ended the test process before its tests began ({end})"),
                "run it again",
                state,
            );
        }
        return reason(
            Code::ProcessDied,
            format!("the test binary ended before its tests began ({end})"),
            "see its output above",
            state,
        );
    }
    if let Some(words) = state.output.first_line().and_then(quirks::not_started)
        && state.tests.is_empty()
    {
        return reason(
            Code::NotStarted,
            format!("the test binary could not be started: {words}"),
            "run it on a machine of its own GOOS and GOARCH, or correct the -exec wrapper",
            state,
        );
    }
    if state.tests.is_empty() {
        return reason(
            Code::NoRun,
            "no test ran: TestMain ended without calling m.Run, or an -exec wrapper did not run the test binary"
                .to_owned(),
            "call m.Run in TestMain, or look at the wrapper; where a service may be missing, allow it with [[may-not-run]] in leakgate.toml",
            state,
        );
    }
    reason(
        Code::NoRecord,
        "the test binary sent no record: it was built without the shim, or its output was swallowed"
            .to_owned(),
        "look for -exec wrappers that run a prebuilt binary and for TestMain functions that replace standard output; \
         `leakgate doctor` checks the overlay",
        state,
    )
}

/// Ended from outside: Ctrl-C, or a CI that cancels the job.
fn by_signal(end: &str) -> bool {
    ["signal: interrupt", "signal: terminated", "signal: hangup"]
        .iter()
        .any(|signal| end.starts_with(signal))
}

/// How the process ended, if not by itself.
fn died(state: &PackageState) -> Option<String> {
    if state.outcome == Some(PackageOutcome::Passed) {
        return None;
    }
    let crash = state
        .crash
        .as_ref()
        .and_then(|crash| crash.text.lines().next())
        .map(str::to_owned);
    crash.or_else(|| state.process_end.clone().filter(|end| end != "exit status 1"))
}

/// Go told the end of each test, and there are some.
fn all_ended(state: &PackageState) -> bool {
    state.outcome.is_some()
        && !state.tests.is_empty()
        && state
            .tests
            .iter()
            .all(|test| matches!(test.outcome, Some(TestOutcome::Passed | TestOutcome::Skipped)))
}

fn torn_record(torn: Torn, state: &PackageState) -> Inconclusive {
    match (torn, died(state)) {
        (_, Some(end)) if by_signal(&end) => reason(
            Code::Interrupted,
            format!("a signal ended the test process before it could tell what was left ({end})"),
            "run it again",
            state,
        ),
        (Torn::NoEnd, end) if all_ended(state) => reason(
            Code::ProcessDied,
            format!(
                "the test process died after its tests had ended, while leakgate waited for what they had left behind: {}",
                end.as_deref().unwrap_or("it exited (os.Exit or log.Fatal in a goroutine?)")
            ),
            "have the test wait for what it starts: this happens without leakgate too, wherever the process lives \
             a moment longer",
            state,
        ),
        (Torn::NoEnd, Some(end)) if end.contains("test timed out after") => reason(
            Code::ProcessDied,
            format!("the test process died before it could tell what was left: {end}"),
            "let the test that was running end; leaks of this package are unknown until it runs to its end",
            state,
        ),
        (Torn::NoEnd, Some(end)) => reason(
            Code::ProcessDied,
            format!("the test process died before it could tell what was left: {end}"),
            "fix the crash; leaks of this package are unknown until it runs to its end",
            state,
        ),
        (Torn::NoEnd, None) if state.outcome.is_none() && state.running().next().is_none() => reason(
            Code::OutputCut,
            "the output ends without go's verdict of the package: a test has closed or replaced standard output, \
             or the run was ended"
                .to_owned(),
            "put os.Stdout and file descriptor 1 back before the test returns, and let each test return",
            state,
        ),
        (Torn::NoEnd, None) if state.outcome.is_none() => reason(
            Code::ProcessDied,
            "the run was ended before the tests were".to_owned(),
            "let the run finish",
            state,
        ),
        (Torn::NoEnd, None) => reason(
            Code::ProcessDied,
            "the test process exited inside m.Run (os.Exit or log.Fatal in a test?), before it could tell what was left"
                .to_owned(),
            "let every test return; call os.Exit only in TestMain, after m.Run",
            state,
        ),
        (torn, _) => reason(
            Code::TornRecord,
            torn.to_string(),
            "something else wrote into the test's standard output in the middle of a record; run it again with -count=1",
            state,
        ),
    }
}

fn rival_records(rivals: &[ProcessRecords], state: &PackageState) -> Inconclusive {
    let pids: Vec<String> = rivals
        .iter()
        .take(NAMED)
        .map(|process| process.pid.to_string())
        .collect();
    reason(
        Code::RivalRecords,
        format!(
            "{} processes claim to be the test binary (process ids {}): records were forged, or a helper process writes \
             into the output of the tests",
            rivals.len(),
            pids.join(", ")
        ),
        "find out what prints records in the tests' output; give a test binary that a test starts an output of its own",
        state,
    )
}

fn unreadable(error: &str, state: &PackageState) -> Inconclusive {
    reason(
        Code::TornRecord,
        format!("the record can't be read: {error}"),
        "please report this as a bug of leakgate",
        state,
    )
}

fn blinded(blind: &Blindness, state: &PackageState) -> Inconclusive {
    match blind {
        Blindness::CanaryMissing => reason(
            Code::CanaryMissing,
            "the canary goroutine did not show in the final dump: the checker was blind".to_owned(),
            "please report this with your Go version and GODEBUG",
            state,
        ),
        Blindness::ShimFailed(what) => reason(
            Code::ShimFailed,
            format!("the shim failed inside the test binary: {what}"),
            "please report this as a bug of leakgate",
            state,
        ),
        Blindness::Truncated(what) => reason(
            Code::Truncated,
            format!("not all goroutines could be recorded: {what}"),
            "test fewer at once with -run",
            state,
        ),
    }
}

/// Every test that go names must be one that the shim saw begin, here or in a nested process, whose tests go lists as
/// well. What a nested one ran that did not finish is unknown.
fn unseen_tests(
    evidence: &[Evidence],
    nested: &[ProcessRecords],
    state: &PackageState,
) -> Option<Inconclusive> {
    let inside: Vec<(Vec<Evidence>, Option<Inconclusive>)> =
        nested.iter().map(|process| of_process(process, state)).collect();
    if inside.iter().any(|(_, doubt)| doubt.is_some()) {
        return None;
    }
    let seen: HashSet<&str> = inside
        .iter()
        .flat_map(|(told, _)| told)
        .chain(evidence)
        .flat_map(|told| &told.tests)
        .map(|test| test.name.as_str())
        .collect();
    let mut unseen: Vec<&str> = state
        .tests
        .iter()
        .map(|test| test.name.as_str())
        .filter(|name| !seen.contains(name))
        .collect();
    unseen.sort_unstable();
    unseen.dedup();
    if unseen.is_empty() {
        return None;
    }
    let names = some_of(&unseen);
    Some(reason(
        Code::TestsMissing,
        format!("go reports tests that the shim did not see: {names}"),
        "did a test run another test binary with its output on this one's? Give it an output of its own",
        state,
    ))
}
