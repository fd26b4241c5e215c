//! A command line that the parser refuses, in the form of every other error: what is wrong, and what to do. Pure.

use crate::cli::Cli;
use crate::diag::did_you_mean;
use clap::CommandFactory;
use clap::error::{ContextKind, ContextValue, ErrorKind};
use std::ffi::OsString;

/// What is wrong with the command line `args`.
pub fn refused(error: &clap::Error, args: &[OsString]) -> String {
    let verb = verb(args);
    let help = match verb.as_str() {
        "" => "leakgate --help".to_owned(),
        verb => format!("leakgate {verb} --help"),
    };
    match (error.kind(), text(error, ContextKind::InvalidArg)) {
        (ErrorKind::UnknownArgument, Some(flag))
            if matches!(flag.as_str(), "--no-color" | "--color") && !verb.is_empty() =>
        {
            format!("unknown flag {flag}: `leakgate {verb}` writes no colours, so leave it out")
        }
        (ErrorKind::UnknownArgument, Some(flag)) if flag.starts_with('-') => {
            match text(error, ContextKind::SuggestedArg) {
                Some(meant) => format!("unknown flag {flag}: did you mean {meant}?"),
                None => format!("unknown flag {flag}: `{help}` lists the flags"),
            }
        }
        (ErrorKind::UnknownArgument, Some(word)) => {
            format!("`leakgate {verb}` takes no argument `{word}`: see `{help}`")
        }
        (ErrorKind::InvalidSubcommand, _) => {
            let typed = text(error, ContextKind::InvalidSubcommand).unwrap_or_default();
            let root = Cli::command();
            let command = command(&root, &verb).unwrap_or(&root);
            let known = command.get_subcommands().map(clap::Command::get_name);
            let meant = did_you_mean(&typed, known).map(str::to_owned);
            let meant = meant.or_else(|| text(error, ContextKind::SuggestedSubcommand));
            match meant {
                Some(meant) => format!("there is no command `{typed}`: did you mean `{meant}`?"),
                None => format!("there is no command `{typed}`: `{help}` lists the commands"),
            }
        }
        (ErrorKind::MissingRequiredArgument, Some(missing)) => {
            let usage = text(error, ContextKind::Usage).unwrap_or_default();
            let usage = usage.trim().trim_start_matches("Usage: ");
            match choices(&verb, &missing) {
                Some(choices) => format!("missing {missing}: write `{usage}`, with {choices} as {missing}"),
                None => format!("missing {missing}: write `{usage}` (`{help}` says more)"),
            }
        }
        (ErrorKind::InvalidValue, Some(of)) if valid(error).is_some() => {
            let typed = text(error, ContextKind::InvalidValue).unwrap_or_default();
            let meant = text(error, ContextKind::SuggestedValue)
                .map(|meant| format!("; did you mean {meant}?"))
                .unwrap_or_default();
            let choices = valid(error).unwrap_or_default();
            format!("{of} is {choices}, not `{typed}`{meant}")
        }
        // The parser's own words, without its advice, which differs from one error to the next.
        _ => {
            let words = error.render().to_string();
            let words = words.split("\n\nUsage:").next().unwrap_or_default();
            let words = words.split("\n\nFor more information").next().unwrap_or_default();
            let words = words.trim_start_matches("error: ").trim_end();
            format!("{words}\n  `{help}` says more")
        }
    }
}

/// `report or config`.
fn one_of(names: &[String]) -> Option<String> {
    let (last, before) = names.split_last()?;
    Some(match before {
        [] => last.clone(),
        _ => format!("{} or {last}", before.join(", ")),
    })
}

/// The values that the flag or operand of an error takes, where they are few and known.
fn valid(error: &clap::Error) -> Option<String> {
    match error.get(ContextKind::ValidValue)? {
        ContextValue::Strings(values) => one_of(values),
        _ => None,
    }
}

/// The command at the end of `verb`, `allow add`.
fn command<'a>(root: &'a clap::Command, verb: &str) -> Option<&'a clap::Command> {
    let mut words = verb.split_whitespace();
    words.try_fold(root, |command, word| command.find_subcommand(word))
}

/// The values that the operand `missing` of a command takes, where they are few and known.
fn choices(verb: &str, missing: &str) -> Option<String> {
    let root = Cli::command();
    let mut operands = command(&root, verb)?.get_positionals();
    let operand = operands.find(|operand| operand.to_string() == missing)?;
    let values = operand.get_possible_values();
    let names: Vec<String> = values.iter().map(|value| value.get_name().to_owned()).collect();
    one_of(&names)
}

/// The command as typed: `allow add`.
fn verb(args: &[OsString]) -> String {
    let mut command = Cli::command();
    let mut path = Vec::new();
    for word in args.iter().skip(1).map(|word| word.to_string_lossy()) {
        match command.find_subcommand(word.as_ref()) {
            Some(sub) => {
                path.push(word.into_owned());
                command = sub.clone();
            }
            None if word.starts_with('-') => {}
            None => break,
        }
    }
    path.join(" ")
}

fn text(error: &clap::Error, kind: ContextKind) -> Option<String> {
    match error.get(kind)? {
        ContextValue::String(text) => Some(text.clone()),
        ContextValue::Strings(texts) if !texts.is_empty() => Some(texts.join(" and ")),
        ContextValue::StyledStr(text) => Some(text.to_string()),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::Parser;

    #[test]
    fn each_refused_line_says_what_is_wrong_and_what_to_do() {
        for (line, wanted) in [
            ("leakgate tst", "no command `tst`: did you mean `test`?"),
            ("leakgate frobnicate", "`leakgate --help` lists the commands"),
            ("leakgate chekc", "no command `chekc`: did you mean `check`?"),
            (
                "leakgate baseline wrte",
                "no command `wrte`: did you mean `write`?",
            ),
            ("leakgate allow ad", "no command `ad`: did you mean `add`?"),
            ("leakgate help tets", "no command `tets`: did you mean `test`?"),
            (
                "leakgate check --settel x log",
                "unknown flag --settel: did you mean --settle?",
            ),
            ("leakgate report x.json --formt md", "did you mean --format?"),
            (
                "leakgate merge --zzz a",
                "`leakgate merge --help` lists the flags",
            ),
            (
                "leakgate doctor ./...",
                "`leakgate doctor` takes no argument `./...`",
            ),
            (
                "leakgate merge",
                "missing <FILE>...: write `leakgate merge <FILE>...`",
            ),
            ("leakgate allow add abc", "missing --reason <TEXT>"),
            (
                "leakgate test --settle",
                "a value is required for '--settle <DURATION>'",
            ),
            (
                "leakgate ide emacs",
                "<EDITOR> is vscode, goland or neovim, not `emacs`",
            ),
            ("leakgate schema reprot", "did you mean report?"),
            ("leakgate schema", "with report or config as <OF>"),
            ("leakgate completions", "powershell or zsh as <SHELL>"),
            ("leakgate report x --format pdf", "`pdf` is no format"),
            ("leakgate config foo", "`leakgate config` takes no argument `foo`"),
            ("leakgate baseline save", "`leakgate baseline --help` lists"),
            ("leakgate dump --no-color d.txt", "writes no colours"),
            ("leakgate explain --color=never", "writes no colours"),
            ("leakgate test --junitfile -race", "looks like a flag"),
            ("leakgate test --verbose --quiet", "cannot be used with"),
            ("leakgate test --quiet=yes", "`leakgate test --help` says more"),
        ] {
            let args: Vec<OsString> = line.split(' ').map(OsString::from).collect();
            let said = refused(&Cli::try_parse_from(&args).unwrap_err(), &args);
            assert!(said.contains(wanted), "{line}: {said}");
            assert!(
                !said.contains("error:") && !said.contains("Usage:"),
                "{line}: {said}"
            );
        }
    }
}
