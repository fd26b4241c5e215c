//! `--slowest N`: the tests that took longest.

use super::Page;
use crate::report::safe_text::{NAME_LIMIT, safe_name};
use crate::report::words::duration;
use crate::report::{PackageReport, Report, TestReport};
use std::cmp::Reverse;
use std::collections::HashSet;
use std::io;

/// Writes the tests that took longest, the slowest first. A test with subtests is not among them: they are.
pub(super) fn write(page: &mut Page<'_>, report: &Report) -> io::Result<()> {
    if page.options.slowest == 0 {
        return Ok(());
    }
    let mut tests: Vec<(u64, &PackageReport, &TestReport)> = Vec::new();
    for package in &report.packages {
        let names = package.tests.iter().map(|test| test.name.0.as_str());
        let parents: HashSet<&str> = names
            .flat_map(|name| name.match_indices('/').map(move |(at, _)| &name[..at]))
            .collect();
        let leaves = package
            .tests
            .iter()
            .filter(|test| !parents.contains(test.name.0.as_str()));
        tests.extend(leaves.map(|test| (test.elapsed_ms.max(0.0).round() as u64, package, test)));
    }
    tests.sort_by_key(|(ms, package, test)| (Reverse(*ms), &package.path, &test.name));
    tests.truncate(page.options.slowest);
    if tests.is_empty() {
        return Ok(());
    }
    writeln!(page.out, "{}", page.ink.bold("slowest tests:"))?;
    for (ms, package, test) in tests {
        writeln!(
            page.out,
            "  {:>10}  {} in {}",
            duration(ms),
            safe_name(&test.name.0, NAME_LIMIT),
            safe_name(&package.path.0, NAME_LIMIT)
        )?;
    }
    writeln!(page.out)
}

#[cfg(test)]
mod tests {
    use super::super::{HumanOptions, write};
    use crate::leak::TestName;
    use crate::report::sample;

    #[test]
    fn the_slowest_tests_are_named_without_the_parents_of_subtests() {
        let mut report = sample::clean();
        report.packages.truncate(1);
        let mut test = report.packages[0].tests[0].clone();
        report.packages[0].tests = [
            ("TestA", 3_100.0),
            ("TestA/b", 2_000.4),
            ("TestC", 40.0),
            ("TestD", 41.0),
        ]
        .map(|(name, elapsed_ms)| {
            test.name = TestName(name.to_owned());
            test.elapsed_ms = elapsed_ms;
            test.clone()
        })
        .to_vec();
        let path = report.packages[0].path.clone();
        let text = |slowest| {
            let mut out = Vec::new();
            let options = HumanOptions {
                slowest,
                ..HumanOptions::default()
            };
            write(&report, &mut out, &options).unwrap();
            String::from_utf8(out).unwrap()
        };
        let wanted =
            format!("slowest tests:\n       2.0 s  TestA/b in {path}\n       41 ms  TestD in {path}\n\n");
        assert!(text(2).contains(&wanted), "{}", text(2));
        assert!(!text(0).contains("slowest tests:"));
    }
}
