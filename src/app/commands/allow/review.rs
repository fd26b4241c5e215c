//! `leakgate allow review`: the leaks of the last run, one by one, with the entry each would get.
//!
//! Without a terminal it prints the command that does the same, for each leak.

use super::{add, rules_file};
use crate::app::Failure;
use crate::app::output::say::say;
use crate::app::project::here::Project;
use crate::app::project::team_file::{TeamFile, diff, refuse_in_ci};
use crate::app::store::last_run;
use crate::cli::allow::ReviewArgs;
use crate::exit::ExitCode;
use crate::report::excerpt::excerpt;
use crate::report::safe_text::safe_text;
use crate::report::{Finding, short};
use crate::rules::edit;
use crate::rules::suggest::{Reach, Wishes};
use std::io::{BufRead, IsTerminal};

const HELP: &str = "  a  accept this entry            t  only these tests\n  \
                    r  write a reason               p  this package\n  \
                    o  name an owner                m  the whole module\n  \
                    s  skip this leak               A  accept this and all the rest\n  \
                    q  stop here\n";

/// Runs the verb.
pub fn run(args: &ReviewArgs) -> Result<ExitCode, Failure> {
    let file = rules_file(&args.file)?;
    let wishes = add::wishes(&args.entry)?;
    let report = last_run::given_or_last(args.run.from.as_deref(), Project::here()?.home())?;
    let leaks = groups(add::failing(&report));
    if leaks.is_empty() {
        say("no leak of the last run fails: nothing to review\n")?;
        return Ok(ExitCode::Clean);
    }
    if !std::io::stdin().is_terminal() {
        return commands(&leaks, &wishes);
    }
    refuse_in_ci(args.write.in_ci, &file.name)?;
    let mut answers = std::io::stdin().lock().lines();
    let mut ask = |question: &str| -> Result<Option<String>, Failure> {
        say(question)?;
        Ok(answers.next().transpose()?.map(|line| line.trim().to_owned()))
    };
    interview(&file, &leaks, &wishes, &mut ask)
}

/// Findings of one leak, in the order in which they were found.
fn groups<'a>(findings: impl Iterator<Item = &'a Finding>) -> Vec<Vec<&'a Finding>> {
    let mut groups: Vec<Vec<&Finding>> = Vec::new();
    for finding in findings {
        match groups
            .iter_mut()
            .find(|group| group[0].leak.root.fingerprint == finding.leak.root.fingerprint)
        {
            Some(group) => group.push(finding),
            None => groups.push(vec![finding]),
        }
    }
    groups
}

/// The twin of the interview: what to type for each leak.
fn commands(leaks: &[Vec<&Finding>], wishes: &Wishes) -> Result<ExitCode, Failure> {
    let mut text = String::from("Without a terminal nothing is asked. For each leak that may stay:\n\n");
    for leak in leaks {
        text.push_str(&format!(
            "# {}\n{}\n\n",
            safe_text(&short::line(&leak[0].leak)),
            twin(leak, wishes)
        ));
    }
    say(&text)?;
    Ok(ExitCode::Clean)
}

/// The command that adds this entry.
fn twin(leak: &[&Finding], wishes: &Wishes) -> String {
    let mut command = format!("leakgate allow add {}", leak[0].leak.root.fingerprint);
    let reason = wishes.reason.as_deref().unwrap_or("why it may stay");
    command.push_str(&format!(" --reason {}", shell(reason)));
    for (flag, value) in [("owner", &wishes.owner), ("issue", &wishes.issue)] {
        if let Some(value) = value {
            command.push_str(&format!(" --{flag} {}", shell(value)));
        }
    }
    if let Some(day) = wishes.expires {
        command.push_str(&format!(" --expires {day}"));
    }
    match wishes.reach {
        Reach::Test => command.push_str(" --scope test"),
        Reach::Package => {}
        Reach::Module => command.push_str(" --scope module"),
    }
    command
}

fn shell(text: &str) -> String {
    format!("'{}'", text.replace('\'', "'\\''"))
}

type Ask<'a> = dyn FnMut(&str) -> Result<Option<String>, Failure> + 'a;

fn interview(
    file: &TeamFile,
    leaks: &[Vec<&Finding>],
    wishes: &Wishes,
    ask: &mut Ask<'_>,
) -> Result<ExitCode, Failure> {
    let mut accepted = 0;
    let mut rest: Option<Wishes> = None;
    for (index, leak) in leaks.iter().enumerate() {
        let answer = match &rest {
            Some(wishes) => Answer::Accept(wishes.clone()),
            None => question(file, (index + 1, leaks.len()), leak, wishes.clone(), ask)?,
        };
        match answer {
            Answer::Accept(wishes) => accept(file, leak, &wishes)?,
            Answer::AcceptRest(wishes) => {
                accept(file, leak, &wishes)?;
                rest = Some(wishes);
            }
            Answer::Skip => continue,
            Answer::Stop => break,
        }
        accepted += 1;
    }
    say(&format!(
        "\n{accepted} of {} leaks allowed in {}\n",
        leaks.len(),
        file.name
    ))?;
    Ok(ExitCode::Clean)
}

fn accept(file: &TeamFile, leak: &[&Finding], wishes: &Wishes) -> Result<(), Failure> {
    add::write(file, &add::texts(leak, wishes), Some(wishes), false).map(|_| ())
}

enum Answer {
    Accept(Wishes),
    AcceptRest(Wishes),
    Skip,
    Stop,
}

fn question(
    file: &TeamFile,
    (number, of): (usize, usize),
    leak: &[&Finding],
    mut wishes: Wishes,
    ask: &mut Ask<'_>,
) -> Result<Answer, Failure> {
    say(&format!("\nLeak {number} of {of}\n{}", describe(leak)))?;
    loop {
        let text = file.text()?.unwrap_or_default();
        let mut after = text.clone();
        for entry in add::texts(
            leak,
            &Wishes {
                placeholders: true,
                ..wishes.clone()
            },
        ) {
            after = edit::add(&after, &entry)
                .map_err(|error| Failure::Message(format!("{}: {error}", file.name)))?;
        }
        say(&format!(
            "\n{}\n{}",
            diff(&text, &after, &file.name),
            twin(leak, &wishes)
        ))?;
        let Some(answer) = ask(
            "\n[a]ccept, [r]eason, [o]wner, [t]est, [p]ackage, [m]odule, [s]kip, [A]ccept all, [q]uit, [?] > ",
        )?
        else {
            return Ok(Answer::Stop);
        };
        match answer.as_str() {
            "a" | "A" if wishes.reason.is_none() => say("An entry needs a reason: r\n")?,
            "a" => return Ok(Answer::Accept(wishes)),
            "A" => return Ok(Answer::AcceptRest(wishes)),
            "r" => wishes.reason = ask("Why may it stay? ")?.filter(|text| !text.is_empty()),
            "o" => wishes.owner = ask("Who looks after it? ")?.filter(|text| !text.is_empty()),
            "t" => wishes.reach = Reach::Test,
            "p" => wishes.reach = Reach::Package,
            "m" => wishes.reach = Reach::Module,
            "s" => return Ok(Answer::Skip),
            "q" => return Ok(Answer::Stop),
            _ => say(HELP)?,
        }
    }
}

/// The leak with its source.
fn describe(leak: &[&Finding]) -> String {
    let first = &leak[0].leak;
    let mut text = format!(
        "  {}\n  waits for: {}\n",
        safe_text(&short::line(first)),
        safe_text(&first.root.cause.waits_for)
    );
    for (title, spot) in [
        ("blocked", &first.root.blocked_at),
        ("started", &first.root.started_at),
    ] {
        let Some(spot) = spot else { continue };
        let file = spot.relative.as_deref().unwrap_or(&spot.at.file);
        text.push_str(&format!("  {title} at {}:{}\n", safe_text(file), spot.at.line));
        for line in excerpt(spot) {
            let mark = if line.here { ">" } else { " " };
            text.push_str(&format!("    {mark} {} | {}\n", line.number, line.text));
        }
    }
    text
}

#[cfg(test)]
#[expect(clippy::disallowed_methods, reason = "the test looks at the file")]
mod tests {
    use super::*;
    use crate::report::sample;

    fn answers(list: &[&str], wishes: &Wishes) -> (String, Vec<String>) {
        let dir = tempfile::tempdir().unwrap();
        let file = TeamFile::at(dir.path().join("leakgate.toml"), dir.path());
        let report = sample::report();
        let leaks = groups(add::failing(&report));
        assert!(leaks.len() >= 2, "the sample has several leaks that fail");
        let mut given = list.iter().map(|answer| (*answer).to_owned());
        let mut asked = Vec::new();
        let mut ask = |question: &str| {
            asked.push(question.to_owned());
            Ok(given.next())
        };
        interview(&file, &leaks, wishes, &mut ask).unwrap();
        (std::fs::read_to_string(&file.path).unwrap_or_default(), asked)
    }

    fn nothing_said() -> Wishes {
        Wishes {
            reach: Reach::Package,
            reason: None,
            owner: None,
            issue: None,
            expires: None,
            max: None,
            placeholders: false,
        }
    }

    #[test]
    fn nothing_is_written_without_a_reason() {
        assert_eq!(answers(&["a", "A", "s", "q"], &nothing_said()).0, "");
        assert_eq!(
            answers(&[], &nothing_said()).0,
            "",
            "the end of the input is a stop"
        );
    }

    #[test]
    fn an_accepted_entry_has_the_scope_reason_and_owner_that_were_given() {
        let (text, _) = answers(
            &["r", "drains at exit", "o", "@core", "t", "a", "q"],
            &nothing_said(),
        );
        let read = crate::settings::file::read(&text).unwrap();
        assert_eq!(read.allow[0].reason.as_deref(), Some("drains at exit"));
        assert_eq!(read.allow[0].owner.as_deref(), Some("@core"));
        assert_eq!(read.allow[0].test.len(), 1);
        assert!(!text.contains("TODO"), "{text}");
    }

    #[test]
    fn the_rest_is_accepted_without_a_question() {
        let (text, asked) = answers(&["r", "debt", "A"], &nothing_said());
        assert_eq!(asked.len(), 3);
        assert!(
            crate::settings::file::read(&text).unwrap().allow.len() >= 2,
            "{text}"
        );
    }

    #[test]
    fn the_twin_quotes_for_the_shell() {
        let report = sample::report();
        let leaks = groups(add::failing(&report));
        let wishes = Wishes {
            reason: Some("it's fine".into()),
            reach: Reach::Test,
            ..nothing_said()
        };
        let command = twin(&leaks[0], &wishes);
        assert!(
            command.contains("--reason 'it'\\''s fine' --scope test"),
            "{command}"
        );
    }
}
