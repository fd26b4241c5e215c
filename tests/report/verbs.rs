//! `leakgate report` and `leakgate schema`.

use super::{leakgate, read, repository, sample, stderr, stdout};
use leakgate::report::Format;

#[test]
fn every_format_is_written_to_standard_output_and_to_files() {
    let dir = tempfile::tempdir().unwrap();
    let file = sample().display().to_string();
    for format in Format::ALL {
        let target = format!("{format}=out/{format}.file");
        let output = leakgate(
            dir.path(),
            &["report", &file, "--format", format.name(), "--report", &target],
        );
        assert_eq!(output.status.code(), Some(0), "{format}: {}", stderr(&output));
        assert_eq!(
            output.stdout,
            std::fs::read(dir.path().join(format!("out/{format}.file"))).unwrap()
        );
        assert!(!output.stdout.is_empty(), "{format}");
    }
}

#[test]
fn both_json_forms_are_read_back_also_from_standard_input() {
    let dir = tempfile::tempdir().unwrap();
    let file = sample().display().to_string();
    let lines = leakgate(dir.path(), &["report", &file, "--format", "jsonl"]);
    std::fs::write(dir.path().join("lines.jsonl"), &lines.stdout).unwrap();
    let whole = leakgate(dir.path(), &["report", "lines.jsonl", "--format", "json"]);
    assert_eq!(whole.stdout, std::fs::read(sample()).unwrap());
}

#[test]
fn the_exit_code_is_that_of_the_report_when_asked_for() {
    let dir = tempfile::tempdir().unwrap();
    let file = sample().display().to_string();
    let output = leakgate(dir.path(), &["report", &file, "--quiet", "--exit-code"]);
    assert_eq!(output.status.code(), Some(i32::from(read(&sample()).exit_code)));
}

#[test]
fn what_is_no_report_is_said() {
    let dir = tempfile::tempdir().unwrap();
    let report = |text: &str| {
        std::fs::write(dir.path().join("x.json"), text).unwrap();
        let output = leakgate(dir.path(), &["report", "x.json"]);
        assert_eq!(output.status.code(), Some(2));
        stderr(&output)
    };
    assert_eq!(
        report("{\"schema\":\"leakgate.report/9\"}"),
        "leakgate: x.json: the report's schema is \"leakgate.report/9\"; this leakgate reads \"leakgate.report/2\" and \"leakgate.report/1\"\n"
    );
    assert!(report("").contains("x.json: the file is empty"));
    assert!(report("{\"Action\":\"pass\"}").contains("no leakgate report"));
    let output = leakgate(dir.path(), &["report", "absent.json"]);
    assert!(stderr(&output).starts_with("leakgate: can't read absent.json"));
    assert_eq!(
        leakgate(dir.path(), &["report", "x.json", "--format", "xml"])
            .status
            .code(),
        Some(2)
    );
}

#[test]
fn schemas_are_printed_as_they_are_checked_in() {
    let output = leakgate(repository(), &["schema", "report"]);
    let checked_in = std::fs::read_to_string(repository().join("docs/schema/report.schema.json")).unwrap();
    assert_eq!(stdout(&output), checked_in);
    assert!(stdout(&leakgate(repository(), &["schema", "config"])).starts_with('{'));
}
