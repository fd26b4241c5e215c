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
    for (name, value) in facts(report) {
        expression = expression.env(name, value);
    }
    match expression.run() {
        Ok(output) if output.status.success() => Ok(()),
        Ok(output) => Err(format!("the post-run command ended with {}", output.status)),
        Err(error) => Err(format!("the post-run command can't be run: {error}")),
    }
}

fn facts(report: &Report) -> Vec<(&'static str, String)> {
    let summary = &report.summary;
    let elapsed = report.run.elapsed_ms;
    vec![
        ("LEAKGATE_EXIT_CODE", report.exit_code.to_string()),
        ("LEAKGATE_PACKAGES", summary.packages.to_string()),
        ("LEAKGATE_TESTS_LEAKING", summary.tests_leaking.to_string()),
        ("LEAKGATE_LEAKED", summary.leaked.to_string()),
        ("LEAKGATE_LATE", summary.late.to_string()),
        ("LEAKGATE_ALLOWED", summary.allowed.to_string()),
        ("LEAKGATE_BASELINED", summary.baselined.to_string()),
        ("LEAKGATE_INCONCLUSIVE", summary.inconclusive.to_string()),
        (
            "LEAKGATE_ELAPSED",
            format!("{}.{:03}", elapsed / 1000, elapsed % 1000),
        ),
        ("TESTS_TOTAL", summary.tests.to_string()),
        ("TESTS_FAILED", summary.tests_failed.to_string()),
        ("TESTS_SKIPPED", summary.tests_skipped.to_string()),
    ]
}
