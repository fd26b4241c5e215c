//! `leakgate allow review`: the leaks of the last run, one by one, with the entry each would get.
//!
//! Without a terminal it prints the command that does the same, for each leak.

use super::applying::{self, Asked};
use super::{add, rules_file};
use crate::app::Failure;
use crate::app::output::say::say;
use crate::app::output::shell::quoted;
use crate::app::project::here::Project;
use crate::app::project::owners;
use crate::app::project::team_file::{TeamFile, diff, refuse_in_ci};
use crate::app::store::last_run;
use crate::cli::allow::ReviewArgs;
use crate::exit::ExitCode;
use crate::leak::{Leak, Verdict};
use crate::report::excerpt::excerpt;
use crate::report::safe_text::safe_text;
use crate::report::{Report, short};
use crate::rules::RulingKind;
use crate::rules::book::Decided;
use crate::rules::codeowners::Owners;
use crate::rules::suggest::{PLACEHOLDER, Reach, Wishes};
use std::io::{BufRead, IsTerminal};

const HELP: &str = "  a  accept this entry            t  only these tests\n  \
                    r  write a reason               p  this package\n  \
                    o  name an owner                m  the whole module\n  \
                    s  skip this leak               A  accept this and all the rest\n  \
                    q  stop here\n";

/// Runs the verb.
pub fn run(args: &ReviewArgs) -> Result<ExitCode, Failure> {
    let file = rules_file(&args.file)?;
    let project = Project::here()?;
    let wishes = add::defaults(&file, add::wishes(&args.entry)?)?;
    let report = last_run::given_or_last(args.run.from.as_deref(), project.home())?;
    let review = Review {
        file: &file,
        report: &report,
        owners: owners::of_project(&project),
    };
    let leaks = review.leaks()?;
    if leaks.is_empty() {
        say("no leak of the last run fails that the rules do not allow by now: nothing to review\n")?;
        return Ok(ExitCode::Clean);
    }
    if !std::io::stdin().is_terminal() {
        return review.commands(&leaks, &wishes);
    }
    refuse_in_ci(args.write.in_ci, &file.name)?;
    let mut answers = std::io::stdin().lock().lines();
    let mut ask = |question: &str| -> Result<Option<String>, Failure> {
        say(question)?;
        Ok(answers.next().transpose()?.map(|line| line.trim().to_owned()))
    };
    review.interview(&leaks, &wishes, &mut ask)
}

/// What the interview is about.
struct Review<'a> {
    file: &'a TeamFile,
    report: &'a Report,
    owners: Owners,
}

impl Review<'_> {
    /// Indexes of the findings of each leak that fails and that the file, as it is now, does not allow; in the order in
    /// which they were found.
    fn leaks(&self) -> Result<Vec<Vec<usize>>, Failure> {
        let allow = self.file.parse(&self.file.text()?.unwrap_or_default())?.allow;
        let decided = applying::decided(&allow, self.report, self.file);
        let mut leaks: Vec<Vec<usize>> = Vec::new();
        for (at, finding) in self.report.findings.iter().enumerate() {
            // No entry lets a test pass that never returned.
            let can_pass =
                finding.ruling.kind == RulingKind::Fails && finding.leak.root.verdict != Verdict::Stuck;
            if !can_pass || matches!(decided[at], Some(Decided::Allowed(_))) {
                continue;
            }
            let same = |leak: &&mut Vec<usize>| {
                let first = &self.report.findings[leak[0]].leak.root;
                first.fingerprint == finding.leak.root.fingerprint
            };
            match leaks.iter_mut().find(same) {
                Some(leak) => leak.push(at),
                None => leaks.push(vec![at]),
            }
        }
        Ok(leaks)
    }

    fn first(&self, leak: &[usize]) -> &Leak {
        &self.report.findings[leak[0]].leak
    }

    fn asked<'b>(&'b self, leak: &[usize], wishes: &'b Wishes) -> Asked<'b> {
        Asked {
            report: self.report,
            found: leak.to_vec(),
            wishes,
            owners: &self.owners,
        }
    }

    /// The twin of the interview: what to type for each leak.
    fn commands(&self, leaks: &[Vec<usize>], wishes: &Wishes) -> Result<ExitCode, Failure> {
        let mut text = String::from("Without a terminal nothing is asked. For each leak that may stay:\n\n");
        for leak in leaks {
            let first = self.first(leak);
            text.push_str(&format!(
                "# {}\n{}\n\n",
                safe_text(&short::line(first)),
                twin(first, wishes)
            ));
        }
        say(&text)?;
        Ok(ExitCode::Clean)
    }

    fn interview(
        &self,
        leaks: &[Vec<usize>],
        wishes: &Wishes,
        ask: &mut Ask<'_>,
    ) -> Result<ExitCode, Failure> {
        let mut accepted = 0;
        for (index, leak) in leaks.iter().enumerate() {
            let number = format!("\nLeak {} of {}", index + 1, leaks.len());
            // An entry that was accepted may cover more than the leak that it was for.
            if !self.leaks()?.iter().any(|left| left[0] == leak[0]) {
                say(&format!("{number}: the rules allow it by now\n"))?;
                accepted += 1;
                continue;
            }
            let (taken, wishes) = match self.question(&number, leak, wishes.clone(), ask)? {
                Answer::Accept(wishes) => (index..index + 1, wishes),
                Answer::AcceptRest(wishes) => (index..leaks.len(), wishes),
                Answer::Skip => continue,
                Answer::Stop => break,
            };
            let is_rest = taken.end == leaks.len() && taken.len() > 1;
            match add::write(
                self.file,
                &self.asked(&leaks[taken.clone()].concat(), &wishes),
                false,
            ) {
                Ok(()) => accepted += taken.len(),
                // What one entry stops at is no reason to ask nothing more.
                Err(Failure::Message(why)) => say(&format!("not written: {why}\n"))?,
                Err(failure) => return Err(failure),
            }
            if is_rest {
                break;
            }
        }
        say(&format!(
            "\n{accepted} of {} leaks allowed in {}\n",
            leaks.len(),
            self.file.name
        ))?;
        Ok(ExitCode::Clean)
    }

    fn question(
        &self,
        number: &str,
        leak: &[usize],
        mut wishes: Wishes,
        ask: &mut Ask<'_>,
    ) -> Result<Answer, Failure> {
        say(&format!("{number}\n{}", describe(self.first(leak))))?;
        loop {
            let text = self.file.text()?.unwrap_or_default();
            let shown = Wishes {
                reason: wishes
                    .reason
                    .clone()
                    .or_else(|| Some(format!("{PLACEHOLDER}: why may it stay?"))),
                ..wishes.clone()
            };
            match applying::apply(self.file, &text, &self.asked(leak, &shown)) {
                Ok(applied) => say(&format!(
                    "\n{}{}\n{}",
                    diff(&text, &applied.text, &self.file.name),
                    applied
                        .remarks
                        .iter()
                        .map(|line| format!("{line}\n"))
                        .collect::<String>(),
                    twin(self.first(leak), &wishes)
                ))?,
                Err(Failure::Message(why)) => say(&format!("\n{why}\n"))?,
                Err(failure) => return Err(failure),
            }
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
}

/// The command that adds this entry.
fn twin(leak: &Leak, wishes: &Wishes) -> String {
    let mut command = format!("leakgate allow add {}", leak.root.fingerprint);
    let reason = wishes.reason.as_deref().unwrap_or("why it may stay");
    command.push_str(&format!(" --reason {}", quoted(reason)));
    for (flag, value) in [("owner", &wishes.owner), ("issue", &wishes.issue)] {
        if let Some(value) = value {
            command.push_str(&format!(" --{flag} {}", quoted(value)));
        }
    }
    if let Some(day) = wishes.expires.filter(|_| wishes.asked_expires) {
        command.push_str(&format!(" --expires {day}"));
    }
    match wishes.reach {
        Reach::Test => command.push_str(" --scope test"),
        Reach::Package => {}
        Reach::Module => command.push_str(" --scope module"),
    }
    command
}

type Ask<'a> = dyn FnMut(&str) -> Result<Option<String>, Failure> + 'a;

enum Answer {
    Accept(Wishes),
    AcceptRest(Wishes),
    Skip,
    Stop,
}

/// The leak with its source.
fn describe(first: &Leak) -> String {
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
        answers_on("", list, wishes)
    }

    /// The file after an interview that begins with this text, and what was asked.
    fn answers_on(text: &str, list: &[&str], wishes: &Wishes) -> (String, Vec<String>) {
        let dir = tempfile::tempdir().unwrap();
        let file = TeamFile::at(dir.path().join("leakgate.toml"), dir.path());
        if !text.is_empty() {
            std::fs::write(&file.path, text).unwrap();
        }
        let report = sample::report();
        let review = review(&file, &report);
        let leaks = review.leaks().unwrap();
        let mut given = list.iter().map(|answer| (*answer).to_owned());
        let mut asked = Vec::new();
        let mut ask = |question: &str| {
            asked.push(question.to_owned());
            Ok(given.next())
        };
        review.interview(&leaks, wishes, &mut ask).unwrap();
        (std::fs::read_to_string(&file.path).unwrap_or_default(), asked)
    }

    fn review<'a>(file: &'a TeamFile, report: &'a Report) -> Review<'a> {
        Review {
            file,
            report,
            owners: Owners::default(),
        }
    }

    fn nothing_said() -> Wishes {
        Wishes {
            reach: Reach::Package,
            reason: None,
            owner: None,
            issue: None,
            expires: None,
            asked_expires: false,
            max: None,
            capped: true,
            placeholders: false,
        }
    }

    #[test]
    fn what_is_allowed_already_is_not_offered_and_a_conflict_does_not_end_the_interview() {
        let (all, _) = answers(&["r", "debt", "A"], &nothing_said());
        let (_, asked) = answers_on(&all, &[], &nothing_said());
        assert_eq!(asked, [""; 0], "nothing is left to ask");
        // One entry with the matchers of the second leak, whose last day has passed.
        let report = sample::report();
        let dir = tempfile::tempdir().unwrap();
        let file = TeamFile::at(dir.path().join("leakgate.toml"), dir.path());
        let review = review(&file, &report);
        let leaks = review.leaks().unwrap();
        let wishes = Wishes {
            reason: Some("old".into()),
            expires: Some(jiff::civil::date(2020, 1, 31)),
            ..nothing_said()
        };
        let second = applying::entries(&review.asked(&leaks[1], &wishes), &leaks[1]);
        let skips = vec!["s"; leaks.len() - 3];
        let list = ["r", "one", "a", "r", "two", "a", "r", "three", "a"].into_iter();
        let list: Vec<&str> = list.chain(skips).collect();
        let (text, _) = answers_on(&second.concat(), &list, &nothing_said());
        assert!(
            text.contains("reason = \"one\"") && text.contains("reason = \"three\""),
            "{text}"
        );
        assert!(
            !text.contains("reason = \"two\""),
            "the second is not written over\n{text}"
        );
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
        let wishes = Wishes {
            reason: Some("it's fine".into()),
            reach: Reach::Test,
            ..nothing_said()
        };
        let command = twin(&report.findings[0].leak, &wishes);
        let words = shlex::split(&command).unwrap();
        assert_eq!(words[4..], ["--reason", "it's fine", "--scope", "test"]);
    }
}
