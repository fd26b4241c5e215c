//! What the screen may want of a package while it runs, and the records of its shim.

use super::passes::Passes;
use super::spool::Spool;
use crate::events::quirks;
use crate::wire::Reassembler;
use rustc_hash::FxHashMap;
use std::io;

/// A package between its first and its last event, beside what the tracker knows.
#[derive(Debug, Default)]
pub struct PackageRun {
    /// Output of tests that have not passed, in full.
    tests: FxHashMap<String, Spool>,
    /// Tests whose output is kept, in the order they began to print.
    order: Vec<String>,
    /// Output that belongs to no test, without go's closing lines.
    pub output: Spool,
    /// go's closing line: `ok  \tp\t0.1s`, `?   \tp\t[no test files]`.
    pub closing: String,
    /// `-v`: lines that say that a test has passed.
    pub passes: Passes,
    /// The shim's records.
    pub wire: Reassembler,
}

impl PackageRun {
    /// Keeps the user's part of an output event.
    pub fn keep(&mut self, test: Option<&str>, text: &str) {
        if let Some(name) = test {
            if let Some(spool) = self.tests.get_mut(name) {
                return spool.push(text);
            }
            self.order.push(name.to_owned());
            self.tests.entry(name.to_owned()).or_default().push(text);
            return;
        }
        if text != "PASS\n" && text != "FAIL\n" {
            self.output.push(text);
        }
    }

    /// Takes go's closing line of the package; false if the text is none.
    pub fn take_closing(&mut self, package: &str, text: &str) -> bool {
        let Some(closing) = closing_line(package, text) else {
            return false;
        };
        closing.clone_into(&mut self.closing);
        true
    }

    /// A test passed or was skipped: no report needs its output.
    pub fn forget(&mut self, test: &str) {
        if let Some(spool) = self.tests.get_mut(test) {
            *spool = Spool::default();
        }
    }

    /// Copies the kept output of all tests to `out`.
    pub fn copy_tests_to(&mut self, out: &mut dyn io::Write) -> io::Result<()> {
        for name in &self.order {
            if let Some(spool) = self.tests.get_mut(name) {
                spool.copy_to(out)?;
            }
        }
        Ok(())
    }
}

/// Lines that frame tests; they carry nothing that the events don't.
pub fn is_framing(text: &str) -> bool {
    [
        "=== RUN   ",
        "=== PAUSE ",
        "=== CONT  ",
        "=== NAME  ",
        "=== ATTR  ",
    ]
    .iter()
    .any(|frame| text.starts_with(frame))
}

/// `ok  \tp\t0.1s`, `FAIL\tp\t0.1s`, `?   \tp\t[no test files]`, without line end.
fn closing_line<'a>(package: &str, text: &'a str) -> Option<&'a str> {
    let line = text.strip_suffix('\n')?;
    let closes = ["ok  \t", "FAIL\t", "?   \t"]
        .iter()
        .any(|start| line.starts_with(start));
    (closes || quirks::no_tests_but_coverage(text, package)).then_some(line)
}
