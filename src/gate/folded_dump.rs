//! The dump that Go prints when tests time out or nothing moves: its headline stays, the goroutines are counted. What they
//! say about the stuck test is in its own block; `--verbose`, files and `-json` have the whole of it.

/// Shortest dump that is folded, in lines.
const SHORTEST: usize = 12;

/// The text with its dumps folded.
pub fn fold(text: &str) -> String {
    let lines: Vec<&str> = text.split_inclusive('\n').collect();
    let mut folded = String::with_capacity(text.len().min(1 << 16));
    let mut at = 0;
    let mut crashed = false;
    while let Some(line) = lines.get(at) {
        crashed |= is_headline(line);
        let end = if crashed && is_goroutine(line) {
            end_of(&lines, at)
        } else {
            at
        };
        if end - at < SHORTEST {
            folded += line;
            at += 1;
            continue;
        }
        let goroutines = lines[at..end].iter().filter(|line| is_goroutine(line)).count();
        folded += &format!(
            "({} in {} lines of Go's dump: --verbose prints them)\n",
            crate::report::words::plural(goroutines as u64, "goroutine"),
            end - at
        );
        at = end;
    }
    folded
}

/// What Go writes before it dumps all goroutines because tests wait.
fn is_headline(line: &str) -> bool {
    let starts = [
        "panic: test timed out",
        "fatal error: all goroutines are asleep",
        "panic: deadlock:",
        "SIGQUIT: quit",
    ];
    starts.iter().any(|start| line.starts_with(start))
}

/// `goroutine 7 [chan receive]:`.
fn is_goroutine(line: &str) -> bool {
    let Some((number, rest)) = line
        .strip_prefix("goroutine ")
        .and_then(|rest| rest.split_once(' '))
    else {
        return false;
    };
    number.parse::<u64>().is_ok() && rest.contains('[') && rest.trim_end().ends_with(':')
}

/// The line after the last one of a dump. Blank lines at its end are part of it.
fn end_of(lines: &[&str], start: usize) -> usize {
    let mut at = start;
    while let Some(line) = lines.get(at) {
        let call = lines.get(at + 1).is_some_and(|next| next.starts_with('\t'));
        let belongs = line.trim_end().is_empty()
            || line.starts_with('\t')
            || is_goroutine(line)
            || call
            || line.starts_with("created by ")
            || line.starts_with("[originating from")
            || line.starts_with("...");
        if !belongs {
            break;
        }
        at += 1;
    }
    at
}

#[cfg(test)]
mod tests {
    use super::*;

    const HEAD: &str =
        "    x_test.go:3: before\npanic: test timed out after 1s\n\trunning tests:\n\t\tTestX (1s)\n\n";

    fn dump(goroutines: usize) -> String {
        let one = |id: usize| {
            format!(
                "goroutine {id} [chan receive]:\nm.wait(0xc000010000)\n\t/m/x.go:3 +0x1\ncreated by m.TestX in goroutine 5\n\t/m/x_test.go:9 +0x2\n\n"
            )
        };
        (1..=goroutines).map(one).collect()
    }

    #[test]
    fn the_headline_stays_and_what_is_after_the_dump_too() {
        let text = format!("{HEAD}{}exit status 2\n", dump(3));
        assert_eq!(
            fold(&text),
            format!("{HEAD}(3 goroutines in 18 lines of Go's dump: --verbose prints them)\nexit status 2\n")
        );
    }

    #[test]
    fn a_short_dump_a_panic_and_what_tests_print_stay() {
        for text in [
            format!("{HEAD}{}", dump(1)),
            format!("panic: boom\n\n{}", dump(4)),
            dump(4),
            "goroutine talk: none\n".repeat(30),
        ] {
            assert_eq!(fold(&text), text);
        }
    }
}
