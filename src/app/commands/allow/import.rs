//! `leakgate allow import`: reads the ignore lists of other checkers.

use super::{add, entries, rules_file};
use crate::app::Failure;
use crate::app::output::say::say;
use crate::app::project::code_facts;
use crate::app::project::exemption_lists;
use crate::app::project::here::Project;
use crate::app::project::rulebook;
use crate::app::project::team_file::{TeamFile, refuse_in_ci};
use crate::app::store::reading;
use crate::cli::allow::ImportArgs;
use crate::exit::ExitCode;
use crate::goroutine::name;
use crate::report::safe_text::safe_text;
use crate::rules::catalog::{Action, Catalog, CatalogChoices};
use crate::rules::import::{self, Dropped, Entry, Imported, Source};
use crate::rules::lint::{Facts, Lint};
use crate::rules::policy::{LintCode, Policy};
use indexmap::IndexMap;
use std::path::{Path, PathBuf};

/// Lists longer than this many bytes are not read.
const LARGEST: u64 = 4 << 20;

/// Runs the verb.
pub fn run(args: &ImportArgs) -> Result<ExitCode, Failure> {
    let file = rules_file(&args.file)?;
    if args.write {
        refuse_in_ci(args.how.in_ci, &file.name)?;
    }
    file.parse(&file.text()?.unwrap_or_default())?;
    let found = read_all(&args.folders, &file.root())?;
    let wishes = add::wishes(&args.entry)?;
    let mut keep = Vec::new();
    let mut out = String::new();
    for (entry, text, why) in judged(&file, &found, &wishes)? {
        match why {
            None => {
                out.push_str(&real_leaks(&entry).unwrap_or_default());
                keep.push(text);
            }
            Some(why) => out.push_str(&format!(
                "left out: {} {}\n  at {}\n  {why}\n",
                entry.key,
                safe_text(&entry.pattern),
                places(&entry.places)
            )),
        }
    }
    out.push_str(&dropped(&found.dropped));
    if !out.is_empty() {
        out.push('\n');
    }
    say(&out)?;
    if keep.is_empty() {
        say("no entry to carry over\n")?;
        return Ok(ExitCode::Clean);
    }
    // What was carried over before stays as people have made it.
    add::write_texts(&file, &keep, !args.write)?;
    let rest = if args.write { "" } else { "; --write adds them" };
    say(&format!(
        "\n{} to carry over from {} calls{rest}\n",
        entries(keep.len()),
        found.ignored.len()
    ))?;
    Ok(ExitCode::Clean)
}

/// What is not carried over: calls of one name and reason together.
fn dropped(all: &[Dropped]) -> String {
    let name = |what: &str| what.split('(').next().unwrap_or(what).to_owned();
    let mut groups: IndexMap<(String, &str), Vec<&Dropped>> = IndexMap::new();
    for one in all {
        groups.entry((name(&one.what), &one.why)).or_default().push(one);
    }
    let show = |((name, why), group): (&(String, &str), &Vec<&Dropped>)| {
        let what = match group.as_slice() {
            [one] => one.what.clone(),
            several => format!("{name} ({} times)", several.len()),
        };
        let at: Vec<Source> = group.iter().map(|one| one.at.clone()).collect();
        format!("left out: {}\n  at {}\n  {why}\n", safe_text(&what), places(&at))
    };
    groups.iter().map(show).collect()
}

/// Entries that let a real leak pass whose fix is known.
fn real_leaks(entry: &Entry) -> Option<String> {
    let normal = name::normal(&entry.pattern);
    let known = Catalog::built_in().naming(&normal, Action::Hint).next()?;
    let advice = known.advice.as_deref()?;
    Some(format!(
        "look at: {} {} is a leak with a fix: {advice}\n",
        entry.key,
        safe_text(&entry.pattern)
    ))
}

fn places(places: &[Source]) -> String {
    let shown: Vec<String> = places.iter().take(3).map(ToString::to_string).collect();
    let more = places.len().saturating_sub(3);
    if more > 0 {
        format!("{} and {more} more", shown.join(", "))
    } else {
        shown.join(", ")
    }
}

/// Each entry with its text, and why it is not worth carrying over.
fn judged(
    file: &TeamFile,
    found: &Imported,
    wishes: &crate::rules::suggest::Wishes,
) -> Result<Vec<(Entry, String, Option<String>)>, Failure> {
    let list = import::entries(&found.ignored);
    let mut parsed = Vec::new();
    for entry in list {
        let text = entry.text(wishes.owner.as_deref(), wishes.issue.as_deref(), wishes.expires);
        let read = crate::settings::file::read(&text);
        parsed.push((entry, text, read));
    }
    let good: Vec<crate::rules::AllowEntry> = parsed
        .iter()
        .filter_map(|(.., read)| read.as_ref().ok())
        .flat_map(|read| read.allow.clone())
        .collect();
    let facts = code_facts::gather(&file.root(), &good);
    Ok(parsed
        .into_iter()
        .map(|(entry, text, read)| {
            let why = match read {
                Ok(read) => refusal(&read.allow, &facts),
                Err(problems) => problems.first().map(|problem| {
                    format!(
                        "{}; {}",
                        problem.message,
                        problem.remedy.clone().unwrap_or_default()
                    )
                }),
            };
            (entry, text, why)
        })
        .collect())
}

/// Why an entry would be of no use, or harm.
fn refusal(allow: &[crate::rules::AllowEntry], facts: &Facts) -> Option<String> {
    let (policy, catalog) = (Policy::default(), CatalogChoices::default());
    let lint = Lint {
        file: "",
        entries: allow,
        policy: &policy,
        catalog: &catalog,
        facts,
        today: rulebook::today(),
    };
    let refused = [
        LintCode::Broad,
        LintCode::Dead,
        LintCode::DeadModule,
        LintCode::DeadFunction,
        LintCode::InCatalog,
    ];
    let notice = lint
        .run()
        .into_iter()
        .find(|notice| refused.contains(&notice.code))?;
    let remedy = notice
        .remedy
        .map(|remedy| format!("; {remedy}"))
        .unwrap_or_default();
    Some(format!("{}: {}{remedy}", notice.code, notice.message))
}

/// Reads every Go and metadata.yaml file of the folders.
fn read_all(folders: &[String], root: &Path) -> Result<Imported, Failure> {
    let dir = Project::here()?.dir;
    let all = ["./...".to_owned()];
    let folders = if folders.is_empty() { &all } else { folders };
    let mut found = Imported::default();
    for given in folders {
        let (folder, below) = match given.strip_suffix("...") {
            Some(folder) => (dir.join(folder.trim_end_matches('/')), true),
            None => (dir.join(given), false),
        };
        let files = exemption_lists::files(&folder, below)
            .ok_or_else(|| Failure::Message(format!("{given}: no such folder")))?;
        for path in files {
            found.extend(read_one(&path, root));
        }
    }
    Ok(found)
}

fn read_one(path: &Path, root: &Path) -> Imported {
    let text = reading::text(path, LARGEST).unwrap_or_default();
    let clean: PathBuf = path
        .components()
        .filter(|part| !matches!(part, std::path::Component::CurDir))
        .collect();
    let name = clean
        .strip_prefix(root)
        .unwrap_or(&clean)
        .to_string_lossy()
        .replace('\\', "/");
    if name.ends_with(".go") {
        import::go(&name, &text)
    } else {
        import::metadata_yaml(&name, &text)
    }
}
