//! What leakgate must say of each fault.

/// A package and its verdict.
pub struct Fault {
    pub package: &'static str,
    pub go_args: &'static [&'static str],
    pub env: &'static [(&'static str, &'static str)],
    /// What the package is to forge.
    pub forge: Option<&'static str>,
    pub exit: i32,
    /// Code and a part of the reason.
    pub inconclusive: Option<(&'static str, &'static str)>,
    pub leaks: Leaks,
    /// Parts of the stream that `--format gojson` hands on.
    pub output: &'static [&'static str],
    /// The one notice there is.
    pub notice: Option<&'static str>,
}

/// Goroutines that fail the gate, by test.
pub enum Leaks {
    Exactly(&'static [(&'static str, u64)]),
    /// So many, whichever test they are tied to: it had ended when they began.
    OfAny(u64),
    /// So many or more: it goes on starting them.
    Growing(&'static str, u64),
}

impl Leaks {
    pub fn matches(&self, told: &[(&str, u64)]) -> bool {
        match *self {
            Self::Exactly(expected) => expected == told,
            Self::OfAny(expected) => told.iter().map(|(_, count)| count).sum::<u64>() == expected,
            Self::Growing(test, least) => matches!(*told, [(name, count)] if name == test && count >= least),
        }
    }
}

const fn fault(package: &'static str, exit: i32) -> Fault {
    let leaks = Leaks::Exactly(&[]);
    Fault {
        package,
        go_args: &[],
        env: &[],
        forge: None,
        exit,
        inconclusive: None,
        leaks,
        output: &[],
        notice: None,
    }
}

impl Fault {
    /// Which row it is.
    pub fn name(&self) -> String {
        format!(
            "{} {:?} {:?} {:?}",
            self.package, self.forge, self.env, self.go_args
        )
    }

    const fn args(mut self, args: &'static [&'static str]) -> Self {
        self.go_args = args;
        self
    }

    const fn env(mut self, env: &'static [(&'static str, &'static str)]) -> Self {
        self.env = env;
        self
    }

    const fn forge(mut self, how: &'static str) -> Self {
        self.forge = Some(how);
        self
    }

    const fn rival(self) -> Self {
        self.doubt("rival-records", "2 processes claim to be the test binary")
    }

    const fn doubt(mut self, code: &'static str, reason: &'static str) -> Self {
        self.inconclusive = Some((code, reason));
        self
    }

    const fn leaks(mut self, leaks: &'static [(&'static str, u64)]) -> Self {
        self.leaks = Leaks::Exactly(leaks);
        self
    }

    const fn of_any(mut self, count: u64) -> Self {
        self.leaks = Leaks::OfAny(count);
        self
    }

    const fn growing(mut self, test: &'static str, least: u64) -> Self {
        self.leaks = Leaks::Growing(test, least);
        self
    }

    const fn output(mut self, texts: &'static [&'static str]) -> Self {
        self.output = texts;
        self
    }

    const fn notice(mut self, code: &'static str) -> Self {
        self.notice = Some(code);
        self
    }
}

/// A package that forges records, and has a leak beside.
const fn forged(how: &'static str) -> Fault {
    fault("forges", LEAKS)
        .forge(how)
        .env(LEAK)
        .leaks(&[("TestMayLeak", 1)])
}

/// A package that forges records in the name of its own test binary.
const fn own(how: &'static str, reason: &'static str) -> Fault {
    fault("forgesown", INCONCLUSIVE)
        .forge(how)
        .doubt("torn-record", reason)
}

const LEAK: &[(&str, &str)] = &[("LEAK", "1")];

const CLEAN: i32 = 0;
const FAILED: i32 = 1;
const LEAKS: i32 = 3;
const NOTHING_RAN: i32 = 4;
const INCONCLUSIVE: i32 = 5;

/// Every fault, by what goes wrong.
pub const FAULTS: &[Fault] = &[
    // The process ends before the tests do.
    fault("panics", FAILED)
        .doubt("process-died", "panic: boom")
        .notice("crash"),
    fault("panicsaside", FAILED)
        .doubt("process-died", "panic: aside")
        .notice("crash"),
    fault("exitzero", FAILED)
        .doubt("process-died", "unexpected call to os.Exit(0) during test")
        .notice("crash"),
    fault("exitone", FAILED).doubt("process-died", "exited inside m.Run"),
    fault("logfatalaside", FAILED).doubt("process-died", "exited inside m.Run"),
    fault("panicslate", FAILED)
        .doubt("process-died", "panic: after its test")
        .notice("crash"),
    fault("panicsatlast", FAILED)
        .doubt("process-died", "after its tests had ended")
        .notice("crash"),
    fault("exitsatlast", INCONCLUSIVE).doubt("process-died", "after its tests had ended"),
    fault("logslate", CLEAN),
    fault("mainlogslate", FAILED).leaks(&[("TestLogsLate", 1)]),
    fault("nilderef", FAILED)
        .doubt(
            "process-died",
            "panic: runtime error: invalid memory address or nil pointer dereference",
        )
        .notice("crash"),
    fault("overflows", FAILED)
        .doubt(
            "process-died",
            "runtime: goroutine stack exceeds 1000000000-byte limit",
        )
        .notice("crash"),
    fault("throws", FAILED)
        .doubt("process-died", "fatal error: concurrent map")
        .notice("crash"),
    fault("cgosegfaults", FAILED).doubt("process-died", "SIGSEGV"),
    // The goroutine that runs the subtest, and the subtest itself, which has no end.
    fault("runsaside", LEAKS).leaks(&[
        ("TestBenchmarkAside", 1),
        ("TestSubtestAside", 1),
        ("TestSubtestAside/never", 1),
    ]),
    fault("goexitaside", LEAKS).leaks(&[("TestGoexitAside", 1)]),
    fault("panics", FAILED)
        .env(&[("GOTRACEBACK", "none")])
        .doubt("process-died", "panic: boom"),
    fault("panics", FAILED)
        .env(&[("GOTRACEBACK", "crash")])
        .doubt("process-died", "panic: boom")
        .notice("crash"),
    // The go command ends before the tests do.
    fault("killsgo", FAILED)
        .env(&[("KILL", "9")])
        .doubt("process-died", "the run was ended before the tests were")
        .notice("command-failed"),
    fault("killsgo", FAILED)
        .env(&[("KILL", "15")])
        .doubt("process-died", "the run was ended before the tests were")
        .notice("command-failed"),
    fault("logfatal", FAILED).doubt("process-died", "exited inside m.Run"),
    fault("goexits", FAILED)
        .doubt("process-died", "runtime.Goexit")
        .notice("crash"),
    fault("killed", FAILED).doubt("process-died", "signal: killed"),
    fault("segfaults", FAILED).doubt("process-died", "SIGSEGV"),
    fault("outofmemory", FAILED)
        .doubt("process-died", "out of memory")
        .notice("crash"),
    fault("timesout", FAILED)
        .args(&["-timeout=1s"])
        .doubt("process-died", "test timed out after 1s")
        .leaks(&[("TestStuck", 1)]),
    fault("deadlocks", FAILED)
        .args(&["-timeout=0"])
        .doubt("process-died", "all goroutines are asleep - deadlock!")
        .leaks(&[("TestDeadlock", 1)]),
    // TestMain.
    fault("mainexitsbefore", INCONCLUSIVE).doubt("no-run", "without calling m.Run"),
    fault("mainfailsbefore", FAILED).doubt("no-run", "without calling m.Run"),
    fault("mainneverruns", INCONCLUSIVE).doubt("no-run", "without calling m.Run"),
    fault("mainexitsafter", LEAKS).leaks(&[("TestLeaks", 1)]),
    fault("mainfailsafter", FAILED),
    fault("mainlogfatal", FAILED).doubt("no-run", "without calling m.Run"),
    fault("mainlogfatalafter", FAILED).leaks(&[("TestLeaks", 1)]),
    fault("mainpanics", FAILED)
        .doubt("process-died", "(panic: no database")
        .notice("crash"),
    fault("maingoexits", FAILED).doubt(
        "process-died",
        "no goroutines (main called runtime.Goexit) - deadlock!",
    ),
    fault("maingoexitsafter", FAILED).leaks(&[("TestLeaks", 1)]),
    fault("mainexitsaside", FAILED)
        .doubt("process-died", "unexpected call to os.Exit(0) during test")
        .notice("crash"),
    fault("mainsilent", CLEAN).notice("tests-unlisted"),
    fault("mainsilent", LEAKS)
        .env(LEAK)
        .leaks(&[("TestMayLeak", 1)])
        .notice("tests-unlisted"),
    fault("mainrunstwice", CLEAN),
    fault("mainrunstwiceleaks", LEAKS).leaks(&[("TestLeaksLater", 1)]),
    fault("mainaside", LEAKS).leaks(&[("TestLeaks", 1)]),
    fault("mainstarts", CLEAN),
    fault("serverleaks", LEAKS).of_any(1),
    fault("teardownpanics", FAILED).leaks(&[("TestLeaks", 1)]),
    fault("failsaside", FAILED),
    fault("skips", LEAKS).leaks(&[("TestSkips", 1)]),
    fault("notests", NOTHING_RAN).notice("no-tests"),
    // Output.
    fault("stdoutclosed", INCONCLUSIVE).doubt("output-cut", "closed or replaced standard output"),
    fault("fdreplaced", INCONCLUSIVE).doubt("output-cut", "closed or replaced standard output"),
    fault("fdsclosed", INCONCLUSIVE).doubt("output-cut", "closed or replaced standard output"),
    fault("stderrover", LEAKS).leaks(&[("TestLeaks", 1)]),
    fault("captures", CLEAN).notice("tests-unlisted"),
    fault("captures", LEAKS)
        .env(LEAK)
        .leaks(&[("TestMayLeak", 1)])
        .notice("tests-unlisted"),
    fault("stdoutswapped", LEAKS).leaks(&[("TestLeaks", 1)]),
    fault("printsmuch", CLEAN),
    fault("printslong", LEAKS).leaks(&[("TestLeaks", 1)]),
    fault("printsbinary", LEAKS)
        .leaks(&[("TestLeaks", 1)])
        .output(&["::error file=a.go::no"]),
    fault("openline", LEAKS)
        .leaks(&[("TestLeaks", 1)])
        .output(&[
            "before, without an end",
            "in the test, without an end",
            "after, without an end",
            "leakgate/2 ",
        ])
        .notice("stray-records"),
    fault("chatters", LEAKS).leaks(&[("TestChatters", 1)]),
    fault("forgedclean", CLEAN).notice("stray-records"),
    // Records that a test makes up, to hide a leak or to blame a clean package.
    forged("init self hello").rival(),
    forged("init self clean").rival(),
    forged("init untold clean").rival(),
    forged("before parent clean").rival(),
    forged("before stranger clean").rival(),
    forged("test self clean").rival(),
    forged("test stranger clean").rival(),
    forged("after self clean").rival(),
    forged("after parent clean").rival(),
    forged("init self failed").rival(),
    forged("init self torn").rival(),
    forged("test self twice").rival().notice("stray-records"),
    forged("before child clean").notice("nested-process"),
    forged("test child torn").notice("nested-process"),
    forged("init self tail").notice("stray-records"),
    fault("forges", INCONCLUSIVE)
        .forge("init self clean")
        .doubt("rival-records", "2 processes claim to be the test binary"),
    fault("forges", CLEAN)
        .forge("test child clean")
        .notice("nested-process"),
    // The same under the nonce of the test binary.
    fault("forgesown", LEAKS).leaks(&[("TestLeaks", 1)]),
    own("before", "record number 1 came twice").notice("stray-records"),
    own("data", "record number 1 came twice"),
    own("append", "records follow the one that says it is the last"),
    own("end", "records follow the one that says it is the last"),
    own("drop", "records are missing: number 1 was due, 2 came"),
    own("cut", "records are missing: number 1 was due, 2 came").notice("stray-records"),
    fault("forgesown", LEAKS).forge("run").leaks(&[("TestLeaks", 1)]),
    fault("forgesown", LEAKS)
        .forge("repeat")
        .leaks(&[("TestLeaks", 1)])
        .notice("stray-records"),
    // Processes of its own.
    fault("helperprocess", CLEAN).output(&["helper says hello"]),
    fault("nested", CLEAN).notice("nested-process"),
    fault("nestedkilled", CLEAN).notice("nested-process"),
    fault("nestedcaptured", CLEAN).notice("nested-process"),
    fault("grandchildren", CLEAN).notice("nested-process"),
    fault("mainreexecs", CLEAN).notice("nested-process"),
    fault("childholds", CLEAN),
    fault("reexec", LEAKS).leaks(&[("TestLeaks", 1)]),
    // Surroundings and numbers.
    fault("environment", LEAKS).leaks(&[("TestLeaks", 1)]),
    fault("unnoticed", CLEAN),
    fault("settings", CLEAN),
    fault("settings", LEAKS).env(LEAK).leaks(&[("TestMayLeak", 1)]),
    fault("settings", LEAKS)
        .env(&[
            ("LEAK", "1"),
            ("GOMAXPROCS", "1"),
            ("GOGC", "off"),
            ("GOTRACEBACK", "none"),
            ("GODEBUG", "tracebackancestors=10,gctrace=1,schedtrace=1000"),
        ])
        .leaks(&[("TestMayLeak", 1)]),
    fault("labels", LEAKS).leaks(&[("TestLabelsGone", 1), ("TestLabelsOverwritten", 1)]),
    fault("locked", LEAKS).leaks(&[("TestLocksThreads", 20)]),
    fault("hundredthousand", LEAKS).leaks(&[("TestHundredThousand", 100_000)]),
    fault("deep", LEAKS).leaks(&[("TestDeep", 1)]),
    fault("breeds", LEAKS).growing("TestBreeds", 1),
    fault("grows", LEAKS).growing("TestGrows", 20),
    fault("busy", LEAKS)
        .leaks(&[("TestBusy", 1)])
        .notice("long-settling"),
    fault("exitsduring", CLEAN),
];
