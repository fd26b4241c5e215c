//! The reference of every command and flag as Markdown, made from the command line itself: `docs/commands.md`.

use super::gate::GateFlags;
use clap::{Arg, Args as _, Command, CommandFactory};
use std::fmt::Write;

const GATE_FLAGS: &str = "Flags of the gate";

/// The whole page.
pub fn markdown() -> String {
    let mut root = super::Cli::command();
    root.build();
    let mut page = String::from(
        "# Commands\n\nThis page lists every command and flag. The program writes it, and `cargo test --test docs` checks it.\n\
         leakgate's flags are long and come before the arguments of `go test`. Exit codes: [exit-codes.md](exit-codes.md).\n",
    );
    let gate = gate_flags();
    let _ = write!(
        page,
        "\n## {GATE_FLAGS}\n\nEvery command that gates takes these. Most are settings, which \
         [leakgate.toml](configuration.md#keys) can hold too.\n"
    );
    table(&mut page, gate.get_arguments());
    for command in visible(&root) {
        section(&mut page, command, "leakgate", &gate);
    }
    page
}

fn visible(command: &Command) -> impl Iterator<Item = &Command> {
    command
        .get_subcommands()
        .filter(|sub| sub.get_name() != "help" && !sub.is_hide_set())
}

fn gate_flags() -> Command {
    GateFlags::augment_args(Command::default())
}

fn section(page: &mut String, command: &Command, parent: &str, gate: &Command) {
    let name = format!("{parent} {}", command.get_name());
    if command.has_subcommands() {
        for sub in visible(command) {
            section(page, sub, &name, gate);
        }
        return;
    }
    let about = command
        .get_long_about()
        .or(command.get_about())
        .map(ToString::to_string)
        .unwrap_or_default();
    let usage = command.clone().render_usage().to_string();
    let usage = usage.trim_start_matches("Usage: ");
    let _ = write!(page, "\n## `{name}`\n\n{about}\n\n```text\n{usage}\n```\n");
    let shared = |arg: &Arg| gate.get_arguments().any(|flag| flag.get_id() == arg.get_id());
    let takes_gate_flags = gate
        .get_arguments()
        .all(|flag| command.get_arguments().any(|arg| arg.get_id() == flag.get_id()));
    if takes_gate_flags {
        let anchor = GATE_FLAGS.to_lowercase().replace(' ', "-");
        let _ = write!(page, "\nIt takes the [flags of the gate](#{anchor}).\n");
    }
    table(
        page,
        command
            .get_arguments()
            .filter(|arg| !(takes_gate_flags && shared(arg))),
    );
}

fn table<'a>(page: &mut String, args: impl Iterator<Item = &'a Arg>) {
    let mut args = args
        .filter(|arg| !arg.is_hide_set() && arg.get_id() != "help")
        .peekable();
    if args.peek().is_some() {
        page.push_str("\n| argument | meaning |\n| --- | --- |\n");
    }
    for arg in args {
        let _ = writeln!(page, "| {} | {} |", spelling(arg), meaning(arg));
    }
}

fn spelling(arg: &Arg) -> String {
    let values: Vec<&str> = arg
        .get_value_names()
        .unwrap_or_default()
        .iter()
        .map(clap::builder::Str::as_str)
        .collect();
    let takes = arg.get_action().takes_values();
    match arg.get_long() {
        Some(long) if takes && arg.is_require_equals_set() => format!("`--{long}[={}]`", values.join(" ")),
        Some(long) if takes => format!("`--{long} {}`", values.join(" ")),
        Some(long) => format!("`--{long}`"),
        None => format!("`{}`", values.join(" ")),
    }
}

fn meaning(arg: &Arg) -> String {
    let mut text = arg
        .get_long_help()
        .or(arg.get_help())
        .map(ToString::to_string)
        .unwrap_or_default();
    if let Some(env) = arg.get_env().and_then(|env| env.to_str())
        && !text.contains(env)
    {
        let _ = write!(text, " [env: {env}]");
    }
    text.replace('\n', " ").replace('|', "\\|").replace('<', "&lt;")
}
