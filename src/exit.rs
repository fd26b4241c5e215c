//! The exit-code contract. One enum, documented in `--help`, the README and `docs/exit-codes.md`.

/// What the process exit status says. `128+N` (interrupted by signal N) is [`ExitCode::Interrupted`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum ExitCode {
    /// 0: tests passed and no leak that is not allowed.
    Clean,
    /// 1: go's own verdict: tests or build failed (leaks are listed too).
    TestsFailed,
    /// 2: usage, config or rules file; go missing; no events; leakgate itself failed.
    Usage,
    /// 3: go passed, the leak gate failed: leaks, or a denied lint.
    Leaks,
    /// 3 by default: the leak gate failed, with the code that the team chose (`leak-exit-code`).
    LeaksAs(u8),
    /// 4: nothing ran; a gate that tests nothing must not be green.
    NoTests,
    /// 5: inconclusive; evidence of some package is missing.
    Inconclusive,
    /// 128+N: interrupted by signal N; the partial report is written and says so.
    Interrupted(u8),
}

impl ExitCode {
    /// The exit code of a report.
    pub fn from_code(code: u8) -> Self {
        match code {
            0 => Self::Clean,
            1 => Self::TestsFailed,
            2 => Self::Usage,
            3 => Self::Leaks,
            4 => Self::NoTests,
            5 => Self::Inconclusive,
            6..=128 => Self::LeaksAs(code),
            129.. => Self::Interrupted(code - 128),
        }
    }

    /// The number given to the operating system.
    pub fn code(self) -> u8 {
        match self {
            Self::Clean => 0,
            Self::TestsFailed => 1,
            Self::Usage => 2,
            Self::Leaks => 3,
            Self::LeaksAs(code) => code,
            Self::NoTests => 4,
            Self::Inconclusive => 5,
            Self::Interrupted(signal) => 128_u8.saturating_add(signal),
        }
    }
}

/// The code that a team chose for leaks: none that means something else, but for 1 (failed tests), where a tool knows no other.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct LeakCode(u8);

impl LeakCode {
    /// What can be chosen.
    pub const EXPECTED: &'static str = "3, 1, a number from 6 to 125, or 0, with which leaks do not fail the run \
                                        (2, 4 and 5 mean something else, and shells use what is above 125)";

    /// The code, if it can be chosen.
    pub fn new(code: u8) -> Option<Self> {
        matches!(code, 0 | 1 | 3 | 6..=125).then_some(Self(code))
    }

    /// The number.
    pub fn code(self) -> u8 {
        self.0
    }

    /// The exit code of a run with leaks; `None` if they do not fail it.
    pub fn exit(self) -> Option<ExitCode> {
        match self.0 {
            0 => None,
            code => Some(ExitCode::from_code(code)),
        }
    }
}

impl Default for LeakCode {
    fn default() -> Self {
        Self(3)
    }
}

impl From<ExitCode> for std::process::ExitCode {
    fn from(exit: ExitCode) -> Self {
        Self::from(exit.code())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_code_for_leaks_means_nothing_else() {
        let good: Vec<u8> = (0..=255).filter(|code| LeakCode::new(*code).is_some()).collect();
        assert_eq!((&good[..4], good.len()), (&[0, 1, 3, 6][..], 123));
        for code in good.into_iter().filter(|code| *code > 0) {
            let exit = LeakCode::new(code).and_then(LeakCode::exit);
            assert_eq!(exit, Some(ExitCode::from_code(code)));
        }
    }

    #[test]
    fn codes_are_the_documented_ones() {
        let all = [
            ExitCode::Clean,
            ExitCode::TestsFailed,
            ExitCode::Usage,
            ExitCode::Leaks,
            ExitCode::NoTests,
            ExitCode::Inconclusive,
        ];
        assert_eq!(all.map(ExitCode::code), [0, 1, 2, 3, 4, 5]);
        assert_eq!(ExitCode::Interrupted(2).code(), 130);
    }
}
