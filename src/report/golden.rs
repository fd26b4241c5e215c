//! Each format of the sample report, compared with a file that was read by a person.
//!
//! `SNAPSHOTS=overwrite cargo test --lib report::golden` writes them anew; read the difference before committing it.

use super::{Format, RenderOptions, Report, human, json, sample, short};
use std::io::{self, Write};

fn text(report: &Report, write: impl Fn(&Report, &mut dyn Write) -> io::Result<()>) -> String {
    let mut bytes = Vec::new();
    write(report, &mut bytes).unwrap();
    String::from_utf8(bytes).unwrap()
}

fn golden(name: &str, actual: String) {
    let path = std::path::Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("tests/testdata/golden")
        .join(name);
    let expected = snapbox::Data::read_from(&path, Some(snapbox::data::DataFormat::Text)).raw();
    snapbox::assert_data_eq!(actual, expected);
}

#[test]
fn human() {
    let options = human::HumanOptions::default();
    golden(
        "human.txt",
        text(&sample::report(), |report, out| {
            human::write(report, out, &options)
        }),
    );
}

#[test]
fn human_clean() {
    let options = human::HumanOptions::default();
    golden(
        "human-clean.txt",
        text(&sample::clean(), |report, out| {
            human::write(report, out, &options)
        }),
    );
}

#[test]
fn human_verbose_in_colour() {
    let options = human::HumanOptions {
        verbose: true,
        colour: true,
        width: 80,
        ..Default::default()
    };
    golden(
        "human-verbose.ansi",
        text(&sample::report(), |report, out| {
            human::write(report, out, &options)
        }),
    );
}

#[test]
fn short() {
    golden("short.txt", text(&sample::report(), short::write));
}

#[test]
fn json() {
    golden("report.json", text(&sample::report(), json::write));
}

fn rendered(name: &str, format: Format) {
    let options = RenderOptions::default();
    golden(
        name,
        text(&sample::report(), |report, out| {
            format.write(report, out, &options)
        }),
    );
}

#[test]
fn junit() {
    rendered("junit.xml", Format::Junit);
}

#[test]
fn sarif() {
    rendered("report.sarif", Format::Sarif);
}

#[test]
fn gitlab() {
    rendered("gitlab.json", Format::Gitlab);
}

#[test]
fn md() {
    rendered("report.md", Format::Md);
}

#[test]
fn github() {
    rendered("github.txt", Format::Github);
}

#[test]
fn teamcity() {
    rendered("teamcity.txt", Format::TeamCity);
}

#[test]
fn many_different_leaks_are_shown_in_full_up_to_a_limit() {
    let options = human::HumanOptions {
        full_leaks: 20,
        ..Default::default()
    };
    let written = text(&sample::large(500), |report, out| {
        human::write(report, out, &options)
    });
    assert_eq!(
        written.lines().filter(|line| line.starts_with("LEAK")).count(),
        20
    );
    assert!(written.contains("all 505 leaks, one line each"));
    assert!(written.contains("505 leaks: "));
}
