//! One long flag per setting, made from the registry in `settings`, so that flags, file and documentation agree.

use crate::settings::keys::{KEYS, Key, Scope};
use clap::{Arg, ArgAction, ArgMatches, Args, Command, FromArgMatches};

/// Setting flags as typed: name and value, in registry order.
#[derive(Debug, Clone, Default)]
pub struct SettingFlags {
    /// `("settle", "1s")`; a repeated flag is there once per value.
    pub given: Vec<(&'static str, String)>,
}

/// What a flag means that is given without a value (`--prove`, `--trace`, `--confirm`).
fn value_when_bare(name: &str) -> Option<&'static str> {
    match name {
        "prove" | "trace" => Some("on"),
        "confirm" => Some("3"),
        "sarif-suppressed" => Some("on"),
        _ => None,
    }
}

/// Flags of daily work; `-h` shows them, `--help` shows all.
const DAILY: [&str; 8] = [
    "settle",
    "prove",
    "confirm",
    "format",
    "report",
    "junitfile",
    "baseline",
    "shard",
];

/// Only `leakgate test` chooses tests, or runs some again.
pub const RERUNS: [&str; 3] = ["shard", "confirm", "trace"];

/// Whether a setting of the run can change nothing for a verb: `--shard` where a command of the user's own chooses the
/// tests, `--settle` where they have run already.
pub fn no_effect(verb: &str, name: &str) -> bool {
    let while_running = [
        "settle",
        "prove",
        "labels",
        "hang-dump",
        "kill-grace",
        "max-fails",
    ];
    match verb {
        "exec" | "run" => RERUNS.contains(&name),
        "check" => RERUNS.contains(&name) || while_running.contains(&name),
        "merge" => RERUNS.contains(&name) || while_running.contains(&name) || name == "jsonfile",
        _ => false,
    }
}

/// The flags of a verb without those that it has no use for.
pub fn of_verb(verb: &'static str) -> impl FnMut(Arg) -> Arg {
    move |arg| match no_effect(verb, arg.get_id().as_str()) {
        true => arg.hide(true),
        false => arg,
    }
}

/// What the value of a flag is, in a word.
fn value_name(key: &Key) -> &'static str {
    match key.name {
        "report" => "FORMAT=PATH",
        "junitfile" | "jsonfile" | "baseline" | "summary" => "PATH",
        "post-run-command" => "COMMAND",
        "shard" => "I/N",
        "format" => "FORMAT",
        "color" | "progress" => "WHEN",
        _ => match (key.expected)() {
            expected if expected.starts_with("a duration") => "DURATION",
            expected if expected.starts_with("a whole number") => "N",
            _ => "CHOICE",
        },
    }
}

/// The group of a flag in `--help`, with the table of leakgate.toml that its setting may be in.
fn heading(table: &str) -> &'static str {
    match table {
        "run" => "How tests run (in leakgate.toml: [run])",
        "gate" => "What fails (in leakgate.toml: [gate])",
        _ => "What is printed and written (in leakgate.toml: [output])",
    }
}

fn flags() -> impl Iterator<Item = &'static Key> {
    // `verbosity` has two flags of its own, --quiet and --verbose.
    KEYS.iter()
        .filter(|key| key.scope != Scope::FileOnly && key.name != "verbosity")
}

fn arg(key: &'static Key) -> Arg {
    let expected = (key.expected)();
    let default = (key.default)();
    let mut help = format!("{} [{expected}]", key.about);
    if !default.is_empty() && default != "\"\"" {
        help.push_str(&format!(" [default: {}]", default.trim_matches('"')));
    }
    help.push_str(&format!(" [env: {}]", key.env));
    let arg = Arg::new(key.name)
        .long(key.name)
        .value_name(value_name(key))
        .hide_short_help(!DAILY.contains(&key.name))
        .value_parser(super::value::word)
        .help(key.about)
        .long_help(help)
        .help_heading(heading(key.table))
        .action(if key.name == "report" {
            ArgAction::Append
        } else {
            ArgAction::Set
        });
    match value_when_bare(key.name) {
        Some(bare) => arg
            .num_args(0..=1)
            .require_equals(true)
            .default_missing_value(bare),
        None => arg,
    }
}

impl Args for SettingFlags {
    fn augment_args(command: Command) -> Command {
        flags().fold(command, |command, key| command.arg(arg(key)))
    }

    fn augment_args_for_update(command: Command) -> Command {
        Self::augment_args(command)
    }
}

impl FromArgMatches for SettingFlags {
    fn from_arg_matches(matches: &ArgMatches) -> Result<Self, clap::Error> {
        let given = flags()
            .flat_map(|key| {
                let values = matches.get_many::<String>(key.name).into_iter().flatten();
                values.map(|value| (key.name, value.clone()))
            })
            .collect();
        Ok(Self { given })
    }

    fn update_from_arg_matches(&mut self, matches: &ArgMatches) -> Result<(), clap::Error> {
        *self = Self::from_arg_matches(matches)?;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    #[test]
    fn the_short_help_is_one_screen_and_the_long_one_is_grouped() {
        let mut command = crate::cli::Cli::command();
        let test = command.find_subcommand_mut("test").unwrap();
        let short = test.render_help().to_string();
        assert!(short.lines().count() <= 40, "{short}");
        assert!(short.contains("--report <FORMAT=PATH>") && !short.contains("--kill-grace"));
        let long = test.render_long_help().to_string();
        for heading in ["How tests run", "What fails", "What is printed and written"] {
            assert!(
                long.contains(&format!("\n{heading} (in leakgate.toml")),
                "{heading}: {long}"
            );
        }
        assert!(long.contains("--kill-grace <DURATION>"));
    }

    #[test]
    fn a_verb_shows_no_flag_that_it_has_no_use_for() {
        let mut command = crate::cli::Cli::command();
        for (verb, flag, shown) in [
            ("test", "--shard", true),
            ("exec", "--shard", false),
            ("run", "--confirm", false),
            ("check", "--settle", false),
            ("merge", "--max-fails", false),
            ("exec", "--settle", true),
        ] {
            let help = command
                .find_subcommand_mut(verb)
                .unwrap()
                .render_long_help()
                .to_string();
            assert_eq!(
                help.contains(&format!("{flag} <")) || help.contains(&format!("{flag}[")),
                shown,
                "{verb} {flag}"
            );
        }
    }
}
