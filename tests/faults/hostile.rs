//! Output, names and panic values that mean to steer the terminal, the CI or the reader of a report.

use crate::run;
use std::collections::BTreeMap;
use std::fs;

/// Fail, leak and panic with all of that in their words and names.
pub const PACKAGES: [&str; 2] = ["hostile", "hostilepanic"];

/// Runs one of the two packages with every report; gives what was printed and every report by its format.
fn reports(module: &run::Module, package: &str, flags: &[&str]) -> (String, BTreeMap<&'static str, String>) {
    const FORMATS: [&str; 7] = ["json", "jsonl", "junit", "sarif", "gitlab", "html", "md"];
    let place = tempfile::tempdir().unwrap();
    let path = |format: &str| place.path().join(format);
    let mut command = module.command();
    let (verbose, ours): (Vec<&str>, Vec<&str>) = flags.iter().partition(|flag| **flag == "-v");
    command.arg("test").args(ours);
    for format in FORMATS {
        command.arg(format!("--report={format}={}", path(format).display()));
    }
    let output = command
        .args(verbose)
        .args(["-count=1", &format!("./{package}")])
        .output()
        .unwrap();
    assert_eq!(output.status.code(), Some(1), "{package} fails");
    let printed = String::from_utf8([output.stdout, output.stderr].concat()).unwrap();
    let read = |format| (format, fs::read_to_string(path(format)).unwrap());
    (printed, FORMATS.into_iter().map(read).collect())
}

/// What acts on a terminal, beside line ends, tabs and colours.
fn steering(text: &str) -> Vec<char> {
    let (first, rest) = text.split_once("\u{1b}[").unwrap_or((text, ""));
    let sequences = rest.split("\u{1b}[").map(|part| {
        let numbers = part.trim_start_matches(|c: char| c.is_ascii_digit() || c == ';');
        numbers.strip_prefix('m').unwrap_or("\u{1b}")
    });
    let text: String = std::iter::once(first)
        .chain(sequences.filter(|_| !rest.is_empty()))
        .collect();
    let acts = |c: &char| (c.is_control() && !"\n\t".contains(*c)) || *c == '\u{202e}';
    text.chars().filter(acts).collect()
}

#[test]
fn nothing_steers_a_terminal() {
    let module = run::module();
    for package in PACKAGES {
        for flags in [
            &["--color=never"][..],
            &["--color=always"],
            &["--color=always", "-v"],
            &["--format=short", "--color=always"],
        ] {
            let (printed, _) = reports(&module, package, flags);
            let found = steering(&printed);
            assert!(found.is_empty(), "{package} {flags:?}: {found:?}\n{printed}");
            assert!(
                printed.contains("owned"),
                "{package} {flags:?}: what it said is shown"
            );
        }
    }
}

#[test]
fn no_line_of_a_test_is_a_command_of_the_ci() {
    let module = run::module();
    for package in PACKAGES {
        let (printed, _) = reports(&module, package, &["--annotations=github", "-v"]);
        let commands: Vec<&str> = support::heard_by_github(&printed)
            .into_iter()
            .map(str::trim_start)
            .filter(|line| line.starts_with("::") && *line != "::endgroup::")
            .collect();
        assert!(!commands.is_empty());
        for command in commands {
            assert!(
                command.starts_with("::error title=leakgate")
                    || command.starts_with("::error file=hostile")
                    || command.starts_with("::group::"),
                "{command}"
            );
            assert!(!command[2..].contains("::error file=a.go"), "{command}");
        }
        let (printed, _) = reports(&module, package, &["--annotations=teamcity", "-v"]);
        for message in printed.split("##teamcity[").skip(1) {
            assert!(!message.starts_with("message"), "{message}");
        }
        assert!(printed.contains("## teamcity[message"), "what it said is shown");
    }
}

#[test]
fn every_report_is_well_formed_and_escaped() {
    let module = run::module();
    for package in PACKAGES {
        let (_, reports) = reports(&module, package, &[]);
        for (format, text) in &reports {
            let controls: Vec<char> = text
                .chars()
                .filter(|c| c.is_control() && *c != '\n' && *c != '\t')
                .collect();
            assert!(controls.is_empty(), "{package} {format}: {controls:?}");
        }
        for format in ["json", "sarif", "gitlab"] {
            serde_json::from_str::<serde_json::Value>(&reports[format]).unwrap();
        }
        for line in reports["jsonl"].lines() {
            serde_json::from_str::<serde_json::Value>(line).unwrap();
        }
        let mut xml = quick_xml::Reader::from_str(&reports["junit"]);
        while xml.read_event().unwrap() != quick_xml::events::Event::Eof {}
        for format in ["html", "md"] {
            assert!(!reports[format].contains("<script>alert"), "{package} {format}");
            assert!(!reports[format].contains('\u{202e}'), "{package} {format}");
        }
    }
}
