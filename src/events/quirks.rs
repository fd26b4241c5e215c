//! What the stream of `go test -json` does beside its documentation, each as a named function with its source.

/// go ≤ 1.21 tells a failed build as text between the events: `FAIL⇥example.com/p [build failed]`; later ones send the
/// same words as output of the package: <https://github.com/golang/go/issues/35169>. Gives the import path.
pub fn build_failed_line(line: &str) -> Option<&str> {
    let rest = line.trim_end().strip_prefix("FAIL\t")?;
    let (package, why) = rest.split_once(' ')?;
    matches!(why, "[build failed]" | "[setup failed]").then_some(package)
}

/// `ok  ⇥p⇥(cached)` is the only sign that a package was replayed from go's test cache.
pub fn cached_line(line: &str) -> bool {
    line.strip_prefix("ok  \t")
        .and_then(|rest| rest.split('\t').nth(1))
        .is_some_and(|time| time.trim_end() == "(cached)")
}

/// `?   ⇥p⇥[no test files]`, or `ok  ⇥p⇥0.01s⇥[no tests to run]`.
pub fn no_tests_line(line: &str) -> bool {
    let line = line.trim_end();
    (line.starts_with("?   \t") && line.ends_with("[no test files]"))
        || (line.starts_with("ok  \t") && line.ends_with("[no tests to run]"))
}

/// `⇥p⇥⇥coverage: 0.0% of statements`: all that go ≥ 1.22 prints of a package without test files where coverage is asked
/// for, and then it passes: <https://github.com/golang/go/issues/73802>.
pub fn no_tests_but_coverage(output: &str, package: &str) -> bool {
    output
        .strip_prefix('\t')
        .and_then(|rest| rest.strip_prefix(package))
        .and_then(|rest| rest.strip_prefix("\t\tcoverage: "))
        .is_some_and(|rest| rest.find('\n').is_none_or(|end| end + 1 == rest.len()))
}

/// go ≤ 1.23 prints compiler messages to standard error, under `# example.com/p [example.com/p.test]`. Gives the path.
pub fn build_header(line: &str) -> Option<&str> {
    let rest = line.strip_prefix("# ")?.trim_end();
    let path = rest.split_once(' ').map_or(rest, |(path, _)| path);
    (!path.is_empty() && !path.starts_with('[')).then_some(path)
}

/// A benchmark has a `run` event and no end event, unless it fails or is skipped. So its end is the package's.
pub fn ends_with_its_package(test: &str) -> bool {
    test.starts_with("Benchmark")
}

/// The start of a crash text of Go's runtime or package testing at the beginning of a line. Attribution of all that
/// follows to a test means nothing (<https://github.com/golang/go/issues/35180>).
pub fn starts_crash(line: &str) -> bool {
    const STARTS: [&str; 7] = [
        "panic: ",
        "fatal error: ",
        "SIGQUIT: quit",
        "SIGABRT: abort",
        "SIGSEGV: ",
        "runtime: goroutine stack exceeds ",
        "unexpected fault address ",
    ];
    STARTS.iter().any(|start| line.starts_with(start)) || is_goroutine_header(line)
}

/// `goroutine 12 [running]:`, with any state.
fn is_goroutine_header(line: &str) -> bool {
    let Some(rest) = line.strip_prefix("goroutine ") else {
        return false;
    };
    let rest = rest.trim_start_matches(|c: char| c.is_ascii_digit());
    rest.starts_with(" [") && rest.trim_end().ends_with(':') || rest.starts_with(" gp=0x")
}

/// What `-fuzz` prints while worker processes try inputs: `fuzz: elapsed: 3s, execs: 325017 (108336/sec), …`.
pub fn fuzzing_line(line: &str) -> bool {
    line.starts_with("fuzz: elapsed: ")
}

/// The last line of a test process that ended by a signal or with a status of its own: `exit status 2`, `signal: killed`.
pub fn process_end(line: &str) -> Option<&str> {
    let line = line.trim_end();
    (line.starts_with("exit status ") || line.starts_with("signal: ")).then_some(line)
}

/// go's own word for a test binary, or an `-exec` wrapper, that the system did not start: `fork/exec /x: exec format
/// error`, `exec: "wrapper": executable file not found in $PATH`. It comes before any output of the binary.
pub fn not_started(line: &str) -> Option<&str> {
    let line = line.trim_end();
    (line.starts_with("fork/exec ") || line.starts_with("exec: \"")).then_some(line)
}

/// Whether a line may be one of those that go, package testing or the runtime write: nothing is read from others.
pub fn may_mean_something(line: &str) -> bool {
    const BEGINS: [&str; 17] = [
        "=",
        "-",
        "?",
        "\t",
        "PASS",
        "FAIL",
        "ok  \t",
        "panic: ",
        "fatal error: ",
        "SIG",
        "runtime: ",
        "unexpected fault ",
        "goroutine ",
        "exit status ",
        "signal: ",
        "fuzz: ",
        "fork/exec ",
    ];
    let line = line.trim_start_matches(' ');
    let known = |first: &u8| BEGINS.iter().any(|begin| begin.as_bytes()[0] == *first);
    line.as_bytes().first().is_some_and(known) && BEGINS.iter().any(|begin| line.starts_with(begin))
}

/// Whether a text is what `go test` prints for people, without `-json`.
pub fn is_plain_go_test(text: &str) -> bool {
    let begins = [
        "=== RUN ",
        "--- PASS: ",
        "--- FAIL: ",
        "--- SKIP: ",
        "ok  \t",
        "FAIL\t",
        "?   \t",
    ];
    text.lines()
        .any(|line| begins.iter().any(|begin| line.trim_start().starts_with(begin)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_for_people_is_told_from_other_text() {
        for text in [
            "x\n=== RUN   TestA\n",
            "ok  \ta.com/x\t0.1s\n",
            "    --- FAIL: TestA/b (0.00s)\n",
        ] {
            assert!(is_plain_go_test(text), "{text}");
        }
        assert!(!is_plain_go_test("ok\nFAILED\nhello\n"));
    }

    #[test]
    fn package_lines_are_read() {
        assert!(cached_line("ok  \texample.com/p\t(cached)\n"));
        assert!(cached_line(
            "ok  \texample.com/p\t(cached)\tcoverage: 50.0% of statements\n"
        ));
        assert!(!cached_line("ok  \texample.com/p\t0.002s\n") && !cached_line("(cached)\n"));
        assert!(no_tests_line("?   \texample.com/p\t[no test files]\n"));
        assert!(no_tests_line("ok  \texample.com/p\t0.002s [no tests to run]\n"));
        assert!(!no_tests_line("ok  \texample.com/p\t0.002s\n"));
        let line = "\texample.com/p\t\tcoverage: 0.0% of statements\n";
        assert!(no_tests_but_coverage(line, "example.com/p"));
        assert!(!no_tests_but_coverage(line, "example.com/q"));
        let more = format!("{line}ok  \texample.com/p\t0.002s\n");
        assert!(
            !no_tests_but_coverage(&more, "example.com/p"),
            "its test binary ran"
        );
    }

    #[test]
    fn build_failures_are_read_in_every_form() {
        assert_eq!(
            build_failed_line("FAIL\texample.com/p [build failed]\n"),
            Some("example.com/p")
        );
        assert_eq!(
            build_failed_line("FAIL\texample.com/p [setup failed]"),
            Some("example.com/p")
        );
        assert_eq!(build_failed_line("FAIL\texample.com/p\t0.1s"), None);
        assert_eq!(
            build_header("# example.com/p [example.com/p.test]\n"),
            Some("example.com/p")
        );
        assert_eq!(build_header("# [example.com/p]"), None);
    }

    #[test]
    fn what_is_read_by_any_of_these_may_mean_something() {
        for line in [
            "FAIL\texample.com/p [build failed]\n",
            "ok  \texample.com/p\t(cached)\n",
            "?   \texample.com/p\t[no test files]\n",
            "\texample.com/p\t\tcoverage: 0.0% of statements\n",
            "panic: boom\n",
            "fatal error: all goroutines are asleep - deadlock!\n",
            "SIGQUIT: quit\n",
            "SIGABRT: abort\n",
            "SIGSEGV: segmentation violation\n",
            "runtime: goroutine stack exceeds 1000000000-byte limit\n",
            "unexpected fault address 0x0\n",
            "goroutine 1 gp=0xc000002380 m=0 mp=0x1 [running]:\n",
            "fuzz: elapsed: 3s\n",
            "exit status 2\n",
            "signal: killed\n",
            "    --- PASS: TestA/b (0.00s)\n",
            "=== RUN   TestA\n",
        ] {
            assert!(may_mean_something(line), "{line}");
        }
        for line in [
            "",
            "\n",
            "    a_test.go:3: panic: boom\n",
            "general failure\n",
            "unexpected end\n",
        ] {
            assert!(!may_mean_something(line), "{line}");
        }
    }

    #[test]
    fn crash_texts_begin_at_known_lines() {
        for line in [
            "panic: boom [recovered]",
            "fatal error: all goroutines are asleep - deadlock!",
            "SIGQUIT: quit",
            "goroutine 7 [chan receive, 2 minutes]:",
            "goroutine 1 gp=0xc000002380 m=0 mp=0x1 [running]:",
            "goroutine 7 [select] {leakgate: 1:TestA}:",
        ] {
            assert!(starts_crash(line), "{line}");
        }
        assert!(!starts_crash("a panic: boom") && !starts_crash("goroutine leak found:"));
    }
}
