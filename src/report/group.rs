//! The same leak in several tests: one group. Formats for people and for code scanning show a group once.

use super::Finding;
use super::words::{self, plural, thousands};
use crate::goroutine::{Fingerprint, Location};
use crate::leak::{CauseCode, Group, Growth, TestName, Verdict};
use crate::package_path::PackagePath;
use crate::rules::RulingKind;
use indexmap::IndexMap;
use std::collections::HashMap;

/// Findings with the same identity and the same lines, each of another test, in report order.
pub struct SameLeak<'a> {
    /// The first of them.
    pub first: &'a Finding,
    /// The same leak in other tests.
    pub others: Vec<&'a Finding>,
    /// From 1, among the groups with this fingerprint: the same code at other lines gets the next number.
    pub ordinal: usize,
}

impl SameLeak<'_> {
    /// The first finding's leak.
    pub fn root(&self) -> &Group {
        &self.first.leak.root
    }

    /// Goroutines in all tests.
    pub fn goroutines(&self) -> u64 {
        self.first.leak.goroutines()
            + self
                .others
                .iter()
                .map(|finding| finding.leak.goroutines())
                .sum::<u64>()
    }

    /// The first test(s), and how many findings more.
    pub fn tests(&self) -> String {
        let first = words::tests(&self.root().tests);
        match self.others.len() as u64 {
            0 => first,
            n => format!(
                "{first} and {} {}",
                thousands(n),
                if n == 1 { "more test" } else { "more tests" }
            ),
        }
    }

    /// `2,003 goroutines`.
    pub fn how_many(&self) -> String {
        plural(self.goroutines(), "goroutine")
    }
}

/// Groups findings, keeping their order.
pub fn groups<'a>(findings: impl Iterator<Item = &'a Finding>) -> Vec<SameLeak<'a>> {
    type Key<'a> = (
        &'a Fingerprint,
        CauseCode,
        Verdict,
        RulingKind,
        [Option<&'a Location>; 3],
        Option<&'a str>,
        Option<&'a Growth>,
    );
    let mut of_test: HashMap<(Key<'a>, &PackagePath, &[TestName]), usize> = HashMap::new();
    let mut groups: IndexMap<(Key<'a>, usize), SameLeak<'a>> = IndexMap::new();
    for finding in findings {
        let leak = &finding.leak.root;
        // What a helper of the tests has started is one leak for all that call it, unless each of them is to do something.
        let started = leak.started_at.as_ref();
        let by_helper = started.is_some_and(|spot| spot.at.file.ends_with("_test.go"));
        let fix = by_helper.then_some(leak.cause.fix.as_str());
        // Where no line of the user's own is known, each test has its own line to change.
        let led = leak.led_to_by.as_ref().filter(|_| !by_helper);
        let led = led.map(|led| &led.at).or(leak.test_at.as_ref());
        let spots = [leak.blocked_at.as_ref(), started, led].map(|spot| spot.map(|spot| &spot.at));
        let key = (
            &leak.fingerprint,
            leak.cause.code,
            leak.verdict,
            finding.ruling.kind,
            spots,
            fix,
            finding.leak.growth.as_ref(),
        );
        let occurrence = of_test.entry((key, &leak.package, &leak.tests)).or_default();
        *occurrence += 1;
        groups
            .entry((key, *occurrence))
            .and_modify(|group| group.others.push(finding))
            .or_insert(SameLeak {
                first: finding,
                others: Vec::new(),
                ordinal: 1,
            });
    }
    let mut seen: HashMap<&Fingerprint, usize> = HashMap::new();
    let mut groups: Vec<SameLeak<'a>> = groups.into_values().collect();
    for group in &mut groups {
        let ordinal = seen.entry(&group.first.leak.root.fingerprint).or_default();
        *ordinal += 1;
        group.ordinal = *ordinal;
    }
    groups
}

/// A line of a file of the user's own tree.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Anchor {
    /// Relative to the module or repository root, with `/`.
    pub file: String,
    /// 1-based.
    pub line: u32,
    /// Characters of that line, when its text is known.
    pub columns: usize,
}

/// Where a report with lines should point for a leak: the line that led to it, the `go` statement, else the blocking line, else its test's
/// declaration, else the first own frame; `None` when no line of the user's tree is known.
pub fn anchor(leak: &Group) -> Option<Anchor> {
    let led = leak.led_to_by.as_ref().map(|led| &led.at);
    let spots = [
        led,
        leak.started_at.as_ref(),
        leak.blocked_at.as_ref(),
        leak.test_at.as_ref(),
    ];
    let spot = spots
        .into_iter()
        .flatten()
        .find(|spot| spot.relative.is_some() && spot.at.line > 0);
    if let Some(spot) = spot {
        let text = spot.lines.iter().find(|line| line.number == spot.at.line);
        let columns = text.map_or(0, |line| line.text.chars().count());
        return Some(Anchor {
            file: words::spot_file(spot).to_owned(),
            line: spot.at.line,
            columns,
        });
    }
    leak.own_frames
        .iter()
        .filter_map(|index| leak.stack.get(*index))
        .find_map(|frame| {
            let at = frame.at.as_ref().filter(|at| at.line > 0)?;
            let file = words::relative_file(leak, &at.file)?;
            Some(Anchor {
                file: file.to_owned(),
                line: at.line,
                columns: 0,
            })
        })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::sample;

    #[test]
    fn a_leak_that_grows_is_not_grouped_with_one_that_does_not() {
        let report = sample::report();
        let mut told = [report.findings[0].clone(), report.findings[0].clone()];
        told[0].leak.growth = Some(Growth::Grows { found: 3, runs: 3 });
        told[1].leak.growth = Some(Growth::OncePerProcess { runs: 3 });
        told[1].leak.root.tests = vec![TestName("TestElsewhere".into())];
        assert_eq!(groups(told.iter()).len(), 2);
        told[1].leak.growth = Some(Growth::Grows { found: 3, runs: 3 });
        assert_eq!(groups(told.iter()).len(), 1);
    }

    #[test]
    fn two_findings_of_one_test_are_no_two_tests() {
        let report = sample::report();
        let finding = &report.findings[0];
        let mut elsewhere = finding.clone();
        elsewhere.leak.root.tests = vec![TestName("TestElsewhere".into())];
        let told = [finding.clone(), finding.clone(), elsewhere];
        let groups = groups(told.iter());
        let tests: Vec<String> = groups.iter().map(SameLeak::tests).collect();
        let first = words::tests(&finding.leak.root.tests);
        assert_eq!(tests, [format!("{first} and 1 more test"), first]);
    }
}
