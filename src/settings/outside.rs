//! Settings from flags and from the environment.

use super::keys::{KEYS, Partial, Scope};
use super::source::{Source, ValueError};
use super::value::{ReportFile, SettingValue};
use crate::diag::did_you_mean;
use crate::rules::policy::{LintCode, LintLevel};

/// From flags: (name without `--`, value). A name that is no setting is left alone; of a repeated one all values count.
pub fn from_flags<'a>(given: impl IntoIterator<Item = (&'a str, String)>) -> Result<Partial, ValueError> {
    let given: Vec<(&str, String)> = given.into_iter().collect();
    let mut partial = Partial::default();
    for key in KEYS.iter().filter(|key| key.scope != Scope::FileOnly) {
        let values: Vec<&str> = given
            .iter()
            .filter(|(name, _)| *name == key.name)
            .map(|(_, value)| value.as_str())
            .collect();
        if let [.., last] = values.as_slice() {
            let text = if key.name == "report" {
                let wrong = values
                    .iter()
                    .find(|value| Vec::<ReportFile>::from_text(value).is_none());
                if let Some(wrong) = wrong {
                    return Err(ValueError {
                        source_of: Source::Flag(key.name),
                        text: (*wrong).to_owned(),
                        expected: ReportFile::expected(),
                    });
                }
                values.join(",")
            } else {
                (*last).to_owned()
            };
            partial.set_text(key.name, &text, Source::Flag(key.name))?;
        }
    }
    Ok(partial)
}

/// From the environment: `lookup` gives the value of a variable. An empty value counts as not set.
pub fn from_env(lookup: impl Fn(&str) -> Option<String>) -> Result<Partial, ValueError> {
    let mut partial = Partial::default();
    for key in KEYS.iter().filter(|key| key.scope != Scope::FileOnly) {
        if let Some(text) = lookup(key.env).filter(|text| !text.is_empty()) {
            partial.set_text(key.name, &text, Source::Env(key.env))?;
        }
    }
    Ok(partial)
}

/// `--deny CODE`, `--warn CODE`, `--allow CODE` in the order given; the last one about a code holds.
pub fn lint_levels<'a>(
    given: impl IntoIterator<Item = (LintLevel, &'a str)>,
) -> Result<Vec<(LintCode, LintLevel)>, UnknownLint> {
    given
        .into_iter()
        .map(|(level, text)| match LintCode::from_code(text) {
            Some(code) => Ok((code, level)),
            None => Err(UnknownLint::new(text)),
        })
        .collect()
}

/// A lint code that does not exist.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("no lint is called `{code}`{}", meant.map(|name| format!("; did you mean `{name}`?")).unwrap_or_default())]
pub struct UnknownLint {
    /// As typed.
    pub code: String,
    /// The nearest that exists.
    pub meant: Option<&'static str>,
}

impl UnknownLint {
    fn new(text: &str) -> Self {
        Self {
            code: text.to_owned(),
            meant: did_you_mean(text, LintCode::CODES.iter().copied()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Duration;

    #[test]
    fn repeated_reports_are_all_kept_and_other_flags_take_the_last() {
        let given = [
            ("report", "json=a"),
            ("settle", "1s"),
            ("report", "html=b"),
            ("settle", "2s"),
        ]
        .map(|(name, value)| (name, value.to_owned()));
        let partial = from_flags(given).unwrap();
        assert_eq!(partial.reports.unwrap().len(), 2);
        assert_eq!(partial.settle.unwrap().value, Duration::from_secs(2));
    }

    #[test]
    fn a_bad_variable_is_named_with_what_was_expected() {
        let error = from_env(|name| (name == "LEAKGATE_LATE").then(|| "loud".to_owned())).unwrap_err();
        assert_eq!(
            error.to_string(),
            "LEAKGATE_LATE: `loud` is not `warn`, `fail` or `ignore`"
        );
        assert!(
            from_env(|_| Some(String::new())).unwrap().late.is_none(),
            "empty is not set"
        );
    }

    #[test]
    fn an_empty_flag_is_called_empty() {
        let error = from_flags([("junitfile", String::new())]).unwrap_err();
        assert_eq!(
            error.to_string(),
            "--junitfile: the value is empty; give a text, or `off`"
        );
        let error = from_flags([("late", String::new())]).unwrap_err();
        assert_eq!(
            error.to_string(),
            "--late: the value is empty; give `warn`, `fail` or `ignore`"
        );
    }

    #[test]
    fn the_report_that_can_not_be_written_is_named_alone() {
        let given = [("report", "json=a"), ("report", "html")];
        let error = from_flags(given.map(|(name, value)| (name, value.to_owned()))).unwrap_err();
        assert!(
            error
                .to_string()
                .starts_with("--report: `html` is not FORMAT=PATH, FORMAT one of `json`"),
            "{error}"
        );
    }

    #[test]
    fn the_teams_decisions_are_not_taken_from_the_environment() {
        let partial = from_env(|name| (name == "LEAKGATE_REQUIRE").then(|| "owner".to_owned())).unwrap();
        assert_eq!(partial.require, None);
    }

    #[test]
    fn an_unknown_lint_gets_a_suggestion() {
        let error = lint_levels([(LintLevel::Deny, "stail")]).unwrap_err();
        assert_eq!(
            error.to_string(),
            "no lint is called `stail`; did you mean `stale`?"
        );
    }
}
