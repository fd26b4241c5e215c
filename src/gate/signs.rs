//! `--format testname` and `dots`: what is shown of a test when it ends, before the verdict on its package.

use super::show::Detail;
use crate::events::{Action, Event};
use crate::report::words::plural;

/// Signs in one line.
const WIDTH: usize = 80;

/// The line of signs, as far as it is written.
#[derive(Debug, Default)]
pub struct Signs {
    column: usize,
}

impl Signs {
    /// What to print of a test that ended.
    pub fn test(&mut self, detail: Detail, event: &Event<'_>) -> Option<String> {
        let (sign, word) = match event.action {
            Action::Pass => ("·", "PASS"),
            Action::Fail => ("✖", "FAIL"),
            Action::Skip => ("↷", "SKIP"),
            _ => return None,
        };
        match detail {
            Detail::Dots => Some(self.sign(sign)),
            Detail::Tests => Some(format!(
                "{word} {}.{} ({:.2}s)\n",
                event.package.as_deref()?,
                event.test.as_deref()?,
                event.elapsed.unwrap_or(0.0)
            )),
            _ => None,
        }
    }

    /// What to print of a test that is found to leak once its package ended.
    pub fn leak(&mut self, detail: Detail, package: &str, test: &str, goroutines: u64) -> Option<String> {
        match detail {
            Detail::Dots => Some(self.sign("L")),
            Detail::Tests => Some(format!(
                "LEAK {package}.{test}: {} left behind\n",
                plural(goroutines, "goroutine")
            )),
            _ => None,
        }
    }

    /// Ends the line of signs, before text of another kind.
    pub fn end_line(&mut self) -> &'static str {
        if std::mem::take(&mut self.column) > 0 {
            "\n"
        } else {
            ""
        }
    }

    fn sign(&mut self, sign: &str) -> String {
        let before = if self.column == WIDTH { self.end_line() } else { "" };
        self.column += 1;
        format!("{before}{sign}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::events::{Line, parse};

    fn shown(signs: &mut Signs, detail: Detail, line: &str) -> Option<String> {
        let Line::Event(event) = parse(line.as_bytes()) else {
            panic!("{line} is an event");
        };
        signs.test(detail, &event)
    }

    #[test]
    fn a_line_of_signs_is_broken_at_its_width_and_before_other_text() {
        let mut signs = Signs::default();
        let pass = r#"{"Action":"pass","Package":"p","Test":"TestA"}"#;
        let mut text = String::new();
        for _ in 0..WIDTH + 1 {
            text += &shown(&mut signs, Detail::Dots, pass).unwrap();
        }
        text += &signs.leak(Detail::Dots, "p", "TestA", 1).unwrap();
        text += signs.end_line();
        assert_eq!(text, format!("{}\n·L\n", "·".repeat(WIDTH)));
        assert_eq!(signs.end_line(), "", "there is no line to end");
    }

    #[test]
    fn a_line_for_each_test_names_it_with_its_package_and_time() {
        let mut signs = Signs::default();
        for (line, wanted) in [
            (
                r#"{"Action":"pass","Package":"e.x/p","Test":"TestA","Elapsed":1.234}"#,
                "PASS e.x/p.TestA (1.23s)\n",
            ),
            (
                r#"{"Action":"fail","Package":"e.x/p","Test":"TestA/b","Elapsed":0}"#,
                "FAIL e.x/p.TestA/b (0.00s)\n",
            ),
            (
                r#"{"Action":"skip","Package":"e.x/p","Test":"TestC"}"#,
                "SKIP e.x/p.TestC (0.00s)\n",
            ),
        ] {
            assert_eq!(shown(&mut signs, Detail::Tests, line).as_deref(), Some(wanted));
            assert_eq!(shown(&mut signs, Detail::Normal, line), None);
        }
        let run = r#"{"Action":"run","Package":"e.x/p","Test":"TestA"}"#;
        assert_eq!(shown(&mut signs, Detail::Tests, run), None);
        assert_eq!(
            signs.leak(Detail::Tests, "e.x/p", "TestA", 2).as_deref(),
            Some("LEAK e.x/p.TestA: 2 goroutines left behind\n")
        );
    }
}
