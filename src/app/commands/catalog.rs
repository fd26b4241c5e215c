//! `leakgate catalog`: the built-in entries with reason, cap and source.

use crate::app::Failure;
use crate::app::output::say::say;
use crate::cli::project::CatalogArgs;
use crate::exit::ExitCode;
use crate::rules::catalog::{Action, Catalog, CatalogChoices, CatalogEntry};
use serde_json::json;

/// Runs the verb.
pub fn run(args: &CatalogArgs) -> Result<ExitCode, Failure> {
    let catalog = Catalog::built_in();
    let found: Vec<&CatalogEntry> = match &args.name {
        Some(name) => match catalog.get(name) {
            Some(entry) => vec![entry],
            None => catalog.search(name),
        },
        None => catalog.entries().iter().collect(),
    };
    if found.is_empty() {
        let name = args.name.as_deref().unwrap_or_default();
        return Err(Failure::Message(format!(
            "the catalog has nothing with `{name}`; `leakgate catalog` lists all"
        )));
    }
    if args.json {
        let all: Vec<serde_json::Value> = found.iter().map(|entry| as_json(entry)).collect();
        say(&format!("{:#}\n", serde_json::Value::from(all)))?;
    } else if args.name.is_some() && found.len() <= 5 {
        say(&found
            .iter()
            .map(|entry| page(entry))
            .collect::<Vec<_>>()
            .join("\n"))?;
    } else {
        say(&list(&found))?;
    }
    Ok(ExitCode::Clean)
}

/// What an action means for whoever reads it.
fn effect(entry: &CatalogEntry) -> &'static str {
    match CatalogChoices::default().action(entry) {
        Some(Action::Ignore) => "background: listed, passes",
        Some(Action::Settle | Action::Note) => "warns: said, passes",
        Some(Action::Hint) if entry.action != Action::Hint => "unchecked: explains, does not pass",
        Some(Action::Hint) => "fails, with this fix",
        Some(Action::Never) => "refused as a rule",
        Some(Action::Dead) => "can't match; lint says so",
        None => "off",
    }
}

fn list(entries: &[&CatalogEntry]) -> String {
    let width = entries.iter().map(|entry| entry.name.len()).max().unwrap_or(0);
    let mut text = String::new();
    for action in Action::ALL {
        for entry in entries.iter().filter(|entry| entry.action == *action) {
            text.push_str(&format!(
                "{:width$}  {:6}  {}\n",
                entry.name,
                action.as_str(),
                entry.functions[0]
            ));
        }
    }
    text.push_str(&format!(
        "\n{} entries; `leakgate catalog NAME` shows one\n",
        entries.len()
    ));
    text
}

fn page(entry: &CatalogEntry) -> String {
    let mut text = format!("{}\n", entry.name);
    let mut line = |title: &str, value: &str| text.push_str(&format!("  {title:9} {value}\n"));
    line("does", &format!("{} ({})", entry.action, effect(entry)));
    for function in &entry.functions {
        line(entry.place.as_str(), function);
    }
    line("module", &entry.module);
    line(
        "lifetime",
        &format!("{}, started: {}", entry.lifetime, entry.started),
    );
    if !entry.started_by.is_empty() {
        line("only of", &entry.started_by.join(", "));
    }
    if let Some(cap) = entry.cap {
        line("cap", &format!("{cap} in one test process"));
    }
    line("reason", &entry.reason);
    if let Some(advice) = &entry.advice {
        line("advice", advice);
    }
    if let Some(source) = &entry.source {
        line("source", source);
    }
    match (entry.is_checked(), &entry.evidence) {
        (true, _) => line(
            "checked",
            &format!("seen in a program that starts it: {}", entry.checked.join("; ")),
        ),
        (false, Some(evidence)) => line("checked", &format!("no; {evidence}")),
        (false, None) => line("checked", "no"),
    }
    text.push_str(&format!(
        "  settings  [catalog] disable = [\"{0}\"], or [catalog.actions] {0} = \"ignore\" | \"note\" | \"hint\"\n",
        entry.name
    ));
    text
}

fn as_json(entry: &CatalogEntry) -> serde_json::Value {
    json!({
        "name": entry.name,
        "action": entry.action.as_str(),
        "effect": effect(entry),
        "where": entry.place.as_str(),
        "functions": entry.functions,
        "module": entry.module,
        "lifetime": entry.lifetime.as_str(),
        "started": entry.started,
        "started-by": entry.started_by,
        "cap": entry.cap,
        "settle_ms": entry.settle_ms,
        "reason": entry.reason,
        "advice": entry.advice,
        "source": entry.source,
        "checked": entry.checked,
        "evidence": entry.evidence,
    })
}
