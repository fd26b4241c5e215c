//! `leakgate config`: the effective settings and where each came from.

use crate::app::Failure;
use crate::app::commands::variables;
use crate::app::output::say::say;
use crate::app::project::config::Config;
use crate::app::project::here::Project;
use crate::app::store::environment;
use crate::cli::project::ConfigArgs;
use crate::exit::ExitCode;
use crate::rules::policy::{LintCode, LintLevel};
use crate::settings::Source;
use serde_json::json;

/// Runs the verb.
pub fn run(args: &ConfigArgs) -> Result<ExitCode, Failure> {
    let config = Config::load(&args.gate, &Project::here()?)?;
    let rows: Vec<Row> = rows(&config, config.rules.name());
    if args.json {
        let all: serde_json::Map<String, serde_json::Value> = rows
            .iter()
            .map(|row| {
                (
                    row.key.clone(),
                    json!({ "value": row.value, "source": row.source }),
                )
            })
            .collect();
        let file = config.rules.path().map(|path| path.display().to_string());
        say(&format!(
            "{:#}\n",
            json!({ "file": file, "settings": all, "allow": config.rules.says.allow.len() })
        ))?;
        return Ok(ExitCode::Clean);
    }
    let file = match config.rules.path() {
        Some(path) => format!(
            "{} ({} [[allow]] entries)",
            path.display(),
            config.rules.says.allow.len()
        ),
        None => "none found; defaults hold".to_owned(),
    };
    let width = |of: fn(&Row) -> &str| {
        rows.iter()
            .map(|row| of(row).chars().count())
            .max()
            .unwrap_or(0)
            .min(40)
    };
    let (keys, values) = (width(|row| &row.key), width(|row| &row.value));
    let mut text = format!("rules file: {file}\n\n");
    for row in &rows {
        text.push_str(&format!(
            "{:keys$}  {:values$}  {}\n",
            row.key, row.value, row.source
        ));
    }
    let names = environment::names();
    let unread = variables::unread(&names);
    if !unread.is_empty() {
        text.push_str(&format!("\nno setting of leakgate: {}\n", unread.join(", ")));
    }
    say(&text)?;
    Ok(ExitCode::Clean)
}

struct Row {
    key: String,
    value: String,
    source: String,
}

fn rows(config: &Config, file: &str) -> Vec<Row> {
    let settings = config
        .settings
        .list()
        .into_iter()
        .map(|(key, value, source)| Row {
            key: format!("{}.{}", key.table, key.name),
            value,
            source: source.show(file),
        });
    let lint = LintCode::ALL.iter().map(|code| {
        let flag = config
            .lint
            .iter()
            .rev()
            .find(|(given, _)| given == code)
            .map(|(_, level)| *level);
        let (level, source) = match (flag, config.rules.says.lint.get(code)) {
            (Some(level), _) => (level, format!("--{level}")),
            (None, Some(level)) => (*level, file.to_owned()),
            (None, None) => (code.default_level(), Source::Default.show(file)),
        };
        Row {
            key: format!("lint.{code}"),
            value: LintLevel::as_str(level).to_owned(),
            source,
        }
    });
    settings.chain(lint).collect()
}
