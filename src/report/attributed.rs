//! How a leak was tied to its tests, in words. The facts are in [`By`].

use super::safe_text::{NAME_LIMIT, safe_name};
use super::words::tests;
use crate::leak::attribution::by::Reused;
use crate::leak::attribution::{By, CodePlace, LabelRead};
use crate::leak::{Group, TestName};

/// One phrase without a full stop: `by label: leakgate=7:TestA`.
pub fn attribution(leak: &Group) -> String {
    let facts = facts(&leak.attributed_by, &leak.tests);
    match &leak.attributed_by {
        By::Told { words } if words.is_empty() => {
            format!("by {}", super::words::attribution_kind(leak.attribution))
        }
        By::Label { .. } => format!("by label: {}", facts.trim_start_matches("label ")),
        by => match by.attribution(leak.tests.len()) {
            crate::leak::Attribution::Package => format!("to the package: {facts}"),
            kind => format!("by {}: {facts}", super::words::attribution_kind(kind)),
        },
    }
}

fn facts(by: &By, named: &[TestName]) -> String {
    let several = named.len() > 1;
    match by {
        By::Label { seq, test, read } => {
            let seq = seq.map_or_else(String::new, |seq| format!("{seq}:"));
            let read = match read {
                LabelRead::Header => "",
                LabelRead::Profile => ", read from the goroutine profile",
                LabelRead::Shared => {
                    ", read from the goroutine profile, as one of equal goroutines of several tests"
                }
            };
            format!("label leakgate={seq}{}{read}", name(&test.0))
        }
        By::Lineage {
            creator,
            parent,
            test_goroutine,
            test,
        } => {
            let creator = creator
                .as_ref()
                .map_or("?".into(), |creator| name(creator.as_str()));
            let own = match parent == test_goroutine {
                true => format!("{}'s own", name(&test.0)),
                false => format!(
                    "a descendant of {}'s goroutine {}",
                    name(&test.0),
                    test_goroutine.0
                ),
            };
            format!("created by {creator} in goroutine {}, {own}", parent.0)
        }
        By::Object { address, goroutine } => {
            format!(
                "it works on the object at {}, as goroutine {} of this test does",
                name(address),
                goroutine.0
            )
        }
        By::Code { func, place, beside } => {
            let func = name(func.as_str());
            let says = match place {
                CodePlace::Entry => format!("it begins in {func}"),
                CodePlace::Stack => format!("{func} is on its stack"),
                CodePlace::Creator => format!("it was started in {func}"),
                CodePlace::Named => format!("only this test's function names {func}, in which it begins"),
            };
            match beside {
                Some(beside) => format!("{says} ({})", facts(beside, &[])),
                None => says,
            }
        }
        By::Window { from_ms, to_ms } => {
            let ran = match named {
                [] => String::new(),
                _ => format!(", while {} ran", list(named)),
            };
            let any = if several {
                "; any of these tests may have started it"
            } else {
                ""
            };
            format!("first seen between {from_ms} and {to_ms} ms{ran}{any}")
        }
        By::Timer {
            from_ms,
            to_ms,
            ran,
            begun,
        } => {
            let while_ran = match ran.is_empty() {
                true => "when no test ran".to_owned(),
                false => format!("while {} ran", list(ran)),
            };
            let who = match begun {
                0 => "; no test had begun".to_owned(),
                1 => "; no other test had begun".to_owned(),
                begun => format!("; any of the {begun} tests that had begun by then may have set the timer"),
            };
            format!("a timer's callback, first seen between {from_ms} and {to_ms} ms, {while_ran}{who}")
        }
        By::Moved {
            started,
            before,
            from_ms,
            to_ms,
        } => format!(
            "started by {}, after whose end it was idle [{}] at {from_ms} ms; in use since {to_ms} ms or before, while {} ran",
            name(&started.0),
            name(before),
            list(named)
        ),
        By::Reused {
            started,
            from_ms,
            to_ms,
            later,
            what,
        } => {
            let what = match what {
                Reused::Connection => "a connection of an HTTP client",
                Reused::Worker => "a worker that takes jobs from a channel",
            };
            let who = match named {
                [] => "too many of them may have left it in use to name them".to_owned(),
                [only] => format!("by its source only {} can have left it in use", name(&only.0)),
                _ => "any of the tests named may have left it in use".to_owned(),
            };
            format!(
                "{what}, started by {}; {later} later {} ran before it was looked at again, between {from_ms} and {to_ms} ms; {who}",
                name(&started.0),
                if *later == 1 { "test" } else { "tests" },
            )
        }
        By::NoTest { from_ms, to_ms } => {
            format!("first seen between {from_ms} and {to_ms} ms, when no test ran")
        }
        By::Runs { goroutine } if several => {
            format!(
                "goroutine {} runs one of these tests, or what it started",
                goroutine.0
            )
        }
        By::Runs { goroutine } => format!("goroutine {} runs {}", goroutine.0, list(named)),
        By::Bubble { bubble } => format!("in synctest bubble {bubble}, which is the test's"),
        By::Beside { goroutine } => {
            format!(
                "it works on the same object as goroutine {}, in which the test is stuck",
                goroutine.0
            )
        }
        By::WaitsFor { goroutine } => {
            format!("it waits for goroutine {}, which is of this test", goroutine.0)
        }
        By::Running if several => "these tests ran when the process died".to_owned(),
        By::Running => "no other test ran when the process died".to_owned(),
        By::TestMain => "goroutine 1 runs TestMain".to_owned(),
        By::Dump => "a dump names no test".to_owned(),
        By::Told { words } => name(words),
    }
}

fn list(names: &[TestName]) -> String {
    match names {
        [] => "no test".to_owned(),
        names => tests(names).replace(" or ", " and "),
    }
}

fn name(text: &str) -> String {
    safe_name(text, NAME_LIMIT)
}
