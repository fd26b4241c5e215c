//! `leakgate allow test`: which goroutines of a dump an entry is about, and why not the others.

use super::rules_file;
use crate::app::Failure;
use crate::app::output::say::conclude;
use crate::app::project::team_file::TeamFile;
use crate::app::store::reading;
use crate::cli::allow::TryArgs;
use crate::exit::ExitCode;
use crate::goroutine::{self, Goroutine, name};
use crate::report::safe_text::safe_text;
use crate::rules::AllowEntry;
use crate::rules::matching::LeakNames;
use std::path::Path;

/// Goroutines listed of each kind.
const SHOWN: usize = 10;

/// Runs the verb.
pub fn run(args: &TryArgs) -> Result<ExitCode, Failure> {
    let entry = entry(&args.entry, &rules_file(&args.file)?)?;
    let dump = goroutine::parse(&bytes(&args.dump)?);
    if dump.goroutines.is_empty() {
        return Err(Failure::Message(format!(
            "{} holds no goroutine",
            args.dump.display()
        )));
    }
    let mut text = format!("entry: {}\n", entry.title());
    if !entry.package.is_empty() || !entry.test.is_empty() {
        text.push_str("a dump names no test: `package` and `test` are taken as matching\n");
    }
    let (hits, misses): (Vec<&Goroutine>, Vec<&Goroutine>) = dump
        .goroutines
        .iter()
        .partition(|goroutine| misses(&entry, goroutine).is_empty());
    text.push_str(&format!(
        "\nmatches {} of {} goroutines\n",
        hits.len(),
        dump.goroutines.len()
    ));
    for goroutine in hits.iter().take(SHOWN) {
        text.push_str(&format!("  yes  {}\n", line(goroutine)));
    }
    for goroutine in misses.iter().take(SHOWN) {
        let why = self::misses(&entry, goroutine).join(", ");
        text.push_str(&format!("  no   {}\n       differs in {why}\n", line(goroutine)));
    }
    if misses.len() > SHOWN {
        text.push_str(&format!(
            "  and {} more that do not match\n",
            misses.len() - SHOWN
        ));
    }
    let verdict = if hits.is_empty() {
        ExitCode::Leaks
    } else {
        ExitCode::Clean
    };
    Ok(conclude(&text, verdict))
}

/// The entry on a line of the rules file, or as given.
fn entry(given: &str, file: &TeamFile) -> Result<AllowEntry, Failure> {
    if let Ok(line) = given.parse::<u32>() {
        let allow = file.parse(&file.existing()?)?.allow;
        let found = allow.into_iter().rev().find(|entry| entry.place.line <= line);
        return found.ok_or_else(|| Failure::Message(format!("{} has no entry at line {line}", file.name)));
    }
    let text = if given.contains("[[allow]]") {
        given.to_owned()
    } else {
        format!("[[allow]]\n{given}\n")
    };
    let given = TeamFile {
        path: "entry".into(),
        name: "entry".to_owned(),
    };
    let mut allow = given.parse(&text)?.allow;
    allow
        .pop()
        .ok_or_else(|| Failure::Message("no entry is given".to_owned()))
}

fn bytes(path: &Path) -> Result<Vec<u8>, Failure> {
    reading::whole(path, reading::DUMP)
        .map_err(|error| Failure::Message(format!("can't read {}: {error}", path.display())))
}

/// The keys in which a goroutine differs from the entry, with what it has there.
fn misses(entry: &AllowEntry, goroutine: &Goroutine) -> Vec<String> {
    let normal = |func: &str| name::normal(func);
    let stack: Vec<String> = goroutine
        .frames
        .iter()
        .map(|frame| normal(frame.func.as_str()))
        .collect();
    let names = LeakNames {
        top: stack.first().cloned(),
        entry: normal(goroutine::owner(goroutine).as_str()),
        created_by: goroutine
            .created
            .as_ref()
            .map(|created| normal(created.func.as_str())),
        stack,
        own: Vec::new(),
    };
    let has = [
        ("entry", vec![names.entry.clone()]),
        ("created-by", names.created_by.into_iter().collect()),
        ("top", names.top.into_iter().collect()),
        ("any", names.stack),
        ("state", vec![goroutine.state.reason.clone()]),
    ];
    has.iter()
        .filter(|(key, values)| {
            let patterns = entry.patterns(key);
            !patterns.is_empty()
                && !values
                    .iter()
                    .any(|value| patterns.iter().any(|pattern| pattern.matches(value)))
        })
        .map(|(key, values)| match (*key, values.as_slice()) {
            ("any", _) => "any".to_owned(),
            (key, [value]) => format!("{key} = {}", safe_text(value)),
            (key, _) => format!("{key} (it has none)"),
        })
        .collect()
}

fn line(goroutine: &Goroutine) -> String {
    let owner = goroutine::owner(goroutine);
    format!(
        "goroutine {} [{}] {}",
        goroutine.id.0,
        safe_text(&goroutine.state.reason),
        safe_text(owner.as_str())
    )
}
