//! A report against the table: what is missing, wrong or too much.

use crate::expectations::{LeakRow, Marks, Place, StuckRow, Table, variants};
use leakgate::exit::ExitCode;
use leakgate::leak::{Group, Leak, Spot};
use leakgate::report::{Finding, Report};
use leakgate::rules::RulingKind;
use serde::Serialize;
use std::fmt::{self, Display};

const MODULE: &str = "example.com/zoo/";

/// One thing that is not as the table says.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Wrong {
    pub kind: &'static str,
    pub place: String,
    pub expected: String,
    pub found: String,
}

impl Display for Wrong {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{:<12} {:<60} expected {:<40} found {}",
            self.kind, self.place, self.expected, self.found
        )
    }
}

/// A row of the table for one of its tests.
struct Expected<'a> {
    row: &'a LeakRow,
    test: String,
    blocked: Option<&'a Place>,
    started: Option<&'a Place>,
}

impl Expected<'_> {
    fn place(&self) -> String {
        format!("{} {}", self.row.package, self.test)
    }

    fn in_package(&self, finding: &Finding) -> bool {
        finding.leak.root.package.to_string() == format!("{MODULE}{}", self.row.package)
    }

    fn on_test(&self, finding: &Finding) -> bool {
        finding.leak.root.tests.iter().any(|test| test.0 == self.test)
    }

    fn blocked_fits(&self, finding: &Finding) -> bool {
        let leak = &finding.leak.root;
        if let Some(owner) = &self.row.owner {
            return leak.owner.as_str() == owner;
        }
        if let Some(file) = &self.row.blocked_file {
            return leak
                .blocked_at
                .as_ref()
                .is_some_and(|spot| spot.at.file.ends_with(file.as_str()));
        }
        stands_at(leak.blocked_at.as_ref(), self.blocked)
    }

    fn started_fits(&self, finding: &Finding) -> bool {
        self.row.owner.is_some()
            || self.row.no_started
            || stands_at(finding.leak.root.started_at.as_ref(), self.started)
    }
}

fn stands_at(spot: Option<&Spot>, place: Option<&Place>) -> bool {
    match (spot, place) {
        (Some(spot), Some((file, line))) => {
            spot.at.line == *line && spot.at.file.replace('\\', "/").ends_with(&format!("/{file}"))
        }
        _ => false,
    }
}

/// Everything that is wrong with a run of the whole zoo on Go 1.`minor`, sorted.
pub fn compare(report: &Report, table: &Table, marks: &Marks, minor: u32) -> Vec<Wrong> {
    let mut wrongs = whole_run(report);
    let groups = by_group(report);
    let mut open: Vec<&Finding> = groups
        .iter()
        .filter(|finding| !is_background(finding, table))
        .collect();
    let mut missing = Vec::new();
    for expected in expectations(table, marks, minor) {
        match take(&mut open, |finding| {
            expected.in_package(finding)
                && expected.on_test(finding)
                && expected.blocked_fits(finding)
                && expected.started_fits(finding)
        }) {
            Some(finding) => judge(&expected, finding, &mut wrongs),
            None => missing.push(expected),
        }
    }
    for expected in missing {
        near_miss(&expected, &mut open, &mut wrongs);
    }
    for finding in open {
        wrongs.push(Wrong {
            kind: "extra",
            place: format!("{} {}", short_package(finding), tests_of(finding)),
            expected: "nothing".to_owned(),
            found: summary(finding),
        });
    }
    wrongs.sort();
    wrongs
}

/// The table speaks of goroutines: each group of every leak by itself.
fn by_group(report: &Report) -> Vec<Finding> {
    let alone = |finding: &Finding, group: &Group| Finding {
        leak: Leak::alone(group.clone()),
        ..finding.clone()
    };
    report
        .findings
        .iter()
        .flat_map(|finding| finding.leak.groups().map(move |group| alone(finding, group)))
        .collect()
}

fn expectations<'a>(table: &'a Table, marks: &'a Marks, minor: u32) -> Vec<Expected<'a>> {
    let mut all = Vec::new();
    for row in table.leak.iter().filter(|row| row.runs_on(minor)) {
        let named = if row.together { 1 } else { 3 };
        for test in variants(&row.test).into_iter().take(named) {
            all.push(Expected {
                row,
                test,
                blocked: marks.blocked.get(&row.mark),
                started: marks.started.get(&row.mark),
            });
        }
    }
    all
}

/// Packages without evidence and tests that go failed spoil the comparison: they come first.
fn whole_run(report: &Report) -> Vec<Wrong> {
    let mut wrongs = Vec::new();
    for package in &report.packages {
        if let Some(inconclusive) = &package.inconclusive {
            wrongs.push(Wrong {
                kind: "blind",
                place: package.path.to_string(),
                expected: "evidence".to_owned(),
                found: format!("{}: {}", inconclusive.code, inconclusive.reason),
            });
        }
    }
    if report.summary.tests_failed + report.summary.packages_failed > 0 {
        wrongs.push(Wrong {
            kind: "failed",
            place: "go test".to_owned(),
            expected: "every test passes".to_owned(),
            found: format!("{} tests failed", report.summary.tests_failed),
        });
    }
    wrongs
}

/// An expected leak that was not found as such: on another test, at another line, or not at all.
fn near_miss(expected: &Expected<'_>, open: &mut Vec<&Finding>, wrongs: &mut Vec<Wrong>) {
    let place = expected.place();
    let want = |place: Option<&Place>| match place {
        Some((file, line)) => format!("{file}:{line}"),
        None => "nowhere".to_owned(),
    };
    let in_package = |finding: &Finding| expected.in_package(finding);
    if let Some(finding) = take(open, |f| {
        in_package(f) && expected.on_test(f) && expected.blocked_fits(f)
    }) {
        wrongs.push(Wrong {
            kind: "wrong go",
            place,
            expected: want(expected.started),
            found: at(finding.leak.root.started_at.as_ref()),
        });
        judge(expected, finding, wrongs);
    } else if let Some(finding) = take(open, |f| {
        in_package(f) && expected.on_test(f) && expected.row.owner.is_none() && expected.started_fits(f)
    }) {
        wrongs.push(Wrong {
            kind: "wrong line",
            place,
            expected: want(expected.blocked),
            found: at(finding.leak.root.blocked_at.as_ref()),
        });
        judge(expected, finding, wrongs);
    } else if let Some(finding) = take(open, |f| in_package(f) && expected.blocked_fits(f)) {
        wrongs.push(Wrong {
            kind: "wrong test",
            place,
            expected: expected.test.clone(),
            found: tests_of(finding),
        });
        judge(expected, finding, wrongs);
    } else {
        wrongs.push(Wrong {
            kind: "missing",
            place,
            expected: format!(
                "{} ({})",
                expected.row.cause.as_deref().unwrap_or("any"),
                want(expected.blocked)
            ),
            found: "nothing".to_owned(),
        });
    }
}

/// Cause, count, verdict, attribution and ruling of a finding that is where it should be.
fn judge(expected: &Expected<'_>, finding: &Finding, wrongs: &mut Vec<Wrong>) {
    let (row, leak) = (expected.row, &finding.leak);
    let mut expect = |kind, expected_text: String, found: String, holds: bool| {
        if !holds {
            wrongs.push(Wrong {
                kind,
                place: expected.place(),
                expected: expected_text,
                found,
            });
        }
    };
    if let Some(cause) = &row.cause {
        let found = leak.root.cause.code.as_str();
        let with_state = format!("{found} for {} [{}]", leak.root.owner, leak.root.state.reason);
        let holds = cause.split('|').any(|code| code == found);
        expect("wrong cause", cause.clone(), with_state, holds);
    }
    let cause = &leak.root.cause;
    let words = [&[cause.waits_for.clone(), cause.fix.clone()], &cause.notes[..]]
        .concat()
        .join(" | ");
    for said in &row.says {
        expect(
            "wrong words",
            said.clone(),
            words.clone(),
            words.contains(said.as_str()),
        );
    }
    expect(
        "wrong count",
        row.count.to_string(),
        leak.root.count.to_string(),
        row.count == leak.root.count,
    );
    let verdict = word(&leak.root.verdict);
    expect(
        "wrong verdict",
        row.verdict.clone(),
        verdict.clone(),
        verdict == row.verdict,
    );
    if let Some(attribution) = &row.attribution {
        let found = word(&leak.root.attribution);
        expect(
            "wrong tie",
            attribution.clone(),
            found.clone(),
            &found == attribution,
        );
    }
    let ruling = word(&finding.ruling.kind);
    let wanted = if row.verdict == "late" { "warns" } else { "fails" };
    expect(
        "wrong ruling",
        wanted.to_owned(),
        ruling.clone(),
        ruling == wanted,
    );
}

/// Everything that is wrong with the report of a run that one test never let end.
pub fn compare_stuck(report: &Report, row: &StuckRow, test: &str, marks: &Marks) -> Vec<Wrong> {
    let place = format!("{} {test}", row.package);
    let wrong = |kind, expected: &str, found: String| Wrong {
        kind,
        place: place.clone(),
        expected: expected.to_owned(),
        found,
    };
    let groups = by_group(report);
    let stuck: Vec<&Finding> = groups
        .iter()
        .filter(|finding| {
            finding
                .leak
                .root
                .stuck
                .as_ref()
                .is_some_and(|stuck| stuck.is_test_goroutine)
        })
        .collect();
    let [finding] = stuck[..] else {
        return vec![wrong("missing", "one stuck test", format!("{}", stuck.len()))];
    };
    let mut wrongs = Vec::new();
    if tests_of(finding) != test {
        wrongs.push(wrong("wrong test", test, tests_of(finding)));
    }
    if finding.leak.root.cause.code.as_str() != row.cause {
        wrongs.push(wrong(
            "wrong cause",
            &row.cause,
            finding.leak.root.cause.code.to_string(),
        ));
    }
    if !stands_at(
        finding.leak.root.blocked_at.as_ref(),
        marks.blocked.get(&row.mark),
    ) {
        wrongs.push(wrong(
            "wrong line",
            &row.mark,
            at(finding.leak.root.blocked_at.as_ref()),
        ));
    }
    if report.exit_code != ExitCode::TestsFailed.code() {
        wrongs.push(wrong("wrong exit", "1", report.exit_code.to_string()));
    }
    wrongs
}

fn is_background(finding: &Finding, table: &Table) -> bool {
    finding.ruling.kind == RulingKind::Background
        && finding.leak.root.count == 1
        && table.background.iter().any(|row| {
            row.packages.contains(&short_package(finding)) && finding.leak.root.owner.as_str() == row.owner
        })
}

fn take<'a>(open: &mut Vec<&'a Finding>, fits: impl Fn(&Finding) -> bool) -> Option<&'a Finding> {
    let index = open.iter().position(|finding| fits(finding))?;
    Some(open.remove(index))
}

/// The name that serde gives a unit variant.
fn word(value: &impl Serialize) -> String {
    match serde_json::to_value(value) {
        Ok(serde_json::Value::String(word)) => word,
        other => format!("{other:?}"),
    }
}

fn short_package(finding: &Finding) -> String {
    finding
        .leak
        .root
        .package
        .to_string()
        .trim_start_matches(MODULE)
        .to_owned()
}

fn tests_of(finding: &Finding) -> String {
    let names: Vec<&str> = finding
        .leak
        .root
        .tests
        .iter()
        .map(|test| test.0.as_str())
        .collect();
    names.join(", ")
}

fn at(spot: Option<&Spot>) -> String {
    spot.map_or_else(
        || "nothing".to_owned(),
        |spot| format!("{}:{}", spot.at.file, spot.at.line),
    )
}

fn summary(finding: &Finding) -> String {
    let leak = &finding.leak.root;
    format!(
        "{} ×{} {} {} by {} [{}] at {} from {}",
        leak.cause.code,
        leak.count,
        word(&leak.verdict),
        leak.owner,
        word(&leak.attribution),
        leak.state.reason,
        at(leak.blocked_at.as_ref()),
        at(leak.started_at.as_ref()),
    )
}
