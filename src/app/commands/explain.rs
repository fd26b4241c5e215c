//! `leakgate explain`: the page of a cause, the leaks behind a fingerprint, what a lint means.

use crate::app::Failure;
use crate::app::output::say::print;
use crate::app::store::last_run;
use crate::cli::explain::ExplainArgs;
use crate::diag::{self, Code, did_you_mean};
use crate::exit::ExitCode;
use crate::leak::{CauseCode, Group, registry};
use crate::report::{Finding, human, words};
use crate::rules::policy::LintCode;
use std::fmt::Write as _;

/// Fewer digits than this are a word, not a fingerprint.
const SHORTEST_FINGERPRINT: usize = 6;

/// Runs the verb.
pub fn run(args: &ExplainArgs) -> Result<ExitCode, Failure> {
    let text = match args.what.as_deref() {
        None => causes(),
        Some(what) => explain(what, args)?,
    };
    print(text.as_bytes())?;
    Ok(ExitCode::Clean)
}

/// Every cause and code in one line.
fn causes() -> String {
    let mut text = String::new();
    for code in CauseCode::ALL {
        let _ = writeln!(text, "{:<24}{}", code.as_str(), registry::entry(*code).title);
    }
    for code in Code::ALL {
        let first = code.means().split(['.', ':']).next().unwrap_or_default();
        let _ = writeln!(text, "{:<24}{}", code.as_str(), first);
    }
    for code in LintCode::ALL {
        let _ = writeln!(text, "{:<24}{}", code.as_str(), code.about());
    }
    text
}

fn explain(what: &str, args: &ExplainArgs) -> Result<String, Failure> {
    if let Ok(code) = what.parse::<CauseCode>() {
        return Ok(registry::page(code));
    }
    if let Some(code) = Code::from_word(what) {
        return Ok(diag::markdown(code));
    }
    if let Some(lint) = LintCode::from_code(what) {
        return Ok(format!(
            "{what} ({} by default): {}\n",
            lint.default_level().as_str(),
            lint.about()
        ));
    }
    if what.len() >= SHORTEST_FINGERPRINT && what.bytes().all(|byte| byte.is_ascii_hexdigit()) {
        return leaks(&what.to_ascii_lowercase(), args);
    }
    let causes = CauseCode::ALL.iter().map(|code| code.as_str());
    let codes = Code::ALL.iter().map(|code| code.as_str());
    let known: Vec<&str> = causes
        .chain(codes)
        .chain(LintCode::CODES.iter().copied())
        .collect();
    // A whole word of names says more than a name that is nearly the same.
    let part = |name: &&&str| name.split('-').any(|word| word == what);
    let parts: Vec<String> = known
        .iter()
        .filter(part)
        .map(|name| format!("`{name}`"))
        .collect();
    let meant = match parts.as_slice() {
        [] => did_you_mean(what, known).map_or_else(String::new, |name| format!("; did you mean `{name}`?")),
        _ => format!("; did you mean {}?", parts.join(" or ")),
    };
    Err(Failure::Message(format!(
        "`{what}` is not a cause, code or fingerprint{meant} (`leakgate explain` lists them all)"
    )))
}

/// The leaks of a report with this fingerprint, their own or of what hangs on them, each with its test, then the page of their cause.
fn leaks(fingerprint: &str, args: &ExplainArgs) -> Result<String, Failure> {
    let project = crate::app::project::here::Project::here()?;
    let report = last_run::given_or_last(args.from.as_deref(), project.home())?;
    let found: Vec<&Finding> = report
        .findings
        .iter()
        .filter(|finding| {
            let mut groups = finding.leak.groups();
            groups.any(|group| group.fingerprint.0.starts_with(fingerprint))
        })
        .collect();
    if found.is_empty() {
        return Err(Failure::Message(format!(
            "no leak {fingerprint} in {}",
            args.from
                .as_ref()
                .map_or("the last run of this module".into(), |path| path
                    .display()
                    .to_string())
        )));
    }
    Ok(told(&found))
}

/// The first of them whole, what differs in the others, and the page of their cause.
fn told(found: &[&Finding]) -> String {
    let first = found[0];
    let mut text = human::finding_text(first);
    if found.len() > 1 {
        text.push_str("\nthe same stack in other tests:\n");
    }
    for other in &found[1..] {
        text += &also(&other.leak.root, &first.leak.root);
    }
    text.push('\n');
    text.push_str(&registry::page(first.leak.root.cause.code));
    text
}

/// One more leak with the same stack: its test, the line that led to it, and in which words it differs.
fn also(leak: &Group, first: &Group) -> String {
    let led = leak.led_to_by.as_ref();
    let led = led.map(|led| words::place(led.from.as_ref().unwrap_or(&led.at)));
    let led = led.map_or_else(String::new, |place| format!(", led to by {place}"));
    let mut text = format!(
        "  {} ×{} in {}{led}\n",
        words::tests(&leak.tests),
        leak.count,
        leak.package
    );
    for words in [words::it_waits, words::fix] {
        let own = words(&leak.cause);
        if own != words(&first.cause) {
            let _ = writeln!(text, "      {own}");
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    fn args() -> ExplainArgs {
        ExplainArgs {
            what: None,
            from: None,
        }
    }

    #[test]
    fn every_cause_has_a_page_that_names_it() {
        for code in CauseCode::ALL {
            let page = explain(code.as_str(), &args()).unwrap();
            assert!(page.contains(registry::entry(*code).title), "{code}");
        }
        let listed = causes();
        for code in CauseCode::ALL {
            assert!(listed.contains(code.as_str()), "{code}");
        }
    }

    #[test]
    fn every_code_of_a_report_has_a_page_and_is_listed() {
        let listed = causes();
        for code in Code::ALL {
            let page = explain(code.as_str(), &args()).unwrap();
            assert!(page.contains(code.remedy()), "{}", code.as_str());
            assert!(listed.contains(code.as_str()), "{}", code.as_str());
        }
        for code in LintCode::CODES {
            assert!(explain(code, &args()).is_ok() && listed.contains(code), "{code}");
        }
    }

    #[test]
    fn a_lint_is_explained_with_its_level() {
        let text = explain("stale", &args()).unwrap();
        assert!(text.starts_with("stale (warn by default): "), "{text}");
    }

    #[test]
    fn a_misspelt_cause_is_answered_with_the_nearest() {
        let error = explain("send-no-reciever", &args()).unwrap_err().to_string();
        assert!(error.contains("did you mean `send-no-receiver`?"), "{error}");
    }

    #[test]
    fn two_mistakes_with_one_stack_are_both_told_with_their_own_fix() {
        let one = crate::report::sample::report().findings.swap_remove(0);
        let with = |test: &str, fix: &str| {
            let mut one = one.clone();
            one.leak.root.tests = vec![crate::leak::TestName(test.into())];
            one.leak.root.cause.fix = fix.into();
            one
        };
        let all = [
            with("TestOne", "close `a`"),
            with("TestOther", "close `b`"),
            with("TestThird", "close `a`"),
        ];
        let text = told(&all.each_ref());
        for wanted in ["Close `a`.", "  TestOther ×", "  TestThird ×", "      Close `b`."] {
            assert!(text.contains(wanted), "no {wanted} in {text}");
        }
    }
}
