//! `--post-run-command`: a command of the user's after the reports are written. Edge: runs it.

use crate::report::Report;

/// Runs `command` in a shell, told by `LEAKGATE_*` (and `TESTS_*`, as gotestsum names them) how the run came out. Its
/// output goes to standard error, because standard output carries the report. `Err` says how it failed.
pub fn run(command: &str, report: &Report) -> Result<(), String> {
    let shell = if cfg!(windows) {
        ["cmd", "/C"]
    } else {
        ["/bin/sh", "-c"]
    };
    let mut expression = duct::cmd(shell[0], [shell[1], command])
        .stdin_null()
        .stdout_to_stderr()
        .unchecked();
    for (name, value) in FACTS {
        expression = expression.env(name, value(report));
    }
    match expression.run() {
        Ok(output) if output.status.success() => Ok(()),
        Ok(output) => Err(format!("the post-run command ended with {}", output.status)),
        Err(error) => Err(format!("the post-run command can't be run: {error}")),
    }
}

/// Each variable that the command gets, and its value. None may be the name of a setting, which would become that of a
/// leakgate that the command runs.
pub const FACTS: [Fact; 12] = [
    ("LEAKGATE_EXIT_CODE", |report| report.exit_code.to_string()),
    ("LEAKGATE_PACKAGES", |report| report.summary.packages.to_string()),
    ("LEAKGATE_TESTS_LEAKING", |report| {
        report.summary.tests_leaking.to_string()
    }),
    ("LEAKGATE_LEAKED", |report| report.summary.leaked.to_string()),
    ("LEAKGATE_ENDED_LATE", |report| report.summary.late.to_string()),
    ("LEAKGATE_ALLOWED", |report| report.summary.allowed.to_string()),
    ("LEAKGATE_BASELINED", |report| {
        report.summary.baselined.to_string()
    }),
    ("LEAKGATE_INCONCLUSIVE", |report| {
        report.summary.inconclusive.to_string()
    }),
    ("LEAKGATE_ELAPSED", |report| {
        let elapsed = report.run.elapsed_ms;
        format!("{}.{:03}", elapsed / 1000, elapsed % 1000)
    }),
    ("TESTS_TOTAL", |report| report.summary.tests.to_string()),
    ("TESTS_FAILED", |report| report.summary.tests_failed.to_string()),
    ("TESTS_SKIPPED", |report| report.summary.tests_skipped.to_string()),
];

/// A variable's name, and its value after a run.
pub type Fact = (&'static str, fn(&Report) -> String);
