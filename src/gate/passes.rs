//! `-v`: go's word that a test passed waits for ours. A test that leaks is printed as `--- LEAK`, never as `--- PASS`.

use crate::leak::TestName;

/// Lines of a package that say that it, or a test of it, has passed.
#[derive(Debug, Default)]
pub struct Passes {
    lines: Vec<String>,
}

impl Passes {
    /// Takes the line if it is such a one.
    pub fn take(&mut self, text: &str) -> bool {
        let is_one = text.trim_start_matches(' ').starts_with(PASSED) || text == "PASS\n";
        if is_one {
            self.lines.push(text.to_owned());
        }
        is_one
    }

    /// The lines as they are now known to be: `leaking` are tests that fail here.
    pub fn told(&self, leaking: &dyn Fn(&TestName) -> bool, leaks: bool, out: &mut Vec<u8>) {
        for line in &self.lines {
            let test = line.trim_start_matches(' ').strip_prefix(PASSED);
            let Some(rest) = test else {
                out.extend_from_slice(if leaks { b"LEAK\n" } else { line.as_bytes() });
                continue;
            };
            let name = rest.rsplit_once(" (").map_or(rest.trim_end(), |(name, _)| name);
            if leaking(&TestName(name.to_owned())) {
                let indent = &line[..line.len() - line.trim_start_matches(' ').len()];
                out.extend_from_slice(format!("{indent}--- LEAK: {rest}").as_bytes());
            } else {
                out.extend_from_slice(line.as_bytes());
            }
        }
    }
}

const PASSED: &str = "--- PASS: ";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_test_that_leaks_and_the_tests_around_it_are_no_pass() {
        let mut passes = Passes::default();
        for line in [
            "--- PASS: TestA (0.00s)\n",
            "    --- PASS: TestA/b c (0.10s)\n",
            "--- PASS: TestD (0.00s)\n",
            "PASS\n",
        ] {
            assert!(passes.take(line));
        }
        assert!(!passes.take("--- FAIL: TestE (0.00s)\n"));
        assert!(!passes.take("PASSED\n"));
        let told = |leaking: &[&str]| {
            let mut out = Vec::new();
            let is = |test: &TestName| leaking.contains(&test.0.as_str());
            passes.told(&is, !leaking.is_empty(), &mut out);
            String::from_utf8(out).unwrap()
        };
        assert_eq!(
            told(&["TestA", "TestA/b c"]),
            "--- LEAK: TestA (0.00s)\n    --- LEAK: TestA/b c (0.10s)\n--- PASS: TestD (0.00s)\nLEAK\n"
        );
        assert_eq!(
            told(&[]),
            "--- PASS: TestA (0.00s)\n    --- PASS: TestA/b c (0.10s)\n--- PASS: TestD (0.00s)\nPASS\n"
        );
    }
}
