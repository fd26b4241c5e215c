//! A crash log, explained as `leakgate test` explains one: who brought the process down, which tests are stuck and on what.

use super::model::Dump;
use super::view::CrashView;
use crate::go_source::GoFiles;
use crate::goroutine::name;
use crate::leak::crash::{self, Crash, CrashInput, Culprit};
use crate::leak::{Leak, ModuleInfo, Spot, TestName};
use crate::package_path::PackagePath;
use crate::report::{Finding, human, words};
use crate::rules::{Ruling, RulingKind};

/// Stuck goroutines that are written out.
const MAX_STUCK: usize = 10;

/// Reads the crash of a dump; `None` if it is none.
pub fn explain(dump: &Dump, module: &ModuleInfo, sources: &GoFiles) -> Option<CrashView> {
    let output = dump.crash.as_deref()?;
    let package = dump.package.clone().filter(|package| !package.is_empty());
    let creator = creating_test(dump);
    let package = package
        .or_else(|| under_test(dump))
        .or_else(|| creator.as_ref().map(|(package, _)| package.clone()));
    let package = PackagePath(package.unwrap_or_default());
    let running: Vec<TestName> = dump.running.iter().cloned().map(TestName).collect();
    // No stream of events says what failed: a test that started the goroutine did.
    let failed: Vec<TestName> = creator.into_iter().map(|(_, test)| test).collect();
    let crash = crash::read(&CrashInput {
        package: &package,
        output,
        running: &running,
        failed: &failed,
        module,
        sources,
    })?;
    let of_tests = dump.groups.iter().any(|group| {
        group
            .goroutine()
            .frames
            .iter()
            .any(|frame| frame.func.as_str().starts_with("testing."))
    });
    let mut lines: Vec<String> = crash.culprit.iter().flat_map(culprit_lines).collect();
    if output.len() >= Dump::MAX_CRASH {
        lines.push(format!(
            "Explained from the first {} MiB of the crash.",
            Dump::MAX_CRASH >> 20
        ));
    }
    if crash.headline.is_of_waiting() && !of_tests {
        lines.push("No test ran: the groups below say what each goroutine waits for.".to_owned());
    }
    Some(CrashView {
        headline: output
            .lines()
            .find(|line| line.contains(&crash.headline.text))
            .unwrap_or(&crash.headline.text)
            .to_owned(),
        lines,
        stuck: if of_tests { stuck(crash) } else { String::new() },
    })
}

/// Package and name of the test whose function started a goroutine.
fn creating_test(dump: &Dump) -> Option<(String, TestName)> {
    dump.groups.iter().find_map(|group| {
        let func = group.goroutine().created.as_ref()?.func.as_str();
        let package = name::package(func);
        let test = func.get(package.len() + 1..)?.split('.').next()?;
        let after = test.strip_prefix("Test")?.chars().next();
        let path = name::import_path(func);
        after.is_none_or(|c| !c.is_lowercase()).then(|| {
            (
                path.strip_suffix("_test").unwrap_or(&path).to_owned(),
                TestName(test.to_owned()),
            )
        })
    })
}

/// The package whose tests ran, by the frames above those of package testing.
fn under_test(dump: &Dump) -> Option<String> {
    let frames = dump.groups.iter().map(|group| &group.goroutine().frames);
    let tests = frames.filter_map(|frames| {
        let runner = frames
            .iter()
            .position(|frame| frame.func.as_str() == "testing.tRunner")?;
        let path = name::import_path(frames.get(runner.checked_sub(1)?)?.func.as_str());
        (path != "testing").then(|| path.strip_suffix("_test").unwrap_or(&path).to_owned())
    });
    tests.into_iter().next()
}

fn culprit_lines(culprit: &Culprit) -> Vec<String> {
    let place = |spot: &Spot| format!("{} ({})", words::place(spot), spot.func);
    let who = match (&culprit.tests[..], culprit.is_test_goroutine) {
        ([test], true) => format!("{test} brought the process down"),
        ([test], false) => format!("A goroutine that {test} started brought the process down"),
        _ => format!("Goroutine {} brought the process down", culprit.id.0),
    };
    let mut lines = vec![match &culprit.at {
        Some(spot) => format!("{who} at {}.", place(spot)),
        None => format!("{who}."),
    }];
    lines.extend(
        culprit
            .started_at
            .as_ref()
            .map(|spot| format!("It was started at {}.", place(spot))),
    );
    lines
}

fn stuck(crash: Crash) -> String {
    let count = crash.stuck.len();
    let mut text = String::new();
    for root in crash.stuck.into_iter().take(MAX_STUCK) {
        text.push_str(&human::finding_text(&Finding {
            leak: Leak::alone(root),
            ruling: Ruling {
                kind: RulingKind::Fails,
                because: None,
                rule: None,
                owner: None,
                expires: None,
                issue: None,
            },
            allow_entry: None,
        }));
        text.push('\n');
    }
    if count > MAX_STUCK {
        text.push_str(&format!(
            "and {}\n",
            words::plural((count - MAX_STUCK) as u64, "more stuck goroutine")
        ));
    }
    text
}
