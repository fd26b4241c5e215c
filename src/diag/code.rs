//! The registry: each code with what it means and what to do.

/// What a code is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// Why a package is inconclusive.
    Inconclusive,
    /// A notice about a run or a package.
    Notice,
    /// What is wrong in `leakgate.toml`; the run does not start.
    Problem,
}

macro_rules! codes {
    ($( $variant:ident = $word:literal, $kind:ident, $means:literal, $remedy:literal; )*) => {
        /// What leakgate reports beside leaks and findings about rules.
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        pub enum Code { $( #[doc = $means] $variant, )* }

        impl Code {
            /// Every code, in the order of the documentation.
            pub const ALL: &'static [Self] = &[ $( Self::$variant, )* ];

            /// As reports write it.
            pub fn as_str(self) -> &'static str {
                match self { $( Self::$variant => $word, )* }
            }

            /// What it is about.
            pub fn kind(self) -> Kind {
                match self { $( Self::$variant => Kind::$kind, )* }
            }

            /// What happened, in sentences.
            pub fn means(self) -> &'static str {
                match self { $( Self::$variant => $means, )* }
            }

            /// What to do, in sentences.
            pub fn remedy(self) -> &'static str {
                match self { $( Self::$variant => $remedy, )* }
            }

            /// The code that a word names.
            pub fn from_word(word: &str) -> Option<Self> {
                match word { $( $word => Some(Self::$variant), )* _ => None }
            }
        }
    };
}

codes! {
    NoRecord = "no-record", Inconclusive,
        "The test binary sent no record: TestMain never called `m.Run`, a prebuilt binary ran through `-exec`, or standard output was swallowed.",
        "Call `m.Run`. Let `-exec` run the binary that go built.";
    NotStarted = "not-started", Inconclusive,
        "The system did not start the test binary: it is for another GOOS or GOARCH, or the `-exec` wrapper is missing.",
        "Run the tests where the binary can run, or fix the wrapper.";
    ProcessDied = "process-died", Inconclusive,
        "The process ended inside `m.Run`: a panic, `os.Exit` or `log.Fatal` in a test, a kill, or a timeout. The reason says so if all tests had ended and leakgate was waiting for what they had left.",
        "Fix the crash. The leaks of the package are unknown until it runs to its end.";
    Fuzzed = "fuzzed", Inconclusive,
        "`-fuzz` tried inputs in worker processes, whose goroutines leakgate does not see. It judged the other tests.",
        "Run the package without `-fuzz` too: then leakgate judges the seeds and the inputs below `testdata/fuzz`.";
    TornRecord = "torn-record", Inconclusive,
        "Records are damaged or do not add up.",
        "Run the package again with `-count=1`.";
    OutputCut = "output-cut", Inconclusive,
        "The output ends without go's verdict of the package.",
        "Put `os.Stdout` and file descriptor 1 back before a test returns.";
    RivalRecords = "rival-records", Inconclusive,
        "Several processes claim to be the test binary: records were forged, or a helper writes into the output of the tests. leakgate reports the leaks that any of them shows.",
        "Find out what prints records. Give a helper its own output.";
    TestsMissing = "tests-missing", Inconclusive,
        "go names tests that the shim did not see begin.",
        "Give a test binary that a test starts its own output.";
    CanaryMissing = "canary-missing", Inconclusive,
        "The goroutine that leakgate plants for this check did not show in the final dump.",
        "Please report it: this is a bug of leakgate, or a change of Go.";
    Truncated = "truncated", Inconclusive,
        "There were more goroutines than leakgate can record.",
        "Test fewer at once with `-run`.";
    ShimFailed = "shim-failed", Inconclusive,
        "The shim failed inside the test binary.",
        "Please report it: this is a bug of leakgate.";
    WireVersion = "wire-version", Inconclusive,
        "A cached result comes from another version of leakgate.",
        "Run the package again with `-count=1`.";
    HiddenGoroutines = "hidden-goroutines", Inconclusive,
        "Go leaves the goroutines of the package, or of a module that it uses, out of its dumps: it takes every function whose name begins with `runtime.` for one of its own.",
        "Give the module a path that does not begin with `runtime.`.";
    Interrupted = "interrupted", Inconclusive,
        "A signal ended the test process before it could tell what was left.",
        "Run it again.";
    NoRun = "no-run", Inconclusive,
        "No test ran: TestMain ended without calling `m.Run`, or an `-exec` wrapper did not run the test binary.",
        "Call `m.Run`. Where a service may be missing, allow it with `[[may-not-run]]` in leakgate.toml.";
    NoLog = "no-log", Inconclusive,
        "A target of `bazel test` has no log that leakgate can read.",
        "Run Bazel with `--remote_download_outputs=toplevel`, or fetch the log.";
    JudgedAlready = "judged-already", Inconclusive,
        "The log of a Bazel target holds the report of `leakgate run`, which has judged the tests inside their action, and no records.",
        "Read the verdict there, merge the `leakgate.json` of the targets with `leakgate merge`, or run Bazel without `--run_under`.";
    NotGo = "not-go", Notice,
        "Targets of `bazel test` are not Go tests. leakgate left them out.",
        "Nothing, unless one of them is a Go test: build it with the shim.";
    Crash = "crash", Notice,
        "A goroutine brought the test binary down. The notice names the test that started it, if leakgate can tell.",
        "Fix the crash. The leaks of the package are unknown until it runs to its end.";
    CommandFailed = "command-failed", Notice,
        "The command failed though every package passed, or a signal killed it.",
        "See its output on standard error.";
    NestedProcess = "nested-process", Notice,
        "Test processes that a test started wrote into its output. leakgate does not judge leaks in them.",
        "Give a test binary that a test starts its own output.";
    StrayRecords = "stray-records", Notice,
        "Lines look like records of the shim but come from another test process. leakgate ignores them.",
        "Find the test that prints the output of another run.";
    TestsUnlisted = "tests-unlisted", Notice,
        "go did not list tests that ran: standard output was closed or replaced when they began.",
        "Put `os.Stdout` back before `m.Run`.";
    DumpsSkipped = "mid-run-dumps-skipped", Notice,
        "leakgate skipped dumps between tests to stay within its time budget. It still judges every goroutine at the end, but can tie a leak to several tests that ran at the same time.",
        "Set `late = \"fail\"`, which lifts the budget, or run fewer tests at once with `-run`.";
    LongSettling = "long-settling", Notice,
        "leakgate waited seconds longer than `--settle` for goroutines to exit after the last test, because one of them never stopped running.",
        "Fix the busy loop that the notice names: the wait goes with it.";
    TraceSkipped = "trace-skipped", Notice,
        "The lines that led to some leaks are not known, and running their tests again takes longer than the 10 s that leakgate spends on it unasked.",
        "Pass `--trace` to look for them, or `--trace=off` to leave this notice out.";
    EmptyShard = "empty-shard", Notice,
        "There are more shards than packages, so this shard has none.",
        "Give the matrix fewer machines.";
    ShardDoubled = "shard-doubled", Notice,
        "Two merged reports are of the same shard. leakgate used the first.",
        "Give every job of the matrix its own `--shard`.";
    ReportDoubled = "report-doubled", Notice,
        "The same report, or the same result of a package, was given to `merge` more than once. leakgate counts it once.",
        "Name each report once.";
    MergedModules = "merged-modules", Notice,
        "The merged reports are of different modules.",
        "Merge the reports of each module by themselves.";
    MergedCommits = "merged-commits", Notice,
        "The merged reports are of different commits.",
        "Merge reports of one commit.";
    MergedFlags = "merged-flags", Notice,
        "The merged runs had different flags that decide what is tested or how it is judged.",
        "Run every part with the same flags.";
    PackageTwice = "package-twice", Notice,
        "More than one of the merged runs tested the same package. leakgate counts both.",
        "Nothing, if that is on purpose.";
    StdCompiledAgain = "std-compiled-again", Notice,
        "This run compiles the standard library once more, for `prove = \"on\"` on Go 1.26.",
        "Nothing: go caches the result.";
    VetOff = "vet-off", Notice,
        "`go vet` does not run inside `go test`, because it does not see overlay files on Go 1.23 and older.",
        "Run `go vet ./...` in a step of its own.";
    CacheUnwritable = "cache-unwritable", Notice,
        "leakgate cannot write to its cache folder and uses a temporary one.",
        "Set LEAKGATE_CACHE to a folder that only you can write to.";
    MayNotRun = "may-not-run", Notice,
        "A package ran no test, and an entry in `[[may-not-run]]` allows that.",
        "Nothing. Remove the entry when the package always runs.";
    NoPackages = "no-packages", Notice,
        "No package matches, so no test ran.",
        "Check the package pattern.";
    GateOff = "gate-off", Notice,
        "A setting or flag turns the gate off: leaks do not fail this run.",
        "Remove the flag or setting that the notice names.";
    NoShim = "no-shim", Notice,
        "No test process of the log has a record of leakgate: it was made without the shim, or with `-v` beside `-json`.",
        "Make the log with `go test -json` after `eval \"$(leakgate overlay)\"`, without `-v`. What leakgate itself has written (`--jsonfile`) is judged already: read its report.";
    NoTests = "no-tests", Notice,
        "No test ran, and `no-tests = \"warn\"` lets the run pass.",
        "Check the package pattern and `-run`.";
    Syntax = "syntax", Problem,
        "The file is not TOML.",
        "Fix the line that the error shows.";
    MergeConflict = "merge-conflict", Problem,
        "The file has conflict marks of git.",
        "Keep the entries that both sides need, and delete the marks.";
    Version = "version", Problem,
        "The file is for another version of leakgate, or its `version` is no number.",
        "Write `version = 1`, or update leakgate.";
    UnknownKey = "unknown-key", Problem,
        "leakgate does not know the table or key.",
        "Correct the name. docs/configuration.md has every key.";
    WrongType = "wrong-type", Problem,
        "The value is of another kind than the key takes: a number where a string belongs, say.",
        "Write what the error asks for.";
    WrongValue = "wrong-value", Problem,
        "The key does not take this value.",
        "Write one of the values that the error lists.";
    BadDate = "bad-date", Problem,
        "The value is not a date.",
        "Write the last day as YYYY-MM-DD, such as `expires = 2027-01-31`.";
    BadPattern = "bad-pattern", Problem,
        "leakgate cannot read the pattern.",
        "Fix it as the error says. docs/allow-list.md has the grammar.";
    NoMatcher = "no-matcher", Problem,
        "The entry has no key that says which goroutines it covers.",
        "Add `entry`, `created-by`, `top` or `any`.";
}

impl From<Code> for String {
    fn from(code: Code) -> Self {
        code.as_str().to_owned()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn every_code_has_a_word_of_its_own() {
        let words: BTreeSet<&str> = Code::ALL.iter().map(|code| code.as_str()).collect();
        assert_eq!(words.len(), Code::ALL.len());
        for word in words {
            assert_eq!(Code::from_word(word).map(Code::as_str), Some(word));
        }
    }
}
