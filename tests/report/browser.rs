//! The HTML page in a headless Chromium, driven by tests/browser/check.mjs.

use super::{leakgate, read, repository, sample, stderr};
use leakgate::goroutine::{Fingerprint, FuncName};
use leakgate::leak::{CauseCode, TestName};
use leakgate::report::{Gate, PackageStatus, Report, finish};
use std::path::Path;
use std::process::Command;
use support::tools;

#[test]
fn the_page_works_in_a_browser() {
    let (Some(chromium), true) = (tools::chromium(), tools::has("node", &["--version"])) else {
        return;
    };
    let pages = Path::new(env!("CARGO_TARGET_TMPDIR")).join("pages");
    std::fs::create_dir_all(&pages).unwrap();
    let report = read(&sample());
    page(&pages, "sample", &report);
    page(&pages, "clean", &clean(&report));
    page(&pages, "large", &large(&report, 10_000));
    let check = repository().join("tests/browser/check.mjs");
    let output = Command::new("node")
        .arg(check)
        .arg(chromium)
        .arg(&pages)
        .arg(pages.join("shots"))
        .output()
        .unwrap();
    let text = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success(), "{text}\n{}", stderr(&output));
    assert_eq!(text.matches("ok      ").count(), 13, "{text}");
}

fn page(dir: &Path, name: &str, report: &Report) {
    let file = format!("{name}.json");
    std::fs::write(dir.join(&file), serde_json::to_vec(report).unwrap()).unwrap();
    let html = format!("html={name}.html");
    let output = leakgate(dir, &["report", &file, "--format", "short", "--report", &html]);
    assert!(output.status.success(), "{}", stderr(&output));
}

fn clean(report: &Report) -> Report {
    let mut report = report.clone();
    report.findings.clear();
    report.notices.clear();
    report
        .packages
        .retain(|package| package.path.as_str().ends_with("/clean"));
    finish(&mut report, &Gate::default());
    report
}

/// The sample with `n` leaks more, of many tests, owners and causes.
fn large(report: &Report, n: usize) -> Report {
    let mut report = report.clone();
    let mut package = report.packages[4].clone();
    package.path.0 = "example.com/shop/big".to_owned();
    package.status = PackageStatus::Passed;
    let test = package.tests[0].clone();
    package.tests.clear();
    for index in 0..n {
        let mut finding = report.findings[0].clone();
        let leak = &mut finding.leak.root;
        let code = CauseCode::ALL[index % 4];
        leak.fingerprint = Fingerprint(format!("{:016x}", 0x1000_0000_u64 + index as u64));
        leak.package = package.path.clone();
        leak.tests = vec![TestName(format!("TestBig{:05}", index / 2))];
        leak.cause.code = code;
        leak.cause.title = code.as_str().replace('-', " ");
        leak.owner = FuncName(format!("example.com/shop/big.owner{}", index % 97));
        leak.count = 1 + index as u64 % 7;
        leak.first_seen_ms = index as u64;
        if index % 2 == 0 {
            let mut test = test.clone();
            test.name = leak.tests[0].clone();
            (test.start_ms, test.end_ms) = (Some(index as f64), Some(index as f64 + 3.0));
            test.findings = vec![report.findings.len(), report.findings.len() + 1];
            package.tests.push(test);
        }
        report.findings.push(finding);
    }
    report.packages.push(package);
    finish(&mut report, &Gate::default());
    report
}
