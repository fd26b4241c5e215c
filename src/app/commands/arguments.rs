//! Command lines that are probably not what was meant: each gets the line to type in its place. Pure.

use crate::diag::did_you_mean;
use crate::gotest::flags::is_go_flag;
use clap::CommandFactory;
use std::ffi::OsString;

/// What is wrong with the arguments of `go test`, if leakgate's own flags are among them, misplaced or misspelt: go would
/// refuse some and swallow others, and a `--junitfile` that writes no file is a hole in a CI.
pub fn go_args(args: &[OsString]) -> Result<(), String> {
    let command = crate::cli::Cli::command();
    let test = command
        .find_subcommand("test")
        .expect("the subcommand is declared");
    let ours: Vec<&str> = test.get_arguments().filter_map(clap::Arg::get_long).collect();
    let words: Vec<_> = args
        .iter()
        .map(|word| word.to_string_lossy())
        .take_while(|word| word != "-args" && word != "--args")
        .collect();
    if let [go, test, ..] = words.as_slice()
        && (go.as_ref(), test.as_ref()) == ("go", "test")
    {
        return Err("leave out `go test`: write `leakgate test ./...`".to_owned());
    }
    for word in &words {
        let bare = word.trim_start_matches('-');
        let dashes = word.len() - bare.len();
        let name = bare.split('=').next().unwrap_or(bare);
        if !matches!(dashes, 1 | 2) || name.is_empty() {
            continue;
        }
        let value = &bare[name.len()..];
        if ours.contains(&name) && dashes == 2 {
            return Err(format!(
                "--{name} is a flag of leakgate, but it is among the arguments of go test: put it before them \
                 (leakgate test --{name}{value} … ./...), or after -args if it is meant for your tests"
            ));
        }
        if is_go_flag(name) {
            continue;
        }
        if ours.contains(&name) {
            return Err(format!(
                "unknown flag {word}: leakgate's own flags have two dashes and come first: leakgate test --{name}{value} …"
            ));
        }
        if dashes == 2
            && let Some(meant) = did_you_mean(name, ours.iter().copied())
        {
            return Err(format!("unknown flag --{name}: did you mean --{meant}?"));
        }
    }
    Ok(())
}

/// What was probably meant by arguments that name no command: `leakgate ./...`, `leakgate -race ./...`.
pub fn without_command(args: &[OsString]) -> Option<String> {
    let words: Vec<_> = args.iter().skip(1).map(|word| word.to_string_lossy()).collect();
    let first = words.first()?;
    let flag = first.starts_with('-') && is_go_flag(first.trim_start_matches('-').split('=').next()?);
    if names_packages(first) || flag {
        return Some(format!(
            "to test packages, write `leakgate test {}`",
            words.join(" ")
        ));
    }
    if first == "go" {
        return Some("in place of `go test ./...`, write `leakgate test ./...`".to_owned());
    }
    None
}

/// `./...`, `./store`, `example.com/x/...`: what `go test` takes and no test binary is called.
pub fn names_packages(word: &str) -> bool {
    word.contains("...") || word == "." || word == ".." || word.ends_with('/')
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words(line: &str) -> Vec<OsString> {
        line.split_whitespace().map(OsString::from).collect()
    }

    #[test]
    fn each_wrong_line_gets_the_right_one() {
        for (line, meant) in [
            ("--settel=1s ./...", "did you mean --settle?"),
            ("--qiet ./...", "did you mean --quiet?"),
            ("--junit-file x.xml", "did you mean --junitfile?"),
            ("--no-tsts=pass ./...", "did you mean --no-tests?"),
            ("./... --quiet", "leakgate test --quiet … ./..."),
            (
                "-race --report=json=x ./...",
                "leakgate test --report=json=x … ./...",
            ),
            ("-quiet ./...", "leakgate test --quiet …"),
            ("-settle=1s ./...", "leakgate test --settle=1s …"),
            ("go test ./...", "leave out `go test`"),
        ] {
            let error = go_args(&words(line)).unwrap_err();
            assert!(error.contains(meant), "{line}: {error}");
        }
    }

    #[test]
    fn what_is_gos_stays_gos() {
        for line in [
            "-race -run X -count=1 ./...",
            "--run=X --race ./...",
            "-test.run=X",
            "./... -args --quiet --settel",
            "-v -short -timeout 5s ./pkg",
            // go says itself that it knows no such flag.
            "--frobnicate",
        ] {
            assert_eq!(go_args(&words(line)), Ok(()), "{line}");
        }
    }

    #[test]
    fn packages_without_a_command_are_taken_for_a_test() {
        let meant = |line: &str| without_command(&words(line)).unwrap_or_default();
        assert!(meant("leakgate ./...").contains("leakgate test ./..."));
        assert!(meant("leakgate -race ./...").contains("leakgate test -race ./..."));
        assert!(meant("leakgate go test ./...").contains("leakgate test ./..."));
        assert_eq!(meant("leakgate tset"), "");
        assert_eq!(meant("leakgate"), "");
    }
}
