//! Command lines that are probably not what was meant: each gets the line to type in its place. Pure.

use crate::cli::setting_flags::{RERUNS, no_effect};
use crate::diag::did_you_mean;
use crate::gotest::flags::is_go_flag;
use clap::CommandFactory;
use std::ffi::OsString;
use std::path::Path;

/// The long flags of a verb.
fn flags_of(verb: &str) -> Vec<String> {
    let command = crate::cli::Cli::command();
    let verb = command.find_subcommand(verb);
    let flags = verb.into_iter().flat_map(clap::Command::get_arguments);
    flags
        .filter_map(clap::Arg::get_long)
        .map(str::to_owned)
        .chain(["help".to_owned()])
        .collect()
}

/// The flag that `name` was probably meant to be: nearly the same, or a part of it (`--exit-code`, `--junit`).
fn meant<'a>(name: &str, flags: &'a [String]) -> Option<&'a str> {
    did_you_mean(name, flags.iter().map(String::as_str)).or_else(|| {
        let part = |flag: &&String| {
            name.len() >= 5 && (flag.starts_with(name) || flag.ends_with(&format!("-{name}")))
        };
        flags.iter().find(part).map(String::as_str)
    })
}

/// What is wrong with the arguments of `go test`, if leakgate's own flags are among them, misplaced or misspelt: go would
/// refuse some and swallow others, and a `--junitfile` that writes no file is a hole in a CI.
pub fn go_args(args: &[OsString], given: &[(&'static str, String)]) -> Result<(), String> {
    let ours = flags_of("test");
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
    if let Some(first) = words.first()
        && let Some((name, _)) = given.iter().rfind(|(name, _)| is_value_of(name, first))
    {
        return Err(format!(
            "`{first}` is taken for a package: write --{name}={first}, without a space, or ./{first} if it is a folder"
        ));
    }
    for word in &words {
        let bare = word.trim_start_matches('-');
        let dashes = word.len() - bare.len();
        let name = bare.split('=').next().unwrap_or(bare);
        if !matches!(dashes, 1 | 2) || name.is_empty() {
            continue;
        }
        let value = &bare[name.len()..];
        let is_ours = ours.iter().any(|flag| flag == name);
        if is_ours && dashes == 2 {
            return Err(format!(
                "--{name} is a flag of leakgate, but it is among the arguments of go test: put it before them \
                 (leakgate test --{name}{value} … ./...), or after -args if it is meant for your tests"
            ));
        }
        if is_go_flag(name) {
            continue;
        }
        if is_ours {
            return Err(format!(
                "unknown flag {word}: leakgate's own flags have two dashes and come first: leakgate test --{name}{value} …"
            ));
        }
        if dashes == 2
            && let Some(meant) = meant(name, &ours)
        {
            return Err(format!(
                "unknown flag --{name}: did you mean --{meant}? (If it is a flag of your tests, write it after -args.)"
            ));
        }
    }
    Ok(())
}

/// Whether `word` is a value of a flag that takes one only with `=`: `--confirm 3`, `--prove on`.
fn is_value_of(name: &str, word: &str) -> bool {
    match name {
        "confirm" => word.parse::<u32>().is_ok(),
        "prove" | "trace" | "sarif-suppressed" => matches!(word, "on" | "off" | "auto"),
        _ => false,
    }
}

/// What is wrong with the command of `leakgate exec` or `run`: a program begins with no dash.
pub fn program(verb: &str, words: &[OsString]) -> Result<(), String> {
    let Some(first) = words.first().map(|word| word.to_string_lossy()) else {
        return Ok(());
    };
    let words: Vec<_> = words.iter().map(|word| word.to_string_lossy()).collect();
    let bare = first.trim_start_matches('-');
    let of_go = bare.len() < first.len() && is_go_flag(bare.split('=').next().unwrap_or(bare));
    if names_packages(&first) || (of_go && words.iter().any(|word| names_packages(word))) {
        return Err(format!(
            "`leakgate {verb}` takes {}; to test packages, write `leakgate test {}`",
            if verb == "run" {
                "a test binary"
            } else {
                "a command"
            },
            words.join(" ")
        ));
    }
    let Some(name) = first.strip_prefix('-') else {
        return Ok(());
    };
    let name = name.trim_start_matches('-').split('=').next().unwrap_or(name);
    Err(match meant(name, &flags_of(verb)) {
        Some(meant) if meant == name => {
            format!("unknown flag {first}: leakgate's flags have two dashes: --{name}")
        }
        Some(meant) => format!("unknown flag {first}: did you mean --{meant}?"),
        None => format!(
            "unknown flag {first}: `leakgate {verb} --help` lists the flags; the command comes after them"
        ),
    })
}

/// What is wrong with files that are read, if a name is none of a file: `leakgate check ./...`.
pub fn files<'a>(verb: &str, files: impl IntoIterator<Item = &'a Path>) -> Result<(), String> {
    let packages = |file: &Path| names_packages(&file.to_string_lossy());
    match files.into_iter().find(|file| packages(file)) {
        Some(file) => Err(format!(
            "`leakgate {verb}` reads files that exist already; to test packages, write `leakgate test {}`",
            file.display()
        )),
        None => Ok(()),
    }
}

/// What is wrong with flags that a verb takes for the sake of one line for all, and that can have no effect there.
pub fn without_effect(verb: &str, given: &[(&'static str, String)]) -> Result<(), String> {
    let idle = given.iter().find(|(name, _)| no_effect(verb, name));
    idle.map_or(Ok(()), |(name, _)| {
        Err(format!(
            "--{name} has no effect on `leakgate {verb}`: {}",
            if RERUNS.contains(name) {
                "it is about tests that leakgate itself chooses and runs, with `leakgate test`"
            } else if *name == "jsonfile" {
                "reports hold no events; give it to the command that runs the tests"
            } else {
                "the tests have run already; give it to the command that runs them"
            }
        ))
    })
}

/// What is wrong with --shard-by without a part to balance; the variables of a CI may be set for all its jobs.
pub fn idle_shard_by(
    reports: usize,
    given: &[(&'static str, String)],
    lookup: impl Fn(&str) -> Option<String>,
) -> Result<(), String> {
    let set = |name: &str| lookup(name).is_some_and(|value| !value.is_empty());
    let shard = given.iter().any(|(name, _)| *name == "shard") || set("LEAKGATE_SHARD");
    if reports == 0 || shard || set("LEAKGATE_SHARD_BY") {
        return Ok(());
    }
    Err(
        "--shard-by has no effect without --shard: it balances the parts, so name one, as in --shard 1/3"
            .to_owned(),
    )
}

/// What was probably meant by arguments that name no command: `leakgate ./...`, `leakgate -race ./...`,
/// `leakgate --quiet test`, `leakgate watch`.
pub fn without_command(args: &[OsString]) -> Option<String> {
    let words: Vec<_> = args.iter().skip(1).map(|word| word.to_string_lossy()).collect();
    let first = words.first()?;
    let verbs = crate::cli::Cli::command();
    if first == "help" || verbs.find_subcommand(first.as_ref()).is_some() {
        return None;
    }
    let all = words.join(" ");
    let bare = first.trim_start_matches('-');
    let name = bare.split('=').next()?;
    let flags = flags_of("test");
    if name == "version" {
        return Some("`leakgate --version` prints the version".to_owned());
    }
    if words.len() == 1 && first == "-v" {
        return Some(
            "`leakgate --version` prints the version; to test as with go's -v, write `leakgate test -v`"
                .to_owned(),
        );
    }
    let (is_flag, is_ours) = (first.starts_with('-'), flags.iter().any(|flag| flag == name));
    if first == "go" {
        return Some("in place of `go test ./...`, write `leakgate test ./...`".to_owned());
    }
    if names_packages(first) || (is_flag && is_go_flag(name) && !is_ours) {
        return Some(format!("to test packages, write `leakgate test {all}`"));
    }
    if is_ours && !is_flag {
        let rest = words[1..].join(" ");
        return Some(format!(
            "there is no command {first}: did you mean `leakgate test --{first} {}`?",
            if rest.is_empty() { "./..." } else { &rest }
        ));
    }
    if !is_flag {
        return None;
    }
    let verb = words
        .iter()
        .find(|word| verbs.find_subcommand(word.as_ref()).is_some());
    let verb = verb.map_or("test", AsRef::as_ref);
    let flags = flags_of(verb);
    let place = |flag: &str| {
        format!(
            "flags come after the command: leakgate {verb} --{flag}{}",
            &bare[name.len()..]
        )
    };
    if flags.iter().any(|flag| flag == name) {
        return Some(place(name));
    }
    let meant = meant(name, &flags)?;
    Some(format!(
        "unknown flag {first}: did you mean --{meant}? And {}",
        place(meant)
    ))
}

/// `./...`, `./store`, `example.com/x/...`, `store_test.go`: what `go test` takes and no test binary is called.
pub fn names_packages(word: &str) -> bool {
    word.contains("...")
        || matches!(word, "." | "..")
        || word.ends_with('/')
        || Path::new(word)
            .extension()
            .is_some_and(|extension| extension == "go")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words(line: &str) -> Vec<OsString> {
        line.split_whitespace().map(OsString::from).collect()
    }

    fn test(line: &str) -> Result<(), String> {
        go_args(&words(line), &[])
    }

    #[test]
    fn each_wrong_line_gets_the_right_one() {
        for (line, meant) in [
            ("--settel=1s ./...", "did you mean --settle?"),
            ("--qiet ./...", "did you mean --quiet?"),
            ("--junit-file x.xml", "did you mean --junitfile?"),
            ("--junit x.xml", "did you mean --junitfile?"),
            ("--exit-code 0", "did you mean --leak-exit-code?"),
            ("--no-tsts=pass ./...", "did you mean --no-tests?"),
            ("--qiet ./...", "after -args"),
            ("./... --quiet", "leakgate test --quiet … ./..."),
            (
                "-race --report=json=x ./...",
                "leakgate test --report=json=x … ./...",
            ),
            ("-quiet ./...", "leakgate test --quiet …"),
            ("-settle=1s ./...", "leakgate test --settle=1s …"),
            ("go test ./...", "leave out `go test`"),
        ] {
            let error = test(line).unwrap_err();
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
            assert_eq!(test(line), Ok(()), "{line}");
        }
    }

    #[test]
    fn a_value_after_a_space_is_not_taken_for_a_package() {
        let bare = [("confirm", "3".to_owned())];
        let error = go_args(&words("5 ./..."), &bare).unwrap_err();
        assert!(error.contains("--confirm=5"), "{error}");
        let error = go_args(&words("off ./..."), &[("trace", "on".to_owned())]).unwrap_err();
        assert!(error.contains("--trace=off"), "{error}");
        assert_eq!(go_args(&words("./..."), &bare), Ok(()));
        assert_eq!(test("5"), Ok(()), "no flag was given that could take it");
    }

    #[test]
    fn a_misspelt_flag_is_not_taken_for_a_program() {
        let said = |verb: &str, line: &str| program(verb, &words(line)).unwrap_err();
        assert!(said("exec", "--qiet -- go test").contains("did you mean --quiet?"));
        assert!(said("run", "--packge x ./a.test").contains("did you mean --package?"));
        assert!(said("run", "-package=x ./a.test").contains("two dashes"));
        assert!(said("exec", "--frobnicate make").contains("leakgate exec --help"));
        assert!(said("exec", "./...").contains("leakgate test ./..."));
        assert!(said("run", "-race ./...").contains("leakgate test -race ./..."));
        assert!(said("run", "a_test.go").contains("leakgate test a_test.go"));
        assert_eq!(program("run", &words("./a.test -test.run=X")), Ok(()));
    }

    #[test]
    fn a_flag_that_would_be_ignored_is_refused() {
        let one = |name: &'static str| [(name, "1".to_owned())];
        for (verb, name) in [
            ("check", "settle"),
            ("merge", "shard"),
            ("exec", "confirm"),
            ("run", "shard"),
            ("merge", "jsonfile"),
        ] {
            let error = without_effect(verb, &one(name)).unwrap_err();
            assert!(error.contains(&format!("--{name}")), "{verb}: {error}");
        }
        for (verb, name) in [
            ("test", "shard"),
            ("exec", "settle"),
            ("check", "late"),
            ("check", "jsonfile"),
        ] {
            assert_eq!(without_effect(verb, &one(name)), Ok(()), "{verb} --{name}");
        }
    }

    #[test]
    fn a_balance_without_parts_is_refused() {
        let none = |_: &str| None;
        let shard = [("shard", "1/2".to_owned())];
        assert!(idle_shard_by(1, &[], none).unwrap_err().contains("--shard 1/3"));
        assert_eq!(idle_shard_by(1, &shard, none), Ok(()));
        assert_eq!(idle_shard_by(0, &[], none), Ok(()));
        for variable in ["LEAKGATE_SHARD", "LEAKGATE_SHARD_BY"] {
            let only = |name: &str| (name == variable).then(|| "1/2".to_owned());
            assert_eq!(idle_shard_by(1, &[], only), Ok(()), "{variable}");
        }
    }

    #[test]
    fn packages_in_place_of_a_file_are_taken_for_a_test() {
        let error = files("check", [Path::new("./...")]).unwrap_err();
        assert!(error.contains("leakgate test ./..."), "{error}");
        assert_eq!(files("check", [Path::new("-"), Path::new("log.json")]), Ok(()));
    }

    #[test]
    fn a_line_without_a_command_is_taken_for_a_test() {
        let meant = |line: &str| without_command(&words(line)).unwrap_or_default();
        for (line, wanted) in [
            ("leakgate ./...", "leakgate test ./..."),
            ("leakgate -race ./...", "leakgate test -race ./..."),
            ("leakgate store_test.go", "leakgate test store_test.go"),
            ("leakgate go test ./...", "leakgate test ./..."),
            ("leakgate watch", "leakgate test --watch ./..."),
            ("leakgate --quiet ./...", "leakgate test --quiet"),
            (
                "leakgate --report=json=x check log",
                "leakgate check --report=json=x",
            ),
            ("leakgate --settel 1s test", "did you mean --settle?"),
            ("leakgate version", "`leakgate --version`"),
            ("leakgate -version", "`leakgate --version`"),
            ("leakgate -v", "`leakgate --version`"),
            ("leakgate -v ./...", "leakgate test -v ./..."),
        ] {
            let said = meant(line);
            assert!(said.contains(wanted), "{line}: {said}");
        }
        for line in [
            "leakgate tset",
            "leakgate",
            "leakgate config foo",
            "leakgate baseline save",
            "leakgate allow lint x",
            "leakgate report --no-colour r.json",
            "leakgate help tset",
        ] {
            assert_eq!(meant(line), "", "{line}");
        }
    }
}
