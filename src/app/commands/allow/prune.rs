//! `leakgate allow prune`: removes entries that no longer match anything, and expired ones.
//!
//! Use is judged by recorded runs with the entries as they are now; never by a run that did not see all tests. An expired
//! entry covers nothing whatever it matches: no run is needed to remove it.

use super::{entries, rules_file};
use crate::app::Failure;
use crate::app::output::say::say;
use crate::app::project::code_facts;
use crate::app::project::here::Project;
use crate::app::project::rulebook;
use crate::app::project::team_file::{TeamFile, diff, refuse_in_ci};
use crate::app::store::history;
use crate::app::store::last_run;
use crate::cli::allow::PruneArgs;
use crate::exit::ExitCode;
use crate::leak::Leak;
use crate::report::Report;
use crate::rules::book::{Context, RuleBook, Usage};
use crate::rules::matching::ModuleRoot;
use crate::rules::{AllowEntry, edit};
use std::path::Path;

/// Runs the verb.
pub fn run(args: &PruneArgs) -> Result<ExitCode, Failure> {
    let file = rules_file(&args.file)?;
    let before = file.existing()?;
    let has_expired = !expired(&file.parse(&before)?.allow).is_empty();
    let (runs, why_not) = match judged(args, Project::here()?.home()) {
        Ok(runs) => (runs, None),
        Err(Failure::Message(why)) if has_expired => (Vec::new(), Some(why)),
        Err(failure) => return Err(failure),
    };
    let prune = |text: &str| -> Result<String, Failure> {
        let allow = file.parse(text)?.allow;
        let mut dead = expired(&allow);
        if !runs.is_empty() {
            dead.extend(unused(&allow, &runs, &file.root()));
        }
        dead.sort_unstable();
        dead.dedup();
        edit::remove(text, &dead).map_err(|error| Failure::Message(format!("{}: {error}", file.name)))
    };
    let after = if args.write {
        refuse_in_ci(args.how.in_ci, &file.name)?;
        file.change(prune)?.after
    } else {
        prune(&before)?
    };
    show(&file, &before, &after, args.write)?;
    if let Some(why) = why_not {
        say(&format!("only expired entries were looked at: {why}\n"))?;
    }
    Ok(ExitCode::Clean)
}

/// Numbers of the entries whose last day has passed.
fn expired(allow: &[AllowEntry]) -> Vec<usize> {
    let today = rulebook::today();
    let over = |entry: &AllowEntry| entry.expires.is_some_and(|last| last < today);
    (0..allow.len()).filter(|index| over(&allow[*index])).collect()
}

fn show(file: &TeamFile, before: &str, after: &str, written: bool) -> Result<(), Failure> {
    let removed = file.parse(before)?.allow.len() - file.parse(after)?.allow.len();
    say(&diff(before, after, &file.name))?;
    say(&match (removed, written) {
        (0, _) => format!("{}: every entry is used\n", file.name),
        (_, true) => format!("\nremoved {} from {}\n", entries(removed), file.name),
        (_, false) => format!(
            "\n{} of {} can go; --write removes them\n",
            entries(removed),
            file.name
        ),
    })
}

/// The runs to judge by: full ones only.
fn judged(args: &PruneArgs, home: &Path) -> Result<Vec<Report>, Failure> {
    let wanted = args.runs as usize;
    if let Some(path) = &args.run.from {
        let report = history::read(path)?;
        return match &report.run.not_full {
            Some(why) => Err(partial(why)),
            None => Ok(vec![report]),
        };
    }
    let history = history::open(home)?;
    if wanted == 1
        && let Some(why) = last_run::load(home)?.run.not_full
    {
        return Err(partial(&why));
    }
    let full: Vec<Report> = history
        .runs()
        .filter(|report| report.run.not_full.is_none())
        .take(wanted)
        .collect();
    if full.len() < wanted {
        return Err(Failure::Message(format!(
            "{} full runs are recorded, {wanted} are asked for; run `leakgate test ./...`",
            full.len()
        )));
    }
    Ok(full)
}

fn partial(why: &str) -> Failure {
    Failure::Message(format!(
        "the last run did not see everything ({why}), so it can't tell which entries are of use; run `leakgate test ./...` first, or judge by earlier full runs with --runs"
    ))
}

/// Numbers of the entries that matched nothing in any of the runs.
fn unused(allow: &[AllowEntry], runs: &[Report], root: &Path) -> Vec<usize> {
    let modules: Vec<ModuleRoot> = code_facts::modules(root);
    let all: Vec<Vec<Usage>> = runs.iter().map(|run| usage(allow, run, &modules)).collect();
    (0..allow.len())
        .filter(|index| all.iter().all(|run| run[*index].matched == 0))
        .collect()
}

/// How much each entry was of use in a run.
pub fn usage(allow: &[AllowEntry], run: &Report, modules: &[ModuleRoot]) -> Vec<Usage> {
    let leaks: Vec<Leak> = run.findings.iter().map(|finding| finding.leak.clone()).collect();
    let book = RuleBook {
        allow: allow.to_vec(),
        ..RuleBook::default()
    };
    book.rule(
        &leaks,
        &Context {
            today: rulebook::today(),
            modules,
            not_full: run.run.not_full.as_deref(),
        },
    )
    .usage
}
