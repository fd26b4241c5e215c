//! `leakgate allow lint`: what is wrong with the entries. Runs no Go.

use super::{entries, rules_file};
use crate::app::Failure;
use crate::app::output::say::conclude;
use crate::app::project::code_facts;
use crate::app::project::rulebook;
use crate::app::project::rules_document::{self, RulesDocument};
use crate::app::project::team_file::{TeamFile, refuse_in_ci};
use crate::cli::allow::LintArgs;
use crate::diag::problem::{self, Colour, Problem};
use crate::exit::ExitCode;
use crate::report::words::plural;
use crate::rules::edit;
use crate::rules::lint::Lint;
use crate::rules::notice::RuleNotice;
use crate::rules::policy::{LintCode, LintLevel};
use crate::settings::lint_levels;

/// Runs the verb.
pub fn run(args: &LintArgs) -> Result<ExitCode, Failure> {
    let file = rules_file(&args.file)?;
    let levels = levels(args)?;
    let mut rules = RulesDocument::read(file.clone())?;
    let mut said = String::new();
    if args.fix {
        refuse_in_ci(args.how.in_ci, &file.name)?;
        let change = file.change(|now| {
            let notices = find(&RulesDocument::of(file.clone(), now.to_owned())?, &file, &levels)?;
            edit::fix(now, &notices).map_err(|error| Failure::Message(format!("{}: {error}", file.name)))
        })?;
        said = change.diff(&file.name);
        rules = RulesDocument::of(file.clone(), change.after)?;
    }
    let notices = find(&rules, &file, &levels)?;
    said.push_str(&if args.json {
        json(&rules, &notices)
    } else {
        shown(&rules, &notices, args.short)
    });
    let denied = notices.iter().any(|notice| notice.level == LintLevel::Deny);
    let verdict = if denied { ExitCode::Leaks } else { ExitCode::Clean };
    Ok(conclude(&said, verdict))
}

fn levels(args: &LintArgs) -> Result<Vec<(LintCode, LintLevel)>, Failure> {
    let all = [
        (&args.allow, LintLevel::Allow),
        (&args.warn, LintLevel::Warn),
        (&args.deny, LintLevel::Deny),
    ];
    let given = all
        .iter()
        .flat_map(|(codes, level)| codes.iter().map(|code| (*level, code.as_str())));
    Ok(lint_levels(given)?)
}

/// The findings of a text.
fn find(
    rules: &RulesDocument,
    file: &TeamFile,
    levels: &[(LintCode, LintLevel)],
) -> Result<Vec<RuleNotice>, Failure> {
    let read = &rules.says;
    let settings = rules_document::settings(read)?;
    let policy = rules_document::policy(&settings, read, levels);
    let catalog = rules_document::catalog(&settings, read);
    let facts = code_facts::gather(&file.root(), &read.allow);
    let lint = Lint {
        file: &file.name,
        entries: &read.allow,
        policy: &policy,
        catalog: &catalog,
        facts: &facts,
        today: rulebook::today(),
    };
    let mut found = lint.run();
    let may_not_run = Lint {
        entries: &read.may_not_run,
        ..lint
    };
    found.extend(may_not_run.words());
    found.sort_by_key(|notice| (notice.place, notice.code));
    Ok(found)
}

fn json(rules: &RulesDocument, notices: &[RuleNotice]) -> String {
    let findings: Vec<serde_json::Value> = notices
        .iter()
        .map(|notice| {
            serde_json::json!({
                "code": notice.code.as_str(),
                "level": notice.level.to_string(),
                "file": notice.file,
                "line": notice.place.map(|place| place.line),
                "column": notice.place.map(|place| place.column),
                "message": notice.message,
                "remedy": notice.remedy,
                "fixable": !notice.fix.is_empty() || notice.remove,
            })
        })
        .collect();
    let entries = rules.says.allow.len() + rules.says.may_not_run.len();
    let whole = serde_json::json!({ "file": rules.name(), "entries": entries, "findings": findings });
    format!("{whole:#}\n")
}

fn shown(rules: &RulesDocument, notices: &[RuleNotice], short: bool) -> String {
    let name = rules.name();
    let problems: Vec<Problem> = notices.iter().map(RuleNotice::problem).collect();
    if short {
        let lines = problems
            .iter()
            .map(|problem| format!("{}\n", problem.one_line(name)));
        return lines.collect();
    }
    let mut shown = String::new();
    if !problems.is_empty() {
        // anstream takes the colours out where they are not wanted.
        shown = problem::render(name, &rules.text, &problems, Colour::Styled) + "\n\n";
    }
    let count = rules.says.allow.len() + rules.says.may_not_run.len();
    let denied = notices
        .iter()
        .filter(|notice| notice.level == LintLevel::Deny)
        .count();
    let fixable = notices
        .iter()
        .filter(|notice| !notice.fix.is_empty() || notice.remove)
        .count();
    let fix = if fixable > 0 {
        format!(", {fixable} with a fix (--fix)")
    } else {
        String::new()
    };
    shown.push_str(&match notices.len() {
        0 => format!("{name}: {}, no problems found\n", entries(count)),
        found => format!(
            "{name}: {}, {}, {denied} of them denied{fix}\n",
            entries(count),
            plural(found as u64, "finding")
        ),
    });
    shown
}
