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
    /// The exit code that a report stands for.
    pub fn from_code(code: u8) -> Self {
        match code {
            0 => Self::Clean,
            1 => Self::TestsFailed,
            3 => Self::Leaks,
            4 => Self::NoTests,
            5 => Self::Inconclusive,
            129.. => Self::Interrupted(code - 128),
            _ => Self::Usage,
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

impl From<ExitCode> for std::process::ExitCode {
    fn from(exit: ExitCode) -> Self {
        Self::from(exit.code())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

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
