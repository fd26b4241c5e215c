//! `leakgate allow test`: which goroutines of a dump an entry is about, and why not the others.

use super::{line_of, rules_file};
use crate::app::Failure;
use crate::app::output::say::conclude;
use crate::app::project::team_file::TeamFile;
use crate::app::store::reading;
use crate::cli::allow::TryArgs;
use crate::dumps::{self, Dump, Group};
use crate::exit::ExitCode;
use crate::goroutine::{self, Goroutine, name};
use crate::report::safe_text::safe_text;
use crate::report::words::{plural, thousands};
use crate::rules::AllowEntry;
use crate::rules::matching::LeakNames;
use std::path::Path;

/// Groups of equal goroutines listed of each kind.
const SHOWN: usize = 10;

/// Runs the verb.
pub fn run(args: &TryArgs) -> Result<ExitCode, Failure> {
    let entry = entry(&args.entry, &rules_file(&args.file)?)?;
    let (groups, troubles) = groups(&args.dump)?;
    let mut text: String = troubles.iter().map(|trouble| format!("{trouble}\n")).collect();
    text.push_str(&format!("entry: {}\n", entry.title()));
    if !entry.package.is_empty() || !entry.test.is_empty() {
        text.push_str("a dump names no test: `package` and `test` are taken as matching\n");
    }
    let (hits, misses): (Vec<&Group>, Vec<&Group>) = groups
        .iter()
        .partition(|group| misses(&entry, group.goroutine()).is_empty());
    text.push_str(&format!(
        "\nmatches {} of {}\n",
        thousands(count(&hits)),
        plural(count(&hits) + count(&misses), "goroutine")
    ));
    for group in hits.iter().take(SHOWN) {
        text.push_str(&format!("  yes  {}\n", line(group)));
    }
    for group in misses.iter().take(SHOWN) {
        let why = self::misses(&entry, group.goroutine()).join(", ");
        text.push_str(&format!("  no   {}\n       differs in {why}\n", line(group)));
    }
    if let Some(others) = misses.get(SHOWN..).filter(|others| !others.is_empty()) {
        text.push_str(&format!(
            "  and {} more that do not match\n",
            thousands(count(others))
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
    if let Some(line) = line_of(given, file) {
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

/// Equal goroutines of all dumps of a file, and what could not be read.
fn groups(path: &Path) -> Result<(Vec<Group>, Vec<String>), Failure> {
    let name = path.display();
    let unreadable = |error: &dyn std::fmt::Display| Failure::Message(format!("can't read {name}: {error}"));
    let from = reading::lines(path).map_err(|error| unreadable(&error))?;
    let reading = dumps::read(from).map_err(|error| unreadable(&error))?;
    let missing: u64 = reading.dumps.iter().map(Dump::missing).sum();
    let mut troubles = Vec::new();
    if let Some(error) = &reading.broken {
        troubles.push(format!("{name} could not be read to its end: {error}"));
    }
    if missing > 0 {
        troubles.push(format!(
            "{} of {name} could not be read",
            plural(missing, "goroutine")
        ));
    }
    let groups: Vec<Group> = reading.dumps.into_iter().flat_map(|dump| dump.groups).collect();
    if groups.is_empty() {
        return Err(Failure::Message(format!("{name} holds no goroutine")));
    }
    Ok((groups, troubles))
}

fn count(groups: &[&Group]) -> u64 {
    groups.iter().map(|group| group.count).sum()
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

fn line(group: &Group) -> String {
    let goroutine = group.goroutine();
    let owner = goroutine::owner(goroutine);
    let who = match (group.count, group.ids.first()) {
        (1, Some(id)) => format!("goroutine {}", id.0),
        (count, _) => plural(count, "goroutine"),
    };
    format!(
        "{who} [{}] {}",
        safe_text(&goroutine.state.reason),
        safe_text(owner.as_str())
    )
}
