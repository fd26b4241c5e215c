//! `leakgate doctor`: what the gate needs here, and what to do where that is missing. Edge: prints it.

use crate::app::Failure;
use crate::app::output::say::print;
use crate::app::output::terminal::Terminal;
use crate::app::project::here::Project;
use crate::cli::tools::DoctorArgs;
use crate::exit::ExitCode;
use crate::gotest::cache::CacheEnv;
use crate::gotest::doctor::{Fact, Level, examine};
use crate::gotest::signals::SignalWatch;
use crate::settings::choices::Color;
use anstyle::{AnsiColor, Style};

/// Runs the verb. Exit code 2 when the gate can't work here.
pub fn run(args: &DoctorArgs) -> Result<ExitCode, Failure> {
    let dir = Project::here()?.dir;
    let signals = SignalWatch::install(std::time::Duration::from_secs(5))?;
    let facts = examine(args.go.as_os_str(), &dir, &CacheEnv::from_process(), &signals);
    let worst = facts.iter().map(|fact| fact.level).max().unwrap_or(Level::Bad);
    let verdict = match worst {
        Level::Bad => ExitCode::Usage,
        Level::Good | Level::Limited => ExitCode::Clean,
    };
    if args.json {
        print(json(&facts, worst).as_bytes())?;
        return Ok(verdict);
    }
    let colours = Terminal::look().colours(Color::Auto);
    let mut text = String::new();
    for fact in &facts {
        text.push_str(&line(fact, colours));
    }
    text.push_str(match worst {
        Level::Good => "\nleakgate works here\n",
        Level::Limited => "\nleakgate works here, within the limits above\n",
        Level::Bad => "\nleakgate can't work here until this is fixed\n",
    });
    print(text.as_bytes())?;
    Ok(verdict)
}

fn json(facts: &[Fact], worst: Level) -> String {
    let facts: Vec<serde_json::Value> = facts
        .iter()
        .map(|fact| {
            serde_json::json!({
                "subject": fact.subject,
                "level": word(fact.level),
                "found": fact.found,
                "remedy": fact.remedy,
            })
        })
        .collect();
    let whole = serde_json::json!({ "works": worst != Level::Bad, "level": word(worst), "facts": facts });
    format!("{whole:#}\n")
}

/// As the JSON names it.
fn word(level: Level) -> &'static str {
    match level {
        Level::Good => "ok",
        Level::Limited => "limit",
        Level::Bad => "bad",
    }
}

fn line(fact: &Fact, colours: bool) -> String {
    let (word, colour) = match fact.level {
        Level::Good => ("ok", AnsiColor::Green),
        Level::Limited => ("limit", AnsiColor::Yellow),
        Level::Bad => ("BAD", AnsiColor::Red),
    };
    let style = if colours {
        colour.on_default()
    } else {
        Style::new()
    };
    let found = fact.found.replace('\n', "\n                 ");
    let mut text = format!("{style}{word:<6}{style:#} {:<9} {found}\n", fact.subject);
    if let Some(remedy) = &fact.remedy {
        text.push_str(&format!("                 → {remedy}\n"));
    }
    text
}
