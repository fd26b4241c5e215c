//! Test binaries that crash, exit early, hide their output or lie: each with its exact verdict, reason and exit code.
//!
//! One table, one package of `tests/testdata/modules/faults` for each row.

#![allow(
    clippy::unwrap_used,
    clippy::disallowed_methods,
    reason = "tests drive processes and files"
)]

mod hostile;
mod run;
mod table;

use table::{FAULTS, Fault};

#[test]
fn each_fault_has_its_verdict() {
    let module = run::module();
    // For whoever works on one of them.
    let only = std::env::var("FAULT").unwrap_or_default();
    let wrong: Vec<String> = FAULTS
        .iter()
        .filter(|fault| fault.package.contains(&only))
        .filter_map(|fault| compare(&module, fault))
        .collect();
    assert!(wrong.is_empty(), "\n{}", wrong.join("\n"));
}

#[test]
fn the_table_and_the_module_name_the_same_packages() {
    let mut told: Vec<&str> = FAULTS.iter().map(|fault| fault.package).collect();
    told.extend(hostile::PACKAGES);
    told.sort_unstable();
    told.dedup();
    assert_eq!(told, run::packages());
}

/// What differs from the table, if anything.
fn compare(module: &run::Module, fault: &Fault) -> Option<String> {
    let ran = match module.leakgate(fault) {
        Ok(ran) => ran,
        Err(why) => return Some(format!("{}: {why}", fault.name())),
    };
    let mut wrong = Vec::new();
    if ran.exit != Some(fault.exit) || i32::from(ran.report.exit_code) != fault.exit {
        wrong.push(format!(
            "exit {:?}, in the report {}",
            ran.exit, ran.report.exit_code
        ));
    }
    let inconclusive = ran
        .report
        .packages
        .iter()
        .find_map(|package| package.inconclusive.as_ref());
    match (fault.inconclusive, inconclusive) {
        (None, None) => {}
        (Some((code, reason)), Some(said)) if said.code == code && said.reason.contains(reason) => {}
        (_, said) => wrong.push(format!("inconclusive: {said:?}")),
    }
    let leaks = run::leaks(&ran.report);
    let told: Vec<(&str, u64)> = leaks
        .iter()
        .map(|(test, count)| (test.as_str(), *count))
        .collect();
    if !fault.leaks.matches(&told) {
        wrong.push(format!("leaks: {told:?}"));
    }
    for text in fault.output {
        if !ran.output.contains(text) {
            wrong.push(format!("the output lacks {text:?}"));
        }
    }
    // Go ≤ 1.23 cannot vet with the shim in place, and leakgate says so.
    let notices: Vec<&str> = ran
        .report
        .notices
        .iter()
        .map(|notice| notice.code.as_str())
        .filter(|code| *code != "vet-off")
        .collect();
    if fault.notice.is_some_and(|code| !notices.contains(&code))
        || (fault.notice.is_none() && !notices.is_empty())
    {
        wrong.push(format!("notices: {notices:?}"));
    }
    (!wrong.is_empty()).then(|| format!("{}: {}", fault.name(), wrong.join("; ")))
}
