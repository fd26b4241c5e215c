//! What leakgate must say of each fault.

/// A package and its verdict.
pub struct Fault {
    pub package: &'static str,
    pub go_args: &'static [&'static str],
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
    /// So many or more: it goes on starting them.
    Growing(&'static str, u64),
}

impl Leaks {
    pub fn matches(&self, told: &[(&str, u64)]) -> bool {
        match *self {
            Self::Exactly(expected) => expected == told,
            Self::Growing(test, least) => matches!(*told, [(name, count)] if name == test && count >= least),
        }
    }
}

const fn fault(package: &'static str, exit: i32) -> Fault {
    let leaks = Leaks::Exactly(&[]);
    Fault {
        package,
        go_args: &[],
        exit,
        inconclusive: None,
        leaks,
        output: &[],
        notice: None,
    }
}

impl Fault {
    const fn args(mut self, args: &'static [&'static str]) -> Self {
        self.go_args = args;
        self
    }

    const fn doubt(mut self, code: &'static str, reason: &'static str) -> Self {
        self.inconclusive = Some((code, reason));
        self
    }

    const fn leaks(mut self, leaks: &'static [(&'static str, u64)]) -> Self {
        self.leaks = Leaks::Exactly(leaks);
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
    fault("mainexitsbefore", INCONCLUSIVE).doubt("no-record", "without calling m.Run"),
    fault("mainfailsbefore", FAILED).doubt("no-record", "without calling m.Run"),
    fault("mainneverruns", INCONCLUSIVE).doubt("no-record", "without calling m.Run"),
    fault("mainexitsafter", LEAKS).leaks(&[("TestLeaks", 1)]),
    fault("mainfailsafter", FAILED),
    fault("mainrunstwice", CLEAN),
    fault("mainrunstwiceleaks", LEAKS).leaks(&[("TestLeaksLater", 1)]),
    fault("mainaside", LEAKS).leaks(&[("TestLeaks", 1)]),
    fault("mainstarts", CLEAN),
    fault("teardownpanics", FAILED).leaks(&[("TestLeaks", 1)]),
    fault("failsaside", FAILED),
    fault("skips", LEAKS).leaks(&[("TestSkips", 1)]),
    fault("notests", NOTHING_RAN),
    // Output.
    fault("stdoutclosed", INCONCLUSIVE).doubt("output-cut", "closed or replaced standard output"),
    fault("fdreplaced", INCONCLUSIVE).doubt("output-cut", "closed or replaced standard output"),
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
            "leakgate/1 ",
        ])
        .notice("stray-records"),
    fault("chatters", LEAKS).leaks(&[("TestChatters", 1)]),
    fault("forged", LEAKS)
        .leaks(&[("TestForges", 1)])
        .notice("stray-records"),
    fault("forgedclean", CLEAN).notice("stray-records"),
    // Processes of its own.
    fault("helperprocess", CLEAN).output(&["helper says hello"]),
    fault("nested", CLEAN).notice("nested-process"),
    fault("nestedkilled", CLEAN).notice("nested-process"),
    fault("reexec", LEAKS).leaks(&[("TestLeaks", 1)]),
    // Surroundings and numbers.
    fault("environment", LEAKS).leaks(&[("TestLeaks", 1)]),
    fault("labels", LEAKS).leaks(&[("TestLabelsGone", 1), ("TestLabelsOverwritten", 1)]),
    fault("locked", LEAKS).leaks(&[("TestLocksThreads", 20)]),
    fault("hundredthousand", LEAKS).leaks(&[("TestHundredThousand", 100_000)]),
    fault("deep", LEAKS).leaks(&[("TestDeep", 1)]),
    fault("breeds", LEAKS).growing("TestBreeds", 1),
    fault("grows", LEAKS).growing("TestGrows", 20),
    fault("busy", LEAKS).leaks(&[("TestBusy", 1)]),
    fault("exitsduring", CLEAN),
];
