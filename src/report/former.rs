//! Reports of the former version, `leakgate.report/1`: each finding was a group of equal goroutines, and is read as a leak
//! with that group as its root and without members.

use serde_json::{Map, Value};

/// The former schema's name.
pub(super) const SCHEMA: &str = "leakgate.report/1";

/// What belonged to a finding, and belongs to the leak now; all else is the root's.
const OF_LEAK: [&str; 3] = ["ruling", "allow_entry", "growth"];

/// Turns a whole document into one of this version.
pub(super) fn carry_over(report: &mut Value) {
    let Some(report) = report.as_object_mut() else {
        return;
    };
    report.insert("schema".to_owned(), super::model::SCHEMA.into());
    rename(report, "findings", "leaks");
    for finding in list(report, "leaks") {
        carry_finding_over(finding);
    }
    for package in list(report, "packages") {
        carry_package_over(package);
    }
}

/// Turns one line of a `jsonl` report into one of this version.
pub(super) fn carry_line_over(line: &mut Value) {
    match line.get("type").and_then(Value::as_str) {
        Some("begin") => line["schema"] = super::model::SCHEMA.into(),
        Some("package") => carry_package_over(line),
        Some("finding") => {
            carry_finding_over(line);
            line["type"] = "leak".into();
        }
        _ => {}
    }
}

fn carry_finding_over(finding: &mut Value) {
    let Some(finding) = finding.as_object_mut() else {
        return;
    };
    let kept = |key: &str| OF_LEAK.contains(&key) || key == "type";
    let (leak, root): (Map<_, _>, Map<_, _>) = std::mem::take(finding)
        .into_iter()
        .partition(|(key, _)| kept(key));
    let mut root = root;
    if let Some(words) = root.get_mut("attributed_by") {
        *words = serde_json::json!({ "kind": "told", "words": words.take() });
    }
    *finding = leak;
    finding.insert("root".to_owned(), Value::Object(root));
}

fn carry_package_over(package: &mut Value) {
    let Some(package) = package.as_object_mut() else {
        return;
    };
    for test in list(package, "tests") {
        if let Some(test) = test.as_object_mut() {
            rename(test, "findings", "leaks");
        }
    }
}

fn rename(object: &mut Map<String, Value>, from: &str, to: &str) {
    if let Some(value) = object.remove(from) {
        object.insert(to.to_owned(), value);
    }
}

fn list<'a>(object: &'a mut Map<String, Value>, key: &str) -> impl Iterator<Item = &'a mut Value> {
    object
        .get_mut(key)
        .and_then(Value::as_array_mut)
        .into_iter()
        .flatten()
}

#[cfg(test)]
mod tests {
    use super::super::{Report, sample};
    use crate::leak::attribution::By;

    const WHOLE: &[u8] = include_bytes!("../../tests/testdata/reports/version-1.json");
    const LINES: &[u8] = include_bytes!("../../tests/testdata/reports/version-1.jsonl");

    /// The files were written by the last release with version 1, from the same sample.
    #[test]
    fn a_report_of_the_former_version_is_read_whole_in_both_forms() {
        let whole = Report::read(WHOLE).unwrap();
        assert_eq!(whole, Report::read(LINES).unwrap());
        assert_eq!(whole.schema, "leakgate.report/2");
        let sample = sample::report();
        assert_eq!(whole.findings.len(), 11);
        let first = &whole.findings[0];
        assert_eq!(first.leak.members, []);
        let mut root = sample.findings[0].leak.root.clone();
        let words = "label leakgate=1:TestFetchFirst".to_owned();
        root.attributed_by = By::Told { words };
        assert_eq!(first.leak.root, root);
        assert_eq!(first.leak.growth, sample.findings[0].leak.growth);
        assert_eq!(first.ruling, sample.findings[0].ruling);
        let named: Vec<&[usize]> = whole
            .packages
            .iter()
            .flat_map(|package| &package.tests)
            .map(|test| &test.findings[..])
            .filter(|findings| !findings.is_empty())
            .collect();
        assert_eq!(named[..2], [[0], [1]]);
        assert_eq!(whole.summary.leaked, 2_007);
    }
}
